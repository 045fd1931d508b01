import { conversationIn } from '../../../nodes/Voxfree/api/wire/conversations';
import { messageIn, messagesIn } from '../../../nodes/Voxfree/api/wire/messages';
import { refusalIn } from '../../../nodes/Voxfree/api/wire/refusals';
import { listSearch, runNode, runTool } from '../../support';
import opened from '../../fixtures/voxfree/answer-buscaChat.json';
import sentText from '../../fixtures/voxfree/answer-enviaMensagem.json';
import started from '../../fixtures/voxfree/answer-novaConversaManual.json';
import served from '../../fixtures/voxfree/answer-novaConversaManual-served.json';
import { byId, setupOf, storeWith, useRecorder } from './setup';

jest.setTimeout(30_000);

const recorder = useRecorder();

const run = async (resource: string, operation: string, parameters: object = {}) =>
	await runNode(setupOf(storeWith(recorder.url), { resource, operation, ...parameters }));
const protocol = byId('20231130303159');
const details = { channelId: '25', contactId: '30' };

describe('a failure', () => {
	it.each([
		[{ retorno: 'falha - não foi possivel' }, 'não foi possivel'],
		[{ retorno: 'Falha - x' }, 'x'],
		[{ status: 'FALHA: x' }, 'x'],
		[{ status: ' falha', message: 'y' }, 'y'],
		[{ error: 1, descricao: 'x' }, 'x'],
		[{ error: '1', message: 'x' }, 'x'],
		[{ error: true }, 'no reason given'],
		[[{ retorno: 'falha - x' }, { mensagens: {} }], 'x'],
	])('is recognised in %j', (body, words) => {
		expect(refusalIn(body as never)).toBe(words);
	});

	it.each([
		{ retorno: 'ok' },
		{ status: 'ok' },
		{ error: 0, message: 'Senha alterada' },
		{ error: '0' },
		[],
		[{ codid: '1', nome: 'falha' }],
		{ mensagens: { '20231130303159': { content: 'falha - no' } } },
	])('is not seen in %j', (body) => {
		expect(refusalIn(body as never)).toBeUndefined();
	});

	it('of one item leaves the others alone when the node continues', async () => {
		recorder.answers = {
			'enviaMensagem.php': (request: { body: unknown }) => ({
				text: JSON.stringify(
					(request.body as { mensagem: string }).mensagem === 'bad'
						? { retorno: 'falha - blocked' }
						: sentText,
				),
			}),
		};
		const { items } = await runNode(
			setupOf(
				storeWith(recorder.url),
				{
					resource: 'message',
					operation: 'sendText',
					protocol,
					details,
					text: '={{ $json.text }}',
				},
				{ items: ['a', 'bad', 'c'].map((text) => ({ text })), onError: 'continueRegularOutput' },
			),
		);
		expect(items.map(({ json }) => json.success ?? json.error)).toEqual([
			true,
			'Voxfree did not accept the request: blocked',
			true,
		]);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
	});
});

describe('messages', () => {
	const message = { codid: 17932701, protocolo: '20231130303159', fromMe: 1, content: 'teste' };

	it.each([
		[
			'the broken envelope of the document',
			[{ retorno: 'ok' }, { mensagens: { '20231130303159': message } }],
		],
		['one envelope', { retorno: 'ok', mensagens: { '20231130303159': message } }],
		['no envelope', { '20231130303159': message }],
		['a list for each protocol', { mensagens: { '20231130303159': [message] } }],
		['a plain list', [message]],
		['one message', message],
	])('are found in %s', (_shape, body) => {
		expect(messagesIn(body as never).map(messageIn)).toMatchObject([
			{ messageId: '17932701', protocol: '20231130303159', fromMe: true, text: 'teste' },
		]);
	});

	it('have the protocol of the group that they stand in', () => {
		const body = { '20240222303307': { codid: '1', type: 'template', fromMe: 1 } };
		expect(messagesIn(body).map(messageIn)[0]?.protocol).toBe('20240222303307');
	});

	it('are read with the blanks that the document has in its names', () => {
		const [first] = messagesIn({ codid: '1', fromMe: '0', 'reply id': '7', lido: '2' });
		expect(messageIn(first ?? {})).toMatchObject({ replyTo: '7', deliveryStatus: 'read' });
	});

	it('keep IDs of 18 digits', async () => {
		recorder.answers = {
			'enviaMensagem.php':
				'{"mensagens":{"202311303422841002":{"codid":900719925474099312,"fromMe":1}}}',
		};
		const { items } = await run('message', 'sendText', { protocol, details, text: 'x' });
		expect(items[0]?.json).toMatchObject({
			messageId: '900719925474099312',
			protocol: '202311303422841002',
		});
	});

	it('that were sent come out raw on request', async () => {
		recorder.answers = { 'enviaMensagem.php': sentText };
		const { items } = await run('message', 'sendText', {
			protocol,
			details,
			text: 'x',
			simplify: false,
		});
		expect(items.map(({ json }) => json)).toEqual([{ answer: sentText }]);
	});

	it('of which Voxfree tells nothing are known to be sent', async () => {
		recorder.answers = { 'enviaMensagem.php': { retorno: 'ok' } };
		const { items } = await run('message', 'sendText', { protocol, details, text: 'x' });
		expect(items[0]?.json).toEqual({ success: true, protocol: '20231130303159' });
	});
});

