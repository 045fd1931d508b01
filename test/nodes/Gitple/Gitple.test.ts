import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GitpleApi } from '../../../credentials/GitpleApi.credentials';
import { Gitple } from '../../../nodes/Gitple/Gitple.node';
import { GitpleTrigger } from '../../../nodes/Gitple/GitpleTrigger.node';
import { callWebhook, runNode, testCredential, type RunOptions } from '../../support';
import close from '../../fixtures/gitple/session_state_close.json';
import { signed } from './signing';

interface Recorded {
	method?: string;
	path?: string;
	headers: IncomingHttpHeaders;
	body: unknown;
}

/** Everything that reached the server, and what it answers by path, a page where it is bytes; 404 for the rest. */
const requests: Recorded[] = [];
let answers: Record<string, unknown> = {};
let status = 200;

const server = createServer(async (req, res) => {
	const text = Buffer.concat(await req.toArray()).toString();
	const { method, url: path, headers } = req;
	requests.push({ method, path, headers, body: text === '' ? undefined : JSON.parse(text) });
	const known = Object.hasOwn(answers, path ?? '');
	const answer = known ? answers[path ?? ''] : { error: 'Not Found' };
	const isPage = Buffer.isBuffer(answer);
	res.writeHead(known ? status : 404, {
		'content-type': isPage ? 'text/html' : 'application/json',
	});
	res.end(isPage ? answer : JSON.stringify(answer));
});
let baseUrl = '';

