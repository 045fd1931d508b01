import type { VoxfreeEvent } from './events';
import { FrameCopies } from './FrameCopies';
import { eventKeyOf, messageKey, messageKeyOf, moveKey } from './keys';
import { RecentKeys } from './RecentKeys';

export interface DeduplicatorOptions {
	/** Unlike that of any other run of any trigger. */
	nonce: string;
	/** The number of the trigger's start. */
	epoch: number;
	/** Milliseconds of a clock that never goes back. */
	clock: () => number;
}

/**
 * Gives each event its key, and recognises one that comes again. It remembers in memory; after a
 * restart n8n recognises the keys.
 */
export class Deduplicator {
	private readonly seenKeys = new RecentKeys();

	/** Messages that came or were recovered, whatever else their frame said. */
	private readonly seenMessages = new RecentKeys();

	private readonly copies = new FrameCopies();

	private counter = 0;

	constructor(private readonly options: DeduplicatorOptions) {}

	/** From now on, this connection receives what the others receive. */
	beginConnection(connectionId: number): void {
		this.copies.beginConnection(connectionId);
	}

	/**
	 * The key of an event that has not come before; undefined for one that has.
	 *
	 * @param content what the frame says, see `contentOf`
	 * @param move which move of its conversation the event is; undefined if it is none
	 */
	keyFor(
		event: VoxfreeEvent,
		content: string,
		connectionId: number,
		move: number | undefined,
	): string | undefined {
		const key = eventKeyOf(event, content);
		if (key === undefined) {
			const { clock, epoch } = this.options;
			if (!this.copies.addIfNew(content, connectionId, clock())) return undefined;
			const { protocol } = event;
			if (move === undefined || protocol === undefined) return this.newKey();
			return moveKey(epoch, protocol, move);
		}
		if (!this.seenKeys.addIfNew(key)) return undefined;
		const message = messageKeyOf(event);
		if (message === undefined) return key;
		// The first frame of a message is known by the message alone, as a recovered message is.
		if (this.seenMessages.addIfNew(message)) return message;
		return this.seenMessages.has(`recovered:${message}`) ? undefined : key;
	}

	/** The key of a message found in the lists; undefined if it has come meanwhile. */
	keyForRecovered(event: VoxfreeEvent): string | undefined {
		const message = messageKeyOf(event);
		if (message === undefined || !this.seenMessages.addIfNew(message)) return undefined;
		this.seenMessages.addIfNew(`recovered:${message}`);
		return message;
	}

	/** A key for what can come only once. */
	newKey(): string {
		return `once:${this.options.nonce}:${++this.counter}`;
	}

	/** Takes note of a message of an earlier run. Nothing that comes of it counts any more. */
	markSeen(protocol: string, messageId: string): void {
		const message = messageKey(protocol, messageId);
		this.seenMessages.addIfNew(message);
		this.seenMessages.addIfNew(`recovered:${message}`);
	}

	isSeen(protocol: string, messageId: string): boolean {
		return this.seenMessages.has(messageKey(protocol, messageId));
	}
}