describe('lists that the document shows as pictures', () => {
	const entry = { codid: '9', nome: 'Finance' };

	it.each([
		['a list', [entry]],
		['a list under a name', { retorno: 'ok', departamentos: [entry] }],
		['a list in an envelope', [{ retorno: 'ok' }, { dados: [entry] }]],
		['two levels deep', { dados: { departamentos: [entry] } }],
		['objects by their ID', { '9': { nome: 'Finance' } }],
		['one object', entry],
	])('are read from %s', async (_shape, body) => {
		recorder.answers = { 'buscaDepartamentos.php': body };
		const { items } = await run('department', 'getAll');
		expect(items.map(({ json }) => json)).toEqual([{ departmentId: '9', name: 'Finance' }]);
		const { results } = await listSearch({
			...setupOf(storeWith(recorder.url), {}),
			method: 'searchDepartments',
		});
		expect(results).toEqual([{ name: 'Finance', value: '9' }]);
	});

	it.each([
		[[]],
		[{ retorno: 'ok', dados: [] }],
		[{ departamentos: [] }],
		[{ retorno: 'Nenhum registro' }],
	])('may be empty: %j', async (body) => {
		recorder.answers = { 'buscaDepartamentos.php': body };
		const { items, error } = await run('department', 'getAll');
		expect(error).toBeUndefined();
		expect(items).toEqual([]);
	});

	const strange = { total: 3, pagina: 1 };

	it('stop with the beginning of an answer that is none', async () => {
		recorder.answers = { 'buscaDepartamentos.php': { ...strange, texto: 'x'.repeat(300) } };
		const { error, items } = await run('department', 'getAll');
		expect(items).toEqual([]);
		expect(error?.message).toBe('Voxfree answered, but not with a list this node can read');
		expect(error?.description).toContain('The answer begins with: {"total":3,"pagina":1,');
		expect(error?.description).not.toContain('x'.repeat(201));
	});

	it.each([strange, 'Finance', ['x', ['y']]])(
		'return an answer that is none on request: %j',
		async (answer) => {
			recorder.answers = { 'buscaDepartamentos.php': JSON.stringify(answer) };
			const { items, hints, error } = await run('department', 'getAll', {
				options: { ifUnreadable: 'raw' },
			});
			expect(error).toBeUndefined();
			expect(items.map(({ json }) => json)).toEqual([{ answer }]);
			expect(hints).toMatchObject([{ type: 'warning', location: 'outputPane' }]);
		},
	);

	it('send the user to the manual entry when they cannot be read', async () => {
		recorder.answers = { 'buscaDepartamentos.php': [{ foo: 'bar' }] };
		await expect(
			listSearch({ ...setupOf(storeWith(recorder.url), {}), method: 'searchDepartments' }),
		).rejects.toMatchObject({
			message: 'Voxfree answered, but not with a list this node can read',
			description: expect.stringContaining('enter the ID yourself') as string,
		});
	});

	it('keep their own fields beside ours', () => {
		expect(
			conversationIn({
				protocolo: '20231130303159',
				tipo_chat: 'grupo',
				id_grupo: 77,
				contato: { id: '30', nome: 'Ana' },
				id_canal_unico: 25,
				nao_lidas: 3,
			}),
		).toEqual({
			protocol: '20231130303159',
			isGroup: true,
			contactId: '77',
			contactName: 'Ana',
			channelId: '25',
			codid_contato: '30',
			nao_lidas: 3,
		});
	});

	it('end at the limit', async () => {
		recorder.answers = {
			'chatsEspera.php': Array.from({ length: 70 }, (_one, id) => ({ codid: id + 1 })),
		};
		expect((await run('conversation', 'getWaiting')).items).toHaveLength(50);
		expect((await run('conversation', 'getWaiting', { limit: 3 })).items).toHaveLength(3);
		expect((await run('conversation', 'getWaiting', { returnAll: true })).items).toHaveLength(70);
	});
});

