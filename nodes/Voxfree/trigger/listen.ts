import { randomUUID } from 'node:crypto';
import { NodeOperationError, sleep } from 'n8n-workflow';
import type { IDataObject, IRun, ITriggerFunctions } from 'n8n-workflow';
import { ProviderError, toNodeError } from '../../shared/errors';
import type { Redactor } from '../../shared/redact';
import { isJsonObject } from '../../shared/json';
import type { JsonObject } from '../../shared/json';
import type { VoxfreeEvent } from './events';
import { connectVoxfree } from '../api/connect';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { VoxfreeListener } from './VoxfreeListener';
import type { ListenerSettings } from './VoxfreeListener';
import { checkGlobalWebSocket, SocketFailure, VoxfreeSocket } from './VoxfreeSocket';
import type { ProbeResult } from './VoxfreeSocket';

/** What the user has set. Times are milliseconds. */
export interface ListenSettings extends ListenerSettings {
	silence: number;
	giveUpAfter: number;
	setOnline: boolean;
	setOffline: boolean;
}

export interface Listening {
	/** Resolves when it listens or, where nobody is looking, at once; rejects with the reason. */
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
/** How old what is remembered may be: after a restart of n8n, and after somebody activated it. */
const RESTART_AGE = 24 * 60 * 60_000;
const ACTIVATION_AGE = 15 * 60_000;

/** n8n itself starts the trigger in these modes; nobody is looking, and its own retries grow to a day. */
const UNATTENDED = new Set(['init', 'leadershipChange']);

/** Waits with `sleep`, the one timer that nodes may use. On older n8n it knows no signal. */
async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
	const end = performance.now() + milliseconds;
	while (!signal.aborted) {
		const rest = end - performance.now();
		if (rest <= 0) return;
		await sleep(Math.min(rest, 1_000), signal).catch(() => {});
	}
}

/**
 * Listens to Voxfree's socket and starts executions, until it is closed. When a person starts it, the
 * first attempt decides; when n8n starts it by itself, it goes on trying in the background.
 */
