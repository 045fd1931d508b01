import axios from 'axios';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INode } from 'n8n-workflow';
import { importWorkflow } from '../host/importWorkflow';
import type { Credential, Workflow } from '../host/N8nApi';
import { startControlPage, type ControlPage } from '../simulators/controlPage';
import messages from '../fixtures/simplesdesk/response-messages.json';
import scheduled from '../fixtures/simplesdesk/request-scheduled.json';
import { e2eHost } from './host';
import { connected, errorOf, inOrder } from './workflowParts';

const { api, nodeType, log, databaseFile } = e2eHost();

const WEBHOOK_SECRET = 'demo-desk-webhook-secret-for-tests';

let page: ControlPage;
let credential: Credential;
const workflows: Workflow[] = [];

beforeAll(async () => {
	page = await startControlPage({ port: 0 });
	credential = await api.createCredential('simplesDeskApi', { webhookSecret: WEBHOOK_SECRET });
});

afterAll(async () => {
	for (const { id } of workflows) await api.deleteWorkflow(id);
	await api.deleteCredential(credential.id);
	await page.close();
});

beforeEach(() => page.simplesDesk.reset());

function node(name: string, type: string, typeVersion: number, parameters: object): INode {
	return {
		id: randomUUID(),
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
	};
}

const trigger = (parameters: object = {}): INode => ({
	...node('Trigger', nodeType('simplesDeskTrigger'), 2, { verification: 'query', ...parameters }),
	webhookId: randomUUID(),
	credentials: { simplesDeskApi: { id: credential.id, name: credential.name } },
});
const answer = (parameters: object, name = 'Answer') =>
	node(name, nodeType('simplesDesk'), 1, { resource: 'answer', ...parameters });
const noOp = (name = 'Nothing') => node(name, 'n8n-nodes-base.noOp', 1, {});
const list = (...message: object[]) => ({
	operation: 'sendMessages',
	source: 'list',
	messages: { message },
});

/** Publishes the nodes, one after another, and lets SimplesDesk call them. */
async function publish(first: INode, ...others: INode[]) {
	const nodes = [first, ...others];
	const workflow = await api.createWorkflow({
		name: 'SimplesDesk test',
		nodes,
		connections: connected(inOrder(nodes)),
		settings: { executionOrder: 'v1' },
	});
	workflows.push(workflow);
	await api.publish(workflow.id);
	const url = `${api.url}/webhook/${first.webhookId}/webhook`;
	page.simplesDesk.setWebhookUrl(`${url}?secret=${WEBHOOK_SECRET}`);
	return { id: workflow.id, url };
}

const lastExecution = async (workflowId: string, count = 1) =>
	(await api.waitForExecutions(workflowId, count)).at(-1)!;

