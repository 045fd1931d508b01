import axios from 'axios';
import { ManualClock } from '../clock';
import { startWebhookReceiver, type WebhookReceiver } from '../webhookReceiver';
import { callerModes, type CallerModeName } from './misbehaviour';
import { startSimplesDesk, type SimplesDeskSimulator } from './SimplesDeskSimulator';

let desk: SimplesDeskSimulator;
let receiver: WebhookReceiver;

const json = (value: unknown) => ({
	status: 200,
	body: JSON.stringify(value),
	headers: { 'Content-Type': 'application/json' },
});
const hello = [{ type: 'TEXT', value: 'Olá!' }];
const shown = { type: 'TEXT', text: 'Olá!' };
const bodies = () =>
	receiver.received.map(({ text }) => JSON.parse(text) as Record<string, unknown>);

beforeAll(async () => {
	desk = await startSimplesDesk();
	receiver = await startWebhookReceiver();
});
beforeEach(() => {
	desk.reset();
	desk.setWebhookUrl(receiver.url);
	receiver.received.length = 0;
	receiver.answer = json(hello);
});
afterAll(async () => {
	await desk.close();
	await receiver.close();
});

describe('a scheduled message', () => {
	it('calls the address as the document shows it, and delivers what comes back', async () => {
		const call = await desk.schedule({ payload: { exemplo: 'teste' } });
		expect(bodies()).toEqual([
			{
				id: 3589818,
				clientId: 72,
				origin: 'SCHEDULED_MESSAGE',
				contact: { uid: '15295', type: 'WHATSAPP', key: '5513999999999', name: 'João da Silva' },
				data: { exemplo: 'teste' },
			},
		]);
		expect(receiver.received[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
		expect(receiver.received[0]?.headers).not.toHaveProperty('mz-integration');
		expect(call).toMatchObject({
			outcome: 'sent',
			requestId: 3589818,
			account: 'qr',
			contact: { uid: '15295' },
			reasons: [],
			sent: ['TEXT'],
			answer: { status: 200, contentType: 'application/json', body: JSON.stringify(hello) },
		});
		expect(desk.delivered('15295')).toEqual([shown]);
		expect(desk.delivered('15296')).toEqual([]);
		expect(desk.report()).toEqual([call]);
	});

	it('without payload has no data', async () => {
		await desk.schedule();
		expect(bodies()[0]).not.toHaveProperty('data');
	});

	it('carries the secret in its header', async () => {
		desk.configure({ secret: 'demo-webhook-secret-1' });
		await desk.schedule();
		desk.configure({ secretHeader: 'x-secret' });
		await desk.schedule();
		desk.configure({ secretOn: 'bot-menu' });
		await desk.schedule();
		expect(receiver.received.map(({ headers }) => headers['mz-integration'])).toEqual([
			'demo-webhook-secret-1',
			undefined,
			undefined,
		]);
		expect(receiver.received.map(({ headers }) => headers['x-secret'])).toEqual([
			undefined,
			'demo-webhook-secret-1',
			undefined,
		]);
	});

	it('of the official account is a template', async () => {
		receiver.answer = json([
			{
				type: 'TEMPLATE',
				name: 'appointment_reminder',
				language: 'pt_BR',
				body: {
					parameters: [
						{ index: 1, value: 'Maria' },
						{ index: 2, value: '10/12' },
					],
				},
			},
		]);
		const call = await desk.schedule({ account: 'official', contact: '15296' });
		expect(call).toMatchObject({ outcome: 'sent', sent: ['TEMPLATE'] });
		expect(bodies()[0]).toMatchObject({ clientId: 73, contact: { uid: '15296' } });
		expect(desk.delivered('15296')).toMatchObject([
			{ type: 'TEMPLATE', body: 'Maria, lembramos da sua consulta em 10/12.' },
		]);
		expect(desk.delivered('15296', 'qr')).toEqual([]);
	});

	it('is not delivered, not even in part, when one message of it is wrong', async () => {
		receiver.answer = json([...hello, { type: 'TEXT' }]);
		const call = await desk.schedule();
		expect(call).toMatchObject({
			outcome: 'failed',
			reasons: ['Message 2: "value" is missing'],
			sent: [],
		});
		expect(desk.phone()).toEqual([]);
	});

	it('goes out when its time has come', async () => {
		const clock = new ManualClock('2026-11-20T12:00:00.000Z');
		const later = await startSimplesDesk({ clock, webhookUrl: receiver.url });
		const scheduled = later.schedule({ at: new Date('2026-11-20T12:05:00.000Z') });
		await clock.untilWaiting();
		expect(later.report()).toMatchObject([
			{ outcome: 'waiting', at: '2026-11-20T12:00:00.000Z', due: '2026-11-20T12:05:00.000Z' },
		]);
		clock.advance(5 * 60_000 - 1);
		expect(receiver.received).toEqual([]);
		clock.advance(1);
		expect(await scheduled).toMatchObject({ outcome: 'sent' });
		expect(later.phone()).toMatchObject([{ at: '2026-11-20T12:05:00.000Z' }]);
		// Longer than any timer can run.
		const far = later.schedule({ at: new Date('2027-02-01T00:00:00.000Z') });
		for (let day = 0; day < 73; day += 1) {
			await clock.untilWaiting();
			expect(receiver.received).toHaveLength(1);
			clock.advance(24 * 60 * 60_000);
		}
		expect(await far).toMatchObject({ outcome: 'sent' });
		// A time that has passed is now.
		expect(await later.schedule({ at: new Date(0) })).toMatchObject({ outcome: 'sent' });
		await later.close();
	});

	it('goes to a contact of one’s own', async () => {
		await desk.schedule({ contact: { uid: 'c-1', key: '5511900000009', name: 'Zé' } });
		await desk.schedule({ contact: 'c-1' });
		expect(bodies().map(({ contact }) => contact)).toEqual([
			{ uid: 'c-1', type: 'WHATSAPP', key: '5511900000009', name: 'Zé' },
			{ uid: 'c-1', type: 'WHATSAPP', key: '5511900000009', name: 'Zé' },
		]);
		expect(desk.delivered('c-1')).toEqual([shown, shown]);
	});

	it('50 at once each get their own answer', async () => {
		let under = 0;
		let most = 0;
		let release = () => {};
		const all = new Promise<void>((resolve) => (release = resolve));
		receiver.answer = async ({ text }) => {
			under += 1;
			most = Math.max(most, under);
			if (under === 50) release();
			await all;
			const { id, contact } = JSON.parse(text) as { id: number; contact: { uid: string } };
			return json([{ type: 'TEXT', value: `${contact.uid} ${id}` }]);
		};
		const calls = await Promise.all(
			Array.from({ length: 50 }, async (_, n) =>
				desk.schedule({ contact: { uid: `load-${n}`, key: `55119000${n}`, name: `Load ${n}` } }),
			),
		);
		expect(most).toBe(50);
		expect(new Set(calls.map(({ requestId }) => requestId)).size).toBe(50);
		for (const { outcome, contact, requestId } of calls) {
			expect(outcome).toBe('sent');
			expect(desk.delivered(contact.uid)).toEqual([
				{ type: 'TEXT', text: `${contact.uid} ${requestId}` },
			]);
		}
		expect(await desk.until(() => desk.report().length)).toBe(50);
	});

	it('refuses accounts and contacts that do not exist', async () => {
		await expect(desk.schedule({ account: 'sms' as 'qr' })).rejects.toThrow('the kind "sms"');
		await expect(desk.schedule({ contact: 'nobody' })).rejects.toThrow('no contact "nobody"');
		expect(() => desk.delivered('nobody')).toThrow('no contact "nobody"');
		expect(desk.report()).toEqual([]);
	});
});

describe('a call that gets no answer', () => {
	it('without an address has failed', async () => {
		desk.setWebhookUrl(undefined);
		expect(await desk.schedule()).toMatchObject({
			outcome: 'failed',
			reasons: ['No webhook URL is set'],
		});
	});

	it('to a port where nobody listens has failed', async () => {
		desk.setWebhookUrl('http://127.0.0.1:1/webhook');
		expect(await desk.schedule()).toMatchObject({
			outcome: 'failed',
			reasons: [expect.stringContaining('ECONNREFUSED')],
		});
	});

	it('whose connection breaks has failed', async () => {
		receiver.answer = 'reset';
		expect(await desk.schedule()).toMatchObject({
			outcome: 'failed',
			reasons: [expect.stringContaining('ECONNRESET')],
		});
	});

	it('within the time limit has failed', async () => {
		receiver.answer = 'hold';
		desk.configure({ timeLimit: 50 });
		expect(await desk.schedule()).toMatchObject({
			outcome: 'failed',
			reasons: ['There was no answer within 50 ms'],
		});
	});

	it('that is small enough has failed', async () => {
		receiver.answer = json([{ type: 'TEXT', value: 'a'.repeat(1024 * 1024) }]);
		expect(await desk.schedule()).toMatchObject({
			outcome: 'failed',
			reasons: ['The answer is larger than 1 MiB'],
		});
	});

	it('but a redirect has failed, and follows it nowhere', async () => {
		receiver.answer = { status: 302, body: '', headers: { Location: receiver.url } };
		expect(await desk.schedule()).toMatchObject({
			outcome: 'failed',
			reasons: ['The answer has the status 302'],
		});
		expect(receiver.received).toHaveLength(1);
	});
});

describe('misbehaving on purpose', () => {
	beforeEach(() => desk.configure({ secret: 'demo-webhook-secret-1' }));

	const sent = async (mode: CallerModeName) => {
		desk.misbehave(mode, 1, { delay: 20 });
		const call = await desk.schedule({ payload: { a: [1] } });
		expect(call.fault).toBe(mode);
		return { call, request: receiver.received[0]! };
	};
	const honest = JSON.stringify({
		id: 3589818,
		clientId: 72,
		origin: 'SCHEDULED_MESSAGE',
		contact: { uid: '15295', type: 'WHATSAPP', key: '5513999999999', name: 'João da Silva' },
		data: { a: [1] },
	});

	it('a request that trickles in is whole, and its answer counts', async () => {
		const { call, request } = await sent('slow-request');
		expect(request.text).toBe(honest);
		expect(call.outcome).toBe('sent');
	});

	it('who hangs up sends nothing, however quick the answer was', async () => {
		const { call, request } = await sent('hang-up');
		expect(request.text).toBe(honest);
		expect(call).toMatchObject({
			outcome: 'failed',
			reasons: ['The caller hung up before the answer came'],
		});
		expect(desk.phone()).toEqual([]);
	});

	it('who hangs up in the middle has asked nothing', async () => {
		const { call } = await sent('half-request');
		expect(call).toMatchObject({
			outcome: 'failed',
			reasons: ['The caller hung up in the middle of its request'],
		});
		expect(receiver.received).toEqual([]);
	});

	it('asking twice has the same ID, two lines in the report, and two answers', async () => {
		await sent('twice');
		expect(receiver.received.map(({ text }) => text)).toEqual([honest, honest]);
		expect(desk.report()).toMatchObject([
			{ requestId: 3589818, outcome: 'sent', fault: 'twice' },
			{ requestId: 3589818, outcome: 'sent', fault: 'twice' },
		]);
		expect(desk.delivered()).toEqual([shown, shown]);
	});

	it('the document’s trailing commas are no JSON, and would be without them', async () => {
		const { request } = await sent('trailing-commas');
		expect(() => JSON.parse(request.text) as unknown).toThrow(SyntaxError);
		expect(request.text.match(/,(?=\s*[}\]])/g)).toHaveLength(4);
		expect(JSON.parse(request.text.replace(/,(?=\s*[}\]])/g, ''))).toEqual(JSON.parse(honest));
	});

	it('bodies can be cut, empty, or of another type', async () => {
		expect((await sent('cut-json')).request.text).toBe(
			honest.slice(0, Math.ceil(honest.length / 2)),
		);
		receiver.received.length = 0;
		desk.reset();
		desk.setWebhookUrl(receiver.url);
		expect((await sent('empty-body')).request.text).toBe('');
		receiver.received.length = 0;
		expect((await sent('json-as-text')).request.headers['content-type']).toContain('text/plain');
		receiver.received.length = 0;
		expect((await sent('no-content-type')).request.headers).not.toHaveProperty('content-type');
	});

	it('fields can be missing or foreign', async () => {
		const { request } = await sent('no-contact');
		expect(JSON.parse(request.text)).not.toHaveProperty('contact');
		receiver.received.length = 0;
		const { request: foreign } = await sent('unknown-origin');
		expect(JSON.parse(foreign.text)).toMatchObject({ origin: 'CAMPAIGN' });
	});

	it('the secret can be missing or wrong', async () => {
		expect((await sent('no-secret')).request.headers).not.toHaveProperty('mz-integration');
		receiver.received.length = 0;
		expect((await sent('wrong-secret')).request.headers['mz-integration']).toBe(
			'demo-secret-of-somebody-else',
		);
	});

	it.each(Object.keys(callerModes) as CallerModeName[])(
		'%s also befalls a bot menu',
		async (mode) => {
			await desk.contactSays('oi');
			desk.misbehave(mode, 1, { delay: 0 });
			expect(await desk.contactSays('1')).toMatchObject({
				kind: 'bot menu',
				outcome: 'failed',
				fault: mode,
			});
		},
	);

	it('waits its turn, for as many calls as were wanted, and can be taken back', async () => {
		desk.misbehave('no-secret', 2);
		desk.misbehave('wrong-secret');
		expect(desk.misbehaving).toMatchObject([
			{ name: 'no-secret', left: 2 },
			{ name: 'wrong-secret', left: 1 },
		]);
		for (let n = 0; n < 2; n += 1) expect((await desk.schedule()).fault).toBe('no-secret');
		desk.behave();
		expect((await desk.schedule()).fault).toBeUndefined();
		expect(desk.misbehaving).toEqual([]);
	});

	it.each<[string, () => void]>([
		['Unknown misbehaviour "nope"', () => desk.misbehave('nope' as 'twice')],
		['The count must be', () => desk.misbehave('twice', 0)],
		['The delay must be', () => desk.misbehave('hang-up', 1, { delay: -1 })],
	])('refuses what it cannot do: %s', (sentence, act) => {
		expect(act).toThrow(sentence);
	});

	it('sends a request again as it was', async () => {
		const { call } = await sent('wrong-secret');
		const again = await desk.callAgain(call.id);
		expect(receiver.received[1]?.text).toBe(honest);
		expect(receiver.received[1]?.headers['mz-integration']).toBe('demo-secret-of-somebody-else');
		expect(again).toMatchObject({ requestId: call.requestId, outcome: 'sent' });
		expect(desk.delivered()).toEqual([shown, shown]);
		await expect(desk.callAgain(-1)).rejects.toThrow('no call -1');
	});
});

