import { errorText, ProviderError } from '../../shared/errors';
import { ABNORMAL_CLOSURE, closeText, codeText, lossText } from './closeInfo';
import type { CloseInfo } from './closeInfo';
import { Connection, DELIVERY_TIME } from './Connection';
import { explainFailedAttempt, HANDSHAKE_TIMEOUT } from './failedAttempt';
import type { ProbeResult } from './failedAttempt';
import { LingeringConnections } from './LingeringConnections';
import { LONGEST_PAUSE, notOpened, ReconnectPolicy, stillOpen } from './reconnectPolicy';
import { waitForAny } from './runtime';
import type { Runtime } from './runtime';
import type { WebSocketLike } from './webSocket';

/** A time in which events may have been missed. Times are the clock's. */
export interface Gap {
	from: number;
	to: number;
	reason: string;
	/** False if the connection was only silent, and nothing else suggests that events are missing. */
	certain: boolean;
}

export interface SocketClientOptions {
	url: string;
	agentId: string;
	/** Milliseconds without any traffic after which the connection is checked by a second one. */
	silence: number;
	/** Milliseconds without a lasting connection after which the client fails. */
	giveUpAfter: number;
	/** Opens a WebSocket. By default Node's own, which must then be there. */
	connect?: (url: string) => WebSocketLike;
	/** Requests the same address without an upgrade, for the status that a WebSocket does not report. */
	probe?: () => Promise<ProbeResult | undefined>;
	/** A frame, and the number of the connection that it came on. */
	onFrame: (data: unknown, connectionId: number) => void;
	/** What is known of the server from earlier clients of this agent. */
	policy?: ReconnectPolicy;
	/** The agent's connections that were closed from our side and are still open. */
	lingering?: LingeringConnections;
	/** From now on this connection may receive the same frames as the others. */
	onRegistered?: (connectionId: number) => void;
	/** A connection is open and registered, after a gap unless it is the first. */
	onConnected?: (gap: Gap | undefined) => void;
	/** There is a connection that can be relied on. Also called when an open one is heard again. */
	onServed?: () => void;
	/** An attempt has failed, after so many milliseconds without a connection that can be relied on. */
	onAttemptFailed?: (closed: CloseInfo, downFor: number) => void;
	/** The client has failed for good, once, and is closed. */
	onFailed: (failure: ProviderError) => void;
}

/** How long the first of two connections is kept beside the second at least. */
const OVERLAP = 2_000;
/** Refused second connections in a row before a server counts as one that allows only one. */
const ENOUGH_REFUSALS = 2;
/** How long those that were just closed may take to make way for the next one. */
const CLOSING_TIME = 1_000;

/**
 * The connection to Voxfree's event socket, which is at every instant exactly one of: open and heard
 * from lately, on its way to the next connection, failed and reported, or closed by us.
 *
 * A WebSocket in Node can neither ping nor see pings, so silence is all there is to go by: after a
 * while without traffic a second connection is opened and registered, and only then the first one is
 * dropped, so that checking costs no event.
 */
export class SocketClient {
	private current: Connection | undefined;

	private readonly connections = new Set<Connection>();

	private readonly policy: ReconnectPolicy;

	private readonly lingering: LingeringConnections;

	/** Whether it has failed, or was closed by us. */
	private isOver = false;

	private lastId = 0;

	/** What may have been missed since the last connection that was heard from. */
	private missing: Omit<Gap, 'to'> | undefined;

	/** Why the current connection is not relied on although it is open. */
	private staleReason: string | undefined;

	/** How often in a row the server did not let one agent have two connections for a moment. */
	private refusals = 0;

	private wake = () => {};

	private endPause = () => {};

	/** It is closed when the runtime's signal is aborted. */
	constructor(
		private readonly runtime: Runtime,
		private readonly options: SocketClientOptions,
	) {
		const { clock, random, signal } = runtime;
		this.policy = options.policy ?? new ReconnectPolicy({ clock, random });
		this.policy.beginClient();
		this.lingering = options.lingering ?? new LingeringConnections();
		signal.addEventListener('abort', () => this.shutDown());
	}

	/** The number of the connection that counts, as long as nothing speaks against it. */
	get trusted(): number | undefined {
		const isTrusted = this.missing === undefined && this.isServed;
		return isTrusted ? this.current?.id : undefined;
	}

	/** Clock time up to which nothing can have been missed that will not be reported as a gap. */
	get completeUntil(): number | undefined {
		return this.missing?.from ?? this.current?.completeUntil;
	}

