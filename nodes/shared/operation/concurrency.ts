import { sleep } from 'n8n-workflow';

interface ConcurrentRun {
	count: number;
	/** Whether an item is left out. */
	skip(index: number): boolean;
	/** Items with the same key run one after the other; undefined for one that may run at any time. */
	orderingKey(index: number): string | undefined;
	/** How many items may run at once. */
	limit: number;
	/** Milliseconds that must pass between two starts. */
	interval: number;
	/** Once true, no further item is started. */
	isStopped(): boolean;
	/** Runs one item; never rejects. */
	start(index: number): Promise<void>;
}

/** Items that run one after the other. */
interface Queue {
	readonly indexes: number[];
	next: number;
}

/**
 * Milliseconds from which an answer is slow enough to give every start a turn of the event loop of
 * its own. Answers that arrive together would otherwise be processed together, step by step, so that
 * their next items would all leave late, and together again.
 */
const SLOW_ANSWER = 15;

/** Runs items side by side, those with the same ordering key strictly one after the other. */
export async function runConcurrently(run: ConcurrentRun): Promise<void> {
	const ready = queuesOf(run);
	let nextReady = 0;
	let earliestStart = 0;
	let lastTurn = Promise.resolve();
	let answersTakeTime = false;

	async function waitForTurn(): Promise<void> {
		if (run.interval > 0) {
			const now = Date.now();
			const wait = earliestStart - now;
			earliestStart = Math.max(now, earliestStart) + run.interval;
			if (wait > 0) await sleep(wait);
		}
		if (answersTakeTime && !run.isStopped()) {
			lastTurn = lastTurn.then(async () => await sleep(0));
			await lastTurn;
		}
	}

	async function work(): Promise<void> {
		for (;;) {
			const queue = ready[nextReady];
			if (queue === undefined || run.isStopped()) return;
			nextReady++;
			await waitForTurn();
			if (run.isStopped()) return;
			const index = queue.indexes[queue.next++];
			if (index === undefined) continue;
			const startedAt = Date.now();
			await run.start(index);
			answersTakeTime = Date.now() - startedAt > SLOW_ANSWER;
			// The queue goes to the end of the line, so that no conversation holds up the others.
			if (queue.next < queue.indexes.length) ready.push(queue);
		}
	}

	const workers = Math.min(run.limit, ready.length);
	await Promise.all(Array.from({ length: workers }, work));
}

/** One queue for each ordering key, and one for each item without. */
function queuesOf({ count, skip, orderingKey }: ConcurrentRun): Queue[] {
	const queues = new Map<string | number, Queue>();
	for (let index = 0; index < count; index++) {
		if (skip(index)) continue;
		const key = orderingKey(index) ?? index;
		const queue = queues.get(key);
		if (queue === undefined) queues.set(key, { indexes: [index], next: 0 });
		else queue.indexes.push(index);
	}
	return [...queues.values()];
}