describe('a bot menu', () => {
	const callback = (data: unknown) => ({ endpoint: `${receiver.url}/next`, data });
	const menu = (data: unknown) => ({
		type: 'MENU',
		text: 'Qual fatura?',
		items: [
			{ number: 1, text: '1042', callback: callback(data) },
			{ number: 2, text: '1043', callback: callback('other') },
		],
	});
	const initial = { from: 'bot', text: 'Olá! Como podemos ajudar?' };

	/** Brings the contact to where the integration has been called. */
	async function choose(answer: unknown) {
		receiver.answer = json(answer);
		await desk.contactSays('oi');
		return (await desk.contactSays('1'))!;
	}

	it('greets with its menu, and calls when the integration is chosen', async () => {
		desk.configure({ secret: 'demo-webhook-secret-1', secretOn: 'bot-menu' });
		expect(await desk.contactSays('oi')).toBeUndefined();
		expect(desk.phone()).toMatchObject([
			{ from: 'contact', text: 'oi' },
			{ ...initial, items: [{ number: 1, text: 'Minhas faturas' }, {}, {}] },
		]);
		receiver.answer = json(menu({}));
		const call = await desk.contactSays(' 1 ');
		expect(call).toMatchObject({ kind: 'bot menu', outcome: 'sent', sent: ['MENU'] });
		expect(bodies()).toEqual([
			{
				id: 3589818,
				text: ' 1 ',
				contact: {
					uid: '15295',
					type: 'WHATSAPP',
					key: '5513999999999',
					name: 'João da Silva',
					fields: { plano: 'Básico', cidade: 'Santos' },
				},
				data: {},
			},
		]);
		expect(receiver.received[0]?.headers['mz-integration']).toBe('demo-webhook-secret-1');
		expect(desk.delivered()).toMatchObject([{ type: 'MENU', items: [{ number: 1 }, {}] }]);
	});

	it('may call an address of its own', async () => {
		desk.configure({ botMenuUrl: `${receiver.url}/menu` });
		await choose(menu({}));
		expect(receiver.received.map(({ path }) => path)).toEqual(['/webhook/menu']);
	});

	it('gives callback.data back with the next request, to callback.endpoint', async () => {
		const data = { step: 2, list: [1, null], texto: 'ção' };
		await choose(menu(data));
		receiver.answer = json({ type: 'QUESTION', text: 'Seu e-mail?', callback: callback(['q']) });
		await desk.contactSays('1');
		receiver.answer = json({ type: 'INFORMATION', text: 'Obrigado' });
		await desk.contactSays('joao@example.test');
		expect(bodies()).toMatchObject([
			{ text: '1', data: {} },
			{ text: '1', data },
			{ text: 'joao@example.test', data: ['q'] },
		]);
		expect(receiver.received.map(({ path }) => path)).toEqual([
			'/webhook',
			'/webhook/next',
			'/webhook/next',
		]);
		expect(desk.delivered().map(({ type }) => type)).toEqual(['MENU', 'QUESTION', 'INFORMATION']);
		// After an information the bot begins anew.
		expect(await desk.contactSays('oi')).toBeUndefined();
		expect(desk.phone().at(-1)).toMatchObject(initial);
	});

	it('does not call for a number that is not in the menu', async () => {
		await desk.contactSays('oi');
		expect(await desk.contactSays('9')).toBeUndefined();
		expect(desk.phone().at(-1)).toMatchObject({ from: 'bot', text: /inválida/ });
		await choose(menu({}));
		expect(await desk.contactSays('9')).toBeUndefined();
		expect(receiver.received).toHaveLength(1);
	});

	it('goes to another menu, and leaves the contact to an agent', async () => {
		const { menus, departments, users } = desk.state;
		await choose({ type: 'DIRECT_TO_MENU', menuUUID: menus[1]!.uuid });
		expect(desk.phone().at(-1)).toMatchObject({ from: 'bot', text: menus[1]!.text });
		await desk.contactSays('1');
		expect(desk.phone().at(-1)).toMatchObject(initial);
		receiver.answer = json({
			type: 'CREATE_CUSTOMER_SERVICE',
			departmentUUID: departments[0]!.uuid,
			text: 'Um momento',
		});
		await desk.contactSays('1');
		expect(desk.phone().slice(-2)).toMatchObject([
			{ from: 'integration', content: { text: 'Um momento' } },
			{ from: 'bot', text: 'Você está na fila de Financeiro.' },
		]);
		// The agent has the contact now: the bot is silent.
		const before = receiver.received.length;
		expect(await desk.contactSays('1')).toBeUndefined();
		expect(receiver.received).toHaveLength(before);

		desk.reset();
		desk.setWebhookUrl(receiver.url);
		await choose({
			type: 'INFORMATION',
			text: 'Pronto',
			newTicket: { departmentUUID: departments[1]!.uuid, userUUID: users[0]!.uuid },
		});
		expect(desk.phone().at(-1)).toMatchObject({ text: 'Você está na fila de Suporte (Ana).' });
	});

	it('shows the initial menu after an error, and nothing of the answer', async () => {
		const call = await choose({ ...menu({}), items: [] });
		expect(call).toMatchObject({ outcome: 'failed', reasons: ['items: must not be empty'] });
		expect(desk.delivered()).toEqual([]);
		expect(desk.phone().at(-1)).toMatchObject(initial);
		receiver.answer = { status: 500, body: 'no' };
		expect(await desk.contactSays('1')).toMatchObject({ outcome: 'failed' });
		expect(desk.phone().at(-1)).toMatchObject(initial);
	});

	it('understands a quick contact in the light of the answer that is still on its way', async () => {
		receiver.answer = json(menu({ step: 2 }));
		await desk.contactSays('oi');
		await Promise.all([desk.contactSays('1'), desk.contactSays('2')]);
		expect(bodies()).toMatchObject([
			{ text: '1', data: {} },
			{ text: '2', data: 'other' },
		]);
	});

	it('tells accounts and contacts apart, and takes one contact’s messages in order', async () => {
		await Promise.all([
			desk.contactSays('oi'),
			desk.contactSays('1'),
			desk.contactSays('oi', { account: 'official' }),
			desk.contactSays('oi', { contact: '15296' }),
		]);
		expect(bodies()).toMatchObject([{ text: '1', contact: { uid: '15295' } }]);
		expect(desk.phone('15295', 'official')).toMatchObject([{ from: 'contact' }, initial]);
		expect(desk.phone('15296')).toMatchObject([{ from: 'contact' }, initial]);
		await expect(desk.contactSays(' ')).rejects.toThrow('The message is empty');
	});
});

