import { LiftyApi } from '../../../credentials/LiftyApi.credentials';
import { Lifty } from '../../../nodes/Lifty/Lifty.node';
import { startLifty, type LiftySimulator } from '../../simulators/lifty/LiftySimulator';
import { binaryContent, runTool, testCredential } from '../../support';
import { fastTime } from '../../support/fakeTime';
import { asked, BOT, credentialFor, KEY, OTHER_BOT, play } from './play';

jest.setTimeout(30_000);

let lifty: LiftySimulator;
beforeAll(async () => {
	lifty = await startLifty({ apiKey: KEY, qrReadyAfter: 0, connectsAfter: 0 });
});
afterAll(async () => await lifty.close());
beforeEach(() => lifty.reset());
// Whatever a test does: no key may ever stand in a request to an address that Lifty handed over.
afterEach(() => expect(lifty.keysAtSessionUrls).toEqual([]));

const PNG = Buffer.from('\x89PNG', 'latin1');

describe('Get Status', () => {
	const getStatus = { operation: 'getStatus' };

	test('reads in two steps, and says whether the bot is connected', async () => {
		lifty.startConnection(BOT);
		expect((await play(lifty, getStatus)).items).toEqual([
			{ json: { botId: BOT, status: 'QRCODE', connected: false }, pairedItem: { item: 0 } },
		]);
		lifty.scan(BOT);
		expect((await play(lifty, getStatus)).items[0]!.json).toEqual({
			botId: BOT,
			status: 'CONNECTED',
			connected: true,
		});
		expect(asked(lifty)).toEqual(Array(2).fill(`GET /integration/bot/${BOT}/whatsapp`));
	});

	test('takes NOT_FOUND, and any status that is not documented, as an answer', async () => {
		expect((await play(lifty, getStatus)).items[0]!.json).toMatchObject({
			status: 'NOT_FOUND',
			connected: false,
		});
		lifty.forceStatus(BOT, 'SOMETHING_NEW');
		expect((await play(lifty, getStatus)).items[0]!.json).toMatchObject({
			status: 'SOMETHING_NEW',
			connected: false,
		});
	});

	test('sends the key as the document has it, to the gateway alone', async () => {
		await play(lifty, getStatus);
		const [info, status] = lifty.requests;
		expect(new URL(info!.path, lifty.url).searchParams.get('key')).toBe(KEY);
		expect(info!.headers.authorization).toBeUndefined();
		expect(status!.path).not.toContain('key=');
	});

	test('asks for the default bot of the credential where the node names none', async () => {
		const { items } = await play(
			lifty,
			{ ...getStatus, botId: '' },
			{ credential: { botId: OTHER_BOT } },
		);
		expect(items[0]!.json.botId).toBe(OTHER_BOT);
		const { error } = await play(lifty, { ...getStatus, botId: '' });
		expect(error?.message).toBe("'Bot ID' is empty");
	});

	test.each(['a/b', '../x', '..', 'a?b', 'a#b', 'a%2Fb', 'a b', 'https://lifty.example.com/bot/1'])(
		'sends nothing for the bot %j',
		async (botId) => {
			const { error } = await play(lifty, { ...getStatus, botId });
			expect(error?.message).toBe("'Bot ID' is not a Lifty bot ID");
			expect(lifty.requests).toEqual([]);
		},
	);

	test('says what is missing when Lifty names no address for the status, or no status', async () => {
		lifty.configure({ statusUrl: null });
		expect((await play(lifty, getStatus)).error?.message).toBe(
			'Lifty did not return a link to the status',
		);
		lifty.reset();
		lifty.failNext('answer', 1, { at: 'status', status: 200, body: '{"state":"CONNECTED"}' });
		expect((await play(lifty, getStatus)).error?.message).toBe('Lifty answered without a status');
	});

	test('is repeated when the provider cannot answer, being a read', async () => {
		lifty.failNext('status-503', 1, { at: 'api' });
		lifty.failNext('status-502', 1, { at: 'status' });
		expect((await play(lifty, getStatus)).items[0]!.json.status).toBe('NOT_FOUND');
	});
});

