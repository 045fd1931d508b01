import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import {
	listen,
	ProviderSimulator,
	Refusal,
	urlOf,
	type Answer,
	type LoggedRequest,
	type SimulatorOptions,
} from '../frame';
import { Company, hashOf, signed, typeOf } from './company';
import { EventSocket, type Connection, type LoggedFrame, type Target } from './eventSocket';
import type { Agent, Message, Office } from './office';
import { Services, type FailureForm } from './services';
import { initialSettings, type Settings } from './settings';
import { readUpload } from './upload';
import { Fields, type VoxfreeEvent } from './wire';

/** Where the application's services stand, below either address. */
export const SERVICES_PATH = '/mobile';

export interface VoxfreeOptions extends SimulatorOptions, Partial<Settings> {
	/** Of the second address; with `orNextPort` the next free one. @default 0, any free port */
	servicesPort?: number;
	/** Of the events' socket; with `orNextPort` the next free one. @default 0, any free port */
	socketPort?: number;
	/** The id of the first new message: for numbers that no double can hold. @default '17932701' */
	firstMessageId?: string;
}

/**
 * Voxfree as its mobile document describes it: the 25 services, and (see `socket`) the events.
 *
 *     const voxfree = await startVoxfree({ clock });
 *     voxfree.applicationUrl   // for "application host": services below `/mobile`
 *     voxfree.servicesUrl      // the second host, of quick replies and tags
 *     const { protocol } = voxfree.customerWrites('30', '25', 'Bom dia');
 *     voxfree.assign(protocol, '61');
 *     voxfree.state.conversations, voxfree.requests, voxfree.failNext('html')
 *     voxfree.socketUrl, voxfree.connections(), voxfree.frames(), voxfree.socket.stall()
 *     await until(voxfree, () => voxfree.connections({ agentId: '61' }).length === 1)
 *
 * Logins and passwords: `seedOffice` and `seedPasswords` in office.ts. Every service but the login
 * wants an agent who has logged in since the last `forgetSession`.
 *
 * The document shows many answers as pictures only, never says which HTTP status a failure has, and
 * gives the quick replies no request: names in those answers, and the sentences after "falha - ",
 * are this simulator's. Business failures go out with status 200.
 */
export class VoxfreeSimulator extends ProviderSimulator {
	/** The events, and what can go wrong with them. */
	readonly socket: EventSocket;
	private readonly company: Company;
	private readonly services: Services;
	private readonly servicesServer: Server;
	private readonly files = new Map<string, { mimeType: string; content: Buffer }>();
	private settings: Settings;
	private cutAfter: number | undefined;

	constructor(private readonly options: VoxfreeOptions = {}) {
		super('Voxfree', options);
		this.settings = initialSettings(options);
		const settings = () => this.settings;
		this.company = new Company({
			clock: this.clock,
			settings,
			firstMessageId: options.firstMessageId,
			publish: (event, isFor) => this.socket.send(event, isFor),
		});
		this.services = new Services(this.company, settings, (message) => this.fileUrl(message));
		this.socket = new EventSocket({
			clock: this.clock,
			logLimit: options.logLimit,
			settings,
			knows: (agentId) => this.company.office.agents.some(({ id }) => id === agentId),
			onChange: () => this.changed(),
		});
		this.servicesServer = createServer(this.app);
		this.addRoutes();
	}

	/** The first address, without a slash at its end. */
	get applicationUrl() {
		return this.url;
	}

	/** The second address, of quick replies and tags, without a slash at its end. */
	get servicesUrl() {
		return urlOf(this.servicesServer);
	}

	/** The events' address. */
	get socketUrl() {
		return this.socket.url;
	}

	/** Open connections of the socket, oldest first. */
	connections(target?: Target): Connection[] {
		return this.socket.connections(target);
	}

	/** Everything that went over the socket, oldest first. */
	frames(): readonly LoggedFrame[] {
		return this.socket.frames;
	}

	/** A copy of everything the company has. */
	get state(): Office {
		return structuredClone(this.company.office);
	}

	/** A copy of the settings. */
	get setup(): Settings {
		return { ...this.settings };
	}

	/** Agents who are signed in. */
	get signedIn(): string[] {
		return [...this.services.sessions];
	}

