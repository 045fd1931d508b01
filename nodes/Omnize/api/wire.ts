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
