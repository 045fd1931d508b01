import axios from 'axios';
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject, INode, INodeTypeDescription } from 'n8n-workflow';
import { readWorkflow } from '../host/importWorkflow';
import { projectRoot } from '../host/install';
import { installTarball, packProject } from '../host/localRegistry';
import { N8nApi, type Credential, type Workflow } from '../host/N8nApi';
import { startHost, type Host } from '../host/startHost';
import type { FaultName } from '../simulators/misbehaviour';
import { until } from '../simulators/until';
import type { Dialect } from '../simulators/voxfree/dialects';
import { seedPasswords } from '../simulators/voxfree/office';
import {
	SERVICES_PATH,
	startVoxfree,
	type VoxfreeSimulator,
} from '../simulators/voxfree/VoxfreeSimulator';
import { e2eHost } from './host';
import { expectNowhere, spellings } from './secrets';
import { connected, errorOf, inOrder, nodeWith, outputOf } from './workflowParts';

const { api, nodeType } = e2eHost();

const ANA = '61';
const BRUNO = '60';
const CARLA = '7204';
const JOAO = '30';
const WHATSAPP = '25';

let voxfree: VoxfreeSimulator;
let credential: Credential;
const workflows: Workflow[] = [];
const credentials: Credential[] = [];

beforeAll(async () => {
	voxfree = await startVoxfree();
	credential = await createCredential(credentialData(ANA));
});

afterAll(async () => {
	for (const { id } of workflows) await api.deleteWorkflow(id);
	for (const { id } of credentials) await api.deleteCredential(id);
	await voxfree.close();
});

beforeEach(() => voxfree.reset({ keepSettings: true }));

/** `slashes` changes nothing for the simulator, but makes it another address, so another session. */
function credentialData(agentId: string, { slashes = 0, ...change }: Record<string, unknown> = {}) {
	const agent = voxfree.state.agents.find(({ id }) => id === agentId)!;
	return {
		login: agent.login,
		password: seedPasswords[agentId]!,
		agentName: agent.name,
		baseUrl: `${voxfree.applicationUrl}${SERVICES_PATH}${'/'.repeat(Number(slashes))}`,
		servicesUrl: `${voxfree.servicesUrl}${SERVICES_PATH}`,
		socketUrl: voxfree.socketUrl,
		...change,
	};
}

async function createCredential(data: Record<string, unknown>) {
	const created = await api.createCredential('voxfreeApi', data);
	credentials.push(created);
	return created;
}

async function create(nodes: INode[], connections: Record<string, string> = {}, on = api) {
	const workflow = await on.createWorkflow({
		name: 'Voxfree test',
		nodes,
		connections: connected(connections),
		settings: { executionOrder: 'v1' },
	});
	if (on === api) workflows.push(workflow);
	return workflow;
}

const node = (
	name: string,
	type: string,
	typeVersion: number,
	parameters: object,
	by = credential,
) => nodeWith(by, name, type, typeVersion, parameters);

const start = () => node('Start', 'n8n-nodes-base.manualTrigger', 1, {});

const call = (): INode => ({
	...node('Call', 'n8n-nodes-base.webhook', 2, {
		httpMethod: 'POST',
		path: randomUUID(),
		responseMode: 'lastNode',
		responseData: 'allEntries',
	}),
	webhookId: randomUUID(),
});

const protocolOf = (value: string) => ({ __rl: true, mode: 'id', value });

const action = (
	name: string,
	resource: string,
	operation: string,
	parameters: object = {},
	by = credential,
) => node(name, nodeType('voxfree'), 1, { resource, operation, options: {}, ...parameters }, by);

const getActive = (by = credential) => action('Voxfree', 'conversation', 'getActive', {}, by);

/** A live workflow that asks for the active conversations at each call of the address returned. */
async function publishCalled(by = credential, on = api) {
	const webhook = call();
	const workflow = await create([webhook, getActive(by)], { Call: 'Voxfree' }, on);
	await on.publish(workflow.id);
	return { workflow, url: `${on.url}/webhook/${webhook.parameters.path as string}` };
}

async function run(...nodes: INode[]) {
	const all = [start(), ...nodes];
	const workflow = await create(all, inOrder(all));
	return await api.waitForExecution(await api.run(workflow.id, { trigger: 'Start' }));
}

const loginsOf = (agentId: string) => voxfree.state.logins[agentId] ?? 0;

const conversationOf = (protocol: string) =>
	voxfree.state.conversations.find((conversation) => conversation.protocol === protocol)!;