beforeAll(async () => {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(async () => {
	server.closeAllConnections();
	server.close();
	await once(server, 'close');
});
beforeEach(() => {
	requests.length = 0;
	answers = { '/v1/hooks': {} };
	status = 200;
});

const SECRET = 'demo-open-api-secret';
const credential = (more: object = {}) => ({
	appCode: 'demo-app',
	secret: SECRET,
	webhookSecret: 'demo-webhook-secret-of-gitple',
	baseUrl,
	...more,
});

const run = async (parameters: object, options: Partial<RunOptions> = {}) =>
	await runNode({
		node: Gitple,
		credentialTypes: [GitpleApi],
		credentials: { gitpleApi: credential() },
		parameters: parameters as RunOptions['parameters'],
		...options,
	});

const send = async (parameters: object, options?: Partial<RunOptions>) =>
	await run(
		{ operation: 'sendMessage', recipientId: 'customer-12', text: 'Hi', ...parameters },
		options,
	);

describe('sending', () => {
	it('passes a short text on that Gitple answers in place of JSON', async () => {
		answers = { '/v1/hooks': Buffer.from('accepted') };
		const { items, error } = await send({});
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json)).toEqual([
			{ identifier: 'customer-12', answer: { value: 'accepted' } },
		]);
	});

	it.each([
		['sendMessage', 'message'],
		['sendNotification', 'notification'],
	])(
		'%s posts the body of the document, with the credential in headers',
		async (operation, type) => {
			const { items, error } = await send({ operation });
			expect(error).toBeUndefined();
			expect(requests).toMatchObject([{ method: 'POST', path: '/v1/hooks' }]);
			expect(requests[0]?.headers).toMatchObject({ 'app-code': 'demo-app', secret: SECRET });
			expect(requests[0]?.body).toEqual({
				type,
				identifier: 'customer-12',
				anonymous: false,
				lang: 'en',
				content: [{ t: 'Hi' }],
			});
			expect(items).toEqual([
				{ json: { identifier: 'customer-12', answer: {} }, pairedItem: { item: 0 } },
			]);
		},
	);

	it('puts links, buttons, language and further parts where they belong', async () => {
		const button = (label: string) => ({ label, url: `https://example.test/${label}` });
		const sent = (label: string) => ({
			p: 'button',
			t: label,
			c: { l: { u: `https://example.test/${label}` } },
		});
		const { error } = await send({
			buttons: { button: [button('a'), button('b')] },
			options: {
				anonymous: true,
				language: 'ko',
				linkText: 'Shop',
				linkUrl: 'https://example.test',
				furtherParts: {
					part: [
						{ text: '둘', buttons: {} },
						{ linkUrl: 'https://example.test/3' },
						{ buttons: { button: [button('c')] } },
					],
				},
			},
		});
		expect(error).toBeUndefined();
		expect(requests[0]?.body).toEqual({
			type: 'message',
			identifier: 'customer-12',
			anonymous: true,
			lang: 'ko',
			content: [
				{
					t: 'Hi',
					l: { u: 'https://example.test', m: 'Shop' },
					a: [sent('a'), sent('b')],
				},
				{ t: '둘' },
				{ l: { u: 'https://example.test/3' } },
				{ a: [sent('c')] },
			],
		});
	});

	it('leaves a long text with blanks, line ends and emoji untouched', async () => {
		const text = `  "Olá"\r\n\t🙂 {{ $json }}\u2028 ${'긴 글 '.repeat(20_000)}`;
		await send({ text: '={{ $json.text }}' }, { items: [{ text }] });
		expect(requests[0]?.body).toMatchObject({ content: [{ t: text }] });
	});

	it.each([
		[{ options: { linkText: 'Shop' } }, /'Link Text' needs a 'Link URL'/],
		[{ options: { furtherParts: { part: [{ text: '' }] } } }, /in 'Further Parts' is empty/],
		[
			{ buttons: { button: [{ label: 'a', url: '={{ "" }}' }] } },
			/'Buttons > Button 1 > URL' is empty/,
		],
		[{ text: '={{ "" }}' }, /'Text' is empty/],
		[{ recipientId: ' ' }, /'User Identifier' is empty/],
		[{ options: { language: 'pt' } }, /'Options > Language' is set to 'pt'/],
	])('sends nothing for %j', async (parameters, sentence) => {
		const { error } = await send(parameters);
		expect(error?.message).toMatch(sentence);
		expect(requests).toEqual([]);
	});

	it.each([400, 429, 500, 503])('is tried once when Gitple answers %d', async (given) => {
		status = given;
		const { error } = await send({ options: { rateLimitWait: 0 } });
		expect(error?.message).toContain(`status ${given}`);
		expect(requests).toHaveLength(1);
	});

	it('says what Gitple says, without the secret', async () => {
		status = 401;
		answers = { '/v1/hooks': { error: `Unauthorized ${SECRET}` } };
		const { error, run: whole } = await send({});
		expect(error?.message).toBe(
			'Gitple refused the credential (status 401): Unauthorized [hidden]',
		);
		expect(JSON.stringify(whole)).not.toContain(SECRET);
	});

	it('takes an error under status 200 for one', async () => {
		answers = { '/v1/hooks': { error: 'unknown user' } };
		const { error } = await send({});
		expect(error?.message).toBe('Gitple did not accept the request: unknown user');
	});

	it.each([{ secret: '' }, { appCode: ' ' }])('needs the whole credential: %j', async (missing) => {
		const { error } = await send({}, { credentials: { gitpleApi: credential(missing) } });
		expect(error?.message).toBe('The credential has no App Code or no Open API Secret');
		expect(requests).toEqual([]);
	});
});

const lookups: Array<[string, string]> = [
	['agent', 'agents'],
	['agentGroup', 'agentGroups'],
	['category', 'categories'],
	['sessionTag', 'sessionTags'],
	['user', 'users'],
	['userGroup', 'userGroups'],
	['userTag', 'userTags'],
];

