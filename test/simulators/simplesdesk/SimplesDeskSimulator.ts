import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { patientController } from '../clock';
import { ProviderSimulator, Refusal, type SimulatorOptions } from '../frame';
import { Journal, type JournalEntry } from '../journal';
import { until } from '../until';
import { validateAnswer, type HttpAnswer, type ShownMessage, type Verdict } from './answer';
import { validateBotAnswer, type BotAnswer, type Callback } from './botAnswer';
import { post, type Manner } from './caller';
import {
	seedDesk,
	type AccountKind,
	type BotMenu,
	type BotMenuItem,
	type Contact,
	type Desk,
} from './desk';
import { callerModes, type CallerMode, type CallerModeName } from './misbehaviour';

export interface SimplesDeskOptions extends SimulatorOptions, Partial<Settings> {}

/** What a person sets in SimplesDesk's own screens, and what the document leaves open. */
export interface Settings {
	/** The integration that scheduled messages call. */
	webhookUrl: string | undefined;
	/** What the bot's menu item calls. @default the same as `webhookUrl` */
	botMenuUrl: string | undefined;
	/** Header that carries the secret. @default 'mz-integration' */
	secretHeader: string;
	/** Free text of that header. Empty: the header is not sent. @default '' */
	secret: string;
	/**
	 * Which calls carry the header: that of bot menus is documented, that of scheduled messages is
	 * unknown. @default 'all'
	 */
	secretOn: 'all' | 'bot-menu';
	/** How long an answer may take, in milliseconds: unknown. @default 30000 */
	timeLimit: number;
}

/** A message to be scheduled. */
export interface Order {
	/** @default 'qr' */
	account?: AccountKind;
	/** The `uid` of a contact, or a contact of your own. @default the first contact */
	contact?: string | Pick<Contact, 'uid' | 'key' | 'name'>;
	/** What stands in the integration's field "Payload": goes out as `data`. */
	payload?: unknown;
	/** When. @default at once */
	at?: Date;
}

/**
 * One line of the manager's report (Relatórios > Integrações). `waiting`: its time has not come.
 * `sent`: the answer was right, and the contact has its messages. `failed`: the contact got nothing
 * of it; `reasons` say why.
 */
export interface IntegrationCall extends JournalEntry {
	kind: 'scheduled message' | 'bot menu';
	/** `id` of the request. */
	requestId: number;
	account: AccountKind;
	contact: Pick<Contact, 'uid' | 'name'>;
	/** When it is due, of a message that waits. */
	due?: string;
	url: string | undefined;
	headers: Record<string, string>;
	/** As it went over the wire. */
	body: string;
	/** The misbehaviour that was played, if any. */
	fault?: CallerModeName;
	outcome: 'waiting' | 'under way' | 'sent' | 'failed';
	/** Every rule that the answer breaks. */
	reasons: string[];
	/** Types of the messages that the contact got. */
	sent: string[];
	answer?: { status: number; contentType: string | undefined; body: string };
	milliseconds?: number;
}

/** Something that the integration has put on a contact's phone. */
export type Delivered = ShownMessage | BotAnswer;

/** What a contact sees in the chat with one account. */
export type PhoneEntry = { id: number; at: string } & (
	| { from: 'contact'; text: string }
	/** The bot's own menu, or its note that a person takes over. */
	| { from: 'bot'; text: string; items: Array<{ number: number; text: string }> }
	| { from: 'integration'; callId: number; content: Delivered }
);

/** Where a contact stands with the bot. */
type Place =
	| { at: 'start' | 'ticket' }
	| { at: 'menu'; menu: BotMenu }
	| { at: 'choice'; items: Array<{ number: number; callback: Callback }> }
	| { at: 'question'; callback: Callback };

interface Chat {
	entries: PhoneEntry[];
	place: Place;
	/** The contact's messages are handled one after another. */
	turn: Promise<unknown>;
}

interface Misbehaviour {
	name: CallerModeName;
	left: number;
	/** Milliseconds, for the modes that take time. */
	delay: number;
}

/** Files that answers can point to, served below `/assets`. */
const assetFiles = { pdf: 'boleto.pdf', image: 'pix.png', audio: 'recado.wav' } as const;
export const assetFolder = join(__dirname, 'assets');