test('a conversation is taken from the queue, answered, tagged and finished', async () => {
	const { protocol } = voxfree.customerWrites(JOAO, WHATSAPP, 'Preciso da segunda via');
	const about = { protocol: protocolOf(protocol) };
	const { status, data } = await run(
		action('Open', 'conversation', 'open', about),
		action('Answer', 'message', 'sendText', {
			...about,
			text: "=Olá, {{ $('Open').item.json.contact.name }}!",
			outsideWindow: 'error',
		}),
		action('Tag', 'tag', 'attach', { ...about, tagId: protocolOf('53') }),
		action('Finish', 'conversation', 'finish', { ...about, wrapUpCodeId: protocolOf('22') }),
	);
	expect({ status, error: errorOf(data) }).toEqual({ status: 'success', error: null });
	expect(outputOf(data, 'Open')[0]).toMatchObject({
		protocol,
		contact: { contactId: JOAO, name: 'João Batista' },
	});
	expect(outputOf(data, 'Answer')[0]).toMatchObject({ success: true, protocol, fromMe: true });
	const conversation = conversationOf(protocol);
	expect(conversation).toMatchObject({ state: 'finished', wrapUpCode: '22', tagIds: ['53'] });
	expect(conversation.messages.at(-1)!.text).toBe('*Ana Souza*: \nOlá, João Batista!');
});

test('the editor lists departments, the channels of one, and the active conversations', async () => {
	const search = async (path: string, method: string, chosen = {}) =>
		await api.searchList(
			{
				nodeTypeAndVersion: { name: nodeType('voxfree'), version: 1 },
				path: `parameters.${path}`,
				currentNodeParameters: { resource: 'conversation', operation: 'start', ...chosen },
				credentials: { voxfreeApi: { id: credential.id, name: credential.name } },
			},
			method,
		);
	expect((await search('departmentId', 'searchDepartments')).results).toEqual([
		{ name: 'Atendimento', value: '9' },
		{ name: 'Financeiro', value: '10' },
	]);
	const channels = await search('channelId', 'searchChannels', { departmentId: protocolOf('9') });
	expect(channels.results.map(({ value }) => value).sort()).toEqual(['25', '26', '27']);
	const { protocol } = voxfree.customerWrites(JOAO, WHATSAPP, 'Bom dia');
	voxfree.assign(protocol, ANA);
	const conversations = await search('protocol', 'searchConversations', { operation: 'finish' });
	expect(conversations.results).toContainEqual({
		name: `João Batista (${protocol})`,
		value: protocol,
	});
});

test('the node is offered to AI agents as a tool, the trigger is not', async () => {
	const types = await api.nodeTypeNames();
	expect(types).toContain(nodeType('voxfreeTool'));
	expect(types).not.toContain(nodeType('voxfreeTriggerTool'));
	const all = await api.call<INodeTypeDescription[]>('GET', '/types/nodes.json');
	const tool = all.find(({ name }) => name === nodeType('voxfreeTool'))!;
	expect(tool.outputs).toEqual(['ai_tool']);
	const names = tool.properties.map(({ name }) => name);
	expect(names).toEqual(expect.arrayContaining(['toolDescription', 'resource', 'operation']));
});

describe('the credential', () => {
	test('passes its test', async () => {
		expect(await api.testCredential(credential)).toMatchObject({ status: 'OK' });
	});

	test('fails its test with a wrong password, which Voxfree refuses under status 200', async () => {
		expect(
			await api.testCredential(credential, credentialData(ANA, { password: 'demo-wrong' })),
		).toEqual({
			status: 'Error',
			message: 'Voxfree refused the login. Check login and password.',
		});
	});
});

