import { ProviderError } from '../errors';
import type { ProviderRequest } from './types';

export const TRIES = 3;

const FIRST_PAUSE = 500;

const LONGEST_PAUSE = 60_000;

export function mayRepeat(error: ProviderError, purpose: ProviderRequest['purpose']): boolean {
	if (error.kind === 'unreachable') return true;
	return purpose === 'read' && (error.kind === 'interrupted' || error.kind === 'unavailable');
}

/** Milliseconds to wait: what the provider asked for, within a limit, or a growing random pause. */
export function pauseAfter(tries: number, error: ProviderError): number {
	if (error.retryAfter !== undefined) return Math.min(error.retryAfter, LONGEST_PAUSE);
	return FIRST_PAUSE * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
}

/** Milliseconds until the time that a Retry-After header names; undefined where it names none. */
export function retryAfterOf(header: unknown): number | undefined {
	if (typeof header !== 'string') return undefined;
	const milliseconds = /^\d+$/.test(header)
		? Number(header) * 1000
		: Date.parse(header) - Date.now();
	return milliseconds > 0 ? milliseconds : undefined;
}
