import type { IDisplayOptions, IExecuteFunctions, INodePropertyMode } from 'n8n-workflow';
import { invalidInput } from './errors';
import { inputPathIn, valueAt } from './parameters/inputReference';
import { isJsonObject, kindOf, parseJson } from './json';
import type { JsonValue } from './json';

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
 * A parameter as n8n describes it (`INodeProperties`), in a form whose literals TypeScript can read
 * back, so that the type of its value follows from it.
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

type ValueOf<P extends Parameter> = P['type'] extends 'string' | 'dateTime'
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
 * The values that a list of parameters yields: one key a parameter, with the type that its
 * definition implies. A parameter that n8n shows only in some cases may be absent.
 */
export type ValuesOf<Parameters extends readonly Parameter[]> = {
	[P in Parameters[number] as Asking<P>['name']]: P extends { readonly displayOptions: object }
		? ValueOf<P> | undefined
		: ValueOf<P>;
};

/**
 * Prepares the reading of all parameters, and returns what reads them for one input item. Each value
 * is checked against its definition, because an expression can fill a field with anything.
 *
 * Fields without an expression are read once, for the first item that is asked for.
 *
 * @throws ProviderError (`invalid`) that names the field as the user sees it
 */
export function parameterReader(
	functions: IExecuteFunctions,
	parameters: readonly Parameter[],
): (itemIndex: number) => Record<string, unknown> {
	const items = functions.getInputData();
	const fields = parameters
		.filter(({ type }) => type !== 'notice')
		.map((parameter) => {
			const raw: unknown = functions.getNodeParameter(parameter.name, 0, null, {
				rawExpressions: true,
			});
			return { parameter, isFixed: !holdsExpression(raw), inputPath: inputPathIn(raw) };
		});
	const fixed = new Map<string, unknown>();

	return (itemIndex) => {
		const values: Record<string, unknown> = {};
		for (const { parameter, isFixed, inputPath } of fields) {
			const { name, displayName, displayOptions, modes } = parameter;
			let value: unknown = fixed.get(name);
			if (value === undefined) {
				const given: unknown =
					(inputPath && valueAt(items[itemIndex]?.json, inputPath)) ??
					// n8n throws for a parameter that it does not show, unless it is given a fallback.
					functions.getNodeParameter(name, itemIndex, null, {
						extractValue: modes?.some((mode) => mode.extractValue !== undefined) ?? false,
					});
				if (given === null && displayOptions !== undefined) continue;
				value = checked(parameter, given, displayName);
				if (isFixed) fixed.set(name, value);
			}
			values[name] = value;
		}
		return values;
	};
}

function holdsExpression(raw: unknown): boolean {
	if (typeof raw === 'string') return raw.startsWith('=');
	return typeof raw === 'object' && raw !== null && Object.values(raw).some(holdsExpression);
}

/** The value as its definition promises it; `label` is the field's place in the panel. */
function checked(parameter: Parameter, value: unknown, label: string): unknown {
	const several = parameter.typeOptions?.multipleValues === true;
	switch (parameter.type) {
		case 'string':
		case 'dateTime':
			if (several) return list(value, label).map((entry) => text(parameter, entry, label));
			return text(parameter, value, label);
		case 'number':
			if (several) return list(value, label).map((entry) => number(parameter, entry, label));
			return number(parameter, value, label);
		case 'boolean':
			if (typeof value !== 'boolean') throw wrongKind(label, 'true or false', value);
			return value;
		case 'options':
			return choice(parameter, value, label);
		case 'multiOptions':
			return list(value, label).map((entry) => choice(parameter, entry, label));
		case 'resourceLocator':
			return text(parameter, located(value), label);
		case 'json':
			return json(value, label);
		case 'collection':
			return collection(parameter.options as readonly Parameter[], value, label);
		case 'fixedCollection':
			return fixedCollection(parameter, value, label);
		default:
			return value;
	}
}

/**
 * IDs and phone numbers are text from end to end, but an expression often finds them as a number in
 * its input.
 */
function isId(parameter: Parameter): boolean {
	return parameter.type === 'resourceLocator' || /(^id|Id|^phoneNumber)$/.test(parameter.name);
}

