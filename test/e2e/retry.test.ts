import axios from 'axios';
import type { INode } from 'n8n-workflow';
import type { Credential, Workflow } from '../host/N8nApi';
import { startGitple } from '../simulators/gitple/GitpleSimulator';
import { startLifty } from '../simulators/lifty/LiftySimulator';
import type { FaultName } from '../simulators/misbehaviour';
import { startOmnize } from '../simulators/omnize/OmnizeSimulator';
import { seedPasswords } from '../simulators/voxfree/office';
import { SERVICES_PATH, startVoxfree } from '../simulators/voxfree/VoxfreeSimulator';
import { until } from '../simulators/until';
import { e2eHost } from './host';
import { connected, errorOf, inOrder, nodeWith, outputOf } from './workflowParts';

const { api, nodeType } = e2eHost();

/** A provider, and how a workflow sends one of its messages. */
interface Desk {
	type: string;
	credential: Credential;
	parameters: object;
	failNext(mode: FaultName, count: number): void;
	/** The texts that have reached the provider, each as often as it did. */
	sent(): string[];
	close(): Promise<void>;
}

/** The texts in the bodies of all requests but those for lists and logins. */
function textsIn(requests: ReadonlyArray<{ rawBody: string }>): string[] {
	return requests.flatMap(({ rawBody }) => /retry-[ABC]/.exec(rawBody)?.[0] ?? []);
}

const starters: Record<string, () => Promise<Desk>> = {
	async omnize() {
		const omnize = await startOmnize();
		await axios.post(omnize.apiUrl, {
			token: omnize.token,
			type: 'info',
			content: 'init',
			departmentId: '1',
			clientId: '12',
		});
		return {
			type: 'omnize',
			credential: await api.createCredential('omnizeApi', {
				token: omnize.token,
				baseUrl: omnize.apiUrl,
			}),
			parameters: {
				resource: 'interaction',
				operation: 'sendMessage',
				clientId: '12',
				departmentId: { __rl: true, mode: 'id', value: '1' },
			},
			failNext: (mode, count) => omnize.failNext(mode, count),
			sent: () => textsIn(omnize.requests),
			close: async () => await omnize.close(),
		};
	},
	async gitple() {
		const gitple = await startGitple({});
		return {
			type: 'gitple',
			credential: await api.createCredential('gitpleApi', {
				appCode: 'demo-app-code',
				secret: 'demo-open-api-secret',
				baseUrl: gitple.apiUrl,
			}),
			parameters: { resource: 'message', operation: 'sendMessage', recipientId: 'customer-1001' },
			failNext: (mode, count) => gitple.failNext(mode, count),
			sent: () => textsIn(gitple.requests),
			close: async () => await gitple.close(),
		};
	},
	async lifty() {
		const lifty = await startLifty({
			apiKey: 'demo-lifty-key',
			qrReadyAfter: 10,
			connectsAfter: 10,
		});
		lifty.startConnection('demo-bot-vendas');
		await until(lifty, () => lifty.bot('demo-bot-vendas').status === 'QRCODE');
		lifty.scan('demo-bot-vendas');
		await until(lifty, () => lifty.bot('demo-bot-vendas').status === 'CONNECTED');
		return {
			type: 'lifty',
			credential: await api.createCredential('liftyApi', {
				apiKey: 'demo-lifty-key',
				botId: 'demo-bot-vendas',
				baseUrl: lifty.apiUrl,
			}),
			parameters: {
				resource: 'message',
				operation: 'sendDirectMessage',
				phoneNumber: '5548999991234',
			},
			failNext: (mode, count) => lifty.failNext(mode, count),
			sent: () => textsIn(lifty.requests),
			close: async () => await lifty.close(),
		};
	},
	async voxfree() {
		const voxfree = await startVoxfree();
		const agent = voxfree.state.agents.find(({ id }) => id === '61')!;
		const { protocol } = voxfree.customerWrites('30', '25', 'Bom dia');
		voxfree.assign(protocol, agent.id);
		return {
			type: 'voxfree',
			credential: await api.createCredential('voxfreeApi', {
				login: agent.login,
				password: seedPasswords['61']!,
				baseUrl: `${voxfree.applicationUrl}${SERVICES_PATH}`,
				servicesUrl: `${voxfree.servicesUrl}${SERVICES_PATH}`,
				socketUrl: voxfree.socketUrl,
			}),
			parameters: {
				resource: 'message',
				operation: 'sendText',
				protocol: { __rl: true, mode: 'id', value: protocol },
				details: { channelId: '25', contactId: '30' },
			},
			failNext: (mode, count) => voxfree.failNext(mode, count),
			sent: () => textsIn(voxfree.requests),
			close: async () => await voxfree.close(),
		};
	},
};

