import { foldText } from '../../../shared/text';

const WHO = ['agente', 'usuario', 'atendente', 'operador'];
const UNKNOWN = [
	'encontrado',
	'localizado',
	'identificado',
	'reconhecido',
	'autenticado',
	'logado',
].flatMap((state) => [`nao ${state}`, `nao foi ${state}`, `nao esta ${state}`]);
const ENDED = [
	'expirada',
	'expirou',
	'invalida',
	'encerrada',
	'nao encontrada',
	'nao foi encontrada',
];

/** The whole of what Voxfree may say if it does not know the session, without accents. */
const UNKNOWN_SESSION = new Set([
	...WHO.flatMap((who) =>
		[...UNKNOWN, 'nao existe', 'desconhecido', 'invalido', 'deslogado'].map(
			(state) => `${who} ${state}`,
		),
	),
	...ENDED.flatMap((state) => [
		`sessao ${state}`,
		`sua sessao ${state}`,
		`sessao do agente ${state}`,
	]),
	...['logado', 'autenticado'].flatMap((state) => [`nao ${state}`, `nao esta ${state}`]),
	...['faca', 'efetue', 'realize'].flatMap((verb) =>
		['', 'o '].flatMap((article) => [
			`${verb} ${article}login`,
			`${verb} ${article}login novamente`,
		]),
	),
	'login necessario',
	'login e necessario',
	'e necessario fazer login',
	'e necessario fazer o login',
]);

const COURTESIES = new Set(['por favor', 'tente novamente', 'novamente', '']);

/** Words about the agent or the session, without accents. */
const ABOUT_SESSION = [
	...WHO,
	'sessao',
	'session',
	'login',
	'logad',
	'conectad',
	'autentica',
	'autoriza',
];

/** Characters of Voxfree's words that are read. */
const READ = 200;

/**
 * Whether these words say that Voxfree does not know the agent's session, and nothing else. Voxfree
 * does nothing for an agent it does not know, so that even a send may be repeated. Every part of the
 * text has to be one of the wordings: "agente desconectado" may be about a message that was sent.
 */
export function isUnknownAgent(words: string): boolean {
	if (words.length > READ) return false;
	const parts = foldText(words)
		.split(/[.,;:!()-]/)
		.map((part) => part.split(/\s/).filter(Boolean).join(' '))
		.filter((part) => !COURTESIES.has(part));
	return parts.length > 0 && parts.every((part) => UNKNOWN_SESSION.has(part));
}

/** Whether these words may have to do with the session, so that the next call needs a new one. */
export function mayConcernSession(words: string): boolean {
	const text = foldText(words.slice(0, READ));
	return ABOUT_SESSION.some((word) => text.includes(word));
}
