import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { ManualClock } from '../clock';
import { until } from '../until';
import { startWebhookReceiver, type WebhookReceiver } from '../webhookReceiver';
import { API_PATH, startOmnize, type OmnizeSimulator } from './OmnizeSimulator';

const folder = join(__dirname, '../../fixtures/omnize');
type Sample = Record<string, unknown>;

/** A sample of the document, by its name in the fixtures. */
const sample = (name: string) =>
	JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Sample;

const token = 'demo-omnize-token';
const clock = new ManualClock();
let omnize: OmnizeSimulator;
let receiver: WebhookReceiver;

const post = async (body: unknown, headers: Record<string, string> = {}) => {
	const { status, data } = await axios.post<unknown>(omnize.apiUrl, body, {
		headers: { 'Content-Type': 'application/json', ...headers },
		validateStatus: () => true,
		proxy: false,
	});
	return { status, data };
};
const received = () => receiver.received.map(({ text }) => JSON.parse(text) as unknown);
const interaction = (clientId = '12') =>
	omnize.state.interactions.findLast((one) => one.clientId === clientId);

/** Starts the interaction of the document's sample, with some fields changed. */
const start = async (changes: Sample = {}) => await post({ ...sample('request-init'), ...changes });

beforeAll(async () => {
	omnize = await startOmnize({ clock });
	receiver = await startWebhookReceiver();
});
beforeEach(() => {
	omnize.reset();
	omnize.setWebhookUrl(receiver.url);
	receiver.received.length = 0;
	receiver.answer = { status: 200, body: '' };
});
afterAll(async () => {
	await omnize.close();
	await receiver.close();
});

describe('the document’s samples', () => {
	const requests = ['departments', 'init', 'message', 'typing', 'cleared', 'finish'];
	const triggers = ['accepted', 'unavailable', 'finish', 'typing', 'cleared', 'message'];

	it('are all there: six requests and six triggers, one file each', () => {
		const expected = [
			...requests.map((name) => `request-${name}.json`),
			...triggers.map((name) => `trigger-${name}.json`),
		];
		expect(readdirSync(folder).sort()).toEqual(expected.sort());
	});

	it.each(requests)('request "%s" is accepted where it may follow', async (name) => {
		if (name !== 'departments' && name !== 'init') await start();
		const { status } = await post(sample(`request-${name}`));
		expect(status).toBe(200);
		expect(omnize.requests.at(-1)?.body).toEqual(sample(`request-${name}`));
	});

	it('triggers: what is delivered is exactly what the document shows', async () => {
		const say = String(sample('trigger-message').message);
		await start();
		await omnize.agentAccept('12');
		await omnize.agentType('12');
		await omnize.agentStopTyping('12');
		await omnize.agentSay('12', say);
		await omnize.agentFinish('12');
		await start();
		await omnize.unavailable('12');

		const order = ['accepted', 'typing', 'cleared', 'message', 'finish', 'unavailable'];
		expect(received()).toEqual(order.map((name) => sample(`trigger-${name}`)));
		expect(new Set(order)).toEqual(new Set(triggers));
	});
});

describe('the departments call', () => {
	it('lists departments, with client ID as number or as string', async () => {
		const { status, data } = await post(sample('request-departments'));
		expect(status).toBe(200);
		expect(data).toEqual(omnize.state.departments);
		expect(data).toContainEqual({ id: '3', name: 'Cobrança' });
		expect((await post({ ...sample('request-departments'), clientId: '123' })).status).toBe(200);
	});

	it('can come as an object, because the document does not show it', async () => {
		omnize.setDepartmentsShape('object');
		const { data } = await post(sample('request-departments'));
		expect(data).toEqual({ departments: omnize.state.departments });
	});
});

