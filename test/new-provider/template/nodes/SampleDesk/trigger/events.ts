import { isJsonObject, parseJsonOrText } from '../../shared/json';
import type { JsonValue } from '../../shared/json';

/** What SampleDesk's webhook reports, and `other` for what its document does not describe. */
export type SampleDeskEventName = 'message' | 'other';

export interface SampleDeskEvent {
	event: SampleDeskEventName;
	customerId?: string;
	text?: string;
	/** The body as it came, or its text if it is not JSON. */
	raw: JsonValue;
}

/**
 * Reads one request of SampleDesk's webhook.
 *
 * @param body the raw bytes of the request
 * @throws NestedTooDeep, and nothing else
 */
export function readEvent(body: Buffer): SampleDeskEvent {
	const raw = parseJsonOrText(body.toString('utf8'));
	if (!isJsonObject(raw)) return { event: 'other', raw };
	const { type, from, text } = raw;
	const isMessage = type === 'message' && typeof text === 'string';
	return {
		event: isMessage ? 'message' : 'other',
		...(typeof from === 'string' || typeof from === 'number' ? { customerId: String(from) } : {}),
		...(isMessage ? { text } : {}),
		raw,
	};
}
