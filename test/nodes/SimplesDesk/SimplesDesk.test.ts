import { answerWith, type AnswerOptions } from './answering';
import botMenu from '../../fixtures/simplesdesk/request-bot-menu.json';
import responseMessages from '../../fixtures/simplesdesk/response-messages.json';
import responseTemplate from '../../fixtures/simplesdesk/response-template.json';

import type { ITaskData } from 'n8n-workflow';

// Machines with much to do are slow; no test waits for this long otherwise.
jest.setTimeout(30_000);

interface Listed {
	type: string;
	text?: unknown;
	url?: unknown;
}

/** n8n itself refuses to run with a required field that is plainly empty. */
const EMPTY = '={{ "" }}';

const text = (value: unknown): Listed => ({ type: 'TEXT', text: value });
const file = (value: unknown, type = 'FILE'): Listed => ({ type, url: value });
const list = (...message: Listed[]) => ({
	operation: 'sendMessages',
	source: 'list',
	messages: { message },
});
const json = (messages: unknown) => ({ operation: 'sendMessages', source: 'json', json: messages });
const template = (parameters: object = {}) => ({
	operation: 'sendTemplate',
	templateName: 'ticket_activated',
	...parameters,
});
const menuCall = { event: 'botMenu', raw: botMenu };

const outputOf = (task: ITaskData | undefined) =>
	(task?.data?.main ?? []).map((output) => output ?? []);

/** What a node answers when all is well. */
async function answered(options: AnswerOptions) {
	const result = await answerWith(options);
	expect(result.error).toBeUndefined();
	expect(result.responses).toHaveLength(1);
	return result;
}

/** The error of a node that has answered nothing. */
async function refused(options: AnswerOptions) {
	const { error, responses } = await answerWith(options);
	expect(responses).toEqual([]);
	expect(error).toBeDefined();
	return error!;
}

describe('Send Messages', () => {
	it("answers with the document's own list, built in the editor", async () => {
		const messages = responseMessages.map(({ type, value }) =>
			type === 'TEXT' ? text(value) : file(value, type),
		);
		const { responses, tasks } = await answered({ parameters: list(...messages) });
		expect(responses).toEqual([
			{
				statusCode: 200,
				headers: { 'content-type': 'application/json; charset=utf-8' },
				body: responseMessages,
			},
		]);
		expect(tasks.Node!.data!.main).toEqual([
			[
				{
					json: { operation: 'sendMessages', statusCode: 200, body: responseMessages },
					pairedItem: [{ item: 0 }],
				},
			],
		]);
	});

	it('takes each input item as a message, from fields of any name', async () => {
		const items = responseMessages.map(({ type, value }) => ({ kind: type, what: value }));
		const parameters = {
			operation: 'sendMessages',
			source: 'items',
			typeField: 'kind',
			valueField: 'what',
		};
		const { body, tasks } = await answered({ parameters, items });
		expect(body).toEqual(responseMessages);
		expect(outputOf(tasks.Node)[0]![0]!.pairedItem).toHaveLength(items.length);
	});

	it.each([
		['text', JSON.stringify(responseMessages), responseMessages],
		['a list', responseMessages, responseMessages],
		['a single message', responseMessages[0], [responseMessages[0]]],
	])('takes JSON as %s', async (_kind, messages, expected) => {
		expect((await answered({ parameters: json(messages) })).body).toEqual(expected);
	});

	it('makes one list out of all items, in their order', async () => {
		const { body } = await answered({
			parameters: list(text('={{ $json.name }}'), file('=https://example.test/{{ $json.file }}')),
			items: [
				{ name: 'Um', file: '1.pdf' },
				{ name: 'Dois', file: '2.pdf' },
			],
		});
		expect(body).toEqual([
			{ type: 'TEXT', value: 'Um' },
			{ type: 'FILE', value: 'https://example.test/1.pdf' },
			{ type: 'TEXT', value: 'Dois' },
			{ type: 'FILE', value: 'https://example.test/2.pdf' },
		]);
	});

	it.each([
		['https://example.test/boleto-joão.pdf', 'https://example.test/boleto-jo%C3%A3o.pdf'],
		['  https://example.test/a.pdf\n', 'https://example.test/a.pdf'],
		[
			'https://example.test/a%20b.pdf?x=[1]&y=%C3%A3#z',
			'https://example.test/a%20b.pdf?x=[1]&y=%C3%A3#z',
		],
		['http://127.0.0.1:4800/a.pdf', 'http://127.0.0.1:4800/a.pdf'],
	])('the address %j goes out as %j', async (given, sent) => {
		expect((await answered({ parameters: list(file(given)) })).body).toEqual([
			{ type: 'FILE', value: sent },
		]);
	});

	it.each(['linha 1\nlinha 2', ' com espaços ', '😀 "aspas" <b>', '{{ $json.x }}'])(
		'the text %j goes out as it is',
		async (given) => {
			expect((await answered({ parameters: list(text(given)) })).body).toEqual([
				{ type: 'TEXT', value: given },
			]);
		},
	);
});

