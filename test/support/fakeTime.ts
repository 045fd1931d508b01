import { jest } from '@jest/globals';

/** Milliseconds that pass at once. */
const STEP = 100;
/** Turns of the event loop between two steps, in which everything happens that needs no time. */
const TURNS = 20;

/**
 * Fakes the time for all that sleeps or asks for the date while `work` runs, and lets it pass as
 * fast as the machine can. Sockets keep the real time.
 *
 * @param mayPass says whether time may go on; it stands still as long as this says no
 */
export async function inFakeTime<T>(
	work: () => Promise<T>,
	mayPass: () => boolean = () => true,
): Promise<T> {
	jest.useFakeTimers({
		doNotFake: [
			'hrtime',
			'nextTick',
			'performance',
			'queueMicrotask',
			'setImmediate',
			'clearImmediate',
			'setInterval',
			'clearInterval',
		],
	});
	let ended = false;
	const run = work().finally(() => (ended = true));
	const result = run.catch(() => undefined);
	try {
		while (!ended) {
			for (let turn = 0; turn < TURNS; turn++)
				await new Promise((resolve) => setImmediate(resolve));
			if (mayPass()) await jest.advanceTimersByTimeAsync(STEP);
		}
		await result;
	} finally {
		jest.useRealTimers();
	}
	return await run;
}
