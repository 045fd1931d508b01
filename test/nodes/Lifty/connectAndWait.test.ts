import { createHash } from 'node:crypto';
import { startLifty, type LiftySimulator } from '../../simulators/lifty/LiftySimulator';
import { binaryContent, type NodeRun, type RunOptions } from '../../support';
import { fastTime } from '../../support/fakeTime';
import { asked, BOT, KEY, OTHER_BOT, play } from './play';

jest.setTimeout(60_000);

let lifty: LiftySimulator;
let endFastTime: () => void;
beforeEach(async () => {
	lifty = await startLifty({ apiKey: KEY, qrReadyAfter: 7_000, connectsAfter: 3_000 });
	endFastTime = fastTime();
});
afterEach(async () => {
	expect(lifty.keysAtSessionUrls).toEqual([]);
	endFastTime();
	await lifty.close();
});

/** Requests have all the time they need: what is fast here is the clock, not the machine. */
const patient = { timeout: 3_600_000 };

/** In the fast time: a quarter of a minute of the real one. */
const LONG = 750_000;

const connect = async (
	parameters: object = {},
	{ options = {}, ...more }: Partial<RunOptions> & { options?: object } = {},
) =>
	await play(
		lifty,
		{ operation: 'connectAndWait', options: { ...patient, ...options }, ...parameters },
		{ loopFrom: 1, ...more },
	);

/** The pictures that each pass handed on, and what it finished. */
const story = ({ passes }: NodeRun) =>
	passes.map(([done = [], pictures = []]) => ({
		done: done.map(({ json }) => json.outcome ?? json.error),
		pictures: pictures.map(({ json }) => json.qrCodeNumber),
	}));

const untilPicture = async (number: number, bot = BOT) =>
	await lifty.until(
		() => lifty.bot(bot).connections.some(({ qr }) => (qr?.number ?? 0) >= number),
		LONG,
	);
const starts = (bot = BOT) => lifty.counts(bot).starts;

test('hands on the picture while it waits, and ends when it is scanned', async () => {
	const running = connect();
	await untilPicture(1);
	// The node has handed the first picture on when it looks at it a second time.
	await lifty.until(() => lifty.counts(BOT).qrReads >= 2, LONG);
	lifty.scan(BOT);
	const run = await running;
	expect(story(run)).toEqual([
		{ done: [], pictures: [1] },
		{ done: ['connected'], pictures: [] },
	]);
	expect(run.items[0]!.json).toEqual({
		botId: BOT,
		outcome: 'connected',
		connected: true,
		status: 'CONNECTED',
		qrCodes: 1,
		waitedSeconds: expect.any(Number),
	});
	expect(run.passes[0]![1]![0]!.binary!.data!.mimeType).toBe('image/png');
	expect([starts(), lifty.counts(BOT).parallel]).toEqual([1, 1]);
});

test('hands on every new picture, starts once for all of them, and sees the time run out', async () => {
	const run = await connect();
	expect(story(run)).toEqual([
		{ done: [], pictures: [1] },
		{ done: [], pictures: [2] },
		{ done: [], pictures: [3] },
		{ done: ['expired'], pictures: [] },
	]);
	const pictures = await Promise.all(
		run.passes.slice(0, 3).map(async (pass) => await binaryContent(pass[1]![0]!)),
	);
	const different = new Set(pictures.map((bytes) => createHash('md5').update(bytes).digest('hex')));
	expect(different.size).toBe(3);
	expect(run.items[0]!.json).toMatchObject({ connected: false, status: 'NOT_FOUND', qrCodes: 3 });
	expect(starts()).toBe(1);
	// About one look in five seconds, not more.
	expect(lifty.counts(BOT).statusReads).toBeLessThan(25);
});

test('sees the time run out also where Lifty goes on saying that a code is waiting', async () => {
	lifty.configure({ expiredStatus: 'QRCODE' });
	const run = await connect();
	expect(story(run).at(-1)).toEqual({ done: ['expired'], pictures: [] });
	expect(run.items[0]!.json.waitedSeconds).toBeGreaterThanOrEqual(70);
});

