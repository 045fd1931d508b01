import { createHash } from 'node:crypto';

/**
 * Remembers which bodies have started the workflow, so that a call that comes again, by Gitple's
 * repetition or by somebody who overheard it, starts nothing. Lives in the memory of one process:
 * it forgets when n8n restarts, and other processes do not see it.
 */
export class ReplayWindow {
	/** Digest of a body, to the time of its first call; oldest first. */
	private readonly seen = new Map<string, number>();

	/**
	 * @param lifetime milliseconds that a body is remembered
	 * @param capacity how many bodies at most; beyond it the oldest are forgotten
	 */
	constructor(
		private readonly lifetime: number,
		private readonly capacity: number,
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
		for (const [digest, firstSeen] of this.seen) {
			if (now - firstSeen < this.lifetime) break;
			this.seen.delete(digest);
		}
		const digest = createHash('sha256').update(body).digest('base64');
		if (this.seen.has(digest)) return false;
		const oldest = this.seen.keys().next();
		if (this.seen.size >= this.capacity && oldest.done !== true) this.seen.delete(oldest.value);
		this.seen.set(digest, now);
		return true;
	}
}

const LIFETIME = 24 * 60 * 60 * 1_000;
const CAPACITY = 10_000;
const MOST_NODES = 100;

const windows = new Map<string, ReplayWindow>();

/** The window of one trigger node in one workflow. */
export function replayWindowOf(workflowId: string | undefined, nodeId: string): ReplayWindow {
	const key = `${workflowId}:${nodeId}`;
	const window = windows.get(key) ?? new ReplayWindow(LIFETIME, CAPACITY);
	// Put at the end, so that the first is the one that has been still for longest.
	windows.delete(key);
	windows.set(key, window);
	const stillest = windows.keys().next();
	if (windows.size > MOST_NODES && stillest.done !== true) windows.delete(stillest.value);
	return window;
}
