import { isJsonObject } from '../../../shared/json';
import type { JsonObject, JsonValue } from '../../../shared/json';
import { field, isYes, textOf } from './fields';
import { localTime, momentOf } from './time';

/** A message in plain words. IDs are text, times ISO 8601 with their offset. */
export interface Message {
	/** Voxfree's own ID (`codid`), which replies and Get New refer to. */
	messageId?: string;
	protocol?: string;
	/** The message's ID at WhatsApp. */
	whatsappId?: string;
	type?: string;
	/** `reply`, `forward` or undefined. */
	subtype?: string;
	/** The ID of the message that this one answers. */
	replyTo?: string;
	fromMe: boolean;
	text?: string;
	/** Phone number of the channel. */
	device?: string;
	fileUrl?: string;
	fileName?: string;
	sentAt?: string;
	deliveryStatus?: 'notSent' | 'sent' | 'read';
	apiStatus?: string;
	deleted: boolean;
}

const DELIVERY = ['notSent', 'sent', 'read'] as const;

/** Reads one message, as V6, V7, V13, V17 and V25 of the document show it. */
export function messageIn(entry: JsonObject): Message {
	const text = (name: string) => textOf(field(entry, name));
	const moment = momentOf(entry);
	return {
		messageId: text('codid'),
		protocol: text('protocolo'),
		whatsappId: text('id'),
		type: text('type'),
		subtype: text('subtype'),
		replyTo: text('reply_id'),
		fromMe: isYes(field(entry, 'fromMe')),
		text: text('content'),
		device: text('device'),
		fileUrl: text('url'),
		fileName: text('file'),
		sentAt: moment === undefined ? undefined : localTime(moment),
		deliveryStatus: DELIVERY[Number(text('lido') ?? Number.NaN)],
		apiStatus: text('status_api'),
		deleted: isYes(field(entry, 'excluido')),
	};
}

/** A message has an ID and at least one field that nothing else has. */
function looksLikeMessage(value: JsonObject): boolean {
	return (
		field(value, 'codid') !== undefined &&
		['fromMe', 'content', 'lido', 'data_mensagem', 'status_api', 'subtype'].some(
			(name) => field(value, name) !== undefined,
		)
	);
}

const MAX_DEPTH = 6;

/**
 * All messages in an answer, untranslated and in their order. They stand alone, in lists, or grouped
 * by protocol, and the envelope in front of them may be an element of its own. A message without a
 * protocol gets the one of its group.
 */
export function messagesIn(body: JsonValue): JsonObject[] {
	const found: JsonObject[] = [];
	const visit = (value: JsonValue, protocol: string | undefined, depth: number): void => {
		if (depth > MAX_DEPTH) return;
		if (Array.isArray(value)) {
			for (const entry of value) visit(entry, protocol, depth + 1);
		} else if (isJsonObject(value)) {
			if (looksLikeMessage(value)) {
				const named = textOf(field(value, 'protocolo')) ?? protocol;
				found.push(named === undefined ? value : { ...value, protocolo: named });
				return;
			}
			for (const [key, entry] of Object.entries(value)) {
				visit(entry, /^\d{8,}$/.test(key) ? key : protocol, depth + 1);
			}
		}
	};
	visit(body, undefined, 0);
	return found;
}