	/**
	 * Resolves when the first connection is open and registered; rejects with a `ProviderError` when
	 * the first attempt fails, while further attempts go on until it is closed.
	 */
	async start(): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			this.run(resolve, reject).catch((error: unknown) => {
				// Must not happen; but if it does, it must not be silent.
				this.fail(
					new ProviderError('The Voxfree socket stopped unexpectedly', {
						kind: 'interrupted',
						description: errorText(error),
					}),
				);
			});
		});
	}

	/** Replaces the connection because there is reason to think that it receives nothing any more. */
	replace(reason: string): void {
		if (this.current?.isOpen !== true) return;
		this.staleReason = reason;
		// It may be being replaced already, for being silent; now it is known to have missed something.
		if (this.missing !== undefined) this.missing.certain = true;
		this.wake();
	}

	/** Ends the pause before the next attempt, because somebody waits for it. */
	hurry(): void {
		this.endPause();
	}

	/** Heeds options that have changed. */
	reconsider(): void {
		this.wake();
	}

	private shutDown(): void {
		this.isOver = true;
		for (const connection of this.connections) this.lingering.close(connection, 'closed by us');
		this.connections.clear();
	}

	private fail(failure: ProviderError): void {
		if (this.isOver) return;
		this.shutDown();
		this.options.onFailed(failure);
	}

	/** Whether there is a connection that can be relied on. */
	private get isServed(): boolean {
		return this.current?.isOpen === true && !this.isStale(this.current);
	}

	private isStale(connection: Connection): boolean {
		const silence = this.runtime.clock() - connection.heardAt;
		return this.staleReason !== undefined || silence >= this.options.silence;
	}

	private async run(
		onFirstOpened: () => void,
		onFirstFailed: (failure: ProviderError) => void,
	): Promise<void> {
		const { policy } = this;
		if (policy.restOfPause > 0) await this.waitUnlessHurried(policy.restOfPause);
		while (!this.isOver) {
			const { current } = this;
			if (current !== undefined && this.isServed) {
				this.missing = undefined;
				this.options.onServed?.();
				await this.watch(current);
				continue;
			}
			const lost = this.handleLoss(current);
			const closed = lost ?? (await this.connect());
			if (this.isOver) break;
			if (closed === undefined) {
				onFirstOpened();
				continue;
			}
			const failure = policy.failureAfter(closed, this.options.giveUpAfter, this.isServed);
			if (lost === undefined) onFirstFailed(notOpened(closed));
			if (failure !== undefined) return this.fail(failure);
			if (lost === undefined) {
				this.options.onAttemptFailed?.(closed, this.isServed ? 0 : policy.downFor);
			}
			await this.pause(closed);
		}
		onFirstFailed(
			new ProviderError('The connection to Voxfree was closed', {
				kind: 'cancelled',
				description: 'The trigger was stopped.',
			}),
		);
	}

	/** Waits until the connection ends, is silent for too long, or is to be replaced. */
	private async watch(connection: Connection): Promise<void> {
		// Once: waiting for it in every round would leave something behind for as long as it is open.
		void connection.ended.then(() => this.wake());
		while (!this.isOver && connection.isOpen && !this.isStale(connection)) {
			const rest = connection.heardAt + this.options.silence - this.runtime.clock();
			const woken = new Promise<void>((resolve) => (this.wake = resolve));
			await waitForAny(this.runtime, rest, woken);
		}
	}

	/**
	 * Decides what the end or the staleness of the connection so far means for the next one.
	 *
	 * @returns why it ended, if it did: then there is a pause before the next one
	 */
	private handleLoss(connection: Connection | undefined): CloseInfo | undefined {
		if (connection === undefined) return undefined;
		const { log } = this.runtime;
		if (!connection.isOpen) {
			const closed = connection.closed ?? { code: ABNORMAL_CLOSURE, reason: '' };
			// Even after a close frame: it may have received nothing for a while before that.
			const from = Math.min(this.missing?.from ?? Infinity, connection.completeUntil);
			this.missing = { from, reason: lossText(closed), certain: true };
			this.recordLife(connection);
			this.forget(connection);
			log('info', `The Voxfree connection ended (${codeText(closed)})`);
			return closed;
		}
		if (this.missing === undefined) {
			const seconds = Math.round(this.options.silence / 1000);
			const reason = this.staleReason ?? `no traffic for ${seconds} seconds`;
			const certain = this.staleReason !== undefined;
			this.missing = { from: connection.completeUntil, reason, certain };
			this.recordLife(connection);
			this.policy.markDown();
			log('debug', `Checking the Voxfree connection: ${reason}`);
		}
		// It stays until its successor is registered, unless the server allows only one.
		if (this.refusals >= ENOUGH_REFUSALS) {
			this.missing.certain = true;
			this.drop(connection);
			this.forget(connection);
		}
		return undefined;
	}

	private forget(connection: Connection): void {
		this.connections.delete(connection);
		this.current = undefined;
		this.staleReason = undefined;
		this.policy.markDown();
	}

	private recordLife(connection: Connection): void {
		const { frames, closed } = connection;
		const lifetime = connection.lifetime(this.runtime.clock());
		this.policy.recordLife({ lifetime, frames, closed });
	}

	/** Makes a new connection the one that counts; returns why it could not. */
	private async connect(): Promise<CloseInfo | undefined> {
		const outcome = await this.attempt();
		if (this.isOver) return undefined;
		return outcome instanceof Connection ? await this.establish(outcome) : outcome;
	}

	private async attempt(): Promise<Connection | CloseInfo> {
		for (const connection of this.connections) {
			if (connection === this.current) continue;
			// Never more than two: one that lingers has to go now, with what is on its way to it.
			if (this.missing !== undefined) {
				this.missing.from = Math.min(this.missing.from, connection.completeUntil);
			}
			this.drop(connection);
		}
		if (this.lingering.count > 0) await this.waitForLingering();
		if (this.isOver) return { code: ABNORMAL_CLOSURE, reason: '' };
		const { url, agentId, connect, onFrame, onRegistered } = this.options;
		const connection = new Connection(++this.lastId, {
			url,
			agentId,
			connect,
			clock: this.runtime.clock,
			onRegistered: ({ id }) => onRegistered?.(id),
			onFrame: (data, { id }) => {
				if (!this.isOver) onFrame(data, id);
			},
		});
		this.connections.add(connection);
		await waitForAny(this.runtime, HANDSHAKE_TIMEOUT, connection.opened, connection.ended);
		if (connection.openedAt !== undefined) return connection;
		const { closed } = connection;
		if (closed === undefined) this.lingering.close(connection, 'no answer');
		this.connections.delete(connection);
		return await explainFailedAttempt(this.runtime, closed, this.options.probe);
	}

	/** A server may allow one connection alone, and each that it does not let go of stays for good. */
	private async waitForLingering(): Promise<void> {
		const { lingering, runtime } = this;
		await waitForAny(runtime, CLOSING_TIME, lingering.end());
		if (!lingering.isHigh || this.isOver) return;
		if (lingering.isTooHigh) return this.fail(stillOpen(lingering.count));
		runtime.log(
			'warn',
			`${lingering.count} connections to Voxfree that were closed are still open, so the next one waits`,
		);
		await waitForAny(runtime, LONGEST_PAUSE, lingering.oneEnds());
	}

	private async establish(connection: Connection): Promise<CloseInfo | undefined> {
		const previous = this.current;
		const isOverlap = previous?.isOpen === true;
		// Until its registration has arrived it receives nothing: this still belongs to the gap.
		const settling = isOverlap ? OVERLAP : Math.min(connection.handshakeTime, OVERLAP);
		if (settling > 0) {
			await waitForAny(this.runtime, settling, connection.heard, connection.ended);
		}
		if (this.isOver) return undefined;
		if (connection.closed !== undefined) {
			this.connections.delete(connection);
			if (previous?.isOpen !== true) {
				this.recordLife(connection);
				return connection.closed;
			}
			this.refusals++;
			const reason = `a second connection was refused: ${connection.closed.reason}`;
			// This does not say what the server thinks of us alone, so its close code does not count.
			return { code: ABNORMAL_CLOSURE, reason };
		}
		if (previous?.closed !== undefined) this.reviewGap(previous, previous.closed, connection);
		this.current = connection;
		this.staleReason = undefined;
		if (previous !== undefined) void this.retire(previous);
		if (isOverlap && this.refusals < ENOUGH_REFUSALS) this.refusals = 0;
		const gap =
			this.missing === undefined ? undefined : { ...this.missing, to: this.runtime.clock() };
		this.missing = undefined;
		this.runtime.log('debug', 'Connected to the Voxfree socket and registered');
		this.options.onConnected?.(gap);
		return undefined;
	}

	/** The connection that was only being checked has ended meanwhile, which may make its gap certain. */
	private reviewGap(previous: Connection, closed: CloseInfo, successor: Connection): void {
		if (this.missing === undefined || this.missing.certain) return;
		// One that is closed properly after its successor is registered makes way for it, and is complete.
		const isAfter = (previous.closedAt ?? 0) > (successor.openedAt ?? 0);
		if (closed.code !== ABNORMAL_CLOSURE && isAfter) return;
		this.missing = { ...this.missing, reason: lossText(closed), certain: true };
	}

	/**
	 * Drops a connection that has been replaced, once all that was on its way to it has arrived: a
	 * WebSocket receives nothing more as soon as it is being closed.
	 */
	private async retire(connection: Connection): Promise<void> {
		const time = Math.min(DELIVERY_TIME, this.options.silence);
		await waitForAny(this.runtime, time, connection.ended);
		this.drop(connection);
	}

	private drop(connection: Connection): void {
		this.lingering.close(connection, 'replaced');
		this.connections.delete(connection);
	}

	private async pause(closed: CloseInfo): Promise<void> {
		const { log } = this.runtime;
		const { milliseconds, warning } = this.policy.nextPause(closed);
		if (warning !== undefined) log('warn', warning);
		const rounded = Math.round(milliseconds);
		log('debug', `Connecting to Voxfree again in ${rounded} ms (${closeText(closed)})`);
		await this.waitUnlessHurried(milliseconds);
	}

	private async waitUnlessHurried(milliseconds: number): Promise<void> {
		const hurried = new Promise<void>((resolve) => (this.endPause = resolve));
		await waitForAny(this.runtime, milliseconds, hurried);
	}
}
