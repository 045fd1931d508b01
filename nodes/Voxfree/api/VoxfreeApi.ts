import type { Downloads } from '../../shared/files/download';
import type { UploadFile } from '../../shared/files/UploadFile';
import type { ProviderRequest } from '../../shared/http/types';
import type { JsonObject, JsonValue } from '../../shared/json';
import { withoutUnreadable } from '../../shared/lists';
import { ActiveConversations } from './ActiveConversations';
import type { CallService } from './callService';
import { readConversationList } from './conversationLists';
import { handoverFields } from './handover';
import type { HandoverAction } from './handover';
import { md5, LOGIN_CHANGE_SERVICE } from './login';
import type { Session } from './login';
import { startConversation } from './startConversation';
import type { StartOutcome } from './startConversation';
import type {
	ConversationReference,
	Handover,
	NewContact,
	QuickReplyFields,
	TagAction,
	TagReference,
	VoxfreeApiOptions,
} from './types';
import type { Conversation } from './wire/conversations';
import type { ConversationList, Place } from './wire/conversationList';
import { entriesIn } from './wire/lists';
import type { ListName } from './wire/lists';
import { newMessagesIn } from './wire/messages';

/**
 * Voxfree's mobile API as plain calls. They reject with a `ProviderError`, lists that cannot be read
 * with an `UnreadableList`, and return Voxfree's answers untranslated; `wire/` reads them.
 */
export class VoxfreeApi {
	private readonly active: ActiveConversations;

	constructor(
		private readonly call: CallService,
		private readonly options: VoxfreeApiOptions,
	) {
		this.active = new ActiveConversations(call);
	}

	/**
	 * The agent's session.
	 *
	 * @param verified first asks Voxfree whether it still knows the agent, and logs in again if not
	 */
	async getSession(verified = false): Promise<Session> {
		if (verified) await this.callDepartments();
		return await this.options.session.current();
	}

	/** Routes conversations to the agent. */
	async setOnline(): Promise<JsonValue> {
		return await this.setStatus('1');
	}

	/** Stops routing conversations to the agent. */
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

	/** The conversations that the agent is serving. */
	async getActiveConversations(): Promise<JsonObject[]> {
		return await this.active.read();
	}

	/** The conversations that wait for an agent. */
	async getWaitingConversations(): Promise<JsonObject[]> {
		return (await this.listConversations('waiting')).entries;
	}

	/** The conversations in one of the two places, with what is known of the answer. */
	async listConversations(place: Place): Promise<ConversationList> {
		return await readConversationList(this.call, place);
	}

	/** A conversation that the agent is serving, from a list that may be a few seconds old. */
	async findActiveConversation(protocol: string): Promise<Conversation | undefined> {
		return await this.active.find(protocol);
	}

	/** A conversation with its contact and messages. Assigns it to the agent if no agent has it. */
	async openConversation(protocol: string): Promise<JsonValue> {
		return await this.call('read', '/buscaChat.php', ({ agentId }) => ({
			protocolo: protocol,
			id_agente: agentId,
		}));
	}

	/**
	 * The messages of a conversation after a certain one.
	 *
	 * @param withOthers also what stands among them and is not a message
	 * @throws UnreadableList
	 */
	async getNewMessages(
		conversation: ConversationReference,
		lastMessageId: string,
		withOthers = false,
	): Promise<JsonObject[]> {
		const address = await this.active.addressOf(conversation);
		const answer = await this.call('read', '/buscaMensagem.php', ({ agentId }) => ({
			protocolo: address.protocol,
			id_agente: agentId,
			id_last_message: lastMessageId,
			id_canal_unico: address.channelId,
			id_contato: address.contactId,
			is_group: address.isGroup ? '1' : '0',
		}));
		return newMessagesIn(answer, withOthers);
	}

	/** The departments of the agent. */
	async getDepartments(): Promise<JsonObject[]> {
		return entriesIn(await this.callDepartments(), 'departments');
	}

	private async callDepartments(): Promise<JsonValue> {
		return await this.call('read', '/buscaDepartamentos.php', ({ agentId }) => ({
			id_agente: agentId,
		}));
	}

	/** The channels of a department. */
	async getChannels(departmentId: string): Promise<JsonObject[]> {
		return await this.list('channels', '/buscaCanais.php', ({ agentId }) => ({
			id_agente: agentId,
			departamento_selecionado: departmentId,
		}));
	}

	/** Sends a text to the contact, as a reply to the message `replyTo` if there is one. */
	async sendText(
		conversation: ConversationReference,
		text: string,
		replyTo = '',
	): Promise<JsonValue> {
		const address = await this.active.addressOf(conversation);
		return await this.call('send', '/enviaMensagem.php', ({ agentId, accountId }) => ({
			protocolo: address.protocol,
			id_agente: agentId,
			id_canal_unico: address.channelId,
			id_contato: address.contactId,
			is_group: address.isGroup ? '1' : '0',
			nome_agente: this.options.agentName,
			reply_id: replyTo,
			codid_cliente: accountId,
			mensagem: text,
		}));
	}

