import { jest } from '@jest/globals';

/** Milliseconds that pass at each step of the real ones. */
const STEP = 500;
const REAL_STEP = 10;

/**
 * Lets time pass fifty times faster for everything that sleeps or asks for the date, node and
 * simulator alike, while sockets and intervals keep the real one.
 *
 * @returns what ends it
 */
export function fastTime(): () => void {
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
	const timer = setInterval(() => jest.advanceTimersByTime(STEP), REAL_STEP);
	return () => {
		clearInterval(timer);
		jest.useRealTimers();
	};
}
