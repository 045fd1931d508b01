import { invalidInput } from '../../shared/errors';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import type { ActiveConversations } from './ActiveConversations';
import type { CallService } from './callService';
import type { CredentialSession } from './SessionStore';
import { confirmationIn } from './wire/confirmations';
import { conversationIn, socialPlatformOf } from './wire/conversations';
import { field, isYes, textOf } from './wire/fields';
import { CHANNEL, translateFields } from './wire/vocabulary';

/** How a conversation started, or who serves the contact already. */
export type StartOutcome =
	| {
			started: true;
			/** Whether Voxfree's answer says so. Otherwise it only does not refuse. */
			isConfirmed: boolean;
			/** Identifies the conversation in all other calls; undefined if it could not be found. */
			protocol?: string;
			/** Voxfree's record of the conversation. No other call takes it. */
			recordId?: string;
			answer: JsonValue;
	  }
	| {
			started: false;
			servedByAgentId?: string;
			servedByAgentName?: string;
			servedByMe: boolean;
			/** Only if the agent of the credential serves the contact. */
			protocol?: string;
			answer: JsonValue;
	  };

/** How often the active list is searched for a new conversation, and the pause in milliseconds. */
const LOOKUPS = 3;
const LOOKUP_INTERVAL = 500;

interface Connections {
	active: ActiveConversations;
	call: CallService;
	session: CredentialSession;
	wait(milliseconds: number): Promise<void>;
}

/**
 * Starts a conversation and finds its protocol, which Voxfree's answer does not hold.
 *
 * @param channels the channels of the department
 * @throws ProviderError (`invalid`) for a channel on which only the contact can start
 */
export async function startConversation(
	to: { departmentId: string; channelId: string; contactId: string },
	channels: readonly JsonObject[],
	connections: Connections,
): Promise<StartOutcome> {
	const { call, session } = connections;
	checkStartable(channels, to.channelId);
	const body = await call(
		'change',
		'/novaConversaManual.php',
		({ agentId, accountId }) => ({
			id_agente: agentId,
			codid_cliente: accountId,
			id_canal: to.channelId,
			codid_contato: to.contactId,
			departamento: to.departmentId,
		}),
		// An answer that the contact is being served looks like a refusal.
		{ accepts: isBeingServed },
	);
	const answer = isJsonObject(body) ? body : {};
	if (!isBeingServed(body)) {
		return {
			started: true,
			isConfirmed: confirmationIn(body) === true,
			protocol: await findProtocol(to, connections, LOOKUPS),
			recordId: textOf(field(answer, 'codid_protocolo')),
			answer: body,
		};
	}
	const servedByAgentId = textOf(field(answer, 'agente_em_atendimento_codid'));
	const servedByMe = servedByAgentId === (await session.current()).agentId;
	return {
		started: false,
		servedByAgentId,
		servedByAgentName: textOf(field(answer, 'agente_em_atendimento_nome')),
		servedByMe,
		protocol: servedByMe ? await findProtocol(to, connections, 1) : undefined,
		answer: body,
	};
}

function isBeingServed(answer: JsonValue): boolean {
	return isJsonObject(answer) && isYes(field(answer, 'em_atendimento'));
}

/** Refuses Facebook and Instagram if the list of channels shows the platform. */
function checkStartable(channels: readonly JsonObject[], channelId: string): void {
	const channel = channels
		.map((entry) => translateFields(entry, CHANNEL))
		.find((entry) => entry.channelId === channelId);
	const platform = channel === undefined ? undefined : socialPlatformOf(channel);
	if (platform === undefined) return;
	throw invalidInput(
		`'Channel' is on ${platform}, where conversations cannot be started`,
		`Nothing was sent. On ${platform} the contact has to write first. Choose a WhatsApp channel.`,
	);
}

/**
 * The protocol of the newest conversation with a contact. Undefined if it cannot be found: a
 * conversation that has started must not look like a failure.
 */
async function findProtocol(
	{ contactId, channelId }: { contactId: string; channelId: string },
	{ active, wait }: Connections,
	lookups: number,
): Promise<string | undefined> {
	for (let lookup = 1; lookup <= lookups; lookup++) {
		if (lookup > 1) await wait(LOOKUP_INTERVAL);
		const entries = await active.read().catch(() => []);
		const protocols = entries
			.map(conversationIn)
			.filter(
				(conversation) =>
					conversation.contactId === contactId &&
					(conversation.channelId === undefined || conversation.channelId === channelId),
			)
			.flatMap(({ protocol }) => textOf(protocol) ?? []);
		// A protocol begins with its date, so the newest of one length is the greatest.
		const [newest] = protocols.sort((a, b) => b.length - a.length || (a < b ? 1 : -1));
		if (newest !== undefined) return newest;
	}
	return undefined;
}
