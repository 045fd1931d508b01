import { createHash } from 'node:crypto';
import { ServerResponse } from 'node:http';
import type { IDataObject } from 'n8n-workflow';
import { GitpleApi } from '../../../credentials/GitpleApi.credentials';
import { readEvent } from '../../../nodes/Gitple/trigger/events';
import { GitpleTrigger } from '../../../nodes/Gitple/GitpleTrigger.node';
import { ReplayStorage } from '../../../nodes/Gitple/trigger/ReplayStorage';
import { ReplayWindow, type StoredWindow } from '../../../nodes/Gitple/trigger/ReplayWindow';
import { randomFrom } from '../../bench/rounds';
import { callWebhook, CredentialStore, webhookMethods, type WebhookOptions } from '../../support';
import close from '../../fixtures/gitple/session_state_close.json';
import inprogress from '../../fixtures/gitple/session_state_inprogress.json';
import message from '../../fixtures/gitple/send_external_message.json';
import open from '../../fixtures/gitple/session_state_open.json';
import { signed } from './signing';

// Machines with much to do are slow; no test waits for this long otherwise.
jest.setTimeout(30_000);

const SECRET = 'demo-webhook-secret-of-gitple';
const OLD = 'demo-previous-secret-of-gitple';
const NEW = 'demo-next-secret-of-gitple-12';

let nodes = 0;
const fresh = () => `trigger-${nodes++}`;

afterEach(() => void jest.restoreAllMocks());

const stopClock = (start = Date.parse('2026-05-01T12:00:00Z')) => {
	let now = start;
	jest.spyOn(Date, 'now').mockImplementation(() => now);
	return { advance: (milliseconds: number) => (now += milliseconds) };
};

type Given = Partial<WebhookOptions> & { options?: object; events?: string[]; secret?: string };

async function call(event: unknown, given: Given = {}) {
	const { options = {}, events, secret = SECRET, ...rest } = given;
	const body = Buffer.from(JSON.stringify(event));
	return await callWebhook({
		node: GitpleTrigger,
		nodeId: fresh(),
		credentialTypes: [GitpleApi],
		credentials: { gitpleApi: { webhookSecret: SECRET } },
		parameters: {
			...(events === undefined ? {} : { events }),
			options,
		} as WebhookOptions['parameters'],
		request: {
			rawBody: body,
			headers: { 'content-type': 'application/json', 'x-hub-signature': signed(body, secret) },
		},
		...rest,
	});
}

const started = async (...args: Parameters<typeof call>) =>
	(await call(...args)).workflowData !== undefined;

describe('the events of the document', () => {
	const common = { triggerId: 'trigger_query_id', appCode: 'YOUR_OWN_APP_CODE' };

	it('external message', async () => {
		const user: Record<string, unknown> = { ...message.to };
		delete user.type;
		const { workflowData } = await call(message);
		expect(workflowData?.[0]?.map(({ json }) => json)).toEqual([
			{
				event: 'send_external_message',
				...common,
				time: message.ctime,
				user,
				agent: { type: 'agent', id: 'agent_query_id' },
				message: { type: 'text/plain', content: 'AGENT_TYPED_MESSAGE' },
				raw: message,
			},
		]);
	});

	it('session closed', async () => {
		const { userId, userGroups, assigneeType, assigneeId, ...session } = close.session;
		const { workflowData } = await call(close);
		expect(workflowData?.[0]?.[0]?.json).toEqual({
			event: 'session_state_close',
			...common,
			time: close.ctime,
			user: { id: userId, groups: userGroups },
			agent: { type: assigneeType, id: assigneeId },
			session,
			raw: close,
		});
	});

	it.each([
		['session_state_open', open, ['id', 'openTime', 'categories', 'tags']],
		[
			'session_state_inprogress',
			inprogress,
			['id', 'openTime', 'inprogressTime', 'categories', 'tags'],
		],
	])('%s, without the keys that it has not', async (event, sent, keys) => {
		const json = (await call(sent)).workflowData?.[0]?.[0]?.json;
		expect(json?.event).toBe(event);
		expect(Object.keys(json?.session as object)).toEqual(keys);
		expect('agent' in (json ?? {})).toBe('assigneeId' in sent.session);
	});

	it('keep null, and make ids text, also beyond 2^53', () => {
		const text =
			'{"type":"session_state_open","session":{"id":7,"userId":9007199254740993,"closeTime":null}}';
		expect(readEvent(Buffer.from(text))).toMatchObject({
			session: { id: '7', closeTime: null },
			user: { id: '9007199254740993' },
		});
	});

	it.each([
		'{}',
		'[]',
		'null',
		'"x"',
		'no JSON',
		'',
		'{"type":5}',
		'{"session":[]}',
		'{"type":"constructor","__proto__":{"session":{}}}',
	])('that are unknown are other: %s', (text) => {
		const event = readEvent(Buffer.from(text));
		expect(event.event).toBe('other');
		expect(Object.keys(event)).toEqual(['event', 'raw']);
	});

	it('that are not chosen get 200 and start nothing', async () => {
		const { response, workflowData } = await call(close, { events: ['session_state_open'] });
		expect(response.status).toBe(200);
		expect(workflowData).toBeUndefined();
		expect(await started({ type: 'new_event' })).toBe(false);
		expect(await started({ type: 'new_event' }, { events: ['other'] })).toBe(true);
	});
});

