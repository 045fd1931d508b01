import type { Channel, Contact, Conversation, Department, Message, Office } from './office';

/** The seven values of `tipo_update`, as the document spells them. */
export const eventTypes = [
	'new_message',
	'encaminhado_agente',
	'encaminhado_departamento',
	'direcionamento_fidelizado_agente',
	'encaminhado_agente_espera',
	'update_espera',
	'Finalizar',
] as const;
export type EventType = (typeof eventTypes)[number];

/** What the socket sends. Fields that an event does not need may be missing. */
export interface VoxfreeEvent {
	/** Digits: the id of the message. Goes out as a number, as in the document. */
	id_msg?: string;
	type?: string;
	tipo_update: string;
	codid_contato?: string;
	codid_canal?: string;
	protocolo_atual?: string;
	agente_responsavel?: string;
	[other: string]: unknown;
}

/**
 * How ids are written. `document`: as its samples do (text, and `id_msg` as a number). `bare`: all
 * of them as numbers, also those that no double can hold. `text`: all of them as text.
 */
export type IdForm = 'document' | 'bare' | 'text';

/** JSON of a frame. */
export function frameText(event: VoxfreeEvent, form: IdForm = 'document'): string {
	const text = JSON.stringify(event);
	if (form === 'text') return text;
	return unquoted(text, form === 'bare' ? '\\w*(?:id_|codid|protocolo|agente_resp)\\w*' : 'id_msg');
}

/** What an event may come as. */
export type FrameForm = 'event' | 'list' | 'text';

/** The frame for the JSON of an event. */
export function wrapped(json: string, form: FrameForm): string {
	if (form === 'list') return `[${json}]`;
	return form === 'text' ? JSON.stringify(json) : json;
}

/** JSON of an answer. */
export function answerText(body: unknown, form: IdForm): string {
	const text = JSON.stringify(body);
	return form === 'bare' ? unquoted(text, '(?:id_\\w+|codid\\w*|new_codid|protocolo)') : text;
}

/** Digits under the names of `names` lose their quotes. */
const unquoted = (json: string, names: string) =>
	json.replace(new RegExp(`"(${names})":"(0|[1-9]\\d*)"`, 'g'), '"$1":$2');

/** A call that Voxfree would answer with "falha", under status 200. */
export class Failure extends Error {}

/** Reads the fields of a call. Each read throws a Failure that names the field. */
export class Fields {
	private readonly values: Record<string, unknown>;

	constructor(body: unknown) {
		if (typeof body !== 'object' || body === null || Array.isArray(body)) {
			throw new Failure('JSON inválido');
		}
		this.values = body as Record<string, unknown>;
	}

	has(name: string) {
		return Object.hasOwn(this.values, name);
	}

	/** Text that may be empty; missing and null are empty. */
	optional(name: string): string {
		const value = this.has(name) ? this.values[name] : undefined;
		if (value === undefined || value === null) return '';
		// PHP does not care how a number is written.
		if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
		if (typeof value !== 'string') throw new Failure(`campo ${name} inválido`);
		return value;
	}

	text(name: string): string {
		const value = this.optional(name);
		if (value.trim() === '') throw new Failure(`campo ${name} não informado`);
		return value;
	}

	/** One of a few values. */
	choice<T extends string>(name: string, allowed: readonly T[]): T {
		const value = this.text(name);
		const found = allowed.find((one) => one === value);
		if (found === undefined) throw new Failure(`valor inválido para o campo ${name}`);
		return found;
	}

	/** "0" or "1"; missing is "0". */
	flag(name: string): boolean {
		const value = this.optional(name);
		if (!['', '0', '1'].includes(value)) throw new Failure(`valor inválido para o campo ${name}`);
		return value === '1';
	}

	/** The first field with a value whose name matches, for bodies that the document does not show. */
	matching(pattern: RegExp): string {
		const name = Object.keys(this.values).find((key) => pattern.test(key) && this.optional(key));
		return name === undefined ? '' : this.optional(name);
	}
}

