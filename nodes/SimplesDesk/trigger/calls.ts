import { isJsonObject, NestedTooDeep, parseJson } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { SCHEDULED } from '../api/wire';

/** What asks for an answer: a scheduled message that is due, or a contact's choice in a bot menu. */
export type CallKind = 'botMenu' | 'scheduledMessage';

/** One request of SimplesDesk in one shape. What it leaves out is left out here. */
export interface DeskCall {
	event: CallKind;
	/** ID of this request; the field `id`. */
	requestId?: JsonValue;
	/** The account. */
	clientId?: JsonValue;
	origin?: JsonValue;
	/** What the contact wrote or chose; bot menus only. */
	text?: JsonValue;
	/** `id` is its code in SimplesDesk; only WhatsApp contacts have a `phone`. */
	contact: JsonObject;
	/** Unchanged: the payload of the integration, or the data of the previous callback. */
	data?: JsonValue;
	/** The body of the request, unchanged. */
	raw: JsonValue;
}

/**
 * Reads one request of SimplesDesk.
 *
 * @param body the raw bytes of the request
 * @returns a sentence that says what is wrong if the request cannot be answered
 */
export function readCall(body: Buffer): DeskCall | string {
	if (body.length === 0) return 'The request has no body.';
	let raw: JsonValue;
	try {
		raw = parseJson(body.toString('utf8').replace(/^\uFEFF/, ''));
	} catch (error) {
		return error instanceof NestedTooDeep
			? `The body of the request was refused: ${error.message}.`
			: 'The body of the request is not JSON.';
	}
	if (!isJsonObject(raw)) return 'The body of the request is not a JSON object.';

	const event: CallKind = raw.origin === SCHEDULED ? 'scheduledMessage' : 'botMenu';
	const { contact } = raw;
	if (!isJsonObject(contact)) return "The request has no 'contact' object.";
	const missing = [
		...missingIn(raw, event === 'scheduledMessage' ? ['id', 'clientId'] : ['id']),
		...missingIn(contact, ['uid', 'type', 'key']).map((field) => `contact.${field}`),
	];
	// A contact without a name can still get a message.
	if (missing.length > 0) return `The request has no '${missing[0]}'.`;

	return {
		event,
		requestId: idOf(raw.id),
		...(raw.clientId === undefined ? {} : { clientId: idOf(raw.clientId) }),
		...pickFields(raw, ['origin', 'text']),
		contact: {
			id: idOf(contact.uid),
			...pickFields(contact, ['type', 'key', 'name', 'fields']),
			...(contact.type === 'WHATSAPP' ? { phone: idOf(contact.key) } : {}),
		},
		...pickFields(raw, ['data']),
		raw,
	};
}

function missingIn(source: JsonObject, fields: readonly string[]): string[] {
	return fields.filter((field) => {
		const value = Object.hasOwn(source, field) ? source[field] : undefined;
		const isText = typeof value === 'string' && value.trim() !== '';
		return !isText && typeof value !== 'number';
	});
}

/** IDs are text, even if SimplesDesk sends numbers. */
function idOf(value: JsonValue | undefined): JsonValue {
	return typeof value === 'number' ? String(value) : (value ?? null);
}

function pickFields(source: JsonObject, fields: readonly string[]): JsonObject {
	return Object.fromEntries(
		fields.flatMap((field) => {
			const value = Object.hasOwn(source, field) ? source[field] : undefined;
			return value === undefined ? [] : [[field, value]];
		}),
	);
}
