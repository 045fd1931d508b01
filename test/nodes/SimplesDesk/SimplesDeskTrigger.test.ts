import { SimplesDeskApi } from '../../../credentials/SimplesDeskApi.credentials';
import { SimplesDeskTrigger } from '../../../nodes/SimplesDesk/SimplesDeskTrigger.node';
import {
	callWebhook,
	CredentialStore,
	testCredential,
	webhookMethods,
	type WebhookOptions,
} from '../../support';
import botMenu from '../../fixtures/simplesdesk/request-bot-menu.json';
import scheduled from '../../fixtures/simplesdesk/request-scheduled.json';
import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

const SECRET = 'demo-webhook-secret-0123';

let count = 0;
/** Every call comes to a node of its own, because a secret is remembered for each. */
const call = async (
	request: WebhookOptions['request'],
	parameters: object = {},
	options: Partial<WebhookOptions> = {},
) =>
	await callWebhook({
		node: SimplesDeskTrigger,
		nodeId: `node-${++count}`,
		credentialTypes: [SimplesDeskApi],
		credentials: { simplesDeskApi: { webhookSecret: SECRET } },
		parameters: parameters as WebhookOptions['parameters'],
		request,
		...options,
	});
const output = ({ workflowData }: Awaited<ReturnType<typeof call>>) => workflowData?.[0]?.[0]?.json;

describe('a call of SimplesDesk', () => {
	it('for a scheduled message becomes one item, its data as it came, its body kept', async () => {
		expect(output(await call({ json: scheduled }))).toEqual({
			event: 'scheduledMessage',
			requestId: '3589818',
			clientId: '72',
			origin: 'SCHEDULED_MESSAGE',
			contact: {
				id: '15295',
				type: 'WHATSAPP',
				key: '5513999999999',
				name: 'João da Silva',
				phone: '5513999999999',
			},
			data: { exemplo: 'teste' },
			raw: scheduled,
		});
	});

	it('for a bot menu is told apart by its origin, and has the text and fields of the contact', async () => {
		expect(output(await call({ json: botMenu }))).toEqual({
			event: 'botMenu',
			requestId: '215123',
			text: '2',
			contact: {
				id: '15295',
				type: 'WHATSAPP',
				key: '5513999999999',
				name: 'João da Silva',
				fields: { plano: 'Básico' },
				phone: '5513999999999',
			},
			data: {},
			raw: botMenu,
		});
	});

	it('of a contact who is not on WhatsApp has no phone', async () => {
		const contact = { uid: '1', type: 'FACEBOOK', key: 'page-1', name: 'Maria' };
		const { contact: found } = output(await call({ json: { ...botMenu, contact } }))!;
		expect(found).toEqual({ id: '1', type: 'FACEBOOK', key: 'page-1', name: 'Maria' });
	});

	it.each([['text'], [5], [null], [['a', { b: 1 }]], [{ a: { b: [] } }], [true]])(
		'keeps the data %j as it is',
		async (data) => {
			expect(output(await call({ json: { ...scheduled, data } }))?.data).toEqual(data);
		},
	);

	it('keeps an ID beyond 2^53 exact, also for the filter', async () => {
		const rawBody = JSON.stringify(scheduled).replace(':72,', ':9007199254740993,');
		const request = { rawBody, headers: { 'content-type': 'application/json' } };
		const options = { clientIds: '9007199254740993' };
		expect(output(await call(request, { options }))).toMatchObject({
			clientId: '9007199254740993',
		});
	});

	it('is read whatever its content type is called', async () => {
		const rawBody = `\uFEFF${JSON.stringify(scheduled)}`;
		for (const type of ['text/plain', 'application/octet-stream']) {
			const result = await call({ rawBody, headers: { 'content-type': type } });
			expect(output(result)).toMatchObject({ event: 'scheduledMessage' });
		}
	});

	it('leaves the answer to a SimplesDesk node, and n8n answers 500 where none does', async () => {
		expect((await call({ json: scheduled })).response).toMatchObject({ status: 500, text: '' });
		expect(new SimplesDeskTrigger().description.webhooks).toMatchObject([
			{ responseMode: 'responseNode', responseCode: 500 },
		]);
	});

	it('with keys of prototypes does no harm', async () => {
		const rawBody = JSON.stringify(scheduled).replace(
			'{"exemplo":"teste"}',
			'{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
		);
		const result = await call({ rawBody, headers: { 'content-type': 'application/json' } });
		expect(output(result)).toMatchObject({ event: 'scheduledMessage' });
		expect(({} as IDataObject).polluted).toBeUndefined();
	});
});