describe('looking up', () => {
	it.each(lookups)('%s asks for exports/%s and passes on what comes', async (resource, path) => {
		const thing = { id: '7', name: 'Seven', anything: [1, { a: null }] };
		answers = { [`/v1/exports/${path}/7`]: thing };
		const { items, error } = await run({ resource, operation: 'get', id: 7 });
		expect(error).toBeUndefined();
		expect(items).toEqual([{ json: thing, pairedItem: { item: 0 } }]);
		expect(requests).toMatchObject([{ method: 'GET', headers: { 'app-code': 'demo-app' } }]);
		expect(requests[0]?.body).toBeUndefined();
	});

	it('asks for nothing when the last item has no ID that Gitple can have', async () => {
		const { error } = await run(
			{ resource: 'user', operation: 'get', id: '={{ $json.id }}' },
			{ items: [{ id: '7' }, { id: '7/8' }] },
		);
		expect(error).toMatchObject({ context: { itemIndex: 1 } });
		expect(requests).toEqual([]);
	});

	it('encodes an ID', async () => {
		answers = { '/v1/exports/users/a%20b%26c%3D%C3%A9%40x.y': { id: 'x' } };
		const { error } = await run({ resource: 'user', operation: 'get', id: 'a b&c=é@x.y' });
		expect(error).toBeUndefined();
	});

	it.each([
		'.',
		'..',
		'../agents/1',
		'a/b',
		'a\\b',
		'a?b',
		'a#b',
		'%2e%2e',
		'a\nb',
		'a\u0000',
		'\ud800',
	])('refuses the ID %j, and sends nothing', async (id) => {
		for (const parameters of [
			{ resource: 'user', operation: 'get', id },
			{ resource: 'session', operation: 'get', sessionId: id },
			{ resource: 'session', operation: 'getMessages', sessionId: id },
		]) {
			const { error } = await run(parameters);
			expect(error?.message).toBe(
				`'${parameters.resource === 'user' ? 'User' : 'Session'} ID' is not a Gitple ID`,
			);
		}
		expect(requests).toEqual([]);
	});
});

const names = {
	'/v1/exports/sessionTags/sss': { id: 'sss', name: 'VIP' },
	'/v1/exports/categories/aaa': { id: 'aaa', name: 'Refund' },
	'/v1/exports/categories/bbb': { id: 'bbb', name: 'Late' },
	'/v1/exports/userGroups/xxxx': { id: 'xxxx', name: 'Seoul' },
};
const resolved = {
	tagNames: ['VIP', 'tttt'],
	categoryNames: ['Refund', 'Late'],
};

describe('sessions', () => {
	const path = '/v1/exports/sessions/s1';

	it('are passed on as they come', async () => {
		answers = { [path]: close.session };
		const { items } = await run({ resource: 'session', operation: 'get', sessionId: 's1' });
		expect(items[0]?.json).toEqual(close.session);
		expect(requests).toHaveLength(1);
	});

	it('have names on demand, each asked for once; what was deleted keeps its ID', async () => {
		answers = { [path]: close.session, ...names };
		const { items, error } = await run(
			{
				resource: 'session',
				operation: 'get',
				sessionId: 's1',
				options: { resolveNames: true },
			},
			{ items: [{}, {}, {}] },
		);
		expect(error).toBeUndefined();
		const expected = { ...close.session, ...resolved, userGroupNames: ['Seoul'] };
		expect(items.map(({ json }) => json)).toEqual([expected, expected, expected]);
		const asked = requests.map((request) => request.path).filter((asks) => asks !== path);
		expect(asked.sort()).toEqual([...Object.keys(names), '/v1/exports/sessionTags/tttt'].sort());
	});

	it('give their messages one by one, with IDs as text and the words of each', async () => {
		const messages = [
			{ id: 1, senderType: 'user', senderId: 42, content: 'Hello', ctime: 'x' },
			{ id: '2', senderType: 'agent', senderId: 'a', content: { l: { m: 'Shop', u: 'u' } } },
			{ id: '3', senderType: 'bot', senderId: 'b', content: { e: { alt: 'A cat' } } },
			{ id: '4', senderType: 'sys', senderId: 's', content: { z: 1 } },
		];
		answers = { [`${path}/messages`]: messages };
		const get = { resource: 'session', operation: 'getMessages', sessionId: 's1' };
		const { items } = await run(get);
		expect(items.map(({ json }) => json)).toEqual([
			{ ...messages[0], id: '1', senderId: '42', text: 'Hello' },
			{ ...messages[1], text: 'Shop' },
			{ ...messages[2], text: 'A cat' },
			messages[3],
		]);
		expect((await run({ ...get, limit: 2 })).items).toHaveLength(2);
		expect((await run({ ...get, limit: 2, returnAll: true })).items).toHaveLength(4);
	});
});

