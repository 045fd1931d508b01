import type { JsonObject } from '../../shared/json';
import type { ConversationReference } from '../api/types';
import type { Checkpoint } from './Checkpoint';
import type { Deduplicator } from './Deduplicator';
import type { VoxfreeEvent } from './events';
import type { ListReader } from './ListReader';
import type { ListedConversation, Lists } from './lists';
import { isLater } from './messageIds';
import { missedMessages } from './recovery';
import type { Runtime } from './runtime';

export interface MissedEventsReaderOptions {
	agentId: string;
	api: {
		getNewMessages(
			conversation: ConversationReference,
			lastMessageId: string,
		): Promise<JsonObject[]>;
	};
	lists: ListReader;
	checkpoint: Checkpoint;
	deduplicator: Deduplicator;
	/** Whether messages are wanted at all. */
	wantsMessages: boolean;
}

/** What the provider says at one moment. */
export interface Reading {
	lists: Lists;
	/** Messages that no event brought. */
	messages: VoxfreeEvent[];
	/** The last message of each conversation that was read. */
	verified: Map<string, string>;
	/** Milliseconds of the epoch when all of it was there. */
	at: number;
}

/** Milliseconds that the first reading of the lists may take before it connects. */
const BASELINE_WITHIN = 5_000;
/** How far the clocks of n8n and the provider may lie apart. */
const CLOCK_TOLERANCE = 60_000;
const FIRST_START_TOLERANCE = 1_000;
/** Conversations that are asked for messages in one comparison, and at once. */
const MOST_CONVERSATIONS = 200;
const CALLS_AT_ONCE = 4;

/** Reads the lists, and from conversations in them the messages that no event brought. */
export class MissedEventsReader {
	/** Whether it is known what there was before any event. */
	private isBegun: boolean;

	/** The latest message of all when the trigger started. */
	private baseline: string | undefined;

	/** Before that time of the epoch, nothing is to be recovered. */
	private readonly startedAt: number;

	constructor(
		private readonly runtime: Runtime,
		private readonly options: MissedEventsReaderOptions,
	) {
		const { restoredUntil, seen } = options.checkpoint;
		this.isBegun = restoredUntil !== undefined;
		this.baseline = seen.highestMessageId;
		this.startedAt =
			restoredUntil === undefined
				? runtime.now() - FIRST_START_TOLERANCE
				: restoredUntil - CLOCK_TOLERANCE;
	}

	/** Whether it is known what there was before any event, so that missed events can be found. */
	get hasBaseline(): boolean {
		return this.isBegun;
	}

	/** Takes the lists for what there was before any event. */
	setBaseline(lists: Lists): void {
		this.isBegun = true;
		this.options.checkpoint.beginWith(lists);
		// Not what has come meanwhile: a message before that may be missing.
		for (const { lastMessageId } of lists.conversations.values()) {
			if (lastMessageId !== undefined && isLater(lastMessageId, this.baseline)) {
				this.baseline = lastMessageId;
			}
		}
	}

	/** Reads the lists for the baseline; undefined if that takes too long. */
	async readBaseline(): Promise<Lists | undefined> {
		const { signal, wait } = this.runtime;
		const enough = new AbortController();
		const stop = () => enough.abort();
		signal.addEventListener('abort', stop);
		const lists = await Promise.race([
			this.options.lists.readWhole().catch(() => undefined),
			wait(BASELINE_WITHIN, enough.signal).then(() => undefined),
		]);
		signal.removeEventListener('abort', stop);
		enough.abort();
		if (lists === undefined || signal.aborted) return undefined;
		this.setBaseline(lists);
		return lists;
	}

	/**
	 * Undefined if something of it could not be read: then nothing of it counts.
	 *
	 * @param isCertain whether there was a gap for certain, so that each conversation may have one
	 */
	async read(isCertain: boolean): Promise<Reading | undefined> {
		const { now } = this.runtime;
		const { lists: reader } = this.options;
		try {
			const lists = await reader.withRetries(async () => await reader.readWhole());
			const verified = new Map<string, string>();
			const messages = this.isBegun ? await this.readMessages(lists, isCertain, verified) : [];
			reader.noteSuccess();
			return { lists, messages, verified, at: now() };
		} catch (error) {
			reader.noteFailure(error);
			return undefined;
		}
	}

	private async readMessages(
		lists: Lists,
		isCertain: boolean,
		verified: Map<string, string>,
	): Promise<VoxfreeEvent[]> {
		if (!this.options.wantsMessages) return [];
		const { seen } = this.options.checkpoint;
		const asked = [...lists.conversations.values()]
			.filter(({ place, lastMessageId, protocol }) => {
				if (place !== 'active') return false;
				if (isCertain || lastMessageId === undefined) return true;
				// Not later than what came last: a message before that may be missing.
				return isLater(lastMessageId, seen.about(protocol).verifiedUpTo);
			})
			.slice(0, MOST_CONVERSATIONS);
		const found: VoxfreeEvent[] = [];
		let next = 0;
		const work = async () => {
			while (next < asked.length && !this.runtime.signal.aborted) {
				const listed = asked[next++];
				if (listed === undefined) return;
				const read = async () => await this.readMessagesOf(listed, verified);
				found.push(...(await this.options.lists.withRetries(read)));
			}
		};
		await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));
		return found;
	}

	private async readMessagesOf(
		listed: ListedConversation,
		verified: Map<string, string>,
	): Promise<VoxfreeEvent[]> {
		const { agentId, api, checkpoint, deduplicator } = this.options;
		const { protocol, channelId, contactId, isGroup } = listed;
		const verifiedUpTo = checkpoint.seen.about(protocol).verifiedUpTo;
		const after = verifiedUpTo ?? this.baseline ?? '0';
		const conversation = { protocol, channelId, contactId, isGroup };
		const entries = await api.getNewMessages(conversation, after);
		const { missed, newestId } = missedMessages(listed, entries, {
			agentId,
			after,
			isVerified: verifiedUpTo !== undefined,
			startedAt: this.startedAt,
			isSeen: (messageId) => deduplicator.isSeen(protocol, messageId),
		});
		if (newestId !== undefined) verified.set(protocol, newestId);
		return missed;
	}
}
