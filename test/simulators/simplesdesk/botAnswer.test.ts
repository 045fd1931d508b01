import type { HttpAnswer } from './answer';
import { validateBotAnswer } from './botAnswer';
import { seedDesk } from './desk';

const desk = seedDesk();
const departmentUUID = desk.departments[0]!.uuid;
const userUUID = desk.users[0]!.uuid;
const menuUUID = desk.menus[1]!.uuid;
const callback = { endpoint: 'https://example.test/next', data: { step: 2 } };
const item = { number: 1, text: 'Sim', callback };
const menu = { type: 'MENU', text: 'Confirma?', items: [item] };
const file = { position: 'AFTER', type: 'DOCUMENT', name: 'a.pdf', url: 'https://a.test/a.pdf' };

const verdictOn = (value: unknown, change: Partial<HttpAnswer> = {}) =>
	validateBotAnswer(
		{
			status: 200,
			contentType: 'application/json',
			body: Buffer.from(JSON.stringify(value)),
			...change,
		},
		desk,
	);

it.each<[string, Record<string, unknown>]>([
	['a menu', { ...menu, attachments: [file] }],
	['a question', { type: 'QUESTION', text: 'Qual?', attachments: [], callback }],
	['an information', { type: 'INFORMATION', text: 'Pronto', attachments: [] }],
	[
		'an information with a ticket',
		{
			type: 'INFORMATION',
			text: 'Pronto',
			attachments: [],
			newTicket: { departmentUUID, userUUID },
		},
	],
	['a menu of its own', { type: 'DIRECT_TO_MENU', menuUUID }],
	['a customer service', { type: 'CREATE_CUSTOMER_SERVICE', departmentUUID, text: 'Um momento' }],
])('%s is a right answer, alone or in a list', (_name, value) => {
	const right = { ok: true, messages: [{ ...value }] };
	expect(verdictOn(value)).toMatchObject(right);
	expect(verdictOn([value])).toMatchObject(right);
});

it('what may be left out has a value', () => {
	expect(
		verdictOn({ ...menu, items: [{ ...item, callback: { endpoint: 'http://a.test' } }] }),
	).toEqual({
		ok: true,
		messages: [
			{
				...menu,
				attachments: [],
				items: [{ ...item, callback: { endpoint: 'http://a.test', data: {} } }],
			},
		],
	});
});

it('an attachment may be base64', () => {
	const encoded = { ...file, url: undefined, base64: 'QUJDRA==' };
	expect(verdictOn({ ...menu, attachments: [encoded] })).toMatchObject({
		ok: true,
		messages: [{ attachments: [{ url: 'data:application/octet-stream;base64,QUJDRA==' }] }],
	});
});

it.each<[string, unknown, string]>([
	['two answers', [menu, menu], 'A bot menu takes one answer, not a list of 2'],
	['no answer', [], 'A bot menu takes one answer, not a list of 0'],
	['null', null, 'must be an object, not null'],
	['a text', 'Olá', 'must be an object, not a string'],
	['no type', { text: 'Olá' }, '"type" is missing'],
	['a scheduled message', [{ type: 'TEXT', value: 'Olá' }], 'there is no type "TEXT"'],
	['another key', { ...menu, value: 'a' }, '"value" is not in the document'],
	['a menu without text', { ...menu, text: undefined }, '"text" is missing'],
	['a menu with a blank text', { ...menu, text: ' ' }, 'text: must not be empty'],
	['a menu without items', { ...menu, items: undefined }, '"items" is missing'],
	['a menu with no item', { ...menu, items: [] }, 'items: must not be empty'],
	['an item that is a text', { ...menu, items: ['Sim'] }, 'items[0]: must be an object'],
	['a number as text', { ...menu, items: [{ ...item, number: '1' }] }, 'must be a whole number'],
	['no number', { ...menu, items: [{ ...item, number: undefined }] }, '"number" is missing'],
	['a number twice', { ...menu, items: [item, item] }, 'items[1].number: 1 is there twice'],
	['an item without text', { ...menu, items: [{ ...item, text: '' }] }, 'items[0].text: must not'],
	[
		'an item without callback',
		{ ...menu, items: [{ ...item, callback: undefined }] },
		'items[0]: "callback" is missing',
	],
	[
		'an item that calls nowhere',
		{ ...menu, items: [{ ...item, callback: { data: {} } }] },
		'items[0].callback: "endpoint" is missing',
	],
	[
		'an item that calls a path',
		{ ...menu, items: [{ ...item, callback: { endpoint: '/next' } }] },
		'items[0].callback.endpoint: must be an http or https address',
	],
	['a question without callback', { type: 'QUESTION', text: 'a' }, '"callback" is missing'],
	['attachments that are none', { ...menu, attachments: 'a' }, 'must be a list, not a string'],
	['a wrong position', { ...menu, attachments: [{ ...file, position: 'TOP' }] }, 'BEFORE or AFTER'],
	['a wrong attachment type', { ...menu, attachments: [{ ...file, type: 'PDF' }] }, 'one of IMAGE'],
	['a file without name', { ...menu, attachments: [{ ...file, name: '' }] }, 'name: must not be'],
	['neither url nor base64', { ...menu, attachments: [{ ...file, url: undefined }] }, 'either'],
	['both url and base64', { ...menu, attachments: [{ ...file, base64: 'QUJD' }] }, 'either "url"'],
	[
		'wrong base64',
		{ ...menu, attachments: [{ ...file, url: undefined, base64: 'QUJ' }] },
		'base64: must be base64',
	],
	[
		'a ticket without department',
		{ type: 'INFORMATION', text: 'a', newTicket: {} },
		'newTicket: "departmentUUID" is missing',
	],
	[
		'a ticket for an unknown user',
		{ type: 'INFORMATION', text: 'a', newTicket: { departmentUUID, userUUID: 'x' } },
		'newTicket.userUUID: there is no user "x"',
	],
	['an unknown menu', { type: 'DIRECT_TO_MENU', menuUUID: 'x' }, 'menuUUID: there is no menu "x"'],
	[
		'an unknown department',
		{ type: 'CREATE_CUSTOMER_SERVICE', departmentUUID: 'x', text: 'a' },
		'departmentUUID: there is no department "x"',
	],
	[
		'a service without text',
		{ type: 'CREATE_CUSTOMER_SERVICE', departmentUUID },
		'"text" is missing',
	],
])('%s is a wrong answer', (_name, value, sentence) => {
	expect(verdictOn(value)).toEqual({
		ok: false,
		reasons: [expect.stringContaining(sentence)],
	});
});

it('the envelope is as strict as that of scheduled messages', () => {
	expect(verdictOn(menu, { status: 404 }).ok).toBe(false);
	expect(verdictOn(menu, { contentType: 'text/html' }).ok).toBe(false);
	expect(verdictOn(menu, { body: Buffer.alloc(0) }).ok).toBe(false);
});
