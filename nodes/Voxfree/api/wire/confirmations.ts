import type { JsonObject, JsonValue } from '../../../shared/json';
import { normalizeKey } from '../../../shared/text';
import { field, firstField, isYes } from './fields';
import { messagesIn } from './messages';
import { envelopesIn, failuresSpokenIn, verdictOf } from './refusals';

/** Fields in which the document shows the ID of what was made. */
const NEW_IDS = ['new_codid', 'codid_protocolo'];

/**
 * Whether an answer that is no refusal says that the request was carried out, in one of the ways that
 * the document shows: `retorno`, `status` or `update` is "ok", `error` is 0, or the answer holds the
 * new ID or the message that was sent.
 *
 * @returns false if it says something else where the document has one of these; undefined if it says
 * nothing about it. Neither means that the request failed.
 */
export function confirmationIn(answer: JsonValue): boolean | undefined {
	const envelopes = envelopesIn(answer);
	const top = envelopes.filter(({ isTop }) => isTop);
	const verdictsOf = (parts: typeof envelopes) =>
		parts.flatMap(({ fields }) => fields.map(verdictOf)).filter((one) => one !== undefined);
	const verdicts = verdictsOf(top);
	if (verdicts.some((one) => one !== 'ok')) return false;
	if (top.some((part) => failuresSpokenIn(part).length > 0)) return false;
	const sent = messagesIn(answer);
	if (sent.some(hasFailed)) return false;
	if (verdicts.length > 0 || sent.some(isOwn)) return true;
	const inside = verdictsOf(envelopes);
	if (inside.length > 0) return inside.every((one) => one === 'ok');
	const hasNewId = top.some(
		({ fields }) =>
			firstField(Object.fromEntries(fields.map(({ name, value }) => [name, value])), NEW_IDS) !==
			undefined,
	);
	return hasNewId ? true : undefined;
}

/**
 * Whether an answer says that the agent has this status now. The document describes it as "the status
 * of the update (ok or failure) and the status that was set", without names.
 */
export function confirmsStatus(answer: JsonValue, status: 'online' | 'offline'): boolean {
	const said = envelopesIn(answer).flatMap(({ fields }) =>
		fields.filter(({ name, value }) => isStatusName(name) && statusIn(value) !== undefined),
	);
	if (said.some(({ value }) => statusIn(value) !== status)) return false;
	const others = without(
		answer,
		said.map(({ name }) => name),
	);
	return confirmationIn(others) === true;
}

function isStatusName(name: string): boolean {
	return /^(status|novostatus|statusagente|statusnovo|statussetado)$/.test(name);
}

function statusIn(value: JsonValue): 'online' | 'offline' | undefined {
	const word = String(value).slice(0, 20).trim().toLowerCase();
	if (word === '1' || word === 'online') return 'online';
	return word === '0' || word === 'offline' ? 'offline' : undefined;
}

function without(value: JsonValue, names: readonly string[]): JsonValue {
	if (Array.isArray(value)) return value.map((entry) => without(entry, names));
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([key, inner]) => !names.includes(normalizeKey(key)) || statusIn(inner) === undefined)
			.map(([key, inner]) => [key, without(inner, names)]),
	);
}

/** A message that Voxfree returns, but says of it that it failed. */
function hasFailed(message: JsonObject): boolean {
	return ['retorno', 'status', 'error', 'erro'].some((name) => {
		const value = field(message, name);
		return value !== undefined && verdictOf({ name, value }) === 'failed';
	});
}

function isOwn(message: JsonObject): boolean {
	const own = field(message, 'fromMe');
	return own === undefined || own === null || isYes(own);
}
