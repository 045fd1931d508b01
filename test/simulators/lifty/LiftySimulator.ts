import { createHash } from 'node:crypto';
import { ProviderSimulator, Refusal, type Answer, type LoggedRequest } from '../frame';
import type { SimulatorOptions } from '../frame';
import { until } from '../until';
import { qrPng } from './qrCode';
import {
	phone,
	readDirectMessage,
	readTemplateMessage,
	type SendAnswer,
	type SessionAddresses,
} from './wire';

/*
 * How a test plays it:
 *
 *     const lifty = await startLifty({ clock, qrReadyAfter: 0, connectsAfter: 0 });
 *     lifty.apiUrl                       the gateway: what belongs into a client's settings
 *     lifty.setup.apiKey                 its key; lifty.bots[0] is 'demo-bot-vendas'
 *     … the node calls startWhatsapp …
 *     await lifty.until(() => lifty.bot('demo-bot-vendas').status === 'QRCODE');
 *     lifty.scan('demo-bot-vendas');     the phone reads the code: CONNECTED
 *     lifty.bot('demo-bot-vendas')       status, starts, connections, paused numbers
 *     lifty.counts('demo-bot-vendas')    starts, parallel connections, reads of status and QR
 *     lifty.expire(bot), lifty.drop(bot), lifty.forceStatus(bot, 'ANYTHING')
 *     lifty.failNext('status-503', 2, { at: 'status' })      at: 'api', 'status' or 'qr'
 *     lifty.configure({ statusUrl: 'http://169.254.169.254/' })   hand out a hostile address
 *     lifty.keysAtSessionUrls            must stay empty: requests that took the key where it
 *                                        does not belong
 *     lifty.reset(); await lifty.close();
 */

/** The path below which the gateway's endpoints stand. */
export const API_PATH = '/integration';

export interface LiftyOptions extends SimulatorOptions, Partial<Settings> {}

/** The simulator's own choices, where the document leaves something open. Times in milliseconds. */
export interface Settings {
	/** Of the first company, which has all bots but one. @default 'demo-lifty-key' */
	apiKey: string;
	/** From startWhatsapp until the QR code is there. @default 2000 */
	qrReadyAfter: number;
	/** How often the picture changes. @default 20000 */
	qrRefreshesEvery: number;
	/** From the first picture until it is too late to scan. @default 60000 */
	qrExpiresAfter: number;
	/** From the scan until the connection stands. @default 1000 */
	connectsAfter: number;
	/** Before the QR code is there: the document lists "main" statuses only. @default 'STARTING' */
	startingStatus: string;
	/** Between scan and connection. @default 'PAIRING' */
	pairingStatus: string;
	/** After a QR code that nobody scanned. @default 'NOT_FOUND' */
	expiredStatus: string;
	/** After the phone has ended the connection. @default 'DISCONNECTED' */
	droppedStatus: string;
	/** Content type of the picture, which is always a PNG. @default 'image/png' */
	qrContentType: string;
	/**
	 * Origin of the session addresses that are handed out, for instance `http://localhost:<port>`,
	 * which is another one and reaches this simulator all the same. @default undefined, its own
	 */
	sessionOrigin: string | undefined;
	/** Handed out in place of every status address, whatever it is. @default undefined, the real one */
	statusUrl: unknown;
	/** The same for the address of the QR code in the answer of startWhatsapp. */
	tokenUrl: unknown;
}

export interface Company {
	id: string;
	name: string;
	apiKey: string;
}

/** One connection of a bot to WhatsApp, or an attempt at one. */
export interface Connection {
	/** Counts up from '1' within its bot. */
	id: string;
	startedAt: string;
	/** The first four are alive; the last two are what `options=c` clears away. */
	state: 'starting' | 'waiting' | 'pairing' | 'connected' | 'expired' | 'disconnected';
	/** What its status address answers. */
	status: string;
	/** The number that scanned the code. */
	phone?: string;
	/** Only while it waits for the scan. */
	qr?: QrCode;
}

