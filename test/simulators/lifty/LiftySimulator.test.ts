import axios from 'axios';
import { ManualClock } from '../clock';
import { Refusal } from '../frame';
import { startLifty, type LiftySimulator, type Settings } from './LiftySimulator';

type Json = Record<string, unknown>;
const bot = 'demo-bot-vendas';
const key = 'demo-lifty-key';
const start = '2024-03-01T12:00:00.000Z';

let clock: ManualClock;
let lifty: LiftySimulator;

const get = async (url: string, headers: Record<string, string> = {}) => {
	const answer = await axios.get<ArrayBuffer>(url, {
		headers,
		responseType: 'arraybuffer',
		validateStatus: () => true,
		maxRedirects: 0,
		proxy: false,
	});
	const bytes = Buffer.from(answer.data);
	const type = String(answer.headers['content-type']);
	const data = type.startsWith('application/json')
		? (JSON.parse(bytes.toString('utf8')) as Json)
		: {};
	return { status: answer.status, data, bytes, type };
};
const call = async (path: string, query = `key=${key}`) =>
	await get(`${lifty.apiUrl}/integration/bot/${path}?${query}`);
const startWhatsapp = async (query = `key=${key}&options=c`, token = bot) =>
	(await call(`${token}/startWhatsapp`, query)).data as { statusURL: string; tokenURL: string };
const statusAt = async (url: string) => (await get(url)).data.result;
const post = async (
	path: string,
	data: unknown,
	{ query = '', headers = { Authorization: `Bearer ${key}` } as Record<string, string> } = {},
) => {
	const answer = await axios.post<Json>(
		`${lifty.apiUrl}/integration/whatsapp/${path}${query}`,
		data,
		{
			headers: { 'Content-Type': 'application/json', ...headers },
			validateStatus: () => true,
			proxy: false,
		},
	);
	return { status: answer.status, data: answer.data };
};
const direct = { phoneNumber: '5548999914321', message: 'Olá', botId: bot };

beforeEach(async () => {
	clock = new ManualClock(start);
	lifty = await startLifty({ clock });
});
afterEach(async () => await lifty.close());

