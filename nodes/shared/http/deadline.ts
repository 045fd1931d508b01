import { sleep } from 'n8n-workflow';

/** When something last happened, on the deadline's clock: at first, when the work began. */
export interface Progress {
	at: number;
}

export interface DeadlineOptions {
	/** Milliseconds from any beginning; never goes back. */
	clock(): number;
	/** Waits so long at most, and ends with the signal, in whichever way. */
	wait(milliseconds: number, signal: AbortSignal): Promise<unknown>;
}

interface Work {
	progress: Progress;
	giveUp(): void;
}

/** Beyond this, a timer would not wait at all. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Made once: without a reason, each abort would make an error with a stack of its own. */
const IDLE = new Error('Nothing is under way');

const SYSTEM_TIME: DeadlineOptions = { clock: () => Date.now(), wait: sleep };

/**
 * Waits for work, but not forever. One timer serves everything that is under way: a timer and a chain
 * of signals for each would often cost more than the work itself.
 */
export class Deadline {
	private readonly underWay = new Set<Work>();

	private watcher: AbortController | undefined;

	private isClosed = false;

	/** @param milliseconds that each piece of work may take from its last progress on */
	constructor(
		private readonly milliseconds: number,
		private readonly options: DeadlineOptions = SYSTEM_TIME,
	) {}

	/**
	 * Resolves when the work has ended, well or not, or when its time is up. Never rejects.
	 *
	 * @param progress may be moved on by the work, which then has more time
	 * @returns whether the work has ended; false also once the deadline is closed
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

	/** Gives up what is under way, and waits for nothing any more. */
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

	/** Gives up what is late, and returns how many milliseconds the next one has left. */
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
