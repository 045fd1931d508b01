import type { JsonObject } from '../../shared/json';
import { ConversationState } from './ConversationState';
import type { VoxfreeEvent } from './events';
import type { Lists } from './lists';
import { isLater, lastBefore } from './messageIds';
import type { Runtime } from './runtime';
import { decodeSnapshot, encodeSnapshot } from './snapshot';

export interface CheckpointOptions {
	agentId: string;
	/** What was saved when the trigger last ran, if it is to continue from there. */
	restored?: JsonObject;
	/** Milliseconds of the epoch up to which nothing can have been missed that no gap will report. */
	completeUntil: () => number;
	/** Saves what a restart continues from. */
	save: (state: JsonObject) => void;
	/** See `PipelineOptions`. */
	withoutKeys: boolean;
}

/** Milliseconds between two saves, unless a conversation has been moved. */
const SAVE_EVERY = 5_000;

/**
 * What has been seen and what has been handled by an execution. A restart continues from what was
 * handled; everything else that was seen is in progress and is found again in the lists.
 *
 * Seen is never behind handled: an event is seen when it comes, in progress while it waits for its
 * execution and until that has ended, and handled then. Where n8n knows no deduplication keys, it is
 * handled when n8n is handed it, because it would run again if it came again.
 */
export class Checkpoint {
	readonly seen: ConversationState;

	/** Number of this start of the trigger. */
	readonly epoch: number;

	/** Milliseconds of the epoch up to which the restored state is complete; undefined if there is none. */
	readonly restoredUntil: number | undefined;

	private readonly handled: ConversationState;

	/**
	 * Messages that wait for their execution or are in one, by protocol. Conversations run side by
	 * side, so later messages may be handled before them.
	 */
	private readonly inProgress = new Map<string, Set<string>>();

	/** When each event came that n8n has not been handed, the oldest first; only without keys. */
	private readonly waiting = new Map<VoxfreeEvent, number>();

	/** Up to which message of a conversation all was handled before this start. */
	private readonly restoredUpTo = new Map<string, string>();

	/**
	 * Since when, in milliseconds of the epoch, there may be a gap that has not been compared with the
	 * lists. What is saved must not go beyond it: events that came after it may be handled before what
	 * was missed is known.
	 */
	private frozenAt: number | undefined;

	private savedAt = Number.NEGATIVE_INFINITY;

	constructor(
		private readonly runtime: Runtime,
		private readonly options: CheckpointOptions,
	) {
		const { agentId, restored } = options;
		this.seen = new ConversationState(agentId);
		this.handled = new ConversationState(agentId);
		const epoch = Number(restored?.epoch ?? 0);
		this.epoch = (Number.isSafeInteger(epoch) ? epoch : 0) + 1;
		if (typeof restored?.at !== 'number') return;
		this.restoredUntil = restored.at;
		this.frozenAt = restored.at;
		const snapshot = decodeSnapshot(restored.book);
		this.seen.restore(snapshot);
		this.handled.restore(snapshot);
		for (const [protocol, { verifiedUpTo }] of snapshot.conversations) {
			if (verifiedUpTo !== undefined) this.restoredUpTo.set(protocol, verifiedUpTo);
		}
	}

	/** Whether n8n was handed a message before this start, and has no key to know it by. */
	wasHandedOver({ event, messageId, protocol = '' }: VoxfreeEvent): boolean {
		if (!this.options.withoutKeys || event !== 'newMessage' || messageId === undefined)
			return false;
		const upTo = this.restoredUpTo.get(protocol);
		return upTo !== undefined && /^\d+$/.test(messageId) && !isLater(messageId, upTo);
	}

	/** Messages of the restored state that were handled although earlier ones may be missing. */
	*restoredMessages(): Iterable<{ protocol: string; messageId: string }> {
		if (this.restoredUntil === undefined) return;
		for (const [protocol, { since }] of this.handled.records) {
			for (const messageId of since ?? []) yield { protocol, messageId };
		}
	}

	/** An event has come. */
	see(event: VoxfreeEvent): void {
		this.seen.apply(event, this.runtime.clock());
	}

	/** An event waits for its execution. */
	begin(waiting: VoxfreeEvent): void {
		const { event, messageId, protocol } = waiting;
		if (this.options.withoutKeys) this.waiting.set(waiting, this.runtime.now());
		if (event !== 'newMessage' || messageId === undefined || protocol === undefined) return;
		const ids = this.inProgress.get(protocol);
		if (ids === undefined) this.inProgress.set(protocol, new Set([messageId]));
		else ids.add(messageId);
	}