describe('the session', () => {
	test('is begun by one login for 100 executions of two workflows that begin at once', async () => {
		const by = await createCredential(credentialData(ANA, { slashes: 1 }));
		const [first, second] = [await publishCalled(by), await publishCalled(by)];
		const before = loginsOf(ANA);
		for (let round = 0; round < 10; round++) {
			await Promise.all(
				Array.from({ length: 10 }, async (_, index) => {
					await axios.post((index % 2 === 0 ? first : second).url, {}, { proxy: false });
				}),
			);
		}
		for (const { workflow } of [first, second]) {
			const executions = await api.waitForExecutions(workflow.id, 50);
			expect(executions.map(({ status }) => status)).toEqual(Array(50).fill('success'));
		}
		expect(loginsOf(ANA) - before).toBe(1);
	});

	test('is renewed once for ten executions at the same time when Voxfree has forgotten it', async () => {
		const { workflow, url } = await publishCalled();
		await axios.post(url, {}, { proxy: false });
		const before = loginsOf(ANA);
		voxfree.forgetSession(ANA);
		await Promise.all(
			Array.from({ length: 10 }, async () => await axios.post(url, {}, { proxy: false })),
		);
		const executions = await api.waitForExecutions(workflow.id, 11);
		expect(executions.map(({ status }) => status)).toEqual(Array(11).fill('success'));
		expect(loginsOf(ANA) - before).toBe(1);
	});

	test('is asked for at most three times when the login is refused, by whatever executions', async () => {
		const by = await createCredential(credentialData(ANA, { password: 'demo-wrong-password' }));
		const before = voxfree.state.refusedLogins;
		const errors = [];
		for (let execution = 1; execution <= 5; execution++) {
			const { status, data } = await run(getActive(by));
			expect(status).toBe('error');
			errors.push(errorOf(data)!);
		}
		expect(voxfree.state.refusedLogins - before).toBe(3);
		expect(errors[0]!.message).toMatch(/^Voxfree refused the login: Usuário ou senha inválido/);
		expect(errors[4]!.message).toMatch(
			/^Voxfree refused the login three times, so it is not tried again/,
		);
	});

	test('is used again after n8n was restarted', async () => {
		const parent = join(projectRoot, '.test-output');
		mkdirSync(parent, { recursive: true });
		const folder = mkdtempSync(join(parent, 'restarted-'));
		const owner = { email: 'owner@example.test', password: 'demo-Passw0rd' };
		let host: Host | undefined;
		try {
			host = await startHost({ userFolder: folder });
			const before = new N8nApi(host.url);
			await before.signIn(owner);
			await installTarball(host, before, (await packProject()).tarball);
			const by = await before.createCredential(
				'voxfreeApi',
				credentialData(ANA, { slashes: 2 }),
				'Voxfree',
			);
			const { url } = await publishCalled(by, before);
			const logins = loginsOf(ANA);
			await axios.post(url, {}, { proxy: false });
			expect(loginsOf(ANA) - logins).toBe(1);
			const { port } = host;
			await host.stop();

			host = await startHost({ userFolder: folder, port });
			const calls = voxfree.requests.length;
			await axios.post(url.replace(before.url, host.url), {}, { proxy: false });
			expect(voxfree.requests.length - calls).toBe(1);
			expect(loginsOf(ANA) - logins).toBe(1);
		} finally {
			await host?.stop();
			rmSync(folder, { recursive: true, force: true });
		}
	}, 400_000);
});

describe('secrets', () => {
	const PASSWORD = 'demo-senha/ção &+1=';
	const SIP_PASSWORD = 'demo-sip-password/é 2';
	const TWO_FACTOR = 'demo-739184-code';

	beforeEach(() => {
		voxfree.setPassword(CARLA, PASSWORD);
		voxfree.changeAgent(CARLA, {
			twoFactorCode: TWO_FACTOR,
			extension: { number: '2101', password: SIP_PASSWORD },
		});
	});

	const secrets = [PASSWORD, SIP_PASSWORD, TWO_FACTOR].flatMap(spellings);

	const expectNoSecrets = (executions: unknown) => expectNowhere(secrets, executions);

	let slashes = 10;
	const freshCredential = async (change: Record<string, unknown> = {}) =>
		await createCredential(
			credentialData(CARLA, { password: PASSWORD, slashes: slashes++, ...change }),
		);

	test('of a login and of what it answers are stored nowhere in the clear', async () => {
		const by = await freshCredential();
		const { status, data } = await run(action('Voxfree', 'agent', 'getSession', {}, by));
		expect(status).toBe('success');
		expect(outputOf(data, 'Voxfree')).toEqual([
			expect.objectContaining({
				agentId: CARLA,
				twoFactorAuthentication: true,
				extension: expect.objectContaining({ number: '2101' }) as IDataObject,
			}),
		]);
		const login = voxfree.requests.find(({ path }) => path.endsWith('/login.php'))!;
		expect(login.body).toMatchObject({
			senha: createHash('md5').update(PASSWORD, 'utf8').digest('hex'),
		});
		expectNoSecrets(data);
	});

	test.each<FaultName>([
		'html',
		'echo-500',
		'echo-200',
		'echo-html',
		'status-401',
		'truncated-json',
		'warning-before-json',
		'reset-mid-body',
		'redirect',
	])('are stored nowhere when the login goes wrong in the mode %s', async (mode) => {
		const by = await freshCredential();
		voxfree.failNext(mode, 5, mode === 'redirect' ? { to: `${voxfree.url}/elsewhere` } : {});
		const { status, data } = await run(getActive(by));
		voxfree.behave();
		const error = errorOf(data);
		if (mode !== 'warning-before-json') {
			expect(status).toBe('error');
			expect(error?.message).toMatch(/^(Voxfree|The connection to Voxfree) .{10,}/);
			expect(error!.message.length + (error!.description?.length ?? 0)).toBeLessThan(600);
		}
		expectNoSecrets(data);
	});

	test('are stored nowhere when the login is refused, or another call goes wrong', async () => {
		const wrong = await freshCredential({ login: 'nobody@demo' });
		const refused = await run(getActive(wrong));
		expect(errorOf(refused.data)?.message).toMatch(/^Voxfree refused the login: /);
		const right = await freshCredential();
		const good = await run(getActive(right));
		expect(good.status).toBe('success');
		const executions = [refused.data, good.data];
		for (const mode of ['echo-500', 'echo-200', 'echo-html', 'html'] as const) {
			voxfree.failNext(mode, 5);
			executions.push((await run(action('Voxfree', 'agent', 'setOnline', {}, right))).data);
			voxfree.behave();
		}
		expectNoSecrets(executions);
	});
});