describe('the session', () => {
	it('goes the whole way: starting, QR code, scanned, connected', async () => {
		const { statusURL, tokenURL } = await startWhatsapp();
		expect(await statusAt(statusURL)).toBe('STARTING');
		expect((await get(tokenURL)).status).toBe(404);
		clock.advance(2000);
		expect(await statusAt(statusURL)).toBe('QRCODE');
		expect(await get(tokenURL)).toMatchObject({ status: 200, type: 'image/png' });
		lifty.scan(bot, '5548999910002');
		expect(await statusAt(statusURL)).toBe('PAIRING');
		clock.advance(1000);
		expect(await statusAt(statusURL)).toBe('CONNECTED');
		expect(lifty.bot(bot)).toMatchObject({
			status: 'CONNECTED',
			starts: 1,
			connections: [{ id: '1', state: 'connected', status: 'CONNECTED', phone: '5548999910002' }],
		});
		expect(lifty.counts(bot)).toEqual({
			starts: 1,
			parallel: 1,
			connected: 1,
			inactive: 0,
			statusReads: 4,
			qrReads: 1,
		});
	});

	it('is NOT_FOUND for a bot that was never started, and has no token address then', async () => {
		const { data } = await call(`${bot}/whatsapp`);
		expect(data).toEqual({ statusURL: expect.stringContaining(lifty.url), tokenURL: null });
		expect(await statusAt(data.statusURL as string)).toBe('NOT_FOUND');
		expect(lifty.counts(bot).starts).toBe(0);
	});

	it('shows another picture every 20 seconds, whatever is added against caches', async () => {
		const { tokenURL } = await startWhatsapp();
		clock.advance(2000);
		const { bytes: first } = await get(`${tokenURL}&timestamp=1`);
		clock.advance(19_999);
		expect((await get(`${tokenURL}&timestamp=2`)).bytes).toEqual(first);
		clock.advance(1);
		const { bytes: second } = await get(`${tokenURL}&timestamp=2`);
		expect(second).not.toEqual(first);
		expect(second).toEqual(lifty.qrPicture(bot));
		expect(lifty.bot(bot).connections[0]?.qr).toEqual({
			number: 2,
			text: expect.stringMatching(/^2@demo-lifty-1-2,/) as string,
			refreshesAt: '2024-03-01T12:00:42.000Z',
			expiresAt: '2024-03-01T12:01:02.000Z',
		});
	});

	it('expires 60 seconds after the first picture, and not before', async () => {
		const { statusURL, tokenURL } = await startWhatsapp();
		clock.advance(2000 + 59_999);
		expect(await statusAt(statusURL)).toBe('QRCODE');
		clock.advance(1);
		expect(await statusAt(statusURL)).toBe('NOT_FOUND');
		expect((await get(tokenURL)).status).toBe(404);
		expect(() => lifty.scan(bot)).toThrow(Refusal);
		expect(lifty.counts(bot)).toMatchObject({ parallel: 0, inactive: 1 });
	});

	it('can expire early, and be started again', async () => {
		await startWhatsapp();
		clock.advance(2000);
		lifty.expire(bot);
		expect(lifty.bot(bot).status).toBe('NOT_FOUND');
		const { statusURL } = await startWhatsapp();
		clock.advance(2000);
		expect(await statusAt(statusURL)).toBe('QRCODE');
		expect(lifty.counts(bot).starts).toBe(2);
	});

	it('can expire before the picture is there', async () => {
		const { statusURL } = await startWhatsapp();
		lifty.expire(bot);
		clock.advance(10_000);
		expect(await statusAt(statusURL)).toBe('NOT_FOUND');
	});

	it('ends when the phone hangs up, and when it is stopped', async () => {
		const { statusURL } = await startWhatsapp();
		clock.advance(2000);
		lifty.scan(bot);
		clock.advance(1000);
		lifty.drop(bot);
		expect(await statusAt(statusURL)).toBe('DISCONNECTED');
		expect(lifty.bot(bot).status).toBe('DISCONNECTED');
		expect((await call(`${bot}/stopWhatsapp`)).status).toBe(200);
		expect(await statusAt(statusURL)).toBe('NOT_FOUND');
		expect(lifty.bot(bot).connections).toEqual([]);
	});

	it('has statuses of one’s own choice: the set is open', async () => {
		const words = {
			startingStatus: 'INITIALIZING',
			pairingStatus: 'SYNCING',
			expiredStatus: 'TIMEOUT',
			droppedStatus: 'UNPAIRED',
		};
		lifty.configure(words);
		const seen: unknown[] = [];
		const { statusURL } = await startWhatsapp();
		const see = async () => seen.push(await statusAt(statusURL));
		await see();
		clock.advance(2000);
		lifty.scan(bot);
		await see();
		clock.advance(1000);
		lifty.drop(bot);
		await see();
		await startWhatsapp();
		lifty.expire(bot);
		seen.push(lifty.bot(bot).status);
		lifty.forceStatus(bot, 'BANNED');
		await see();
		lifty.forceStatus(bot, undefined);
		expect(seen).toEqual(['INITIALIZING', 'SYNCING', 'UNPAIRED', 'TIMEOUT', 'BANNED']);
	});
});

describe('several starts', () => {
	it('make connections in parallel, each with its own status and picture', async () => {
		const one = await startWhatsapp();
		const two = await startWhatsapp();
		clock.advance(2000);
		expect(lifty.counts(bot)).toMatchObject({ starts: 2, parallel: 2 });
		expect((await get(one.tokenURL)).bytes).not.toEqual((await get(two.tokenURL)).bytes);
		lifty.scan(bot, undefined, '1');
		clock.advance(1000);
		expect([await statusAt(one.statusURL), await statusAt(two.statusURL)]).toEqual([
			'CONNECTED',
			'QRCODE',
		]);
		// The bot has a phone, whatever else is going on.
		expect(lifty.bot(bot).status).toBe('CONNECTED');
		lifty.scan(bot, '5548999910002');
		clock.advance(1000);
		expect(lifty.counts(bot).connected).toBe(2);
	});

	it('with options=c clear what is dead, and nothing that is alive', async () => {
		for (let i = 0; i < 3; i += 1) await startWhatsapp(`key=${key}`);
		lifty.expire(bot);
		clock.advance(2000);
		lifty.scan(bot);
		lifty.drop(bot);
		expect(lifty.counts(bot)).toMatchObject({ parallel: 1, inactive: 2 });
		await startWhatsapp(`key=${key}`);
		expect(lifty.counts(bot)).toMatchObject({ parallel: 2, inactive: 2 });
		await startWhatsapp(`key=${key}&options=c`);
		expect(lifty.counts(bot)).toMatchObject({ starts: 5, parallel: 3, inactive: 0 });
	});

	it('keep at most 100 dead connections', async () => {
		for (let i = 0; i < 130; i += 1) {
			lifty.startConnection(bot);
			lifty.expire(bot);
		}
		expect(lifty.counts(bot)).toMatchObject({ starts: 130, parallel: 0 });
		expect(lifty.bot(bot).connections.length).toBeLessThanOrEqual(101);
	});

	it('count once per call that was carried out, also when its answer was lost', async () => {
		lifty.failNext('reset-before-work');
		await expect(startWhatsapp()).rejects.toThrow();
		expect(lifty.counts(bot).starts).toBe(0);
		lifty.failNext('reset-after-work');
		await expect(startWhatsapp()).rejects.toThrow();
		expect(lifty.counts(bot).starts).toBe(1);
	});
});

