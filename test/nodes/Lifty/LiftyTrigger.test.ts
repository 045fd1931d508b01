import { LiftyApi } from '../../../credentials/LiftyApi.credentials';
import { LiftyTrigger } from '../../../nodes/Lifty/LiftyTrigger.node';
import { startLifty, type LiftySimulator } from '../../simulators/lifty/LiftySimulator';
import { pollNode, type PollOptions } from '../../support';
import { BOT, credentialFor, KEY, OTHER_BOT } from './play';

jest.setTimeout(30_000);

let lifty: LiftySimulator;
beforeAll(async () => {
	lifty = await startLifty({ apiKey: KEY, qrReadyAfter: 0, connectsAfter: 0 });
});
afterAll(async () => await lifty.close());
beforeEach(() => lifty.reset());
afterEach(() => expect(lifty.keysAtSessionUrls).toEqual([]));

const ALL = ['connected', 'disconnected', 'qrCodeWaiting', 'statusChanged'];

function poller(
	parameters: object = {},
	more: Partial<PollOptions> & { credential?: object } = {},
) {
	const { credential, ...options } = more;
	return pollNode({
		node: LiftyTrigger,
		credentialTypes: [LiftyApi],
		credentials: credentialFor(lifty, credential),
		parameters: { events: ALL, botIds: [BOT], ...parameters } as PollOptions['parameters'],
		...options,
	});
}

const tick = async (trigger: ReturnType<typeof poller>) =>
	(await trigger.tick())?.[0]?.map(({ json }) => json) ?? [];

test('takes the first look for the baseline, and starts for every change after it', async () => {
	const trigger = poller();
	lifty.startConnection(BOT);
	expect(await tick(trigger)).toEqual([]);
	expect(await tick(trigger)).toEqual([]);
	lifty.scan(BOT);
	expect(await tick(trigger)).toEqual([
		{
			event: 'connected',
			botId: BOT,
			status: 'CONNECTED',
			previousStatus: 'QRCODE',
			connected: true,
		},
	]);
	expect(await tick(trigger)).toEqual([]);
	lifty.drop(BOT);
	expect(await tick(trigger)).toMatchObject([
		{ event: 'disconnected', status: 'DISCONNECTED', connected: false },
	]);
	lifty.startConnection(BOT);
	expect(await tick(trigger)).toMatchObject([{ event: 'qrCodeWaiting', status: 'QRCODE' }]);
});

test('starts for nothing but what is wanted, and still notes the rest', async () => {
	const trigger = poller({ events: ['disconnected'] });
	await tick(trigger);
	lifty.startConnection(BOT);
	expect(await tick(trigger)).toEqual([]);
	lifty.scan(BOT);
	expect(await tick(trigger)).toEqual([]);
	lifty.drop(BOT);
	expect(await tick(trigger)).toMatchObject([{ event: 'disconnected' }]);
});

test('watches several bots, named in any way, each once', async () => {
	const trigger = poller({ botIds: [`${BOT}, ${OTHER_BOT}`, ` ${BOT}`, ''] });
	await tick(trigger);
	expect(lifty.requests).toHaveLength(4);
	lifty.startConnection(BOT);
	lifty.startConnection(OTHER_BOT);
	expect((await tick(trigger)).map(({ botId }) => botId)).toEqual([BOT, OTHER_BOT]);
});

test('watches the default bot of the credential where none is named', async () => {
	const trigger = poller({ botIds: [] }, { credential: { botId: OTHER_BOT } });
	await tick(trigger);
	lifty.startConnection(OTHER_BOT);
	expect(await tick(trigger)).toMatchObject([{ botId: OTHER_BOT }]);
	await expect(poller({ botIds: [] }).tick()).rejects.toThrow('There is no bot to watch');
});

test('refuses more bots than one trigger can watch', async () => {
	const botIds = [Array.from({ length: 51 }, (_, index) => `demo-bot-${index}`).join()];
	await expect(poller({ botIds }).tick()).rejects.toThrow(/names 51 bots, but .* can watch 50/);
	expect(lifty.requests).toEqual([]);
});

test('watches exactly 50 bots, and starts for each of them', async () => {
	const botIds = Array.from({ length: 50 }, (_, index) => `demo-bot-${index}`);
	for (const botId of botIds) lifty.addBot(botId);
	const trigger = poller({ botIds: [botIds.join()] });
	expect(await tick(trigger)).toEqual([]);
	for (const botId of botIds) lifty.forceStatus(botId, 'CONNECTED');
	expect((await tick(trigger)).map(({ botId, event }) => [botId, event])).toEqual(
		botIds.map((botId) => [botId, 'connected']),
	);
});

