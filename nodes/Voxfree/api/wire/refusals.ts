import { isJsonObject } from '../../../shared/json';
import type { JsonObject, JsonValue } from '../../../shared/json';
import { beginningOf, foldText, normalizeKey, shortened } from '../../../shared/text';
import { firstField, textOf } from './fields';

/** Fields in which Voxfree says how a request went, those of the document first. */
const VERDICTS = ['retorno', 'status', 'update', 'resultado', 'result', 'success', 'sucesso'];

/** Those of them whose "ok" the document shows or describes. */
const DOCUMENTED = new Set(['retorno', 'status', 'update']);

/** Fields that are set because something went wrong. */
const ERRORS = new Set(['error', 'erro', 'errors', 'erros', 'falha', 'falhas']);

/** Fields with the reason, beside one of those. */
const REASONS = ['descricao', 'message', 'mensagem', 'motivo', 'msg', 'detalhe', 'description'];

/** Fields that hold what people have written, which may begin with any word. */
const FREE_TEXT = /^(obs|observacao|content|conteudo|textos?|resposta|tag|titulo|\d+)$|nome|name/;

const FAILURE = /^[^\p{L}\p{N}]{0,5}(falh|erro|fail)/u;

/** Words that mean failure where a verdict is expected. */
const NEGATIVE = /^(nok|not ok|false|negad|recusad|rejeitad|refus|invalid|denied|exception)/;

const NO = /^(|0+|n|nao|no|none|null|false|nenhum|nenhuma)$/;

/** How deep an envelope may stand in others. */
const MAX_DEPTH = 3;

/** One field, its name as `nameOf` writes it. */
interface Field {
	name: string;
	value: JsonValue;
}

/** An object that may say how a request went. */
interface Envelope {
	fields: Field[];
	/** Whether it is the answer itself, or a part of an answer that is split into several. */
	isTop: boolean;
	hasId: boolean;
}

/**
 * Voxfree's words in an answer that refuses the request, cut to 200 characters; undefined if it does
 * not. A refusal has an error set, or says in another field of its envelope that something failed.
 * What stands in an entry of a list is about that entry, and no refusal.
 */
export function refusalIn(body: JsonValue): string | undefined {
	if (body === false) return NO_REASON;
	return envelopesIn(body)
		.map(refusalOf)
		.find((words) => words !== undefined);
}

const NO_REASON = 'no reason given';

/**
 * The answer itself, the parts that it may be split into (`[{"retorno": …}, {"mensagens": …}]`), and
 * the objects inside that are no entries.
 */
export function envelopesIn(body: JsonValue): Envelope[] {
	return (Array.isArray(body) ? body.filter((part) => !isEntry(part)) : [body]).flatMap((part) =>
		typeof part === 'string'
			? { fields: [spoken(part)], isTop: true, hasId: false }
			: envelopesAt(part, 0),
	);
}

/** A text without a name is what the answer says. */
function spoken(text: string): Field {
	const name = 'mensagem';
	return { name, value: text };
}

function envelopesAt(value: JsonValue, depth: number): Envelope[] {
	if (!isJsonObject(value) || depth > MAX_DEPTH) return [];
	const fields = Object.entries(value).map(([key, inner]) => ({ name: nameOf(key), value: inner }));
	return [
		{ fields, isTop: depth === 0, hasId: hasId(value) },
		...fields.flatMap(({ name, value: inner }) =>
			// What stands under a number is an entry under its ID.
			/^\d+$/.test(name) || ERRORS.has(name) || isEntry(inner) ? [] : envelopesAt(inner, depth + 1),
		),
	];
}

function hasId(part: JsonObject): boolean {
	return firstField(part, ['codid', 'id', 'protocolo', 'protocolo_atual']) !== undefined;
}

/** Only an envelope has a `retorno`. */
function isEntry(part: JsonValue): boolean {
	return (
		isJsonObject(part) && hasId(part) && !Object.keys(part).some((key) => nameOf(key) === 'retorno')
	);
}

