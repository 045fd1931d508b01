import { momentOf } from '../../../nodes/Voxfree/api/wire/time';
import { runNode } from '../../support';
import sentText from '../../fixtures/voxfree/answer-enviaMensagem.json';
import sentTemplate from '../../fixtures/voxfree/answer-templatesWhatsapp-send.json';
import { byId, setupOf, storeWith, useRecorder } from './setup';

jest.setTimeout(30_000);

const recorder = useRecorder();
const protocol = byId('20231130303159');
const details = { channelId: '25', contactId: '30' };
const run = async (resource: string, operation: string, parameters: object = {}) =>
	await runNode(setupOf(storeWith(recorder.url), { resource, operation, ...parameters }));
const message = { codid: '1', fromMe: 0, content: 'Oi' };

describe('an opened conversation', () => {
	const open = async (answer: unknown) => {
		recorder.answers = { 'buscaChat.php': answer };
		const { items, error } = await run('conversation', 'open', { protocol });
		expect(error).toBeUndefined();
		return items[0]?.json ?? {};
	};

	it.each([
		[{ mensagens: [message], fila: 'Sales', extra: { x: 1 } }],
		[[{ retorno: 'ok' }, { mensagens: [message] }, { fila: 'Sales', extra: { x: 1 } }]],
	])('keeps under its own name what is not recognised: %j', async (answer) => {
		const output = await open(answer);
		expect(output).toMatchObject({
			fila: 'Sales',
			extra: { x: 1 },
			messages: [{ messageId: '1' }],
		});
		expect(output).not.toHaveProperty('mensagens');
	});

	it('keeps fields of a message that are not recognised, and values that cannot be read', async () => {
		const odd = { ...message, nome_remetente: 'Ana', lido: 'talvez', timestamp: 'soon' };
		expect(await open({ mensagens: [odd] })).toMatchObject({
			messages: [{ messageId: '1', nome_remetente: 'Ana', lido: 'talvez', timestamp: 'soon' }],
		});
	});

	it.each([
		[
			'the head of a group',
			{ '20231130303159': { codid: '7', data_mensagem: 'x', mensagens: [message] } },
		],
		['a head without messages of its own', [{ codid: '7', lido: 0, itens: [message] }]],
		['a contact', { contato: { codid: '30', nome: 'Ana', lido: 1 }, mensagens: [message] }],
		['a contact in a list', [{ contatos: [{ codid: 30, nome: 'A', lido: 0 }] }, message]],
		['a group', { grupo: { codid: 77, nome: 'Team', data_mensagem: 'x' }, mensagens: [message] }],
	])('takes %s for no message', async (_what, answer) => {
		expect((await open(answer)).messages).toEqual([
			expect.objectContaining({ messageId: '1', text: 'Oi' }),
		]);
	});

	it.each([
		['alone', { fromMe: 0, content: 'Oi' }],
		['in its list', { mensagens: [{ content: 'Oi' }] }],
		['in its group', { '20231130303159': [{ content: 'Oi', fromMe: '0' }] }],
	])('keeps a message without an ID: %s', async (_where, answer) => {
		expect((await open(answer)).messages).toEqual([expect.objectContaining({ text: 'Oi' })]);
	});

	it('keeps entries among the messages that are none', async () => {
		expect((await open({ mensagens: [message, { foo: 1 }] })).messages).toEqual([
			expect.objectContaining({ messageId: '1' }),
			{ foo: 1 },
		]);
	});

	it('says when it has found no messages, unless Voxfree says that there are none', async () => {
		expect(await open({ foo: 1 })).toMatchObject({
			foo: 1,
			messages: [],
			hint: expect.any(String),
		});
		expect(await open({ contato: { codid: 30 }, mensagens: [] })).not.toHaveProperty('hint');
	});
});