/** A message as 4.4 of the reference lists its fields. `fileUrl` makes the address of a file. */
export function messageBody(
	message: Message,
	{ protocol }: Conversation,
	{ device }: Channel,
	fileUrl: (message: Message) => string,
) {
	const at = new Date(message.at);
	return {
		codid: message.id,
		protocolo: protocol,
		id: message.apiId,
		type: message.type,
		subtype: message.subtype,
		reply_id: message.replyTo,
		fromMe: message.from === 'agent' ? 1 : 0,
		device: message.from === 'agent' ? device : null,
		content: message.deleted ? '' : message.text,
		url: message.file ? fileUrl(message) : null,
		file: message.file?.name ?? null,
		timestamp: String(Math.floor(at.getTime() / 1000)),
		lido: String(message.read),
		status_api: message.accepted ? '1' : '0',
		excluido: message.deleted ? '1' : '0',
		data_mensagem: localTime(at),
	};
}

/** In the answer to a send, some of the same fields are numbers, and the rest is not known yet. */
export function sentMessageBody(...args: Parameters<typeof messageBody>) {
	const body = messageBody(...args);
	return {
		...body,
		id: null,
		reply_id: body.reply_id ?? '',
		device: null,
		timestamp: Number(body.timestamp),
		lido: 0,
		status_api: 0,
		excluido: 0,
	};
}

/** São Paulo's time, three hours behind UTC: `2023-12-05 09:52:45`. */
export function localTime(at: Date): string {
	const local = new Date(at.getTime() - 3 * 60 * 60 * 1000);
	return local.toISOString().slice(0, 19).replace('T', ' ');
}

/**
 * An item of the active and waiting lists. The document shows them as pictures: of these names only
 * `tipo_chat` is certain.
 */
export function chatBody(conversation: Conversation, office: Office) {
	const contact = office.contacts.find(({ id }) => id === conversation.contactId)!;
	const channel = office.channels.find(({ id }) => id === conversation.channelId)!;
	const department = office.departments.find(({ id }) => id === conversation.departmentId)!;
	const agent = office.agents.find(({ id }) => id === conversation.agentId);
	const last = conversation.messages.at(-1);
	return {
		codid_protocolo: conversation.databaseId,
		protocolo: conversation.protocol,
		tipo_chat: contact.isGroup ? 'grupo' : 'chat',
		id_contato: contact.id,
		nome_contato: contact.name,
		numero_contato: contact.number,
		id_canal_unico: channel.id,
		nome_canal: channel.name,
		tipo_canal: channelTypes[channel.kind],
		codid_departamento: department.id,
		nome_departamento: department.name,
		id_agente: agent?.id ?? null,
		nome_agente: agent?.name ?? null,
		id_last_message: last?.id ?? null,
		ultima_mensagem: last?.text ?? last?.file?.name ?? null,
		timestamp: String(Math.floor(Date.parse(last?.at ?? conversation.startedAt) / 1000)),
		nao_lidas: conversation.messages.filter(({ from, read }) => from === 'customer' && read < 2)
			.length,
	};
}

/** The document says no more of a channel's kind than which ones there are. */
const channelTypes: Record<Channel['kind'], string> = {
	'whatsapp-official': 'whatsapp_oficial',
	'whatsapp-qr': 'whatsapp',
	instagram: 'instagram',
	facebook: 'facebook',
};

export const departmentBody = ({ id, name }: Department) => ({
	codid: id,
	nome_departamento: name,
});

export const channelBody = ({ id, name, kind, device }: Channel) => ({
	codid: id,
	nome_canal: name,
	tipo_canal: channelTypes[kind],
	numero: device,
});

export const contactBody = ({ id, name, number, email }: Contact) => ({
	codid: id,
	nome: name,
	numero: number,
	email,
});
