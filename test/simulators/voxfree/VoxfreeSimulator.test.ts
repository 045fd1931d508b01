import { createHash } from 'node:crypto';
import { createConnection } from 'node:net';
import { Readable } from 'node:stream';
import axios from 'axios';
import { ManualClock } from '../clock';
import { until } from '../until';
import { seedPasswords } from './office';
import { SERVICE_WINDOW, startVoxfree, type VoxfreeSimulator } from './VoxfreeSimulator';

type Json = Record<string, unknown>;
/** Whatever an answer holds: tests say what it should be. */
type Answer = ReturnType<typeof JSON.parse>;

interface FormFile {
	content: Buffer | Readable;
	name: string;
	type?: string;
}

/** The document's sample of a sent message: 2023-12-05 09:52:45 in São Paulo. */
const start = '2023-12-05T12:52:45.000Z';
let clock: ManualClock;
let voxfree: VoxfreeSimulator;

const md5 = (text: string) => createHash('md5').update(text, 'utf8').digest('hex');
const post = async (url: string, body: unknown) => {
	const answer = await axios.post<unknown>(url, body, {
		validateStatus: () => true,
		proxy: false,
	});
	return { status: answer.status, data: answer.data };
};
/** The answer of one of the services, called as agent 61 with the fields of most of them. */
const call = async (file: string, fields: Json = {}) => {
	const onSecond = ['servicoTags.php', 'servicoRespostasRapidas.php'].includes(file);
	const host = onSecond ? voxfree.servicesUrl : voxfree.applicationUrl;
	const { status, data } = await post(`${host}/mobile/${file}`, {
		id_agente: '61',
		codid_cliente: '1',
		...fields,
	});
	expect(status).toBe(200);
	return data as Answer;
};
const rowOf = (protocol: string) =>
	voxfree.state.conversations.find((one) => one.protocol === protocol)!;
/** A conversation that agent 61 has, with the fields that place it. */
const served = (contactId = '30', channelId = '25') => {
	const { protocol } = voxfree.customerWrites(contactId, channelId, 'Bom dia');
	voxfree.assign(protocol, '61');
	return { protocolo: protocol, id_canal_unico: channelId, id_contato: contactId };
};
const text = (place: Json, changes: Json = {}) => ({
	...place,
	is_group: '0',
	nome_agente: 'Ana Souza',
	reply_id: '',
	mensagem: 'teste',
	...changes,
});

beforeEach(async () => {
	clock = new ManualClock(start);
	voxfree = await startVoxfree({ clock });
	voxfree.signIn('61');
});
afterEach(async () => await voxfree.close());

describe('logging in', () => {
	const logIn = async (login: string, senha: string) =>
		(await post(`${voxfree.applicationUrl}/mobile/login.php`, { login, senha })).data as Json;

	it('answers with the ids that every other service wants, and counts', async () => {
		voxfree.forgetSession();
		expect(await logIn('ana.souza@demo', md5(seedPasswords['61']!))).toEqual({
			retorno: 'ok',
			descricao: 'Login ok',
			id_agente: '61',
			codid_cliente: '1',
			alterar_senha: '0',
			autenticacao2fatores: '0',
			foto_perfil: expect.stringContaining('61'),
			telefonia: 0,
			omnichannel: '1',
		});
		expect(voxfree.signedIn).toEqual(['61']);
		expect(voxfree.state.logins).toEqual({ '61': 1 });
	});

	it.each([
		['a wrong password', 'ana.souza@demo', md5('demo-wrong')],
		['the password itself', 'ana.souza@demo', 'demo-password-1'],
		['an upper-case hash', 'ana.souza@demo', md5('demo-password-1').toUpperCase()],
		['an unknown login', 'nobody@demo', md5('demo-password-1')],
		['nothing', '', ''],
	])('refuses %s in the words of the document, under status 200', async (_, login, senha) => {
		expect(await logIn(login, senha)).toEqual({
			error: 1,
			descricao: 'Usuário ou senha inválido!!!',
		});
		expect(voxfree.state).toMatchObject({ logins: {}, refusedLogins: 1 });
	});

	it('tells of a telephone, of two factors and of a password that must be changed', async () => {
		expect(await logIn('carla.dias@demo', md5(seedPasswords['7204']!))).toMatchObject({
			telefonia: 1,
			dadosRamal: { ramal: '2101', password: 'demo-sip-password' },
		});
		expect(await logIn('davi.rocha@demo', md5(seedPasswords['62']!))).toMatchObject({
			alterar_senha: '1',
			autenticacao2fatores: '1',
			Chave2fatores: '000000',
		});
	});

	it('hashes UTF-8, as an administrator who changes a password finds out', async () => {
		voxfree.setPassword('61', 'sénha-demó');
		expect(await logIn('ana.souza@demo', md5('sénha-demó'))).toMatchObject({ retorno: 'ok' });
	});

	it('a password is changed by who knows the old one', async () => {
		const [senha, senhaNovo] = [md5(seedPasswords['61']!), md5('demo-new')];
		expect(await call('alterarSenha.php', { senha: md5('x'), senhaNovo })).toEqual({
			error: 1,
			message: 'Usuário ou senha inválido!!!',
		});
		expect(await call('alterarSenha.php', { senha, senhaNovo: 'demo-new' })).toMatchObject({
			error: 1,
		});
		expect(await call('alterarSenha.php', { senha, senhaNovo })).toEqual({
			error: 0,
			message: 'Senha alterada com sucesso!!!',
		});
		expect(await logIn('ana.souza@demo', senhaNovo)).toMatchObject({ retorno: 'ok' });
	});

	it.each([
		['chatsAtivos.php', {}, { retorno: 'falha - agente não encontrado' }],
		['servicoTags.php', { action: 'select' }, { status: 'falha - agente não encontrado' }],
		['novaConversaManual.php', {}, { status: 'falha - agente não encontrado', em_atendimento: 0 }],
		['alterarSenha.php', {}, { error: 1, message: 'agente não encontrado' }],
		['enviaMensagem.php', {}, [{ retorno: 'falha - agente não encontrado' }]],
	])(
		'after the server forgot the session, %s says so in its own form',
		async (file, fields, expected) => {
			voxfree.forgetSession('61');
			expect(await call(file, fields)).toEqual(expected);
			voxfree.configure({ unknownAgentForm: 'login', unknownAgentText: 'Sessão expirada' });
			expect(await call(file, fields)).toEqual({ error: 1, descricao: 'Sessão expirada' });
		},
	);
});

