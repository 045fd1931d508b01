import { conversationIn, socialPlatformOf } from '../../../nodes/Voxfree/api/wire/conversations';
import { firstField, isYes, textOf } from '../../../nodes/Voxfree/api/wire/fields';
import { messageIn, messagesIn } from '../../../nodes/Voxfree/api/wire/messages';
import { refusalIn } from '../../../nodes/Voxfree/api/wire/refusals';
import { isUnknownAgent } from '../../../nodes/Voxfree/api/wire/sessionWords';
import { localTime, momentOf } from '../../../nodes/Voxfree/api/wire/time';
import {
	CHANNEL,
	CONTACT,
	DEPARTMENT,
	translateFields,
	nameIn,
	PORTFOLIO,
	QUICK_REPLY,
	TAG,
	TEMPLATE,
	WRAP_UP_CODE,
} from '../../../nodes/Voxfree/api/wire/vocabulary';

describe('a field', () => {
	it.each(['Call_Center', 'callcenter', 'CALL CENTER', 'call-center'])(
		'is found in another spelling: %s',
		(name) => expect(firstField({ other: 1, [name]: 'x' }, ['call_center'])).toBe('x'),
	);

	it('is taken under its own spelling first', () => {
		expect(firstField({ 'reply id': 'a', reply_id: 'b' }, ['reply_id'])).toBe('b');
	});

	it.each([[''], [null]])('that is %j counts as missing', (empty) => {
		expect(firstField({ a: empty, b: 0 }, ['a', 'b'])).toBe(0);
	});

	it.each([
		[0, '0'],
		[61, '61'],
		['61', '61'],
		['', undefined],
		[null, undefined],
		[true, undefined],
		[['61'], undefined],
	])('%j read as text is %j', (value, text) => expect(textOf(value)).toBe(text));

	it.each([1, '1', ' 1 ', true, 'true', 's', 'SIM', 'y', 'Yes'])('%j means yes', (value) =>
		expect(isYes(value)).toBe(true),
	);

	it.each([0, 2, '0', '11', '', 'não', 'sim senhor', null, false, undefined, [1]])(
		'%j does not mean yes',
		(value) => expect(isYes(value)).toBe(false),
	);
});

describe('a refusal', () => {
	it.each(['descricao', 'message', 'mensagem', 'motivo'])('has its words in "%s"', (name) => {
		expect(refusalIn({ error: 1, [name]: ' no ' })).toBe('no');
	});

	it('has its words in the verdict before anything beside it', () => {
		expect(refusalIn({ error: 1, status: 'falha - a', message: 'b' })).toBe('a');
	});

	it('is no refusal when a verdict only contains the word', () => {
		expect(refusalIn({ retorno: 'sem falha' })).toBeUndefined();
	});

	it('is found behind parts that are none', () => {
		expect(refusalIn(['x', { retorno: 'ok' }, { status: 'Falha: y' }])).toBe('y');
	});

	it.each([
		'agente não encontrado',
		'Usuário não foi localizado',
		'ATENDENTE DESCONHECIDO',
		'operador inválido',
		'sessão expirada',
		'Sessão não foi encontrada',
		'não está logado',
		'faça o login',
		'Login é necessário',
		'efetue login',
	])('%j is about an agent who is not logged in', (words) => {
		expect(isUnknownAgent(words)).toBe(true);
	});

	it.each(['tag não encontrada', 'contato inválido', 'protocolo expirado', 'agente ocupado', ''])(
		'%j is not about the session',
		(words) => expect(isUnknownAgent(words)).toBe(false),
	);
});