describe('the invoice reminder', () => {
	beforeAll(async () => {
		const imported = await importWorkflow(
			api,
			join(__dirname, 'workflows', 'simplesdesk-invoice-reminder.json'),
			{
				credentials: [credential],
				replace: { 'http://127.0.0.1:4800': page.url },
				freshWebhooks: true,
			},
		);
		workflows.push(imported.workflow);
		url = `${imported.webhooks[0]!.url}?secret=${WEBHOOK_SECRET}`;
	});
	let url: string;
	beforeEach(() => page.simplesDesk.setWebhookUrl(url));

	test('greets the contact of a QR-code account, and sends the PDF of the invoice', async () => {
		const call = await page.simplesDesk.schedule({ payload: { invoice: '1042', due: '10/12' } });
		expect(call).toMatchObject({ outcome: 'sent', reasons: [] });
		expect(page.simplesDesk.delivered()).toEqual([
			{ type: 'TEXT', text: 'Olá, João!' },
			{
				type: 'TEXT',
				text: 'Sua fatura 1042 de novembro vence em 10/12. Segue o boleto.',
			},
			{ type: 'FILE', url: `${page.url}/simplesdesk/assets/boleto.pdf` },
		]);
		const file = await axios.get(`${page.url}/simplesdesk/assets/boleto.pdf`);
		expect(file.status).toBe(200);
	});

	test('fills in the template of an account on the official API', async () => {
		const call = await page.simplesDesk.schedule({
			account: 'official',
			contact: '15296',
			payload: { invoice: 1042, due: '10/12' },
		});
		expect(call).toMatchObject({ outcome: 'sent', reasons: [] });
		expect(page.simplesDesk.delivered('15296')).toMatchObject([
			{
				type: 'TEMPLATE',
				header: 'Fatura 1042',
				body: 'Olá, Maria! A fatura de novembro vence em 10/12.',
				buttons: [
					{ text: 'Ver fatura', url: 'https://example.test/faturas/1042' },
					{ text: 'Falar com atendente' },
				],
			},
		]);
	});

	test.each([[{}], [undefined], [{ invoice: '' }]])(
		'sends nothing for the payload %j, and says why',
		async (payload) => {
			const call = await page.simplesDesk.schedule({ payload });
			expect(call.outcome).toBe('failed');
			expect(call.answer).toMatchObject({ status: 422 });
			expect(call.reasons.join()).toContain('The payload names no invoice');
			expect(page.simplesDesk.delivered()).toEqual([]);
		},
	);

	test('answers the bot menu', async () => {
		await page.simplesDesk.contactSays('oi');
		const call = await page.simplesDesk.contactSays('1');
		expect(call).toMatchObject({ outcome: 'sent', reasons: [] });
		expect(page.simplesDesk.delivered()).toMatchObject([
			{ type: 'INFORMATION', text: 'Olá, João! Segue sua última fatura.' },
		]);
	});
});

