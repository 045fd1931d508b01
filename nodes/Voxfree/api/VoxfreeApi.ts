import { sleep } from 'n8n-workflow';
import { invalidInput, ProviderError } from '../../shared/errors';
import type { ProviderRequest, Request } from '../../shared/http/types';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { multipartBody } from './multipart';
import type { UploadFile } from './multipart';
import { md5, NEW_LOGIN_SERVICE, SessionKeeper } from './session';
import type { Session } from './session';
import { conversationIn, socialPlatformOf } from './wire/conversations';
import { field, isYes, textOf } from './wire/fields';
import { entriesIn } from './wire/lists';
import { messagesIn } from './wire/messages';
import { isUnknownAgent, refusalIn } from './wire/refusals';
import { CHANNEL, translateFields } from './wire/vocabulary';
import type { Conversation } from './wire/conversations';

export type { Session } from './session';

/** Which conversation is meant, and what of it is known already. */
export interface ConversationReference {
	protocol: string;
	channelId?: string;
	/** Of a group conversation, the id of the group. */
	contactId?: string;
	isGroup?: boolean;
}

/** A conversation with all that a message to it needs. */
export interface ConversationAddress {
	protocol: string;
	channelId: string;
	contactId: string;
	isGroup: boolean;
}

/** Where the conversation goes when it is finished or handed on. */
export interface Handover {
	conversation: ConversationReference;
	/** Agent who goes on with it. */
	newAgentId?: string;
	departmentId?: string;
	wrapUpCodeId?: string;
	/** What only the next agent reads. */
	note?: string;
	/** The check "carteirizado" of the conversation. */
	isPortfolioClient?: boolean;
}

/** How a conversation began, or who serves the contact already. */
export type StartOutcome =
	| {
			started: true;
			/** What all other calls know the conversation by; missing where it could not be found. */
			protocol?: string;
			/** Voxfree's record of the conversation, which no call takes. */
			recordId?: string;
			answer: JsonValue;
	  }
	| {
			started: false;
			servedByAgentId?: string;
			servedByAgentName?: string;
			servedByMe: boolean;
			/** Where we serve the contact ourselves. */
			protocol?: string;
			answer: JsonValue;
	  };

export interface NewContact {
	name: string;
	number: string;
	email: string;
}

/** What a tag call is about. Voxfree takes one body for all of them. */
export interface TagReference {
	protocol: string;
	tagId?: string;
	name?: string;
	departmentId?: string;
}

export type TagAction = 'insert' | 'activate' | 'deactivate' | 'remove' | 'update';

/**
 * What a quick reply call is about. The document does not show its fields; these are what the service
 * for tags takes, which is described alike, and what the caller adds in Voxfree's own words.
 */
export interface QuickReplyFields {
	protocol?: string;
	departmentId?: string;
	quickReplyId?: string;
	text?: string;
	additional?: Readonly<Record<string, string>>;
}

/** How often, and with which pause in milliseconds, a new conversation is looked for in the list. */
const LOOKUPS = 3;

const LOOKUP_PAUSE = 500;

/** How long the active list answers for itself when conversations are looked up in it. */
const ACTIVE_LIST_AGE = 5_000;

/**
 * Voxfree's mobile API as plain calls. All calls reject with a `ProviderError`. Reading calls return
 * what Voxfree answered with; `wire.ts` has the words to read it by.
 */
export class VoxfreeApi {
	private active?: { list: Promise<Conversation[]>; at: number };

	constructor(
		private readonly request: Request,
		private readonly sessions: SessionKeeper,
		private readonly places: { application: string; services: string },
		/** Name that messages to contacts begin with. */
		private readonly agentName: string,
	) {}

	/**
	 * Who we are to Voxfree.
	 *
	 * @param verified asks Voxfree whether it still knows the agent, and logs in again if not
	 */
	async getSession(verified = false): Promise<Session> {
		if (verified) await this.getDepartments();
		return await this.sessions.current();
	}

	/** Lets conversations come to the agent. */
	async setOnline(): Promise<JsonValue> {
		return await this.setStatus('1');
	}

	/** Keeps conversations from coming to the agent. */
	async setOffline(): Promise<JsonValue> {
		return await this.setStatus('0');
	}

	private async setStatus(status: '0' | '1'): Promise<JsonValue> {
		// Setting the same status twice does no harm.
		return await this.call('read', '/updateStatusAgente_Omni.php', ({ agentId }) => ({
			id_agente: agentId,
			novo_status: status,
		}));
	}

	/** Conversations that the agent is serving, as they came. */
	async getActiveConversations(): Promise<JsonObject[]> {
		return entriesIn(await this.callAsAgent('/chatsAtivos.php'));
	}