/** The picture that is to be scanned now. Times are ISO. */
export interface QrCode {
	/** 1 for the first picture of a connection, 2 after the first refresh, … */
	number: number;
	/** What the picture says. */
	text: string;
	refreshesAt: string;
	expiresAt: string;
}

export interface Bot {
	/** The `{id}` of the document's addresses. */
	token: string;
	name: string;
	companyId: string;
	/** What its status address answers. */
	status: string;
	/** How often startWhatsapp was carried out. */
	starts: number;
	/** Oldest first; at most 100 that are dead. */
	connections: Connection[];
	/** Numbers to which the bot does not reply, in the order in which they were paused. */
	paused: string[];
}

export interface SentMessage {
	id: string;
	kind: 'direct' | 'template';
	companyId: string;
	/** Of direct messages. */
	botToken?: string;
	to: string;
	/** The text, or the name of the template. */
	text: string;
	/** Of templates. */
	parameters?: unknown[];
	/** Fields of a template's body that are in no document. */
	others?: Record<string, unknown>;
	status: string;
	at: string;
}

export interface Counts {
	starts: number;
	/** Connections that are alive: starting, waiting, pairing or connected. */
	parallel: number;
	connected: number;
	/** Expired or disconnected, and not cleared. */
	inactive: number;
	/** How often its status, and its picture, were really read. */
	statusReads: number;
	qrReads: number;
}

/** Times in milliseconds since 1970. */
interface Attempt {
	number: number;
	startedAt: number;
	qrAt: number;
	expiresAt: number;
	scan?: { at: number; connectedAt: number; phone: string };
	droppedAt?: number;
}

interface BotRecord extends Pick<Bot, 'token' | 'name' | 'companyId' | 'starts'> {
	attempts: Attempt[];
	paused: Set<string>;
	forcedStatus?: string;
	statusReads: number;
	qrReads: number;
}

const OTHER_COMPANY: Company = {
	id: 'company-2',
	name: 'Padaria Estrela',
	apiKey: 'demo-lifty-key-of-another-company',
};

/**
 * Lifty's WhatsApp gateway: the seven GETs of the document, and the two sends of the vendor's site.
 * The addresses of status and QR code are opaque: they have a query of their own, which must come
 * back as it was given, and they refuse whoever shows a key. Neither source shows the answers of
 * pause, resume and stop, any error, the statuses besides three, or whose status the address of
 * startWhatsapp tells (here: that of the connection just started; the one of `whatsapp` tells the
 * bot's). Those are this simulator's choices, marked where they are made.
 */
export class LiftySimulator extends ProviderSimulator {
	private settings: Settings;
	private records = seedBots();
	private sent: SentMessage[] = [];
	private messageCount = 0;

	constructor(private readonly options: LiftyOptions = {}) {
		super('Lifty', options);
		this.settings = initialSettings(options);
		const bot = `${API_PATH}/bot/:id`;
		this.ask(`${bot}/whatsapp`, (record) => this.addresses(record));
		this.ask(`${bot}/startWhatsapp`, (record, { query }) => this.startWhatsapp(record, query));
		this.ask(`${bot}/stopWhatsapp`, (record) => this.stopWhatsapp(record));
		this.ask(`${bot}/pause/:number`, (record, { segments }) => {
			record.paused.add(phone(segments[5], 'numero'));
			this.changed();
			return done;
		});
		this.ask(`${bot}/resume/:number`, (record, { segments }) => {
			record.paused.delete(phone(segments[5], 'numero'));
			this.changed();
			return done;
		});
		this.route('post', `${API_PATH}/whatsapp/sendDirectMessage`, (request) =>
			this.sendDirectMessage(request),
		);
		this.route('post', `${API_PATH}/whatsapp/sendTemplateMessage`, (request) =>
			this.sendTemplateMessage(request),
		);
		this.route('get', STATUS_PATH, (request) => this.readStatus(request));
		this.route('get', QR_PATH, (request) => this.readQr(request));
	}

	/** The gateway's address: what belongs into a client's settings. No slash at its end. */
	get apiUrl() {
		return this.url;
	}

