import { isJsonObject, parseJson } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { digestOf } from './EventWindow';
import type { Message } from '../api/wire/messages';

/**
 * What can start a workflow: what Voxfree's socket tells, `other` for what its document does not
 * know, and `gap` for a time in which events may have been missed.
 */
export type VoxfreeEventName =
	| 'finished'
	| 'gap'
	| 'newMessage'
	| 'other'
	| 'queuedForAgent'
	| 'queueUpdated'
	| 'routedToAgent'
	| 'routedToDepartment'
	| 'routedToPortfolioAgent';

/** One event in one shape. What Voxfree leaves out is left out here; ids are text. */
export interface VoxfreeEvent {
	event: VoxfreeEventName;
	/** Not told by the socket, but found in the lists afterwards. */
	recovered?: true;
	messageId?: string;
	protocol?: string;
	contactId?: string;
	channelId?: string;
	departmentId?: string;
	/** Agent who is responsible for the conversation. */
	agentId?: string;
	/** Whether that agent is the one of the credential; missing where no agent is named. */
	isMine?: boolean;
	/** What is uncertain about a recovered event. */
	note?: string;
	/** With details: the message that was told. */
	message?: Message;
	/** With details: all messages since the last one that was fetched. */
	messages?: Message[];
	/** With details: the conversation's entry in the lists. */
	conversation?: JsonObject;
	activeConversations?: JsonObject[];
	waitingConversations?: JsonObject[];
	/** Why details are missing. */
	detailsError?: string;
	/** Only for `gap`. */
	gap?: GapDetails;
	/** The frame as it came. */
	raw?: JsonValue;
}

/** A time in which events may have been missed. Times are ISO 8601. */
export interface GapDetails {
	from: string;
	to: string;
	reason: string;
	/** How many events of it were found in the lists. */
	recovered: number;
	/** How many events are known to be lost, where that is known. */
	lost?: number;
	/** False where the lists could not be read, so that nothing could be recovered. */
	compared: boolean;
}

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

/** The text of a frame; nothing where it is neither text nor bytes. */
export function textOfFrame(data: unknown): string | undefined {
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

/** Whether a frame is our own registration, which a server that repeats everything sends back. */
export function isRegistration(raw: JsonValue): boolean {
	return isJsonObject(raw) && raw.type === 'socket' && raw.message === null && raw.token === null;
}

/**
 * Reads one frame. Never throws; what it does not know is `other`.
 *
 * @param ownAgentId id of the agent of the credential
 */
export function readEvent(raw: JsonValue, ownAgentId: string): VoxfreeEvent {
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

/** What makes a message the same one, whoever tells of it. Nothing for what has no id. */
export function factOf(event: VoxfreeEvent): string | undefined {
	if (event.event !== 'newMessage' || event.messageId === undefined) return undefined;
	return `message:${event.protocol ?? ''}:${event.messageId}`;
}

/**
 * What makes a told event the same one: its id and its content. Nothing for what has no id, because
 * two of those may be equal and still be two.
 *
 * @param text the frame
 */
export function keyOf(event: VoxfreeEvent, text: string): string | undefined {
	if (event.messageId === undefined) return undefined;
	return `${event.event}:${event.protocol ?? ''}:${event.messageId}:${digestOf(text)}`;
}

/** Which of two ids was given out later. Ids that are no whole numbers come before all others. */
export function isLater(id: string, than: string | undefined): boolean {
	if (!/^\d+$/.test(id)) return false;
	if (than === undefined || !/^\d+$/.test(than)) return true;
	return id.length === than.length ? id > than : id.length > than.length;
}

/** What the user's settings leave through. Empty lists leave everything through. */
export interface EventFilter {
	events: ReadonlySet<VoxfreeEventName>;
	onlyMine: boolean;
	contactIds: ReadonlySet<string>;
	channelIds: ReadonlySet<string>;
	departmentIds: ReadonlySet<string>;
	protocols: ReadonlySet<string>;
}

/**
 * Whether an event passes the filter. One that names no department passes the filter for them: most
 * do not name it, and leaving them out would leave out nearly everything.
 */
export function passes(event: VoxfreeEvent, filter: EventFilter): boolean {
	if (!filter.events.has(event.event)) return false;
	if (event.event === 'gap') return true;
	if (filter.onlyMine && event.isMine === false) return false;
	return (
		isOneOf(filter.contactIds, event.contactId) &&
		isOneOf(filter.channelIds, event.channelId) &&
		isOneOf(filter.protocols, event.protocol) &&
		(event.departmentId === undefined || isOneOf(filter.departmentIds, event.departmentId))
	);
}

function isOneOf(wanted: ReadonlySet<string>, id: string | undefined): boolean {
	return wanted.size === 0 || (id !== undefined && wanted.has(id));
}
