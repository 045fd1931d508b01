import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { ManualClock } from '../clock';
import { startWebhookReceiver, type WebhookReceiver } from '../webhookReceiver';
import { forgeries, startGitple, type Forgery, type GitpleSimulator } from './GitpleSimulator';
import { eventTypes } from './wire';

const folder = join(__dirname, '../../fixtures/gitple');
type Json = Record<string, unknown>;

/** A payload of the document, by the name of its event. */
const sample = (name: string) =>
	JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Json;

const start = '2019-04-29T08:57:15.878Z';
let clock: ManualClock;
let gitple: GitpleSimulator;
let receiver: WebhookReceiver;

const credentials = { 'app-code': 'demo-app-code', secret: 'demo-open-api-secret' };
const ask = async (
	method: string,
	path: string,
	{ data, headers = credentials }: { data?: unknown; headers?: Record<string, string> } = {},
) => {
	const answer = await axios.request<Json>({
		method,
		url: gitple.url + path,
		headers: { 'Content-Type': 'application/json', ...headers },
		data,
		validateStatus: () => true,
		proxy: false,
	});
	return { status: answer.status, data: answer.data };
};
const hook = (changes: Json = {}) => ({
	type: 'message',
	identifier: 'customer-1001',
	anonymous: false,
	lang: 'en',
	content: [{ t: 'Hello' }],
	...changes,
});
const postHook = async (changes: Json = {}) =>
	await ask('POST', '/v1/hooks', { data: hook(changes) });
const events = () => receiver.received.map(({ text }) => JSON.parse(text) as Json);
const shapeOf = (value: unknown): unknown => {
	if (Array.isArray(value)) return 'list';
	if (typeof value !== 'object' || value === null) return typeof value;
	return Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]);
};

/** What the header should say, computed without crypto-js. */
const expectedSignature = (
	text: string,
	encoding: 'hex' | 'base64' = 'hex',
	secret = 'demo-event-secret-0001',
) => `sha256=${createHmac('sha256', secret).update(Buffer.from(text, 'utf8')).digest(encoding)}`;

beforeAll(async () => {
	receiver = await startWebhookReceiver();
});
beforeEach(async () => {
	clock = new ManualClock(start);
	gitple = await startGitple({ clock, webhookUrl: receiver.url });
	receiver.received.length = 0;
	receiver.answer = { status: 200, body: '' };
});
afterEach(async () => await gitple.close());
afterAll(async () => await receiver.close());

/** Plays one session from its opening to its end, and a message outside of it. */
async function playAll() {
	const { session } = await gitple.openSession('user-1');
	clock.advance(65);
	await gitple.assignSession(session.id, 'agent-1');
	clock.advance(520_057);
	await gitple.closeSession(session.id, 'userCancel', {
		tags: ['stag-1', 'stag-2'],
		categories: ['cat-1', 'cat-2'],
		note: 'Wants his money back',
	});
	await gitple.sendExternalMessage('agent-2', 'user-1', 'Olá, João 😀');
}

describe('the document’s payloads', () => {
	it('are there: one file for each event', () => {
		expect(readdirSync(folder).sort()).toEqual(eventTypes.map((type) => `${type}.json`).sort());
	});

	it('have the same fields in the same order as what is delivered', async () => {
		await playAll();
		const types = events().map(({ type }) => String(type));
		expect([...types].sort()).toEqual([...eventTypes].sort());
		for (const event of events()) {
			const document = sample(String(event.type));
			// The keys of `meta` are the workspace's own.
			for (const one of [event, document]) if (one.to) (one.to as Json).meta = {};
			expect([event.type, shapeOf(event)]).toEqual([event.type, shapeOf(document)]);
		}
	});

	it('are signed and delivered as they are', async () => {
		for (const type of eventTypes) await gitple.sendSigned(sample(type));
		expect(events()).toEqual(eventTypes.map(sample));
	});
});

