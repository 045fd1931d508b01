import { OmnizeApi } from '../../../credentials/OmnizeApi.credentials';
import { OmnizeTrigger } from '../../../nodes/Omnize/OmnizeTrigger.node';
import { callWebhook, CredentialStore, webhookMethods, type WebhookOptions } from '../../support';
import accepted from '../../fixtures/omnize/trigger-accepted.json';
import cleared from '../../fixtures/omnize/trigger-cleared.json';
import finish from '../../fixtures/omnize/trigger-finish.json';
import message from '../../fixtures/omnize/trigger-message.json';
import typing from '../../fixtures/omnize/trigger-typing.json';
import unavailable from '../../fixtures/omnize/trigger-unavailable.json';
import type { IDataObject } from 'n8n-workflow';

const SECRET = 'demo-webhook-secret-0123';
const ALL = ['accepted', 'finished', 'message', 'other', 'typing', 'typingStopped', 'unavailable'];

let count = 0;
/** Every call comes to a node of its own. */
const call = async (
	request: WebhookOptions['request'],
	parameters: object = {},
	options: Partial<WebhookOptions> = {},
) =>
	await callWebhook({
		node: OmnizeTrigger,
		nodeId: `node-${++count}`,
		credentialTypes: [OmnizeApi],
		credentials: { omnizeApi: { token: 'demo-token', webhookSecret: SECRET } },
		parameters: { events: ALL, ...parameters } as WebhookOptions['parameters'],
		request,
		...options,
	});
const output = ({ workflowData }: Awaited<ReturnType<typeof call>>) => workflowData?.[0]?.[0]?.json;

