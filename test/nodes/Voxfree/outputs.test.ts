import { runNode } from '../../support';
import sentText from '../../fixtures/voxfree/answer-enviaMensagem.json';
import sentTemplate from '../../fixtures/voxfree/answer-templatesWhatsapp-send.json';
import { rows, sends } from './operations';
import { Recorder, type Answer } from './recorder';
import { byId, setupOf, storeWith, useRecorder } from './setup';

jest.setTimeout(60_000);

const recorder = useRecorder();

const run = async (
	[resource, operation]: [string, string],
	parameters: object,
	answers: Record<string, Answer> = {},
	items = [{ json: {}, binary: { data: { content: 'demo', fileName: 'demo.txt' } } }],
) => {
	recorder.answers = answers;
	const { items: output, error } = await runNode(
		setupOf(storeWith(recorder.url), { resource, operation, ...parameters }, { items }),
	);
	return { output: output.map(({ json }) => json), error };
};
const protocol = byId('20231130303159');
const details = { channelId: '25', contactId: '30' };
const created = { status: 'ok', new_codid: '1305', aviso: 'demo' };
const ok = { retorno: 'ok', aviso: 'demo' };
const sent = {
	success: true,
	protocol: '20231130303159',
	messageId: '17932701',
	type: 'text',
	fromMe: true,
	text: '*Demo Agent*: \nteste',
	sentAt: '2023-12-05T09:52:45-03:00',
	deliveryStatus: 'notSent',
	apiStatus: '0',
	deleted: false,
};

/** Operation, parameters, service, its answer, and what the node returns of it. */
const changes: Array<[string, string, object, string, unknown, object]> = [
	[
		'agent',
		'changePassword',
		{ newPassword: 'demo-new-password' },
		'alterarSenha.php',
		ok,
		{
			success: true,
			note: expect.stringContaining('new password in the credential') as string,
		},
	],
	[
		'agent',
		'setOffline',
		{},
		'updateStatusAgente_Omni.php',
		ok,
		{ success: true, status: 'offline' },
	],
	[
		'agent',
		'setOnline',
		{},
		'updateStatusAgente_Omni.php',
		ok,
		{ success: true, status: 'online' },
	],
	[
		'contact',
		'create',
		{ name: 'Ana', number: '+55 19 98888-7777', email: 'ana@example.test' },
		'servicoContatos.php',
		created,
		{
			success: true,
			contactId: '1305',
			name: 'Ana',
			number: '5519988887777',
			email: 'ana@example.test',
		},
	],
	[
		'conversation',
		'finish',
		{ protocol, details },
		'finalizarAtendimento.php',
		ok,
		{
			success: true,
			protocol: '20231130303159',
			action: 'finished',
		},
	],
	[
		'conversation',
		'transfer',
		{ protocol, details, newAgentId: byId('60') },
		'finalizarAtendimento.php',
		ok,
		{
			success: true,
			protocol: '20231130303159',
			action: 'transferred',
			newAgentId: '60',
		},
	],
	[
		'conversation',
		'transferAndFinish',
		{ protocol, details, newAgentId: byId('60'), departmentId: byId('9') },
		'finalizarAtendimento.php',
		ok,
		{
			success: true,
			protocol: '20231130303159',
			action: 'transferredAndFinished',
			newAgentId: '60',
			departmentId: '9',
		},
	],
	['message', 'sendFile', { protocol, details }, 'enviaAnexo.php', sentText, sent],
	[
		'message',
		'sendText',
		{ protocol, details, text: 'teste' },
		'enviaMensagem.php',
		sentText,
		sent,
	],
	[
		'portfolio',
		'remove',
		{ contactId: byId('30'), departmentId: byId('9') },
		'buscaCarteirizacoes.php',
		ok,
		{
			success: true,
			contactId: '30',
			departmentId: '9',
			removed: true,
		},
	],
	[
		'quickReply',
		'create',
		{ text: 'Olá' },
		'servicoRespostasRapidas.php',
		created,
		{
			success: true,
			quickReplyId: '1305',
			text: 'Olá',
		},
	],
	[
		'quickReply',
		'delete',
		{ quickReplyId: byId('1305') },
		'servicoRespostasRapidas.php',
		ok,
		{
			success: true,
			quickReplyId: '1305',
			deleted: true,
		},
	],
	[
		'quickReply',
		'update',
		{ quickReplyId: byId('1305'), text: 'Oi' },
		'servicoRespostasRapidas.php',
		ok,
		{
			success: true,
			quickReplyId: '1305',
			text: 'Oi',
		},
	],
	[
		'tag',
		'attach',
		{ protocol, tagId: byId('53') },
		'servicoTags.php',
		ok,
		{
			success: true,
			protocol: '20231130303159',
			tagId: '53',
			action: 'attached',
		},
	],
	[
		'tag',
		'create',
		{ protocol, name: 'Invoice' },
		'servicoTags.php',
		created,
		{
			success: true,
			tagId: '1305',
			name: 'Invoice',
		},
	],
	[
		'tag',
		'delete',
		{ protocol, tagId: byId('53') },
		'servicoTags.php',
		ok,
		{
			success: true,
			tagId: '53',
			deleted: true,
		},
	],
	[
		'tag',
		'detach',
		{ protocol, tagId: byId('53') },
		'servicoTags.php',
		ok,
		{
			success: true,
			protocol: '20231130303159',
			tagId: '53',
			action: 'detached',
		},
	],
	[
		'tag',
		'update',
		{ protocol, tagId: byId('53'), name: 'Other' },
		'servicoTags.php',
		ok,
		{
			success: true,
			tagId: '53',
			name: 'Other',
		},
	],
	[
		'template',
		'send',
		{ protocol, templateId: byId('80') },
		'templatesWhatsapp.php',
		sentTemplate,
		{
			success: true,
			protocol: '20240222303307',
			messageId: '18872124',
			type: 'template',
			fromMe: true,
			deleted: false,
		},
	],
];