describe('a malformed call', () => {
	const json = (value: unknown): WebhookOptions['request'] => ({ json: value });
	const without = (field: string, source: object = scheduled) =>
		Object.fromEntries(Object.entries(source).filter(([name]) => name !== field));

	it.each<[string, WebhookOptions['request'], string]>([
		['no body', { rawBody: '' }, 'The request has no body.'],
		['no JSON', { rawBody: '{"id":' }, 'The body of the request is not JSON.'],
		[
			"the document's own sample, with its trailing commas",
			{ rawBody: '{"id": 1, "data": {"exemplo": "teste",}}' },
			'The body of the request is not JSON.',
		],
		[
			'a form',
			{
				rawBody: 'id=1&clientId=72',
				headers: { 'content-type': 'application/x-www-form-urlencoded' },
			},
			'The body of the request is not JSON.',
		],
		['a list', json([scheduled]), 'The body of the request is not a JSON object.'],
		['text', json('oi'), 'The body of the request is not a JSON object.'],
		['null', json(null), 'The body of the request is not a JSON object.'],
		['no id', json(without('id')), "The request has no 'id'."],
		['an id that is an object', json({ ...scheduled, id: {} }), "The request has no 'id'."],
		['no clientId', json(without('clientId')), "The request has no 'clientId'."],
		['no contact', json(without('contact')), "The request has no 'contact' object."],
		[
			'a contact that is text',
			json({ ...scheduled, contact: 'x' }),
			"The request has no 'contact' object.",
		],
		...['uid', 'type', 'key'].map((field): [string, WebhookOptions['request'], string] => [
			`a contact without ${field}`,
			json({ ...scheduled, contact: without(field, scheduled.contact) }),
			`The request has no 'contact.${field}'.`,
		]),
		[
			'an empty phone',
			json({ ...scheduled, contact: { ...scheduled.contact, key: ' ' } }),
			"The request has no 'contact.key'.",
		],
	])('with %s gets 400 and a reason, and starts nothing', async (_what, request, message) => {
		const result = await call({ headers: { 'content-type': 'text/plain' }, ...request });
		expect(result.thrown).toBeUndefined();
		expect(result.workflowData).toBeUndefined();
		expect(result.response).toMatchObject({ status: 400, json: { message } });
		expect(result.logs).toHaveLength(1);
	});

	it('larger than a megabyte gets 413', async () => {
		const result = await call({ json: { ...scheduled, data: 'x'.repeat(1024 * 1024) } });
		expect(result.response.status).toBe(413);
		expect(result.workflowData).toBeUndefined();
	});

	it('without a name is answered all the same', async () => {
		const contact = without('name', scheduled.contact);
		expect(output(await call({ json: { ...scheduled, contact } }))).toBeDefined();
	});
});

describe('the filters', () => {
	it.each<[object, object, boolean]>([
		[{ events: ['botMenu'] }, scheduled, false],
		[{ events: ['scheduledMessage'] }, scheduled, true],
		[{ events: ['scheduledMessage'] }, botMenu, false],
		[{ options: { clientIds: '7, 73' } }, scheduled, false],
		[{ options: { clientIds: ' 73 , 72 ' } }, scheduled, true],
		[{ options: { clientIds: ' , ' } }, scheduled, true],
		[{ options: { clientIds: '72' } }, botMenu, false],
		[{ options: { origins: 'SCHEDULED_MESSAGE' } }, scheduled, true],
		[{ options: { origins: 'SCHEDULED_MESSAGE' } }, botMenu, false],
		[{ options: { origins: 'BOT_MENU' } }, { ...botMenu, origin: 'BOT_MENU' }, true],
	])('%j with %j: starts %s, else 403', async (parameters, json, starts) => {
		const result = await call({ json }, parameters);
		expect(result.workflowData !== undefined).toBe(starts);
		if (!starts) expect(result.response.status).toBe(403);
	});
});

