import { validateAnswer, type HttpAnswer } from './answer';
import { seedDesk, type AccountKind } from './desk';

const { templates } = seedDesk();
const json = (value: unknown, change: Partial<HttpAnswer> = {}): HttpAnswer => ({
	status: 200,
	contentType: 'application/json; charset=utf-8',
	body: Buffer.from(JSON.stringify(value)),
	...change,
});
const verdictOn = (answer: HttpAnswer, account: AccountKind = 'qr') =>
	validateAnswer(answer, { account, templates });
const reasonsFor = (answer: HttpAnswer, account?: AccountKind) => {
	const verdict = verdictOn(answer, account);
	return verdict.ok ? [] : verdict.reasons;
};

const text = { type: 'TEXT', value: 'Olá!' };
const parameters = (...values: string[]) => ({
	parameters: values.map((value, position) => ({ index: position + 1, value })),
});
const ticket = {
	type: 'TEMPLATE',
	name: 'ticket_activated',
	language: 'pt_BR',
	header: parameters('header1'),
	body: parameters('body1', 'body2'),
	buttons: [{ index: 1, ...parameters('btn1') }],
};

describe('the envelope of an answer', () => {
	it.each<[string, Partial<HttpAnswer>, string]>([
		['status 500', { status: 500 }, 'The answer has the status 500, and says: [{"type"'],
		['status 201', { status: 201 }, 'The answer has the status 201'],
		['status 204', { status: 204, body: Buffer.alloc(0) }, 'The answer has the status 204'],
		['a redirect', { status: 302 }, 'The answer has the status 302'],
		['an empty body', { body: Buffer.alloc(0) }, 'The answer is empty'],
		[
			'no content type',
			{ contentType: undefined },
			'must be application/json in UTF-8, not nothing',
		],
		['HTML', { contentType: 'text/html' }, 'not "text/html"'],
		['text', { contentType: 'text/plain; charset=utf-8' }, 'not "text/plain; charset=utf-8"'],
		['a type like JSON', { contentType: 'application/jsonp' }, 'not "application/jsonp"'],
		['Latin 1', { contentType: 'application/json; charset=iso-8859-1' }, 'in UTF-8'],
		['white space', { body: Buffer.from(' \n') }, 'The answer is not JSON'],
		['trailing commas', { body: Buffer.from('[{"type":"TEXT","value":"a",}]') }, 'is not JSON'],
		['a byte order mark', { body: Buffer.from('\uFEFF[]') }, 'is not JSON'],
		['a sentence', { body: Buffer.from('Workflow was started') }, 'is not JSON'],
		['half of it', { body: Buffer.from('[{"type":"TEXT"') }, 'is not JSON'],
		['bytes that are not UTF-8', { body: Buffer.from('["\xe1"]', 'latin1') }, 'is not JSON'],
	])('with %s delivers nothing', (_name, change, sentence) => {
		expect(reasonsFor(json([text], change))).toEqual([expect.stringContaining(sentence)]);
	});

	it.each([
		'application/json',
		'application/json;charset=utf-8',
		'Application/JSON; charset="UTF-8"',
	])('may have the content type %s', (contentType) => {
		expect(verdictOn(json([text], { contentType })).ok).toBe(true);
	});
});