test('keeps no more than the status of the bots that are watched', async () => {
	const staticData = {};
	await tick(poller({ botIds: [BOT, OTHER_BOT] }, { staticData }));
	expect(staticData).toEqual({ statuses: { [BOT]: 'NOT_FOUND', [OTHER_BOT]: 'NOT_FOUND' } });
	lifty.forceStatus(BOT, 'X'.repeat(10_000));
	await tick(poller({ botIds: [BOT] }, { staticData }));
	expect(staticData).toEqual({ statuses: { [BOT]: 'X'.repeat(100) } });
});

test('takes a bot that is added later from its own baseline', async () => {
	const staticData = {};
	await tick(poller({}, { staticData }));
	lifty.startConnection(OTHER_BOT);
	expect(await tick(poller({ botIds: [BOT, OTHER_BOT] }, { staticData }))).toEqual([]);
});

test.each([
	['api', 'status-401'],
	['api', 'status-404'],
	['api', 'status-503'],
	['api', 'html'],
	['status', 'status-403'],
	['status', 'status-500'],
	['status', 'html'],
	['status', 'empty'],
	['status', 'truncated-json'],
	['status', 'reset-mid-body'],
	['status', 'redirect'],
] as const)('makes no event out of trouble at %s (%s), and says so', async (at, mode) => {
	const trigger = poller();
	lifty.startConnection(BOT);
	lifty.scan(BOT);
	await tick(trigger);
	lifty.failNext(mode, 3, { at });
	await expect(trigger.tick()).rejects.toThrow(/Lifty/);
	expect(JSON.stringify(trigger.logs)).not.toContain(KEY);
	lifty.behave();
	expect(await tick(trigger)).toEqual([]);
	lifty.drop(BOT);
	expect(await tick(trigger)).toMatchObject([
		{ event: 'disconnected', previousStatus: 'CONNECTED' },
	]);
});

test('lets one bot that cannot be read keep nothing back of the others', async () => {
	const trigger = poller({ botIds: ['nobody', BOT] });
	await tick(trigger);
	lifty.startConnection(BOT);
	expect(await tick(trigger)).toMatchObject([{ botId: BOT, event: 'qrCodeWaiting' }]);
	expect(
		trigger.logs.filter(({ level }) => level === 'warn').map(({ message }) => message),
	).toEqual(
		Array(2).fill(
			'Node: The status of bot nobody was not read: Lifty did not find what was requested (status 404): There is no bot "nobody"',
		),
	);
});

test('sees a change that happened during an outage, once', async () => {
	const trigger = poller();
	lifty.startConnection(BOT);
	lifty.scan(BOT);
	await tick(trigger);
	lifty.failNext('status-403', 2, { at: 'api' });
	for (let outage = 0; outage < 2; outage++) await expect(trigger.tick()).rejects.toThrow();
	lifty.drop(BOT);
	expect(await tick(trigger)).toMatchObject([{ event: 'disconnected' }]);
	expect(await tick(trigger)).toEqual([]);
});

test("shows how the bots stand for 'Fetch Test Event', and keeps nothing of it", async () => {
	const staticData = {};
	lifty.startConnection(BOT);
	const trigger = poller({ botIds: [BOT, OTHER_BOT] }, { mode: 'manual', staticData });
	expect(await tick(trigger)).toEqual([
		{ event: 'currentStatus', botId: BOT, status: 'QRCODE', connected: false },
		{ event: 'currentStatus', botId: OTHER_BOT, status: 'NOT_FOUND', connected: false },
	]);
	expect(staticData).toEqual({});
});

test('puts no key into an error of any kind', async () => {
	for (const mode of ['echo-500', 'echo-html', 'status-401', 'redirect'] as const) {
		lifty.failNext(mode, 3, { at: 'api' });
		const error = await poller()
			.tick()
			.then(
				() => undefined,
				(thrown: unknown) => thrown,
			);
		expect(error).toBeDefined();
		const text = JSON.stringify(error) + String(error) + String((error as Error).stack);
		expect(text).not.toContain(KEY);
		expect(text).not.toContain(encodeURIComponent(KEY));
		lifty.reset();
	}
});
