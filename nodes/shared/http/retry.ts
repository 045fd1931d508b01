import type { ProviderError } from '../errors';
import type { ProviderRequest } from './types';

/** How many times a request is sent at most. */
export const TRIES = 3;
/** Milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;

/** Whether it is safe to send a request again that has failed like this. */
export function mayRepeat(error: ProviderError, purpose: ProviderRequest['purpose']): boolean {
	if (error.kind === 'unreachable') return true;
	return purpose === 'read' && (error.kind === 'interrupted' || error.kind === 'unavailable');
}

/** Milliseconds to wait: what the provider asks for, up to a limit, or a growing random pause. */
export function pauseAfter(tries: number, error: ProviderError): number {
	if (error.retryAfter !== undefined) return Math.min(error.retryAfter, LONGEST_PAUSE);
	return FIRST_PAUSE * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
}

/** The milliseconds in a Retry-After header (seconds or a date); undefined if it contains none. */
export function retryAfterOf(header: unknown): number | undefined {
	if (typeof header !== 'string') return undefined;
	const text = header.trim();
	const milliseconds = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
	return milliseconds > 0 ? milliseconds : undefined;
}
