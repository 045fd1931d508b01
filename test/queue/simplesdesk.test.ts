import { randomUUID } from 'node:crypto';
import type { INode, IRunExecutionData } from 'n8n-workflow';
import type { Credential } from '../host/N8nApi';
import {
	startSimplesDesk,
	type SimplesDeskSimulator,
} from '../simulators/simplesdesk/SimplesDeskSimulator';
import { startQueue, type Queue } from './startQueue';

jest.setTimeout(300_000);

const WEBHOOK_SECRET = 'demo-webhook-secret-for-tests';
const PACKAGE = 'n8n-nodes-omnichannel';

let queue: Queue;
let desk: SimplesDeskSimulator;
let credential: Credential;

beforeAll(async () => {
	desk = await startSimplesDesk();
	queue = await startQueue();
	credential = await queue.api.createCredential('simplesDeskApi', {
		webhookSecret: WEBHOOK_SECRET,
	});
});

afterAll(async () => {
	await queue?.stop();
	await desk?.close();
});

beforeEach(() => desk.reset());

const node = (name: string, type: string, typeVersion: number, parameters: object): INode => ({
	id: randomUUID(),
	name,
	type,
	typeVersion,
	position: [0, 0],
	parameters: parameters as INode['parameters'],
});
const answer = (text: string, name = 'Answer') =>
	node(name, `${PACKAGE}.simplesDesk`, 1, {
		resource: 'answer',
		operation: 'sendMessages',
		source: 'list',
		messages: { message: [{ type: 'TEXT', text }] },
	});

/** Publishes Trigger → others, and lets SimplesDesk call the webhook process. */
async function publish(...others: INode[]) {
	const trigger: INode = {
		...node('Trigger', `${PACKAGE}.simplesDeskTrigger`, 2, { verification: 'query' }),
		webhookId: randomUUID(),
		credentials: { simplesDeskApi: { id: credential.id, name: credential.name } },
	};
	const nodes = [trigger, ...others];
	const { id } = await queue.api.createWorkflow({
		name: 'SimplesDesk in queue mode',
		nodes,
		connections: Object.fromEntries(
			others.map(({ name }, index) => [
				nodes[index]!.name,
				{ main: [[{ node: name, type: 'main', index: 0 }]] },
			]),
		),
	});
	await queue.api.publish(id);
	const path = `webhook/${trigger.webhookId}/webhook?secret=${WEBHOOK_SECRET}`;
	desk.setWebhookUrl(`${queue.webhookUrl}/${path}`);
	return id;
}

const errorOf = (data: IRunExecutionData) => data.resultData.error?.message;

test('an answer made by the worker reaches the call that the webhook process holds', async () => {
	const id = await publish(answer('=Olá, {{ $json.contact.name }}!'));
	const call = await desk.schedule();
	expect(call).toMatchObject({ outcome: 'sent', reasons: [] });
	expect(desk.delivered()).toEqual([{ type: 'TEXT', text: 'Olá, João da Silva!' }]);
	const [execution] = await queue.api.waitForExecutions(id, 1);
	expect(execution!.status).toBe('success');
	expect(queue.log('worker')).toContain(`execution ${execution!.id}`);
});

test('calls at once get their own answers', async () => {
	const wait = node('Wait', 'n8n-nodes-base.wait', 1.1, { amount: 2, unit: 'seconds' });
	await publish(wait, answer('={{ $("Trigger").item.json.data.number }}'));
	desk.configure({ timeLimit: 110_000 });
	const numbers = Array.from({ length: 20 }, (_, number) => `n${number}`);
	const calls = await Promise.all(
		numbers.map(
			async (number) =>
				await desk.schedule({
					contact: { uid: number, key: '5511900000000', name: number },
					payload: { number },
				}),
		),
	);
	expect(calls.flatMap(({ reasons }) => reasons)).toEqual([]);
	for (const number of numbers)
		expect(desk.delivered(number)).toEqual([{ type: 'TEXT', text: number }]);
});

test('a second answer in the same execution is an error that says so', async () => {
	const id = await publish(answer('Um'), answer('Dois', 'Second'));
	expect(await desk.schedule()).toMatchObject({ outcome: 'sent' });
	const [execution] = await queue.api.waitForExecutions(id, 1);
	expect(errorOf(execution!.data)).toBe(
		"'Answer' has answered this call already; what 'Second' would add cannot be sent",
	);
	expect(desk.delivered()).toEqual([{ type: 'TEXT', text: 'Um' }]);
});

test('a broken rule and a workflow without an answer give an error status, and nothing is sent', async () => {
	const broken = await publish(answer('={{ "" }}'));
	const call = await desk.schedule();
	expect(call).toMatchObject({ outcome: 'failed', answer: { status: 500 } });
	const [execution] = await queue.api.waitForExecutions(broken, 1);
	expect(errorOf(execution!.data)).toBe("Message 1: 'Text' is empty");

	await publish(node('Nothing', 'n8n-nodes-base.noOp', 1, {}));
	expect(await desk.schedule()).toMatchObject({ outcome: 'failed', answer: { status: 500 } });
	expect(desk.delivered()).toEqual([]);
});