describe('an interaction', () => {
	it('waits in its department with the customer as he came', async () => {
		expect((await start()).data).toEqual({ status: 200, message: 'Interaction queued' });
		expect(interaction()).toEqual({
			number: 1,
			clientId: '12',
			departmentId: '1',
			customer: {
				customerName: 'Joao',
				customerEmail: 'joao@example.com',
				customerPhone: '11988776655',
				customerCpf: '123.456.789-00',
			},
			state: 'queued',
			customerTyping: false,
			agentTyping: false,
			messages: [],
			startedAt: '2024-03-01T12:00:00.000Z',
		});
		expect(received()).toEqual([]);
	});

	it('needs no customer field, and keeps an empty one', async () => {
		await post({ token, type: 'info', content: 'init', departmentId: '1', clientId: '7' });
		expect(interaction('7')?.customer).toEqual({});
		await start({ customerName: '' });
		expect(interaction()?.customer.customerName).toBe('');
	});

	it('goes from waiting to talking to finished, and may then start anew', async () => {
		await start();
		await omnize.agentAccept('12');
		expect(interaction()).toMatchObject({ state: 'accepted', agentId: 'a1' });
		await omnize.agentFinish('12');
		expect(interaction()).toMatchObject({ state: 'finished', finishedBy: 'agent' });
		expect((await start()).status).toBe(200);
		expect(omnize.state.interactions.map(({ number, state }) => [number, state])).toEqual([
			[1, 'finished'],
			[2, 'queued'],
		]);
	});

	it('keeps what both sides say and whether they type', async () => {
		await start();
		await post(sample('request-typing'));
		expect(interaction()?.customerTyping).toBe(true);
		await post(sample('request-cleared'));
		expect(interaction()?.customerTyping).toBe(false);
		await post(sample('request-typing'));
		await post(sample('request-message'));
		expect(interaction()?.customerTyping).toBe(false);
		await omnize.agentAccept('12');
		await omnize.agentType('12');
		expect(interaction()?.agentTyping).toBe(true);
		await omnize.agentStopTyping('12');
		expect(interaction()?.agentTyping).toBe(false);
		await omnize.agentSay('12', 'Olá, João');
		expect(interaction()?.messages.map(({ from, text }) => [from, text])).toEqual([
			['customer', 'Message'],
			['agent', 'Olá, João'],
		]);
	});

	it('that the client finishes ends without a trigger, for the document has none', async () => {
		await start();
		await post(sample('request-finish'));
		expect(interaction()).toMatchObject({ state: 'finished', finishedBy: 'customer' });
		expect((await post(sample('request-message'))).status).toBe(404);
		expect(omnize.deliveries).toEqual([]);
	});

	it('in a department with nobody online is answered, then told to be unavailable', async () => {
		expect((await start({ departmentId: '4' })).status).toBe(200);
		await until(omnize, () => omnize.deliveries[0]?.outcome === 'delivered');
		expect(received()).toEqual([sample('trigger-unavailable')]);
		expect(interaction()?.state).toBe('unavailable');
		expect((await post({ ...sample('request-message'), departmentId: '4' })).status).toBe(404);

		omnize.setAgentOnline('a3', true);
		await start({ departmentId: '4' });
		expect(interaction()?.state).toBe('queued');
	});

	it('hands its bot ID back in every trigger', async () => {
		await start({ botId: 'greeter' });
		await omnize.agentAccept('12');
		await omnize.agentSay('12', 'Oi');
		expect(received()).toEqual([
			{ status: 'accepted', clientId: '12', botId: 'greeter' },
			{ message: 'Oi', clientId: '12', botId: 'greeter' },
		]);
	});

	it('of a client may have a message text that is also a command', async () => {
		await start();
		expect((await post({ ...sample('request-message'), content: 'finish' })).status).toBe(200);
		expect(interaction()).toMatchObject({ state: 'queued', messages: [{ text: 'finish' }] });
	});

	it('remembers the last 200 messages', async () => {
		await start();
		await omnize.agentAccept('12');
		omnize.setWebhookUrl(undefined);
		for (let i = 0; i < 205; i += 1) await omnize.agentSay('12', `text ${i}`);
		const texts = interaction()?.messages.map(({ text }) => text);
		expect(texts).toHaveLength(200);
		expect(texts?.at(-1)).toBe('text 204');
	});

	it('is forgotten after 500 newer ones that are over; open ones never are', async () => {
		await start({ clientId: 'open' });
		for (let i = 0; i < 503; i += 1) {
			await start();
			await post(sample('request-finish'));
		}
		const { interactions } = omnize.state;
		expect(interactions.length).toBeLessThanOrEqual(502);
		expect(interactions[0]?.clientId).toBe('open');
		expect(interactions.at(-1)?.number).toBe(504);
	}, 30_000);
});