describe('an operation that changes something', () => {
	it.each(changes)('%s: %s returns what was done', async (...row) => {
		const [resource, operation, parameters, service, answer, expected] = row;
		const { output, error } = await run([resource, operation], parameters, { [service]: answer });
		expect(error).toBeUndefined();
		expect(output).toEqual([expected]);
	});

	it.each(changes)('%s: %s returns the answer as it came, without Simplify', async (...row) => {
		const [resource, operation, parameters, service, answer] = row;
		const { output } = await run(
			[resource, operation],
			{ ...parameters, simplify: false },
			{ [service]: answer },
		);
		expect(output).toEqual([{ answer }]);
	});

	it('returns an answer that is no object inside one, without Simplify', async () => {
		const { output } = await run(
			['agent', 'setOnline'],
			{ simplify: false },
			{ 'updateStatusAgente_Omni.php': '["ok"]' },
		);
		expect(output).toEqual([{ answer: ['ok'] }]);
	});
});

/** Operation, parameters, service, an entry of its list in Voxfree's words, and in ours. */
const lists: Array<[string, string, object, string, object, object]> = [
	[
		'channel',
		'getAll',
		{ departmentId: byId('9') },
		'buscaCanais.php',
		{
			id_canal_unico: 25,
			nome_canal: 'Sales',
			tipo: 'whatsapp',
			numero: '551940000000',
			cor: 'red',
		},
		{ channelId: '25', name: 'Sales', type: 'whatsapp', number: '551940000000', cor: 'red' },
	],
	[
		'contact',
		'getAll',
		{},
		'servicoContatos.php',
		{
			codid: 30,
			nome: 'Ana',
			numero: '5519988887777',
			email: 'ana@example.test',
			obs: 'demo',
			img_perfil: 'https://files.example.test/30.jpg',
		},
		{
			contactId: '30',
			name: 'Ana',
			number: '5519988887777',
			email: 'ana@example.test',
			note: 'demo',
			photoUrl: 'https://files.example.test/30.jpg',
		},
	],
	...(['getActive', 'getWaiting'] as const).map(
		(operation): [string, string, object, string, object, object] => [
			'conversation',
			operation,
			{},
			operation === 'getActive' ? 'chatsAtivos.php' : 'chatsEspera.php',
			{
				protocolo: '20231130303159',
				nome_contato: 'Ana',
				numero_contato: '5519988887777',
				id_contato: 30,
				id_canal_unico: 25,
				nome_canal: 'Sales',
				tipo_canal: 'whatsapp',
				id_departamento: 9,
				nome_departamento: 'Finance',
				id_agente: 61,
				nome_agente: 'Demo Agent',
				id_last_message: 7,
				tipo_chat: 'chat',
			},
			{
				protocol: '20231130303159',
				contactName: 'Ana',
				contactNumber: '5519988887777',
				contactId: '30',
				channelId: '25',
				channelName: 'Sales',
				channelType: 'whatsapp',
				departmentId: '9',
				departmentName: 'Finance',
				agentId: '61',
				agentName: 'Demo Agent',
				lastMessageId: '7',
				isGroup: false,
			},
		],
	),
	[
		'department',
		'getAll',
		{},
		'buscaDepartamentos.php',
		{ codid_departamento: 9, departamento: 'Finance' },
		{ departmentId: '9', name: 'Finance' },
	],
	[
		'message',
		'getNew',
		{ protocol, details, lastMessageId: '1' },
		'buscaMensagem.php',
		{
			codid: 2,
			protocolo: '20231130303159',
			id: 'DEMO2',
			type: 'image',
			subtype: 'reply',
			reply_id: 1,
			fromMe: 0,
			content: 'Oi',
			device: '551940000000',
			url: 'https://files.example.test/2.png',
			file: '2.png',
			timestamp: 1701780765,
			lido: 1,
			status_api: 200,
			excluido: 1,
		},
		{
			messageId: '2',
			protocol: '20231130303159',
			whatsappId: 'DEMO2',
			type: 'image',
			subtype: 'reply',
			replyTo: '1',
			fromMe: false,
			text: 'Oi',
			device: '551940000000',
			fileUrl: 'https://files.example.test/2.png',
			fileName: '2.png',
			sentAt: '2023-12-05T09:52:45-03:00',
			deliveryStatus: 'sent',
			apiStatus: '200',
			deleted: true,
		},
	],
	[
		'portfolio',
		'getAll',
		{},
		'buscaCarteirizacoes.php',
		{
			codid: 1635,
			codid_contato: 30,
			contato: 'Ana',
			codid_departamento: 9,
			departamento: 'Finance',
		},
		{
			portfolioId: '1635',
			contactId: '30',
			contactName: 'Ana',
			departmentId: '9',
			departmentName: 'Finance',
		},
	],
	[
		'quickReply',
		'getAll',
		{},
		'servicoRespostasRapidas.php',
		{ codid: 1305, atalho: 'hello', resposta: 'Olá', personalizado: 1 },
		{ quickReplyId: '1305', title: 'hello', text: 'Olá', isOwn: true },
	],
	[
		'tag',
		'getAll',
		{ protocol },
		'servicoTags.php',
		{ codid: 53, tag: 'Invoice', personalizado: '0', ativo: '1' },
		{ tagId: '53', name: 'Invoice', isOwn: false, isAttached: true },
	],
	[
		'template',
		'getAll',
		{ protocol },
		'templatesWhatsapp.php',
		{ codid: 80, nome_template: 'demo_greeting', imagem_template: null },
		{ templateId: '80', name: 'demo_greeting' },
	],
	[
		'wrapUpCode',
		'getAll',
		{ protocol },
		'buscaTabulacoes.php',
		{ codid_tabulacao: 22, tabulacao: 'Sold', personalizado: 0 },
		{ wrapUpCodeId: '22', name: 'Sold', isOwn: false },
	],
];

