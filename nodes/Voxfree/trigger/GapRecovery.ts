import type { JsonObject } from '../../shared/json';
import type { ConversationReference } from '../api/types';
import type { Checkpoint } from './Checkpoint';
import type { Deduplicator } from './Deduplicator';
import type { GapDetails, PendingEvent, VoxfreeEvent } from './events';
import { moveKey } from './keys';
import type { ListReader } from './ListReader';
import type { ListedConversation, Lists } from './lists';
import { isLater } from './messageIds';
import { mergeGaps, missedMessages, missedMoves } from './recovery';
import type { Found } from './recovery';
import { epochOf, errorText } from './runtime';
import type { Runtime } from './runtime';
import type { Gap } from './SocketClient';

export interface GapRecoveryOptions {
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
	compareAfterGap: boolean;
	/** Milliseconds; 0 for never. */
	compareEvery: number;
	deliver: (pending: PendingEvent) => void;
	reportGap: (gap: GapDetails) => void;
	/** The number of the connection that counts, as long as nothing speaks against it. */
	trusted: () => number | undefined;
	/** The lists show what the socket missed. What follows is a call of `onConnected` with a gap. */
	onStaleConnection: (reason: string) => void;
}

/** What the provider says at one moment. */
interface Reading {
	lists: Lists;
	/** Messages that no event brought. */
	messages: VoxfreeEvent[];
	/** The last message of each conversation that was read. */
	verified: Map<string, string>;
	/** Milliseconds of the epoch when all of it was there. */
	at: number;
}

/** Milliseconds that an event may take to arrive by the socket when the lists show it already. */
const GRACE = 2_000;
/** How long connecting waits for the first reading of the lists. */
const BASELINE_WITHIN = 5_000;
/** How far the clocks of n8n and the provider may lie apart. */
const CLOCK_TOLERANCE = 60_000;
const FIRST_START_TOLERANCE = 1_000;
/** Conversations that are asked for messages in one comparison, and at once. */
const MOST_CONVERSATIONS = 200;
const CALLS_AT_ONCE = 4;

/**
 * Finds out from the lists what the socket missed: after each gap, and regularly, because a connection
 * that receives nothing any more looks like one on which nothing happens.
 */
export class GapRecovery {
	/** Gaps that have not been looked into. Their times are milliseconds of the epoch. */
	private readonly gaps: Gap[] = [];

	/** Gaps after which the lists could not be read: what they show later belongs to these. */
	private readonly postponed: Gap[] = [];

	/** What was found in the lists, but has not been reported with a gap. */
	private found: Found = { recovered: 0 };

	private isConnected = false;

	private isComparing = false;

	/** Whether it is known what there was before any event. */
	private hasBaseline = false;

	/** The latest message of all when the trigger started. */
	private baseline: string | undefined;

	/** Milliseconds of the epoch up to which events and lists are known to agree. */
	private comparedAt: number;

	/** Before that time of the epoch, nothing is to be recovered. */
	private readonly startedAt: number;

	/** By which the keys of missed moves are made: the restored one until the first comparison. */
	private moveEpoch: number;

	constructor(
		private readonly runtime: Runtime,
		private readonly options: GapRecoveryOptions,
	) {
		const { epoch, restoredUntil, seen } = options.checkpoint;
		this.comparedAt = runtime.now();
		this.moveEpoch = epoch;
		if (restoredUntil === undefined) {
			this.startedAt = this.comparedAt - FIRST_START_TOLERANCE;
			return;
		}
		this.startedAt = restoredUntil - CLOCK_TOLERANCE;
		this.hasBaseline = true;
		this.baseline = seen.highestMessageId;
		this.moveEpoch = epoch - 1;
		this.gaps.push({
			from: restoredUntil,
			to: this.comparedAt,
			reason: 'the trigger was not running',
			certain: true,
		});
	}