describe('filters', () => {
	it.each([
		[{ appCodes: 'x, YOUR_OWN_APP_CODE' }, close, true],
		[{ appCodes: 'x' }, close, false],
		[{ tags: 'tttt' }, close, true],
		[{ tags: 'xx' }, close, false],
		[{ tags: 'xx' }, message, true],
		[{ tags: 'sss' }, open, false],
		[{ groups: 'xxxx' }, close, true],
		[{ groups: 'aaa' }, close, false],
		[{ groups: 'aaa' }, message, true],
		[{ assigneeTypes: ['agent'] }, close, true],
		[{ assigneeTypes: ['bot'] }, close, false],
		[{ assigneeTypes: ['bot'] }, open, false],
		[{ assigneeTypes: ['bot'] }, message, true],
		[{ assigneeTypes: [], tags: ' , ', appCodes: '' }, close, true],
	])('%j', async (options, event, expected) => {
		expect(await started(event, { options })).toBe(expected);
	});
});

describe('a call that comes again', () => {
	it.each([
		['at once', 0, false],
		['a second later', 1_000, false],
		['an hour later', 3_600_000, false],
		['25 hours later', 25 * 3_600_000, true],
	])('%s', async (_name, later, again) => {
		const clock = stopClock();
		const nodeId = fresh();
		expect(await started(close, { nodeId })).toBe(true);
		clock.advance(later);
		const { response, workflowData } = await call(close, { nodeId });
		expect(response.status).toBe(200);
		expect(workflowData !== undefined).toBe(again);
	});

	it('100 times at once starts one execution', async () => {
		const nodeId = fresh();
		const all = await Promise.all(Array.from({ length: 100 }, () => call(close, { nodeId })));
		expect(all.filter(({ workflowData }) => workflowData !== undefined)).toHaveLength(1);
		expect(new Set(all.map(({ response }) => response.status))).toEqual(new Set([200]));
	});

	it('starts another node, another workflow, and the test in the editor', async () => {
		const nodeId = fresh();
		expect(await started(close, { nodeId })).toBe(true);
		expect(await started(close, { nodeId: fresh() })).toBe(true);
		expect(await started(close, { nodeId, workflowId: 'workflow-2' })).toBe(true);
		expect(await started(close, { nodeId, mode: 'manual' })).toBe(true);
		expect(await started(close, { nodeId, mode: 'manual' })).toBe(true);
		expect(await started(close, { nodeId })).toBe(false);
	});

	it('does not let a forged call take the place of a real one', async () => {
		const nodeId = fresh();
		expect((await call(close, { nodeId, secret: OLD })).response.status).toBe(401);
		expect(await started(close, { nodeId })).toBe(true);
	});

	it('is remembered within bounds, the oldest forgotten first', () => {
		const window = new ReplayWindow(1_000, 3);
		const bodies = ['a', 'b', 'c', 'd'].map((text) => Buffer.from(text));
		const [a, b, , d] = bodies as [Buffer, Buffer, Buffer, Buffer];
		const isNew = (body: Buffer, now: number) => window.addIfNew(body, undefined, now);
		expect(bodies.map(isNew)).toEqual([true, true, true, true]);
		expect(isNew(d, 4)).toBe(false);
		expect(isNew(b, 4)).toBe(false);
		expect(isNew(a, 5)).toBe(true);
		expect(isNew(b, 6)).toBe(true);
		expect(isNew(d, 1_003)).toBe(true);
	});
});