function text(parameter: Parameter, value: unknown, label: string): string {
	let found = parameter.type === 'dateTime' ? dateText(value) : value;
	if (typeof value === 'number' && isId(parameter)) {
		if (!Number.isSafeInteger(value)) {
			throw invalidInput(
				`'${label}' is a number that JavaScript has rounded or cannot hold exactly`,
				'Pass the ID as text from where it first appears in the workflow.',
			);
		}
		found = String(value);
	}
	if (typeof found !== 'string') throw wrongKind(label, 'text', value);
	if (parameter.required === true && found.trim() === '') {
		throw invalidInput(`'${label}' is empty`, 'Enter a value, or check the expression in it.');
	}
	if (isId(parameter)) return found.trim();
	if (parameter.type === 'dateTime' && found !== '' && Number.isNaN(Date.parse(found))) {
		throw invalidInput(`'${label}' is not a date and time`, 'Use ISO 8601: 2026-01-31T14:30:00Z.');
	}
	return found;
}

/** `{{ $now }}` is a DateTime of Luxon, and code makes a Date: both know how to stand in JSON. */
function dateText(value: unknown): unknown {
	if (typeof value !== 'object' || value === null || !('toJSON' in value)) return value;
	// What they make of a date that there is not is null.
	return typeof value.toJSON === 'function' ? ((value.toJSON() as unknown) ?? 'none') : value;
}

function number(parameter: Parameter, value: unknown, label: string): number {
	if (typeof value !== 'number' || !Number.isFinite(value)) {
		throw wrongKind(label, 'a number', value);
	}
	const { minValue, maxValue } = (parameter.typeOptions ?? {}) as {
		minValue?: number;
		maxValue?: number;
	};
	if (minValue !== undefined && value < minValue) {
		throw invalidInput(`'${label}' is ${value}, but must be at least ${minValue}`);
	}
	if (maxValue !== undefined && value > maxValue) {
		throw invalidInput(`'${label}' is ${value}, but must be at most ${maxValue}`);
	}
	return value;
}

function choice(parameter: Parameter, value: unknown, label: string): unknown {
	if (parameter.typeOptions?.loadOptionsMethod !== undefined) return text(parameter, value, label);
	const choices = (parameter.options ?? []) as readonly Choice[];
	if (choices.some((entry) => entry.value === value)) return value;
	const allowed = choices.map((entry) => `'${String(entry.value)}'`).join(', ');
	if (typeof value !== 'string') throw wrongKind(label, `one of ${allowed}`, value);
	throw invalidInput(
		`'${label}' is set to '${value.slice(0, 60)}', which is not one of its options`,
		`Use one of ${allowed}.`,
	);
}

function located(value: unknown): unknown {
	return isJsonObject(value) && '__rl' in value ? value.value : value;
}

function json(value: unknown, label: string): JsonValue {
	if (typeof value !== 'string') return value as JsonValue;
	try {
		return parseJson(value);
	} catch {
		throw invalidJson(label);
	}
}

function collection(fields: readonly Parameter[], value: unknown, label: string): unknown {
	if (!isJsonObject(value)) throw wrongKind(label, 'a set of fields', value);
	const values: Record<string, unknown> = {};
	for (const field of fields) {
		const given = value[field.name];
		if (given === undefined) continue;
		values[field.name] = checked(field, given, `${label} > ${field.displayName}`);
	}
	return values;
}

function fixedCollection(parameter: Parameter, value: unknown, label: string): unknown {
	if (!isJsonObject(value)) throw wrongKind(label, 'a set of fields', value);
	const values: Record<string, unknown> = {};
	for (const group of (parameter.options ?? []) as readonly Group[]) {
		const given = value[group.name];
		if (given === undefined) continue;
		const place = `${label} > ${group.displayName}`;
		values[group.name] =
			parameter.typeOptions?.multipleValues === true
				? list(given, place).map((entry, index) => filled(group, entry, `${place} ${index + 1}`))
				: filled(group, given, place);
	}
	return values;
}

/** A group's values: fields left out in the stored workflow have their defaults. */
function filled(group: Group, value: unknown, label: string): unknown {
	if (!isJsonObject(value)) throw wrongKind(label, 'a set of fields', value);
	const complete = Object.fromEntries(
		group.values.map((field) => [field.name, value[field.name] ?? (field.default as JsonValue)]),
	);
	return collection(group.values, complete, label);
}

function list(value: unknown, label: string): unknown[] {
	if (!Array.isArray(value)) throw wrongKind(label, 'a list', value);
	return value as unknown[];
}

function wrongKind(label: string, expected: string, value: unknown): Error {
	return invalidInput(
		`'${label}' needs ${expected}, but was given ${kindOf(value)}`,
		expected === 'text' && typeof value === 'number'
			? 'Turn the number into text in the expression, for example with .toString().'
			: 'Check the expression in this field.',
	);
}

function invalidJson(label: string): Error {
	return invalidInput(
		`'${label}' is not valid JSON`,
		'Check quotes, commas and brackets; an expression must yield an object or JSON text.',
	);
}
