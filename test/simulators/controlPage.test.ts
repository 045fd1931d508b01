import { request as httpRequest } from 'node:http';
import axios from 'axios';
import { callPage } from './callPage';
import { startControlPage, type ControlPage } from './controlPage';
import { modes } from './misbehaviour';
import { callOmnize } from './omnize/callOmnize';
import { until } from './until';
import { startWebhookReceiver, type WebhookReceiver } from './webhookReceiver';

let page: ControlPage;
let receiver: WebhookReceiver;

const ask = async (method: string, path: string, data?: unknown) =>
	await callPage(method, page.url + path, data);
const control = async (method: string, path: string, data?: unknown) =>
	await ask(method, `/control/omnize${path}`, data);
const callApi = async (body: Record<string, unknown>) => await callOmnize(page.omnize, body);
const start = async () => await callApi({ type: 'info', content: 'init', customerName: 'João' });
const bodies = () => receiver.received.map(({ text }) => JSON.parse(text) as unknown);
const delivered = async (count: number) =>
	await until(
		page.omnize,
		() => page.omnize.deliveries.filter(({ outcome }) => outcome === 'delivered').length >= count,
	);

beforeAll(async () => {
	page = await startControlPage({ port: 0 });
	receiver = await startWebhookReceiver();
});
beforeEach(() => {
	page.omnize.reset();
	page.siteChat.reset();
	page.omnize.setWebhookUrl(receiver.url);
	page.siteChat.setCustomerChannelUrl(`${receiver.url}/chat`);
	receiver.received.length = 0;
	receiver.answer = { status: 200, body: '' };
});
afterAll(async () => {
	await page.close();
	await receiver.close();
});

describe('the page', () => {
	it.each([
		['/', 'text/html'],
		['/page.css', 'text/css'],
		['/page.js', 'text/javascript'],
		['/dom.js', 'text/javascript'],
		['/omnize.js', 'text/javascript'],
		['/panel.js', 'text/javascript'],
		['/lit-html/lit-html.js', 'text/javascript'],
		['/gitple.js', 'text/javascript'],
		['/lifty.js', 'text/javascript'],
		['/simplesdesk.js', 'text/javascript'],
		['/voxfree.js', 'text/javascript'],
		['/icon.svg', 'image/svg+xml'],
	])('serves %s as it lies on the disk', async (path, type) => {
		const { status, headers } = await ask('GET', path);
		expect(status).toBe(200);
		expect(headers['content-type']).toContain(type);
		expect(headers['content-security-policy']).toContain("default-src 'self'");
		expect(headers['x-content-type-options']).toBe('nosniff');
	});

	it('lists its panels', async () => {
		const { data } = await ask('GET', '/panels');
		// A new provider comes last.
		expect(Object.values(data).slice(0, 5)).toEqual([
			{ id: 'omnize', title: 'Omnize', module: 'omnize.js' },
			{ id: 'gitple', title: 'Gitple', module: 'gitple.js' },
			{ id: 'lifty', title: 'Lifty', module: 'lifty.js' },
			{ id: 'simplesdesk', title: 'SimplesDesk', module: 'simplesdesk.js' },
			{ id: 'voxfree', title: 'Voxfree', module: 'voxfree.js' },
		]);
	});

	it('answers 404 for everything else', async () => {
		expect((await ask('GET', '/nothing')).status).toBe(404);
		expect((await ask('GET', '/../package.json')).status).toBe(404);
		expect((await control('POST', '/nothing')).status).toBe(404);
		expect((await ask('POST', '/omnize/nothing')).status).toBe(404);
	});

	it('takes the next free ports when its own are taken', async () => {
		const port = Number(new URL(page.url).port);
		const second = await startControlPage({ port });
		expect(Number(new URL(second.url).port)).toBeGreaterThan(port);
		expect(second.omnize.apiUrl).not.toBe(page.omnize.apiUrl);
		await second.close();
	});

	it('cannot be driven by another website', async () => {
		const plain = await axios.post(`${page.url}/control/omnize/reset`, 'x=1', {
			validateStatus: () => true,
			proxy: false,
		});
		expect(plain.status).toBe(415);
		const status = await new Promise((resolve, reject) => {
			httpRequest(page.url, { headers: { Host: 'rebound.example.test' } }, (response) => {
				response.resume();
				resolve(response.statusCode);
			})
				.on('error', reject)
				.end();
		});
		expect(status).toBe(403);
	});
});

