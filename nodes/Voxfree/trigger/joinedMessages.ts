import type { JsonValue } from '../../shared/json';
import type { Message } from '../api/wire/messages';
import type { VoxfreeEvent } from './events';
import { isLater } from './messageIds';

/**
 * One event for messages of one conversation that came shortly after one another. It is about the last
 * of them, with all of them in `messages` and their texts in `text`, one per line.
 *
 * @param events new messages of one conversation in their order, at least one
 */
export function joinMessages(events: readonly VoxfreeEvent[]): VoxfreeEvent {
	const messages = new Map<string, Partial<Message>>();
	for (const { message, messageId } of events) {
		const id = message?.messageId ?? messageId ?? `without id ${messages.size}`;
		messages.set(id, message ?? { messageId });
	}
	// A message that was missed may be found after a later one has come.
	const all = [...messages.values()].sort((one, other) => byId(one.messageId, other.messageId));
	const raws = events.flatMap(({ raw }): JsonValue[] => (raw === undefined ? [] : [raw]));
	const messageId = all.at(-1)?.messageId;
	const message = all.findLast((some) => some.fromMe !== undefined);
	const joined: VoxfreeEvent = Object.assign(
		{ event: 'newMessage' } satisfies VoxfreeEvent,
		...events,
		messageId === undefined ? {} : { messageId },
		message === undefined ? {} : { message },
		{ messages: all, text: all.flatMap(({ text }) => text || []).join('\n') },
	);
	for (const field of ['detailsError', 'note'] as const) {
		const sentences = new Set(events.flatMap((event) => event[field] ?? []));
		if (sentences.size > 0) joined[field] = [...sentences].join('; ');
	}
	if (raws.length > 0) joined.raw = raws;
	return joined;
}

function byId(one: string | undefined, other: string | undefined): number {
	if (one === undefined || other === undefined) return 0;
	if (isLater(one, other)) return 1;
	return isLater(other, one) ? -1 : 0;
}
