import { randomUUID } from 'node:crypto';
import { NodeOperationError } from 'n8n-workflow';
import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';
import { withCancelSignal } from '../../shared/cancellation';
import { errorText, ProviderError, toNodeError } from '../../shared/errors';
import { hasDeduplicationKey, saveFailedExecution, waitFor } from '../../shared/host';
import { isJsonObject } from '../../shared/json';
import type { JsonObject } from '../../shared/json';
import type { Redactor } from '../../shared/redact';
import { baseUrlFrom } from '../../shared/text';
import { connectVoxfree } from '../api/connect';
import { RefusedLogin } from '../api/SessionStore';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { AgentRegistry, credentialKey } from './AgentRegistry';
import type { AgentAddress } from './AgentRegistry';
import type { Listening } from './AgentSocket';
import { EventPipeline } from './EventPipeline';
import type { ConversationApi, PipelineSettings } from './EventPipeline';
import { startExecution } from './executions';
import type { Runtime } from './runtime';
import { checkSocketUrl, probeSocketUrl } from './socketUrl';
import { requireGlobalWebSocket } from './webSocket';

/** What the user has set. Times are milliseconds. */
export interface TriggerSettings extends PipelineSettings {
	silence: number;
	giveUpAfter: number;
	setOnline: boolean;
	setOffline: boolean;
}

/** A trigger that was started. */
export interface TriggerHandle {
	/** Resolves when it is connected or, if n8n starts it by itself, at once; rejects with the reason. */
	started: Promise<void>;
	/** Ends everything within a second; never throws; may be called again. */
	close(): Promise<void>;
	/** Resolves after the first execution was started, or when it is closed. */
	firstEvent: Promise<void>;
}

/** Milliseconds. */
const REQUEST_TIMEOUT = 15_000;
const OFFLINE_WITHIN = 800;
const FIRST_RETRY = 5_000;
const LONGEST_RETRY = 60_000;
/** How old a checkpoint may be: after a restart of n8n, and after somebody activated the workflow. */
const RESTART_AGE = 24 * 60 * 60_000;
const ACTIVATION_AGE = 15 * 60_000;

/** Milliseconds before a login that was refused is tried again. */
const LOGIN_PAUSES = [2_000, 4_000];

/** Every trigger of this process listens by way of it. */
const agents = new AgentRegistry();

/** n8n itself starts the trigger in these modes; nobody is looking, and its own retries grow to a day. */
const UNATTENDED = new Set(['init', 'leadershipChange']);

/**
 * Connects to Voxfree's socket and starts executions, until it is closed. When a person starts it, the
 * first attempt decides; when n8n starts it by itself, it keeps trying in the background.
 */
export function startTrigger(
	functions: ITriggerFunctions,
	settings: TriggerSettings,
): TriggerHandle {
	return new RunningTrigger(functions, settings);
}

class RunningTrigger implements TriggerHandle {
	readonly started: Promise<void>;

	readonly firstEvent: Promise<void>;

	private readonly isManual: boolean;

	private readonly isUnattended: boolean;

	private readonly stopped = new AbortController();

	/** Later than that: the agent is set offline after everything has stopped. */
	private readonly ended = new AbortController();

	private readonly runtime: Runtime;

	private api: VoxfreeApi | undefined;

	private pipeline: EventPipeline | undefined;

	private listening: Listening | undefined;

	/** See `credentialKey`. */
	private credential: string | undefined;

	private isLoginDoubted = false;

	private redact: Redactor = (text) => text;

	private resolveFirstEvent = () => {};

	private closing: Promise<void> | undefined;

	constructor(
		private readonly functions: ITriggerFunctions,
		private readonly settings: TriggerSettings,
	) {
		this.isManual = functions.getMode() === 'manual';
		this.isUnattended = !this.isManual && UNATTENDED.has(functions.getActivationMode());
		this.firstEvent = new Promise((resolve) => (this.resolveFirstEvent = resolve));
		const { name } = functions.getNode();
		this.runtime = {
			clock: () => performance.now(),
			now: () => Date.now(),
			random: () => Math.random(),
			wait: waitFor,
			log: (level, message) => functions.logger[level](`${name}: ${this.redact(message)}`),
			redact: (text) => this.redact(text),
			signal: this.stopped.signal,
		};
		this.started = this.start();
	}

	private get isStopped(): boolean {
		return this.stopped.signal.aborted;
	}

