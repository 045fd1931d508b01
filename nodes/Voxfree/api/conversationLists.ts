import type { CallService } from './callService';
import { conversationListIn } from './wire/conversationList';
import type { ConversationList, Place } from './wire/conversationList';

const SERVICES: Readonly<Record<Place, string>> = {
	active: '/chatsAtivos.php',
	waiting: '/chatsEspera.php',
};

/**
 * One of the two lists of conversations, as Voxfree has it now.
 *
 * @throws UnreadableList
 */
export async function readConversationList(
	call: CallService,
	place: Place,
): Promise<ConversationList> {
	const answer = await call('read', SERVICES[place], ({ agentId, accountId }) => ({
		id_agente: agentId,
		codid_cliente: accountId,
	}));
	return conversationListIn(answer);
}
