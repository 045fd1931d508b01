import { signed, typeOf, type Company } from './company';
import { listBody, type ListName, type Row } from './dialects';
import { CLIENT_ID, type Agent, type Conversation, type Message } from './office';
import type { Settings } from './settings';
import type { Upload } from './upload';
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
} from './wire';

/** How a service words a failure: under which names. */
export type FailureForm = 'retorno' | 'status' | 'message' | 'descricao' | 'start' | 'sent';

/** The agent is not signed in: the only failure that has a wording of its own. */
class UnknownAgent extends Failure {}

/**
 * The 25 services of the document, called with their fields. What they throw as a Failure goes out
 * as a "falha".
 */
export class Services {
	/** Agents whom the server knows. */
	readonly sessions = new Set<string>();

	constructor(
		private readonly company: Company,
		private readonly settings: () => Settings,
		private readonly fileUrl: (message: Message) => string,
	) {}

	/** The body of an answer: what `work` returns, or how a failure is worded. */
	answer(form: FailureForm, work: () => unknown): Buffer {
		let body: unknown;
		try {
			body = work();
		} catch (error) {
			if (!(error instanceof Failure)) throw error;
			const isStranger = error instanceof UnknownAgent;
			const asLogin = isStranger && this.settings().unknownAgentForm === 'login';
			body = this.failure(asLogin ? 'descricao' : form, error.message);
		}
		return Buffer.from(answerText(body, this.settings().answerIds));
	}