describe('an answer to a QR-code account', () => {
	it('is delivered in the order of its list', () => {
		const verdict = verdictOn(
			json([
				text,
				{ type: 'TEXT', value: 'Segue seu boleto\nem anexo 🙂' },
				{ type: 'FILE', value: 'https://example.test/files/2.pdf' },
				{ type: 'IMAGE', value: 'http://127.0.0.1:8080/a%20b.png?size=1&x=[2]#top' },
				{ type: 'AUDIO', value: 'HTTPS://example.test' },
			]),
		);
		expect(verdict).toEqual({
			ok: true,
			messages: [
				{ type: 'TEXT', text: 'Olá!' },
				{ type: 'TEXT', text: 'Segue seu boleto\nem anexo 🙂' },
				{ type: 'FILE', url: 'https://example.test/files/2.pdf' },
				{ type: 'IMAGE', url: 'http://127.0.0.1:8080/a%20b.png?size=1&x=[2]#top' },
				{ type: 'AUDIO', url: 'HTTPS://example.test' },
			],
		});
	});

	it.each<[string, unknown, string]>([
		['a single object', text, 'The answer: must be a list, not an object'],
		['null', null, 'The answer: must be a list, not null'],
		['a string', 'Olá', 'The answer: must be a list, not a string'],
		['an empty list', [], 'The list is empty: there is nothing to send'],
		['a list of strings', ['Olá'], 'Message 1: must be an object, not a string'],
		['a list in a list', [[text]], 'Message 1: must be an object, not a list'],
		['null in the list', [text, null], 'Message 2: must be an object, not null'],
		['no type', [{ value: 'a' }], 'Message 1: "type" is missing'],
		['no value', [text, { type: 'TEXT' }], 'Message 2: "value" is missing'],
		['an unknown type', [{ type: 'VIDEO', value: 'a' }], 'Message 1: there is no type "VIDEO"'],
		['a type in small letters', [{ type: 'text', value: 'a' }], 'there is no type "text"'],
		['a type that is a number', [{ type: 1, value: 'a' }], 'Message 1: there is no type 1'],
		['another key', [{ ...text, caption: 'a' }], 'Message 1: "caption" is not in the document'],
		['an empty text', [{ type: 'TEXT', value: '' }], 'Message 1, value: must not be empty'],
		['a blank text', [{ type: 'TEXT', value: ' \n' }], 'Message 1, value: must not be empty'],
		['a number as text', [{ type: 'TEXT', value: 7 }], 'value: must be a string, not a number'],
		['null as text', [{ type: 'TEXT', value: null }], 'value: must be a string, not null'],
		['half a character', [{ type: 'TEXT', value: 'a\ud83d' }], 'has half a character'],
		['a path', [{ type: 'FILE', value: '/files/2.pdf' }], 'must be an http or https address'],
		['no protocol', [{ type: 'IMAGE', value: 'example.test/a.png' }], 'an http or https address'],
		['another protocol', [{ type: 'AUDIO', value: 'ftp://a.test/b.mp3' }], 'an http or https'],
		['data', [{ type: 'FILE', value: 'data:text/plain,a' }], 'an http or https address'],
		['no host', [{ type: 'FILE', value: 'https:///2.pdf' }], 'an http or https address'],
		['a bad port', [{ type: 'FILE', value: 'https://a.test:99999/' }], 'an http or https address'],
		['a space', [{ type: 'FILE', value: 'https://a.test/a b.pdf' }], 'percent-encoded'],
		['an accent', [{ type: 'FILE', value: 'https://a.test/aviso-é.pdf' }], 'percent-encoded'],
		['a line break', [{ type: 'FILE', value: 'https://a.test/a\nb' }], 'percent-encoded'],
		['a bad escape', [{ type: 'FILE', value: 'https://a.test/100%' }], 'percent-encoded'],
		[
			'an address at its end blank',
			[{ type: 'FILE', value: 'https://a.test/b ' }],
			'percent-encoded',
		],
		['a template', [ticket], 'Message 1: a QR-code account has no templates'],
	])('with %s delivers nothing', (_name, value, sentence) => {
		expect(reasonsFor(json(value))).toEqual([expect.stringContaining(sentence)]);
	});

	it('names every slip at once', () => {
		expect(reasonsFor(json([{ type: 'TEXT', value: '' }, text, { type: 'FILE' }]))).toEqual([
			'Message 1, value: must not be empty',
			'Message 3: "value" is missing',
		]);
	});
});

