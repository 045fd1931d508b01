import axios from 'axios';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { INode, IRunExecutionData } from 'n8n-workflow';
import { importWorkflow } from '../host/importWorkflow';
import { installTarball, packProject } from '../host/localRegistry';
import { N8nApi, type Credential, type Workflow } from '../host/N8nApi';
import { startHost } from '../host/startHost';
import { signed } from '../nodes/Gitple/signing';
import { startGitple, type GitpleSimulator } from '../simulators/gitple/GitpleSimulator';
import type { FaultName } from '../simulators/misbehaviour';
import { until } from '../simulators/until';
import { e2eHost } from './host';
import { connected, nodeWith } from './workflowParts';

const { api, nodeType } = e2eHost();

const SECRET = 'demo-event-secret-for-tests';

let gitple: GitpleSimulator;
let credential: Credential;
const workflows: Workflow[] = [];

const credentialData = () => ({
	appCode: 'demo-app-code',
	secret: 'demo-open-api-secret',
	webhookSecret: SECRET,
	baseUrl: gitple.apiUrl,
});

beforeAll(async () => {
	gitple = await startGitple({ webhookSecret: SECRET });
	credential = await api.createCredential('gitpleApi', credentialData());
});

afterAll(async () => {
	for (const { id } of workflows) await api.deleteWorkflow(id);
	await api.deleteCredential(credential.id);
	await gitple.close();
});

const trigger = (of: Credential): INode => ({
	...nodeWith(of, 'Event', nodeType('gitpleTrigger'), 2, {}),
	webhookId: randomUUID(),
});

/** A workflow that nobody has published yet, and where its events are to be sent. */
async function create(n8n: N8nApi, start: INode, then: INode) {
	const workflow = await n8n.createWorkflow({
		name: 'Gitple test',
		nodes: [start, then],
		connections: connected({ [start.name]: then.name }),
		settings: { executionOrder: 'v1' },
	});
	return { workflow, url: `${n8n.url}/webhook/${start.webhookId}/webhook` };
}

/** Delivers these very bytes as Gitple would; resolves to the status of the answer. */
async function deliver(url: string, body: string) {
	const { status } = await axios.post(url, body, {
		headers: { 'Content-Type': 'application/json', 'X-Hub-Signature': signed(body, SECRET) },
		validateStatus: null,
	});
	return status;
}

const opened = (id: string) =>
	JSON.stringify({ type: 'session_state_open', session: { id, userId: 'user-1' } });

function firstOf({ resultData }: IRunExecutionData, name: string) {
	return resultData.runData[name]![0]!.data!.main![0]![0]!.json;
}

test('a signed event runs the workflow, which reads the session; forged and repeated ones do not', async () => {
	const get = nodeWith(credential, 'Session', nodeType('gitple'), 1, {
		resource: 'session',
		operation: 'get',
		sessionId: '={{ $json.session.id }}',
		options: { resolveNames: true },
	});
	const { workflow, url } = await create(api, trigger(credential), get);
	workflows.push(workflow);
	await api.publish(workflow.id);
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
	expect(firstOf(execution!.data, 'Event')).toMatchObject({
		event: 'session_state_open',
		session: { id: session.id },
	});
	expect(firstOf(execution!.data, 'Session')).toMatchObject({ id: session.id });
	expect((await api.executions(workflow.id)).count).toBe(1);
});

test('the same event a hundred times at once runs the workflow once', async () => {
	const { workflow, url } = await create(
		api,
		trigger(credential),
		nodeWith(credential, 'Nothing', 'n8n-nodes-base.noOp', 1, {}),
	);
	workflows.push(workflow);
	await api.publish(workflow.id);
	const body = opened('session-of-many');
	const answers = await Promise.all(Array.from({ length: 100 }, () => deliver(url, body)));
	expect(new Set(answers)).toEqual(new Set([200]));
	// The second event's execution shows that all of the first would have been started by now.
	await deliver(url, opened('session-after-it'));
	const executions = await api.waitForExecutions(workflow.id, 2, 90_000);
	expect(
		executions.map(({ data }) => firstOf(data, 'Event').session as { id: string }),
	).toMatchObject([{ id: 'session-of-many' }, { id: 'session-after-it' }]);
	expect((await api.executions(workflow.id)).count).toBe(2);
}, 180_000);