	configure(change: Partial<Settings>) {
		this.settings = { ...this.settings, ...change };
		this.changed();
	}

	/** The server forgets that an agent, or any agent, has logged in. */
	forgetSession(agentId?: string) {
		if (agentId === undefined) this.services.sessions.clear();
		else this.services.sessions.delete(agentId);
		this.changed();
	}

	/** As if the agent had logged in: for tests that are about something else. */
	signIn(agentId: string) {
		this.services.sessions.add(this.company.agent(agentId).id);
		this.changed();
	}

	/** An administrator changes a password. The agent stays signed in. */
	setPassword(agentId: string, password: string) {
		this.company.agent(agentId).passwordHash = hashOf(password);
		this.changed();
	}

	/** Changes an agent, e.g. `{ online: true }` or `{ mustChangePassword: true }`. */
	changeAgent(agentId: string, change: Partial<Omit<Agent, 'id'>>) {
		Object.assign(this.company.agent(agentId), change);
		this.changed();
	}

	/** Breaks the connection of the next attachment after this many bytes of it. */
	cutNextUpload(afterBytes: number) {
		this.cutAfter = afterBytes;
	}

	/** Makes everything that is stored `ms` milliseconds older: how the 24 hours pass in a test. */
	passTime(ms: number) {
		const older = (at: string) => new Date(Date.parse(at) - ms).toISOString();
		for (const conversation of this.company.office.conversations) {
			conversation.startedAt = older(conversation.startedAt);
			if (conversation.finishedAt) conversation.finishedAt = older(conversation.finishedAt);
			for (const item of [...conversation.messages, ...conversation.notes])
				item.at = older(item.at);
		}
		this.changed();
	}

	/**
	 * A contact (or a member of a group) writes. Without an open conversation on that channel a new
	 * one begins: with the agent to whom the contact belongs, or waiting in `departmentId`, by
	 * default the channel's first. `at` is when it was written, by default now.
	 */
	customerWrites(
		contactId: string,
		channelId: string,
		text: string,
		{ departmentId, replyTo = null, at }: CustomerMessage = {},
	): Written {
		if (!text) throw new Refusal(400, 'The message is empty');
		const { conversation, announce } = this.company.reach(contactId, channelId, departmentId);
		const message = this.company.add(conversation, {
			from: 'customer',
			type: 'text',
			text,
			replyTo,
			subtype: replyTo === null ? null : 'reply',
			at: at?.toISOString(),
		});
		announce();
		this.company.tellMessage(conversation, message);
		return { protocol: conversation.protocol, messageId: message.id };
	}

	/** A contact sends a file, which can then be fetched at the message's `url`. */
	customerSendsFile(
		contactId: string,
		channelId: string,
		{ name, mimeType, content, caption }: CustomerFile,
		{ departmentId, at }: Omit<CustomerMessage, 'replyTo'> = {},
	): Written {
		const { conversation, announce } = this.company.reach(contactId, channelId, departmentId);
		const sha256 = createHash('sha256').update(content).digest('hex');
		const message = this.company.add(conversation, {
			from: 'customer',
			type: typeOf(mimeType),
			text: caption ?? null,
			file: { name, mimeType, size: content.length, sha256, disposition: '' },
			at: at?.toISOString(),
		});
		message.fileKey = message.id;
		this.files.set(message.id, { mimeType, content: Buffer.from(content) });
		announce();
		this.company.tellMessage(conversation, message);
		return { protocol: conversation.protocol, messageId: message.id };
	}

	/** The contact has seen everything that was sent to him. */
	customerReads(protocol: string) {
		const conversation = this.company.known(protocol);
		for (const message of conversation.messages) {
			if (message.from === 'agent' && message.accepted) message.read = 2;
		}
		this.changed();
	}

	/** Somebody takes a message back. No event: the document has none for it. */
	deleteMessage(protocol: string, messageId: string) {
		const message = this.company.known(protocol).messages.find(({ id }) => id === messageId);
		if (!message) throw new Refusal(404, `There is no message ${messageId} in ${protocol}`);
		message.deleted = true;
		this.changed();
	}

