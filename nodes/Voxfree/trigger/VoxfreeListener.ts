import { ProviderError } from '../../shared/errors';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { ConversationBook, listsIn } from './ConversationBook';
import type { ListedConversation, Lists } from './ConversationBook';
import { Dispatcher } from './Dispatcher';
import {
	factOf,
	isLater,
	isRegistration,
	keyOf,
	parseFrame,
	passes,
	readEvent,
	textOfFrame,
} from './events';
import type { EventFilter, GapDetails, VoxfreeEvent } from './events';
import { digestOf, EventWindow } from './EventWindow';
import { Deadline } from '../../shared/http/deadline';
import type { ConversationReference } from '../api/types';
import type { Gap } from './SocketClient';
import { isYes } from '../api/wire/fields';
import { messageIn } from '../api/wire/messages';
import { momentOf } from '../api/wire/time';
import type { Message } from '../api/wire/messages';

/** The calls that tell what the socket does not. */
export interface ConversationReader {
	getActiveConversations(): Promise<JsonObject[]>;
	getWaitingConversations(): Promise<JsonObject[]>;
	getNewMessages(conversation: ConversationReference, lastMessageId: string): Promise<JsonObject[]>;
}

/** What the user has set. Times are milliseconds. */
export interface ListenerSettings {
	filter: EventFilter;
	/** Leaves out messages that the agent sent. They are known by their details, or by `fromMe`. */
	ignoreOwnMessages: boolean;
	/** Asks for what the document says to ask for after each event. */
	fetchDetails: boolean;
	/** Reads the lists after each gap and compares them with what events have told. */
	compareAfterGap: boolean;
	/** Does so every so many milliseconds as well; 0 for never. */
	compareEvery: number;
	/** Executions at once, events waiting, milliseconds that one may keep others waiting. */
	inFlight: number;
	queue: number;
	limit: number;
	batch?: { size: number; within: number };
}

export interface ListenerOptions extends ListenerSettings {
	agentId: string;
	api: ConversationReader;
	/** What was remembered when the trigger last ran, if it is to be gone on from. */
	remembered?: JsonObject;
	/** What all deduplication keys begin with: they are global to n8n. */
	keyPrefix: string;
	/** Unlike that of any other run of any trigger. */
	nonce: string;
	/** Milliseconds of a clock that never goes back, and of the epoch. */
	clock: () => number;
	now: () => number;
	wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
	log: (level: 'debug' | 'info' | 'warn', message: string) => void;
	/**
	 * Starts one execution, before it awaits anything. Resolves when the execution has ended; rejects
	 * when it could not be started.
	 */
	hand: (events: VoxfreeEvent[], deduplicationKey: string) => Promise<void>;
	/** Something came that is no event. */
	onBroken: (message: string, description: string) => void;
	/** The lists show what the socket did not tell. What follows is `onConnected` with a certain gap. */
	onDeaf: (reason: string) => void;
	/** The number of the connection that counts, as long as nothing speaks against it. */
	trusted: () => number | undefined;
	/** Clock time up to which nothing can have been missed that no gap will tell of. */
	soundUntil: () => number | undefined;
	/** What is to be kept beyond a restart, called just before executions are started. */
	remember: (state: JsonObject) => void;
	/** Texts of errors pass through this. */
	redact: (text: string) => string;
}

interface Pending {
	event: VoxfreeEvent;
	key: string;
}

interface Batch {
	pending: Pending[];
	handed: boolean;
}

/** Milliseconds. */
const DETAILS_WITHIN = 15_000;
/** How long an event that the lists show already may take to arrive by the socket. */
const GRACE = 2_000;
/** Pauses before the lists are asked for again when they cannot be read. */
const LIST_PAUSES = [5_000, 15_000, 45_000];
/** Pauses before an execution that n8n could not start is handed to it again. */
const HAND_PAUSES = [1_000, 2_000, 4_000, 8_000, 16_000];
/** How long connecting waits for the first reading of the lists. */
const PREPARE_WITHIN = 5_000;
const REMEMBER_EVERY = 5_000;
const CLOCK_TOLERANCE = 60_000;

