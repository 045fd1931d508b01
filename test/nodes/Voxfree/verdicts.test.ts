import type { JsonValue } from '../../../nodes/shared/json';
import { confirmationIn, confirmsStatus } from '../../../nodes/Voxfree/api/wire/confirmations';
import { refusalIn } from '../../../nodes/Voxfree/api/wire/refusals';
import { runNode } from '../../support';
import sentText from '../../fixtures/voxfree/answer-enviaMensagem.json';
import sentTemplate from '../../fixtures/voxfree/answer-templatesWhatsapp-send.json';
import { rows, sends, type Row } from './operations';
import { byId, setupOf, storeWith, useRecorder } from './setup';

jest.setTimeout(60_000);

const recorder = useRecorder();

/** Answers that refuse, and Voxfree's words in them. */
const REFUSALS: Array<[JsonValue, string]> = [
	[{ retorno: 'falha - x' }, 'x'],
	[{ Retorno: 'FALHA – x' }, '– x'],
	[{ status: 'Falha' }, 'no reason given'],
	[{ update: 'falha' }, 'no reason given'],
	[{ update: 'falha - sem permissão', status: '1' }, 'sem permissão'],
	[{ retorno: 'erro' }, 'erro'],
	[{ retorno: 'Erro: saldo' }, 'Erro: saldo'],
	[{ retorno: 'error' }, 'error'],
	[{ status: 'failed' }, 'failed'],
	[{ status: 'NOK' }, 'NOK'],
	[{ status: 'recusado' }, 'recusado'],
	[{ retorno: false }, 'no reason given'],
	[{ retorno: 'false' }, 'no reason given'],
	[{ retorno: false, mensagem: 'x' }, 'x'],
	[{ status: 500, message: 'x' }, 'x'],
	[{ status: '404', descricao: 'x' }, 'x'],
	[{ success: false }, 'no reason given'],
	[{ sucesso: '0', msg: 'x' }, 'x'],
	[{ sucesso: 'não' }, 'não'],
	[{ error: 1 }, 'no reason given'],
	[{ error: '1', descricao: 'x' }, 'x'],
	[{ error: 2, message: 'x' }, 'x'],
	[{ error: true }, 'no reason given'],
	[{ error: 'sem saldo' }, 'sem saldo'],
	[{ ERRO: 'sem saldo' }, 'sem saldo'],
	[{ erros: ['a', 'b'] }, 'a; b'],
	[{ error: { code: 7, message: 'x' } }, 'x'],
	[{ error: { code: 7 } }, 'no reason given'],
	[{ retorno: 'ok', error: 1, message: 'x' }, 'x'],
	[{ dados: { retorno: 'falha' } }, 'no reason given'],
	[{ dados: { retorno: 'falha - x', protocolo: '1' } }, 'x'],
	[{ resposta: { resultado: { status: 'falha - x' } } }, 'x'],
	[{ retorno: 'ok', dados: { error: 'x' } }, 'x'],
	[[{ retorno: 'ok' }, { status: 'falha - x' }], 'x'],
	[[{ retorno: 'falha - x', codid: '1' }], 'x'],
	[{ msg: 'Erro ao enviar' }, 'Erro ao enviar'],
	[{ qualquer: ' falha - x' }, 'x'],
	[{ info: '[ERRO] x' }, '[ERRO] x'],
	[{ retorno: 'ok', resultado: 'falha' }, 'no reason given'],
	['falha - x', 'x'],
	[['erro 12'], 'erro 12'],
	[false, 'no reason given'],
];

/** Answers that say nothing against the request, but not what the document shows for success either. */
const UNVERIFIED: JsonValue[] = [
	{},
	[],
	[[]],
	true,
	1,
	'ok',
	'Mensagem enviada',
	{ retorno: '' },
	{ retorno: null },
	{ retorno: 1 },
	{ retorno: true },
	{ retorno: 'enviado' },
	{ retorno: 'sem falha' },
	{ status: 'pendente' },
	{ status: 'ok - na fila' },
	{ status: 200 },
	{ success: true },
	{ resultado: 'ok' },
	{ error: null },
	{ error: '' },
	{ errors: [] },
	{ mensagem: 'Mensagem enviada' },
	{ mensagens: {} },
	{ retorno: 'ok', status: 'pendente' },
	{ error: 0, retorno: 'enviado' },
	{ retorno: 'ok', aviso: 'Erro no destino' },
	{ mensagens: { '20231130303159': { codid: '1', content: 'x', fromMe: '0' } } },
	{ mensagens: { '20231130303159': { codid: '1', content: 'x', fromMe: 1, status: 'falha' } } },
	{ dados: { retorno: 'enviado' } },
];

