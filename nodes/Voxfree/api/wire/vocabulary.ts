import type { JsonObject } from '../../../shared/json';
import { looksLikeOwnName } from '../../../shared/listWords';
import { normalizeKey } from '../../../shared/text';
import { firstField, isYes, textOf } from './fields';

/**
 * Our name of a field, and Voxfree's names for it in the order in which they are looked for. Ours
 * begins with `is` if the field is a flag.
 */
export type Vocabulary = Readonly<Record<string, readonly string[]>>;

/**
 * An entry under our names: recognised fields translated, IDs as text, everything else unchanged
 * under Voxfree's name.
 */
export function translateFields(entry: JsonObject, vocabulary: Vocabulary): JsonObject {
	const recognised: JsonObject = {};
	const taken = new Set<string>();
	for (const [ours, theirs] of Object.entries(vocabulary)) {
		for (const name of theirs) {
			const wanted = normalizeKey(name);
			const key = Object.keys(entry).find(
				(candidate) => normalizeKey(candidate) === wanted && !taken.has(candidate),
			);
			const value = key === undefined ? undefined : entry[key];
			if (key === undefined || value === undefined) continue;
			// An empty field is dropped under any of its names.
			taken.add(key);
			if (value === null || value === '') continue;
			recognised[ours] = /^is[A-Z]/.test(ours) ? isYes(value) : (textOf(value) ?? value);
			break;
		}
	}
	const rest = Object.entries(entry).filter(([key]) => !taken.has(key));
	return { ...recognised, ...Object.fromEntries(rest) };
}

/**
 * A name to show an entry by: the first of these fields, or any that looks like a name and is not that
 * of something else.
 */
export function nameIn(entry: JsonObject, names: readonly string[]): string | undefined {
	const named = textOf(firstField(entry, names));
	if (named !== undefined) return named;
	const found = Object.entries(entry).find(
		([key, value]) => looksLikeOwnName(key) && textOf(value) !== undefined,
	);
	return found === undefined ? undefined : textOf(found[1]);
}

/** Fields that are the ID of whatever they stand in. */
export const PLAIN_ID = ['codid', 'id', 'codigo', 'cod'];

export const CONTACT_ID = ['id_contato', 'codid_contato', 'contato_codid', 'contato_id'];
export const GROUP_ID = ['id_grupo', 'codid_grupo', 'grupo_codid', 'grupo_id'];
export const CHANNEL_ID = ['id_canal_unico', 'codid_canal', 'id_canal', 'canal_codid', 'canal_id'];
export const DEPARTMENT_ID = [
	'codid_departamento',
	'id_departamento',
	'departamento_codid',
	'departamento_id',
];

/** Fields of an opened conversation besides its contact and messages. */
export const OPENED: Vocabulary = {
	isPortfolioAllowed: ['carteirizacao'],
	portfolioId: ['codid_carteirizacao'],
	portfolioAgentId: ['agente_carteirizado_codid'],
	portfolioAgentName: ['agente_carteirizado'],
	isDeletingAllowed: ['permite_excluir'],
	isReadingDeletedAllowed: ['permite_ler_excluido'],
};

export const CONTACT: Vocabulary = {
	contactId: [...CONTACT_ID, ...PLAIN_ID],
	name: ['nome_contato', 'contato_nome', 'nome'],
	number: ['numero', 'numero_contato', 'telefone', 'celular', 'whatsapp'],
	email: ['email'],
	note: ['obs', 'observacao'],
	photoUrl: ['img_perfil', 'foto', 'foto_perfil'],
};

export const DEPARTMENT: Vocabulary = {
	departmentId: [...DEPARTMENT_ID, ...PLAIN_ID],
	name: ['nome_departamento', 'nome', 'departamento', 'descricao'],
};

export const CHANNEL: Vocabulary = {
	channelId: [...CHANNEL_ID, ...PLAIN_ID],
	name: ['nome_canal', 'nome', 'canal', 'descricao'],
	type: ['tipo', 'tipo_canal', 'canal_tipo', 'plataforma', 'type'],
	number: ['numero', 'telefone', 'device'],
};

export const WRAP_UP_CODE: Vocabulary = {
	wrapUpCodeId: ['codid_tabulacao', 'id_tabulacao', ...PLAIN_ID],
	name: ['nome_tabulacao', 'nome', 'tabulacao', 'descricao'],
	isOwn: ['personalizado'],
};

export const TAG: Vocabulary = {
	tagId: ['codid_tag', 'id_tag', ...PLAIN_ID],
	name: ['tag', 'nome_tag', 'nome', 'descricao'],
	isOwn: ['personalizado'],
	isAttached: ['ativo', 'ativa', 'selecionada'],
};

export const QUICK_REPLY: Vocabulary = {
	quickReplyId: ['codid_resposta', 'id_resposta', ...PLAIN_ID],
	title: ['titulo', 'atalho', 'nome'],
	text: ['resposta', 'mensagem', 'texto', 'conteudo', 'descricao'],
	isOwn: ['personalizado'],
};

export const TEMPLATE: Vocabulary = {
	templateId: ['codid_template', 'id_template', ...PLAIN_ID],
	name: ['nome_template', 'nome'],
	imageUrl: ['imagem_template'],
};

export const PORTFOLIO: Vocabulary = {
	portfolioId: ['codid_carteirizacao', 'id_carteirizacao', ...PLAIN_ID],
	contactId: CONTACT_ID,
	contactName: ['nome_contato', 'contato_nome', 'contato', 'nome'],
	departmentId: DEPARTMENT_ID,
	departmentName: ['nome_departamento', 'departamento_nome', 'departamento'],
};
