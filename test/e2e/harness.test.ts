import axios from 'axios';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importWorkflow, readWorkflow } from '../host/importWorkflow';
import { e2eHost } from './host';

const { api } = e2eHost();

const echo = {
	name: 'Echo',
	nodes: [
		{
			id: '1',
			name: 'Webhook',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			position: [0, 0],
			parameters: { path: 'echo', httpMethod: 'POST' },
			webhookId: 'echo',
		},
		{
			id: '2',
			name: 'Nothing',
			type: 'n8n-nodes-base.noOp',
			typeVersion: 1,
			position: [200, 0],
			parameters: {},
		},
	],
	connections: { Webhook: { main: [[{ node: 'Nothing', type: 'main', index: 0 }]] } },
};

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'workflows-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function writeWorkflow(workflow: object) {
	const file = join(folder, 'workflow.json');
	writeFileSync(file, JSON.stringify(workflow));
	return file;
}

test('an imported workflow is live at the address reported, and its executions can be read', async () => {
	const file = writeWorkflow(echo);
	const { workflow, webhooks } = await importWorkflow(api, file, {
		credentials: [],
		freshWebhooks: true,
	});
	expect(webhooks).toEqual([
		expect.objectContaining({ node: 'Webhook', type: 'n8n-nodes-base.webhook', method: 'POST' }),
	]);

	await axios.post(webhooks[0]!.url, { text: 'first' });
	await axios.post(webhooks[0]!.url, { text: 'second' });
	const executions = await api.waitForExecutions(workflow.id, 2);

	const received = executions.map(
		({ data }) => data.resultData.runData.Nothing?.[0]?.data?.main?.[0]?.[0]?.json.body,
	);
	expect(received).toEqual([{ text: 'first' }, { text: 'second' }]);
	await api.deleteWorkflow(workflow.id);
	const { status } = await axios.post(webhooks[0]!.url, {}, { validateStatus: null });
	expect(status).toBe(404);
});

test('a workflow runs by hand and its data can be read', async () => {
	const trigger = {
		...echo.nodes[0]!,
		name: 'Start',
		type: 'n8n-nodes-base.manualTrigger',
		typeVersion: 1,
		parameters: {},
	};
	const { id } = await api.createWorkflow(
		readWorkflow(writeWorkflow({ name: 'By hand', nodes: [trigger], connections: {} }), {
			credentials: [],
		}),
	);
	const execution = await api.waitForExecution(await api.run(id, { trigger: 'Start' }));
	expect(execution.status).toBe('success');
	expect(execution.data.resultData.lastNodeExecuted).toBe('Start');
	await api.deleteWorkflow(id);
});

test('credentials of a workflow file are matched by their type, and texts are replaced', () => {
	const node = {
		...echo.nodes[1],
		parameters: { url: 'http://127.0.0.1:4800/reply' },
		credentials: { toyApi: { id: 'from another n8n', name: 'Somebody else’s' } },
	};
	const file = writeWorkflow({ name: 'Toy', nodes: [node], connections: {} });
	const credentials = [{ id: '7', name: 'Mine', type: 'toyApi' }];
	const { nodes } = readWorkflow(file, {
		credentials,
		replace: { 'http://127.0.0.1:4800': 'http://127.0.0.1:4901' },
	});
	expect(nodes[0]).toMatchObject({
		parameters: { url: 'http://127.0.0.1:4901/reply' },
		credentials: { toyApi: { id: '7', name: 'Mine' } },
	});
	expect(() => readWorkflow(file, { credentials: [] })).toThrow(
		'"Nothing" needs a credential of type toyApi',
	);
});

test('what n8n refuses is reported with method, path, status and its reason', async () => {
	await expect(api.workflow('no-such-workflow')).rejects.toThrow(
		/^GET \/rest\/workflows\/no-such-workflow was answered with 404: Could not load the workflow/,
	);
});