	/** Conversations that wait for an agent, as they came. */
	async getWaitingConversations(): Promise<JsonObject[]> {
		return entriesIn(await this.callAsAgent('/chatsEspera.php'));
	}

	/** A conversation with its contact and messages. One that no agent has becomes ours by this. */
	async openConversation(protocol: string): Promise<JsonValue> {
		return await this.call('read', '/buscaChat.php', ({ agentId }) => ({
			protocolo: protocol,
			id_agente: agentId,
		}));
	}

	/** Messages of a conversation that came after one of them, as they came. */
	async getNewMessages(
		conversation: ConversationReference,
		lastMessageId: string,
	): Promise<JsonObject[]> {
		const address = await this.addressOf(conversation);
		return messagesIn(
			await this.call('read', '/buscaMensagem.php', ({ agentId }) => ({
				protocolo: address.protocol,
				id_agente: agentId,
				id_last_message: lastMessageId,
				id_canal_unico: address.channelId,
				id_contato: address.contactId,
				is_group: address.isGroup ? '1' : '0',
			})),
		);
	}

	/** The departments that the agent belongs to, as they came. */
	async getDepartments(): Promise<JsonObject[]> {
		return entriesIn(
			await this.call('read', '/buscaDepartamentos.php', ({ agentId }) => ({ id_agente: agentId })),
		);
	}

	/** The channels of a department, as they came. */
	async getChannels(departmentId: string): Promise<JsonObject[]> {
		return entriesIn(
			await this.call('read', '/buscaCanais.php', ({ agentId }) => ({
				id_agente: agentId,
				departamento_selecionado: departmentId,
			})),
		);
	}

	/** Sends a text to the contact, as an answer to one of its messages where that is given. */
	async sendText(
		conversation: ConversationReference,
		text: string,
		replyTo = '',
	): Promise<JsonValue> {
		const address = await this.addressOf(conversation);
		return await this.call('send', '/enviaMensagem.php', ({ agentId, accountId }) => ({
			protocolo: address.protocol,
			id_agente: agentId,
			id_canal_unico: address.channelId,
			id_contato: address.contactId,
			is_group: address.isGroup ? '1' : '0',
			nome_agente: this.agentName,
			reply_id: replyTo,
			codid_cliente: accountId,
			mensagem: text,
		}));
	}

	/** Sends a file to the contact, read while it is sent. */
	async sendFile(
		conversation: ConversationReference,
		file: UploadFile,
		caption = '',
		replyTo = '',
	): Promise<JsonValue> {
		const address = await this.addressOf(conversation);
		return await this.call(
			'send',
			'/enviaAnexo.php',
			({ agentId, accountId }) => ({
				protocolo: address.protocol,
				codid_cliente: accountId,
				id_canal_unico: address.channelId,
				id_agente: agentId,
				id_contato: address.contactId,
				...(replyTo === '' ? {} : { reply_id: replyTo }),
				...(caption === '' ? {} : { mensagem: caption }),
			}),
			{ file },
		);
	}

	/** The templates of the channel that a conversation is on, as they came. */
	async getTemplates(protocol: string): Promise<JsonObject[]> {
		return entriesIn(
			await this.call('read', '/templatesWhatsapp.php', ({ agentId }) => ({
				protocolo: protocol,
				id_agente: agentId,
				action: 'select',
			})),
		);
	}

	/** Sends a template, which is allowed at any time. */
	async sendTemplate(protocol: string, templateId: string): Promise<JsonValue> {
		return await this.call('send', '/templatesWhatsapp.php', ({ agentId }) => ({
			protocolo: protocol,
			id_agente: agentId,
			action: 'send_template',
			codid_template: templateId,
		}));
	}

	/**
	 * Begins a conversation with a contact.
	 *
	 * @throws ProviderError (`invalid`) for a channel on which only the contact can begin
	 */
	async startConversation(
		departmentId: string,
		channelId: string,
		contactId: string,
	): Promise<StartOutcome> {
		await this.checkStartable(departmentId, channelId);
		const body = await this.call(
			'send',
			'/novaConversaManual.php',
			({ agentId, accountId }) => ({
				id_agente: agentId,
				codid_cliente: accountId,
				id_canal: channelId,
				codid_contato: contactId,
				departamento: departmentId,
			}),
			// That the contact is being served comes as a failure, but is an answer.
			{ accepts: (answer) => isJsonObject(answer) && isYes(field(answer, 'em_atendimento')) },
		);
		this.active = undefined;
		const answer = isJsonObject(body) ? body : {};
		if (isYes(field(answer, 'em_atendimento'))) {
			const { agentId } = await this.sessions.current();
			const servedByAgentId = textOf(field(answer, 'agente_em_atendimento_codid'));
			const servedByMe = servedByAgentId === agentId;
			return {
				started: false,
				servedByAgentId,
				servedByAgentName: textOf(field(answer, 'agente_em_atendimento_nome')),
				servedByMe,
				protocol: servedByMe ? await this.protocolWith(contactId, channelId, 1) : undefined,
				answer: body,
			};
		}
		return {
			started: true,
			protocol: await this.protocolWith(contactId, channelId, LOOKUPS),
			recordId: textOf(field(answer, 'codid_protocolo')),
			answer: body,
		};
	}