describe('the lists of the editor', () => {
	const search = async (method: string, parameters: object = {}, filter?: string) =>
		await listSearch({
			...setupOf(storeWith(recorder.url), parameters),
			method,
			...(filter === undefined ? {} : { filter }),
		});

	it('show conversations by contact and protocol, and find them without accents', async () => {
		recorder.answers = {
			'chatsAtivos.php': [
				{ protocolo: '20231130303159', nome_contato: 'Conceição' },
				{ protocolo: '20231130303160', nome_contato: 'Ana' },
			],
		};
		expect((await search('searchConversations', {}, 'conceicao')).results).toEqual([
			{ name: 'Conceição (20231130303159)', value: '20231130303159' },
		]);
		expect((await search('searchConversations', {}, '303160')).results).toHaveLength(1);
	});

	it('show what can be opened: the waiting conversations, which say so, and the active ones', async () => {
		recorder.answers = {
			'chatsAtivos.php': [{ protocolo: '1', nome_contato: 'Bia' }],
			'chatsEspera.php': [
				{ protocolo: '1', nome_contato: 'Bia' },
				{ protocolo: '2', nome_contato: 'Ana' },
				{ protocolo: '3' },
			],
		};
		expect((await search('searchConversationsToOpen')).results).toEqual([
			{ name: '3 - waiting', value: '3' },
			{ name: 'Ana (2) - waiting', value: '2' },
			{ name: 'Bia (1)', value: '1' },
		]);
		expect((await search('searchConversationsToOpen', {}, 'waiting')).results).toHaveLength(2);
	});

	it.each([
		['searchConversations', 'Your agent has no active conversation. Use By Protocol.'],
		[
			'searchConversationsToOpen',
			'No conversation is waiting, and your agent has no active one. Use By Protocol.',
		],
	])('%s says what to do where there is no conversation', async (method, message) => {
		recorder.answers = { 'chatsAtivos.php': [], 'chatsEspera.php': [] };
		await expect(search(method)).rejects.toMatchObject({ message });
	});

	it('show the channels of the chosen department', async () => {
		recorder.answers = { 'buscaCanais.php': [{ id_canal: 25, nome: 'Sales', tipo: 'whatsapp' }] };
		expect((await search('searchChannels', { departmentId: byId('9') })).results).toEqual([
			{ name: 'Sales', value: '25' },
		]);
		expect(recorder.to('buscaCanais.php')[0]?.body).toMatchObject({
			departamento_selecionado: '9',
		});
	});

	it.each([
		['searchChannels', 'Department'],
		['searchTemplates', 'Conversation'],
		['searchTags', 'Conversation'],
		['searchWrapUpCodes', 'Conversation'],
	])('%s asks for %s first', async (method, label) => {
		await expect(search(method)).rejects.toMatchObject({ message: `Choose '${label}' first` });
		expect(recorder.requests).toHaveLength(0);
	});

	it('let Voxfree search contacts, by number too', async () => {
		recorder.answers = {
			'servicoContatos.php': [{ codid: '30', nome: 'Ana', numero: '5519999999999' }],
		};
		expect((await search('searchContacts', {}, '9999')).results).toEqual([
			{ name: 'Ana', value: '30' },
		]);
		expect(recorder.to('servicoContatos.php')[0]?.body).toMatchObject({ search: '9999' });
	});

	it('show the other agents who have conversations', async () => {
		recorder.answers = {
			'chatsAtivos.php': [{ protocolo: '1', id_agente: '61', nome_agente: 'Ourselves' }],
			'chatsEspera.php': [
				{ protocolo: '2', id_agente: '60', nome_agente: 'Other' },
				{ protocolo: '3', id_agente: '0' },
			],
		};
		expect((await search('searchAgents')).results).toEqual([{ name: 'Other', value: '60' }]);
	});

	it('name an agent as the last conversation that names them does, and by ID where none does', async () => {
		recorder.answers = {
			'chatsAtivos.php': [
				{ protocolo: '1', id_agente: '60', nome_agente: 'Other' },
				{ protocolo: '2', id_agente: '60' },
				{ protocolo: '3', id_agente: '59' },
			],
			'chatsEspera.php': [],
		};
		expect((await search('searchAgents')).results).toEqual([
			{ name: '59', value: '59' },
			{ name: 'Other', value: '60' },
		]);
	});

	it('are in the order of their names, without regard to accents', async () => {
		recorder.answers = {
			'buscaDepartamentos.php': [
				{ codid: 1, nome: 'Vendas' },
				{ codid: 2, nome: 'Área técnica' },
				{ codid: 3, nome: 'Cobrança' },
			],
		};
		expect((await search('searchDepartments')).results.map(({ value }) => value)).toEqual([
			'2',
			'3',
			'1',
		]);
		expect((await search('searchDepartments', {}, ' ÁREA ')).results).toHaveLength(1);
		expect((await search('searchDepartments', {}, 'none')).results).toEqual([]);
	});

	it.each([
		[
			'searchConversations',
			'chatsAtivos.php',
			{ protocolo: '1', numero_contato: '5519' },
			'5519 (1)',
		],
		['searchConversations', 'chatsAtivos.php', { protocolo: '1' }, '1'],
		['searchContacts', 'servicoContatos.php', { codid: 1, numero: '5519' }, '5519'],
		['searchContacts', 'servicoContatos.php', { codid: 1 }, '1'],
		[
			'searchQuickReplies',
			'servicoRespostasRapidas.php',
			{ codid: 1, titulo: 'a', resposta: 'b' },
			'a',
		],
		['searchQuickReplies', 'servicoRespostasRapidas.php', { codid: 1, resposta: 'b' }, 'b'],
		['searchDepartments', 'buscaDepartamentos.php', { codid: 1, nome_setor: 'Sales' }, 'Sales'],
	])('%s: %s with %j shows %j', async (method, service, entry, name) => {
		recorder.answers = { [service]: [entry] };
		expect((await search(method)).results).toEqual([{ name, value: '1' }]);
	});

	it.each([
		['searchTags', 'servicoTags.php', { protocolo: '20231130303159', action: 'select' }],
		['searchTemplates', 'templatesWhatsapp.php', { protocolo: '20231130303159', action: 'select' }],
		['searchWrapUpCodes', 'buscaTabulacoes.php', { protocolo: '20231130303159' }],
	])('%s asks for those of the chosen conversation', async (method, service, body) => {
		for (const chosen of [protocol, byId(' 20231130303159 '), 20231130303159]) {
			recorder.reset();
			recorder.answers = { [service]: [{ codid: 53, nome: 'x' }] };
			const { results } = await search(method, { protocol: chosen });
			expect(results).toEqual([{ name: 'x', value: '53' }]);
			expect(recorder.to(service)[0]?.body).toMatchObject(body);
		}
	});

	it('ask for a choice that is no expression', async () => {
		await expect(
			search('searchTags', { protocol: byId('={{ $json.protocol }}') }),
		).rejects.toMatchObject({ message: "Choose 'Conversation' first" });
		expect(recorder.requests).toHaveLength(0);
	});

	it('says how to go on when no conversation shows another agent, instead of being empty', async () => {
		recorder.answers = { 'chatsAtivos.php': [], 'chatsEspera.php': [] };
		await expect(search('searchAgents')).rejects.toThrow(
			'No other agents found in your conversations',
		);
	});
});

