import { isSafeObjectProperty } from 'n8n-workflow';
import type { IDataObject } from 'n8n-workflow';
import { isJsonObject } from '../json';

/** An expression that is nothing but one field of the input item: `={{ $json.customer.name }}`. */
const REFERENCE = /^=\{\{\s*\$json((?:\.[A-Za-z_]\w*)+)\s*\}\}$/;

/**
 * The path in an expression that only names a field of the input item, such as
 * `['customer', 'name']`; nothing for every other parameter.
 *
 * Most expressions are of this kind, and n8n's engine takes about 0.4 ms for each, for every item,
 * during which n8n does nothing else. What such an expression means needs no engine.
 */
export function inputPathIn(raw: unknown): string[] | undefined {
	if (typeof raw !== 'string') return undefined;
	const path = REFERENCE.exec(raw)?.[1]?.split('.').slice(1);
	// n8n refuses some names in expressions, and says so itself.
	return path?.every((name) => isSafeObjectProperty(name)) === true ? path : undefined;
}

/**
 * The text, number or boolean at a path of an item; nothing where there is none, so that the
 * engine decides about missing fields, dates, lists and objects.
 */
export function valueAt(
	json: IDataObject | undefined,
	path: readonly string[],
): string | number | boolean | undefined {
	let found: unknown = json;
	for (const name of path) {
		if (!isJsonObject(found) || !Object.hasOwn(found, name)) return undefined;
		found = found[name];
	}
	return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean'
		? found
		: undefined;
}