describe('agents', () => {
	it('accept only what waits, only when online, only in their department', async () => {
		await start();
		omnize.setAgentOnline('a1', false);
		await expect(omnize.agentAccept('12')).rejects.toThrow('is online');
		omnize.setAgentOnline('a1', true);
		await expect(omnize.agentAccept('12', 'a2')).rejects.toThrow('is online');
		await omnize.agentAccept('12', 'a1');
		await expect(omnize.agentAccept('12')).rejects.toThrow('was accepted already');
		await expect(omnize.unavailable('12')).rejects.toThrow('was accepted already');
	});

	it('speak, type and finish only after they have accepted', async () => {
		await expect(omnize.agentSay('12', 'Oi')).rejects.toThrow('no open interaction');
		await start();
		const early = 'has not been accepted yet';
		await expect(omnize.agentSay('12', 'Oi')).rejects.toThrow(early);
		await expect(omnize.agentType('12')).rejects.toThrow(early);
		await expect(omnize.agentStopTyping('12')).rejects.toThrow(early);
		await expect(omnize.agentFinish('12')).rejects.toThrow(early);
		await omnize.agentAccept('12');
		await expect(omnize.agentSay('12', '')).rejects.toThrow('empty');
		expect(omnize.deliveries).toHaveLength(1);
	});

	it('that do not exist cannot come online', () => {
		expect(() => omnize.setAgentOnline('a9', true)).toThrow('There is no agent "a9"');
	});

	it('can act by themselves: accept after a while, and answer what was said meanwhile', async () => {
		omnize.setAutoAgent({ acceptAfterMs: 2000, reply: (text) => `Recebido: ${text}` });
		await start();
		await post(sample('request-message'));
		await clock.untilWaiting();
		clock.advance(1999);
		expect(interaction()?.state).toBe('queued');
		clock.advance(1);
		await until(omnize, () => omnize.deliveries[1]?.outcome === 'delivered');
		await post({ ...sample('request-message'), content: 'Obrigado' });
		await until(omnize, () => omnize.deliveries[2]?.outcome === 'delivered');
		expect(received()).toEqual([
			sample('trigger-accepted'),
			{ message: 'Recebido: Message', clientId: '12' },
			{ message: 'Recebido: Obrigado', clientId: '12' },
		]);
	});

	it('that act by themselves leave alone what a person was quicker with', async () => {
		omnize.setAutoAgent({ acceptAfterMs: 2000 });
		await start();
		await clock.untilWaiting();
		await omnize.unavailable('12');
		clock.advance(2000);
		await post(sample('request-departments'));
		expect(received()).toEqual([sample('trigger-unavailable')]);
	});
});

