/** Any value that JSON can represent. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

export interface JsonObject {
	[key: string]: JsonValue;
}

/** The start of a string, or a whole number token, so that digits after a point are left alone. */
const QUOTE_OR_NUMBER = /"|-?\d[\d.eE+-]*/g;
const LONG_INTEGER = /^-?\d{16,}$/;

/**
 * Like `JSON.parse`, but reads integers beyond 2^53 as text, so that they stay exact. Providers use
 * such numbers as IDs, and a rounded ID belongs to somebody else.
 *
 * @throws SyntaxError if the text is not JSON
 */
export function parseJson(text: string): JsonValue {
	// Most texts contain no such number, and the scan takes time.
	if (!/\d{16}/.test(text)) return JSON.parse(text) as JsonValue;
	// Invalid JSON must be rejected as it is, not after digits have been quoted.
	JSON.parse(text);
	return JSON.parse(quoteLongIntegers(text)) as JsonValue;
}

/** The value of a JSON text as `parseJson` reads it, or the text itself if it is not JSON. */
export function parseJsonOrText(text: string): JsonValue {
	try {
		return parseJson(text);
	} catch {
		return text;
	}
}

/** Valid JSON with quotes around the integers that JavaScript would round. */
function quoteLongIntegers(text: string): string {
	const tokens = new RegExp(QUOTE_OR_NUMBER);
	let result = '';
	let copied = 0;
	for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
		const [token] = found;
		if (token === '"') {
			// Skipped by hand: a pattern for whole strings overflows the stack on a very long one.
			tokens.lastIndex = endOfString(text, found.index);
		} else if (LONG_INTEGER.test(token) && !Number.isSafeInteger(Number(token))) {
			result += `${text.slice(copied, found.index)}"${token}"`;
			copied = tokens.lastIndex;
		}
	}
	return result + text.slice(copied);
}

/** The index after the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
	let end = start;
	let backslashes: number;
	do {
		end = text.indexOf('"', end + 1);
		backslashes = 0;
		while (text[end - 1 - backslashes] === '\\') backslashes++;
	} while (backslashes % 2 === 1);
	return end + 1;
}

/** Whether a value is a JSON object, not null or an array. */
export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The kind of a value, for a sentence in an error. */
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
