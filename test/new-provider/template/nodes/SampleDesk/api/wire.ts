import { isJsonObject } from '../../shared/json';
import type { JsonValue } from '../../shared/json';

/** The words of SampleDesk's API: nothing else in this provider knows them. */

export interface MessageBody {
	to: string;
	text: string;
}

/** The ID of a message in the answer to it, as text; undefined if there is none. */
export function messageIdIn(body: JsonValue): string | undefined {
	if (!isJsonObject(body)) return undefined;
	const { id } = body;
	return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}