/** Beyond this they are forgotten, and the id of the event itself tells where to begin. */
const MOST_FETCHED = 10_000;
const MOST_CONVERSATIONS = 200;
const CALLS_AT_ONCE = 4;
/** Broken frames that are recorded as failed executions in a minute; the rest is counted. */
const BROKEN_PER_MINUTE = 10;

/**
 * Turns frames into executions: reads them, leaves out what has been told before or is not wanted,
 * fetches details, keeps the order within a conversation, and after a gap finds out from the lists
 * what was missed. Knows nothing of n8n.
 */
export class VoxfreeListener {
	private readonly window = new EventWindow();

	/** Messages that have been told or recovered, whatever their frame said besides. */
	private readonly facts = new EventWindow();

	/** What has been told. */
	private readonly book: ConversationBook;

	/** What has been told and dealt with by an execution: this is what a restart goes on from. */
	private readonly settled: ConversationBook;

	/**
	 * Messages that wait for their execution or are in one, by protocol. Conversations run side by
	 * side, so later messages may be dealt with before them.
	 */
	private readonly unsettled = new Map<string, Set<string>>();

	private readonly dispatcher: Dispatcher<Pending>;

	private readonly detailsLimit: Deadline;

	/** Executions whose details are being fetched. */
	private readonly preparing = new Set<Batch>();

	/** Last message of a conversation that details have been fetched for. */
	private readonly fetchedUpTo = new Map<string, string>();

	private readonly stopped = new AbortController();

	private readonly gaps: Gap[] = [];

	/** Gaps that have not been told of, or not with what was missed: the lists could not be read. */
	private readonly undecided: Gap[] = [];

	/** What was found in the lists, but not yet told of in a gap. */
	private untold: { recovered: number; from?: number } = { recovered: 0 };

	private comparing = false;

	/** Whether the book has ever been held against the lists. */
	private hasBaseline = false;

	/** The latest message of all when the trigger started. */
	private baseline: string | undefined;

	/** Milliseconds of the epoch up to which events and lists are known to agree. */
	private comparedAt: number;

	/** Milliseconds of the epoch before which nothing is to be recovered. */
	private readonly startedAt: number;

	private readonly epoch: number;

	/** The epoch of what a restart goes on from, until the lists have been compared with it. */
	private restoredEpoch: number | undefined;

	private connected = false;

	/**
	 * Whether there was a gap that has not been compared with the lists. What is remembered must not
	 * go beyond it: events that came after it may be dealt with before what was missed is known.
	 */
	private isBehind = false;

	private lastRemembered = Number.NEGATIVE_INFINITY;

	private counter = 0;

	private broken = { since: Number.NEGATIVE_INFINITY, count: 0 };

	private listsRead: { next?: Promise<Lists>; current?: Promise<Lists> } = {};

	constructor(private readonly options: ListenerOptions) {
		this.book = new ConversationBook(options.agentId);
		this.settled = new ConversationBook(options.agentId);
		const before = options.remembered;
		this.startedAt = options.now() - 1_000;
		this.comparedAt = options.now();
		const epoch = Number(before?.epoch ?? 0);
		this.epoch = (Number.isSafeInteger(epoch) ? epoch : 0) + 1;
		if (before !== undefined && typeof before.at === 'number') {
			this.book.restore(before.book);
			for (const { protocol, messageId } of this.settled.restore(before.book)) {
				this.facts.admits(`message:${protocol}:${messageId}`);
			}
			this.baseline = this.book.highestMessageId;
			this.startedAt = before.at - CLOCK_TOLERANCE;
			this.hasBaseline = true;
			this.restoredEpoch = this.epoch - 1;
			this.isBehind = true;
			this.gaps.push({
				from: before.at,
				to: options.now(),
				reason: 'the trigger was not running',
				certain: true,
			});
		}
		this.detailsLimit = new Deadline(DETAILS_WITHIN, options);
		this.dispatcher = new Dispatcher<Pending>({
			inFlight: options.inFlight,
			queue: options.queue,
			limit: options.limit,
			batch: options.batch,
			execute: async (events) => await this.execute(events),
			keyOf: ({ event, key }) => event.protocol ?? key,
			onOverflow: (lost, from, to) =>
				this.enqueueGap({
					from: this.iso(from),
					to: this.iso(to),
					reason: `more events than executions could take; ${options.queue} were waiting`,
					recovered: 0,
					lost,
					compared: false,
				}),
			onLate: ([first]) =>
				options.log(
					'warn',
					`An execution for conversation ${first?.event.protocol ?? '(none)'} takes longer than ${options.limit / 1000} seconds; the next one is not kept waiting any more`,
				),
			clock: options.clock,
			wait: options.wait,
		});
	}