describe('what Omnize tells', () => {
	it.each([
		['accepted', accepted, 'accepted'],
		['unavailable', unavailable, 'unavailable'],
		['finish', finish, 'finished'],
		['typing', typing, 'typing'],
		['cleared', cleared, 'typingStopped'],
		['finished, as the later API says', { ...finish, status: 'finished' }, 'finished'],
		['something new', { ...finish, status: 'transferred' }, 'other'],
	])('%s becomes an event, with the body kept', async (_name, body, event) => {
		const result = await call({ json: body });
		expect(output(result)).toEqual({ event, clientId: '12', raw: body });
		expect(result.response).toMatchObject({ status: 200, text: '' });
	});

	it('a message becomes an event with its text', async () => {
		expect(output(await call({ json: message }))).toEqual({
			event: 'message',
			clientId: '12',
			message: 'New agent message!',
			raw: message,
		});
	});

	it.each<[string, string | undefined, string | undefined]>([
		// The body, the event's message (undefined: it is "other"), and its client ID.
		['{"status":null,"message":"hi","clientId":"12"}', 'hi', '12'],
		['{"status":"","message":"hi","clientId":"12"}', 'hi', '12'],
		['{"status":" \\n","message":"hi","clientId":12}', 'hi', '12'],
		['{"status":"null","message":"hi","clientId":"12"}', 'hi', '12'],
		['{"status":"undefined","message":"hi","clientId":"12"}', 'hi', '12'],
		['{"status":false,"message":"hi","clientId":"12"}', 'hi', '12'],
		['{"status":0,"message":"hi","clientId":"12"}', 'hi', '12'],
		['{"status":[],"message":"hi","clientId":"12"}', 'hi', '12'],
		['{"status":{},"message":"hi","clientId":"12"}', 'hi', '12'],
		['{"clientId":"12","message":"olá, não é \\u00e9?","status":null}', 'olá, não é é?', '12'],
		['{"message":42,"clientId":"12"}', '42', '12'],
		['{"message":0,"clientId":0,"status":null}', '0', '0'],
		['{"message":9007199254740993,"clientId":"12","status":""}', '9007199254740993', '12'],
		['{"Message":"hi","ClientID":"12","STATUS":null}', 'hi', '12'],
		['{"message":"","clientId":"12","status":null}', '', '12'],
		['{"message":"hi","status":null,"event":null,"extra":{"a":[1]}}', 'hi', undefined],
		['{"message":null,"clientId":"12","status":null}', undefined, '12'],
		['{"message":{"text":"hi"},"clientId":"12","status":null}', undefined, '12'],
		['{"message":["hi"],"clientId":"12"}', undefined, '12'],
		['{"message":true,"clientId":"12"}', undefined, '12'],
		['{"clientId":"12","status":null}', undefined, '12'],
		['{"status":true,"message":"hi","clientId":"12"}', undefined, '12'],
		['{"status":200,"message":"hi","clientId":"12"}', undefined, '12'],
		['{"status":{"code":1},"message":"hi","clientId":"12"}', undefined, '12'],
		['{"status":["typing"],"message":"hi","clientId":"12"}', undefined, '12'],
		['{"status":"error","message":"hi","clientId":"12"}', undefined, '12'],
		['{"data":{"message":"hi","clientId":"12"}}', undefined, undefined],
	])('%s is a message only where an agent says something', async (rawBody, words, clientId) => {
		const headers = { 'content-type': 'application/json' };
		const result = output(await call({ rawBody, headers })) as IDataObject;
		expect([result.event, result.message, result.clientId]).toEqual([
			words === undefined ? 'other' : 'message',
			words,
			clientId,
		]);
	});

	it.each([
		[' Typing ', 'typing'],
		['ACCEPTED', 'accepted'],
		['Finish\n', 'finished'],
		['Unavailable', 'unavailable'],
	])('the status %j is read in any case and with spaces around it', async (status, event) => {
		const json = { Status: status, clientid: 12, message: null };
		expect(output(await call({ json }))).toEqual({ event, clientId: '12', raw: json });
	});

	it.each([accepted, message])('a bot ID is passed on with %j', async (body) => {
		expect(output(await call({ json: { ...body, botId: 'b1' } }))).toMatchObject({ botId: 'b1' });
	});

	it('a client ID beyond 2^53 stays exact', async () => {
		const request = {
			rawBody: '{"status":"typing","clientId":9007199254740993}',
			headers: { 'content-type': 'application/json' },
		};
		expect(output(await call(request))).toMatchObject({ clientId: '9007199254740993' });
		const kept = await call(request, { options: { clientIds: '9007199254740993' } });
		expect(output(kept)).toBeDefined();
	});

	it.each([
		['text/plain', 'hello', 'hello'],
		['application/octet-stream', '{"a":', '{"a":'],
		['text/plain', '', ''],
		['application/json', '[1]', [1]],
		['application/json', '"text"', 'text'],
		['application/json', '5', 5],
		['application/json', 'null', null],
	])('%s %j is another event', async (type, rawBody, raw) => {
		const result = await call({ rawBody, headers: { 'content-type': type } });
		expect(result.thrown).toBeUndefined();
		expect(output(result)).toEqual({ event: 'other', raw });
	});

	it('keys of prototypes do no harm', async () => {
		const rawBody =
			'{"__proto__":{"clientId":"1","polluted":1},"constructor":{"prototype":{"polluted":1}},"status":"__proto__"}';
		const result = await call({ rawBody, headers: { 'content-type': 'application/json' } });
		expect(output(result)).toMatchObject({ event: 'other' });
		expect(output(result)).not.toHaveProperty('clientId');
		expect(({} as IDataObject).polluted).toBeUndefined();
	});
});

describe('what is not recognised', () => {
	const stranger = { type: 'transfer', clientId: '12', to: { agent: 'Ana' } };
	const nodeId = () => `stranger-${++count}`;

	it('is logged with its keys and no value, whether it starts the workflow or not', async () => {
		for (const events of [ALL, ['message']]) {
			const { logs } = await call({ json: stranger }, { events });
			expect(logs).toEqual([
				{
					level: 'warn',
					message: expect.stringMatching(/Omnize .* 'Other': .* clientId, to, to\.agent, type$/),
				},
			]);
		}
	});

	it('is logged once a minute by each node', async () => {
		const now = jest.spyOn(Date, 'now');
		try {
			let time = 5_000_000;
			now.mockImplementation(() => time);
			const linesAt = async (id: string, after: number) => {
				time += after;
				return (await call({ json: stranger }, {}, { nodeId: id })).logs.length;
			};
			const [one, other] = [nodeId(), nodeId()];
			expect(await linesAt(one, 0)).toBe(1);
			expect(await linesAt(one, 59_999)).toBe(0);
			expect(await linesAt(other, 0)).toBe(1);
			expect(await linesAt(one, 1)).toBe(2);
		} finally {
			now.mockRestore();
		}
	});

	it('is not logged without the secret, and what is known is not logged at all', async () => {
		const { logs } = await call({ json: stranger }, { verification: 'query' });
		expect(JSON.stringify(logs)).not.toContain('Other');
		expect((await call({ json: typing })).logs).toEqual([]);
	});
});