	/** Sends a file to the contact. It is read while it is sent. */
	async sendFile(
		conversation: ConversationReference,
		file: UploadFile,
		caption = '',
		replyTo = '',
	): Promise<JsonValue> {
		const address = await this.active.addressOf(conversation);
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

	/** Files that messages link to. They are not in Voxfree's API, and get no credentials. */
	get files(): Downloads {
		return this.options.files;
	}

	/** The templates of the conversation's channel. */
	async getTemplates(protocol: string): Promise<JsonObject[]> {
		return await this.list('templates', '/templatesWhatsapp.php', ({ agentId }) => ({
			protocolo: protocol,
			id_agente: agentId,
			action: 'select',
		}));
	}

	/** Sends a template. WhatsApp allows it at any time. */
	async sendTemplate(protocol: string, templateId: string): Promise<JsonValue> {
		return await this.call('send', '/templatesWhatsapp.php', ({ agentId }) => ({
			protocolo: protocol,
			id_agente: agentId,
			action: 'send_template',
			codid_template: templateId,
		}));
	}

	/**
	 * Starts a conversation with a contact.
	 *
	 * @throws ProviderError (`invalid`) for a channel on which only the contact can start
	 */
	async startConversation(
		departmentId: string,
		channelId: string,
		contactId: string,
	): Promise<StartOutcome> {
		const channels = await this.getChannels(departmentId).catch(withoutUnreadable);
		const outcome = await startConversation({ departmentId, channelId, contactId }, channels, {
			...this.options,
			active: this.active,
			call: this.call,
		});
		this.active.invalidate();
		return outcome;
	}

	/** Ends a conversation. */
	async finishConversation(handover: Handover): Promise<JsonValue> {
		return await this.handOver('finalizar', handover);
	}

	/** Transfers a conversation to another agent. */
	async transferConversation(handover: Handover): Promise<JsonValue> {
		return await this.handOver('transferir', handover);
	}

	/** Ends a conversation and starts a new one for another agent in a department. */
	async transferAndFinishConversation(handover: Handover): Promise<JsonValue> {
		return await this.handOver('transferir_finalizar', handover);
	}

	private async handOver(action: HandoverAction, handover: Handover): Promise<JsonValue> {
		const address = await this.active.addressOf(handover.conversation);
		const answer = await this.call('change', '/finalizarAtendimento.php', (session) =>
			handoverFields(action, handover, address, session, this.options.agentName),
		);
		this.active.invalidate();
		return answer;
	}

	/** Contacts of the account with a name or number like this; all for an empty search. */
	async getContacts(search = ''): Promise<JsonObject[]> {
		return await this.list('contacts', '/servicoContatos.php', ({ accountId }) => ({
			action: 'select',
			codid_cliente: accountId,
			search,
			nome: '',
			numero: '',
			email: '',
		}));
	}

	/** Adds a contact, even if there is one with the same number. */
	async createContact({ name, number, email }: NewContact): Promise<JsonValue> {
		return await this.call('change', '/servicoContatos.php', ({ accountId }) => ({
			action: 'insert',
			codid_cliente: accountId,
			search: '',
			nome: name,
			numero: number,
			email,
		}));
	}

	/** The tags available to a conversation. */
	async getTags({ protocol, departmentId = '' }: TagReference): Promise<JsonObject[]> {
		return entriesIn(await this.callTags('read', 'select', { protocol, departmentId }), 'tags');
	}

	/** Creates, renames, deletes, attaches or detaches a tag. */
	async changeTag(action: TagAction, tag: TagReference): Promise<JsonValue> {
		return await this.callTags('change', action, tag);
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
			{ host: 'services' },
		);
	}

	/** The quick replies of the department and of the agent. */
	async getQuickReplies(fields: QuickReplyFields): Promise<JsonObject[]> {
		return entriesIn(await this.callQuickReplies('read', 'select', fields), 'quickReplies');
	}

	/** Creates, changes or deletes a quick reply of the agent. */
	async changeQuickReply(
		action: 'insert' | 'update' | 'remove',
		fields: QuickReplyFields,
	): Promise<JsonValue> {
		return await this.callQuickReplies('change', action, fields);
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
			{ host: 'services' },
		);
	}

	/** The contacts in the agent's portfolio. */
	async getPortfolio(): Promise<JsonObject[]> {
		return await this.list('portfolio', '/buscaCarteirizacoes.php', ({ agentId }) => ({
			id_agente: agentId,
			action: 'select',
		}));
	}

	/** Removes a contact from the agent's portfolio. */
	async removeFromPortfolio(contactId: string, departmentId: string): Promise<JsonValue> {
		return await this.call('change', '/buscaCarteirizacoes.php', ({ agentId }) => ({
			id_agente: agentId,
			action: 'delete',
			codid_contato: contactId,
			codid_departamento: departmentId,
		}));
	}

	/** Changes the agent's password. The credential keeps the old one. */
	async changePassword(newPassword: string): Promise<JsonValue> {
		return await this.call('change', LOGIN_CHANGE_SERVICE, ({ agentId, accountId }) => ({
			id_agente: agentId,
			codid_cliente: accountId,
			// The credential adds the current password.
			senhaNovo: md5(newPassword),
		}));
	}

	/** The wrap-up codes with which a conversation can be finished. */
	async getWrapUpCodes(protocol: string): Promise<JsonObject[]> {
		return await this.list('wrapUpCodes', '/buscaTabulacoes.php', ({ accountId }) => ({
			protocolo: protocol,
			codid_cliente: accountId,
		}));
	}

	private async list(
		list: ListName,
		service: string,
		fieldsOf: Parameters<CallService>[2],
	): Promise<JsonObject[]> {
		return entriesIn(await this.call('read', service, fieldsOf), list);
	}
}
