import CryptoJS from 'crypto-js';
import type { Delivery } from '../deliveries';
import { ProviderSimulator, Refusal, type Answer, type LoggedRequest } from '../frame';
import type { SimulatorOptions } from '../frame';
import {
	eventTypes,
	readHook,
	type EventType,
	type GitpleEvent,
	type Hook,
	type SessionBody,
} from './wire';
import {
	seedWorkspace,
	type Session,
	type SessionMessage,
	type SessionMeta,
	type Workspace,
} from './workspace';

/** The path below which the Open API stands. */
export const API_PATH = '/v1';

export interface GitpleOptions extends SimulatorOptions, Partial<Settings> {}

/** What a person sets in Gitple's own screens, and what the documents leave open. */
export interface Settings {
	/** @default 'demo-app-code' */
	appCode: string;
	/** Of the Open API. @default 'demo-open-api-secret' */
	secret: string;
	/** Signs the events. Empty: they go out without signature. @default 'demo-event-secret-0001' */
	webhookSecret: string;
	webhookUrl: string | undefined;
	/** The check boxes: which events are sent. @default all four */
	events: EventType[];
	/** How the digest is written: the document does not say. @default 'hex' */
	signatureEncoding: 'hex' | 'base64';
	/**
	 * What session fields without a value look like: not there, or null. Unknown.
	 * @default 'absent'
	 */
	missingFields: 'absent' | 'null';
	/** `triggerId` names the configured trigger, or each delivery: unknown. @default 'trigger' */
	triggerIds: 'trigger' | 'delivery';
	/** The table of the API document has `name`, its sample `identifier`. @default 'name' */
	agentGroupLabel: 'name' | 'identifier';
	/** Answer to an id that does not exist: the document lists 400 and 401 only. @default 400 */
	unknownIdStatus: 400 | 404;
}

/** Deliveries that a receiver must not believe. */
export const forgeries = {
	'wrong-secret': 'Signed with another secret',
	'tampered-body': 'Body changed after signing',
	're-serialised': 'Same JSON, spaced otherwise than signed',
	'no-header': 'No signature at all',
	'empty-digest': 'Signature without digest',
	'cut-digest': 'Half of the right digest',
	'other-algorithm': 'SHA-1 instead of SHA-256',
} as const;
export type Forgery = keyof typeof forgeries;

export interface Closing {
	tags?: string[];
	categories?: string[];
	note?: string;
	meta?: SessionMeta[];
}

/**
 * A Gitple workspace as the documents describe it: events that are POSTed with a signature, and the
 * Open API. Neither document shows the answer of POST /hooks, the body of a 400, or rules for what
 * may follow what in a session. Those are this simulator's choices, marked where they are made.
 */
export class GitpleSimulator extends ProviderSimulator {
	private current = seedWorkspace();
	private settings: Settings;
	private numbers = firstNumbers();
	/** The headers of forged deliveries: a delivery that is repeated keeps the same object. */
	private readonly forged = new WeakSet<Record<string, string>>();

	constructor(private readonly options: GitpleOptions = {}) {
		super('Gitple', options);
		this.settings = initialSettings(options);
		this.route(
			'post',
			`${API_PATH}/hooks`,
			this.guarded((request) => this.receiveHook(request)),
		);
		const lists = [
			'agents',
			'categories',
			'sessionTags',
			'userTags',
			'userGroups',
			'users',
		] as const;
		for (const name of lists) this.export(name, (id) => this.find(name, id));
		this.export('agentGroups', (id) => {
			const { name, agents } = this.find('agentGroups', id);
			return { id, [this.settings.agentGroupLabel]: name, agents };
		});
		this.export('sessions', (id) => this.sessionBody(this.find('sessions', id)));
		this.export('sessions', (id) => this.find('sessions', id).messages, '/messages');
	}

	/** The base address of the Open API: what belongs into a client's settings. */
	get apiUrl() {
		return this.url + API_PATH;
	}

	/** A copy of the workspace. */
	get state(): Workspace {
		return structuredClone(this.current);
	}

	/** A copy of the settings. */
	get setup(): Settings {
		return { ...this.settings, events: [...this.settings.events] };
	}

	/** Where events go to, or undefined for nowhere. Refuses what is not an http address. */
	setWebhookUrl(url: string | undefined) {
		this.configure({ webhookUrl: url });
	}

