import { Deadline } from '../../shared/http/deadline';
import { nextGroup } from './collecting';
import type { Collecting } from './collecting';

/** Several executions at once, and what happens to what they cannot take. */
export interface ExecutionQueueOptions<T> {
	/** Executions under way at the same time, at most. */
	inFlight: number;
	/** Events that may wait, at most. */
	queue: number;
	/** Milliseconds after which an execution no longer keeps others waiting. */
	limit: number;
	/** Collects events into one execution: so many, or after so many milliseconds. */
	batch?: { size: number; within: number };
	/** Collects events of one key into one execution. Not together with `batch`. */
	collecting?: Collecting<T>;
	/**
	 * Runs one execution and resolves when it has ended. What it does before its first await is all
	 * that happens when the queue is closed.
	 */
	execute: (events: T[]) => Promise<void>;
	/** Events of one key run one after another, in their order. */
	orderingKeyOf: (event: T) => string;
	/** Called once the queue has room again, with how many found none, and when. */
	onOverflow: (lost: number, from: number, to: number) => void;
	/** An execution took longer than the limit. */
	onLate: (events: T[]) => void;
	clock: () => number;
	wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Milliseconds between two looks at the events that are being collected, at least. */
const LOOK_EVERY = 50;

/**
 * Passes events to executions: in order within a conversation, side by side across conversations,
 * never more than so many at once. What does not fit into its bounded queue is counted and reported.
 */
export class ExecutionQueue<T> {
	/** Waiting events by key, the key that has waited longest first. Keys under way are not in it. */
	private readonly ready = new Map<string, T[]>();

	/** Waiting events of keys that are under way. */
	private readonly blocked = new Map<string, T[]>();

	/** Waiting events of keys that others may still join. */
	private readonly joining = new Map<string, T[]>();

	private readonly busy = new Set<string>();

	private readonly stopped = new AbortController();

	private running = 0;

	private waiting = 0;

	private overflow: { lost: number; from: number; to: number } | undefined;

	private readonly deadline: Deadline;

	private batchTimer: AbortController | undefined;

	private joiningTimer: AbortController | undefined;

	/** Clock time of the next look at those that others may still join. */
	private nextLook = Infinity;

	/** Whether the events that are ready have waited long enough to fill no more batch. */
	private isDue = false;

	constructor(private readonly options: ExecutionQueueOptions<T>) {
		this.deadline = new Deadline(options.limit, options);
	}

	/**
	 * Takes an event.
	 *
	 * @returns false where there is no room; that is then reported as soon as there is
	 */
	enqueue(event: T): boolean {
		if (this.stopped.signal.aborted) return false;
		const { clock, orderingKeyOf, queue } = this.options;
		if (this.waiting >= queue) {
			const now = clock();
			this.overflow ??= { lost: 0, from: now, to: now };
			this.overflow.lost++;
			this.overflow.to = now;
			return false;
		}
		const key = orderingKeyOf(event);
		const line = this.lineOf(key);
		const events = line.get(key);
		if (events === undefined) line.set(key, [event]);
		else events.push(event);
		if (line === this.joining) this.readyIfDue(key);
		this.waiting++;
		if (this.waiting >= queue) this.readyAll();
		this.start();
		return true;
	}

	private lineOf(key: string): Map<string, T[]> {
		if (this.busy.has(key)) return this.blocked;
		if (this.options.collecting === undefined || this.ready.has(key)) return this.ready;
		return this.joining;
	}

	/** Lets the events of a key start if they have waited long enough for others, or look again then. */
	private readyIfDue(key: string): void {
		const { collecting, clock } = this.options;
		const events = this.joining.get(key);
		if (collecting === undefined || events === undefined) return;
		const { dueAt } = nextGroup(events, collecting);
		if (dueAt > clock()) return this.lookAt(dueAt);
		this.joining.delete(key);
		this.ready.set(key, events);
	}

	private lookAt(time: number): void {
		if (time >= this.nextLook) return;
		this.joiningTimer?.abort();
		const timer = new AbortController();
		this.joiningTimer = timer;
		this.nextLook = time;
		const pause = Math.max(time - this.options.clock(), LOOK_EVERY);
		void this.options.wait(pause, timer.signal).then(() => {
			if (timer.signal.aborted) return;
			this.nextLook = Infinity;
			for (const key of [...this.joining.keys()]) this.readyIfDue(key);
			this.start();
		});
	}