describe('what started the workflow is remembered in its static data', () => {
	/** A node that this process does not know yet finds what another one left, as after a restart. */
	const restarted = async (staticData: object, event: unknown = close) =>
		await started(event, {
			nodeId: fresh(),
			staticData: structuredClone(staticData) as IDataObject,
		});

	/** The response to a call that n8n is working on. */
	const underWay = () => ({ writableEnded: false, destroyed: false, statusCode: 200 });
	const storedBy = (storage: ReplayStorage) =>
		storage.snapshotFor(underWay(), Date.now()) as StoredWindow;

	it('so that a call that comes again after a restart starts nothing', async () => {
		const staticData = {};
		expect(await started(close, { staticData })).toBe(true);
		expect(await restarted(staticData)).toBe(false);
		expect(await restarted(staticData, open)).toBe(true);
	});

	it('and no longer than a day and an hour', async () => {
		const clock = stopClock();
		const staticData = {};
		expect(await started(close, { staticData })).toBe(true);
		clock.advance(24 * 3_600_000 - 1);
		expect(await restarted(staticData)).toBe(false);
		clock.advance(3_600_001);
		expect(await restarted(staticData)).toBe(true);
	});

	it.each([
		['event', { ...close, n: 'later' }, true],
		['repetition', { ...close, n: 7 }, false],
		['event that starts nothing', { type: 'new_event' }, false],
	])('for all events of a burst, with any %s a second later', async (_name, later, starts) => {
		const clock = stopClock();
		const staticData = {};
		const nodeId = fresh();
		const events = Array.from({ length: 50 }, (_, n) => ({ ...close, n }));
		const burst = await Promise.all(
			events.map(async (event) => await started(event, { nodeId, staticData })),
		);
		expect(burst).toEqual(events.map(() => true));
		clock.advance(1_000);
		expect(await started(later, { nodeId, staticData })).toBe(starts);
		const window = new ReplayWindow();
		const { seen } = staticData as IDataObject;
		const bodies = events.map((event) => Buffer.from(JSON.stringify(event)));
		expect(bodies.filter((body) => window.addIfNew(body, seen, Date.now()))).toEqual([]);
	});

	it('but nothing of calls that start nothing', async () => {
		const staticData = {};
		await call(close, { staticData, secret: OLD });
		await call(close, { staticData, events: ['other'] });
		await call(close, { staticData, mode: 'manual' });
		expect(staticData).toEqual({});
	});

	it('in 8 letters for each of the newest bodies', () => {
		const window = new ReplayWindow(3_600_000, 1_000, 100);
		for (let n = 0; n < 1_000; n++) window.addIfNew(Buffer.from(`${n}`), undefined, n);
		const stored = storedBy(new ReplayStorage(window, 100));
		expect(Object.values(stored.hours).join('')).toHaveLength(800);
		const afterRestart = new ReplayWindow(3_600_000, 1_000, 100);
		const admitted = Array.from({ length: 1_000 }, (_, n) =>
			afterRestart.addIfNew(Buffer.from(`${n}`), stored, 1_000),
		);
		expect(admitted.indexOf(false)).toBe(900);
		expect(admitted.slice(900)).not.toContain(true);
	});

	it('and what other processes of n8n saw counts as well', () => {
		const [here, there] = [new ReplayWindow(), new ReplayWindow()];
		const [a, b] = [Buffer.from('a'), Buffer.from('b')];
		const now = Date.now();
		expect(here.addIfNew(a, undefined, now)).toBe(true);
		const first = storedBy(new ReplayStorage(here));
		expect(there.addIfNew(b, first, now)).toBe(true);
		const second = storedBy(new ReplayStorage(there));
		expect([here.addIfNew(b, second, now), there.addIfNew(a, first, now)]).toEqual([false, false]);
		expect(here.newest.map(([digest]) => digest).sort()).toEqual(
			there.newest.map(([digest]) => digest).sort(),
		);
		expect(here.newest).toHaveLength(2);
	});

	it('as the same object until another body is added', () => {
		const window = new ReplayWindow();
		const storage = new ReplayStorage(window);
		const response = underWay();
		window.addIfNew(Buffer.from('a'), undefined, 1);
		const stored = storage.snapshotFor(response, 1);
		expect(storage.snapshotFor(response, 1)).toBe(stored);
		window.addIfNew(Buffer.from('a'), stored, 2);
		expect(storage.snapshotFor(response, 2)).toBe(stored);
		window.addIfNew(Buffer.from('b'), stored, 3);
		expect(storage.snapshotFor(response, 3)).not.toEqual(stored);
	});

	it.each([
		[null],
		['text'],
		[[]],
		[{}],
		[{ by: 1, hours: {} }],
		[{ by: 'x', hours: { 1: 2 } }],
		[{ by: 'x', hours: { never: 'abcdefghijkl' } }],
		[{ by: 'x', hours: { __proto__: null, 9e99: 'abcdefghijkl' } }],
	])('and static data that is something else harms nothing: %j', async (seen) => {
		const staticData = { seen } as unknown as IDataObject;
		expect(await started(close, { staticData })).toBe(true);
		expect(await restarted(staticData)).toBe(false);
	});

	/** A storage of a window in which something is new at each look. */
	const busy = () => {
		const window = new ReplayWindow();
		const storage = new ReplayStorage(window);
		const stores = (response: ReturnType<typeof underWay>, now: number) => {
			window.addIfNew(Buffer.from(`${now} ${Math.random()}`), undefined, now);
			return storage.snapshotFor(response, now) !== undefined;
		};
		return { storage, stores };
	};

	it('by one of the calls that are under way, and a second after its answer by another', () => {
		const { storage, stores } = busy();
		const [first, second, third, fourth] = [underWay(), underWay(), underWay(), underWay()];
		expect([first, second, first].map((one) => stores(one, 0))).toEqual([true, false, true]);
		expect(stores(second, 1_500)).toBe(false);
		first.writableEnded = true;
		storage.release(first, 1_500);
		expect(stores(second, 2_499)).toBe(false);
		expect(stores(second, 2_500)).toBe(true);
		expect(stores(third, 2_500)).toBe(false);
		second.destroyed = true;
		expect(stores(third, 3_499)).toBe(false);
		expect(stores(third, 3_500)).toBe(true);
		third.writableEnded = true;
		storage.release(third, 3_500);
		// The clock is set back.
		expect(stores(fourth, 100)).toBe(true);
	});

	it('at most once a second, however many calls come', () => {
		const { storage, stores } = busy();
		let writings = 0;
		for (let now = 0; now < 60_000; now += 3) {
			const response = underWay();
			if (!stores(response, now)) continue;
			writings++;
			response.writableEnded = true;
			storage.release(response, now + 2);
		}
		expect(writings).toBeGreaterThan(58);
		expect(writings).toBeLessThanOrEqual(60);
	});

	it('not again while nothing changes, but again if n8n could not start the execution', () => {
		const window = new ReplayWindow();
		const storage = new ReplayStorage(window);
		const isStored = (response: ReturnType<typeof underWay>, now: number) => {
			const snapshot = storage.snapshotFor(response, now);
			storage.release(response, now);
			return snapshot !== undefined;
		};
		expect(isStored(underWay(), 0)).toBe(false);
		window.addIfNew(Buffer.from('a'), undefined, 1_000);
		expect(isStored({ ...underWay(), statusCode: 500 }, 1_000)).toBe(true);
		expect(isStored(underWay(), 2_000)).toBe(true);
		expect(isStored(underWay(), 9_000)).toBe(false);
		window.forget(Buffer.from('unknown'));
		expect(isStored(underWay(), 19_000)).toBe(false);
		window.forget(Buffer.from('a'));
		expect(isStored(underWay(), 29_000)).toBe(true);
	});

	it('and what version 0.1 stored is read, with its longer digests', async () => {
		const body = Buffer.from(JSON.stringify(close));
		const digest = createHash('sha256').update(body).digest().subarray(0, 9).toString('base64');
		const hours = { [Math.floor(Date.now() / 3_600_000)]: `AAAAAAAAAAAA${digest}BBBBBBBBBBBB` };
		const staticData = { seen: { by: 'another/1', hours } };
		expect(await restarted(staticData)).toBe(false);
		expect(await restarted(staticData, open)).toBe(true);
	});

	describe('and after a kill', () => {
		const LONGEST_REQUEST = 50;
		const EVENTS = 300;

		/** Events come in bursts and with pauses, and n8n is killed after the last one. */
		function killedAfterwards(random: () => number) {
			const window = new ReplayWindow();
			const storage = new ReplayStorage(window);
			const requests: Array<{ response: ReturnType<typeof underWay>; end: number }> = [];
			const events: Array<{ body: Buffer; at: number }> = [];
			let saved: { at: number; snapshot: StoredWindow } | undefined;
			const answer = (until: number) => {
				requests.sort((one, other) => one.end - other.end);
				while (requests[0] !== undefined && requests[0].end <= until) {
					const { response, end } = requests.shift()!;
					const snapshot = storage.snapshotFor(response, end);
					if (snapshot !== undefined) saved = { at: end, snapshot };
					response.writableEnded = true;
					storage.release(response, end);
				}
			};
			let now = 0;
			for (let n = 0; n < EVENTS; n++) {
				now += random() < 0.02 ? 3_000 * random() : 30 * random();
				answer(now);
				const body = Buffer.from(`event ${n}`);
				window.addIfNew(body, undefined, now);
				const response = underWay();
				storage.snapshotFor(response, now);
				requests.push({ response, end: now + 1 + LONGEST_REQUEST * random() });
				events.push({ body, at: now });
			}
			answer(now + 1 + LONGEST_REQUEST);
			return { events, saved: saved! };
		}

		it('only events of the second after the last writing start the workflow again', () => {
			const passed: number[] = [];
			for (let seed = 1; seed <= 200; seed++) {
				const { events, saved } = killedAfterwards(randomFrom(seed));
				const window = new ReplayWindow();
				const again = events.filter(({ body }) =>
					window.addIfNew(body, saved.snapshot, saved.at + 60_000),
				);
				passed.push(again.length);
				for (const { at } of again) {
					expect(at).toBeGreaterThanOrEqual(saved.at);
					expect(at).toBeLessThan(saved.at + 1_000);
				}
			}
			// Else this would not have tried anything.
			expect(Math.max(...passed)).toBeGreaterThan(10);
			expect(passed).toContain(0);
		});
	});
});

