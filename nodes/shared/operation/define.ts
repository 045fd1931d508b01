import type { IBinaryKeyData, IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { Choice, Parameter, ValuesOf } from '../parameters/types';

/** What an operation may use besides its provider's calls and its own parameters. */
export interface ItemContext {
	readonly functions: IExecuteFunctions;
	readonly itemIndex: number;
}

/** One output item that is more than JSON on the node's first output. */
export class OutputItem {
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
export type Output = IDataObject | OutputItem | Array<IDataObject | OutputItem>;

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
	 * Which items must keep their order among themselves: those with the same key, such as one
	 * conversation. Without it, every item stands for itself.
	 */
	orderingKey?(values: ValuesOf<Parameters>): string;
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
	orderingKey?(values: Record<string, unknown>): string;
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
