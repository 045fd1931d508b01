import axios from 'axios';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INode } from 'n8n-workflow';
import { importWorkflow } from '../host/importWorkflow';
import type { Credential, Workflow } from '../host/N8nApi';
import { startControlPage, type ControlPage } from '../simulators/controlPage';
import type { FaultName } from '../simulators/misbehaviour';
import { until } from '../simulators/until';
import { e2eHost } from './host';
import { connected, errorOf, nodeWith } from './workflowParts';

const { api, nodeType, log, databaseFile } = e2eHost();

const WEBHOOK_SECRET = 'demo-webhook-secret-for-tests';

let page: ControlPage;
let credential: Credential;
const workflows: Workflow[] = [];

beforeAll(async () => {
	page = await startControlPage({ port: 0, omnize: { token: 'demo-omnize-token/with+signs=' } });
	credential = await api.createCredential('omnizeApi', {
		token: page.omnize.token,
		baseUrl: page.omnize.apiUrl,
		webhookSecret: WEBHOOK_SECRET,
	});
});

afterAll(async () => {
	for (const { id } of workflows) await api.deleteWorkflow(id);
	await api.deleteCredential(credential.id);
	await page.close();
});

beforeEach(() => page.omnize.reset({ keepSettings: true }));

async function create(nodes: INode[], connections: Record<string, string>) {
	const workflow = await api.createWorkflow({
		name: 'Omnize test',
		nodes,
		connections: connected(connections),
		settings: { executionOrder: 'v1' },
	});
	workflows.push(workflow);
	return workflow;
}

const node = (name: string, type: string, typeVersion: number, parameters: object) =>
	nodeWith(credential, name, type, typeVersion, parameters);

const start = () => node('Start', 'n8n-nodes-base.manualTrigger', 1, {});

const sendMessage = (parameters: object = {}) =>
	node('Omnize', nodeType('omnize'), 1, {
		resource: 'interaction',
		operation: 'sendMessage',
		clientId: '12',
		departmentId: { __rl: true, mode: 'id', value: '1' },
		text: 'Olá',
		...parameters,
	});

describe('the greeting bot', () => {
	beforeAll(async () => {
		const imported = await importWorkflow(
			api,
			join(__dirname, 'workflows', 'omnize-greeting-bot.json'),
			{
				credentials: [credential],
				replace: { 'http://127.0.0.1:4800': page.url },
				freshWebhooks: true,
			},
		);
		workflows.push(imported.workflow);
		const urlOf = (ending: string) =>
			imported.webhooks.find(({ type }) => type.endsWith(ending))!.url;
		page.siteChat.setCustomerChannelUrl(urlOf('.webhook'));
		page.omnize.setWebhookUrl(`${urlOf('.omnizeTrigger')}?secret=${WEBHOOK_SECRET}`);
	});

	const chat = (clientId: string) =>
		page.siteChat.customers.find((customer) => customer.clientId === clientId)!.messages;

	/** Waits until the customer sees this text in the chat. */
	const seen = async (clientId: string, text: string) =>
		await until(
			page.siteChat,
			() => chat(clientId).some((message) => message.text.includes(text)),
			20_000,
		);

	test('greets a customer, hands over to an agent, carries both their words, and reports the end', async () => {
		await page.siteChat.customerSays('12', 'Preciso da segunda via do boleto');
		await seen('12', 'já estou chamando um atendente');
		const open = () => page.omnize.state.interactions.find(({ clientId }) => clientId === '12');
		await until(
			page.omnize,
			() => open()?.messages.some(({ from }) => from === 'customer') === true,
		);

		await page.omnize.agentAccept('12');
		await seen('12', 'Um atendente entrou na conversa');
		await page.omnize.agentSay('12', 'Bom dia! Já envio o boleto.');
		await seen('12', 'Já envio o boleto');

		await page.siteChat.customerSays('12', 'Obrigado');
		await until(
			page.omnize,
			() => open()?.messages.some(({ text }) => text === 'Obrigado') === true,
		);

		await page.omnize.agentFinish('12');
		await seen('12', 'O atendente encerrou a conversa');
		expect(page.omnize.deliveries.map(({ outcome }) => outcome)).toEqual(
			Array.from(page.omnize.deliveries, () => 'delivered'),
		);
	});
});

test('a forged call gets 401 and leaves no execution', async () => {
	const trigger: INode = {
		...node('Agent', nodeType('omnizeTrigger'), 2, { verification: 'query' }),
		webhookId: randomUUID(),
	};
	const workflow = await create([trigger, node('Nothing', 'n8n-nodes-base.noOp', 1, {})], {
		Agent: 'Nothing',
	});
	await api.publish(workflow.id);
	const url = `${api.url}/webhook/${trigger.webhookId}/webhook`;
	for (const query of ['', '?secret=', `?secret=${WEBHOOK_SECRET.slice(0, -1)}`]) {
		const { status, data } = await axios.post(
			`${url}${query}`,
			{ message: 'forged', clientId: '12' },
			{ validateStatus: null },
		);
		expect({ status, data }).toEqual({ status: 401, data: 'Unauthorized' });
	}
	// A good call afterwards shows that executions are recorded, and that it is the only one.
	await axios.post(`${url}?secret=${WEBHOOK_SECRET}`, { status: 'accepted', clientId: '12' });
	const [execution] = await api.waitForExecutions(workflow.id, 1);
	expect(execution!.data.resultData.runData.Agent![0]!.data!.main![0]![0]!.json).toEqual({
		event: 'accepted',
		clientId: '12',
		raw: { status: 'accepted', clientId: '12' },
	});
	expect((await api.executions(workflow.id)).count).toBe(1);
	expect(log()).toContain('Agent: Webhook request rejected');
	expect(log()).not.toContain(WEBHOOK_SECRET.slice(0, -1));
});

