/** The part of a WebSocket that is used here. Node's global one has it. */
export interface WebSocketLike {
	binaryType: string;
	send(text: string): void;
	close(code?: number): void;
	addEventListener(type: string, listener: (event: SocketEvent) => void): void;
}

/** What the events of a WebSocket carry, each some of it. */
export interface SocketEvent {
	data?: unknown;
	code?: number;
	reason?: string;
	message?: string;
	wasClean?: boolean;
}

/** What a plain HTTP request to the socket's address told, after an upgrade has failed. */
export interface ProbeResult {
	status?: number;
	/** Milliseconds. */
	retryAfter?: number;
	/** Why the server could not be reached, in words. */
	reason?: string;
}

/** A time in which events may have been missed. Times are the clock's. */
export interface Gap {
	from: number;
	to: number;
	reason: string;
	/** False where the connection was only silent, and nothing else suggests that events are missing. */
	certain: boolean;
}

export interface VoxfreeSocketOptions {
	url: string;
	agentId: string;
	/** Milliseconds without any traffic after which the connection is checked by a second one. */
	silence: number;
	/** Milliseconds without a lasting connection after which the socket fails. */
	giveUpAfter: number;
	/** Opens a WebSocket. By default Node's own, which must then be there. */
	connect?: (url: string) => WebSocketLike;
	/** Milliseconds of a clock that never goes back. */
	clock: () => number;
	/** From 0 to below 1. */
	random: () => number;
	/** Resolves after so many milliseconds, or when it is aborted; never rejects. */
	wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
	/** Asks the same address without an upgrade, for the status that a WebSocket does not tell. */
	probe?: () => Promise<ProbeResult | undefined>;
	log: (level: 'debug' | 'info' | 'warn', message: string) => void;
	/** A frame, and the number of the connection that it came on. */
	onFrame: (data: unknown, connection: number) => void;
	/** From now on this connection may tell what others tell as well. */
	onRegistered?: (connection: number) => void;
	/** A connection is open and registered, after a gap unless it is the first. */
	onConnected?: (gap: Gap | undefined) => void;
	/** The socket has failed for good, once, and is closed. */
	onFailed: (failure: SocketFailure) => void;
}

/** Why there is no connection, in two plain parts: what happened, and what to do. */
export class SocketFailure extends Error {
	constructor(
		message: string,
		readonly description: string,
	) {
		super(message);
		this.name = 'SocketFailure';
	}
}

export type SocketState = 'connecting' | 'open' | 'waiting' | 'failed' | 'closed';

/** Time limits, in milliseconds. */
const LIMITS = {
	/** From the first byte to the upgrade. */
	handshake: 15_000,
	/** How long the first of two connections is kept beside the second. */
	overlap: 2_000,
	/**
	 * How long a frame may have been on its way. Nothing in it says when it was sent, so what was sent
	 * so long before the last one arrived may have been sent after it, and be missing: networks that
	 * are about to fail hold frames up for seconds.
	 */
	delivery: 10_000,
	/** There is never more than one attempt in this time. */
	shortestPause: 1_000,
	/** The window that the first return is drawn from. Wide, so that many triggers spread out. */
	firstPause: 8_000,
	longestPause: 60_000,
	/** What a server may ask for by Retry-After. */
	longestRetryAfter: 15 * 60_000,
	/** A connection that lasted so long and told something was a good one: counting begins anew. */
	useful: 10_000,
	/** The same for one that had nothing to tell. */
	stable: 60_000,
	probe: 5_000,
} as const;

/** Close codes by which a server says that it does not want this client. */
const POLICY_CODES = new Set([1008, 4001, 4003, 4401, 4403]);
const POLICY_STATUSES = new Set([401, 403]);
/** So often in a row before it is believed: a server that is restarting says strange things. */
const STRIKES = 3;
/** So often in a row before a server counts as one that bears no second connection: one may just break. */
const REFUSALS = 2;

const KICKED =
	'Voxfree keeps ending the connection soon after it was made; another program may be connected as the same agent';

/** Why a connection was not made, or ended. */
interface End {
	/** The server's close code; 1006 where it gave none. */
	code: number;
	reason: string;
	status?: number;
	retryAfter?: number;
}

/** One WebSocket from its opening to its end. Knows nothing of the others. */
class Link {
	readonly begunAt: number;

	openedAt: number | undefined;

	heardAt: number;

	endedAt: number | undefined;

	frames = 0;

	end: End | undefined;

	readonly opened: Promise<void>;

	readonly heard: Promise<void>;

	readonly ended: Promise<void>;

	private readonly finish: (end: End) => void;