describe('new messages', () => {
	const read = async (answer: unknown, parameters: object = {}) => {
		recorder.answers = { 'buscaMensagem.php': answer };
		return await run('message', 'getNew', { protocol, details, lastMessageId: '1', ...parameters });
	};

	it.each([
		[[]],
		[{ retorno: 'ok', mensagens: [] }],
		[{ retorno: 'ok', mensagens: {} }],
		[{ mensagens: { '20231130303159': [] } }],
		[[{ retorno: 'ok' }, { mensagens: [] }]],
		[{ retorno: 'ok', mensagem: 'Nenhuma mensagem nova' }],
	])('are none for %j', async (answer) => {
		const { items, error } = await read(answer);
		expect([items, error]).toEqual([[], undefined]);
	});

	it.each([
		[{ retorno: 'ok' }],
		[{ foo: 1 }],
		[{ retorno: 'erro', mensagens: [] }],
		[{ contato: { codid: 30, nome: 'Ana' } }],
		[{ mensagens: [{ foo: 1 }] }],
	])('stop with an error for %j, or return it on request', async (answer) => {
		const { error } = await read(answer);
		expect(error?.message).toMatch(/^Voxfree (answered, but not with a list|did not accept)/);
		if (!('retorno' in answer) || answer.retorno === 'ok') {
			const { items } = await read(answer, { options: { ifUnreadable: 'raw' } });
			expect(items.map(({ json }) => json)).toEqual([{ answer }]);
		}
	});

	it('come with what stands among them', async () => {
		const { items } = await read({ mensagens: [message, { foo: 1 }] });
		expect(items.map(({ json }) => json)).toEqual([
			expect.objectContaining({ messageId: '1' }),
			{ foo: 1 },
		]);
	});
});

describe('the time of a message', () => {
	it.each([
		'2023-12-05 09:52:45',
		'2023-12-05T09:52:45',
		'2023-12-05T12:52:45Z',
		'2023-12-05 09:52:45-03:00',
		'05/12/2023 09:52:45',
		'5/12/2023 9:52:45',
		'05-12-2023 09:52:45',
		'05.12.2023, 09:52:45',
		'05/12/2023 às 09:52:45',
		' 1701780765 ',
		'1701780765000',
	])('is read from the timestamp %s', (timestamp) => {
		expect(momentOf({ timestamp })?.toISOString()).toBe('2023-12-05T12:52:45.000Z');
	});

	it.each([
		'31/02/2023 10:00',
		'2023-02-30 10:00',
		'12/25/2023 10:00',
		'05/12/2023',
		'ontem 10:00',
	])('is unknown for %s, and never another one', (timestamp) =>
		expect(momentOf({ timestamp })).toBeUndefined(),
	);
});

describe('a 24-hour window that cannot be read', () => {
	const soon = () => Math.floor(Date.now() / 1000);
	const send = async (opened: unknown, parameters: object, active: unknown = undefined) => {
		recorder.answers = {
			'chatsAtivos.php': active ?? [
				{ protocolo: '20231130303159', id_contato: '30', id_canal_unico: '25' },
			],
			'buscaChat.php': opened,
			'enviaMensagem.php': sentText,
			'templatesWhatsapp.php': sentTemplate,
		};
		const { items, error } = await run('message', 'sendText', {
			protocol,
			details,
			text: 'x',
			templateId: byId('80'),
			...parameters,
		});
		const sent = recorder.calls.map(({ service }) => service).at(-1);
		recorder.reset();
		return { output: items[0]?.json, error, sent };
	};

	it.each([
		['a time', { mensagens: [{ ...message, timestamp: 'ontem' }] }],
		['no time', { mensagens: [message] }],
		['a time far ahead', { mensagens: [{ ...message, timestamp: 1e15 }] }],
		['an author', { mensagens: [{ codid: 1, content: 'x', fromMe: 'talvez', timestamp: soon() }] }],
		['no author', { mensagens: [{ codid: 1, content: 'x', timestamp: soon() }] }],
		['the answer', { foo: 1 }],
		['an entry', { mensagens: [{ foo: 1 }, { ...message, timestamp: 1701780765 }] }],
	])('because of %s does what the user has chosen', async (_why, opened) => {
		const error = await send(opened, { outsideWindow: 'error' });
		expect(error.error?.message).toContain('window of this conversation is unknown');
		expect(error.error?.description).toContain('Nothing was sent.');
		expect(error.sent).toBe('buscaChat.php');
		const outside = await send(opened, { outsideWindow: 'template' });
		expect(outside.output).toMatchObject({ sentTemplateInstead: true, windowUnknown: true });
		const anyway = await send(opened, { outsideWindow: 'error', ifWindowUnknown: 'sendAnyway' });
		expect([anyway.error, anyway.sent]).toEqual([undefined, 'enviaMensagem.php']);
		const template = await send(opened, { outsideWindow: 'error', ifWindowUnknown: 'template' });
		expect(template.sent).toBe('templatesWhatsapp.php');
		const stop = await send(opened, { outsideWindow: 'template', ifWindowUnknown: 'error' });
		expect(stop.error?.message).toContain('is unknown');
	});

	it('because of the list of active conversations opens nothing', async () => {
		const { error, sent } = await send({}, { outsideWindow: 'error' }, { foo: 1 });
		expect(error?.message).toContain('is unknown');
		expect(sent).toBe('chatsAtivos.php');
	});

	it('is open all the same if one message is surely new enough', async () => {
		const opened = { mensagens: [message, { ...message, codid: 2, timestamp: soon() }] };
		expect((await send(opened, { outsideWindow: 'error' })).sent).toBe('enviaMensagem.php');
	});
});

