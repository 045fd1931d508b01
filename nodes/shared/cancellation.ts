import { sleep } from 'n8n-workflow';
import type { IAllExecuteFunctions } from 'n8n-workflow';
import { ProviderError } from './errors';

/** Aborts when somebody stops the execution; undefined where n8n has no such signal, as in triggers. */
export function cancelSignalOf(functions: IAllExecuteFunctions): AbortSignal | undefined {
	return 'getExecutionCancelSignal' in functions ? functions.getExecutionCancelSignal() : undefined;
}

/**
 * The same functions with another cancel signal. n8n's HTTP helper replaces any signal in the options
 * of a request by the one that it asks its context for, so this is the only way to end a request.
 */
export function withCancelSignal<Functions extends object>(
	functions: Functions,
	signal: AbortSignal,
): Functions {
	return Object.create(functions, {
		getExecutionCancelSignal: { value: () => signal },
	}) as Functions;
}

/**
 * Waits, but no longer than the execution lasts.
 *
 * @throws ProviderError (`cancelled`) once the execution is stopped
 */
export async function pause(
	milliseconds: number,
	cancelSignal: AbortSignal | undefined,
): Promise<void> {
	await sleep(milliseconds, cancelSignal).catch(() => undefined);
	if (cancelSignal?.aborted === true) throw executionCancelled();
}

export function executionCancelled(): ProviderError {
	// By the word "canceled" n8n tells a stopped execution from a failed one.
	return new ProviderError('The execution was canceled', { kind: 'cancelled' });
}

/** Whether an error only says that the execution was stopped. */
export function isCancelled(error: unknown): boolean {
	return error instanceof ProviderError && error.kind === 'cancelled';
}
