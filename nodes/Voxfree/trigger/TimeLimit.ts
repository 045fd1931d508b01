/** Made once: without a reason, each abort would make an error with a stack of its own. */
const IDLE = new Error('Nothing is under way');

interface Work {
	/** Clock time. */
	until: number;
	giveUp: () => void;
}

/**
 * Waits for work, but not for ever. One timer does for all that is under way: a timer and a chain of
 * signals for each would cost more than the work itself often does.
 */
export class TimeLimit {
	/** What has begun first, and so ends first, comes first. */
	private readonly underWay = new Set<Work>();

	private watcher: AbortController | undefined;

	private isClosed = false;

	/** @param milliseconds that each work may take */
	constructor(
		private readonly milliseconds: number,
		private readonly options: {
			clock: () => number;
			wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
		},
	) {}

	/**
	 * Resolves when the work has ended, well or not, or may not take longer. Never rejects.
	 *
	 * @returns whether it has ended
	 */
	async isKept(work: Promise<unknown>): Promise<boolean> {
		if (this.isClosed) return false;
		return await new Promise((resolve) => {
			const entry: Work = {
				until: this.options.clock() + this.milliseconds,
				giveUp: () => resolve(false),
			};
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

	/** Waits for nothing any more. */
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
		const { clock, wait } = this.options;
		while (!idle.aborted) {
			const [first] = this.underWay;
			if (first === undefined) return this.rest();
			const left = first.until - clock();
			if (left > 0) {
				await wait(left, idle);
				continue;
			}
			this.underWay.delete(first);
			first.giveUp();
		}
	}
}