describe('an event whose execution n8n could not start', () => {
	/** Another status in place of that of the answer, as when n8n cannot write into its database. */
	const failing = async (event: unknown, nodeId: string, statusCode = 500) => {
		const answer = jest.spyOn(ServerResponse.prototype, 'end').mockImplementation(function (
			this: ServerResponse,
			...args: unknown[]
		) {
			this.statusCode = statusCode;
			answer.mockRestore();
			return this.end(...(args as []));
		});
		return await call(event, { nodeId });
	};

	it.each([
		[500, true],
		[503, true],
		[599, true],
		[200, false],
		[404, false],
	])('is answered with status %i, and its repetition runs: %s', async (status, again) => {
		const nodeId = fresh();
		expect((await failing(close, nodeId, status)).response.status).toBe(status);
		expect(await started(close, { nodeId })).toBe(again);
		expect(await started(close, { nodeId })).toBe(false);
	});

	it('is forgotten as often as that happens, and others are not', async () => {
		const nodeId = fresh();
		expect(await started(open, { nodeId })).toBe(true);
		for (let attempt = 0; attempt < 3; attempt++) {
			expect((await failing(close, nodeId)).workflowData).toBeDefined();
		}
		expect(await started(open, { nodeId })).toBe(false);
		expect(await started(close, { nodeId })).toBe(true);
	});

	it('is not in what a restart finds, once something was stored again', async () => {
		const clock = stopClock();
		const nodeId = fresh();
		const staticData = {};
		expect(await started(open, { nodeId, staticData })).toBe(true);
		await failing(close, nodeId);
		clock.advance(1_000);
		expect(await started(message, { nodeId, staticData })).toBe(true);
		const restarted = { nodeId: fresh(), staticData: structuredClone(staticData) };
		expect(await started(open, restarted)).toBe(false);
		expect(await started(close, restarted)).toBe(true);
	});
});