describe('Connect', () => {
	const connect = { operation: 'connect' };

	test('starts once, clearing inactive sessions, and returns the QR code as the picture that it is', async () => {
		const { items } = await play(lifty, connect);
		expect(items[0]!.json).toEqual({
			botId: BOT,
			started: true,
			status: 'QRCODE',
			connected: false,
			qrCodeReady: true,
			qrCodeNumber: 1,
			scanBefore: expect.stringMatching(/^\d{4}-.*Z$/),
			qrCodeUrl: expect.stringContaining('/sessions/qr?'),
		});
		expect(items[0]!.binary!.data).toMatchObject({
			mimeType: 'image/png',
			fileName: 'qr-code.png',
		});
		expect(await binaryContent(items[0]!)).toEqual(lifty.qrPicture(BOT));
		expect(asked(lifty)).toEqual([
			`GET /integration/bot/${BOT}/whatsapp`,
			`GET /integration/bot/${BOT}/startWhatsapp?options=c`,
		]);
		expect(lifty.counts(BOT)).toMatchObject({ starts: 1, parallel: 1 });
	});

	test('leaves inactive sessions alone, and names the field, as the user wants', async () => {
		const { items } = await play(lifty, {
			...connect,
			options: { clearInactive: false, outputField: 'qr', skipWhenConnected: false },
		});
		expect(Object.keys(items[0]!.binary!)).toEqual(['qr']);
		expect(asked(lifty)).toEqual([`GET /integration/bot/${BOT}/startWhatsapp`]);
	});

	test('adds the cache-buster without touching the rest of the address', async () => {
		await play(lifty, connect);
		const read = lifty.requests.find((request) => lifty.partOf(request) === 'qr')!;
		expect(read.path).toMatch(/^\/sessions\/qr\?session=[^&]*&ticket=[^&]*&timestamp=\d{13}$/);
	});

	test('tells the type by the bytes, whatever the header says', async () => {
		lifty.configure({ qrContentType: 'text/plain' });
		const { items } = await play(lifty, connect);
		expect(items[0]!.binary!.data!.mimeType).toBe('image/png');
		expect((await binaryContent(items[0]!)).subarray(0, 4)).toEqual(PNG);
	});

	test('starts nothing for a bot that is connected, unless told to', async () => {
		lifty.startConnection(BOT);
		lifty.scan(BOT);
		expect((await play(lifty, connect)).items[0]!.json).toEqual({
			botId: BOT,
			started: false,
			status: 'CONNECTED',
			connected: true,
			qrCodeReady: false,
		});
		expect(lifty.counts(BOT).starts).toBe(1);
		const { items } = await play(lifty, { ...connect, options: { skipWhenConnected: false } });
		expect(items[0]!.json).toMatchObject({ started: true, qrCodeReady: true });
		expect(lifty.counts(BOT)).toMatchObject({ starts: 2, parallel: 2 });
	});

	test('starts nothing when the status cannot be read first', async () => {
		lifty.failNext('status-401', 1, { at: 'status' });
		expect((await play(lifty, connect)).error).toBeDefined();
		expect(lifty.counts(BOT).starts).toBe(0);
	});

	describe('as time passes', () => {
		let endFastTime: () => void;
		beforeEach(() => (endFastTime = fastTime()));
		afterEach(() => endFastTime());
		const patient = { timeout: 600_000 };

		test('waits until the picture is ready', async () => {
			lifty.configure({ qrReadyAfter: 12_000 });
			const { items } = await play(lifty, { ...connect, options: patient });
			expect(items[0]!.json).toMatchObject({ qrCodeReady: true });
			expect(lifty.counts(BOT)).toMatchObject({ starts: 1, qrReads: 1 });
			expect(lifty.counts(BOT).statusReads).toBeLessThan(7);
		});

		test('returns the status alone when it is not ready in time', async () => {
			lifty.configure({ qrReadyAfter: 60_000 });
			const { items } = await play(lifty, {
				...connect,
				options: { ...patient, waitForQrCode: 10 },
			});
			expect(items).toEqual([
				{
					json: {
						botId: BOT,
						started: true,
						status: 'STARTING',
						connected: false,
						qrCodeReady: false,
					},
					pairedItem: { item: 0 },
				},
			]);
		});

		test('takes a web page in place of the picture for none, and looks again', async () => {
			lifty.failNext('html', 1, { at: 'qr', status: 200 });
			const { items } = await play(lifty, { ...connect, options: patient });
			expect(items[0]!.binary!.data!.mimeType).toBe('image/png');
			lifty.reset();
			lifty.failNext('html', 100, { at: 'qr', status: 200 });
			const { items: none } = await play(lifty, {
				...connect,
				options: { ...patient, waitForQrCode: 10 },
			});
			expect(none[0]!.binary).toBeUndefined();
			expect(none[0]!.json.lastTrouble).toBe(
				'Lifty answered with a web page instead of the picture of a QR code',
			);
		});
	});
});

