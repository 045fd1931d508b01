import { randomUUID } from 'node:crypto';
import { NodeOperationError, sleep } from 'n8n-workflow';
import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';
import { withCancelSignal } from '../../shared/cancellation';
import { ProviderError, toNodeError } from '../../shared/errors';
import { isJsonObject } from '../../shared/json';
import type { JsonObject } from '../../shared/json';
import type { Redactor } from '../../shared/redact';
import { connectVoxfree } from '../api/connect';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { EventPipeline } from './EventPipeline';
import type { PipelineSettings } from './EventPipeline';
import { startExecution } from './executions';
import { errorText } from './runtime';
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
const LONGEST_SLEEP = 1_000;
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
	const isManual = functions.getMode() === 'manual';
	const isUnattended = !isManual && UNATTENDED.has(functions.getActivationMode());
	const name = functions.getNode().name;
	const stopped = new AbortController();
	/** Later than that: the agent is set offline after everything has stopped. */
	const ended = new AbortController();
	let api: VoxfreeApi | undefined;
	let pipeline: EventPipeline | undefined;
	let redact: Redactor = (text) => text;
	let resolveFirstEvent = () => {};
	const firstEvent = new Promise<void>((resolve) => (resolveFirstEvent = resolve));

	const runtime: Runtime = {
		clock: () => performance.now(),
		now: () => Date.now(),
		random: () => Math.random(),
		wait,
		log: (level, message) => functions.logger[level](`${name}: ${redact(message)}`),
		redact: (text) => redact(text),
		signal: stopped.signal,
	};
	const { log, signal } = runtime;

	const stop = () => {
		stopped.abort();
		try {
			pipeline?.close();
		} catch (error) {
			log('warn', `stopped, but not cleanly: ${errorText(error)}`);
		}
	};

	/** Stops and reports it, once. n8n then starts the trigger again by itself, later and later. */
	const fail = (error: unknown) => {
		if (signal.aborted) return;
		stop();
		functions.emitError(toNodeError(functions.getNode(), error, redact));
		resolveFirstEvent();
	};

	const setOffline = async () => {
		if (isManual || !settings.setOffline || api === undefined) return;
		const enough = new AbortController();
		try {
			await Promise.race([api.setOffline(), wait(OFFLINE_WITHIN, enough.signal)]);
		} catch (error) {
			log('warn', `stopped, but not cleanly: ${errorText(error)}`);
		} finally {
			enough.abort();
		}
	};

	let closing: Promise<void> | undefined;
	const shutDown = async () => {
		stop();
		resolveFirstEvent();
		await setOffline();
		ended.abort();
	};
	const close = async () => {
		closing ??= shutDown();
		await closing;
	};

	const connect = async () => {
		const connection = await connectVoxfree(
			withCancelSignal(functions, ended.signal),
			REQUEST_TIMEOUT,
		);
		redact = connection.redact;
		const url = await checkSocketUrl(functions, connection.credentials.socketUrl);
		const { agentId } = await connection.api.getSession(true);
		if (signal.aborted) return;
		api = connection.api;

		const staticData = functions.getWorkflowStaticData('node');
		const events = new EventPipeline(runtime, {
			...settings,
			compareAfterGap: settings.compareAfterGap && !isManual,
			compareEvery: isManual ? 0 : settings.compareEvery,
			agentId,
			api,
			restored: isManual ? undefined : checkpointIn(staticData, agentId, isUnattended),
			keyPrefix: `voxfree:${functions.getWorkflow().id ?? ''}:${functions.getNode().id}`,
			nonce: randomUUID(),
			startExecution: async (started, key) => {
				await startExecution(functions, started, isManual ? undefined : key);
				resolveFirstEvent();
			},
			onBrokenFrame: (message, description) =>
				functions.saveFailedExecution(
					new NodeOperationError(functions.getNode(), message, { description }),
				),
			onStaleConnection: (reason) => socket.replace(reason),
			trusted: () => socket.trusted,
			completeUntil: () => socket.completeUntil,
			saveCheckpoint: (state) => {
				if (!isManual) staticData.voxfree = { ...state, agentId } as IDataObject;
			},
		});
		const socket = new SocketClient(runtime, {
			url,
			agentId,
			silence: settings.silence,
			giveUpAfter: settings.giveUpAfter,
			probe: async () => await probeSocketUrl(functions, url, ended.signal),
			onFrame: (data, connectionId) => events.onFrame(data, connectionId),
			onRegistered: (connectionId) => events.onRegistered(connectionId),
			onConnected: (gap) => {
				events.onConnected(gap);
				if (!isManual && settings.setOnline) setOnline(connection.api);
			},
			onFailed: fail,
		});
		pipeline = events;
		await events.prepare();
		if (signal.aborted) return;
		if (isUnattended) {
			socket.start().catch((error: unknown) => log('info', errorText(error)));
			return;
		}
		await socket.start();
	};

	/** After each gap again: Voxfree may take an agent who is gone for offline. */
	const setOnline = (voxfree: VoxfreeApi) => {
		voxfree.setOnline().catch((error: unknown) => {
			if (signal.aborted) return;
			log('warn', `the agent could not be set online: ${errorText(error)}`);
		});
	};

	/** Until the login has worked once; from then on the socket client reconnects by itself. */
	const connectWithRetries = async () => {
		const giveUpAt = performance.now() + settings.giveUpAfter;
		for (let pause = FIRST_RETRY; !signal.aborted; ) {
			try {
				return await connect();
			} catch (error) {
				if (signal.aborted) return;
				if (isFatal(error) || performance.now() >= giveUpAt) return fail(error);
				log('warn', `not connected yet: ${errorText(error)}`);
			}
			await wait(pause * (0.5 + Math.random() / 2), signal);
			pause = Math.min(pause * 2, LONGEST_RETRY);
		}
	};

	const start = async () => {
		try {
			requireGlobalWebSocket();
			if (isUnattended) void connectWithRetries();
			else await connect();
		} catch (error) {
			const isStopped = signal.aborted;
			await close();
			if (!isStopped) throw toNodeError(functions.getNode(), error, redact);
		}
	};
	return { started: start(), close, firstEvent };
}

/** Waits with `sleep`, the one timer that nodes may use. On older n8n it takes no signal. */
async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
	const end = performance.now() + milliseconds;
	while (!signal.aborted) {
		const rest = end - performance.now();
		if (rest <= 0) return;
		await sleep(Math.min(rest, LONGEST_SLEEP), signal).catch(() => {});
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