export function listen(functions: ITriggerFunctions, settings: ListenSettings): Listening {
	const isManual = functions.getMode() === 'manual';
	const isUnattended = !isManual && UNATTENDED.has(functions.getActivationMode());
	const name = functions.getNode().name;
	const stopped = new AbortController();
	/** Later than that: the agent is set offline after everything has stopped. */
	const ended = new AbortController();
	const parts: { socket?: VoxfreeSocket; listener?: VoxfreeListener; api?: VoxfreeApi } = {};
	let redact: Redactor = (text) => text;
	let happened = () => {};
	const firstEvent = new Promise<void>((resolve) => (happened = resolve));
	let hasFailed = false;

	const log = (level: 'debug' | 'info' | 'warn', message: string) =>
		functions.logger[level](`${name}: ${redact(message)}`);

	/** Says once that it is over. n8n then starts the trigger again by itself, later and later. */
	const fail = (error: unknown) => {
		if (hasFailed || stopped.signal.aborted) return;
		hasFailed = true;
		functions.emitError(asNodeError(functions, error, redact));
		happened();
	};

	let closing: Promise<void> | undefined;
	const shutDown = async () => {
		stopped.abort();
		happened();
		try {
			await parts.socket?.close();
			parts.listener?.close();
			if (!isManual && settings.setOffline && parts.api !== undefined) {
				const enough = new AbortController();
				try {
					await Promise.race([parts.api.setOffline(), wait(OFFLINE_WITHIN, enough.signal)]);
				} finally {
					enough.abort();
				}
			}
		} catch (error) {
			log('warn', `stopped, but not cleanly: ${wordsOf(error)}`);
		} finally {
			ended.abort();
		}
	};
	const close = async () => {
		closing ??= shutDown();
		await closing;
	};

	const connect = async () => {
		const connection = await connectVoxfree(endingWith(ended.signal, functions), REQUEST_TIMEOUT);
		redact = connection.redact;
		const { api, credentials } = connection;
		const url = await socketUrlIn(functions, credentials.socketUrl);
		const { agentId } = await api.getSession(true);
		if (stopped.signal.aborted) return;
		parts.api = api;

		const staticData = functions.getWorkflowStaticData('node');
		const listener = new VoxfreeListener({
			...settings,
			compareAfterGap: settings.compareAfterGap && !isManual,
			compareEvery: isManual ? 0 : settings.compareEvery,
			agentId,
			api,
			remembered: isManual ? undefined : rememberedIn(staticData, agentId, isUnattended),
			keyPrefix: `voxfree:${functions.getWorkflow().id ?? ''}:${functions.getNode().id}`,
			nonce: randomUUID(),
			clock: () => performance.now(),
			now: () => Date.now(),
			wait,
			log,
			hand: async (events, key) => {
				await startExecution(functions, events, isManual ? undefined : key);
				happened();
			},
			onBroken: (message, description) =>
				functions.saveFailedExecution(
					new NodeOperationError(functions.getNode(), message, { description }),
				),
			onDeaf: (reason) => parts.socket?.replace(reason),
			trusted: () => parts.socket?.trusted,
			soundUntil: () => parts.socket?.soundUntil,
			remember: (state) => {
				if (!isManual) staticData.voxfree = { ...state, agentId } as IDataObject;
			},
			redact,
		});
		const socket = new VoxfreeSocket({
			url,
			agentId,
			silence: settings.silence,
			giveUpAfter: settings.giveUpAfter,
			clock: () => performance.now(),
			random: () => Math.random(),
			wait,
			probe: async () => await probe(functions, url, ended.signal),
			log,
			onFrame: (data, connectionId) => listener.onFrame(data, connectionId),
			onRegistered: (connectionId) => listener.onRegistered(connectionId),
			onConnected: (gap) => {
				listener.onConnected(gap);
				if (isManual || !settings.setOnline) return;
				// Again after each gap: Voxfree may take an agent who is gone for offline.
				api.setOnline().catch((error: unknown) => {
					if (stopped.signal.aborted) return;
					log('warn', `the agent could not be set online: ${wordsOf(error)}`);
				});
			},
			onFailed: (failure) => {
				listener.close();
				fail(failure);
			},
		});
		parts.listener = listener;
		parts.socket = socket;
		await listener.prepare();
		if (stopped.signal.aborted) return;
		if (isUnattended) {
			socket.start().catch((error: unknown) => log('info', wordsOf(error)));
			return;
		}
		await socket.start();
	};

	/** Until the login has worked once; from then on the socket itself sees to it. */
	const connectPatiently = async () => {
		const giveUpAt = performance.now() + settings.giveUpAfter;
		for (let pause = FIRST_RETRY; !stopped.signal.aborted; ) {
			try {
				return await connect();
			} catch (error) {
				if (stopped.signal.aborted) return;
				if (isFatal(error) || performance.now() >= giveUpAt) return fail(error);
				log('warn', `not connected yet: ${wordsOf(error)}`);
			}
			await wait(pause * (0.5 + Math.random() / 2), stopped.signal);
			pause = Math.min(pause * 2, LONGEST_RETRY);
		}
	};

	const start = async () => {
		try {
			checkGlobalWebSocket();
			if (isUnattended) void connectPatiently();
			else await connect();
		} catch (error) {
			const isStopped = stopped.signal.aborted;
			await close();
			if (!isStopped) throw asNodeError(functions, error, redact);
		}
	};
	return { started: start(), close, firstEvent };
}

/**
 * The same functions, whose requests end with the signal: n8n has a signal for executions, but none
 * for triggers, and what a closed trigger still waits for would hold connections open.
 */
function endingWith(signal: AbortSignal, functions: ITriggerFunctions): ITriggerFunctions {
	return Object.create(functions, {
		getExecutionCancelSignal: { value: () => signal },
	}) as ITriggerFunctions;
}