describe('a start is counted once', () => {
	const connect = { operation: 'connect', options: { skipWhenConnected: false } };
	const starts = () => lifty.requests.filter(({ path }) => path.includes('/startWhatsapp')).length;

	test('for several items of one bot, however it is named', async () => {
		const { items } = await play(
			lifty,
			{ ...connect, botId: '={{ $json.bot }}' },
			{
				items: [{ bot: BOT }, { bot: '' }, { bot: ` ${BOT} ` }, { bot: BOT }],
				credential: { botId: BOT },
			},
		);
		expect(items).toHaveLength(4);
		for (const { binary } of items) expect(binary!.data!.mimeType).toBe('image/png');
		expect([starts(), lifty.counts(BOT).parallel]).toEqual([1, 1]);
	});

	test('for each of several bots', async () => {
		await play(
			lifty,
			{ ...connect, botId: '={{ $json.bot }}' },
			{ items: [{ bot: BOT }, { bot: OTHER_BOT }, { bot: BOT }] },
		);
		expect([lifty.counts(BOT).starts, lifty.counts(OTHER_BOT).starts]).toEqual([1, 1]);
	});

	const retry = { settings: { retryOnFail: true, maxTries: 5, waitBetweenTries: 1 } };

	test("under 'Retry On Fail', which goes on with what the first try started", async () => {
		lifty.failNext('status-401', 3, { at: 'status' });
		const { items, error } = await play(lifty, connect, retry);
		expect(error).toBeUndefined();
		expect(items[0]!.binary!.data!.mimeType).toBe('image/png');
		expect([starts(), lifty.counts(BOT).starts]).toEqual([1, 1]);
	});

	test.each([
		'status-500',
		'status-502',
		'status-503',
		'status-504',
		'html',
		'empty',
		'null',
		'truncated-json',
		'reset-before-work',
		'reset-after-work',
		'reset-mid-body',
		'chunked-cut',
		'content-length-too-long',
		'echo-500',
		'echo-html',
		'redirect',
	] as const)("when its answer is spoilt by %s, under 'Retry On Fail'", async (mode) => {
		lifty.failNext(mode, 100, { at: 'api' });
		const { error } = await play(lifty, connect, retry);
		expect(error?.description).toMatch(/may still have reached Lifty.*not repeated/);
		expect(starts()).toBe(1);
	});

	test.each(['no-answer', 'stalled-body'] as const)(
		"when its answer does not come in time (%s), under 'Retry On Fail' and with more items",
		async (mode) => {
			lifty.failNext(mode, 100, { at: 'api', delay: 20_000 });
			const { error } = await play(
				lifty,
				{ ...connect, options: { ...connect.options, timeout: 300 } },
				{ ...retry, items: [{}, {}, {}] },
			);
			expect(error?.message).toBe('Lifty did not respond within 0.3 seconds');
			expect(error?.description).toMatch(/not repeated/);
			expect(starts()).toBe(1);
		},
	);

	test('and may be tried again after an answer that says that nothing was done', async () => {
		lifty.failNext('status-429', 1, { at: 'api' });
		const { items } = await play(lifty, connect, retry);
		expect(items[0]!.binary!.data!.mimeType).toBe('image/png');
		expect([starts(), lifty.counts(BOT).starts]).toEqual([2, 1]);
	});

	test('and anew in the next execution', async () => {
		await play(lifty, connect);
		await play(lifty, connect);
		expect(lifty.counts(BOT).starts).toBe(2);
	});
});

describe('Disconnect', () => {
	test('asks once, and takes status 200 for the whole answer', async () => {
		lifty.startConnection(BOT);
		lifty.scan(BOT);
		const { items } = await play(lifty, { operation: 'disconnect' });
		expect(items[0]!.json).toEqual({
			botId: BOT,
			disconnected: true,
			answer: { success: true },
		});
		expect(asked(lifty)).toEqual([`GET /integration/bot/${BOT}/stopWhatsapp`]);
		for (const body of ['', 'ok', 'null', '{}']) {
			lifty.failNext('answer', 1, { status: 200, body });
			const { items } = await play(lifty, { operation: 'disconnect' });
			expect(items[0]!.json.disconnected).toBe(true);
		}
	});

	test('is not repeated, and does not take a web page for success', async () => {
		for (const mode of ['html', 'status-503', 'reset-after-work'] as const) {
			lifty.reset();
			lifty.failNext(mode, 5);
			const { error } = await play(lifty, { operation: 'disconnect' });
			expect(error).toBeDefined();
			expect(lifty.requests).toHaveLength(1);
		}
	});

	test('says what Lifty says against it under status 200', async () => {
		lifty.failNext('answer', 1, { status: 200, body: '{"success":false,"message":"no session"}' });
		const { error } = await play(lifty, { operation: 'disconnect' });
		expect(error?.message).toMatch(
			/^Lifty did not accept the request: (no session|no reason given)$/,
		);
	});
});

