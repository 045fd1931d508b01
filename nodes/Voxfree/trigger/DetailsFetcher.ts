import { errorText } from '../../shared/errors';
import { Deadline } from '../../shared/http/deadline';
import type { JsonObject } from '../../shared/json';
import type { ConversationReference } from '../api/types';
import { textOf } from '../api/wire/fields';
import { messageIn } from '../api/wire/messages';
import type { VoxfreeEvent } from './events';
import type { ListReader } from './ListReader';
import type { ListedConversation } from './lists';
import { idBefore, isLater } from './messageIds';
import type { Runtime } from './runtime';

export interface DetailsFetcherOptions {
	api: {
		getNewMessages(
			conversation: ConversationReference,
			lastMessageId: string,
		): Promise<JsonObject[]>;
	};
	lists: ListReader;
	isGroup: (protocol: string) => boolean | undefined;
	/** Fetches what the document says to ask for after each event. */
	fetchDetails: boolean;
	/** Fetches new messages in any case, because only they show who sent them. */
	ignoreOwnMessages: boolean;
}

/** Milliseconds. */
const DETAILS_WITHIN = 15_000;
/** Milliseconds. A message is worth waiting for longer than the name of who wrote it. */
const CONTACT_WITHIN = 5_000;
/** Beyond this they are forgotten, and fetching begins at the id of the event itself. */
const MOST_FETCHED = 10_000;
/** Beyond this they are forgotten, and looked for again. */
const MOST_UNLISTED = 10_000;

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

interface Work {
	events: VoxfreeEvent[];
	onStopped: () => void;
}

/** What is fetched together. */
interface Together {
	events: readonly VoxfreeEvent[];
	/** Whether the answers no longer count. */
	isOver: boolean;
	/** What was asked for already, by protocol. */
	newMessages: Map<string, Promise<JsonObject[]>>;
}

/** Adds to events what they leave out: the message, the conversation, the lists. */
export class DetailsFetcher {
	private readonly underWay = new Set<Work>();

	private readonly deadline: Deadline;

	private readonly contactDeadline: Deadline;

	/** Protocols that have been looked for in the lists. */
	private readonly lookedUp = new Set<string>();

	/** The last message of a conversation that was fetched, by protocol. */
	private readonly fetchedUpTo = new Map<string, string>();

	constructor(
		private readonly runtime: Runtime,
		private readonly options: DetailsFetcherOptions,
	) {
		this.deadline = new Deadline(DETAILS_WITHIN, runtime);
		this.contactDeadline = new Deadline(CONTACT_WITHIN, runtime);
	}

	/** Whether any of the events lacks something that is wanted. */
	isNeededFor(events: readonly VoxfreeEvent[]): boolean {
		const { fetchDetails, ignoreOwnMessages } = this.options;
		if (this.runtime.signal.aborted) return false;
		if (fetchDetails) return events.some(({ event }) => DETAILS[event] !== undefined);
		return ignoreOwnMessages && events.some(({ event }) => event === 'newMessage');
	}

	/**
	 * Adds the details, or the reason why they are missing. Never rejects.
	 *
	 * @param onStopped called at once when the trigger stops before the details are there
	 */
	async fetch(events: VoxfreeEvent[], onStopped: () => void): Promise<void> {
		const work: Work = { events, onStopped };
		const together: Together = { events, isOver: false, newMessages: new Map() };
		this.underWay.add(work);
		const fetching = Promise.all(
			events.map(async (event) => {
				try {
					await this.addDetails(event, together);
				} catch (error) {
					if (!together.isOver) event.detailsError = this.runtime.redact(errorText(error));
				}
			}),
		);
		const isComplete = await this.deadline.isMet(fetching);
		together.isOver = true;
		this.underWay.delete(work);
		if (isComplete) return;
		const reason = `Voxfree did not answer within ${DETAILS_WITHIN / 1000} seconds`;
		for (const event of events) event.detailsError ??= reason;
	}

	/** Waits for no answer any more. */
	close(): void {
		this.deadline.close();
		this.contactDeadline.close();
		for (const { events, onStopped } of this.underWay) {
			for (const event of events) {
				event.detailsError ??= 'The trigger was stopped before the details arrived';
			}
			onStopped();
		}
	}