describe('a conversation', () => {
	it('has channel, contact and group looked up in the active list, once for many items', async () => {
		recorder.answers = {
			'chatsAtivos.php': [
				{ protocolo: '20231130303159', tipo_chat: 'grupo', id_grupo: '77', id_canal_unico: '25' },
			],
			'enviaMensagem.php': sentText,
		};
		const { error } = await runNode(
			setupOf(
				storeWith(recorder.url),
				{ resource: 'message', operation: 'sendText', protocol, text: 'x' },
				{ items: Array.from({ length: 30 }, () => ({})) },
			),
		);
		expect(error).toBeUndefined();
		expect(recorder.to('chatsAtivos.php')).toHaveLength(1);
		expect(recorder.to('enviaMensagem.php')).toHaveLength(30);
		expect(recorder.to('enviaMensagem.php')[0]?.body).toMatchObject({
			id_contato: '77',
			id_canal_unico: '25',
			is_group: '1',
		});
	});

	it.each([
		[{ channelId: '26' }, { id_canal_unico: '26', id_contato: '77', is_group: '1' }],
		[{ contactId: '31' }, { id_canal_unico: '25', id_contato: '31', is_group: '1' }],
		[{ isGroup: false }, { id_canal_unico: '25', id_contato: '77', is_group: '0' }],
		[
			{ channelId: '26', contactId: '31' },
			{ id_canal_unico: '26', id_contato: '31', is_group: '0' },
		],
		[
			{ channelId: '26', contactId: '31', isGroup: true },
			{ id_canal_unico: '26', id_contato: '31', is_group: '1' },
		],
	])('has of its details %j what the user gives, and the rest looked up', async (given, sent) => {
		recorder.answers = {
			'chatsAtivos.php': [
				{ protocolo: '20231130303159', tipo_chat: 'grupo', id_grupo: '77', id_canal_unico: '25' },
			],
		};
		await run('message', 'sendText', { protocol, text: 'x', details: given });
		expect(recorder.to('enviaMensagem.php')[0]?.body).toMatchObject(sent);
	});

	it.each([
		[{ id_contato: '30' }, "'Channel ID'"],
		[{ id_canal_unico: '25' }, "'Contact ID'"],
		[{}, "'Channel ID' and 'Contact ID'"],
	])('of which the list tells only %j names what is missing', async (known, missing) => {
		recorder.answers = { 'chatsAtivos.php': [{ protocolo: '20231130303159', ...known }] };
		const { error } = await run('message', 'sendText', { protocol, text: 'x' });
		expect(error?.message).toContain(`${missing} of the conversation 20231130303159`);
		expect(error?.description).toContain(`enter ${missing} under 'Conversation Details'`);
		expect(recorder.to('enviaMensagem.php')).toHaveLength(0);
	});

	/** Sends to each of these conversations, one after the other; errors stay in the output. */
	const sendToEach = async (protocols: string[], operation: [string, string], rest: object = {}) =>
		await runNode(
			setupOf(
				storeWith(recorder.url),
				{
					resource: operation[0],
					operation: operation[1],
					protocol: byId('={{ $json.to }}'),
					options: { batching: { batch: { concurrentItems: 1, itemInterval: 0 } } },
					...rest,
				},
				{ items: protocols.map((to) => ({ to })), onError: 'continueRegularOutput' },
			),
		);
	const listed = (...protocols: string[]) =>
		JSON.stringify(
			protocols.map((protocolo) => ({ protocolo, id_contato: '30', id_canal_unico: '25' })),
		);

	it('is looked up again by the next item when the list could not be had', async () => {
		let asked = 0;
		recorder.answers = {
			'chatsAtivos.php': () =>
				asked++ === 0 ? { status: 400, text: '' } : { text: listed('1', '2') },
		};
		const { items } = await sendToEach(['1', '2'], ['message', 'sendText'], { text: 'x' });
		expect(items.map(({ json }) => json.success ?? json.error)).toEqual([
			'Voxfree did not accept the request (status 400)',
			true,
		]);
	});

	it('is looked up in a new list after one has been finished', async () => {
		let asked = 0;
		recorder.answers = {
			'chatsAtivos.php': () => ({ text: asked++ === 0 ? listed('1') : listed('2') }),
		};
		const { items } = await sendToEach(['1', '2'], ['conversation', 'finish']);
		expect(items.map(({ json }) => json.success ?? json.error)).toEqual([true, true]);
		expect(recorder.to('chatsAtivos.php')).toHaveLength(2);
	});

	it.each([
		[4_999, 1],
		[5_000, 2],
	])('is looked up in a list of %d ms ago or in a new one', async (later, lists) => {
		let now = Date.now();
		const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
		try {
			recorder.answers = {
				'chatsAtivos.php': () => ({
					text: recorder.to('chatsAtivos.php').length === 1 ? listed('1') : listed('1', '2'),
				}),
				'enviaMensagem.php': () => {
					now += later;
					return { text: '{"retorno":"ok"}' };
				},
			};
			const { items } = await sendToEach(['1', '2'], ['message', 'sendText'], { text: 'x' });
			expect(items.map(({ json }) => json.success === true)).toEqual([true, lists === 2]);
			expect(recorder.to('chatsAtivos.php')).toHaveLength(lists);
		} finally {
			clock.mockRestore();
		}
	});

	it('that is not ours names what to enter', async () => {
		recorder.answers = { 'chatsAtivos.php': [] };
		const { error } = await run('message', 'sendText', { protocol, text: 'x' });
		expect(error?.message).toBe(
			"The conversation 20231130303159 is not among the agent's active conversations",
		);
		expect(error?.description).toContain("enter 'Channel ID' and 'Contact ID'");
		expect(recorder.to('enviaMensagem.php')).toHaveLength(0);
	});

	it('opens with its contact, portfolio and messages', async () => {
		recorder.answers = { 'buscaChat.php': opened };
		const { items } = await run('conversation', 'open', { protocol: byId('20231123303151') });
		expect(items[0]?.json).toMatchObject({
			protocol: '20231123303151',
			contact: { contactId: '30', note: 'demo', photoUrl: 'https://files.example.test/30.jpg' },
			isPortfolioAllowed: true,
			portfolioId: '1635',
			portfolioAgentId: '61',
			portfolioAgentName: 'Demo Agent',
			isDeletingAllowed: true,
			isReadingDeletedAllowed: false,
			messages: [
				{ messageId: '17808239', fromMe: false, text: 'Oi', protocol: '20231123303151' },
				{ messageId: '17808240', fromMe: true, whatsappId: 'DEMO5645' },
			],
		});
	});
});

