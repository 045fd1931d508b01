import { listBody, type Dialect, type ListName, type Row } from './dialects';

/** Two entries of every list, as the services make them; the second is the other kind of the first. */
const rows: Record<ListName, [Row, Row]> = {
	canais: [
		{ codid: '25', nome_canal: 'Oficial', tipo_canal: 'whatsapp_oficial', numero: '1' },
		{ codid: '27', nome_canal: 'Instagram', tipo_canal: 'instagram', numero: '2' },
	],
	carteirizacoes: [
		{ codid: '1', codid_contato: '31', nome_contato: 'Ana', nome_departamento: 'Vendas' },
		{ codid: '2', codid_contato: '32', nome_contato: 'Rui', nome_departamento: 'Vendas' },
	],
	chats: [
		{ protocolo: '100', tipo_chat: 'chat', id_contato: '30', nome_contato: 'João' },
		{ protocolo: '200', tipo_chat: 'grupo', id_contato: '900', nome_contato: 'Condomínio' },
	],
	contatos: [
		{ codid: '30', nome: 'João', numero: '1', email: '' },
		{ codid: '31', nome: 'Marília', numero: '2', email: '' },
	],
	departamentos: [
		{ codid: '9', nome_departamento: 'Atendimento' },
		{ codid: '10', nome_departamento: 'Financeiro' },
	],
	respostas: [
		{ codid: '1', titulo: 'Oi', resposta: 'Olá!', personalizado: '0' },
		{ codid: '2', titulo: 'Até', resposta: 'Até logo!', personalizado: '1' },
	],
	tabulacoes: [
		{ codid: '22', nome_tabulacao: 'Resolvido', personalizado: '0' },
		{ codid: '23', nome_tabulacao: 'Outro', personalizado: '1' },
	],
	tags: [
		{ codid: '52', tag: 'Retornar', personalizado: '0', ativo: '0' },
		{ codid: '54', tag: 'VIP', personalizado: '1', ativo: '1' },
	],
	templates: [
		{ codid: '80', nome_template: 'um', imagem_template: null },
		{ codid: '84', nome_template: 'dois', imagem_template: 'https://files.example.test/a.png' },
	],
};
const names = Object.keys(rows) as ListName[];
const inDialect = (answers: Dialect, name: ListName, of: Row[] = rows[name]) =>
	listBody(name, of, { answers, lists: 'array' });

describe.each(names)('the list "%s"', (name) => {
	const [first, second] = rows[name];

	it('is plain in the simulator’s own words', () => {
		expect(inDialect('own', name)).toEqual([first, second]);
	});

	it('is split by whose its entries are', () => {
		const parts: Partial<Record<ListName, object>> = {
			chats: { chats: [first], grupos: [second] },
			respostas: { departamento: [first], agente: [second] },
			tabulacoes: { departamento: [first], agente: [second] },
			tags: { departamento: [first], agente: [second] },
		};
		const all = parts[name] ?? { erros: [], [name]: [first, second] };
		expect(inDialect('split', name)).toEqual({ retorno: 'ok', ...all });
	});

	it('is a map by id, which its entries lack', () => {
		const key = name === 'chats' ? 'protocolo' : 'codid';
		const body = inDialect('keyed', name) as { dados: Record<string, Row> };
		expect(Object.keys(body.dados).sort()).toEqual([first[key], second[key]].sort());
		for (const row of Object.values(body.dados)) expect(row).not.toHaveProperty([key]);
	});

	it('is a list within "dados" in other words, with every value', () => {
		const body = inDialect('nested', name) as { erros: []; dados: Row[] };
		expect(body.erros).toEqual([]);
		expect(body.dados).toHaveLength(2);
		const written = JSON.stringify(body.dados);
		for (const value of [...Object.values(first), ...Object.values(second)]) {
			expect(written).toContain(JSON.stringify(value));
		}
	});

	it('is empty in every dialect, as PHP writes it', () => {
		expect(inDialect('own', name, [])).toEqual([]);
		expect(inDialect('keyed', name, [])).toEqual({ retorno: 'ok', dados: [] });
		expect(inDialect('nested', name, [])).toEqual({ erros: [], dados: [] });
		const parts = Object.entries(inDialect('split', name, []) as Row);
		expect(parts.filter(([key]) => key !== 'retorno').map(([, list]) => list)).toEqual([[], []]);
	});
});