	/** A copy of the settings. */
	get setup(): Settings {
		return { ...this.settings };
	}

	/** Whose keys are valid. */
	get companies(): Company[] {
		const { apiKey } = this.settings;
		return [{ id: 'company-1', name: 'Loja Horizonte', apiKey }, OTHER_COMPANY];
	}

	/** All bots as they are now. */
	get bots(): Bot[] {
		return [...this.records.values()].map((record) => this.botOf(record));
	}

	/** Messages that were accepted or failed, oldest first; the last 500. */
	get messages(): SentMessage[] {
		return structuredClone(this.sent);
	}

	/** Bots and messages: everything that `reset` puts back. */
	get state(): { bots: Bot[]; messages: SentMessage[] } {
		return { bots: this.bots, messages: this.messages };
	}

	/** A bot as it is now. */
	bot(token: string): Bot {
		return this.botOf(this.record(token));
	}

	/** What was done to a bot, in numbers. */
	counts(token: string): Counts {
		const { starts, statusReads, qrReads } = this.record(token);
		const states = this.bot(token).connections.map(({ state }) => state);
		const inactive = states.filter((state) => isDead(state)).length;
		return {
			starts,
			parallel: states.length - inactive,
			connected: states.filter((state) => state === 'connected').length,
			inactive,
			statusReads,
			qrReads,
		};
	}

	/**
	 * Requests to a session address that carried a key of any company, anywhere, or an
	 * authorisation of any sort. Of those that the request log still remembers, refused or not.
	 */
	get keysAtSessionUrls(): LoggedRequest[] {
		return this.requests.filter((request) => this.leaksKey(request));
	}

	/** Whether a request took a key to a session address. */
	leaksKey(request: LoggedRequest): boolean {
		return this.partOf(request) !== 'api' && this.carriesKey(request);
	}

	/** `api` is the gateway, `status` and `qr` are the addresses that it hands out. */
	override get parts() {
		return ['api', 'status', 'qr'] as const;
	}

	/** Resolves to what `condition` returns once that is true; see `until`. */
	async until<T>(condition: () => T | undefined | null | false | 0 | '', timeout?: number) {
		return await until(this, condition, timeout);
	}

	/** Adds a bot, of the first company unless told otherwise. */
	addBot(token: string, name = token, companyId = 'company-1'): Bot {
		if (!/^[\w.-]+$/.test(token)) throw new Refusal(400, `"${token}" is no token of a bot`);
		if (this.records.has(token)) throw new Refusal(409, `There is a bot "${token}" already`);
		if (!this.companies.some(({ id }) => id === companyId)) {
			throw new Refusal(404, `There is no company "${companyId}"`);
		}
		const record = newBot(token, name, companyId);
		this.records.set(token, record);
		this.changed();
		return this.botOf(record);
	}