describe('bots', () => {
	it('pause and resume for a number, once each', async () => {
		for (const number of ['554899991234', '5548999914321', '554899991234']) {
			expect((await call(`${bot}/pause/${number}`)).status).toBe(200);
		}
		expect(lifty.bot(bot).paused).toEqual(['554899991234', '5548999914321']);
		await call(`${bot}/resume/554899991234`);
		await call(`${bot}/resume/5511900000000`);
		expect(lifty.bot(bot).paused).toEqual(['5548999914321']);
		expect(lifty.bot('demo-bot-suporte').paused).toEqual([]);
	});

	it.each(['+554899991234', '55%2048%209999', '123456789', '1234567890123456', 'numero'])(
		'refuse to pause for %s',
		async (number) => {
			const { status, data } = await call(`${bot}/pause/${number}`);
			expect([status, data.code, data.message]).toEqual([
				400,
				400,
				'"numero" must be a string of 10 to 15 digits',
			]);
		},
	);

	it('can be added', async () => {
		lifty.addBot('demo-bot-novo', 'Novo');
		expect((await call('demo-bot-novo/whatsapp')).status).toBe(200);
		expect(() => lifty.addBot('demo-bot-novo')).toThrow(/already/);
		expect(() => lifty.addBot('a/b')).toThrow(/no token/);
		expect(() => lifty.addBot('demo-bot-x', 'X', 'company-9')).toThrow(/no company/);
	});

	it('do not mix with another company’s', async () => {
		const other = 'key=demo-lifty-key-of-another-company';
		expect((await call('demo-bot-padaria/whatsapp', other)).status).toBe(200);
		expect((await call('demo-bot-padaria/whatsapp')).status).toBe(404);
		expect((await call(`${bot}/startWhatsapp`, other)).status).toBe(404);
		expect(lifty.counts(bot).starts).toBe(0);
	});
});

describe('the key', () => {
	it.each([
		['', 401],
		['key=', 400],
		['key=demo-wrong-key', 400],
		[`key=${key}&key=${key}`, 400],
		[`apiKey=${key}`, 401],
	])('is refused as "?%s" with %i, in the manner of a Google gateway', async (query, status) => {
		const answer = await call(`${bot}/startWhatsapp`, query);
		expect(answer).toMatchObject({
			status,
			data: { code: status, message: expect.stringMatching(/^[A-Z_]+: /) as string },
		});
		expect(lifty.counts(bot).starts).toBe(0);
	});

	it('is not taken as a header by the calls of the document', async () => {
		const url = `${lifty.apiUrl}/integration/bot/${bot}/whatsapp`;
		expect((await get(url, { Authorization: `Bearer ${key}` })).status).toBe(401);
	});

	it('can be another one', async () => {
		lifty.configure({ apiKey: 'demo-other-key' });
		expect((await call(`${bot}/whatsapp`)).status).toBe(400);
		expect((await call(`${bot}/whatsapp`, 'key=demo-other-key')).status).toBe(200);
	});

	it('is neither wanted nor taken at the session addresses, and seen when it comes', async () => {
		const { statusURL, tokenURL } = await startWhatsapp();
		clock.advance(2000);
		for (const url of [statusURL, tokenURL]) {
			expect((await get(url)).status).toBe(200);
			expect((await get(`${url}&timestamp=7`)).status).toBe(200);
		}
		expect(lifty.keysAtSessionUrls).toEqual([]);
		const leaks: Array<[string, Record<string, string>]> = [
			[`${statusURL}&key=x`, {}],
			[`${tokenURL}&key=${key}`, {}],
			[`${statusURL}&other=${key}`, {}],
			[`${statusURL}&other=demo%2Dlifty%2Dkey`, {}],
			[tokenURL, { Authorization: 'Basic eDp5' }],
			[statusURL, { 'X-Api-Key': 'x' }],
			[statusURL, { Referer: `http://n8n.test/?q=${key}` }],
		];
		for (const [url, headers] of leaks) expect((await get(url, headers)).status).toBe(400);
		expect(lifty.keysAtSessionUrls).toHaveLength(leaks.length);
		expect(lifty.counts(bot)).toMatchObject({ statusReads: 2, qrReads: 2 });
	});
});

