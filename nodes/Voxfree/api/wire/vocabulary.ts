import type { JsonObject } from '../../../shared/json';
import { firstField, isYes, normalizeKey, textOf } from './fields';

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

/** A name to show an entry by: the first of these fields, or any that looks like a name. */
export function nameIn(entry: JsonObject, names: readonly string[]): string | undefined {
	const named = textOf(firstField(entry, names));
	if (named !== undefined) return named;
	const found = Object.entries(entry).find(
		([key, value]) => /nome|name|descricao|titulo/i.test(key) && textOf(value) !== undefined,
	);
	return found === undefined ? undefined : textOf(found[1]);
}

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
	contactId: ['id_contato', 'codid_contato', 'codid', 'id'],
	name: ['nome', 'nome_contato', 'contato_nome'],
	number: ['numero', 'numero_contato', 'telefone', 'celular'],
	email: ['email'],
	note: ['obs', 'observacao'],
	photoUrl: ['img_perfil', 'foto', 'foto_perfil'],
};

export const DEPARTMENT: Vocabulary = {
	departmentId: [...DEPARTMENT_ID, 'codid', 'id'],
	name: ['nome', 'nome_departamento', 'departamento', 'descricao'],
};

export const CHANNEL: Vocabulary = {
	channelId: [...CHANNEL_ID, 'codid', 'id'],
	name: ['nome', 'nome_canal', 'canal', 'descricao'],
	type: ['tipo', 'tipo_canal', 'canal_tipo', 'plataforma', 'type'],
	number: ['numero', 'telefone', 'device'],
};

export const WRAP_UP_CODE: Vocabulary = {
	wrapUpCodeId: ['codid_tabulacao', 'id_tabulacao', 'codid', 'id'],
	name: ['nome', 'nome_tabulacao', 'tabulacao', 'descricao'],
	isOwn: ['personalizado'],
};

export const TAG: Vocabulary = {
	tagId: ['codid_tag', 'id_tag', 'codid', 'id'],
	name: ['tag', 'nome', 'nome_tag', 'descricao'],
	isOwn: ['personalizado'],
	isAttached: ['ativo', 'ativa', 'selecionada'],
};

export const QUICK_REPLY: Vocabulary = {
	quickReplyId: ['codid_resposta', 'id_resposta', 'codid', 'id'],
	title: ['titulo', 'atalho', 'nome'],
	text: ['resposta', 'mensagem', 'texto', 'conteudo', 'descricao'],
	isOwn: ['personalizado'],
};

export const TEMPLATE: Vocabulary = {
	templateId: ['codid', 'codid_template', 'id_template', 'id'],
	name: ['nome_template', 'nome'],
	imageUrl: ['imagem_template'],
};

export const PORTFOLIO: Vocabulary = {
	portfolioId: ['codid_carteirizacao', 'codid', 'id'],
	contactId: CONTACT_ID,
	contactName: ['nome_contato', 'contato_nome', 'contato', 'nome'],
	departmentId: DEPARTMENT_ID,
	departmentName: ['nome_departamento', 'departamento_nome', 'departamento'],
};