describe('events', () => {
	it('tell of a session’s opening, its assignment and its end', async () => {
		await playAll();
		const common = { appCode: 'demo-app-code' };
		const session = {
			id: 'session-2',
			openTime: start,
			userId: 'user-1',
			userGroups: ['ugroup-1'],
		};
		expect(events().slice(0, 3)).toEqual([
			{
				...common,
				triggerId: 'trigger-session_state_open',
				type: 'session_state_open',
				ctime: start,
				session: { ...session, categories: [], tags: [] },
			},
			{
				...common,
				triggerId: 'trigger-session_state_inprogress',
				type: 'session_state_inprogress',
				ctime: '2019-04-29T08:57:15.943Z',
				session: {
					...session,
					inprogressTime: '2019-04-29T08:57:15.943Z',
					assigneeType: 'agent',
					assigneeId: 'agent-1',
					categories: [],
					tags: [],
				},
			},
			{
				...common,
				triggerId: 'trigger-session_state_close',
				type: 'session_state_close',
				ctime: '2019-04-29T09:05:56.000Z',
				session: {
					...session,
					inprogressTime: '2019-04-29T08:57:15.943Z',
					closeTime: '2019-04-29T09:05:56.000Z',
					reason: 'userCancel',
					assigneeType: 'agent',
					assigneeId: 'agent-1',
					categories: ['cat-1', 'cat-2'],
					tags: ['stag-1', 'stag-2'],
					note: 'Wants his money back',
				},
			},
		]);
	});

	it('carry an agent’s external message with the whole user', async () => {
		await gitple.sendExternalMessage('agent-2', 'user-3', 'Olá');
		const user = gitple.state.users.find(({ id }) => id === 'user-3');
		expect(events()).toEqual([
			{
				triggerId: 'trigger-send_external_message',
				ctime: start,
				appCode: 'demo-app-code',
				type: 'send_external_message',
				from: { type: 'agent', id: 'agent-2' },
				to: { type: 'user', ...user },
				message: { type: 'text/plain', content: 'Olá' },
			},
		]);
		expect(gitple.state.externalMessages['user-3']).toEqual([
			{ at: start, agentId: 'agent-2', text: 'Olá' },
		]);
	});

	it('go out only when their box is checked', async () => {
		gitple.configure({ events: ['session_state_close'] });
		await playAll();
		expect(events().map(({ type }) => type)).toEqual(['session_state_close']);
		expect(gitple.deliveries).toHaveLength(1);
	});

	it('can have null where a session has no value, and a trigger id each', async () => {
		gitple.configure({ missingFields: 'null', triggerIds: 'delivery' });
		const { session } = await gitple.openSession('user-2');
		await gitple.assignSession(session.id, 'bot-1');
		expect(events()).toMatchObject([
			{
				triggerId: 'trigger-1',
				session: {
					inprogressTime: null,
					closeTime: null,
					reason: null,
					assigneeType: null,
					assigneeId: null,
					note: null,
				},
			},
			{ triggerId: 'trigger-2', session: { assigneeType: 'bot', assigneeId: 'bot-1' } },
		]);
	});

	it('carry the answers of the closing form', async () => {
		const { session } = await gitple.openSession('user-1');
		const meta = [{ type: 'select' as const, name: 'Branch', value: null }];
		await gitple.closeSession(session.id, 'agent', { meta });
		expect(events()[1]).toMatchObject({ session: { reason: 'agent', meta } });
	});

	it('of one session arrive in order, however slow the receiver is', async () => {
		const { session } = await gitple.openSession('user-1');
		const agents = ['agent-1', 'agent-2', 'agent-3', 'agent-1', 'agent-2'];
		await Promise.all(agents.map(async (id) => await gitple.assignSession(session.id, id)));
		const order = events().map((event) => (event.session as Json).assigneeId);
		expect(order).toEqual([undefined, ...agents]);
	});

	it('survive a receiver that is missing, refuses or fails', async () => {
		receiver.answer = { status: 401, body: 'no' };
		const { session, delivery } = await gitple.openSession('user-1');
		expect(delivery?.outcome).toBe('refused');
		receiver.answer = 'reset';
		expect((await gitple.assignSession(session.id, 'agent-1'))?.outcome).toBe('failed');
		gitple.setWebhookUrl(undefined);
		expect((await gitple.closeSession(session.id, 'agent'))?.outcome).toBe('not sent');
		expect(gitple.state.sessions.at(-1)?.state).toBe('close');
	});
});