describe('an answer', () => {
	test('holds all messages of the document, from items, list and JSON alike', async () => {
		const items = node('Items', 'n8n-nodes-base.splitOut', 1, {
			fieldToSplitOut: 'data',
			options: {},
		});
		const built = messages.map(({ type, value }) =>
			type === 'TEXT' ? { type, text: value } : { type, url: value },
		);
		const { id } = await publish(
			trigger(),
			items,
			answer({ operation: 'sendMessages', source: 'items' }),
		);
		expect(await page.simplesDesk.schedule({ payload: messages })).toMatchObject({
			outcome: 'sent',
		});
		const fromItems = page.simplesDesk.delivered();
		expect(fromItems).toHaveLength(messages.length);
		await lastExecution(id);
		for (const parameters of [
			list(...built),
			{ operation: 'sendMessages', source: 'json', json: '={{ $json.data }}' },
		]) {
			page.simplesDesk.reset();
			await publish(trigger(), answer(parameters));
			const call = await page.simplesDesk.schedule({ payload: messages });
			expect(call).toMatchObject({ outcome: 'sent', reasons: [] });
			expect(page.simplesDesk.delivered()).toEqual(fromItems);
		}
	});

	const good = { type: 'TEXT', value: 'Olá' };
	const template = { type: 'TEMPLATE', name: 'opening_hours', language: 'pt_BR' };
	const variable = { index: 1, value: 'x' };
	/** One rule each, broken once; all by the same workflow, which passes on what it is given. */
	const broken: Array<[string, unknown, string]> = [
		['no messages', [], 'The answer has no messages'],
		['an unknown type', [good, { type: 'VIDEO', value: 'x' }], "Message 2: 'type' must be"],
		['no type', [{ value: 'x' }], "Message 1: 'type' is missing"],
		['no value', [good, { type: 'FILE' }], "Message 2: 'value' is missing"],
		['an empty text', [{ type: 'TEXT', value: '' }], "Message 1: 'value' is empty"],
		['a value that is no text', [{ type: 'TEXT', value: 1 }], "Message 1: 'value' must be text"],
		['no address', [{ type: 'IMAGE', value: 'a.png' }], "Message 1: 'value' must start with"],
		['a broken address', [{ type: 'AUDIO', value: 'https://a b' }], "Message 1: 'value' must be"],
		['an unknown field', [{ ...good, x: 1 }], "Message 1: 'x' is not a field"],
		['a mixed list', [good, template], "Message 2: 'type' cannot be mixed"],
		['no name', [{ type: 'TEMPLATE', language: 'pt_BR' }], "Message 1: 'name' is missing"],
		['no language', [{ type: 'TEMPLATE', name: 'x' }], "Message 1: 'language' is missing"],
		[
			'two header variables',
			[{ ...template, header: { parameters: [variable, { index: 2, value: 'y' }] } }],
			"Message 1: 'header.parameters' must have at most 1",
		],
		[
			'a header index that is not 1',
			[{ ...template, header: { parameters: [{ index: 0, value: 'x' }] } }],
			"Message 1: 'header.parameters[1].index' must be the number 1",
		],
		[
			'body indexes out of order',
			[{ ...template, body: { parameters: [{ index: 2, value: 'x' }, variable] } }],
			"Message 1: 'body.parameters[1].index' must be the number 1",
		],
		[
			'two parameters of a button',
			[{ ...template, buttons: [{ index: 1, parameters: [variable, variable] }] }],
			"Message 1: 'buttons[1].parameters' must have at most 1",
		],
	];

	test('that breaks a rule is an error in n8n which names it, and delivers nothing', async () => {
		const { id } = await publish(
			trigger(),
			answer({ operation: 'sendMessages', source: 'json', json: '={{ $json.data }}' }),
		);
		for (const [index, [what, payload, message]] of broken.entries()) {
			const account = JSON.stringify(payload).includes('TEMPLATE') ? 'official' : 'qr';
			const call = await page.simplesDesk.schedule({ account, payload });
			expect({ what, outcome: call.outcome }).toEqual({ what, outcome: 'failed' });
			expect(call.answer?.status).toBe(500);
			const execution = await lastExecution(id, index + 1);
			expect(execution.status).toBe('error');
			expect(errorOf(execution.data)?.message).toContain(message);
		}
		expect(page.simplesDesk.delivered()).toEqual([]);
		// The same workflow does deliver what is right.
		expect(await page.simplesDesk.schedule({ payload: [good] })).toMatchObject({ outcome: 'sent' });
	}, 180_000);

	test('to a bot menu is taken in every form', async () => {
		const { departments, menus, users } = page.simplesDesk.state;
		const callbackUrl = 'http://127.0.0.1:1/?step=2';
		const attachment = [
			{
				name: 'boleto.pdf',
				position: 'BEFORE',
				type: 'DOCUMENT',
				url: page.simplesDesk.assets.pdf,
			},
		];
		const forms: object[] = [
			{ operation: 'question', text: 'CPF?', callbackUrl, callbackData: '{"step":1}' },
			{ operation: 'menu', text: 'Escolha', choices: { choice: [{ text: 'Um', callbackUrl }] } },
			{ operation: 'directToMenu', menuUuid: menus[1]!.uuid },
			{
				operation: 'information',
				text: 'Pronto',
				attachments: { attachment },
				openTicket: true,
				departmentUuid: departments[0]!.uuid,
				userUuid: users[0]!.uuid,
			},
			{
				operation: 'openCustomerService',
				text: 'Um momento',
				departmentUuid: departments[1]!.uuid,
			},
		];
		for (const parameters of forms) {
			page.simplesDesk.reset();
			await publish(trigger(), answer(parameters));
			await page.simplesDesk.contactSays('oi');
			const call = await page.simplesDesk.contactSays('1');
			expect({ parameters, reasons: call?.reasons }).toEqual({ parameters, reasons: [] });
			expect(page.simplesDesk.delivered()).toHaveLength(1);
		}
	});

	test('of a second node is an error, and the contact has the first one', async () => {
		const { id } = await publish(
			trigger(),
			answer(list({ type: 'TEXT', text: 'Um' })),
			answer(list({ type: 'TEXT', text: 'Dois' }), 'Second'),
		);
		expect(await page.simplesDesk.schedule()).toMatchObject({ outcome: 'sent' });
		const execution = await lastExecution(id);
		expect(execution.status).toBe('error');
		expect(errorOf(execution.data)?.message).toBe(
			"'Answer' has already answered this request, so the answer of 'Second' cannot be sent",
		);
		expect(page.simplesDesk.delivered()).toEqual([{ type: 'TEXT', text: 'Um' }]);
	});

	test('of a node in a loop is an error from the second round on', async () => {
		const nodes = [
			trigger(),
			node('Items', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'data', options: {} }),
			node('Loop', 'n8n-nodes-base.splitInBatches', 3, { options: {} }),
			answer({ operation: 'sendMessages', source: 'items' }),
		];
		const to = (name: string) => [{ node: name, type: 'main' as const, index: 0 }];
		const workflow = await api.createWorkflow({
			name: 'SimplesDesk loop',
			nodes,
			connections: {
				Trigger: { main: [to('Items')] },
				Items: { main: [to('Loop')] },
				Loop: { main: [[], to('Answer')] },
				Answer: { main: [to('Loop')] },
			},
		});
		workflows.push(workflow);
		await api.publish(workflow.id);
		page.simplesDesk.setWebhookUrl(
			`${api.url}/webhook/${nodes[0]!.webhookId}/webhook?secret=${WEBHOOK_SECRET}`,
		);
		await page.simplesDesk.schedule({ payload: [good, { ...good, value: 'Tchau' }] });
		const execution = await lastExecution(workflow.id);
		expect(errorOf(execution.data)?.message).toBe(
			"'Answer' has already answered this request, and only the first answer reaches SimplesDesk",
		);
	});

	test('given on the error output of another node reaches the contact', async () => {
		const first: INode = {
			...answer(list({ type: 'FILE', url: '={{ $json.data.pdf ?? "" }}' })),
			onError: 'continueRegularOutput',
		};
		await publish(trigger(), first, answer(list({ type: 'TEXT', text: 'Sem boleto' }), 'Instead'));
		expect(await page.simplesDesk.schedule({ payload: {} })).toMatchObject({ outcome: 'sent' });
		expect(page.simplesDesk.delivered()).toEqual([{ type: 'TEXT', text: 'Sem boleto' }]);
	});
});

