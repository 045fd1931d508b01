import type { JsonObject, JsonValue } from '../../../shared/json';
import { normalizeKey } from '../../../shared/text';

/**
 * How to read single fields of Voxfree's answers. The document shows many answers as pictures only,
 * and prints some fields in several spellings, so a field is looked for under all of them.
 */

/** The key under which an entry has a field, in any spelling. */
export function keyOf(entry: JsonObject, name: string): string | undefined {
	if (Object.hasOwn(entry, name)) return name;
	const wanted = normalizeKey(name);
	return Object.keys(entry).find((candidate) => normalizeKey(candidate) === wanted);
}

/**
 * A field by its name, in any spelling: the document also prints `reply_id` as `reply id`, and
 * `Callcenter` as `callcenter`.
 */
export function field(entry: JsonObject, name: string): JsonValue | undefined {
	const key = keyOf(entry, name);
	return key === undefined ? undefined : entry[key];
}

/** The first of several fields that is not empty. */
export function firstField(entry: JsonObject, names: readonly string[]): JsonValue | undefined {
	for (const name of names) {
		const value = field(entry, name);
		if (value !== undefined && value !== null && value !== '') return value;
	}
	return undefined;
}

/** A text or number as text; undefined if the value is empty or of another kind. */
export function textOf(value: JsonValue | undefined): string | undefined {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether a flag is set. Flags come as `1`, `"1"`, `true` and the like. */
export function isYes(value: JsonValue | undefined): boolean {
	if (typeof value === 'string') return /^(1|s|sim|true|y|yes)$/i.test(value.trim());
	return value === 1 || value === true;
}

/** Whether a flag is readable and not set. */
export function isNo(value: JsonValue | undefined): boolean {
	if (typeof value === 'string') return /^(0|n|nao|não|false|no)$/i.test(value.trim());
	return value === 0 || value === false;
}
