import type { Place } from '../api/wire/conversationList';
import type { VoxfreeEvent } from './events';
import type { Lists } from './lists';
import { isLater } from './messageIds';

/** What is known of one conversation from events and lists. */
export interface ConversationRecord {
	place?: Place;
	lastMessageId?: string;
	/** Up to which message it was compared with what Voxfree has. */
	verifiedUpTo?: string;
	/** Messages that came since then, or since the start; undefined once there were too many. */
	since?: Set<string>;
	contactId?: string;
	channelId?: string;
	departmentId?: string;
	isGroup?: boolean;
	/** How often it has been put somewhere, as far as is known. */
	moves: number;
	/** Clock time of the last event about it. */
	changedAt: number;
}

/** As much of a record as is stored. */
export type RestoredConversation = Pick<
	ConversationRecord,
	'place' | 'lastMessageId' | 'verifiedUpTo' | 'since'
> & { moves?: number };

/** A conversation state as it was stored. */
export interface Snapshot {
	highestMessageId?: string;
	/** By protocol. */
	conversations: Array<[string, RestoredConversation]>;
}

const CAPACITY = 10_000;
/** So many ids of messages since the last comparison are kept of a conversation. */
const MOST_SINCE = 100;

/**
 * What events say about conversations, to be compared with the lists: what is in the lists but not
 * here has been missed.
 */
export class ConversationState {
	private readonly byProtocol = new Map<string, ConversationRecord>();

	/** Clock time when the waiting list was last said to have changed. */
	queueUpdatedAt = Number.NEGATIVE_INFINITY;

	/** The latest message id of all conversations. */
	highestMessageId: string | undefined;

	/** Whether a conversation has been moved since this was last set to false. */
	placesChanged = false;

	/** So that a conversation that was forgotten and comes back does not count anew. */
	private mostForgottenMoves = 0;

	constructor(readonly ownAgentId: string) {}

	get records(): ReadonlyMap<string, Readonly<ConversationRecord>> {
		return this.byProtocol;
	}

	/**
	 * Takes an event into account.
	 *
	 * @param now clock time
	 */
	apply(event: VoxfreeEvent, now: number): void {
		if (event.event === 'queueUpdated') this.queueUpdatedAt = now;
		if (event.protocol === undefined) return;
		const record = this.touch(event.protocol);
		record.changedAt = now;
		if (event.contactId !== undefined) record.contactId = event.contactId;
		if (event.channelId !== undefined) record.channelId = event.channelId;
		if (event.departmentId !== undefined) record.departmentId = event.departmentId;
		if (event.event === 'newMessage' && event.messageId !== undefined) {
			this.noteMessage(record, event.messageId);
			record.since?.add(event.messageId);
			if ((record.since?.size ?? 0) > MOST_SINCE) record.since = undefined;
		}
		const place = this.placeAfter(event);
		if (place === 'unchanged') return;
		record.moves++;
		record.place = place;
		this.placesChanged = true;
	}

	private placeAfter(event: VoxfreeEvent): Place | 'unchanged' | undefined {
		switch (event.event) {
			case 'routedToAgent':
			case 'routedToPortfolioAgent':
				return event.agentId === undefined || event.agentId === this.ownAgentId
					? 'active'
					: undefined;
			case 'routedToDepartment':
			case 'queuedForAgent':
				return 'waiting';
			case 'finished':
				return undefined;
			default:
				return 'unchanged';
		}
	}

	/** Which move of its conversation an event is, before it is applied; undefined if it is none. */
	moveOf(event: VoxfreeEvent): number | undefined {
		if (event.protocol === undefined || this.placeAfter(event) === 'unchanged') return undefined;
		return this.nextMove(event.protocol);
	}

	/** The number of the next move of a conversation. */
	nextMove(protocol: string): number {
		return (this.byProtocol.get(protocol)?.moves ?? this.mostForgottenMoves) + 1;
	}

	about(protocol: string): Readonly<Partial<ConversationRecord>> {
		return this.byProtocol.get(protocol) ?? {};
	}

	/** Takes note that nothing up to this message has been missed. */
	verify(protocol: string, messageId: string): void {
		const record = this.touch(protocol);
		if (isLater(messageId, record.verifiedUpTo)) record.verifiedUpTo = messageId;
		record.since = new Set([...(record.since ?? [])].filter((id) => isLater(id, messageId)));
		this.noteMessage(record, messageId);
	}

	private noteMessage(record: ConversationRecord, id: string): void {
		if (isLater(id, record.lastMessageId)) record.lastMessageId = id;
		if (isLater(id, this.highestMessageId)) this.highestMessageId = id;
	}

	/** Whether an event said something about a conversation after the lists were asked for. */
	isNewerThan(lists: Lists, protocol: string): boolean {
		const record = this.byProtocol.get(protocol);
		return record !== undefined && record.changedAt >= lists.readAt;
	}

	/** Takes the lists for true, except where an event has said something since. */
	adopt(lists: Lists): void {
		for (const listed of lists.conversations.values()) {
			const record = this.touch(listed.protocol);
			record.contactId ??= listed.contactId;
			record.channelId ??= listed.channelId;
			record.departmentId = listed.departmentId ?? record.departmentId;
			record.isGroup = listed.isGroup;
			if (!this.isNewerThan(lists, listed.protocol)) this.put(record, listed.place);
		}
		for (const [protocol, record] of this.byProtocol) {
			if (lists.names(protocol) || this.isNewerThan(lists, protocol)) continue;
			this.put(record, undefined);
		}
		this.placesChanged = true;
	}

	private put(record: ConversationRecord, place: Place | undefined): void {
		if (record.place !== place) record.moves++;
		record.place = place;
	}

	/** Takes the last messages that the lists name as known. Only at the very beginning. */
	adoptMessages(lists: Lists): void {
		for (const { protocol, lastMessageId } of lists.conversations.values()) {
			if (lastMessageId !== undefined) this.verify(protocol, lastMessageId);
		}
	}

	/** Continues from a snapshot. */
	restore({ highestMessageId, conversations }: Snapshot): void {
		if (highestMessageId !== undefined) this.highestMessageId = highestMessageId;
		for (const [protocol, restored] of conversations) {
			const { since } = restored;
			Object.assign(this.touch(protocol), restored, { since: since && new Set(since) });
		}
	}

	/** The record of a conversation, which from now on is the one that was changed last. */
	private touch(protocol: string): ConversationRecord {
		const known = this.byProtocol.get(protocol);
		if (known !== undefined) {
			// Put at the end, so that the first is the one that has not changed for longest.
			this.byProtocol.delete(protocol);
			this.byProtocol.set(protocol, known);
			return known;
		}
		for (const [oldest, { moves }] of this.byProtocol) {
			if (this.byProtocol.size < CAPACITY) break;
			this.byProtocol.delete(oldest);
			this.mostForgottenMoves = Math.max(this.mostForgottenMoves, moves);
		}
		const record = {
			moves: this.mostForgottenMoves,
			changedAt: Number.NEGATIVE_INFINITY,
			since: new Set<string>(),
		};
		this.byProtocol.set(protocol, record);
		return record;
	}
}