	private readonly socket: WebSocketLike | undefined;

	constructor(
		readonly id: number,
		options: VoxfreeSocketOptions,
		onFrame: (data: unknown, link: Link) => void,
	) {
		let open = () => {};
		let hear = () => {};
		let end = () => {};
		this.opened = new Promise((resolve) => (open = resolve));
		this.heard = new Promise((resolve) => (hear = resolve));
		this.ended = new Promise((resolve) => (end = resolve));
		this.begunAt = this.heardAt = options.clock();
		this.finish = (result) => {
			if (this.end !== undefined) return;
			this.end = result;
			this.endedAt = options.clock();
			end();
		};
		try {
			this.socket = (options.connect ?? openGlobalWebSocket)(options.url);
		} catch (error) {
			this.finish({ code: 1006, reason: wordsOf(error) });
			return;
		}
		const socket = this.socket;
		socket.binaryType = 'arraybuffer';
		socket.addEventListener('open', () => {
			if (this.end !== undefined) return socket.close();
			try {
				socket.send(registrationOf(options.agentId));
			} catch (error) {
				return this.finish({ code: 1006, reason: wordsOf(error) });
			}
			this.openedAt = this.heardAt = options.clock();
			options.onRegistered?.(this.id);
			open();
		});
		socket.addEventListener('message', ({ data }) => {
			this.heardAt = options.clock();
			if (this.frames++ === 0) hear();
			// Also from a connection that has been replaced: what was on its way is told nowhere else.
			onFrame(data, this);
		});
		socket.addEventListener('close', ({ code, reason }) =>
			this.finish({ code: code ?? 1006, reason: reason ?? '' }),
		);
		// Some versions of Node tell of a failed upgrade by this event alone.
		socket.addEventListener('error', ({ message }) =>
			this.finish({ code: 1006, reason: message ?? '' }),
		);
	}

	get isOpen(): boolean {
		return this.openedAt !== undefined && this.end === undefined;
	}

	/**
	 * How long its registration may take to arrive: about as long as the handshake took, which went
	 * both ways at least once.
	 */
	get trip(): number {
		return (this.openedAt ?? this.begunAt) - this.begunAt;
	}

	/** Clock time from which on it may have missed something, should it turn out to be dead. */
	get soundUntil(): number {
		return Math.max(this.openedAt ?? this.begunAt, this.heardAt - LIMITS.delivery);
	}

	/** Ends it from our side. What still arrives is not told any more. Never throws. */
	close(reason: string): void {
		try {
			this.socket?.close(1000);
		} catch {
			// One that cannot be closed any more is closed.
		}
		this.finish({ code: 1000, reason });
	}
}

/**
 * The connection to Voxfree's event socket, which is at every instant exactly one of: open and heard
 * from lately, on its way to the next connection, failed and said so, or closed by us.
 *
 * A WebSocket in Node can neither ping nor see pings, so silence is all there is to go by: after a
 * while without traffic a second connection is opened and registered, and only then the first one is
 * dropped, so that checking costs no event.
 */
export class VoxfreeSocket {
	private current: Link | undefined;

	private readonly links = new Set<Link>();

	private readonly stopped = new AbortController();

	private result: 'failed' | 'closed' | undefined;

	private closing: Promise<void> | undefined;

	private waiting = false;

	private lastId = 0;

	private attempts = 0;

	private strikes = 0;

	private shortLives = 0;

	/** Since when there has been no lasting connection. */
	private downSince: number | undefined;

	/** What may have been missed since the last connection that was heard from. */
	private missing: Omit<Gap, 'to'> | undefined;

	/** Why the current connection is not trusted although it is open. */
	private distrust: string | undefined;

	/** Whether the server lets one agent have two connections for a moment. */
	private allowsTwo = true;

	/** How often in a row it did not. */
	private refusals = 0;

	private wake = () => {};

	constructor(private readonly options: VoxfreeSocketOptions) {}

	get state(): SocketState {
		if (this.result !== undefined) return this.result;
		if (this.current?.isOpen === true) return 'open';
		return this.waiting ? 'waiting' : 'connecting';
	}

	/** Clock time of the last sign of life of the connection that counts. */
	get heardAt(): number | undefined {
		return this.current?.heardAt;
	}

	/** The number of the connection that counts, as long as nothing speaks against it. */
	get trusted(): number | undefined {
		const { current, missing } = this;
		const isTrusted = current?.isOpen === true && missing === undefined && !this.isSuspect(current);
		return isTrusted ? current.id : undefined;
	}

	/** Clock time up to which nothing can have been missed that will not be told of as a gap. */
	get soundUntil(): number | undefined {
		return this.missing?.from ?? this.current?.soundUntil;
	}