describe('handing a conversation on', () => {
	it.each([
		['finish', {}],
		['transfer', { newAgentId: byId('60') }],
		['transferAndFinish', { newAgentId: byId('60'), departmentId: byId('9') }],
	])('%s sends the portfolio check under both names, as the user sets it', async (...row) => {
		const [operation, parameters] = row;
		const checks = [];
		for (const options of [{}, { isPortfolioClient: false }, { isPortfolioClient: true }]) {
			recorder.reset();
			await run('conversation', operation, { protocol, details, ...parameters, options });
			const [request] = recorder.to('finalizarAtendimento.php');
			const body = request?.body as Record<string, string>;
			checks.push([body.carteirizado_check, body.fidelizado_check]);
		}
		expect(checks).toEqual([
			['0', '0'],
			['0', '0'],
			['1', '1'],
		]);
	});
});

describe('starting a conversation', () => {
	const start = { departmentId: byId('9'), channelId: byId('25'), contactId: byId('30') };

	it('brings the protocol that all other operations take', async () => {
		let looked = 0;
		recorder.answers = {
			'novaConversaManual.php': started,
			'chatsAtivos.php': () => ({
				text: JSON.stringify(
					looked++ === 0
						? []
						: [
								{ protocolo: '20231213303164', id_contato: '30', id_canal_unico: '25' },
								{ protocolo: '20231214303165', id_contato: 30, id_canal_unico: 25 },
								{ protocolo: '20231215303166', id_contato: '31', id_canal_unico: '25' },
							],
				),
			}),
		};
		const { items, error } = await run('conversation', 'start', start);
		expect(error).toBeUndefined();
		expect(items[0]?.json).toEqual({
			started: true,
			alreadyServed: false,
			protocol: '20231214303165',
			recordId: '395349',
			contactId: '30',
			channelId: '25',
			departmentId: '9',
		});
		expect(recorder.to('novaConversaManual.php')).toHaveLength(1);
	});

	it('is no failure when the protocol cannot be found', async () => {
		recorder.answers = { 'novaConversaManual.php': started, 'chatsAtivos.php': [] };
		const { items, error, hints } = await run('conversation', 'start', start);
		expect(error).toBeUndefined();
		expect(hints).toMatchObject([
			{
				type: 'warning',
				location: 'outputPane',
				message: expect.stringContaining('protocol') as string,
			},
		]);
		expect(items[0]?.json).toMatchObject({
			started: true,
			recordId: '395349',
			hint: expect.stringContaining('active') as string,
		});
		expect(items[0]?.json).not.toHaveProperty('protocol');
	});

	it('says who serves the contact already', async () => {
		recorder.answers = { 'novaConversaManual.php': served };
		const { items, error } = await run('conversation', 'start', start);
		expect(error).toBeUndefined();
		expect(items[0]?.json).toEqual({
			started: false,
			alreadyServed: true,
			servedByAgentId: '60',
			servedByAgentName: 'Other Agent',
			servedByMe: false,
			contactId: '30',
			channelId: '25',
			departmentId: '9',
		});
	});

	it('brings the protocol when we serve the contact ourselves', async () => {
		recorder.answers = {
			'novaConversaManual.php': { ...served, agente_em_atendimento_codid: 61 },
			'chatsAtivos.php': [{ protocolo: '20231213303164', id_contato: '30' }],
		};
		const { items } = await run('conversation', 'start', start);
		expect(items[0]?.json).toMatchObject({ servedByMe: true, protocol: '20231213303164' });
	});

	it('takes the newest of several conversations with the contact on the channel', async () => {
		recorder.answers = {
			'novaConversaManual.php': started,
			'chatsAtivos.php': [
				{ protocolo: '20231213303164', id_contato: '30', id_canal_unico: '25' },
				{ protocolo: '20231214303165', id_contato: '30', id_canal_unico: '25' },
				{ protocolo: '9', id_contato: '30', id_canal_unico: '25' },
				{ protocolo: '20231216303166', id_contato: '30', id_canal_unico: '26' },
			],
		};
		const { items } = await run('conversation', 'start', start);
		expect(items[0]?.json.protocol).toBe('20231214303165');
		expect(recorder.to('chatsAtivos.php')).toHaveLength(1);
	});

	it('looks three times for the new conversation, and past a list that cannot be had', async () => {
		let asked = 0;
		recorder.answers = {
			'novaConversaManual.php': started,
			'chatsAtivos.php': () =>
				++asked < 3
					? { status: 400, text: '' }
					: { text: '[{"protocolo":"20231214303165","id_contato":"30"}]' },
		};
		const { items } = await run('conversation', 'start', start);
		expect(items[0]?.json.protocol).toBe('20231214303165');
		expect(recorder.to('chatsAtivos.php')).toHaveLength(3);
	});

	it('looks once for a conversation that we had already', async () => {
		recorder.answers = {
			'novaConversaManual.php': { ...served, agente_em_atendimento_codid: '61' },
			'chatsAtivos.php': [],
		};
		const { items } = await run('conversation', 'start', start);
		expect(items[0]?.json).toMatchObject({ started: false, servedByMe: true });
		expect(recorder.to('chatsAtivos.php')).toHaveLength(1);
	});

	it.each([
		['started', started],
		['served already', served],
	])('returns the answer as it came without Simplify: %s', async (_what, answer) => {
		recorder.answers = {
			'novaConversaManual.php': answer,
			'chatsAtivos.php': [{ protocolo: '20231214303165', id_contato: '30' }],
		};
		const { items } = await run('conversation', 'start', { ...start, simplify: false });
		expect(items.map(({ json }) => json)).toEqual([{ answer }]);
	});

	it.each([
		[{ agente_em_atendimento_codid: 61 }, 'by the agent of this credential'],
		[{ agente_em_atendimento_nome: '' }, 'by another agent (ID 60)'],
		[{ agente_em_atendimento_codid: '' }, 'by Other Agent'],
	])('served %j says in its error: %s', async (changes, by) => {
		recorder.answers = {
			'novaConversaManual.php': { ...served, ...changes },
			'chatsAtivos.php': [],
		};
		const { error } = await run('conversation', 'start', { ...start, ifServed: 'error' });
		expect(error?.message).toBe(`The contact is already being served ${by}`);
	});

	it('that Voxfree refuses for another reason is a failure', async () => {
		recorder.answers = {
			'novaConversaManual.php': { ...served, em_atendimento: 0, retorno: 'falha - x' },
		};
		const { error } = await run('conversation', 'start', start);
		expect(error?.message).toMatch(/: x$/);
	});

	it('makes that an error on request', async () => {
		recorder.answers = { 'novaConversaManual.php': served };
		const { error } = await run('conversation', 'start', { ...start, ifServed: 'error' });
		expect(error?.message).toBe('The contact is already being served by Other Agent (ID 60)');
	});

	it.each([
		['Instagram', { codid: '25', nome: 'Shop', tipo: 'instagram' }],
		['Facebook', { codid: '25', nome: 'Shop', plataforma: 'Facebook Messenger' }],
		['Instagram', { codid: '25', nome: 'Instagram Shop' }],
	])('is refused on %s before anything is sent', async (platform, channel) => {
		recorder.answers = { 'buscaCanais.php': [channel] };
		const { error } = await run('conversation', 'start', start);
		expect(error?.message).toBe(
			`'Channel' is on ${platform}, where conversations cannot be started`,
		);
		expect(recorder.to('novaConversaManual.php')).toHaveLength(0);
	});

	it('is not refused on WhatsApp because of its name', async () => {
		recorder.answers = {
			'buscaCanais.php': [{ codid: '25', nome: 'WhatsApp for Instagram ads', tipo: 'whatsapp' }],
			'novaConversaManual.php': started,
			'chatsAtivos.php': [{ protocolo: '20231213303164', id_contato: '30' }],
		};
		expect((await run('conversation', 'start', start)).error).toBeUndefined();
	});
});

