import { isJsonObject } from '../../../shared/json';
import type { JsonObject, JsonValue } from '../../../shared/json';
import { field, hasId } from './fields';

/**
 * The entries of a list, untranslated. An answer in which no list is recognised becomes one entry, so
 * that nothing Voxfree says is lost.
 */
export function entriesIn(body: JsonValue): JsonObject[] {
	const list = listIn(body);
	if (list !== undefined) return list;
	if (!isJsonObject(body)) return [{ value: body }];
	const hasContent = Object.keys(body).some((key) => !/^(retorno|status|error)$/i.test(key));
	return hasContent ? [body] : [];
}

/**
 * The entries of a list whose shape the document shows at best as a picture: a list at the top, the
 * first list inside, or an object with one entry per ID.
 *
 * @returns undefined if the answer holds no list
 */
export function listIn(body: JsonValue): JsonObject[] | undefined {
	const list = findList(body, 0);
	if (list !== undefined)
		return list.map((entry) => (isJsonObject(entry) ? entry : { value: entry }));
	if (!isJsonObject(body)) return undefined;
	const inside = Object.entries(body).filter(([, value]) => isJsonObject(value)) as Array<
		[string, JsonObject]
	>;
	const keyed = inside.filter(([key]) => /^\d+$/.test(key));
	if (keyed.length > 0) {
		return keyed.map(([key, entry]) => (hasId(entry) ? entry : { codid: key, ...entry }));
	}
	for (const [, value] of inside) {
		const deeper = listIn(value);
		if (deeper !== undefined) return deeper;
	}
	return hasId(body) ? [body] : undefined;
}

function findList(value: JsonValue, depth: number): JsonValue[] | undefined {
	if (Array.isArray(value)) {
		// An envelope in a list of its own: [{"retorno": "ok"}, {"dados": [ … ]}].
		const [first] = value;
		if (value.length > 0 && isJsonObject(first) && isEnvelope(first)) {
			for (const part of value) {
				const inside = isJsonObject(part) ? findList(part, depth + 1) : undefined;
				if (inside !== undefined) return inside;
			}
			return value.filter((part) => !isJsonObject(part) || !isEnvelope(part));
		}
		return value;
	}
	if (!isJsonObject(value) || depth > 2) return undefined;
	for (const entry of Object.values(value)) {
		if (Array.isArray(entry)) return entry;
	}
	return undefined;
}

function isEnvelope(part: JsonObject): boolean {
	return typeof field(part, 'retorno') === 'string' && !hasId(part);
}
