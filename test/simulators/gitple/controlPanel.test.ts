import { controlOf } from '../callPage';
import { startControlPage, type ControlPage } from '../controlPage';
import { until } from '../until';
import { startWebhookReceiver, type WebhookReceiver } from '../webhookReceiver';

let page: ControlPage;
let receiver: WebhookReceiver;

const control = controlOf(() => page, 'gitple');
const delivered = async (count: number) =>
	await until(
		page.gitple,
		() => page.gitple.deliveries.filter(({ outcome }) => outcome === 'delivered').length >= count,
	);
const events = () =>
	receiver.received.map(({ text }) => JSON.parse(text) as Record<string, unknown>);

beforeAll(async () => {
	page = await startControlPage({ port: 0 });
	receiver = await startWebhookReceiver();
});
beforeEach(() => {
	page.gitple.reset();
	page.gitple.setWebhookUrl(receiver.url);
	receiver.received.length = 0;
	receiver.answer = { status: 200, body: '' };
});
afterAll(async () => {
	await page.close();
	await receiver.close();
});

it('a session is opened, assigned, talked in and closed by its routes', async () => {
	for (const [path, body] of [
		['/users/user-1/open', {}],
		['/sessions/session-2/message', { from: 'user', text: 'Bom dia' }],
		['/sessions/session-2/assign', { assigneeId: 'agent-2' }],
		['/sessions/session-2/message', { from: 'agent', text: 'Oi' }],
		[
			'/sessions/session-2/close',
			{ reason: 'agent', tags: ['stag-1'], categories: ['cat-2'], note: 'Feito' },
		],
		['/users/user-1/external-message', { agentId: 'agent-1', text: 'Até logo' }],
	] as const) {
		const { status, data } = await control('POST', path, body);
		expect([path, status, data]).toEqual([path, 200, { ok: true }]);
	}
	await delivered(4);
	expect(events().map(({ type }) => type)).toEqual([
		'session_state_open',
		'session_state_inprogress',
		'session_state_close',
		'send_external_message',
	]);
	expect(events()[2]).toMatchObject({
		session: { reason: 'agent', tags: ['stag-1'], categories: ['cat-2'], note: 'Feito' },
	});
});

it('its routes answer at once, however long n8n takes', async () => {
	receiver.answer = 'hold';
	expect((await control('POST', '/users/user-1/open')).status).toBe(200);
	expect(page.gitple.deliveries[0]?.outcome).toBe('under way');
});

it.each<[string, unknown, number]>([
	['/users/user-9/open', {}, 404],
	['/users/user-1/open', [], 400],
	['/users/user-1/external-message', { agentId: 'agent-1' }, 400],
	['/users/user-1/external-message', { agentId: 'agent-9', text: 'Oi' }, 404],
	['/sessions/session-1/assign', { assigneeId: 'agent-1' }, 409],
	['/sessions/session-1/assign', {}, 400],
	['/sessions/session-1/close', {}, 400],
	['/sessions/session-1/close', { reason: 'agent', tags: 'stag-1' }, 400],
	['/sessions/session-1/message', { from: 'bot', text: 'Oi' }, 400],
	['/sessions/session-1/message', { from: 'user', text: 'Oi' }, 409],
	['/forge/magic', {}, 400],
	['/misbehave', { mode: 'dance' }, 400],
	['/deliveries/0/again', {}, 404],
	['/nothing', {}, 404],
])('%s with %j is refused with a sentence', async (path, body, status) => {
	const answer = await control('POST', path, body);
	expect([answer.status, typeof answer.data.error]).toEqual([status, 'string']);
	expect(receiver.received).toEqual([]);
});

it('settings are taken one by one', async () => {
	const change = {
		webhookSecret: '',
		appCode: 'demo-other-app',
		secret: 'demo-other-secret',
		events: ['session_state_open'],
		signatureEncoding: 'base64',
		missingFields: 'null',
		triggerIds: 'delivery',
		agentGroupLabel: 'identifier',
		unknownIdStatus: 404,
		answerAfter: 1,
	};
	expect((await control('POST', '/settings', change)).data).toMatchObject({
		...change,
		webhookUrl: receiver.url,
	});
	expect((await control('POST', '/settings', { webhookUrl: '' })).data).toMatchObject({
		...change,
		webhookUrl: null,
	});
});

it.each<Record<string, unknown>>([
	{ webhookUrl: 'n8n' },
	{ webhookUrl: 5 },
	{ appCode: '' },
	{ secret: null },
	{ events: 'all' },
	{ events: ['session_state_moved'] },
	{ signatureEncoding: 'rot13' },
	{ unknownIdStatus: '404' },
	{ answerAfter: 'soon' },
	{ colour: 'red' },
	{ toString: 'x' },
])('the setting %j is refused', async (change) => {
	const { status, data } = await control('POST', '/settings', change);
	expect([status, typeof data.error]).toEqual([400, 'string']);
});

it('an event outside of the document, a forgery and a repetition are sent on demand', async () => {
	const odd = { type: 'session_state_transfer', session: { id: 'session-1' } };
	const { data } = await control('POST', '/trigger', odd);
	await control('POST', `/deliveries/${String(data.id)}/again`);
	await control('POST', '/forge/no-header');
	expect(events()).toEqual([odd, odd, odd]);
	const signatures = receiver.received.map(({ headers }) => headers['x-hub-signature']);
	expect(signatures).toEqual([
		page.gitple.signature(JSON.stringify(odd)),
		signatures[0],
		undefined,
	]);
	const { data: log } = await control('GET', '/log');
	expect(log).toMatchObject([{ forged: false }, { forged: false }, { forged: true }]);
});

it('a reset forgets sessions, log and misbehaviour, and keeps the settings', async () => {
	await control('POST', '/users/user-1/open');
	await control('POST', '/misbehave', { mode: 'html', count: 2 });
	await control('POST', '/reset');
	const { data } = await control('GET', '/state');
	expect(data).toMatchObject({ failing: [], webhookUrl: receiver.url });
	expect(data.sessions).toHaveLength(1);
	expect((await control('GET', '/log')).data).toEqual([]);
});

it('the page gets the last hundred sessions only: a load test may make thousands', async () => {
	page.gitple.setWebhookUrl(undefined);
	for (let i = 0; i < 120; i += 1) {
		const { session } = await page.gitple.openSession('user-1');
		await page.gitple.closeSession(session.id, 'agent');
	}
	const { data } = await control('GET', '/state');
	expect(data.sessions).toHaveLength(100);
});