	/** Events that wait, and executions under way. */
	get load(): { queued: number; inFlight: number } {
		return { queued: this.dispatcher.queued, inFlight: this.dispatcher.inFlight };
	}

	/** One frame. Never throws. */
	onFrame(data: unknown, connection: number): void {
		if (this.isOver) return;
		const text = textOfFrame(data);
		if (text === undefined) return this.reportBroken('of an unknown kind', 0);
		let raw: JsonValue;
		try {
			raw = parseFrame(text);
		} catch {
			return this.reportBroken(beginningOf(text), text.length);
		}
		if (isRegistration(raw)) return;
		const event = readEvent(raw, this.options.agentId);
		const key = this.admitted(event, text, connection);
		if (key === undefined) return;
		this.book.tell(event, this.options.clock());
		this.offer({ event, key: key === '' ? this.keyFor(event) : key });
	}

	/** The key of an event that has not been told before; empty where it is to be made up. */
	private admitted(event: VoxfreeEvent, text: string, connection: number): string | undefined {
		const key = keyOf(event, text);
		if (key === undefined) {
			return this.window.admitsFrame(text, connection, this.options.clock()) ? '' : undefined;
		}
		if (!this.window.admits(key)) return undefined;
		const fact = factOf(event);
		if (fact === undefined) return key;
		// The first telling of a message is known by the message alone, as a recovered one is.
		if (this.facts.admits(fact)) return fact;
		return this.facts.knows(`recovered:${fact}`) ? undefined : key;
	}

	private keyFor(event: VoxfreeEvent): string {
		if (!this.book.isMove(event) || event.protocol === undefined) return this.newKey();
		return moveKey(this.epoch, event.protocol, this.book.about(event.protocol).moves ?? 0);
	}

	private newKey(): string {
		return `once:${this.options.nonce}:${++this.counter}`;
	}

	/** Hands an event on where it is wanted; what is not wanted has been dealt with. */
	private offer(pending: Pending): void {
		const { event } = pending;
		const { filter, ignoreOwnMessages } = this.options;
		if (event.departmentId === undefined && event.protocol !== undefined) {
			const { departmentId } = this.book.about(event.protocol);
			if (departmentId !== undefined) event.departmentId = departmentId;
		}
		const isOwn = ignoreOwnMessages && isJsonObject(event.raw) && isYes(event.raw.fromMe);
		if (isOwn || !passes(event, filter)) {
			this.settled.tell(event, this.options.clock());
			return;
		}
		this.addUnsettled(event);
		if (!this.dispatcher.push(pending)) this.removeUnsettled(event);
	}

	private addUnsettled({ event, messageId, protocol }: VoxfreeEvent): void {
		if (event !== 'newMessage' || messageId === undefined || protocol === undefined) return;
		const ids = this.unsettled.get(protocol);
		if (ids === undefined) this.unsettled.set(protocol, new Set([messageId]));
		else ids.add(messageId);
	}

	private removeUnsettled({ messageId = '', protocol = '' }: VoxfreeEvent): void {
		const ids = this.unsettled.get(protocol);
		ids?.delete(messageId);
		if (ids?.size === 0) this.unsettled.delete(protocol);
	}

	/** A connection is being told what happens from now on. */
	onRegistered(connection: number): void {
		this.window.begin(connection);
	}