describe('the signature', () => {
	it.each(['hex', 'base64'] as const)(
		'is the digest of the exact bytes, in %s',
		async (encoding) => {
			gitple.configure({ signatureEncoding: encoding });
			await playAll();
			await gitple.sendSigned('{ "type" :"odd",  "text":"\u00e7\ud83d\ude00\u2028" }\n');
			await gitple.sendSigned('');
			await gitple.sendSigned('half a pair: \ud83d');
			expect(receiver.received).toHaveLength(7);
			for (const { text, headers } of receiver.received) {
				expect(headers['x-hub-signature']).toBe(expectedSignature(text, encoding));
				expect(headers['content-type']).toBe('application/json');
			}
		},
	);

	it('follows the secret, and is not there without one', async () => {
		gitple.configure({ webhookSecret: 'demo-çøde-😀' });
		await gitple.sendSigned({ a: 1 });
		gitple.configure({ webhookSecret: '' });
		await gitple.sendSigned({ a: 1 });
		const [first, second] = receiver.received.map(({ headers }) => headers['x-hub-signature']);
		expect(first).toBe(expectedSignature('{"a":1}', 'hex', 'demo-çøde-😀'));
		expect(second).toBeUndefined();
	});

	it('is the same when a delivery is repeated: same bytes, same time', async () => {
		const { delivery } = await gitple.openSession('user-1');
		clock.advance(3_600_000);
		const again = await gitple.deliverAgain(delivery!.id);
		expect(again.outcome).toBe('delivered');
		const [first, second] = receiver.received;
		expect(second?.text).toBe(first?.text);
		expect(second?.headers['x-hub-signature']).toBe(first?.headers['x-hub-signature']);
	});

	it.each(Object.keys(forgeries) as Forgery[])('is not right in the forgery "%s"', async (name) => {
		const { delivery: honest } = await gitple.openSession('user-1');
		const forged = await gitple.sendForged(name);
		const again = await gitple.deliverAgain(forged.id);
		const { text, headers } = receiver.received[1]!;
		const header = headers['x-hub-signature'];
		expect(header).not.toBe(expectedSignature(text));
		expect(header === undefined).toBe(name === 'no-header');
		expect(JSON.parse(text)).toMatchObject({ type: 'session_state_open' });
		expect([honest!, forged, again].map((one) => gitple.isForged(one))).toEqual([
			false,
			true,
			true,
		]);
	});

	it.each(Object.keys(forgeries) as Forgery[])(
		'is not right in the forgery "%s" of any text',
		async (name) => {
			for (const body of ['', 'no JSON', '[]', '{"a":1}', 5]) await gitple.sendForged(name, body);
			for (const { text, headers } of receiver.received) {
				expect(headers['x-hub-signature']).not.toBe(expectedSignature(text));
			}
		},
	);

	it('is forged for an invented event when nothing was sent yet', async () => {
		await gitple.sendForged('wrong-secret');
		expect(events()).toMatchObject([{ session: { id: 'session-that-never-was' } }]);
		await expect(gitple.sendForged('magic' as Forgery)).rejects.toThrow('Unknown forgery');
	});
});