describe('the lists', () => {
	it('a contact who writes waits in the department; opening his chat claims it', async () => {
		const { protocol } = voxfree.customerWrites('30', '25', 'Bom dia');
		expect(protocol).toBe('20231205303152');
		expect(await call('chatsAtivos.php')).toEqual([]);
		const [waiting] = await call('chatsEspera.php');
		expect(waiting).toMatchObject({
			protocolo: protocol,
			tipo_chat: 'chat',
			id_contato: '30',
			id_canal_unico: '25',
			id_agente: null,
		});
		const opened = await call('buscaChat.php', { protocolo: protocol });
		expect(opened).toMatchObject({
			contato: { id_contato: '30', nome: 'João Batista' },
			carteirizacao: '1',
			codid_carteirizacao: null,
			permite_excluir: '1',
			permite_ler_excluido: '0',
		});
		expect(Object.keys(opened.mensagens)).toEqual(['20231123303151', protocol]);
		expect(opened.mensagens[protocol]).toEqual([
			{
				codid: '17932701',
				protocolo: protocol,
				id: 'DEMO000017932701',
				type: 'text',
				subtype: null,
				reply_id: null,
				fromMe: 0,
				device: null,
				content: 'Bom dia',
				url: null,
				file: null,
				timestamp: '1701780765',
				lido: '2',
				status_api: '1',
				excluido: '0',
				data_mensagem: '2023-12-05 09:52:45',
			},
		]);
		expect(await call('chatsEspera.php')).toEqual([]);
		expect(await call('chatsAtivos.php')).toMatchObject([{ id_agente: '61' }]);
	});

	it('reading new messages claims nothing', async () => {
		const { protocol, messageId } = voxfree.customerWrites('30', '25', 'Bom dia');
		const next = voxfree.customerWrites('30', '25', 'Alguém?');
		const place = { protocolo: protocol, id_canal_unico: '25', id_contato: '30', is_group: '0' };
		const ask = async (id_last_message: string) =>
			(await call('buscaMensagem.php', { ...place, id_last_message })).mensagens;
		expect(await ask(messageId)).toEqual({
			[protocol]: [expect.objectContaining({ codid: next.messageId, content: 'Alguém?' })],
		});
		// PHP writes an empty array, whatever its keys would have been.
		expect(await ask(next.messageId)).toEqual([]);
		expect(rowOf(protocol).agentId).toBeNull();
	});

	it.each([
		['a channel that is not its own', { id_canal_unico: '26' }, 'canal'],
		['a contact that is not its own', { id_contato: '31' }, 'contato'],
		['the wrong kind of chat', { is_group: '1' }, 'is_group'],
		['a broken last id', { id_last_message: '17e6' }, 'id_last_message'],
		['an unknown protocol', { protocolo: '1' }, 'protocolo'],
		['a missing protocol', { protocolo: '' }, 'protocolo'],
		['an object as protocol', { protocolo: {} }, 'protocolo'],
	])('new messages with %s are refused', async (_, change, word) => {
		const place = { ...served(), is_group: '0', id_last_message: '' };
		const { retorno } = await call('buscaMensagem.php', { ...place, ...change });
		expect(retorno).toMatch(new RegExp(`^falha - .*${word}`));
	});

	it('a group is a chat of its own kind', async () => {
		const place = served('900', '26');
		expect(await call('chatsAtivos.php')).toMatchObject([
			{ tipo_chat: 'grupo', id_contato: '900' },
		]);
		const answer = await call('enviaMensagem.php', text(place, { is_group: '0' }));
		expect(answer).toEqual([{ retorno: 'falha - campo is_group inválido' }]);
		expect(await call('enviaMensagem.php', text(place, { is_group: '1' }))).toMatchObject([
			{ retorno: 'ok' },
			{},
		]);
	});

	it('a chat that waits for somebody else is not claimed by looking at it', async () => {
		const { protocol } = voxfree.customerWrites('30', '25', 'Bom dia');
		voxfree.queueFor(protocol, '60');
		expect(await call('chatsEspera.php')).toEqual([]);
		await call('buscaChat.php', { protocolo: protocol });
		expect(rowOf(protocol)).toMatchObject({ state: 'waiting', agentId: '60' });
		voxfree.queueFor(protocol, '61');
		await call('buscaChat.php', { protocolo: protocol });
		expect(rowOf(protocol)).toMatchObject({ state: 'active', agentId: '61' });
	});

	it('a contact of an agent’s portfolio comes to that agent at once', async () => {
		voxfree.customerWrites('31', '25', 'Oi');
		expect(await call('chatsAtivos.php')).toMatchObject([{ id_contato: '31' }]);
	});

	it('lists take the other forms that PHP could give them', async () => {
		const departments = [
			{ codid: '9', nome_departamento: 'Atendimento' },
			{ codid: '10', nome_departamento: 'Financeiro' },
		];
		expect(await call('buscaDepartamentos.php')).toEqual(departments);
		voxfree.configure({ lists: 'object' });
		expect(await call('buscaDepartamentos.php')).toEqual({
			retorno: 'ok',
			departamentos: departments,
		});
		voxfree.configure({ lists: 'keyed' });
		expect(await call('buscaDepartamentos.php')).toEqual({
			'1': departments[0],
			'3': departments[1],
		});
	});

	it('ids beyond what a double can hold are written bare on demand', async () => {
		const { protocol } = voxfree.customerWrites('342284', '25', 'Oi, "protocolo":"1"');
		expect(protocol).toBe('202312053422843152');
		voxfree.configure({ answerIds: 'bare' });
		const { data } = await axios.post<string>(
			`${voxfree.applicationUrl}/mobile/chatsEspera.php`,
			{ id_agente: '61', codid_cliente: '1' },
			{ proxy: false, responseType: 'text', transformResponse: [(body: string) => body] },
		);
		expect(data).toContain('"protocolo":202312053422843152,');
		expect(data).toContain(String.raw`Oi, \"protocolo\":\"1\"`);
	});

	it('online and offline are set by the agent', async () => {
		for (const status of ['1', '0']) {
			expect(await call('updateStatusAgente_Omni.php', { novo_status: status })).toEqual({
				status: 'ok',
				novo_status: status,
			});
			expect(voxfree.state.agents[0]!.online).toBe(status === '1');
		}
		expect(await call('updateStatusAgente_Omni.php', { novo_status: '2' })).toEqual({
			status: 'falha - valor inválido para o campo novo_status',
		});
	});

	it('channels, wrap-up codes and templates are those of the place', async () => {
		const channels = await call('buscaCanais.php', { departamento_selecionado: '9' });
		expect(channels.map((one: Json) => one.tipo_canal)).toEqual([
			'whatsapp_oficial',
			'whatsapp',
			'instagram',
		]);
		expect(await call('buscaCanais.php', { departamento_selecionado: '11' })).toEqual({
			retorno: 'falha - agente não pertence ao departamento',
		});
		const { protocolo } = served();
		const codes = await call('buscaTabulacoes.php', { protocolo });
		expect(codes.map((one: Json) => one.codid)).toEqual(['22', '23']);
		expect(await call('templatesWhatsapp.php', { protocolo, action: 'select' })).toEqual([
			{ codid: '80', nome_template: 'demo_retomar_conversa', imagem_template: null },
			{
				codid: '84',
				nome_template: 'demo_atendimento_financeiro',
				imagem_template: 'https://files.example.test/boleto.png',
			},
		]);
		const elsewhere = served('30', '26');
		expect(
			await call('templatesWhatsapp.php', { protocolo: elsewhere.protocolo, action: 'select' }),
		).toEqual([]);
	});
});

