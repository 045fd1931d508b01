import { isJsonObject, parseJsonOrText } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';

/** The events of Omnize's webhook, and `other` for those that its document does not describe. */
export type OmnizeEventName =
	| 'accepted'
	| 'finished'
	| 'message'
	| 'other'
	| 'typing'
	| 'typingStopped'
	| 'unavailable';

export interface OmnizeEvent {
	event: OmnizeEventName;
	/** The customer's id in the caller's own system; undefined if the request has none. */
	clientId?: string;
	/** The agent's message; only for `message`. */
	message?: string;
	/** The bot that started the interaction, if it was given a name. */
	botId?: string;
	/** The body of the request, unchanged; its text if it is not JSON. */
	raw: JsonValue;
}

/** The successor of this API says `finished` instead of `finish`; both are accepted. */
const EVENT_OF_STATUS: ReadonlyMap<string, OmnizeEventName> = new Map([
	['accepted', 'accepted'],
	['unavailable', 'unavailable'],
	['finish', 'finished'],
	['finished', 'finished'],
	['typing', 'typing'],
	['cleared', 'typingStopped'],
]);

/**
 * Reads one request of Omnize's webhook. Requests do not name their event: a status means a change of
 * state, and a message without a status, or with an empty one, is the agent's. Unknown requests are
 * `other`.
 *
 * @param body the raw bytes of the request
 * @throws NestedTooDeep, and nothing else
 */
export function readEvent(body: Buffer): OmnizeEvent {
	const text = body.toString('utf8').replace(/^\uFEFF/, '');
	const raw = parseJsonOrText(text);
	if (!isJsonObject(raw)) return { event: 'other', raw };
	const message = textField(raw, 'message');
	const event = eventOf(field(raw, 'status'), message);
	return {
		event,
		...identifier(raw, 'clientId'),
		...(event === 'message' && message !== undefined ? { message } : {}),
		...identifier(raw, 'botId'),
		raw,
	};
}

function eventOf(status: JsonValue | undefined, message: string | undefined): OmnizeEventName {
	if (isMissing(status)) return message === undefined ? 'other' : 'message';
	if (typeof status !== 'string') return 'other';
	return EVENT_OF_STATUS.get(status.trim().toLowerCase()) ?? 'other';
}

/** Whether a status says nothing, in one of the ways in which programs write that. */
function isMissing(status: JsonValue | undefined): boolean {
	if (typeof status === 'string') return /^(null|undefined)?$/i.test(status.trim());
	if (Array.isArray(status)) return status.length === 0;
	if (isJsonObject(status)) return Object.keys(status).length === 0;
	return status === undefined || status === null || status === false || status === 0;
}

/** A field under its documented name or, if it is not there, under that name in another case. */
function field(raw: JsonObject, name: string): JsonValue | undefined {
	if (Object.hasOwn(raw, name)) return raw[name];
	const wanted = name.toLowerCase();
	const key = Object.keys(raw).find((other) => other.toLowerCase() === wanted);
	return key === undefined ? undefined : raw[key];
}

/** A text, also where it was written as a number. */
function textField(raw: JsonObject, name: string): string | undefined {
	const value = field(raw, name);
	return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function identifier(raw: JsonObject, key: 'clientId' | 'botId'): { [K in typeof key]?: string } {
	const value = textField(raw, key);
	return value === undefined ? {} : { [key]: value };
}