describe('the credential', () => {
	test('passes its test against the departments call', async () => {
		expect(await api.testCredential(credential)).toMatchObject({ status: 'OK' });
		expect(page.omnize.requests.at(-1)?.body).toMatchObject({
			type: 'info',
			content: 'departments',
			token: page.omnize.token,
		});
	});

	test('fails its test with a wrong token', async () => {
		const result = await api.testCredential(credential, {
			token: 'demo-wrong-token',
			baseUrl: page.omnize.apiUrl,
		});
		expect(result.status).toBe('Error');
	});
});

test('the editor lists the departments and finds one without its accents', async () => {
	const search = async (filter?: string) =>
		await api.searchList(
			{
				nodeTypeAndVersion: { name: nodeType('omnize'), version: 1 },
				path: 'parameters.departmentId',
				credentials: { omnizeApi: { id: credential.id, name: credential.name } },
			},
			'searchDepartments',
			{ filter },
		);
	const all = await search();
	expect(all.results.length).toBeGreaterThan(2);
	expect(all.results[0]).toEqual({ name: expect.any(String), value: expect.any(String) });
	const accented = all.results.find(
		({ name }) => name !== name.normalize('NFD').replace(/\p{M}/gu, ''),
	)!;
	const bare = accented.name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
	expect((await search(bare)).results).toEqual([accented]);
});

test('the node is offered to AI agents as a tool', async () => {
	const types = await api.nodeTypeNames();
	expect(types).toContain(nodeType('omnizeTool'));
	expect(types).not.toContain(nodeType('omnizeTriggerTool'));
});

describe('an error', () => {
	const spellings = (secret: string) => [
		secret,
		encodeURIComponent(secret),
		Buffer.from(secret).toString('base64'),
		Buffer.from(secret).toString('base64').replace(/=+$/, ''),
		Buffer.from(secret).toString('hex'),
		createHash('md5').update(secret).digest('hex'),
	];

	test.each<FaultName>([
		'html',
		'echo-500',
		'echo-200',
		'echo-html',
		'status-401',
		'truncated-json',
		'reset-mid-body',
		'redirect',
	])(
		'from a provider in the mode %s is one clear sentence or a plain answer, and no secret is stored anywhere',
		async (mode) => {
			const workflow = await create([start(), sendMessage()], { Start: 'Omnize' });
			page.omnize.failNext(mode, 5, mode === 'redirect' ? { to: `${page.url}/elsewhere` } : {});
			const execution = await api.waitForExecution(
				await api.run(workflow.id, { trigger: 'Start' }),
			);
			const error = errorOf(execution.data);
			if (mode !== 'echo-200') {
				expect(execution.status).toBe('error');
				expect(error?.message).toMatch(/^(Omnize|The connection to Omnize) .{10,}/);
				expect(error!.message.length + (error!.description?.length ?? 0)).toBeLessThan(600);
			}
			if (mode === 'html')
				expect(error?.message).toBe(
					'Omnize returned a web page instead of data. The message may have been delivered: do not send it again',
				);
			expect(page.omnize.requests).toHaveLength(1);

			const stored = [databaseFile, `${databaseFile}-wal`]
				.filter((file) => existsSync(file))
				.map((file) => readFileSync(file).toString('latin1'));
			const places = [...stored, log(), JSON.stringify(execution)];
			for (const secret of [page.omnize.token, WEBHOOK_SECRET])
				for (const spelling of spellings(secret))
					expect(places.some((place) => place.includes(spelling))).toBe(false);
		},
	);

	test('with "continue" goes to the error output, the rest to the other', async () => {
		const codeNode = node('Items', 'n8n-nodes-base.set', 3.4, {
			mode: 'raw',
			jsonOutput: '={{ { texts: ["um", 2 ** 53, "três"] } }}',
			options: {},
		});
		const split = node('Split', 'n8n-nodes-base.splitOut', 1, {
			fieldToSplitOut: 'texts',
			options: {},
		});
		const omnize: INode = {
			...sendMessage({ text: '={{ $json.texts }}' }),
			onError: 'continueErrorOutput',
		};
		await axios.post(page.omnize.apiUrl, {
			token: page.omnize.token,
			type: 'info',
			content: 'init',
			departmentId: '1',
			clientId: '12',
		});
		const workflow = await create([start(), codeNode, split, omnize], {
			Start: 'Items',
			Items: 'Split',
			Split: 'Omnize',
		});
		const execution = await api.waitForExecution(await api.run(workflow.id, { trigger: 'Start' }));
		const [good, bad] = execution.data.resultData.runData.Omnize![0]!.data!.main!;
		expect(good!.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 2 }]);
		expect(bad).toHaveLength(1);
		expect(bad![0]!.json.error).toContain("'Text' is a number that JavaScript has rounded");
	});
});