describe('Send Template', () => {
	it("answers with the document's own template, and numbers its texts itself", async () => {
		const parameters = template({
			header: { variable: { text: 'header1' } },
			bodyTexts: ['body1', 'body2'],
			buttons: { button: [{ hasVariable: true, text: 'btn1' }] },
		});
		expect((await answered({ parameters })).body).toEqual(responseTemplate);
	});

	it('leaves out the parts that the template does not have', async () => {
		expect((await answered({ parameters: template() })).body).toEqual([
			{ type: 'TEMPLATE', name: 'ticket_activated', language: 'pt_BR' },
		]);
	});

	it('counts buttons without a variable', async () => {
		const button = [{ hasVariable: false }, { hasVariable: true, text: 'x' }];
		const { body } = await answered({ parameters: template({ buttons: { button } }) });
		expect(body).toMatchObject([
			{
				buttons: [
					{ index: 1, parameters: [] },
					{ index: 2, parameters: [{ index: 1, value: 'x' }] },
				],
			},
		]);
	});

	it('warns of an answer with several templates, which no document shows', async () => {
		const { body, tasks } = await answered({ parameters: template(), items: [{}, {}] });
		expect(body).toHaveLength(2);
		expect(tasks.Node!.hints).toMatchObject([{ type: 'warning' }]);
	});
});