	/** The socket is connected, after a gap unless it is for the first time. */
	onConnected(gap: Gap | undefined): void {
		if (this.isOver) return;
		const { now } = this.options;
		if (gap !== undefined) {
			this.fallBehind(this.epochOf(gap.from));
			this.gaps.push({ ...gap, from: this.epochOf(gap.from), to: this.epochOf(gap.to) });
		}
		if (!this.connected) {
			this.connected = true;
			const [restored] = this.gaps;
			if (restored !== undefined && gap === undefined) restored.to = now();
			else if (this.hasBaseline && gap === undefined) {
				const reason = 'the connection was being opened';
				this.gaps.push({ from: this.comparedAt, to: now(), reason, certain: false });
			}
			void this.compareRegularly();
		}
		void this.compare();
	}

	/**
	 * Reads the lists while there is no connection yet: all that is new since then has to be told. Where
	 * they cannot be read soon, they are once it is connected, and what they show then is taken for told.
	 */
	async prepare(): Promise<void> {
		const { compareAfterGap, compareEvery, wait } = this.options;
		if (this.hasBaseline || (!compareAfterGap && compareEvery === 0)) return;
		const enough = new AbortController();
		const stop = () => enough.abort();
		this.stopped.signal.addEventListener('abort', stop);
		const lists = await Promise.race([
			this.readLists().catch(() => undefined),
			wait(PREPARE_WITHIN, enough.signal).then(() => undefined),
		]);
		this.stopped.signal.removeEventListener('abort', stop);
		enough.abort();
		if (lists === undefined || this.isOver) return;
		this.beginWith(lists);
		this.comparedAt = this.epochOf(lists.readAt);
	}

	/** Takes the lists for what there was before anything was told. */
	private beginWith(lists: Lists): void {
		this.hasBaseline = true;
		for (const book of [this.book, this.settled]) {
			book.adopt(lists);
			book.adoptMessages(lists);
		}
		// Not what events have told meanwhile: one before those may be missing.
		for (const { lastMessageId } of lists.conversations.values()) {
			if (lastMessageId !== undefined && isLater(lastMessageId, this.baseline)) {
				this.baseline = lastMessageId;
			}
		}
	}

	private async compareRegularly(): Promise<void> {
		const { compareEvery, wait } = this.options;
		while (compareEvery > 0 && !this.isOver) {
			await wait(compareEvery, this.stopped.signal);
			await this.compare();
		}
	}

	/** Holds what events have told against the lists, until there is no gap left to be explained. */
	private async compare(): Promise<void> {
		if (this.comparing) return;
		this.comparing = true;
		try {
			do {
				await this.compareOnce();
			} while (this.gaps.length > 0 && !this.isOver);
		} catch (error) {
			this.options.log('warn', `Comparing with the lists ended: ${this.wordsOf(error)}`);
		} finally {
			this.comparing = false;
		}
	}

	/** What is remembered stays as it is at this time of the epoch, until all is known to be there. */
	private fallBehind(at: number): void {
		if (!this.hasBaseline || this.isBehind) return;
		this.store(at);
		this.isBehind = true;
	}

