import { normalizeKey } from './text';

/** Words of the envelopes that lists come in, as `normalizeKey` writes them. */

/** Parts of an answer that describe it. They hold no entries. */
export const ASIDE = new Set(
	(
		'avisos aviso warnings warning links link meta metadata paginacao pagination pagina page ' +
		'permissoes permissions filtros filters filtro filter debug config mensagens messages'
	).split(' '),
);
/** Names of parts that hold whatever the answer is about. */
export const CONTAINERS = new Set(
	(
		'dados dado data lista list itens items item registros registro records record resultado ' +
		'resultados result results rows conteudo content retorno response resposta'
	).split(' '),
);
/** Names of objects that say who or where, beside the entries. */
export const CONTEXT = new Set(
	(
		'agente agentes agent agents atendente atendentes operador operadores usuario usuarios user users ' +
		'contato contatos contact contacts cliente clientes client clients customer canal canais channel ' +
		'channels departamento departamentos department departments setor setores grupo grupos group ' +
		'groups conta account empresa company sessao session'
	).split(' '),
);
export const COUNTS = new Set(
	'total count quantidade qtd qtde totalregistros registros'.split(' '),
);

/** What an entry may name besides itself: `nome_cliente` in a contact is the account's name. */
const OTHERS =
	/cliente|client|customer|conta(?!t)|account|empresa|company|agente|agent|atendente|operador|usuario|user|contato|contact|canal|channel|departamento|department|parent|grupo|group|template|modelo|tag|tabulacao|arquivo|file|campanha/;

/** Whether a field of an entry looks like its name, and not like that of something else. */
export function looksLikeOwnName(key: string): boolean {
	const name = normalizeKey(key);
	return /nome|name|descricao|description|titulo|title/.test(name) && !OTHERS.test(name);
}