describe('a moment', () => {
	it('in seconds is told from one in milliseconds', () => {
		expect(momentOf({ timestamp: 99_999_999_999 })?.getTime()).toBe(99_999_999_999_000);
		expect(momentOf({ timestamp: 100_000_000_000 })?.getTime()).toBe(100_000_000_000);
	});

	it.each([0, -1, 'soon', null])('is the local date where the timestamp is %j', (timestamp) => {
		const moment = momentOf({ timestamp, data_mensagem: '2023-12-05 09:52' });
		expect(moment?.toISOString()).toBe('2023-12-05T12:52:00.000Z');
	});

	it('that no date can hold is unknown', () => {
		expect(momentOf({ timestamp: 9e15 })).toBeUndefined();
	});

	it.each([
		['2023-12-05 09:52:45.123', '2023-12-05T12:52:45.000Z'],
		['05/12/2023, 09:52', '2023-12-05T12:52:00.000Z'],
		['05/12/2023T23:52:01', '2023-12-06T02:52:01.000Z'],
	])('%s is read as Voxfree means it', (text, moment) => {
		expect(momentOf({ data_mensagem: text })?.toISOString()).toBe(moment);
	});

	it('is written with milliseconds only where there are some', () => {
		expect(localTime(new Date(1_701_780_765_000))).toBe('2023-12-05T09:52:45-03:00');
		expect(localTime(new Date(1_701_780_765_040))).toBe('2023-12-05T09:52:45.040-03:00');
	});
});

describe('a message', () => {
	it.each([
		[0, 'notSent'],
		['1', 'sent'],
		[2, 'read'],
		[3, undefined],
		['', undefined],
	])('with "lido" %j has the delivery status %s', (lido, status) => {
		expect(messageIn({ lido }).deliveryStatus).toBe(status);
	});

	it.each(['fromMe', 'content', 'lido', 'data_mensagem', 'status_api', 'subtype'])(
		'is known by its ID and "%s"',
		(name) => expect(messagesIn([{ codid: '1', [name]: '' }])).toHaveLength(1),
	);

	it('is not seen in a contact, nor in what has no ID', () => {
		expect(messagesIn({ contato: { codid: '30', nome: 'Ana' }, other: { content: 'x' } })).toEqual(
			[],
		);
	});

	it('keeps its own protocol inside the group of another', () => {
		const messages = messagesIn({ '20231130303159': [{ codid: 1, lido: 0, protocolo: '7' }] });
		expect(messages.map(({ protocolo }) => protocolo)).toEqual(['7']);
	});

	it('has no protocol from a group whose key is none', () => {
		const [first] = messagesIn({ '1234567': [{ codid: 1, lido: 0 }] });
		expect(first).toEqual({ codid: 1, lido: 0 });
	});

	it('keeps its place among the others, across groups', () => {
		const body = [
			{
				'20231130303160': [
					{ codid: 3, lido: 0 },
					{ codid: 1, lido: 0 },
				],
			},
			{ '20231130303159': { codid: 2, lido: 0 } },
		];
		expect(messagesIn(body as never).map(({ codid }) => codid)).toEqual([3, 1, 2]);
	});

	it('is looked for six levels deep', () => {
		const wrapped = (levels: number): never =>
			(levels === 0 ? { codid: 1, lido: 0 } : { inside: wrapped(levels - 1) }) as never;
		expect(messagesIn(wrapped(6))).toHaveLength(1);
		expect(messagesIn(wrapped(7))).toHaveLength(0);
	});
});

describe('an entry in our words', () => {
	it('keeps what is not recognised, and drops what is empty under a known name', () => {
		expect(translateFields({ codid: 30, nome: '', telefone: null, cor: 'red' }, CONTACT)).toEqual({
			contactId: '30',
			cor: 'red',
		});
	});

	it('takes the next name where the first is empty', () => {
		expect(translateFields({ numero: '', telefone: '5519' }, CONTACT)).toEqual({ number: '5519' });
	});

	it('takes no field twice', () => {
		expect(translateFields({ departamento: 'Finance' }, DEPARTMENT)).toEqual({ name: 'Finance' });
		expect(translateFields({ id_contato: 30, id: 7 }, CONTACT)).toEqual({ contactId: '30', id: 7 });
	});

	it.each([
		[CHANNEL, 'channelId', 'id_canal'],
		[CONTACT, 'contactId', 'codid_contato'],
		[DEPARTMENT, 'departmentId', 'id_departamento'],
		[PORTFOLIO, 'portfolioId', 'codid_carteirizacao'],
		[QUICK_REPLY, 'quickReplyId', 'codid_resposta'],
		[TAG, 'tagId', 'codid_tag'],
		[TEMPLATE, 'templateId', 'codid_template'],
		[WRAP_UP_CODE, 'wrapUpCodeId', 'id_tabulacao'],
	])('%#: has its ID as text, under any of its names', (vocabulary, ours, theirs) => {
		expect(translateFields({ [theirs]: 7 }, vocabulary)).toEqual({ [ours]: '7' });
		expect(translateFields({ codid: 8 }, vocabulary)).toEqual({ [ours]: '8' });
	});

	it('keeps objects under a known name as they came', () => {
		expect(translateFields({ nome: { first: 'Ana' } }, CONTACT)).toEqual({
			name: { first: 'Ana' },
		});
	});
});

