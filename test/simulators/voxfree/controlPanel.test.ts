import { once } from 'node:events';
import { WebSocket } from 'ws';
import { controlOf } from '../callPage';
import { startControlPage, type ControlPage } from '../controlPage';
import { until } from '../until';

let page: ControlPage;
let client: WebSocket;
let texts: string[];

const control = controlOf(() => page, 'voxfree');
const post = async (path: string, body: unknown = {}) => {
	const { status, data } = await control('POST', path, body);
	expect([path, status, data.error]).toEqual([path, 200, undefined]);
	return data;
};
const heard = async (count: number) => {
	while (texts.length < count) await once(client, 'message');
};

beforeAll(async () => {
	page = await startControlPage({ port: 0 });
});
beforeEach(async () => {
	page.voxfree.reset();
	texts = [];
	client = new WebSocket(page.voxfree.socketUrl);
	client.on('message', (data: Buffer) => texts.push(data.toString('utf8')));
	client.on('error', () => {});
	await once(client, 'open');
	const nulls = { recipient_id: null, type: 'socket', token: null, message: null };
	client.send(JSON.stringify({ codid_agente: '61', ...nulls }));
	await until(page.voxfree, () => page.voxfree.connections({ agentId: '61' }).length === 1);
});
afterEach(() => client.terminate());
afterAll(async () => await page.close());

it('a conversation is begun, queued, taken, talked in and finished by its routes', async () => {
	const begun = await post('/contacts/30/message', {
		channelId: '25',
		text: 'Bom dia',
		departmentId: '10',
	});
	const at = `/conversations/${String(begun.protocol)}`;
	await post('/contacts/30/file', {
		channelId: '25',
		name: 'a.txt',
		mimeType: 'text/plain',
		base64: Buffer.from('olá').toString('base64'),
		caption: 'Veja',
	});
	await post(`${at}/queue`, { agentId: '61' });
	await post(`${at}/queue`, { departmentId: '9' });
	await post(`${at}/assign`, { agentId: '61' });
	await post(`${at}/message`, { text: 'Olá' });
	await post(`${at}/finish`, { wrapUpCode: '22' });
	await post('/refresh-queue');
	await heard(9);
	expect(texts.map((text) => (JSON.parse(text) as { tipo_update: string }).tipo_update)).toEqual([
		'encaminhado_departamento',
		'new_message',
		'new_message',
		'encaminhado_agente_espera',
		'encaminhado_departamento',
		'encaminhado_agente',
		'new_message',
		'Finalizar',
		'update_espera',
	]);
	expect(page.voxfree.state.conversations.at(-1)).toMatchObject({
		state: 'finished',
		wrapUpCode: '22',
		messages: [{ text: 'Bom dia' }, { text: 'Veja', file: { size: 4 } }, {}],
	});
});

it('the state shows what a person needs, and no hash of a password', async () => {
	await post('/contacts/30/message', { channelId: '25', text: 'Bom dia' });
	await post('/agents/61/online', { online: true });
	const { data } = await control('GET', '/state');
	expect(data).toMatchObject({
		applicationUrl: page.voxfree.applicationUrl,
		servicesUrl: page.voxfree.servicesUrl,
		socketUrl: page.voxfree.socketUrl,
		socketUp: true,
		connections: [{ agentId: '61', eventsSent: 2 }],
		agents: [{ login: 'ana.souza@demo', password: 'demo-password-1', online: true }, {}, {}, {}],
		conversations: [{}, { windowEnd: expect.any(String) }],
	});
	expect(JSON.stringify(data)).not.toContain('passwordHash');
});

it('time passes, sessions are forgotten, and any event goes out', async () => {
	page.voxfree.signIn('61');
	const before = Date.parse(page.voxfree.state.conversations[0]!.startedAt);
	await post('/pass-time', { hours: 25 });
	expect(before - Date.parse(page.voxfree.state.conversations[0]!.startedAt)).toBe(25 * 3_600_000);
	await post('/agents/61/forget');
	expect(page.voxfree.signedIn).toEqual([]);
	await post('/event', { tipo_update: 'chat_fixado' });
	await heard(1);
	expect(texts).toEqual(['{"tipo_update":"chat_fixado"}']);
});

