import { sleep } from 'n8n-workflow';
import type {
	IBinaryKeyData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodePropertyOptions,
} from 'n8n-workflow';
import { createRedactor, ProviderError, toNodeError } from './errors';
import type { Redactor } from './errors';
import { parameterReader } from './parameters';
import type { Choice, Parameter, ValuesOf } from './parameters';

/** What an operation may use besides its provider's calls and its own parameters. */
export interface ItemContext {
	readonly functions: IExecuteFunctions;
	readonly itemIndex: number;
}

/** One output item that is more than JSON on the node's first output. */
export class Entry {
	readonly binary?: IBinaryKeyData;

	/** Which of the node's outputs it leaves by, counted from 0. */
	readonly output: number;

	constructor(
		readonly json: IDataObject,
		{ binary, output = 0 }: { binary?: IBinaryKeyData; output?: number } = {},
	) {
		this.binary = binary;
		this.output = output;
	}
}

/** The output of one item: one object, or several. */
export type Output = IDataObject | Entry | Array<IDataObject | Entry>;

/**
 * One operation, whole: what it is called, what it asks, and what it does with the answers.
 *
 * @typeParam Api the provider's calls
 */
export interface Operation<Api, Parameters extends readonly Parameter[] = readonly Parameter[]> {
	/** Short name in the list, without the resource: "Send". */
	readonly name: string;
	/** What workflows store. It never changes once released. */
	readonly value: string;
	/** Sentence in the node picker, with the resource: "Send message". */
	readonly action: string;
	readonly description: string;
	readonly parameters: Parameters;
	/**
	 * Which items must keep their order among themselves: those with the same lane, such as one
	 * conversation. Without it, every item stands for itself.
	 */
	lane?(values: ValuesOf<Parameters>): string;
	execute(api: Api, values: ValuesOf<Parameters>, context: ItemContext): Promise<Output>;
}

/** What the panel of a node shows of an operation. */
export interface DescribedOperation extends Choice {
	readonly action: string;
	readonly description: string;
	readonly value: string;
	readonly parameters: readonly Parameter[];
	/**
	 * False for an operation that makes no requests of its own: the settings for them would mean
	 * nothing there, and are left out.
	 */
	readonly requests?: false;
}

/** An operation whose parameter types have served their purpose. */
export interface AnyOperation<Api> extends DescribedOperation {
	lane?(values: Record<string, unknown>): string;
	execute(api: Api, values: Record<string, unknown>, context: ItemContext): Promise<Output>;
}

/** What the panel of a node shows of a resource. */
export interface DescribedResource {
	readonly name: string;
	readonly value: string;
	readonly description: string;
	readonly operations: readonly DescribedOperation[];
	/**
	 * The operation that is chosen at first: the most used one, never one that ends something.
	 * Without it, the first.
	 */
	readonly defaultOperation?: string;
}

/** A thing that operations act on, as it stands in the Resource list. */
export interface Resource<Api> extends DescribedResource {
	readonly operations: readonly AnyOperation<Api>[];
}

/**
 * Defines operations of one provider: `const operation = operationsOf<OmnizeApi>()`, and then
 * `operation({ name, value, …, parameters: […], execute: async (api, values) => … })`, where the
 * type of `values` follows from `parameters`.
 */
export function operationsOf<Api>() {
	return <const Parameters extends readonly Parameter[]>(
		definition: Operation<Api, Parameters>,
	): AnyOperation<Api> => definition as unknown as AnyOperation<Api>;
}

/** Settings that every operation offers in its Options. */
const COMMON_OPTIONS: readonly Parameter[] = [
	{
		displayName: 'Batching',
		name: 'batching',
		type: 'fixedCollection',
		default: { batch: {} },
		placeholder: 'Add Batching',
		description: 'How fast the input items are worked through',
		options: [
			{
				displayName: 'Batching',
				name: 'batch',
				values: [
					{
						displayName: 'Concurrent Items',
						name: 'concurrentItems',
						type: 'number',
						typeOptions: { minValue: 1, maxValue: 100, numberPrecision: 0 },
						default: 10,
						description:
							'How many items may be under way at once. Items of one conversation always follow each other, whatever this is.',
					},
					{
						displayName: 'Item Interval (Ms)',
						name: 'itemInterval',
						type: 'number',
						typeOptions: { minValue: 0, numberPrecision: 0 },
						default: 0,
						description: 'Least time between the starts of two items, in milliseconds. 0 for none.',
					},
				],
			},
		],
	},
	{
		displayName: 'Timeout',
		name: 'timeout',
		type: 'number',
		typeOptions: { minValue: 100, numberPrecision: 0 },
		default: 30_000,
		description: 'How long one request may take until its answer is complete, in milliseconds',
	},
];