describe('the workspace', () => {
	it('has something of every kind, an anonymous user among them', () => {
		const { state } = gitple;
		for (const list of Object.values(state)) {
			if (Array.isArray(list)) expect(list.length).toBeGreaterThan(0);
		}
		expect(state.users.filter(({ anonymous }) => anonymous)).toMatchObject([
			{ identifier: 'visitor@example.com', email: 'visitor@example.com' },
		]);
	});

	it('refers to nothing that does not exist', () => {
		const { state } = gitple;
		const ids = (list: Array<{ id: string }>) => list.map(({ id }) => id);
		const refer = (from: string[], to: string[]) =>
			expect(from.filter((id) => !to.includes(id))).toEqual([]);
		refer(
			state.agents.flatMap(({ groups }) => groups),
			ids(state.agentGroups),
		);
		refer(
			state.agentGroups.flatMap(({ agents }) => agents),
			ids(state.agents),
		);
		refer(
			state.users.flatMap(({ groups }) => groups),
			ids(state.userGroups),
		);
		refer(
			state.users.flatMap(({ tags }) => tags),
			ids(state.userTags),
		);
		refer(
			state.sessions.flatMap(({ tags }) => tags),
			ids(state.sessionTags),
		);
		refer(
			state.sessions.flatMap(({ categories }) => categories),
			ids(state.categories),
		);
		refer(
			state.categories.flatMap(({ parent, root }) => (parent ? [parent, root] : [root])),
			ids(state.categories),
		);
		for (const { id, agents } of state.agentGroups) {
			const own = state.agents.filter(({ groups }) => groups.includes(id));
			expect(ids(own)).toEqual(agents);
		}
	});

	it('keeps what both sides say in a session, and sends no event for it', async () => {
		const { session } = await gitple.openSession('user-1');
		gitple.userSays(session.id, 'Bom dia');
		expect(() => gitple.agentSays(session.id, 'Oi')).toThrow('has no agent yet');
		await gitple.assignSession(session.id, 'agent-1');
		gitple.agentSays(session.id, 'Oi');
		const messages = [
			{ id: 'message-6', senderType: 'user', senderId: 'user-1', content: 'Bom dia', ctime: start },
			{ id: 'message-7', senderType: 'agent', senderId: 'agent-1', content: 'Oi', ctime: start },
		];
		const answer = await ask('GET', `/v1/exports/sessions/${session.id}/messages`);
		expect(answer).toEqual({ status: 200, data: messages });
		expect(receiver.received).toHaveLength(2);
	});

	it('refuses what cannot be done, in a sentence', async () => {
		const { session } = await gitple.openSession('user-1');
		const refusals: Array<[Promise<unknown>, string]> = [
			[gitple.openSession('user-1'), 'already has the open session session-2'],
			[gitple.openSession('user-9'), 'no "user-9" among'],
			[gitple.assignSession(session.id, 'agent-9'), 'no "agent-9"'],
			[gitple.assignSession('session-9', 'agent-1'), 'no "session-9"'],
			[gitple.assignSession('session-1', 'agent-1'), 'session-1 is closed'],
			[gitple.closeSession('session-1', 'agent'), 'session-1 is closed'],
			[gitple.closeSession(session.id, 'agent', { tags: ['utag-1'] }), 'no "utag-1"'],
			[gitple.closeSession(session.id, 'agent', { categories: ['x'] }), 'no "x"'],
			[gitple.sendExternalMessage('agent-9', 'user-1', 'Oi'), 'no "agent-9"'],
			[gitple.sendExternalMessage('agent-1', 'user-9', 'Oi'), 'no "user-9"'],
			[gitple.sendExternalMessage('agent-1', 'user-1', ''), 'is empty'],
			[gitple.deliverAgain(0), 'no delivery 0'],
		];
		for (const [refused, words] of refusals) await expect(refused).rejects.toThrow(words);
		expect(() => gitple.userSays(session.id, '')).toThrow('is empty');
		expect(gitple.state.sessions.at(-1)?.state).toBe('open');
		expect(receiver.received).toHaveLength(1);
	});

	it('is handed out as a copy', () => {
		gitple.state.users.length = 0;
		gitple.setup.events.length = 0;
		expect(gitple.state.users).toHaveLength(3);
		expect(gitple.setup.events).toHaveLength(4);
	});

	it('forgets the oldest closed sessions after 500, and none that is open', async () => {
		gitple.setWebhookUrl(undefined);
		const { session: open } = await gitple.openSession('user-2');
		for (let i = 0; i < 503; i += 1) {
			const { session } = await gitple.openSession('user-1');
			await gitple.closeSession(session.id, 'agent');
		}
		const { sessions } = gitple.state;
		expect(sessions.length).toBeLessThanOrEqual(502);
		expect(sessions[0]?.id).toBe(open.id);
	}, 30_000);
});

/** Every route of the API document. */
const routes: Array<[method: string, path: string, body: unknown]> = [
	['POST', '/v1/hooks', hook()],
	['GET', '/v1/exports/agentGroups/agroup-1', undefined],
	['GET', '/v1/exports/agents/agent-1', undefined],
	['GET', '/v1/exports/categories/cat-2', undefined],
	['GET', '/v1/exports/sessions/session-1', undefined],
	['GET', '/v1/exports/sessions/session-1/messages', undefined],
	['GET', '/v1/exports/sessionTags/stag-1', undefined],
	['GET', '/v1/exports/userTags/utag-1', undefined],
	['GET', '/v1/exports/userGroups/ugroup-1', undefined],
	['GET', '/v1/exports/users/user-1', undefined],
];

