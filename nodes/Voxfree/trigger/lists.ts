import type { JsonObject, JsonValue } from '../../shared/json';
import type { ConversationList, Place } from '../api/wire/conversationList';
import { conversationIn, protocolIn } from '../api/wire/conversations';
import { firstField, textOf } from '../api/wire/fields';

/** One entry of the active or the waiting list, as far as it is understood. */
export interface ListedConversation {
	protocol: string;
	place: Place;
	contactId?: string;
	channelId?: string;
	departmentId?: string;
	agentId?: string;
	isGroup: boolean;
	/** If the list names it. */
	lastMessageId?: string;
	entry: JsonObject;
}

/** The two lists at one moment of the clock. */
export interface Lists {
	readAt: number;
	conversations: Map<string, ListedConversation>;
	active: JsonObject[];
	waiting: JsonObject[];
	/** An answer that is not understood to its last part. What is not in the lists may be in it. */
	unclear: JsonValue | undefined;
	/** Whether an answer has a protocol in it, wherever that stands. */
	names(protocol: string): boolean;
}

/** Names under which the lists may show the last message; the document shows them as a picture. */
const LAST_MESSAGE = [
	'id_last_message',
	'last_message_id',
	'codid_ultima_mensagem',
	'id_ultima_mensagem',
];

/** Reads the lists as the API returns them. Entries without a protocol are not understood. */
export function toLists(
	active: ConversationList,
	waiting: ConversationList,
	readAt: number,
): Lists {
	const conversations = new Map<string, ListedConversation>();
	const add = (entry: JsonObject, place: Place): JsonObject => {
		const found = conversationIn(entry);
		const protocol = protocolIn(entry);
		if (protocol !== undefined) {
			conversations.set(protocol, {
				protocol,
				place,
				contactId: textOf(found.contactId),
				channelId: textOf(found.channelId),
				departmentId: textOf(found.departmentId),
				agentId: textOf(found.agentId),
				isGroup: found.isGroup,
				lastMessageId: textOf(firstField(entry, LAST_MESSAGE)),
				entry: found,
			});
		}
		return found;
	};
	const waitingEntries = waiting.entries.map((entry) => add(entry, 'waiting'));
	// One that is in both is being served.
	const activeEntries = active.entries.map((entry) => add(entry, 'active'));
	return {
		readAt,
		conversations,
		active: activeEntries,
		waiting: waitingEntries,
		unclear: [active, waiting].find(({ isWhole }) => !isWhole)?.answer,
		names: (protocol) => active.names(protocol) || waiting.names(protocol),
	};
}