describe('a contact', () => {
	const found = { codid: '30', nome: 'Ana', numero: '5519988887777' };

	it.each(['5519988887777', '+55 (19) 98888-7777', '19 98888-7777', '551988887777'])(
		'is found by %s, and not created',
		async (number) => {
			recorder.answers = {
				'servicoContatos.php': [{ codid: '29', numero: '5511988887777' }, found],
			};
			const { items } = await run('contact', 'findOrCreate', { number, name: 'Ana' });
			expect(items[0]?.json).toEqual({
				created: false,
				contactId: '30',
				name: 'Ana',
				number: '5519988887777',
			});
			expect(recorder.to('servicoContatos.php')).toHaveLength(1);
		},
	);

	it('is created when there is none, and once for several items with its number', async () => {
		let stored: object[] = [];
		recorder.answers = {
			'servicoContatos.php': (request: { body: unknown }) => {
				if ((request.body as { action: string }).action === 'select') {
					return { text: JSON.stringify(stored) };
				}
				stored = [found];
				return { text: '{"status":"ok"}' };
			},
		};
		const { items, error } = await runNode(
			setupOf(
				storeWith(recorder.url),
				{
					resource: 'contact',
					operation: 'findOrCreate',
					number: '={{ $json.number }}',
					name: 'Ana',
				},
				{
					items: ['5519988887777', '+55 19 98888-7777', '19988887777'].map((number) => ({
						number,
					})),
				},
			),
		);
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => [json.created, json.contactId])).toEqual([
			[true, '30'],
			[false, '30'],
			[false, '30'],
		]);
	});
});

