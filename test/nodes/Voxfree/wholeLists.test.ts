import { conversationListIn } from '../../../nodes/Voxfree/api/wire/conversationList';
import { ConversationState } from '../../../nodes/Voxfree/trigger/ConversationState';
import { toLists, type Lists } from '../../../nodes/Voxfree/trigger/lists';
import { missedMoves } from '../../../nodes/Voxfree/trigger/recovery';
import { UnreadableList } from '../../../nodes/shared/lists';
import type { JsonValue } from '../../../nodes/shared/json';

const A = '20231130303159';
const B = '20231130303160';
const C = '20231130303161';
const chat = (protocolo: unknown, more: object = {}) => ({
	protocolo,
	nome_contato: 'Ana',
	codid_contato: '342284',
	...more,
});

/** The lists as the trigger compares with them; undefined if they are not good enough for it. */
function comparable(active: unknown, waiting: unknown = []): Lists | undefined {
	try {
		const lists = toLists(
			conversationListIn(active as JsonValue),
			conversationListIn(waiting as JsonValue),
			1,
		);
		return lists.unclear === undefined ? lists : undefined;
	} catch (error) {
		if (error instanceof UnreadableList) return undefined;
		throw error;
	}
}

/** Whether a trigger that knows the active conversation A takes it for finished after these answers. */
function finishesA(active: unknown, waiting: unknown = []): boolean {
	const lists = comparable(active, waiting);
	if (lists === undefined) return false;
	const state = new ConversationState('61');
	state.apply({ event: 'routedToAgent', protocol: A, agentId: '61' }, 0);
	const isTold = missedMoves(state, lists).some(
		({ event, protocol }) => event === 'finished' && protocol === A,
	);
	state.adopt(lists);
	// What is told and what is believed afterwards are the same.
	expect(state.about(A).place === undefined || state.about(A).place === 'waiting').toBe(
		isTold || lists.conversations.get(A)?.place === 'waiting',
	);
	return isTold;
}

describe('a conversation is finished when it is missing in a list that is', () => {
	it.each<[string, unknown]>([
		['empty', []],
		['empty under a name', { retorno: 'ok', chats: [] }],
		['empty in two places', { chats: [], grupos: [] }],
		['said to be empty', 'Nenhum chat ativo'],
		['said to be empty in an envelope', { retorno: 'ok', mensagem: 'Nenhuma conversa ativa' }],
		['of others', [chat(B)]],
		['of others, with numbers as protocols', [chat(Number(B))]],
		['of others under a name', { status: 'ok', dados: [chat(B), chat(C)] }],
		['of chats and groups', { chats: [chat(B)], grupos: [chat(C)] }],
		['of chats beside one group', { chats: [chat(B)], grupo: chat(C) }],
		['behind the head of the answer', [{ retorno: 'ok' }, chat(B)]],
		['JSON within a text', JSON.stringify({ chats: [chat(B)] })],
		['a map by protocol', { [B]: { nome_contato: 'Ana' }, [C]: { nome_contato: 'Bia' } }],
		['a map that only counts', { '0': chat(B), '1': chat(C) }],
		['one conversation', { chat: chat(B) }],
		['as long as it says', { total: 1, pagina: 1, paginas: 1, proxima: null, dados: [chat(B)] }],
		['one page of one', { paginacao: { page: 1, lastPage: 1, next: null }, chats: [chat(B)] }],
		['beside who asked', { agente: { id: 61, nome: 'Ana' }, chats: [chat(B)] }],
		[
			'beside the limits of an agent',
			{ agente: { id: 61, limite: 1, total: 9 }, chats: [chat(B)] },
		],
		['of entries with parts', [chat(B, { contato: { id: 3 }, mensagens: [{ codid: 1 }] })]],
	])('%s', (_what, answer) => expect(finishesA(answer)).toBe(true));
});

