import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { UnknownEventLog } from '../../shared/UnknownEventLog';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { isYes } from '../api/wire/fields';
import { BrokenFrames } from './BrokenFrames';
import { Checkpoint } from './Checkpoint';
import { decodeEvent, frameText, partsOfFrame } from './decode';
import { Deduplicator } from './Deduplicator';
import { DetailsFetcher } from './DetailsFetcher';
import type { GapDetails, PendingEvent, VoxfreeEvent } from './events';
import { ExecutionQueue } from './ExecutionQueue';
import { ExecutionStarter } from './ExecutionStarter';
import { passesFilter } from './filter';
import type { EventFilter } from './filter';
import { GapRecovery } from './GapRecovery';
import { contentOf } from './keys';
import { ListReader } from './ListReader';
import { MissedEventsReader } from './MissedEventsReader';
import { isRegistration } from './registration';
import { epochOf } from './runtime';
import type { Runtime } from './runtime';
import type { Gap } from './SocketClient';

/** The calls that show what the socket does not. */
export type ConversationApi = Pick<VoxfreeApi, 'getNewMessages' | 'listConversations'>;

/** What the user has set. Times are milliseconds. */
export interface PipelineSettings {
	filter: EventFilter;
	/** Leaves out messages that the agent sent. They are known by their details, or by `fromMe`. */
	ignoreOwnMessages: boolean;
	/** Fetches what the document says to ask for after each event. */
	fetchDetails: boolean;
	/** Reads the lists after each gap and compares them with the events. */
	compareAfterGap: boolean;
	/** Does so every so many milliseconds as well; 0 for never. */
	compareEvery: number;
	/** Executions at once, events waiting, milliseconds that one may keep others waiting. */
	inFlight: number;
	queue: number;
	limit: number;
	batch?: { size: number; within: number };
	/**
	 * Collects the messages of a conversation into one event: until none has come for `quiet`, or for
	 * `within`, or until there are `size` of them.
	 */
	collect?: { quiet: number; within: number; size: number };
}

export interface PipelineOptions extends PipelineSettings {
	agentId: string;
	api: ConversationApi;
	/** The checkpoint of the last run, if it is to continue from there. */
	restored?: JsonObject;
	/** What all deduplication keys begin with: they are global to n8n. */
	keyPrefix: string;
	/** Unlike that of any other run of any trigger. */
	nonce: string;
	/** See `ExecutionStarterOptions`. */
	startExecution: (events: VoxfreeEvent[], deduplicationKey: string) => Promise<void>;
	/** Something came that is no event. */
	onBrokenFrame: (message: string, description: string) => void;
	/** The lists show what the socket missed. What follows is `onConnected` with a certain gap. */
	onStaleConnection: (reason: string) => void;
	/** The number of the connection that counts, as long as nothing speaks against it. */
	trusted: () => number | undefined;
	/** Clock time up to which nothing can have been missed that no gap will report. */
	completeUntil: () => number | undefined;
	/**
	 * Whether n8n knows no deduplication keys, so that what was handed to it would run again. Then it
	 * counts as handled at once: what a kill loses in that moment is within the gap that follows. So it
	 * is with collected messages, too: they have one key, and are collected anew after a restart.
	 */
	withoutKeys: boolean;
	/** Saves the checkpoint, called just before executions are started. */
	saveCheckpoint: (state: JsonObject) => void;
}

/** An event that waits for its execution. */
interface QueuedEvent extends PendingEvent {
	/** Clock time. */
	receivedAt: number;
}

/**
 * Turns frames into executions. Each event in a frame is decoded, deduplicated and filtered, waits in
 * the queue behind others of its conversation, gets its details, and starts an execution. After a gap,
 * what was missed comes in where the filter is. Knows nothing of n8n.
 */
export class EventPipeline {
	private readonly brokenFrames: BrokenFrames;

	private readonly unknownEvents = new UnknownEventLog('Voxfree');

	private readonly deduplicator: Deduplicator;

	private readonly checkpoint: Checkpoint;

	private readonly recovery: GapRecovery;

	private readonly queue: ExecutionQueue<QueuedEvent>;

	private readonly details: DetailsFetcher;

	private readonly starter: ExecutionStarter;