describe('sending', () => {
	it('answers a text in the form that the document shows, as far as it can be', async () => {
		const place = served();
		const message = {
			codid: '17932702',
			protocolo: place.protocolo,
			id: null,
			type: 'text',
			subtype: null,
			reply_id: '',
			fromMe: 1,
			device: null,
			content: '*Ana Souza*: \nteste',
			url: null,
			file: null,
			timestamp: 1701780765,
			lido: 0,
			status_api: 0,
			excluido: 0,
			data_mensagem: '2023-12-05 09:52:45',
		};
		expect(await call('enviaMensagem.php', text(place))).toEqual([
			{ retorno: 'ok' },
			{ mensagens: { [place.protocolo]: message } },
		]);
		const { messages } = rowOf(place.protocolo);
		expect(messages.at(-1)).toMatchObject({ read: 1, accepted: true, apiId: 'DEMO000017932702' });
	});

	it('puts that answer into the other forms', async () => {
		const place = served();
		const forms = [
			['object', 'object', { retorno: 'ok', mensagens: { [place.protocolo]: {} } }],
			['messages only', 'object', { mensagens: { [place.protocolo]: {} } }],
			['object', 'array', { retorno: 'ok', mensagens: { [place.protocolo]: [{}] } }],
		] as const;
		for (const [sendAnswer, sentMessage, expected] of forms) {
			voxfree.configure({ sendAnswer, sentMessage });
			const answer = await call('enviaMensagem.php', text(place));
			expect(answer).toMatchObject(expected);
			expect(Object.keys(answer)).toEqual(Object.keys(expected));
		}
	});

	it('quotes a message that is there', async () => {
		const place = served();
		expect(await call('enviaMensagem.php', text(place, { reply_id: '17932701' }))).toMatchObject([
			{},
			{ mensagens: { [place.protocolo]: { subtype: 'reply', reply_id: '17932701' } } },
		]);
		expect(await call('enviaMensagem.php', text(place, { reply_id: '1' }))).toEqual([
			{ retorno: 'falha - mensagem respondida não encontrada' },
		]);
	});

	it.each<[string, Json, string]>([
		['no text', { mensagem: '' }, 'campo mensagem não informado'],
		['blanks', { mensagem: ' \n' }, 'campo mensagem não informado'],
		['no agent name', { nome_agente: undefined }, 'campo nome_agente não informado'],
		['another company', { codid_cliente: '2' }, 'cliente não encontrado'],
		['another channel', { id_canal_unico: '26' }, 'canal não pertence ao protocolo'],
		['another contact', { id_contato: '31' }, 'contato não pertence ao protocolo'],
		['a list as text', { mensagem: ['teste'] }, 'campo mensagem inválido'],
	])('refuses %s, and sends nothing', async (_, change, reason) => {
		const place = served();
		const answer = await call('enviaMensagem.php', text(place, change));
		expect(answer).toEqual([{ retorno: `falha - ${reason}` }]);
		expect(rowOf(place.protocolo).messages).toHaveLength(1);
	});

	it('refuses who does not have the conversation, and who comes too late', async () => {
		const { protocol } = voxfree.customerWrites('30', '25', 'Bom dia');
		const place = { protocolo: protocol, id_canal_unico: '25', id_contato: '30' };
		const foreign = [{ retorno: 'falha - protocolo não pertence ao agente' }];
		expect(await call('enviaMensagem.php', text(place))).toEqual(foreign);
		voxfree.assign(protocol, '60');
		expect(await call('enviaMensagem.php', text(place))).toEqual(foreign);
		voxfree.assign(protocol, '61');
		voxfree.finish(protocol);
		expect(await call('enviaMensagem.php', text(place))).toEqual([
			{ retorno: 'falha - protocolo finalizado' },
		]);
	});

	it('begins a failure with the word that is set', async () => {
		const place = served();
		for (const failureWord of ['falha', 'Falha', 'FALHA', 'falhá']) {
			voxfree.configure({ failureWord });
			const [answer] = await call('enviaMensagem.php', text(place, { mensagem: '' }));
			expect(answer.retorno).toBe(`${failureWord} - campo mensagem não informado`);
		}
	});
});

