import type { JsonObject } from '../../shared/json';
import { messageIn } from '../api/wire/messages';
import { momentOf } from '../api/wire/time';
import type { ConversationState } from './ConversationState';
import type { GapDetails, VoxfreeEvent } from './events';
import type { ListedConversation, Lists } from './lists';
import { isLater } from './messageIds';
import type { Gap } from './SocketClient';

/**
 * The moves that the lists show and no event did, as the events that would have. Conversations of which
 * an event came after the lists were asked for are left out.
 */
export function missedMoves(state: ConversationState, lists: Lists): VoxfreeEvent[] {
	const missed: VoxfreeEvent[] = [];
	for (const listed of lists.conversations.values()) {
		const isKnown = state.about(listed.protocol).place === listed.place;
		if (isKnown || state.isNewerThan(lists, listed.protocol)) continue;
		if (listed.place === 'waiting' && state.queueUpdatedAt >= lists.readAt) continue;
		missed.push(arrivalOf(listed, state.ownAgentId));
	}
	for (const [protocol, { place, contactId, channelId }] of state.records) {
		if (place === undefined || lists.names(protocol)) continue;
		if (state.isNewerThan(lists, protocol)) continue;
		missed.push({
			event: place === 'active' ? 'finished' : 'queueUpdated',
			recovered: true,
			...omitUndefined({ protocol, contactId, channelId }),
			note:
				place === 'active'
					? 'The conversation is in neither list any more: it was finished, or transferred to someone else.'
					: 'The conversation no longer waits: someone else took it, or it was finished.',
		});
	}
	return missed;
}

function arrivalOf(listed: ListedConversation, ownAgentId: string): VoxfreeEvent {
	const { protocol, contactId, channelId, departmentId, agentId, entry } = listed;
	const isMine = agentId === undefined ? undefined : agentId === ownAgentId;
	const known = omitUndefined({ protocol, contactId, channelId, departmentId, agentId });
	if (listed.place === 'active') {
		const mine = { agentId: ownAgentId, isMine: true };
		return { event: 'routedToAgent', recovered: true, ...known, ...mine, conversation: entry };
	}
	return {
		event: isMine === true ? 'queuedForAgent' : 'queueUpdated',
		recovered: true,
		...known,
		...omitUndefined({ isMine }),
		conversation: entry,
	};
}

function omitUndefined<T extends object>(fields: T): Partial<T> {
	return Object.fromEntries(
		Object.entries(fields).filter(([, value]) => value !== undefined),
	) as Partial<T>;
}

/** What is known about the messages of a conversation that may have been missed. */
export interface KnownMessages {
	agentId: string;
	/** The message up to which nothing is missing. */
	after: string;
	/** Whether that message is of this conversation. Otherwise the time of each has to decide. */
	isVerified: boolean;
	/** Milliseconds of the epoch before which nothing is to be recovered. */
	startedAt: number;
	isSeen: (messageId: string) => boolean;
}

/**
 * The messages of a conversation that no event brought, in the order that they were written in. Those
 * that the agent sent are left out: a workflow that answers them would answer itself.
 *
 * @param entries as the API returns them
 * @returns with the id of the newest entry
 */
export function missedMessages(
	listed: ListedConversation,
	entries: JsonObject[],
	{ agentId, after, isVerified, startedAt, isSeen }: KnownMessages,
): { missed: VoxfreeEvent[]; newestId: string | undefined } {
	const { protocol, contactId, channelId, departmentId } = listed;
	const inOrder = [...entries].sort(byMessageId);
	const missed = inOrder.flatMap((entry): VoxfreeEvent[] => {
		const message = messageIn(entry);
		const { messageId } = message;
		if (messageId === undefined || !isLater(messageId, after) || isSeen(messageId)) return [];
		if (message.protocol !== undefined && message.protocol !== protocol) return [];
		const at = momentOf(entry)?.getTime();
		const isOld = !isVerified && (at === undefined || at < startedAt);
		if (message.fromMe || isOld) return [];
		return [
			{
				event: 'newMessage',
				recovered: true,
				messageId,
				protocol,
				...omitUndefined({ contactId, channelId, departmentId }),
				agentId,
				isMine: true,
				message,
			},
		];
	});
	const newest = inOrder.at(-1);
	return { missed, newestId: newest && messageIn(newest).messageId };
}

function byMessageId(a: JsonObject, b: JsonObject): number {
	const [first, second] = [messageIn(a).messageId ?? '', messageIn(b).messageId ?? ''];
	if (isLater(first, second)) return 1;
	return isLater(second, first) ? -1 : 0;
}

/** What was found in the lists, and since when it may have been missed. */
export interface Found {
	recovered: number;
	/** Milliseconds of the epoch. */
	from?: number;
}

/**
 * One gap for several that belong together. Their times are milliseconds of the epoch.
 *
 * @param to the time that it reaches at least
 */
export function mergeGaps(
	gaps: readonly Gap[],
	{ recovered, from = Infinity }: Found,
	compared: boolean,
	to = Number.NEGATIVE_INFINITY,
): GapDetails {
	return {
		from: new Date(Math.min(from, ...gaps.map((gap) => gap.from))).toISOString(),
		to: new Date(Math.max(to, ...gaps.map((gap) => gap.to))).toISOString(),
		reason: [...new Set(gaps.map(({ reason }) => reason))].join('; '),
		recovered,
		compared,
	};
}