	/** Milliseconds of the epoch up to which events and lists are known to agree. */
	get agreedUntil(): number {
		return this.comparedAt;
	}

	private get isEnabled(): boolean {
		return this.options.compareAfterGap || this.options.compareEvery > 0;
	}

	private get isOver(): boolean {
		return this.runtime.signal.aborted;
	}

	/**
	 * Reads the lists while there is no connection yet: all that is new since then has to be recovered.
	 * If they cannot be read soon, they are once it is connected, and what they show then counts as seen.
	 */
	async readBaseline(): Promise<void> {
		if (this.hasBaseline || !this.isEnabled) return;
		const { signal, wait } = this.runtime;
		const enough = new AbortController();
		const stop = () => enough.abort();
		signal.addEventListener('abort', stop);
		const lists = await Promise.race([
			this.options.lists.read().catch(() => undefined),
			wait(BASELINE_WITHIN, enough.signal).then(() => undefined),
		]);
		signal.removeEventListener('abort', stop);
		enough.abort();
		if (lists === undefined || this.isOver) return;
		this.setBaseline(lists);
		this.comparedAt = epochOf(this.runtime, lists.readAt);
	}

	private setBaseline(lists: Lists): void {
		this.hasBaseline = true;
		this.options.checkpoint.beginWith(lists);
		// Not what has come meanwhile: a message before that may be missing.
		for (const { lastMessageId } of lists.conversations.values()) {
			if (lastMessageId !== undefined && isLater(lastMessageId, this.baseline)) {
				this.baseline = lastMessageId;
			}
		}
	}

	/**
	 * The socket is connected.
	 *
	 * @param gap in the clock's time; undefined if it is for the first time
	 */
	onConnected(gap: Gap | undefined): void {
		if (this.isOver) return;
		const { runtime } = this;
		if (gap !== undefined) {
			const from = epochOf(runtime, gap.from);
			this.freeze(from);
			this.gaps.push({ ...gap, from, to: epochOf(runtime, gap.to) });
		}
		if (!this.isConnected) {
			this.isConnected = true;
			if (gap === undefined) this.endStartingGap();
			void this.compareRegularly();
		}
		void this.compare();
	}

	/** Until the first connection, something may have been missed as well. */
	private endStartingGap(): void {
		const now = this.runtime.now();
		const [restored] = this.gaps;
		if (restored !== undefined) {
			restored.to = now;
		} else if (this.hasBaseline) {
			const reason = 'the connection was being opened';
			this.gaps.push({ from: this.comparedAt, to: now, reason, certain: false });
		}
	}

	private async compareRegularly(): Promise<void> {
		const { compareEvery } = this.options;
		while (compareEvery > 0 && !this.isOver) {
			await this.runtime.wait(compareEvery, this.runtime.signal);
			await this.compare();
		}
	}

	/** Compares what has been seen with the lists, until no gap is left to be looked into. */
	private async compare(): Promise<void> {
		if (this.isComparing) return;
		this.isComparing = true;
		try {
			do {
				await this.compareOnce([...this.postponed.splice(0), ...this.gaps.splice(0)]);
			} while (this.gaps.length > 0 && !this.isOver);
		} catch (error) {
			this.logError('Comparing with the lists ended', error);
		} finally {
			this.isComparing = false;
		}
	}

	/** What is saved stays complete up to this time of the epoch until all that was missed is known. */
	private freeze(at: number): void {
		if (this.hasBaseline) this.options.checkpoint.freeze(at);
	}

