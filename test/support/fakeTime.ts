import { jest } from '@jest/globals';

/** Milliseconds that pass at once. */
const STEP = 100;
/** Turns of the event loop between two steps, in which everything happens that needs no time. */
const TURNS = 20;

/** Milliseconds that pass at each step of the real ones, for `fastTime`. */
const FAST_STEP = 500;
const REAL_STEP = 10;

/** Fakes timeouts and the date; sockets and intervals keep the real time. */
function fakeTimeouts(): void {
	jest.useFakeTimers({
		doNotFake: [
			'hrtime',
			'nextTick',
			'queueMicrotask',
			'setImmediate',
			'clearImmediate',
			'setInterval',
			'clearInterval',
		],
	});
}

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
	fakeTimeouts();
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

/**
 * Lets time pass fifty times faster for everything that sleeps or asks for the date, node and
 * simulator alike, while sockets and intervals keep the real one.
 *
 * @returns what ends it
 */
export function fastTime(): () => void {
	fakeTimeouts();
	const timer = setInterval(() => jest.advanceTimersByTime(FAST_STEP), REAL_STEP);
	return () => {
		clearInterval(timer);
		jest.useRealTimers();
	};
}
