import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { isLater } from './events';
import type { VoxfreeEvent } from './events';
import { conversationIn } from '../api/wire/conversations';
import { firstField, textOf } from '../api/wire/fields';

/** Where a conversation is: with the agent, or waiting for one. */
type Place = 'active' | 'waiting';

/** What is known of one conversation from events and lists. */
interface Entry {
	place?: Place;
	lastMessageId?: string;
	/** Up to which message it was compared with what Voxfree has. */
	verifiedUpTo?: string;
	/** Messages told since then; nothing once there were too many. */
	told?: Set<string>;
	contactId?: string;
	channelId?: string;
	departmentId?: string;
	isGroup?: boolean;
	/** How often it has been put somewhere, as far as was told. */
	moves: number;
	/** Clock time of the last event about it. */
	toldAt: number;
}

/** One entry of the active or the waiting list, as far as it is understood. */
export interface ListedConversation {
	protocol: string;
	place: Place;
	contactId?: string;
	channelId?: string;
	departmentId?: string;
	agentId?: string;
	isGroup: boolean;
	/** Where the list tells it. */
	lastMessageId?: string;
	entry: JsonObject;
}

/** The two lists at one moment of the clock. */
export interface Lists {
	readAt: number;
	conversations: Map<string, ListedConversation>;
	active: JsonObject[];
	waiting: JsonObject[];
}

const CAPACITY = 10_000;
/** More than this is not kept beyond a restart: static data is stored with every execution. */
const REMEMBERED = 500;
/** So many ids of told messages are kept of a conversation, and of all beyond a restart. */
const TOLD = 100;
const TOLD_REMEMBERED = 500;

/** Names under which the lists may tell the last message; the document shows them as a picture. */
const LAST_MESSAGE = [
	'id_last_message',
	'last_message_id',
	'codid_ultima_mensagem',
	'id_ultima_mensagem',
];