interface CommonOptions {
	batching?: { batch?: { concurrentItems: number; itemInterval: number } };
	timeout?: number;
}

/** An operation's own parameters, and the options that all operations with requests share. */
function parametersOf(operation: DescribedOperation): readonly Parameter[] {
	if (operation.requests === false) return operation.parameters;
	const own = operation.parameters.find(({ name }) => name === 'options');
	const options: Parameter = {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [...((own?.options ?? []) as readonly Parameter[]), ...COMMON_OPTIONS].sort((a, b) =>
			a.displayName < b.displayName ? -1 : 1,
		),
	};
	return [...operation.parameters.filter((parameter) => parameter !== own), options];
}

/**
 * The `properties` of a node: Resource, Operation, and each operation's parameters, shown for it
 * alone.
 *
 * @param defaultResource the resource that is chosen at first: the most used one
 */
export function propertiesOf(
	resources: readonly DescribedResource[],
	defaultResource: string,
): INodeProperties[] {
	const resourceChoices = resources.map(({ name, value, description }) => ({
		name,
		value,
		description,
	}));
	const properties = [selector('Resource', 'resource', resourceChoices, defaultResource)];
	for (const { value: resource, operations, defaultOperation } of resources) {
		const choices = operations.map(({ name, value, action, description }) => ({
			name,
			value,
			action,
			description,
		}));
		properties.push({
			...selector('Operation', 'operation', choices, defaultOperation ?? choices[0]?.value ?? ''),
			displayOptions: { show: { resource: [resource] } },
		});
		for (const operation of operations) {
			for (const parameter of parametersOf(operation)) {
				const { displayOptions, ...rest } = parameter;
				properties.push({
					...rest,
					displayOptions: {
						...displayOptions,
						show: { resource: [resource], operation: [operation.value], ...displayOptions?.show },
					},
				} as unknown as INodeProperties);
			}
		}
	}
	return properties;
}

function selector(
	displayName: string,
	name: string,
	options: INodePropertyOptions[],
	chosen: string,
): INodeProperties {
	return { displayName, name, type: 'options', noDataExpression: true, options, default: chosen };
}

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
 * - Items run side by side up to the limit in Options > Batching; items of one lane in their order.
 * - The output has the order of the input, and every entry points to its item.
 * - On failure, items not yet begun stay so, those under way are waited for, and the error of the
 *   first failed item is thrown; with "continue" set, it becomes an output item instead.
 *
 * @throws NodeOperationError | NodeApiError with the item's index, and no secret in any part
 */