describe('the simulator', () => {
	it('serves files that answers can point to', async () => {
		const types = await Promise.all(
			Object.values(desk.assets).map(async (url) => {
				const { headers, data } = await axios.get<ArrayBuffer>(url, {
					responseType: 'arraybuffer',
					proxy: false,
				});
				return [headers['content-type'], Buffer.from(data).subarray(0, 4).toString('latin1')];
			}),
		);
		expect(types).toEqual([
			['application/pdf', '%PDF'],
			['image/png', '\x89PNG'],
			['audio/wav', 'RIFF'],
		]);
		receiver.answer = json(
			Object.values(desk.assets).map((value, n) => ({
				type: ['FILE', 'IMAGE', 'AUDIO'][n],
				value,
			})),
		);
		expect((await desk.schedule()).outcome).toBe('sent');
	});

	it('forgets everything on reset, and cuts what is under way', async () => {
		receiver.answer = 'hold';
		desk.configure({ secret: 'demo-webhook-secret-1' });
		const held = desk.schedule();
		const waiting = desk.schedule({ at: new Date(Date.now() + 3_600_000) });
		await desk.until(() => desk.report().some(({ outcome }) => outcome === 'waiting'));
		desk.misbehave('twice');
		desk.reset();
		for (const call of [await held, await waiting]) {
			expect(call).toMatchObject({ outcome: 'failed', reasons: ['The simulator was reset'] });
		}
		expect(desk.report()).toEqual([]);
		expect(desk.misbehaving).toEqual([]);
		expect(desk.phone()).toEqual([]);
		expect(desk.setup).toMatchObject({ webhookUrl: undefined, secret: '' });
		receiver.answer = json(hello);
		desk.setWebhookUrl(receiver.url);
		desk.reset({ keepSettings: true });
		expect(await desk.schedule()).toMatchObject({ requestId: 3589818, outcome: 'sent' });
	});

	it('an answer that comes after a reset is not delivered', async () => {
		let answer = () => {};
		const asked = new Promise<void>((resolve) => (answer = resolve));
		receiver.answer = async () => {
			await asked;
			return json(hello);
		};
		const call = desk.schedule();
		await desk.contactSays('oi');
		desk.reset();
		answer();
		expect(await call).toMatchObject({ outcome: 'failed' });
		expect(desk.phone()).toEqual([]);
	});

	it.each<[string, () => void]>([
		['is not an http or https address', () => desk.setWebhookUrl('n8n')],
		['is not an http or https address', () => desk.configure({ botMenuUrl: 'ftp://a.test' })],
		['is not the name of a header', () => desk.configure({ secretHeader: 'a b' })],
		['plain ASCII', () => desk.configure({ secret: 'ção' })],
		['above 0 ms', () => desk.configure({ timeLimit: 0 })],
	])('refuses settings that %s', (sentence, act) => {
		expect(act).toThrow(sentence);
	});

	it('remembers as many calls as it is told', async () => {
		const small = await startSimplesDesk({ logLimit: 2, webhookUrl: receiver.url });
		for (let n = 0; n < 3; n += 1) await small.schedule();
		expect(small.report().map(({ requestId }) => requestId)).toEqual([3589819, 3589820]);
		await small.close();
	});
});
