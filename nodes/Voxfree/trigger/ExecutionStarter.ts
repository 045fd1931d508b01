import { errorText } from '../../shared/errors';
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
	/** Called just before. */
	onStart: () => void;
	onHandled: (event: VoxfreeEvent) => void;
	/** n8n could not start the execution of these events to the end. */
	onLost: (events: VoxfreeEvent[]) => void;
}

/** Milliseconds before an execution that n8n could not start is tried again. */
const PAUSES = [1_000, 2_000, 4_000, 8_000, 16_000];

/** Starts executions once their events are complete, also if n8n cannot start them at once. */
export class ExecutionStarter {
	constructor(
		private readonly runtime: Runtime,
		private readonly options: ExecutionStarterOptions,
	) {}

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
		const wanted = pending.filter(
			({ event }) => !(ignoreOwnMessages && event.message?.fromMe === true),
		);
		const events = wanted.map(({ event }) => event);
		const keys = wanted.map(({ key }) => key);
		const areMessages = joinsMessages && events[0]?.event === 'newMessage';
		const items = areMessages ? [joinMessages(events)] : events;
		const hasRun =
			events.length === 0 || (await this.tryUntilStarted(items, executionKey(keyPrefix, keys)));
		for (const { event } of pending) {
			if (hasRun || !events.includes(event)) onHandled(event);
		}
		if (!hasRun) onLost(events);
	}

	private async tryUntilStarted(events: VoxfreeEvent[], key: string): Promise<boolean> {
		const { log, redact, signal, wait } = this.runtime;
		this.options.onStart();
		for (const pause of [...PAUSES, undefined]) {
			try {
				await this.options.startExecution(events, key);
				return true;
			} catch (error) {
				log('warn', `n8n could not start an execution: ${redact(errorText(error))}`);
			}
			if (pause === undefined || signal.aborted) break;
			// The key keeps n8n from running it twice, should it have started after all.
			await wait(pause, signal);
		}
		return false;
	}
}