describe('the agent’s routes', () => {
	it('carry an interaction from acceptance to its end', async () => {
		await start();
		for (const [step, body] of [
			['accept', { agentId: 'a1' }],
			['typing', {}],
			['cleared', {}],
			['message', { text: 'Olá, João' }],
			['finish', {}],
		] as const) {
			const { status, data } = await control('POST', `/interactions/12/${step}`, body);
			expect([step, status, data]).toEqual([step, 200, { ok: true }]);
		}
		await delivered(5);
		expect(bodies()).toEqual([
			{ status: 'accepted', clientId: '12' },
			{ status: 'typing', clientId: '12' },
			{ status: 'cleared', clientId: '12' },
			{ message: 'Olá, João', clientId: '12' },
			{ status: 'finish', clientId: '12' },
		]);
	});

	it('say that nobody is available', async () => {
		await start();
		expect((await control('POST', '/interactions/12/unavailable')).status).toBe(200);
		await delivered(1);
		expect(bodies()).toEqual([{ status: 'unavailable', clientId: '12' }]);
	});

	it('answer at once, however long n8n takes', async () => {
		receiver.answer = 'hold';
		await start();
		expect((await control('POST', '/interactions/12/accept')).status).toBe(200);
		expect(page.omnize.deliveries[0]?.outcome).toBe('under way');
	});

	it('reach client IDs with every character', async () => {
		const clientId = 'a/b c?ç#%';
		await callApi({ type: 'info', content: 'init', clientId });
		const path = `/interactions/${encodeURIComponent(clientId)}/accept`;
		expect((await control('POST', path)).status).toBe(200);
		await delivered(1);
		expect(bodies()).toEqual([{ status: 'accepted', clientId }]);
	});

	it('turn refusals into a sentence', async () => {
		expect(await control('POST', '/interactions/12/message', { text: 'Oi' })).toMatchObject({
			status: 404,
			data: { error: 'Client 12 has no open interaction' },
		});
		await start();
		expect((await control('POST', '/interactions/12/finish')).status).toBe(409);
		expect((await control('POST', '/interactions/12/message', { text: 5 })).status).toBe(400);
		expect((await control('POST', '/interactions/12/accept', [])).status).toBe(400);
		expect((await control('POST', '/agents/a1', { online: 'yes' })).status).toBe(400);
		expect((await control('POST', '/agents/a9', { online: true })).status).toBe(404);
	});

	it('let agents come and go', async () => {
		await control('POST', '/agents/a3', { online: true });
		expect(page.omnize.state.agents.find(({ id }) => id === 'a3')?.online).toBe(true);
	});
});

describe('the website chat', () => {
	const answers = async (body: unknown) =>
		await ask('POST', '/omnize/customer-channel/messages', body);
	const messagesOf = (clientId: string) =>
		page.siteChat.customers
			.find((customer) => customer.clientId === clientId)
			?.messages.map(({ from, text }) => [from, text]);

	it('posts what a customer writes to the customer channel', async () => {
		const { status } = await control('POST', '/customers/12/messages', { text: 'Bom dia' });
		expect(status).toBe(200);
		await until(page.siteChat, () => page.siteChat.deliveries[0]?.outcome === 'delivered');
		expect(receiver.received[0]?.path).toBe('/webhook/chat');
		expect(bodies()).toEqual([
			{
				clientId: '12',
				name: 'João Batista',
				email: 'joao@example.com',
				phone: '11988776655',
				text: 'Bom dia',
			},
		]);
	});

	it('shows what n8n posts back, from the bot unless from an agent', async () => {
		expect(page.customerChannelReplyUrl).toBe(`${page.url}/omnize/customer-channel/messages`);
		const first = await answers({ clientId: '12', text: 'Olá' });
		expect([first.status, first.data]).toEqual([200, { ok: true }]);
		await answers({ clientId: '12', text: 'Sou a Ana', from: 'agent' });
		expect(messagesOf('12')).toEqual([
			['bot', 'Olá'],
			['agent', 'Sou a Ana'],
		]);
	});

	it('shows that somebody is writing until a message comes', async () => {
		const answering = () => page.siteChat.customers[0]?.answering;
		await answers({ clientId: '12', typing: true });
		expect(answering()).toBe(true);
		await answers({ clientId: '12', typing: false });
		expect(answering()).toBe(false);
		await answers({ clientId: '12', typing: true });
		await answers({ clientId: '12', text: 'Pronto' });
		expect(answering()).toBe(false);
	});

	it('makes room for a customer it does not know', async () => {
		await answers({ clientId: '777', text: 'Olá' });
		expect(messagesOf('777')).toEqual([['bot', 'Olá']]);
		const { data } = await control('POST', '/customers', { name: 'Zé' });
		expect(data).toMatchObject({ name: 'Zé', clientId: expect.any(String) as string });
		expect(page.siteChat.customers).toHaveLength(5);
		expect((await control('POST', '/customers')).data.clientId).not.toBe(data.clientId);
	});

	it.each([
		[[], '"clientId" must be a string'],
		['text', 'The body must be a JSON object'],
		[{ text: 'Olá' }, '"clientId" must be a string'],
		[{ clientId: 12, text: 'Olá' }, '"clientId" must be a string'],
		[{ clientId: '12' }, '"text" must be a string'],
		[{ clientId: '12', text: '' }, '"text" must be a string'],
		[{ clientId: '12', text: {} }, '"text" must be a string'],
		[{ clientId: '12', text: 'Olá', from: 'robot' }, '"from" must be'],
	])('refuses %j with a sentence, and logs it', async (body, words) => {
		const { status, data } = await answers(JSON.stringify(body));
		expect(status).toBe(400);
		expect(data.error).toContain(words);
		expect(page.siteChat.replies.entries.at(-1)?.answer.status).toBe(400);
	});

	it('refuses a message of nobody, and an empty one', async () => {
		expect((await control('POST', '/customers/99/messages', { text: 'Oi' })).status).toBe(404);
		expect((await control('POST', '/customers/12/messages', { text: '' })).status).toBe(400);
	});

	it('says at the message when n8n did not take it', async () => {
		const last = () => page.siteChat.customers[0]?.messages.at(-1);
		page.siteChat.setCustomerChannelUrl(undefined);
		await page.siteChat.customerSays('12', 'um');
		expect(last()).toMatchObject({ outcome: 'not sent' });
		page.siteChat.setCustomerChannelUrl(receiver.url);
		receiver.answer = { status: 404, body: '' };
		await page.siteChat.customerSays('12', 'dois');
		expect(last()).toMatchObject({ outcome: 'refused' });
		receiver.answer = 'reset';
		await page.siteChat.customerSays('12', 'três');
		expect(last()).toMatchObject({ outcome: 'failed', error: expect.any(String) as string });
	});

	it('sends the messages of one customer in order', async () => {
		const texts = Array.from({ length: 20 }, (_, index) => `${index}`);
		await Promise.all(texts.map(async (text) => await page.siteChat.customerSays('12', text)));
		expect(bodies().map((body) => (body as { text: string }).text)).toEqual(texts);
	});
});

