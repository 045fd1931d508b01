import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import axios from 'axios';
import { ManualClock, systemClock } from './clock';
import { ProviderSimulator, Refusal, type LoggedRequest, type SimulatorOptions } from './frame';
import { modes, type FaultName, type FaultOptions } from './misbehaviour';
import { until } from './until';
import { startWebhookReceiver, type WebhookReceiver } from './webhookReceiver';

/** The smallest provider: counts greetings, and answers with who was greeted. */
class Greeter extends ProviderSimulator {
	greeted = 0;

	constructor(options: SimulatorOptions) {
		super('Greeter', options);
		this.route('post', '/greet', ({ body }) => {
			const { name } = (body ?? {}) as { name?: string };
			if (name === 'nobody') throw new Refusal(422, 'There is nobody to greet');
			if (name === 'bug') throw new Error('A bug in the simulator');
			this.greeted += 1;
			return { status: 200, body: { hello: name ?? 'ação' } };
		});
		this.streamRoute('/count', async (request, body) => {
			let size = 0;
			for await (const chunk of body as AsyncIterable<Buffer>) size += chunk.length;
			request.rawBody = `${size} bytes`;
			return { status: 200, body: { size } };
		});
		this.route('get', '/file', () => ({
			status: 200,
			body: Buffer.from([0, 255, 1]),
			headers: { 'Content-Type': 'application/octet-stream' },
		}));
		this.route('get', '/picture', () => ({
			status: 200,
			body: Buffer.from([0, 255, 1]),
			headers: { 'Content-Type': 'image/png' },
		}));
	}

	override get parts() {
		return ['greetings', 'files'];
	}

	protected override partOf({ path }: LoggedRequest) {
		if (path.startsWith('/greet')) return 'greetings';
		return path === '/file' ? 'files' : undefined;
	}

	async post(url: string | undefined, body: unknown, lane?: string) {
		return await this.deliver(url, body, { 'x-secret': 'demo-secret' }, lane);
	}

	protected override clear() {
		this.greeted = 0;
	}

	protected override errorBody(status: number, message: string) {
		return { status, message };
	}
}

interface RawAnswer {
	/** The status line and headers. */
	head: string;
	/** The body's bytes as they came, chunk sizes and all. */
	body: Buffer;
	ended: 'closed' | 'reset';
}

const honest = Buffer.from('{"hello":"ação"}');
const secret = 'demo-raw-secret';
const clock = new ManualClock();
let greeter: Greeter;
const sockets: Socket[] = [];

/** Speaks HTTP by hand, so that nothing between the test and the bytes repairs or hides them. */
function rawRequest(text = '{}'): {
	answer: Promise<RawAnswer>;
	socket: Socket;
	bytes: () => Buffer;
} {
	const { hostname, port } = new URL(greeter.url);
	const socket = connect(Number(port), hostname);
	sockets.push(socket);
	const chunks: Buffer[] = [];
	socket.on('data', (chunk: Buffer) => chunks.push(chunk));
	const bytes = () => Buffer.concat(chunks);
	const answer = new Promise<RawAnswer>((resolve) => {
		const finish = (ended: RawAnswer['ended']) => {
			const all = bytes();
			const end = all.indexOf('\r\n\r\n');
			const head = end < 0 ? '' : all.subarray(0, end).toString('latin1');
			resolve({ head, body: end < 0 ? Buffer.alloc(0) : all.subarray(end + 4), ended });
			socket.destroy();
		};
		socket.on('end', () => finish('closed'));
		socket.on('error', () => finish('reset'));
	});
	socket.write(
		[
			'POST /greet?lang=pt HTTP/1.1',
			'Host: 127.0.0.1',
			'Connection: close',
			`X-Token: ${secret}`,
			'Content-Type: application/json',
			`Content-Length: ${Buffer.byteLength(text)}`,
			'',
			text,
		].join('\r\n'),
	);
	return { answer, socket, bytes };
}

async function spoilt(mode: FaultName, options: FaultOptions = {}) {
	greeter.failNext(mode, 1, options);
	return await rawRequest().answer;
}

