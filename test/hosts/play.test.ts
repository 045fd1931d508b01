import { PackageDirectoryLoader } from 'n8n-core';
import type { IDataObject } from 'n8n-workflow';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocket as NodeWebSocket } from 'undici';
import { GitpleApi } from '../../credentials/GitpleApi.credentials';
import { LiftyApi } from '../../credentials/LiftyApi.credentials';
import { OmnizeApi } from '../../credentials/OmnizeApi.credentials';
import { SimplesDeskApi } from '../../credentials/SimplesDeskApi.credentials';
import { VoxfreeApi } from '../../credentials/VoxfreeApi.credentials';
import { GitpleTrigger } from '../../nodes/Gitple/GitpleTrigger.node';
import { LiftyTrigger } from '../../nodes/Lifty/LiftyTrigger.node';
import { Omnize } from '../../nodes/Omnize/Omnize.node';
import { OmnizeTrigger } from '../../nodes/Omnize/OmnizeTrigger.node';
import { SimplesDeskTrigger } from '../../nodes/SimplesDesk/SimplesDeskTrigger.node';
import { Voxfree } from '../../nodes/Voxfree/Voxfree.node';
import { VoxfreeTrigger } from '../../nodes/Voxfree/VoxfreeTrigger.node';
import omnizeMessage from '../fixtures/omnize/trigger-message.json';
import gitpleMessage from '../fixtures/gitple/send_external_message.json';
import simplesDeskMenu from '../fixtures/simplesdesk/request-bot-menu.json';
import { signed } from '../nodes/Gitple/signing';
import { answerWith } from '../nodes/SimplesDesk/answering';
import { credentialData } from '../nodes/Voxfree/setup';
import { rows } from '../nodes/Voxfree/operations';
import { Recorder } from '../nodes/Voxfree/recorder';
import { samples } from '../package/requestSamples';
import { startLifty } from '../simulators/lifty/LiftySimulator';
import { startVoxfree } from '../simulators/voxfree/VoxfreeSimulator';
import {
	callWebhook,
	closeTriggers,
	pollNode,
	runNode,
	startTrigger,
	testCredential,
	waitFor,
	type RunOptions,
} from '../support';
import { folder, resolveFrom, versionOf } from './bridge/folder.cjs';

jest.setTimeout(60_000);

const PACKAGE = process.env.N8N_HOST_PACKAGE ?? '';
const [major = 0, minor = 0] = versionOf('n8n-workflow').split('.').map(Number);
/** From n8n-workflow 2.20 on, `emit` takes a deduplication key. */
const hasKeys = major > 2 || (major === 2 && minor >= 20);
const SECRET = 'demo-webhook-secret-0123';

type Answer = { status?: number; body?: unknown };
let answerTo: (body: IDataObject) => Answer;
const refusing =
	(clientId: string, status: number) =>
	(body: IDataObject): Answer =>
		body.clientId === clientId ? { status, body: { error: 'demo' } } : {};
const bodies: IDataObject[] = [];
let url = '';
const server = createServer(async (request, response) => {
	const text = Buffer.concat(await request.toArray()).toString();
	const received = (text === '' ? {} : JSON.parse(text)) as IDataObject;
	bodies.push(received);
	const { status = 200, body = {} } = answerTo(received);
	response.writeHead(status, { 'content-type': 'application/json' });
	response.end(JSON.stringify(body));
});
const recorder = new Recorder();
const ownWebSocket = globalThis.WebSocket;

beforeAll(async () => {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	await recorder.listen();
	// For the Node.js versions without one; the nodes themselves refuse to start there.
	globalThis.WebSocket = NodeWebSocket as unknown as typeof globalThis.WebSocket;
});
afterAll(async () => {
	globalThis.WebSocket = ownWebSocket;
	server.closeAllConnections();
	server.close();
	await recorder.close();
});
beforeEach(() => {
	bodies.length = 0;
	answerTo = () => ({ body: [] });
	recorder.reset();
});
afterEach(async () => await closeTriggers());

const sendingMessages = (parameters: object = {}, more: Partial<RunOptions> = {}): RunOptions => ({
	node: Omnize,
	credentialTypes: [OmnizeApi],
	credentials: { omnizeApi: { token: 'demo-omnize-token', baseUrl: url } },
	parameters: {
		resource: 'interaction',
		operation: 'sendMessage',
		clientId: '={{ $json.id }}',
		departmentId: { __rl: true, mode: 'id', value: '={{ $json.department }}' } as IDataObject,
		text: '={{ "Hello " + $json.name }}',
		...parameters,
	} as RunOptions['parameters'],
	items: [1, 2, 3].map((id) => ({ id: `${id}`, department: '1', name: `n${id}` })),
	...more,
});

