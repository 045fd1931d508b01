import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { toNodeError } from '../../shared/errors';
import type { JsonObject, JsonValue } from '../../shared/json';
import { UnreadableList } from '../../shared/lists';
import { looksLikeOwnName } from '../../shared/listWords';
import { createRedactor } from '../../shared/redact';
import { foldText, normalizeKey } from '../../shared/text';
import { connectOmnize } from '../api/connect';
import { DEPARTMENT } from '../api/wire';

/**
 * The departments for the list in the editor. No document shows what a department looks like, so its
 * ID and name are looked for under the usual names. Entries without an ID are left out.
 */
export async function searchDepartments(
	functions: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	let redact = createRedactor([]);
	try {
		const connection = await connectOmnize(functions);
		redact = connection.redact;
		const wanted = foldText(filter);
		const entries = await connection.api.getDepartments();
		const options = entries.flatMap((department) => {
			const value = textIn(department, [...DEPARTMENT.ownIds, ...DEPARTMENT.plainIds]);
			return value === undefined ? [] : [{ name: nameOf(department) ?? value, value }];
		});
		if (options.length === 0 && entries.length > 0) throw new UnreadableList('Omnize', entries);
		const results = options.filter(
			({ name, value }) => foldText(name).includes(wanted) || value === filter.trim(),
		);
		return { results };
	} catch (error) {
		const told = error instanceof UnreadableList ? withAdvice(error.body) : error;
		throw toNodeError(functions.getNode(), told, redact);
	}
}

function withAdvice(body: JsonValue): UnreadableList {
	const advice = "Change the field's mode from list to ID and enter the ID yourself.";
	return new UnreadableList('Omnize', body, advice);
}

function nameOf(department: JsonObject): string | undefined {
	const others = Object.keys(department).filter(looksLikeOwnName);
	return textIn(department, [...DEPARTMENT.names, ...others]);
}

/** The first of these fields that holds a text or number, as text. */
function textIn(entry: JsonObject, names: readonly string[]): string | undefined {
	const values = names.flatMap((name) =>
		Object.entries(entry)
			.filter(([key]) => normalizeKey(key) === normalizeKey(name))
			.map(([, value]) => value),
	);
	const found = values.find(
		(value) => typeof value === 'number' || (typeof value === 'string' && value !== ''),
	);
	return found === undefined ? undefined : String(found);
}