describe('the 24 hours', () => {
	const outcome = async (place: Json) =>
		(await call('enviaMensagem.php', text(place)))[0].retorno as string;
	const late = 'falha - fora da janela de 24 horas, envie um template';

	it('end one millisecond after a day on the official channel', async () => {
		const place = served();
		clock.advance(SERVICE_WINDOW);
		expect(await outcome(place)).toBe('ok');
		clock.advance(1);
		expect(await outcome(place)).toBe(late);
		voxfree.customerWrites('30', '25', 'Voltei');
		expect(await outcome(place)).toBe('ok');
	});

	it('pass on demand, for everything that is stored', async () => {
		const place = served();
		voxfree.passTime(SERVICE_WINDOW + 1);
		expect(await outcome(place)).toBe(late);
		expect(rowOf(place.protocolo).messages[0]!.at).toBe('2023-12-04T12:52:44.999Z');
	});

	it.each([
		['26', 'QR'],
		['27', 'Instagram'],
	])('do not count on channel %s (%s)', async (channelId) => {
		const place = served('30', channelId);
		voxfree.passTime(SERVICE_WINDOW + 1);
		expect(await outcome(place)).toBe('ok');
	});

	it('can be taken and never delivered instead', async () => {
		voxfree.configure({ outsideWindow: 'accept' });
		const place = served();
		voxfree.passTime(SERVICE_WINDOW + 1);
		expect(await outcome(place)).toBe('ok');
		expect(rowOf(place.protocolo).messages.at(-1)).toMatchObject({ accepted: false, read: 0 });
	});

	it('a template goes out at any time and opens nothing: only the contact can', async () => {
		const place = served();
		voxfree.passTime(SERVICE_WINDOW + 1);
		const send = { ...place, action: 'send_template', codid_template: '80' };
		expect(await call('templatesWhatsapp.php', send)).toMatchObject({
			[place.protocolo]: { type: 'template', fromMe: 1, file: null },
		});
		expect(await outcome(place)).toBe(late);
		expect(await call('templatesWhatsapp.php', { ...send, codid_template: '99' })).toEqual({
			retorno: 'falha - template não encontrado para este canal',
		});
		voxfree.configure({ templateAnswerKey: 'other' });
		expect(Object.keys(await call('templatesWhatsapp.php', send))).not.toContain(place.protocolo);
	});

	it('have not begun in a conversation that an agent has started', async () => {
		const started = { id_canal: '25', codid_contato: '342284', departamento: '9' };
		expect(await call('novaConversaManual.php', started)).toMatchObject({ status: 'ok' });
		const [chat] = await call('chatsAtivos.php');
		const place = { protocolo: chat.protocolo, id_canal_unico: '25', id_contato: '342284' };
		expect(await outcome(place)).toBe(late);
	});
});

