import type { IDataObject, IRun, ITriggerFunctions } from 'n8n-workflow';
import { emitOnce } from '../../shared/host';
import type { VoxfreeEvent } from './events';

/**
 * Starts one execution, before it awaits anything.
 *
 * @param deduplicationKey n8n starts none whose key it knows; undefined for a test in the editor
 * @returns when the execution has ended
 * @throws when n8n could not start it
 */
export async function startExecution(
	functions: ITriggerFunctions,
	events: VoxfreeEvent[],
	deduplicationKey: string | undefined,
): Promise<void> {
	const items = functions.helpers.returnJsonArray(events as unknown as IDataObject[]);
	if (deduplicationKey === undefined) return functions.emit([items]);
	const done = functions.helpers.createDeferredPromise<IRun>();
	emitOnce(functions, items, done, deduplicationKey);
	await done.promise.catch((error: unknown) => {
		// An execution that somebody has stopped was started.
		if (!isCancellation(error)) throw error;
	});
}

function isCancellation(error: unknown): boolean {
	return error instanceof Error && /cancel/i.test(`${error.name} ${error.message}`);
}
