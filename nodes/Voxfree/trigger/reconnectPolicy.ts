import { ProviderError } from '../../shared/errors';
import { ABNORMAL_CLOSURE, closeText, codeText } from './closeInfo';
import type { CloseInfo } from './closeInfo';
import { UNEXPLAINED } from './openingFailure';

/** How long a connection lasted, and what it did. */
export interface ConnectionLife {
	/** Milliseconds from its opening until now. */
	lifetime: number;
	frames: number;
	/** Why it ended; undefined if it is only given up. */
	closed: CloseInfo | undefined;
}

export interface ReconnectOptions {
	/** Milliseconds of a clock that never goes back. */
	clock: () => number;
	/** From 0 to below 1. */
	random: () => number;
}

/** Milliseconds. There is never more than one attempt in this time. */
const SHORTEST_PAUSE = 1_000;
/** The window that the first pause is drawn from. Wide, so that many triggers spread out. */
const FIRST_WINDOW = 8_000;
export const LONGEST_PAUSE = 60_000;
/** What a server may ask for by Retry-After. */
const LONGEST_RETRY_AFTER = 15 * 60_000;
/** A connection that received something and lasted so long was a good one: counting starts anew. */
const USEFUL_LIFE = 10_000;
/** The same for one that received nothing. */
const STABLE_LIFE = 60_000;
/** Beyond this, doubling changes nothing any more. */
const MOST_DOUBLINGS = 30;

/** Close codes and HTTP statuses by which a server says that it does not want this client. */
const POLICY_CODES = new Set([1008, 4001, 4003, 4401, 4403]);
const POLICY_STATUSES = new Set([401, 403]);
/** So many in a row before it is believed: a server that is restarting says strange things. */
const ENOUGH = 3;

const KICKED =
	'Voxfree keeps closing the connection soon after it opens; another program may be connected as the same agent';

/** What a person can do when the server does not want this client. */
const REJECTED =
	'Another program may be connected as the same agent. Stop it, or give n8n an agent of its own';

/**
 * Decides how long to wait before the next attempt, and when to give up. Does no I/O. What it has
 * learned of a server outlives the client: one that is restarted goes on where the last one stopped.
 */
export class ReconnectPolicy {
	private attempts = 0;

	/** Clock time before which there is to be no attempt. */
	private notBefore = Number.NEGATIVE_INFINITY;

	/** Rejections in a row by which the server says that it does not want this client. */
	private policyRejections = 0;

	/** Connections in a row that the server ended soon. */
	private shortLives = 0;

	/** Clock time since when there has been no lasting connection. */
	private downSince: number | undefined;

	constructor(private readonly options: ReconnectOptions) {}

	/** A client begins, which has had no connection yet. */
	beginClient(): void {
		this.downSince = undefined;
	}

	/** Whether there is nothing that the next client would have to know. */
	get isCalm(): boolean {
		return this.attempts === 0 && this.policyRejections === 0 && this.shortLives === 0;
	}

	/** Milliseconds until the next attempt that the last client would have waited for. */
	get restOfPause(): number {
		return Math.max(0, this.notBefore - this.options.clock());
	}

	/** Milliseconds without a connection that can be relied on; 0 if there is one. */
	get downFor(): number {
		return this.downSince === undefined ? 0 : this.options.clock() - this.downSince;
	}

	/** There is no connection that can be relied on, from now on if there was one until now. */
	markDown(): void {
		this.downSince ??= this.options.clock();
	}

	/**
	 * Counts a connection that has come to its end. One that lasted makes failures forgotten. If the
	 * server has turned it away, it must have lasted longer: two programs that throw each other out hold
	 * the connection for as long as the other one waits.
	 */
	recordLife({ lifetime, frames, closed }: ConnectionLife): void {
		const isStable = lifetime >= STABLE_LIFE;
		const isUseful = frames > 0 && lifetime >= USEFUL_LIFE;
		if (isStable || isUseful) this.downSince = undefined;
		if (isStable || (isUseful && !isRejection(closed))) {
			this.attempts = 0;
			this.policyRejections = 0;
		}
		if (isStable) this.shortLives = 0;
		else if (closed !== undefined && closed.code !== ABNORMAL_CLOSURE) this.shortLives++;
	}

