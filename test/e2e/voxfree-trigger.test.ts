import type { IDataObject, INode } from 'n8n-workflow';
import { runKills } from '../faults/kills';
import type { Credential, Execution, Workflow } from '../host/N8nApi';
import { until } from '../simulators/until';
import {
	SERVICES_PATH,
	startVoxfree,
	type VoxfreeSimulator,
} from '../simulators/voxfree/VoxfreeSimulator';
import { e2eHost } from './host';
import { expectNowhere, spellings } from './secrets';
import { connected, nodeWith } from './workflowParts';

const { api, nodeType } = e2eHost();

const ANA = '61';
const JOAO = '30';
const WHATSAPP = '25';
const PASSWORD = 'demo-gatilho/ção &+1=';
const BACK_WITHIN = 30_000;

let voxfree: VoxfreeSimulator;
let credential: Credential;
const workflows: Workflow[] = [];

const credentialData = (change: Record<string, unknown> = {}) => ({
	login: voxfree.state.agents.find(({ id }) => id === ANA)!.login,
	password: PASSWORD,
	baseUrl: `${voxfree.applicationUrl}${SERVICES_PATH}`,
	servicesUrl: `${voxfree.servicesUrl}${SERVICES_PATH}`,
	socketUrl: voxfree.socketUrl,
	...change,
});

const trigger = (by: Credential): INode =>
	nodeWith(by, 'Event', nodeType('voxfreeTrigger'), 2, {
		events: ['newMessage', 'gap'],
		fetchDetails: true,
		options: { silence: 5, compareEvery: 3 },
	});

async function create(by: Credential) {
	const workflow = await api.createWorkflow({
		name: 'Voxfree Trigger test',
		nodes: [trigger(by), nodeWith(by, 'Nothing', 'n8n-nodes-base.noOp', 1, {})],
		connections: connected({ Event: 'Nothing' }),
		settings: { executionOrder: 'v1' },
	});
	workflows.push(workflow);
	return workflow;
}

const listeners = () => voxfree.connections({ agentId: ANA });

async function publish() {
	const { id } = await create(credential);
	await api.publish(id);
	await until(voxfree, () => listeners().length === 1, BACK_WITHIN);
	return id;
}

const itemsOf = ({ data }: Execution): IDataObject[] =>
	(data.resultData.runData.Event?.[0]?.data?.main?.[0] ?? []).map(({ json }) => json);

/** The events of all executions, once there is one about this message. */
async function eventsWith(workflowId: string, messageId: string): Promise<IDataObject[]> {
	const end = Date.now() + BACK_WITHIN;
	for (let count = 1; ; count++) {
		const executions = await api.waitForExecutions(workflowId, count, end - Date.now());
		const events = executions.flatMap(itemsOf);
		if (events.some((event) => event.messageId === messageId)) return events;
		count = Math.max(count, executions.length);
	}
}

/** João has a conversation with Ana; `write` lets him say something in it. */
function conversation() {
	const write = (text: string) => voxfree.customerWrites(JOAO, WHATSAPP, text).messageId;
	const { protocol } = voxfree.customerWrites(JOAO, WHATSAPP, 'Olá');
	voxfree.assign(protocol, ANA);
	return { protocol, write };
}

const idsIn = (events: IDataObject[]) =>
	events.flatMap(({ messageId }) => (messageId === undefined ? [] : [String(messageId)]));

beforeAll(async () => {
	voxfree = await startVoxfree();
	voxfree.setPassword(ANA, PASSWORD);
	credential = await api.createCredential('voxfreeApi', credentialData());
});

beforeEach(() => {
	voxfree.reset({ keepSettings: true });
	voxfree.setPassword(ANA, PASSWORD);
});

afterEach(async () => {
	voxfree.behave();
	for (const { id } of workflows.splice(0)) await api.deleteWorkflow(id);
	await until(voxfree, () => voxfree.connections().length === 0, BACK_WITHIN);
});

afterAll(async () => {
	await voxfree.close();
	await api.deleteCredential(credential.id);
});

test('each message runs the published workflow once, with its content', async () => {
	const { protocol, write } = conversation();
	const id = await publish();
	const written = ['A internet caiu!', 'Alguém aí? "sim"', '📦'].map(write);
	const events = await eventsWith(id, written.at(-1)!);
	expect(idsIn(events)).toEqual(written);
	expect(events[0]).toMatchObject({
		event: 'newMessage',
		protocol,
		contactId: JOAO,
		channelId: WHATSAPP,
		message: { messageId: written[0], text: 'A internet caiu!', fromMe: false },
	});
	// A repetition by the provider runs nothing, which the event after it shows.
	voxfree.socket.duplicateNext();
	const last = [write('duas vezes'), write('fim')];
	expect(idsIn(await eventsWith(id, last[1]!))).toEqual([...written, ...last]);
});