describe('a contact that is created', () => {
	const given = { name: 'Ana', number: '5519988887777', email: 'ana@example.test' };
	const create = async (answer: unknown, stored: unknown) => {
		recorder.answers = {
			'servicoContatos.php': (request: { body: unknown }) => {
				const { action } = request.body as { action: string };
				return { text: JSON.stringify(action === 'insert' ? answer : stored) };
			},
		};
		return await run('contact', 'create', given);
	};

	it.each(['new_codid', 'codid_contato', 'id_contato', 'codid', 'id'])(
		'has its ID from "%s" of the answer',
		async (name) => {
			for (const answer of [{ status: 'ok', [name]: 31 }, [{ [name]: '31' }]]) {
				const { items } = await create(answer, []);
				expect(items[0]?.json).toEqual({ success: true, contactId: '31', ...given });
			}
			expect(recorder.to('servicoContatos.php')).toHaveLength(2);
		},
	);

	it('is looked up where the answer has no ID', async () => {
		const { items } = await create({ status: 'ok' }, [{ codid: 31, numero: '+55 19 8888-7777' }]);
		expect(items[0]?.json).toEqual({
			success: true,
			...given,
			contactId: '31',
			number: '+55 19 8888-7777',
		});
		expect(recorder.to('servicoContatos.php')[1]?.body).toMatchObject({ search: '88887777' });
	});

	it('is no failure where it cannot be found', async () => {
		const { items } = await create({ status: 'ok' }, { retorno: 'falha - x' });
		expect(items[0]?.json).toEqual({ success: true, ...given });
	});

	it.each(['1234567', '1234567890123456', '+55 (19) call-me', '5519a988887777'])(
		'is refused with the number %j, and nothing is sent',
		async (number) => {
			const { error } = await run('contact', 'create', { ...given, number });
			expect(error?.message).toBe("'Phone Number' is not a phone number");
			expect(recorder.requests).toHaveLength(0);
		},
	);

	it('sends what was given, for Find or Create too', async () => {
		recorder.answers = {
			'servicoContatos.php': (request: { body: unknown }) => ({
				text: (request.body as { action: string }).action === 'insert' ? '{"codid":31}' : '[]',
			}),
		};
		const { items } = await run('contact', 'findOrCreate', given);
		expect(items[0]?.json).toEqual({ created: true, contactId: '31', ...given });
		expect(recorder.to('servicoContatos.php')[1]?.body).toMatchObject({
			nome: 'Ana',
			numero: '5519988887777',
			email: 'ana@example.test',
			search: '',
		});
	});
});