	private async compareOnce(): Promise<void> {
		const { compareAfterGap, compareEvery, clock, trusted, wait } = this.options;
		const gaps = [...this.undecided.splice(0), ...this.gaps.splice(0)];
		const isCertain = gaps.some(({ certain }) => certain);
		if (!compareAfterGap && compareEvery === 0) {
			this.isBehind = false;
			if (isCertain) this.tellGap(gaps, false);
			return;
		}

		const connection = trusted();
		let lists: Lists;
		let messages: VoxfreeEvent[] = [];
		const verified = new Map<string, string>();
		try {
			lists = await this.patiently(async () => this.readLists());
			if (this.hasBaseline) messages = await this.missedMessages(lists, isCertain, verified);
		} catch (error) {
			if (this.isOver) return;
			this.options.log('warn', `The lists could not be read: ${this.wordsOf(error)}`);
			if (compareEvery === 0) this.isBehind = false;
			if (isCertain) this.tellGap(gaps, false);
			// What the lists show once they can be read belongs to these, and not to a deaf connection.
			this.undecided.push(...gaps.map((gap) => ({ ...gap, certain: false })));
			return;
		}
		if (this.isOver) return;
		if (!this.hasBaseline) {
			this.beginWith(lists);
			if (isCertain) this.tellGap(gaps, false);
			return;
		}
		const read = this.epochOf(clock());
		if (messages.length > 0 || this.book.differences(lists).length > 0) {
			await wait(GRACE, this.stopped.signal);
			if (this.isOver) return;
		}
		const moves = this.book.differences(lists);
		const epoch = this.restoredEpoch ?? this.epoch;
		this.restoredEpoch = undefined;
		let recovered = 0;
		for (const event of moves) {
			const count = (this.book.about(event.protocol ?? '').moves ?? 0) + 1;
			this.offer({ event, key: moveKey(epoch, event.protocol ?? '', count) });
			recovered++;
		}
		this.book.adopt(lists);
		this.settled.adopt(lists);
		for (const [protocol, messageId] of verified) this.book.verify(protocol, messageId);
		for (const event of messages) {
			const fact = factOf(event);
			if (fact === undefined || !this.facts.admits(fact)) continue;
			this.facts.admits(`recovered:${fact}`);
			this.book.tell(event, clock());
			this.offer({ event, key: fact });
			recovered++;
		}
		// After they wait for their execution: what waits is not remembered as dealt with.
		for (const [protocol, messageId] of verified) this.settled.verify(protocol, messageId);
		this.untold.recovered += recovered;
		if (gaps.length > 0) {
			// Some of it may have been missed after the gap, until the lists were read.
			const to = recovered > 0 ? read : undefined;
			if (isCertain || this.untold.recovered > 0) this.tellGap(gaps, true, to);
		} else if (this.untold.recovered > 0) {
			const isDeaf = connection !== undefined && connection === trusted();
			// Otherwise a connection was lost meanwhile: its gap is still to come, and will tell of this.
			if (isDeaf) {
				this.untold.from = this.comparedAt;
				this.fallBehind(this.comparedAt);
				this.options.onDeaf('the lists show what the socket did not tell');
			}
			return;
		}
		this.comparedAt = this.epochOf(lists.readAt);
		// Now all that was missed waits for its execution, and is remembered as unsettled.
		this.isBehind = this.gaps.length > 0;
	}

	/** Tries again after a while, a few times, what the provider cannot answer now. */
	private async patiently<T>(read: () => Promise<T>): Promise<T> {
		for (const pause of LIST_PAUSES) {
			try {
				return await read();
			} catch (error) {
				if (!this.isOver) {
					this.options.log('warn', `The lists could not be read: ${this.wordsOf(error)}`);
				}
			}
			await this.options.wait(pause, this.stopped.signal);
			if (this.isOver) break;
		}
		return await read();
	}

	/**
	 * Both lists, as they are now or later: those who ask while they are being read share the reading
	 * that begins after it.
	 */
	private async readLists(): Promise<Lists> {
		const { current } = this.listsRead;
		if (current === undefined) return await this.beginReading();
		this.listsRead.next ??= current.then(
			async () => await this.beginReading(),
			async () => await this.beginReading(),
		);
		return await this.listsRead.next;
	}

	private async beginReading(): Promise<Lists> {
		const { api, clock } = this.options;
		const readAt = clock();
		const reading = Promise.all([api.getActiveConversations(), api.getWaitingConversations()]).then(
			([active, waiting]) => listsIn(active, waiting, readAt),
		);
		this.listsRead = { current: reading };
		const done = () => {
			if (this.listsRead.current === reading) this.listsRead.current = undefined;
		};
		reading.then(done, done);
		return await reading;
	}