describe('Pause and Resume', () => {
	test('take a number in any usual spelling, also as a number', async () => {
		const { items } = await play(
			lifty,
			{ resource: 'bot', operation: 'pause', phoneNumber: '={{ $json.phone }}' },
			{ items: [{ phone: '+55 (48) 9999-1234' }, { phone: 5548999991234 }] },
		);
		expect(items.map(({ json }) => json)).toEqual([
			{ botId: BOT, phoneNumber: '554899991234', paused: true, answer: { success: true } },
			{ botId: BOT, phoneNumber: '5548999991234', paused: true, answer: { success: true } },
		]);
		expect(lifty.bot(BOT).paused.sort()).toEqual(['554899991234', '5548999991234']);
		expect(asked(lifty)[0]).toBe(`GET /integration/bot/${BOT}/pause/554899991234`);

		const { items: resumed } = await play(lifty, {
			resource: 'bot',
			operation: 'resume',
			phoneNumber: '554899991234@c.us',
		});
		expect(resumed[0]!.json).toMatchObject({ phoneNumber: '554899991234', paused: false });
		expect(lifty.bot(BOT).paused).toEqual(['5548999991234']);
	});

	test('send nothing for what is no number', async () => {
		const { error } = await play(lifty, {
			resource: 'bot',
			operation: 'pause',
			phoneNumber: '99999-1234',
		});
		expect(error?.message).toBe("'Phone Number' is not in international format");
		expect(lifty.requests).toEqual([]);
	});

	test.each([
		['bot', { botId: '={{ $json.v }}', phoneNumber: '554899991234' }, BOT, ''],
		['bot that can exist', { botId: '={{ $json.v }}', phoneNumber: '554899991234' }, BOT, 'a/b'],
		['number', { phoneNumber: '={{ $json.v }}' }, '554899991234', '048 99999-1234'],
	])('send nothing for any item when the last one has no %s', async (...row) => {
		const [, parameters, right, wrong] = row;
		const { error } = await play(
			lifty,
			{ resource: 'bot', operation: 'pause', ...parameters },
			{ credential: { defaultBotId: '' }, items: [{ v: right }, { v: wrong }] },
		);
		expect(error).toMatchObject({ context: { itemIndex: 1 } });
		expect(error?.description?.match(/Nothing was sent/g)).toHaveLength(1);
		expect(lifty.requests).toEqual([]);
	});

	test('for one number keep their order', async () => {
		await play(
			lifty,
			{ resource: 'bot', operation: 'pause', phoneNumber: '={{ $json.phone }}' },
			{ items: ['+55 48 9999-1234', '554899991234', '5548 99991234'].map((phone) => ({ phone })) },
		);
		expect(lifty.requests).toHaveLength(3);
		expect(lifty.bot(BOT).paused).toEqual(['554899991234']);
	});
});