describe('the packed package', () => {
	it('takes its n8n-workflow from the n8n under test', () => {
		const path = resolveFrom(PACKAGE, 'n8n-workflow');
		expect(path.startsWith(realpathSync(join(folder, 'node_modules')))).toBe(true);
	});

	it('is loaded with every node, trigger and credential', async () => {
		const loader = new PackageDirectoryLoader(PACKAGE);
		await loader.loadAll();
		expect(loader.types.nodes).toHaveLength(10);
		expect(loader.types.credentials).toHaveLength(5);
	});
});

describe.each(Object.entries(samples))('every operation of %s', (_name, provider) => {
	it.each(Object.entries(provider.parameters))('%s', async (key, parameters) => {
		const [resource, operation] = key.split(': ');
		answerTo = () => ({ body: provider.answer(url) });
		const { error } = await runNode({
			node: provider.node,
			credentialTypes: provider.credentialTypes,
			credentials: provider.credentials(url),
			parameters: { resource, operation, ...parameters } as RunOptions['parameters'],
			...(provider.looping === key ? { loopFrom: 1 } : {}),
		});
		expect(error).toBeUndefined();
		expect(bodies.length).toBeGreaterThan(0);
	});
});

describe('every operation of Voxfree', () => {
	it.each(rows.map((row) => [`${row.resource}: ${row.operation}`, row] as const))(
		'%s',
		async (_name, { resource, operation, parameters, items, answers, service }) => {
			if (answers) recorder.answers = answers;
			const { error } = await runNode({
				node: Voxfree,
				credentialTypes: [VoxfreeApi],
				credentials: { voxfreeApi: credentialData(recorder.url) },
				parameters: { resource, operation, ...parameters } as RunOptions['parameters'],
				...(items ? { items } : {}),
			});
			expect(error).toBeUndefined();
			expect(recorder.requests.map((request) => request.service)).toContain(service);
		},
	);
});

test('SimplesDesk answers with what expressions make of the call', async () => {
	const { error, responses } = await answerWith({
		parameters: {
			operation: 'sendMessages',
			source: 'list',
			messages: { message: [{ type: 'TEXT', text: '={{ "Hello " + $json.name }}' }] },
		},
		items: [{ name: 'Demo' }],
	});
	expect(error).toBeUndefined();
	expect(responses).toMatchObject([
		{ statusCode: 200, body: [{ type: 'TEXT', value: 'Hello Demo' }] },
	]);
});

describe('expressions, errors and settings', () => {
	it('an expression has the value of its item, also within a resource locator', async () => {
		const { error, items } = await runNode(sendingMessages());
		expect(error).toBeUndefined();
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
		expect(bodies).toMatchObject(
			[1, 2, 3].map((id) => ({ clientId: `${id}`, content: `Hello n${id}` })),
		);
	});

	it('an expression that is no name of a field is evaluated by n8n', async () => {
		const text = '={{ $json.name.toUpperCase() + $json["name"].length + $itemIndex }}';
		const { error } = await runNode(sendingMessages({ text }));
		expect(error).toBeUndefined();
		expect(bodies).toMatchObject([{ content: 'N120' }, { content: 'N221' }, { content: 'N322' }]);
	});

	it('an error stops the workflow, with the reason and the item', async () => {
		answerTo = refusing('2', 400);
		const { error } = await runNode(sendingMessages());
		expect(error).toMatchObject({ context: { itemIndex: 1 } });
		expect(error?.message).not.toBe('');
	});

	it.each([
		['continueRegularOutput', 3, 0],
		['continueErrorOutput', 2, 1],
	] as const)('with %s the other items go on', async (onError, regular, failed) => {
		answerTo = refusing('2', 400);
		const { error, outputs } = await runNode(sendingMessages({}, { onError }));
		expect(error).toBeUndefined();
		expect(outputs.map((output) => output.length)).toEqual(failed ? [regular, failed] : [regular]);
	});

	it('Retry On Fail sends nothing twice that went through', async () => {
		answerTo = refusing('2', 503);
		await runNode(
			sendingMessages({}, { settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 } }),
		);
		const first = bodies.filter(({ clientId }) => clientId === '1');
		expect(first).toHaveLength(1);
	});

	it('batches pause between them, and Stop ends the pause', async () => {
		const batching = (itemInterval: number) => ({
			options: { batching: { batch: { concurrentItems: 1, itemInterval } } },
		});
		const started = Date.now();
		const { error } = await runNode(sendingMessages(batching(200)));
		expect(error).toBeUndefined();
		expect(Date.now() - started).toBeGreaterThanOrEqual(390);

		bodies.length = 0;
		const stop = new AbortController();
		const run = runNode(sendingMessages(batching(30_000), { signal: stop.signal }));
		await waitFor('the first request', () => bodies.length === 1);
		const stopped = Date.now();
		stop.abort();
		await run;
		expect(Date.now() - stopped).toBeLessThan(3_000);
		expect(bodies).toHaveLength(1);
	});

	it('the connection test of a credential tells what the provider says', async () => {
		const data = { token: 'demo-omnize-token', baseUrl: url };
		answerTo = () => ({ body: [{ id: '1', name: 'Demo' }] });
		const good = await testCredential({ credentialType: OmnizeApi, data, node: Omnize });
		expect(good.status).toBe('OK');
		answerTo = () => ({ status: 401, body: {} });
		const bad = await testCredential({ credentialType: OmnizeApi, data, node: Omnize });
		expect(bad.status).toBe('Error');
	});
});

