import { sleep } from 'n8n-workflow';
import { waitFor } from '../host';

interface ConcurrentRun {
	count: number;
	/** Whether to leave an item out. */
	skip(index: number): boolean;
	/** Items with the same key run one after the other. Undefined if the item may run at any time. */
	orderingKey(index: number): string | undefined;
	/** How many items may run at the same time. */
	limit: number;
	/** Milliseconds between two starts, at least. */
	interval: number;
	/** Once it is aborted, no further item is started, and nothing is waited for. */
	stopped: AbortSignal;
	/** Runs one item; never rejects. */
	start(index: number): Promise<void>;
}

/** Items that run one after the other. */
interface Queue {
	readonly indexes: number[];
	next: number;
}

/**
 * Milliseconds from which an item is slow enough to give every start its own turn of the event loop.
 * Otherwise, responses that arrive together are processed together, step by step, and the next items
 * all start late, and together again.
 */
const SLOW_ITEM = 15;

/** Runs items concurrently, those with the same ordering key strictly one after the other. */
export async function runConcurrently(run: ConcurrentRun): Promise<void> {
	const ready = queuesOf(run);
	let nextReady = 0;
	let earliestStart = 0;
	let lastTurn = Promise.resolve();
	let itemsAreSlow = false;

	async function waitForTurn(): Promise<void> {
		if (run.interval > 0) {
			const now = performance.now();
			const wait = earliestStart - now;
			earliestStart = Math.max(now, earliestStart) + run.interval;
			if (wait > 0) await waitFor(wait, run.stopped);
		}
		if (itemsAreSlow && !run.stopped.aborted) {
			lastTurn = lastTurn.then(async () => await sleep(0));
			await lastTurn;
		}
	}

	async function work(): Promise<void> {
		for (;;) {
			const queue = ready[nextReady];
			if (queue === undefined || run.stopped.aborted) return;
			nextReady++;
			await waitForTurn();
			if (run.stopped.aborted) return;
			const index = queue.indexes[queue.next++];
			if (index === undefined) continue;
			const startedAt = performance.now();
			await run.start(index);
			itemsAreSlow = performance.now() - startedAt > SLOW_ITEM;
			// The queue goes to the end of the line, so that no conversation blocks the others.
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
