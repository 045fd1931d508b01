import type { JsonObject, JsonValue } from './json';
import { beginningOf, foldText, normalizeKey } from './text';

/** Names of fields that hold errors. */
const ERROR_NAMES = new Set(
	'error errors erro erros falha falhas failure failures fault exception excecao'.split(' '),
);

/** Names of fields that say how a request went. */
const VERDICT_NAMES = new Set(
	'retorno status success sucesso ok result resultado situacao update'.split(' '),
);

const POSITIVE = /^(ok|okay|true|sim|yes|1|2\d\d|success|successful|sucesso|concluido|done)\b/;
const NEGATIVE =
	/^(falh|erro|fail|false$|excecao|exception|invalid|negad|denied|unauthor|forbidden)/;
const NOTHING = new Set(['', '0', 'false', 'nao', 'no', 'n', 'none', 'null', 'nenhum', 'nenhuma']);

/** What the words of an envelope say about the request. */
export type Verdict = 'ok' | 'failed' | 'unknown';

/**
 * How a request went, by the fields of one object of its answer. `unknown` if a field says so in words
 * that mean neither.
 *
 * @param isEntry whether the object holds data as well, whose texts say nothing of the request
 */
export function verdictOf(envelope: JsonObject, isEntry = false): Verdict {
	let verdict: Verdict = 'ok';
	for (const [key, value] of Object.entries(envelope)) {
		if (/^\d+$/.test(key) || (isEntry && !isVerdictName(normalizeKey(key)))) continue;
		const one = verdictOfField(normalizeKey(key), value);
		if (one === 'failed') return 'failed';
		if (one === 'unknown') verdict = 'unknown';
	}
	return verdict;
}

function verdictOfField(name: string, value: JsonValue): Verdict {
	if (isErrorName(name)) return holdsSomething(value) ? 'failed' : 'ok';
	if (typeof value === 'string' && NEGATIVE.test(beginningOf(value))) return 'failed';
	if (!VERDICT_NAMES.has(name)) return 'ok';
	if (value === false) return 'failed';
	if (typeof value === 'number') {
		return value === 1 || (value >= 200 && value < 300) ? 'ok' : 'unknown';
	}
	if (typeof value !== 'string') return 'ok';
	return POSITIVE.test(beginningOf(value)) || saysNone(value) ? 'ok' : 'unknown';
}

/** Whether a field of this name, as `normalizeKey` writes it, is for errors. */
export function isErrorName(name: string): boolean {
	return ERROR_NAMES.has(name);
}

/** Whether a field of this name says how the request went, and holds no data. */
export function isVerdictName(name: string): boolean {
	return VERDICT_NAMES.has(name) || ERROR_NAMES.has(name);
}

function holdsSomething(value: JsonValue): boolean {
	if (Array.isArray(value)) return value.length > 0;
	if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
	return !NOTHING.has(beginningOf(String(value)));
}

const NONE =
	/^(nenhum|nenhuma|nao ha|nao existem?|nao possui|nao tem|nao foi|nao foram|sem|no|none|nothing|nada|not)$/;
const THINGS = new Set(
	(
		'registro registros resultado resultados dado dados item itens conversa conversas atendimento ' +
		'atendimentos chat chats contato contatos departamento departamentos setor setores canal canais ' +
		'tag tags etiqueta etiquetas resposta respostas rapida rapidas template templates modelo modelos ' +
		'tabulacao tabulacoes carteirizacao carteirizacoes carteirizado carteirizados cliente clientes ' +
		'grupo grupos mensagem mensagens nova novas novo novos record records result results data items ' +
		'conversation conversations contact contacts department departments channel channels message ' +
		'messages entry entries'
	).split(' '),
);
const FURTHER = new Set(
	(
		'encontrado encontrada encontrados encontradas localizado localizada localizados localizadas ' +
		'cadastrado cadastrada cadastrados cadastradas disponivel disponiveis existente existentes ativo ' +
		'ativa ativos ativas em espera andamento atendimento na no fila aguardando momento para exibir ' +
		'este esta agente a o ha mais foi foram existe existem possui tem nao nenhum nenhuma qualquer um ' +
		'uma were was are is there to show found available yet active waiting of for exist this matching'
	).split(' '),
);

/** What every list holds. Other words in the singular may mean something else: "Sem resposta". */
const GENERAL = /^(registro|resultado|dado|item|record|result|data|entry)s?$/;
const EMPTY = /^((lista|fila|queue|list) )?(esta |is )?(vazi[ao]|empty)$/;

/**
 * Whether a sentence says that there is none of what was asked for, such as "Nenhum registro
 * encontrado". All of its words have to be known: "Nenhum agente logado" is about something else.
 */
export function saysNone(text: string): boolean {
	if (text.length > 120) return false;
	const words = foldText(text)
		.replace(/[.!,:;"'()-]/g, ' ')
		.split(/\s+/)
		.filter((word) => word !== '');
	if (EMPTY.test(words.join(' '))) return true;
	const [first = '', second = ''] = words;
	const isKnown = (word: string) => THINGS.has(word) || FURTHER.has(word) || NONE.test(word);
	if (!words.every(isKnown)) return false;
	if (first === 'nada' || first === 'nothing') return true;
	if (first === 'sem') return words.some((word) => GENERAL.test(word) || isPlural(word));
	if (GENERAL.test(first)) return second === 'nao' || second === 'not';
	return (
		(NONE.test(first) || NONE.test(`${first} ${second}`)) && words.some((word) => THINGS.has(word))
	);
}

function isPlural(word: string): boolean {
	return THINGS.has(word) && word.endsWith('s');
}