	/**
	 * The error to fail with if this was one failure too many; undefined if it is to be tried again.
	 *
	 * @param giveUpAfter milliseconds without a lasting connection after which there is a failure
	 * @param isServed whether another connection still works
	 */
	failureAfter(
		closed: CloseInfo,
		giveUpAfter: number,
		isServed: boolean,
	): ProviderError | undefined {
		this.markDown();
		this.policyRejections = isRejection(closed) ? this.policyRejections + 1 : 0;
		if (this.policyRejections >= ENOUGH) {
			const advice = closed.advice ?? REJECTED;
			return new ProviderError(`Voxfree rejected the connection ${ENOUGH} times. ${advice}`, {
				kind: 'refused',
				description: `It said: ${closeText(closed)}. Check that the agent of the credential may use the omnichannel service, that no other program is connected as the same agent, and 'Socket URL' in the credential.`,
			});
		}
		return !isServed && this.downFor >= giveUpAfter ? outage(closed, giveUpAfter) : undefined;
	}

	/**
	 * Milliseconds before the next attempt. Full jitter: a moment drawn from a window that doubles, so
	 * that many triggers do not return at once.
	 *
	 * @returns a warning as well when another program seems to take the connection away
	 */
	nextPause({ retryAfter }: CloseInfo): { milliseconds: number; warning?: string } {
		const { random } = this.options;
		const window = Math.min(FIRST_WINDOW * 2 ** this.attempts, LONGEST_PAUSE);
		this.attempts = Math.min(this.attempts + 1, MOST_DOUBLINGS);
		let milliseconds = SHORTEST_PAUSE + random() * window;
		if (this.shortLives >= ENOUGH) {
			// Two programs that replace each other for ever would serve nobody.
			milliseconds = LONGEST_PAUSE * (1 + random() / 2);
		}
		if (retryAfter !== undefined) {
			const asked = Math.min(Math.max(retryAfter, 0), LONGEST_RETRY_AFTER);
			milliseconds = Math.max(milliseconds, asked * (1 + random() / 10));
		}
		this.notBefore = this.options.clock() + milliseconds;
		return { milliseconds, ...(this.shortLives === ENOUGH ? { warning: KICKED } : {}) };
	}
}

/** Whether the server has said that it does not want this client. */
function isRejection(closed: CloseInfo | undefined): boolean {
	if (closed === undefined) return false;
	return POLICY_CODES.has(closed.code) || POLICY_STATUSES.has(closed.status ?? 0);
}

/** The error after so many milliseconds without a lasting connection. */
export function outage(closed: CloseInfo, giveUpAfter: number): ProviderError {
	return new ProviderError(
		`Voxfree could not be reached for ${Math.round(giveUpAfter / 60_000)} minutes`,
		{
			kind: 'unreachable',
			description: `The last attempt failed: ${closeText(closed)}. n8n restarts the trigger by itself.`,
		},
	);
}

/** What is wrong when an attempt has failed that somebody waits for, and what to do. */
export function notOpened(closed: CloseInfo): ProviderError {
	const { cause = UNEXPLAINED.cause, advice = UNEXPLAINED.advice } = closed;
	const said = codeText(closed);
	const words =
		isRejection(closed) && closed.cause === undefined
			? `Voxfree closed the connection at once (${said}). ${REJECTED}`
			: `${cause}. ${advice}`;
	return new ProviderError(`The Voxfree socket could not be opened: ${words}`, {
		kind: 'unreachable',
		description: `The connection ended ${said}.`,
	});
}

/** The error when too many connections that were closed from our side are still open. */
export function stillOpen(count: number): ProviderError {
	return new ProviderError(
		`${count} connections to Voxfree that the trigger has closed are still open. Restart n8n to end them`,
		{
			kind: 'refused',
			description:
				"The server, or a proxy in front of it, does not answer the end of a connection, and a WebSocket of Node.js waits for that answer. Check what lies between n8n and 'Socket URL'. A longer 'Silence Limit' replaces connections less often.",
		},
	);
}
