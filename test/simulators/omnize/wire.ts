import { Refusal } from '../frame';

/**
 * The six calls of the Omnize ClientApi document ("ClientApi REST"), all of them a POST to one
 * address. What a call is follows from `type` and `content`; each has exactly the fields that the
 * document shows for it, and `botId` of its later revision.
 */
export type OmnizeCall =
	| { name: 'departments'; clientId: string }
	| { name: 'init'; departmentId: string; clientId: string; botId?: string; customer: Customer }
	| { name: 'message'; departmentId: string; clientId: string; text: string }
	| { name: 'typing' | 'cleared' | 'finish'; departmentId: string; clientId: string };

/** Who writes, in the document's words and exactly as it came. */
export interface Customer {
	customerName?: string;
	customerEmail?: string;
	customerPhone?: string;
	customerCpf?: string;
}

/** What Omnize posts to the webhook. The document has no name for the events: the keys tell. */
export type OmnizeTrigger = { clientId: string; botId?: string } & (
	| { status: 'accepted' | 'unavailable' | 'finish' | 'typing' | 'cleared' }
	| { message: string }
);

const customerFields = ['customerName', 'customerEmail', 'customerPhone', 'customerCpf'] as const;

// Which customer fields are required the document does not say: none is.
const allowed: Record<OmnizeCall['name'], { required: string[]; optional: readonly string[] }> = {
	departments: { required: ['clientId'], optional: [] },
	init: { required: ['departmentId', 'clientId'], optional: [...customerFields, 'botId'] },
	message: { required: ['departmentId', 'clientId'], optional: [] },
	typing: { required: ['departmentId', 'clientId'], optional: [] },
	cleared: { required: ['departmentId', 'clientId'], optional: [] },
	finish: { required: ['departmentId', 'clientId'], optional: [] },
};

/**
 * Reads a request body. Throws a Refusal for whatever the document does not show: 401 for a token
 * that is not `token`, 400 for everything else, naming the field. The document shows no error at
 * all; statuses and wording are this simulator's choice.
 */
export function readCall(body: unknown, token: string): OmnizeCall {
	if (typeof body !== 'object' || body === null || Array.isArray(body)) {
		throw new Refusal(400, 'The body must be a JSON object');
	}
	const fields = body as Record<string, unknown>;
	if (fields.token === undefined) throw new Refusal(401, 'The field "token" is missing');
	if (fields.token !== token) throw new Refusal(401, 'The token is not valid');

	const name = nameOf(fields);
	const { required, optional } = allowed[name];
	const known = ['token', 'type', 'content', ...required, ...optional];
	const unknown = Object.keys(fields).find((field) => !known.includes(field));
	if (unknown !== undefined) {
		throw new Refusal(400, `The field "${unknown}" does not belong to "${name}"`);
	}
	// The sample of the departments call has the number 123 where all others have a string.
	if (name === 'departments' && typeof fields.clientId === 'number') {
		return { name, clientId: String(fields.clientId) };
	}
	const clientId = text(fields, 'clientId');
	if (name === 'departments') return { name, clientId };
	const departmentId = text(fields, 'departmentId');
	if (name === 'message') return { name, departmentId, clientId, text: text(fields, 'content') };
	if (name !== 'init') return { name, departmentId, clientId };

	const customer: Customer = {};
	for (const field of customerFields) {
		if (fields[field] !== undefined) customer[field] = text(fields, field, 'may be empty');
	}
	const botId = fields.botId === undefined ? {} : { botId: text(fields, 'botId') };
	return { name, departmentId, clientId, ...botId, customer };
}

function nameOf(fields: Record<string, unknown>): OmnizeCall['name'] {
	const type = text(fields, 'type');
	const content = text(fields, 'content');
	if (type === 'message') return 'message';
	if (type !== 'info') throw new Refusal(400, `The field "type" cannot be "${type}"`);
	if (content === 'message' || !Object.hasOwn(allowed, content)) {
		throw new Refusal(400, `The field "content" cannot be "${content}" when "type" is "info"`);
	}
	return content as OmnizeCall['name'];
}

function text(fields: Record<string, unknown>, field: string, empty?: 'may be empty'): string {
	const value = fields[field];
	if (value === undefined) throw new Refusal(400, `The field "${field}" is missing`);
	if (typeof value !== 'string') {
		const found = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
		throw new Refusal(400, `The field "${field}" must be a string, not ${found}`);
	}
	if (value === '' && !empty) throw new Refusal(400, `The field "${field}" is empty`);
	return value;
}