	/** Changes some settings. Refuses values that none of Gitple's screens would take. */
	configure(change: Partial<Settings>) {
		const next = { ...this.settings, ...change };
		if (next.webhookUrl && !/^https?:\/\/[^/]/.test(next.webhookUrl)) {
			throw new Refusal(400, `"${next.webhookUrl}" is not an http or https address`);
		}
		if (!next.appCode || !next.secret) {
			throw new Refusal(400, 'App code and secret must have characters');
		}
		const stranger = next.events.find((event) => !eventTypes.includes(event));
		if (stranger !== undefined) throw new Refusal(400, `There is no event "${stranger}"`);
		this.settings = { ...next, webhookUrl: next.webhookUrl || undefined };
		this.changed();
	}

	/**
	 * A user begins a session. Resolves to the session and how its event was delivered: undefined
	 * when the event's box is not checked. One open session per user is this simulator's choice.
	 */
	async openSession(userId: string): Promise<{ session: Session; delivery?: Delivery }> {
		const user = this.known('users', userId);
		const busy = this.current.sessions.find(
			(session) => session.userId === userId && session.state !== 'close',
		);
		if (busy) throw new Refusal(409, `${user.name} already has the open session ${busy.id}`);
		const session = this.freshSession(this.newId('session'), userId);
		this.current.sessions.push(session);
		this.forgetOld();
		const delivery = await this.sendState(session);
		return { session: structuredClone(session), ...(delivery && { delivery }) };
	}

	/** Gives a session to an agent or a bot; also one that somebody else had. */
	async assignSession(sessionId: string, assigneeId: string): Promise<Delivery | undefined> {
		const session = this.unclosed(sessionId);
		const isBot = this.current.bots.some(({ id }) => id === assigneeId);
		if (!isBot) this.known('agents', assigneeId);
		session.state = 'inprogress';
		session.inprogressTime ??= this.now();
		session.assigneeType = isBot ? 'bot' : 'agent';
		session.assigneeId = assigneeId;
		return await this.sendState(session);
	}

	/** Ends a session: `reason` is free text, of which "userCancel" and "agent" have been seen. */
	async closeSession(
		sessionId: string,
		reason: string,
		{ tags, categories, note, meta }: Closing = {},
	): Promise<Delivery | undefined> {
		const session = this.unclosed(sessionId);
		for (const id of tags ?? []) this.known('sessionTags', id);
		for (const id of categories ?? []) this.known('categories', id);
		Object.assign(session, {
			state: 'close',
			closeTime: this.now(),
			reason,
			...(tags && { tags: [...tags] }),
			...(categories && { categories: [...categories] }),
			...(note && { note }),
			...(meta && { meta }),
		});
		return await this.sendState(session);
	}

	/** A user writes in his session. No event: the document has none for it. */
	userSays(sessionId: string, text: string): SessionMessage {
		const session = this.unclosed(sessionId);
		return this.addMessage(session, 'user', session.userId, text);
	}

	/** The agent who has the session writes in it. */
	agentSays(sessionId: string, text: string): SessionMessage {
		const session = this.unclosed(sessionId);
		if (session.assigneeType !== 'agent' || !session.assigneeId) {
			throw new Refusal(409, `Session ${sessionId} has no agent yet`);
		}
		return this.addMessage(session, 'agent', session.assigneeId, text);
	}

	/** An agent writes to a user under "Send Message" in the customer view. */
	async sendExternalMessage(
		agentId: string,
		userId: string,
		text: string,
	): Promise<Delivery | undefined> {
		this.known('agents', agentId);
		const user = this.known('users', userId);
		if (!text) throw new Refusal(400, 'The message is empty');
		const sent = (this.current.externalMessages[userId] ??= []);
		sent.push({ at: this.now(), agentId, text });
		if (sent.length > 200) sent.shift();
		const event: GitpleEvent = {
			...this.common('send_external_message'),
			from: { type: 'agent', id: agentId },
			to: { type: 'user', ...user },
			message: { type: 'text/plain', content: text },
		};
		return await this.sendEvent(event, userId);
	}

	/**
	 * POSTs a body with a right signature, whatever it says: events that are not in the document,
	 * or text that is no JSON. What is not a string goes out as JSON.
	 */
	async sendSigned(body: unknown, lane?: string): Promise<Delivery> {
		const text = typeof body === 'string' ? body : JSON.stringify(body);
		// Whether Gitple leaves the header out when no secret is set is unknown; so it is here.
		const signature = this.settings.webhookSecret ? this.signature(text) : undefined;
		return await this.deliver(this.settings.webhookUrl, text, signatureHeader(signature), lane);
	}

