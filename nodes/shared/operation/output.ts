import type {
	IExecuteFunctions,
	INodeExecutionData,
	NodeApiError,
	NodeOperationError,
} from 'n8n-workflow';
import { toNodeError } from '../errors';
import type { Redactor } from '../redact';
import { OutputItem } from './define';
import type { Output } from './define';

/** What came of an attempt. */
export type Outcome<Value> = { value: Value } | { error: unknown };

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

/**
 * The outputs of a node, each in the order of the input items. Failed items leave by the first.
 *
 * @param outcomes one for each input item; undefined for one that was not started
 */
export function outputsOf(
	functions: IExecuteFunctions,
	outcomes: ReadonlyArray<Outcome<Output> | undefined>,
	redact: Redactor,
): INodeExecutionData[][] {
	const first: INodeExecutionData[] = [];
	const outputs = [first];
	outcomes.forEach((outcome, item) => {
		if (outcome === undefined) return;
		if ('error' in outcome) {
			const error = toNodeError(functions.getNode(), outcome.error, redact, item);
			first.push(errorItem(error, { item }));
			return;
		}
		for (const made of [outcome.value].flat()) {
			const { json, binary, output } = made instanceof OutputItem ? made : new OutputItem(made);
			while (outputs.length <= output) outputs.push([]);
			outputs[output]?.push({
				json,
				...(binary === undefined ? {} : { binary }),
				pairedItem: { item },
			});
		}
	});
	return outputs;
}