describe('a conversation is not finished when the answer is', () => {
	it.each<[string, unknown]>([
		['a list with it', [chat(A)]],
		['with it among groups', { chats: [chat(B)], grupos: [chat(A)] }],
		['a list beside it', { '0': [chat(B)], grupos: [chat(A)] }],
		['with its protocol as a number', [chat(Number(A))]],
		['with its protocol and space', [chat(` ${A} `)]],
		['with its protocol and signs', [chat(B), chat('2023-1130.3031/59')]],
		['with its protocol in an entry of another', [chat(B, { protocolo_anterior: A })]],
		['with its protocol in a text', { chats: [chat(B)], aviso: `ver ${A}` }],
		['with its protocol as a name', { chats: [chat(B)], meta: { [A]: {} } }],
		['with it where nothing is looked for', { chats: [chat(B)], meta: { outros: [chat(A)] } }],
		['with an entry without a protocol', [chat(B), { nome_contato: 'Ana' }]],
		['with an entry with another ID', [chat(B), { codid: 5, nome_contato: 'Ana' }]],
		['with an empty protocol', [chat(B), chat('')]],
		['with a protocol of null', [chat(B), chat(null)]],
		['with a protocol of no digits', [chat(B), chat('null')]],
		['with a protocol that is a list', [chat(B), chat([C])]],
		['with a protocol that is an object', [chat(B), chat({ valor: C })]],
		['with an empty entry', [chat(B), {}]],
		['with null in it', [chat(B), null]],
		['with a number in it', [chat(B), 5]],
		['with a text in it', [chat(B), 'Ana']],
		['with a part that is not understood', { chats: [chat(B)], outros: { x: { y: 1 } } }],
		['with a half part', { chats: [chat(B)], grupos: '[{"protocolo":"2023' }],
		['with a part of null', { chats: [chat(B)], grupos: null }],
		['with a part of false', { chats: [chat(B)], grupos: false }],
		['an error beside a list', { chats: [chat(B)], erro: 'tempo esgotado' }],
		['a refusal beside a list', { retorno: 'falha', chats: [] }],
		['a verdict that is not known beside a list', { status: 'carregando', chats: [chat(B)] }],
		['shorter than it says', { total: 2, dados: [chat(B)] }],
		['the first page of two', { pagina: 1, paginas: 2, dados: [chat(B)] }],
		['the second page', { page: 2, dados: [chat(B)] }],
		['followed by another', { dados: [chat(B)], next: '/chatsAtivos.php?page=2' }],
		['followed by more', { dados: [chat(B)], has_more: true }],
		['as long as one may be', { limit: 1, dados: [chat(B)] }],
		['one page of several, as Laravel has it', { data: [chat(B)], meta: { last_page: 3 } }],
		['one page of several, as Spring has it', { content: [chat(B)], last: false }],
		['cut short', { chats: [chat(B)], truncado: 'sim' }],
		['a web page', '<html><body>Manutenção</body></html>'],
		['a sentence', 'Agente não logado'],
		['nothing', ''],
		['null', null],
		['a number', 0],
		['an empty object', {}],
		['success alone', { retorno: 'ok' }],
		['nested too deep', { a: { b: { c: { d: { e: { f: { g: [] } } } } } } }],
	])('%s', (_what, answer) => {
		expect(finishesA(answer)).toBe(false);
		// Nor if the other list has nothing to do with it.
		expect(finishesA([], answer)).toBe(false);
	});
});

/** Numbers that look random and are the same every time. */
function randomFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0;
		let mixed = Math.imul(state ^ (state >>> 13), 3266489917);
		mixed ^= mixed >>> 16;
		return (mixed >>> 0) / 2 ** 32;
	};
}

interface Answer {
	body: unknown;
	/** Whether it was made as a plain list, with nothing else. */
	isPlain: boolean;
}

/** Makes answers of all kinds; most of them are plain lists with something done to them. */
class Answers {
	constructor(private readonly random: () => number) {}

	private below(count: number): number {
		return Math.floor(this.random() * count);
	}

	private one<T>(values: readonly T[]): T {
		return values[this.below(values.length)]!;
	}

	private chance(probability: number): boolean {
		return this.random() < probability;
	}

	next(): Answer {
		const protocols = [A, B, C, '20231130303162', '99', '202311303422841002'];
		const chosen = Array.from({ length: this.below(4) }, () => this.one(protocols));
		const entries = chosen.map((protocol) => this.entry(protocol));
		const plain = this.wrap(entries);
		if (this.chance(0.2)) return { body: plain, isPlain: true };
		let body = plain;
		for (let times = 1 + this.below(2); times > 0; times--) body = this.damage(body);
		return { body, isPlain: false };
	}

	private entry(protocol: string): object {
		const spelled = this.one<unknown>([protocol, protocol, Number(protocol), ` ${protocol}`]);
		const name = this.one(['protocolo', 'protocolo', 'PROTOCOLO', 'protocolo_atual']);
		return {
			[name]: Number(protocol) > Number.MAX_SAFE_INTEGER ? protocol : spelled,
			...(this.chance(0.5) ? { nome_contato: 'Ana', codid: 5 } : {}),
			...(this.chance(0.2) ? { contato: { id: 7, nome: 'Ana' } } : {}),
			...(this.chance(0.1) ? { mensagens: [{ codid: 9, content: 'oi' }] } : {}),
		};
	}

	private wrap(entries: object[]): unknown {
		const half = this.below(entries.length + 1);
		switch (this.below(8)) {
			case 0:
				return { retorno: 'ok', dados: entries };
			case 1:
				return { chats: entries.slice(0, half), grupos: entries.slice(half) };
			case 2:
				return { dados: { chats: entries } };
			case 3:
				return JSON.stringify({ lista: entries });
			case 4:
				return [{ retorno: 'ok' }, { chats: entries }];
			case 5:
				return { total: entries.length, pagina: 1, conversas: entries };
			case 6:
				return { agente: { id: 61, nome: 'Ana' }, ativos: entries };
			default:
				return entries;
		}
	}