	/** How many connections are open or being opened; two only while one replaces the other. */
	get connections(): number {
		return [...this.links].filter((link) => link.end === undefined).length;
	}

	/**
	 * Begins. Resolves when the first connection is open and registered; rejects with a
	 * `SocketFailure` when the first attempt fails, while further attempts go on until `close()`.
	 */
	async start(): Promise<void> {
		let succeed = () => {};
		let fail: (failure: SocketFailure) => void = () => {};
		const first = new Promise<void>((resolve, reject) => {
			succeed = resolve;
			fail = reject;
		});
		void this.run(succeed, fail).catch((error: unknown) => {
			// Must not happen; but if it does, it must not be silent.
			this.fail(new SocketFailure('The Voxfree socket stopped unexpectedly', wordsOf(error)));
		});
		await first;
	}

	/** Replaces the connection because there is reason to think that it tells nothing any more. */
	replace(reason: string): void {
		if (this.current?.isOpen !== true) return;
		this.distrust = reason;
		// It may be on its way out already, for being silent; now it is known to have missed something.
		if (this.missing !== undefined) this.missing.certain = true;
		this.wake();
	}

	/** Ends everything within a second. May be called again; never throws. */
	async close(): Promise<void> {
		this.closing ??= this.shutDown('closed');
		await this.closing;
	}

	private async shutDown(result: 'failed' | 'closed'): Promise<void> {
		this.result ??= result;
		this.stopped.abort();
		const open = [...this.links];
		for (const link of open) link.close('closed by us');
		this.links.clear();
	}

	private fail(failure: SocketFailure): void {
		if (this.result !== undefined) return;
		this.closing = this.shutDown('failed');
		this.options.onFailed(failure);
	}

	private get isOver(): boolean {
		return this.result !== undefined;
	}

	private async run(succeed: () => void, fail: (failure: SocketFailure) => void): Promise<void> {
		while (!this.isOver) {
			const { current } = this;
			if (current?.isOpen === true && !this.isSuspect(current)) {
				this.missing = undefined;
				await this.watch(current);
				continue;
			}
			let end = this.letGoOf(current);
			if (end === undefined) {
				const outcome = await this.attempt();
				if (this.isOver) break;
				end = outcome instanceof Link ? await this.establish(outcome) : outcome;
				if (this.isOver) break;
			}
			if (end === undefined) {
				succeed();
				continue;
			}
			const failure = this.judge(end);
			fail(this.inWords(end));
			if (failure !== undefined) return this.fail(failure);
			await this.pause(end);
		}
		fail(new SocketFailure('The connection to Voxfree was closed', 'The trigger was stopped.'));
	}

	private isSuspect(link: Link): boolean {
		return (
			this.distrust !== undefined || this.options.clock() - link.heardAt >= this.options.silence
		);
	}

	/** Waits until the connection ends, is silent for too long, or is to be replaced. */
	private async watch(link: Link): Promise<void> {
		// Once: waiting for it in every round would leave something behind for as long as it is open.
		void link.ended.then(() => this.wake());
		while (!this.isOver && link.isOpen && !this.isSuspect(link)) {
			const rest = link.heardAt + this.options.silence - this.options.clock();
			const woken = new Promise<void>((resolve) => (this.wake = resolve));
			await this.rest(rest, woken);
		}
	}

	/**
	 * Decides what the end or the suspicion of the connection so far means for the next one.
	 *
	 * @returns how it ended, where it did: then there is a pause before the next one
	 */
	private letGoOf(link: Link | undefined): End | undefined {
		if (link === undefined) return undefined;
		const { clock, silence, log } = this.options;
		if (!link.isOpen) {
			const end = link.end ?? { code: 1006, reason: '' };
			const words = codeInWords(end.code, end.reason);
			// Also after a goodbye: it may have been deaf before that.
			const from = Math.min(this.missing?.from ?? Infinity, link.soundUntil);
			this.missing = { from, reason: lost(end), certain: true };
			this.countLife(link);
			this.forget(link);
			log('info', `The Voxfree connection ended (${words})`);
			return end;
		}
		if (this.missing === undefined) {
			const reason = this.distrust ?? `no traffic for ${Math.round(silence / 1000)} seconds`;
			this.missing = { from: link.soundUntil, reason, certain: this.distrust !== undefined };
			this.countLife(link);
			this.downSince ??= clock();
			log('debug', `Checking the Voxfree connection: ${reason}`);
		}
		// It stays until its successor stands, unless the server cannot bear two of them.
		if (!this.allowsTwo) {
			this.missing.certain = true;
			this.drop(link);
			this.forget(link);
		}
		return undefined;
	}