	private failure(form: FailureForm, reason: string): unknown {
		const sentence = `${this.settings().failureWord} - ${reason}`;
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
				return this.settings().sendAnswer === 'array'
					? [{ retorno: sentence }]
					: { retorno: sentence };
		}
	}

	logIn(fields: Fields) {
		const [login, hash] = [fields.optional('login'), fields.optional('senha')];
		const agent = this.company.office.agents.find((one) => one.login === login);
		if (!agent || agent.passwordHash !== hash) {
			this.company.office.refusedLogins += 1;
			throw new Failure('Usuário ou senha inválido!!!');
		}
		this.sessions.add(agent.id);
		this.company.office.logins[agent.id] = (this.company.office.logins[agent.id] ?? 0) + 1;
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

	changePassword(fields: Fields) {
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

	openChat(fields: Fields) {
		const agent = this.caller(fields);
		const conversation = this.conversation(fields);
		const { state, departmentId, contactId } = conversation;
		const owns = conversation.agentId === agent.id;
		if (!owns && !agent.departments.includes(departmentId)) {
			throw new Failure('protocolo de outro departamento');
		}
		if (state === 'waiting' && isWaitingFor(conversation, agent)) {
			Object.assign(conversation, { state: 'active', agentId: agent.id });
			this.company.tell('encaminhado_agente', conversation);
		}
		if (conversation.agentId === agent.id) {
			for (const message of conversation.messages) {
				if (message.from === 'customer') message.read = 2;
			}
		}
		const contact = this.company.contact(contactId);
		const department = this.company.department(departmentId);
		const entry = this.company.office.portfolio.find(
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
			agente_carteirizado: entry ? this.company.agent(entry.agentId).name : null,
			agente_carteirizado_codid: entry?.agentId ?? null,
			permite_excluir: department.mayDelete ? '1' : '0',
			permite_ler_excluido: department.mayReadDeleted ? '1' : '0',
			mensagens: this.grouped(this.company.history(conversation)),
		};
	}

	newMessages(fields: Fields) {
		this.caller(fields);
		const conversation = this.conversation(fields);
		this.checkPlace(conversation, fields);
		const last = fields.optional('id_last_message') || '0';
		if (!/^\d+$/.test(last)) throw new Failure('campo id_last_message inválido');
		const messages = conversation.messages.filter(({ id }) => BigInt(id) > BigInt(last));
		return { mensagens: this.grouped([{ ...conversation, messages }]) };
	}

	receiveText(fields: Fields) {
		const conversation = this.prepareSend(fields);
		const agentName = fields.text('nome_agente');
		const text = fields.text('mensagem');
		return this.send(conversation, fields, { type: 'text', text: signed(agentName, text) });
	}

	setOnline(fields: Fields) {
		const agent = this.caller(fields);
		const status = fields.choice('novo_status', ['0', '1']);
		agent.online = status === '1';
		// The document names no keys: "status of the update, and the status which was set".
		return { status: 'ok', novo_status: status };
	}

	activeChats(fields: Fields) {
		const { id } = this.callerOf(fields);
		return this.chats((one) => one.state === 'active' && one.agentId === id);
	}

	waitingChats(fields: Fields) {
		const agent = this.callerOf(fields);
		return this.chats((one) => one.state === 'waiting' && isWaitingFor(one, agent));
	}

	wrapUpCodes(fields: Fields) {
		this.client(fields);
		const { departmentId } = this.conversation(fields);
		const codes = this.company.office.wrapUpCodes.filter(
			(code) => code.departmentId === departmentId,
		);
		return this.list(
			'tabulacoes',
			codes.map(({ id, name, ownerId }) => ({
				codid: id,
				nome_tabulacao: name,
				personalizado: ownerId === null ? '0' : '1',
			})),
		);
	}

	departments(fields: Fields) {
		const { departments } = this.caller(fields);
		const own = this.company.office.departments.filter(({ id }) => departments.includes(id));
		return this.list('departamentos', own.map(departmentBody));
	}

	channels(fields: Fields) {
		const agent = this.caller(fields);
		const department = fields.text('departamento_selecionado');
		if (!agent.departments.includes(department)) {
			throw new Failure('agente não pertence ao departamento');
		}
		const channels = this.company.office.channels.filter((one) =>
			one.departments.includes(department),
		);
		return this.list('canais', channels.map(channelBody));
	}

	/** An attachment, once all of it has come. */
	receiveFile(upload: Upload) {
		const fields = new Fields(upload.fields);
		const conversation = this.prepareSend(fields);
		const { file } = upload.files;
		if (!file) throw new Failure('campo file não informado');
		if (file.size === 0) throw new Failure('arquivo vazio');
		const { largestFile } = this.settings();
		if (largestFile > 0 && file.size > largestFile) throw new Failure('arquivo muito grande');
		const caption = fields.optional('mensagem');
		return this.send(conversation, fields, {
			type: typeOf(file.mimeType),
			text: caption || null,
			file,
		});
	}

	/** What sending a text and sending a file ask alike. */
	private prepareSend(fields: Fields): Conversation {
		const agent = this.callerOf(fields);
		const conversation = this.conversation(fields);
		this.checkPlace(conversation, fields);
		this.checkOwner(conversation, agent);
		const replyTo = fields.optional('reply_id');
		const known = this.company
			.history(conversation)
			.some(({ messages }) => messages.some(({ id }) => id === replyTo));
		if (replyTo !== '' && !known) throw new Failure('mensagem respondida não encontrada');
		return conversation;
	}

	private send(
		conversation: Conversation,
		fields: Fields,
		content: Pick<Message, 'type' | 'text' | 'file'>,
	) {
		const inTime = this.company.isInWindow(conversation);
		if (!inTime && this.settings().outsideWindow === 'refuse') {
			throw new Failure('fora da janela de 24 horas, envie um template');
		}
		const replyTo = fields.optional('reply_id') || null;
		const message = this.company.add(conversation, {
			...content,
			from: 'agent',
			replyTo,
			subtype: replyTo === null ? null : 'reply',
			accepted: inTime,
		});
		if (this.settings().ownMessagesTold) this.company.tellMessage(conversation, message);
		const body = sentMessageBody(
			message,
			conversation,
			this.company.channelOf(conversation),
			this.fileUrl,
		);
		const { sendAnswer, sentMessage } = this.settings();
		const mensagens = { [conversation.protocol]: sentMessage === 'array' ? [body] : body };
		if (sendAnswer === 'array') return [{ retorno: 'ok' }, { mensagens }];
		return sendAnswer === 'object' ? { retorno: 'ok', mensagens } : { mensagens };
	}

	contacts(fields: Fields) {
		this.client(fields);
		if (fields.choice('action', ['select', 'insert']) === 'select') {
			const wanted = plain(fields.optional('search'));
			const found = this.company.office.contacts.filter(
				({ isGroup, name, number }) =>
					!isGroup && (plain(name).includes(wanted) || number.includes(wanted)),
			);
			return this.list('contatos', found.map(contactBody));
		}
		const name = fields.text('nome').trim();
		const number = fields.text('numero').trim();
		const email = fields.optional('email').trim();
		if (!/^\d{10,15}$/.test(number)) throw new Failure('campo numero inválido');
		if (this.company.office.contacts.some((one) => one.number === number)) {
			throw new Failure('contato já cadastrado');
		}
		const id = this.company.next('contact');
		this.company.office.contacts.push({ id, name, number, email, note: '' });
		return { status: 'ok', new_codid: id };
	}

	startConversation(fields: Fields) {
		const agent = this.callerOf(fields);
		const departmentId = fields.text('departamento');
		const channelId = fields.text('id_canal');
		const contactId = fields.text('codid_contato');
		if (!agent.departments.includes(departmentId)) {
			throw new Failure('agente não pertence ao departamento');
		}
		const channel = this.company.office.channels.find(({ id }) => id === channelId);
		if (!channel?.departments.includes(departmentId)) {
			throw new Failure('canal não encontrado no departamento');
		}
		if (channel.kind === 'instagram' || channel.kind === 'facebook') {
			throw new Failure('não é possível iniciar conversa neste canal');
		}
		const contact = this.company.office.contacts.find(({ id }) => id === contactId);
		if (!contact || contact.isGroup) throw new Failure('contato não encontrado');
		const busy = this.company.office.conversations.find(
			(one) => one.contactId === contactId && one.state !== 'finished',
		);
		if (busy) {
			const owner = this.company.office.agents.find(({ id }) => id === busy.agentId);
			return {
				status: `${this.settings().failureWord} - em atendimento`,
				em_atendimento: 1,
				agente_em_atendimento_codid: owner?.id ?? '',
				agente_em_atendimento_nome: owner?.name ?? '',
			};
		}
		const conversation = this.company.begin(contactId, channelId, departmentId, agent.id);
		return { status: 'ok', em_atendimento: 0, codid_protocolo: conversation.databaseId };
	}

	endOrTransfer(fields: Fields) {
		const agent = this.callerOf(fields);
		const action = fields.choice('action', ['finalizar', 'transferir', 'transferir_finalizar']);
		const protocol = fields.text('protocolo');
		const conversation = this.company.office.conversations.find((one) => one.protocol === protocol);
		if (conversation?.state !== 'active' || conversation.agentId !== agent.id) {
			throw new Failure('não foi possivel atualizar protocolo');
		}
		this.checkPlace(conversation, fields, false);
		const note = fields.optional('text_send');
		// The document has both names for it.
		const loyal = fields.flag('carteirizado_check') || fields.flag('fidelizado_check');
		const wrapUpCode = fields.optional('selected_tabulacao');
		const { contactId, channelId, departmentId } = conversation;
		const known = this.company.office.wrapUpCodes.some(
			(code) => code.id === wrapUpCode && code.departmentId === departmentId,
		);
		if (wrapUpCode !== '' && !known) throw new Failure('tabulação não encontrada');
		if (action !== 'transferir' && wrapUpCode === '' && this.settings().wrapUpRequired) {
			throw new Failure('campo selected_tabulacao não informado');
		}

		if (action === 'finalizar') {
			if (loyal) this.company.bind(contactId, departmentId, agent.id);
			this.company.end(conversation, wrapUpCode);
			return { retorno: 'ok' };
		}
		const newAgentId = fields.text('new_id_agente');
		const newAgent = this.company.office.agents.find(({ id }) => id === newAgentId);
		if (!newAgent) throw new Failure('agente de destino não encontrado');
		if (action === 'transferir') {
			if (newAgentId === agent.id) throw new Failure('o atendimento já é deste agente');
			if (loyal) this.company.bind(contactId, departmentId, newAgentId);
			this.handOver(conversation, newAgent, agent, note);
			return { retorno: 'ok' };
		}
		const newDepartment = fields.text('codid_departamento');
		if (!newAgent.departments.includes(newDepartment)) {
			throw new Failure('agente de destino não pertence ao departamento');
		}
		if (loyal) this.company.bind(contactId, newDepartment, newAgentId);
		this.company.end(conversation, wrapUpCode);
		const next = this.company.begin(contactId, channelId, newDepartment, newAgentId);
		this.handOver(next, newAgent, agent, note);
		return { retorno: 'ok' };
	}

	/** To an agent who is there; otherwise it waits for him. */
	private handOver(conversation: Conversation, to: Agent, from: Agent, note: string) {
		if (note) conversation.notes.push({ at: this.company.now(), agentId: from.id, text: note });
		Object.assign(conversation, { state: to.online ? 'active' : 'waiting', agentId: to.id });
		this.company.tell(to.online ? 'encaminhado_agente' : 'encaminhado_agente_espera', conversation);
	}

	portfolio(fields: Fields) {
		const agent = this.caller(fields);
		const own = this.company.office.portfolio.filter(({ agentId }) => agentId === agent.id);
		if (fields.choice('action', ['select', 'delete']) === 'select') {
			return this.list(
				'carteirizacoes',
				own.map(({ id, contactId, departmentId, at }) => ({
					codid: id,
					codid_contato: contactId,
					nome_contato: this.company.contact(contactId).name,
					codid_departamento: departmentId,
					nome_departamento: this.company.department(departmentId).name,
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
		this.company.office.portfolio = this.company.office.portfolio.filter((one) => one !== entry);
		return { retorno: 'ok' };
	}

	templates(fields: Fields) {
		const agent = this.caller(fields);
		const conversation = this.conversation(fields);
		const own = this.company.office.templates.filter(
			(one) => one.channelId === conversation.channelId,
		);
		if (fields.choice('action', ['select', 'send_template']) === 'select') {
			return this.list(
				'templates',
				own.map(({ id, name, image }) => ({
					codid: id,
					nome_template: name,
					imagem_template: image,
				})),
			);
		}
		const templateId = fields.text('codid_template');
		const template = own.find(({ id }) => id === templateId);
		if (!template) throw new Failure('template não encontrado para este canal');
		this.checkOwner(conversation, agent);
		const message = this.company.add(conversation, {
			from: 'agent',
			type: 'template',
			text: template.text,
		});
		if (this.settings().ownMessagesTold) this.company.tellMessage(conversation, message);
		const key =
			this.settings().templateAnswerKey === 'same' ? conversation.protocol : '20240222303307';
		return {
			[key]: sentMessageBody(
				message,
				conversation,
				this.company.channelOf(conversation),
				this.fileUrl,
			),
		};
	}

	/** The document has no request for these: likely names are taken, whichever it is. */
	quickReplies(fields: Fields) {
		const agent = this.caller(fields);
		const action = fields.choice('action', ['select', 'insert', 'update', 'remove']);
		const departmentId = this.departmentFor(fields);
		if (action === 'select') {
			const visible = this.company.office.quickReplies.filter(
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
			const id = this.company.next('quickReply');
			this.company.office.quickReplies.push({
				id,
				title,
				text,
				departmentId: departmentId ?? agent.departments[0]!,
				ownerId: agent.id,
			});
			return { status: 'ok', new_codid: id };
		}
		const id = fields.matching(/^((cod)?id_(resposta|respostas|resposta_rapida)|(cod)?id)$/);
		const reply = this.company.office.quickReplies.find((one) => one.id === id);
		if (reply?.ownerId !== agent.id) throw new Failure(CANNOT_CHANGE);
		if (action === 'remove') {
			this.company.office.quickReplies = this.company.office.quickReplies.filter(
				(one) => one !== reply,
			);
		} else {
			if (text.trim() === '') throw new Failure(CANNOT_CHANGE);
			Object.assign(reply, { text, ...(title && { title }) });
		}
		return { status: 'ok' };
	}

	tags(fields: Fields) {
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
			const visible = this.company.office.tags.filter(
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
			const id = this.company.next('tag');
			const departmentId = this.departmentFor(fields) ?? agent.departments[0]!;
			this.company.office.tags.push({ id, name, departmentId, ownerId: agent.id });
			return { status: 'ok', new_codid: id };
		}
		const tagId = fields.text('codid_tag');
		const tag = this.company.office.tags.find(({ id }) => id === tagId);
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
		this.company.office.tags = this.company.office.tags.filter((one) => one !== tag);
		for (const conversation of this.company.office.conversations) {
			conversation.tagIds = conversation.tagIds.filter((id) => id !== tagId);
		}
		return { status: 'ok' };
	}

	/** Who calls: an agent who has logged in. */
	private caller(fields: Fields): Agent {
		const id = fields.text('id_agente');
		const agent = this.company.office.agents.find((one) => one.id === id);
		if (!agent || !this.sessions.has(id)) throw new UnknownAgent(this.settings().unknownAgentText);
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
		const found = this.company.office.conversations.find((one) => one.protocol === protocol);
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
		const isGroup = this.company.contact(conversation.contactId).isGroup === true;
		if (fields.flag('is_group') !== isGroup) throw new Failure('campo is_group inválido');
	}

	private checkOwner(conversation: Conversation, agent: Agent) {
		if (conversation.state === 'finished') throw new Failure('protocolo finalizado');
		if (conversation.state !== 'active' || conversation.agentId !== agent.id) {
			throw new Failure('protocolo não pertence ao agente');
		}
	}

	/** Messages by protocol; with none at all, an empty list, as PHP writes an empty array. */
	private grouped(conversations: Conversation[]) {
		const groups = conversations
			.filter(({ messages }) => messages.length > 0)
			.map((conversation): [string, unknown] => {
				const channel = this.company.channelOf(conversation);
				const bodies = conversation.messages.map((message) =>
					messageBody(message, conversation, channel, this.fileUrl),
				);
				return [conversation.protocol, bodies];
			});
		return groups.length === 0 ? [] : Object.fromEntries(groups);
	}

	private chats(wanted: (conversation: Conversation) => boolean) {
		const found = this.company.office.conversations.filter(wanted);
		return this.list(
			'chats',
			found.map((conversation) => chatBody(conversation, this.company.office)),
		);
	}

	private list(name: ListName, rows: Row[]): unknown {
		return listBody(name, rows, this.settings());
	}

	private departmentFor(fields: Fields): string | undefined {
		const named = fields.optional('departamento') || fields.optional('codid_departamento');
		if (named) {
			if (!this.company.office.departments.some(({ id }) => id === named)) {
				throw new Failure('departamento não encontrado');
			}
			return named;
		}
		return fields.optional('protocolo') ? this.conversation(fields).departmentId : undefined;
	}
}

/** The one reason that the document gives for tags and quick replies. */
const CANNOT_CHANGE = 'não foi possivel alterar/remover/inserir dados';

/** For nobody in particular in one of the agent's departments, or for the agent. */
function isWaitingFor({ agentId, departmentId }: Conversation, agent: Agent): boolean {
	return agentId === agent.id || (agentId === null && agent.departments.includes(departmentId));
}

/** Without accents and case, as the database compares. */
const plain = (text: string) =>
	text
		.normalize('NFD')
		.replace(/\p{Diacritic}/gu, '')
		.toLowerCase();