describe('the filters', () => {
	it.each([
		[{ events: ['message'] }, false],
		[{ events: ['typing', 'message'] }, true],
		[{ options: { clientIds: '34' } }, false],
		[{ options: { clientIds: '1' } }, false],
		[{ options: { clientIds: ' 34 , 12 ' } }, true],
		[{ options: { clientIds: ' , ' } }, true],
	])('%j: starts %s', async (parameters, starts) => {
		const result = await call({ json: typing }, parameters);
		expect(result.workflowData !== undefined).toBe(starts);
		expect(result.response.status).toBe(200);
	});
});

describe('the shared secret', () => {
	const inQuery = { verification: 'query' };
	const inHeader = { verification: 'header' };

	it('lets a call in that has it in the URL or in the header', async () => {
		expect(output(await call({ json: typing, query: { secret: SECRET } }, inQuery))).toBeDefined();
		const headers = { 'X-Webhook-Secret': SECRET };
		expect(output(await call({ json: typing, headers }, inHeader))).toBeDefined();
	});

	const wrong: Array<[string, WebhookOptions['request'], object]> = [
		['none in the URL', {}, inQuery],
		['none in the header', {}, inHeader],
		['another', { query: { secret: 'demo-webhook-secret-9999' } }, inQuery],
		['an empty one', { query: { secret: '' } }, inQuery],
		['its beginning', { query: { secret: SECRET.slice(0, -1) } }, inQuery],
		['more than it', { query: { secret: `${SECRET}0` } }, inQuery],
		['another case', { query: { secret: SECRET.toUpperCase() } }, inQuery],
		['a list', { query: { 'secret[]': SECRET } }, inQuery],
		['an object', { query: { 'secret[a]': SECRET } }, inQuery],
		['it under another name', { query: { token: SECRET } }, inQuery],
		['it in the header alone', { headers: { 'x-webhook-secret': SECRET } }, inQuery],
		['it in the URL alone', { query: { secret: SECRET } }, inHeader],
		[
			'it twice in the header',
			{ headers: { 'x-webhook-secret': `${SECRET}, ${SECRET}` } },
			inHeader,
		],
	];
	it.each(wrong)('turns a call away that has %s', async (_name, request, parameters) => {
		const result = await call({ json: typing, ...request }, parameters);
		expect(result.response.status).toBe(401);
		expect(result.workflowData).toBeUndefined();
		expect(result.thrown).toBeUndefined();
		expect(result.logs).toHaveLength(1);
		const given = Object.values({ ...request.query, ...request.headers }).filter((v) => v !== '');
		for (const secret of [SECRET, ...given]) {
			expect(JSON.stringify(result)).not.toContain(secret);
		}
	});

	it.each([
		['URL', inQuery],
		['header', inHeader],
	])('is missed in the %s by the log, where it belongs', async (place, parameters) => {
		const { logs } = await call({ json: typing }, parameters);
		expect(logs).toEqual([
			{ level: 'warn', message: expect.stringContaining(`no secret in the ${place}`) as string },
		]);
	});

	it.each(['', '   '])('%j in the credential lets nobody in', async (webhookSecret) => {
		const credentials = { omnizeApi: { token: 'demo-token', webhookSecret } };
		for (const secret of ['', '   ', 'undefined']) {
			const request = { json: typing, query: { secret } };
			expect((await call(request, inQuery, { credentials })).response.status).toBe(401);
		}
	});

	it('holds at once when it was changed, and the old one ends at once', async () => {
		const NEW = 'demo-new-secret-4567';
		const credentials = new CredentialStore({ omnizeApi: { webhookSecret: SECRET } });
		const nodeId = 'changing';
		const statusOf = async (secret: string) =>
			(await call({ json: typing, query: { secret } }, inQuery, { credentials, nodeId })).response
				.status;
		expect([await statusOf(SECRET), await statusOf(NEW)]).toEqual([200, 401]);
		credentials.set('omnizeApi', { webhookSecret: NEW });
		expect([await statusOf(SECRET), await statusOf(NEW)]).toEqual([401, 200]);
		credentials.set('omnizeApi', { webhookSecret: SECRET });
		expect([await statusOf(NEW), await statusOf(SECRET)]).toEqual([401, 200]);
	});

	describe('is read from the credential', () => {
		/** How often one call has n8n decrypt the credential, and how it is answered. */
		const reads = async (secret: string) => {
			const request = { json: typing, query: { secret } };
			const { credentialFetches, response } = await call(request, inQuery);
			return [response.status, credentialFetches.omnizeApi ?? 0];
		};

		it.each([
			[SECRET, 200],
			['wrong', 401],
		])('once for each call that shows one: %s', async (secret, status) => {
			expect(await reads(secret)).toEqual([status, 1]);
			expect(await reads(secret)).toEqual([status, 1]);
		});

		it('not at all for calls that show none', async () => {
			expect(await reads('')).toEqual([401, 0]);
		});
	});

	it.each([
		[
			'x-original-uri',
			`/webhook/x/webhook?secret=${SECRET}&a=1`,
			'/webhook/x/webhook?secret=[hidden]&a=1',
		],
		[
			'x-forwarded-uri',
			`/webhook?secret=${encodeURIComponent(SECRET)}`,
			'/webhook?secret=[hidden]',
		],
		[
			'x-rewrite-url',
			`/x?u=%2Fwebhook%3Fsecret%3D${SECRET.replace('-', '%252D')}%26a`,
			'/x?u=%2Fwebhook%3Fsecret%3D[hidden]%26a',
		],
		[
			'referer',
			`https://n8n.example.test/webhook?secret=${SECRET.replaceAll('-', '%2d')}`,
			'https://n8n.example.test/webhook?secret=[hidden]',
		],
		['x-anything', `a "${SECRET}", b`, 'a "[hidden]", b'],
		[
			'x-basic',
			`Basic ${Buffer.from(`user:${SECRET}`).toString('base64')}`,
			expect.stringContaining('[hidden]'),
		],
		['x-kept', `${SECRET}0`, `${SECRET}0`],
	])('does not come out with the header %s', async (name, value, shown) => {
		for (const parameters of [inQuery, { verification: 'none' }]) {
			const result = await call(
				{ json: typing, query: { secret: SECRET }, headers: { [name]: value } },
				{ ...parameters, options: { includeHeaders: true } },
			);
			expect(output(result)).toMatchObject({ headers: { [name]: shown as unknown } });
		}
	});

	it('does not come out with the headers', async () => {
		const headers = {
			'x-webhook-secret': SECRET,
			cookie: SECRET,
			authorization: SECRET,
			'x-a': '1',
		};
		const result = await call(
			{ json: typing, headers },
			{ ...inHeader, options: { includeHeaders: true } },
		);
		expect(output(result)).toMatchObject({ headers: { 'x-a': '1' } });
		expect(JSON.stringify(result.workflowData)).not.toContain(SECRET);
	});
});