	/** Where the file of a message can be fetched. */
	fileUrl({ fileKey, id, file }: Message) {
		return `${this.url}/arquivos/${fileKey ?? id}/${encodeURIComponent(file!.name)}`;
	}

	/** See `Company.windowEnd`. */
	windowEnd(protocol: string): Date | 'never' | undefined {
		return this.company.windowEnd(protocol);
	}

	/** An agent writes in Voxfree's own screen. The 24 hours are not looked at. */
	agentWrites(protocol: string, text: string): Written {
		const conversation = this.company.unfinished(protocol);
		if (conversation.state !== 'active' || conversation.agentId === null) {
			throw new Refusal(409, `Conversation ${protocol} has no agent yet`);
		}
		const { name } = this.company.agent(conversation.agentId);
		const message = this.company.add(conversation, {
			from: 'agent',
			type: 'text',
			text: signed(name, text),
		});
		if (this.settings.ownMessagesTold) this.company.tellMessage(conversation, message);
		this.changed();
		return { protocol, messageId: message.id };
	}

	/** An agent takes a conversation, or is given one that somebody has: `encaminhado_agente`. */
	assign(protocol: string, agentId: string) {
		const conversation = this.company.unfinished(protocol);
		this.company.agent(agentId);
		Object.assign(conversation, { state: 'active', agentId });
		this.company.tell('encaminhado_agente', conversation);
	}

	/** A conversation shall wait for one agent: `encaminhado_agente_espera`. */
	queueFor(protocol: string, agentId: string) {
		const conversation = this.company.unfinished(protocol);
		this.company.agent(agentId);
		Object.assign(conversation, { state: 'waiting', agentId });
		this.company.tell('encaminhado_agente_espera', conversation);
	}

	/** A conversation shall wait in a department: `encaminhado_departamento`. */
	queueIn(protocol: string, departmentId: string) {
		const conversation = this.company.unfinished(protocol);
		this.company.department(departmentId);
		Object.assign(conversation, { state: 'waiting', agentId: null, departmentId });
		this.company.tell('encaminhado_departamento', conversation);
	}

	/** Whoever has a conversation, or a supervisor, ends it: `Finalizar`. */
	finish(protocol: string, wrapUpCode?: string) {
		this.company.end(this.company.unfinished(protocol), wrapUpCode);
	}

	/** Tells everybody to read the waiting list again: `update_espera`. */
	refreshQueue() {
		this.sendEvent({ type: 'chat', tipo_update: 'update_espera' });
	}

	/** Sends any event, also one that is not in the document, to everybody who is registered. */
	sendEvent(event: VoxfreeEvent) {
		this.socket.send(event);
	}

	/**
	 * Forgets everything that happened. Settings, sessions and connections go back to what they were
	 * at the start too, unless `keepSettings`: a company keeps its people signed in when its
	 * conversations are gone, and gives no id a second time.
	 */
	override reset({ keepSettings = false } = {}) {
		this.socket.reset({ keepConnections: keepSettings });
		super.reset({ keepSettings });
	}

	protected override restoreSettings() {
		this.settings = initialSettings(this.options);
		this.services.sessions.clear();
		this.company.restartNumbers();
	}

	override async start(options: VoxfreeOptions) {
		await super.start(options);
		await listen(this.servicesServer, options.servicesPort ?? 0, options.orNextPort);
		await this.socket.start(options.socketPort ?? 0, options.orNextPort);
	}

	override async close() {
		const closed = new Promise((resolve) => this.servicesServer.close(resolve));
		this.servicesServer.closeAllConnections();
		await Promise.all([super.close(), closed, this.socket.shutDown()]);
	}

	protected override clear() {
		this.company.clear();
		this.files.clear();
		this.cutAfter = undefined;
	}

	protected override errorBody(_status: number, message: string) {
		return { error: 1, message };
	}