	/** Changes some settings. Connections under way keep the times with which they were started. */
	configure(change: Partial<Settings>) {
		const next = { ...this.settings, ...change };
		for (const name of timeSettings) {
			if (!Number.isFinite(next[name]) || next[name] < 0) {
				throw new Refusal(400, `"${name}" must be a number of milliseconds`);
			}
		}
		if (next.qrRefreshesEvery < 100) {
			throw new Refusal(400, 'The picture can change every 100 ms at most');
		}
		if (!next.apiKey) throw new Refusal(400, 'The API key must have characters');
		if (next.sessionOrigin && !/^https?:\/\/[^/?#]+$/.test(next.sessionOrigin)) {
			throw new Refusal(400, `"${next.sessionOrigin}" is not the origin of an address`);
		}
		this.settings = { ...next, sessionOrigin: next.sessionOrigin || undefined };
		this.changed();
	}

	/**
	 * What startWhatsapp does, without a call: a connection more. For a test or a person who wants
	 * to begin somewhere else than at the beginning.
	 */
	startConnection(token: string): Connection {
		return this.connectionOf(this.begin(this.record(token)));
	}

	/**
	 * A phone scans the QR code that the bot shows now; with several, that of the newest connection
	 * unless one is named.
	 */
	scan(token: string, number = '5548999910001', connectionId?: string): Connection {
		const record = this.record(token);
		phone(number, 'phone');
		const attempt = this.newest(record, ['waiting'], connectionId);
		if (!attempt) throw new Refusal(409, `${record.name} shows no QR code that could be scanned`);
		const at = this.now();
		attempt.scan = { at, connectedAt: at + this.settings.connectsAfter, phone: number };
		void this.tell(attempt.scan.connectedAt);
		this.changed();
		return this.connectionOf(attempt);
	}

	/** The time for scanning is over, now. */
	expire(token: string, connectionId?: string): Connection {
		const record = this.record(token);
		const attempt = this.newest(record, ['starting', 'waiting'], connectionId);
		if (!attempt) throw new Refusal(409, `${record.name} has no QR code that could expire`);
		attempt.expiresAt = this.now();
		attempt.qrAt = Math.min(attempt.qrAt, attempt.expiresAt);
		this.changed();
		return this.connectionOf(attempt);
	}

	/** Somebody ends the connection on the phone. */
	drop(token: string, connectionId?: string): Connection {
		const record = this.record(token);
		const attempt = this.newest(record, ['pairing', 'connected'], connectionId);
		if (!attempt) throw new Refusal(409, `No phone is connected to ${record.name}`);
		attempt.droppedAt = this.now();
		this.changed();
		return this.connectionOf(attempt);
	}

	/** Makes every status address of a bot answer this, whatever is; undefined ends it. */
	forceStatus(token: string, status: string | undefined) {
		this.record(token).forcedStatus = status;
		this.changed();
	}

	/** The picture that a bot shows now, undefined for none. Not counted as a read. */
	qrPicture(token: string, connectionId?: string): Buffer | undefined {
		const attempt = this.newest(this.record(token), ['waiting'], connectionId);
		return attempt && qrPng(this.connectionOf(attempt).qr!.text);
	}

	protected override restoreSettings() {
		this.settings = initialSettings(this.options);
	}

	protected override clear() {
		this.records = seedBots();
		this.sent = [];
		this.messageCount = 0;
	}

	// In the manner of a Google API gateway: no document shows an error.
	protected override errorBody(status: number, message: string) {
		return { code: status, message };
	}

	/** Which of `parts` a request asked. */
	override partOf({ path }: LoggedRequest) {
		const { pathname } = addressOf(path);
		if (pathname === STATUS_PATH) return 'status';
		return pathname === QR_PATH ? 'qr' : 'api';
	}

	/** Adds one of the document's GETs: the key in the query, and a bot of the key's company. */
	private ask(
		path: string,
		handle: (bot: BotRecord, request: { query: URLSearchParams; segments: string[] }) => Answer,
	) {
		this.route('get', path, (request) => {
			const { searchParams: query, pathname } = addressOf(request.path);
			const company = this.companyOf(query.getAll('key'));
			const segments = pathname.split('/').map(decodeURIComponent);
			const record = this.records.get(segments[3]!);
			// Somebody else's bot is none.
			if (record?.companyId !== company.id) {
				throw new Refusal(404, `There is no bot "${segments[3]}"`);
			}
			return handle(record, { query, segments });
		});
	}

	private companyOf(keys: string[]): Company {
		if (keys.length === 0) throw new Refusal(401, 'UNAUTHENTICATED: a call needs an API key');
		const company = this.companies.find(({ apiKey }) => keys.length === 1 && apiKey === keys[0]);
		if (!company) throw new Refusal(400, 'INVALID_ARGUMENT: the API key is not valid');
		return company;
	}

	/** The company of a call to the newer endpoints: a bearer token, or the key in the query. */
	private senderOf({ path, headers }: LoggedRequest): Company {
		const bearer = /^Bearer (.*)$/i.exec(headers.authorization ?? '')?.[1];
		const keys = addressOf(path).searchParams.getAll('key');
		return this.companyOf(bearer === undefined ? keys : [bearer, ...keys]);
	}

	private addresses(record: BotRecord): Answer {
		const { statusUrl } = this.settings;
		const statusURL =
			statusUrl === undefined ? this.sessionUrl(STATUS_PATH, record.token) : statusUrl;
		return { status: 200, body: { statusURL, tokenURL: null } as SessionAddresses };
	}

	private startWhatsapp(record: BotRecord, query: URLSearchParams): Answer {
		const options = query.get('options');
		if (options !== null && options !== 'c') {
			throw new Refusal(400, `The document has no option "${options}"`);
		}
		if (options === 'c') {
			record.attempts = record.attempts.filter((attempt) => !isDead(this.stateOf(attempt)));
		}
		const { number } = this.begin(record);
		const { statusUrl, tokenUrl } = this.settings;
		const session = `${record.token}/${number}`;
		return {
			status: 200,
			body: {
				statusURL: statusUrl === undefined ? this.sessionUrl(STATUS_PATH, session) : statusUrl,
				tokenURL: tokenUrl === undefined ? this.sessionUrl(QR_PATH, session) : tokenUrl,
			} as SessionAddresses,
		};
	}

	private begin(record: BotRecord): Attempt {
		const { qrReadyAfter, qrExpiresAfter } = this.settings;
		const startedAt = this.now();
		const qrAt = startedAt + qrReadyAfter;
		record.starts += 1;
		const attempt: Attempt = {
			number: record.starts,
			startedAt,
			qrAt,
			expiresAt: qrAt + qrExpiresAfter,
		};
		record.attempts.push(attempt);
		const dead = record.attempts.filter((one) => isDead(this.stateOf(one)));
		if (dead.length > 100) record.attempts = record.attempts.filter((one) => one !== dead[0]);
		void this.tellOfPictures(attempt);
		this.changed();
		return attempt;
	}

	private stopWhatsapp(record: BotRecord): Answer {
		record.attempts = [];
		this.changed();
		return done;
	}

	private readStatus(request: LoggedRequest): Answer {
		const { record, number } = this.sessionOf(request);
		record.statusReads += 1;
		this.changed();
		return { status: 200, body: { result: this.statusOf(record, number) } };
	}

	private readQr(request: LoggedRequest): Answer {
		const { record, number } = this.sessionOf(request);
		const attempt = this.newest(record, ['waiting'], String(number));
		// What comes before the code is ready, or when it has expired, is unknown.
		if (!attempt) throw new Refusal(404, 'There is no QR code to be scanned');
		record.qrReads += 1;
		this.changed();
		return {
			status: 200,
			body: qrPng(this.connectionOf(attempt).qr!.text),
			headers: { 'Content-Type': this.settings.qrContentType, 'Cache-Control': 'no-cache' },
		};
	}

	private sessionUrl(path: string, session: string): string {
		const url = new URL(path, this.settings.sessionOrigin ?? this.url);
		url.searchParams.set('session', session);
		url.searchParams.set('ticket', ticketFor(path, session));
		return url.href;
	}

	private sessionOf(request: LoggedRequest): { record: BotRecord; number?: number } {
		if (this.carriesKey(request)) throw new Refusal(400, 'This address takes no API key');
		const { pathname, searchParams } = addressOf(request.path);
		const session = searchParams.get('session') ?? '';
		if (searchParams.get('ticket') !== ticketFor(pathname, session)) {
			throw new Refusal(403, 'This is not the address as it was given out');
		}
		const [token, number] = session.split('/');
		return { record: this.record(token!), ...(number && { number: Number(number) }) };
	}

	private carriesKey({ path, headers, rawBody }: LoggedRequest): boolean {
		const { searchParams } = addressOf(path);
		const named = ['authorization', 'x-api-key', 'x-goog-api-key'];
		if (searchParams.has('key') || named.some((name) => headers[name] !== undefined)) return true;
		const everything = [...searchParams].flat().concat(path, rawBody, JSON.stringify(headers));
		return this.companies.some(({ apiKey }) => everything.some((text) => text.includes(apiKey)));
	}

	private sendDirectMessage(request: LoggedRequest): Answer {
		const company = this.senderOf(request);
		const { phoneNumber, message, botId } = readDirectMessage(request.body);
		const record = this.records.get(botId);
		if (record?.companyId !== company.id) throw new Refusal(404, `There is no bot "${botId}"`);
		// The site does not say what happens without a connection.
		const isConnected = this.counts(botId).connected > 0;
		return this.keep({
			kind: 'direct',
			companyId: company.id,
			botToken: botId,
			to: phoneNumber,
			text: message,
			status: isConnected ? 'QUEUED' : 'FAILED',
		});
	}

	private sendTemplateMessage(request: LoggedRequest): Answer {
		const company = this.senderOf(request);
		const { destination, templateName, parameters, others } = readTemplateMessage(request.body);
		return this.keep({
			kind: 'template',
			companyId: company.id,
			to: destination,
			text: templateName,
			parameters,
			others,
			status: 'QUEUED',
		});
	}

	private keep(message: Omit<SentMessage, 'id' | 'at'>): Answer {
		const at = this.isoNow();
		this.messageCount += 1;
		const sent: SentMessage = { id: `message-${this.messageCount}`, ...message, at };
		this.sent.push(sent);
		if (this.sent.length > 500) this.sent.shift();
		this.changed();
		const success = sent.status !== 'FAILED';
		const answer: SendAnswer = {
			success,
			messageId: success ? sent.id : null,
			status: sent.status,
			timestamp: at,
		};
		return { status: 200, body: answer };
	}

	private record(token: string): BotRecord {
		const record = this.records.get(token);
		if (!record) throw new Refusal(404, `There is no bot "${token}"`);
		return record;
	}

	private newest(record: BotRecord, states: Array<Connection['state']>, id?: string) {
		return record.attempts.findLast(
			(attempt) => states.includes(this.stateOf(attempt)) && (!id || String(attempt.number) === id),
		);
	}

	private botOf(record: BotRecord): Bot {
		const { token, name, companyId, starts } = record;
		return {
			token,
			name,
			companyId,
			status: this.statusOf(record),
			starts,
			connections: record.attempts.map((attempt) => ({
				...this.connectionOf(attempt),
				status: this.statusOf(record, attempt.number),
			})),
			paused: [...record.paused],
		};
	}

	private connectionOf(attempt: Attempt): Connection {
		const { number, startedAt, qrAt, expiresAt, scan } = attempt;
		const state = this.stateOf(attempt);
		const connection: Connection = {
			id: String(number),
			startedAt: iso(startedAt),
			state,
			status: this.wordFor(state),
			...(scan && { phone: scan.phone }),
		};
		if (state !== 'waiting') return connection;
		const every = this.settings.qrRefreshesEvery;
		const picture = Math.floor((this.now() - qrAt) / every) + 1;
		return {
			...connection,
			qr: {
				number: picture,
				text: qrText(number, picture),
				refreshesAt: iso(qrAt + picture * every),
				expiresAt: iso(expiresAt),
			},
		};
	}

	private stateOf({ qrAt, expiresAt, scan, droppedAt }: Attempt): Connection['state'] {
		const now = this.now();
		if (droppedAt !== undefined) return 'disconnected';
		if (scan) return now < scan.connectedAt ? 'pairing' : 'connected';
		if (now < qrAt) return 'starting';
		return now < expiresAt ? 'waiting' : 'expired';
	}

	private wordFor(state: Connection['state']): string {
		const { startingStatus, pairingStatus, expiredStatus, droppedStatus } = this.settings;
		return {
			starting: startingStatus,
			waiting: 'QRCODE',
			pairing: pairingStatus,
			connected: 'CONNECTED',
			expired: expiredStatus,
			disconnected: droppedStatus,
		}[state];
	}

	/** Of one connection; without a number, of the bot: its best connection counts. */
	private statusOf({ attempts, forcedStatus }: BotRecord, number?: number): string {
		if (forcedStatus !== undefined) return forcedStatus;
		const states = attempts
			.filter((attempt) => number === undefined || attempt.number === number)
			.map((attempt) => this.stateOf(attempt));
		if (states.includes('connected')) return 'CONNECTED';
		const state = states.findLast((one) => !isDead(one)) ?? states.at(-1);
		return state ? this.wordFor(state) : 'NOT_FOUND';
	}

	/** Says that something has changed when a connection's state or picture changes by itself. */
	private async tellOfPictures(attempt: Attempt) {
		for (;;) {
			const { expiresAt, qrAt } = attempt;
			const { qr } = this.connectionOf(attempt);
			const next = qr ? Math.min(Date.parse(qr.refreshesAt), expiresAt) : qrAt;
			if (!(await this.tell(next))) return;
			if (!['starting', 'waiting'].includes(this.stateOf(attempt))) return;
		}
	}

	/** Says so at a time. False when the simulator was reset or closed meanwhile. */
	private async tell(time: number): Promise<boolean> {
		const isThere = await this.wait(Math.max(0, time - this.now()));
		if (isThere) this.changed();
		return isThere;
	}

	private now() {
		return this.clock.now().getTime();
	}

	private isoNow() {
		return this.clock.now().toISOString();
	}
}

const STATUS_PATH = '/sessions/status';
const QR_PATH = '/sessions/qr';

/** Starts a Lifty simulator on loopback. */
export async function startLifty(options: LiftyOptions = {}): Promise<LiftySimulator> {
	const simulator = new LiftySimulator(options);
	await simulator.start(options);
	return simulator;
}

const timeSettings = [
	'qrReadyAfter',
	'qrRefreshesEvery',
	'qrExpiresAfter',
	'connectsAfter',
] as const;

function initialSettings(options: LiftyOptions): Settings {
	return {
		apiKey: options.apiKey ?? 'demo-lifty-key',
		qrReadyAfter: options.qrReadyAfter ?? 2000,
		qrRefreshesEvery: options.qrRefreshesEvery ?? 20_000,
		qrExpiresAfter: options.qrExpiresAfter ?? 60_000,
		connectsAfter: options.connectsAfter ?? 1000,
		startingStatus: options.startingStatus ?? 'STARTING',
		pairingStatus: options.pairingStatus ?? 'PAIRING',
		expiredStatus: options.expiredStatus ?? 'NOT_FOUND',
		droppedStatus: options.droppedStatus ?? 'DISCONNECTED',
		qrContentType: options.qrContentType ?? 'image/png',
		sessionOrigin: options.sessionOrigin,
		statusUrl: options.statusUrl,
		tokenUrl: options.tokenUrl,
	};
}

const newBot = (token: string, name: string, companyId: string): BotRecord => ({
	token,
	name,
	companyId,
	starts: 0,
	attempts: [],
	paused: new Set(),
	statusReads: 0,
	qrReads: 0,
});

function seedBots(): Map<string, BotRecord> {
	const bots = [
		newBot('demo-bot-vendas', 'Vendas', 'company-1'),
		newBot('demo-bot-suporte', 'Suporte', 'company-1'),
		newBot('demo-bot-cobranca', 'Cobrança', 'company-1'),
		newBot('demo-bot-padaria', 'Padaria', OTHER_COMPANY.id),
	];
	return new Map(bots.map((bot) => [bot.token, bot]));
}

// What pause, resume and stop answer is unknown.
const done: Answer = { status: 200, body: { success: true } };

const isDead = (state: Connection['state']) => state === 'expired' || state === 'disconnected';

const iso = (time: number) => new Date(time).toISOString();

/** Not through URL, which throws for some of what a client may ask for. */
function addressOf(path: string) {
	const [pathname = '', ...query] = path.split('?');
	return { pathname, searchParams: new URLSearchParams(query.join('?')) };
}

const digest = (text: string) => createHash('sha256').update(`demo ${text}`).digest('base64');

/** Base64, so that an address changes its meaning when its query is written anew without care. */
const ticketFor = (path: string, session: string) => digest(`${path} ${session}`);

/** In the form of what WhatsApp's own codes say, and plainly none of them. */
const qrText = (connection: number, picture: number) =>
	`2@demo-lifty-${connection}-${picture},${digest(`${connection}/${picture}`)}`;
