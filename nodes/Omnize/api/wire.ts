import { isJsonObject } from '../../shared/json';
import type { JsonValue } from '../../shared/json';
import type { EntryShape } from '../../shared/lists';

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

/** What a department may look like; no document shows one. The surest names stand first. */
export const DEPARTMENT = {
	ownIds: ['departmentId', 'idDepartment', 'departamentoId', 'idDepartamento', 'codidDepartamento'],
	plainIds: ['id', 'codid', 'code', 'codigo', 'uuid'],
	names: ['departmentName', 'name', 'nome', 'title', 'titulo', 'displayName', 'department'],
	nouns: ['department', 'departments', 'departamento', 'departamentos'],
	keyField: 'id',
	nameField: 'name',
	scalarField: 'id',
} satisfies EntryShape;
