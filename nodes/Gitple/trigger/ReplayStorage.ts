import { HOUR, STORED_CAPACITY } from './ReplayWindow';
import type { ReplayWindow, SeenBody, StoredWindow } from './ReplayWindow';

/** The response to a request: finished, or its connection closed, or neither yet. */
interface PendingResponse {
	readonly writableEnded: boolean;
	readonly destroyed: boolean;
}

/** Decides which of the requests in progress stores a window, and what it stores. */
export class ReplayStorage {
	/** The response whose request stores the window at present. */
	private writer?: PendingResponse;

	private snapshot?: StoredWindow;

	/** The newest body in the snapshot. */
	private newestStored?: SeenBody;

	private writes = 0;

	/** @param capacity how many bodies are stored, the newest ones */
	constructor(
		private readonly window: Pick<ReplayWindow, 'id' | 'newest'>,
		private readonly capacity = STORED_CAPACITY,
	) {}

	/**
	 * What the request of this response has to store: 12 characters for each of the newest bodies. The
	 * same object until a body is added.
	 *
	 * @returns undefined if another request in progress stores the window. One is enough, because its
	 * response waits until n8n has saved; once it is sent, another one takes over.
	 */
	snapshotFor(response: PendingResponse): StoredWindow | undefined {
		const { writer } = this;
		if (writer === undefined || writer.writableEnded || writer.destroyed) this.writer = response;
		return this.writer === response ? this.currentSnapshot() : undefined;
	}

	private currentSnapshot(): StoredWindow {
		const newest = this.window.newest.at(-1);
		if (this.snapshot !== undefined && newest === this.newestStored) return this.snapshot;
		const hours: Record<string, string> = {};
		for (const [digest, firstSeen] of this.window.newest.slice(-this.capacity)) {
			const hour = String(Math.floor(firstSeen / HOUR));
			hours[hour] = (hours[hour] ?? '') + digest;
		}
		this.writes++;
		this.newestStored = newest;
		this.snapshot = { by: `${this.window.id}/${this.writes}`, hours };
		return this.snapshot;
	}
}
