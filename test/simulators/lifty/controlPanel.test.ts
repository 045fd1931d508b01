import axios from 'axios';
import { controlOf } from '../callPage';
import { startControlPage, type ControlPage } from '../controlPage';

let page: ControlPage;
const bot = 'demo-bot-vendas';

const control = controlOf(() => page, 'lifty');
const act = async (action: string, body?: unknown) =>
	await control('POST', `/bots/${bot}/${action}`, body);

beforeAll(async () => {
	page = await startControlPage({ port: 0, lifty: { qrReadyAfter: 0, connectsAfter: 0 } });
});
beforeEach(() => page.lifty.reset());
afterAll(async () => await page.close());

it('a connection is started, expires, is started again, scanned and dropped by its routes', async () => {
	const seen: unknown[] = [];
	for (const [action, body] of [
		['start', {}],
		['expire', {}],
		['start', {}],
		['scan', { phone: '5548999910002', connectionId: '2' }],
		['drop', { connectionId: '2' }],
	] as const) {
		expect([action, await act(action, body)]).toEqual([
			action,
			{ status: 200, data: { ok: true } },
		]);
		seen.push(
			page.lifty
				.bot(bot)
				.connections.map(({ state }) => state)
				.join(' '),
		);
	}
	expect(seen).toEqual([
		'waiting',
		'expired',
		'expired waiting',
		'expired connected',
		'expired disconnected',
	]);
	const { data } = await control('GET', '/state');
	expect(data.bots).toContainEqual(
		expect.objectContaining({
			token: bot,
			status: 'DISCONNECTED',
			counts: expect.objectContaining({ starts: 2, inactive: 2 }) as unknown,
		}),
	);
});

it('the picture that is to be scanned is shown without being counted as read', async () => {
	await act('start');
	const { data, headers } = await axios.get<ArrayBuffer>(
		`${page.url}/control/lifty/bots/${bot}/connections/1/qr?picture=1`,
		{ responseType: 'arraybuffer', proxy: false },
	);
	expect(headers['content-type']).toBe('image/png');
	expect(Buffer.from(data)).toEqual(page.lifty.qrPicture(bot));
	expect(page.lifty.counts(bot).qrReads).toBe(0);
	expect((await control('GET', `/bots/${bot}/connections/9/qr`)).status).toBe(404);
});

it.each<[string, unknown, number]>([
	['/bots/demo-bot-nenhum/start', {}, 404],
	[`/bots/${bot}/scan`, {}, 409],
	[`/bots/${bot}/scan`, { phone: '123' }, 400],
	[`/bots/${bot}/scan`, { phone: 5 }, 400],
	[`/bots/${bot}/scan`, [], 400],
	[`/bots/${bot}/expire`, {}, 409],
	[`/bots/${bot}/drop`, { connectionId: '7' }, 409],
	['/misbehave', { mode: 'dance' }, 400],
	['/misbehave', { mode: 'html', at: 'moon' }, 400],
	['/nothing', {}, 404],
])('%s with %j is refused with a sentence', async (path, body, status) => {
	const answer = await control('POST', path, body);
	expect([answer.status, typeof answer.data.error]).toEqual([status, 'string']);
	expect(page.lifty.counts(bot).starts).toBe(0);
});

it('settings are taken one by one, and empty addresses mean the real ones', async () => {
	const change = {
		apiKey: 'demo-other-key',
		qrReadyAfter: 1,
		qrRefreshesEvery: 500,
		qrExpiresAfter: 3,
		connectsAfter: 4,
		startingStatus: 'A',
		pairingStatus: 'B',
		expiredStatus: 'C',
		droppedStatus: 'D',
		qrContentType: 'image/jpeg',
		sessionOrigin: 'https://qr.example.test',
		statusUrl: 'http://10.0.0.1/',
		tokenUrl: 'file:///x',
		answerAfter: 1,
	};
	expect((await control('POST', '/settings', change)).data).toMatchObject(change);
	const back = { sessionOrigin: '', statusUrl: '', tokenUrl: null };
	await control('POST', '/settings', back);
	expect({ ...page.lifty.setup, answerAfter: page.lifty.answerAfter }).toEqual({
		...change,
		sessionOrigin: undefined,
		statusUrl: undefined,
		tokenUrl: undefined,
	});
});

it.each<Record<string, unknown>>([
	{ apiKey: '' },
	{ droppedStatus: 5 },
	{ qrReadyAfter: '5' },
	{ connectsAfter: -1 },
	{ sessionOrigin: 'n8n' },
	{ statusUrl: 5 },
	{ answerAfter: 'soon' },
	{ colour: 'red' },
	{ toString: 'x' },
])('the setting %j is refused', async (change) => {
	const before = page.lifty.setup;
	const { status, data } = await control('POST', '/settings', change);
	expect([status, typeof data.error]).toEqual([400, 'string']);
	expect(page.lifty.setup).toEqual(before);
});

it('the log says which part was asked, and when a key came where it does not belong', async () => {
	const { url } = page.lifty;
	const ask = async (path: string) =>
		await axios.get<Record<string, string>>(url + path, {
			validateStatus: () => true,
			proxy: false,
		});
	const { data } = await ask(`/integration/bot/${bot}/startWhatsapp?key=demo-lifty-key`);
	const [status, picture] = [data.statusURL, data.tokenURL].map((one) => one!.replace(url, ''));
	await ask(picture!);
	await ask(`${status}&key=demo-lifty-key`);
	expect((await control('GET', '/log')).data).toMatchObject([
		{ kind: 'api', leaksKey: false },
		{ kind: 'qr', leaksKey: false },
		{ kind: 'status', leaksKey: true },
	]);
	expect((await control('GET', '/state')).data).toMatchObject({ keysAtSessionUrls: 1 });
});

it('a reset forgets sessions, log and misbehaviour, and keeps the settings', async () => {
	await control('POST', '/settings', { startingStatus: 'A' });
	await act('start');
	await control('POST', '/misbehave', { mode: 'html', count: 2, at: 'qr' });
	await control('POST', '/reset');
	const { data } = await control('GET', '/state');
	expect(data).toMatchObject({ failing: [], startingStatus: 'A', messages: [] });
	expect(page.lifty.counts(bot).starts).toBe(0);
	expect((await control('GET', '/log')).data).toEqual([]);
});