describe('every rule of the document, broken once', () => {
	const good = { type: 'TEXT', value: 'Olá' };
	const wire = responseTemplate[0]!;
	const variable = { index: 1, value: 'x' };

	it.each<[string, object, string]>([
		['an empty list', list(), 'The answer has no messages'],
		['an empty JSON list', json([]), 'The answer has no messages'],
		['no list', json('"Olá"'), "'Messages' needs a list of messages, but was given text"],
		['broken JSON', json('[{'), "'Messages' is not valid JSON"],
		['a message that is text', json(['Olá']), 'Message 1 must be an object, not text'],
		[
			'an unknown type',
			json([good, { ...good, type: 'VIDEO' }]),
			"Message 2: 'type' must be TEXT, FILE, IMAGE, AUDIO or TEMPLATE, not 'VIDEO'",
		],
		[
			'a type in small letters',
			json([{ ...good, type: 'text' }]),
			"Message 1: 'type' must be TEXT, FILE, IMAGE, AUDIO or TEMPLATE, not 'text'",
		],
		['no type', json([{ value: 'Olá' }]), "Message 1: 'type' is missing"],
		['no value', json([good, { type: 'TEXT' }]), "Message 2: 'value' is missing"],
		[
			'a field too many',
			json([{ ...good, caption: 'x' }]),
			"Message 1: 'caption' is not a field that SimplesDesk knows",
		],
		[
			'a value that is a number',
			json([{ type: 'TEXT', value: 5 }]),
			"Message 1: 'value' must be text, not a number",
		],
		[
			'a value that is null',
			json([{ type: 'TEXT', value: null }]),
			"Message 1: 'value' must be text, not null",
		],
		['an empty text', list(text('Olá'), text(' \n')), "Message 2: 'Text' is empty"],
		[
			'half a character',
			list(text('\ud83d')),
			"Message 1: 'Text' starts or ends in the middle of a character",
		],
		['an empty address', list(text('Olá'), file('')), "Message 2: 'URL' is empty"],
		[
			'an address without http',
			list(text('Olá'), file('www.example.test/a.pdf')),
			"Message 2: 'URL' must start with https:// or http://, not 'www.example.test/a.pdf'",
		],
		[
			'an address of a file system',
			list(file('file:///etc/passwd', 'IMAGE')),
			"Message 1: 'URL' must start with https:// or http://, not 'file:///etc/passwd'",
		],
		[
			'an address with a blank',
			list(file('https://example.test/a b.mp3', 'AUDIO')),
			"Message 1: 'URL' must be one address without spaces and line breaks; write %20 for a space",
		],
		[
			'an address in two lines',
			list(file('https://example.test/a\nb.mp3', 'AUDIO')),
			"Message 1: 'URL' must be one address without spaces and line breaks; write %20 for a space",
		],
		[
			'an address without a host',
			list(file('https:///a.pdf')),
			"Message 1: 'URL' must be a web address, with special characters encoded: 'https:///a.pdf'",
		],
		[
			'letters not encoded in JSON',
			json([{ type: 'FILE', value: 'https://example.test/ã.pdf' }]),
			"Message 1: 'value' must be a web address, with special characters encoded: 'https://example.test/ã.pdf'",
		],
		[
			'a template among messages',
			json([good, wire]),
			"Message 2: 'type' cannot be mixed: a list holds either templates (official API) or texts and files (QR code)",
		],
		[
			'a message among templates',
			json([wire, good]),
			"Message 2: 'type' cannot be mixed: a list holds either templates (official API) or texts and files (QR code)",
		],
		['a template without a name', template({ templateName: ' ' }), "'Template Name' is empty"],
		['a template without a language', template({ language: EMPTY }), "'Language' is empty"],
		[
			'a language with a hyphen',
			template({ language: 'pt-BR' }),
			"Message 1: 'Language' must be written as in pt_BR, not 'pt-BR'",
		],
		[
			'an empty header text',
			template({ header: { variable: { text: '' } } }),
			"Message 1: 'Header > Text' is empty",
		],
		[
			'an empty body text',
			template({ bodyTexts: ['a', ''] }),
			"Message 1: 'Body Texts 2' is empty",
		],
		[
			'an empty button text',
			template({ buttons: { button: [{ hasVariable: false }, { hasVariable: true }] } }),
			"Message 1: 'Button 2 > Text' is empty",
		],
		[
			'a body text that is an object',
			template({ bodyTexts: [{}] }),
			"'Body Texts' needs text, but was given an object",
		],
		[
			'two header variables',
			json([{ ...wire, header: { parameters: [variable, { index: 2, value: 'y' }] } }]),
			"Message 1: 'header.parameters' must have at most 1, not 2",
		],
		[
			'a header index that is not 1',
			json([{ ...wire, header: { parameters: [{ index: 2, value: 'x' }] } }]),
			"Message 1: 'header.parameters[1].index' must be the number 1, not 2",
		],
		[
			'an index that is text',
			json([{ ...wire, body: { parameters: [{ index: '1', value: 'x' }] } }]),
			"Message 1: 'body.parameters[1].index' must be the number 1, not '1'",
		],
		[
			'an index twice',
			json([{ ...wire, body: { parameters: [variable, variable] } }]),
			"Message 1: 'body.parameters[2].index' must be the number 2, not 1",
		],
		[
			'a variable without an index',
			json([{ ...wire, body: { parameters: [{ value: 'x' }] } }]),
			"Message 1: 'body.parameters[1].index' is missing",
		],
		[
			'a variable without a value',
			json([{ ...wire, body: { parameters: [{ index: 1 }] } }]),
			"Message 1: 'body.parameters[1].value' is missing",
		],
		[
			'a body without parameters',
			json([{ ...wire, body: {} }]),
			"Message 1: 'body.parameters' is missing",
		],
		[
			'a body that is a list',
			json([{ ...wire, body: [variable] }]),
			"Message 1: 'body' must be an object, not a list",
		],
		[
			'parameters that are an object',
			json([{ ...wire, body: { parameters: variable } }]),
			"Message 1: 'body.parameters' must be a list, not an object",
		],
		[
			'buttons that are an object',
			json([{ ...wire, buttons: {} }]),
			"Message 1: 'buttons' must be a list, not an object",
		],
		[
			'a button with two parameters',
			json([
				{ ...wire, buttons: [{ index: 1, parameters: [variable, { index: 2, value: 'y' }] }] },
			]),
			"Message 1: 'buttons[1].parameters' must have at most 1, not 2",
		],
		[
			'a button with a wrong index',
			json([{ ...wire, buttons: [{ index: 2, parameters: [] }] }]),
			"Message 1: 'buttons[1].index' must be the number 1, not 2",
		],
		[
			'a template without a name in JSON',
			json([{ type: 'TEMPLATE', language: 'pt_BR' }]),
			"Message 1: 'name' is missing",
		],
		[
			'a template with a value',
			json([{ ...wire, value: 'x' }]),
			"Message 1: 'value' is not a field that SimplesDesk knows",
		],
	])('%s', async (_what, parameters, message) => {
		const error = await refused({ parameters });
		expect(error.message).toBe(message);
		expect(error.description).toContain('Nothing was sent.');
		// No other rule is broken.
		expect(error.description).not.toMatch(/Message \d/);
	});

	it('tells the other violations as well', async () => {
		const error = await refused({ parameters: list(text(''), file('x'), file('')) });
		expect(error.message).toBe("Message 1: 'Text' is empty");
		expect(error.description).toBe(
			"Message 2: 'URL' must start with https:// or http://, not 'x'. Message 3: 'URL' is empty. Nothing was sent.",
		);
	});

	it('names the item that is to blame, and counts messages over all items', async () => {
		const error = await refused({
			parameters: list(text('Olá'), text('={{ $json.name }}')),
			items: [{ name: 'Um' }, { name: '' }, { name: 'Três' }],
		});
		expect(error.message).toBe("Message 4: 'Text' is empty");
		expect(error.context.itemIndex).toBe(1);
	});

	it('names the item in which an expression fails', async () => {
		const error = await refused({
			parameters: list(text('={{ $json.name.toUpperCase() }}')),
			items: [{ name: 'Um' }, {}],
		});
		expect(error.context.itemIndex).toBe(1);
		expect(error.message).not.toBe('');
		expect(error.description).toContain('Nothing was sent.');
	});

	it('names the field of the items that holds the wrong value', async () => {
		const parameters = { operation: 'sendMessages', source: 'items', valueField: 'what' };
		const error = await refused({ parameters, items: [{ type: 'FILE', what: 'x' }] });
		expect(error.message).toBe("Message 1: 'what' must start with https:// or http://, not 'x'");
		const missing = await refused({ parameters, items: [{ type: 'FILE', value: 'x' }] });
		expect(missing.message).toBe("The item has no field 'what'");
	});
});

