import CryptoJS from 'crypto-js';
import type { Clock } from '../clock';
import { Refusal } from '../frame';
import {
	seedOffice,
	type Agent,
	type Channel,
	type Contact,
	type Conversation,
	type Message,
	type Office,
} from './office';
import type { Settings } from './settings';
import { localTime, type EventType, type VoxfreeEvent } from './wire';

/** After this many milliseconds of a contact's silence, only a template is let through. */
export const SERVICE_WINDOW = 24 * 60 * 60 * 1000;

interface Wiring {
	clock: Clock;
	settings(): Settings;
	publish(event: VoxfreeEvent, isFor: (agentId: string) => boolean): void;
	/** The id of the first new message. */
	firstMessageId?: string;
}

/** What happens in a Voxfree company, whoever causes it, and the events that follow from it. */
export class Company {
	office!: Office;
	private counters!: Record<Counter, bigint>;

	constructor(private readonly wiring: Wiring) {
		this.clear();
		this.restartNumbers();
	}

	/** Back to how it began, but for the numbers: a provider never gives an id twice. */
	clear() {
		this.office = seedOffice(hashOf);
	}

	/** Gives the first ids again. */
	restartNumbers() {
		this.counters = firstNumbers(this.wiring);
	}

	/** A new conversation: waiting when it has no agent. No event: that is the caller's. */
	begin(
		contactId: string,
		channelId: string,
		departmentId: string,
		agentId: string | null,
	): Conversation {
		const now = this.wiring.clock.now();
		const day = localTime(now).slice(0, 10).replaceAll('-', '');
		const conversation: Conversation = {
			protocol: `${day}${contactId}${this.next('protocol')}`,
			databaseId: this.next('database'),
			contactId,
			channelId,
			departmentId,
			state: agentId === null ? 'waiting' : 'active',
			agentId,
			startedAt: now.toISOString(),
			tagIds: [],
			notes: [],
			messages: [],
		};
		this.office.conversations.push(conversation);
		this.forgetOld();
		return conversation;
	}

	/** The open conversation of a contact, or a new one, which is to be announced. */
	reach(contactId: string, channelId: string, departmentId?: string) {
		const contact = this.contact(contactId);
		const channel = this.channel(channelId);
		const current = this.office.conversations.find(
			(one) =>
				one.contactId === contact.id && one.channelId === channel.id && one.state !== 'finished',
		);
		if (current) return { conversation: current, announce: () => {} };
		const department = this.department(departmentId ?? channel.departments[0]!);
		const owner = this.office.portfolio.find(
			(one) => one.contactId === contactId && one.departmentId === department.id,
		)?.agentId;
		const conversation = this.begin(contactId, channelId, department.id, owner ?? null);
		const type = owner ? 'direcionamento_fidelizado_agente' : 'encaminhado_departamento';
		return { conversation, announce: () => this.tell(type, conversation) };
	}

	/** A message of a conversation, with what is not said of it made up. */
	add(
		conversation: Conversation,
		message: Pick<Message, 'from' | 'type' | 'text'> & Partial<Message>,
	): Message {
		const id = this.next('message');
		const accepted = message.accepted ?? true;
		const added: Message = {
			id,
			apiId: accepted ? `DEMO${id.padStart(12, '0')}` : null,
			subtype: null,
			replyTo: null,
			read: message.from === 'agent' && accepted ? 1 : 0,
			deleted: false,
			...message,
			accepted,
			at: message.at ?? this.now(),
		};
		conversation.messages.push(added);
		// A load test writes millions.
		if (conversation.messages.length > 10_000) conversation.messages.shift();
		return added;
	}

	/** A conversation is finished: `Finalizar`. */
	end(conversation: Conversation, wrapUpCode = '') {
		Object.assign(conversation, {
			state: 'finished',
			finishedAt: this.now(),
			...(wrapUpCode && { wrapUpCode }),
		});
		this.tell('Finalizar', conversation);
	}

	/** A contact shall belong to an agent, where the department has that. */
	bind(contactId: string, departmentId: string, agentId: string) {
		if (!this.department(departmentId).loyalty) return;
		const others = this.office.portfolio.filter(
			(one) => one.contactId !== contactId || one.departmentId !== departmentId,
		);
		const entry = { id: this.next('portfolio'), contactId, departmentId, agentId, at: this.now() };
		this.office.portfolio = [...others, entry];
	}

	/** A load test makes thousands: of what is over, the last 500 stay. */
	private forgetOld() {
		const { conversations } = this.office;
		if (conversations.length <= 1000) return;
		const over = conversations.filter(({ state }) => state === 'finished');
		const forgotten = new Set(over.slice(0, -500));
		this.office.conversations = conversations.filter((one) => !forgotten.has(one));
	}