	/** Channels of Facebook and Instagram are recognised where the list of channels tells them. */
	private async checkStartable(departmentId: string, channelId: string): Promise<void> {
		const channels = (await this.getChannels(departmentId)).map((entry) =>
			translateFields(entry, CHANNEL),
		);
		const channel = channels.find((entry) => entry.channelId === channelId);
		const platform = channel === undefined ? undefined : socialPlatformOf(channel);
		if (platform === undefined) return;
		throw invalidInput(
			`'Channel' is one of ${platform}, on which conversations cannot be started`,
			`Nothing was sent. On ${platform} the contact has to write first; choose a WhatsApp channel.`,
		);
	}

	/**
	 * The protocol of our newest conversation with a contact. Nothing where it cannot be found, because
	 * what was begun must not look like a failure.
	 */
	private async protocolWith(
		contactId: string,
		channelId: string,
		lookups: number,
	): Promise<string | undefined> {
		for (let lookup = 1; lookup <= lookups; lookup++) {
			if (lookup > 1) await sleep(LOOKUP_PAUSE);
			const conversations = await this.getActiveConversations().then(
				(entries) => entries.map(conversationIn),
				() => [],
			);
			const protocols = conversations
				.filter(
					(conversation) =>
						conversation.contactId === contactId &&
						(conversation.channelId === undefined || conversation.channelId === channelId),
				)
				.flatMap(({ protocol }) => textOf(protocol) ?? []);
			// A protocol begins with its date, so the greatest one of a length is the newest.
			const [newest] = protocols.sort((a, b) => b.length - a.length || (a < b ? 1 : -1));
			if (newest !== undefined) return newest;
		}
		return undefined;
	}

	/** Ends a conversation. */
	async finishConversation(handover: Handover): Promise<JsonValue> {
		return await this.handOver('finalizar', handover);
	}

	/** Hands a conversation to another agent. */
	async transferConversation(handover: Handover): Promise<JsonValue> {
		return await this.handOver('transferir', handover);
	}

	/** Ends a conversation and begins a new one for another agent in a department. */
	async transferAndFinishConversation(handover: Handover): Promise<JsonValue> {
		return await this.handOver('transferir_finalizar', handover);
	}

	private async handOver(
		action: 'finalizar' | 'transferir' | 'transferir_finalizar',
		{ conversation, isPortfolioClient, ...to }: Handover,
	): Promise<JsonValue> {
		const address = await this.addressOf(conversation);
		const check = isPortfolioClient === true ? '1' : '0';
		const answer = await this.call('send', '/finalizarAtendimento.php', (session) => ({
			action,
			protocolo: address.protocol,
			id_agente: session.agentId,
			id_canal_unico: address.channelId,
			new_id_agente: to.newAgentId ?? '',
			id_contato: address.contactId,
			codid_departamento: to.departmentId ?? '',
			nome_agente: this.agentName,
			codid_cliente: session.accountId,
			// The document's sample has the one word for the check, its text the other.
			carteirizado_check: check,
			fidelizado_check: check,
			selected_tabulacao: to.wrapUpCodeId ?? '',
			text_send: to.note ?? '',
		}));
		this.active = undefined;
		return answer;
	}

	/** Contacts of the account, found by name or number; all for an empty search. As they came. */
	async getContacts(search = ''): Promise<JsonObject[]> {
		return entriesIn(
			await this.call('read', '/servicoContatos.php', ({ accountId }) => ({
				action: 'select',
				codid_cliente: accountId,
				search,
				nome: '',
				numero: '',
				email: '',
			})),
		);
	}

	async createContact({ name, number, email }: NewContact): Promise<JsonValue> {
		return await this.call('send', '/servicoContatos.php', ({ accountId }) => ({
			action: 'insert',
			codid_cliente: accountId,
			search: '',
			nome: name,
			numero: number,
			email,
		}));
	}

