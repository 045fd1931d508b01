import axios from 'axios';
import { randomUUID } from 'node:crypto';
import type { INode } from 'n8n-workflow';
import { nodeType, nodeWith } from '../e2e/workflowParts';
import { startedWith } from '../faults/kills';
import type { Credential, Execution } from '../host/N8nApi';
import { until } from '../simulators/until';
import { seedPasswords } from '../simulators/voxfree/office';
import {
	SERVICES_PATH,
	startVoxfree,
	type VoxfreeSimulator,
} from '../simulators/voxfree/VoxfreeSimulator';
import { waitFor } from '../support/waitFor';
import { ranBy, startQueue, type Queue } from './startQueue';

jest.setTimeout(600_000);

const ANA = '61';
const CONTACTS = ['30', '31', '342284'];
const WHATSAPP = '25';
const WORKERS = 2;
const LONG = 120_000;

let queue: Queue;
let voxfree: VoxfreeSimulator;

beforeAll(async () => {
	voxfree = await startVoxfree();
	queue = await startQueue({ workers: WORKERS });
});

afterAll(async () => {
	await queue?.stop();
	await voxfree?.close();
});

beforeEach(() => voxfree.reset({ keepSettings: true }));

let credentials = 0;

/** Another slash changes nothing for the simulator, but makes it another address, so another session. */
async function freshCredential(): Promise<Credential> {
	const { login } = voxfree.state.agents.find(({ id }) => id === ANA)!;
	return await queue.api.createCredential('voxfreeApi', {
		login,
		password: seedPasswords[ANA]!,
		baseUrl: `${voxfree.applicationUrl}${SERVICES_PATH}${'/'.repeat(credentials++)}`,
		servicesUrl: `${voxfree.servicesUrl}${SERVICES_PATH}`,
		socketUrl: voxfree.socketUrl,
	});
}

const loginsSoFar = () => voxfree.state.logins[ANA] ?? 0;

describe('the session', () => {
	/** A live workflow that asks for the active conversations at each call. */
	async function publish() {
		const webhook: INode = {
			...nodeWith(undefined, 'Call', 'n8n-nodes-base.webhook', 2, {
				httpMethod: 'POST',
				path: randomUUID(),
				responseMode: 'lastNode',
				responseData: 'allEntries',
			}),
			webhookId: randomUUID(),
		};
		const ask = nodeWith(await freshCredential(), 'Voxfree', nodeType('voxfree'), 1, {
			resource: 'conversation',
			operation: 'getActive',
			options: {},
		});
		const id = await queue.publish([webhook, ask]);
		const url = `${queue.webhooks[0]!.url}/webhook/${webhook.parameters.path as string}`;
		let calls = 0;
		const call = async () => {
			calls++;
			return (await axios.post(url, {}, { proxy: false, validateStatus: null })).status;
		};
		return {
			/** Resolves when the execution has ended, which is when the call is answered. */
			call,
			callAtOnce: async (times: number) => await Promise.all(Array.from({ length: times }, call)),
			/** All executions, once they have ended. */
			executions: async () => await queue.api.waitForExecutions(id, calls, LONG),
		};
	}

	const workersOf = (executions: Execution[]) => {
		const ran = executions.map(({ id }) => ranBy(queue.workers, id));
		// Each in one worker, and none of them idle: otherwise the test would show nothing.
		expect(ran.every(({ length }) => length === 1)).toBe(true);
		return new Set(ran.flat()).size;
	};

	test('is begun by one login for 40 executions one after another in two workers', async () => {
		const { call, executions } = await publish();
		const before = loginsSoFar();
		for (let times = 0; times < 40; times++) expect(await call()).toBe(200);
		const ended = await executions();
		expect(ended.map(({ status }) => status)).toEqual(Array(40).fill('success'));
		expect(workersOf(ended)).toBe(WORKERS);
		expect(loginsSoFar() - before).toBe(1);
	});

	test('is begun at most once by each worker for 40 executions at once', async () => {
		const { callAtOnce, executions } = await publish();
		const before = loginsSoFar();
		expect(new Set(await callAtOnce(40))).toEqual(new Set([200]));
		const logins = loginsSoFar() - before;
		expect(logins).toBeGreaterThan(0);
		// The executions of one process wait for its one login. Another process can learn of it only
		// when n8n has stored the session, and n8n offers nothing that two processes could wait on.
		expect(logins).toBeLessThanOrEqual(WORKERS);

		expect(new Set(await callAtOnce(40))).toEqual(new Set([200]));
		expect(loginsSoFar() - before).toBe(logins);
		const ended = await executions();
		expect(ended.map(({ status }) => status)).toEqual(Array(80).fill('success'));
		expect(workersOf(ended)).toBe(WORKERS);
	});

	test('is renewed at most once by each worker when Voxfree has forgotten it, and no execution fails', async () => {
		const { callAtOnce, executions } = await publish();
		await callAtOnce(20);
		for (let round = 0; round < 2; round++) {
			const before = { logins: loginsSoFar(), requests: voxfree.requests.length };
			voxfree.forgetSession(ANA);
			expect(new Set(await callAtOnce(20))).toEqual(new Set([200]));
			const logins = loginsSoFar() - before.logins;
			expect(logins).toBeGreaterThan(0);
			expect(logins).toBeLessThanOrEqual(WORKERS);
			// Each asks once, and after a refusal once more.
			expect(voxfree.requests.length - before.requests).toBeLessThanOrEqual(2 * 20 + logins);
		}
		const before = { logins: loginsSoFar(), requests: voxfree.requests.length };
		expect(new Set(await callAtOnce(20))).toEqual(new Set([200]));
		expect(loginsSoFar()).toBe(before.logins);
		expect(voxfree.requests.length - before.requests).toBe(20);
		const ended = await executions();
		expect(ended.map(({ status }) => status)).toEqual(Array(80).fill('success'));
		expect(workersOf(ended)).toBe(WORKERS);
	});
});