	private async start(): Promise<void> {
		try {
			requireGlobalWebSocket();
			if (!this.isManual && agents.hasSuspensions) await this.refuseIfSuspended();
			if (this.isUnattended) void this.connectWithRetries();
			else await this.connect();
		} catch (error) {
			const wasStopped = this.isStopped;
			await this.close();
			if (!wasStopped) throw this.toNodeError(error);
		}
	}

	/**
	 * n8n starts a trigger again a second after it has failed for good. A rejected start is the one thing
	 * that makes n8n wait longer, and that starts no error workflow again.
	 */
	private async refuseIfSuspended(): Promise<void> {
		const credentials = await this.functions.getCredentials('voxfreeApi');
		const failure = agents.suspensionOf(credentialKey(credentials), this.runtime);
		if (failure !== undefined) throw failure;
	}

	/** Until the login has worked once; from then on the socket client reconnects by itself. */
	private async connectWithRetries(): Promise<void> {
		const { clock, log, random, signal } = this.runtime;
		const giveUpAt = clock() + this.settings.giveUpAfter;
		for (let pause = FIRST_RETRY; !this.isStopped; ) {
			try {
				return await this.connect();
			} catch (error) {
				if (this.isStopped) return;
				if (isFatal(error) || clock() >= giveUpAt) return this.fail(error);
				log('warn', `not connected yet: ${errorText(error)}`);
			}
			await waitFor(pause * (0.5 + random() / 2), signal);
			pause = Math.min(pause * 2, LONGEST_RETRY);
		}
	}

	private async connect(): Promise<void> {
		const { functions, ended } = this;
		const connection = await connectVoxfree(withCancelSignal(functions, ended.signal), {
			timeout: REQUEST_TIMEOUT,
			rateLimitWait: REQUEST_TIMEOUT,
		});
		this.redact = connection.redact;
		this.credential = credentialKey(connection.credentials);
		const url = await checkSocketUrl(functions, connection.credentials.socketUrl);
		const { agentId, accountId } = await connection.api.getSession(true);
		if (this.isStopped) return;
		this.api = connection.api;
		const address: AgentAddress = {
			agentId,
			accountId,
			applicationUrl: baseUrlFrom(connection.credentials.baseUrl),
			socketUrl: url,
		};
		const { pipeline, listening } = this.assemble(connection.api, address);
		this.pipeline = pipeline;
		this.listening = listening;
		await pipeline.prepare();
		if (this.isStopped) return;
		await listening.connect(!this.isUnattended).catch((error: unknown) => {
			this.suspendAfter(error);
			throw error;
		});
		if (this.isManual) agents.lift(this.credential);
	}

	/** The way of an event, from the socket to n8n. */
	private assemble(api: VoxfreeApi, address: AgentAddress) {
		const { functions, isManual, runtime, settings } = this;
		const { agentId, socketUrl } = address;
		const listening = agents.socketOf(address, runtime).join({
			runtime,
			silence: settings.silence,
			giveUpAfter: settings.giveUpAfter,
			isTest: isManual,
			probe: async (asWebSocket) =>
				await probeSocketUrl(functions, socketUrl, this.ended.signal, asWebSocket),
			onFrame: (data, connectionId) => pipeline.onFrame(data, connectionId),
			onRegistered: (connectionId) => pipeline.onRegistered(connectionId),
			onConnected: (gap) => {
				pipeline.onConnected(gap);
				this.setOnline(api);
			},
			onFailed: (failure) => this.fail(failure),
		});
		const staticData = functions.getWorkflowStaticData('node');
		const pipeline = new EventPipeline(runtime, {
			...settings,
			compareAfterGap: settings.compareAfterGap && !isManual,
			compareEvery: isManual ? 0 : settings.compareEvery,
			agentId,
			api: this.watchingLogin({
				getNewMessages: async (...values) => await api.getNewMessages(...values),
				...listening.shareLists(api),
			}),
			restored: isManual ? undefined : checkpointIn(staticData, agentId, this.isUnattended),
			keyPrefix: `voxfree:${functions.getWorkflow().id ?? ''}:${functions.getNode().id}`,
			nonce: randomUUID(),
			startExecution: async (events, key) => {
				await startExecution(functions, events, isManual ? undefined : key);
				this.resolveFirstEvent();
			},
			onBrokenFrame: (message, description) =>
				saveFailedExecution(
					functions,
					new NodeOperationError(functions.getNode(), message, { description }),
				),
			onStaleConnection: (reason) => listening.replace(reason),
			trusted: () => listening.trusted,
			completeUntil: () => listening.completeUntil,
			withoutKeys: !isManual && !(hasDeduplicationKey(functions) && settings.collect === undefined),
			saveCheckpoint: (state) => {
				if (!isManual) staticData.voxfree = { ...state, agentId } as IDataObject;
			},
		});
		return { pipeline, listening };
	}