test('events that ran the workflow do not run it again after n8n was killed and started anew', async () => {
	const userFolder = mkdtempSync(join(tmpdir(), 'n8n-restart-'));
	const owner = { email: 'owner@example.test', password: 'demo-Passw0rd' };
	let host = await startHost({ userFolder });
	try {
		const before = new N8nApi(host.url);
		await before.signIn(owner);
		await installTarball(host, before, (await packProject()).tarball);
		const credential = await before.createCredential('gitpleApi', credentialData());
		const { workflow, url } = await create(
			before,
			trigger(credential),
			nodeWith(credential, 'Nothing', 'n8n-nodes-base.noOp', 1, {}),
		);
		await before.publish(workflow.id);
		// The first ones by themselves, the rest in one burst.
		const events = Array.from({ length: 20 }, (_, n) => opened(`session-${n}`));
		for (const event of events.slice(0, 4)) expect(await deliver(url, event)).toBe(200);
		const burst = events.slice(4).map(async (event) => await deliver(url, event));
		expect(new Set(await Promise.all(burst))).toEqual(new Set([200]));
		// What is remembered is stored at most once a second, with whatever comes after that.
		await delay(1_000);
		expect(await deliver(url, events[0]!)).toBe(200);
		await before.waitForExecutions(workflow.id, events.length, 60_000);

		process.kill(-host.pid, 'SIGKILL');
		await host.ended;
		await host.stop();
		host = await startHost({ userFolder, port: host.port });
		const after = new N8nApi(host.url);
		await after.signIn(owner);
		expect(host.url).toBe(before.url);
		const again = await Promise.all(events.map(async (event) => await deliver(url, event)));
		expect(again).toEqual(events.map(() => 200));
		expect(await deliver(url, opened('session-new'))).toBe(200);

		const executions = await after.waitForExecutions(workflow.id, events.length + 1, 60_000);
		const last = executions.at(-1)!;
		expect(firstOf(last.data, 'Event')).toMatchObject({ session: { id: 'session-new' } });
		expect((await after.executions(workflow.id)).count).toBe(events.length + 1);
	} finally {
		await host.stop();
		rmSync(userFolder, { recursive: true, force: true });
	}
}, 300_000);

describe('the workflow of the demo', () => {
	let workflow: Workflow;

	beforeAll(async () => {
		const imported = await importWorkflow(
			api,
			join(__dirname, 'workflows', 'gitple-messages-and-sessions.json'),
			{ credentials: [credential], freshWebhooks: true },
		);
		workflow = imported.workflow;
		workflows.push(workflow);
		gitple.reset({ keepSettings: true });
		gitple.setWebhookUrl(imported.webhooks[0]!.url);
	});

	test('sends on to the user what an agent writes to him outside', async () => {
		const [agent, user] = [gitple.state.agents[0]!, gitple.state.users[2]!];
		await gitple.sendExternalMessage(agent.id, user.id, 'Seu pedido chegou: "A-17" 📦');
		await until(gitple, () => gitple.state.received[user.id] !== undefined, 20_000);
		expect(gitple.state.received[user.id]).toMatchObject([
			{
				type: 'notification',
				lang: user.lang,
				content: [{ t: `${agent.name}: Seu pedido chegou: "A-17" 📦` }],
			},
		]);
	});

	test('puts a closed session on record', async () => {
		const user = gitple.state.users[0]!;
		const { session } = await gitple.openSession(user.id);
		await gitple.assignSession(session.id, 'agent-1');
		gitple.userSays(session.id, 'As botas não servem 😕');
		gitple.agentSays(session.id, 'Pode devolver sem custo.');
		await gitple.closeSession(session.id, 'agent', { tags: ['stag-1'], categories: ['cat-2'] });

		const executions = await api.waitForExecutions(workflow.id, 2);
		const { status, data } = executions.at(-1)!;
		expect({ status, error: data.resultData.error?.message }).toEqual({ status: 'success' });
		expect(firstOf(data, 'Put on Record')).toMatchObject({
			session: session.id,
			customer: user.name,
			minutes: expect.any(Number),
			reason: 'agent',
			tags: 'Refund',
			categories: 'Returns',
			messages: 2,
			transcript: expect.stringMatching(
				/user: As botas não servem 😕\nagent: Pode devolver sem custo\./,
			),
		});
	});

	test('puts a session on record in which nothing was said', async () => {
		const { session } = await gitple.openSession('user-2');
		await gitple.closeSession(session.id, 'userCancel');
		const executions = await api.waitForExecutions(workflow.id, 3);
		const { status, data } = executions.at(-1)!;
		expect({ status, error: data.resultData.error?.message }).toEqual({ status: 'success' });
		expect(firstOf(data, 'Put on Record')).toMatchObject({ session: session.id, messages: 0 });
	});
});

describe('the credential', () => {
	test('passes its test', async () => {
		expect(await api.testCredential(credential)).toMatchObject({ status: 'OK' });
	});

	test('fails its test with a wrong secret, and says that this is why', async () => {
		const wrong = { ...credentialData(), secret: 'demo-wrong-secret' };
		expect(await api.testCredential(credential, wrong)).toEqual({
			status: 'Error',
			message: expect.stringContaining('rejected the app code and the Open API secret'),
		});
	});

	test.each<FaultName>(['html', 'status-500', 'redirect'])(
		'fails its test with a provider in the mode %s',
		async (mode) => {
			gitple.failNext(mode, 1, mode === 'redirect' ? { to: `${api.url}/healthz` } : {});
			expect(await api.testCredential(credential)).toMatchObject({ status: 'Error' });
		},
	);
});