/**
 * SimplesDesk as "Mensagens Programadas" v1.0 describes it, with the bot menus of its page "API e
 * Webhook". It is the caller: it POSTs to an address, and what comes back is what the contact
 * receives. Any slip in the answer, and nothing of it is delivered.
 *
 *     const desk = await startSimplesDesk({ webhookUrl, secret: 'demo-webhook-secret-1' });
 *     const call = await desk.schedule({ account: 'official', payload: { invoice: '1042' } });
 *     call.outcome;                       // 'sent' or 'failed', then call.reasons
 *     desk.delivered('15295');            // [{ type: 'TEMPLATE', body: 'Olá, João! …' }]
 *     await desk.contactSays('1');        // the contact plays the bot menu
 *     desk.misbehave('twice');            // the next call goes wrong
 *     desk.report();                      // every call, with request, answer and reasons
 *     await desk.until(() => desk.report().length === 50);
 *
 * `schedule` resolves when the outcome is known and never rejects for a bad answer; with `at` it
 * waits for the clock that was handed in. Any number of calls may be under way at once. Contacts
 * are told apart by `uid`; a test may bring its own. `templates` and `assets` say what a right
 * answer can name. `validateAnswer` (answer.ts) and `validateBotAnswer` (botAnswer.ts) are the
 * rules alone.
 *
 * Not simulated: retries, limits of WhatsApp, whether the files behind addresses exist, Smart 2.0.
 */
export class SimplesDeskSimulator extends ProviderSimulator {
	private desk = seedDesk();
	private settings: Settings;
	private chats = new Map<string, Chat>();
	private readonly calls: Journal<IntegrationCall>;
	private readonly misbehaviours: Misbehaviour[] = [];
	private nextRequestId = FIRST_REQUEST_ID;
	private nextEntryId = 1;
	private stop = patientController();

	constructor(private readonly options: SimplesDeskOptions = {}) {
		super('SimplesDesk', options);
		this.settings = initialSettings(options);
		this.calls = new Journal(options.logLimit ?? 500, () => this.changed());
		for (const file of Object.values(assetFiles)) {
			this.route('get', `/assets/${file}`, () => ({
				status: 200,
				headers: { 'Content-Type': contentTypes[extname(file)]! },
				body: readFileSync(join(assetFolder, file)),
			}));
		}
	}

	/** A copy of accounts, contacts, templates, menus, departments and users. */
	get state(): Desk {
		return structuredClone(this.desk);
	}

	/** A copy of the settings. */
	get setup(): Settings {
		return { ...this.settings };
	}

	/** Addresses of a PDF, a PNG and a WAV that answers can send. */
	get assets(): Record<keyof typeof assetFiles, string> {
		const address = (file: string) => `${this.url}/assets/${file}`;
		return {
			pdf: address(assetFiles.pdf),
			image: address(assetFiles.image),
			audio: address(assetFiles.audio),
		};
	}

	/** Where calls go to, or undefined for nowhere. Refuses what is not an http address. */
	setWebhookUrl(url: string | undefined) {
		this.configure({ webhookUrl: url });
	}

