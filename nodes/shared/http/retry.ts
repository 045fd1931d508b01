import type { ProviderError } from '../errors';
import type { ProviderRequest } from './types';

/** How many times a request is sent at most. */
export const TRIES = 3;
/** Milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;

/** Whether it is safe to send a request again that has failed like this, and that was not too early. */
export function mayRepeat(error: ProviderError, purpose: ProviderRequest['purpose']): boolean {
	if (error.kind === 'unreachable') return true;
	return purpose === 'read' && (error.kind === 'interrupted' || error.kind === 'unavailable');
}

/** Milliseconds to wait before another try: a growing random pause. */
export function pauseAfter(tries: number): number {
	return Math.min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE) * (0.5 + Math.random() / 2);
}

/** The milliseconds in a Retry-After header (seconds or a date); undefined if it contains none. */
export function retryAfterOf(header: unknown): number | undefined {
	if (typeof header !== 'string') return undefined;
	const text = header.trim();
	const seconds = /^\d+(\.\d+)?$/.test(text);
	// Without a month it is no date, although something may be read from it: "-5" is one in May.
	if (!seconds && !/[a-z]{3}/i.test(text)) return undefined;
	const milliseconds = seconds ? Number(text) * 1_000 : Date.parse(text) - Date.now();
	return milliseconds > 0 ? milliseconds : undefined;
}