describe('a call', () => {
	test('whose workflow fails gets an error status, and nothing is sent', async () => {
		const failing = node('Fail', 'n8n-nodes-base.stopAndError', 1, { errorMessage: 'No invoice' });
		const { id } = await publish(trigger(), failing, answer(list({ type: 'TEXT', text: 'Olá' })));
		const call = await page.simplesDesk.schedule();
		expect(call.outcome).toBe('failed');
		expect(call.answer?.status).toBe(500);
		expect((await lastExecution(id)).status).toBe('error');
		expect(page.simplesDesk.delivered()).toEqual([]);
	});

	test('that no node answers gets an error status instead of an empty 200', async () => {
		const { id } = await publish(trigger(), noOp());
		const call = await page.simplesDesk.schedule();
		expect(call.outcome).toBe('failed');
		expect(call.answer).toMatchObject({ status: 500, body: '' });
		expect((await lastExecution(id)).status).toBe('success');
	});

	test('that is forged or malformed leaves no execution', async () => {
		const { id, url } = await publish(trigger(), answer(list({ type: 'TEXT', text: 'Olá' })));
		const post = async (query: string, body: unknown) =>
			await axios.post(`${url}${query}`, body, { validateStatus: null });
		const right = `?secret=${WEBHOOK_SECRET}`;
		for (const query of ['', '?secret=', `?secret=${WEBHOOK_SECRET.slice(0, -1)}`])
			expect((await post(query, scheduled)).status).toBe(401);
		expect((await post(right, { ...scheduled, contact: undefined })).status).toBe(400);
		expect((await post(right, [])).status).toBe(400);
		expect((await post(right, '{"id":')).status).toBeGreaterThanOrEqual(400);
		// A good call afterwards shows that executions are recorded, and that it is the only one.
		expect((await post(right, scheduled)).data).toEqual([{ type: 'TEXT', value: 'Olá' }]);
		await api.waitForExecutions(id, 1);
		expect((await api.executions(id)).count).toBe(1);
	});

	test('carries its secret into no execution, log or database', async () => {
		const { id } = await publish(
			trigger({ options: { includeHeaders: true }, verification: 'header' }),
			noOp(),
			answer({ operation: 'sendMessages', source: 'json', json: 'x' }),
		);
		page.simplesDesk.configure({ secret: WEBHOOK_SECRET });
		page.simplesDesk.setWebhookUrl(page.simplesDesk.setup.webhookUrl!.split('?')[0]);
		await page.simplesDesk.schedule();
		const execution = await lastExecution(id);
		expect(execution.status).toBe('error');
		const stored = [databaseFile, `${databaseFile}-wal`]
			.filter((file) => existsSync(file))
			.map((file) => readFileSync(file).toString('latin1'));
		for (const place of [...stored, log(), JSON.stringify(execution)])
			expect(place.includes(WEBHOOK_SECRET)).toBe(false);
	});

	test('each of fifty at once gets its own answer, while each workflow takes two seconds', async () => {
		const wait = node('Wait', 'n8n-nodes-base.wait', 1.1, { amount: 2, unit: 'seconds' });
		await publish(
			trigger(),
			wait,
			answer(list({ type: 'TEXT', text: '={{ $("Trigger").item.json.data.number }}' })),
		);
		// Whose answer it is counts here, not how soon a busy machine gives it.
		page.simplesDesk.configure({ timeLimit: 110_000 });
		const contacts = Array.from({ length: 50 }, (_, number) => ({
			uid: `c${number}`,
			key: `55119000${String(number).padStart(5, '0')}`,
			name: `Contact ${number}`,
		}));
		const calls = await Promise.all(
			contacts.map(
				async (contact, number) =>
					await page.simplesDesk.schedule({ contact, payload: { number: `n${number}` } }),
			),
		);
		expect(calls.flatMap(({ reasons }) => reasons)).toEqual([]);
		contacts.forEach(({ uid }, number) =>
			expect(page.simplesDesk.delivered(uid)).toEqual([{ type: 'TEXT', text: `n${number}` }]),
		);
	}, 120_000);
});

