import { errorText } from '../../shared/errors';
import { Deadline } from '../../shared/http/deadline';
import type { DetailsFetcher } from './DetailsFetcher';
import type { PendingEvent, VoxfreeEvent } from './events';
import { joinMessages } from './joinedMessages';
import { executionKey } from './keys';
import type { Runtime } from './runtime';

export interface ExecutionStarterOptions {
	details: DetailsFetcher;
	/** What all deduplication keys begin with: they are global to n8n. */
	keyPrefix: string;
	/** Leaves out messages that the agent sent, as far as their details show it. */
	ignoreOwnMessages: boolean;
	/**
	 * Starts one execution, before it awaits anything. Resolves when the execution has ended; rejects
	 * when it could not be started.
	 */
	startExecution: (events: VoxfreeEvent[], deduplicationKey: string) => Promise<void>;
	/** Whether the messages of an execution become one event. */
	joinsMessages: boolean;
	/** Called just before, with what is started. */
	onStart: (events: readonly VoxfreeEvent[]) => void;
	/** Milliseconds after which an execution counts as handled, although nobody has told its end. */
	limit: number;
	/** See `PipelineOptions`. */
	withoutKeys: boolean;
	onHandled: (event: VoxfreeEvent) => void;
	/** What was started long ago has just been handled. */
	onHandledLate: () => void;
	/** n8n could not start the execution of these events to the end. */
	onLost: (events: VoxfreeEvent[]) => void;
}

/** Events that are started as one execution. */
interface Start {
	events: VoxfreeEvent[];
	/** What n8n is handed of them. */
	items: VoxfreeEvent[];
	key: string;
	isHandled: boolean;
}

/** Milliseconds before an execution that n8n could not start is tried again. */
const PAUSES = [1_000, 2_000, 4_000, 8_000, 16_000];

/** Starts executions once their events are complete, also if n8n cannot start them at once. */
export class ExecutionStarter {
	private readonly deadline: Deadline;

	constructor(
		private readonly runtime: Runtime,
		private readonly options: ExecutionStarterOptions,
	) {
		this.deadline = new Deadline(options.limit, runtime);
	}

	/**
	 * Fetches what belongs to the events, and starts their execution. Resolves when it has ended, or is
	 * given up. Never rejects.
	 */
	async execute(pending: readonly PendingEvent[]): Promise<void> {
		const { details } = this.options;
		const events = pending.map(({ event }) => event);
		if (!details.isNeededFor(events)) return await this.start(pending);
		let execution: Promise<void> | undefined;
		const start = () => (execution ??= this.start(pending));
		await details.fetch(events, () => void start());
		await start();
	}

	private async start(pending: readonly PendingEvent[]): Promise<void> {
		const { ignoreOwnMessages, joinsMessages, onHandled, onLost, keyPrefix } = this.options;
		const isWanted = ({ event }: PendingEvent) =>
			!(ignoreOwnMessages && event.message?.fromMe === true);
		for (const own of pending) if (!isWanted(own)) onHandled(own.event);
		const wanted = pending.filter(isWanted);
		if (wanted.length === 0) return;
		const events = wanted.map(({ event }) => event);
		const keys = wanted.map(({ key }) => key);
		const areMessages = joinsMessages && events[0]?.event === 'newMessage';
		const start: Start = {
			events,
			items: areMessages ? [joinMessages(events)] : events,
			key: executionKey(keyPrefix, keys),
			isHandled: false,
		};
		if (await this.tryUntilStarted(start)) this.handle(start);
		else onLost(events);
	}

	private async tryUntilStarted(start: Start): Promise<boolean> {
		const { log, redact, signal, wait } = this.runtime;
		const { onStart, startExecution, withoutKeys } = this.options;
		onStart(start.events);
		start.isHandled = withoutKeys;
		for (const pause of [...PAUSES, undefined]) {
			const execution = startExecution(start.items, start.key);
			void this.handleWhenLate(start, execution);
			try {
				await execution;
				return true;
			} catch (error) {
				log('warn', `n8n could not start an execution: ${redact(errorText(error))}`);
			}
			// What has been handled must not run twice, should it have started after all. That something is
			// lost has to be told, and may be told twice.
			const isFinal = start.isHandled && start.events.some(({ event }) => event !== 'gap');
			if (pause === undefined || isFinal || signal.aborted) break;
			// The key keeps n8n from running it twice.
			await wait(pause, signal);
		}
		return false;
	}

	/** In queue mode n8n does not tell the end of each execution. What is not refused in time has started. */
	private async handleWhenLate(start: Start, execution: Promise<void>): Promise<void> {
		const hasEnded = await this.deadline.isMet(execution);
		if (hasEnded || start.isHandled || this.runtime.signal.aborted) return;
		this.handle(start);
		this.options.onHandledLate();
	}

	private handle(start: Start): void {
		if (start.isHandled) return;
		start.isHandled = true;
		for (const event of start.events) this.options.onHandled(event);
	}

	/** Waits for the end of no execution any more. To be called after the signal is aborted. */
	close(): void {
		this.deadline.close();
	}
}