	constructor(
		private readonly runtime: Runtime,
		private readonly options: PipelineOptions,
	) {
		const { clock } = runtime;
		const { agentId, api, nonce } = options;
		const lists = new ListReader(runtime, api);
		this.brokenFrames = new BrokenFrames(runtime, options.onBrokenFrame);
		const checkpoint = new Checkpoint(runtime, {
			agentId,
			restored: options.restored,
			completeUntil: () => this.completeUntil,
			save: options.saveCheckpoint,
			withoutKeys: options.withoutKeys,
		});
		this.checkpoint = checkpoint;
		this.deduplicator = new Deduplicator({ nonce, epoch: checkpoint.epoch, clock });
		for (const { protocol, messageId } of checkpoint.restoredMessages()) {
			this.deduplicator.markSeen(protocol, messageId);
		}
		this.recovery = new GapRecovery(runtime, {
			reader: new MissedEventsReader(runtime, {
				agentId,
				api,
				lists,
				checkpoint,
				deduplicator: this.deduplicator,
				wantsMessages: options.filter.events.has('newMessage'),
			}),
			checkpoint,
			deduplicator: this.deduplicator,
			compareAfterGap: options.compareAfterGap,
			compareEvery: options.compareEvery,
			deliver: (pending) => this.deliver(pending),
			reportGap: (gap) => this.reportGap(gap),
			trusted: options.trusted,
			onStaleConnection: options.onStaleConnection,
		});
		this.details = new DetailsFetcher(runtime, {
			api,
			lists,
			isGroup: (protocol) => checkpoint.seen.about(protocol).isGroup,
			fetchDetails: options.fetchDetails,
			ignoreOwnMessages: options.ignoreOwnMessages,
		});
		this.starter = new ExecutionStarter(runtime, {
			details: this.details,
			keyPrefix: options.keyPrefix,
			ignoreOwnMessages: options.ignoreOwnMessages,
			startExecution: options.startExecution,
			joinsMessages: options.collect !== undefined,
			onStart: (events) => checkpoint.beforeStart(events),
			limit: options.limit,
			withoutKeys: options.withoutKeys,
			onHandled: (event) => checkpoint.handle(event),
			onHandledLate: () => checkpoint.saveAgain(),
			onLost: (events) => this.handleRefusal(events),
		});
		this.queue = new ExecutionQueue<QueuedEvent>({
			inFlight: options.inFlight,
			queue: options.queue,
			limit: options.limit,
			batch: options.batch,
			collecting: options.collect && {
				...options.collect,
				joins: ({ event }) => event.event === 'newMessage' && event.protocol !== undefined,
				arrivedAt: ({ receivedAt }) => receivedAt,
			},
			execute: async (pending) => await this.starter.execute(pending),
			orderingKeyOf: ({ event, key }) => event.protocol ?? key,
			onOverflow: (lost, from, to) =>
				this.reportLoss(
					lost,
					from,
					to,
					`more events than executions could handle; ${options.queue} were waiting`,
				),
			onLate: ([first]) =>
				runtime.log(
					'warn',
					`An execution for conversation ${first?.event.protocol ?? '(none)'} takes longer than ${options.limit / 1000} seconds; the next one no longer waits for it`,
				),
			clock,
			wait: runtime.wait,
		});
	}

	/** See `GapRecovery.readBaseline`. */
	async prepare(): Promise<void> {
		await this.recovery.readBaseline();
	}

	/** A connection receives what happens from now on. */
	onRegistered(connectionId: number): void {
		this.deduplicator.beginConnection(connectionId);
	}

	/** The socket is connected, after a gap unless it is for the first time. */
	onConnected(gap: Gap | undefined): void {
		this.recovery.onConnected(gap);
	}

	/** One frame. Never throws. */
	onFrame(data: unknown, connectionId: number): void {
		if (this.runtime.signal.aborted) return;
		const text = frameText(data);
		if (text === undefined) return this.brokenFrames.add(undefined);
		for (const part of partsOfFrame(text)) {
			if ('raw' in part) this.onEvent(part.raw, connectionId);
			else this.brokenFrames.add(part.unreadable, part.isTooDeep);
		}
	}

	private onEvent(raw: JsonValue, connectionId: number): void {
		if (isRegistration(raw)) return;
		const { seen } = this.checkpoint;
		const event = decodeEvent(raw, this.options.agentId);
		if (this.checkpoint.wasHandedOver(event)) return;
		const key = this.deduplicator.keyFor(event, contentOf(raw), connectionId, seen.moveOf(event));
		if (key === undefined) return;
		if (event.event === 'other') {
			const { clock, log } = this.runtime;
			this.unknownEvents.add(raw, clock(), (message) => log('warn', message));
		}
		this.checkpoint.see(event);
		this.deliver({ event, key });
	}

	/** Lets an event wait for its execution if it is wanted; what is not wanted has been handled. */
	private deliver(pending: PendingEvent): void {
		const { event } = pending;
		if (event.departmentId === undefined && event.protocol !== undefined) {
			const { departmentId } = this.checkpoint.seen.about(event.protocol);
			if (departmentId !== undefined) event.departmentId = departmentId;
		}
		if (!this.isWanted(event)) return this.checkpoint.handle(event);
		this.checkpoint.begin(event);
		const queued = { ...pending, receivedAt: this.runtime.clock() };
		if (!this.queue.enqueue(queued)) this.checkpoint.abandon(event);
	}

	private isWanted(event: VoxfreeEvent): boolean {
		const { filter, ignoreOwnMessages } = this.options;
		const isOwn = ignoreOwnMessages && isJsonObject(event.raw) && isYes(event.raw.fromMe);
		return !isOwn && passesFilter(event, filter);
	}

	private handleRefusal(events: VoxfreeEvent[]): void {
		for (const event of events) this.checkpoint.abandon(event);
		if (events[0]?.event === 'gap') return;
		const now = this.runtime.clock();
		this.reportLoss(events.length, now, now, 'n8n could not start the execution');
	}

	/** @param from clock time, as `to` is */
	private reportLoss(lost: number, from: number, to: number, reason: string): void {
		const iso = (time: number) => new Date(epochOf(this.runtime, time)).toISOString();
		const compared = false;
		this.reportGap({ from: iso(from), to: iso(to), reason, recovered: 0, lost, compared });
	}

	private reportGap(gap: GapDetails): void {
		const { from, to, reason, recovered } = gap;
		this.runtime.log(
			'warn',
			`Voxfree events may have been missed from ${from} to ${to}: ${reason}; recovered: ${recovered}`,
		);
		this.deliver({ event: { event: 'gap', gap }, key: this.deduplicator.newKey() });
	}

	/**
	 * Milliseconds of the epoch up to which nothing can have been missed that no gap will report. Not
	 * now: the connection may have fallen silent a while ago.
	 */
	private get completeUntil(): number {
		const time = this.options.completeUntil();
		return time === undefined ? this.recovery.agreedUntil : epochOf(this.runtime, time);
	}

	/** Starts what waits, at once, and takes nothing any more. To be called after the signal is aborted. */
	close(): void {
		this.details.close();
		this.queue.close();
		this.starter.close();
		this.checkpoint.saveAgain();
	}
}
