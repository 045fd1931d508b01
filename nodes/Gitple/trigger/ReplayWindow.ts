import { createHash, randomUUID } from 'node:crypto';
import { isJsonObject } from '../../shared/json';

/** What of a window outlives the process; n8n keeps it in the static data of the workflow. */
export interface StoredWindow {
	/** Which window wrote this, and the how many-th time: it need not read its own again. */
	by: string;
	/** Hour since 1970, as text, to the digests first seen in it, one behind the other. */
	hours: Record<string, string>;
}

/** The answer to a call, of which only counts whether it is out, or has nobody to go to. */
interface Answer {
	readonly writableEnded: boolean;
	readonly destroyed: boolean;
}

/** A body never starts the workflow twice within this many milliseconds. */
const LIFETIME = 24 * 60 * 60 * 1_000;
const CAPACITY = 10_000;
/**
 * How many bodies outlive the process. n8n reads and writes what is stored with every call, and puts
 * it into the record of every execution.
 */
const STORED = 500;
const HOUR = 60 * 60 * 1_000;
const DIGEST_BYTES = 9;
const DIGEST_LETTERS = 12;

/**
 * Remembers which bodies have started the workflow, so that a call that comes again, by Gitple's
 * repetition or by somebody who overheard it, starts nothing. What counts is the memory of this
 * process, which knows at once; what it stores and recalls makes it outlive a restart.
 */
export class ReplayWindow {
	/** Digest of a body, to the time of its first call; about oldest first. */
	private readonly seen = new Map<string, number>();

	/** The last of them, for the storage. */
	private latest: Array<[digest: string, firstSeen: number]> = [];

	private readonly id = randomUUID();
	private writes = 0;
	private recalled = '';
	private snapshot?: StoredWindow;
	private storing?: Answer;

	/**
	 * @param lifetime milliseconds that a body is remembered
	 * @param capacity how many bodies at most; beyond it the oldest are forgotten
	 * @param storedCapacity how many of these are stored, the newest ones
	 */
	constructor(
		private readonly lifetime = LIFETIME,
		private readonly capacity = CAPACITY,
		private readonly storedCapacity = STORED,
	) {}

	get size(): number {
		return this.seen.size;
	}

	/**
	 * Whether this is the first call with this body within the window.
	 *
	 * @param now milliseconds since 1970
	 */
	admits(body: Buffer, now: number): boolean {
		this.forgetOld(now);
		const digest = digestOf(body);
		if (this.knows(digest, now)) return false;
		this.add(digest, now);
		return true;
	}

	/**
	 * Takes in what a window stored: this one before a restart, or the one of another process of
	 * n8n. Whatever is not a stored window is taken for nothing.
	 *
	 * @param now milliseconds since 1970
	 */
	recall(stored: unknown, now: number): void {
		if (!isStoredWindow(stored) || stored.by === this.recalled) return;
		if (stored.by.startsWith(this.id)) return;
		this.recalled = stored.by;
		for (const [hour, digests] of Object.entries(stored.hours)) {
			// The minute is not stored: remembered a little longer is better than too short.
			const firstSeen = Math.min(now, (Number(hour) + 1) * HOUR);
			if (!(now - firstSeen < this.lifetime)) continue;
			for (let start = 0; start < digests.length; start += DIGEST_LETTERS) {
				const digest = digests.slice(start, start + DIGEST_LETTERS);
				if (!this.knows(digest, now)) this.add(digest, firstSeen);
			}
		}
	}

	/**
	 * Whether this call is the one that stores the window, for all calls that are under way. One is
	 * enough, because its answer waits for the saving; when its answer is out, another one takes over.
	 */
	isStoredBy(answer: Answer): boolean {
		const { storing } = this;
		if (storing === undefined || storing.writableEnded || storing.destroyed) this.storing = answer;
		return this.storing === answer;
	}

	/**
	 * What `recall` takes in: 12 letters for each of the newest bodies. The same object until a body
	 * is added.
	 */
	stored(): StoredWindow {
		if (this.snapshot !== undefined) return this.snapshot;
		const hours: Record<string, string> = {};
		for (const [digest, firstSeen] of this.latest.slice(-this.storedCapacity)) {
			const hour = String(Math.floor(firstSeen / HOUR));
			hours[hour] = (hours[hour] ?? '') + digest;
		}
		this.writes++;
		this.snapshot = { by: `${this.id}/${this.writes}`, hours };
		return this.snapshot;
	}

	private knows(digest: string, now: number): boolean {
		const firstSeen = this.seen.get(digest);
		return firstSeen !== undefined && now - firstSeen < this.lifetime;
	}

	private add(digest: string, firstSeen: number): void {
		// An outdated one would otherwise keep its place among the oldest.
		this.seen.delete(digest);
		const oldest = this.seen.keys().next();
		if (this.seen.size >= this.capacity && oldest.done !== true) this.seen.delete(oldest.value);
		this.seen.set(digest, firstSeen);
		this.latest.push([digest, firstSeen]);
		// Not one by one, which would move all of them every time.
		if (this.latest.length > 2 * this.storedCapacity) {
			this.latest = this.latest.slice(-this.storedCapacity);
		}
		this.snapshot = undefined;
	}

	private forgetOld(now: number): void {
		for (const [digest, firstSeen] of this.seen) {
			if (now - firstSeen < this.lifetime) break;
			this.seen.delete(digest);
		}
	}
}

/** Only who has the secret can choose what is digested, so nobody can look for two that are alike. */
function digestOf(body: Buffer): string {
	return createHash('sha256').update(body).digest().subarray(0, DIGEST_BYTES).toString('base64');
}

function isStoredWindow(value: unknown): value is StoredWindow {
	if (!isJsonObject(value) || typeof value.by !== 'string' || !isJsonObject(value.hours)) {
		return false;
	}
	return Object.values(value.hours).every((digests) => typeof digests === 'string');
}

const MOST_NODES = 100;

const windows = new Map<string, ReplayWindow>();

/** The window of one trigger node in one workflow. */
export function replayWindowOf(workflowId: string | undefined, nodeId: string): ReplayWindow {
	const key = `${workflowId}:${nodeId}`;
	const window = windows.get(key) ?? new ReplayWindow();
	// Put at the end, so that the first is the one that has been still for longest.
	windows.delete(key);
	windows.set(key, window);
	const stillest = windows.keys().next();
	if (windows.size > MOST_NODES && stillest.done !== true) windows.delete(stillest.value);
	return window;
}