describe('the Open API', () => {
	it('has its base address under /v1, and no route beside the document’s', () => {
		expect(gitple.apiUrl).toBe(`${gitple.url}/v1`);
		const { app } = gitple as unknown as {
			app: { router: { stack: Array<{ route?: { path: string } }> } };
		};
		const registered = app.router.stack.flatMap(({ route }) => (route ? [route.path] : []));
		const documented = routes.map(([, path]) => path.replace(/(exports\/\w+\/)[\w-]+/, '$1:id'));
		expect(registered.sort()).toEqual(documented.sort());
	});

	it.each(routes)('answers %s %s, to whoever shows both codes', async (method, path, data) => {
		expect((await ask(method, path, { data })).status).toBe(200);
		const wrong: Array<Record<string, string>> = [
			{},
			{ 'app-code': 'demo-app-code' },
			{ secret: 'demo-open-api-secret' },
			{ ...credentials, secret: 'demo-other' },
			{ ...credentials, 'app-code': 'demo-other' },
		];
		for (const headers of wrong) {
			expect(await ask(method, path, { data, headers })).toEqual({
				status: 401,
				data: { error: 'Unauthorized' },
			});
		}
	});

	it('gives every entry of the workspace in the document’s fields', async () => {
		const { state } = gitple;
		const lists = [
			['agents', ['id', 'identifier', 'name', 'email', 'role', 'groups']],
			['agentGroups', ['id', 'name', 'agents']],
			['categories', ['id', 'name', 'parent', 'root']],
			['sessionTags', ['id', 'name']],
			['userTags', ['id', 'name']],
			['userGroups', ['id', 'name', 'code']],
			[
				'users',
				[
					'id',
					'identifier',
					'anonymous',
					'name',
					'email',
					'phone',
					'lang',
					'groups',
					'tags',
					'meta',
				],
			],
		] as const;
		for (const [list, fields] of lists) {
			for (const entry of state[list]) {
				const { status, data } = await ask('GET', `/v1/exports/${list}/${entry.id}`);
				expect([status, data]).toEqual([200, entry]);
				expect(Object.keys(data)).toEqual(fields);
			}
		}
	});

	it('gives a session as the events do, and its messages of every kind', async () => {
		const { data } = await ask('GET', '/v1/exports/sessions/session-1');
		const { messages, state, ...session } = gitple.state.sessions[0]!;
		expect(data).toEqual({ ...session, userGroups: ['ugroup-1'] });
		expect(state).toBe('close');
		expect((await ask('GET', '/v1/exports/sessions/session-1/messages')).data).toEqual(messages);
		expect(new Set(messages.map(({ senderType }) => senderType))).toEqual(
			new Set(['agent', 'user', 'bot', 'sys']),
		);
		expect(new Set(messages.map(({ senderId }) => typeof senderId))).toEqual(
			new Set(['string', 'number']),
		);
	});

	it('can name agent groups as the document’s sample does', async () => {
		gitple.configure({ agentGroupLabel: 'identifier' });
		expect((await ask('GET', '/v1/exports/agentGroups/agroup-2')).data).toEqual({
			id: 'agroup-2',
			identifier: 'Sales',
			agents: ['agent-2'],
		});
	});

	it.each(routes.filter(([method]) => method === 'GET'))(
		'answers 400, or 404 if so set, for an unknown id: %s %s',
		async (_, path) => {
			const unknown = path.replace(/(exports\/\w+\/)[\w-]+/, '$1no%2Fbody');
			const data = { error: 'There is nothing with the id "no/body"' };
			expect(await ask('GET', unknown)).toEqual({ status: 400, data });
			gitple.configure({ unknownIdStatus: 404 });
			expect(await ask('GET', unknown)).toEqual({ status: 404, data });
		},
	);

	it('knows no list, no other version and no other method', async () => {
		for (const [method, path] of [
			['GET', '/v1/exports/users'],
			['GET', '/api/v1/exports/users/user-1'],
			['GET', '/v1/hooks'],
			['POST', '/v1/exports/users/user-1'],
			['GET', '/v1/exports/bots/bot-1'],
		] as const) {
			expect([path, (await ask(method, path)).status]).toEqual([path, 404]);
		}
	});
});

