import type { INode, INodeProperties } from 'n8n-workflow';
import { invalidInput, toNodeError } from '../errors';
import { splitCommaList } from '../filters';
import { kindOf } from '../json';
import { createRedactor } from '../redact';
import type { Parameter } from './types';
import { validated } from './validate';

/** What n8n gives to a trigger, whether it is activated, called, polled or connected. */
interface TriggerFunctions {
	getNode(): INode;
	getNodeParameter(name: string, fallback?: unknown): unknown;
}

/** Reads all parameters of a trigger by name, checked by the same rule as those of action nodes. */
export type TriggerReader = (functions: TriggerFunctions) => Record<string, unknown>;

/**
 * Returns the function that reads a trigger's parameters. An expression in one of them can return
 * anything, and a filter that is silently empty would let everything through.
 *
 * @param properties the `properties` of the trigger's description
 * @param commaLists names of text fields that hold several entries with commas between them; they take a
 * list as well, and have its entries joined
 */
export function triggerReader(
	properties: readonly INodeProperties[],
	commaLists: readonly string[] = [],
): TriggerReader {
	const parameters = properties
		.filter(({ type }) => type !== 'notice')
		.map((property) => parameterOf(property, commaLists));
	return (functions) =>
		Object.fromEntries(
			parameters.map((parameter) => {
				const given = functions.getNodeParameter(parameter.name, null);
				return [parameter.name, validated(parameter, given, parameter.displayName)];
			}),
		);
}

function parameterOf(property: INodeProperties, commaLists: readonly string[]): Parameter {
	const fields = property.type === 'collection' ? (property.options as INodeProperties[]) : [];
	const parameter = {
		...property,
		...(fields.length > 0
			? { options: fields.map((field) => parameterOf(field, commaLists)) }
			: {}),
	} as unknown as Parameter;
	if (commaLists.includes(property.name)) return { ...parameter, read: joined };
	if (property.type !== 'multiOptions') return parameter;
	return {
		...parameter,
		// A single choice has always worked here.
		read: (value, label) =>
			validated(parameter, typeof value === 'string' ? splitCommaList(value) : value, label),
	};
}

function joined(value: unknown, label: string): string {
	const entries: unknown[] = Array.isArray(value) ? value : [value];
	const wrong = entries.find((entry) => typeof entry !== 'string');
	if (wrong === undefined) return entries.join(',');
	throw invalidInput(
		`'${label}' needs text with commas or a list of texts, but was given ${kindOf(wrong)}`,
		'Check the expression in this field.',
	);
}

/**
 * Reads a trigger's parameters where n8n shows an error: when the workflow is activated or polled.
 *
 * @throws NodeOperationError that names the field
 */
export function checkedValues(
	functions: TriggerFunctions,
	read: TriggerReader,
): Record<string, unknown> {
	try {
		return read(functions);
	} catch (error) {
		throw toNodeError(functions.getNode(), error, createRedactor([]));
	}
}