describe('Find or Create', () => {
	const find = async (stored: unknown) => {
		recorder.answers = {
			'servicoContatos.php': (request: { body: unknown }) => ({
				text: JSON.stringify(
					(request.body as { action: string }).action === 'insert' ? { codid: 31 } : stored,
				),
			}),
		};
		const { items, error } = await run('contact', 'findOrCreate', {
			number: '5519988887777',
			name: 'Ana',
		});
		return { output: items[0]?.json, error, calls: recorder.to('servicoContatos.php').length };
	};

	it.each([
		{ retorno: 'ok' },
		{ foo: 1 },
		{ dados: null },
		'ok',
		{ total: 1, dados: [] },
		[{ codid: 30, nome: 'Ana' }],
		[{ codid: 30, numero: '(**) *****-7777' }],
		[{ codid: 30, numero: '98888-7777' }],
		[{ codid: 30, cpf: '19988887777' }],
	])('creates nothing when it does not understand %j', async (stored) => {
		const { error, calls } = await find(stored);
		expect(error?.message).toMatch(/^Voxfree (answered, but not|found a contact whose number)/);
		expect(error?.description).toContain('No contact was created');
		expect(calls).toBe(1);
	});

	it.each([
		[{ celular: '+55 (19) 98888-7777' }],
		[{ numero: '', telefone: '19 8888-7777' }],
		[{ numero: '551133334444', celular2: 5519988887777 }],
		[{ whatsapp: '5519988887777@c.us' }],
		[{ telefones: ['551133334444', '019 98888-7777'] }],
		[{ contatos: [{ tipo: 'celular', valor: '19988887777' }] }],
	])('finds the number in %j', async (numbers) => {
		const { output, calls } = await find([{ codid: 30, nome: 'Ana', ...numbers }]);
		expect(output).toMatchObject({ created: false, contactId: '30' });
		expect(calls).toBe(1);
	});

	it.each([
		[[]],
		[{ dados: [] }],
		['Nenhum contato encontrado'],
		[[{ codid: 1, numero: '5511988887777' }]],
	])('creates the contact for %j', async (stored) => {
		const { output } = await find(stored);
		expect(output).toMatchObject({ created: true, contactId: '31' });
	});
});

describe('the labels of lists', () => {
	it.each([
		[
			'contact',
			'servicoContatos.php',
			{ id: 30, nome_cliente: 'Account', nome: 'Ana' },
			{ contactId: '30', name: 'Ana' },
		],
		[
			'template',
			'templatesWhatsapp.php',
			{ codid: 1, codid_template: 80, nome: 'x' },
			{ templateId: '80' },
		],
	])('%s: belong to what is listed', async (resource, service, entry, ours) => {
		recorder.answers = { [service]: [entry] };
		const { items } = await run(resource, 'getAll', { protocol });
		expect(items[0]?.json).toMatchObject(ours);
	});
});