	/** Does to a value, or to a part of it, what makes it no plain list any more. */
	private damage(value: unknown): unknown {
		if (Array.isArray(value) && value.length > 0 && this.chance(0.5)) {
			const copy = [...(value as unknown[])];
			const at = this.below(copy.length);
			copy[at] = this.damage(copy[at]);
			return copy;
		}
		if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
			const entries = Object.entries(value);
			const [key, part] = this.one(entries.length > 0 ? entries : [['x', 1] as [string, unknown]]);
			switch (this.below(5)) {
				case 0:
					return { ...value, [key]: this.damage(part) };
				case 1:
					return { ...value, ...this.oddPart() };
				case 2:
					return Object.fromEntries(entries.filter(([name]) => name !== key).concat([this.odd()]));
				case 3:
					return { [this.one(['meta', 'xyz', 'x1', 'info'])]: value, chats: this.oddValue() };
				default:
					return [value, this.oddValue()];
			}
		}
		if (Array.isArray(value) && this.chance(0.6)) return [...(value as unknown[]), this.oddValue()];
		return this.oddValue();
	}

	private odd(): [string, unknown] {
		return Object.entries(this.oddPart())[0]!;
	}

	private oddPart(): object {
		return this.one<() => object>([
			() => ({ erro: 'falha interna' }),
			() => ({ retorno: 'erro' }),
			() => ({ status: 'processando' }),
			() => ({ total: 50 }),
			() => ({ pagina: 2 }),
			() => ({ next: '/x?page=2' }),
			() => ({ hasMore: 1 }),
			() => ({ cursor: 'abc' }),
			() => ({ grupos: this.oddValue() }),
			() => ({ chats: this.oddValue() }),
			() => ({ fila: { [this.one([A, B, '1'])]: this.oddValue() } }),
			() => ({ outros: [{ nome: 'x' }] }),
		])();
	}

	private oddValue(): unknown {
		return this.one<() => unknown>([
			() => null,
			() => true,
			() => 7,
			() => 'texto qualquer',
			() => '<html><body>502</body></html>',
			() => '[{"protocolo":"2023',
			() => ({}),
			() => ({ nome_contato: 'Ana' }),
			() => ({ codid: 5 }),
			() => ({ protocolo: null }),
			() => ({ protocolo: [A] }),
			() => ({ protocolo: { valor: A } }),
			() => ({ protocolo: '' }),
			() => ({ protocol: A }),
			() => ({ id: A }),
			() => [[A]],
			() => [A, B],
			() => ({ x: { y: { z: [{ nome: 'Ana' }] } } }),
			() => ({ error: { code: 500 } }),
			() => ({ html: '<p>x</p>' }),
		])();
	}
}

test('whatever is answered, a conversation that stands in it anywhere is not finished', () => {
	const count = { plain: 0, finished: 0, refused: 0, named: 0 };
	const answers = new Answers(randomFrom(20261125));
	for (let n = 0; n < 15_000; n++) {
		const { body, isPlain } = answers.next();
		const isNamed = JSON.stringify(body).includes(A);
		const isFinished = finishesA(body);
		if (isFinished && isNamed) throw new Error(`finished: ${JSON.stringify(body)}`);
		// All that is plain is understood, so that what is missing in it is found to be missing.
		if (isPlain && comparable(body) === undefined) {
			throw new Error(`not understood: ${JSON.stringify(body)}`);
		}
		if (isPlain && !isNamed && !isFinished) {
			throw new Error(`not finished: ${JSON.stringify(body)}`);
		}
		if (isPlain) count.plain++;
		if (isFinished) count.finished++;
		if (comparable(body) === undefined) count.refused++;
		if (isNamed) count.named++;
	}
	expect(count.plain).toBeGreaterThan(2_000);
	expect(count.refused).toBeGreaterThan(6_000);
	expect(count.named).toBeGreaterThan(5_000);
	expect(count.finished).toBeGreaterThan(500);
});

test('a list with something that is surely no part of a plain list finishes nothing', () => {
	const answers = new Answers(randomFrom(7));
	const strays: unknown[] = [
		null,
		7,
		{},
		{ nome: 'x' },
		{ codid: 5 },
		{ protocolo: null },
		'texto',
	];
	for (let n = 0; n < 1_000; n++) {
		const { body } = answers.next();
		const stray = strays[n % strays.length];
		for (const spoilt of [
			[body, stray],
			{ chats: body, grupos: stray },
			{ dados: body, chats: [stray] },
			{ dados: body, total: 1_000 },
			{ dados: body, proxima: 2 },
			{ dados: body, erro: 'falha' },
		]) {
			if (finishesA(spoilt)) throw new Error(`finished: ${JSON.stringify(spoilt)}`);
		}
	}
});
