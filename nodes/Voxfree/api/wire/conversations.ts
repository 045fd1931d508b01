import { isJsonObject } from '../../../shared/json';
import type { JsonObject } from '../../../shared/json';
import { normalizeKey } from '../../../shared/text';
import { field, isYes, keyOf, textOf } from './fields';
import { CHANNEL_ID, CONTACT_ID, DEPARTMENT_ID, GROUP_ID, translateFields } from './vocabulary';
import type { Vocabulary } from './vocabulary';

/** An entry of the list of active or of waiting conversations. */
export interface Conversation extends JsonObject {
	isGroup: boolean;
}

export const CONVERSATION: Vocabulary = {
	protocol: ['protocolo', 'protocolo_atual', 'numero_protocolo'],
	contactName: ['nome_contato', 'contato_nome', 'nome_grupo', 'contato', 'nome'],
	contactNumber: ['numero_contato', 'contato_numero', 'numero', 'telefone', 'celular'],
	channelId: CHANNEL_ID,
	channelName: ['nome_canal', 'canal_nome', 'canal'],
	channelType: ['tipo_canal', 'canal_tipo'],
	departmentId: DEPARTMENT_ID,
	departmentName: ['nome_departamento', 'departamento_nome', 'departamento'],
	agentId: ['id_agente', 'codid_agente', 'agente_responsavel', 'agente_codid', 'agente_id'],
	agentName: ['nome_agente', 'agente_nome', 'agente'],
	lastMessageId: ['id_last_message', 'id_ultima_mensagem', 'codid_ultima_mensagem'],
};

/** Parts of a conversation that may be objects of their own. */
const PARTS = ['contato', 'grupo', 'canal', 'departamento', 'agente'];

/** Reads one entry of the active or the waiting list. For a group, the contact ID is the group's. */
export function conversationIn(entry: JsonObject): Conversation {
	const flat: JsonObject = {};
	for (const [key, value] of Object.entries(entry)) {
		if (!isJsonObject(value) || !PARTS.includes(normalizeKey(key))) {
			flat[key] = value;
			continue;
		}
		for (const [inner, innerValue] of Object.entries(value)) {
			const known = normalizeKey(inner).includes(normalizeKey(key));
			const whole = known ? inner : `${inner === 'id' ? 'codid' : inner}_${normalizeKey(key)}`;
			flat[whole] ??= innerValue;
		}
	}
	const isGroup =
		/^grupo$/i.test(textOf(field(flat, 'tipo_chat')) ?? '') || isYes(field(flat, 'is_group'));
	const words = translateFields(flat, {
		...CONVERSATION,
		contactId: isGroup ? [...GROUP_ID, ...CONTACT_ID] : CONTACT_ID,
	});
	const type = keyOf(words, 'tipo_chat');
	if (type !== undefined) delete words[type];
	return { ...words, isGroup };
}

/**
 * The protocol of an entry; undefined where it has none. What is no number in any way stands for
 * nothing: "null", "-".
 */
export function protocolIn(entry: JsonObject): string | undefined {
	const protocol = textOf(conversationIn(entry).protocol)?.trim() ?? '';
	return /[1-9]/.test(protocol) ? protocol : undefined;
}

/** Platforms on which only the contact can start a conversation. */
const SOCIAL = /instagram|facebook|messenger/i;

/** The platform of a channel on which no conversation can be started, if the channel shows it. */
export function socialPlatformOf(channel: JsonObject): 'Facebook' | 'Instagram' | undefined {
	const kinds = Object.entries(channel).filter(
		([key, value]) => /tipo|type|plataforma|rede|origem|provedor|api/i.test(key) && textOf(value),
	);
	const named = textOf(channel.name);
	const words = kinds.length > 0 ? kinds.map(([, value]) => textOf(value)).join(' ') : named;
	const found = SOCIAL.exec(words ?? '')?.[0].toLowerCase();
	if (found === undefined) return undefined;
	return found === 'instagram' ? 'Instagram' : 'Facebook';
}
