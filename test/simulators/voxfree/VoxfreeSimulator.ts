import type { IncomingMessage } from 'node:http';
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import CryptoJS from 'crypto-js';
import {
	listen,
	ProviderSimulator,
	Refusal,
	urlOf,
	type Answer,
	type LoggedRequest,
	type SimulatorOptions,
} from '../frame';
import {
	CLIENT_ID,
	seedOffice,
	type Agent,
	type Channel,
	type Contact,
	type Conversation,
	type Message,
	type Office,
} from './office';
import {
	EventSocket,
	initialSocketSettings,
	type Connection,
	type LoggedFrame,
	type SocketSettings,
	type Target,
} from './eventSocket';
import { readUpload, type ReceivedFile } from './upload';
import {
	answerText,
	channelBody,
	chatBody,
	contactBody,
	departmentBody,
	Failure,
	Fields,
	localTime,
	messageBody,
	sentMessageBody,
	type EventType,
	type IdForm,
	type VoxfreeEvent,
} from './wire';

/** Where the application's services stand, below either address. */
export const SERVICES_PATH = '/mobile';

/** After this many milliseconds of a contact's silence, only a template is let through. */
export const SERVICE_WINDOW = 24 * 60 * 60 * 1000;

export interface VoxfreeOptions extends SimulatorOptions, Partial<Settings> {
	/** Of the second address; with `orNextPort` the next free one. @default 0, any free port */
	servicesPort?: number;
	/** Of the events' socket; with `orNextPort` the next free one. @default 0, any free port */
	socketPort?: number;
	/** The id of the first new message: for numbers that no double can hold. @default '17932701' */
	firstMessageId?: string;
}

/** What the document leaves open, or shows in a form that cannot be. */
export interface Settings extends SocketSettings {
	/** Around a sent message: `[{retorno},{mensagens}]`, one object, or no `retorno`. @default 'array' */
	sendAnswer: 'array' | 'object' | 'messages only';
	/** What stands under the protocol in the answer to a send. @default 'object' */
	sentMessage: 'object' | 'array';
	/** Under which protocol: the document's sample of templates shows another one. @default 'same' */
	templateAnswerKey: 'same' | 'other';
	/** Lists shown as pictures: plain, within an object, or as PHP writes an array with gaps. @default 'array' */
	lists: 'array' | 'object' | 'keyed';
	/** How ids are written in answers. `bare`: as numbers, however long. @default 'document' */
	answerIds: Exclude<IdForm, 'text'>;
	/** How failures begin. @default 'falha' */
	failureWord: string;
	/** Text outside the 24 hours: refused, or taken and never delivered. @default 'refuse' */
	outsideWindow: 'refuse' | 'accept';
	/** What is said to whom the server does not know (any more). @default 'agente não encontrado' */
	unknownAgentText: string;
	/** As every other failure of that service, or as the login words it. @default 'own' */
	unknownAgentForm: 'own' | 'login';
	/** Quick replies and tags are served at the second address alone, or at both. @default 'second' */
	services: 'second' | 'both';
	/** Finishing needs a wrap-up code. @default false */
	wrapUpRequired: boolean;
	/** Bytes that an attachment may have; 0 is no limit. @default 0 */
	largestFile: number;
	/** Messages that agents send cause `new_message` as well. @default true */
	ownMessagesTold: boolean;
	/**
	 * Events go to all agents of the company, as the document's "if the agent's id is the same as
	 * agente_responsavel" suggests, or to those alone whom they concern. @default 'everyone'
	 */
	eventsGoTo: 'everyone' | 'concerned';
}

/** How a service words a failure: under which names. */
type FailureForm = 'retorno' | 'status' | 'message' | 'descricao' | 'start' | 'sent';

