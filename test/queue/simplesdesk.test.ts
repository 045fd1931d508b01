import { randomUUID } from 'node:crypto';
import type { INode } from 'n8n-workflow';
import { errorOf, nodeType, nodeWith } from '../e2e/workflowParts';
import type { Credential } from '../host/N8nApi';
import {
	startSimplesDesk,
	type SimplesDeskSimulator,
} from '../simulators/simplesdesk/SimplesDeskSimulator';
import { ranBy, startQueue, type Queue } from './startQueue';

jest.setTimeout(300_000);

const WEBHOOK_SECRET = 'demo-webhook-secret-for-tests';

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

const answer = (text: string, name = 'Answer') =>
	nodeWith(undefined, name, nodeType('simplesDesk'), 1, {
		resource: 'answer',
		operation: 'sendMessages',
		source: 'list',
		messages: { message: [{ type: 'TEXT', text }] },
	});

/** Publishes Trigger → others, and lets SimplesDesk call the webhook process. */
async function publish(...others: INode[]) {
	const trigger: INode = {
		...nodeWith(credential, 'Trigger', nodeType('simplesDeskTrigger'), 2, {
			verification: 'query',
		}),
		webhookId: randomUUID(),
	};
	const id = await queue.publish([trigger, ...others]);
	const path = `webhook/${trigger.webhookId}/webhook?secret=${WEBHOOK_SECRET}`;
	desk.setWebhookUrl(`${queue.webhooks[0]!.url}/${path}`);
	return id;
}

test('an answer made by the worker reaches the call that the webhook process holds', async () => {
	const id = await publish(answer('=Olá, {{ $json.contact.name }}!'));
	const call = await desk.schedule();
	expect(call).toMatchObject({ outcome: 'sent', reasons: [] });
	expect(desk.delivered()).toEqual([{ type: 'TEXT', text: 'Olá, João da Silva!' }]);
	const [execution] = await queue.api.waitForExecutions(id, 1);
	expect(execution!.status).toBe('success');
	expect(ranBy(queue.workers, execution!.id)).toHaveLength(1);
});

test('calls at once get their own answers', async () => {
	const wait = nodeWith(undefined, 'Wait', 'n8n-nodes-base.wait', 1.1, {
		amount: 2,
		unit: 'seconds',
	});
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
	expect(errorOf(execution!.data)?.message).toBe(
		"'Answer' has already answered this request, so the answer of 'Second' cannot be sent",
	);
	expect(desk.delivered()).toEqual([{ type: 'TEXT', text: 'Um' }]);
});

test('a broken rule and a workflow without an answer give an error status, and nothing is sent', async () => {
	const broken = await publish(answer('={{ "" }}'));
	const call = await desk.schedule();
	expect(call).toMatchObject({ outcome: 'failed', answer: { status: 500 } });
	const [execution] = await queue.api.waitForExecutions(broken, 1);
	expect(errorOf(execution!.data)?.message).toBe("Message 1: 'Text' is empty");

	await publish(nodeWith(undefined, 'Nothing', 'n8n-nodes-base.noOp', 1, {}));
	expect(await desk.schedule()).toMatchObject({ outcome: 'failed', answer: { status: 500 } });
	expect(desk.delivered()).toEqual([]);
});
