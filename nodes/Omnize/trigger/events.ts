import { isJsonObject, parseJsonOrText } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';

/** What Omnize's webhook can tell, and `other` for what its document does not know. */
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
	/** The customer's id in the caller's own system; absent where the call names none. */
	clientId?: string;
	/** The agent's words; only for `message`. */
	message?: string;
	/** The bot that started the interaction, where it was given a name. */
	botId?: string;
	/** The call's body as it came, or its text where it is not JSON. */
	raw: JsonValue;
}

/** The successor of this API says `finished` where the ClientApi says `finish`; both are taken. */
const EVENT_OF_STATUS: ReadonlyMap<string, OmnizeEventName> = new Map([
	['accepted', 'accepted'],
	['unavailable', 'unavailable'],
	['finish', 'finished'],
	['finished', 'finished'],
	['typing', 'typing'],
	['cleared', 'typingStopped'],
]);

/**
 * Reads one call of Omnize's webhook. Calls name no event: a status tells a change of state, and a
 * message without a status is the agent's. Never throws; what it does not know is `other`.
 *
 * @param body the raw bytes of the call
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
