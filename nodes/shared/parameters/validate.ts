import { invalidInput } from '../errors';
import type { ProviderError } from '../errors';
import { hasTooManyLevels, isJsonObject, kindOf, NestedTooDeep, parseJson } from '../json';
import type { JsonValue } from '../json';
import type { Choice, Group, Parameter } from './types';

/**
 * The value of a field, checked against its definition. What an expression has made is converted where
 * that loses nothing: numbers, true, false and dates to text, and text to numbers, true or false. A
 * field that needs no value has its default in place of null or nothing.
 *
 * @param label the field's place in the panel
 * @throws ProviderError (`invalid`) that names the field
 */
export function validated(parameter: Parameter, value: unknown, label: string): unknown {
	const given = parameter.type === 'resourceLocator' ? located(value) : value;
	const isMissing = given === null || given === undefined;
	const read = isMissing && parameter.required !== true ? defaultOf(parameter) : given;
	const several = parameter.typeOptions?.multipleValues === true;
	if (parameter.read !== undefined) {
		const part = (entry: unknown) => partOf(parameter, entry, label);
		return parameter.read(Array.isArray(read) ? read.map(part) : part(read), label);
	}
	switch (parameter.type) {
		case 'string':
		case 'dateTime':
			if (several) return list(read, label).map((entry) => text(parameter, entry, label));
			return text(parameter, read, label);
		case 'number':
			if (several) return list(read, label).map((entry) => number(parameter, entry, label));
			return number(parameter, read, label);
		case 'boolean':
			return flag(read, label);
		case 'options':
			return choice(parameter, read, label);
		case 'multiOptions':
			return choices(parameter, read, label);
		case 'resourceLocator':
			return text(parameter, read, label);
		case 'json':
			return json(parameter, read, label);
		case 'collection':
			return collection(parameter.options as readonly Parameter[], read, label);
		case 'fixedCollection':
			return fixedCollection(parameter, read, label);
		default:
			return read;
	}
}

/**
 * Whether a field is shown, as far as other fields decide that.
 *
 * @param values those of the fields before it
 * @returns undefined if none of these fields decides
 */
export function isShown(
	{ displayOptions }: Parameter,
	values: Readonly<Record<string, unknown>>,
): boolean | undefined {
	const conditions = Object.entries(displayOptions?.show ?? {}).filter(([name]) =>
		Object.hasOwn(values, name),
	);
	if (conditions.length === 0) return undefined;
	return conditions.every(([name, shownFor]) =>
		(shownFor as readonly unknown[]).includes(values[name]),
	);
}

/** IDs and phone numbers are digits in expressions, but never true, a fraction or a date. */
function isIdentifier({ type, format }: Parameter): boolean {
	return type === 'resourceLocator' || format !== undefined;
}

function text(parameter: Parameter, value: unknown, label: string): string {
	const found =
		parameter.type === 'dateTime' ? dateText(value) : plainText(parameter, value, label);
	if (typeof found !== 'string') throw wrongKind(label, 'text', value);
	if (parameter.required === true && found.trim() === '') {
		throw invalidInput(
			`'${label}' is empty`,
			'Enter a value, or check the expression in this field.',
		);
	}
	if (parameter.type === 'dateTime' && found !== '' && Number.isNaN(Date.parse(found))) {
		throw invalidInput(`'${label}' is not a date and time`, 'Use ISO 8601: 2026-01-31T14:30:00Z.');
	}
	const written = isIdentifier(parameter) ? found.trim() : found;
	if (parameter.format === undefined || written === '') return written;
	return String(parameter.format(written, label));
}

/** An object as it is, everything else as text. */
function partOf(parameter: Parameter, value: unknown, label: string): unknown {
	const isObject = typeof value === 'object' && value !== null && !isDate(value);
	return isObject ? value : text(parameter, value, label);
}

/** Text as it is, or what an expression has made in its place. */
function plainText(parameter: Parameter, value: unknown, label: string): unknown {
	if (typeof value === 'bigint') return String(value);
	if (typeof value === 'number' && Number.isFinite(value)) {
		const isExact = isIdentifier(parameter)
			? Number.isSafeInteger(value)
			: Number.isSafeInteger(value) || !Number.isInteger(value);
		if (isExact) return String(value);
		throw invalidInput(
			`'${label}' is a number that JavaScript has rounded or cannot hold exactly`,
			`Keep the ${isIdentifier(parameter) ? 'ID' : 'number'} as text from where it first appears in the workflow.`,
		);
	}
	if (isIdentifier(parameter)) return value;
	if (typeof value === 'boolean') return String(value);
	const date = isDate(value) ? dateText(value) : value;
	if (date === INVALID_DATE) {
		throw invalidInput(
			`'${label}' was given an invalid date`,
			'Check the expression in this field.',
		);
	}
	return date;
}