describe('time tolerance', () => {
	const at = (ctime: unknown) => ({ ...close, ctime });
	it.each([
		['2026-05-01T12:00:00.000Z', true],
		['2026-05-01T11:55:00Z', true],
		['2026-05-01T12:05:00.000Z', true],
		['2026-05-01T11:54:59.999Z', false],
		['2026-05-01T12:05:00.001Z', false],
		['2026-05-01', false],
		['now', false],
		[1777636800000, false],
		[null, false],
		[undefined, false],
	])('of five minutes around noon and %j', async (ctime, expected) => {
		stopClock();
		const { response } = await call(at(ctime), { options: { tolerance: 5 } });
		expect(response.status).toBe(expected ? 200 : 401);
	});

	it('is off by default', async () => {
		expect(await started(at('1999-01-01T00:00:00.000Z'))).toBe(true);
	});
});

describe('a secret that is changed', () => {
	it('holds at once, and the old one as long as it is the previous one', async () => {
		const clock = stopClock();
		const credentials = new CredentialStore({ gitpleApi: { webhookSecret: OLD } });
		const nodeId = fresh();
		const with_ = async (secret: string, n: number) =>
			await started({ ...close, n }, { nodeId, credentials, secret });
		expect(await with_(OLD, 1)).toBe(true);
		credentials.set('gitpleApi', { webhookSecret: NEW, previousWebhookSecret: OLD });
		clock.advance(1_000);
		expect(await with_(NEW, 2)).toBe(true);
		expect(await with_(OLD, 3)).toBe(true);
		credentials.set('gitpleApi', { webhookSecret: NEW });
		clock.advance(60_000);
		expect(await with_(OLD, 4)).toBe(false);
		expect(await with_(NEW, 5)).toBe(true);
	});
});

