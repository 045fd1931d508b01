import { DIGEST_LENGTH, HOUR, STORED_CAPACITY } from './ReplayWindow';
import type { ReplayWindow, StoredWindow } from './ReplayWindow';

/** The response to a request: finished, or its connection closed, or neither yet. */
interface PendingResponse {
	readonly writableEnded: boolean;
	readonly destroyed: boolean;
	readonly statusCode: number;
}

/** Milliseconds from one writing to the next: each costs n8n a write of the workflow's whole row. */
const INTERVAL = 1_000;

/** Decides which of the requests in progress stores a window, and what it stores. */
export class ReplayStorage {
	/** The response whose request stores the window at present. */
	private writer?: PendingResponse;

	/** When something was last stored, or began to be; milliseconds since 1970. */
	private storedAt = Number.NEGATIVE_INFINITY;

	private snapshot?: StoredWindow;

	/** The state of the window that is in the snapshot; undefined if it has to be stored again. */
	private storedRevision?: number = 0;

	private writes = 0;

	/** @param capacity how many bodies are stored, the newest ones */
	constructor(
		private readonly window: Pick<ReplayWindow, 'id' | 'newest' | 'revision'>,
		private readonly capacity = STORED_CAPACITY,
	) {}

	/**
	 * What the request of this response has to store: 8 characters for each of the newest bodies. The
	 * same object until the window changes. A request that has to store once has to until it is
	 * answered, because n8n saves just before that.
	 *
	 * @param now milliseconds since 1970
	 * @returns undefined if nothing has changed, if less than a second has passed since something was
	 * stored, or if another request in progress stores the window
	 */
	snapshotFor(response: PendingResponse, now: number): StoredWindow | undefined {
		if (this.writer !== response) {
			const age = now - this.storedAt;
			// A clock that was set back must not keep anything from being stored.
			const isTooEarly = age >= 0 && age < INTERVAL;
			const isTaken = this.writer !== undefined && !isOver(this.writer);
			if (isTaken || isTooEarly || this.window.revision === this.storedRevision) return undefined;
			this.writer = response;
			this.storedAt = now;
		}
		return this.currentSnapshot();
	}

	/** The request of this response is answered, so that another one may store the window from now on. */
	release(response: PendingResponse, now: number): void {
		if (this.writer !== response) return;
		this.writer = undefined;
		this.storedAt = now;
		// n8n saves nothing if it could not start the execution.
		if (response.statusCode >= 500) this.storedRevision = undefined;
	}

	private currentSnapshot(): StoredWindow {
		const { id, newest, revision } = this.window;
		if (this.snapshot !== undefined && revision === this.storedRevision) return this.snapshot;
		const hours: Record<string, string> = {};
		for (const [digest, firstSeen] of newest.slice(-this.capacity)) {
			const hour = String(Math.floor(firstSeen / HOUR));
			hours[hour] = (hours[hour] ?? '') + digest;
		}
		this.writes++;
		this.storedRevision = revision;
		this.snapshot = { by: `${id}/${this.writes}`, length: DIGEST_LENGTH, hours };
		return this.snapshot;
	}
}

function isOver({ writableEnded, destroyed }: PendingResponse): boolean {
	return writableEnded || destroyed;
}
