import { errorText } from '../../shared/errors';
import { ABNORMAL_CLOSURE } from './closeInfo';
import type { CloseInfo } from './closeInfo';
import { registrationOf } from './registration';
import { openGlobalWebSocket } from './webSocket';
import type { WebSocketLike } from './webSocket';

export interface ConnectionOptions {
	url: string;
	agentId: string;
	/** Opens a WebSocket. By default Node's own, which must then be there. */
	connect?: (url: string) => WebSocketLike;
	/** Milliseconds of a clock that never goes back. */
	clock: () => number;
	onRegistered: (connection: Connection) => void;
	onFrame: (data: unknown, connection: Connection) => void;
}

/**
 * Milliseconds that a frame may have been on its way. Nothing in it says when it was sent, so what was
 * sent so long before the last one arrived may have been sent after it, and be missing: networks that
 * are about to fail hold frames up for seconds.
 */
export const DELIVERY_TIME = 10_000;

/** One WebSocket, registered for the agent, from its opening to its end. Knows nothing of others. */
export class Connection {
	/** Clock times. */
	openedAt: number | undefined;

	heardAt: number;

	closedAt: number | undefined;

	frames = 0;

	/** Why it ended, once it has. */
	closed: CloseInfo | undefined;

	/** Resolves when it is open and registered. */
	readonly opened: Promise<void>;

	/** Resolves with the first frame. */
	readonly heard: Promise<void>;

	readonly ended: Promise<void>;

	/** Resolves when its socket is really gone, which may be long after it was closed from our side. */
	readonly gone: Promise<void>;

	private readonly startedAt: number;

	private readonly finish: (closed: CloseInfo) => void;

	private readonly socket: WebSocketLike | undefined;

	constructor(
		readonly id: number,
		options: ConnectionOptions,
	) {
		let open = () => {};
		let hear = () => {};
		let end = () => {};
		let vanish = () => {};
		this.opened = new Promise((resolve) => (open = resolve));
		this.heard = new Promise((resolve) => (hear = resolve));
		this.ended = new Promise((resolve) => (end = resolve));
		this.gone = new Promise((resolve) => (vanish = resolve));
		this.startedAt = this.heardAt = options.clock();
		this.finish = (closed) => {
			if (this.closed !== undefined) return;
			this.closed = closed;
			this.closedAt = options.clock();
			end();
		};
		const fail = (reason: string) => this.finish({ code: ABNORMAL_CLOSURE, reason });
		try {
			this.socket = (options.connect ?? openGlobalWebSocket)(options.url);
		} catch (error) {
			vanish();
			fail(errorText(error));
			return;
		}
		const socket = this.socket;
		socket.binaryType = 'arraybuffer';
		socket.addEventListener('open', () => {
			if (this.closed !== undefined) return socket.close();
			try {
				socket.send(registrationOf(options.agentId));
			} catch (error) {
				return fail(errorText(error));
			}
			this.openedAt = this.heardAt = options.clock();
			options.onRegistered(this);
			open();
		});
		socket.addEventListener('message', ({ data }) => {
			this.heardAt = options.clock();
			if (this.frames++ === 0) hear();
			// Even if it has been replaced: what was on its way to it arrives nowhere else.
			options.onFrame(data, this);
		});
		socket.addEventListener('close', ({ code, reason }) => {
			vanish();
			this.finish({ code: code ?? ABNORMAL_CLOSURE, reason: reason ?? '' });
		});
		socket.addEventListener('error', ({ message }) => {
			// Some versions of Node report a failed upgrade by this event alone.
			if (this.openedAt === undefined) vanish();
			fail(message ?? '');
		});
	}

	get isOpen(): boolean {
		return this.openedAt !== undefined && this.closed === undefined;
	}

	/**
	 * Milliseconds that the handshake took. The registration may take about as long to arrive, because
	 * a handshake goes both ways at least once.
	 */
	get handshakeTime(): number {
		return (this.openedAt ?? this.startedAt) - this.startedAt;
	}

	/** Milliseconds since it was opened; 0 if it never was. */
	lifetime(now: number): number {
		return now - (this.openedAt ?? now);
	}

	/** Clock time up to which it cannot have missed anything, should it turn out to be dead. */
	get completeUntil(): number {
		return Math.max(this.openedAt ?? this.startedAt, this.heardAt - DELIVERY_TIME);
	}

	/** Closes it from our side. Frames that still arrive are dropped. Never throws. */
	close(reason: string): void {
		try {
			this.socket?.close(1000);
		} catch {
			// One that cannot be closed any more is closed.
		}
		this.finish({ code: 1000, reason });
	}
}
