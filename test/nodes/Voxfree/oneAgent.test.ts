import { WebSocket as NodeWebSocket } from 'undici';
import { VoxfreeApi } from '../../../credentials/VoxfreeApi.credentials';
import type { JsonObject } from '../../../nodes/shared/json';
import { ProviderError } from '../../../nodes/shared/errors';
import { SharedLists, type ListsApi } from '../../../nodes/Voxfree/trigger/SharedLists';
import type { VoxfreeTrigger as TriggerNode } from '../../../nodes/Voxfree/VoxfreeTrigger.node';
import { startVoxfree, type VoxfreeSimulator } from '../../simulators/voxfree/VoxfreeSimulator';
import {
	closeTriggers,
	startTrigger,
	waitFor,
	type RunningTrigger,
	type TriggerOptions,
} from '../../support';

const AGENT = '61';
const { WebSocket: ownWebSocket } = globalThis;

let voxfree: VoxfreeSimulator;

beforeAll(() => {
	globalThis.WebSocket = NodeWebSocket as unknown as typeof globalThis.WebSocket;
});
afterAll(() => {
	globalThis.WebSocket = ownWebSocket;
});
beforeEach(async () => {
	voxfree = await startVoxfree();
});
afterEach(async () => {
	jest.restoreAllMocks();
	await closeTriggers();
	await voxfree.close();
});

/** The node as one process of n8n loads it. */
function nodeOfProcess(): typeof TriggerNode {
	let node: typeof TriggerNode | undefined;
	jest.isolateModules(() => {
		({ VoxfreeTrigger: node } = jest.requireActual<{ VoxfreeTrigger: typeof TriggerNode }>(
			'../../../nodes/Voxfree/VoxfreeTrigger.node',
		));
	});
	return node!;
}

type Changes = Partial<TriggerOptions> & {
	credential?: object;
	events?: string[];
	options?: object;
};

const setup = (
	node: TriggerOptions['node'],
	{ credential = {}, events = ['newMessage'], options = {}, ...changes }: Changes = {},
): TriggerOptions => ({
	node,
	credentialTypes: [VoxfreeApi],
	credentials: {
		voxfreeApi: {
			login: 'ana.souza@demo',
			password: 'demo-password-1',
			baseUrl: `${voxfree.applicationUrl}/mobile`,
			servicesUrl: `${voxfree.servicesUrl}/mobile`,
			socketUrl: voxfree.socketUrl,
			...credential,
		},
	},
	parameters: { events, fetchDetails: false, options } as TriggerOptions['parameters'],
	...changes,
});

const connects = () => voxfree.frames().filter(({ kind }) => kind === 'connect').length;
const readings = () => voxfree.requests.filter(({ path }) => /Espera/.test(path)).length;
const registered = async () =>
	await waitFor('the registration', () => voxfree.connections({ agentId: AGENT }).length > 0);

/** A conversation of the agent, in which its contact writes. */
function conversation() {
	const contact = voxfree.state.contacts.find(({ isGroup }) => !isGroup)!;
	const channel = voxfree.state.channels.find(({ kind }) => kind === 'whatsapp-qr')!;
	const write = (text: string) => voxfree.customerWrites(contact.id, channel.id, text);
	const { protocol } = write('first');
	voxfree.assign(protocol, AGENT);
	return { protocol, write };
}

const failureOf = async (starting: Promise<unknown>): Promise<Error> =>
	await starting.then(
		() => new Error('it was activated'),
		(reason: Error) => reason,
	);