const INVALID_DATE = 'none';

function isDate(value: unknown): boolean {
	// Code runs in a realm of its own, whose dates are no instances of our Date.
	if (Object.prototype.toString.call(value) === '[object Date]') return true;
	return isJsonObject(value) && value.isLuxonDateTime === true;
}

/** `{{ $now }}` is a DateTime of Luxon, and code creates a Date. Both have `toJSON`. */
function dateText(value: unknown): unknown {
	if (typeof value !== 'object' || value === null || !('toJSON' in value)) return value;
	// For an invalid date it returns null.
	return typeof value.toJSON === 'function' ? ((value.toJSON() as unknown) ?? INVALID_DATE) : value;
}

function number(parameter: Parameter, given: unknown, label: string): number {
	const isNumeral = typeof given === 'string' && /^-?\d+(\.\d+)?$/.test(given.trim());
	const value = isNumeral ? Number(given) : given;
	if (typeof value !== 'number' || !Number.isFinite(value)) {
		throw wrongKind(label, 'a number', given);
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

const FLAGS = new Map<unknown, boolean>([
	[true, true],
	['true', true],
	[1, true],
	[false, false],
	['false', false],
	[0, false],
]);

function flag(value: unknown, label: string): boolean {
	const found = FLAGS.get(value);
	if (found === undefined) throw wrongKind(label, 'true or false', value);
	return found;
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

/** Several choices; at least one where the field needs a value. */
function choices(parameter: Parameter, value: unknown, label: string): unknown[] {
	const entries = list(value, label);
	if (parameter.required === true && entries.length === 0) {
		throw invalidInput(
			`'${label}' is empty`,
			'Choose at least one, or check the expression in this field.',
		);
	}
	return entries.map((entry) => choice(parameter, entry, label));
}

function defaultOf(parameter: Parameter): unknown {
	const value = parameter.default;
	return parameter.type === 'resourceLocator' && isJsonObject(value) ? value.value : value;
}

/** What was chosen in a resource locator; any other value as it is. */
function located(value: unknown): unknown {
	return isJsonObject(value) && '__rl' in value ? value.value : value;
}

function json(parameter: Parameter, value: unknown, label: string): JsonValue {
	if (value === null || value === undefined) throw wrongKind(label, 'JSON', value);
	const read = typeof value === 'string' ? parsed(value, label) : (value as JsonValue);
	if (read === value && hasTooManyLevels(read)) throw tooDeep(label, new NestedTooDeep());
	return parameter.format === undefined ? read : parameter.format(read, label);
}

function parsed(value: string, label: string): JsonValue {
	try {
		return parseJson(value);
	} catch (error) {
		if (error instanceof NestedTooDeep) throw tooDeep(label, error);
		throw invalidInput(
			`'${label}' is not valid JSON`,
			'Check quotes, commas and brackets. An expression must return an object or JSON text.',
		);
	}
}

function tooDeep(label: string, { message }: NestedTooDeep): ProviderError {
	return invalidInput(`'${label}' is nested too deep`, `${message}. Nothing was sent.`);
}

function collection(fields: readonly Parameter[], value: unknown, label: string): unknown {
	if (!isJsonObject(value)) throw wrongKind(label, 'a set of fields', value);
	const values: Record<string, unknown> = {};
	for (const field of fields) {
		if (!Object.hasOwn(value, field.name) || isShown(field, values) === false) continue;
		values[field.name] = validated(field, value[field.name], `${label} > ${field.displayName}`);
	}
	return values;
}

function fixedCollection(parameter: Parameter, value: unknown, label: string): unknown {
	if (!isJsonObject(value)) throw wrongKind(label, 'a set of fields', value);
	const values: Record<string, unknown> = {};
	for (const group of (parameter.options ?? []) as readonly Group[]) {
		const given = value[group.name];
		if (given === undefined || given === null) continue;
		const place = `${label} > ${group.displayName}`;
		values[group.name] =
			parameter.typeOptions?.multipleValues === true
				? list(given, place).map((entry, index) => filled(group, entry, `${place} ${index + 1}`))
				: filled(group, given, place);
	}
	return values;
}

/** A group's values, with defaults for fields that the stored workflow leaves out. */
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
		'Check the expression in this field.',
	);
}