	tellMessage(conversation: Conversation, message: Message) {
		this.tell('new_message', conversation, message.id);
	}

	/** Publishes an event about a conversation as it now is. */
	tell(type: EventType, conversation: Conversation, messageId?: string) {
		const { contactId, channelId, departmentId, protocol, agentId } = conversation;
		const event: VoxfreeEvent = {
			...(messageId !== undefined && { id_msg: messageId }),
			type: 'chat',
			tipo_update: type,
			codid_contato: contactId,
			codid_canal: channelId,
			protocolo_atual: protocol,
			...(agentId !== null && { agente_responsavel: agentId }),
		};
		const concerns = (id: string) =>
			agentId === null ? this.agent(id).departments.includes(departmentId) : agentId === id;
		const toAll = this.wiring.settings().eventsGoTo === 'everyone';
		this.wiring.publish(event, toAll ? () => true : concerns);
	}

	/**
	 * Until when free text may go out in a conversation: undefined when the contact has not written
	 * yet, `never` ending on channels without that rule.
	 */
	windowEnd(protocol: string): Date | 'never' | undefined {
		const conversation = this.known(protocol);
		if (this.channelOf(conversation).kind !== 'whatsapp-official') return 'never';
		const last = this.history(conversation)
			.flatMap(({ messages }) => messages)
			.filter(({ from }) => from === 'customer')
			.reduce((latest, { at }) => Math.max(latest, Date.parse(at)), -Infinity);
		return last === -Infinity ? undefined : new Date(last + SERVICE_WINDOW);
	}

	/** The document has the rule for the official WhatsApp alone; 24 hours are still in time. */
	isInWindow(conversation: Conversation): boolean {
		const end = this.windowEnd(conversation.protocol);
		return end === 'never' || (end !== undefined && this.wiring.clock.now() <= end);
	}

	/** All conversations with the contact on that channel, oldest first. */
	history({ contactId, channelId }: Conversation): Conversation[] {
		return this.office.conversations.filter(
			(one) => one.contactId === contactId && one.channelId === channelId,
		);
	}

	/** As `department`, `channel`, `contact`, `known`: throws a Refusal (404) when there is none. */
	agent(id: string): Agent {
		return found(this.office.agents, id, 'agent');
	}

	department(id: string) {
		return found(this.office.departments, id, 'department');
	}

	channel(id: string): Channel {
		return found(this.office.channels, id, 'channel');
	}

	contact(id: string): Contact {
		return found(this.office.contacts, id, 'contact');
	}

	channelOf({ channelId }: Conversation) {
		return this.channel(channelId);
	}

	known(protocol: string): Conversation {
		const conversation = this.office.conversations.find((one) => one.protocol === protocol);
		if (!conversation) throw new Refusal(404, `There is no conversation ${protocol}`);
		return conversation;
	}

	unfinished(protocol: string): Conversation {
		const conversation = this.known(protocol);
		if (conversation.state === 'finished') {
			throw new Refusal(409, `Conversation ${protocol} is finished`);
		}
		return conversation;
	}

	/** The next id of its kind. */
	next(counter: Counter): string {
		const number = this.counters[counter];
		this.counters[counter] = number + 1n;
		return String(number);
	}

	now() {
		return this.wiring.clock.now().toISOString();
	}
}

type Counter = 'message' | 'protocol' | 'database' | 'contact' | 'tag' | 'quickReply' | 'portfolio';

const firstNumbers = ({ firstMessageId = '17932701' }: Wiring): Record<Counter, bigint> => ({
	message: BigInt(firstMessageId),
	protocol: 3152n,
	database: 395349n,
	contact: 342285n,
	tag: 57n,
	quickReply: 1305n,
	portfolio: 1636n,
});

/** MD5 of a password's UTF-8 bytes, as the document wants it. */
export function hashOf(password: string): string {
	return CryptoJS.MD5(password).toString(CryptoJS.enc.Hex);
}

function found<T extends { id: string }>(items: T[], id: string, what: string): T {
	const item = items.find((one) => one.id === id);
	if (!item) throw new Refusal(404, `There is no ${what} ${id}`);
	return item;
}

/** The server puts the agent's name before what he writes. */
export const signed = (name: string, text: string) => `*${name}*: \n${text}`;

/** The `type` of a message with such a file. */
export function typeOf(mimeType: string): Message['type'] {
	const kind = mimeType.split('/', 1)[0]!;
	return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'document';
}
