import { sleep } from 'n8n-workflow';

interface ConcurrentRun {
	count: number;
	skip(index: number): boolean;
	/** The ordering key of an item; undefined if it may run at any time. */
	orderingKey(index: number): string | undefined;
	/** How many items may be under way at once. */
	limit: number;
	/** Milliseconds that must pass between two starts. */
	interval: number;
	stopped(): boolean;
	/** Runs one item; never rejects. */
	start(index: number): Promise<void>;
}

/**
 * Milliseconds from which an answer is slow enough to give every start a turn of the event loop of
 * its own. Answers that arrive together would otherwise be worked through together, step by step, so
 * that their next items all leave late, and together again.
 */
const SLOW_ANSWER = 15;

/** Runs items side by side, those with one ordering key strictly one after the other. */
export async function runConcurrently(plan: ConcurrentRun): Promise<void> {
	const queues = new Map<string, number[]>();
	for (let index = 0; index < plan.count; index++) {
		if (plan.skip(index)) continue;
		const orderingKey = plan.orderingKey(index);
		// A key of its own must differ from every conversation.
		const key = orderingKey === undefined ? `\u0000${index}` : orderingKey;
		const queue = queues.get(key);
		if (queue === undefined) queues.set(key, [index]);
		else queue.push(index);
	}

	const ready = [...queues.values()].map((queue) => ({ queue, next: 0 }));
	let nextReady = 0;
	let earliestStart = 0;
	let lastTurn = Promise.resolve();
	let answersTakeTime = false;

	async function work(): Promise<void> {
		for (;;) {
			const entry = ready[nextReady];
			if (entry === undefined || plan.stopped()) return;
			nextReady++;
			if (plan.interval > 0) {
				const now = Date.now();
				const wait = earliestStart - now;
				earliestStart = Math.max(now, earliestStart) + plan.interval;
				if (wait > 0) await sleep(wait);
				if (plan.stopped()) return;
			}
			if (answersTakeTime) {
				lastTurn = lastTurn.then(async () => await sleep(0));
				await lastTurn;
				if (plan.stopped()) return;
			}
			const index = entry.queue[entry.next++];
			if (index === undefined) continue;
			const startedAt = Date.now();
			await plan.start(index);
			answersTakeTime = Date.now() - startedAt > SLOW_ANSWER;
			// The queue goes to the end of the line, so that no conversation holds up the others.
			if (entry.next < entry.queue.length) ready.push(entry);
		}
	}

	const workers = Math.min(plan.limit, ready.length);
	await Promise.all(Array.from({ length: workers }, work));
}