	private async addDetails(event: VoxfreeEvent, together: Together): Promise<void> {
		if (event.event === 'newMessage') {
			await Promise.all([this.addMessages(event, together), this.addContact(event, together)]);
			return;
		}
		const wanted = DETAILS[event.event];
		if (!this.options.fetchDetails || wanted === undefined || event.recovered === true) return;
		const lists = await this.options.lists.read();
		if (together.isOver) return;
		const listed = lists.conversations.get(event.protocol ?? '');
		if (listed !== undefined) {
			event.conversation = listed.entry;
			nameContact(event, listed);
		}
		if (wanted.includes('active')) event.activeConversations = lists.active;
		if (wanted.includes('waiting')) event.waitingConversations = lists.waiting;
	}

	/**
	 * Adds who wrote, from the lists. Opening the conversation would show it as well, but takes the
	 * conversation out of the queue. The lists are read for it only if the conversation is new to them,
	 * once. Never rejects: without a name, the event is still complete.
	 */
	private async addContact(event: VoxfreeEvent, together: Together): Promise<void> {
		const { fetchDetails, lists } = this.options;
		const { protocol } = event;
		if (!fetchDetails || protocol === undefined) return;
		if (lists.latest?.conversations.has(protocol) !== true) {
			if (this.lookedUp.has(protocol)) return;
			if (this.lookedUp.size >= MOST_UNLISTED) this.lookedUp.clear();
			this.lookedUp.add(protocol);
			await this.contactDeadline.isMet(lists.read());
		}
		const listed = lists.latest?.conversations.get(protocol);
		if (listed !== undefined && !together.isOver) nameContact(event, listed);
	}

	private async addMessages(event: VoxfreeEvent, together: Together): Promise<void> {
		const { protocol, messageId } = event;
		if (protocol === undefined || event.message !== undefined) return;
		let asked = together.newMessages.get(protocol);
		asked ??= this.askForMessages(event, protocol, together.events);
		together.newMessages.set(protocol, asked);
		const entries = await asked;
		if (together.isOver) return;
		const messages = entries
			.map(messageIn)
			.filter((message) => message.protocol === undefined || message.protocol === protocol);
		const own = messages.find((message) => message.messageId === messageId);
		// Later ones have events of their own.
		const upToIt =
			own === undefined
				? messages
				: messages.filter(({ messageId: id }) => id === messageId || !isLater(id ?? '', messageId));
		const newest = own ?? upToIt.at(-1);
		if (newest === undefined) {
			event.detailsError = 'Voxfree returned no new message';
			return;
		}
		event.message = newest;
		if (this.options.fetchDetails) event.messages = upToIt;
		if (newest.messageId !== undefined) this.rememberFetched(protocol, newest.messageId);
	}

	/** Asks once for the messages of all events about a conversation. One may have overtaken another. */
	private async askForMessages(
		{ channelId, contactId }: VoxfreeEvent,
		protocol: string,
		events: readonly VoxfreeEvent[],
	): Promise<JsonObject[]> {
		const { api, isGroup } = this.options;
		let since = this.fetchedUpTo.get(protocol);
		for (const event of events) {
			if (event.event !== 'newMessage' || event.protocol !== protocol) continue;
			const before = idBefore(event.messageId);
			if (since === undefined || isLater(since, before)) since = before;
		}
		const conversation = { protocol, channelId, contactId, isGroup: isGroup(protocol) };
		return await api.getNewMessages(conversation, since ?? '0');
	}

	private rememberFetched(protocol: string, messageId: string): void {
		if (isLater(this.fetchedUpTo.get(protocol) ?? '', messageId)) return;
		this.fetchedUpTo.set(protocol, messageId);
		if (this.fetchedUpTo.size > MOST_FETCHED) this.fetchedUpTo.clear();
	}
}

function nameContact(event: VoxfreeEvent, { entry }: ListedConversation): void {
	const name = textOf(entry.contactName);
	const number = textOf(entry.contactNumber);
	if (name !== undefined) event.contactName = name;
	if (number !== undefined) event.contactNumber = number;
}