it.each<[string, Record<string, unknown>]>([
	['stall', {}],
	['half-open', {}],
	['slow', { value: 100 }],
])('the connection is made ill by "%s" and healed again', async (fault, body) => {
	await post(`/socket/${fault}`, body);
	const [ill] = page.voxfree.connections();
	expect([ill!.condition, ill!.delay]).not.toEqual(['honest', 0]);
	await post('/socket/recover');
	expect(page.voxfree.connections()).toMatchObject([{ condition: 'honest', delay: 0 }]);
});

it.each<[string, Record<string, unknown>, number]>([
	['drop', {}, 1006],
	['end', {}, 1006],
	['close', { value: 4000 }, 4000],
	['restart', { value: 0 }, 1012],
])('the connection is ended by "%s"', async (fault, body, code) => {
	const closed = once(client, 'close');
	await post(`/socket/${fault}`, body);
	expect((await closed)[0]).toBe(code);
	await until(page.voxfree, () => page.voxfree.socket.isUp);
});

it('events are lost, doubled and swapped, frames spoilt, and connecting refused', async () => {
	await post('/socket/lose', { value: 1 });
	await post('/socket/duplicate', { value: 2 });
	await post('/socket/reorder', { value: 3 });
	await post('/socket/refuse', { value: 4, status: 429, retryAfter: '5' });
	const expected = { lose: 1, duplicate: 2, reorder: 3, refusals: 4, held: false };
	expect(page.voxfree.socket.pending).toEqual(expected);
	await post('/socket/garbage', { kind: 'html' });
	await post('/socket/oversized', { value: 10_000, connection: page.voxfree.connections()[0]!.id });
	await heard(2);
	expect(texts.map(({ length }) => length > 10_000)).toEqual([false, true]);
});

it.each<[string, unknown, number]>([
	['/contacts/99/message', { channelId: '25', text: 'Oi' }, 404],
	['/contacts/30/message', { channelId: '25' }, 400],
	['/contacts/30/message', [], 400],
	['/contacts/30/file', { channelId: '25', name: 'a.txt' }, 400],
	['/conversations/1/assign', { agentId: '61' }, 404],
	['/conversations/20231123303151/assign', { agentId: '61' }, 409],
	['/conversations/20231123303151/queue', {}, 400],
	['/agents/61/online', { online: 'yes' }, 400],
	['/agents/99/online', { online: true }, 404],
	['/pass-time', { hours: -1 }, 400],
	['/socket/dance', {}, 404],
	['/socket/toString', {}, 404],
	['/socket/close', { value: 70_000 }, 400],
	['/socket/garbage', { kind: 'toString' }, 400],
	['/misbehave', { mode: 'dance' }, 400],
	['/settings', { lists: 'tree' }, 400],
	['/settings', { answers: 'keyed ' }, 400],
	['/settings', { wrapUpRequired: 'true' }, 400],
	['/settings', { colour: 'red' }, 400],
	['/settings', { toString: 'x' }, 400],
	['/settings', { pingEvery: -1 }, 400],
	['/settings', { answerAfter: 'soon' }, 400],
	['/nothing', {}, 404],
])('%s with %j is refused with a sentence', async (path, body, status) => {
	const before = page.voxfree.state;
	const answer = await control('POST', path, body);
	expect([answer.status, typeof answer.data.error]).toEqual([status, 'string']);
	expect(page.voxfree.state).toEqual(before);
});

it('settings are taken, and stay when the page resets, as connections do', async () => {
	const change = {
		lists: 'keyed',
		answers: 'split',
		wrapUpRequired: true,
		secondSession: 'replace',
		answerAfter: 1,
	};
	expect((await control('POST', '/settings', change)).data).toMatchObject(change);
	await post('/contacts/30/message', { channelId: '25', text: 'Bom dia' });
	await post('/misbehave', { mode: 'html', count: 2 });
	await post('/reset');
	const { data } = await control('GET', '/state');
	expect(data).toMatchObject({ ...change, failing: [], connections: [{ agentId: '61' }] });
	expect(data.conversations).toHaveLength(1);
	expect((await control('GET', '/log')).data).toEqual([]);
});

it('the page gets the last hundred conversations only: a load test may make thousands', async () => {
	for (let i = 0; i < 1100; i += 1) {
		page.voxfree.finish(page.voxfree.customerWrites('30', '25', 'Oi').protocol);
	}
	const { data } = await control('GET', '/state');
	expect(data.conversations).toHaveLength(100);
	expect(page.voxfree.state.conversations.length).toBeLessThanOrEqual(1000);
});