	/** An event has been handled: its execution has ended, or nobody wants it. */
	handle(event: VoxfreeEvent): void {
		this.handled.apply(event, this.runtime.clock());
		this.abandon(event);
	}

	/** An event will have no execution. */
	abandon(event: VoxfreeEvent): void {
		const { messageId = '', protocol = '' } = event;
		this.waiting.delete(event);
		const ids = this.inProgress.get(protocol);
		ids?.delete(messageId);
		if (ids?.size === 0) this.inProgress.delete(protocol);
	}

	/** Takes the lists for what there was before any event. */
	beginWith(lists: Lists): void {
		this.adopt(lists);
		this.seen.adoptMessages(lists);
		this.handled.adoptMessages(lists);
	}

	/**
	 * Takes the lists for true.
	 *
	 * @param deliver makes the differences wait for their executions: only then is what waits not taken
	 *   for handled, except where no key would keep it from running again
	 */
	adopt(lists: Lists, deliver = () => {}): void {
		const { withoutKeys } = this.options;
		if (withoutKeys) this.handled.adopt(lists);
		deliver();
		this.seen.adopt(lists);
		if (!withoutKeys) this.handled.adopt(lists);
	}

	/**
	 * Takes note that nothing up to these messages is missing any more.
	 *
	 * @param verified the last message by protocol
	 * @param deliver makes recovered messages wait for their execution: only then is what waits not
	 *   taken for handled
	 */
	verify(verified: ReadonlyMap<string, string>, deliver: () => void): void {
		for (const [protocol, messageId] of verified) this.seen.verify(protocol, messageId);
		deliver();
		for (const [protocol, messageId] of verified) {
			// Later ones may have been handed over; their ids are kept as long as earlier ones wait.
			const waiting = this.options.withoutKeys ? (this.inProgress.get(protocol) ?? []) : [];
			this.handled.verify(protocol, lastBefore(messageId, [waiting]) ?? messageId);
		}
	}

	/**
	 * Keeps what is saved as it is, until `thaw`.
	 *
	 * @param at milliseconds of the epoch up to which it is complete
	 */
	freeze(at: number): void {
		if (this.frozenAt !== undefined) return;
		this.save(at);
		this.frozenAt = at;
	}

	/** All that was missed is known, or will never be. */
	thaw(): void {
		this.frozenAt = undefined;
	}

	/** To be called before an execution is started. */
	beforeStart(events: readonly VoxfreeEvent[]): void {
		if (this.options.withoutKeys) this.handOver(events);
		else this.saveIfDue();
	}

	/** What n8n is handed has been handled, and that is saved with it. */
	private handOver(events: readonly VoxfreeEvent[]): void {
		const [oldest = Infinity] = this.waiting.values();
		// A kill may lose what waits, so that the gap that follows must not begin later.
		const at = Math.min(this.frozenAt ?? this.options.completeUntil(), oldest);
		for (const event of events) this.handle(event);
		this.save(at);
	}

	private saveIfDue(): void {
		if (this.frozenAt !== undefined) {
			if (this.savedAt !== Number.NEGATIVE_INFINITY) return;
			// The epoch at once, because keys are made with it; the rest as it was.
			this.savedAt = this.runtime.clock();
			this.options.save({ ...this.options.restored, epoch: this.epoch });
			return;
		}
		const isDue = this.runtime.clock() - this.savedAt >= SAVE_EVERY;
		if (isDue || this.handled.placesChanged) this.save(this.options.completeUntil());
	}

	/**
	 * Saves what has been handled since the last execution was started. n8n stores it with the next one,
	 * or when it stops the trigger, if it does so at all.
	 */
	saveAgain(): void {
		if (this.frozenAt !== undefined || this.savedAt === Number.NEGATIVE_INFINITY) return;
		const [oldest = Infinity] = this.waiting.values();
		this.save(Math.min(this.options.completeUntil(), oldest));
	}

	private save(at: number): void {
		this.handled.placesChanged = false;
		this.savedAt = this.runtime.clock();
		this.options.save({
			epoch: this.epoch,
			at,
			book: encodeSnapshot(this.handled, this.inProgress, this.options.withoutKeys),
		});
	}
}