describe('the shared secret', () => {
	const inQuery = { verification: 'query' };
	const inHeader = { verification: 'header' };

	it('lets a call in that has it in the URL or in a header', async () => {
		const json = scheduled;
		expect(output(await call({ json, query: { secret: SECRET } }, inQuery))).toBeDefined();
		const headers = { 'mz-integration': SECRET };
		expect(output(await call({ json, headers }, inHeader))).toBeDefined();
		const options = { headerName: 'X-Proxy-Secret' };
		const renamed = { json, headers: { 'x-proxy-secret': SECRET } };
		expect(output(await call(renamed, { ...inHeader, options }))).toBeDefined();
	});

	it.each<[string, WebhookOptions['request'], object]>([
		['no secret', {}, inQuery],
		['an empty one', { query: { secret: '' } }, inQuery],
		['another one', { query: { secret: 'demo-other-secret-0123' } }, inQuery],
		['its beginning', { query: { secret: SECRET.slice(0, -1) } }, inQuery],
		['it with a blank', { query: { secret: `${SECRET} ` } }, inQuery],
		['it in another place', { headers: { 'mz-integration': SECRET } }, inQuery],
		['it in another parameter', { query: { token: SECRET } }, inQuery],
		['no header', {}, inHeader],
		['another header', { headers: { 'mz-integration': 'demo-other' } }, inHeader],
	])('turns %s away with 401, before the body is looked at', async (_what, request, parameters) => {
		const result = await call({ rawBody: 'not JSON', ...request }, parameters);
		expect(result.thrown).toBeUndefined();
		expect(result.workflowData).toBeUndefined();
		expect(result.response).toMatchObject({ status: 401, text: 'Unauthorized' });
		expect(JSON.stringify(result.logs)).not.toContain(SECRET.slice(0, -1));
	});

	it('that is empty in the credential refuses every call, also an empty secret', async () => {
		const credentials = { simplesDeskApi: { webhookSecret: '' } };
		for (const secret of ['', 'x']) {
			const result = await call({ json: scheduled, query: { secret } }, inQuery, { credentials });
			expect(result.response.status).toBe(401);
		}
	});

	it('is not put out with the headers', async () => {
		const headers = { 'mz-integration': SECRET, authorization: 'demo', 'x-seen': 'yes' };
		const options = { includeHeaders: true };
		const result = output(await call({ json: scheduled, headers }, { options }));
		expect(result?.headers).toMatchObject({ 'x-seen': 'yes' });
		expect(JSON.stringify(result)).not.toContain(SECRET);
		expect(result?.headers).not.toHaveProperty('authorization');
	});
});

describe('activation', () => {
	const methods = (webhookSecret: string, parameters: object = { verification: 'query' }) =>
		webhookMethods({
			node: SimplesDeskTrigger,
			credentialTypes: [SimplesDeskApi],
			credentials: new CredentialStore({ simplesDeskApi: { webhookSecret } }),
			parameters: parameters as WebhookOptions['parameters'],
		});

	it('registers nothing, because SimplesDesk has no call for that', async () => {
		const { checkExists, create, delete: remove } = methods(SECRET);
		expect(await checkExists()).toBe(false);
		expect(await create()).toBe(true);
		expect(await remove()).toBe(true);
	});

	it('needs no credential without verification', async () => {
		expect(await methods('', { verification: 'none' }).create()).toBe(true);
	});

	it.each([
		['', "The credential has no 'Webhook Secret', so every webhook request would be rejected"],
		[' ', "The credential has no 'Webhook Secret', so every webhook request would be rejected"],
		[`${SECRET} `, "The 'Webhook Secret' in the credential starts or ends with a space"],
	])('refuses the secret %j', async (secret, message) => {
		await expect(methods(secret).activate()).rejects.toThrow(message);
	});
});

describe('the credential', () => {
	const test = async (data: Record<string, string>) =>
		await testCredential({ credentialType: SimplesDeskApi, data, node: SimplesDeskTrigger });
	const smart = {
		host: 'https://enterprise-90api.example.test',
		apiId: '00000000-0000-4000-8000-000000000001',
		token: 'demo-token',
	};

	it.each<[Record<string, string>, string]>([
		[{ webhookSecret: SECRET }, 'It was not tested with SimplesDesk'],
		[smart, 'The token was not tested with SimplesDesk'],
		[{ ...smart, webhookSecret: SECRET }, 'The token was not tested with SimplesDesk'],
	])('passes with %j, and says what was not tried', async (data, message) => {
		const result = await test(data);
		expect(result.status).toBe('OK');
		expect(result.message).toContain(message);
	});

	it.each<[Record<string, string>, string]>([
		[{}, "Enter a 'Webhook Secret'"],
		[{ webhookSecret: ` ${SECRET}` }, 'starts or ends with a space'],
		[{ webhookSecret: 'short' }, 'has 5 characters, so it can be found by trying'],
		[{ webhookSecret: 'demo-of-15-lett' }, 'it has 15 characters'],
		[{ host: smart.host }, "Smart 2.0 also needs the 'API ID'"],
		[{ ...smart, token: '' }, "Smart 2.0 also needs the 'Token'"],
		[{ ...smart, host: 'enterprise-90api.example.test' }, "The 'Host' must be an address"],
		[{ ...smart, host: 'https://a.example.test/v1/api' }, "The 'Host' must be an address"],
	])('does not pass with %j', async (data, message) => {
		const result = await test(data);
		expect(result.status).toBe('Error');
		expect(result.message).toContain(message);
	});

	it('puts the token of Smart 2.0 into requests of other nodes', async () => {
		const options = { url: 'https://example.test', headers: { a: 'b' } } as IHttpRequestOptions;
		expect(await new SimplesDeskApi().authenticate({ token: ' demo-token ' }, options)).toEqual({
			...options,
			headers: { a: 'b', Authorization: 'Bearer demo-token' },
		});
	});
});
