import { sleep } from 'n8n-workflow';

interface LaneRun {
	count: number;
	skip(index: number): boolean;
	/** The lane of an item, or nothing where it may run at any time. */
	lane(index: number): string | undefined;
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

/** Runs items side by side, those of one lane strictly one after the other. */
export async function runInLanes(plan: LaneRun): Promise<void> {
	const lanes = new Map<string, number[]>();
	for (let index = 0; index < plan.count; index++) {
		if (plan.skip(index)) continue;
		const lane = plan.lane(index);
		// A lane of its own needs a name that no conversation has.
		const key = lane === undefined ? `\u0000${index}` : lane;
		const queue = lanes.get(key);
		if (queue === undefined) lanes.set(key, [index]);
		else queue.push(index);
	}

	const ready = [...lanes.values()].map((queue) => ({ queue, next: 0 }));
	let nextReady = 0;
	let earliestStart = 0;
	let lastTurn = Promise.resolve();
	let answersTakeTime = false;

	async function work(): Promise<void> {
		for (;;) {
			const lane = ready[nextReady];
			if (lane === undefined || plan.stopped()) return;
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
			const index = lane.queue[lane.next++];
			if (index === undefined) continue;
			const startedAt = Date.now();
			await plan.start(index);
			answersTakeTime = Date.now() - startedAt > SLOW_ANSWER;
			// The lane goes to the end of the line, so that no conversation holds up the others.
			if (lane.next < lane.queue.length) ready.push(lane);
		}
	}

	const workers = Math.min(plan.limit, ready.length);
	await Promise.all(Array.from({ length: workers }, work));
}