function nameOf(key: string): string {
	return normalizeKey(foldText(key.slice(0, 100)));
}

function refusalOf(envelope: Envelope): string | undefined {
	const { fields } = envelope;
	const failed = fields
		.filter((field) => verdictOf(field) === 'failed')
		.sort((a, b) => rankOf(a) - rankOf(b));
	// Beside an ok, other words are no verdict. They may repeat what was sent.
	const isOk = fields.some((field) => verdictOf(field) === 'ok');
	const spoken = isOk ? [] : failuresSpokenIn(envelope);
	if (failed.length === 0 && spoken.length === 0) return undefined;
	const words = [...failed.map(wordsIn), reasonBeside(fields), ...spoken.map(wordsIn)];
	return words.find((found) => found !== '') ?? NO_REASON;
}

function rankOf({ name }: Field): number {
	const rank = VERDICTS.indexOf(name);
	return rank === -1 ? VERDICTS.length : rank;
}

/** Fields that begin with a word for failure, whatever their name. */
export function failuresSpokenIn({ fields, isTop, hasId }: Envelope): Field[] {
	if (!isTop || hasId) return [];
	return fields.filter(
		({ name, value }) =>
			typeof value === 'string' && !FREE_TEXT.test(name) && FAILURE.test(beginningOf(value)),
	);
}

/**
 * What a field says about the request: `ok` in the words of the document, `failed`, or `unclear` in
 * other words under a documented name. Undefined if it says nothing about it.
 */
export function verdictOf({ name, value }: Field): 'ok' | 'failed' | 'unclear' | undefined {
	if (ERRORS.has(name)) {
		if (isSet(value)) return 'failed';
		// The document has `"error": 0` for success. An error that is missing or empty says nothing.
		return name === 'error' && isZero(value) ? 'ok' : undefined;
	}
	// A list or an object under such a name holds data.
	if (!VERDICTS.includes(name) || (typeof value === 'object' && value !== null)) return undefined;
	const word = beginningOf(String(value));
	if (FAILURE.test(word) || NEGATIVE.test(word) || /^[45]\d\d$/.test(word)) return 'failed';
	if (/^succ?es/.test(name) && NO.test(word)) return 'failed';
	if (!DOCUMENTED.has(name) || /^2\d\d$/.test(word)) return undefined;
	return /^ok[.!]*$/.test(word) ? 'ok' : 'unclear';
}

function isSet(value: JsonValue): boolean {
	if (Array.isArray(value)) return value.length > 0;
	if (isJsonObject(value)) return Object.keys(value).length > 0;
	return !/^(ok|success|sucesso)$/.test(beginningOf(String(value))) && !isNo(value);
}

function isNo(value: JsonValue): boolean {
	return NO.test(beginningOf(String(value)));
}

function isZero(value: JsonValue): boolean {
	return value !== null && /^(0+|false)$/.test(beginningOf(String(value)));
}

/** The words of a field, without "falha" in front. Flags and numbers have none. */
function wordsIn({ value }: Pick<Field, 'value'>): string {
	if (Array.isArray(value)) {
		return shortened(
			value
				.slice(0, 3)
				.map((entry) => wordsIn({ value: entry }))
				.filter((words) => words !== '')
				.join('; '),
		);
	}
	if (isJsonObject(value)) {
		return reasonBeside(
			Object.entries(value).map(([key, inner]) => ({ name: nameOf(key), value: inner })),
		);
	}
	if (typeof value !== 'string') return '';
	const words = shortened(value);
	if (/^(\d{1,3}|s|sim|true|y|yes|n|nao|no|false)$/i.test(words)) return '';
	return withoutFalha(words);
}

function withoutFalha(words: string): string {
	return words.replace(/^falha\b\s?[-:]{0,5}/i, '').trim();
}

function reasonBeside(fields: readonly Field[]): string {
	for (const reason of REASONS) {
		const value = fields.find(({ name }) => name === reason)?.value;
		const words = withoutFalha(shortened(textOf(value) ?? ''));
		if (words !== '') return words;
	}
	return '';
}
