import { sleep } from 'n8n-workflow';

/** When something of the body was last read, in milliseconds of the epoch: first, when it began. */
export interface Progress {
	at: number;
}

/** The longest time that a timer can wait; beyond it, it would not wait at all. */
const LONGEST_TIMER = 2 ** 31 - 1;

type Timed<T> = { value: T } | { error: unknown } | { late: true };

interface UnderWay {
	progress: Progress;
	deadline: AbortController;
	expire(): void;
}

/**
 * A time limit over the whole of each exchange; of a streamed body, from its last bytes on. The
 * limit races the exchange, which is told to let go as well, by the signal that it is given; the
 * same signal tells it that the execution stopped.
 *
 * One timer does for all exchanges that are under way: a timer and a chain of signals for each would
 * be a tenth of the cost of a request.
 */
export function createTimeLimits(milliseconds: number, stopped: AbortSignal | undefined) {
	const underWay = new Set<UnderWay>();
	let watcher: AbortController | undefined;

	stopped?.addEventListener('abort', () => {
		for (const { deadline } of underWay) deadline.abort();
	});

	async function watch(idle: AbortSignal): Promise<void> {
		while (!idle.aborted) {
			const first = Math.min(...[...underWay].map(({ progress }) => progress.at));
			const left = Math.max(0, first + milliseconds - Date.now());
			await sleep(Math.min(left, LONGEST_TIMER), idle);
			for (const { progress, expire } of underWay) {
				if (progress.at + milliseconds <= Date.now()) expire();
			}
		}
	}

	function begin(exchange: UnderWay): void {
		underWay.add(exchange);
		if (watcher !== undefined) return;
		watcher = new AbortController();
		// It ends by being told that nothing is under way any more.
		watch(watcher.signal).catch(() => undefined);
	}

	function end(exchange: UnderWay): void {
		underWay.delete(exchange);
		if (underWay.size > 0) return;
		watcher?.abort();
		watcher = undefined;
	}

	return {
		async run<T>(
			exchange: (deadline: AbortSignal) => Promise<T>,
			progress: Progress,
		): Promise<Timed<T>> {
			const deadline = new AbortController();
			return await new Promise((resolve) => {
				const entry: UnderWay = {
					progress,
					deadline,
					expire: () => {
						settle({ late: true });
						deadline.abort();
					},
				};
				const settle = (outcome: Timed<T>) => {
					end(entry);
					resolve(outcome);
				};
				begin(entry);
				exchange(deadline.signal).then(
					(value) => settle({ value }),
					(error: unknown) => settle({ error }),
				);
			});
		},
	};
}
