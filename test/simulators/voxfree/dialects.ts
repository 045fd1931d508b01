import type { Settings } from './settings';

/**
 * How every list is answered, which the document shows as pictures only. `own`: under this simulator's
 * names, in the form of the setting `lists`. The others are what somebody else could make of the
 * document's words:
 *
 * - `split`: two lists beside `retorno`, by whose the entries are ("do departamento e do agente",
 *   individual chats and groups), and for the rest a list beside one of errors that is empty.
 * - `keyed`: a map within `dados`, whose keys are the ids or protocols, which the entries then lack.
 * - `nested`: a list beside `erros`, in the words of the events and requests, with the contact, the
 *   channel and the department as objects of their own.
 */
export type Dialect = 'own' | 'split' | 'keyed' | 'nested';

export type ListName =
	| 'canais'
	| 'carteirizacoes'
	| 'chats'
	| 'contatos'
	| 'departamentos'
	| 'respostas'
	| 'tabulacoes'
	| 'tags'
	| 'templates';

/** An entry under this simulator's own names. */
export type Row = Record<string, unknown>;

/** The body of an answer: a list of these entries, as the settings want it. */
export function listBody(
	name: ListName,
	rows: Row[],
	{ answers, lists }: Pick<Settings, 'answers' | 'lists'>,
): unknown {
	switch (answers) {
		case 'split':
			return { retorno: 'ok', ...split(name, rows) };
		case 'keyed':
			return { retorno: 'ok', dados: keyed(name, rows) };
		case 'nested':
			return { erros: [], dados: rows.map(nested[name]) };
		case 'own':
			return own(name, rows, lists);
	}
}

function own(name: ListName, rows: Row[], form: Settings['lists']): unknown {
	// The document prints this list.
	if (name === 'templates') return rows;
	if (form === 'object') return { retorno: 'ok', [name]: rows };
	if (form === 'keyed' && rows.length > 0) {
		return Object.fromEntries(rows.map((row, index) => [String(index * 2 + 1), row]));
	}
	return rows;
}

function split(name: ListName, rows: Row[]): Record<string, Row[]> {
	const isGroup = ({ tipo_chat: kind }: Row) => kind === 'grupo';
	const isPersonal = ({ personalizado }: Row) => personalizado === '1';
	const parts = (first: string, second: string, isSecond: (row: Row) => boolean) => ({
		[first]: rows.filter((row) => !isSecond(row)),
		[second]: rows.filter(isSecond),
	});
	switch (name) {
		case 'chats':
			return parts('chats', 'grupos', isGroup);
		case 'respostas':
		case 'tabulacoes':
		case 'tags':
			return parts('departamento', 'agente', isPersonal);
		default:
			return { erros: [], [name]: rows };
	}
}

/** PHP writes a map without entries as an empty list. */
function keyed(name: ListName, rows: Row[]): unknown {
	if (rows.length === 0) return [];
	const key = name === 'chats' ? 'protocolo' : 'codid';
	return Object.fromEntries(rows.map(({ [key]: id, ...rest }) => [String(id), rest]));
}

const nested: Record<ListName, (row: Row) => Row> = {
	canais: ({ codid, nome_canal, tipo_canal, numero }) => ({
		id_canal_unico: codid,
		canal: nome_canal,
		tipo: tipo_canal,
		numero,
	}),
	carteirizacoes: ({ codid, codid_contato, nome_contato, nome_departamento, ...rest }) => ({
		codid_carteirizacao: codid,
		codid_contato,
		contato: nome_contato,
		departamento: nome_departamento,
		...rest,
	}),
	chats: (row) => ({
		type: 'chat',
		tipo_chat: row.tipo_chat,
		protocolo_atual: row.protocolo,
		[row.tipo_chat === 'grupo' ? 'grupo' : 'contato']: {
			id_contato: row.id_contato,
			nome: row.nome_contato,
			numero: row.numero_contato,
		},
		canal: {
			codid_canal: row.id_canal_unico,
			nome_canal: row.nome_canal,
			tipo_canal: row.tipo_canal,
		},
		departamento: {
			codid_departamento: row.codid_departamento,
			nome_departamento: row.nome_departamento,
		},
		agente_responsavel: row.id_agente,
		nome_agente: row.nome_agente,
		id_last_message: row.id_last_message,
		content: row.ultima_mensagem,
		timestamp: row.timestamp,
	}),
	contatos: ({ codid, nome, numero, email }) => ({
		codid_contato: codid,
		nome_contato: nome,
		numero,
		email,
	}),
	departamentos: ({ codid, nome_departamento }) => ({
		codid_departamento: codid,
		departamento: nome_departamento,
	}),
	respostas: ({ codid, titulo, resposta, personalizado }) => ({
		codid_resposta: codid,
		titulo,
		mensagem: resposta,
		personalizado,
	}),
	tabulacoes: ({ codid, nome_tabulacao, personalizado }) => ({
		codid_tabulacao: codid,
		tabulacao: nome_tabulacao,
		personalizado,
	}),
	tags: ({ codid, tag, personalizado, ativo }) => ({
		codid_tag: codid,
		nome_tag: tag,
		personalizado,
		ativo,
	}),
	templates: ({ codid, nome_template, imagem_template }) => ({
		codid_template: codid,
		nome_template,
		imagem_template,
	}),
};