	private forget(link: Link): void {
		this.links.delete(link);
		this.current = undefined;
		this.distrust = undefined;
		this.downSince ??= this.options.clock();
	}

	/** A connection that has lasted makes the failures before it forgotten. */
	private countLife(link: Link): void {
		const lived = this.options.clock() - (link.openedAt ?? this.options.clock());
		if (lived >= LIMITS.stable || (link.frames > 0 && lived >= LIMITS.useful)) {
			this.attempts = 0;
			this.strikes = 0;
			this.downSince = undefined;
		}
		if (lived >= LIMITS.stable) this.shortLives = 0;
		else if (link.end !== undefined && link.end.code !== 1006) this.shortLives++;
	}

	private async attempt(): Promise<Link | End> {
		for (const link of this.links) {
			if (link === this.current) continue;
			// Never more than two: one that lingers has to go now, with what is on its way to it.
			if (this.missing !== undefined) {
				this.missing.from = Math.min(this.missing.from, link.soundUntil);
			}
			this.drop(link);
		}
		const link = new Link(++this.lastId, this.options, (data, from) => this.tell(data, from));
		this.links.add(link);
		await this.rest(LIMITS.handshake, link.opened, link.ended);
		if (link.openedAt !== undefined) return link;
		const timedOut = link.end === undefined;
		if (timedOut) link.close('no answer');
		this.links.delete(link);
		const end = link.end ?? { code: 1006, reason: '' };
		if (this.isOver) return end;
		const probed = await this.probe();
		return {
			code: end.code === 1000 ? 1006 : end.code,
			reason: timedOut
				? `no answer within ${LIMITS.handshake / 1000} seconds`
				: (probed?.reason ?? end.reason),
			status: probed?.status,
			retryAfter: probed?.retryAfter,
		};
	}

	private async probe(): Promise<ProbeResult | undefined> {
		const { probe } = this.options;
		if (probe === undefined) return undefined;
		let result: ProbeResult | undefined;
		const asked = probe().then(
			(value) => void (result = value),
			() => {},
		);
		await this.rest(LIMITS.probe, asked);
		return result;
	}

	/** Makes a registered connection the one that counts; returns why it cannot be. */
	private async establish(link: Link): Promise<End | undefined> {
		const previous = this.current;
		const isOverlap = previous?.isOpen === true;
		// Until its registration has arrived, nothing is told to it: this still belongs to the gap.
		const settling = isOverlap ? LIMITS.overlap : Math.min(link.trip, LIMITS.overlap);
		if (settling > 0) await this.rest(settling, link.heard, link.ended);
		if (this.isOver) return undefined;
		if (link.end !== undefined) {
			this.links.delete(link);
			if (previous?.isOpen !== true) {
				this.countLife(link);
				return link.end;
			}
			if (++this.refusals >= REFUSALS) this.allowsTwo = false;
			// Not what the server thinks of us alone, so its close code does not count.
			return { code: 1006, reason: `a second connection was refused: ${link.end.reason}` };
		}
		const { clock, log, onConnected } = this.options;
		if (this.missing !== undefined && previous?.end !== undefined) {
			// One that says goodbye once its successor is registered makes way for it, and has told all.
			const madeWay = previous.end.code !== 1006 && (previous.endedAt ?? 0) > (link.openedAt ?? 0);
			if (!madeWay && !this.missing.certain) {
				this.missing = { ...this.missing, reason: lost(previous.end), certain: true };
			}
		}
		this.current = link;
		this.distrust = undefined;
		if (previous !== undefined) void this.retire(previous);
		if (isOverlap) this.refusals = 0;
		const gap = this.missing === undefined ? undefined : { ...this.missing, to: clock() };
		this.missing = undefined;
		log('debug', 'Connected to the Voxfree socket and registered');
		onConnected?.(gap);
		return undefined;
	}

	/**
	 * Drops a connection that has been replaced, once all that was on its way to it has arrived: a
	 * WebSocket tells nothing more as soon as it is being closed.
	 */
	private async retire(link: Link): Promise<void> {
		await this.rest(Math.min(LIMITS.delivery, this.options.silence), link.ended);
		this.drop(link);
	}

	private drop(link: Link): void {
		link.close('replaced');
		this.links.delete(link);
	}