test('takes a scan at the last moment for a connection: the final status wins', async () => {
	lifty.configure({ connectsAfter: 12_000, pairingStatus: 'PAIRING' });
	const running = connect();
	await untilPicture(3);
	await lifty.until(() => lifty.counts(BOT).qrReads >= 11, LONG);
	lifty.scan(BOT);
	const run = await running;
	expect(run.items[0]!.json).toMatchObject({ outcome: 'connected', connected: true });
	expect(starts()).toBe(1);
});

test('ends at the limit of the user', async () => {
	lifty.configure({ qrReadyAfter: 600_000 });
	const run = await connect({ waitAtMost: 30 });
	expect(story(run)).toEqual([{ done: ['timeLimit'], pictures: [] }]);
	expect(run.items[0]!.json).toMatchObject({ status: 'STARTING', qrCodes: 0 });
	expect(run.items[0]!.json.waitedSeconds).toBeGreaterThanOrEqual(30);
});

test('hands on the first picture alone where the user wants that', async () => {
	const run = await connect({}, { options: { refreshed: false } });
	expect(story(run)).toEqual([
		{ done: [], pictures: [1] },
		{ done: ['expired'], pictures: [] },
	]);
	expect(run.items[0]!.json.qrCodes).toBe(3);
});

test('starts nothing for a bot that is connected', async () => {
	lifty.configure({ qrReadyAfter: 0, connectsAfter: 0 });
	lifty.startConnection(BOT);
	lifty.scan(BOT);
	const run = await connect();
	expect(story(run)).toEqual([{ done: ['alreadyConnected'], pictures: [] }]);
	expect(starts()).toBe(1);
});

test('serves several bots in one loop, each started once, and pairs each with its item', async () => {
	const running = connect(
		{ botId: '={{ $json.bot }}' },
		{ items: [{ bot: BOT }, { bot: OTHER_BOT }, { bot: BOT }] },
	);
	await untilPicture(1);
	await lifty.until(() => lifty.counts(OTHER_BOT).qrReads >= 2, LONG);
	lifty.scan(OTHER_BOT);
	const run = await running;
	expect(starts()).toBe(1);
	expect(starts(OTHER_BOT)).toBe(1);
	const ends = run.passes.flatMap(([done = []]) => done);
	expect(ends.map(({ json }) => [json.botId, json.outcome])).toEqual([
		[OTHER_BOT, 'connected'],
		[BOT, 'expired'],
	]);
	expect(ends.map(({ pairedItem }) => pairedItem)).toMatchObject([
		[{ item: 1, sourceOverwrite: { previousNode: 'Start' } }],
		[{ item: 0 }, { item: 2 }],
	]);
});

test('lives through a provider that cannot be read for a while', async () => {
	const running = connect();
	await untilPicture(1);
	await lifty.until(() => lifty.counts(BOT).qrReads >= 1, LONG);
	lifty.failNext('status-503', 6, { at: 'status' });
	lifty.failNext('html', 2, { at: 'qr' });
	await lifty.until(() => lifty.failing.length === 0, LONG);
	lifty.scan(BOT);
	const run = await running;
	expect(run.items[0]!.json.outcome).toBe('connected');
	expect(starts()).toBe(1);
});

test("goes on under 'Retry On Fail' where it was, with one start", async () => {
	lifty.failNext('status-403', 2, { at: 'status' });
	const running = connect(
		{},
		{
			options: { skipWhenConnected: false },
			settings: { retryOnFail: true, maxTries: 5, waitBetweenTries: 1 },
		},
	);
	await untilPicture(1);
	await lifty.until(() => lifty.counts(BOT).qrReads >= 1, LONG);
	lifty.scan(BOT);
	const run = await running;
	expect(run.error).toBeUndefined();
	expect(run.items[0]!.json.outcome).toBe('connected');
	expect(starts()).toBe(1);
});