	private async compareOnce(gaps: Gap[]): Promise<void> {
		const isCertain = gaps.some(({ certain }) => certain);
		if (!this.isEnabled) {
			this.options.checkpoint.thaw();
			if (isCertain) this.report(gaps, false);
			return;
		}
		const connection = this.options.trusted();
		const reading = await this.readProvider(isCertain);
		if (this.isOver) return;
		if (reading === undefined) return this.postpone(gaps, isCertain);
		if (!this.hasBaseline) {
			this.setBaseline(reading.lists);
			if (isCertain) this.report(gaps, false);
			return;
		}
		const { seen } = this.options.checkpoint;
		if (reading.messages.length > 0 || missedMoves(seen, reading.lists).length > 0) {
			await this.runtime.wait(GRACE, this.runtime.signal);
			if (this.isOver) return;
		}
		const recovered = this.recover(reading);
		this.found.recovered += recovered;
		if (gaps.length > 0) {
			// Some of it may have been missed after the gap, until the lists were read.
			const to = recovered > 0 ? reading.at : undefined;
			if (isCertain || this.found.recovered > 0) this.report(gaps, true, to);
		} else if (this.found.recovered > 0) {
			return this.handleStaleConnection(connection);
		}
		this.comparedAt = epochOf(this.runtime, reading.lists.readAt);
		// Now all that was missed is in progress, and is not saved as handled.
		if (this.gaps.length === 0) this.options.checkpoint.thaw();
	}

	/** Something was missed although the connection seemed to be good. */
	private handleStaleConnection(connection: number | undefined): void {
		const { onStaleConnection, trusted } = this.options;
		// Otherwise a connection was lost meanwhile: its gap is still to come, and will report this.
		if (connection === undefined || connection !== trusted()) return;
		this.found.from = this.comparedAt;
		this.freeze(this.comparedAt);
		onStaleConnection('the lists show what the socket did not tell');
	}

	/** The lists could not be read. */
	private postpone(gaps: Gap[], isCertain: boolean): void {
		if (this.options.compareEvery === 0) this.options.checkpoint.thaw();
		if (isCertain) this.report(gaps, false);
		this.postponed.push(...gaps.map((gap) => ({ ...gap, certain: false })));
	}

	/** Delivers what was missed. Returns how much that was. */
	private recover({ lists, messages, verified }: Reading): number {
		const { checkpoint, deduplicator, deliver } = this.options;
		const moves = missedMoves(checkpoint.seen, lists);
		for (const event of moves) {
			const { protocol = '' } = event;
			const count = checkpoint.seen.nextMove(protocol);
			deliver({ event, key: moveKey(this.moveEpoch, protocol, count) });
		}
		this.moveEpoch = checkpoint.epoch;
		checkpoint.adopt(lists);
		let recovered = moves.length;
		checkpoint.verify(verified, () => {
			for (const event of messages) {
				const key = deduplicator.keyForRecovered(event);
				if (key === undefined) continue;
				checkpoint.see(event);
				deliver({ event, key });
				recovered++;
			}
		});
		return recovered;
	}

	/** Undefined if something of it could not be read: then nothing of it counts. */
	private async readProvider(isCertain: boolean): Promise<Reading | undefined> {
		const { lists: reader } = this.options;
		try {
			const lists = await reader.withRetries(async () => await reader.read());
			const verified = new Map<string, string>();
			const messages = this.hasBaseline ? await this.readMessages(lists, isCertain, verified) : [];
			return { lists, messages, verified, at: this.runtime.now() };
		} catch (error) {
			if (!this.isOver) this.logError('The lists could not be read', error);
			return undefined;
		}
	}

	/**
	 * Messages of our conversations that no event brought.
	 *
	 * @param isCertain whether there was a gap for certain, so that each conversation may have one
	 */
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
			while (next < asked.length && !this.isOver) {
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

	/** Reports gaps that belong together as one, with all that was found in the lists since the last. */
	private report(gaps: Gap[], compared: boolean, to?: number): void {
		const { found } = this;
		this.found = { recovered: 0 };
		this.options.reportGap(mergeGaps(gaps, found, compared, to));
	}

	private logError(what: string, error: unknown): void {
		const { log, redact } = this.runtime;
		log('warn', `${what}: ${redact(errorText(error))}`);
	}
}