describe('attachments', () => {
	const boundary = 'demo-boundary';
	const send = async (form: Readable) => {
		const { status, data } = await axios.post<Answer>(
			`${voxfree.applicationUrl}/mobile/enviaAnexo.php`,
			form,
			{
				validateStatus: () => true,
				proxy: false,
				maxBodyLength: Infinity,
				headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
			},
		);
		return { status, data };
	};
	const formOf = (fields: Record<string, string>, file?: FormFile) => {
		const part = (name: string, more = '') =>
			`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n`;
		return Readable.from(
			(async function* () {
				const all = { id_agente: '61', codid_cliente: '1', ...fields };
				for (const [name, value] of Object.entries(all)) yield `${part(name)}\r\n${value}\r\n`;
				if (file) {
					const { name, type = 'text/plain', content } = file;
					yield `${part('file', `; filename="${name}"`)}Content-Type: ${type}\r\n\r\n`;
					if (Buffer.isBuffer(content)) yield content;
					else yield* content;
					yield '\r\n';
				}
				yield `--${boundary}--\r\n`;
			})(),
		);
	};

	it('arrive with name, type, size and hash, and a caption', async () => {
		const place = served();
		const content = Buffer.from([0, 13, 10, 45, 45, 255, 0, 1]);
		const form = formOf(
			{ ...place, mensagem: 'Olá', reply_id: '17932701' },
			{ content, name: 'contrato ação 😀.pdf', type: 'application/pdf' },
		);
		const { status, data } = await send(form);
		expect(status).toBe(200);
		expect(data).toMatchObject([
			{ retorno: 'ok' },
			{
				mensagens: {
					[place.protocolo]: {
						type: 'document',
						subtype: 'reply',
						content: 'Olá',
						file: 'contrato ação 😀.pdf',
					},
				},
			},
		]);
		const file = {
			name: 'contrato ação 😀.pdf',
			mimeType: 'application/pdf',
			size: 8,
			sha256: createHash('sha256').update(content).digest('hex'),
		};
		expect(rowOf(place.protocolo).messages.at(-1)!.file).toMatchObject(file);
		expect(voxfree.requests.at(-1)!.body).toMatchObject({
			fields: { mensagem: 'Olá' },
			files: { file },
		});
	});

	it.each([
		['as PHP reads them', 'a\\"b\\\\c.txt', 'a"b\\c.txt'],
		['as browsers write them', 'a%22b%0D%0A.txt', 'a"b\r\n.txt'],
	])('have quotes in their names, %s', async (_, written, name) => {
		const place = served();
		await send(formOf(place, { content: Buffer.from('x'), name: written }));
		expect(rowOf(place.protocolo).messages.at(-1)!.file).toMatchObject({ name, size: 1 });
	});

	it('are read as they come, in pieces of any size', async () => {
		const place = served();
		const size = 24 * 1024 * 1024;
		const hash = createHash('sha256');
		const content = Readable.from(
			(function* () {
				let left = size;
				for (let step = 1; left > 0; step = (step * 7) % 99_991) {
					const piece = Buffer.alloc(Math.min(left, step), step % 251);
					hash.update(piece);
					left -= piece.length;
					yield piece;
				}
			})(),
		);
		const { data } = await send(formOf(place, { content, name: 'large.bin' }));
		expect(data[0]).toEqual({ retorno: 'ok' });
		expect(rowOf(place.protocolo).messages.at(-1)!.file).toMatchObject({
			size,
			sha256: hash.digest('hex'),
		});
	});

	it.each<[string, FormFile | undefined, string]>([
		['no file', undefined, 'campo file não informado'],
		['an empty file', { content: Buffer.alloc(0), name: 'a.txt' }, 'arquivo vazio'],
		[
			'a file that is too large',
			{ content: Buffer.alloc(101), name: 'a.txt' },
			'arquivo muito grande',
		],
	])('are refused with %s', async (_, file, reason) => {
		voxfree.configure({ largestFile: 100 });
		const place = served();
		expect((await send(formOf(place, file))).data).toEqual([{ retorno: `falha - ${reason}` }]);
		expect(rowOf(place.protocolo).messages).toHaveLength(1);
	});

	it('know the 24 hours, the owner and the session', async () => {
		const place = served();
		const file = { content: Buffer.from('x'), name: 'a.txt' };
		voxfree.passTime(SERVICE_WINDOW + 1);
		expect((await send(formOf(place, file))).data[0].retorno).toContain('24 horas');
		voxfree.assign(place.protocolo, '60');
		expect((await send(formOf(place, file))).data[0].retorno).toContain('não pertence');
		voxfree.forgetSession();
		expect((await send(formOf(place, file))).data[0].retorno).toContain('não encontrado');
	});

	it('that break off half-way count as nothing sent', async () => {
		const place = served();
		const socket = createConnection(Number(new URL(voxfree.applicationUrl).port), '127.0.0.1');
		socket.write(
			'POST /mobile/enviaAnexo.php HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n' +
				'Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n',
		);
		await until(voxfree, () => voxfree.requests.length === 1);
		socket.destroy();
		await until(voxfree, () => voxfree.requests[0]!.outcome === 'caller gone');
		expect(rowOf(place.protocolo).messages).toHaveLength(1);
	});

	it('that end without their last boundary are no form', async () => {
		const { status, data } = await axios.post<Json>(
			`${voxfree.applicationUrl}/mobile/enviaAnexo.php`,
			'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nxyz',
			{
				validateStatus: () => true,
				proxy: false,
				headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
			},
		);
		expect([status, data.error]).toEqual([400, 1]);
	});

	it('are cut on demand, and answered in wrong ways like anything else', async () => {
		const place = served();
		const form = () => formOf(place, { content: Buffer.alloc(2_000_000), name: 'a.bin' });
		voxfree.cutNextUpload(500_000);
		await expect(send(form())).rejects.toThrow(/ECONNRESET|EPIPE|socket hang up/);
		expect(voxfree.requests.at(-1)).toMatchObject({
			outcome: 'cut',
			fault: 'upload cut after 500000 bytes',
		});
		voxfree.failNext('status-500');
		expect((await send(form())).status).toBe(500);
		expect(rowOf(place.protocolo).messages).toHaveLength(1);
		voxfree.failNext('warning-before-json');
		expect((await send(form())).data).toMatch(/^<br \/>/);
		expect(rowOf(place.protocolo).messages).toHaveLength(2);
	});

	it('of contacts can be fetched', async () => {
		const content = Buffer.from('%PDF-demo');
		const { protocol } = voxfree.customerSendsFile('30', '25', {
			name: 'conta ç.pdf',
			mimeType: 'application/pdf',
			content,
			caption: 'Minha conta',
		});
		const { mensagens } = await call('buscaChat.php', { protocolo: protocol });
		expect(mensagens[protocol][0]).toMatchObject({
			type: 'document',
			file: 'conta ç.pdf',
			content: 'Minha conta',
		});
		const { data, headers } = await axios.get<ArrayBuffer>(mensagens[protocol][0].url, {
			responseType: 'arraybuffer',
			proxy: false,
		});
		expect(Buffer.from(data)).toEqual(content);
		expect(headers['content-type']).toBe('application/pdf');
	});
});

