/** Any value that JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

export interface JsonObject {
	[key: string]: JsonValue;
}

/** Strings and numbers as wholes, so that digits inside a text or behind a point are left alone. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const LONG_INTEGER = /^-?\d{16,}$/;

/**
 * `JSON.parse` that keeps whole numbers beyond 2^53 exact, by reading them as text. Providers use
 * such numbers as ids, and a rounded id belongs to somebody else.
 *
 * @throws SyntaxError where the text is not JSON
 */
export function parseJson(text: string): JsonValue {
	// Most texts hold no such number, and the scan is not free.
	if (!/\d{16}/.test(text)) return JSON.parse(text) as JsonValue;
	// What is not JSON must be refused as it came, not after digits have been quoted.
	JSON.parse(text);
	return JSON.parse(
		text.replace(STRING_OR_NUMBER, (found) =>
			LONG_INTEGER.test(found) && !Number.isSafeInteger(Number(found)) ? `"${found}"` : found,
		),
	) as JsonValue;
}

/** Whether a value is a JSON object, and neither null nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What kind of value this is, in words for an error sentence. */
export function kindOf(value: unknown): string {
	if (value === null) return 'null';
	if (value === undefined) return 'nothing';
	if (Array.isArray(value)) return 'a list';
	if (value instanceof Date) return 'a date object';
	switch (typeof value) {
		case 'string':
			return 'text';
		case 'number':
			return 'a number';
		case 'boolean':
			return `${value}`;
		default:
			return 'an object';
	}
}