describe('messages', () => {
	const direct = {
		resource: 'message',
		operation: 'sendDirectMessage',
		phoneNumber: '+55 48 9999-1234',
		text: 'Olá',
	};

	test('a direct message goes out as the site documents it, with the key where the user puts it', async () => {
		lifty.startConnection(BOT);
		lifty.scan(BOT);
		for (const keyPlacement of ['query', 'mixed', 'header']) {
			const { items } = await play(lifty, direct, { credential: { keyPlacement } });
			expect(items[0]!.json).toMatchObject({
				botId: BOT,
				phoneNumber: '554899991234',
				messageId: expect.stringMatching(/^message-\d$/),
				status: 'QUEUED',
			});
			const { method, path, headers, body } = lifty.requests.at(-1)!;
			expect([method, path.split('?')[0]]).toEqual([
				'POST',
				'/integration/whatsapp/sendDirectMessage',
			]);
			expect(body).toEqual({ phoneNumber: '554899991234', message: 'Olá', botId: BOT });
			const bearer = keyPlacement === 'query' ? undefined : `Bearer ${KEY}`;
			expect(headers.authorization).toBe(bearer);
			expect(path.includes('key=')).toBe(bearer === undefined);
		}
	});

	test('a bot is asked with the key in the query or the header, as the user puts it', async () => {
		for (const [keyPlacement, inQuery] of [
			['query', true],
			['mixed', true],
			['header', false],
		] as const) {
			await play(lifty, { operation: 'disconnect' }, { credential: { keyPlacement } });
			const { path, headers } = lifty.requests.at(-1)!;
			expect(path.includes('key=')).toBe(inQuery);
			expect(headers.authorization).toBe(inQuery ? undefined : `Bearer ${KEY}`);
		}
	});

	test('one that Lifty did not take is a failure, though its status is 200', async () => {
		const { error } = await play(lifty, direct);
		expect(error?.message).toMatch(
			/^Lifty did not accept the request: (no session|no reason given)$/,
		);
	});

	test('is never repeated', async () => {
		for (const mode of ['status-503', 'reset-after-work', 'html'] as const) {
			lifty.reset();
			lifty.failNext(mode, 5);
			expect((await play(lifty, direct)).error?.message).toMatch(
				/The message may have been delivered: do not send it again$/,
			);
			expect(lifty.requests).toHaveLength(1);
		}
	});

	test('a template goes out with its texts in order and further fields', async () => {
		const { items } = await play(lifty, {
			resource: 'message',
			operation: 'sendTemplate',
			phoneNumber: '55 48 99999 1234',
			templateName: 'order_shipped',
			templateParameters: ['Maria', '12'],
			options: { additionalFields: '{ "botId": "demo-bot-vendas" }' },
		});
		expect(lifty.requests[0]!.body).toEqual({
			destination: '5548999991234',
			templateName: 'order_shipped',
			parameters: [{ text: 'Maria' }, { text: '12' }],
			botId: BOT,
		});
		expect(items[0]!.json).toMatchObject({
			phoneNumber: '5548999991234',
			templateName: 'order_shipped',
			status: 'QUEUED',
		});
		const { error } = await play(lifty, {
			resource: 'message',
			operation: 'sendTemplate',
			phoneNumber: '5548999991234',
			templateName: 'x',
			options: { additionalFields: '[1]' },
		});
		expect(error?.message).toBe("'Options > Additional Fields' needs a JSON object");
	});

	test('go to a server of their own where the credential names one', async () => {
		const server = await startLifty({ apiKey: KEY });
		try {
			await play(lifty, direct, { credential: { messageUrl: `${server.apiUrl}/integration/` } });
			expect(lifty.requests).toEqual([]);
			expect(server.requests).toHaveLength(1);
		} finally {
			await server.close();
		}
	});
});

test('with "continue" a failed item becomes an error item, and the others go through', async () => {
	const { outputs } = await play(
		lifty,
		{ operation: 'getStatus', botId: '={{ $json.bot }}' },
		{
			items: [{ bot: BOT }, { bot: 'nobody' }, { bot: OTHER_BOT }],
			onError: 'continueErrorOutput',
		},
	);
	expect(outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 2 }]);
	expect(outputs[1]![0]!.json.error).toBe(
		'Lifty did not find what was requested (status 404): There is no bot "nobody"',
	);
});

test('an agent can read the status and pause a bot as a tool', async () => {
	const { response, tool } = await runTool({
		node: Lifty,
		credentialTypes: [LiftyApi],
		credentials: credentialFor(lifty),
		parameters: {
			resource: 'bot',
			operation: 'pause',
			botId: BOT,
			phoneNumber: "={{ $fromAI('phone', 'number to pause') }}",
		},
		args: { phone: '+55 48 9999-1234' },
	});
	expect(tool.description).toBe('Pause bot for number in Lifty');
	expect(response).toContain('554899991234');
	expect(lifty.bot(BOT).paused).toEqual(['554899991234']);
});

test('a start through a tool is one start, and returns without the picture being lost', async () => {
	const { response, error } = await runTool({
		node: Lifty,
		credentialTypes: [LiftyApi],
		credentials: credentialFor(lifty),
		parameters: { resource: 'session', operation: 'connect', botId: BOT },
	});
	expect(error).toBeUndefined();
	expect(response).toContain('qrCodeUrl');
	expect(lifty.counts(BOT).starts).toBe(1);
});

describe('the credential', () => {
	const tried = async (data: object) =>
		await testCredential({
			credentialType: LiftyApi,
			data: { ...credentialFor(lifty).liftyApi, ...data },
		});

	test('passes its test with a known bot, without changing anything', async () => {
		expect(await tried({ botId: BOT })).toMatchObject({ status: 'OK' });
		expect(asked(lifty)).toEqual([`GET /integration/bot/${BOT}/whatsapp`]);
	});

	test('fails with a wrong key, a wrong address, and something else at the address', async () => {
		expect((await tried({ botId: BOT, apiKey: 'demo-wrong-key' })).status).toBe('Error');
		expect((await tried({ botId: BOT, baseUrl: `${lifty.url}/elsewhere` })).status).toBe('Error');
		lifty.failNext('html', 1, { status: 200 });
		expect((await tried({ botId: BOT })).status).toBe('Error');
	});
});