	/** Changes some settings. Refuses values that no screen would take. */
	configure(change: Partial<Settings>) {
		const next = { ...this.settings, ...change };
		for (const url of [next.webhookUrl, next.botMenuUrl]) {
			if (url && !/^https?:\/\/[^/]/.test(url)) {
				throw new Refusal(400, `"${url}" is not an http or https address`);
			}
		}
		if (!/^[\w!#$%&'*+.^`|~-]+$/.test(next.secretHeader)) {
			throw new Refusal(400, `"${next.secretHeader}" is not the name of a header`);
		}
		if (/[^\t\x20-\x7e]/.test(next.secret)) {
			throw new Refusal(400, 'The secret must consist of plain ASCII characters');
		}
		if (!(next.timeLimit > 0)) throw new Refusal(400, 'The time limit must be above 0 ms');
		this.settings = {
			...next,
			webhookUrl: next.webhookUrl || undefined,
			botMenuUrl: next.botMenuUrl || undefined,
		};
		this.changed();
	}

	/**
	 * Schedules a message, and resolves to its line in the report once the contact has it, or will
	 * never have it. Refuses contacts that nobody knows.
	 */
	async schedule(order: Order = {}): Promise<IntegrationCall> {
		const { account = 'qr', payload, at } = order;
		const { clientId } = this.accountOf(account);
		const contact = this.contactOf(order.contact);
		const requestId = this.nextRequestId++;
		const call = this.newCall('scheduled message', account, contact, requestId);
		const body = {
			id: requestId,
			clientId,
			origin: 'SCHEDULED_MESSAGE',
			contact: { uid: contact.uid, type: 'WHATSAPP', key: contact.key, name: contact.name },
			...(payload !== undefined && { data: payload }),
		};
		if (at && !(await this.untilDue(call, at))) return this.fail(call, [CANCELLED]);
		await this.perform(call, this.settings.webhookUrl, body, (answer, of) => {
			const verdict = validateAnswer(answer, { account, templates: this.desk.templates });
			this.settle(of, verdict);
		});
		return call;
	}

	/**
	 * The contact writes to an account, and the bot does what it does: shows its menu, calls the
	 * integration, or leaves the contact to an agent. Resolves to the call, if one was made.
	 */
	async contactSays(
		text: string,
		{ account = 'qr', contact: uid }: { account?: AccountKind; contact?: string } = {},
	): Promise<IntegrationCall | undefined> {
		this.accountOf(account);
		const contact = this.contactOf(uid);
		if (!text.trim()) throw new Refusal(400, 'The message is empty');
		const chat = this.chatOf(account, contact.uid);
		this.show(chat, { from: 'contact', text });
		const turn = chat.turn.then(async () => await this.bot(chat, account, contact, text));
		chat.turn = turn;
		return await turn;
	}

	/** What the integration has put on a contact's phone, oldest first. */
	delivered(contact?: string, account?: AccountKind): Delivered[] {
		const { uid } = this.contactOf(contact);
		const kinds: AccountKind[] = account ? [account] : ['qr', 'official'];
		return kinds
			.flatMap((kind) => this.chats.get(`${kind}/${uid}`)?.entries ?? [])
			.sort((a, b) => a.id - b.id)
			.flatMap((entry) => (entry.from === 'integration' ? [structuredClone(entry.content)] : []));
	}

	/** All that a contact sees in the chat with an account, the contact's own words included. */
	phone(contact?: string, account: AccountKind = 'qr'): PhoneEntry[] {
		const { uid } = this.contactOf(contact);
		return structuredClone(this.chats.get(`${account}/${uid}`)?.entries ?? []);
	}

	/** The manager's report: every call, oldest first, those that wait or are under way included. */
	report(): readonly IntegrationCall[] {
		return this.calls.entries;
	}

	/** Sends the same request once more, as an impatient provider would. */
	async callAgain(id: number): Promise<IntegrationCall> {
		const earlier = this.calls.entries.find((call) => call.id === id);
		if (!earlier) throw new Refusal(404, `There is no call ${id} in the report`);
		if (earlier.outcome === 'waiting') throw new Refusal(409, 'It has not gone out yet');
		const { kind, account, requestId, url, headers, body } = earlier;
		const contact = this.contactOf(earlier.contact.uid);
		const call = this.newCall(kind, account, contact, requestId);
		this.calls.update(call, { url, headers, body });
		await this.send(call, undefined, (answer) => this.judge(call, contact, answer));
		return call;
	}

	/** Makes the next `count` calls go wrong. Misbehaviours queue up. Refuses unknown ones. */
	misbehave(name: CallerModeName, count = 1, { delay = 2000 }: { delay?: number } = {}) {
		if (!Object.hasOwn(callerModes, name)) {
			throw new Refusal(400, `Unknown misbehaviour "${String(name)}"`);
		}
		if (!Number.isInteger(count) || count < 1 || count > 100_000) {
			throw new Refusal(400, `The count must be a whole number from 1 on, not ${count}`);
		}
		if (!(delay >= 0 && delay <= 600_000)) {
			throw new Refusal(400, 'The delay must be from 0 to 600000 ms');
		}
		this.misbehaviours.push({ name, left: count, delay });
		this.changed();
	}

	/** The misbehaviours that still wait, next first. */
	get misbehaving(): readonly Misbehaviour[] {
		return this.misbehaviours.map((one) => ({ ...one }));
	}

	override behave() {
		this.misbehaviours.length = 0;
		super.behave();
	}

	/** Resolves as soon as `condition` returns something true; rejects after `timeout` ms. */
	async until<T>(condition: () => T | undefined | null | false | 0 | '', timeout?: number) {
		return await until(this, condition, timeout);
	}

	protected override restoreSettings() {
		this.settings = initialSettings(this.options);
	}

	override async close() {
		this.stop.abort();
		await super.close();
	}

	protected override clear() {
		this.stop.abort();
		this.stop = patientController();
		this.desk = seedDesk();
		this.chats = new Map();
		this.misbehaviours.length = 0;
		this.nextRequestId = FIRST_REQUEST_ID;
		this.nextEntryId = 1;
		this.calls.clear();
	}

	protected override errorBody(_status: number, message: string) {
		return { error: message };
	}

	/** Waits for the clock. False when the simulator was reset before. */
	private async untilDue(call: IntegrationCall, at: Date): Promise<boolean> {
		const { signal } = this.stop;
		const left = () => at.getTime() - this.clock.now().getTime();
		if (left() > 0) this.calls.update(call, { outcome: 'waiting', due: at.toISOString() });
		while (left() > 0) {
			// A timer cannot run for longer than 24.8 days.
			if (!(await this.clock.wait(Math.min(left(), ONE_DAY), signal))) return false;
		}
		return true;
	}

	private async bot(chat: Chat, account: AccountKind, contact: Contact, text: string) {
		const { place } = chat;
		switch (place.at) {
			case 'ticket':
				return undefined;
			case 'start':
				this.showMenu(chat, this.desk.menus[0]!);
				return undefined;
			case 'question':
				return await this.askBotMenu(account, contact, text, place.callback);
			case 'choice': {
				const item = place.items.find(({ number }) => String(number) === text.trim());
				if (item) return await this.askBotMenu(account, contact, text, item.callback);
				this.show(chat, { from: 'bot', text: NOT_AN_OPTION, items: [] });
				return undefined;
			}
			case 'menu': {
				const item = place.menu.items.find(({ number }) => String(number) === text.trim());
				if (!item) {
					this.show(chat, { from: 'bot', text: NOT_AN_OPTION, items: [] });
					return undefined;
				}
				return await this.choose(chat, account, contact, text, item);
			}
		}
	}

	private async choose(
		chat: Chat,
		account: AccountKind,
		contact: Contact,
		text: string,
		{ does }: BotMenuItem,
	) {
		if (does === 'integration') {
			const { botMenuUrl, webhookUrl } = this.settings;
			return await this.askBotMenu(account, contact, text, {
				endpoint: botMenuUrl ?? webhookUrl,
				data: {},
			});
		}
		if ('menuUUID' in does) {
			this.showMenu(chat, this.desk.menus.find(({ uuid }) => uuid === does.menuUUID)!);
		} else {
			this.openTicket(chat, does.departmentUUID);
		}
		return undefined;
	}

	private async askBotMenu(
		account: AccountKind,
		{ uid, key, name, fields }: Contact,
		text: string,
		{ endpoint, data }: { endpoint: string | undefined; data: unknown },
	): Promise<IntegrationCall> {
		const requestId = this.nextRequestId++;
		const contact = { uid, key, name, fields };
		const call = this.newCall('bot menu', account, contact, requestId);
		const body = {
			id: requestId,
			text,
			contact: { uid, type: 'WHATSAPP', key, name, fields },
			data,
		};
		await this.perform(call, endpoint, body, (answer, of) => this.judge(of, contact, answer));
		return call;
	}

	private judge(call: IntegrationCall, { uid }: Pick<Contact, 'uid'>, answer: HttpAnswer) {
		if (call.kind === 'scheduled message') {
			const { templates } = this.desk;
			this.settle(call, validateAnswer(answer, { account: call.account, templates }));
			return;
		}
		const verdict = validateBotAnswer(answer, this.desk);
		this.settle(call, verdict);
		if (verdict.ok) this.follow(this.chatOf(call.account, uid), verdict.messages[0]!);
	}

	/** Where a right answer leads the contact. */
	private follow(chat: Chat, answer: BotAnswer) {
		switch (answer.type) {
			case 'MENU':
				chat.place = { at: 'choice', items: answer.items };
				break;
			case 'QUESTION':
				chat.place = { at: 'question', callback: answer.callback };
				break;
			case 'INFORMATION':
				chat.place = { at: 'start' };
				if (answer.newTicket) {
					this.openTicket(chat, answer.newTicket.departmentUUID, answer.newTicket.userUUID);
				}
				break;
			case 'DIRECT_TO_MENU':
				this.showMenu(chat, this.desk.menus.find(({ uuid }) => uuid === answer.menuUUID)!);
				break;
			case 'CREATE_CUSTOMER_SERVICE':
				this.openTicket(chat, answer.departmentUUID);
				break;
		}
	}

	private showMenu(chat: Chat, menu: BotMenu) {
		chat.place = { at: 'menu', menu };
		const items = menu.items.map(({ number, text }) => ({ number, text }));
		this.show(chat, { from: 'bot', text: menu.text, items });
	}

	private openTicket(chat: Chat, departmentUUID: string, userUUID?: string) {
		const nameOf = (list: Desk['departments'], uuid: string) =>
			list.find((one) => one.uuid === uuid)?.name;
		const who = userUUID ? ` (${nameOf(this.desk.users, userUUID)})` : '';
		const department = nameOf(this.desk.departments, departmentUUID);
		chat.place = { at: 'ticket' };
		const text = `Você está na fila de ${department}${who}.`;
		this.show(chat, { from: 'bot', text, items: [] });
	}

	/** Makes a call, as the misbehaviour whose turn it is wants it. */
	private async perform(
		call: IntegrationCall,
		url: string | undefined,
		body: unknown,
		onAnswer: (answer: HttpAnswer, call: IntegrationCall) => void,
	) {
		const { secretHeader, secret, secretOn } = this.settings;
		const isSecret = secret && (secretOn === 'all' || call.kind === 'bot menu');
		const request = {
			headers: {
				'Content-Type': 'application/json',
				'User-Agent': 'SimplesDesk simulator',
				...(isSecret && { [secretHeader]: secret }),
			},
			body: JSON.stringify(body),
			secretHeader,
		};
		const misbehaviour = this.nextMisbehaviour();
		const mode: CallerMode | undefined = misbehaviour && callerModes[misbehaviour.name];
		mode?.spoil?.(request);
		this.calls.update(call, {
			outcome: 'under way',
			url,
			headers: request.headers,
			body: request.body,
			...(misbehaviour && { fault: misbehaviour.name }),
		});
		const manner = mode?.sends && { sends: mode.sends, delay: misbehaviour!.delay };
		const all = [call];
		for (let more = 1; more < (mode?.times ?? 1); more += 1) {
			all.push(this.calls.add({ ...call, reasons: [], sent: [] }));
		}
		await Promise.all(
			all.map(async (one) => await this.send(one, manner, (answer) => onAnswer(answer, one))),
		);
	}

	/** Never rejects: how it went stands in `call`. */
	private async send(
		call: IntegrationCall,
		manner: Manner | undefined,
		onAnswer: (answer: HttpAnswer) => void,
	) {
		const { signal } = this.stop;
		const { url, headers, body } = call;
		if (!url) return this.failToAsk(call, 'No webhook URL is set');
		const startedAt = this.clock.now().getTime();
		const took = () => ({ milliseconds: this.clock.now().getTime() - startedAt });
		const { timeLimit } = this.settings;
		const { clock } = this;
		const answer = await post({ url, headers, body, timeLimit, signal, clock, manner }).catch(
			(error: Error) => error,
		);
		if (signal.aborted) return void this.fail(call, [CANCELLED]);
		if (answer instanceof Error) {
			this.calls.update(call, took());
			return this.failToAsk(call, answer.message);
		}
		this.calls.update(call, {
			...took(),
			answer: {
				status: answer.status,
				contentType: answer.contentType,
				body: answer.body.toString('utf8'),
			},
		});
		onAnswer(answer);
	}

	private failToAsk(call: IntegrationCall, reason: string) {
		this.settle(call, { ok: false, reasons: [reason] });
	}

	/** Writes the outcome down, and gives the contact what is due: on a slip, nothing of it. */
	private settle(call: IntegrationCall, verdict: Verdict<Delivered>) {
		const chat = this.chatOf(call.account, call.contact.uid);
		if (verdict.ok) {
			for (const content of verdict.messages) {
				this.show(chat, { from: 'integration', callId: call.id, content });
			}
			const sent = verdict.messages.map(({ type }) => type);
			this.calls.update(call, { outcome: 'sent', sent });
		} else {
			// "Caso aconteça algum erro na integração, por padrão, será enviado o menu inicial".
			if (call.kind === 'bot menu') this.showMenu(chat, this.desk.menus[0]!);
			this.fail(call, verdict.reasons);
		}
	}

	private fail(call: IntegrationCall, reasons: string[]): IntegrationCall {
		this.calls.update(call, { outcome: 'failed', reasons });
		return call;
	}

	private newCall(
		kind: IntegrationCall['kind'],
		account: AccountKind,
		{ uid, name }: Contact,
		requestId: number,
	): IntegrationCall {
		return this.calls.add({
			at: this.clock.now().toISOString(),
			kind,
			requestId,
			account,
			contact: { uid, name },
			url: undefined,
			headers: {},
			body: '',
			outcome: 'under way',
			reasons: [],
			sent: [],
		});
	}

	private nextMisbehaviour(): Misbehaviour | undefined {
		const next = this.misbehaviours[0];
		if (!next) return undefined;
		next.left -= 1;
		if (next.left === 0) this.misbehaviours.shift();
		return next;
	}

	private accountOf(kind: AccountKind) {
		if (!Object.hasOwn(this.desk.accounts, kind)) {
			throw new Refusal(404, `There is no account of the kind "${kind}"`);
		}
		return this.desk.accounts[kind];
	}

	private contactOf(wanted: Order['contact']): Contact {
		const { contacts } = this.desk;
		if (wanted === undefined) return contacts[0]!;
		const uid = typeof wanted === 'string' ? wanted : wanted.uid;
		const known = contacts.find((one) => one.uid === uid);
		if (known) return known;
		if (typeof wanted === 'string') throw new Refusal(404, `There is no contact "${uid}"`);
		const added: Contact = { fields: {}, ...wanted };
		contacts.push(added);
		this.changed();
		return added;
	}

	private chatOf(account: AccountKind, uid: string): Chat {
		const key = `${account}/${uid}`;
		const chat = this.chats.get(key) ?? {
			entries: [],
			place: { at: 'start' },
			turn: Promise.resolve(),
		};
		this.chats.set(key, chat);
		return chat;
	}

	private show(chat: Chat, entry: Unnumbered<PhoneEntry>) {
		const at = this.clock.now().toISOString();
		chat.entries.push({ id: this.nextEntryId++, at, ...entry });
		if (chat.entries.length > 200) chat.entries.shift();
		this.changed();
	}
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'id' | 'at'> : never;

/** Starts a SimplesDesk simulator on loopback. */
export async function startSimplesDesk(
	options: SimplesDeskOptions = {},
): Promise<SimplesDeskSimulator> {
	const simulator = new SimplesDeskSimulator(options);
	await simulator.start(options);
	return simulator;
}

function initialSettings(options: SimplesDeskOptions): Settings {
	return {
		webhookUrl: options.webhookUrl,
		botMenuUrl: options.botMenuUrl,
		secretHeader: options.secretHeader ?? 'mz-integration',
		secret: options.secret ?? '',
		secretOn: options.secretOn ?? 'all',
		timeLimit: options.timeLimit ?? 30_000,
	};
}

const FIRST_REQUEST_ID = 3589818;
const ONE_DAY = 24 * 60 * 60 * 1000;
const CANCELLED = 'The simulator was reset';
const NOT_AN_OPTION = 'Opção inválida. Escolha um dos números do menu.';

const contentTypes: Record<string, string> = {
	'.pdf': 'application/pdf',
	'.png': 'image/png',
	'.wav': 'audio/wav',
};
