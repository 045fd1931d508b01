import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { invalidInput } from '../errors';
import { optionsCollection } from '../parameters/builders';
import type { Parameter } from '../parameters/types';
import type { DescribedOperation, DescribedResource } from './define';

/** Settings in the Options of every operation that makes requests. */
const COMMON_OPTIONS: readonly Parameter[] = [
	{
		displayName: 'Batching',
		name: 'batching',
		type: 'fixedCollection',
		default: { batch: {} },
		placeholder: 'Add Batching',
		description: 'How fast the input items are processed',
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
							'How many items to process at once. Items of the same conversation always run one after the other.',
					},
					{
						displayName: 'Item Interval (Ms)',
						name: 'itemInterval',
						type: 'number',
						typeOptions: { minValue: 0, numberPrecision: 0 },
						default: 0,
						description:
							'Minimum time between the starts of two items, in milliseconds. 0 for none.',
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
		description: 'How long to wait for the complete response to a request, in milliseconds',
	},
	{
		displayName: 'Wait on Rate Limit (Seconds)',
		name: 'rateLimitWait',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 3_600 },
		default: 60,
		description:
			'How long to wait if the provider asks to come back later (status 429, or 503 with a time). The request is then sent again, and the other items of this node wait as well. 0 fails at once.',
	},
];

export interface CommonOptions {
	batching?: { batch?: { concurrentItems: number; itemInterval: number } };
	timeout?: number;
	/** Seconds. */
	rateLimitWait?: number;
}

/** An operation's own parameters, with the common settings added to its options. */
export function parametersOf(operation: DescribedOperation): readonly Parameter[] {
	if (operation.requests === false) return operation.parameters;
	const own = operation.parameters.find(({ name }) => name === 'options');
	const options = optionsCollection(
		[...((own?.options ?? []) as readonly Parameter[]), ...COMMON_OPTIONS].sort((a, b) =>
			a.displayName < b.displayName ? -1 : 1,
		),
	);
	return [...operation.parameters.filter((parameter) => parameter !== own), options];
}

/**
 * The `properties` of a node: Resource, Operation, and the parameters of each operation, which are
 * shown for that operation only.
 *
 * @param defaultResource the preselected resource: the most used one
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
				for (const variant of variantsOf(withoutFunctions(parameter))) {
					const { displayOptions, ...rest } = variant;
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
	}
	return properties;
}

/**
 * A parameter as it is in the node, and as it is in the tool that n8n makes of the node for AI agents. In a
 * tool, what is chosen from a list opens on its ID, which a model can fill in, and Simplify is not offered
 * to the model. n8n without `@tool` shows the parameter of the node in both.
 */
function variantsOf(parameter: Parameter): Parameter[] {
	const inTool = toolVariantOf(parameter);
	if (inTool === undefined) return [parameter];
	const { displayOptions } = parameter;
	return [
		{
			...parameter,
			displayOptions: { ...displayOptions, hide: { ...displayOptions?.hide, '@tool': [true] } },
		},
		{
			...inTool,
			displayOptions: { ...displayOptions, show: { ...displayOptions?.show, '@tool': [true] } },
		},
	];
}

function toolVariantOf(parameter: Parameter): Parameter | undefined {
	if (parameter.type === 'resourceLocator') {
		return { ...parameter, default: { mode: 'id', value: '' } };
	}
	return parameter.name === 'simplify' ? { ...parameter, noDataExpression: true } : undefined;
}

/**
 * Resources and their operations as n8n is to list them: the preselected ones first, which are the most
 * used, and the others in the order of the alphabet, as they are written.
 */
export function mostUsedFirst<Listed extends DescribedResource>(
	resources: readonly Listed[],
	defaultResource: string,
): Listed[] {
	return first(resources, defaultResource).map((resource) => ({
		...resource,
		operations: first(resource.operations, resource.defaultOperation),
	}));
}

function first<Entry extends { readonly value: string }>(
	entries: readonly Entry[],
	value: string | undefined,
): Entry[] {
	const isFirst = (entry: Entry) => entry.value === value;
	return [...entries.filter(isFirst), ...entries.filter((entry) => !isFirst(entry))];
}

/** n8n's descriptions are plain data; formats are functions, which only this package calls. */
function withoutFunctions<Value>(value: Value): Value {
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map(withoutFunctions) as Value;
	const entries = Object.entries(value).filter(([, entry]) => typeof entry !== 'function');
	return Object.fromEntries(entries.map(([key, entry]) => [key, withoutFunctions(entry)])) as Value;
}

function selector(
	displayName: string,
	name: string,
	options: INodePropertyOptions[],
	chosen: string,
): INodeProperties {
	return { displayName, name, type: 'options', noDataExpression: true, options, default: chosen };
}

/** A resource with the operations to choose from. */
interface Choosable<Chosen> {
	readonly value: string;
	readonly operations: readonly Chosen[];
}

/**
 * The operation that the user has chosen in the node.
 *
 * @throws ProviderError (`invalid`) if the workflow has stored one that does not exist
 */
export function chosenOperation<Chosen extends DescribedOperation>(
	functions: IExecuteFunctions,
	resources: ReadonlyArray<Choosable<Chosen>>,
): Chosen {
	const resource = functions.getNodeParameter('resource', 0) as string;
	const name = functions.getNodeParameter('operation', 0) as string;
	const operation = resources
		.find(({ value }) => value === resource)
		?.operations.find(({ value }) => value === name);
	if (operation !== undefined) return operation;
	throw invalidInput(
		`The operation '${resource}: ${name}' does not exist`,
		'Choose Resource and Operation again, or update this package.',
	);
}
