import { listIn, type ListName } from '../../../nodes/Voxfree/api/wire/lists';

/** What an answer is read as: its entries, or one of the other two outcomes. */
const read = (body: unknown, list: ListName = 'departments') => {
	const outcome = listIn(body as never, list);
	return outcome.kind === 'records' ? outcome.records : outcome.kind;
};

const a = { codid: '9', nome: 'Finance' };
const b = { codid: '10', nome: 'Sales' };
const c = { codid: '11', nome: 'Support' };
const chatA = { protocolo: '20231130303159', nome_contato: 'Ana' };
const chatB = { protocolo: '20231130303160', nome_contato: 'Bia' };

describe('a list is recognised', () => {
	it.each<[string, unknown, object[]]>([
		['at the top', [a, b], [a, b]],
		['under a name', { retorno: 'ok', departamentos: [a, b] }, [a, b]],
		['behind an empty list', { erros: [], dados: [a] }, [a]],
		['before an empty list', { dados: [a], erros: [], avisos: [] }, [a]],
		['in an envelope that is an element', [{ retorno: 'ok' }, { dados: [a, b] }], [a, b]],
		['beside an envelope that is an element', [{ retorno: 'ok' }, a, b], [a, b]],
		['behind other elements', [{ retorno: 'ok' }, 'x', { total: 2 }, { dados: [a] }], [a]],
		['two levels deep', { dados: { departamentos: [a] } }, [a]],
		['three levels deep', { resposta: { dados: { lista: [a] } } }, [a]],
		['in two lists', { departamento: [a], agente: [b, c] }, [a, b, c]],
		['in two elements', [{ departamento: [a] }, { agente: [b, c] }], [a, b, c]],
		['in lists of lists', [[a], [b, c]], [a, b, c]],
		['once where it stands twice', { dados: [a, b], lista: [a, b] }, [a, b]],
		['as text of its own', { retorno: 'ok', dados: JSON.stringify([a]) }, [a]],
		['whole as text of its own', JSON.stringify({ dados: [a] }), [a]],
		['as elements in wrappers', [{ departamento: a }, { departamento: b }], [a, b]],
		['as one object', a, [a]],
		['as one object under a name', { retorno: 'ok', departamento: a }, [a]],
		['as one object in an envelope', { dados: a }, [a]],
		['as a map by ID', { '9': { nome: 'Finance' }, '10': { nome: 'Sales' } }, [a, b]],
		['as a map by ID under a name', { status: 'ok', dados: { '9': { nome: 'Finance' } } }, [a]],
		['as a map by ID of lists', { '9': [{ nome: 'Finance' }] }, [a]],
		[
			'as maps that are elements',
			[{ '9': { nome: 'Finance' } }, { '10': { nome: 'Sales' } }],
			[a, b],
		],
		['as a map of names by ID', { dados: { '9': 'Finance', '10': 'Sales' } }, [a, b]],
		['as a map that only counts', { '0': a, '1': b }, [a, b]],
		['as a map by name', { Finance: { codid: '9' }, Sales: { codid: '10' } }, [a, b]],
		[
			'with accents and capitals',
			{ DADOS: [{ CÓDIGO: 9, Nome: 'X' }] },
			[{ CÓDIGO: 9, Nome: 'X' }],
		],
		['beside who asked', { usuario: { id: 61, nome: 'Ana' }, dados: [a] }, [a]],
		['beside pages and links', { paginacao: { pagina: 1 }, links: [{ id: 1 }], dados: [a] }, [a]],
		['without a total', { total: 1, dados: [a] }, [a]],
		['with texts', ['Finance', 'Sales'], [{ value: 'Finance' }, { value: 'Sales' }]],
		['with fields that are not known', [{ foo: 'bar' }], [{ foo: 'bar' }]],
		[
			'with lists inside its entries',
			{ ...a, canais: [{ id: 25, nome: 'x' }] },
			[{ ...a, canais: [{ id: 25, nome: 'x' }] }],
		],
		['with an ID beside the verdict', [{ codid: 1, retorno: 'ok' }], [{ codid: 1, retorno: 'ok' }]],
	])('%s', (_where, body, entries) => expect(read(body)).toEqual(entries));

	it('in a map that only counts by the IDs that its entries have', () => {
		const template = { codid_template: 80, nome_template: 'x' };
		expect(read({ '1': template, '2': template }, 'templates')).toEqual([template, template]);
		expect(read({ '0': { nome: 'x' }, '1': { nome: 'y' } })).toEqual([
			{ nome: 'x' },
			{ nome: 'y' },
		]);
	});

	it.each<[string, unknown, object[]]>([
		['chats beside no groups', { chats: [chatA], grupos: [] }, [chatA]],
		['no chats beside groups', { chats: [], grupos: [chatB] }, [chatB]],
		['chats beside groups', { chats: [chatA], grupos: [chatB] }, [chatA, chatB]],
		['chats beside one group', { chats: [chatA], grupo: chatB }, [chatA, chatB]],
		['no chats beside one group', { chats: [], grupo: chatB }, [chatB]],
		['a map by protocol', { '20231130303159': { nome_contato: 'Ana' } }, [chatA]],
		[
			'a map by protocol of entries with IDs',
			{ chats: { '20231130303159': { codid: 395349 } } },
			[{ protocolo: '20231130303159', codid: 395349 }],
		],
		['a map by name', { Ana: chatA, Bia: chatB }, [chatA, chatB]],
		['a map that only counts', { '1': chatA, '2': chatB }, [chatA, chatB]],
		['one', chatA, [chatA]],
		[
			'with parts',
			[{ protocolo: '1', grupo: { id: 7 }, contato: { id: 3 } }],
			[{ protocolo: '1', grupo: { id: 7 }, contato: { id: 3 } }],
		],
		[
			'with their messages',
			{ ...chatA, mensagens: [{ codid: 1 }] },
			[{ ...chatA, mensagens: [{ codid: 1 }] }],
		],
	])('of conversations: %s', (_where, body, entries) =>
		expect(read(body, 'conversations')).toEqual(entries),
	);
});