describe('activation', () => {
	const methods = (
		webhookSecret: string,
		verification = 'query',
		options: Record<string, string> = {},
	) =>
		webhookMethods({
			node: OmnizeTrigger,
			credentialTypes: [OmnizeApi],
			credentials: { omnizeApi: { webhookSecret } },
			parameters: { verification, options },
		});

	it.each([
		['', "The credential has no 'Webhook Secret', so every webhook request would be rejected"],
		['  ', "The credential has no 'Webhook Secret', so every webhook request would be rejected"],
		[` ${SECRET}`, "The 'Webhook Secret' in the credential starts or ends with a space"],
		['§', "The 'Webhook Secret' in the credential contains characters other than ASCII"],
		['demo-segredo-ção-1234', "The 'Webhook Secret' in the credential contains characters other"],
		['demo-secret\twith-a-tab', "The 'Webhook Secret' in the credential contains characters other"],
		['demo-secret-“quoted”-1', "The 'Webhook Secret' in the credential contains characters other"],
	])('refuses the secret %j with a sentence', async (secret, sentence) => {
		await expect(methods(secret).activate()).rejects.toThrow(sentence);
	});

	it.each([
		'demo+secret+of+this+length',
		'demo/secret/of/this/length',
		'ZGVtby1zZWNyZXQtZGVtbw==',
		'demo&secret&of&this&length',
		'demo#secret#of#this#length',
		'demo%secret%20of%this%length',
		'demo secret of this length',
		'demo?secret?of?this?length',
		'demo;secret;of;this;length',
		'demo"secret"of"this"length',
		'demo\\secret\\of\\this\\length',
		'demo{secret}of<this>length',
		'demo:secret@of,this$length',
		'demo[secret]|of^this`length',
	])(
		'refuses the secret %j in the URL, where it would not arrive, but not in a header',
		async (secret) => {
			const error: unknown = await methods(secret)
				.activate()
				.catch((thrown: unknown) => thrown);
			expect(error).toMatchObject({
				message:
					"The 'Webhook Secret' in the credential contains spaces or punctuation such as + / = & # %, which do not arrive in a URL as they were entered",
				description: 'Use only letters from A to Z, digits, - and _, here and in the URL.',
			});
			expect(JSON.stringify(error)).not.toContain(secret);
			await methods(secret, 'header').activate();
		},
	);

	it.each(['demo-Secret_of_0123456789', 'demo.secret~of!this*length', "demo'secret(of)length"])(
		'takes the secret %j, which a URL carries as it is',
		async (secret) => {
			await methods(secret).activate();
			const request = { json: typing, query: { secret } };
			const credentials = { omnizeApi: { webhookSecret: secret } };
			const result = await call(request, { verification: 'query' }, { credentials });
			expect(result.response.status).toBe(200);
		},
	);

	it.each([
		['query', { queryName: 'my secret' }, "'Query Parameter Name' contains characters that do not"],
		['query', { queryName: 'secret[]' }, "'Query Parameter Name' contains characters that do not"],
		['query', { queryName: 'a&b' }, "'Query Parameter Name' contains characters that do not"],
		[
			'header',
			{ headerName: 'My Secret' },
			"'Header Name' contains characters that no header name",
		],
		['header', { headerName: 'x-segredo-ção' }, "'Header Name' contains characters that no"],
		[
			'header',
			{ headerName: 'x-secret:' },
			"'Header Name' contains characters that no header name",
		],
	])('refuses a name by which no %s carries the secret: %j', async (place, options, sentence) => {
		await expect(methods(SECRET, place, options).activate()).rejects.toThrow(sentence);
	});

	it.each(['$', 'demo5', 'demo-67'])(
		'refuses the secret %j, which is found by trying',
		async (secret) => {
			for (const place of ['query', 'header']) {
				const refused = secret === '$' && place === 'query' ? 'punctuation' : 'found by trying';
				await expect(methods(secret, place).activate()).rejects.toThrow(refused);
			}
		},
	);

	it.each(['demo-8-x', 'demo-of-15-lett'])(
		'warns of the short secret %j, and does not show it',
		async (secret) => {
			const short = methods(secret);
			await short.activate();
			expect(short.logs).toMatchObject([{ level: 'warn' }]);
			expect(JSON.stringify(short.logs)).not.toContain(secret);
		},
	);

	it('says nothing of a secret of 16 characters', async () => {
		const good = methods('demo-of-16-chars');
		await good.activate();
		expect(good.logs).toEqual([]);
	});

	it('needs no secret without verification, and registers nothing', async () => {
		const none = methods('', 'none');
		expect(await none.checkExists()).toBe(false);
		expect(await none.create()).toBe(true);
		expect(await none.delete()).toBe(true);
		expect(none.credentialFetches).toEqual({});
	});
});