/** The document shows lists as pictures only, so nobody here knows in which form they come. */
const dialects: Dialect[] = ['own', 'split', 'keyed', 'nested'];

describe.each(dialects)('the front desk, with lists in the dialect "%s",', (answers) => {
	const FILE = join(__dirname, 'workflows', 'voxfree-front-desk.json');

	beforeAll(() => voxfree.configure({ answers }));
	afterAll(() => voxfree.configure({ answers: 'own' }));

	/** The example workflow, live, open at all hours or at none. */
	async function open(hours: 'always' | 'never') {
		const wanted = readWorkflow(FILE, { credentials: [credential] });
		const { assignments } = wanted.nodes.find(({ name }) => name === 'Office Hours')!.parameters
			.assignments as { assignments: Array<{ name: string; value: unknown }> };
		const change: Record<string, number> =
			hours === 'always'
				? { opensAt: 0, closesAt: 24, lastWeekday: 7 }
				: { opensAt: 24, closesAt: 24, lastWeekday: 7 };
		for (const one of assignments) one.value = change[one.name] ?? one.value;
		const workflow = await api.createWorkflow(wanted);
		await api.publish(workflow.id);
		await until(voxfree, () => voxfree.connections({ agentId: ANA }).length > 0, 20_000);
		return workflow;
	}

	const ofAgent = (protocol: string) =>
		conversationOf(protocol)
			.messages.filter(({ from }) => from === 'agent')
			.map(({ text }) => text);

	test('greets, tags and hands over within office hours, and lets go of what it has handed over', async () => {
		const workflow = await open('always');
		try {
			// The agent is set online once the socket is connected.
			await until(voxfree, () => voxfree.state.agents.find(({ id }) => id === ANA)!.online, 10_000);
			const { protocol } = voxfree.customerWrites(JOAO, WHATSAPP, 'A internet caiu!');
			voxfree.customerWrites(JOAO, WHATSAPP, 'Alguém aí?');
			await until(voxfree, () => conversationOf(protocol).agentId === BRUNO, 30_000);
			const conversation = conversationOf(protocol);
			expect(conversation).toMatchObject({ state: 'active', tagIds: ['53'] });
			expect(conversation.notes.map(({ text }) => text)).toEqual([
				'O contato escreveu: A internet caiu!',
			]);
			const executions = await api.waitForExecutions(workflow.id, 2);
			expect(executions.map(({ status }) => status)).toEqual(['success', 'success']);
			expect(ofAgent(protocol)).toEqual([
				'*Ana Souza*: \nOlá, João Batista! Recebi a sua mensagem e já estou chamando um atendente.',
			]);
		} finally {
			await api.deleteWorkflow(workflow.id);
		}
		await until(voxfree, () => voxfree.connections({ agentId: ANA }).length === 0);
		expect(voxfree.state.agents.find(({ id }) => id === ANA)!.online).toBe(false);
	});

	test('says when it is open, tags and finishes with a wrap-up code outside office hours', async () => {
		const workflow = await open('never');
		try {
			const { protocol } = voxfree.customerWrites(JOAO, WHATSAPP, 'Boa noite');
			await until(voxfree, () => conversationOf(protocol).state === 'finished', 30_000);
			expect(conversationOf(protocol)).toMatchObject({ tagIds: ['52'], wrapUpCode: '22' });
			expect(ofAgent(protocol)).toEqual([expect.stringContaining('Voltaremos a falar com você.')]);
			const [execution] = await api.waitForExecutions(workflow.id, 1);
			expect(execution!.status).toBe('success');
		} finally {
			await api.deleteWorkflow(workflow.id);
		}
	});
});