describe('tags', () => {
	const broken = { status: 'falha - não foi possivel alterar/remover/inserir dados' };

	it('are the department’s and the agent’s own', async () => {
		const { protocolo } = served();
		expect(
			await call('servicoTags.php', { protocolo, action: 'select', departamento: '9' }),
		).toEqual([
			{ codid: '52', tag: 'Retornar contato', personalizado: '0', ativo: '0' },
			{ codid: '53', tag: 'Urgente', personalizado: '0', ativo: '0' },
			{ codid: '54', tag: 'Cliente VIP', personalizado: '1', ativo: '0' },
		]);
	});

	it('are made, attached, renamed, detached and removed', async () => {
		const { protocolo } = served();
		const act = async (action: string, fields: Json = {}) =>
			await call('servicoTags.php', { protocolo, action, ...fields });
		expect(await act('insert', { tag: 'Nova', departamento: '9' })).toEqual({
			status: 'ok',
			new_codid: '57',
		});
		await act('activate', { codid_tag: '57' });
		await act('activate', { codid_tag: '57' });
		await act('activate', { codid_tag: '53' });
		expect(rowOf(protocolo).tagIds).toEqual(['57', '53']);
		await act('update', { codid_tag: '57', tag: 'Outra' });
		await act('deactivate', { codid_tag: '53' });
		expect(await act('select')).toContainEqual({
			codid: '57',
			tag: 'Outra',
			personalizado: '1',
			ativo: '1',
		});
		expect(await act('remove', { codid_tag: '57' })).toEqual({ status: 'ok' });
		expect(rowOf(protocolo).tagIds).toEqual([]);
	});

	it.each([
		['the department’s tag cannot be removed', { action: 'remove', codid_tag: '53' }],
		['the department’s tag cannot be renamed', { action: 'update', codid_tag: '53', tag: 'x' }],
		['somebody else’s tag cannot be removed', { action: 'remove', codid_tag: '55' }],
		['somebody else’s tag cannot be attached', { action: 'activate', codid_tag: '55' }],
		['a deleted tag cannot be attached', { action: 'activate', codid_tag: '99' }],
	])('%s', async (_, fields) => {
		const { protocolo } = served();
		expect(await call('servicoTags.php', { protocolo, ...fields })).toEqual(broken);
	});

	it('are not served at the first address, unless both shall', async () => {
		const url = `${voxfree.applicationUrl}/mobile/servicoTags.php`;
		expect((await post(url, {})).status).toBe(404);
		voxfree.configure({ services: 'both' });
		expect((await post(url, {})).status).toBe(200);
	});

	it('an action that is not in the document is refused', async () => {
		expect(await call('servicoTags.php', { action: 'delete' })).toEqual({
			status: 'falha - valor inválido para o campo action',
		});
	});
});

describe('quick replies', () => {
	const act = async (action: string, fields: Json = {}) =>
		await call('servicoRespostasRapidas.php', { action, ...fields });

	it('are the department’s and the agent’s own', async () => {
		expect(await act('select')).toEqual([
			{
				codid: '1301',
				titulo: 'Saudação',
				resposta: 'Olá! Como posso ajudar?',
				personalizado: '0',
			},
			{
				codid: '1302',
				titulo: 'Prazo',
				resposta: 'O prazo é de 3 dias úteis.',
				personalizado: '1',
			},
		]);
	});

	it('are made, changed and removed by whichever likely names', async () => {
		expect(await act('insert', { resposta: 'Um', titulo: 'A' })).toEqual({
			status: 'ok',
			new_codid: '1305',
		});
		expect(await act('insert', { mensagem: 'Dois' })).toMatchObject({ new_codid: '1306' });
		await act('update', { codid_resposta: '1305', resposta: 'Três' });
		await act('remove', { codid: '1306' });
		const own = voxfree.state.quickReplies.filter(({ ownerId }) => ownerId === '61');
		expect(own.map(({ id, title, text: words }) => [id, title, words])).toEqual([
			['1302', 'Prazo', 'O prazo é de 3 dias úteis.'],
			['1305', 'A', 'Três'],
		]);
	});

	it.each([
		['the department’s', 'remove', { codid: '1301' }],
		['somebody else’s', 'update', { codid: '1303', resposta: 'x' }],
		['one that is not there', 'remove', { codid: '9' }],
		['one without id', 'remove', {}],
		['an empty text', 'insert', { resposta: '' }],
	])('%s cannot be changed: %s', async (_, action, fields) => {
		expect(await act(action, fields)).toEqual({
			status: 'falha - não foi possivel alterar/remover/inserir dados',
		});
	});
});

