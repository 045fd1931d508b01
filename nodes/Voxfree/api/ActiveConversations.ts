import { invalidInput } from '../../shared/errors';
import type { JsonObject } from '../../shared/json';
import type { CallService } from './callService';
import { readConversationList } from './conversationLists';
import type { ConversationReference } from './types';
import { conversationIn } from './wire/conversations';
import type { Conversation } from './wire/conversations';
import { textOf } from './wire/fields';

/** A conversation with everything that a message to it needs. */
export interface ConversationAddress {
	protocol: string;
	channelId: string;
	contactId: string;
	isGroup: boolean;
}

/** How long one list serves lookups, in milliseconds. */
const MAX_AGE = 5_000;

/** The agent's active conversations. Lookups share one list for a few seconds. */
export class ActiveConversations {
	private cached?: { list: Promise<Conversation[]>; at: number };

	constructor(private readonly call: CallService) {}

	/**
	 * The list as Voxfree has it now, untranslated.
	 *
	 * @throws UnreadableList
	 */
	async read(): Promise<JsonObject[]> {
		return (await readConversationList(this.call, 'active')).entries;
	}

	/** The conversation, or undefined if the agent does not have it. */
	async find(protocol: string): Promise<Conversation | undefined> {
		const { cached } = this;
		const known = cached === undefined ? undefined : find(await cached.list, protocol);
		if (known !== undefined) return known;
		const age = this.cached === undefined ? Infinity : Date.now() - this.cached.at;
		if (age < MAX_AGE) return undefined;
		const list = this.read().then((entries) => entries.map(conversationIn));
		this.cached = { list, at: Date.now() };
		// A failed request is not cached: the next lookup reads the list again.
		list.catch(() => this.invalidate());
		return find(await list, protocol);
	}

	/** To be called when a conversation has begun or ended. */
	invalidate(): void {
		this.cached = undefined;
	}

	/**
	 * Completes a reference. What the caller has not given comes from the list.
	 *
	 * @throws ProviderError (`invalid`) if the list does not show it
	 */
	async addressOf(reference: ConversationReference): Promise<ConversationAddress> {
		const { protocol, channelId = '', contactId = '', isGroup } = reference;
		if (channelId !== '' && contactId !== '') {
			return { protocol, channelId, contactId, isGroup: isGroup ?? false };
		}
		const found = await this.find(protocol);
		const address = {
			protocol,
			channelId: channelId === '' ? (textOf(found?.channelId) ?? '') : channelId,
			contactId: contactId === '' ? (textOf(found?.contactId) ?? '') : contactId,
			isGroup: isGroup ?? found?.isGroup ?? false,
		};
		if (address.channelId !== '' && address.contactId !== '') return address;
		const missing = [
			...(address.channelId === '' ? ["'Channel ID'"] : []),
			...(address.contactId === '' ? ["'Contact ID'"] : []),
		].join(' and ');
		throw invalidInput(
			found === undefined
				? `The conversation ${protocol} is not among the agent's active conversations`
				: `Voxfree does not show ${missing} of the conversation ${protocol}`,
			`Nothing was sent. Open the conversation first, or enter ${missing} under 'Conversation Details'.`,
		);
	}
}

function find(list: readonly Conversation[], protocol: string): Conversation | undefined {
	return list.find((conversation) => conversation.protocol === protocol);
}
