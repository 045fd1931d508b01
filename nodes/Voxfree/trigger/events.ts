import type { JsonObject, JsonValue } from '../../shared/json';
import type { Message } from '../api/wire/messages';

/**
 * What can start a workflow: the events of Voxfree's socket, `other` for what its document does not
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
	/** Missed by the socket, but found in the lists afterwards. */
	recovered?: true;
	messageId?: string;
	protocol?: string;
	contactId?: string;
	/** With details, for a conversation in the lists; of a group conversation that of the group. */
	contactName?: string;
	/** With details, as Voxfree writes it in the lists. */
	contactNumber?: string;
	channelId?: string;
	departmentId?: string;
	/** Agent who is responsible for the conversation. */
	agentId?: string;
	/** Whether that agent is the one of the credential; missing where no agent is named. */
	isMine?: boolean;
	/** What is uncertain about a recovered event. */
	note?: string;
	/** With details: the message itself. */
	message?: Message;
	/**
	 * With details: all messages since the last one that was fetched. With messages that were collected:
	 * all of them, without details only their ids.
	 */
	messages?: Array<Partial<Message>>;
	/** With messages that were collected: their texts, one per line. */
	text?: string;
	/** With details: the conversation's entry in the lists. */
	conversation?: JsonObject;
	activeConversations?: JsonObject[];
	waitingConversations?: JsonObject[];
	/** Why details are missing. */
	detailsError?: string;
	/** Only for `gap`. */
	gap?: GapDetails;
	/** The frame as it came; with messages that were collected, a list of their frames. */
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

/** An event on its way to an execution. */
export interface PendingEvent {
	event: VoxfreeEvent;
	/** What makes it the same one when it comes again. */
	key: string;
}