describe('POST /hooks', () => {
	const button = { p: 'button', t: 'Yes', c: { l: { u: 'https://example.test/yes' } } };

	it('brings messages and notifications to the user, with links and buttons', async () => {
		expect(await postHook()).toEqual({ status: 200, data: {} });
		const content = [
			{ t: 'ç😀'.repeat(5000) },
			{ l: { u: 'https://example.test/a', m: 'Look' } },
			{ l: { u: 'https://example.test/b' } },
			{ t: 'Sure?', a: [button, { ...button, t: 'No' }] },
		];
		expect((await postHook({ type: 'notification', lang: 'ko', content })).status).toBe(200);
		expect(gitple.state.received).toEqual({
			'user-1': [
				{ at: start, type: 'message', lang: 'en', content: [{ t: 'Hello' }] },
				{ at: start, type: 'notification', lang: 'ko', content },
			],
		});
	});

	it('takes each language, and English when there is none', async () => {
		for (const lang of ['ko', 'en', 'ja', 'zh', 'vi', undefined]) await postHook({ lang });
		expect(gitple.state.received['user-1']?.map(({ lang }) => lang)).toEqual([
			'ko',
			'en',
			'ja',
			'zh',
			'vi',
			'en',
		]);
	});

	it('finds anonymous users by their e-mail, and only as anonymous', async () => {
		const identifier = 'visitor@example.com';
		expect((await postHook({ identifier, anonymous: true })).status).toBe(200);
		expect(Object.keys(gitple.state.received)).toEqual(['user-3']);
		expect((await postHook({ identifier })).status).toBe(400);
		expect(await postHook({ anonymous: true })).toEqual({
			status: 400,
			data: { error: 'There is no anonymous user with the identifier "customer-1001"' },
		});
		gitple.configure({ unknownIdStatus: 404 });
		expect((await postHook({ identifier: 'nobody' })).status).toBe(404);
	});

	it.each<[string, unknown, string]>([
		['a list', [], 'The body must be a JSON object'],
		['no JSON', '{"type":', 'The body must be a JSON object'],
		['nothing', '', 'The body must be a JSON object'],
		['an unknown field', hook({ to: 'x' }), '"to" is not in the document'],
		['no type', hook({ type: undefined }), '"type" must be'],
		['another type', hook({ type: 'push' }), '"type" must be'],
		['no identifier', hook({ identifier: undefined }), '"identifier" must be a string'],
		['an empty identifier', hook({ identifier: '' }), '"identifier" must be a string'],
		['an identifier as number', hook({ identifier: 1001 }), '"identifier" must be a string'],
		['no "anonymous"', hook({ anonymous: undefined }), '"anonymous" must be true or false'],
		['"anonymous" as text', hook({ anonymous: 'false' }), '"anonymous" must be true or false'],
		['another language', hook({ lang: 'pt' }), '"lang" must be one of ko, en, ja, zh, vi'],
		['a null language', hook({ lang: null }), '"lang" must be one of'],
		['no content', hook({ content: undefined }), '"content" must be a list'],
		['content as text', hook({ content: 'Hello' }), '"content" must be a list'],
		['empty content', hook({ content: [] }), '"content" must be a list'],
		['a part as text', hook({ content: ['Hello'] }), '"content[0]" must be a JSON object'],
		['an empty part', hook({ content: [{ t: 'a' }, {}] }), '"content[1]" must have "t"'],
		['an empty text', hook({ content: [{ t: '' }] }), '"content[0].t" must be a string'],
		['a text as number', hook({ content: [{ t: 5 }] }), '"content[0].t" must be a string'],
		['an unknown part', hook({ content: [{ x: 1 }] }), '"content[0].x" is not in the document'],
		['a link as text', hook({ content: [{ l: 'x' }] }), '"content[0].l" must be a JSON object'],
		['a link to nowhere', hook({ content: [{ l: { m: 'x' } }] }), '"content[0].l.u" must be'],
		['a link’s stranger', hook({ content: [{ l: { u: 'x', x: 1 } }] }), '"content[0].l.x" is not'],
		['no buttons', hook({ content: [{ t: 'a', a: [] }] }), '"content[0].a" must be a list'],
		[
			'another action',
			hook({ content: [{ a: [{ ...button, p: 'menu' }] }] }),
			'"content[0].a[0].p" must be "button"',
		],
		[
			'a button without label',
			hook({ content: [{ a: [{ ...button, t: undefined }] }] }),
			'"content[0].a[0].t" must be a string',
		],
		[
			'a button without link',
			hook({ content: [{ a: [{ ...button, c: {} }] }] }),
			'"content[0].a[0].c.l" must be a JSON object',
		],
		[
			'a button’s stranger',
			hook({ content: [{ a: [{ ...button, u: 'x' }] }] }),
			'"content[0].a[0].u" is not in the document',
		],
	])('refuses %s', async (_, data, words) => {
		const answer = await ask('POST', '/v1/hooks', { data });
		expect(answer).toEqual({
			status: 400,
			data: { error: expect.stringContaining(words) as string },
		});
		expect(gitple.state.received).toEqual({});
	});

	it('refuses a body that is not announced as JSON', async () => {
		const headers = { ...credentials, 'Content-Type': 'text/plain' };
		const answer = await ask('POST', '/v1/hooks', { data: JSON.stringify(hook()), headers });
		expect(answer.status).toBe(400);
	});

	it('does what was asked even when the answer is lost, and not when it was turned away', async () => {
		gitple.failNext('reset-after-work');
		await expect(postHook()).rejects.toThrow();
		gitple.failNext('status-503');
		expect((await postHook()).status).toBe(503);
		expect(gitple.state.received['user-1']).toHaveLength(1);
		expect(gitple.requests.map(({ fault }) => fault)).toEqual(['reset-after-work', 'status-503']);
	});
});