describe('the simulator’s routes', () => {
	it('offer every mode of misbehaviour, and play what is chosen', async () => {
		const { data } = await control('GET', '/modes');
		const names = (data as unknown as Array<{ name: string }>).map(({ name }) => name);
		expect(names).toEqual(expect.arrayContaining([...Object.keys(modes), 'status-429']));

		await control('POST', '/misbehave', { mode: 'status-503', count: 2, retryAfter: '7' });
		const failing = await control('POST', '/misbehave', { mode: 'html' });
		expect(failing.data).toMatchObject({
			failing: [
				{ name: 'status-503', left: 2 },
				{ name: 'html', left: 1 },
			],
		});
		const answer = await start();
		expect([answer.status, answer.headers['retry-after']]).toEqual([503, '7']);
		expect((await control('DELETE', '/misbehave')).data).toEqual({ failing: [] });
		expect((await start()).status).toBe(200);
	});

	it('refuse a mode or a count that does not exist', async () => {
		expect((await control('POST', '/misbehave', { mode: 'dance' })).status).toBe(400);
		expect((await control('POST', '/misbehave', {})).status).toBe(400);
		expect((await control('POST', '/misbehave', { mode: 'html', count: 'x' })).status).toBe(400);
	});

	it('take settings, keep the others, and can unset addresses', async () => {
		const changed = await control('POST', '/settings', {
			webhookHeaders: { 'x-secret': 'demo-shared-secret' },
			autoAgent: { acceptAfterMs: 0, reply: 'Recebido: {text}' },
			departmentsShape: 'object',
			answerAfter: 1,
			customerChannelUrl: '',
		});
		expect(changed.data).toMatchObject({
			webhookUrl: receiver.url,
			webhookHeaders: { 'x-secret': 'demo-shared-secret' },
			autoAgent: { acceptAfterMs: 0, reply: 'Recebido: {text}' },
			departmentsShape: 'object',
			answerAfter: 1,
			customerChannelUrl: null,
		});
		await start();
		await delivered(1);
		await callApi({ type: 'message', content: '$& oi' });
		await delivered(2);
		expect(bodies()[1]).toEqual({ message: 'Recebido: $& oi', clientId: '12' });
		expect(receiver.received[0]?.headers['x-secret']).toBe('demo-shared-secret');

		const off = await control('POST', '/settings', { autoAgent: null, webhookUrl: '' });
		expect(off.data).toMatchObject({ autoAgent: null, webhookUrl: null, answerAfter: 1 });
	});

	it.each([
		{ webhookUrl: 'n8n' },
		{ webhookUrl: 5 },
		{ webhookHeaders: [] },
		{ webhookHeaders: { a: 1 } },
		{ webhookHeaders: { 'a b': 'c' } },
		{ customerChannelUrl: 'javascript:alert(1)' },
		{ autoAgent: { acceptAfterMs: -1 } },
		{ departmentsShape: 'tree' },
		{ answerAfter: 'soon' },
	])('refuse the setting %j', async (body) => {
		const { status, data } = await control('POST', '/settings', body);
		expect(status).toBe(400);
		expect(typeof data.error).toBe('string');
	});

	it('send a trigger that is not in the document, and any trigger again', async () => {
		const { data } = await control('POST', '/trigger', { status: 'transferred', clientId: '12' });
		expect(data).toMatchObject({ outcome: 'delivered' });
		await control('POST', `/deliveries/${String(data.id)}/again`);
		expect(bodies()).toEqual([
			{ status: 'transferred', clientId: '12' },
			{ status: 'transferred', clientId: '12' },
		]);
		expect((await control('POST', '/deliveries/0/again')).status).toBe(404);
	});

	it('reset conversations, logs and misbehaviour, and keep the addresses', async () => {
		await start();
		await control('POST', '/customers/12/messages', { text: 'Oi' });
		await control('POST', '/misbehave', { mode: 'html' });
		expect((await control('POST', '/reset')).data).toEqual({ ok: true });

		expect((await control('GET', '/log')).data).toEqual([]);
		expect((await control('GET', '/state')).data).toMatchObject({
			interactions: [],
			failing: [],
			webhookUrl: receiver.url,
			customerChannelUrl: `${receiver.url}/chat`,
		});
		expect(page.siteChat.customers.flatMap(({ messages }) => messages)).toEqual([]);
	});

	it('show the last hundred interactions only: a load test may make thousands', async () => {
		page.omnize.setWebhookUrl(undefined);
		for (let i = 0; i < 120; i += 1) {
			await callApi({ type: 'info', content: 'init', clientId: `c${i}` });
		}
		const { data } = await control('GET', '/state');
		expect((data.interactions as unknown[]).length).toBe(100);
		expect((data.interactions as unknown[]).at(-1)).toMatchObject({ clientId: 'c119' });
	});
});