describe('Send Nothing', () => {
	it('answers with an error status, the only thing that the document says sends nothing', async () => {
		const { responses } = await answered({
			parameters: { operation: 'sendNothing', reason: 'Já foi pago' },
			items: [{}, {}],
		});
		expect(responses).toMatchObject([{ statusCode: 422, body: { message: 'Já foi pago' } }]);
	});

	it('answers with an empty list if told so, also a bot menu', async () => {
		const parameters = { operation: 'sendNothing', as: 'emptyList' };
		const { responses } = await answered({ parameters, call: menuCall });
		expect(responses).toMatchObject([{ statusCode: 200, body: [] }]);
	});
});

describe('the answers to a bot menu', () => {
	const URL = 'https://n8n.example.test/webhook/1/webhook';
	const attachment = {
		name: 'b.pdf',
		position: 'BEFORE',
		type: 'DOCUMENT',
		url: 'https://x.test/b',
	};
	const ask = async (parameters: object, items?: AnswerOptions['items']) =>
		(await answered({ parameters, call: menuCall, ...(items ? { items } : {}) })).body;

	it('a menu numbers its choices', async () => {
		const choice = [
			{ text: 'Boleto', callbackUrl: URL, callbackData: '{"step":"invoice"}' },
			{ text: 'Sair', callbackUrl: URL },
		];
		const parameters = { operation: 'menu', text: 'Escolha', choices: { choice } };
		expect(await ask(parameters)).toEqual({
			type: 'MENU',
			text: 'Escolha',
			attachments: [],
			items: [
				{ number: 1, text: 'Boleto', callback: { endpoint: URL, data: { step: 'invoice' } } },
				{ number: 2, text: 'Sair', callback: { endpoint: URL, data: {} } },
			],
		});
	});

	it('the choices of several items make one menu; equal items make it once', async () => {
		const parameters = {
			operation: 'menu',
			text: 'Escolha',
			choices: { choice: [{ text: '={{ $json.name ?? "Um" }}', callbackUrl: URL }] },
		};
		expect(await ask(parameters, [{ name: 'A' }, { name: 'B' }, { name: 'A' }])).toMatchObject({
			items: [
				{ number: 1, text: 'A' },
				{ number: 2, text: 'B' },
				{ number: 3, text: 'A' },
			],
		});
		expect(await ask(parameters, [{}, {}])).toMatchObject({ items: [{ number: 1, text: 'Um' }] });
	});

	it.each<[object, object]>([
		[
			{ operation: 'question', text: 'CPF?', callbackUrl: URL, callbackData: { step: 2 } },
			{
				type: 'QUESTION',
				text: 'CPF?',
				attachments: [],
				callback: { endpoint: URL, data: { step: 2 } },
			},
		],
		[
			{ operation: 'information', text: 'Pronto', attachments: { attachment: [attachment] } },
			{ type: 'INFORMATION', text: 'Pronto', attachments: [attachment] },
		],
		[
			{ operation: 'information', text: 'Pronto', openTicket: true, departmentUuid: 'd1' },
			{
				type: 'INFORMATION',
				text: 'Pronto',
				attachments: [],
				newTicket: { departmentUUID: 'd1' },
			},
		],
		[
			{
				operation: 'information',
				text: 'Pronto',
				openTicket: true,
				departmentUuid: 'd1',
				userUuid: 'u1',
			},
			{
				type: 'INFORMATION',
				text: 'Pronto',
				attachments: [],
				newTicket: { departmentUUID: 'd1', userUUID: 'u1' },
			},
		],
		[
			{ operation: 'directToMenu', menuUuid: ' m1 ' },
			{ type: 'DIRECT_TO_MENU', menuUUID: 'm1' },
		],
		[
			{ operation: 'openCustomerService', departmentUuid: 'd1', text: 'Um momento' },
			{ type: 'CREATE_CUSTOMER_SERVICE', departmentUUID: 'd1', text: 'Um momento' },
		],
	])('%j', async (parameters, body) => {
		expect(await ask(parameters)).toEqual(body);
	});

	it.each<[object, string]>([
		[{ operation: 'menu', text: 'Escolha' }, "'Choices' is empty"],
		[
			{ operation: 'menu', text: 'Escolha', choices: { choice: [{ text: '', callbackUrl: URL }] } },
			"'Choice 1 > Text' is empty",
		],
		[
			{
				operation: 'menu',
				text: 'Escolha',
				choices: { choice: [{ text: 'A', callbackUrl: 'x' }] },
			},
			"'Choice 1 > Callback URL' must start with https:// or http://, not 'x'",
		],
		[
			{
				operation: 'menu',
				text: 'Escolha',
				choices: { choice: [{ text: 'A', callbackUrl: URL, callbackData: '[1]' }] },
			},
			"'Choice 1 > Callback Data' must be an object, not a list",
		],
		[{ operation: 'menu', text: ' ' }, "'Text' is empty"],
		[{ operation: 'question', text: 'CPF?', callbackUrl: EMPTY }, "'Callback URL' is empty"],
		[
			{ operation: 'question', text: 'CPF?', callbackUrl: 'ftp://x.test' },
			"'Callback URL' must start with https:// or http://, not 'ftp://x.test'",
		],
		[
			{
				operation: 'information',
				text: 'x',
				attachments: { attachment: [{ ...attachment, name: '' }] },
			},
			"'Attachment 1 > File Name' is empty",
		],
		[
			{
				operation: 'information',
				text: 'x',
				attachments: { attachment: [{ ...attachment, url: 'b' }] },
			},
			"'Attachment 1 > URL' must start with https:// or http://, not 'b'",
		],
		[
			{ operation: 'information', text: 'x', openTicket: true, departmentUuid: EMPTY },
			"'Department UUID' is empty",
		],
		[{ operation: 'directToMenu', menuUuid: EMPTY }, "'Menu UUID' is empty"],
		[
			{ operation: 'openCustomerService', text: 'x', departmentUuid: EMPTY },
			"'Department UUID' is empty",
		],
	])('refuses %j', async (parameters, message) => {
		expect((await refused({ parameters, call: menuCall })).message).toBe(message);
	});

	describe('a callback URL with a secret', () => {
		const SECRET = 'demo-webhook-secret-0123';
		const shownFor = `${URL}?secret=[hidden]`;

		it.each([
			[`${URL}?secret=${SECRET}`, shownFor],
			[`${URL}?a=&secret=${SECRET}&b=1#${SECRET}`, `${URL}?a=&secret=[hidden]&b=[hidden]#[hidden]`],
			[`${URL}?${SECRET}`, `${URL}?[hidden]`],
			[
				URL.replace('https://', `https://n8n:${SECRET}@`),
				URL.replace('https://', 'https://[hidden]@'),
			],
		])('goes to SimplesDesk whole, but is masked in the output: %s', async (callbackUrl, shown) => {
			const question = { operation: 'question', text: 'CPF?', callbackUrl };
			const choice = [{ text: 'Um', callbackUrl }];
			const menu = { operation: 'menu', text: 'Escolha', choices: { choice } };
			for (const parameters of [question, menu]) {
				const { body, tasks, responses } = await answered({ parameters, call: menuCall });
				expect(responses).toHaveLength(1);
				expect(JSON.stringify(body)).toContain(JSON.stringify(callbackUrl));
				const output = JSON.stringify(
					Object.values(tasks).flatMap(({ data }) => data?.main?.flat() ?? []),
				);
				expect(output).toContain(JSON.stringify(shown));
				expect(output).not.toContain(SECRET);
			}
		});

		it.each([
			`ftp://x.test/?secret=${SECRET}`,
			`x.test/webhook?secret=${SECRET}`,
			`https://x.test/{webhook}?secret=${SECRET}`,
			`https://x.test/?a b&secret=${SECRET}`,
			`https:///?secret=${SECRET}`,
			`?secret=${SECRET}`,
			`n8n:${SECRET}`.replace(':', '://u:') + '@x.test/',
		])('is masked in the error about %s', async (callbackUrl) => {
			const { message, description } = await refused({
				parameters: { operation: 'question', text: 'CPF?', callbackUrl },
				call: menuCall,
			});
			expect(`${message} ${description ?? ''}`).toContain("'Callback URL' must ");
			expect(`${message} ${description ?? ''}`).not.toContain(SECRET);
		});
	});

	it('items that make different answers are refused, because only one could be given', async () => {
		const error = await refused({
			parameters: { operation: 'question', text: '={{ $json.q }}', callbackUrl: URL },
			call: menuCall,
			items: [{ q: 'A' }, { q: 'A' }, { q: 'B' }],
		});
		expect(error.message).toBe(
			'Item 3 makes a different answer than item 1, but a request has one answer',
		);
		expect(error.context.itemIndex).toBe(2);
	});

	it('an answer for the other kind of call is refused', async () => {
		expect(await refused({ parameters: list(text('Olá')), call: menuCall })).toMatchObject({
			message: "A bot menu cannot be answered with 'Send Messages'",
			description:
				'For bot menus, use Menu, Question, Information, Direct to Menu, Open Customer Service or Send Nothing. Nothing was sent.',
		});
		const direct = { operation: 'directToMenu', menuUuid: 'm1' };
		expect(await refused({ parameters: direct })).toMatchObject({
			message:
				"A scheduled message cannot be answered with 'Direct to Menu', which is for bot menus",
			description:
				'For scheduled messages, use Send Messages, Send Template or Send Nothing. Nothing was sent.',
		});
	});
});

