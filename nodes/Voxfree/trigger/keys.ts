import { createHash } from 'node:crypto';
import type { JsonValue } from '../../shared/json';
import type { VoxfreeEvent } from './events';

/** n8n stores no longer key. */
const LONGEST_KEY = 255;

/** A short text that stands for a long one. */
export function digestOf(text: string): string {
	return createHash('sha1').update(text).digest('base64url');
}

/**
 * What a frame says, in one spelling: fields in the order of their names, numbers as text. A provider
 * may write an id as both, and means the same one.
 */
export function contentOf(value: JsonValue): string {
	if (typeof value === 'string') return JSON.stringify(value.trim());
	if (typeof value !== 'object' || value === null) return `"${value}"`;
	if (Array.isArray(value)) return `[${value.map(contentOf).join()}]`;
	const fields = Object.keys(value).sort();
	return `{${fields.map((name) => `${JSON.stringify(name)}:${contentOf(value[name] ?? null)}`).join()}}`;
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
 * @param content see `contentOf`
 */
export function eventKeyOf(event: VoxfreeEvent, content: string): string | undefined {
	if (event.messageId === undefined) return undefined;
	return `${event.event}:${event.protocol ?? ''}:${event.messageId}:${digestOf(content)}`;
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
