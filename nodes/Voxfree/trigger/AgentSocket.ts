import { errorText, ProviderError } from '../../shared/errors';
import type { CloseInfo } from './closeInfo';
import type { ProbeResult } from './failedAttempt';
import type { LingeringConnections } from './LingeringConnections';
import { notOpened, outage } from './reconnectPolicy';
import type { ReconnectPolicy } from './reconnectPolicy';
import { waitForAny } from './runtime';
import type { LogLevel, Runtime } from './runtime';
import { SharedLists } from './SharedLists';
import type { ListsApi } from './SharedLists';
import { SocketClient } from './SocketClient';
import type { Gap } from './SocketClient';

/** A trigger that listens. Its runtime's signal ends that. */
export interface Listener {
	runtime: Runtime;
	/** Milliseconds. Of all triggers of an agent, the shortest holds. */
	silence: number;
	/** Milliseconds without a connection after which this trigger fails, whatever others have set. */
	giveUpAfter: number;
	/** Whether it is only tried out in the editor. */
	isTest: boolean;
	/** See `probeSocketUrl`. */
	probe: (asWebSocket: boolean) => Promise<ProbeResult>;
	onFrame: (data: unknown, connectionId: number) => void;
	onRegistered: (connectionId: number) => void;
	/** There is a connection, after a gap unless it is the first that this trigger knows. */
	onConnected: (gap: Gap | undefined) => void;
	/** It has failed, once, and listens no more. Not called while the first connection is awaited. */
	onFailed: (failure: ProviderError) => void;
}

/** What is known of an agent's server, also between two connections. */
export interface ServerRecord {
	policy: ReconnectPolicy;
	lingering: LingeringConnections;
}

export interface AgentSocketOptions extends ServerRecord {
	url: string;
	agentId: string;
	/** The last listener has left, or the connection has failed. */
	onEnded: () => void;
}

/** How long a reading of the lists waits for other triggers that want one as well, in milliseconds. */
const GATHERING_TIME = 250;

/**
 * The connection of one agent in this process, for all triggers that listen as this agent: two
 * connections would throw each other out where Voxfree allows an agent one. It begins with the first
 * listener and ends with the last.
 */
export class AgentSocket {
	readonly lists = new SharedLists(async () => await this.gather());

	private readonly listeners = new Set<Listening>();

	private readonly stopped = new AbortController();

	private currentClient: SocketClient | undefined;

	/** @param time the process's time and chance */
	constructor(
		private readonly time: Pick<Runtime, 'clock' | 'now' | 'random' | 'wait'>,
		private readonly options: AgentSocketOptions,
	) {}

	/** Whether a published workflow listens. */
	get isInUse(): boolean {
		return [...this.listeners].some(({ listener }) => !listener.isTest);
	}

	/** Adds a trigger, which hears nothing before it connects. It leaves when its signal is aborted. */
	join(listener: Listener): Listening {
		const listening = new Listening(this, listener);
		this.listeners.add(listening);
		this.client?.reconsider();
		const { signal } = listener.runtime;
		signal.addEventListener('abort', () => this.leave(listening));
		if (signal.aborted) this.leave(listening);
		return listening;
	}

	/**
	 * Connects, unless there is a connection already.
	 *
	 * @param isUrgent whether somebody waits for it, so that a pause between two attempts ends
	 */
	connect(isUrgent: boolean): void {
		if (this.stopped.signal.aborted) return;
		const { client } = this;
		if (client?.trusted !== undefined) return this.onServed();
		if (client !== undefined) {
			if (isUrgent) client.hurry();
			return;
		}
		const begun = this.createClient();
		this.currentClient = begun;
		// What comes of it is told to the listeners.
		begun.start().catch(() => {});
		if (isUrgent) begun.hurry();
	}

	/** The connection; undefined before anybody has connected. */
	get client(): SocketClient | undefined {
		return this.currentClient;
	}

	private createClient(): SocketClient {
		const { listeners, options, time } = this;
		const { url, agentId, policy, lingering } = options;
		const runtime: Runtime = {
			...time,
			log: (level, message) => this.log(level, message),
			redact: (text) =>
				[...listeners].reduce((rest, one) => one.listener.runtime.redact(rest), text),
			signal: this.stopped.signal,
		};
		return new SocketClient(runtime, {
			url,
			agentId,
			policy,
			lingering,
			get silence() {
				return Math.min(...[...listeners].map(({ listener }) => listener.silence));
			},
			// Each listener has its own limit.
			giveUpAfter: Number.POSITIVE_INFINITY,
			probe: async () => await this.probe(),
			onFrame: (data, id) => this.tell(({ listener }) => listener.onFrame(data, id)),
			onRegistered: (id) => this.tell(({ listener }) => listener.onRegistered(id)),
			onConnected: (gap) => this.tell((listening) => listening.reconnected(gap)),
			onServed: () => this.onServed(),
			onAttemptFailed: (closed, downFor) => this.onAttemptFailed(closed, downFor),
			onFailed: (failure) => this.fail(failure),
		});
	}

