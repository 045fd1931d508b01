import { isJsonObject } from '../../../shared/json';
import type { JsonObject, JsonValue } from '../../../shared/json';
import { onlyDescribes, UnreadableList } from '../../../shared/lists';
import { normalizeKey } from '../../../shared/text';
import { isErrorName, saysNone, verdictOf } from '../../../shared/verdict';
import { field, isNo, isYes, keyOf, textOf } from './fields';
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

/** Which of our fields each of Voxfree's becomes. */
const READ_AS: Readonly<Record<string, keyof Message>> = {
	codid: 'messageId',
	protocolo: 'protocol',
	id: 'whatsappId',
	type: 'type',
	subtype: 'subtype',
	reply_id: 'replyTo',
	content: 'text',
	device: 'device',
	url: 'fileUrl',
	file: 'fileName',
	timestamp: 'sentAt',
	data_mensagem: 'sentAt',
	lido: 'deliveryStatus',
	status_api: 'apiStatus',
};

/** The fields of a message that `messageIn` does not read, under Voxfree's names. */
export function unreadFieldsIn(entry: JsonObject): JsonObject {
	const message = messageIn(entry);
	const isRead = ([name, ours]: [string, keyof Message]) => message[ours] !== undefined && name;
	const read = new Set(Object.entries(READ_AS).flatMap((pair) => isRead(pair) || []));
	for (const flag of ['fromMe', 'excluido']) {
		const value = field(entry, flag);
		if (isYes(value) || isNo(value)) read.add(flag);
	}
	const keys = new Set([...read].map((name) => keyOf(entry, name)));
	return Object.fromEntries(
		Object.entries(entry).filter(
			([key, value]) => !keys.has(key) && value !== null && value !== '',
		),
	);
}

/** Fields that hardly anything but a message has, and fields that other things have as well. */
const STRONG = ['fromMe', 'content', 'lido', 'data_mensagem', 'status_api', 'subtype'];
const WEAK = ['type', 'timestamp', 'url', 'file', 'device', 'reply_id', 'excluido'];

/** Parts of an answer that are about somebody or something else, whatever fields they have. */
const PARTS = /^(contato|contact|grupo|group|canal|channel|agente|agent|departamento|cliente)s?$/;
const PERSONAL = /^(nome|numero|telefone|celular|email|obs|imgperfil)/;

/**
 * Whether an object is a message.
 *
 * @param placed whether it stands where messages are, so that fewer fields are enough
 */
export function looksLikeMessage(value: JsonObject, placed = false): boolean {
	const count = (names: string[]) =>
		names.filter((name) => field(value, name) !== undefined).length;
	const [strong, weak] = [count(STRONG), count(WEAK)];
	const isSpoken = count(['fromMe', 'content']) > 0;
	if (!isSpoken && holdsMessages(value)) return false;
	if (placed && strong + weak > 0) return true;
	if (!isSpoken && Object.keys(value).some((key) => PERSONAL.test(normalizeKey(key)))) return false;
	if (field(value, 'codid') !== undefined) return strong > 0;
	return strong > 1 || (strong > 0 && weak > 0);
}

/** Whether an object is the head of a group of messages. */
function holdsMessages(value: JsonObject): boolean {
	return Object.entries(value).some(
		([key, part]) =>
			(isPlace(key) && typeof part === 'object' && part !== null) ||
			(Array.isArray(part) &&
				part.some((entry) => isJsonObject(entry) && field(entry, 'fromMe') !== undefined)),
	);
}

function isPlace(key: string): boolean {
	return /^(mensagens|messages)$/.test(normalizeKey(key));
}

/** What was read of an answer that should hold messages. */
export interface MessageReading {
	/** All messages, untranslated and in their order. */
	messages: JsonObject[];
	/** Entries that stand among messages and are none. */
	others: JsonObject[];
	/** The answer without messages and others; undefined if nothing is left. */
	rest: JsonValue | undefined;
	/** Whether the answer says that there are no messages. */
	isEmpty: boolean;
}

const MAX_DEPTH = 6;

/**
 * Finds the messages of an answer. They stand alone, in lists, or grouped by protocol, and the
 * envelope in front of them may be an element of its own. A message without a protocol gets the one
 * of its group.
 */
export function readMessages(body: JsonValue): MessageReading {
	const messages: JsonObject[] = [];
	const others: JsonObject[] = [];
	let empties = 0;
	let isDoubtful = false;

	interface Place {
		protocol?: string;
		placed: boolean;
		depth: number;
	}

	/** @returns what is left of the value */
	function visit(value: JsonValue, place: Place): JsonValue | undefined {
		const { protocol, placed, depth } = place;
		if (depth > MAX_DEPTH) return value;
		if (Array.isArray(value)) return visitList(value, place);
		if (typeof value === 'string') {
			if (saysNone(value)) empties++;
			return value;
		}
		if (!isJsonObject(value)) return value;
		if (looksLikeMessage(value, placed)) {
			const named = textOf(field(value, 'protocolo')) ?? protocol;
			messages.push(named === undefined ? value : { ...value, protocolo: named });
			return undefined;
		}
		return visitObject(value, place);
	}

	function visitList(list: JsonValue[], { protocol, placed, depth }: Place) {
		if (list.length === 0) {
			empties++;
			return undefined;
		}
		const holds = list.some((entry) => isJsonObject(entry) && looksLikeMessage(entry));
		// Parts of an envelope may stand beside a message.
		const isAmongMessages = (entry: JsonObject) =>
			holds && Object.values(entry).every((part) => typeof part !== 'object' || part === null);
		const left = list.flatMap((entry) => {
			const before = messages.length + empties;
			const rest = visit(entry, { protocol, placed, depth: depth + 1 });
			if (rest === undefined) return [];
			const isOther = isJsonObject(entry) && messages.length + empties === before;
			if (!isOther || onlyDescribes(entry) || !(placed || isAmongMessages(entry))) return [rest];
			others.push(entry);
			return [];
		});
		return left.length === 0 ? undefined : left;
	}

	function visitObject(object: JsonObject, { protocol, placed, depth }: Place) {
		const verdict = verdictOf(object, depth > 1);
		if (verdict !== 'ok') isDoubtful = true;
		const keys = Object.keys(object);
		if (keys.length === 0 && placed) {
			empties++;
			return undefined;
		}
		const left: JsonObject = {};
		for (const key of keys) {
			const value = object[key] ?? null;
			const isGroup = /^\d{8,}$/.test(key);
			const isOther = PARTS.test(normalizeKey(key)) || isErrorName(normalizeKey(key));
			const rest = isOther
				? value
				: visit(value, {
						protocol: isGroup ? key : protocol,
						placed: placed || isGroup || isPlace(key),
						depth: depth + 1,
					});
			if (rest !== undefined) left[key] = rest;
		}
		return Object.keys(left).length === 0 ? undefined : left;
	}

	const rest = visit(body, { placed: false, depth: 0 });
	return { messages, others, rest, isEmpty: empties > 0 && !isDoubtful && others.length === 0 };
}

/** All messages in an answer, untranslated and in their order. */
export function messagesIn(body: JsonValue): JsonObject[] {
	return readMessages(body).messages;
}

/**
 * The messages in an answer to a request for them, or also what stands among them and is none.
 *
 * @throws UnreadableList if there are none, and the answer does not say so
 */
export function newMessagesIn(body: JsonValue, withOthers: boolean): JsonObject[] {
	const { messages, others, isEmpty } = readMessages(body);
	if (messages.length === 0 && !isEmpty) throw new UnreadableList('Voxfree', body);
	return withOthers ? [...messages, ...others] : messages;
}