describe('the SimplesDesk node', () => {
	test('under another trigger says that there is no call to answer', async () => {
		const start = node('Start', 'n8n-nodes-base.manualTrigger', 1, {});
		const workflow = await api.createWorkflow({
			name: 'SimplesDesk elsewhere',
			nodes: [start, answer(list({ type: 'TEXT', text: 'Olá' }))],
			connections: { Start: { main: [[{ node: 'Answer', type: 'main', index: 0 }]] } },
		});
		workflows.push(workflow);
		const execution = await api.waitForExecution(await api.run(workflow.id, { trigger: 'Start' }));
		expect(errorOf(execution.data)?.message).toContain(
			'this execution was not started by a SimplesDesk Trigger',
		);
	});

	test('is offered to no AI agent, because an agent has no call to answer', async () => {
		const types = await api.nodeTypeNames();
		expect(types).toContain(nodeType('simplesDesk'));
		expect(types).not.toContain(nodeType('simplesDeskTool'));
	});
});

test('the credential is judged without asking anybody', async () => {
	expect(await api.testCredential(credential)).toMatchObject({ status: 'OK' });
	expect(await api.testCredential(credential, { webhookSecret: 'short' })).toMatchObject({
		status: 'Error',
		message: expect.stringContaining('can be found by trying'),
	});
});