describe('a tag or quick reply of somebody else', () => {
	it.each([
		['tag', 'delete', { tagId: byId('53') }, 'servicoTags.php'],
		['tag', 'update', { tagId: byId('53'), name: 'x' }, 'servicoTags.php'],
		['quickReply', 'delete', { quickReplyId: byId('5') }, 'servicoRespostasRapidas.php'],
		['quickReply', 'update', { quickReplyId: byId('5'), text: 'x' }, 'servicoRespostasRapidas.php'],
	])('%s: %s fails with the rule', async (resource, operation, parameters, service) => {
		recorder.answers = { [service]: { status: 'falha - não foi possivel alterar dados' } };
		const { error } = await run(resource, operation, parameters);
		expect(error?.message).toMatch(
			/^Voxfree did not change the (tag|quick reply): não foi possivel alterar dados$/,
		);
		expect(error?.description).toContain('that the agent of this credential has created');
	});
});

describe('as a tool of an AI agent', () => {
	it('sends what the model fills in', async () => {
		recorder.answers = { 'enviaMensagem.php': sentText };
		const { response, error } = await runTool({
			...setupOf(storeWith(recorder.url), {
				resource: 'message',
				operation: 'sendText',
				protocol: byId("={{ $fromAI('protocol', 'protocol of the conversation', 'string') }}"),
				text: "={{ $fromAI('text', 'what to say', 'string') }}",
				details,
			}),
			args: { protocol: '20231130303159', text: 'Olá do modelo' },
		});
		expect(error).toBeUndefined();
		expect(response).toContain('17932701');
		expect(recorder.to('enviaMensagem.php')[0]?.body).toMatchObject({
			protocolo: '20231130303159',
			mensagem: 'Olá do modelo',
		});
	});
});