describe('a list is empty only if the answer says so', () => {
	const plain = [
		[],
		{ dados: [] },
		{ retorno: 'ok', departamentos: [] },
		{ status: 'ok', error: 0, dados: [] },
		{ erros: [], dados: [] },
		{ departamento: [], agente: [] },
		[{ retorno: 'ok' }, { dados: [] }],
		[[]],
		'[]',
		{ total: 0, dados: [] },
		'Nenhum registro',
		'NENHUM REGISTRO ENCONTRADO.',
		'Não há conversas em espera',
		'Não foram encontrados registros',
		'Nada encontrado',
		'Registro não encontrado',
		'No records found',
		'Sem registros',
		'Fila vazia',
		{ retorno: 'ok', mensagem: 'Nenhuma conversa ativa no momento' },
		{ retorno: 'Nenhum departamento cadastrado' },
		{ dados: 'Nenhum resultado' },
		[{ mensagem: 'Nenhum registro' }],
		['Nenhum registro'],
		{ mensagem: 'Nenhum registro', dados: null },
	];
	it.each(plain.map((body) => [JSON.stringify(body), body]))('%s', (_text, body) => {
		expect(read(body)).toBe('empty');
	});

	it.each([
		[[]],
		[{ chats: [], grupos: [] }],
		[{ retorno: 'ok', chats: [] }],
		['Nenhum chat ativo'],
		[{ chats: [], agente: { id: 61, nome: 'Ana' } }],
	])('of conversations: %j', (body) => expect(read(body, 'conversations')).toBe('empty'));
});

describe('a list is unreadable otherwise', () => {
	const never = [
		{},
		null,
		true,
		0,
		'',
		'ok',
		'Finance',
		'Nenhum agente logado',
		'Sem permissão',
		'Sem resposta do servidor',
		'Nenhum acesso a registros',
		{ retorno: 'ok' },
		{ status: 'ok', error: 0 },
		{ total: 3, pagina: 1 },
		{ total: 3, dados: [] },
		{ dados: {} },
		{ dados: null },
		{ dados: '' },
		{ dados: false },
		{ dados: { total: 2 } },
		{ erros: [] },
		{ error: 'texto' },
		{ error: 'texto', dados: [] },
		{ erro: true, dados: [] },
		{ erros: ['x'], dados: [] },
		{ erros: [{ id: 1 }], dados: [a] },
		{ retorno: 'erro' },
		{ retorno: 'erro', dados: [] },
		{ retorno: 'Erro ao buscar', dados: [] },
		{ retorno: 'pendente', dados: [] },
		{ retorno: false, dados: [] },
		{ success: false, dados: [] },
		{ status: 500, dados: [] },
		{ status: 'falha - x', dados: [] },
		{ dados: { retorno: 'falha' } },
		{ dados: { retorno: 'falha', lista: [] } },
		{ mensagem: 'Falha ao carregar', dados: [] },
		[{ retorno: 'ok' }],
		[{ retorno: 'erro' }, { dados: [] }],
		[null],
		[['9', 'Finance']],
		{ codid: [9, 10], nome: ['Finance', 'Sales'] },
		{ '9': null },
		{ '9': { nome: 'Finance' }, '10': null },
		{ a: { b: { c: { d: { e: { f: { g: [] } } } } } } },
	];
	it.each(never.map((body) => [JSON.stringify(body), body]))('%s', (_text, body) => {
		expect(read(body)).toBe('unreadable');
	});

	it.each([
		[['20231130303159']],
		[[chatA, null]],
		[[chatA, 'x']],
		[{ chats: [chatA], grupos: null }],
		[{ chats: [chatA], grupos: 'erro' }],
		[{ chats: [chatA], grupos: {} }],
		[{ chats: [], grupos: { x: { y: 1 } } }],
		[{ chats: [], outros: { x: { y: 1 } } }],
		[{ chats: [chatA], total: 2, outros: [['x']] }],
		[{ '20231130303159': { nome: 'Ana' }, '20231130303160': null }],
		[{ '20231130303159': {} }],
		[{ '20231130303159': [{ nome: 'Ana' }], '20231130303160': 3 }],
		[{ contato: { id: 30 }, canal: { id: 25 } }],
	])('of conversations: %j', (body) => expect(read(body, 'conversations')).toBe('unreadable'));
});
