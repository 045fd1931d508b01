import { createHash, randomUUID } from 'node:crypto';
import { sleep } from 'n8n-workflow';
import { isJsonObject } from '../shared/json';

/** What of a window outlives the process; n8n keeps it in the static data of the workflow. */
export interface StoredWindow {
	/** Which window wrote this, and the how many-th time: it need not read its own again. */
	by: string;
	/** Hour since 1970, as text, to the digests first seen in it, one behind the other. */
	hours: Record<string, string>;
}

/** A body never starts the workflow twice within this many milliseconds. */
const LIFETIME = 24 * 60 * 60 * 1_000;
const CAPACITY = 10_000;
/** Saving makes n8n write the whole row of the workflow, so a burst of events shares one write. */
const SAVED_WITHIN = 100;

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

	private readonly id = randomUUID();
	private writes = 0;
	private recalled = '';
	private lastWrite = 0;
	private isWriterWaiting = false;

	/**
	 * @param lifetime milliseconds that a body is remembered
	 * @param capacity how many bodies at most; beyond it the oldest are forgotten
	 */
	constructor(
		private readonly lifetime = LIFETIME,
		private readonly capacity = CAPACITY,
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
	 * Resolves to whether the caller is the one who stores what the window holds by then, for all
	 * that came within the same tenth of a second. The first of them need not wait, the second
	 * waits for the rest, the rest go on at once.
	 */
	async isToBeStored(): Promise<boolean> {
		if (this.isWriterWaiting) return false;
		const wait = this.lastWrite + SAVED_WITHIN - Date.now();
		if (wait > 0) {
			this.isWriterWaiting = true;
			// Not longer, even where the clock was set back meanwhile.
			await sleep(Math.min(wait, SAVED_WITHIN));
			this.isWriterWaiting = false;
		}
		this.lastWrite = Date.now();
		return true;
	}

	/** What `recall` takes in: 12 letters for each body. */
	stored(): StoredWindow {
		const hours: Record<string, string> = {};
		for (const [digest, firstSeen] of this.seen) {
			const hour = String(Math.floor(firstSeen / HOUR));
			hours[hour] = (hours[hour] ?? '') + digest;
		}
		this.writes++;
		return { by: `${this.id}/${this.writes}`, hours };
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
