import type { JsonValue } from '../../shared/json';
import type { Message } from '../api/wire/messages';
import type { VoxfreeEvent } from './events';

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
	const all = [...messages.values()];
	const raws = events.flatMap(({ raw }): JsonValue[] => (raw === undefined ? [] : [raw]));
	const last = events.findLast(({ message }) => message !== undefined)?.message;
	const joined: VoxfreeEvent = Object.assign(
		{ event: 'newMessage' } satisfies VoxfreeEvent,
		...events,
		last && { message: last },
		{ messages: all, text: all.flatMap(({ text }) => text || []).join('\n') },
	);
	for (const field of ['detailsError', 'note'] as const) {
		const sentences = new Set(events.flatMap((event) => event[field] ?? []));
		if (sentences.size > 0) joined[field] = [...sentences].join('; ');
	}
	if (raws.length > 0) joined.raw = raws;
	return joined;
}
