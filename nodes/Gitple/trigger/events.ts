import { isJsonObject, parseJsonOrText } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';

/** The events of Gitple's Event APIs, and `other` for those that their document does not describe. */
export type GitpleEventName =
	| 'other'
	| 'send_external_message'
	| 'session_state_close'
	| 'session_state_inprogress'
	| 'session_state_open';

/**
 * All events in one shape, with the user and the agent. What Gitple leaves out is left out here, and
 * null stays null.
 */
export interface GitpleEvent {
	event: GitpleEventName;
	/** Most likely the configured trigger, not an id of this delivery. */
	triggerId?: JsonValue;
	/** When it happened, in UTC and ISO 8601. */
	time?: JsonValue;
	appCode?: JsonValue;
	/** Only `id` and `groups` for session events. Groups and tags are ids. */
	user?: JsonObject;
	/** The sender or the assignee of the session; `type` is `agent` or `bot`. */
	agent?: JsonObject;
	/** Only for `send_external_message`. */
	message?: JsonObject;
	/** Only for the session events. Categories and tags are ids. */
	session?: JsonObject;
	/** The body of the request, unchanged; its text if it is not JSON. */
	raw: JsonValue;
}

const EVENTS: ReadonlySet<string> = new Set<GitpleEventName>([
	'send_external_message',
	'session_state_close',
	'session_state_inprogress',
	'session_state_open',
]);

/** Our names for the document's fields, by the object that contains them. */
const CALL_FIELDS = { triggerId: 'triggerId', time: 'ctime', appCode: 'appCode' } as const;
const USER_FIELDS = {
	id: 'id',
	identifier: 'identifier',
	anonymous: 'anonymous',
	name: 'name',
	email: 'email',
	phone: 'phone',
	lang: 'lang',
	groups: 'groups',
	tags: 'tags',
	meta: 'meta',
} as const;
const AGENT_FIELDS = { type: 'type', id: 'id' } as const;
const MESSAGE_FIELDS = { type: 'type', content: 'content' } as const;
const SESSION_USER_FIELDS = { id: 'userId', groups: 'userGroups' } as const;
const SESSION_AGENT_FIELDS = { type: 'assigneeType', id: 'assigneeId' } as const;
const SESSION_FIELDS = {
	id: 'id',
	openTime: 'openTime',
	inprogressTime: 'inprogressTime',
	closeTime: 'closeTime',
	reason: 'reason',
	categories: 'categories',
	tags: 'tags',
	note: 'note',
	meta: 'meta',
} as const;

/**
 * Reads one request of Gitple's Event APIs. Unknown requests are `other`.
 *
 * @param body the raw bytes of the request
 * @throws NestedTooDeep, and nothing else
 */
export function readEvent(body: Buffer): GitpleEvent {
	const raw = parseJsonOrText(body.toString('utf8').replace(/^\uFEFF/, ''));
	if (!isJsonObject(raw)) return { event: 'other', raw };
	const { type, session } = raw;
	const event = typeof type === 'string' && EVENTS.has(type) ? (type as GitpleEventName) : 'other';
	// In an unknown event, sender and recipient are unknown as well.
	const { from, to, message }: JsonObject = event === 'send_external_message' ? raw : {};
	return {
		event,
		...pickFields(raw, CALL_FIELDS),
		...part('user', to, USER_FIELDS),
		...part('user', session, SESSION_USER_FIELDS),
		...part('agent', from, AGENT_FIELDS),
		...part('agent', session, SESSION_AGENT_FIELDS),
		...part('message', message, MESSAGE_FIELDS),
		...part('session', session, SESSION_FIELDS),
		raw,
	};
}

function part(
	name: 'agent' | 'message' | 'session' | 'user',
	source: JsonValue | undefined,
	fields: Readonly<Record<string, string>>,
): { [K in typeof name]?: JsonObject } {
	if (!isJsonObject(source)) return {};
	const found = pickFields(source, fields);
	return Object.keys(found).length === 0 ? {} : { [name]: found };
}

function pickFields(source: JsonObject, fields: Readonly<Record<string, string>>): JsonObject {
	const found: JsonObject = {};
	for (const [ours, theirs] of Object.entries(fields)) {
		const value = Object.hasOwn(source, theirs) ? source[theirs] : undefined;
		if (value === undefined) continue;
		found[ours] = /(^id|Id)$/.test(ours) && typeof value === 'number' ? String(value) : value;
	}
	return found;
}
