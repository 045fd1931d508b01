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
