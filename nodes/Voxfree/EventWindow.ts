import { createHash } from 'node:crypto';

/** How long, in milliseconds, two connections may tell the same thing before it counts as twice. */
const OVERLAP = 5_000;
const OVERLAP_CAPACITY = 5_000;

interface Copies {
	/** How often each connection has told it. */
	told: Map<number, number>;
	executed: number;
	at: number;
}

/**
 * Remembers which events have been accepted, so that one that comes again is not. Bounded: the
 * oldest are forgotten. Lives in memory; beyond a restart n8n's own deduplication key takes over.
 */
export class EventWindow {
	private readonly seen = new Set<string>();

	private readonly copies = new Map<string, Copies>();

	/** How many keys have been forgotten to make room. */
	evicted = 0;

	constructor(private readonly capacity = 50_000) {}

	get size(): number {
		return this.seen.size;
	}

	/** Whether this key is new. It is remembered. */
	admits(key: string): boolean {
		if (this.seen.has(key)) return false;
		if (this.seen.size >= this.capacity) {
			const oldest = this.seen.values().next();
			if (oldest.done !== true) this.seen.delete(oldest.value);
			this.evicted++;
		}
		this.seen.add(key);
		return true;
	}

	/** Whether a key has been accepted and is still remembered. */
	knows(key: string): boolean {
		return this.seen.has(key);
	}

	/**
	 * Whether a frame that has no id is new. Equal frames on one connection are as many events; the
	 * same on the connection that replaces it are the same events.
	 *
	 * @param now milliseconds of any clock
	 */
	admitsFrame(frame: string, connection: number, now: number): boolean {
		const key = digestOf(frame);
		for (const [oldest, { at }] of this.copies) {
			if (now - at < OVERLAP && this.copies.size < OVERLAP_CAPACITY) break;
			this.copies.delete(oldest);
		}
		const copies = this.copies.get(key) ?? { told: new Map(), executed: 0, at: now };
		this.copies.delete(key);
		this.copies.set(key, copies);
		copies.at = now;
		const told = (copies.told.get(connection) ?? 0) + 1;
		copies.told.set(connection, told);
		if (told <= copies.executed) return false;
		copies.executed = told;
		return true;
	}
}

/** A short text that stands for a long one. */
export function digestOf(text: string): string {
	return createHash('sha1').update(text).digest('base64url');
}