describe('the trigger', () => {
	let workflowId: string;

	const listeners = () => voxfree.connections({ agentId: ANA });

	beforeEach(async () => {
		const trigger = nodeWith(await freshCredential(), 'Event', nodeType('voxfreeTrigger'), 2, {
			events: ['newMessage', 'gap'],
			fetchDetails: true,
			options: { compareEvery: 5 },
		});
		const nothing = nodeWith(undefined, 'Nothing', 'n8n-nodes-base.noOp', 1, {});
		workflowId = await queue.publish([trigger, nothing]);
		await until(voxfree, () => listeners().length === 1, LONG);
	});

	afterEach(async () => {
		await queue.api.deleteWorkflow(workflowId);
		await until(voxfree, () => voxfree.connections().length === 0, LONG);
	});

	/** Contacts have a conversation with Ana; `write` lets one of them say something in it. */
	function conversations() {
		const written: string[] = [];
		for (const contact of CONTACTS) {
			const { protocol, messageId } = voxfree.customerWrites(contact, WHATSAPP, 'Olá');
			voxfree.assign(protocol, ANA);
			written.push(messageId);
		}
		const write = () => {
			const number = written.length;
			const contact = CONTACTS[number % CONTACTS.length]!;
			written.push(voxfree.customerWrites(contact, WHATSAPP, `Frase ${number}`).messageId);
		};
		return { write, written };
	}

	const messagesIn = (executions: Execution[]) =>
		executions
			.flatMap(({ data }) => startedWith(data, 'Event'))
			.flatMap(({ messageId }) => (messageId === undefined ? [] : [String(messageId)]));

	/** All executions, once each of these messages has had one and there is none that has not ended. */
	async function executionsOf(written: readonly string[]): Promise<Execution[]> {
		const end = Date.now() + LONG;
		for (let count = 1; ; ) {
			const executions = await queue.api.waitForExecutions(workflowId, count, end - Date.now());
			const { count: all } = await queue.api.executions(workflowId);
			const messages = new Set(messagesIn(executions));
			if (all === executions.length && written.every((id) => messages.has(id))) return executions;
			count = Math.max(all, executions.length + 1);
		}
	}

	/** Waits until the lists have been read once more, from beginning to end. */
	async function comparison() {
		const reads = () => voxfree.requests.filter(({ path }) => path.includes('/chatsAtivos.php'));
		const before = reads().length;
		await until(voxfree, () => reads().length >= before + 2, LONG);
	}

	/** @param statuses with which an execution may end */
	async function expectEachOnce(written: readonly string[], statuses = ['success']) {
		await executionsOf(written);
		// What is missing would be made up for by now, and what is doubled would have come twice.
		await comparison();
		const executions = await executionsOf(written);
		const messages = messagesIn(executions);
		expect(messages.toSorted()).toEqual(written.toSorted());
		for (const { id, status } of executions) {
			expect(statuses).toContain(status);
			if (status === 'success') expect(ranBy(queue.workers, id)).toHaveLength(1);
		}
	}

	test('has one connection, held by the main process, and its events run in workers, once each', async () => {
		const [connection] = listeners();
		const { write, written } = conversations();
		for (let times = 0; times < 30; times++) write();
		await expectEachOnce(written);
		expect(listeners()).toEqual([expect.objectContaining({ id: connection!.id })]);
		await queue.restartMain(async () => {
			await until(voxfree, () => voxfree.connections().length === 0, LONG);
		});
		await until(voxfree, () => listeners().length === 1, LONG);
		write();
		await expectEachOnce(written);
	});

	test('loses nothing and doubles nothing when the main process is ended and started while contacts write', async () => {
		const { write, written } = conversations();
		for (let times = 0; times < 5; times++) write();
		const timer = setInterval(() => written.length < 60 && write(), 400);
		try {
			await queue.restartMain();
			await until(voxfree, () => listeners().length === 1, LONG);
		} finally {
			clearInterval(timer);
		}
		for (let times = 0; times < 5; times++) write();
		// n8n marks what it cannot follow beyond its restart as crashed, with all that came in.
		await expectEachOnce(written, ['success', 'crashed']);
	});

	test('doubles nothing when the main process is started anew while executions still wait for a worker', async () => {
		const { write, written } = conversations();
		const signal = (name: NodeJS.Signals) => {
			for (const { pid } of queue.workers) process.kill(pid, name);
		};
		await executionsOf(written);
		// Its list of executions leaves out those that wait.
		const enqueued = () => queue.main.output().match(/Enqueued execution/g)?.length ?? 0;
		const before = enqueued();
		signal('SIGSTOP');
		try {
			// One for each conversation, because those of one conversation run one after another.
			CONTACTS.forEach(() => write());
			const areWaiting = () => enqueued() === before + CONTACTS.length;
			await waitFor('an execution for each message to be enqueued', areWaiting, LONG);
			await queue.restartMain();
			await until(voxfree, () => listeners().length === 1, LONG);
			await comparison();
		} finally {
			signal('SIGCONT');
		}
		write();
		await expectEachOnce(written);
	});
});