test('two workflows and a test in the editor share one connection, each with the events that it asked for', async () => {
	voxfree.configure({ secondSession: 'replace' });
	const { protocol, write } = conversation();
	const node = nodeOfProcess();
	const messages = await startTrigger(setup(node));
	const ends = await startTrigger(
		// The same agent by another spelling of the same credential.
		setup(node, {
			events: ['finished'],
			credential: { login: ' ana.souza@demo ', socketUrl: `${voxfree.socketUrl}/`, agentName: 'N' },
		}),
	);
	const tried = await startTrigger(setup(node, { mode: 'manual' }));
	// The test in the editor says nothing when it listens: whatever it hears, the workflow hears as well.
	const first = await waitFor('the test', () => {
		write('hello');
		return tried.emissions[0];
	});
	const { messageId } = first.json;
	await waitFor('the workflow', () =>
		messages.emissions.some(({ json }) => json.messageId === messageId),
	);
	await tried.close();
	voxfree.finish(protocol);
	expect((await ends.emission(1)).json).toMatchObject({ event: 'finished', protocol });
	expect(messages.emissions.every(({ json }) => json.event === 'newMessage')).toBe(true);
	expect(connects()).toBe(1);
	await messages.close();
	expect(voxfree.connections()).toHaveLength(1);
	await ends.close();
	await waitFor('the end', () => voxfree.connections().length === 0);
}, 15_000);

test('after a gap all workflows of an agent read the lists once, and each is told what it missed', async () => {
	const { write } = conversation();
	const node = nodeOfProcess();
	jest.spyOn(Math, 'random').mockReturnValue(0);
	const triggers = await Promise.all(
		[1, 2, 3].map(async () => await startTrigger(setup(node, { events: ['newMessage', 'gap'] }))),
	);
	await waitFor('the first comparisons', () => readings() >= 2);
	await delay(600);
	const before = readings();
	voxfree.socket.drop();
	await waitFor('the cut', () => voxfree.connections().length === 0);
	const { messageId } = write('meanwhile');
	for (const trigger of triggers) {
		await waitFor('message and gap', () => trigger.emissions.length >= 2, 15_000);
		expect(trigger.emissions.map(({ json }) => json.event).sort()).toEqual(['gap', 'newMessage']);
		expect(trigger.emissions.some(({ json }) => json.messageId === messageId)).toBe(true);
	}
	expect(readings() - before).toBe(1);
	expect(connects()).toBe(2);
}, 40_000);

test('a new version of a workflow that starts while the old one closes is not thrown out', async () => {
	voxfree.configure({ secondSession: 'refuse' });
	const { write } = conversation();
	const node = nodeOfProcess();
	let current = await startTrigger(setup(node));
	for (let round = 0; round < 5; round++) {
		const [next] = await Promise.all([startTrigger(setup(node)), current.close()]);
		current = next;
	}
	await registered();
	const { messageId } = write('hello');
	expect((await current.emission(1, 10_000)).json).toMatchObject({ messageId });
	expect(current.errors).toEqual([]);
}, 40_000);

test('who joins while the connection is down hears at once why, and the others go on', async () => {
	const { write } = conversation();
	const node = nodeOfProcess();
	const running = await startTrigger(setup(node));
	await registered();
	voxfree.socket.refuseUpgrades({ count: 1_000 });
	voxfree.socket.drop();
	await waitFor('the cut', () => voxfree.connections().length === 0);
	const joining = performance.now();
	const failure = await failureOf(startTrigger(setup(node)));
	expect(failure.message).toMatch(/^The Voxfree socket could not be opened: .*status 503/);
	expect(performance.now() - joining).toBeLessThan(5_000);
	voxfree.socket.behave();
	// One that joins now ends the pause for all.
	const joined = await startTrigger(setup(node));
	const { messageId } = write('hello');
	expect((await joined.emission(1)).json).toMatchObject({ messageId });
	await waitFor('it as well', () =>
		running.emissions.some(({ json }) => json.messageId === messageId),
	);
	expect(running.errors).toEqual([]);
	expect(voxfree.connections()).toHaveLength(1);
}, 30_000);

test('the agent stays online until the last of its workflows is unpublished', async () => {
	const options = { setOnline: true, setOffline: true };
	const isOnline = () => voxfree.state.agents.find(({ id }) => id === AGENT)!.online;
	const node = nodeOfProcess();
	const [one, other] = [
		await startTrigger(setup(node, { options })),
		await startTrigger(setup(node, { options })),
	];
	await waitFor('online', isOnline);
	await one.close();
	expect(isOnline()).toBe(true);
	await other.close();
	expect(isOnline()).toBe(false);
});