/** Reads the lists as the API returns them. Entries without a protocol are not understood. */
export function listsIn(active: JsonObject[], waiting: JsonObject[], readAt: number): Lists {
	const conversations = new Map<string, ListedConversation>();
	const add = (entry: JsonObject, place: Place): JsonObject => {
		const found = conversationIn(entry);
		const protocol = textOf(found.protocol);
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
	const waitingEntries = waiting.map((entry) => add(entry, 'waiting'));
	// One that is in both is being served.
	const activeEntries = active.map((entry) => add(entry, 'active'));
	return { readAt, conversations, active: activeEntries, waiting: waitingEntries };
}

/**
 * What the events have told about conversations, to be held against the lists: what is in the lists
 * but not here has been missed.
 */
export class ConversationBook {
	private readonly entries = new Map<string, Entry>();

	private queueRefreshedAt = Number.NEGATIVE_INFINITY;

	/** The latest message id of all conversations. */
	highestMessageId: string | undefined;

	/** So that a conversation that was forgotten and comes back does not count anew. */
	private mostForgottenMoves = 0;

	constructor(private readonly ownAgentId: string) {}

	/** Whether the last event changed where a conversation is. */
	placesChanged = false;

	get size(): number {
		return this.entries.size;
	}

	/** Takes note of an event. */
	tell(event: VoxfreeEvent, now: number): void {
		if (event.event === 'queueUpdated') this.queueRefreshedAt = now;
		if (event.protocol === undefined) return;
		const entry = this.entryOf(event.protocol);
		entry.toldAt = now;
		if (event.contactId !== undefined) entry.contactId = event.contactId;
		if (event.channelId !== undefined) entry.channelId = event.channelId;
		if (event.departmentId !== undefined) entry.departmentId = event.departmentId;
		if (event.event === 'newMessage' && event.messageId !== undefined) {
			this.noteMessage(entry, event.messageId);
			entry.told?.add(event.messageId);
			if ((entry.told?.size ?? 0) > TOLD) entry.told = undefined;
		}
		const place = this.placeAfter(event);
		if (place === 'unchanged') return;
		entry.moves++;
		entry.place = place;
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

	/** The message up to which nothing can have been missed; nothing where none is known. */
	verifiedMessageId(protocol: string): string | undefined {
		return this.entries.get(protocol)?.verifiedUpTo;
	}

	/** Takes note that nothing up to this message has been missed. */
	verify(protocol: string, messageId: string): void {
		const entry = this.entryOf(protocol);
		if (isLater(messageId, entry.verifiedUpTo)) entry.verifiedUpTo = messageId;
		entry.told = new Set([...(entry.told ?? [])].filter((id) => isLater(id, messageId)));
		this.noteMessage(entry, messageId);
	}

	private noteMessage(entry: Entry, id: string): void {
		if (isLater(id, entry.lastMessageId)) entry.lastMessageId = id;
		if (isLater(id, this.highestMessageId)) this.highestMessageId = id;
	}

	/** Whether an event says where a conversation is from now on. */
	isMove(event: VoxfreeEvent): boolean {
		return event.protocol !== undefined && this.placeAfter(event) !== 'unchanged';
	}

	/** What is known about a conversation, for the calls that need it. */
	about(protocol: string): Readonly<Partial<Entry>> {
		return this.entries.get(protocol) ?? {};
	}

	/**
	 * The places that differ from what events have told, as the events that would have told them.
	 * Conversations that were told about after the lists were asked for are left out.
	 */
	differences(lists: Lists): VoxfreeEvent[] {
		const found: VoxfreeEvent[] = [];
		for (const listed of lists.conversations.values()) {
			const entry = this.entries.get(listed.protocol);
			if (entry?.place === listed.place || this.isFresher(entry, lists)) continue;
			if (listed.place === 'waiting' && this.queueRefreshedAt >= lists.readAt) continue;
			const mine = listed.agentId === undefined ? undefined : listed.agentId === this.ownAgentId;
			found.push({
				event:
					listed.place === 'active'
						? 'routedToAgent'
						: mine === true
							? 'queuedForAgent'
							: 'queueUpdated',
				recovered: true,
				...identityOf(listed),
				...(listed.place === 'active' ? { agentId: this.ownAgentId, isMine: true } : {}),
				...(listed.place === 'waiting' && mine !== undefined ? { isMine: mine } : {}),
				conversation: listed.entry,
			});
		}
		for (const [protocol, entry] of this.entries) {
			if (entry.place === undefined || lists.conversations.has(protocol)) continue;
			if (this.isFresher(entry, lists)) continue;
			found.push({
				event: entry.place === 'active' ? 'finished' : 'queueUpdated',
				recovered: true,
				protocol,
				...(entry.contactId === undefined ? {} : { contactId: entry.contactId }),
				...(entry.channelId === undefined ? {} : { channelId: entry.channelId }),
				note:
					entry.place === 'active'
						? 'It is in neither list any more: finished, or handed on to somebody else.'
						: 'It does not wait any more: somebody else took it, or it was finished.',
			});
		}
		return found;
	}

	private isFresher(entry: Entry | undefined, lists: Lists): boolean {
		return entry !== undefined && entry.toldAt >= lists.readAt;
	}

	/** Takes the lists for true, where no event has told something since. */
	adopt(lists: Lists): void {
		for (const listed of lists.conversations.values()) {
			const entry = this.entryOf(listed.protocol);
			entry.contactId ??= listed.contactId;
			entry.channelId ??= listed.channelId;
			entry.departmentId = listed.departmentId ?? entry.departmentId;
			entry.isGroup = listed.isGroup;
			if (this.isFresher(entry, lists)) continue;
			if (entry.place !== listed.place) entry.moves++;
			entry.place = listed.place;
		}
		for (const [protocol, entry] of this.entries) {
			if (lists.conversations.has(protocol) || this.isFresher(entry, lists)) continue;
			if (entry.place !== undefined) entry.moves++;
			entry.place = undefined;
		}
		this.placesChanged = true;
	}

	/** Takes the last messages that the lists name as known. Only at the very beginning. */
	adoptMessages(lists: Lists): void {
		for (const { protocol, lastMessageId } of lists.conversations.values()) {
			if (lastMessageId !== undefined) this.verify(protocol, lastMessageId);
		}
	}

	/**
	 * What is to be kept beyond a restart.
	 *
	 * @param unsettled ids of messages, by protocol, that a restart must not take for dealt with,
	 *   although later ones have been
	 */
	snapshot(unsettled: ReadonlyMap<string, ReadonlySet<string>> = new Map()): JsonObject {
		const highest = lastBefore(this.highestMessageId, [...unsettled.values()]);
		let room = TOLD_REMEMBERED;
		const kept = [...this.entries]
			.filter(([, { place }]) => place !== undefined)
			.slice(-REMEMBERED)
			.map(([protocol, entry]): [string, JsonValue] => {
				const { lastMessageId, moves, place = '', told, verifiedUpTo } = entry;
				const dealtWith = (id?: string) => lastBefore(id, [unsettled.get(protocol) ?? []]) ?? '';
				const value: JsonValue[] = [place, dealtWith(lastMessageId), moves];
				// Between what was compared and what was told last, one may be missing.
				if (verifiedUpTo !== undefined && told !== undefined && told.size <= room) {
					room -= told.size;
					value.push(dealtWith(verifiedUpTo), [...told]);
				}
				return [protocol, value];
			});
		return {
			conversations: Object.fromEntries(kept),
			...(highest === undefined ? {} : { highest }),
		};
	}

	/**
	 * Goes on from a snapshot; what cannot be read of it is left out.
	 *
	 * @returns messages that had been dealt with, later ones than those up to which nothing is missing
	 */
	restore(snapshot: unknown): Array<{ protocol: string; messageId: string }> {
		const restored: Array<{ protocol: string; messageId: string }> = [];
		if (!isJsonObject(snapshot)) return restored;
		const { conversations, highest } = snapshot;
		if (typeof highest === 'string') this.highestMessageId = highest;
		if (!isJsonObject(conversations)) return restored;
		for (const [protocol, value] of Object.entries(conversations)) {
			if (!Array.isArray(value)) continue;
			const [place, lastMessageId, moves, verifiedUpTo, told] = value;
			if (place !== 'active' && place !== 'waiting') continue;
			const entry = this.entryOf(protocol);
			entry.place = place;
			if (typeof moves === 'number') entry.moves = moves;
			if (typeof lastMessageId === 'string' && lastMessageId !== '') {
				entry.lastMessageId = entry.verifiedUpTo = lastMessageId;
			}
			if (typeof verifiedUpTo !== 'string' || verifiedUpTo === '' || !Array.isArray(told)) continue;
			entry.verifiedUpTo = verifiedUpTo;
			entry.told = new Set(told.filter((id) => typeof id === 'string'));
			for (const messageId of entry.told) restored.push({ protocol, messageId });
		}
		return restored;
	}

	private entryOf(protocol: string): Entry {
		const known = this.entries.get(protocol);
		if (known !== undefined) {
			// Put at the end, so that the first is the one that nothing was heard of for longest.
			this.entries.delete(protocol);
			this.entries.set(protocol, known);
			return known;
		}
		for (const [oldest, { moves }] of this.entries) {
			if (this.entries.size < CAPACITY) break;
			this.entries.delete(oldest);
			this.mostForgottenMoves = Math.max(this.mostForgottenMoves, moves);
		}
		const entry: Entry = { moves: this.mostForgottenMoves, toldAt: Number.NEGATIVE_INFINITY };
		this.entries.set(protocol, entry);
		return entry;
	}
}

/** The message up to which there are none of these: the last one itself, or the one before the first of them. */
function lastBefore(last: string | undefined, groups: Array<Iterable<string>>) {
	if (last === undefined) return undefined;
	let first: string | undefined;
	for (const ids of groups) {
		for (const id of ids) {
			if (/^[1-9]\d*$/.test(id) && (first === undefined || isLater(first, id))) first = id;
		}
	}
	return first === undefined || isLater(first, last) ? last : String(BigInt(first) - 1n);
}

function identityOf(listed: ListedConversation): Partial<VoxfreeEvent> {
	const { protocol, contactId, channelId, departmentId, agentId } = listed;
	return Object.fromEntries(
		Object.entries({ protocol, contactId, channelId, departmentId, agentId }).filter(
			([, value]) => value !== undefined,
		),
	);
}