describe('settings', () => {
	it('are those it was started with, and can be changed', async () => {
		const other = await startGitple({
			appCode: 'demo-other-app',
			secret: 'demo-other-secret',
			unknownIdStatus: 404,
		});
		const answer = await axios.get(`${other.apiUrl}/exports/users/nobody`, {
			headers: { 'app-code': 'demo-other-app', secret: 'demo-other-secret' },
			validateStatus: () => true,
			proxy: false,
		});
		expect(answer.status).toBe(404);
		expect(other.setup.webhookSecret).toBe('demo-event-secret-0001');
		await other.close();
	});

	it('refuse what Gitple’s screens would not take', () => {
		expect(() => gitple.setWebhookUrl('ftp://127.0.0.1')).toThrow('not an http');
		expect(() => gitple.configure({ appCode: '' })).toThrow('must have characters');
		expect(() => gitple.configure({ events: ['x' as 'session_state_open'] })).toThrow('no event');
		expect(gitple.setup.webhookUrl).toBe(receiver.url);
	});
});

describe('reset', () => {
	it('leaves nothing of what happened, and no changed setting', async () => {
		gitple.configure({ appCode: 'demo-x', signatureEncoding: 'base64', webhookUrl: undefined });
		await playAll();
		gitple.failNext('html', 3);
		gitple.answerAfter = 5;
		gitple.reset();
		const fresh = await startGitple({ clock, webhookUrl: receiver.url });
		expect(gitple.state).toEqual(fresh.state);
		expect(gitple.setup).toEqual(fresh.setup);
		await fresh.close();
		expect([gitple.requests, gitple.deliveries, gitple.failing]).toEqual([[], [], []]);
		expect(gitple.answerAfter).toBe(0);
		expect((await gitple.openSession('user-1')).session.id).toBe('session-2');
	});

	it('can keep the settings, as a workspace does', async () => {
		gitple.configure({ signatureEncoding: 'base64' });
		await gitple.openSession('user-1');
		gitple.reset({ keepSettings: true });
		expect(gitple.state.sessions).toHaveLength(1);
		expect(gitple.setup.signatureEncoding).toBe('base64');
	});
});
