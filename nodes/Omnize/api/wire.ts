import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';

/**
 * The words of Omnize's ClientApi. Everything goes to one address; `type` and `content` together
 * name the call. The credential adds `token` to every body.
 */

/** A state or request of the customer. `content` is a command here, never the customer's text. */
export type InfoContent = 'departments' | 'init' | 'typing' | 'cleared' | 'finish';

export interface InfoBody {
	type: 'info';
	content: InfoContent;
	clientId: string;
	departmentId?: string;
	customerName?: string;
	customerEmail?: string;
	customerPhone?: string;
	customerCpf?: string;
	botId?: string;
}

/** A message of the customer: `content` is free text. */
export interface MessageBody {
	type: 'message';
	content: string;
	clientId: string;
	departmentId: string;
}

/**
 * The provider's words in an answer that refuses with status 200; undefined if it does not refuse.
 * The ClientApi documents no answers; these are the forms of its successor.
 */
export function refusalIn(body: JsonValue): string | undefined {
	if (!isJsonObject(body)) return undefined;
	const { error, errors, success, status, message } = body;
	const refused =
		(error !== undefined && error !== null && error !== false && error !== 0 && error !== '') ||
		success === false ||
		(typeof status === 'number' && status >= 400);
	if (!refused) return undefined;
	for (const words of [message, error, errors]) {
		if (typeof words === 'string' && words !== '') return words;
		if (Array.isArray(words)) return words.map(String).join('; ');
		if (isJsonObject(words) && typeof words.message === 'string') return words.message;
	}
	return 'no reason given';
}

/**
 * The departments in an answer whose shape is not documented: the list itself, or the first list
 * among its values.
 */
export function departmentsIn(body: JsonValue): JsonObject[] {
	const list = Array.isArray(body)
		? body
		: isJsonObject(body)
			? Object.values(body).find((value) => Array.isArray(value))
			: undefined;
	if (!Array.isArray(list)) return [];
	return list.map((entry) => (isJsonObject(entry) ? entry : { id: entry }));
}