const json = async (body: unknown = {}, path = '/greet') =>
	await axios.post(greeter.url + path, body, { validateStatus: () => true, proxy: false });

beforeAll(async () => {
	greeter = new Greeter({ clock });
	await greeter.start({});
});

afterEach(() => {
	for (const socket of sockets.splice(0)) socket.destroy();
	greeter.reset();
});

afterAll(async () => await greeter.close());

describe('an honest answer', () => {
	it('is JSON with a true length, and is logged with its request', async () => {
		const { status, data, headers } = await json({ name: 'Ana' }, '/greet?lang=pt');

		expect({ status, data }).toEqual({ status: 200, data: { hello: 'Ana' } });
		expect(headers['content-length']).toBe('15');
		expect(headers['x-powered-by']).toBeUndefined();
		expect(greeter.requests).toHaveLength(1);
		expect(greeter.requests[0]).toMatchObject({
			at: '2024-03-01T12:00:00.000Z',
			method: 'POST',
			path: '/greet?lang=pt',
			rawBody: '{"name":"Ana"}',
			body: { name: 'Ana' },
			outcome: 'answered',
			answer: { status: 200, body: '{"hello":"Ana"}' },
			milliseconds: 0,
		});
		expect(greeter.requests[0]?.headers['content-type']).toBe('application/json');
	});

	it('can be bytes', async () => {
		const { data, headers } = await axios.get<ArrayBuffer>(`${greeter.url}/file`, {
			responseType: 'arraybuffer',
			proxy: false,
		});

		expect([...new Uint8Array(data)]).toEqual([0, 255, 1]);
		expect(headers['content-type']).toBe('application/octet-stream');
	});

	it('that is a picture is logged by its type and size', async () => {
		await axios.get(`${greeter.url}/picture`, { proxy: false });
		expect(greeter.requests[0]?.answer?.body).toBe('(image/png, 3 bytes)');
	});

	it('takes as long as it was told to take', async () => {
		greeter.answerAfter = 20;
		const answer = json();
		await clock.untilWaiting();
		expect(greeter.greeted).toBe(1);
		expect(greeter.requests[0]?.outcome).toBe('under way');

		clock.advance(20);
		expect((await answer).status).toBe(200);
		expect(greeter.requests[0]?.milliseconds).toBe(20);
	});
});

describe('a refusal', () => {
	it('becomes an error answer in the words of the provider', async () => {
		const { status, data } = await json({ name: 'nobody' });
		expect({ status, data }).toEqual({
			status: 422,
			data: { status: 422, message: 'There is nobody to greet' },
		});
	});

	it('is 404 for an address or a method that the provider does not have', async () => {
		expect((await json({}, '/elsewhere')).status).toBe(404);
		const { status, data } = await axios.get(`${greeter.url}/greet`, {
			validateStatus: () => true,
			proxy: false,
		});
		expect({ status, data }).toEqual({
			status: 404,
			data: { status: 404, message: 'There is nothing at GET /greet' },
		});
		expect(greeter.requests.map(({ answer }) => answer?.status)).toEqual([404, 404]);
	});

	it('is 413 for a body above one megabyte, and that is logged too', async () => {
		const { status } = await json({ name: 'x'.repeat(1024 * 1024) });
		expect(status).toBe(413);
		expect(greeter.requests[0]?.answer?.status).toBe(413);
	});

	it('is 500 when the simulator itself is at fault', async () => {
		const { status, data } = await json({ name: 'bug' });
		expect({ status, data }).toEqual({
			status: 500,
			data: { status: 500, message: 'A bug in the simulator' },
		});
	});
});