/**
 * One n8n: a trigger that has failed is started again after a second, and then later and later as long
 * as it cannot be started.
 */
class Process {
	readonly runs: RunningTrigger[] = [];

	/** Starts that were rejected. */
	readonly rejections: string[] = [];

	private isOver = false;

	private running: Promise<void> = Promise.resolve();

	constructor(private readonly options: TriggerOptions) {}

	async start(): Promise<void> {
		this.runs.push(await startTrigger(this.options));
		this.running = this.keepRunning();
	}

	private async keepRunning(): Promise<void> {
		for (let pause = 1_000; !this.isOver; ) {
			const current = this.runs.at(-1)!;
			if (current.errors.length === 0) {
				await delay(20);
				continue;
			}
			await current.close();
			await delay(pause);
			if (this.isOver) return;
			try {
				this.runs.push(await startTrigger(this.options));
				pause = 1_000;
			} catch (error) {
				this.rejections.push((error as Error).message);
				pause *= 2;
			}
		}
	}

	get errors(): Error[] {
		return this.runs.flatMap(({ errors }) => errors);
	}

	get executions(): number {
		return this.runs.flatMap(({ emissions }) => emissions).length + this.errors.length;
	}

	async stop(): Promise<void> {
		this.isOver = true;
		await this.running;
		await closeTriggers();
	}
}

const delay = async (milliseconds: number) =>
	await new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

test('two processes with the same agent throw each other out three times at most; then one ends with what to do', async () => {
	voxfree.configure({ secondSession: 'replace' });
	const random = jest.spyOn(Math, 'random').mockReturnValue(0);
	const events = ['newMessage', 'gap'];
	const processes = [nodeOfProcess(), nodeOfProcess()].map(
		(node) => new Process(setup(node, { events, staticData: {} })),
	);
	for (const one of processes) await one.start();
	await waitFor('the error', () => processes.some(({ errors }) => errors.length > 0), 25_000);
	// n8n goes on trying to start it, after 1, 2 and 4 seconds.
	await waitFor('starts', () => processes.some(({ rejections }) => rejections.length >= 3), 20_000);
	const counts = {
		connections: connects(),
		errors: processes.map(({ errors }) => errors.length),
		executions: processes.reduce((sum, { executions }) => sum + executions, 0),
	};
	for (const one of processes) await one.stop();
	expect(counts.connections).toBeLessThanOrEqual(7);
	expect(counts.errors.sort()).toEqual([0, 1]);
	const ended = processes.find(({ errors }) => errors.length > 0)!;
	expect(ended.errors[0]!.message).toBe(
		'Voxfree rejected the connection 3 times. Another program may be connected as the same agent. Stop it, or give n8n an agent of its own',
	);
	expect(ended.rejections.length).toBeGreaterThan(0);
	expect(ended.rejections[0]).toMatch(/3 times.*It is tried again in 15 minutes at the earliest/);
	random.mockRestore();
}, 60_000);

test('a test in the editor that connects lets a trigger start again that had ended', async () => {
	voxfree.configure({ secondSession: 'replace' });
	jest.spyOn(Math, 'random').mockReturnValue(0);
	const node = nodeOfProcess();
	const trigger = await startTrigger(setup(node));
	for (let times = 0; times < 3; times++) {
		await registered();
		voxfree.socket.close(4001, 'other session');
		await waitFor('the cut', () => voxfree.connections().length === 0);
	}
	await waitFor('the error', () => trigger.errors.length > 0, 5_000);
	await trigger.close();
	const before = voxfree.requests.length;
	for (const activation of ['activate', 'init'] as const) {
		const failure = await failureOf(startTrigger(setup(node, { activation })));
		expect(failure.message).toContain("with 'Execute step' in the editor");
	}
	// Nothing at all is asked of Voxfree meanwhile.
	expect(voxfree.requests).toHaveLength(before);
	const tried = await startTrigger(setup(node, { mode: 'manual' }));
	let again: RunningTrigger | undefined;
	while (again === undefined) {
		again = await startTrigger(setup(node)).catch(() => undefined);
		await delay(20);
	}
	await tried.close();
	expect(voxfree.connections()).toHaveLength(1);
	expect(again.errors).toEqual([]);
}, 30_000);

