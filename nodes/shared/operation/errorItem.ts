import type { INodeExecutionData, NodeApiError, NodeOperationError } from 'n8n-workflow';

/**
 * The output item in place of one that failed, for a node that continues on failure. n8n knows it by
 * its keys alone, and sends it to the error output.
 */
export function errorItem(
	{ message, description }: NodeApiError | NodeOperationError,
	pairedItem: INodeExecutionData['pairedItem'],
): INodeExecutionData {
	return {
		json: { error: message, ...(description ? { details: description } : {}) },
		pairedItem,
	};
}