	/** The calls that the events need; each of them may find that the login is no longer accepted. */
	private watchingLogin(api: ConversationApi): ConversationApi {
		const watch = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
			answer.catch((error: unknown) => this.doubtLogin(error));
			return await answer;
		};
		return {
			getNewMessages: async (...values) => await watch(api.getNewMessages(...values)),
			listConversations: async (place) => await watch(api.listConversations(place)),
		};
	}

	/** A server that is restarting says strange things: only the third refusal in a row is believed. */
	private doubtLogin(error: unknown): void {
		if (!(error instanceof RefusedLogin) || this.isLoginDoubted || this.isStopped) return;
		this.isLoginDoubted = true;
		void this.confirmLogin().finally(() => (this.isLoginDoubted = false));
	}

	private async confirmLogin(): Promise<void> {
		const { api, runtime } = this;
		let refusal: RefusedLogin | undefined;
		for (const pause of LOGIN_PAUSES) {
			await waitFor(pause, runtime.signal);
			if (this.isStopped || api === undefined) return;
			try {
				await api.getSession(true);
				return;
			} catch (error) {
				if (!(error instanceof RefusedLogin)) return;
				refusal = error;
			}
		}
		this.fail(
			new ProviderError('Voxfree no longer accepts the login of the agent', {
				kind: 'refused',
				reason: refusal?.reason,
				consequence: 'Correct login or password in the credential, then publish the workflow again',
			}),
		);
	}

	/** After each gap again: Voxfree may take an agent who is gone for offline. */
	private setOnline(api: VoxfreeApi): void {
		if (this.isManual || !this.settings.setOnline) return;
		api.setOnline().catch((error: unknown) => {
			if (this.isStopped) return;
			this.doubtLogin(error);
			this.runtime.log('warn', `the agent could not be set online: ${errorText(error)}`);
		});
	}

	/** Stops and reports it, once. n8n then starts the trigger again by itself, later and later. */
	private fail(error: unknown): void {
		if (this.isStopped) return;
		this.stop();
		this.suspendAfter(error);
		this.functions.emitError(this.toNodeError(error));
		this.resolveFirstEvent();
	}

	private suspendAfter(error: unknown): void {
		if (this.isManual || this.credential === undefined || !isFatal(error)) return;
		agents.suspend(this.credential, error, this.runtime);
	}

	async close(): Promise<void> {
		this.closing ??= this.shutDown();
		await this.closing;
	}

	private async shutDown(): Promise<void> {
		this.stop();
		this.resolveFirstEvent();
		await this.setOffline();
		this.ended.abort();
	}

	private stop(): void {
		this.stopped.abort();
		try {
			this.pipeline?.close();
		} catch (error) {
			this.runtime.log('warn', `stopped, but not cleanly: ${errorText(error)}`);
		}
	}

	private async setOffline(): Promise<void> {
		const { api, isManual, listening, settings } = this;
		if (isManual || !settings.setOffline || api === undefined) return;
		// Another workflow still serves as this agent.
		if (listening?.hasSuccessor === true) return;
		const enough = new AbortController();
		try {
			await Promise.race([api.setOffline(), waitFor(OFFLINE_WITHIN, enough.signal)]);
		} catch (error) {
			this.runtime.log('warn', `stopped, but not cleanly: ${errorText(error)}`);
		} finally {
			enough.abort();
		}
	}

	private toNodeError(error: unknown) {
		return toNodeError(this.functions.getNode(), error, this.redact);
	}
}

/** The checkpoint that this agent's trigger has left, if it is not too old to continue from. */
function checkpointIn(
	staticData: IDataObject,
	agentId: string,
	isUnattended: boolean,
): JsonObject | undefined {
	const state: unknown = staticData.voxfree;
	if (!isJsonObject(state) || state.agentId !== agentId || typeof state.at !== 'number') {
		return undefined;
	}
	const age = Date.now() - state.at;
	const isFresh = age >= 0 && age <= (isUnattended ? RESTART_AGE : ACTIVATION_AGE);
	// The count goes on in any case: keys that have been used must not be used again.
	return isFresh ? state : { epoch: state.epoch ?? 0 };
}

/** Whether trying again with the same settings can only end the same way. */
function isFatal(error: unknown): error is ProviderError {
	return error instanceof ProviderError && (error.kind === 'refused' || error.kind === 'invalid');
}