describe('what the document does not allow is refused', () => {
	const init = sample('request-init');
	const message = sample('request-message');
	const without = (body: Sample, field: string) =>
		Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));

	it.each<[string, unknown, number, string]>([
		['a body that is a list', [], 400, 'JSON object'],
		['a body that is null', 'null', 400, 'JSON object'],
		['a body that is no JSON', '{"token":', 400, 'JSON object'],
		['an empty body', '', 400, 'JSON object'],
		['no token', without(init, 'token'), 401, '"token" is missing'],
		['a wrong token', { ...init, token: 'demo-other' }, 401, 'not valid'],
		['a token of another type', { ...init, token: 1 }, 401, 'not valid'],
		['no type', without(init, 'type'), 400, '"type" is missing'],
		['an unknown type', { ...init, type: 'order' }, 400, '"type" cannot be "order"'],
		['no content', without(init, 'content'), 400, '"content" is missing'],
		['an unknown content', { ...init, content: 'close' }, 400, '"content" cannot be "close"'],
		['the content "message"', { ...init, content: 'message' }, 400, 'cannot be "message"'],
		['a prototype word', { ...init, content: 'toString' }, 400, 'cannot be "toString"'],
		['no client ID', without(init, 'clientId'), 400, '"clientId" is missing'],
		['an empty client ID', { ...init, clientId: '' }, 400, '"clientId" is empty'],
		['a client ID as number', { ...init, clientId: 12 }, 400, '"clientId" must be a string'],
		['a client ID as null', { ...init, clientId: null }, 400, 'must be a string, not null'],
		['no department', without(init, 'departmentId'), 400, '"departmentId" is missing'],
		['a department as number', { ...message, departmentId: 1 }, 400, '"departmentId" must be'],
		['an unknown department', { ...init, departmentId: '9' }, 404, 'no department 9'],
		['a name that is a list', { ...init, customerName: [] }, 400, 'a string, not array'],
		['a phone as number', { ...init, customerPhone: 1198 }, 400, '"customerPhone" must be'],
		['an empty bot ID', { ...init, botId: '' }, 400, '"botId" is empty'],
		['an unknown field', { ...init, customerAge: '33' }, 400, '"customerAge" does not belong'],
		['a customer in a message', { ...message, customerName: 'J' }, 400, '"customerName" does not'],
		['a bot in a message', { ...message, botId: 'b' }, 400, '"botId" does not belong'],
		['an empty message', { ...message, content: '' }, 400, '"content" is empty'],
		['a message that is a number', { ...message, content: 1 }, 400, '"content" must be a string'],
		[
			'a department in the departments call',
			{ ...sample('request-departments'), departmentId: '1' },
			400,
			'"departmentId" does not belong to "departments"',
		],
		[
			'the departments call without client',
			without(sample('request-departments'), 'clientId'),
			400,
			'"clientId" is missing',
		],
		['a message without interaction', message, 404, 'no open interaction'],
		['typing without interaction', sample('request-typing'), 404, 'no open interaction'],
		['cleared without interaction', sample('request-cleared'), 404, 'no open interaction'],
		['finish without interaction', sample('request-finish'), 404, 'no open interaction'],
	])('%s', async (_, body, status, words) => {
		const answer = await post(body);
		expect(answer).toEqual({
			status,
			data: { status, message: expect.stringContaining(words) as string },
		});
		expect(omnize.state.interactions).toEqual([]);
	});

	it('a second start while one is open', async () => {
		await start();
		const { status, data } = await start({ departmentId: '2' });
		expect(status).toBe(409);
		expect(data).toMatchObject({ message: 'Client 12 already has an open interaction' });
	});

	it.each(['message', 'typing', 'cleared', 'finish'])(
		'"%s" for another department than the interaction’s',
		async (name) => {
			await start();
			const { status, data } = await post({ ...sample(`request-${name}`), departmentId: '2' });
			expect(status).toBe(404);
			expect(data).toMatchObject({
				message: 'Client 12 has no open interaction in department 2',
			});
			expect(interaction()).toMatchObject({ state: 'queued', messages: [] });
		},
	);

	it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])(
		'a body announced as %s',
		async (type) => {
			const { status } = await post(JSON.stringify(init), { 'Content-Type': type });
			expect(status).toBe(415);
		},
	);

	it('but a charset beside the content type is fine', async () => {
		const { status } = await post(init, { 'Content-Type': 'application/json; charset=utf-8' });
		expect(status).toBe(200);
	});

	it('other methods and addresses', async () => {
		const options = { validateStatus: () => true, proxy: false } as const;
		expect((await axios.get(omnize.apiUrl, options)).status).toBe(404);
		expect((await axios.post(`${omnize.url}/`, {}, options)).status).toBe(404);
		expect((await axios.post(`${omnize.apiUrl}/departments`, {}, options)).status).toBe(404);
	});
});