	/** The tags that a conversation can have, as they came. */
	async getTags({ protocol, departmentId = '' }: TagReference): Promise<JsonObject[]> {
		return entriesIn(await this.callTags('read', 'select', { protocol, departmentId }));
	}

	/** Makes, changes, removes, sets or takes away a tag. */
	async changeTag(action: TagAction, tag: TagReference): Promise<JsonValue> {
		return await this.callTags('send', action, tag);
	}

	private async callTags(
		purpose: ProviderRequest['purpose'],
		action: 'select' | TagAction,
		{ protocol, tagId = '', name = '', departmentId = '' }: TagReference,
	): Promise<JsonValue> {
		return await this.call(
			purpose,
			'/servicoTags.php',
			({ agentId, accountId }) => ({
				protocolo: protocol,
				id_agente: agentId,
				action,
				tag: name,
				codid_tag: tagId,
				codid_cliente: accountId,
				departamento: departmentId,
			}),
			{ place: this.places.services },
		);
	}

	/** The quick replies of the department and of the agent, as they came. */
	async getQuickReplies(fields: QuickReplyFields): Promise<JsonObject[]> {
		return entriesIn(await this.callQuickReplies('read', 'select', fields));
	}

	/** Makes, changes or removes a quick reply of the agent. */
	async changeQuickReply(
		action: 'insert' | 'update' | 'remove',
		fields: QuickReplyFields,
	): Promise<JsonValue> {
		return await this.callQuickReplies('send', action, fields);
	}

	private async callQuickReplies(
		purpose: ProviderRequest['purpose'],
		action: 'select' | 'insert' | 'update' | 'remove',
		{ protocol, departmentId, quickReplyId, text, additional }: QuickReplyFields,
	): Promise<JsonValue> {
		return await this.call(
			purpose,
			'/servicoRespostasRapidas.php',
			({ agentId, accountId }) => ({
				protocolo: protocol ?? '',
				id_agente: agentId,
				resposta: text ?? '',
				codid_resposta: quickReplyId ?? '',
				codid_cliente: accountId,
				departamento: departmentId ?? '',
				...additional,
				action,
			}),
			{ place: this.places.services },
		);
	}

	/** Contacts that belong to the agent's portfolio, as they came. */
	async getPortfolio(): Promise<JsonObject[]> {
		return entriesIn(
			await this.call('read', '/buscaCarteirizacoes.php', ({ agentId }) => ({
				id_agente: agentId,
				action: 'select',
			})),
		);
	}

	/** Takes a contact out of the agent's portfolio. */
	async removeFromPortfolio(contactId: string, departmentId: string): Promise<JsonValue> {
		return await this.call('send', '/buscaCarteirizacoes.php', ({ agentId }) => ({
			id_agente: agentId,
			action: 'delete',
			codid_contato: contactId,
			codid_departamento: departmentId,
		}));
	}

	/** Gives the agent another password. The credential goes on holding the old one. */
	async changePassword(newPassword: string): Promise<JsonValue> {
		return await this.call('send', NEW_LOGIN_SERVICE, ({ agentId, accountId }) => ({
			id_agente: agentId,
			codid_cliente: accountId,
			// The credential adds the current one.
			senhaNovo: md5(newPassword),
		}));
	}

	/** The wrap-up codes that a conversation can be finished with, as they came. */
	async getWrapUpCodes(protocol: string): Promise<JsonObject[]> {
		return entriesIn(
			await this.call('read', '/buscaTabulacoes.php', ({ accountId }) => ({
				protocolo: protocol,
				codid_cliente: accountId,
			})),
		);
	}