const workflows: Workflow[] = [];
const desks: Desk[] = [];

afterAll(async () => {
	for (const { id } of workflows) await api.deleteWorkflow(id);
	for (const { credential, close } of desks) {
		await api.deleteCredential(credential.id);
		await close();
	}
});

const texts = (...names: string[]) => ({
	mode: 'raw',
	jsonOutput: JSON.stringify({ texts: names.map((name) => `retry-${name}`) }),
	options: {},
});

/** Start → Items → Split → what follows: one item for each text. */
async function run(desk: Desk, names: string[], ...then: INode[]) {
	const plain = (name: string, type: string, version: number, parameters: object) =>
		nodeWith(undefined, name, `n8n-nodes-base.${type}`, version, parameters);
	const nodes = [
		plain('Start', 'manualTrigger', 1, {}),
		plain('Items', 'set', 3.4, texts(...names)),
		plain('Split', 'splitOut', 1, { fieldToSplitOut: 'texts', options: {} }),
		...then,
	];
	const lines = connected(inOrder(nodes));
	const loop = nodes.find(({ type }) => type.endsWith('.splitInBatches'));
	if (loop !== undefined) {
		const send = { node: 'Send', type: 'main' as const, index: 0 };
		lines[loop.name] = { main: [[], [send]] };
		lines.Send = { main: [[{ ...send, node: loop.name }]] };
	}
	const workflow = await api.createWorkflow({
		name: 'Retry test',
		nodes,
		connections: lines,
		settings: { executionOrder: 'v1' },
	});
	workflows.push(workflow);
	const before = desk.sent().length;
	const { data } = await api.waitForExecution(await api.run(workflow.id, { trigger: 'Start' }));
	return {
		sent: desk
			.sent()
			.slice(before)
			.map((text) => text.slice(-1)),
		error: errorOf(data),
		data,
	};
}

function sendOf(desk: Desk, changes: Partial<INode> = {}, text = '={{ $json.texts }}'): INode {
	const node = nodeWith(desk.credential, 'Send', nodeType(desk.type), 1, {
		...desk.parameters,
		text,
		options: { batching: { batch: { concurrentItems: 1, itemInterval: 0 } } },
	});
	return { ...node, retryOnFail: true, maxTries: 3, waitBetweenTries: 100, ...changes };
}

describe.each(Object.keys(starters))('with Retry On Fail, %s', (name) => {
	let desk: Desk;
	beforeAll(async () => {
		desk = await starters[name]!();
		desks.push(desk);
		// Whoever has to log in has done so.
		await run(desk, ['A'], sendOf(desk));
	});

	test('sends nothing again that may have been delivered', async () => {
		desk.failNext('status-504', 1);
		const { sent, error } = await run(desk, ['A', 'B', 'C'], sendOf(desk));
		expect(sent).toEqual(['A']);
		expect(error?.message).toMatch(/\. The message may have been delivered: do not send it again$/);
	});

	test('nor where the node continues, whose other items go out once', async () => {
		desk.failNext('status-504', 1);
		const send = sendOf(desk, { onError: 'continueRegularOutput' });
		const { sent, data } = await run(desk, ['A', 'B', 'C'], send);
		expect(sent).toEqual(['A', 'B', 'C']);
		expect(outputOf(data, 'Send')[0]?.error).toMatch(/do not send it again$/);
		expect(outputOf(data, 'Send')).toHaveLength(3);
	});

	test('sends in each round of a loop', async () => {
		const loop = nodeWith(undefined, 'Loop', 'n8n-nodes-base.splitInBatches', 3, { options: {} });
		const { sent, error } = await run(desk, ['A', 'B', 'C'], loop, sendOf(desk));
		expect(error ?? undefined).toBeUndefined();
		expect(sent).toEqual(['A', 'B', 'C']);
	});
});