	/**
	 * Messages of our conversations that no event told of. Those that the agent sent are left out: a
	 * workflow that answers them would answer itself.
	 *
	 * @param isCertain whether there was a gap for certain, so that each conversation may have one
	 * @param verified gets the last message of each conversation that was read. It counts only when
	 *   all could be read: otherwise nothing of this is told
	 */
	private async missedMessages(
		lists: Lists,
		isCertain: boolean,
		verified: Map<string, string>,
	): Promise<VoxfreeEvent[]> {
		if (!this.options.filter.events.has('newMessage')) return [];
		const asked = [...lists.conversations.values()]
			.filter((listed) => {
				if (listed.place !== 'active') return false;
				if (isCertain || listed.lastMessageId === undefined) return true;
				// Not what was told last: one before it may be missing.
				return isLater(listed.lastMessageId, this.book.verifiedMessageId(listed.protocol));
			})
			.slice(0, MOST_CONVERSATIONS);
		const found: VoxfreeEvent[] = [];
		let next = 0;
		const work = async () => {
			while (next < asked.length && !this.isOver) {
				const listed = asked[next++];
				if (listed === undefined) return;
				found.push(...(await this.patiently(async () => this.missedMessagesOf(listed, verified))));
			}
		};
		await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));
		return found;
	}

	private async missedMessagesOf(
		listed: ListedConversation,
		verified: Map<string, string>,
	): Promise<VoxfreeEvent[]> {
		const { protocol, channelId, contactId, isGroup } = listed;
		const known = this.book.verifiedMessageId(protocol);
		const last = known ?? this.baseline ?? '0';
		const entries = await this.options.api.getNewMessages(
			{ protocol, channelId, contactId, isGroup },
			last,
		);
		// In the order that they were written in.
		entries.sort(byMessageId);
		const missed = entries.flatMap((entry): VoxfreeEvent[] => {
			const message = messageIn(entry);
			const { messageId } = message;
			if (messageId === undefined || !isLater(messageId, last)) return [];
			if (this.facts.knows(`message:${protocol}:${messageId}`)) return [];
			if (message.protocol !== undefined && message.protocol !== protocol) return [];
			const at = momentOf(entry)?.getTime();
			// Where it is not known which message was the last, the time has to tell.
			const isOld = known === undefined && (at === undefined || at < this.startedAt);
			if (message.fromMe || isOld) return [];
			return [
				{
					event: 'newMessage',
					recovered: true,
					messageId,
					protocol,
					...(contactId === undefined ? {} : { contactId }),
					...(channelId === undefined ? {} : { channelId }),
					...(listed.departmentId === undefined ? {} : { departmentId: listed.departmentId }),
					agentId: this.options.agentId,
					isMine: true,
					message,
				},
			];
		});
		const newest = entries.at(-1);
		const newestId = newest === undefined ? undefined : messageIn(newest).messageId;
		if (newestId !== undefined) verified.set(protocol, newestId);
		return missed;
	}

	/**
	 * Tells of gaps that belong together as one, with all that was found in the lists since the last.
	 *
	 * @param to milliseconds of the epoch up to which it reaches at least
	 */
	private tellGap(gaps: Gap[], compared: boolean, to = Number.NEGATIVE_INFINITY): void {
		const { recovered, from = Infinity } = this.untold;
		this.untold = { recovered: 0 };
		this.enqueueGap({
			from: new Date(Math.min(from, ...gaps.map((gap) => gap.from))).toISOString(),
			to: new Date(Math.max(to, ...gaps.map((gap) => gap.to))).toISOString(),
			reason: [...new Set(gaps.map(({ reason }) => reason))].join('; '),
			recovered,
			compared,
		});
	}

	private enqueueGap(gap: GapDetails): void {
		this.options.log(
			'warn',
			`Events of Voxfree may have been missed from ${gap.from} to ${gap.to}: ${gap.reason}; recovered: ${gap.recovered}`,
		);
		this.offer({ event: { event: 'gap', gap }, key: this.newKey() });
	}

	/** Fetches what belongs to the events, and starts their execution. */
	private async execute(pending: Pending[]): Promise<void> {
		const batch: Batch = { pending, handed: false };
		if (this.needsDetails(pending) && !this.isOver) {
			this.preparing.add(batch);
			await this.fetchDetails(pending);
			this.preparing.delete(batch);
		}
		if (batch.handed) return;
		await this.hand(batch);
	}

	private needsDetails(pending: Pending[]): boolean {
		const { fetchDetails, ignoreOwnMessages } = this.options;
		if (fetchDetails) return pending.some(({ event }) => DETAILS[event.event] !== undefined);
		return ignoreOwnMessages && pending.some(({ event }) => event.event === 'newMessage');
	}

	private async fetchDetails(pending: Pending[]): Promise<void> {
		const enough = { aborted: false };
		const fetching = Promise.all(
			pending.map(async ({ event }) => {
				try {
					await this.addDetails(event, enough);
				} catch (error) {
					if (!enough.aborted) event.detailsError = this.wordsOf(error);
				}
			}),
		);
		const isComplete = await this.detailsLimit.isMet(fetching);
		enough.aborted = true;
		if (isComplete) return;
		for (const { event } of pending) {
			event.detailsError ??= `Voxfree did not answer within ${DETAILS_WITHIN / 1000} seconds`;
		}
	}

	private async addDetails(event: VoxfreeEvent, enough: { aborted: boolean }): Promise<void> {
		if (event.event === 'newMessage') return await this.addMessages(event, enough);
		const wanted = DETAILS[event.event];
		if (!this.options.fetchDetails || wanted === undefined || event.recovered === true) return;
		const lists = await this.readLists();
		if (enough.aborted) return;
		const listed = lists.conversations.get(event.protocol ?? '');
		if (listed !== undefined) event.conversation = listed.entry;
		if (wanted.includes('active')) event.activeConversations = lists.active;
		if (wanted.includes('waiting')) event.waitingConversations = lists.waiting;
	}

	private async addMessages(event: VoxfreeEvent, enough: { aborted: boolean }): Promise<void> {
		const { protocol, messageId, channelId, contactId } = event;
		if (protocol === undefined || event.message !== undefined) return;
		const last = this.fetchedUpTo.get(protocol) ?? idBefore(messageId);
		const { isGroup } = this.book.about(protocol);
		const entries = await this.options.api.getNewMessages(
			{ protocol, channelId, contactId, isGroup },
			last,
		);
		if (enough.aborted) return;
		const messages = entries
			.map(messageIn)
			.filter((message) => message.protocol === undefined || message.protocol === protocol);
		const told = messages.find((message) => message.messageId === messageId);
		// Later ones are told by events of their own.
		const upToIt =
			told === undefined
				? messages
				: messages.filter(({ messageId: id }) => id === messageId || !isLater(id ?? '', messageId));
		const newest = told ?? upToIt.at(-1);
		if (newest === undefined) {
			event.detailsError = 'Voxfree returned no new message';
			return;
		}
		event.message = newest;
		if (this.options.fetchDetails) event.messages = upToIt;
		if (newest.messageId !== undefined) this.rememberFetched(protocol, newest);
	}

	private rememberFetched(protocol: string, { messageId }: Message): void {
		if (messageId === undefined) return;
		this.fetchedUpTo.set(protocol, messageId);
		if (this.fetchedUpTo.size > MOST_FETCHED) this.fetchedUpTo.clear();
	}

	private async hand(batch: Batch): Promise<void> {
		batch.handed = true;
		const { ignoreOwnMessages, hand, keyPrefix, log, wait } = this.options;
		const pending = batch.pending.filter(
			({ event }) => !(ignoreOwnMessages && event.message?.fromMe === true),
		);
		const [first] = pending;
		if (first === undefined) return this.settle(batch.pending);
		const keys = pending.map(({ key }) => key);
		const key = keys.length === 1 ? first.key : `batch:${digestOf(keys.join('\n'))}`;
		const whole = `${keyPrefix}:${key}`;
		const deduplicationKey = whole.length <= 255 ? whole : `${keyPrefix}:${digestOf(key)}`;
		this.remember();
		for (const pause of [...HAND_PAUSES, undefined]) {
			try {
				await hand(
					pending.map(({ event }) => event),
					deduplicationKey,
				);
				return this.settle(batch.pending);
			} catch (error) {
				log('warn', `n8n could not start an execution: ${this.wordsOf(error)}`);
			}
			if (pause === undefined || this.isOver) break;
			// The key keeps n8n from running it twice, should it have started after all.
			await wait(pause, this.stopped.signal);
		}
		for (const { event } of pending) this.removeUnsettled(event);
		if (first.event.event === 'gap') return;
		const at = new Date(this.options.now()).toISOString();
		this.enqueueGap({
			from: at,
			to: at,
			reason: 'n8n could not start the execution',
			recovered: 0,
			lost: pending.length,
			compared: false,
		});
	}

	private settle(pending: Pending[]): void {
		for (const { event } of pending) {
			this.settled.tell(event, this.options.clock());
			this.removeUnsettled(event);
		}
	}

	private remember(): void {
		const now = this.options.clock();
		if (this.isBehind) {
			// The epoch at once, because keys are made with it; the rest as it was.
			const { remembered, remember } = this.options;
			if (this.lastRemembered === Number.NEGATIVE_INFINITY) {
				remember({ ...remembered, epoch: this.epoch });
				this.lastRemembered = now;
			}
			return;
		}
		const isDue = now - this.lastRemembered >= REMEMBER_EVERY;
		if (isDue || this.settled.placesChanged) this.store();
	}

	/** @param at milliseconds of the epoch up to which events are known to have been told */
	private store(at = this.soundUntil): void {
		this.settled.placesChanged = false;
		this.lastRemembered = this.options.clock();
		this.options.remember({
			epoch: this.epoch,
			at,
			book: this.settled.snapshot(this.unsettled),
		});
	}

	/** Starts what waits, at once, and takes nothing any more. May be called again. */
	close(): void {
		if (this.isOver) return;
		this.stopped.abort();
		this.detailsLimit.close();
		for (const batch of this.preparing) {
			if (batch.handed) continue;
			for (const { event } of batch.pending) {
				event.detailsError ??= 'The trigger was stopped before its details were there';
			}
			void this.hand(batch);
		}
		this.dispatcher.close();
	}

	private get isOver(): boolean {
		return this.stopped.signal.aborted;
	}

	private reportBroken(beginning: string, length: number): void {
		const now = this.options.clock();
		if (now - this.broken.since >= 60_000) {
			const { count } = this.broken;
			if (count > BROKEN_PER_MINUTE) {
				this.options.log('warn', `${count - BROKEN_PER_MINUTE} more unreadable frames came`);
			}
			this.broken = { since: now, count: 0 };
		}
		this.broken.count++;
		if (this.broken.count > BROKEN_PER_MINUTE) return;
		this.options.onBroken(
			'Voxfree sent something that is not JSON',
			this.options.redact(
				`${length} characters: ${beginning}. The connection goes on; further events are not affected.`,
			),
		);
	}

	private iso(time: number): string {
		return new Date(this.epochOf(time)).toISOString();
	}

	/** Milliseconds of the epoch for a time of the clock. */
	private epochOf(time: number): number {
		return this.options.now() - (this.options.clock() - time);
	}

	/** In milliseconds of the epoch. Not now: the connection may have fallen silent a while ago. */
	private get soundUntil(): number {
		const time = this.options.soundUntil();
		return time === undefined ? this.comparedAt : this.epochOf(time);
	}

	private wordsOf(error: unknown): string {
		const message = error instanceof Error ? error.message : 'for an unknown reason';
		const description = error instanceof ProviderError ? error.description : undefined;
		return this.options.redact(description === undefined ? message : `${message}. ${description}`);
	}
}