describe('the name for a list', () => {
	it('is the first of the fields that has one', () => {
		expect(nameIn({ title: '', text: 'Olá' }, ['title', 'text'])).toBe('Olá');
	});

	it.each(['nome_setor', 'displayName', 'descricao_longa', 'Titulo'])(
		'is otherwise in any field that looks like a name: %s',
		(name) => expect(nameIn({ x: 'no', [name]: 'Finance' }, ['name_of_nothing'])).toBe('Finance'),
	);

	it('is unknown where only an object is called so', () => {
		expect(nameIn({ nome: { a: 1 }, x: 'no' }, [])).toBeUndefined();
	});
});

describe('a conversation', () => {
	it.each([
		[{ tipo_chat: 'grupo' }, true],
		[{ tipo_chat: 'GRUPO' }, true],
		[{ is_group: '1' }, true],
		[{ tipo_chat: 'chat' }, false],
		[{ tipo_chat: 'grupo de teste' }, false],
		[{}, false],
	])('%j is a group: %s', (entry, isGroup) => {
		expect(conversationIn(entry).isGroup).toBe(isGroup);
	});

	it('takes the contact of a group from the group, and otherwise from the contact', () => {
		const ids = { id_contato: '30', id_grupo: '77' };
		expect(conversationIn({ ...ids, tipo_chat: 'grupo' }).contactId).toBe('77');
		expect(conversationIn({ ...ids, tipo_chat: 'chat' }).contactId).toBe('30');
		expect(conversationIn({ id_contato: '30', tipo_chat: 'grupo' }).contactId).toBe('30');
	});

	it('is read where its parts stand in objects of their own', () => {
		expect(
			conversationIn({
				protocolo: '20231130303159',
				contato: { codid_contato: 30, nome: 'Ana', numero: '5519' },
				canal: { id: 25, nome: 'Sales', tipo: 'whatsapp' },
				departamento: { id: 9, nome: 'Finance' },
				agente: { id: 61, nome: 'Demo Agent' },
				ultima: { id: 7 },
			}),
		).toEqual({
			protocol: '20231130303159',
			contactId: '30',
			contactName: 'Ana',
			contactNumber: '5519',
			channelId: '25',
			channelName: 'Sales',
			channelType: 'whatsapp',
			departmentId: '9',
			departmentName: 'Finance',
			agentId: '61',
			agentName: 'Demo Agent',
			isGroup: false,
			ultima: { id: 7 },
		});
	});

	it('shows nothing of its kind but whether it is a group', () => {
		expect(conversationIn({ 'Tipo Chat': 'chat' })).toEqual({ isGroup: false });
	});
});

describe('the platform of a channel', () => {
	it.each([
		[{ name: 'Shop', type: 'INSTAGRAM' }, 'Instagram'],
		[{ name: 'Shop', type: 'messenger' }, 'Facebook'],
		[{ name: 'Facebook page' }, 'Facebook'],
		[{ name: 'Instagram', tipo: '' }, 'Instagram'],
		[{ name: 'Instagram', provedor: 'whatsapp' }, undefined],
		[{ name: 'Sales' }, undefined],
		[{}, undefined],
	])('of %j is %s', (channel, platform) => expect(socialPlatformOf(channel)).toBe(platform));
});