describe('the live stream', () => {
	interface LogEvent {
		from: number;
		entries: Array<{ id: number; kind: string; outcome?: string }>;
	}

	/** Reads server-sent events until `enough` says so. */
	async function listenUntil(
		enough: (events: Array<{ event: string; data: unknown }>) => boolean,
		act: () => Promise<unknown>,
	) {
		const stop = new AbortController();
		const response = await fetch(`${page.url}/control/omnize/events`, { signal: stop.signal });
		const events: Array<{ event: string; data: unknown }> = [];
		let acted = false;
		let text = '';
		const decoder = new TextDecoder();
		for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
			text += decoder.decode(chunk, { stream: true });
			const parts = text.split('\n\n');
			text = parts.pop() ?? '';
			for (const part of parts) {
				const [, event = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? [];
				events.push({ event, data: JSON.parse(data) as unknown });
			}
			if (!acted && events.length >= 2) {
				acted = true;
				await act();
			}
			if (acted && enough(events)) break;
		}
		stop.abort();
		return events;
	}
	const logs = (events: Array<{ event: string; data: unknown }>) =>
		events.filter(({ event }) => event === 'log').map(({ data }) => data as LogEvent);

	it('begins with everything, then tells what is new', async () => {
		await start();
		const events = await listenUntil(
			(all) => logs(all).some(({ entries }) => entries.some(({ kind }) => kind === 'chat out')),
			async () => await page.siteChat.customerSays('12', 'Oi'),
		);
		expect(events[0]).toMatchObject({
			event: 'state',
			data: { interactions: [{ clientId: '12', state: 'queued' }] },
		});
		const [first, ...later] = logs(events);
		expect(first?.entries).toMatchObject([{ kind: 'request', outcome: 'answered' }]);
		expect(later.flatMap(({ entries }) => entries).map(({ kind }) => kind)).not.toContain(
			'request',
		);
	});

	it('tells after a reset that all earlier entries are gone', async () => {
		await start();
		const lastId = page.omnize.requests[0]?.id ?? 0;
		const events = await listenUntil(
			(all) => logs(all).length >= 2,
			async () => await control('POST', '/reset'),
		);
		expect(logs(events)[1]?.entries).toEqual([]);
		expect(logs(events)[1]?.from).toBeGreaterThan(lastId);
	});

	it('leaves no listener behind when the page goes', async () => {
		const gone = async () => {
			while (page.omnize.listenerCount('change') > 0) {
				await new Promise((resolve) => setImmediate(resolve));
			}
		};
		await gone();
		await listenUntil(
			() => true,
			async () => {
				expect(page.omnize.listenerCount('change')).toBe(1);
				await start();
			},
		);
		await gone();
		expect(page.siteChat.listenerCount('change')).toBe(0);
	});
});