	/**
	 * POSTs a body with a signature that is not right. Without `body` it is the last event that was
	 * sent honestly, or the opening of a session that does not exist.
	 */
	async sendForged(forgery: Forgery, body: unknown = this.believable()): Promise<Delivery> {
		if (!Object.hasOwn(forgeries, forgery)) {
			throw new Refusal(400, `Unknown forgery "${String(forgery)}"`);
		}
		const text = typeof body === 'string' ? body : JSON.stringify(body);
		const honest = this.signature(text);
		switch (forgery) {
			case 'wrong-secret':
				return await this.forge(text, this.signature(text, 'demo-secret-of-somebody-else'));
			case 'tampered-body':
				return await this.forge(tampered(text), honest);
			case 're-serialised':
				return await this.forge(spaced(text), honest);
			case 'no-header':
				return await this.forge(text, undefined);
			case 'empty-digest':
				return await this.forge(text, 'sha256=');
			case 'cut-digest':
				return await this.forge(text, honest.slice(0, 7 + (honest.length - 7) / 2));
			case 'other-algorithm': {
				const digest = CryptoJS.HmacSHA1(bytesOf(text), this.settings.webhookSecret);
				return await this.forge(text, `sha1=${digest.toString(CryptoJS.enc.Hex)}`);
			}
		}
	}

	/** Whether a delivery was made by `sendForged`, or is the repetition of one that was. */
	isForged({ headers }: Delivery): boolean {
		return this.forged.has(headers);
	}

	/** The value of X-Hub-Signature for exactly these bytes (as UTF-8). */
	signature(text: string, secret = this.settings.webhookSecret): string {
		const digest = CryptoJS.HmacSHA256(bytesOf(text), secret);
		const encoding =
			this.settings.signatureEncoding === 'hex' ? CryptoJS.enc.Hex : CryptoJS.enc.Base64;
		return `sha256=${digest.toString(encoding)}`;
	}

	protected override restoreSettings() {
		this.settings = initialSettings(this.options);
	}

	protected override clear() {
		this.current = seedWorkspace();
		this.numbers = firstNumbers();
	}

	// The document shows the body of 401 only; a sentence under the same key is this simulator's.
	protected override errorBody(_status: number, message: string) {
		return { error: message };
	}

	private export(list: keyof Workspace, read: (id: string) => unknown, below = '') {
		this.route(
			'get',
			`${API_PATH}/exports/${list}/:id${below}`,
			this.guarded(({ path }) => {
				const id = path.split('?')[0]!.split('/')[4]!;
				return { status: 200, body: structuredClone(read(decodeURIComponent(id))) };
			}),
		);
	}

	/** Lets through whoever shows app code and secret. */
	private guarded(handle: (request: LoggedRequest) => Answer) {
		return (request: LoggedRequest): Answer => {
			const { appCode, secret } = this.settings;
			const { headers } = request;
			if (headers['app-code'] !== appCode || headers.secret !== secret) {
				throw new Refusal(401, 'Unauthorized');
			}
			return handle(request);
		};
	}