describe('the triggers', () => {
	it('Omnize starts the workflow with an event', async () => {
		const { workflowData, response } = await callWebhook({
			node: OmnizeTrigger,
			credentialTypes: [OmnizeApi],
			credentials: { omnizeApi: { token: 'demo-token', webhookSecret: SECRET } },
			parameters: { events: ['message'] },
			request: { json: omnizeMessage },
		});
		expect(response.status).toBe(200);
		expect(workflowData?.[0]?.[0]?.json).toMatchObject({ event: 'message', clientId: '12' });
	});

	it('Gitple takes a signed event once, and refuses another signature', async () => {
		const body = Buffer.from(JSON.stringify(gitpleMessage));
		const staticData = {};
		const call = async (secret: string) =>
			await callWebhook({
				node: GitpleTrigger,
				credentialTypes: [GitpleApi],
				credentials: { gitpleApi: { webhookSecret: SECRET } },
				staticData,
				request: {
					rawBody: body,
					headers: { 'content-type': 'application/json', 'x-hub-signature': signed(body, secret) },
				},
			});
		expect((await call('another-demo-secret-0123')).response.status).toBe(401);
		expect((await call(SECRET)).workflowData?.[0]?.[0]?.json).toMatchObject({
			event: 'send_external_message',
		});
		expect((await call(SECRET)).workflowData).toBeUndefined();
	});

	it('SimplesDesk starts the workflow with a call', async () => {
		const { workflowData } = await callWebhook({
			node: SimplesDeskTrigger,
			credentialTypes: [SimplesDeskApi],
			credentials: { simplesDeskApi: { webhookSecret: SECRET } },
			parameters: {},
			request: { json: simplesDeskMenu },
		});
		expect(workflowData?.[0]?.[0]?.json).toMatchObject({ event: 'botMenu', text: '2' });
	});

	it('Lifty starts the workflow when the status of a bot changes', async () => {
		const KEY = 'demo-lifty-key';
		const BOT = 'demo-bot-vendas';
		const lifty = await startLifty({ apiKey: KEY, qrReadyAfter: 0, connectsAfter: 0 });
		try {
			const trigger = pollNode({
				node: LiftyTrigger,
				credentialTypes: [LiftyApi],
				credentials: { liftyApi: { apiKey: KEY, botId: '', baseUrl: lifty.apiUrl } },
				parameters: { events: ['connected'], botIds: [BOT] },
			});
			lifty.startConnection(BOT);
			expect(await trigger.tick()).toBeNull();
			lifty.scan(BOT);
			expect((await trigger.tick())?.[0]?.[0]?.json).toMatchObject({ event: 'connected' });
		} finally {
			await lifty.close();
		}
	});

	it('Voxfree starts the workflow with a message, and survives a frame that it cannot read', async () => {
		const voxfree = await startVoxfree();
		try {
			const { contacts, channels } = voxfree.state;
			const contact = contacts.find(({ isGroup }) => !isGroup)!;
			const channel = channels.find(({ kind }) => kind === 'whatsapp-qr') ?? channels[0]!;
			const write = () => voxfree.customerWrites(contact.id, channel.id, 'Hello');
			voxfree.assign(write().protocol, '61');
			const trigger = await startTrigger({
				node: VoxfreeTrigger,
				credentialTypes: [VoxfreeApi],
				credentials: {
					voxfreeApi: {
						login: 'ana.souza@demo',
						password: 'demo-password-1',
						baseUrl: `${voxfree.applicationUrl}/mobile`,
						servicesUrl: `${voxfree.servicesUrl}/mobile`,
						socketUrl: voxfree.socketUrl,
					},
				},
				parameters: { events: ['newMessage'], fetchDetails: true },
				withoutKeys: !hasKeys,
			});
			await waitFor('the registration', () => voxfree.connections({ agentId: '61' }).length > 0);
			write();
			const { json, deduplicationKey } = await trigger.emission(1, 5_000);
			expect(json).toMatchObject({ event: 'newMessage', message: { text: 'Hello' } });
			expect(typeof deduplicationKey).toBe(hasKeys ? 'string' : 'undefined');

			voxfree.socket.garble('truncated');
			write();
			expect((await trigger.emission(2, 5_000)).json).toMatchObject({ event: 'newMessage' });
			expect(trigger.errors).toEqual([]);
		} finally {
			await closeTriggers();
			await voxfree.close();
		}
	});
});