describe('one call, one answer', () => {
	it('a second node that answers fails and says who was first', async () => {
		const parameters = list(text('Olá'));
		const { error, responses } = await answerWith({ parameters, then: [parameters] });
		expect(responses).toHaveLength(1);
		expect(error?.message).toBe(
			"'Node' has already answered this request, so the answer of 'Node 2' cannot be sent",
		);
	});

	it('a node that failed has not answered: another may answer instead', async () => {
		const { error, body, tasks } = await answerWith({
			parameters: list(text('Olá'), text('')),
			onError: 'continueRegularOutput',
			then: [list(text('={{ $json.error }}'))],
		});
		expect(error).toBeUndefined();
		expect(outputOf(tasks.Node)[0]).toEqual([
			{
				json: { error: "Message 2: 'Text' is empty", details: 'Nothing was sent.' },
				pairedItem: { item: 0 },
			},
		]);
		expect(body).toEqual([{ type: 'TEXT', value: "Message 2: 'Text' is empty" }]);
	});

	it('one wrong item sends nothing at all, also with "continue" set; all go to the error output', async () => {
		const { responses, tasks, error } = await answerWith({
			parameters: list(text('={{ $json.name }}')),
			items: [{ name: 'Um' }, { name: [2] }, { name: 'Três' }],
			onError: 'continueErrorOutput',
		});
		expect(error).toBeUndefined();
		expect(responses).toEqual([]);
		const [good, bad] = outputOf(tasks.Node);
		expect(good).toEqual([]);
		expect(bad).toHaveLength(3);
		expect(bad!.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
	});

	it('what was marked as answered goes with the execution, to be seen by any worker', async () => {
		const { run } = await answered({ parameters: list(text('Olá')) });
		const stored = JSON.parse(JSON.stringify(run.data.executionData)) as object;
		expect(stored).toMatchObject({
			contextData: { flow: { simplesDesk: { answeredBy: 'Node' } } },
		});
	});
});

describe('a node that nobody waits for', () => {
	it('fails clearly under another trigger', async () => {
		const error = await refused({ parameters: list(text('Olá')), startType: 'harness.other' });
		expect(error.message).toBe(
			'There is no SimplesDesk request to answer: this execution was not started by a SimplesDesk Trigger',
		);
		expect(error.description).toContain('Start the workflow with a SimplesDesk Trigger');
	});

	it('fails clearly when a failed execution is retried', async () => {
		const error = await refused({ parameters: list(text('Olá')), mode: 'retry' });
		expect(error.message).toContain('No request waits for this answer');
	});

	it('fails clearly when the answer cannot be handed on', async () => {
		const failing = new Error('Connection is closed.');
		const { error } = await answerWith({ parameters: list(text('Olá')), failing });
		expect(error?.message).toBe('n8n could not pass the answer to the request that waits for it');
		expect(error?.description).toContain('Connection is closed.');
	});
});

it.each(['constructor', 'toString', 'nothing'])(
	'an operation %j does not exist',
	async (operation) => {
		expect((await refused({ parameters: { operation } })).message).toBe(
			`The operation 'answer: ${operation}' does not exist`,
		);
	},
);
