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
 * state, and a message without a status is the agent's. Never throws; unknown requests are `other`.
 *
 * @param body the raw bytes of the request
 */
export function readEvent(body: Buffer): OmnizeEvent {
	const text = body.toString('utf8').replace(/^\uFEFF/, '');
	const raw = parseJsonOrText(text);
	if (!isJsonObject(raw)) return { event: 'other', raw };
	const { status, message } = raw;
	const event = eventOf(status, message);
	return {
		event,
		...identifier(raw, 'clientId'),
		...(event === 'message' && typeof message === 'string' ? { message } : {}),
		...identifier(raw, 'botId'),
		raw,
	};
}

function eventOf(status: JsonValue | undefined, message: JsonValue | undefined): OmnizeEventName {
	if (typeof status === 'string') return EVENT_OF_STATUS.get(status.toLowerCase()) ?? 'other';
	return status === undefined && typeof message === 'string' ? 'message' : 'other';
}

function identifier(raw: JsonObject, key: 'clientId' | 'botId'): { [K in typeof key]?: string } {
	const value = Object.hasOwn(raw, key) ? raw[key] : undefined;
	if (typeof value !== 'string' && typeof value !== 'number') return {};
	return { [key]: String(value) };
}
