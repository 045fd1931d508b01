import type { JsonObject } from '../../shared/json';
import { ConversationState } from './ConversationState';
import type { VoxfreeEvent } from './events';
import type { Lists } from './lists';
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
}

/** Milliseconds between two saves, unless a conversation has been moved. */
const SAVE_EVERY = 5_000;

/**
 * What has been seen and what has been handled by an execution. A restart continues from what was
 * handled; everything else that was seen is in progress and is found again in the lists.
 *
 * Seen is never behind handled: an event is seen when it comes, in progress while it waits for its
 * execution and until that has ended, and handled then.
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

	/**
	 * Whether there was a gap that has not been compared with the lists. What is saved must not go
	 * beyond it: events that came after it may be handled before what was missed is known.
	 */
	private frozen = false;

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
		this.frozen = true;
		const snapshot = decodeSnapshot(restored.book);
		this.seen.restore(snapshot);
		this.handled.restore(snapshot);
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
	begin({ event, messageId, protocol }: VoxfreeEvent): void {
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
	abandon({ messageId = '', protocol = '' }: VoxfreeEvent): void {
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

	/** Takes the lists for true. The differences must wait for their executions already. */
	adopt(lists: Lists): void {
		this.seen.adopt(lists);
		this.handled.adopt(lists);
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
		for (const [protocol, messageId] of verified) this.handled.verify(protocol, messageId);
	}

	/**
	 * Keeps what is saved as it is, until `thaw`.
	 *
	 * @param at milliseconds of the epoch up to which it is complete
	 */
	freeze(at: number): void {
		if (this.frozen) return;
		this.save(at);
		this.frozen = true;
	}

	/** All that was missed is known, or will never be. */
	thaw(): void {
		this.frozen = false;
	}

	/** To be called before each execution is started. */
	saveIfDue(): void {
		if (this.frozen) {
			if (this.savedAt !== Number.NEGATIVE_INFINITY) return;
			// The epoch at once, because keys are made with it; the rest as it was.
			this.savedAt = this.runtime.clock();
			this.options.save({ ...this.options.restored, epoch: this.epoch });
			return;
		}
		const isDue = this.runtime.clock() - this.savedAt >= SAVE_EVERY;
		if (isDue || this.handled.placesChanged) this.save(this.options.completeUntil());
	}

	private save(at: number): void {
		this.handled.placesChanged = false;
		this.savedAt = this.runtime.clock();
		this.options.save({
			epoch: this.epoch,
			at,
			book: encodeSnapshot(this.handled, this.inProgress),
		});
	}
}
