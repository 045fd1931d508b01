import type {
	IExecuteFunctions,
	INodeExecutionData,
	NodeApiError,
	NodeOperationError,
} from 'n8n-workflow';
import { cancelSignalOf, isCancelled } from '../cancellation';
import { toNodeError } from '../errors';
import { parameterReader } from '../parameters/read';
import { createRedactor } from '../redact';
import type { Redactor } from '../redact';
import type { RequestLimits } from '../http/types';
import { runConcurrently } from './concurrency';
import type { Output, Resource } from './define';
import { outputsOf } from './output';
import { SentItems } from './SentItems';
import type { Outcome } from './output';
import { chosenOperation, parametersOf } from './properties';
import type { CommonOptions } from './properties';

/** A provider for one run of the node. */
export interface Connected<Api> {
	api: Api;
	redact: Redactor;
	/** Whether a request was made that may have changed something. */
	hasSent: () => boolean;
}

/** A provider's resources, and how to connect to it. */
export interface Provider<Api> {
	readonly resources: readonly Resource<Api>[];
	/**
	 * Connects with the node's credential. Called once per execution.
	 *
	 * @param limits what the user has set for requests
	 */
	connect(functions: IExecuteFunctions, limits: RequestLimits): Promise<Connected<Api>>;
}

type Values = Record<string, unknown>;

/**
 * Runs the chosen operation for all input items. This is the loop behind every action node.
 *
 * - The parameters of all items are read and checked first. If one is wrong, nothing is sent, unless
 *   the node continues on fail.
 * - Items run concurrently, up to the limit in Options > Batching. Items with the same ordering key
 *   run in their order.
 * - The output has the order of the input, and every output item is paired with its input item.
 * - After a failure no further item is started. Running items are waited for, and the error of the
 *   first failed item is thrown. A node that continues on fail returns it as an item instead.
 *
 * @throws NodeOperationError | NodeApiError with the item's index, and no secret in any part
 */
export async function runItems<Api>(
	functions: IExecuteFunctions,
	provider: Provider<Api>,
): Promise<INodeExecutionData[][]> {
	const node = functions.getNode();
	const withoutSecrets = createRedactor([]);
	const continueOnFail = functions.continueOnFail();
	const chosen = attempt(() => chosenOperation(functions, provider.resources));
	if ('error' in chosen) throw toNodeError(node, chosen.error, withoutSecrets);
	const operation = chosen.value;

	const sent = new SentItems(functions);
	const throwIfWrong = (found: ReadonlyArray<Outcome<Values>>, redact: Redactor) => {
		const wrong = firstError(found);
		if (wrong === undefined || continueOnFail) return;
		const error = toNodeError(node, wrong.error, redact, wrong.index);
		throw withAddition(error, sent.inEarlierTry ? 'Nothing more was sent.' : 'Nothing was sent.');
	};
	const readParameters = parameterReader(functions, parametersOf(operation));
	const readings = functions
		.getInputData()
		.slice(0, operation.runsOnce === true ? 1 : undefined)
		.map((_item, index) => attempt((): Values => readParameters(index)));
	throwIfWrong(readings, withoutSecrets);

	const first = readings.find((reading) => 'value' in reading);
	if (first === undefined) return outputsOf(functions, failuresIn(readings), withoutSecrets);

	const { batching, timeout, rateLimitWait } = first.value.options as CommonOptions;
	const { api, redact, hasSent } = await provider.connect(functions, {
		timeout,
		rateLimitWait: rateLimitWait === undefined ? undefined : rateLimitWait * 1_000,
	});
	const check = async (reading: Outcome<Values>, itemIndex: number): Promise<Outcome<Values>> => {
		if ('error' in reading) return reading;
		try {
			await operation.check?.(reading.value, api, { functions, itemIndex });
			return reading;
		} catch (error) {
			return { error };
		}
	};
	const checked = operation.check === undefined ? readings : await Promise.all(readings.map(check));
	throwIfWrong(checked, redact);

	const outcomes = failuresIn(checked);
	const values = checked.map((reading) => ('value' in reading ? reading.value : undefined));
	const { concurrentItems = 10, itemInterval = 0 } = batching?.batch ?? {};
	const cancelSignal = cancelSignalOf(functions);
	let isStopped = false;
	const stop = new AbortController();
	const onCancel = () => stop.abort();
	if (cancelSignal?.aborted === true) onCancel();
	cancelSignal?.addEventListener('abort', onCancel);
	await runConcurrently({
		count: values.length,
		skip: (index) => values[index] === undefined,
		orderingKey: (index) => operation.orderingKey?.(values[index] ?? {}),
		limit: concurrentItems,
		interval: itemInterval,
		stopped: stop.signal,
		start: async (itemIndex) => {
			const parameters = values[itemIndex] ?? {};
			const outcome = await sent.once(
				itemIndex,
				parameters,
				hasSent,
				async (): Promise<Outcome<Output>> =>
					await operation.execute(api, parameters, { functions, itemIndex }).then(
						(value) => ({ value }),
						(error: unknown) => ({ error }),
					),
			);
			outcomes[itemIndex] = outcome;
			if ('error' in outcome && (!continueOnFail || isCancelled(outcome.error))) {
				isStopped = true;
				stop.abort();
			}
		},
	});
	cancelSignal?.removeEventListener('abort', onCancel);

	// A stopped execution is reported as such, whatever else has failed in it.
	const failed = firstError(outcomes, isCancelled) ?? firstError(outcomes);
	if (isStopped && failed !== undefined) {
		const error = toNodeError(node, failed.error, redact, failed.index);
		if (outcomes.some((outcome) => outcome !== undefined && 'value' in outcome)) {
			// An item's own sentence would contradict what is said of the others.
			error.description = error.description?.replace(
				/\bNothing was sent\b/g,
				'Nothing was sent for this item',
			);
		}
		throw withAddition(error, progress(outcomes));
	}
	return outputsOf(functions, outcomes, redact);
}

function attempt<Value>(action: () => Value): Outcome<Value> {
	try {
		return { value: action() };
	} catch (error) {
		return { error };
	}
}

/** What is known of the items before the first is started: those that cannot be. */
function failuresIn(readings: ReadonlyArray<Outcome<Values>>): Array<Outcome<Output> | undefined> {
	return readings.map((reading) => ('error' in reading ? reading : undefined));
}

function firstError(
	outcomes: ReadonlyArray<Outcome<unknown> | undefined>,
	matches: (error: unknown) => boolean = () => true,
): { index: number; error: unknown } | undefined {
	for (const [index, outcome] of outcomes.entries()) {
		if (outcome !== undefined && 'error' in outcome && matches(outcome.error)) {
			return { index, error: outcome.error };
		}
	}
	return undefined;
}

function withAddition(error: NodeApiError | NodeOperationError, addition: string) {
	if (error.description?.includes(addition) !== true) {
		error.description = [error.description, addition].filter(Boolean).join(' ');
	}
	return error;
}

/** How far a failed run has come; empty if there was only the failed item. */
function progress(outcomes: ReadonlyArray<Outcome<unknown> | undefined>): string {
	const done = outcomes.filter((outcome) => outcome !== undefined && 'value' in outcome).length;
	const open = outcomes.filter((outcome) => outcome === undefined).length;
	if (done === 0 && open === 0) return '';
	const items = (count: number) => `${count} ${count === 1 ? 'item' : 'items'}`;
	return `${items(done)} succeeded, ${items(open)} ${open === 1 ? 'was' : 'were'} not started.`;
}