describe('activation', () => {
	const methods = (credential: object) =>
		webhookMethods({
			node: GitpleTrigger,
			credentialTypes: [GitpleApi],
			credentials: { gitpleApi: { ...credential } },
		});

	it.each([
		[{}, /has no 'Webhook Secret', so every webhook request would be rejected/],
		[{ webhookSecret: ' ' }, /has no 'Webhook Secret'/],
		[{ previousWebhookSecret: OLD }, /has no 'Webhook Secret'/],
		[{ webhookSecret: `${SECRET} ` }, /'Webhook Secret' .* space/],
		[{ webhookSecret: SECRET, previousWebhookSecret: `\n${OLD}` }, /'Previous Webhook Secret'/],
		[{ webhookSecret: 'demo5' }, /'Webhook Secret' .* has 5 characters, so .* found by trying/],
		[{ webhookSecret: SECRET, previousWebhookSecret: 'demo5' }, /'Previous .* found by trying/],
		[{ webhookSecret: 'demo-segredo-ção-1234' }, /other than ASCII, which headers/],
	])('with %j says what is wrong', async (credential, sentence) => {
		await expect(methods(credential).activate()).rejects.toThrow(sentence);
	});

	it('passes with a secret, and warns of a short one', async () => {
		const long = methods({ webhookSecret: SECRET });
		await long.activate();
		expect(await long.delete()).toBe(true);
		expect(long.logs).toEqual([]);
		const short = methods({ webhookSecret: 'demo-of-15-lett' });
		await short.activate();
		expect(short.logs).toMatchObject([{ level: 'warn' }]);
	});
});
