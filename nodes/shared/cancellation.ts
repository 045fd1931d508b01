import type { IAllExecuteFunctions } from 'n8n-workflow';
import { ProviderError } from './errors';
import { waitFor } from './host';

/** Aborts when somebody stops the execution. Undefined if n8n has no such signal, as in triggers. */
export function cancelSignalOf(functions: IAllExecuteFunctions): AbortSignal | undefined {
	return 'getExecutionCancelSignal' in functions ? functions.getExecutionCancelSignal() : undefined;
}

/**
 * The same functions with another cancel signal. n8n's HTTP helper takes the signal from its context
 * and ignores the one in the options of a request, so this is the only way to end a request.
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
 * Waits until the time is up or the execution is stopped.
 *
 * @throws ProviderError (`cancelled`) once the execution is stopped
 */
export async function pause(
	milliseconds: number,
	cancelSignal: AbortSignal | undefined,
): Promise<void> {
	await waitFor(milliseconds, cancelSignal);
	if (cancelSignal?.aborted === true) throw executionCancelled();
}

export function executionCancelled(): ProviderError {
	// n8n recognizes a stopped execution by the word "canceled".
	return new ProviderError('The execution was canceled', { kind: 'cancelled' });
}

/** Whether an error only says that the execution was stopped. */
export function isCancelled(error: unknown): boolean {
	return error instanceof ProviderError && error.kind === 'cancelled';
}