describe('names in the trigger', () => {
	const call = async (more: object = {}) => {
		const body = JSON.stringify(close);
		return await callWebhook({
			node: GitpleTrigger,
			nodeId: `names-${Math.random()}`,
			credentialTypes: [GitpleApi],
			credentials: { gitpleApi: credential(more) },
			parameters: { options: { resolveNames: true } },
			request: {
				rawBody: body,
				headers: {
					'content-type': 'application/json',
					'x-hub-signature': signed(body, 'demo-webhook-secret-of-gitple'),
				},
			},
		});
	};

	it('stand beside the IDs', async () => {
		answers = names;
		const json = (await call()).workflowData?.[0]?.[0]?.json;
		expect(json).toMatchObject({ session: resolved, user: { groupNames: ['Seoul'] }, raw: close });
	});

	it('are left out, with one line in the log, where they cannot be had', async () => {
		const { workflowData, response, logs } = await call({ secret: '' });
		expect(response.status).toBe(200);
		expect(workflowData?.[0]?.[0]?.json.session).not.toHaveProperty('tagNames');
		expect(logs).toMatchObject([
			{ level: 'warn', message: expect.stringContaining('Event without names') as string },
		]);
	});

	describe('where Gitple never answers', () => {
		const silent = createServer(() => undefined);
		beforeAll(async () => {
			silent.listen(0, '127.0.0.1');
			await once(silent, 'listening');
		});
		afterEach(() => void jest.useRealTimers());
		afterAll(async () => {
			silent.closeAllConnections();
			silent.close();
			await once(silent, 'close');
		});

		it('are waited for 5 seconds, and then the event goes on without them', async () => {
			// Everything else, sockets above all, keeps the real time.
			jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] });
			const asked = once(silent, 'request');
			let isOver = false;
			const { port } = silent.address() as AddressInfo;
			const called = call({ baseUrl: `http://127.0.0.1:${port}/v1` }).finally(() => {
				isOver = true;
			});
			await asked;
			await jest.advanceTimersByTimeAsync(4_999);
			expect(isOver).toBe(false);
			await jest.advanceTimersByTimeAsync(1);
			const { response, workflowData, logs } = await called;
			expect(response.status).toBe(200);
			expect(workflowData?.[0]?.[0]?.json).toMatchObject({ event: 'session_state_close' });
			expect(workflowData?.[0]?.[0]?.json.session).not.toHaveProperty('tagNames');
			expect(logs.map(({ level }) => level)).toEqual(['warn']);
			expect(logs[0]!.message).toMatch(/Event without names: .*5 seconds/);
		});
	});
});

describe('the credential test', () => {
	const test = async () => await testCredential({ credentialType: GitpleApi, data: credential() });

	it('passes when Gitple does not know the agent', async () => {
		expect((await test()).status).toBe('OK');
		expect(requests).toMatchObject([{ method: 'GET', path: '/v1/exports/agents/0' }]);
	});

	it.each([400, 404])('passes with status %i and whatever stands in it', async (given) => {
		status = given;
		for (const answer of [{ error: 'no such agent' }, {}, null, [], 'not found']) {
			answers = { '/v1/exports/agents/0': answer };
			expect((await test()).status).toBe('OK');
		}
	});

	it.each([
		[401, { error: 'Unauthorized' }],
		[401, {}],
		[403, { error: 'forbidden' }],
		[200, { error: 'Unauthorized' }],
		[404, { error: 'Unauthorized' }],
	])('fails when Gitple refuses app code and secret with %i %j', async (given, answer) => {
		status = given;
		answers = { '/v1/exports/agents/0': answer };
		const { status: verdict, message } = await test();
		expect([verdict, message]).toEqual(['Error', expect.stringContaining('rejected the app code')]);
	});

	it.each([302, 429, 500, 502, 503, 504, 520])('fails with status %i', async (given) => {
		status = given;
		answers = { '/v1/exports/agents/0': { error: 'try later' } };
		expect((await test()).status).toBe('Error');
	});

	it.each([200, 400, 404, 500])('fails when a web page comes, with status %i', async (given) => {
		status = given;
		answers = { '/v1/exports/agents/0': Buffer.from('<!doctype html><title>Hello</title>') };
		const { status: verdict, message } = await test();
		expect(verdict).toBe('Error');
		if (given < 500) expect(message).toMatch(/^The answer is a web page instead of data/);
	});

	it('fails where nothing answers', async () => {
		const { status: verdict } = await testCredential({
			credentialType: GitpleApi,
			data: credential({ baseUrl: 'http://127.0.0.1:1/v1' }),
		});
		expect(verdict).toBe('Error');
	});
});
