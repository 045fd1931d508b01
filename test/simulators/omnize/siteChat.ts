import { EventEmitter } from 'node:events';
import type { Clock } from '../clock';
import { Deliveries, type Delivery } from '../deliveries';
import { Refusal } from '../frame';
import { Journal, type JournalEntry } from '../journal';

/** Somebody who writes in the chat of the website. */
export interface SiteCustomer {
	clientId: string;
	name: string;
	email: string;
	phone: string;
	/** Somebody of the company is writing to this customer. */
	answering: boolean;
	/** The last 200. */
	messages: ChatMessage[];
}

export interface ChatMessage {
	from: 'customer' | 'bot' | 'agent';
	text: string;
	at: string;
	/** For the customer's own messages: whether n8n took them. */
	outcome?: Delivery['outcome'];
	error?: string;
}

/** What n8n sent to the chat. */
export interface ChatReply extends JournalEntry {
	body: unknown;
	answer: { status: number; body: unknown };
}

interface SiteChatEvents {
	change: [];
}

const seed = (): SiteCustomer[] =>
	(
		[
			['12', 'João Batista', 'joao@example.com', '11988776655'],
			['34', 'Mariana Araújo', 'mariana@example.com', '21977665544'],
			['56', 'Inês Conceição', 'ines@example.com', '31966554433'],
		] as const
	).map(([clientId, name, email, phone]) => ({
		clientId,
		name,
		email,
		phone,
		answering: false,
		messages: [],
	}));

/**
 * A chat on a company's website: the customers' channel, which in the Omnize ClientApi belongs to
 * the API's user and not to Omnize. It is no part of the Omnize simulator and knows nothing of it.
 *
 * Out: each message of a customer is POSTed to the customer channel, a webhook of n8n, as
 * `{ clientId, name, email, phone, text }`. In: `receive` takes what n8n posts back.
 */
export class SiteChat extends EventEmitter<SiteChatEvents> {
	/** POSTs that came in from n8n. */
	readonly replies: Journal<ChatReply>;
	private readonly outgoing: Deliveries;
	private current = seed();
	private url: string | undefined;

	constructor(private readonly clock: Clock) {
		super();
		const onChange = () => this.changed();
		this.replies = new Journal(500, onChange);
		this.outgoing = new Deliveries({ clock, sender: 'Website chat', onChange });
	}

	/** A copy of the customers with their messages. */
	get customers(): SiteCustomer[] {
		return structuredClone(this.current);
	}

	/** What went to n8n, oldest first. */
	get deliveries(): readonly Delivery[] {
		return this.outgoing.journal.entries;
	}

	get customerChannelUrl() {
		return this.url;
	}

	/** The webhook of n8n that gets the customers' messages; undefined for none. */
	setCustomerChannelUrl(url: string | undefined) {
		if (url && !/^https?:\/\/[^/]/.test(url)) {
			throw new Refusal(400, `"${url}" is not an http or https address`);
		}
		this.url = url || undefined;
		this.changed();
	}

	/** Adds a customer with the next free client ID. */
	addCustomer(name?: string): SiteCustomer {
		let number = 100 + this.current.length;
		while (this.find(String(number))) number += 1;
		return structuredClone(this.add(String(number), name));
	}

	/** A customer writes. Resolves when n8n has taken the message, or has not. */
	async customerSays(clientId: string, text: string): Promise<Delivery> {
		const customer = this.find(clientId);
		if (!customer) throw new Refusal(404, `There is no customer ${clientId} in the chat`);
		if (!text) throw new Refusal(400, 'The message is empty');
		const message = this.write(customer, { from: 'customer', text, outcome: 'under way' });
		const { name, email, phone } = customer;
		const body = { clientId, name, email, phone, text };
		const delivery = await this.outgoing.deliver(this.url, body, {}, clientId);
		message.outcome = delivery.outcome;
		if (delivery.error) message.error = delivery.error;
		this.changed();
		return delivery;
	}

	/**
	 * Takes what n8n posts: `{ clientId, text, from }` for a bubble (`from` is "bot", the default, or
	 * "agent"), `{ clientId, typing: true | false }` for the three dots. A client ID that the chat
	 * does not know appears as a new customer.
	 */
	receive(body: unknown): { status: number; body: unknown } {
		const answer = this.take(body);
		this.replies.add({ at: this.clock.now().toISOString(), body, answer });
		return answer;
	}

	/** Forgets every message and every customer that was added, and cuts what is under way. */
	reset() {
		this.outgoing.reset();
		this.current = seed();
		this.replies.clear();
		this.changed();
	}

	private take(body: unknown): { status: number; body: unknown } {
		const refuse = (error: string) => ({ status: 400, body: { error } });
		if (typeof body !== 'object' || body === null) return refuse('The body must be a JSON object');
		const { clientId, text, typing, from = 'bot' } = body as Record<string, unknown>;
		if (typeof clientId !== 'string' || !clientId) return refuse('"clientId" must be a string');
		if (from !== 'bot' && from !== 'agent') return refuse('"from" must be "bot" or "agent"');
		if (typeof typing === 'boolean' && text === undefined) {
			(this.find(clientId) ?? this.add(clientId)).answering = typing;
			return { status: 200, body: { ok: true } };
		}
		if (typeof text !== 'string' || !text) return refuse('"text" must be a string with characters');
		this.write(this.find(clientId) ?? this.add(clientId), { from, text });
		return { status: 200, body: { ok: true } };
	}

	private find(clientId: string) {
		return this.current.find((customer) => customer.clientId === clientId);
	}

	private add(clientId: string, name?: string): SiteCustomer {
		const customer: SiteCustomer = {
			clientId,
			name: name || `Cliente ${clientId}`,
			email: `cliente${encodeURIComponent(clientId)}@example.com`,
			phone: `1190000${clientId.replace(/\D/g, '').slice(-4).padStart(4, '0')}`,
			answering: false,
			messages: [],
		};
		this.current.push(customer);
		this.changed();
		return customer;
	}

	private write(customer: SiteCustomer, message: Omit<ChatMessage, 'at'>): ChatMessage {
		const written = { ...message, at: this.clock.now().toISOString() };
		if (message.from !== 'customer') customer.answering = false;
		customer.messages.push(written);
		if (customer.messages.length > 200) customer.messages.shift();
		this.changed();
		return written;
	}

	private changed() {
		this.emit('change');
	}
}
