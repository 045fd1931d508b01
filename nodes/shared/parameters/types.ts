import type { IDisplayOptions, INodePropertyMode } from 'n8n-workflow';
import type { JsonValue } from '../json';

type DeepReadonly<T> = T extends (infer Element)[]
	? readonly DeepReadonly<Element>[]
	: T extends object
		? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
		: T;

/** One entry of an options list. */
export interface Choice {
	readonly name: string;
	readonly value: string | number | boolean;
	readonly description?: string;
	readonly action?: string;
}

/** One group of fields in a fixed collection. */
export interface Group {
	readonly displayName: string;
	readonly name: string;
	readonly values: readonly Parameter[];
}

/**
 * A parameter as in n8n's `INodeProperties`, in a form that TypeScript can infer the type of its value
 * from.
 */
export interface Parameter {
	readonly displayName: string;
	readonly name: string;
	readonly type:
		| 'string'
		| 'number'
		| 'boolean'
		| 'options'
		| 'multiOptions'
		| 'collection'
		| 'fixedCollection'
		| 'resourceLocator'
		| 'json'
		| 'dateTime'
		| 'notice';
	readonly default: unknown;
	readonly description?: string;
	readonly hint?: string;
	readonly placeholder?: string;
	readonly required?: boolean;
	readonly noDataExpression?: boolean;
	readonly displayOptions?: DeepReadonly<IDisplayOptions>;
	readonly typeOptions?: Readonly<Record<string, unknown>>;
	readonly options?: readonly (Choice | Parameter | Group)[];
	readonly modes?: readonly DeepReadonly<INodePropertyMode>[];
	/**
	 * Checks a value of the right type further, and returns it in its usual form. A text with a format is
	 * an ID or a phone number: it arrives without spaces around it, and is not asked about if it is empty.
	 * JSON arrives parsed. n8n never sees the format.
	 *
	 * @param label the field's place in the panel
	 * @throws ProviderError (`invalid`)
	 */
	format?(value: JsonValue, label: string): JsonValue;
	/**
	 * Reads a field that holds more than a text. An object arrives as the expression has made it, a list
	 * entry by entry, everything else as text. n8n never sees it.
	 *
	 * @param label the field's place in the panel
	 * @throws ProviderError (`invalid`)
	 */
	read?(value: unknown, label: string): unknown;
}

type Several<P> = P extends { readonly typeOptions: { readonly multipleValues: true } }
	? true
	: false;

type ChosenFrom<P> = P extends { readonly typeOptions: { readonly loadOptionsMethod: string } }
	? string
	: P extends { readonly options: readonly (infer Entry)[] }
		? Entry extends { readonly value: infer Value }
			? Value
			: never
		: string;

type GroupValues<G> = G extends { readonly values: infer Fields extends readonly Parameter[] }
	? ValuesOf<Fields>
	: never;

type FixedCollectionValue<P> = P extends { readonly options: readonly (infer Entry)[] }
	? {
			[G in Entry as G extends { readonly name: infer Name extends string }
				? Name
				: never]?: Several<P> extends true ? GroupValues<G>[] : GroupValues<G>;
		}
	: never;

type CollectionValue<P> = P extends { readonly options: infer Entries extends readonly Parameter[] }
	? Partial<ValuesOf<Entries>>
	: never;

type Plain<P, Value> = Several<P> extends true ? Value[] : Value;

type ValueOf<P extends Parameter> = P extends { readonly read: (...given: never[]) => infer Value }
	? Value
	: P['type'] extends 'string' | 'dateTime'
		? Plain<P, string>
		: P['type'] extends 'number'
			? Plain<P, number>
			: P['type'] extends 'boolean'
				? boolean
				: P['type'] extends 'options'
					? ChosenFrom<P>
					: P['type'] extends 'multiOptions'
						? ChosenFrom<P>[]
						: P['type'] extends 'resourceLocator'
							? string
							: P['type'] extends 'json'
								? JsonValue
								: P['type'] extends 'collection'
									? CollectionValue<P>
									: P['type'] extends 'fixedCollection'
										? FixedCollectionValue<P>
										: never;

type Asking<P extends Parameter> = P['type'] extends 'notice' ? never : P;

/**
 * The values of a list of parameters: one key for each, with the type that its definition implies. A
 * parameter that n8n shows only in some cases may be undefined.
 */
export type ValuesOf<Parameters extends readonly Parameter[]> = {
	[P in Parameters[number] as Asking<P>['name']]: P extends { readonly displayOptions: object }
		? ValueOf<P> | undefined
		: ValueOf<P>;
};