/** What a raw client sees of each mode. */
const observations: Record<keyof typeof modes, () => Promise<void>> = {
	html: async () => {
		const { head, body } = await spoilt('html');
		expect(head).toContain('HTTP/1.1 200 OK');
		expect(head).toContain('Content-Type: text/html; charset=utf-8');
		expect(body.toString()).toContain('<!DOCTYPE html>');
		expect((await spoilt('html', { status: 502 })).head).toContain('HTTP/1.1 502');
	},
	empty: async () => {
		const { head, body } = await spoilt('empty');
		expect(head).toContain('HTTP/1.1 200 OK');
		expect(head).toContain('Content-Length: 0');
		expect(body).toHaveLength(0);
	},
	null: async () => {
		expect((await spoilt('null')).body.toString()).toBe('null');
	},
	'truncated-json': async () => {
		const { head, body } = await spoilt('truncated-json');
		expect(head).toContain(`Content-Length: ${body.length}`);
		expect(body).toEqual(honest.subarray(0, honest.length / 2));
	},
	'warning-before-json': async () => {
		const { body } = await spoilt('warning-before-json');
		expect(body.toString()).toMatch(/^<br \/>\n<b>Warning<\/b>: .*\n\{"hello":"ação"\}$/);
	},
	'html-after-json': async () => {
		const { body } = await spoilt('html-after-json');
		expect(body.toString()).toMatch(/^\{"hello":"ação"\}\n<!-- .* -->$/);
	},
	'bom-before-json': async () => {
		const { body } = await spoilt('bom-before-json');
		expect([...body.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
		expect(body.subarray(3)).toEqual(honest);
	},
	'json-as-text': async () => {
		const { head, body } = await spoilt('json-as-text');
		expect(head).toContain('Content-Type: text/plain');
		expect(body).toEqual(honest);
	},
	'json-as-html': async () => {
		const { head, body } = await spoilt('json-as-html');
		expect(head).toContain('Content-Type: text/html');
		expect(body).toEqual(honest);
	},
	'json-in-latin-1': async () => {
		const { head, body } = await spoilt('json-in-latin-1');
		expect(head).toContain('charset=iso-8859-1');
		expect(body).toEqual(Buffer.from('{"hello":"ação"}', 'latin1'));
	},
	'gzip-cut': async () => {
		const { head, body } = await spoilt('gzip-cut');
		expect(head).toContain('Content-Encoding: gzip');
		expect([...body.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
		expect(() => gunzipSync(body)).toThrow('unexpected end of file');
	},
	'gzip-wrong': async () => {
		const { head, body } = await spoilt('gzip-wrong');
		expect(head).toContain('Content-Encoding: gzip');
		expect(body).toEqual(honest);
		await expectAxiosToFail('gzip-wrong');
	},
	'slow-headers': async () => {
		greeter.failNext('slow-headers', 1, { delay: 30_000 });
		const { answer, bytes } = rawRequest();
		await clock.untilWaiting();
		clock.advance(29_999);
		expect(bytes()).toHaveLength(0);
		expect(clock.waiting).toBe(1);
		clock.advance(1);
		expect((await answer).body).toEqual(honest);
	},
	'slow-body': async () => {
		greeter.failNext('slow-body', 1, { delay: 30_000 });
		const { answer, bytes, socket } = rawRequest();
		await clock.untilWaiting();
		while (!bytes().includes('\r\n\r\n')) await once(socket, 'data');
		expect(bytes().toString()).toMatch(/^HTTP\/1.1 200 OK[^{]*\r\n\r\n$/);
		let received: RawAnswer | undefined;
		void answer.then((whole) => (received = whole));
		let steps = 0;
		for (; !received && steps < 100; steps += 1) {
			await Promise.race([clock.untilWaiting(), answer]);
			clock.advance(3000);
		}
		expect(steps).toBeGreaterThanOrEqual(8);
		expect((await answer).body).toEqual(honest);
	},
	'stalled-body': async () => {
		greeter.failNext('stalled-body');
		const { bytes, socket } = rawRequest();
		await clock.untilWaiting();
		while (!bytes().includes(honest.subarray(0, 8))) await once(socket, 'data');
		expect(bytes().toString()).toContain(`Content-Length: ${honest.length}`);
		expect(bytes().includes(honest)).toBe(false);
		socket.destroy();
		await until(greeter, () => greeter.requests[0]?.outcome === 'caller gone');
	},
	'no-answer': async () => {
		greeter.failNext('no-answer');
		const { answer, bytes } = rawRequest();
		await clock.untilWaiting();
		clock.advance(60 * 60 * 1000);
		expect(bytes()).toHaveLength(0);
		const [entry] = greeter.requests;
		greeter.reset();
		expect((await answer).ended).toBe('reset');
		expect(entry?.outcome).toBe('cut');
	},
	'reset-before-work': async () => {
		expect(await spoilt('reset-before-work')).toEqual({
			head: '',
			body: Buffer.alloc(0),
			ended: 'reset',
		});
	},
	'reset-after-work': async () => {
		expect(await spoilt('reset-after-work')).toEqual({
			head: '',
			body: Buffer.alloc(0),
			ended: 'reset',
		});
	},
	'reset-mid-body': async () => {
		// Whether a reset that overtakes the reader shows as one, or as an end, is up to the system.
		const { head, body } = await spoilt('reset-mid-body');
		expect(head).toContain(`Content-Length: ${honest.length}`);
		expect(honest.subarray(0, body.length)).toEqual(body);
		expect(body.length).toBeLessThan(honest.length);
		await expectAxiosToFail('reset-mid-body');
	},
	'chunked-cut': async () => {
		const { head, body, ended } = await spoilt('chunked-cut');
		expect(ended).toBe('closed');
		expect(head).toContain('Transfer-Encoding: chunked');
		// A chunk of nine bytes, and no closing chunk of none.
		expect(body.toString()).toBe('9\r\n{"hello":\r\n');
		await expectAxiosToFail('chunked-cut');
	},
	'content-length-too-long': async () => {
		const { head, body, ended } = await spoilt('content-length-too-long');
		expect(ended).toBe('closed');
		expect(head).toContain(`Content-Length: ${honest.length + 10}`);
		expect(body).toEqual(honest);
		await expectAxiosToFail('content-length-too-long');
	},
	'content-length-too-short': async () => {
		const { head, body } = await spoilt('content-length-too-short');
		expect(head).toContain(`Content-Length: ${honest.length / 2}`);
		expect(body).toEqual(honest);
	},
	'echo-500': async () => {
		const { head, body } = await spoilt('echo-500');
		expect(head).toContain('HTTP/1.1 500');
		expect(body.toString()).toContain(secret);
		expect(JSON.parse(body.toString())).toMatchObject({
			request: { path: '/greet?lang=pt', rawBody: '{}', headers: { 'x-token': secret } },
		});
	},
	'echo-200': async () => {
		const { head, body } = await spoilt('echo-200');
		expect(head).toContain('HTTP/1.1 200');
		expect(body.toString()).toContain(secret);
	},
	'echo-html': async () => {
		greeter.failNext('echo-html');
		const { head, body } = await rawRequest('{"token":"demo-<b>"}').answer;
		expect(head).toContain('Content-Type: text/html');
		expect(body.toString()).toContain('{"token":"demo-&lt;b&gt;"}');
	},
	redirect: async () => {
		const { head } = await spoilt('redirect', { to: 'http://127.0.0.1:1/x', status: 307 });
		expect(head).toContain('HTTP/1.1 307');
		expect(head).toContain('Location: http://127.0.0.1:1/x');
		expect((await spoilt('redirect')).head).toContain('HTTP/1.1 302');
	},
	answer: async () => {
		const { head, body } = await spoilt('answer', {
			status: 200,
			body: '{"error":1}',
			contentType: 'text/x-odd',
		});
		expect(head).toContain('HTTP/1.1 200');
		expect(head).toContain('Content-Type: text/x-odd');
		expect(body.toString()).toBe('{"error":1}');
		expect((await spoilt('answer')).head).toContain('HTTP/1.1 500');
	},
};

async function expectAxiosToFail(mode: FaultName) {
	greeter.failNext(mode);
	await expect(axios.post(`${greeter.url}/greet`, {}, { proxy: false })).rejects.toThrow();
}

describe('misbehaviour', () => {
	it.each(Object.entries(observations))(
		'"%s" looks to a raw client as its name says',
		async (_, look) => {
			await look();
			expect(greeter.failing).toEqual([]);
		},
	);

	it.each(Object.entries(modes))('"%s" does the work exactly if it says so', async (name, mode) => {
		greeter.failNext(name as FaultName);
		const { answer, socket } = rawRequest();
		await Promise.race([answer, clock.untilWaiting()]);
		expect(greeter.greeted).toBe(mode.works ? 1 : 0);
		expect(greeter.requests[0]?.fault).toBe(name);
		socket.destroy();
	});

	it.each([400, 401, 403, 404, 429, 500, 502, 503, 204, 304])(
		'"status-%d" answers with that status and does nothing',
		async (status) => {
			const { head, body } = await spoilt(`status-${status}`);
			expect(head).toContain(`HTTP/1.1 ${status} `);
			expect(body.length > 0).toBe(status !== 204 && status !== 304);
			expect(greeter.greeted).toBe(0);
		},
	);

	it('says with 429 when to come back, in any spelling', async () => {
		expect((await spoilt('status-429')).head).toContain('Retry-After: 1');
		const date = 'Fri, 01 Mar 2024 12:00:05 GMT';
		expect((await spoilt('status-429', { retryAfter: date })).head).toContain(date);
		expect((await spoilt('status-503', { retryAfter: '-1' })).head).toContain('Retry-After: -1');
	});

	it('lasts for the count given, then honest answers return; kinds queue up in order', async () => {
		greeter.failNext('status-503', 2);
		greeter.failNext('status-404');
		expect(greeter.failing.map(({ name, left }) => [name, left])).toEqual([
			['status-503', 2],
			['status-404', 1],
		]);

		const statuses = [];
		for (let i = 0; i < 4; i += 1) statuses.push((await json()).status);
		expect(statuses).toEqual([503, 503, 404, 200]);
	});

	it('can wait for one part of the provider, and lets the others pass', async () => {
		const statusOf = async (path: string) =>
			(await axios.get(greeter.url + path, { validateStatus: () => true, proxy: false })).status;
		greeter.failNext('status-503', 2, { at: 'files' });
		greeter.failNext('status-500', 1, { at: 'greetings' });
		greeter.failNext('status-418');
		expect([await statusOf('/file'), (await json()).status]).toEqual([503, 500]);
		// What belongs to no part takes what may strike anywhere.
		expect([await statusOf('/picture'), (await json()).status]).toEqual([418, 200]);
		expect(greeter.failing).toMatchObject([{ name: 'status-503', at: 'files', left: 1 }]);
		expect(() => greeter.failNext('html', 1, { at: 'moon' })).toThrow(/no part "moon"/);
	});

	it('is shared out exactly among requests that come at once', async () => {
		greeter.failNext('status-500', 7);
		const answers = await Promise.all(Array.from({ length: 40 }, async () => await json()));
		expect(answers.filter(({ status }) => status === 500)).toHaveLength(7);
		expect(answers.filter(({ status }) => status === 200)).toHaveLength(33);
		expect(greeter.greeted).toBe(33);
	});

	it('can be taken back', async () => {
		greeter.failNext('status-500', 5);
		greeter.behave();
		expect((await json()).status).toBe(200);
	});

	it('refuses modes and counts that do not exist', () => {
		expect(() => greeter.failNext('toString' as FaultName)).toThrow(
			'Unknown misbehaviour "toString"',
		);
		expect(() => greeter.failNext('status-99' as FaultName)).toThrow('Unknown misbehaviour');
		expect(() => greeter.failNext('html', 0)).toThrow('whole number');
		expect(() => greeter.failNext('html', 1.5)).toThrow('whole number');
		expect(greeter.failing).toEqual([]);
	});
});

describe('a caller who leaves', () => {
	it('before his body is whole uses up no misbehaviour', async () => {
		greeter.failNext('status-500');
		const { socket } = rawRequest();
		socket.destroy();
		const { hostname, port } = new URL(greeter.url);
		const half = connect(Number(port), hostname);
		half.write('POST /greet HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"name":');
		await until(greeter, () => greeter.requests.some(({ outcome }) => outcome === 'under way'));
		half.destroy();
		await until(greeter, () => greeter.requests.every(({ outcome }) => outcome !== 'under way'));
		expect(greeter.requests.at(-1)?.outcome).toBe('caller gone');
	});
});

describe('deliveries', () => {
	let receiver: WebhookReceiver;
	beforeEach(async () => {
		receiver = await startWebhookReceiver();
	});
	afterEach(async () => await receiver.close());

	it('are POSTs of JSON, recorded with their answer', async () => {
		const delivery = await greeter.post(receiver.url, { text: 'Olá' });

		expect(receiver.received[0]).toMatchObject({
			text: '{"text":"Olá"}',
			headers: {
				'content-type': 'application/json',
				'x-secret': 'demo-secret',
				'user-agent': 'Greeter simulator',
			},
		});
		expect(delivery).toMatchObject({
			url: receiver.url,
			body: { text: 'Olá' },
			outcome: 'delivered',
			answer: { status: 200, body: '{"ok":true}' },
		});
		expect(greeter.deliveries).toEqual([delivery]);
	});

	it('go out as they are when the body is a text', async () => {
		await greeter.post(receiver.url, '{"broken":');
		expect(receiver.received[0]?.text).toBe('{"broken":');
	});

	it.each([301, 404, 500])('that are answered with %d are refused, not failed', async (status) => {
		receiver.answer = { status, body: 'no' };
		expect(await greeter.post(receiver.url, {})).toMatchObject({
			outcome: 'refused',
			answer: { status, body: 'no' },
		});
	});

	it('that get no answer are failed and say why; nothing is thrown', async () => {
		receiver.answer = 'reset';
		const reset = await greeter.post(receiver.url, {});
		expect(reset).toMatchObject({ outcome: 'failed' });
		expect(reset.error).toMatch(/ECONNRESET|socket hang up/);

		await receiver.close();
		const refused = await greeter.post(receiver.url, {});
		expect(refused.error).toContain('ECONNREFUSED');

		expect((await greeter.post('not a url', {})).outcome).toBe('failed');
		receiver = await startWebhookReceiver();
	});

	it('without an address are recorded as not sent', async () => {
		expect(await greeter.post(undefined, {})).toMatchObject({
			outcome: 'not sent',
			error: 'No webhook URL is set',
		});
	});

	it('of one lane go out one after another, in order; lanes do not wait for each other', async () => {
		receiver.answer = 'hold';
		void greeter.post(receiver.url, 'a1', 'a');
		void greeter.post(receiver.url, 'a2', 'a');
		const other = greeter.post(receiver.url, 'b1', 'b');
		await until(greeter, () => greeter.deliveries.length === 3);
		while (receiver.received.length < 2) await systemClock.wait(1);
		expect(receiver.received.map(({ text }) => text).sort()).toEqual(['a1', 'b1']);
		greeter.reset();
		expect((await other).outcome).toBe('failed');

		receiver.received.length = 0;
		receiver.answer = { status: 200, body: '' };
		const texts = Array.from({ length: 30 }, (_, index) => `text ${index}`);
		await Promise.all(texts.map(async (text) => await greeter.post(receiver.url, text, 'a')));
		expect(receiver.received.map(({ text }) => text)).toEqual(texts);
	});

	it('can be repeated, to see how a receiver takes the same thing twice', async () => {
		const { id } = await greeter.post(receiver.url, { once: true });
		await greeter.deliverAgain(id);
		expect(receiver.received.map(({ text }) => text)).toEqual(['{"once":true}', '{"once":true}']);
		await expect(greeter.deliverAgain(-1)).rejects.toThrow('There is no delivery -1');
	});
});

describe('the logs', () => {
	it('keep the last entries only', async () => {
		const forgetful = new Greeter({ logLimit: 3 });
		await forgetful.start({});
		for (const name of ['a', 'b', 'c', 'd', 'e']) {
			await axios.post(`${forgetful.url}/greet`, { name }, { proxy: false });
			await forgetful.post(undefined, name);
		}
		expect(forgetful.requests.map(({ body }) => body)).toEqual([
			{ name: 'c' },
			{ name: 'd' },
			{ name: 'e' },
		]);
		expect(forgetful.deliveries.map(({ body }) => body)).toEqual(['c', 'd', 'e']);
		await forgetful.close();
	});

	it('tell each finished request to whoever listens', async () => {
		const seen: string[] = [];
		greeter.on('request', ({ rawBody }) => seen.push(rawBody));
		await json({ name: 'Ana' });
		await until(greeter, () => greeter.requests.length === 1);
		while (seen.length === 0) await systemClock.wait(1);
		expect(seen).toEqual(['{"name":"Ana"}']);
		greeter.removeAllListeners('request');
	});
});

describe('reset', () => {
	it('leaves nothing: no state, no log, no failures, no answer or delivery under way', async () => {
		const receiver = await startWebhookReceiver();
		receiver.answer = 'hold';
		await json();
		greeter.failNext('no-answer');
		greeter.failNext('html', 9);
		const { answer } = rawRequest();
		const delivery = greeter.post(receiver.url, {});
		await clock.untilWaiting();

		greeter.reset();
		expect(greeter.greeted).toBe(0);
		expect(greeter.requests).toEqual([]);
		expect(greeter.deliveries).toEqual([]);
		expect(greeter.failing).toEqual([]);
		expect((await answer).ended).toBe('reset');
		expect((await delivery).outcome).toBe('failed');
		expect(clock.waiting).toBe(0);
		expect((await json()).status).toBe(200);
		expect(greeter.requests).toHaveLength(1);
		await receiver.close();
	});
});

describe('start and close', () => {
	it('take the next port when told so, and say so when not', async () => {
		const port = Number(new URL(greeter.url).port);
		const second = new Greeter({});
		await second.start({ port, orNextPort: true });
		expect(Number(new URL(second.url).port)).toBeGreaterThan(port);
		await expect(new Greeter({}).start({ port })).rejects.toThrow('EADDRINUSE');
		await second.close();
	});

	it('close ends connections that hang', async () => {
		const brief = new Greeter({ clock });
		await brief.start({});
		brief.failNext('no-answer');
		const hanging = axios.post(`${brief.url}/greet`, {}, { proxy: false });
		hanging.catch(() => {});
		await clock.untilWaiting();
		await brief.close();
		await expect(hanging).rejects.toThrow();
		expect(clock.waiting).toBe(0);
	});
});

describe('the machine’s clock', () => {
	it('waits, and gives up at once when told to', async () => {
		expect(await systemClock.wait(1)).toBe(true);
		const stop = new AbortController();
		const waiting = systemClock.wait(60_000, stop.signal);
		stop.abort();
		expect(await waiting).toBe(false);
		expect(await systemClock.wait(60_000, stop.signal)).toBe(false);
	});
});

describe('an upload', () => {
	// Four times what a request may otherwise have.
	const body = Buffer.alloc(4 * 1024 * 1024, 1);
	const upload = async () =>
		await axios.post<unknown>(`${greeter.url}/count?x=1`, body, {
			validateStatus: () => true,
			proxy: false,
			headers: { 'Content-Type': 'application/octet-stream' },
		});

	it('is read as it comes, and the log shows what its route says of it', async () => {
		expect((await upload()).data).toEqual({ size: body.length });
		expect(greeter.requests.at(-1)).toMatchObject({
			rawBody: `${body.length} bytes`,
			outcome: 'answered',
		});
	});

	it('is answered by a failure only when all of it has come: a reset would hide the answer', async () => {
		greeter.failNext('status-503');
		expect((await upload()).status).toBe(503);
		expect((await upload()).status).toBe(200);
	});
});
