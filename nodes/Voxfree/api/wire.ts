import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';

/**
 * The words of Voxfree's mobile API, and how to read its answers. The document shows many answers as
 * pictures only, and prints one field in several spellings; so everything here is looked for in all
 * reasonable places, and what is not recognised is passed on as it came.
 */

/** A key without what spellings differ in: case, underscores and blanks. */
function plainKey(key: string): string {
	return key.toLowerCase().replace(/[\s_-]/g, '');
}

/**
 * A field by its name, in whatever spelling it comes: `reply_id` is also printed as `reply id`, and
 * `Callcenter` as `callcenter`.
 */
export function field(entry: JsonObject, name: string): JsonValue | undefined {
	if (Object.hasOwn(entry, name)) return entry[name];
	const wanted = plainKey(name);
	const key = Object.keys(entry).find((candidate) => plainKey(candidate) === wanted);
	return key === undefined ? undefined : entry[key];
}

/** The first of several fields that holds something. */
export function firstField(entry: JsonObject, names: readonly string[]): JsonValue | undefined {
	for (const name of names) {
		const value = field(entry, name);
		if (value !== undefined && value !== null && value !== '') return value;
	}
	return undefined;
}

/** A text or a number as text; nothing for what is empty or something else. */
export function textOf(value: JsonValue | undefined): string | undefined {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Flags come as `1`, `"1"`, `true` and the like. */
export function isYes(value: JsonValue | undefined): boolean {
	if (typeof value === 'string') return /^(1|s|sim|true|y|yes)$/i.test(value.trim());
	return value === 1 || value === true;
}

/** How deep an envelope may be wrapped: `[{"retorno": …}, {"mensagens": …}]` is one level. */
function topLevel(body: JsonValue): JsonObject[] {
	return (Array.isArray(body) ? body : [body]).filter(isJsonObject);
}

/**
 * The provider's words in an answer that refuses, or nothing. A failure is `error` set, or
 * `retorno` or `status` beginning with "falha"; the words stand there or beside it.
 */
export function refusalIn(body: JsonValue): string | undefined {
	for (const part of topLevel(body)) {
		const failed = isYes(field(part, 'error'));
		const verdict = ['retorno', 'status']
			.map((name) => field(part, name))
			.find((value) => typeof value === 'string' && /^\s*falha/i.test(value)) as string | undefined;
		if (!failed && verdict === undefined) continue;
		const reason = (verdict ?? '').replace(/^\s*falha\s*[-:]*\s*/i, '').trim();
		const beside = textOf(firstField(part, ['descricao', 'message', 'mensagem', 'motivo']));
		return (reason === '' ? beside : reason)?.trim() ?? 'no reason given';
	}
	return undefined;
}

/** Whether these are the words for an agent who is not logged in any more. */
export function isUnknownAgent(words: string): boolean {
	const text = plainWords(words);
	return (
		/\b(agente|usuario|atendente|operador)\b.*\b(nao (foi )?(encontrad|localizad|identificad|logad|autenticad|autorizad|reconhecid|existe)|desconhecid|invalid|desconectad|deslogad)/.test(
			text,
		) ||
		/\bsessao\b.*\b(expirad|invalid|encerrad|nao (foi )?encontrad)/.test(text) ||
		/\b(nao (esta )?(logad|autenticad)|faca (o )?login|login (e )?necessario|efetue (o )?login)/.test(
			text,
		)
	);
}

/** For comparing: lower case, without accents. */
export function plainWords(text: string): string {
	return text
		.normalize('NFD')
		.replace(/\p{Diacritic}/gu, '')
		.trim()
		.toLowerCase();
}

/** Voxfree's clock is three hours behind UTC all year round. */
const OFFSET = '-03:00';
const OFFSET_MILLISECONDS = -3 * 60 * 60 * 1000;

/** A moment as Voxfree's users see it: `2023-12-05T09:52:45-03:00`. */
export function localTime(moment: Date): string {
	const shifted = new Date(moment.getTime() + OFFSET_MILLISECONDS).toISOString();
	return shifted.replace(/(\.000)?Z$/, OFFSET);
}

/**
 * The moment that a message is of: `timestamp` in seconds (or milliseconds) of the epoch, else
 * `data_mensagem`, a local date and time.
 */
export function momentOf(entry: JsonObject): Date | undefined {
	const epoch = Number(textOf(field(entry, 'timestamp')) ?? Number.NaN);
	if (Number.isFinite(epoch) && epoch > 0) {
		return validDate(new Date(epoch < 100_000_000_000 ? epoch * 1000 : epoch));
	}
	return localDate(textOf(field(entry, 'data_mensagem')));
}

/** A date in Voxfree's form, `2023-12-05 09:52:45` or `05/12/2023 09:52`, in its time zone. */
export function localDate(text: string | undefined): Date | undefined {
	const iso = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?$/.exec(text ?? '');
	const brazilian = /^(\d\d)\/(\d\d)\/(\d{4})[T ,]+(\d\d):(\d\d)(?::(\d\d))?$/.exec(text ?? '');
	const parts =
		iso?.slice(1) ??
		(brazilian === null
			? undefined
			: [brazilian[3], brazilian[2], brazilian[1], ...brazilian.slice(4)]);
	if (parts === undefined) return undefined;
	const [year, month, day, hour, minute, second = '00'] = parts;
	return validDate(new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${OFFSET}`));
}

function validDate(date: Date): Date | undefined {
	return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A message in plain words; ids are text, times ISO 8601 with their zone. */
export interface Message {
	/** Voxfree's own id (`codid`), which replies and Get New refer to. */
	messageId?: string;
	protocol?: string;
	/** Id of the message at WhatsApp. */
	whatsappId?: string;
	type?: string;
	/** `reply`, `forward` or nothing. */
	subtype?: string;
	/** Id of the message that this one answers. */
	replyTo?: string;
	fromMe: boolean;
	text?: string;
	/** Number of the channel's telephone. */
	device?: string;
	fileUrl?: string;
	fileName?: string;
	sentAt?: string;
	deliveryStatus?: 'notSent' | 'sent' | 'read';
	apiStatus?: string;
	deleted: boolean;
}

const DELIVERY = ['notSent', 'sent', 'read'] as const;

/** Reads one message of V6, V7, V13, V17 or V25. */
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

/** What makes an object a message: it says whose it is, and something else of a message. */
function looksLikeMessage(value: JsonObject): boolean {
	return (
		field(value, 'codid') !== undefined &&
		['fromMe', 'content', 'lido', 'data_mensagem', 'status_api', 'subtype'].some(
			(name) => field(value, name) !== undefined,
		)
	);
}

const DEEPEST = 6;

/**
 * All messages in an answer, as they came, in their order. They stand alone, in lists, or grouped by
 * protocol; an envelope in front of them may be broken off into an element of its own. A message
 * that does not name its protocol has that of the group it stands in.
 */
export function messagesIn(body: JsonValue): JsonObject[] {
	const found: JsonObject[] = [];
	const visit = (value: JsonValue, protocol: string | undefined, depth: number): void => {
		if (depth > DEEPEST) return;
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

/**
 * The entries of a list whose shape is known from a picture at best: a list at the top, the first
 * list inside, or one object for each entry under its id.
 *
 * @returns undefined where the answer holds nothing of a list
 */
export function listIn(body: JsonValue): JsonObject[] | undefined {
	const list = findList(body, 0);
	if (list !== undefined)
		return list.map((entry) => (isJsonObject(entry) ? entry : { value: entry }));
	if (!isJsonObject(body)) return undefined;
	const inside = Object.entries(body).filter(([, value]) => isJsonObject(value)) as Array<
		[string, JsonObject]
	>;
	const keyed = inside.filter(([key]) => /^\d+$/.test(key));
	if (keyed.length > 0) {
		return keyed.map(([key, entry]) => (hasId(entry) ? entry : { codid: key, ...entry }));
	}
	for (const [, value] of inside) {
		const deeper = listIn(value);
		if (deeper !== undefined) return deeper;
	}
	return hasId(body) ? [body] : undefined;
}

function findList(value: JsonValue, depth: number): JsonValue[] | undefined {
	if (Array.isArray(value)) {
		// An envelope in a list of its own: [{"retorno": "ok"}, {"dados": [ … ]}].
		const [first] = value;
		if (value.length > 0 && isJsonObject(first) && isEnvelope(first)) {
			for (const part of value) {
				const inside = isJsonObject(part) ? findList(part, depth + 1) : undefined;
				if (inside !== undefined) return inside;
			}
			return value.filter((part) => !isJsonObject(part) || !isEnvelope(part));
		}
		return value;
	}
	if (!isJsonObject(value) || depth > 2) return undefined;
	for (const entry of Object.values(value)) {
		if (Array.isArray(entry)) return entry;
	}
	return undefined;
}

function isEnvelope(part: JsonObject): boolean {
	return typeof field(part, 'retorno') === 'string' && !hasId(part);
}

function hasId(entry: JsonObject): boolean {
	return firstField(entry, ['codid', 'id', 'protocolo', 'protocolo_atual']) !== undefined;
}

/**
 * Our word for a field, and Voxfree's for it in the order in which they are looked for. A field of
 * ours begins with `is` where it is a flag.
 */
export type Vocabulary = Readonly<Record<string, readonly string[]>>;

/**
 * An entry in our words: what is recognised under our names, ids as text, and everything else under
 * its own name as it came.
 */
export function inOurWords(entry: JsonObject, vocabulary: Vocabulary): JsonObject {
	const recognised: JsonObject = {};
	const taken = new Set<string>();
	for (const [ours, theirs] of Object.entries(vocabulary)) {
		for (const name of theirs) {
			const wanted = plainKey(name);
			const key = Object.keys(entry).find(
				(candidate) => plainKey(candidate) === wanted && !taken.has(candidate),
			);
			const value = key === undefined ? undefined : entry[key];
			if (key === undefined || value === undefined) continue;
			// What is empty says nothing, under whichever name.
			taken.add(key);
			if (value === null || value === '') continue;
			recognised[ours] = /^is[A-Z]/.test(ours) ? isYes(value) : (textOf(value) ?? value);
			break;
		}
	}
	const rest = Object.entries(entry).filter(([key]) => !taken.has(key));
	return { ...recognised, ...Object.fromEntries(rest) };
}

/** The name of whatever this is, for a list: the first of these fields, or any with "nome" in it. */
export function nameIn(entry: JsonObject, names: readonly string[]): string | undefined {
	const named = textOf(firstField(entry, names));
	if (named !== undefined) return named;
	const found = Object.entries(entry).find(
		([key, value]) => /nome|name|descricao|titulo/i.test(key) && textOf(value) !== undefined,
	);
	return found === undefined ? undefined : textOf(found[1]);
}

const CONTACT_ID = ['id_contato', 'codid_contato', 'contato_codid', 'contato_id'];
const GROUP_ID = ['id_grupo', 'codid_grupo', 'grupo_codid', 'grupo_id'];
const CHANNEL_ID = ['id_canal_unico', 'codid_canal', 'id_canal', 'canal_codid', 'canal_id'];
const DEPARTMENT_ID = [
	'codid_departamento',
	'id_departamento',
	'departamento_codid',
	'departamento_id',
];

const CONVERSATION: Vocabulary = {
	protocol: ['protocolo', 'protocolo_atual', 'numero_protocolo'],
	contactName: ['nome_contato', 'contato_nome', 'nome_grupo', 'contato', 'nome'],
	contactNumber: ['numero_contato', 'contato_numero', 'numero', 'telefone', 'celular'],
	channelId: CHANNEL_ID,
	channelName: ['nome_canal', 'canal_nome', 'canal'],
	channelType: ['tipo_canal', 'canal_tipo'],
	departmentId: DEPARTMENT_ID,
	departmentName: ['nome_departamento', 'departamento_nome', 'departamento'],
	agentId: ['id_agente', 'codid_agente', 'agente_responsavel', 'agente_codid', 'agente_id'],
	agentName: ['nome_agente', 'agente_nome', 'agente'],
	lastMessageId: ['id_last_message', 'id_ultima_mensagem', 'codid_ultima_mensagem'],
};

/** A conversation of the active or the waiting list. */
export interface Conversation extends JsonObject {
	isGroup: boolean;
}

/** Things of a conversation that may stand in an object of their own. */
const PARTS = ['contato', 'grupo', 'canal', 'departamento', 'agente'];

/** Reads one entry of the active or the waiting list. Of a group, the contact's id is the group's. */
export function conversationIn(entry: JsonObject): Conversation {
	const flat: JsonObject = {};
	for (const [key, value] of Object.entries(entry)) {
		if (!isJsonObject(value) || !PARTS.includes(plainKey(key))) {
			flat[key] = value;
			continue;
		}
		for (const [inner, innerValue] of Object.entries(value)) {
			const known = plainKey(inner).includes(plainKey(key));
			const whole = known ? inner : `${inner === 'id' ? 'codid' : inner}_${plainKey(key)}`;
			flat[whole] ??= innerValue;
		}
	}
	const isGroup =
		/^grupo$/i.test(textOf(field(flat, 'tipo_chat')) ?? '') || isYes(field(flat, 'is_group'));
	const words = inOurWords(flat, {
		...CONVERSATION,
		contactId: isGroup ? [...GROUP_ID, ...CONTACT_ID] : CONTACT_ID,
	});
	const type = plainKeyOf(words, 'tipo_chat');
	if (type !== undefined) delete words[type];
	return { ...words, isGroup };
}

function plainKeyOf(entry: JsonObject, name: string): string | undefined {
	return Object.keys(entry).find((key) => plainKey(key) === plainKey(name));
}

/** What an opened conversation tells besides its messages. */
export const OPENED: Vocabulary = {
	isPortfolioAllowed: ['carteirizacao'],
	portfolioId: ['codid_carteirizacao'],
	portfolioAgentId: ['agente_carteirizado_codid'],
	portfolioAgentName: ['agente_carteirizado'],
	isDeletingAllowed: ['permite_excluir'],
	isReadingDeletedAllowed: ['permite_ler_excluido'],
};

export const CONTACT: Vocabulary = {
	contactId: ['id_contato', 'codid_contato', 'codid', 'id'],
	name: ['nome', 'nome_contato', 'contato_nome'],
	number: ['numero', 'numero_contato', 'telefone', 'celular'],
	email: ['email'],
	note: ['obs', 'observacao'],
	photoUrl: ['img_perfil', 'foto', 'foto_perfil'],
};

export const DEPARTMENT: Vocabulary = {
	departmentId: [...DEPARTMENT_ID, 'codid', 'id'],
	name: ['nome', 'nome_departamento', 'departamento', 'descricao'],
};

export const CHANNEL: Vocabulary = {
	channelId: [...CHANNEL_ID, 'codid', 'id'],
	name: ['nome', 'nome_canal', 'canal', 'descricao'],
	type: ['tipo', 'tipo_canal', 'canal_tipo', 'plataforma', 'type'],
	number: ['numero', 'telefone', 'device'],
};

export const WRAP_UP_CODE: Vocabulary = {
	wrapUpCodeId: ['codid_tabulacao', 'id_tabulacao', 'codid', 'id'],
	name: ['nome', 'nome_tabulacao', 'tabulacao', 'descricao'],
	isOwn: ['personalizado'],
};

export const TAG: Vocabulary = {
	tagId: ['codid_tag', 'id_tag', 'codid', 'id'],
	name: ['tag', 'nome', 'nome_tag', 'descricao'],
	isOwn: ['personalizado'],
	isAttached: ['ativo', 'ativa', 'selecionada'],
};

export const QUICK_REPLY: Vocabulary = {
	quickReplyId: ['codid_resposta', 'id_resposta', 'codid', 'id'],
	title: ['titulo', 'atalho', 'nome'],
	text: ['resposta', 'mensagem', 'texto', 'conteudo', 'descricao'],
	isOwn: ['personalizado'],
};

export const TEMPLATE: Vocabulary = {
	templateId: ['codid', 'codid_template', 'id_template', 'id'],
	name: ['nome_template', 'nome'],
	imageUrl: ['imagem_template'],
};

export const PORTFOLIO: Vocabulary = {
	portfolioId: ['codid_carteirizacao', 'codid', 'id'],
	contactId: CONTACT_ID,
	contactName: ['nome_contato', 'contato_nome', 'contato', 'nome'],
	departmentId: DEPARTMENT_ID,
	departmentName: ['nome_departamento', 'departamento_nome', 'departamento'],
};

/** Channels on which only the contact can begin. */
const SOCIAL = /instagram|facebook|messenger/i;

/** The platform of a channel that conversations cannot be started on, where the list tells. */
export function socialPlatformOf(channel: JsonObject): 'Facebook' | 'Instagram' | undefined {
	const kinds = Object.entries(channel).filter(
		([key, value]) => /tipo|type|plataforma|rede|origem|provedor|api/i.test(key) && textOf(value),
	);
	const named = textOf(channel.name);
	const words = kinds.length > 0 ? kinds.map(([, value]) => textOf(value)).join(' ') : named;
	const found = SOCIAL.exec(words ?? '')?.[0].toLowerCase();
	if (found === undefined) return undefined;
	return found === 'instagram' ? 'Instagram' : 'Facebook';
}