describe('an operation that lists', () => {
	it.each(lists)('%s: %s returns entries in our words', async (...row) => {
		const [resource, operation, parameters, service, entry, ours] = row;
		const { output, error } = await run([resource, operation], parameters, { [service]: [entry] });
		expect(error).toBeUndefined();
		expect(output).toEqual([ours]);
	});

	it.each(lists)('%s: %s returns entries as they came, without Simplify', async (...row) => {
		const [resource, operation, parameters, service, entry] = row;
		const { output } = await run(
			[resource, operation],
			{ ...parameters, simplify: false },
			{ [service]: [entry] },
		);
		expect(output).toEqual([{ answer: entry }]);
	});

	it('returns scalars of a list inside objects', async () => {
		const { output } = await run(
			['department', 'getAll'],
			{},
			{ 'buscaDepartamentos.php': '["Finance"]' },
		);
		expect(output).toEqual([{ value: 'Finance' }]);
	});

	it('stops at an answer that is a text', async () => {
		const { output, error } = await run(
			['department', 'getAll'],
			{},
			{ 'buscaDepartamentos.php': '"Finance"' },
		);
		expect(output).toEqual([]);
		expect(error?.message).toBe('Voxfree answered, but not with a list this node can read');
	});
});

it('every operation that changes something for others leaves once, every other one is repeated', async () => {
	const outcomes = await Promise.all(
		rows.map(async ({ resource, operation, parameters, answers, items, service }) => {
			const overloaded = await Recorder.start();
			overloaded.answers = { ...answers, [service]: () => ({ status: 503, text: '' }) };
			const { error } = await runNode(
				setupOf(storeWith(overloaded.url), { resource, operation, ...parameters }, { items }),
			);
			await overloaded.close();
			return {
				name: `${resource}: ${operation}`,
				requests: overloaded.to(service).length,
				message: error?.message,
			};
		}),
	);
	const outcomeOf = (name: string) => {
		if (!sends.has(name)) return '';
		return /: send/.test(name)
			? '. The message may have been delivered: do not send it again'
			: '. It may have been carried out: check before you repeat it';
	};
	expect(outcomes).toEqual(
		rows.map(({ resource, operation }) => {
			const name = `${resource}: ${operation}`;
			return {
				name,
				requests: sends.has(name) ? 1 : 3,
				message: `Voxfree could not handle the request (status 503)${outcomeOf(name)}`,
			};
		}),
	);
});

it('a quick reply without options names neither conversation nor department', async () => {
	await run(['quickReply', 'create'], { text: 'Olá' });
	expect(recorder.calls[0]?.body).toMatchObject({ protocolo: '', departamento: '' });
});