test('starts no second time when the first start is lost, whatever n8n retries', async () => {
	lifty.failNext('reset-after-work', 100, { at: 'api' });
	const run = await connect(
		{},
		{
			options: { skipWhenConnected: false },
			settings: { retryOnFail: true, maxTries: 5, waitBetweenTries: 1 },
		},
	);
	expect(run.error?.description).toContain('not repeated');
	expect(asked(lifty)).toHaveLength(1);
});

test('with "continue" puts a bot that fails on its own among the finished, and serves the others', async () => {
	const running = connect(
		{ botId: '={{ $json.bot }}' },
		{ items: [{ bot: 'nobody' }, { bot: BOT }], onError: 'continueRegularOutput' },
	);
	await untilPicture(1);
	await lifty.until(() => lifty.counts(BOT).qrReads >= 2, LONG);
	lifty.scan(BOT);
	const run = await running;
	const ends = run.passes.flatMap(([done = []]) =>
		done.map(({ json }) => json.outcome ?? json.error),
	);
	expect(ends).toEqual([
		'Lifty did not find what was requested (status 404): There is no bot "nobody"',
		'connected',
	]);
});

describe('on a canvas', () => {
	const drawn = async (canvas: Record<string, readonly string[]>) =>
		await connect({}, { loopFrom: undefined, canvas });

	test.each([
		['two nodes', { 'Node:1': ['A', 'B'], A: ['Node'], B: ['Node'] }, "'A' and 'B'", 2],
		[
			'a fork behind a node',
			{ 'Node:1': ['A'], A: ['B', 'C'], B: ['Node'], C: ['Node'] },
			"'B' and 'C'",
			2,
		],
		['a node and itself', { 'Node:1': ['A', 'Node'], A: ['Node'] }, "'A' and 'Node'", 2],
		[
			'three nodes',
			{ 'Node:1': ['A', 'B', 'C'], A: ['Node'], B: ['Node'], C: ['Node'] },
			"'A', 'B' and 'C'",
			3,
		],
	])(
		'two ways back are refused before the first start: %s',
		async (_name, canvas, names, count) => {
			const { error } = await drawn(canvas);
			const named = names.split(/, | and /);
			expect(error?.message).toContain(
				`${count} lines lead from 'QR Code' back to this node: from `,
			);
			for (const name of named) expect(error?.message).toContain(name);
			expect(error?.description).toMatch(
				/^Each of them would start the connection again\. Keep one/,
			);
			expect(starts()).toBe(0);
		},
	);

	test.each([
		['by one node', { 'Node:1': ['A'], A: ['Node'] }],
		['by itself', { 'Node:1': ['Node'] }],
		['while another branch ends', { 'Node:1': ['A', 'B'], A: ['Node'] }],
		['while the results go elsewhere', { 'Node:0': ['C'], 'Node:1': ['A'], A: ['Node'] }],
		['where branches meet before', { 'Node:1': ['A', 'B'], A: ['C'], B: ['C'], C: ['Node'] }],
	])('one way back starts once, %s', async (_name, canvas) => {
		const run = await drawn(canvas);
		expect(run.error).toBeUndefined();
		expect(starts()).toBe(1);
		expect(story(run).flatMap(({ done }) => done)).toEqual(['expired']);
	});
});

test('starts nothing where the pictures would lead nowhere', async () => {
	const { error } = await connect({}, { loopFrom: undefined });
	expect(error?.message).toBe("The output 'QR Code' does not lead back to this node");
	expect(lifty.requests).toEqual([]);
});

test('ends at once when the execution is stopped', async () => {
	const stop = new AbortController();
	lifty.configure({ qrReadyAfter: 600_000 });
	const running = connect({ waitAtMost: 3600 }, { signal: stop.signal });
	await lifty.until(() => lifty.counts(BOT).statusReads >= 2, LONG);
	stop.abort();
	const run = await running;
	expect(run.status).toBe('canceled');
});