describe('the simulator', () => {
	it('serves the document’s path', () => {
		expect(API_PATH).toBe('/client-gateway/api/rest/v1');
		expect(omnize.apiUrl).toBe(`${omnize.url}/client-gateway/api/rest/v1`);
	});

	it('sends the headers that were set, and refuses what cannot be one', async () => {
		omnize.setWebhookHeaders({ 'x-omnize-secret': 'demo-shared-secret' });
		await omnize.sendTrigger({ status: 'transferred', clientId: '12' });
		expect(receiver.received[0]?.headers['x-omnize-secret']).toBe('demo-shared-secret');
		expect(received()).toEqual([{ status: 'transferred', clientId: '12' }]);
		expect(() => omnize.setWebhookHeaders({ 'a b': 'c' })).toThrow('cannot be sent as a header');
		expect(() => omnize.setWebhookHeaders({ a: 'b\r\nc: d' })).toThrow('cannot be sent');
		expect(() => omnize.setWebhookUrl('ftp://127.0.0.1')).toThrow('not an http');
	});

	it('keeps going when its webhook is missing, refuses or fails', async () => {
		await start();
		omnize.setWebhookUrl(undefined);
		expect((await omnize.agentAccept('12')).outcome).toBe('not sent');
		omnize.setWebhookUrl(receiver.url);
		receiver.answer = { status: 404, body: 'workflow inactive' };
		expect((await omnize.agentType('12')).outcome).toBe('refused');
		receiver.answer = 'reset';
		expect((await omnize.agentStopTyping('12')).outcome).toBe('failed');
		expect(omnize.deliveries.map(({ outcome }) => outcome)).toEqual([
			'not sent',
			'refused',
			'failed',
		]);
		expect(interaction()?.state).toBe('accepted');
	});

	it('does what was asked even when the answer is lost, and not when it was turned away', async () => {
		omnize.failNext('reset-after-work');
		await expect(start()).rejects.toThrow();
		expect(interaction()?.state).toBe('queued');
		omnize.failNext('status-503');
		expect((await post(sample('request-message'))).status).toBe(503);
		expect(interaction()?.messages).toEqual([]);
	});

	it('takes the settings it was started with', async () => {
		const other = await startOmnize({ token: 'demo-other', webhookUrl: receiver.url });
		const options = { validateStatus: () => true, proxy: false } as const;
		const refused = await axios.post(other.apiUrl, sample('request-departments'), options);
		const accepted = await axios.post(
			other.apiUrl,
			{ ...sample('request-departments'), token: 'demo-other' },
			options,
		);
		expect([refused.status, accepted.status]).toEqual([401, 200]);
		expect(other.setup.webhookUrl).toBe(receiver.url);
		await other.close();
	});

	it('hands out copies of its state', async () => {
		await start();
		const { interactions, agents } = omnize.state;
		interactions.length = 0;
		agents[0]!.online = false;
		omnize.setup.webhookHeaders.x = 'y';
		expect(omnize.state.interactions).toHaveLength(1);
		expect(omnize.state.agents[0]?.online).toBe(true);
		expect(omnize.setup.webhookHeaders).toEqual({});
	});

	it('lets one of many equal starts at the same time succeed', async () => {
		const answers = await Promise.all(Array.from({ length: 30 }, async () => await start()));
		expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
		expect(answers.filter(({ status }) => status === 409)).toHaveLength(29);
	});

	it('keeps 50 conversations at once apart, and each one’s triggers in order', async () => {
		const clients = Array.from({ length: 50 }, (_, index) => `client ${index}`);
		await Promise.all(
			clients.map(async (clientId) => {
				await start({ clientId });
				const pending = [omnize.agentAccept(clientId)];
				for (let i = 0; i < 5; i += 1) {
					await post({ ...sample('request-message'), clientId, content: `${clientId} ${i}` });
					pending.push(omnize.agentSay(clientId, `answer ${i} to ${clientId}`));
				}
				pending.push(omnize.agentFinish(clientId));
				await Promise.all(pending);
			}),
		);
		for (const clientId of clients) {
			const said = interaction(clientId)?.messages.filter(({ from }) => from === 'customer');
			expect(said?.map(({ text }) => text)).toEqual([0, 1, 2, 3, 4].map((i) => `${clientId} ${i}`));
			const own = received().filter((body) => (body as Sample).clientId === clientId);
			expect(own).toEqual([
				{ status: 'accepted', clientId },
				...[0, 1, 2, 3, 4].map((i) => ({ message: `answer ${i} to ${clientId}`, clientId })),
				{ status: 'finish', clientId },
			]);
		}
	}, 30_000);
});

describe('reset', () => {
	it('leaves nothing: neither conversations nor settings nor anything that was to come', async () => {
		omnize.setAutoAgent({ acceptAfterMs: 1000, reply: () => 'Oi' });
		omnize.setWebhookHeaders({ a: 'b' });
		omnize.setDepartmentsShape('object');
		omnize.setAgentOnline('a2', false);
		omnize.setAgentOnline('a3', true);
		omnize.answerAfter = 5;
		const early = start();
		await clock.untilWaiting();
		clock.advance(5);
		await early;
		omnize.answerAfter = 0;
		await start({ clientId: '13', departmentId: '2' });
		await clock.untilWaiting(1);
		omnize.failNext('html', 3);

		omnize.reset();
		const fresh = await startOmnize();
		expect(omnize.state).toEqual(fresh.state);
		expect(omnize.setup).toEqual(fresh.setup);
		expect(omnize.requests).toEqual([]);
		expect(omnize.deliveries).toEqual([]);
		expect(omnize.failing).toEqual([]);
		expect(clock.waiting).toBe(0);
		await fresh.close();
		clock.advance(60_000);
		await start();
		expect(interaction()?.number).toBe(1);
		expect(received()).toEqual([]);
	});

	it('can keep the settings, as an account does', async () => {
		omnize.setWebhookHeaders({ a: 'b' });
		await start();
		omnize.reset({ keepSettings: true });
		expect(omnize.state.interactions).toEqual([]);
		expect(omnize.setup).toMatchObject({ webhookUrl: receiver.url, webhookHeaders: { a: 'b' } });
	});

	it('in the middle of an answer sends no trigger afterwards', async () => {
		omnize.answerAfter = 100;
		const lost = start({ departmentId: '4' });
		lost.catch(() => {});
		await clock.untilWaiting();
		omnize.reset();
		await expect(lost).rejects.toThrow();
		expect(omnize.deliveries).toEqual([]);
	});
});