export async function run<Api>(
	functions: IExecuteFunctions,
	provider: Provider<Api>,
): Promise<INodeExecutionData[][]> {
	const items = functions.getInputData();
	const goOn = functions.continueOnFail();
	const operation = chosenOperation(functions, provider.resources);
	const parameters = parametersOf(operation);

	const outcomes: Array<Outcome | undefined> = new Array<Outcome | undefined>(items.length);
	const readParameters = parameterReader(functions, parameters);
	const valuesOf: Array<Record<string, unknown> | undefined> = items.map((_item, index) => {
		const read = attempt(() => readParameters(index));
		if ('error' in read) outcomes[index] = read;
		return 'error' in read ? undefined : read.value;
	});
	const firstWrong = outcomes.findIndex((outcome) => outcome !== undefined);
	if (firstWrong !== -1 && !goOn) {
		throw failureOf(functions, outcomes, firstWrong, createRedactor([]), 'Nothing was sent.');
	}

	const first = valuesOf.find((values) => values !== undefined);
	if (first === undefined) return collectOutput(functions, outcomes, createRedactor([]));

	const { batching, timeout } = first.options as CommonOptions;
	const { api, redact } = await provider.connect(functions, timeout);

	let stopped = false;
	await runInLanes({
		count: items.length,
		skip: (index) => valuesOf[index] === undefined,
		lane: (index) => operation.lane?.(valuesOf[index] ?? {}),
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
			if ('error' in outcome && (!goOn || isCancelled(outcome.error))) stopped = true;
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

function chosenOperation<Api>(
	functions: IExecuteFunctions,
	resources: readonly Resource<Api>[],
): AnyOperation<Api> {
	const resource = functions.getNodeParameter('resource', 0) as string;
	const name = functions.getNodeParameter('operation', 0) as string;
	const operation = resources
		.find(({ value }) => value === resource)
		?.operations.find(({ value }) => value === name);
	if (operation === undefined) {
		const unknown = new ProviderError(`The operation '${resource}: ${name}' does not exist`, {
			kind: 'invalid',
			description: 'Choose Resource and Operation again, or update this package.',
		});
		throw toNodeError(functions.getNode(), unknown, createRedactor([]));
	}
	return operation;
}

function attempt<T>(action: () => T): { value: T } | { error: unknown } {
	try {
		return { value: action() };
	} catch (error) {
		return { error };
	}
}

function isCancelled(error: unknown): boolean {
	return error instanceof ProviderError && error.kind === 'cancelled';
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
				if (entry instanceof Entry) {
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
		const { message, description } = toNodeError(functions.getNode(), outcome.error, redact, item);
		// n8n knows an error item by these keys alone, and sends it to the error output.
		first.push({
			json: { error: message, ...(description ? { details: description } : {}) },
			pairedItem: { item },
		});
	});
	return outputs;
}

interface LaneRun {
	count: number;
	skip(index: number): boolean;
	/** The lane of an item, or nothing where it may run at any time. */
	lane(index: number): string | undefined;
	/** How many items may be under way at once. */
	limit: number;
	/** Milliseconds that must pass between two starts. */
	interval: number;
	stopped(): boolean;
	/** Runs one item; never rejects. */
	start(index: number): Promise<void>;
}

/**
 * Milliseconds from which an answer is slow enough to give every start a turn of the event loop of
 * its own. Answers that arrive together would otherwise be worked through together, step by step, so
 * that their next items all leave late, and together again.
 */
const SLOW_ANSWER = 15;

/** Runs items side by side, those of one lane strictly one after the other. */
async function runInLanes(plan: LaneRun): Promise<void> {
	const lanes = new Map<string, number[]>();
	for (let index = 0; index < plan.count; index++) {
		if (plan.skip(index)) continue;
		const lane = plan.lane(index);
		// A lane of its own needs a name that no conversation has.
		const key = lane === undefined ? `\u0000${index}` : lane;
		const queue = lanes.get(key);
		if (queue === undefined) lanes.set(key, [index]);
		else queue.push(index);
	}

	const ready = [...lanes.values()].map((queue) => ({ queue, next: 0 }));
	let nextReady = 0;
	let earliestStart = 0;
	let lastTurn = Promise.resolve();
	let answersTakeTime = false;

	async function work(): Promise<void> {
		for (;;) {
			const lane = ready[nextReady];
			if (lane === undefined || plan.stopped()) return;
			nextReady++;
			if (plan.interval > 0) {
				const now = Date.now();
				const wait = earliestStart - now;
				earliestStart = Math.max(now, earliestStart) + plan.interval;
				if (wait > 0) await sleep(wait);
				if (plan.stopped()) return;
			}
			if (answersTakeTime) {
				lastTurn = lastTurn.then(async () => await sleep(0));
				await lastTurn;
				if (plan.stopped()) return;
			}
			const index = lane.queue[lane.next++];
			if (index === undefined) continue;
			const startedAt = Date.now();
			await plan.start(index);
			answersTakeTime = Date.now() - startedAt > SLOW_ANSWER;
			// The lane goes to the end of the line, so that no conversation holds up the others.
			if (lane.next < lane.queue.length) ready.push(lane);
		}
	}

	const workers = Math.min(plan.limit, ready.length);
	await Promise.all(Array.from({ length: workers }, work));
}
