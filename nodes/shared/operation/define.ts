import type { IBinaryKeyData, IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { Choice, Parameter, ValuesOf } from '../parameters/types';

/** What an operation may use besides its provider's Api and its own parameters. */
export interface ItemContext {
	readonly functions: IExecuteFunctions;
	readonly itemIndex: number;
}

/** An output item with a file, or for another output than the first. */
export class OutputItem {
	readonly binary?: IBinaryKeyData;

	/** The index of the node's output, starting at 0. */
	readonly output: number;

	constructor(
		readonly json: IDataObject,
		{ binary, output = 0 }: { binary?: IBinaryKeyData; output?: number } = {},
	) {
		this.binary = binary;
		this.output = output;
	}
}

/** The output of one input item: one object or several. */
export type Output = IDataObject | OutputItem | Array<IDataObject | OutputItem>;

/**
 * One operation: its name, its parameters, and what it does with their values.
 *
 * @typeParam Api the provider's Api class
 */
export interface Operation<Api, Parameters extends readonly Parameter[] = readonly Parameter[]> {
	/** Short name in the Operation list, without the resource: "Send". */
	readonly name: string;
	/** The value that workflows store. It never changes once released. */
	readonly value: string;
	/** Text in the node picker, with the resource: "Send message". */
	readonly action: string;
	readonly description: string;
	readonly parameters: Parameters;
	/** True for an operation that runs once, for the first input item, however many there are. */
	readonly runsOnce?: true;
	/**
	 * Items with the same key, such as one conversation, run in their order. Without it, items are
	 * independent.
	 */
	orderingKey?(values: ValuesOf<Parameters>): string;
	/**
	 * Checks what no single field shows, such as one that another or the credential makes necessary. It is
	 * called for all items before anything is sent, and waited for; what it returns is ignored.
	 *
	 * @throws ProviderError (`invalid`)
	 */
	check?(values: ValuesOf<Parameters>, api: Api, context: ItemContext): unknown;
	execute(api: Api, values: ValuesOf<Parameters>, context: ItemContext): Promise<Output>;
}

/** What the node's panel shows of an operation. */
export interface DescribedOperation extends Choice {
	readonly action: string;
	readonly description: string;
	readonly value: string;
	readonly parameters: readonly Parameter[];
	/**
	 * False for an operation that makes no requests. The settings for requests are left out of its
	 * options.
	 */
	readonly requests?: false;
	/** True for an operation that runs once, for the first input item, however many there are. */
	readonly runsOnce?: true;
}

/** An operation after type checking, whatever its parameters. */
export interface AnyOperation<Api> extends DescribedOperation {
	orderingKey?(values: Record<string, unknown>): string;
	check?(values: Record<string, unknown>, api: Api, context: ItemContext): unknown;
	execute(api: Api, values: Record<string, unknown>, context: ItemContext): Promise<Output>;
}

/** What the node's panel shows of a resource. */
export interface DescribedResource {
	readonly name: string;
	readonly value: string;
	readonly description: string;
	readonly operations: readonly DescribedOperation[];
	/**
	 * The preselected operation: the most used one, never one that ends something. Default: the first.
	 */
	readonly defaultOperation?: string;
}

/** An entry of the Resource list with its operations. */
export interface Resource<Api> extends DescribedResource {
	readonly operations: readonly AnyOperation<Api>[];
}

/**
 * Returns the function that defines operations of one provider. `const operation =
 * operationsOf<OmnizeApi>()`, and then `operation({ name, value, …, parameters: […], execute: async
 * (api, values) => … })`. The type of `values` follows from `parameters`.
 */
export function operationsOf<Api>() {
	return <const Parameters extends readonly Parameter[]>(
		definition: Operation<Api, Parameters>,
	): AnyOperation<Api> => definition as unknown as AnyOperation<Api>;
}
