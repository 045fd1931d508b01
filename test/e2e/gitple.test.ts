import axios from 'axios';
import { randomUUID } from 'node:crypto';
import type { INode } from 'n8n-workflow';
import type { Credential, Workflow } from '../host/N8nApi';
import { startGitple, type GitpleSimulator } from '../simulators/gitple/GitpleSimulator';
import { e2eHost } from './host';

const { api, nodeType } = e2eHost();

let gitple: GitpleSimulator;
let credential: Credential;
const workflows: Workflow[] = [];

beforeAll(async () => {
	gitple = await startGitple({ webhookSecret: 'demo-event-secret-for-tests' });
	credential = await api.createCredential('gitpleApi', {
		appCode: 'demo-app-code',
		secret: 'demo-open-api-secret',
		webhookSecret: 'demo-event-secret-for-tests',
		baseUrl: gitple.apiUrl,
	});
});

afterAll(async () => {
	for (const { id } of workflows) await api.deleteWorkflow(id);
	await api.deleteCredential(credential.id);
	await gitple.close();
});

function node(name: string, type: string, typeVersion: number, parameters: object): INode {
	const ours = type.startsWith(nodeType(''));
	return {
		id: name.toLowerCase(),
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
		...(ours ? { credentials: { gitpleApi: { id: credential.id, name: credential.name } } } : {}),
	};
}

test('a signed event runs the workflow, which reads the session; forged and repeated ones do not', async () => {
	const trigger: INode = {
		...node('Event', nodeType('gitpleTrigger'), 2, {}),
		webhookId: randomUUID(),
	};
	const get = node('Session', nodeType('gitple'), 1, {
		resource: 'session',
		operation: 'get',
		sessionId: '={{ $json.session.id }}',
		options: { resolveNames: true },
	});
	const workflow = await api.createWorkflow({
		name: 'Gitple test',
		nodes: [trigger, get],
		connections: { Event: { main: [[{ node: 'Session', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	});
	workflows.push(workflow);
	await api.publish(workflow.id);
	const url = `${api.url}/webhook/${trigger.webhookId}/webhook`;
	gitple.setWebhookUrl(url);

	for (const forgery of ['wrong-secret', 'tampered-body', 're-serialised', 'no-header'] as const)
		expect((await gitple.sendForged(forgery)).answer?.status).toBe(401);
	expect((await axios.post(url, {}, { validateStatus: null })).status).toBe(401);

	const user = gitple.state.users[0]!;
	const { session, delivery } = await gitple.openSession(user.id);
	expect(delivery?.answer?.status).toBe(200);
	expect((await gitple.deliverAgain(delivery!.id)).answer?.status).toBe(200);

	const [execution] = await api.waitForExecutions(workflow.id, 1);
	expect(execution!.status).toBe('success');
	const output = (name: string) =>
		execution!.data.resultData.runData[name]![0]!.data!.main![0]![0]!.json;
	expect(output('Event')).toMatchObject({
		event: 'session_state_open',
		session: { id: session.id },
	});
	expect(output('Session')).toMatchObject({ id: session.id });
	expect((await api.executions(workflow.id)).count).toBe(1);
});

test('the credential passes its test, and fails it with a wrong secret', async () => {
	expect(await api.testCredential(credential)).toMatchObject({ status: 'OK' });
	const wrong = await api.testCredential(credential, {
		appCode: 'demo-app-code',
		secret: 'demo-wrong-secret',
		baseUrl: gitple.apiUrl,
	});
	expect(wrong.status).toBe('Error');
});
