import { waitFor } from '../host';

/** When the work last made progress, on the deadline's clock. At first, when it started. */
export interface Progress {
	at: number;
}

export interface DeadlineOptions {
	/** Milliseconds from any starting point. It never goes back. */
	clock(): number;
	/** Waits at most this long, and resolves or rejects once the signal is aborted. */
	wait(milliseconds: number, signal: AbortSignal): Promise<unknown>;
}

interface Work {
	progress: Progress;
	giveUp(): void;
}

/** A timer with a longer time fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Shared, because an abort without a reason creates an error with a stack each time. */
const IDLE = new Error('Nothing to wait for');

const SYSTEM_TIME: DeadlineOptions = { clock: () => Date.now(), wait: waitFor };

/**
 * Waits for pieces of work, but not forever. One timer serves all of them: a timer and a chain of
 * signals for each would often cost more than the work itself.
 */
export class Deadline {
	private readonly underWay = new Set<Work>();

	private watcher: AbortController | undefined;

	private isClosed = false;

	/** @param milliseconds that a piece of work may take after its last progress */
	constructor(
		private readonly milliseconds: number,
		private readonly options: DeadlineOptions = SYSTEM_TIME,
	) {}

	/**
	 * Resolves when the work has settled or its time is up. Never rejects.
	 *
	 * @param progress updated by work that may take longer as long as it makes progress
	 * @returns whether the work has settled; always false once the deadline is closed
	 */
	async isMet(
		work: Promise<unknown>,
		progress: Progress = { at: this.options.clock() },
	): Promise<boolean> {
		if (this.isClosed) {
			work.catch(() => undefined);
			return false;
		}
		return await new Promise((resolve) => {
			const entry: Work = { progress, giveUp: () => resolve(false) };
			this.underWay.add(entry);
			if (this.watcher === undefined) {
				this.watcher = new AbortController();
				void this.watch(this.watcher.signal);
			}
			const end = () => {
				this.underWay.delete(entry);
				if (this.underWay.size === 0) this.rest();
				resolve(true);
			};
			work.then(end, end);
		});
	}

	/** Gives up all work, present and future. */
	close(): void {
		this.isClosed = true;
		this.rest();
		for (const { giveUp } of this.underWay) giveUp();
		this.underWay.clear();
	}

	private rest(): void {
		this.watcher?.abort(IDLE);
		this.watcher = undefined;
	}

	private async watch(idle: AbortSignal): Promise<void> {
		while (!idle.aborted) {
			const left = this.giveUpLate();
			if (this.underWay.size === 0) return this.rest();
			await this.options.wait(Math.min(left, LONGEST_TIMER), idle).catch(() => undefined);
		}
	}

	/** Gives up work whose time is up. Returns the milliseconds until the next is due. */
	private giveUpLate(): number {
		const now = this.options.clock();
		let least = Infinity;
		for (const work of this.underWay) {
			const left = work.progress.at + this.milliseconds - now;
			if (left > 0) {
				least = Math.min(least, left);
			} else {
				this.underWay.delete(work);
				work.giveUp();
			}
		}
		return least;
	}
}
