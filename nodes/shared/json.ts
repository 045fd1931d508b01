/** Any value that JSON can represent. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

export interface JsonObject {
	[key: string]: JsonValue;
}

/** The start of a string, or a whole number token, so that digits after a point are left alone. */
const QUOTE_OR_NUMBER = /"|-?\d[\d.eE+-]*/g;
const LONG_INTEGER = /^-?\d{16,}$/;

/**
 * How many lists and objects may stand inside each other. `JSON.parse` knows no end, but n8n copies
 * and compares what it stores by functions that call themselves: the first of them gives up at about
 * 1,450 levels, with an error that names no cause.
 */
const DEEPEST = 500;

/** JSON with more levels than n8n can store. */
export class NestedTooDeep extends SyntaxError {
	constructor() {
		super(`JSON with more than ${DEEPEST} levels of lists and objects cannot be stored`);
	}
}

/**
 * Like `JSON.parse`, but reads integers beyond 2^53 as text, so that they stay exact. Providers use
 * such numbers as IDs, and a rounded ID belongs to somebody else.
 *
 * @throws SyntaxError if the text is not JSON; NestedTooDeep, which is one, if n8n could not store it
 */
export function parseJson(text: string): JsonValue {
	return exactly(text, JSON.parse(text) as JsonValue);
}

/**
 * The value of a JSON text as `parseJson` reads it, or the text itself if it is not JSON.
 *
 * @throws NestedTooDeep
 */
export function parseJsonOrText(text: string): JsonValue {
	let value: JsonValue;
	try {
		value = JSON.parse(text) as JsonValue;
	} catch {
		return text;
	}
	return exactly(text, value);
}

/** What `JSON.parse` has read, with the integers that it has rounded as texts. */
function exactly(text: string, value: JsonValue): JsonValue {
	if (isNestedTooDeep(text, value)) throw new NestedTooDeep();
	// Most texts contain no such number, and the scan takes time. Invalid JSON was rejected before as it
	// is, not after digits have been quoted.
	return /\d{16}/.test(text) ? (JSON.parse(quoteLongIntegers(text)) as JsonValue) : value;
}

/** The value of a JSON text as `parseJson` reads it; undefined if it cannot be read. */
export function jsonIn(text: string): JsonValue | undefined {
	try {
		return parseJson(text);
	} catch {
		return undefined;
	}
}

/**
 * The JSON texts that stand one after the other in a text, with spaces or commas between them. Only
 * lists and objects are such texts.
 *
 * @throws SyntaxError if the text is anything else
 */
export function parseJsonTexts(text: string): JsonValue[] {
	const values: JsonValue[] = [];
	let start = 0;
	while (start < text.length) {
		const end = endOfText(text, start);
		values.push(parseJson(text.slice(start, end)));
		start = end + (/^[\s,]*/.exec(text.slice(end, end + LONGEST_SEPARATOR))?.[0].length ?? 0);
	}
	if (values.length === 0) throw new SyntaxError('The text is empty');
	return values;
}

/** Characters. More space than this between two texts is no separator. */
const LONGEST_SEPARATOR = 1_000;

const BRACKET_OR_QUOTE = /["[\]{}]/g;

/** The index after the list or object that starts at `start`, by its brackets alone. */
function endOfText(text: string, start: number): number {
	const tokens = new RegExp(BRACKET_OR_QUOTE);
	tokens.lastIndex = start;
	let depth = 0;
	for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
		const [token] = found;
		if (token === '"') {
			const end = endOfString(text, found.index);
			if (end === 0) break;
			tokens.lastIndex = end;
		} else if (token === '[' || token === '{') depth++;
		else if (--depth <= 0) return tokens.lastIndex;
	}
	throw new SyntaxError('A list or an object does not end');
}

/**
 * The texts of what stands in a list, which may be nested deeper than `parseJson` reads.
 *
 * @param text valid JSON; undefined comes back if it is no list
 */
export function elementsOfList(text: string): string[] | undefined {
	if (!/^\s*\[/.test(text)) return undefined;
	const tokens = /["[\]{},]/g;
	const elements: string[] = [];
	let depth = 0;
	let start = 0;
	for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
		const { 0: token, index } = found;
		if (token === '"') {
			tokens.lastIndex = endOfString(text, index);
			continue;
		}
		const isEnd = token === ']' || token === '}';
		if (depth === 1 && (isEnd || token === ',')) {
			elements.push(text.slice(start, index).trim());
			start = index + 1;
		}
		if (isEnd) depth--;
		else if (token !== ',' && ++depth === 1) start = index + 1;
	}
	return elements.length === 1 && elements[0] === '' ? [] : elements;
}

function isNestedTooDeep(text: string, value: JsonValue): boolean {
	// A text with few brackets cannot be nested deep, whatever they stand for.
	let brackets = 0;
	for (const bracket of ['[', '{']) {
		let at = text.indexOf(bracket);
		for (; at !== -1 && brackets <= DEEPEST; at = text.indexOf(bracket, at + 1)) brackets++;
	}
	return brackets > DEEPEST && hasTooManyLevels(value);
}

/** Whether more lists and objects stand inside each other than n8n can store. */
export function hasTooManyLevels(value: JsonValue): boolean {
	// By hand, because a function that calls itself would give up as well. What stands in several places
	// is looked at once per level: there might be many ways to it.
	let level = new Set<object>(hasParts(value) ? [value] : []);
	for (let depth = 1; level.size > 0; depth++) {
		if (depth > DEEPEST) return true;
		const next = new Set<object>();
		for (const entry of level) {
			for (const part of Object.values(entry)) if (hasParts(part)) next.add(part);
		}
		level = next;
	}
	return false;
}

function hasParts(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
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
