import { digestOf } from './keys';

/** How long, in milliseconds, two connections may receive the same thing before it counts as twice. */
const OVERLAP = 10_000;
const CAPACITY = 5_000;

interface Copies {
	/** How often each connection has received it. */
	received: Map<number, number>;
	accepted: number;
}

/**
 * Recognises frames without an id when they come on two connections. Equal frames on one connection
 * are as many events; the same frames on the connection that replaces it are the same events.
 */
export class FrameCopies {
	private younger = new Map<string, Copies>();

	private older = new Map<string, Copies>();

	private since = Number.NEGATIVE_INFINITY;

	/**
	 * From now on, this connection receives what the others receive. What those have received before is
	 * no copy of anything that comes on it.
	 */
	beginConnection(connectionId: number): void {
		for (const copies of [this.older, this.younger]) {
			for (const { received, accepted } of copies.values()) received.set(connectionId, accepted);
		}
	}

	/**
	 * Counts a frame. Returns whether it is new.
	 *
	 * @param now milliseconds of any clock
	 */
	addIfNew(frame: string, connectionId: number, now: number): boolean {
		const age = now - this.since;
		if (age >= OVERLAP || this.younger.size >= CAPACITY) {
			this.older = age >= 2 * OVERLAP ? new Map() : this.younger;
			this.younger = new Map();
			this.since = now;
		}
		const digest = digestOf(frame);
		const copies = this.younger.get(digest) ??
			this.older.get(digest) ?? { received: new Map<number, number>(), accepted: 0 };
		this.younger.set(digest, copies);
		const received = (copies.received.get(connectionId) ?? 0) + 1;
		copies.received.set(connectionId, received);
		if (received <= copies.accepted) return false;
		copies.accepted = received;
		return true;
	}
}