describe('session addresses', () => {
	it('must come back as they were given out', async () => {
		const { statusURL } = await startWhatsapp();
		const changed = [
			statusURL.split('?')[0]!,
			statusURL.replace(/ticket=.*/, ''),
			statusURL.replace('demo-bot-vendas', 'demo-bot-suporte'),
			statusURL.replace('/status?', '/qr?'),
			// What becomes of Base64 when somebody decodes it and does not encode it again.
			decodeURIComponent(statusURL),
		];
		expect(decodeURIComponent(statusURL)).toMatch(/ticket=.*\+/);
		for (const url of changed) expect([url, (await get(url)).status]).toEqual([url, 403]);
		const rewritten = new URL(statusURL);
		rewritten.searchParams.set('timestamp', '1');
		expect((await get(rewritten.href)).status).toBe(200);
	});

	it('can stand on another origin', async () => {
		const { port } = new URL(lifty.url);
		lifty.configure({ sessionOrigin: `http://localhost:${port}` });
		const { statusURL, tokenURL } = await startWhatsapp();
		expect(new URL(statusURL).origin).toBe(`http://localhost:${port}`);
		expect(new URL(tokenURL).origin).toBe(`http://localhost:${port}`);
		expect(await statusAt(statusURL.replace('localhost', '127.0.0.1'))).toBe('STARTING');
	});

	it.each<unknown>(['http://169.254.169.254/latest', 'file:///etc/passwd', '', null, 7, ['x']])(
		'can be anything that a hostile server would say, for instance %j',
		async (url) => {
			lifty.configure({ statusUrl: url, tokenUrl: url });
			expect(await startWhatsapp()).toEqual({ statusURL: url, tokenURL: url });
			expect((await call(`${bot}/whatsapp`)).data).toEqual({ statusURL: url, tokenURL: null });
		},
	);
});

describe('sends', () => {
	it('take a direct message of a connected bot', async () => {
		lifty.configure({ qrReadyAfter: 0, connectsAfter: 0 });
		lifty.startConnection(bot);
		lifty.scan(bot);
		const now = clock.now().toISOString();
		const answer = { success: true, messageId: 'message-1', status: 'QUEUED', timestamp: now };
		expect(await post('sendDirectMessage', direct)).toEqual({ status: 200, data: answer });
		expect(lifty.messages).toEqual([
			{
				id: 'message-1',
				kind: 'direct',
				companyId: 'company-1',
				botToken: bot,
				to: '5548999914321',
				text: 'Olá',
				status: 'QUEUED',
				at: now,
			},
		]);
	});

	it('say in the body of a 200 that a bot without connection cannot send', async () => {
		const { status, data } = await post('sendDirectMessage', direct);
		expect([status, data.success, data.messageId, data.status]).toEqual([
			200,
			false,
			null,
			'FAILED',
		]);
	});

	it('take a template, with the key as bearer or in the query', async () => {
		const body = {
			destination: '5548999914321',
			templateName: 'pedido_enviado',
			parameters: [{ text: 'Maria' }],
			language: 'pt_BR',
		};
		expect((await post('sendTemplateMessage', body)).data.success).toBe(true);
		const inQuery = await post('sendTemplateMessage', body, { query: `?key=${key}`, headers: {} });
		expect(inQuery.data).toMatchObject({ success: true, messageId: 'message-2' });
		expect(lifty.messages[1]).toMatchObject({
			kind: 'template',
			to: '5548999914321',
			text: 'pedido_enviado',
			parameters: [{ text: 'Maria' }],
			others: { language: 'pt_BR' },
		});
	});

	it.each<[string, unknown, number]>([
		['sendDirectMessage', { ...direct, phoneNumber: '+55 48 9999' }, 400],
		['sendDirectMessage', { ...direct, phoneNumber: 5548999914321 }, 400],
		['sendDirectMessage', { ...direct, message: '' }, 400],
		['sendDirectMessage', { ...direct, text: 'Olá' }, 400],
		['sendDirectMessage', { ...direct, botId: 'demo-bot-padaria' }, 404],
		['sendDirectMessage', '[]', 400],
		['sendTemplateMessage', { destination: '5548999914321' }, 400],
		['sendTemplateMessage', { templateName: 'x' }, 400],
		[
			'sendTemplateMessage',
			{ destination: '5548999914321', templateName: 'x', parameters: ['Maria'] },
			400,
		],
	])('%s refuses %j', async (path, body, status) => {
		const answer = await post(path, body);
		expect([answer.status, typeof answer.data.message]).toEqual([status, 'string']);
		expect(lifty.messages).toEqual([]);
	});

	it.each([
		[{}, '', 401],
		[{ Authorization: 'Bearer demo-wrong-key' }, '', 400],
		[{ Authorization: `Basic ${key}` }, '', 401],
		[{ Authorization: `Bearer ${key}` }, `?key=${key}`, 400],
	])('want one key: %j with "%s" is refused', async (headers, query, status) => {
		expect((await post('sendDirectMessage', direct, { query, headers })).status).toBe(status);
	});
});

