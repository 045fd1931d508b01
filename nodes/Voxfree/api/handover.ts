import type { Fields } from './callService';
import type { ConversationAddress } from './ActiveConversations';
import type { Session } from './login';
import type { Handover } from './types';

/** Ends a conversation, gives it to another agent, or does both under a new protocol. */
export type HandoverAction = 'finalizar' | 'transferir' | 'transferir_finalizar';

/** The body of the call that ends or transfers a conversation. */
export function handoverFields(
	action: HandoverAction,
	{ isPortfolioClient, ...to }: Handover,
	address: ConversationAddress,
	{ agentId, accountId }: Session,
	agentName: string,
): Fields {
	const check = isPortfolioClient === true ? '1' : '0';
	return {
		action,
		protocolo: address.protocol,
		id_agente: agentId,
		id_canal_unico: address.channelId,
		new_id_agente: to.newAgentId ?? '',
		id_contato: address.contactId,
		codid_departamento: to.departmentId ?? '',
		nome_agente: agentName,
		codid_cliente: accountId,
		// The document's sample has one name of the checkbox, its text the other.
		carteirizado_check: check,
		fidelizado_check: check,
		selected_tabulacao: to.wrapUpCodeId ?? '',
		text_send: to.note ?? '',
	};
}