	private onServed(): void {
		this.tell((listening) => listening.served());
	}

	private onAttemptFailed(closed: CloseInfo, downFor: number): void {
		this.tell((listening) => listening.attemptFailed(closed, downFor));
	}

	/** Removes a trigger, and ends the connection if it was the last one. */
	leave(listening: Listening): void {
		if (!this.listeners.delete(listening)) return;
		listening.left();
		if (this.listeners.size === 0) this.end();
	}

	private fail(failure: ProviderError): void {
		const failed = [...this.listeners];
		this.listeners.clear();
		this.end();
		for (const listening of failed) {
			const { isAwaited, listener } = listening;
			listening.left(failure);
			// Who waits for the connection is told by that.
			if (!isAwaited) listener.onFailed(failure);
		}
	}

	private end(): void {
		if (this.stopped.signal.aborted) return;
		this.options.onEnded();
		this.stopped.abort();
	}

	/** Tells all listeners something. What goes wrong with one of them does not concern the others. */
	private tell(something: (listening: Listening) => void): void {
		for (const listening of [...this.listeners]) {
			try {
				something(listening);
			} catch (error) {
				const { log, redact } = listening.listener.runtime;
				log('warn', `an event of the connection was not handled: ${redact(errorText(error))}`);
			}
		}
	}

	/** What happens to the connection stands in the log once. */
	private log(level: LogLevel, message: string): void {
		const [first] = this.listeners;
		first?.listener.runtime.log(level, message);
	}

	private async probe(): Promise<ProbeResult | undefined> {
		const [first] = this.listeners;
		return await first?.listener.probe([...this.listeners].some(({ isAwaited }) => isAwaited));
	}

	private async gather(): Promise<void> {
		if (this.listeners.size < 2) return;
		await waitForAny({ ...this.time, signal: this.stopped.signal }, GATHERING_TIME);
	}
}

/** One trigger's part in the connection of its agent. */
export class Listening {
	/** Whether it has been told of a connection. */
	private hasConnected = false;

	/** Settles what waits for the first connection. */
	private settle: ((failure?: ProviderError) => void) | undefined;

	/** Clock time since when it listens. */
	private readonly since: number;

	constructor(
		private readonly socket: AgentSocket,
		readonly listener: Listener,
	) {
		this.since = listener.runtime.clock();
	}

	/** See `SharedLists.sharing`. */
	shareLists(api: ListsApi): ListsApi {
		return this.socket.lists.sharing(api);
	}

	/** See `SocketClient.trusted`. */
	get trusted(): number | undefined {
		return this.hasConnected ? this.socket.client?.trusted : undefined;
	}

	/** See `SocketClient.completeUntil`. */
	get completeUntil(): number | undefined {
		return this.hasConnected ? this.socket.client?.completeUntil : undefined;
	}

	/** See `SocketClient.replace`. */
	replace(reason: string): void {
		this.socket.client?.replace(reason);
	}

	/** After it has left: whether another published workflow listens as this agent. */
	get hasSuccessor(): boolean {
		return this.socket.isInUse;
	}

	/** Whether somebody waits for the first connection. */
	get isAwaited(): boolean {
		return this.settle !== undefined;
	}

	/**
	 * Connects, unless there is a connection already. If it is awaited, it resolves with the connection,
	 * and rejects with a `ProviderError` when the next attempt has failed or the trigger was stopped.
	 */
	async connect(isAwaited: boolean): Promise<void> {
		if (!isAwaited) return this.socket.connect(false);
		await new Promise<void>((resolve, reject) => {
			this.settle = (failure) => {
				this.settle = undefined;
				if (failure === undefined) resolve();
				else reject(failure);
			};
			this.socket.connect(true);
		});
	}

	/** There is a connection that can be relied on. */
	served(): void {
		if (!this.hasConnected) {
			this.hasConnected = true;
			// What was missed before that is not this trigger's.
			this.listener.onConnected(undefined);
		}
		this.settle?.();
	}

	/** There is a connection again after a gap. */
	reconnected(gap: Gap | undefined): void {
		if (this.hasConnected) this.listener.onConnected(gap);
	}

	/** @param downFor milliseconds without a connection that can be relied on */
	attemptFailed(closed: CloseInfo, downFor: number): void {
		const { giveUpAfter, runtime } = this.listener;
		const failure = notOpened(closed);
		if (this.settle === undefined && !this.hasConnected) runtime.log('info', failure.message);
		this.settle?.(failure);
		if (Math.min(downFor, runtime.clock() - this.since) < giveUpAfter) return;
		this.socket.leave(this);
		this.listener.onFailed(outage(closed, giveUpAfter));
	}

	/** It listens no more. */
	left(failure?: ProviderError): void {
		this.hasConnected = false;
		this.settle?.(
			failure ??
				new ProviderError('The connection to Voxfree was closed', {
					kind: 'cancelled',
					description: 'The trigger was stopped.',
				}),
		);
	}
}