	private addRoutes() {
		const { services } = this;
		this.serve('login.php', 'descricao', (fields) => services.logIn(fields));
		this.serve('alterarSenha.php', 'message', (fields) => services.changePassword(fields));
		this.serve('updateStatusAgente_Omni.php', 'status', (fields) => services.setOnline(fields));
		this.serve('chatsAtivos.php', 'retorno', (fields) => services.activeChats(fields));
		this.serve('chatsEspera.php', 'retorno', (fields) => services.waitingChats(fields));
		this.serve('buscaChat.php', 'retorno', (fields) => services.openChat(fields));
		this.serve('buscaMensagem.php', 'retorno', (fields) => services.newMessages(fields));
		this.serve('enviaMensagem.php', 'sent', (fields) => services.receiveText(fields));
		this.streamRoute(`${SERVICES_PATH}/enviaAnexo.php`, async (entry, body) => {
			return await this.receiveFile(entry, body);
		});
		this.serve('buscaTabulacoes.php', 'retorno', (fields) => services.wrapUpCodes(fields));
		this.serve('buscaDepartamentos.php', 'retorno', (fields) => services.departments(fields));
		this.serve('buscaCanais.php', 'retorno', (fields) => services.channels(fields));
		this.serve('servicoContatos.php', 'status', (fields) => services.contacts(fields));
		this.serve('novaConversaManual.php', 'start', (fields) => services.startConversation(fields));
		this.serve('finalizarAtendimento.php', 'retorno', (fields) => services.endOrTransfer(fields));
		this.serve('buscaCarteirizacoes.php', 'retorno', (fields) => services.portfolio(fields));
		this.serve('templatesWhatsapp.php', 'retorno', (fields) => services.templates(fields));
		this.serve(
			'servicoRespostasRapidas.php',
			'status',
			(fields) => services.quickReplies(fields),
			true,
		);
		this.serve('servicoTags.php', 'status', (fields) => services.tags(fields), true);
		this.route('get', '/arquivos/:id/:name', ({ path }) => {
			const file = this.files.get(path.split('/')[2]!);
			if (!file) throw new Refusal(404, 'Only what contacts have sent can be fetched');
			return { status: 200, body: file.content, headers: { 'Content-Type': file.mimeType } };
		});
	}

	private serve(
		file: string,
		form: FailureForm,
		handle: (fields: Fields) => unknown,
		onSecondHost = false,
	) {
		this.route('post', `${SERVICES_PATH}/${file}`, ({ body, headers }) => {
			if (onSecondHost && this.settings.services === 'second') {
				const { host } = new URL(this.servicesUrl);
				if (headers.host !== host) throw new Refusal(404, `${file} is served at ${host}`);
			}
			return this.answered(form, () => handle(new Fields(body)));
		});
	}

	private answered(form: FailureForm, work: () => unknown): Answer {
		const body = this.services.answer(form, work);
		this.changed();
		return { status: 200, body };
	}

	private async receiveFile(entry: LoggedRequest, body: IncomingMessage): Promise<Answer> {
		const { cutAfter } = this;
		const { socket } = body;
		this.cutAfter = undefined;
		const upload = await readUpload(body, (bytes) => {
			if (cutAfter === undefined || bytes < cutAfter) return;
			Object.assign(entry, { outcome: 'cut', fault: `upload cut after ${cutAfter} bytes` });
			throw new Error('The upload was cut on purpose');
		}).catch((error: Error) => {
			// Not resetAndDestroy: that closes in good order first.
			if (entry.outcome === 'cut') Object.assign(socket, { resetAndClosing: true }).destroy();
			throw new Refusal(400, error.message);
		});
		entry.body = upload;
		entry.rawBody = JSON.stringify(upload);
		return this.answered('sent', () => this.services.receiveFile(upload));
	}
}

export interface CustomerMessage {
	/** Where a new conversation waits. @default the channel's first department */
	departmentId?: string;
	/** Id of the message that is answered. */
	replyTo?: string | null;
	at?: Date;
}

export interface CustomerFile {
	name: string;
	mimeType: string;
	content: Buffer;
	caption?: string;
}

/** Where something that was written stands. */
export interface Written {
	protocol: string;
	messageId: string;
}

export { SERVICE_WINDOW } from './company';
export type { Settings } from './settings';

/** Starts a Voxfree simulator on loopback. */
export async function startVoxfree(options: VoxfreeOptions = {}): Promise<VoxfreeSimulator> {
	const simulator = new VoxfreeSimulator(options);
	await simulator.start(options);
	return simulator;
}