/** What the document says to ask for after an event. For the queue, the waiting list. */
const DETAILS: Readonly<Partial<Record<VoxfreeEvent['event'], readonly string[]>>> = {
	newMessage: ['messages'],
	routedToAgent: ['active', 'waiting'],
	routedToDepartment: ['active', 'waiting'],
	routedToPortfolioAgent: ['active'],
	queuedForAgent: ['waiting'],
	queueUpdated: ['waiting'],
	finished: ['active', 'waiting'],
};

function byMessageId(a: JsonObject, b: JsonObject): number {
	const [first, second] = [messageIn(a).messageId ?? '', messageIn(b).messageId ?? ''];
	if (isLater(first, second)) return 1;
	return isLater(second, first) ? -1 : 0;
}

function moveKey(epoch: number, protocol: string, count: number): string {
	return `move:${epoch}:${protocol}:${count}`;
}

/** The id before one, so that asking for what is new since then brings the message itself. */
function idBefore(id: string | undefined): string {
	if (id === undefined || !/^[1-9]\d{0,30}$/.test(id)) return '0';
	return String(BigInt(id) - 1n);
}

/** What can be shown of a frame: its visible beginning. */
function beginningOf(text: string): string {
	const visible = text.slice(0, 120).replace(/[^\x20-\x7e\u00a0-\ud7ff]/g, '·');
	return visible === '' ? '(empty)' : visible;
}