	/** There is no room for more: nothing waits for others any longer. */
	private readyAll(): void {
		for (const [key, events] of this.joining) this.ready.set(key, events);
		this.joining.clear();
	}

	/** Starts everything that waits, at once and without limit, and takes nothing any more. */
	close(): void {
		if (this.stopped.signal.aborted) return;
		const rest = this.takeAll();
		// What it leads to is an event as well, and the last that is taken.
		this.reportOverflow();
		this.stopped.abort();
		this.batchTimer?.abort();
		this.joiningTimer?.abort();
		// Nobody waits for executions any more, however long they take.
		this.deadline.close();
		rest.push(...this.takeAll());
		for (const events of this.parted(rest)) void this.options.execute(events).catch(() => {});
	}

	/** The waiting events of all keys. */
	private takeAll(): T[][] {
		const lines = [this.blocked, this.ready, this.joining];
		const all = lines.flatMap((line) => [...line.values()]);
		for (const line of lines) line.clear();
		this.waiting = 0;
		return all;
	}

	/** Parts the waiting events of all keys into executions. */
	private parted(rest: T[][]): T[][] {
		const { batch, collecting } = this.options;
		const parts: T[][] = [];
		if (collecting === undefined) {
			const all = rest.flat();
			const size = batch?.size ?? 1;
			for (let from = 0; from < all.length; from += size) parts.push(all.slice(from, from + size));
			return parts;
		}
		for (const events of rest) {
			while (events.length > 0) parts.push(events.splice(0, nextGroup(events, collecting).size));
		}
		return parts;
	}

	private start(): void {
		const { inFlight, batch } = this.options;
		while (this.running < inFlight && this.ready.size > 0) {
			if (batch !== undefined && !this.isDue && this.readyCount(batch.size) < batch.size) {
				this.startTimer(batch.within);
				return;
			}
			void this.run(this.take(batch?.size ?? 1));
		}
		if (this.ready.size === 0) {
			this.isDue = false;
			this.batchTimer?.abort();
			this.batchTimer = undefined;
		}
	}

	private readyCount(enough: number): number {
		let count = 0;
		for (const events of this.ready.values()) {
			count += events.length;
			if (count >= enough) break;
		}
		return count;
	}

	private startTimer(within: number): void {
		if (this.batchTimer !== undefined) return;
		const timer = new AbortController();
		this.batchTimer = timer;
		void this.options.wait(within, timer.signal).then(() => {
			if (timer.signal.aborted) return;
			this.batchTimer = undefined;
			this.isDue = true;
			this.start();
		});
	}

	/** The events of the next execution; their keys are under way from now on. */
	private take(size: number): { events: T[]; keys: string[] } {
		const taken: T[] = [];
		const keys: string[] = [];
		for (const [key, events] of this.ready) {
			if (taken.length >= size) break;
			const { collecting } = this.options;
			const part = events.splice(
				0,
				collecting === undefined ? size - taken.length : nextGroup(events, collecting).size,
			);
			taken.push(...part);
			keys.push(key);
			this.ready.delete(key);
			this.busy.add(key);
			if (events.length > 0) this.blocked.set(key, events);
		}
		this.waiting -= taken.length;
		return { events: taken, keys };
	}

	private async run({ events, keys }: { events: T[]; keys: string[] }): Promise<void> {
		this.running++;
		// An execution that fails is n8n's to record; here it only counts as ended.
		const hasEnded = await this.deadline.isMet(this.options.execute(events));
		if (!hasEnded && !this.stopped.signal.aborted) this.options.onLate(events);
		this.running--;
		for (const key of keys) {
			this.busy.delete(key);
			const next = this.blocked.get(key);
			if (next === undefined) continue;
			this.blocked.delete(key);
			this.lineOf(key).set(key, next);
			this.readyIfDue(key);
		}
		if (this.stopped.signal.aborted) return;
		this.start();
		this.reportOverflow();
	}

	/** The report may be an event that waits, so it has to find room. */
	private reportOverflow(): void {
		if (this.overflow === undefined || this.waiting >= this.options.queue) return;
		const { lost, from, to } = this.overflow;
		this.overflow = undefined;
		this.options.onOverflow(lost, from, to);
	}
}
