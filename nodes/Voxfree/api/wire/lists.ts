import type { JsonObject, JsonValue } from '../../../shared/json';
import { readList, UnreadableList } from '../../../shared/lists';
import type { EntryShape, ListOutcome } from '../../../shared/lists';
import { CONVERSATION } from './conversations';
import {
	CHANNEL,
	CONTACT,
	DEPARTMENT,
	PLAIN_ID,
	PORTFOLIO,
	QUICK_REPLY,
	TAG,
	TEMPLATE,
	WRAP_UP_CODE,
} from './vocabulary';
import type { Vocabulary } from './vocabulary';

/** What the lists of Voxfree hold. The document shows most of them as pictures only. */

function shapeOf(
	vocabulary: Vocabulary,
	idField: string,
	nameFields: readonly string[],
	nouns: string,
): EntryShape {
	const ids = vocabulary[idField] ?? [];
	return {
		ownIds: ids.filter((name) => !PLAIN_ID.includes(name)),
		plainIds: PLAIN_ID,
		names: nameFields.flatMap((name) => vocabulary[name] ?? []),
		nouns: nouns.split(' '),
		keyField: 'codid',
		nameField: 'nome',
		scalarField: 'value',
	};
}

const CONVERSATION_WORDS =
	'chat chats conversa conversas atendimento atendimentos grupo grupos espera fila ativo ativos';

/** What conversations are called. A part of an answer under one of these names holds them. */
export const CONVERSATION_NOUNS: ReadonlySet<string> = new Set(CONVERSATION_WORDS.split(' '));

const LISTS = {
	channels: shapeOf(CHANNEL, 'channelId', ['name'], 'canal canais'),
	contacts: shapeOf(CONTACT, 'contactId', ['name', 'number'], 'contato contatos'),
	// Who is missing here counts as finished, so nothing in these lists may be misunderstood.
	conversations: {
		...shapeOf(CONVERSATION, 'protocol', ['contactName', 'contactNumber'], CONVERSATION_WORDS),
		keyField: 'protocolo',
		scalarField: undefined,
		strict: true,
	},
	departments: shapeOf(
		DEPARTMENT,
		'departmentId',
		['name'],
		'departamento departamentos setor setores',
	),
	portfolio: shapeOf(
		PORTFOLIO,
		'portfolioId',
		['contactName'],
		'carteirizacao carteirizacoes carteirizado carteirizados',
	),
	quickReplies: shapeOf(
		QUICK_REPLY,
		'quickReplyId',
		['title', 'text'],
		'resposta respostas respostasrapidas',
	),
	tags: shapeOf(TAG, 'tagId', ['name'], 'tag tags etiqueta etiquetas'),
	templates: shapeOf(TEMPLATE, 'templateId', ['name'], 'template templates modelo modelos'),
	wrapUpCodes: shapeOf(WRAP_UP_CODE, 'wrapUpCodeId', ['name'], 'tabulacao tabulacoes'),
} satisfies Record<string, EntryShape>;

/** The lists that can be asked for. */
export type ListName = keyof typeof LISTS;

/** Reads an answer that should be one of the lists. */
export function listIn(body: JsonValue, list: ListName): ListOutcome {
	return readList(body, LISTS[list]);
}

/**
 * The entries of a list, untranslated.
 *
 * @throws UnreadableList if the answer is neither a list nor says that there is nothing
 */
export function entriesIn(body: JsonValue, list: ListName): JsonObject[] {
	const outcome = listIn(body, list);
	if (outcome.kind === 'unreadable') throw new UnreadableList('Voxfree', body);
	return outcome.kind === 'records' ? outcome.records : [];
}
