import { isJsonObject } from './json';
import type { JsonObject, JsonValue } from './json';
import { beginningOf, normalizeKey, shortened } from './text';

const ERRORS = new Set(['error', 'errors', 'erro', 'erros']);
const SUCCESSES = new Set(['success', 'sucesso', 'ok']);
const REASONS = ['message', 'mensagem', 'descricao', 'description', 'reason', 'motivo'];

const NO = /^(0+|false|no|nao|n)$/;
const NOTHING = /^(|0+|false|none|null)$/;
const FAILURE = /^[^\p{L}\p{N}]{0,5}(erro|falh|fail)/u;

/** Names under which a provider puts its whole answer. */
const WRAPPERS = ['data', 'dados', 'result', 'response'];

/**
 * A provider's words, cut to 200 characters, in an answer that refuses with status 200; undefined if it
 * does not. For providers whose documents show no such answer: an error is set, a success is denied, or
 * a status is one of HTTP's or a word for failure.
 *
 * @param statusIsVerdict whether `status` says how the request went, and not what state something is in
 */
export function refusalInBody(body: JsonValue, statusIsVerdict: boolean): string | undefined {
	if (typeof body === 'string') {
		return FAILURE.test(wordOf(body)) ? shortened(body) : undefined;
	}
	// An answer in a list of its own; what has an ID is an entry of a list.
	const [only] = Array.isArray(body) && body.length === 1 ? body : [body];
	if (!isJsonObject(only) || (only !== body && Object.hasOwn(only, 'id'))) return undefined;
	const inside = WRAPPERS.map((name) => only[name]).filter(isJsonObject);
	return [only, ...inside]
		.map((part) => refusalOf(part, statusIsVerdict))
		.find((words) => words !== undefined);
}

function refusalOf(part: JsonObject, statusIsVerdict: boolean): string | undefined {
	const fields = Object.entries(part).map(
		([key, value]) => [normalizeKey(key.slice(0, 100)), value] as const,
	);
	const failed = fields.some(([name, value]) => {
		if (ERRORS.has(name)) return isSet(value);
		if (SUCCESSES.has(name)) return NO.test(wordOf(value));
		return name === 'status' && statusIsVerdict && isFailedStatus(value);
	});
	if (!failed) return undefined;
	const reasons = REASONS.map((reason) => fields.find(([name]) => name === reason)?.[1]);
	const errors = fields.filter(([name]) => ERRORS.has(name)).map(([, value]) => value);
	return [...reasons, ...errors].map(wordsIn).find((words) => words !== '') ?? 'no reason given';
}

function isSet(value: JsonValue): boolean {
	if (Array.isArray(value)) return value.length > 0;
	return isJsonObject(value) || !NOTHING.test(wordOf(value));
}

function isFailedStatus(value: JsonValue): boolean {
	return typeof value === 'number' ? value >= 400 : FAILURE.test(wordOf(value));
}

/** The beginning of a text, number or flag, for comparisons; objects and lists have none. */
function wordOf(value: JsonValue): string {
	return typeof value === 'object' ? '' : beginningOf(String(value));
}

function wordsIn(value: JsonValue | undefined): string {
	if (typeof value === 'string') return /^(\d+|true|false)$/i.test(value) ? '' : shortened(value);
	if (Array.isArray(value))
		return shortened(value.slice(0, 5).map(wordsIn).filter(Boolean).join('; '));
	return isJsonObject(value) ? wordsIn(value.message ?? value.mensagem) : '';
}
