import { createHash } from 'node:crypto';

/** How long, in milliseconds, two connections may tell the same thing before it counts as twice. */
const OVERLAP = 10_000;
const OVERLAP_CAPACITY = 5_000;

interface Copies {
	/** How often each connection has told it. */
	told: Map<number, number>;
	executed: number;
}

/**
 * Remembers which events have been accepted, so that one that comes again is not. Bounded: the
 * oldest are forgotten. Lives in memory; beyond a restart n8n's own deduplication key takes over.
 *
 * There is a younger and an older half, and the older is forgotten as a whole: taking single entries
 * off the front of a large Set costs more with each one.
 */
export class EventWindow {
	private younger = new Set<string>();

	private older = new Set<string>();

	private youngerCopies = new Map<string, Copies>();

	private olderCopies = new Map<string, Copies>();

	private copiesSince = Number.NEGATIVE_INFINITY;

	/** How many keys have been forgotten to make room. */
	evicted = 0;

	/** @param capacity how many keys at most; at least half as many are always remembered */
	constructor(private readonly capacity = 50_000) {}

	get size(): number {
		return this.younger.size + this.older.size;
	}

	/** Whether this key is new. It is remembered. */
	admits(key: string): boolean {
		if (this.knows(key)) return false;
		if (this.younger.size >= this.capacity / 2) {
			this.evicted += this.older.size;
			this.older = this.younger;
			this.younger = new Set();
		}
		this.younger.add(key);
		return true;
	}

	/** Whether a key has been accepted and is still remembered. */
	knows(key: string): boolean {
		return this.younger.has(key) || this.older.has(key);
	}

	/**
	 * From now on, this connection is told what others are told. What those have told before is no copy
	 * of anything that comes on it.
	 */
	begin(connection: number): void {
		for (const copies of [this.olderCopies, this.youngerCopies]) {
			for (const { told, executed } of copies.values()) told.set(connection, executed);
		}
	}

	/**
	 * Whether a frame that has no id is new. Equal frames on one connection are as many events; the
	 * same on the connection that replaces it are the same events.
	 *
	 * @param now milliseconds of any clock
	 */
	admitsFrame(frame: string, connection: number, now: number): boolean {
		const age = now - this.copiesSince;
		if (age >= OVERLAP || this.youngerCopies.size >= OVERLAP_CAPACITY) {
			this.olderCopies = age >= 2 * OVERLAP ? new Map() : this.youngerCopies;
			this.youngerCopies = new Map();
			this.copiesSince = now;
		}
		const key = digestOf(frame);
		const copies = this.youngerCopies.get(key) ??
			this.olderCopies.get(key) ?? { told: new Map<number, number>(), executed: 0 };
		this.youngerCopies.set(key, copies);
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
