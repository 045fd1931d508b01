import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import type { ConversationState, RestoredConversation, Snapshot } from './ConversationState';
import { idBefore, isLater } from './messageIds';

/** More conversations are not kept beyond a restart: static data is stored with every execution. */
const MOST_CONVERSATIONS = 500;
/** So many ids of messages since the last comparison are kept beyond a restart. */
const MOST_SINCE = 500;

/**
 * What is to be kept of a state beyond a restart.
 *
 * @param inProgress ids of messages, by protocol, that a restart must not take for handled although
 *   later ones are
 */
export function encodeSnapshot(
	state: ConversationState,
	inProgress: ReadonlyMap<string, ReadonlySet<string>>,
): JsonObject {
	const highest = lastBefore(state.highestMessageId, [...inProgress.values()]);
	let room = MOST_SINCE;
	const kept = [...state.records]
		.filter(([, { place }]) => place !== undefined)
		.slice(-MOST_CONVERSATIONS)
		.map(([protocol, record]): [string, JsonValue] => {
			const { lastMessageId, moves, place = '', since, verifiedUpTo } = record;
			const ids = inProgress.get(protocol);
			const handled = (id?: string) => (ids === undefined ? id : lastBefore(id, [ids])) ?? '';
			const value: JsonValue[] = [place, handled(lastMessageId), moves];
			// Between what was compared and what came last, one may be missing.
			if (verifiedUpTo !== undefined && since !== undefined && since.size <= room) {
				room -= since.size;
				value.push(handled(verifiedUpTo), [...since]);
			}
			return [protocol, value];
		});
	return {
		conversations: Object.fromEntries(kept),
		...(highest === undefined ? {} : { highest }),
	};
}

/** Reads a stored snapshot; what cannot be read of it is left out. */
export function decodeSnapshot(stored: unknown): Snapshot {
	if (!isJsonObject(stored)) return { conversations: [] };
	const { conversations, highest } = stored;
	return {
		...(typeof highest === 'string' ? { highestMessageId: highest } : {}),
		conversations: Object.entries(isJsonObject(conversations) ? conversations : {}).flatMap(
			([protocol, value]) => {
				const restored = decodeConversation(value);
				return restored === undefined ? [] : [[protocol, restored] as const];
			},
		) as Snapshot['conversations'],
	};
}

function decodeConversation(value: JsonValue): RestoredConversation | undefined {
	if (!Array.isArray(value)) return undefined;
	const [place, lastMessageId, moves, verifiedUpTo, since] = value;
	if (place !== 'active' && place !== 'waiting') return undefined;
	const restored: RestoredConversation = { place };
	if (typeof moves === 'number') restored.moves = moves;
	if (typeof lastMessageId === 'string' && lastMessageId !== '') {
		restored.lastMessageId = restored.verifiedUpTo = lastMessageId;
	}
	if (typeof verifiedUpTo === 'string' && verifiedUpTo !== '' && Array.isArray(since)) {
		restored.verifiedUpTo = verifiedUpTo;
		restored.since = new Set(since.filter((id) => typeof id === 'string'));
	}
	return restored;
}

/** The last message before the first of these: `last` itself if none of them is before it. */
function lastBefore(last: string | undefined, groups: Array<Iterable<string>>) {
	if (last === undefined) return undefined;
	let first: string | undefined;
	for (const ids of groups) {
		for (const id of ids) {
			if (/^[1-9]\d*$/.test(id) && (first === undefined || isLater(first, id))) first = id;
		}
	}
	return first === undefined || isLater(first, last) ? last : idBefore(first);
}
