import { randomUUID } from 'node:crypto';
import { NodeOperationError } from 'n8n-workflow';
import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';
import { withCancelSignal } from '../../shared/cancellation';
import { errorText, ProviderError, toNodeError } from '../../shared/errors';
import { hasDeduplicationKey, saveFailedExecution, waitFor } from '../../shared/host';
import { isJsonObject } from '../../shared/json';
import type { JsonObject } from '../../shared/json';
import type { Redactor } from '../../shared/redact';
import { connectVoxfree } from '../api/connect';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { EventPipeline } from './EventPipeline';
import type { PipelineSettings } from './EventPipeline';
import { startExecution } from './executions';
import type { Runtime } from './runtime';
import { SocketClient } from './SocketClient';
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
			if (this.isUnattended) void this.connectWithRetries();
			else await this.connect();
		} catch (error) {
			const wasStopped = this.isStopped;
			await this.close();
			if (!wasStopped) throw this.toNodeError(error);
		}
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
		const url = await checkSocketUrl(functions, connection.credentials.socketUrl);
		const { agentId } = await connection.api.getSession(true);
		if (this.isStopped) return;
		this.api = connection.api;
		const { pipeline, socket } = this.assemble(connection.api, agentId, url);
		this.pipeline = pipeline;
		await pipeline.prepare();
		if (this.isStopped) return;
		const connected = socket.start();
		if (!this.isUnattended) return await connected;
		connected.catch((error: unknown) => this.runtime.log('info', errorText(error)));
	}

	/** The way of an event, from the socket to n8n. */
	private assemble(api: VoxfreeApi, agentId: string, url: string) {
		const { functions, isManual, runtime, settings } = this;
		const staticData = functions.getWorkflowStaticData('node');
		const pipeline = new EventPipeline(runtime, {
			...settings,
			compareAfterGap: settings.compareAfterGap && !isManual,
			compareEvery: isManual ? 0 : settings.compareEvery,
			agentId,
			api,
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
			onStaleConnection: (reason) => socket.replace(reason),
			trusted: () => socket.trusted,
			completeUntil: () => socket.completeUntil,
			withoutKeys: !isManual && !(hasDeduplicationKey(functions) && settings.collect === undefined),
			saveCheckpoint: (state) => {
				if (!isManual) staticData.voxfree = { ...state, agentId } as IDataObject;
			},
		});
		const socket = new SocketClient(runtime, {
			url,
			agentId,
			silence: settings.silence,
			giveUpAfter: settings.giveUpAfter,
			probe: async () =>
				await probeSocketUrl(functions, url, this.ended.signal, !this.isUnattended),
			onFrame: (data, connectionId) => pipeline.onFrame(data, connectionId),
			onRegistered: (connectionId) => pipeline.onRegistered(connectionId),
			onConnected: (gap) => {
				pipeline.onConnected(gap);
				this.setOnline(api);
			},
			onFailed: (failure) => this.fail(failure),
		});
		return { pipeline, socket };
	}

	/** After each gap again: Voxfree may take an agent who is gone for offline. */
	private setOnline(api: VoxfreeApi): void {
		if (this.isManual || !this.settings.setOnline) return;
		api.setOnline().catch((error: unknown) => {
			if (this.isStopped) return;
			this.runtime.log('warn', `the agent could not be set online: ${errorText(error)}`);
		});
	}

	/** Stops and reports it, once. n8n then starts the trigger again by itself, later and later. */
	private fail(error: unknown): void {
		if (this.isStopped) return;
		this.stop();
		this.functions.emitError(this.toNodeError(error));
		this.resolveFirstEvent();
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
		const { api, isManual, settings } = this;
		if (isManual || !settings.setOffline || api === undefined) return;
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
function isFatal(error: unknown): boolean {
	return error instanceof ProviderError && (error.kind === 'refused' || error.kind === 'invalid');
}