describe('parameters that expressions have made', () => {
	it.each([
		['one event', { events: '={{ "message" }}' }, true],
		['events with commas', { events: '={{ "accepted, message" }}' }, true],
		['a list of client IDs', { options: { clientIds: '={{ [11, 12] }}' } }, true],
		['a number for client IDs', { options: { clientIds: '={{ 12 }}' } }, true],
		['another number', { options: { clientIds: '={{ 13 }}' } }, false],
		['no client IDs', { options: { clientIds: '={{ null }}' } }, true],
		['a text for a flag', { options: { includeHeaders: '={{ "true" }}' } }, true],
	])('filter as they are meant: %s', async (_what, parameters, starts) => {
		const result = await call({ json: message }, parameters);
		expect(output(result) !== undefined).toBe(starts);
		expect(result.response.status).toBe(200);
	});

	it.each([
		['an unknown event', { events: '={{ ["shouted"] }}' }, "'Trigger On' is set to 'shouted'"],
		['no event', { events: '={{ [] }}' }, "'Trigger On' is empty"],
		['an object', { options: { clientIds: '={{ ({}) }}' } }, "'Options > Client IDs' needs text"],
		['no verification', { verification: '={{ null }}' }, "'Verification' needs one of"],
	])('start nothing, and are named in the log, if they are wrong: %s', async (...given) => {
		const [, parameters, reason] = given;
		const result = await call({ json: message }, parameters);
		expect(result.workflowData).toBeUndefined();
		expect(result.response.status).toBe(500);
		expect(result.response.text).not.toContain('Client IDs');
		expect(result.logs).toContainEqual({
			level: 'error',
			message: expect.stringContaining(reason) as string,
		});
	});
});