/** The agent is not signed in: the only failure that has a wording of its own. */
class UnknownAgent extends Failure {}

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
	private office: Office;
	private settings: Settings;
	private counters: Record<Counter, bigint>;
	/** Agents whom the server knows. */
	private readonly sessions = new Set<string>();
	private readonly servicesServer: Server;
	private readonly files = new Map<string, { mimeType: string; content: Buffer }>();
	private cutAfter: number | undefined;

	constructor(private readonly options: VoxfreeOptions = {}) {
		super('Voxfree', options);
		this.settings = initialSettings(options);
		this.office = seedOffice(hashOf);
		this.counters = firstNumbers(options);
		this.servicesServer = createServer(this.app);
		this.socket = new EventSocket({
			clock: this.clock,
			logLimit: options.logLimit,
			settings: () => this.settings,
			knows: (agentId) => this.office.agents.some(({ id }) => id === agentId),
			onChange: () => this.changed(),
		});
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
		return structuredClone(this.office);
	}

	/** A copy of the settings. */
	get setup(): Settings {
		return { ...this.settings };
	}

	/** Agents who are signed in. */
	get signedIn(): string[] {
		return [...this.sessions];
	}

	configure(change: Partial<Settings>) {
		this.settings = { ...this.settings, ...change };
		this.changed();
	}

	/** The server forgets that an agent, or any agent, has logged in. */
	forgetSession(agentId?: string) {
		if (agentId === undefined) this.sessions.clear();
		else this.sessions.delete(agentId);
		this.changed();
	}

	/** As if the agent had logged in: for tests that are about something else. */
	signIn(agentId: string) {
		this.sessions.add(this.agent(agentId).id);
		this.changed();
	}

	/** An administrator changes a password. The agent stays signed in. */
	setPassword(agentId: string, password: string) {
		this.agent(agentId).passwordHash = hashOf(password);
		this.changed();
	}

	/** Changes an agent, e.g. `{ online: true }` or `{ mustChangePassword: true }`. */
	changeAgent(agentId: string, change: Partial<Omit<Agent, 'id'>>) {
		Object.assign(this.agent(agentId), change);
		this.changed();
	}

	/** Breaks the connection of the next attachment after this many bytes of it. */
	cutNextUpload(afterBytes: number) {
		this.cutAfter = afterBytes;
	}

	/** Makes everything that is stored `ms` milliseconds older: how the 24 hours pass in a test. */
	passTime(ms: number) {
		const older = (at: string) => new Date(Date.parse(at) - ms).toISOString();
		for (const conversation of this.office.conversations) {
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
		const { conversation, announce } = this.reach(contactId, channelId, departmentId);
		const message = this.add(conversation, {
			from: 'customer',
			type: 'text',
			text,
			replyTo,
			subtype: replyTo === null ? null : 'reply',
			at: at?.toISOString(),
		});
		announce();
		this.tellMessage(conversation, message);
		return { protocol: conversation.protocol, messageId: message.id };
	}

	/** A contact sends a file, which can then be fetched at the message's `url`. */
	customerSendsFile(
		contactId: string,
		channelId: string,
		{ name, mimeType, content, caption }: CustomerFile,
		{ departmentId, at }: Omit<CustomerMessage, 'replyTo'> = {},
	): Written {
		const { conversation, announce } = this.reach(contactId, channelId, departmentId);
		const sha256 = createHash('sha256').update(content).digest('hex');
		const message = this.add(conversation, {
			from: 'customer',
			type: typeOf(mimeType),
			text: caption ?? null,
			file: { name, mimeType, size: content.length, sha256, disposition: '' },
			at: at?.toISOString(),
		});
		message.fileKey = message.id;
		this.files.set(message.id, { mimeType, content: Buffer.from(content) });
		announce();
		this.tellMessage(conversation, message);
		return { protocol: conversation.protocol, messageId: message.id };
	}

	/** The contact has seen everything that was sent to him. */
	customerReads(protocol: string) {
		const conversation = this.known(protocol);
		for (const message of conversation.messages) {
			if (message.from === 'agent' && message.accepted) message.read = 2;
		}
		this.changed();
	}

	/** Somebody takes a message back. No event: the document has none for it. */
	deleteMessage(protocol: string, messageId: string) {
		const message = this.known(protocol).messages.find(({ id }) => id === messageId);
		if (!message) throw new Refusal(404, `There is no message ${messageId} in ${protocol}`);
		message.deleted = true;
		this.changed();
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

	/** An agent writes in Voxfree's own screen. The 24 hours are not looked at. */
	agentWrites(protocol: string, text: string): Written {
		const conversation = this.unfinished(protocol);
		if (conversation.state !== 'active' || conversation.agentId === null) {
			throw new Refusal(409, `Conversation ${protocol} has no agent yet`);
		}
		const { name } = this.agent(conversation.agentId);
		const message = this.add(conversation, {
			from: 'agent',
			type: 'text',
			text: signed(name, text),
		});
		if (this.settings.ownMessagesTold) this.tellMessage(conversation, message);
		return { protocol, messageId: message.id };
	}

	/** An agent takes a conversation, or is given one that somebody has: `encaminhado_agente`. */
	assign(protocol: string, agentId: string) {
		const conversation = this.unfinished(protocol);
		this.agent(agentId);
		Object.assign(conversation, { state: 'active', agentId });
		this.tell('encaminhado_agente', conversation);
	}

	/** A conversation shall wait for one agent: `encaminhado_agente_espera`. */
	queueFor(protocol: string, agentId: string) {
		const conversation = this.unfinished(protocol);
		this.agent(agentId);
		Object.assign(conversation, { state: 'waiting', agentId });
		this.tell('encaminhado_agente_espera', conversation);
	}

	/** A conversation shall wait in a department: `encaminhado_departamento`. */
	queueIn(protocol: string, departmentId: string) {
		const conversation = this.unfinished(protocol);
		this.department(departmentId);
		Object.assign(conversation, { state: 'waiting', agentId: null, departmentId });
		this.tell('encaminhado_departamento', conversation);
	}

	/** Whoever has a conversation, or a supervisor, ends it: `Finalizar`. */
	finish(protocol: string, wrapUpCode?: string) {
		this.end(this.unfinished(protocol), wrapUpCode);
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
	 * conversations are gone.
	 */
	override reset({ keepSettings = false } = {}) {
		if (!keepSettings) {
			this.settings = initialSettings(this.options);
			this.answerAfter = this.options.answerAfter ?? 0;
			this.sessions.clear();
		}
		this.socket.reset({ keepConnections: keepSettings });
		super.reset();
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
		this.office = seedOffice(hashOf);
		this.counters = firstNumbers(this.options);
		this.files.clear();
		this.cutAfter = undefined;
	}

	protected override errorBody(_status: number, message: string) {
		return { error: 1, message };
	}

	// --- Services ---

	private addRoutes() {
		this.serve('login.php', 'descricao', (fields) => this.logIn(fields));
		this.serve('alterarSenha.php', 'message', (fields) => this.changePassword(fields));
		this.serve('updateStatusAgente_Omni.php', 'status', (fields) => {
			const agent = this.caller(fields);
			const status = fields.choice('novo_status', ['0', '1']);
			agent.online = status === '1';
			// The document names no keys: "status of the update, and the status which was set".
			return { status: 'ok', novo_status: status };
		});
		this.serve('chatsAtivos.php', 'retorno', (fields) => {
			const { id } = this.callerOf(fields);
			return this.chats((one) => one.state === 'active' && one.agentId === id);
		});
		this.serve('chatsEspera.php', 'retorno', (fields) => {
			const agent = this.callerOf(fields);
			return this.chats((one) => one.state === 'waiting' && isWaitingFor(one, agent));
		});
		this.serve('buscaChat.php', 'retorno', (fields) => this.openChat(fields));
		this.serve('buscaMensagem.php', 'retorno', (fields) => this.newMessages(fields));
		this.serve('enviaMensagem.php', 'sent', (fields) => this.receiveText(fields));
		this.streamRoute(`${SERVICES_PATH}/enviaAnexo.php`, async (entry, body) => {
			return await this.receiveFile(entry, body);
		});
		this.serve('buscaTabulacoes.php', 'retorno', (fields) => {
			this.client(fields);
			const { departmentId } = this.conversation(fields);
			const codes = this.office.wrapUpCodes.filter((code) => code.departmentId === departmentId);
			return this.list(
				'tabulacoes',
				codes.map(({ id, name, ownerId }) => ({
					codid: id,
					nome_tabulacao: name,
					personalizado: ownerId === null ? '0' : '1',
				})),
			);
		});
		this.serve('buscaDepartamentos.php', 'retorno', (fields) => {
			const { departments } = this.caller(fields);
			const own = this.office.departments.filter(({ id }) => departments.includes(id));
			return this.list('departamentos', own.map(departmentBody));
		});
		this.serve('buscaCanais.php', 'retorno', (fields) => {
			const agent = this.caller(fields);
			const department = fields.text('departamento_selecionado');
			if (!agent.departments.includes(department)) {
				throw new Failure('agente não pertence ao departamento');
			}
			const channels = this.office.channels.filter((one) => one.departments.includes(department));
			return this.list('canais', channels.map(channelBody));
		});
		this.serve('servicoContatos.php', 'status', (fields) => this.contacts(fields));
		this.serve('novaConversaManual.php', 'start', (fields) => this.startConversation(fields));
		this.serve('finalizarAtendimento.php', 'retorno', (fields) => this.endOrTransfer(fields));
		this.serve('buscaCarteirizacoes.php', 'retorno', (fields) => this.portfolio(fields));
		this.serve('templatesWhatsapp.php', 'retorno', (fields) => this.templates(fields));
		this.serve(
			'servicoRespostasRapidas.php',
			'status',
			(fields) => this.quickReplies(fields),
			true,
		);
		this.serve('servicoTags.php', 'status', (fields) => this.tags(fields), true);
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
		let body: unknown;
		try {
			body = work();
			this.changed();
		} catch (error) {
			if (!(error instanceof Failure)) throw error;
			const isStranger = error instanceof UnknownAgent;
			const asLogin = isStranger && this.settings.unknownAgentForm === 'login';
			body = this.failure(asLogin ? 'descricao' : form, error.message);
		}
		return { status: 200, body: Buffer.from(answerText(body, this.settings.answerIds)) };
	}

	private failure(form: FailureForm, reason: string): unknown {
		const sentence = `${this.settings.failureWord} - ${reason}`;
		switch (form) {
			case 'retorno':
				return { retorno: sentence };
			case 'status':
				return { status: sentence };
			case 'start':
				return { status: sentence, em_atendimento: 0 };
			case 'message':
				return { error: 1, message: reason };
			case 'descricao':
				return { error: 1, descricao: reason };
			case 'sent':
				return this.settings.sendAnswer === 'array'
					? [{ retorno: sentence }]
					: { retorno: sentence };
		}
	}

	private logIn(fields: Fields) {
		const [login, hash] = [fields.optional('login'), fields.optional('senha')];
		const agent = this.office.agents.find((one) => one.login === login);
		if (!agent || agent.passwordHash !== hash) {
			this.office.refusedLogins += 1;
			this.changed();
			throw new Failure('Usuário ou senha inválido!!!');
		}
		this.sessions.add(agent.id);
		this.office.logins[agent.id] = (this.office.logins[agent.id] ?? 0) + 1;
		const { extension } = agent;
		return {
			retorno: 'ok',
			descricao: 'Login ok',
			id_agente: agent.id,
			codid_cliente: CLIENT_ID,
			alterar_senha: agent.mustChangePassword ? '1' : '0',
			autenticacao2fatores: agent.twoFactorCode ? '1' : '0',
			...(agent.twoFactorCode && { Chave2fatores: agent.twoFactorCode }),
			foto_perfil: `https://files.example.test/agents/${agent.id}.png`,
			telefonia: extension ? 1 : 0,
			...(extension && {
				dadosRamal: {
					ramal: extension.number,
					username: `${CLIENT_ID}_${extension.number}`,
					domain: 'sip.example.test:50031',
					password: extension.password,
					audioCodecs: 'PCMA/8000/1 PCMU/8000/1 opus/48000/2 G729/8000/1',
					autoAnswer: '1',
					transport: 'udp',
				},
			}),
			omnichannel: agent.usesOmnichannel === false ? '0' : '1',
		};
	}

	private changePassword(fields: Fields) {
		const agent = this.callerOf(fields);
		if (fields.text('senha') !== agent.passwordHash) {
			throw new Failure('Usuário ou senha inválido!!!');
		}
		const next = fields.text('senhaNovo');
		if (!/^[0-9a-f]{32}$/.test(next)) throw new Failure('campo senhaNovo inválido');
		agent.passwordHash = next;
		agent.mustChangePassword = false;
		return { error: 0, message: 'Senha alterada com sucesso!!!' };
	}

	private openChat(fields: Fields) {
		const agent = this.caller(fields);
		const conversation = this.conversation(fields);
		const { state, departmentId, contactId } = conversation;
		const owns = conversation.agentId === agent.id;
		if (!owns && !agent.departments.includes(departmentId)) {
			throw new Failure('protocolo de outro departamento');
		}
		if (state === 'waiting' && isWaitingFor(conversation, agent)) {
			Object.assign(conversation, { state: 'active', agentId: agent.id });
			this.tell('encaminhado_agente', conversation);
		}
		if (conversation.agentId === agent.id) {
			for (const message of conversation.messages) {
				if (message.from === 'customer') message.read = 2;
			}
		}
		const contact = this.contact(contactId);
		const department = this.department(departmentId);
		const entry = this.office.portfolio.find(
			(one) => one.contactId === contactId && one.departmentId === departmentId,
		);
		return {
			contato: {
				id_contato: contact.id,
				nome: contact.name,
				numero: contact.number,
				email: contact.email,
				obs: contact.note,
				img_perfil: `https://files.example.test/contacts/${contact.id}.png`,
			},
			carteirizacao: department.loyalty ? '1' : '0',
			codid_carteirizacao: entry?.id ?? null,
			agente_carteirizado: entry ? this.agent(entry.agentId).name : null,
			agente_carteirizado_codid: entry?.agentId ?? null,
			permite_excluir: department.mayDelete ? '1' : '0',
			permite_ler_excluido: department.mayReadDeleted ? '1' : '0',
			mensagens: this.grouped(this.history(conversation)),
		};
	}

	private newMessages(fields: Fields) {
		this.caller(fields);
		const conversation = this.conversation(fields);
		this.checkPlace(conversation, fields);
		const last = fields.optional('id_last_message') || '0';
		if (!/^\d+$/.test(last)) throw new Failure('campo id_last_message inválido');
		const messages = conversation.messages.filter(({ id }) => BigInt(id) > BigInt(last));
		return { mensagens: this.grouped([{ ...conversation, messages }]) };
	}

	private receiveText(fields: Fields) {
		const conversation = this.prepareSend(fields);
		const agentName = fields.text('nome_agente');
		const text = fields.text('mensagem');
		return this.send(conversation, fields, { type: 'text', text: signed(agentName, text) });
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
		return this.answered('sent', () => {
			const fields = new Fields(upload.fields);
			const conversation = this.prepareSend(fields);
			const file = upload.files.file;
			if (!file) throw new Failure('campo file não informado');
			if (file.size === 0) throw new Failure('arquivo vazio');
			const { largestFile } = this.settings;
			if (largestFile > 0 && file.size > largestFile) throw new Failure('arquivo muito grande');
			const caption = fields.optional('mensagem');
			return this.send(conversation, fields, {
				type: typeOf(file.mimeType),
				text: caption || null,
				file,
			});
		});
	}

	/** What sending a text and sending a file ask alike. */
	private prepareSend(fields: Fields): Conversation {
		const agent = this.callerOf(fields);
		const conversation = this.conversation(fields);
		this.checkPlace(conversation, fields);
		this.checkOwner(conversation, agent);
		const replyTo = fields.optional('reply_id');
		const known = this.history(conversation).some(({ messages }) =>
			messages.some(({ id }) => id === replyTo),
		);
		if (replyTo !== '' && !known) throw new Failure('mensagem respondida não encontrada');
		return conversation;
	}

	private send(
		conversation: Conversation,
		fields: Fields,
		content: Pick<Message, 'type' | 'text' | 'file'>,
	) {
		const inTime = this.isInWindow(conversation);
		if (!inTime && this.settings.outsideWindow === 'refuse') {
			throw new Failure('fora da janela de 24 horas, envie um template');
		}
		const replyTo = fields.optional('reply_id') || null;
		const message = this.add(conversation, {
			...content,
			from: 'agent',
			replyTo,
			subtype: replyTo === null ? null : 'reply',
			accepted: inTime,
		});
		if (this.settings.ownMessagesTold) this.tellMessage(conversation, message);
		const body = sentMessageBody(message, conversation, this.channelOf(conversation), this.fileUrl);
		const { sendAnswer, sentMessage } = this.settings;
		const mensagens = { [conversation.protocol]: sentMessage === 'array' ? [body] : body };
		if (sendAnswer === 'array') return [{ retorno: 'ok' }, { mensagens }];
		return sendAnswer === 'object' ? { retorno: 'ok', mensagens } : { mensagens };
	}

	private contacts(fields: Fields) {
		this.client(fields);
		if (fields.choice('action', ['select', 'insert']) === 'select') {
			const wanted = plain(fields.optional('search'));
			const found = this.office.contacts.filter(
				({ isGroup, name, number }) =>
					!isGroup && (plain(name).includes(wanted) || number.includes(wanted)),
			);
			return this.list('contatos', found.map(contactBody));
		}
		const name = fields.text('nome').trim();
		const number = fields.text('numero').trim();
		const email = fields.optional('email').trim();
		if (!/^\d{10,15}$/.test(number)) throw new Failure('campo numero inválido');
		if (this.office.contacts.some((one) => one.number === number)) {
			throw new Failure('contato já cadastrado');
		}
		const id = this.next('contact');
		this.office.contacts.push({ id, name, number, email, note: '' });
		return { status: 'ok', new_codid: id };
	}

	private startConversation(fields: Fields) {
		const agent = this.callerOf(fields);
		const departmentId = fields.text('departamento');
		const channelId = fields.text('id_canal');
		const contactId = fields.text('codid_contato');
		if (!agent.departments.includes(departmentId)) {
			throw new Failure('agente não pertence ao departamento');
		}
		const channel = this.office.channels.find(({ id }) => id === channelId);
		if (!channel?.departments.includes(departmentId)) {
			throw new Failure('canal não encontrado no departamento');
		}
		if (channel.kind === 'instagram' || channel.kind === 'facebook') {
			throw new Failure('não é possível iniciar conversa neste canal');
		}
		const contact = this.office.contacts.find(({ id }) => id === contactId);
		if (!contact || contact.isGroup) throw new Failure('contato não encontrado');
		const busy = this.office.conversations.find(
			(one) => one.contactId === contactId && one.state !== 'finished',
		);
		if (busy) {
			const owner = this.office.agents.find(({ id }) => id === busy.agentId);
			return {
				status: `${this.settings.failureWord} - em atendimento`,
				em_atendimento: 1,
				agente_em_atendimento_codid: owner?.id ?? '',
				agente_em_atendimento_nome: owner?.name ?? '',
			};
		}
		const conversation = this.begin(contactId, channelId, departmentId, agent.id);
		return { status: 'ok', em_atendimento: 0, codid_protocolo: conversation.databaseId };
	}

	private endOrTransfer(fields: Fields) {
		const agent = this.callerOf(fields);
		const action = fields.choice('action', ['finalizar', 'transferir', 'transferir_finalizar']);
		const protocol = fields.text('protocolo');
		const conversation = this.office.conversations.find((one) => one.protocol === protocol);
		if (conversation?.state !== 'active' || conversation.agentId !== agent.id) {
			throw new Failure('não foi possivel atualizar protocolo');
		}
		this.checkPlace(conversation, fields, false);
		const note = fields.optional('text_send');
		// The document has both names for it.
		const loyal = fields.flag('carteirizado_check') || fields.flag('fidelizado_check');
		const wrapUpCode = fields.optional('selected_tabulacao');
		const { contactId, channelId, departmentId } = conversation;
		const known = this.office.wrapUpCodes.some(
			(code) => code.id === wrapUpCode && code.departmentId === departmentId,
		);
		if (wrapUpCode !== '' && !known) throw new Failure('tabulação não encontrada');
		if (action !== 'transferir' && wrapUpCode === '' && this.settings.wrapUpRequired) {
			throw new Failure('campo selected_tabulacao não informado');
		}

		if (action === 'finalizar') {
			if (loyal) this.bind(contactId, departmentId, agent.id);
			this.end(conversation, wrapUpCode);
			return { retorno: 'ok' };
		}
		const newAgentId = fields.text('new_id_agente');
		const newAgent = this.office.agents.find(({ id }) => id === newAgentId);
		if (!newAgent) throw new Failure('agente de destino não encontrado');
		if (action === 'transferir') {
			if (newAgentId === agent.id) throw new Failure('o atendimento já é deste agente');
			if (loyal) this.bind(contactId, departmentId, newAgentId);
			this.handOver(conversation, newAgent, agent, note);
			return { retorno: 'ok' };
		}
		const newDepartment = fields.text('codid_departamento');
		if (!newAgent.departments.includes(newDepartment)) {
			throw new Failure('agente de destino não pertence ao departamento');
		}
		if (loyal) this.bind(contactId, newDepartment, newAgentId);
		this.end(conversation, wrapUpCode);
		const next = this.begin(contactId, channelId, newDepartment, newAgentId);
		this.handOver(next, newAgent, agent, note);
		return { retorno: 'ok' };
	}

	/** To an agent who is there; otherwise it waits for him. */
	private handOver(conversation: Conversation, to: Agent, from: Agent, note: string) {
		if (note) conversation.notes.push({ at: this.now(), agentId: from.id, text: note });
		Object.assign(conversation, { state: to.online ? 'active' : 'waiting', agentId: to.id });
		this.tell(to.online ? 'encaminhado_agente' : 'encaminhado_agente_espera', conversation);
	}

	private portfolio(fields: Fields) {
		const agent = this.caller(fields);
		const own = this.office.portfolio.filter(({ agentId }) => agentId === agent.id);
		if (fields.choice('action', ['select', 'delete']) === 'select') {
			return this.list(
				'carteirizacoes',
				own.map(({ id, contactId, departmentId, at }) => ({
					codid: id,
					codid_contato: contactId,
					nome_contato: this.contact(contactId).name,
					codid_departamento: departmentId,
					nome_departamento: this.department(departmentId).name,
					data: localTime(new Date(at)),
				})),
			);
		}
		const contactId = fields.text('codid_contato');
		const departmentId = fields.text('codid_departamento');
		const entry = own.find(
			(one) => one.contactId === contactId && one.departmentId === departmentId,
		);
		if (!entry) throw new Failure('carteirização não encontrada');
		this.office.portfolio = this.office.portfolio.filter((one) => one !== entry);
		return { retorno: 'ok' };
	}

	private templates(fields: Fields) {
		const agent = this.caller(fields);
		const conversation = this.conversation(fields);
		const own = this.office.templates.filter((one) => one.channelId === conversation.channelId);
		if (fields.choice('action', ['select', 'send_template']) === 'select') {
			return own.map(({ id, name, image }) => ({
				codid: id,
				nome_template: name,
				imagem_template: image,
			}));
		}
		const templateId = fields.text('codid_template');
		const template = own.find(({ id }) => id === templateId);
		if (!template) throw new Failure('template não encontrado para este canal');
		this.checkOwner(conversation, agent);
		const message = this.add(conversation, {
			from: 'agent',
			type: 'template',
			text: template.text,
		});
		if (this.settings.ownMessagesTold) this.tellMessage(conversation, message);
		const key =
			this.settings.templateAnswerKey === 'same' ? conversation.protocol : '20240222303307';
		return {
			[key]: sentMessageBody(message, conversation, this.channelOf(conversation), this.fileUrl),
		};
	}

	/** The document has no request for these: likely names are taken, whichever it is. */
	private quickReplies(fields: Fields) {
		const agent = this.caller(fields);
		const action = fields.choice('action', ['select', 'insert', 'update', 'remove']);
		const departmentId = this.departmentFor(fields);
		if (action === 'select') {
			const visible = this.office.quickReplies.filter(
				({ ownerId, ...reply }) =>
					ownerId === agent.id ||
					(ownerId === null &&
						(departmentId === undefined || departmentId === reply.departmentId) &&
						agent.departments.includes(reply.departmentId)),
			);
			return this.list(
				'respostas',
				visible.map(({ id, title, text, ownerId }) => ({
					codid: id,
					titulo: title,
					resposta: text,
					personalizado: ownerId === null ? '0' : '1',
				})),
			);
		}
		const text = fields.matching(/^(resposta|resposta_rapida|mensagem|texto|text|conteudo)$/);
		const title = fields.matching(/^(titulo|atalho|nome|title)$/);
		if (action === 'insert') {
			if (text.trim() === '') throw new Failure(CANNOT_CHANGE);
			const id = this.next('quickReply');
			this.office.quickReplies.push({
				id,
				title,
				text,
				departmentId: departmentId ?? agent.departments[0]!,
				ownerId: agent.id,
			});
			return { status: 'ok', new_codid: id };
		}
		const id = fields.matching(/^((cod)?id_(resposta|respostas|resposta_rapida)|(cod)?id)$/);
		const reply = this.office.quickReplies.find((one) => one.id === id);
		if (reply?.ownerId !== agent.id) throw new Failure(CANNOT_CHANGE);
		if (action === 'remove') {
			this.office.quickReplies = this.office.quickReplies.filter((one) => one !== reply);
		} else {
			if (text.trim() === '') throw new Failure(CANNOT_CHANGE);
			Object.assign(reply, { text, ...(title && { title }) });
		}
		return { status: 'ok' };
	}

	private tags(fields: Fields) {
		const agent = this.caller(fields);
		const action = fields.choice('action', [
			'select',
			'insert',
			'activate',
			'deactivate',
			'remove',
			'update',
		]);
		if (action === 'select') {
			const conversation = this.conversation(fields);
			const department = fields.optional('departamento') || conversation.departmentId;
			const visible = this.office.tags.filter(
				({ ownerId, departmentId }) =>
					ownerId === agent.id || (ownerId === null && departmentId === department),
			);
			return this.list(
				'tags',
				visible.map(({ id, name, ownerId }) => ({
					codid: id,
					tag: name,
					personalizado: ownerId === null ? '0' : '1',
					ativo: conversation.tagIds.includes(id) ? '1' : '0',
				})),
			);
		}
		if (action === 'insert') {
			const name = fields.text('tag').trim();
			const id = this.next('tag');
			const departmentId = this.departmentFor(fields) ?? agent.departments[0]!;
			this.office.tags.push({ id, name, departmentId, ownerId: agent.id });
			return { status: 'ok', new_codid: id };
		}
		const tagId = fields.text('codid_tag');
		const tag = this.office.tags.find(({ id }) => id === tagId);
		if (!tag) throw new Failure(CANNOT_CHANGE);
		if (action === 'activate' || action === 'deactivate') {
			const conversation = this.conversation(fields);
			const isForeign = tag.ownerId !== null && tag.ownerId !== agent.id;
			if (isForeign) throw new Failure(CANNOT_CHANGE);
			const others = conversation.tagIds.filter((id) => id !== tagId);
			conversation.tagIds = action === 'activate' ? [...others, tagId] : others;
			return { status: 'ok' };
		}
		if (tag.ownerId !== agent.id) throw new Failure(CANNOT_CHANGE);
		if (action === 'update') {
			tag.name = fields.text('tag').trim();
			return { status: 'ok' };
		}
		this.office.tags = this.office.tags.filter((one) => one !== tag);
		for (const conversation of this.office.conversations) {
			conversation.tagIds = conversation.tagIds.filter((id) => id !== tagId);
		}
		return { status: 'ok' };
	}

	// --- What services have in common ---

	/** Who calls: an agent who has logged in. */
	private caller(fields: Fields): Agent {
		const id = fields.text('id_agente');
		const agent = this.office.agents.find((one) => one.id === id);
		if (!agent || !this.sessions.has(id)) throw new UnknownAgent(this.settings.unknownAgentText);
		return agent;
	}

	/** The same, where the company's id is asked as well. */
	private callerOf(fields: Fields): Agent {
		const agent = this.caller(fields);
		this.client(fields);
		return agent;
	}

	private client(fields: Fields) {
		if (fields.text('codid_cliente') !== CLIENT_ID) throw new Failure('cliente não encontrado');
	}

	private conversation(fields: Fields): Conversation {
		const protocol = fields.text('protocolo');
		const found = this.office.conversations.find((one) => one.protocol === protocol);
		if (!found) throw new Failure('protocolo não encontrado');
		return found;
	}

	/** Channel, contact and kind of chat must be those of the conversation. */
	private checkPlace(conversation: Conversation, fields: Fields, withGroup = true) {
		if (fields.text('id_canal_unico') !== conversation.channelId) {
			throw new Failure('canal não pertence ao protocolo');
		}
		if (fields.text('id_contato') !== conversation.contactId) {
			throw new Failure('contato não pertence ao protocolo');
		}
		// Attachments have no such field.
		if (!withGroup || !fields.has('is_group')) return;
		const isGroup = this.contact(conversation.contactId).isGroup === true;
		if (fields.flag('is_group') !== isGroup) throw new Failure('campo is_group inválido');
	}

	private checkOwner(conversation: Conversation, agent: Agent) {
		if (conversation.state === 'finished') throw new Failure('protocolo finalizado');
		if (conversation.state !== 'active' || conversation.agentId !== agent.id) {
			throw new Failure('protocolo não pertence ao agente');
		}
	}

	/** The document has the rule for the official WhatsApp alone; 24 hours are still in time. */
	private isInWindow(conversation: Conversation): boolean {
		const end = this.windowEnd(conversation.protocol);
		return end === 'never' || (end !== undefined && this.clock.now() <= end);
	}

	/** All conversations with the contact on that channel, oldest first. */
	private history({ contactId, channelId }: Conversation): Conversation[] {
		return this.office.conversations.filter(
			(one) => one.contactId === contactId && one.channelId === channelId,
		);
	}

	/** Messages by protocol; with none at all, an empty list, as PHP writes an empty array. */
	private grouped(conversations: Conversation[]) {
		const groups = conversations
			.filter(({ messages }) => messages.length > 0)
			.map((conversation): [string, unknown] => {
				const channel = this.channelOf(conversation);
				const bodies = conversation.messages.map((message) =>
					messageBody(message, conversation, channel, this.fileUrl),
				);
				return [conversation.protocol, bodies];
			});
		return groups.length === 0 ? [] : Object.fromEntries(groups);
	}

	private chats(wanted: (conversation: Conversation) => boolean) {
		const found = this.office.conversations.filter(wanted);
		return this.list(
			'chats',
			found.map((conversation) => chatBody(conversation, this.office)),
		);
	}

	private list(name: string, items: unknown[]): unknown {
		const { lists } = this.settings;
		if (lists === 'object') return { retorno: 'ok', [name]: items };
		if (lists === 'keyed' && items.length > 0) {
			return Object.fromEntries(items.map((item, index) => [String(index * 2 + 1), item]));
		}
		return items;
	}

	private departmentFor(fields: Fields): string | undefined {
		const named = fields.optional('departamento') || fields.optional('codid_departamento');
		if (named) {
			if (!this.office.departments.some(({ id }) => id === named)) {
				throw new Failure('departamento não encontrado');
			}
			return named;
		}
		return fields.optional('protocolo') ? this.conversation(fields).departmentId : undefined;
	}

	/** Where the file of a message can be fetched. */
	readonly fileUrl = ({ fileKey, id, file }: Message) =>
		`${this.url}/arquivos/${fileKey ?? id}/${encodeURIComponent(file!.name)}`;

	// --- The company ---

	private begin(
		contactId: string,
		channelId: string,
		departmentId: string,
		agentId: string | null,
	): Conversation {
		const now = this.clock.now();
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
	private reach(contactId: string, channelId: string, departmentId?: string) {
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

	private add(
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
		return added;
	}

	private end(conversation: Conversation, wrapUpCode = '') {
		Object.assign(conversation, {
			state: 'finished',
			finishedAt: this.now(),
			...(wrapUpCode && { wrapUpCode }),
		});
		this.tell('Finalizar', conversation);
	}

	private bind(contactId: string, departmentId: string, agentId: string) {
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

	// --- Events ---

	private tellMessage(conversation: Conversation, message: Message) {
		this.tell('new_message', conversation, message.id);
	}

	private tell(type: EventType, conversation: Conversation, messageId?: string) {
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
		this.changed();
		if (this.settings.eventsGoTo === 'everyone') this.socket.send(event);
		else this.socket.send(event, concerns);
	}

	// --- Finding ---

	private agent(id: string): Agent {
		return found(this.office.agents, id, 'agent');
	}

	private department(id: string) {
		return found(this.office.departments, id, 'department');
	}

	private channel(id: string): Channel {
		return found(this.office.channels, id, 'channel');
	}

	private contact(id: string): Contact {
		return found(this.office.contacts, id, 'contact');
	}

	private channelOf({ channelId }: Conversation) {
		return this.channel(channelId);
	}

	private known(protocol: string): Conversation {
		const conversation = this.office.conversations.find((one) => one.protocol === protocol);
		if (!conversation) throw new Refusal(404, `There is no conversation ${protocol}`);
		return conversation;
	}

	private unfinished(protocol: string): Conversation {
		const conversation = this.known(protocol);
		if (conversation.state === 'finished') {
			throw new Refusal(409, `Conversation ${protocol} is finished`);
		}
		return conversation;
	}

	private next(counter: Counter): string {
		const number = this.counters[counter];
		this.counters[counter] = number + 1n;
		return String(number);
	}

	private now() {
		return this.clock.now().toISOString();
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

export type { ReceivedFile };

/** Starts a Voxfree simulator on loopback. */
export async function startVoxfree(options: VoxfreeOptions = {}): Promise<VoxfreeSimulator> {
	const simulator = new VoxfreeSimulator(options);
	await simulator.start(options);
	return simulator;
}

/** The one reason that the document gives for tags and quick replies. */
const CANNOT_CHANGE = 'não foi possivel alterar/remover/inserir dados';

type Counter = 'message' | 'protocol' | 'database' | 'contact' | 'tag' | 'quickReply' | 'portfolio';

const firstNumbers = ({
	firstMessageId = '17932701',
}: VoxfreeOptions): Record<Counter, bigint> => ({
	message: BigInt(firstMessageId),
	protocol: 3152n,
	database: 395349n,
	contact: 342285n,
	tag: 57n,
	quickReply: 1305n,
	portfolio: 1636n,
});

function initialSettings(options: VoxfreeOptions): Settings {
	return {
		sendAnswer: options.sendAnswer ?? 'array',
		sentMessage: options.sentMessage ?? 'object',
		templateAnswerKey: options.templateAnswerKey ?? 'same',
		lists: options.lists ?? 'array',
		answerIds: options.answerIds ?? 'document',
		failureWord: options.failureWord ?? 'falha',
		outsideWindow: options.outsideWindow ?? 'refuse',
		unknownAgentText: options.unknownAgentText ?? 'agente não encontrado',
		unknownAgentForm: options.unknownAgentForm ?? 'own',
		services: options.services ?? 'second',
		wrapUpRequired: options.wrapUpRequired ?? false,
		largestFile: options.largestFile ?? 0,
		ownMessagesTold: options.ownMessagesTold ?? true,
		eventsGoTo: options.eventsGoTo ?? 'everyone',
		frameIds: options.frameIds ?? initialSocketSettings.frameIds,
		badRegistration: options.badRegistration ?? initialSocketSettings.badRegistration,
		secondSession: options.secondSession ?? initialSocketSettings.secondSession,
		presenceTtl: options.presenceTtl ?? initialSocketSettings.presenceTtl,
		pingEvery: options.pingEvery ?? initialSocketSettings.pingEvery,
		answersPings: options.answersPings ?? initialSocketSettings.answersPings,
	};
}

/** MD5 of a password's UTF-8 bytes, as the document wants it. */
function hashOf(password: string): string {
	return CryptoJS.MD5(password).toString(CryptoJS.enc.Hex);
}

function found<T extends { id: string }>(items: T[], id: string, what: string): T {
	const item = items.find((one) => one.id === id);
	if (!item) throw new Refusal(404, `There is no ${what} ${id}`);
	return item;
}

/** For nobody in particular in one of the agent's departments, or for the agent. */
function isWaitingFor({ agentId, departmentId }: Conversation, agent: Agent): boolean {
	return agentId === agent.id || (agentId === null && agent.departments.includes(departmentId));
}

/** The server puts the agent's name before what he writes. */
const signed = (name: string, text: string) => `*${name}*: \n${text}`;

/** Without accents and case, as the database compares. */
const plain = (text: string) =>
	text
		.normalize('NFD')
		.replace(/\p{Diacritic}/gu, '')
		.toLowerCase();

function typeOf(mimeType: string): Message['type'] {
	const kind = mimeType.split('/', 1)[0]!;
	return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'document';
}
