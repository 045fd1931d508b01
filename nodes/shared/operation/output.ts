import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	NodeApiError,
	NodeOperationError,
} from 'n8n-workflow';
import { toNodeError } from '../errors';
import type { Redactor } from '../redact';
import { OutputItem } from './define';
import type { Output } from './define';

/** The result of an attempt. */
export type Outcome<Value> = { value: Value } | { error: unknown };

/**
 * The output item for a failed input item, in a node that continues on fail. n8n recognizes it by its
 * keys, and moves it to the error output.
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
 * The outputs of a node, each in the order of the input items. Failed items go to the first.
 *
 * @param outcomes one for each input item; undefined if it was not started
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
				json: withoutErrorField(json),
				...(binary === undefined ? {} : { binary }),
				pairedItem: { item },
			});
		}
	});
	return outputs;
}

/** n8n takes an item with a field `error` for a failure, whatever is in it, and may repeat the node. */
function withoutErrorField(json: IDataObject): IDataObject {
	if (!Object.hasOwn(json, 'error')) return json;
	const { error: providerError, ...rest } = json;
	return { ...rest, providerError };
}