describe('misbehaviour', () => {
	it('strikes the gateway, the status or the picture alone', async () => {
		const { statusURL, tokenURL } = await startWhatsapp();
		clock.advance(2000);
		lifty.failNext('status-503', 1, { at: 'status' });
		lifty.failNext('html', 1, { at: 'qr' });
		lifty.failNext('status-429', 1, { at: 'api' });
		expect((await get(tokenURL)).type).toContain('text/html');
		expect((await call(`${bot}/whatsapp`)).status).toBe(429);
		expect((await get(tokenURL)).type).toBe('image/png');
		expect((await get(statusURL)).status).toBe(503);
		expect((await get(statusURL)).status).toBe(200);
		expect(lifty.failing).toEqual([]);
	});

	it('knows no other part', () => {
		expect(() => lifty.failNext('html', 1, { at: 'moon' })).toThrow(/no part "moon"/);
	});
});

describe('the simulator', () => {
	it('says when something changes by itself', async () => {
		await startWhatsapp();
		const shown = lifty.until(() => lifty.bot(bot).status === 'QRCODE');
		clock.advance(2000);
		await shown;
		const refreshed = lifty.until(() => lifty.bot(bot).connections[0]?.qr?.number === 2);
		await clock.untilWaiting();
		clock.advance(20_000);
		await refreshed;
		const expired = lifty.until(() => lifty.counts(bot).inactive === 1);
		await clock.untilWaiting();
		clock.advance(40_000);
		await expired;
	});

	it('forgets everything at a reset, and its settings unless they shall stay', async () => {
		lifty.configure({ apiKey: 'demo-other-key', qrReadyAfter: 5 });
		lifty.addBot('demo-bot-novo');
		await startWhatsapp('key=demo-other-key');
		lifty.answerAfter = 7;
		lifty.forceStatus(bot, 'BANNED');
		lifty.reset({ keepSettings: true });
		expect(lifty.setup).toMatchObject({ apiKey: 'demo-other-key', qrReadyAfter: 5 });
		expect(lifty.bot(bot)).toMatchObject({ starts: 0, status: 'NOT_FOUND', connections: [] });
		expect(lifty.bots).toHaveLength(4);
		expect([lifty.requests, lifty.messages]).toEqual([[], []]);
		lifty.reset();
		expect(lifty.setup).toMatchObject({ apiKey: key, qrReadyAfter: 2000 });
		expect(lifty.answerAfter).toBe(0);
	});

	it.each<Partial<Settings>>([
		{ qrReadyAfter: -1 },
		{ qrExpiresAfter: Number.NaN },
		{ qrRefreshesEvery: 0 },
		{ apiKey: '' },
		{ sessionOrigin: 'localhost' },
		{ sessionOrigin: 'http://localhost/path' },
	])('refuses the setting %j', (change) => {
		const before = lifty.setup;
		expect(() => lifty.configure(change)).toThrow(Refusal);
		expect(lifty.setup).toEqual(before);
	});

	it('refuses what cannot be', () => {
		expect(() => lifty.scan(bot)).toThrow(/no QR code/);
		expect(() => lifty.expire(bot)).toThrow(/no QR code/);
		expect(() => lifty.drop(bot)).toThrow(/No phone/);
		expect(() => lifty.scan('demo-bot-nenhum')).toThrow(/no bot/);
	});

	it.each(['startWhatsapp?options=d&', 'dance?', 'pause?'])('knows no %s', async (action) => {
		const { status } = await get(`${lifty.apiUrl}/integration/bot/${bot}/${action}key=${key}`);
		expect([400, 404]).toContain(status);
		expect(lifty.counts(bot).starts).toBe(0);
	});

	it('logs a picture by its type and size', async () => {
		const { tokenURL } = await startWhatsapp();
		clock.advance(2000);
		const { bytes } = await get(tokenURL);
		expect(lifty.requests.at(-1)?.answer?.body).toBe(`(image/png, ${bytes.length} bytes)`);
	});
});
