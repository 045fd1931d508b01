import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { isCancelled } from '../cancellation';
import { toNodeError } from '../errors';
import { parameterReader } from '../parameters/read';
import { createRedactor } from '../redact';
import type { Redactor } from '../redact';
import { runConcurrently } from './concurrency';
import { OutputItem } from './define';
import type { Output, Resource } from './define';
import { errorItem } from './errorItem';
import { chosenOperation, parametersOf } from './properties';
import type { CommonOptions } from './properties';

/** A provider's calls, bound to the credential of one execution. */
export interface Provider<Api> {
	readonly resources: readonly Resource<Api>[];
	/**
	 * Reads the credential and makes the calls usable; called once per execution.
	 *
	 * @param timeout milliseconds for one request, where the user has set it
	 */
	connect(
		functions: IExecuteFunctions,
		timeout: number | undefined,
	): Promise<{ api: Api; redact: Redactor }>;
}

type Outcome = { output: Output } | { error: unknown };

/**
 * Runs the chosen operation over all input items; the one loop behind every action node.
 *
 * - All parameters of all items are read and checked first. When one is wrong, and the node does
 *   not continue on failure, nothing is sent at all.
 * - Items run side by side up to the limit in Options > Batching; items with one ordering key in their order.
 * - The output has the order of the input, and every entry points to its item.
 * - On failure, items not yet begun stay so, those under way are waited for, and the error of the
 *   first failed item is thrown; with "continue" set, it becomes an output item instead.
 *
 * @throws NodeOperationError | NodeApiError with the item's index, and no secret in any part
 */
export async function runItems<Api>(
	functions: IExecuteFunctions,
	provider: Provider<Api>,
): Promise<INodeExecutionData[][]> {
	const items = functions.getInputData();
	const continueOnFail = functions.continueOnFail();
	const chosen = attempt(() => chosenOperation(functions, provider.resources));
	if ('error' in chosen) throw toNodeError(functions.getNode(), chosen.error, createRedactor([]));
	const operation = chosen.value;
	const parameters = parametersOf(operation);

	const outcomes: Array<Outcome | undefined> = new Array<Outcome | undefined>(items.length);
	const readParameters = parameterReader(functions, parameters);
	const valuesOf: Array<Record<string, unknown> | undefined> = items.map((_item, index) => {
		const read = attempt(() => readParameters(index));
		if ('error' in read) outcomes[index] = read;
		return 'error' in read ? undefined : read.value;
	});
	const firstWrong = outcomes.findIndex((outcome) => outcome !== undefined);
	if (firstWrong !== -1 && !continueOnFail) {
		throw failureOf(functions, outcomes, firstWrong, createRedactor([]), 'Nothing was sent.');
	}

	const first = valuesOf.find((values) => values !== undefined);
	if (first === undefined) return collectOutput(functions, outcomes, createRedactor([]));

	const { batching, timeout } = first.options as CommonOptions;
	const { api, redact } = await provider.connect(functions, timeout);

	let stopped = false;
	await runConcurrently({
		count: items.length,
		skip: (index) => valuesOf[index] === undefined,
		orderingKey: (index) => operation.orderingKey?.(valuesOf[index] ?? {}),
		limit: batching?.batch?.concurrentItems ?? 10,
		interval: batching?.batch?.itemInterval ?? 0,
		stopped: () => stopped || functions.getExecutionCancelSignal()?.aborted === true,
		start: async (index) => {
			const outcome = await operation
				.execute(api, valuesOf[index] ?? {}, { functions, itemIndex: index })
				.then(
					(output) => ({ output }),
					(error: unknown) => ({ error }),
				);
			outcomes[index] = outcome;
			if ('error' in outcome && (!continueOnFail || isCancelled(outcome.error))) stopped = true;
		},
	});

	const firstError = (matches: (error: unknown) => boolean) =>
		outcomes.findIndex(
			(outcome) => outcome !== undefined && 'error' in outcome && matches(outcome.error),
		);
	// A stopped execution is reported as such, whatever else went wrong in it.
	const cancelled = firstError(isCancelled);
	const failed = cancelled === -1 ? firstError(() => true) : cancelled;
	if (stopped && failed !== -1) {
		const done = outcomes.filter((outcome) => outcome !== undefined && 'output' in outcome).length;
		const open = items.length - outcomes.filter((outcome) => outcome !== undefined).length;
		throw failureOf(functions, outcomes, failed, redact, progress(done, open));
	}
	return collectOutput(functions, outcomes, redact);
}

function attempt<T>(action: () => T): { value: T } | { error: unknown } {
	try {
		return { value: action() };
	} catch (error) {
		return { error };
	}
}

function failureOf(
	functions: IExecuteFunctions,
	outcomes: ReadonlyArray<Outcome | undefined>,
	index: number,
	redact: Redactor,
	addition: string,
) {
	const outcome = outcomes[index];
	const error = outcome !== undefined && 'error' in outcome ? outcome.error : undefined;
	const translated = toNodeError(functions.getNode(), error, redact, index);
	translated.description = [translated.description, addition].filter(Boolean).join(' ');
	return translated;
}

function progress(done: number, open: number): string {
	const items = (count: number) => `${count} ${count === 1 ? 'item' : 'items'}`;
	if (done === 0 && open === 0) return '';
	return `${items(done)} of this run went through, ${items(open)} ${open === 1 ? 'was' : 'were'} not begun.`;
}

function collectOutput(
	functions: IExecuteFunctions,
	outcomes: ReadonlyArray<Outcome | undefined>,
	redact: Redactor,
): INodeExecutionData[][] {
	const first: INodeExecutionData[] = [];
	const outputs = [first];
	outcomes.forEach((outcome, item) => {
		if (outcome === undefined) return;
		if ('output' in outcome) {
			const { output } = outcome;
			for (const entry of Array.isArray(output) ? output : [output]) {
				if (entry instanceof OutputItem) {
					const { json, binary } = entry;
					while (outputs.length <= entry.output) outputs.push([]);
					outputs[entry.output]?.push({
						json,
						...(binary === undefined ? {} : { binary }),
						pairedItem: { item },
					});
				} else {
					first.push({ json: entry, pairedItem: { item } });
				}
			}
			return;
		}
		const error = toNodeError(functions.getNode(), outcome.error, redact, item);
		first.push(errorItem(error, { item }));
	});
	return outputs;
}