describe('contacts and new conversations', () => {
	const startWith = async (fields: Json = {}) =>
		await call('novaConversaManual.php', {
			id_canal: '26',
			codid_contato: '30',
			departamento: '9',
			...fields,
		});

	it('contacts are found by name or number, whatever the accents', async () => {
		const search = async (words: string) =>
			(await call('servicoContatos.php', { action: 'select', search: words })).map(
				({ codid }: Json) => codid,
			);
		expect(await search('')).toEqual(['30', '31', '342284']);
		expect(await search('nubia')).toEqual(['342284']);
		expect(await search('0000031')).toEqual(['31']);
		expect(await search('nobody')).toEqual([]);
	});

	it('a contact is added once', async () => {
		const add = { action: 'insert', nome: 'Zé', numero: '5519999999999', email: '' };
		expect(await call('servicoContatos.php', add)).toEqual({ status: 'ok', new_codid: '342285' });
		expect(await call('servicoContatos.php', add)).toEqual({
			status: 'falha - contato já cadastrado',
		});
		expect(await call('servicoContatos.php', { ...add, numero: '+55 19' })).toEqual({
			status: 'falha - campo numero inválido',
		});
	});

	it('starting answers with an id that is not the protocol', async () => {
		expect(await startWith()).toEqual({
			status: 'ok',
			em_atendimento: 0,
			codid_protocolo: '395349',
		});
		const [chat] = await call('chatsAtivos.php');
		expect(chat).toMatchObject({ codid_protocolo: '395349', protocolo: '20231205303152' });
		expect(await call('buscaChat.php', { protocolo: '395349' })).toEqual({
			retorno: 'falha - protocolo não encontrado',
		});
	});

	it('who is being served is said with the agent’s name', async () => {
		const { protocol } = voxfree.customerWrites('30', '25', 'Oi');
		expect(await startWith()).toEqual({
			status: 'falha - em atendimento',
			em_atendimento: 1,
			agente_em_atendimento_codid: '',
			agente_em_atendimento_nome: '',
		});
		voxfree.assign(protocol, '60');
		expect(await startWith()).toMatchObject({
			agente_em_atendimento_codid: '60',
			agente_em_atendimento_nome: 'Bruno Lima',
		});
	});

	it.each<[string, Json, string]>([
		['on Instagram', { id_canal: '27' }, 'não é possível iniciar conversa neste canal'],
		[
			'on Facebook',
			{ id_canal: '28', departamento: '10' },
			'não é possível iniciar conversa neste canal',
		],
		['in a foreign department', { departamento: '11' }, 'agente não pertence ao departamento'],
		[
			'on a channel of another department',
			{ departamento: '10' },
			'canal não encontrado no departamento',
		],
		['with nobody', { codid_contato: '999' }, 'contato não encontrado'],
		['with a group', { codid_contato: '900' }, 'contato não encontrado'],
	])('cannot be started %s', async (_, fields, reason) => {
		expect(await startWith(fields)).toEqual({ status: `falha - ${reason}`, em_atendimento: 0 });
	});
});

