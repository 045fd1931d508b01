import { createHash, randomUUID } from 'node:crypto';
import { isJsonObject } from '../../shared/json';

/** What of a window outlives the process; n8n keeps it in the static data of the workflow. */
export interface StoredWindow {
	/** ID of the window that wrote this, a slash, and the number of the writing. */
	by: string;
	/** Characters of a digest; 12 if it is missing, as in version 0.1. */
	length?: number;
	/** Hour since 1970, as text, to the digests first seen in it, concatenated. */
	hours: Record<string, string>;
}

/** The digest of a body, and when it was first seen, in milliseconds since 1970. */
export type SeenBody = readonly [digest: string, firstSeen: number];

/** Milliseconds within which a body never starts the workflow twice. */
const LIFETIME = 24 * 60 * 60 * 1_000;
const CAPACITY = 10_000;
/**
 * How many bodies outlive the process. n8n reads what is stored with every request, and copies it
 * into the record of every execution.
 */
export const STORED_CAPACITY = 500;
export const HOUR = 60 * 60 * 1_000;
const DIGEST_BYTES = 6;
export const DIGEST_LENGTH = 8;
/** Version 0.1 stored longer ones, which begin with the same characters. */
const OLD_DIGEST_LENGTH = 12;

/**
 * Remembers which bodies have started the workflow, so that a repeated request, by Gitple or by
 * someone who intercepted it, does not start it again. The memory of this process decides, because it
 * is up to date; what is stored and recalled makes it outlive a restart.
 */
export class ReplayWindow {
	readonly id = randomUUID();

	/** The newest bodies, oldest first: at least as many as are stored. */
	newest: SeenBody[] = [];

	/** Grows with every body that is added or forgotten. */
	revision = 0;

	/** Digest of a body, to the time of its first request; roughly oldest first. */
	private readonly seen = new Map<string, number>();

	/** Who wrote what was recalled last. */
	private recalledFrom = '';

	/**
	 * @param lifetime milliseconds for which a body is remembered
	 * @param capacity how many bodies at most; beyond that, the oldest are forgotten
	 * @param storedCapacity how many of them are stored, the newest ones
	 */
	constructor(
		private readonly lifetime = LIFETIME,
		private readonly capacity = CAPACITY,
		private readonly storedCapacity = STORED_CAPACITY,
	) {}

	/**
	 * Whether this is the first request with this body within the window.
	 *
	 * @param stored what is in the static data: written by this window before a restart, or by another
	 * process of n8n. Anything that is not a stored window is ignored.
	 * @param now milliseconds since 1970
	 */
	addIfNew(body: Buffer, stored: unknown, now: number): boolean {
		this.recall(stored, now);
		this.forgetOld(now);
		const digest = digestOf(body);
		if (this.has(digest, now)) return false;
		this.add(digest, now);
		return true;
	}

	/** Forgets a body that did not start the workflow after all. */
	forget(body: Buffer): void {
		const digest = digestOf(body);
		if (!this.seen.delete(digest)) return;
		this.newest = this.newest.filter(([other]) => other !== digest);
		this.revision++;
	}

	private recall(stored: unknown, now: number): void {
		if (!isStoredWindow(stored) || stored.by === this.recalledFrom) return;
		if (stored.by.startsWith(this.id)) return;
		this.recalledFrom = stored.by;
		const { length = OLD_DIGEST_LENGTH } = stored;
		for (const [hour, digests] of Object.entries(stored.hours)) {
			// The minute is not stored. Remembering a body for too long is better than for too short.
			const firstSeen = Math.min(now, (Number(hour) + 1) * HOUR);
			if (!(now - firstSeen < this.lifetime)) continue;
			for (let start = 0; start + length <= digests.length; start += length) {
				const digest = digests.slice(start, start + DIGEST_LENGTH);
				if (!this.has(digest, now)) this.add(digest, firstSeen);
			}
		}
	}

	private has(digest: string, now: number): boolean {
		const firstSeen = this.seen.get(digest);
		return firstSeen !== undefined && now - firstSeen < this.lifetime;
	}

	private add(digest: string, firstSeen: number): void {
		// An expired one would otherwise keep its place among the oldest.
		this.seen.delete(digest);
		const oldest = this.seen.keys().next();
		if (this.seen.size >= this.capacity && oldest.done !== true) this.seen.delete(oldest.value);
		this.seen.set(digest, firstSeen);
		this.newest.push([digest, firstSeen]);
		this.revision++;
		// Not one by one, which would move all of them every time.
		if (this.newest.length > 2 * this.storedCapacity) {
			this.newest.splice(0, this.newest.length - this.storedCapacity);
		}
	}

	private forgetOld(now: number): void {
		for (const [digest, firstSeen] of this.seen) {
			if (now - firstSeen < this.lifetime) break;
			this.seen.delete(digest);
		}
	}
}

/** Short, because only those who know the secret can choose the input and search for collisions. */
function digestOf(body: Buffer): string {
	return createHash('sha256').update(body).digest().subarray(0, DIGEST_BYTES).toString('base64');
}

function isStoredWindow(value: unknown): value is StoredWindow {
	if (!isJsonObject(value) || typeof value.by !== 'string' || !isJsonObject(value.hours)) {
		return false;
	}
	const { length = OLD_DIGEST_LENGTH } = value;
	if (length !== DIGEST_LENGTH && length !== OLD_DIGEST_LENGTH) return false;
	return Object.values(value.hours).every((digests) => typeof digests === 'string');
}