const CONFIRMATIONS: JsonValue[] = [
	{ retorno: 'ok' },
	{ RETORNO: ' OK ' },
	{ status: 'Ok!' },
	{ update: 'ok' },
	{ status: 'ok', new_codid: '1305' },
	{ new_codid: 1305 },
	{ error: 0, message: 'Senha alterada com sucesso!!!' },
	{ error: '0' },
	{ error: false },
	{ retorno: 'ok', error: null, erros: [] },
	{ retorno: 'ok', mensagens: {} },
	{ retorno: 'ok', content: 'Erro no boleto' },
	[{ retorno: 'ok' }],
	{ dados: { retorno: 'ok' } },
	sentText as unknown as JsonValue,
	sentTemplate as unknown as JsonValue,
	{ mensagens: { '20231130303159': { codid: '1', content: 'Falha na entrega?', fromMe: 1 } } },
];

describe('an answer', () => {
	it.each(REFUSALS)('%j refuses, with the words %j', (body, words) => {
		expect(refusalIn(body)).toBe(words);
	});

	it.each([...UNVERIFIED, ...CONFIRMATIONS].map((body) => [body]))('%j is no refusal', (body) => {
		expect(refusalIn(body)).toBeUndefined();
	});

	it.each(UNVERIFIED.map((body) => [body]))('%j confirms nothing', (body) => {
		expect(confirmationIn(body)).not.toBe(true);
	});

	it.each(CONFIRMATIONS.map((body) => [body]))('%j confirms the request', (body) => {
		expect(confirmationIn(body)).toBe(true);
	});

	it.each([
		[[{ codid: '1', status: 'falha' }]],
		[{ departamentos: [{ codid: '1', nome: 'Erros', error: 1 }] }],
		[{ '9': { nome: 'Falhas técnicas', status: 'erro' } }],
		[{ '9': 'Falhas técnicas', '10': 'Vendas' }],
		[{ nome: 'Erro', obs: 'falha na linha' }],
		[{ codid: '1', content: 'falha' }],
		[{ contato: { id_contato: '30', cidade: 'Erro' } }],
	])('%j tells of entries, and refuses nothing', (body) => {
		expect(refusalIn(body as never)).toBeUndefined();
	});

	it('has its words cut to 200 characters before anything reads them, however many there are', () => {
		const words = `x${' '.repeat(300_000)}${'agente '.repeat(50_000)}`;
		const began = process.hrtime.bigint();
		const bodies: JsonValue[] = [{ retorno: `falha - ${words}` }, { error: 'y'.repeat(9_999) }];
		for (const body of bodies) {
			expect(refusalIn(body)!.length).toBeLessThanOrEqual(201);
		}
		expect(Number(process.hrtime.bigint() - began) / 1e6).toBeLessThan(500);
	});
});

describe('the status of the agent', () => {
	it.each<JsonValue>([
		{ update: 'ok', status: '1' },
		{ status: 'ok', novo_status: 1 },
		{ update: 'ok', status: 'online' },
		{ status: 'ok' },
		{ retorno: 'ok', dados: { status_agente: '1' } },
	])('is online after %j', (answer) => {
		expect(confirmsStatus(answer, 'online')).toBe(true);
		if (JSON.stringify(answer).match(/1|online/)) {
			expect(confirmsStatus(answer, 'offline')).toBe(false);
		}
	});

	it.each<JsonValue>([
		{ status: '1' },
		{ novo_status: '1' },
		{ update: 'ok', status: '0' },
		{ update: '1' },
		{},
	])('is not known to be online after %j', (answer) =>
		expect(confirmsStatus(answer, 'online')).toBe(false),
	);
});

const changes = rows.filter(
	({ resource, operation }) => sends.has(`${resource}: ${operation}`) || /^set/.test(operation),
);
const named = changes.map((row) => [`${row.resource}: ${row.operation}`, row] as const);

async function resultOf(row: Row, answer: unknown) {
	recorder.reset();
	recorder.answers = { ...row.answers, [row.service]: answer };
	return await runNode(
		setupOf(
			storeWith(recorder.url),
			{ resource: row.resource, operation: row.operation, ...row.parameters, simplify: true },
			row.items === undefined ? {} : { items: row.items },
		),
	);
}

