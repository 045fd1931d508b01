import { elementsOfList, isJsonObject, NestedTooDeep, parseJson } from '../../shared/json';
import type { JsonValue } from '../../shared/json';
import type { VoxfreeEvent, VoxfreeEventName } from './events';

/** The socket's words for its events, in lower case: the document itself writes `Finalizar`. */
const EVENTS: Readonly<Record<string, VoxfreeEventName>> = {
	new_message: 'newMessage',
	encaminhado_agente: 'routedToAgent',
	encaminhado_departamento: 'routedToDepartment',
	direcionamento_fidelizado_agente: 'routedToPortfolioAgent',
	encaminhado_agente_espera: 'queuedForAgent',
	update_espera: 'queueUpdated',
	finalizar: 'finished',
};

/** The text of a frame; undefined if it is neither text nor bytes. */
export function frameText(data: unknown): string | undefined {
	if (typeof data === 'string') return data;
	if (data instanceof ArrayBuffer) return Buffer.from(data).toString('utf8');
	// Node's classes and those of a sandbox are not the same.
	if (ArrayBuffer.isView(data)) return Buffer.from(data as Uint8Array).toString('utf8');
	if (Object.prototype.toString.call(data) === '[object ArrayBuffer]') {
		return Buffer.from(data as ArrayBuffer).toString('utf8');
	}
	return undefined;
}

/** @throws SyntaxError where the frame is not JSON; NestedTooDeep, which is one, if n8n could not store it */
function parseFrame(text: string): JsonValue {
	return parseJson(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
}

/** One of the things that a frame holds: an event, or a text that cannot be read. */
export type FramePart = { raw: JsonValue } | { unreadable: string; isTooDeep: boolean };

/** How many lists and texts may stand around an event. */
const MOST_WRAPPINGS = 4;
/** How a text begins that is JSON itself. A sentence may begin with a bracket as well. */
const JSON_BEGINS = /^\s*(?:\{\s*["}]|\[\s*[[{"\]])/;

/** Reads what a frame holds, in its order: one event, a list of them, or either as JSON within a text. */
export function* partsOfFrame(text: string, wrappings = 0): Generator<FramePart> {
	let value: JsonValue;
	try {
		value = parseFrame(text);
	} catch (error) {
		const isTooDeep = error instanceof NestedTooDeep;
		const elements = isTooDeep && wrappings < MOST_WRAPPINGS ? elementsOfList(text) : undefined;
		if (elements === undefined || elements.length < 2) {
			yield { unreadable: text, isTooDeep };
			return;
		}
		// One of them is too deep, which is no fault of the others.
		for (const element of elements) yield* partsOfFrame(element, wrappings + 1);
		return;
	}
	yield* partsOf(value, wrappings);
}

function* partsOf(value: JsonValue, wrappings: number): Generator<FramePart> {
	if (wrappings < MOST_WRAPPINGS) {
		if (Array.isArray(value)) {
			for (const element of value) yield* partsOf(element, wrappings + 1);
			return;
		}
		const inner = typeof value === 'string' ? jsonWithin(value) : undefined;
		if (inner !== undefined) return yield* partsOfFrame(inner, wrappings + 1);
	}
	yield { raw: value };
}

/** A text that has to be read as JSON; undefined for a text that is one itself. */
function jsonWithin(text: string): string | undefined {
	if (JSON_BEGINS.test(text)) return text;
	if (!/^\s*"/.test(text)) return undefined;
	try {
		return typeof JSON.parse(text) === 'string' ? text : undefined;
	} catch {
		return undefined;
	}
}

/**
 * Decodes one frame. Never throws; what it does not know is `other`.
 *
 * @param ownAgentId id of the agent of the credential
 */
export function decodeEvent(raw: JsonValue, ownAgentId: string): VoxfreeEvent {
	if (!isJsonObject(raw)) return { event: 'other', raw };
	const { tipo_update: update } = raw;
	const word = typeof update === 'string' ? update.trim().toLowerCase() : '';
	const event: VoxfreeEvent = {
		event: (Object.hasOwn(EVENTS, word) ? EVENTS[word] : undefined) ?? 'other',
	};
	const messageId = idIn(raw.id_msg);
	const protocol = idIn(raw.protocolo_atual);
	const contactId = idIn(raw.codid_contato);
	const channelId = idIn(raw.codid_canal);
	const departmentId = idIn(raw.codid_departamento) ?? idIn(raw.departamento);
	const agentId = idIn(raw.agente_responsavel);
	if (messageId !== undefined) event.messageId = messageId;
	if (protocol !== undefined) event.protocol = protocol;
	if (contactId !== undefined) event.contactId = contactId;
	if (channelId !== undefined) event.channelId = channelId;
	if (departmentId !== undefined) event.departmentId = departmentId;
	if (agentId !== undefined) {
		event.agentId = agentId;
		event.isMine = agentId === ownAgentId;
	}
	event.raw = raw;
	return event;
}

function idIn(value: JsonValue | undefined): string | undefined {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