	/** Whether this was one failure too many, and which. */
	private judge(end: End): SocketFailure | undefined {
		const { clock, giveUpAfter } = this.options;
		this.downSince ??= clock();
		const isPolicy = POLICY_CODES.has(end.code) || POLICY_STATUSES.has(end.status ?? 0);
		this.strikes = isPolicy ? this.strikes + 1 : 0;
		if (this.strikes >= STRIKES) {
			return new SocketFailure(
				`Voxfree turned the connection away ${STRIKES} times`,
				`It says: ${endInWords(end)}. Check that the agent of the credential may use the omnichannel service, that no other program is connected as the same agent, and 'Socket URL' in the credential.`,
			);
		}
		const isServed = this.current?.isOpen === true && !this.isSuspect(this.current);
		if (!isServed && clock() - this.downSince >= giveUpAfter) {
			return new SocketFailure(
				`Voxfree could not be reached for ${Math.round(giveUpAfter / 60_000)} minutes`,
				`The last attempt ended with: ${endInWords(end)}. n8n starts the trigger again by itself.`,
			);
		}
		return undefined;
	}

	private inWords(end: End): SocketFailure {
		return new SocketFailure(
			'The Voxfree socket could not be opened',
			`${endInWords(end)}. Check 'Socket URL' in the credential, and whether this n8n can reach it. A WebSocket does not go through n8n's proxy settings.`,
		);
	}

	/** Full jitter: a moment drawn from a window that doubles, so that many triggers do not return at once. */
	private async pause(end: End): Promise<void> {
		const { random, log } = this.options;
		const window = Math.min(LIMITS.firstPause * 2 ** this.attempts, LIMITS.longestPause);
		this.attempts = Math.min(this.attempts + 1, 30);
		let milliseconds = LIMITS.shortestPause + random() * window;
		if (this.shortLives >= STRIKES) {
			// Two that replace each other for ever would serve nobody.
			milliseconds = LIMITS.longestPause * (1 + random() / 2);
			if (this.shortLives === STRIKES) log('warn', KICKED);
		}
		if (end.retryAfter !== undefined) {
			const asked = Math.min(Math.max(end.retryAfter, 0), LIMITS.longestRetryAfter);
			milliseconds = Math.max(milliseconds, asked * (1 + random() / 10));
		}
		log(
			'debug',
			`Connecting to Voxfree again in ${Math.round(milliseconds)} ms (${endInWords(end)})`,
		);
		this.waiting = true;
		await this.rest(milliseconds);
		this.waiting = false;
	}

	private tell(data: unknown, link: Link): void {
		if (this.isOver) return;
		this.options.onFrame(data, link.id);
	}

	/** Waits for a time, or for whichever comes first, or for the end of everything. */
	private async rest(milliseconds: number, ...others: Array<Promise<void>>): Promise<void> {
		if (this.isOver) return;
		const enough = new AbortController();
		const { signal } = this.stopped;
		const stop = () => enough.abort();
		signal.addEventListener('abort', stop);
		const stopped = new Promise<void>((resolve) => {
			enough.signal.addEventListener('abort', () => resolve());
		});
		await Promise.race([this.options.wait(milliseconds, enough.signal), stopped, ...others]);
		signal.removeEventListener('abort', stop);
		enough.abort();
	}
}

/** The frame by which a connection becomes the agent's. Its nulls are required. */
export function registrationOf(agentId: string): string {
	return JSON.stringify({
		codid_agente: agentId,
		recipient_id: null,
		type: 'socket',
		token: null,
		message: null,
	});
}

/** @throws SocketFailure on a Node that has no WebSocket */
export function openGlobalWebSocket(url: string): WebSocketLike {
	checkGlobalWebSocket();
	return new WebSocket(url) as unknown as WebSocketLike;
}

/** @throws SocketFailure on a Node that has no WebSocket */
export function checkGlobalWebSocket(): void {
	if (typeof WebSocket !== 'undefined') return;
	throw new SocketFailure(
		'This Node.js has no WebSocket',
		'Run n8n with Node.js 22 or newer, or start it with NODE_OPTIONS=--experimental-websocket on Node.js 20.',
	);
}

function wordsOf(error: unknown): string {
	if (error instanceof SocketFailure) return `${error.message}. ${error.description}`;
	return error instanceof Error && error.message !== '' ? error.message : 'for an unknown reason';
}

function lost({ code, reason }: End): string {
	return `connection lost (${codeInWords(code, reason)})`;
}

function codeInWords(code: number, reason: string): string {
	const said = reason.trim().slice(0, 123);
	const words = code === 1006 ? 'without a goodbye' : `code ${code}`;
	return said === '' ? words : `${words}: ${said}`;
}

function endInWords({ code, reason, status }: End): string {
	if (status !== undefined && (status < 200 || status >= 400) && status !== 426) {
		return `the server answers with status ${status}`;
	}
	return codeInWords(code, reason);
}