describe('every operation that changes something', () => {
	it.each(named)('%s fails, and is not repeated, where the answer refuses', async (_name, row) => {
		for (const answer of [
			{ retorno: 'falha - x' },
			{ update: 'erro' },
			{ dados: { retorno: 'falha' } },
			{ error: 'x' },
			'{"retorno":"falha - x"}{"mensagens":{}}',
			'{"retorno":"ok"}\n,\n{"status":"falha"}',
		]) {
			const { error, items } = await resultOf(row, answer);
			expect(error?.message).toMatch(/^Voxfree did not |did not accept/);
			expect(items).toEqual([]);
			expect(recorder.to(row.service)).toHaveLength(1);
		}
	});

	// What it puts out is the person's answer, and without one the input.
	const asks = ([name]: (typeof named)[number]) => name === 'message: sendAndWait';

	it.each(named.filter(asks))('%s waits where the answer confirms nothing', async (_name, row) => {
		for (const answer of [{}, [], { success: true }, { retorno: 'enviado' }]) {
			const { error, run } = await resultOf(row, answer);
			expect(error).toBeUndefined();
			expect(run.waitTill).toBeInstanceOf(Date);
		}
	});

	const others = named.filter((one) => !asks(one));

	it.each(others)('%s is "unverified" where the answer confirms nothing', async (_name, row) => {
		for (const answer of [{}, [], { success: true }, { retorno: 'enviado' }]) {
			const { error, items } = await resultOf(row, answer);
			expect(error).toBeUndefined();
			const [json] = items.map((item) => item.json);
			const flag = json!.success ?? json!.created ?? json!.started;
			expect(flag).toBe('unverified');
			expect(json).toMatchObject({ hint: expect.stringContaining('may or may not'), answer });
			expect(Object.values(json!)).not.toContain(true);
			expect(json).not.toMatchObject({ status: 'online' });
		}
	});
});

describe('two JSON texts one after the other', () => {
	const message = JSON.stringify(sentText[1]);
	const send = async (text: string) => {
		recorder.answers = { 'enviaMensagem.php': () => ({ text }) };
		return await runNode(
			setupOf(storeWith(recorder.url), {
				resource: 'message',
				operation: 'sendText',
				protocol: byId('20231130303159'),
				details: { channelId: '25', contactId: '30' },
				text: 'teste',
			}),
		);
	};

	it.each([
		`{"retorno":"ok"}${message}`,
		`{"retorno":"ok"}\n\n${message}\n`,
		`{"retorno":"ok"},\r\n${message}`,
		`[{"retorno":"ok"}]${message}`,
		`${message}{"retorno":"ok"}`,
		`[\n    "retorno": "ok"\n},\n\n${message}`,
	])('are read as one answer: %j', async (text) => {
		const { items, error } = await send(text);
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ success: true, messageId: '17932701' });
	});

	it.each([
		`{"retorno":"ok"}${message.slice(0, -1)}`,
		'{"retorno":"ok"}<br>Warning',
		'{"retorno":"ok"}"',
		'{"retorno":"ok"} ok',
		'"a" "b"',
		',',
		'',
	])('are not seen in %j', async (text) => {
		const { error } = await send(text);
		expect(error?.message).toMatch(
			/^Voxfree returned .* instead of data\. The message may have been delivered: do not send it again$/,
		);
		expect(recorder.to('enviaMensagem.php')).toHaveLength(1);
	});
});

describe('an answer that is nested deep', () => {
	const nested = (levels: number) => `${'{"a":['.repeat(levels / 2)}${']}'.repeat(levels / 2)}`;
	const open = async (text: string) => {
		recorder.answers = { 'buscaChat.php': () => ({ text }) };
		return await runNode(
			setupOf(storeWith(recorder.url), {
				resource: 'conversation',
				operation: 'open',
				protocol: byId('20231130303159'),
				simplify: false,
			}),
		);
	};

	it('is passed on up to 500 levels', async () => {
		const { error, items } = await open(nested(500));
		expect(error).toBeUndefined();
		expect(JSON.stringify(items[0]?.json.answer)).toBe(nested(500));
	});

	it.each([502, 5_000, 1_000_000])('is refused with a sentence at %d levels', async (levels) => {
		for (const text of [nested(levels), `{"retorno":"ok"}${nested(levels)}`]) {
			const { error } = await open(text);
			expect(error?.message).toBe('Voxfree returned data that is nested too deep');
			expect(error?.description).toContain('more than 500 levels');
		}
	});
});