test('what is written while the socket is down comes as recovered, once, and the gap is told', async () => {
	const { write } = conversation();
	const id = await publish();
	const before = write('antes');
	await eventsWith(id, before);
	voxfree.socket.drop({ agentId: ANA });
	const missed = [write('um'), write('dois')];
	await until(voxfree, () => listeners().length === 1, BACK_WITHIN);
	const events = await eventsWith(id, missed[1]!);
	expect(idsIn(events)).toEqual([before, ...missed]);
	expect(events.filter(({ recovered }) => recovered === true)).toHaveLength(2);
	const after = write('depois');
	const all = await eventsWith(id, after);
	expect(idsIn(all)).toEqual([before, ...missed, after]);
	expect(all.filter(({ event }) => event === 'gap')).toMatchObject([
		{ gap: { reason: expect.stringContaining('connection lost') as string, compared: true } },
	]);
});

test('a socket that is open but tells nothing is found out and replaced', async () => {
	const { write } = conversation();
	const id = await publish();
	const [deaf] = listeners();
	voxfree.socket.stall({ connection: deaf!.id });
	const missed = write('ninguém me ouve');
	expect(await eventsWith(id, missed)).toContainEqual(
		expect.objectContaining({ messageId: missed, recovered: true }),
	);
	await until(
		voxfree,
		() => listeners().length === 1 && listeners()[0]!.id !== deaf!.id,
		BACK_WITHIN,
	);
	const heard = write('agora sim');
	const events = await eventsWith(id, heard);
	expect(idsIn(events)).toEqual([missed, heard]);
	expect(events.find(({ messageId }) => messageId === heard)).not.toHaveProperty('recovered');
});

test('a frame that is broken is a failed execution; the connection and its events go on', async () => {
	const { write } = conversation();
	const id = await publish();
	const [connection] = listeners();
	voxfree.socket.garble('truncated');
	const message = write('tudo bem?');
	await eventsWith(id, message);
	const [failed] = (await api.waitForExecutions(id, 2)).filter(({ status }) => status === 'error');
	expect(failed!.data.resultData.error).toMatchObject({
		message: 'Voxfree sent something that is not JSON',
		description: expect.stringContaining('{"id_msg":17932701') as string,
	});
	expect((await api.executions(id)).count).toBe(2);
	expect(voxfree.connections().map((one) => one.id)).toContain(connection!.id);
});

test('a wrong password is said at publishing', async () => {
	const wrong = await api.createCredential(
		'voxfreeApi',
		credentialData({ password: 'demo-wrong' }),
	);
	try {
		const { id } = await create(wrong);
		// n8n tries several times before it gives up; what is said last says that it was refused before.
		await expect(api.publish(id)).rejects.toThrow(/Voxfree (has )?refused the login/);
	} finally {
		await api.deleteWorkflow(workflows.pop()!.id);
		await api.deleteCredential(wrong.id);
	}
});

test('no secret is stored, whatever goes wrong', async () => {
	const { write } = conversation();
	const id = await publish();
	const messages: string[] = [];
	for (const mode of ['echo-500', 'echo-200', 'echo-html', 'status-401'] as const) {
		voxfree.failNext(mode, 2);
		messages.push(write(mode));
		await eventsWith(id, messages.at(-1)!);
		voxfree.behave();
	}
	voxfree.socket.garble('html');
	voxfree.socket.drop({ agentId: ANA });
	messages.push(write('no meio'));
	const events = await eventsWith(id, messages.at(-1)!);
	expect(idsIn(events)).toEqual(messages);
	const executions = await api.waitForExecutions(id, messages.length);
	expectNowhere(spellings(PASSWORD), executions);
}, 120_000);

test('n8n ended in good order and killed under load: nothing is lost that can be recovered, nothing runs twice', async () => {
	const result = await runKills({
		seed: 20261121,
		signals: ['SIGTERM', 'SIGKILL', 'SIGKILL'],
		perSecond: 5,
	});
	expect(result).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0, examples: [] });
	expect(result.ok + result.reported).toBe(result.sent);
	expect(result.ok).toBeGreaterThan(100);
	expect(result.slowestEnd).toBeLessThan(30_000);
}, 400_000);
