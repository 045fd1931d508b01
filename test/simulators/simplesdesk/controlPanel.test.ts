import axios from 'axios';
import { controlOf } from '../callPage';
import { startControlPage, type ControlPage } from '../controlPage';
import { startWebhookReceiver, type WebhookReceiver } from '../webhookReceiver';

let page: ControlPage;
let receiver: WebhookReceiver;

const control = controlOf(() => page, 'simplesdesk');
const outcomes = async (...wanted: string[]) => {
	const found = () => page.simplesDesk.report().map(({ outcome }) => outcome);
	await page.simplesDesk.until(() => found().join() === wanted.join());
};
const answering = (value: unknown) => ({
	status: 200,
	body: JSON.stringify(value),
	headers: { 'Content-Type': 'application/json' },
});

beforeAll(async () => {
	page = await startControlPage({ port: 0 });
	receiver = await startWebhookReceiver();
});
beforeEach(() => {
	page.simplesDesk.reset();
	page.simplesDesk.setWebhookUrl(receiver.url);
	receiver.received.length = 0;
	receiver.answer = answering([{ type: 'TEXT', value: 'Olá!' }]);
});
afterAll(async () => {
	await page.close();
	await receiver.close();
});

it('a message is scheduled, and stands in the state and in the report', async () => {
	const order = { account: 'qr', contact: '15296', payload: { invoice: '1042' } };
	expect(await control('POST', '/schedule', order)).toEqual({ status: 200, data: { ok: true } });
	await outcomes('sent');
	expect(JSON.parse(receiver.received[0]!.text)).toMatchObject({
		contact: { uid: '15296' },
		data: { invoice: '1042' },
	});
	expect((await control('GET', '/state')).data).toMatchObject({
		webhookUrl: receiver.url,
		accounts: { qr: { clientId: 72 }, official: { clientId: 73 } },
		chats: {
			'qr/15296': [{ from: 'integration', content: { type: 'TEXT', text: 'Olá!' } }],
			'official/15296': [],
		},
	});
	expect((await control('GET', '/log')).data).toMatchObject([
		{ kind: 'scheduled', outcome: 'sent', body: receiver.received[0]!.text },
	]);
});

it('a message for later waits', async () => {
	const at = new Date(Date.now() + 3_600_000).toISOString();
	await control('POST', '/schedule', { account: 'official', at });
	await outcomes('waiting');
	expect((await control('GET', '/log')).data).toMatchObject([{ outcome: 'waiting', due: at }]);
	expect(receiver.received).toEqual([]);
});

it('does not wait for an answer', async () => {
	receiver.answer = 'hold';
	expect((await control('POST', '/schedule', { account: 'qr' })).status).toBe(200);
	await outcomes('under way');
});

it('the contact writes', async () => {
	expect((await control('POST', '/contacts/15295/say', { account: 'qr', text: 'oi' })).status).toBe(
		200,
	);
	await control('POST', '/contacts/15295/say', { account: 'qr', text: '1' });
	await outcomes('failed');
	expect((await control('GET', '/log')).data).toMatchObject([
		{ kind: 'menu', reasons: ['The answer: there is no type "TEXT"'] },
	]);
});

it('calls misbehave, and are made again', async () => {
	expect((await control('GET', '/modes')).data).toContainEqual({
		name: 'hang-up',
		title: 'Hangs up before the answer',
		group: 'Connection',
		effect: expect.stringContaining('nothing is sent'),
		timed: true,
	});
	await control('POST', '/misbehave', { mode: 'empty-body', count: 3, delay: 10 });
	await control('POST', '/schedule', { account: 'qr' });
	await outcomes('sent');
	expect((await control('GET', '/state')).data).toMatchObject({
		misbehaving: [{ name: 'empty-body', left: 2, delay: 10 }],
	});
	expect((await control('DELETE', '/misbehave')).data).toEqual({ misbehaving: [] });
	const { id } = page.simplesDesk.report()[0]!;
	await control('POST', `/deliveries/${id}/again`);
	await outcomes('sent', 'sent');
	expect(receiver.received.map(({ text }) => text)).toEqual(['', '']);
});

it('settings are changed, and stay when the rest is reset', async () => {
	const settings = {
		webhookUrl: receiver.url,
		botMenuUrl: `${receiver.url}/menu`,
		secretHeader: 'x-secret',
		secret: 'demo-webhook-secret-1',
		secretOn: 'bot-menu',
		timeLimit: 100,
	};
	expect(await control('POST', '/settings', settings)).toMatchObject({
		status: 200,
		data: settings,
	});
	await control('POST', '/schedule', { account: 'qr' });
	expect((await control('POST', '/reset')).status).toBe(200);
	expect(page.simplesDesk.setup).toEqual(settings);
	expect(page.simplesDesk.report()).toEqual([]);
});

it.each<[string, string, unknown, string]>([
	['POST', '/schedule', {}, '"account" must be "qr" or "official"'],
	['POST', '/schedule', { account: 'qr', contact: 'x' }, 'There is no contact "x"'],
	['POST', '/schedule', { account: 'qr', at: 'soon' }, '"at" must be an ISO time'],
	['POST', '/contacts/15295/say', { account: 'qr' }, 'The message is empty'],
	['POST', '/contacts/x/say', { account: 'qr', text: 'oi' }, 'There is no contact "x"'],
	['POST', '/misbehave', { mode: 'status-500' }, 'Unknown misbehaviour "status-500"'],
	['POST', '/deliveries/0/again', {}, 'There is no call 0 in the report'],
	['POST', '/settings', { nope: 1 }, 'There is no setting "nope"'],
	['POST', '/settings', { secretOn: 'never' }, '"secretOn" must be "all" or "bot-menu"'],
	['POST', '/settings', { timeLimit: '1' }, '"timeLimit" must be a number of milliseconds'],
	['GET', '/nothing', {}, 'There is nothing at GET /control/simplesdesk/nothing'],
])('%s %s with %j is refused', async (method, path, body, error) => {
	const { status, data } = await control(method, path, body);
	expect(status).toBeGreaterThanOrEqual(400);
	expect(data).toEqual({ error });
});

it.each([
	['boleto.pdf', 'application/pdf'],
	['pix.png', 'image/png'],
	['recado.wav', /^audio\/(x-)?wav$/],
])('the page serves %s, too', async (file, type) => {
	const { headers } = await axios.get(`${page.url}/simplesdesk/assets/${file}`, { proxy: false });
	expect(headers['content-type']).toMatch(type);
});