/** Resolves when the execution has ended; rejects when n8n could not start it. */
async function startExecution(
	functions: ITriggerFunctions,
	events: VoxfreeEvent[],
	deduplicationKey: string | undefined,
): Promise<void> {
	const items = functions.helpers.returnJsonArray(events as unknown as IDataObject[]);
	if (deduplicationKey === undefined) return functions.emit([items]);
	const done = functions.helpers.createDeferredPromise<IRun>();
	functions.emit([items], undefined, done, deduplicationKey);
	await done.promise.catch((error: unknown) => {
		// One that somebody has stopped was started.
		if (error instanceof Error && /cancel/i.test(`${error.name} ${error.message}`)) return;
		throw error;
	});
}

/** What was remembered by this agent's trigger, where it is not too old to be gone on from. */
function rememberedIn(
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

async function socketUrlIn(functions: ITriggerFunctions, value: unknown): Promise<string> {
	const text = String(value ?? '').trim();
	let url: URL;
	try {
		url = new URL(text);
	} catch {
		throw notASocketUrl();
	}
	if (url.protocol !== 'wss:' && url.protocol !== 'ws:') throw notASocketUrl();
	// A WebSocket does not pass n8n's HTTP helper, so n8n's own rules for addresses are asked here.
	const { getSecureEgressFilter } = functions.helpers as Partial<typeof functions.helpers>;
	const verdict = await getSecureEgressFilter?.().validateUrl(httpAddressOf(text));
	if (verdict?.ok === false) {
		throw new ProviderError("n8n's settings do not allow the 'Socket URL' of the credential", {
			kind: 'invalid',
			description: verdict.error.message,
		});
	}
	return text;
}

function notASocketUrl(): ProviderError {
	return new ProviderError("The 'Socket URL' of the credential is not the URL of a WebSocket", {
		kind: 'invalid',
		description: 'Enter a whole address that begins with wss:// (or ws:// inside a network).',
	});
}

function httpAddressOf(url: string): string {
	return url.replace(/^ws/i, 'http');
}

/** Asks the socket's address as a browser would, because a WebSocket tells no status. */
async function probe(
	functions: ITriggerFunctions,
	url: string,
	abortSignal: AbortSignal,
): Promise<ProbeResult | undefined> {
	const answer = (await functions.helpers.httpRequest({
		method: 'GET',
		url: httpAddressOf(url),
		timeout: 5_000,
		abortSignal,
		ignoreHttpStatusErrors: true,
		returnFullResponse: true,
		disableFollowRedirect: true,
		encoding: 'text',
	})) as { statusCode: number; headers: Record<string, unknown> };
	const { statusCode: status, headers } = answer;
	const isBusy = status === 429 || status === 503;
	return { status, retryAfter: isBusy ? retryAfterIn(headers['retry-after']) : undefined };
}

/** Milliseconds in a Retry-After header, which holds seconds or a date. */
function retryAfterIn(header: unknown): number | undefined {
	const text = String(header ?? '').trim();
	if (text === '') return undefined;
	const milliseconds = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
	return Number.isFinite(milliseconds) ? milliseconds : undefined;
}

/** Whether trying again with the same settings can only end the same way. */
function isFatal(error: unknown): boolean {
	return error instanceof ProviderError && (error.kind === 'refused' || error.kind === 'invalid');
}

function wordsOf(error: unknown): string {
	if (!(error instanceof Error)) return 'for an unknown reason';
	const { description } = error as { description?: unknown };
	return typeof description === 'string' ? `${error.message}. ${description}` : error.message;
}

function asNodeError(functions: ITriggerFunctions, error: unknown, redact: Redactor) {
	if (error instanceof SocketFailure) {
		return new NodeOperationError(functions.getNode(), redact(error.message), {
			description: redact(error.description),
		});
	}
	return toNodeError(functions.getNode(), error, redact);
}