describe('finishing and transferring', () => {
	const end = async (place: Json, fields: Json) =>
		await call('finalizarAtendimento.php', { ...place, nome_agente: 'Ana Souza', ...fields });

	it('finishes with a wrap-up code and binds the contact', async () => {
		const place = served();
		const answer = await end(place, {
			action: 'finalizar',
			selected_tabulacao: '22',
			carteirizado_check: '1',
		});
		expect(answer).toEqual({ retorno: 'ok' });
		expect(rowOf(place.protocolo)).toMatchObject({ state: 'finished', wrapUpCode: '22' });
		expect(await call('buscaCarteirizacoes.php', { action: 'select' })).toMatchObject([
			{ codid: '1635', codid_contato: '31' },
			{ codid: '1636', codid_contato: '30', codid_departamento: '9' },
		]);
		const gone = { action: 'delete', codid_contato: '30', codid_departamento: '9' };
		expect(await call('buscaCarteirizacoes.php', gone)).toEqual({ retorno: 'ok' });
		expect(await call('buscaCarteirizacoes.php', gone)).toEqual({
			retorno: 'falha - carteirização não encontrada',
		});
	});

	it('takes the other name of the loyalty flag too', async () => {
		await end(served(), { action: 'finalizar', fidelizado_check: '1' });
		expect(voxfree.state.portfolio).toHaveLength(2);
	});

	it('transfers to an agent who is there, with a note that the contact does not see', async () => {
		const place = served();
		const answer = await end(place, {
			action: 'transferir',
			new_id_agente: '60',
			text_send: 'Cliente antigo',
		});
		expect(answer).toEqual({ retorno: 'ok' });
		expect(rowOf(place.protocolo)).toMatchObject({
			state: 'active',
			agentId: '60',
			notes: [{ agentId: '61', text: 'Cliente antigo' }],
		});
		expect(rowOf(place.protocolo).messages).toHaveLength(1);
	});

	it('a transfer to who is away waits for him', async () => {
		const place = served();
		await end(place, { action: 'transferir', new_id_agente: '7204' });
		expect(rowOf(place.protocolo)).toMatchObject({ state: 'waiting', agentId: '7204' });
	});

	it('finishes and begins anew in another department', async () => {
		const place = served();
		voxfree.changeAgent('7204', { online: true });
		const answer = await end(place, {
			action: 'transferir_finalizar',
			new_id_agente: '7204',
			codid_departamento: '10',
			selected_tabulacao: '23',
		});
		expect(answer).toEqual({ retorno: 'ok' });
		expect(rowOf(place.protocolo)).toMatchObject({ state: 'finished', wrapUpCode: '23' });
		expect(voxfree.state.conversations.at(-1)).toMatchObject({
			protocol: '20231205303153',
			state: 'active',
			agentId: '7204',
			departmentId: '10',
		});
	});

	it.each<[string, Json, string]>([
		['without a new agent', { action: 'transferir' }, 'campo new_id_agente não informado'],
		['to nobody', { action: 'transferir', new_id_agente: '1' }, 'agente de destino não encontrado'],
		[
			'to himself',
			{ action: 'transferir', new_id_agente: '61' },
			'o atendimento já é deste agente',
		],
		[
			'without a department',
			{ action: 'transferir_finalizar', new_id_agente: '60' },
			'campo codid_departamento não informado',
		],
		[
			'to a department that is not the agent’s',
			{ action: 'transferir_finalizar', new_id_agente: '60', codid_departamento: '10' },
			'agente de destino não pertence ao departamento',
		],
		['with an action of no document', { action: 'fechar' }, 'valor inválido para o campo action'],
		[
			'with a foreign wrap-up code',
			{ action: 'finalizar', selected_tabulacao: '24' },
			'tabulação não encontrada',
		],
		[
			'with a loyalty flag that is none',
			{ action: 'finalizar', carteirizado_check: 'true' },
			'valor inválido para o campo carteirizado_check',
		],
	])('%s is refused and changes nothing', async (_, fields, reason) => {
		const place = served();
		const before = voxfree.state;
		expect(await end(place, fields)).toEqual({ retorno: `falha - ${reason}` });
		expect(voxfree.state).toEqual(before);
	});

	it('only who has the conversation may do it', async () => {
		const place = served();
		voxfree.assign(place.protocolo, '60');
		const failure = { retorno: 'falha - não foi possivel atualizar protocolo' };
		expect(await end(place, { action: 'finalizar' })).toEqual(failure);
		expect(await end({ ...place, protocolo: '1' }, { action: 'finalizar' })).toEqual(failure);
	});

	it('asks for a wrap-up code where the company wants one', async () => {
		voxfree.configure({ wrapUpRequired: true });
		expect(await end(served(), { action: 'finalizar' })).toEqual({
			retorno: 'falha - campo selected_tabulacao não informado',
		});
	});
});

describe('the simulator itself', () => {
	it.each([
		['text', 'abc'],
		['a list', []],
		['null', null],
	])('%s instead of an object is a failure, not a crash', async (_, body) => {
		const { status, data } = await post(`${voxfree.applicationUrl}/mobile/chatsAtivos.php`, body);
		expect([status, data]).toEqual([200, { retorno: 'falha - JSON inválido' }]);
	});

	it('misbehaves on demand', async () => {
		voxfree.failNext('html');
		expect(await call('chatsAtivos.php')).toContain('Site em manutenção');
		voxfree.failNext('truncated-json');
		expect(typeof (await call('buscaDepartamentos.php'))).toBe('string');
	});

	it('forgets everything on a reset, and who is signed in unless told otherwise', async () => {
		const fresh = voxfree.state;
		served();
		voxfree.configure({ lists: 'object' });
		voxfree.reset({ keepSettings: true });
		expect(voxfree.state).toEqual(fresh);
		expect([voxfree.setup.lists, voxfree.signedIn]).toEqual(['object', ['61']]);
		voxfree.reset();
		expect([voxfree.setup.lists, voxfree.signedIn]).toEqual(['array', []]);
	});

	it('gives no id a second time after a reset that keeps the settings', () => {
		const first = voxfree.customerWrites('30', '25', 'Oi');
		voxfree.reset({ keepSettings: true });
		const second = voxfree.customerWrites('30', '25', 'Oi');
		expect(Number(second.messageId)).toBe(Number(first.messageId) + 1);
		expect(second.protocol).not.toBe(first.protocol);
		voxfree.reset();
		expect(voxfree.customerWrites('30', '25', 'Oi')).toEqual(first);
	});

	it('refuses what a person cannot do, in a sentence', () => {
		const { protocol } = voxfree.customerWrites('30', '25', 'Oi');
		voxfree.finish(protocol);
		expect(() => voxfree.finish(protocol)).toThrow('is finished');
		expect(() => voxfree.assign(protocol, '61')).toThrow('is finished');
		expect(() => voxfree.customerWrites('99', '25', 'Oi')).toThrow('There is no contact 99');
		expect(() => voxfree.customerWrites('30', '99', 'Oi')).toThrow('There is no channel 99');
		expect(() => voxfree.customerWrites('30', '25', '')).toThrow('empty');
		expect(() => voxfree.agentWrites(protocol, 'Oi')).toThrow('is finished');
	});
});
