import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { createRedactor } from '../../shared/redact';
import { toNodeError } from '../../shared/errors';
import type { JsonObject } from '../../shared/json';
import { connectOmnize } from '../api/connect';

/**
 * The departments for the list in the editor. The format of a department is not documented, so its id
 * and name are searched under the usual names; entries without an id are left out.
 */
export async function searchDepartments(
	functions: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	let redact = createRedactor([]);
	try {
		const connection = await connectOmnize(functions);
		redact = connection.redact;
		const wanted = plain(filter);
		const results = (await connection.api.getDepartments())
			.flatMap((department) => {
				const value = valueAt(department, /^(id|.*department_?id|codid|code)$/i);
				if (value === undefined) return [];
				return [{ name: valueAt(department, /name|nome|title|description/i) ?? value, value }];
			})
			.filter(({ name, value }) => plain(name).includes(wanted) || value === filter.trim());
		return { results };
	} catch (error) {
		throw toNodeError(functions.getNode(), error, redact);
	}
}

/** The first text or number whose key matches, as text. */
function valueAt(entry: JsonObject, key: RegExp): string | undefined {
	const found = Object.entries(entry).find(
		([name, value]) => key.test(name) && (typeof value === 'string' || typeof value === 'number'),
	);
	return found === undefined ? undefined : String(found[1]);
}

/** For comparison, so that "Cobranca" finds "Cobrança". */
function plain(text: string): string {
	return text
		.normalize('NFD')
		.replace(/\p{Diacritic}/gu, '')
		.trim()
		.toLowerCase();
}
