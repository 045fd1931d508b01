import { ProviderError } from '../../shared/errors';
import { RefusedCall } from '../api/callService';

/**
 * Names what failed and what to check. Voxfree refuses most calls with the same few words.
 *
 * @param advice sentences after Voxfree's words
 */
export async function withAdvice<T>(call: Promise<T>, message: string, advice: string): Promise<T> {
	return await call.catch((error: unknown) => {
		if (!(error instanceof RefusedCall)) throw error;
		throw new ProviderError(message, {
			...error,
			description: [error.description, advice].filter(Boolean).join(' '),
		});
	});
}
