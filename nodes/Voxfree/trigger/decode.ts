import { isJsonObject, parseJson } from '../../shared/json';
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

/** @throws SyntaxError where the frame is not JSON */
export function parseFrame(text: string): JsonValue {
	return parseJson(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
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
