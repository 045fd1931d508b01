import { createHash } from 'node:crypto';
import type { VoxfreeEvent } from './events';

/** n8n stores no longer key. */
const LONGEST_KEY = 255;

/** A short text that stands for a long one. */
export function digestOf(text: string): string {
	return createHash('sha1').update(text).digest('base64url');
}

/** What makes a message the same one, in whichever way it comes. */
export function messageKey(protocol: string, messageId: string): string {
	return `message:${protocol}:${messageId}`;
}

/** The same for an event; undefined if it is no message or has no id. */
export function messageKeyOf(event: VoxfreeEvent): string | undefined {
	if (event.event !== 'newMessage' || event.messageId === undefined) return undefined;
	return messageKey(event.protocol ?? '', event.messageId);
}

/**
 * What makes a frame's event the same one: its id and its content. Undefined for what has no id,
 * because two of those may be equal and still be two.
 *
 * @param text the frame
 */
export function eventKeyOf(event: VoxfreeEvent, text: string): string | undefined {
	if (event.messageId === undefined) return undefined;
	return `${event.event}:${event.protocol ?? ''}:${event.messageId}:${digestOf(text)}`;
}

/**
 * The key of a conversation's nth move, by which a restart finds it again in the lists.
 *
 * @param epoch the number of the trigger's start
 */
export function moveKey(epoch: number, protocol: string, count: number): string {
	return `move:${epoch}:${protocol}:${count}`;
}

/**
 * The deduplication key of one execution.
 *
 * @param prefix what sets the node apart: keys are global to n8n
 * @param keys of its events
 */
export function executionKey(prefix: string, keys: readonly string[]): string {
	const [only = ''] = keys;
	const key = keys.length === 1 ? only : `batch:${digestOf(keys.join('\n'))}`;
	const whole = `${prefix}:${key}`;
	return whole.length <= LONGEST_KEY ? whole : `${prefix}:${digestOf(key)}`;
}