test('a login that is no longer accepted while the trigger runs ends it with one error, and its restarts ask nothing', async () => {
	const { write } = conversation();
	const node = nodeOfProcess();
	const trigger = await startTrigger({
		...setup(node),
		parameters: { events: ['newMessage'], fetchDetails: true, options: {} },
	});
	await registered();
	voxfree.changeAgent(AGENT, { passwordHash: 'another' } as never);
	voxfree.forgetSession(AGENT);
	for (const text of ['one', 'two', 'three']) write(text);
	await waitFor('the error', () => trigger.errors.length > 0, 20_000);
	await delay(1_500);
	expect(trigger.errors).toHaveLength(1);
	expect(trigger.errors[0]!.message).toMatch(
		/^Voxfree no longer accepts the login of the agent.*Correct login or password in the credential/,
	);
	await trigger.close();
	const before = voxfree.requests.length;
	const failure = await failureOf(startTrigger(setup(node, { activation: 'init' })));
	expect(failure.message).toContain('It is tried again in 15 minutes');
	expect(voxfree.requests).toHaveLength(before);
}, 40_000);

describe('lists that are shared', () => {
	const listOf = (entries: JsonObject[]) =>
		({ entries, answer: entries, isWhole: true, names: () => false }) as Awaited<
			ReturnType<ListsApi['listConversations']>
		>;

	/** The calls of a trigger, and how often they were made. */
	function trigger(answer: () => JsonObject[]) {
		const api = { calls: 0, listConversations: async () => (api.calls++, listOf(answer())) };
		return api;
	}

	test('are read once for those who ask together, and are copies of which a workflow may change its own', async () => {
		const lists = new SharedLists(async () => await delay(5));
		const apis = [1, 2, 3].map(() => trigger(() => [{ protocolo: '1' }]));
		const read = await Promise.all(
			apis.map(async (api) => await lists.sharing(api).listConversations('active')),
		);
		expect(apis.map(({ calls }) => calls)).toEqual([1, 0, 0]);
		read[1]!.entries[0]!.protocolo = 'changed';
		expect(read.map(({ entries }) => entries[0]!.protocolo)).toEqual(['1', 'changed', '1']);
	});

	test('are read again for who asks after a reading has begun', async () => {
		const lists = new SharedLists(async () => {});
		let finish = () => {};
		const slow = {
			listConversations: async () =>
				await new Promise<ReturnType<typeof listOf>>((r) => (finish = () => r(listOf([])))),
		};
		const other = trigger(() => [{ protocolo: '2' }]);
		const first = lists.sharing(slow).listConversations('waiting');
		await delay(1);
		const second = await lists.sharing(other).listConversations('waiting');
		expect(second.entries).toEqual([{ protocolo: '2' }]);
		finish();
		expect((await first).entries).toEqual([]);
	});

	test.each(['cancelled', 'refused', 'unavailable'] as const)(
		'whose reading is %s for one trigger are read by the others themselves, unless that concerns all',
		async (kind) => {
			const lists = new SharedLists(async () => await delay(5));
			const failing = trigger(() => {
				throw new ProviderError('no', { kind });
			});
			const other = trigger(() => [{ protocolo: '3' }]);
			const [first, second] = await Promise.allSettled([
				lists.sharing(failing).listConversations('active'),
				lists.sharing(other).listConversations('active'),
			]);
			expect(first.status).toBe('rejected');
			expect(second.status).toBe(kind === 'unavailable' ? 'rejected' : 'fulfilled');
		},
	);
});
