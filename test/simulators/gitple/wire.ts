import { Refusal } from '../frame';
import { languages, type HookPart, type Received, type SessionMeta, type User } from './workspace';

/** The events of the document "Event APIs", by their names on the wire. */
export const eventTypes = [
	'send_external_message',
	'session_state_open',
	'session_state_inprogress',
	'session_state_close',
] as const;
export type EventType = (typeof eventTypes)[number];

/** The session object: in three of the events, and from GET /exports/sessions/{id}. */
export interface SessionBody {
	id: string;
	openTime: string;
	inprogressTime?: string | null;
	closeTime?: string | null;
	reason?: string | null;
	userId: string;
	userGroups: string[];
	assigneeType?: string | null;
	assigneeId?: string | null;
	categories: string[];
	tags: string[];
	note?: string | null;
	meta?: SessionMeta[];
}

/** What is POSTed to the webhook. All times are UTC. */
export type GitpleEvent = { triggerId: string; ctime: string; appCode: string } & (
	| {
			type: 'send_external_message';
			from: { type: 'agent'; id: string };
			to: { type: 'user' } & User;
			message: { type: 'text/plain'; content: string };
	  }
	| { type: Exclude<EventType, 'send_external_message'>; session: SessionBody }
);

/** A call of POST /hooks that can be carried out. */
export type Hook = Pick<Received, 'type' | 'lang' | 'content'> &
	Pick<User, 'identifier' | 'anonymous'>;

/**
 * Reads the body of POST /hooks. Throws a Refusal (400) for whatever the document does not show,
 * naming the field. Which fields are required the document does not say: here all are but `lang`,
 * the only one with a default.
 */
export function readHook(body: unknown): Hook {
	const fields = object(body, 'The body');
	onlyKnown(fields, ['type', 'identifier', 'anonymous', 'lang', 'content'], '');
	const { type, anonymous, lang = 'en', content } = fields;
	if (type !== 'message' && type !== 'notification') {
		throw new Refusal(400, '"type" must be "message" or "notification"');
	}
	const identifier = text(fields.identifier, 'identifier');
	if (typeof anonymous !== 'boolean') throw new Refusal(400, '"anonymous" must be true or false');
	const language = languages.find((known) => known === lang);
	if (!language) throw new Refusal(400, `"lang" must be one of ${languages.join(', ')}`);
	return { type, identifier, anonymous, lang: language, content: list(content, 'content', part) };
}

function part(value: unknown, path: string): HookPart {
	const fields = object(value, path);
	onlyKnown(fields, ['t', 'l', 'a'], path);
	const { t, l, a } = fields;
	if (t === undefined && l === undefined && a === undefined) {
		throw new Refusal(400, `"${path}" must have "t", "l" or "a"`);
	}
	return {
		...(t !== undefined && { t: text(t, `${path}.t`) }),
		...(l !== undefined && { l: link(l, `${path}.l`) }),
		...(a !== undefined && { a: list(a, `${path}.a`, button) }),
	};
}

function button(value: unknown, path: string) {
	const fields = object(value, path);
	onlyKnown(fields, ['p', 't', 'c'], path);
	if (fields.p !== 'button') throw new Refusal(400, `"${path}.p" must be "button"`);
	const action = object(fields.c, `${path}.c`);
	onlyKnown(action, ['l'], `${path}.c`);
	const target = object(action.l, `${path}.c.l`);
	onlyKnown(target, ['u'], `${path}.c.l`);
	return {
		p: 'button' as const,
		t: text(fields.t, `${path}.t`),
		c: { l: { u: text(target.u, `${path}.c.l.u`) } },
	};
}

function link(value: unknown, path: string) {
	const fields = object(value, path);
	onlyKnown(fields, ['u', 'm'], path);
	const u = text(fields.u, `${path}.u`);
	return fields.m === undefined ? { u } : { u, m: text(fields.m, `${path}.m`) };
}

function object(value: unknown, path: string): Record<string, unknown> {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		const subject = path === 'The body' ? path : `"${path}"`;
		throw new Refusal(400, `${subject} must be a JSON object`);
	}
	return value as Record<string, unknown>;
}

function list<T>(value: unknown, path: string, read: (item: unknown, path: string) => T): T[] {
	if (!Array.isArray(value) || value.length === 0) {
		throw new Refusal(400, `"${path}" must be a list with at least one entry`);
	}
	return value.map((item, index) => read(item, `${path}[${index}]`));
}

function text(value: unknown, path: string): string {
	if (typeof value !== 'string' || value === '') {
		throw new Refusal(400, `"${path}" must be a string with characters`);
	}
	return value;
}

function onlyKnown(fields: Record<string, unknown>, known: string[], path: string) {
	const unknown = Object.keys(fields).find((field) => !known.includes(field));
	if (unknown !== undefined) {
		throw new Refusal(400, `"${path ? `${path}.` : ''}${unknown}" is not in the document`);
	}
}