describe('an answer to an official API account', () => {
	const reasons = (change: object) => reasonsFor(json([{ ...ticket, ...change }]), 'official');

	it('is the template with its variables filled in', () => {
		expect(verdictOn(json([ticket]), 'official')).toEqual({
			ok: true,
			messages: [
				{
					type: 'TEMPLATE',
					name: 'ticket_activated',
					language: 'pt_BR',
					header: 'Atendimento header1',
					body: 'Olá, body1! Seu chamado body2 foi aberto.',
					footer: 'Responda SAIR para não receber mais avisos',
					buttons: [{ text: 'Acompanhar', url: 'https://example.test/chamados/btn1' }],
				},
			],
		});
	});

	it('is filled in by index, not by position', () => {
		const answer = [
			{
				type: 'TEMPLATE',
				name: 'invoice_due',
				language: 'en_US',
				header: parameters('1042'),
				body: {
					parameters: [
						{ index: 3, value: '10 Dec' },
						{ index: 1, value: 'João' },
						{ index: 2, value: '$ {{3}}' },
					],
				},
				buttons: [{ index: 2 }, { index: 1, ...parameters('1042') }],
			},
		];
		expect(verdictOn(json(answer), 'official')).toMatchObject({
			ok: true,
			messages: [
				{
					header: 'Invoice 1042',
					body: 'Hello João! The invoice of $ {{3}} is due on 10 Dec.',
					buttons: [{ text: 'View invoice', url: expect.stringMatching(/1042$/) }, {}],
				},
			],
		});
	});

	it.each<[string, object]>([
		['leave out what the template has not', {}],
		['have empty lists for it', { header: parameters(), body: parameters(), buttons: [] }],
	])('may %s', (_name, parts) => {
		const answer = [{ type: 'TEMPLATE', name: 'opening_hours', language: 'pt_BR', ...parts }];
		expect(verdictOn(json(answer), 'official').ok).toBe(true);
	});

	it('may have several templates: the document does not forbid it', () => {
		expect(verdictOn(json([ticket, ticket]), 'official')).toMatchObject({
			ok: true,
			messages: [{ type: 'TEMPLATE' }, { type: 'TEMPLATE' }],
		});
	});

	it.each<[string, object, string]>([
		['no type', { type: undefined }, 'Message 1: "type" is missing'],
		['another type', { type: 'BUTTON' }, 'Message 1: there is no type "BUTTON"'],
		['no name', { name: undefined }, 'Message 1: "name" is missing'],
		['an empty name', { name: '' }, 'Message 1, name: must not be empty'],
		['a name that is a number', { name: 7 }, 'Message 1, name: must be a string, not a number'],
		['an unknown name', { name: 'nope' }, 'Message 1, name: there is no template "nope"'],
		['no language', { language: undefined }, 'Message 1: "language" is missing'],
		['another language', { language: 'pt-BR' }, 'exists in pt_BR, not in "pt-BR"'],
		['another key', { footer: 'a' }, 'Message 1: "footer" is not in the document'],
		['a header that is a text', { header: 'a' }, 'header: must be an object, not a string'],
		['a header without parameters', { header: {} }, 'header: "parameters" is missing'],
		['another key in the header', { header: { ...ticket.header, text: 'a' } }, '"text" is not in'],
		['two header parameters', { header: parameters('a', 'b') }, 'at most 1 is possible, not 2'],
		['no header', { header: undefined }, 'header.parameters: the template has 1 variable, not 0'],
		['an empty header', { header: parameters() }, 'the template has 1 variable, not 0'],
		['parameters that are no list', { body: { parameters: 'a' } }, 'must be a list, not a string'],
		['no body', { body: undefined }, 'body.parameters: the template has 2 variables, not 0'],
		['too few body parameters', { body: parameters('a') }, 'the template has 2 variables, not 1'],
		['too many', { body: parameters('a', 'b', 'c') }, 'the template has 2 variables, not 3'],
		['an empty value', { header: parameters('') }, 'header.parameters[0].value: must not be empty'],
		['no buttons', { buttons: undefined }, 'buttons: the template has 1 button, not 0'],
		['buttons that are no list', { buttons: ticket.buttons[0] }, 'buttons: must be a list, not an'],
		['a button that is a text', { buttons: ['a'] }, 'buttons[0]: must be an object, not a string'],
		[
			'too many buttons',
			{ buttons: [...ticket.buttons, { index: 2, ...parameters('a') }] },
			'buttons: the template has 1 button, not 2',
		],
		[
			'a button without index',
			{ buttons: [parameters('a')] },
			'Message 1, buttons[0]: "index" is missing',
		],
		[
			'a button that begins at 0',
			{ buttons: [{ index: 0, ...parameters('a') }] },
			'buttons[0].index: must be 1, not 0',
		],
		[
			'two parameters of one button',
			{ buttons: [{ index: 1, ...parameters('a', 'b') }] },
			'buttons[0].parameters: at most 1 is possible, not 2',
		],
		[
			'no parameter of a button that has one',
			{ buttons: [{ index: 1 }] },
			'buttons[0].parameters: the template has 1 variable, not 0',
		],
	])('with %s delivers nothing', (_name, change, sentence) => {
		const found = reasons(change);
		expect(found[0]).toContain(sentence);
	});

	it.each<[string, unknown, string]>([
		['no index', { value: 'a' }, '"index" is missing'],
		['no value', { index: 1 }, '"value" is missing'],
		['another key', { index: 1, value: 'a', type: 'text' }, '"type" is not in the document'],
		['a value that is a number', { index: 1, value: 7 }, 'must be a string, not a number'],
		['an index that is a text', { index: '1', value: 'a' }, 'must be a whole number, not "1"'],
		['an index between numbers', { index: 1.5, value: 'a' }, 'must be a whole number, not 1.5'],
		['index 0', { index: 0, value: 'a' }, 'must be 1, not 0'],
		['index 2', { index: 2, value: 'a' }, 'must be 1, not 2'],
		['a text', 'a', 'must be an object, not a string'],
	])('with a header parameter that has %s delivers nothing', (_name, parameter, sentence) => {
		expect(reasons({ header: { parameters: [parameter] } })).toEqual([
			expect.stringContaining(sentence),
		]);
	});

	it.each<[string, number[], string]>([
		['the same index twice', [1, 1], 'body.parameters[1].index: 1 is there twice'],
		['indexes from 0', [0, 1], 'body.parameters[0].index: must be from 1 to 2, not 0'],
		['a gap', [1, 3], 'body.parameters[1].index: must be from 1 to 2, not 3'],
	])('with %s in the body delivers nothing', (_name, indexes, sentence) => {
		const list = indexes.map((index) => ({ index, value: 'a' }));
		expect(reasons({ body: { parameters: list } })).toEqual([expect.stringContaining(sentence)]);
	});

	it('with a template that is not approved yet delivers nothing', () => {
		const answer = [
			{ type: 'TEMPLATE', name: 'spring_sale', language: 'pt_BR', body: parameters('João') },
		];
		expect(reasonsFor(json(answer), 'official')).toEqual([
			'Message 1, name: the template "spring_sale" is pending, not approved',
		]);
	});

	it.each(['TEXT', 'FILE', 'IMAGE', 'AUDIO'])('with a %s delivers nothing', (type) => {
		expect(reasonsFor(json([{ type, value: 'https://example.test/a' }]), 'official')).toEqual([
			`Message 1: an official API account sends templates only, not ${type}`,
		]);
	});

	it.each(['qr', 'official'] as const)('mixed with texts is refused by a %s account', (account) => {
		expect(reasonsFor(json([ticket, text]), account)).toContain(
			'The list mixes templates with messages that only a QR-code account can send',
		);
	});
});