	/**
	 * The channel and the contact of a conversation: what the caller knows of them, and for the rest
	 * the list of active conversations.
	 *
	 * @throws ProviderError (`invalid`) where the list does not tell them
	 */
	async addressOf(reference: ConversationReference): Promise<ConversationAddress> {
		const { protocol, channelId = '', contactId = '', isGroup } = reference;
		if (channelId !== '' && contactId !== '') {
			return { protocol, channelId, contactId, isGroup: isGroup ?? false };
		}
		const found = await this.findActive(protocol);
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
				? `The conversation ${protocol} is not among the active conversations of the agent`
				: `Voxfree does not tell ${missing} of the conversation ${protocol}`,
			`Nothing was sent. Open the conversation first, or enter ${missing} under 'Conversation Details'.`,
		);
	}

	/** The conversation in the agent's active list. Looked up at most once in a few seconds. */
	async findActive(protocol: string): Promise<Conversation | undefined> {
		const inList = async (list: Promise<Conversation[]>) =>
			(await list).find((conversation) => conversation.protocol === protocol);
		const known = this.active === undefined ? undefined : await inList(this.active.list);
		if (known !== undefined) return known;
		const age = this.active === undefined ? Infinity : Date.now() - this.active.at;
		if (age < ACTIVE_LIST_AGE) return undefined;
		const list = this.getActiveConversations().then((entries) => entries.map(conversationIn));
		this.active = { list, at: Date.now() };
		// A list that could not be had is asked for again by the next one.
		list.catch(() => (this.active = undefined));
		return await inList(list);
	}

	private async callAsAgent(path: string): Promise<JsonValue> {
		return await this.call('read', path, ({ agentId, accountId }) => ({
			id_agente: agentId,
			codid_cliente: accountId,
		}));
	}

	private async call(
		purpose: ProviderRequest['purpose'],
		path: string,
		bodyOf: (session: Session) => Fields,
		special: Special = {},
	): Promise<JsonValue> {
		// Before a login is made for nothing.
		checkIds(bodyOf(NOBODY));
		const session = await this.sessions.current();
		const answer = await this.attempt(purpose, path, bodyOf(session), special);
		if (!('refused' in answer)) return answer.body;
		if (!isUnknownAgent(answer.refused) || !this.sessions.mayHelpAgainst(path, answer.refused)) {
			throw refusal(answer.refused, answer.status);
		}
		// Nothing was carried out for an agent who is not known, so a send may be repeated too.
		const renewed = await this.sessions.renew(session);
		const second = await this.attempt(purpose, path, bodyOf(renewed), special);
		if (!('refused' in second)) return second.body;
		if (second.refused === answer.refused) this.sessions.wasNoHelpAgainst(path, second.refused);
		throw refusal(second.refused, second.status);
	}

	private async attempt(
		purpose: ProviderRequest['purpose'],
		path: string,
		fields: Fields,
		{ accepts, place = this.places.application, file }: Special,
	): Promise<{ body: JsonValue } | { refused: string; status: number }> {
		const answer = await this.request({
			method: 'POST',
			url: `${place}${path}`,
			body:
				file === undefined
					? fields
					: multipartBody({ fields: Object.entries(fields), fileField: 'file', file }),
			purpose,
			credentials: this.sessions.toStore(),
		});
		if (accepts?.(answer.body) === true) return { body: answer.body };
		const refused = refusalIn(answer.body);
		return refused === undefined ? { body: answer.body } : { refused, status: answer.status };
	}
}

/** A body of Voxfree: all of its values are text. */
type Fields = Record<string, string>;

interface Special {
	/** Whether an answer that looks like a failure is one that was reckoned with. */
	accepts?(body: JsonValue): boolean;
	/** Address of the service, if not the application's. */
	place?: string;
	/** Makes the request a form with a file. */
	file?: UploadFile;
}

const NOBODY: Session = {
	agentId: '0',
	accountId: '0',
	mustChangePassword: false,
	twoFactorAuthentication: false,
	telephony: false,
	loggedInAt: '',
};

/** Voxfree's names for ids, and the fields in which users enter them. */
const IDS: Readonly<Record<string, string>> = {
	protocolo: 'Conversation',
	id_canal_unico: 'Channel ID',
	id_canal: 'Channel',
	id_contato: 'Contact ID',
	codid_contato: 'Contact',
	departamento: 'Department',
	departamento_selecionado: 'Department',
	codid_departamento: 'Department',
	new_id_agente: 'New Agent',
	selected_tabulacao: 'Wrap-Up Code',
	reply_id: 'Reply to Message ID',
	id_last_message: 'Last Message ID',
	codid_template: 'Template',
	codid_tag: 'Tag',
	codid_resposta: 'Quick Reply',
};

/** IDs are digits in all samples; anything that is no letter or digit shows a mistake. */
const NO_ID = /[^\p{L}\p{N}_.@-]|^\.+$/u;

function checkIds(fields: Fields): void {
	for (const [name, value] of Object.entries(fields)) {
		const label = IDS[name];
		if (label === undefined || !NO_ID.test(value)) continue;
		throw invalidInput(
			`'${label}' is not an ID of Voxfree`,
			'IDs are digits without blanks, slashes or other characters. Nothing was sent.',
		);
	}
}

/** Voxfree understood who we are, but will not do what was asked. Not for a refused login. */
export class RefusedCall extends ProviderError {}

function refusal(words: string, status: number): ProviderError {
	return new RefusedCall('Voxfree did not accept the request', {
		kind: 'refused',
		description: `Voxfree says: ${words}`,
		httpStatus: status,
	});
}
