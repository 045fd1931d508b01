import { invalidInput } from '../errors';
import { isJsonObject, kindOf, parseJson } from '../json';
import type { JsonValue } from '../json';
import type { Choice, Group, Parameter } from './types';

/** Checks a value against its definition. `label` is the field's place in the panel. */
export function validated(parameter: Parameter, value: unknown, label: string): unknown {
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
 * IDs and phone numbers are always text here, but an expression often finds them as numbers in its
 * input.
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
				'Keep the ID as text from where it first appears in the workflow.',
			);
		}
		found = String(value);
	}
	if (typeof found !== 'string') throw wrongKind(label, 'text', value);
	if (parameter.required === true && found.trim() === '') {
		throw invalidInput(
			`'${label}' is empty`,
			'Enter a value, or check the expression in this field.',
		);
	}
	if (isId(parameter)) return found.trim();
	if (parameter.type === 'dateTime' && found !== '' && Number.isNaN(Date.parse(found))) {
		throw invalidInput(`'${label}' is not a date and time`, 'Use ISO 8601: 2026-01-31T14:30:00Z.');
	}
	return found;
}

/** `{{ $now }}` is a DateTime of Luxon, and code creates a Date. Both have `toJSON`. */
function dateText(value: unknown): unknown {
	if (typeof value !== 'object' || value === null || !('toJSON' in value)) return value;
	// For an invalid date it returns null.
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
		values[field.name] = validated(field, given, `${label} > ${field.displayName}`);
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
		expected === 'text' && typeof value === 'number'
			? 'Convert the number to text in the expression, for example with .toString().'
			: 'Check the expression in this field.',
	);
}

function invalidJson(label: string): Error {
	return invalidInput(
		`'${label}' is not valid JSON`,
		'Check quotes, commas and brackets. An expression must return an object or JSON text.',
	);
}
