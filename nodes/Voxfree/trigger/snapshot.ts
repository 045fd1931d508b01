import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import type {
	ConversationRecord,
	ConversationState,
	RestoredConversation,
	Snapshot,
} from './ConversationState';
import { lastBefore } from './messageIds';

/** More conversations are not kept beyond a restart: static data is stored with every execution. */
const MOST_CONVERSATIONS = 500;
/** So many ids of messages since the last comparison are kept beyond a restart. */
const MOST_SINCE = 500;

/**
 * What is to be kept of a state beyond a restart.
 *
 * @param inProgress ids of messages, by protocol, that a restart must not take for handled although
 *   later ones are
 * @param withoutKeys whether nothing but this keeps what was handled from running again. Then it comes
 *   first that all of that is kept
 */
export function encodeSnapshot(
	state: ConversationState,
	inProgress: ReadonlyMap<string, ReadonlySet<string>>,
	withoutKeys: boolean,
): JsonObject {
	const hasSome = ({ place, since }: Readonly<ConversationRecord>) =>
		place !== undefined || (withoutKeys && (since?.size ?? 0) > 0);
	const wanted = [...state.records].filter(([, record]) => hasSome(record));
	let room = MOST_SINCE;
	let isComplete = wanted.length <= MOST_CONVERSATIONS;
	const kept = wanted
		.slice(-MOST_CONVERSATIONS)
		.reverse()
		.map(([protocol, record]): [string, JsonValue] => {
			const { lastMessageId, moves, place = '', since, verifiedUpTo } = record;
			const ids = withoutKeys ? undefined : inProgress.get(protocol);
			const handled = (id?: string) => (ids === undefined ? id : lastBefore(id, [ids])) ?? '';
			const value: JsonValue[] = [place, handled(lastMessageId), moves];
			// Between what was compared and what came last, one may be missing.
			const isKnown = verifiedUpTo !== undefined || withoutKeys;
			if (isKnown && since !== undefined && since.size <= room) {
				room -= since.size;
				value.push(handled(verifiedUpTo), [...since]);
			} else isComplete = false;
			return [protocol, value];
		})
		.reverse();
	const highest =
		withoutKeys && !isComplete
			? state.highestMessageId
			: lastBefore(state.highestMessageId, [...inProgress.values()]);
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
	if (place !== 'active' && place !== 'waiting' && place !== '') return undefined;
	const restored: RestoredConversation = place === '' ? {} : { place };
	if (typeof moves === 'number') restored.moves = moves;
	if (typeof lastMessageId === 'string' && lastMessageId !== '') {
		restored.lastMessageId = restored.verifiedUpTo = lastMessageId;
	}
	if (typeof verifiedUpTo === 'string' && Array.isArray(since)) {
		restored.verifiedUpTo = verifiedUpTo === '' ? undefined : verifiedUpTo;
		restored.since = new Set(since.filter((id) => typeof id === 'string'));
	}
	return restored;
}
