import type { Redactor } from '../../shared/redact';

export type LogLevel = 'debug' | 'info' | 'warn';

/** What all parts of a running trigger share: time, chance, the log, and when it is over. */
export interface Runtime {
	/** Milliseconds of a clock that never goes back. */
	clock(): number;
	/** Milliseconds of the epoch. */
	now(): number;
	/** From 0 to below 1. */
	random(): number;
	/** Resolves after so many milliseconds, or when it is aborted; never rejects. */
	wait(milliseconds: number, signal: AbortSignal): Promise<void>;
	log(level: LogLevel, message: string): void;
	/** Hides secrets; texts of errors pass through it. */
	redact: Redactor;
	/** Aborted when the trigger stops. */
	signal: AbortSignal;
}

/** Milliseconds of the epoch for a time of the clock. */
export function epochOf({ clock, now }: Runtime, time: number): number {
	return now() - (clock() - time);
}

/** Waits for a time, for whichever of the others comes first, or for the end of the trigger. */
export async function waitForAny(
	{ wait, signal }: Pick<Runtime, 'signal' | 'wait'>,
	milliseconds: number,
	...others: Array<Promise<unknown>>
): Promise<void> {
	if (signal.aborted) return;
	const enough = new AbortController();
	const stop = () => enough.abort();
	signal.addEventListener('abort', stop);
	const stopped = new Promise<void>((resolve) => {
		enough.signal.addEventListener('abort', () => resolve());
	});
	await Promise.race([wait(milliseconds, enough.signal), stopped, ...others]);
	signal.removeEventListener('abort', stop);
	enough.abort();
}