	private receiveHook({ headers, body }: LoggedRequest): Answer {
		if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
			throw new Refusal(400, 'The Content-Type must be application/json');
		}
		const hook: Hook = readHook(body);
		const { type, lang, content, identifier, anonymous } = hook;
		const user = this.current.users.find(
			(one) => one.identifier === identifier && one.anonymous === anonymous,
		);
		if (!user) {
			const kind = anonymous ? 'anonymous user' : 'user';
			throw new Refusal(
				this.settings.unknownIdStatus,
				`There is no ${kind} with the identifier "${identifier}"`,
			);
		}
		const received = (this.current.received[user.id] ??= []);
		received.push({ at: this.now(), type, lang, content });
		if (received.length > 200) received.shift();
		this.changed();
		// The document does not show what comes back.
		return { status: 200, body: {} };
	}

	private async sendState(session: Session): Promise<Delivery | undefined> {
		const event: GitpleEvent = {
			...this.common(`session_state_${session.state}`),
			session: this.sessionBody(session),
		};
		return await this.sendEvent(event, session.id);
	}

	private common<T extends EventType>(type: T) {
		const { triggerIds, appCode } = this.settings;
		const triggerId = triggerIds === 'trigger' ? `trigger-${type}` : this.newId('trigger');
		return { triggerId, ctime: this.now(), appCode, type };
	}

	/** Events of one session, or to one user, go out in order: the document does not say so. */
	private async sendEvent(event: GitpleEvent, lane: string): Promise<Delivery | undefined> {
		this.changed();
		if (!this.settings.events.includes(event.type)) return undefined;
		return await this.sendSigned(event, lane);
	}

	private async forge(text: string, signature: string | undefined): Promise<Delivery> {
		const headers = signatureHeader(signature);
		this.forged.add(headers);
		return await this.deliver(this.settings.webhookUrl, text, headers);
	}

	private freshSession(id: string, userId: string): Session {
		return {
			id,
			state: 'open',
			openTime: this.now(),
			userId,
			categories: [],
			tags: [],
			messages: [],
		};
	}

	private believable(): unknown {
		const honest = this.deliveries.findLast((delivery) => !this.isForged(delivery));
		if (honest) return honest.body;
		const { id: userId } = this.current.users[0]!;
		const session = this.freshSession('session-that-never-was', userId);
		return { ...this.common('session_state_open'), session: this.sessionBody(session) };
	}

	private sessionBody(session: Session): SessionBody {
		const absent = this.settings.missingFields === 'null' ? null : undefined;
		const { openTime, userId, categories, tags, meta } = session;
		// JSON leaves out what is undefined.
		return {
			id: session.id,
			openTime,
			inprogressTime: session.inprogressTime ?? absent,
			closeTime: session.closeTime ?? absent,
			reason: session.reason ?? absent,
			userId,
			userGroups: this.current.users.find(({ id }) => id === userId)?.groups ?? [],
			assigneeType: session.assigneeType ?? absent,
			assigneeId: session.assigneeId ?? absent,
			categories,
			tags,
			note: session.note ?? absent,
			meta,
		};
	}

	private addMessage(
		session: Session,
		senderType: 'agent' | 'user',
		senderId: string,
		content: string,
	): SessionMessage {
		if (!content) throw new Refusal(400, 'The message is empty');
		const id = this.newId('message');
		const message: SessionMessage = { id, senderType, senderId, content, ctime: this.now() };
		session.messages.push(message);
		if (session.messages.length > 200) session.messages.shift();
		this.changed();
		return message;
	}

	private unclosed(sessionId: string): Session {
		const session = this.known('sessions', sessionId);
		if (session.state === 'close') throw new Refusal(409, `Session ${sessionId} is closed`);
		return session;
	}

	/** An entry of the workspace by its id, for the API. */
	private find<List extends Listed>(list: List, id: string): Workspace[List][number] {
		const found = (this.current[list] as Array<{ id: string }>).find((one) => one.id === id);
		if (!found) {
			throw new Refusal(this.settings.unknownIdStatus, `There is nothing with the id "${id}"`);
		}
		return found as Workspace[List][number];
	}

	/** The same for a person at the workspace. */
	private known<List extends Listed>(list: List, id: string): Workspace[List][number] {
		const found = (this.current[list] as Array<{ id: string }>).find((one) => one.id === id);
		if (!found) throw new Refusal(404, `There is no "${id}" among the workspace's ${list}`);
		return found as Workspace[List][number];
	}

	private newId(kind: keyof ReturnType<typeof firstNumbers>): string {
		return `${kind}-${this.numbers[kind]++}`;
	}

	private forgetOld() {
		const closed = this.current.sessions.filter(({ state }) => state === 'close');
		if (closed.length <= 500) return;
		this.current.sessions = this.current.sessions.filter((session) => session !== closed[0]);
	}

	private now() {
		return this.clock.now().toISOString();
	}
}

type Listed = Exclude<keyof Workspace, 'received' | 'externalMessages' | 'bots'>;

/** Starts a Gitple simulator on loopback. */
export async function startGitple(options: GitpleOptions = {}): Promise<GitpleSimulator> {
	const simulator = new GitpleSimulator(options);
	await simulator.start(options);
	return simulator;
}

function initialSettings(options: GitpleOptions): Settings {
	return {
		appCode: options.appCode ?? 'demo-app-code',
		secret: options.secret ?? 'demo-open-api-secret',
		webhookSecret: options.webhookSecret ?? 'demo-event-secret-0001',
		webhookUrl: options.webhookUrl,
		events: options.events ?? [...eventTypes],
		signatureEncoding: options.signatureEncoding ?? 'hex',
		missingFields: options.missingFields ?? 'absent',
		triggerIds: options.triggerIds ?? 'trigger',
		agentGroupLabel: options.agentGroupLabel ?? 'name',
		unknownIdStatus: options.unknownIdStatus ?? 400,
	};
}

/** The numbers of what comes next: the seed has one session with five messages. */
const firstNumbers = () => ({ session: 2, message: 6, trigger: 1 });

const signatureHeader = (signature: string | undefined): Record<string, string> =>
	signature === undefined ? {} : { 'X-Hub-Signature': signature };

/** As they go over the wire. crypto-js would choke on half a surrogate pair. */
const bytesOf = (text: string) => CryptoJS.enc.Hex.parse(Buffer.from(text).toString('hex'));

/** Another text, and still JSON if it was: the first string value begins with an x. */
function tampered(text: string) {
	const changed = text.replace(/"(?=[^"]*"\s*[,}])/, '"x');
	return changed === text ? `${text} ` : changed;
}

function spaced(text: string) {
	try {
		return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
	} catch {
		return `${text}\n`;
	}
}
