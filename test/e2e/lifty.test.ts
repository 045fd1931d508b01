import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INode } from 'n8n-workflow';
import { importWorkflow } from '../host/importWorkflow';
import type { Credential, Workflow } from '../host/N8nApi';
import { startLifty, type LiftySimulator } from '../simulators/lifty/LiftySimulator';
import type { FaultName } from '../simulators/misbehaviour';
import { chromiumPath, launchChromium } from '../support/chromium';
import { e2eHost } from './host';
import { connected, nodeWith } from './workflowParts';

const { api, nodeType, log, databaseFile } = e2eHost();

// A browser is no npm package. Without one nobody can fill in a form, and the rest still counts.
if (!chromiumPath) {
	console.warn(
		'The test of the form page is skipped: no Chromium found. Set CHROMIUM_PATH to one.',
	);
}
const testWithBrowser = chromiumPath ? test : test.skip;

const BOT = 'demo-bot-vendas';
const KEY = 'demo-lifty-key/with+signs=';

let lifty: LiftySimulator;
let credential: Credential;
const workflows: Workflow[] = [];

beforeAll(async () => {
	lifty = await startLifty({
		apiKey: KEY,
		qrReadyAfter: 300,
		qrRefreshesEvery: 4_000,
		connectsAfter: 100,
	});
	credential = await api.createCredential('liftyApi', {
		apiKey: KEY,
		botId: BOT,
		baseUrl: lifty.apiUrl,
	});
});

afterAll(async () => {
	for (const { id } of workflows) await api.deleteWorkflow(id);
	if (credential) await api.deleteCredential(credential.id);
	await lifty.close();
});

beforeEach(() => lifty.reset({ keepSettings: true }));

const node = (name: string, type: string, typeVersion: number, parameters: object) =>
	nodeWith(credential, name, type, typeVersion, parameters);

const start = () => node('Start', 'n8n-nodes-base.manualTrigger', 1, {});

/** @param connections the nodes behind each output of each node */
async function create(nodes: INode[], connections: Record<string, string[][]>) {
	const workflow = await api.createWorkflow({
		name: 'Lifty test',
		nodes,
		connections: connected(connections),
		settings: { executionOrder: 'v1' },
	});
	workflows.push(workflow);
	return workflow;
}

test('Connect and Wait hands each picture to the next nodes while it waits, starts once, and ends with the scan', async () => {
	const workflow = await create(
		[
			start(),
			node('Lifty', nodeType('lifty'), 1, { resource: 'session', operation: 'connectAndWait' }),
			node('Sent', 'n8n-nodes-base.set', 3.4, {
				mode: 'raw',
				jsonOutput: '={{ { sent: $json.qrCodeNumber } }}',
				options: {},
			}),
			node('Finished', 'n8n-nodes-base.noOp', 1, {}),
		],
		{ Start: [['Lifty']], Lifty: [['Finished'], ['Sent']], Sent: [['Lifty']] },
	);
	const run = await api.run(workflow.id, { trigger: 'Start' });
	// A second picture is read only after the first one went round the loop.
	await lifty.until(
		() => lifty.counts(BOT).qrReads >= 3 && (lifty.bot(BOT).connections[0]?.qr?.number ?? 0) >= 2,
		45_000,
	);
	lifty.scan(BOT);
	const execution = await api.waitForExecution(run, 60_000);
	const { runData } = execution.data.resultData;
	expect(execution.status).toBe('success');
	const sent = runData.Sent!.map(({ data }) => data!.main![0]![0]!.json.sent);
	expect(sent.length).toBeGreaterThanOrEqual(2);
	expect(sent).toEqual(sent.map((_number, index) => index + 1));
	const picture = runData.Lifty![0]!.data!.main![1]![0]!.binary!.data!;
	expect(picture).toMatchObject({ mimeType: 'image/png', fileName: 'qr-code.png' });
	expect(runData.Finished).toHaveLength(1);
	expect(runData.Finished![0]!.data!.main![0]![0]!.json).toMatchObject({
		botId: BOT,
		outcome: 'connected',
		connected: true,
	});
	expect(lifty.counts(BOT)).toMatchObject({ starts: 1, parallel: 1, connected: 1 });
	expect(lifty.keysAtSessionUrls).toEqual([]);
});

testWithBrowser(
	'a person chooses a bot on the form page, sees its QR code, scans it, and reads that it is connected',
	async () => {
		const path = `connect-${randomUUID()}`;
		const { workflow } = await importWorkflow(
			api,
			join(__dirname, 'workflows', 'lifty-connect-form.json'),
			{ credentials: [credential], replace: { 'lifty-connect': path }, freshWebhooks: true },
		);
		workflows.push(workflow);
		const browser = await launchChromium();
		try {
			const page = await browser.newPage();
			page.setDefaultTimeout(45_000);
			await page.goto(`${api.url}/form/${path}`);
			await page.getByRole('combobox').selectOption(BOT);
			await page.getByRole('button', { name: 'Show the QR code' }).click();

			const code = page.getByRole('img', { name: 'QR code' });
			await code.waitFor();
			await page.getByText(`QR code 1 for ${BOT}`).waitFor();
			const width = await code.evaluate(async (image: HTMLImageElement) => {
				await image.decode();
				return image.naturalWidth;
			});
			expect(width).toBeGreaterThan(100);

			lifty.scan(BOT);
			await page.getByRole('button', { name: 'I have scanned it' }).click();
			await page.getByText(`The number is connected to ${BOT}.`).waitFor();
			expect(lifty.counts(BOT)).toMatchObject({ starts: 1, parallel: 1, connected: 1 });
		} finally {
			await browser.close();
		}
	},
	120_000,
);

test("n8n's own Retry On Fail starts no second connection", async () => {
	const connect: INode = {
		...node('Lifty', nodeType('lifty'), 1, {
			resource: 'session',
			operation: 'connect',
			options: { skipWhenConnected: false },
		}),
		retryOnFail: true,
		maxTries: 3,
		waitBetweenTries: 100,
	};
	const workflow = await create([start(), connect], { Start: [['Lifty']] });
	lifty.failNext('reset-after-work', 10, { at: 'api' });
	const lost = await api.waitForExecution(await api.run(workflow.id, { trigger: 'Start' }));
	expect(lost.status).toBe('error');
	expect(lifty.counts(BOT).starts).toBe(1);

	lifty.reset({ keepSettings: true });
	lifty.failNext('status-403', 2, { at: 'status' });
	const found = await api.waitForExecution(await api.run(workflow.id, { trigger: 'Start' }));
	expect(found.status).toBe('success');
	expect(found.data.resultData.runData.Lifty!.at(-1)!.data!.main![0]![0]!.json).toMatchObject({
		qrCodeReady: true,
	});
	expect(lifty.counts(BOT).starts).toBe(1);
});

test('no key is stored or logged, whatever goes wrong', async () => {
	const workflow = await create(
		[start(), node('Lifty', nodeType('lifty'), 1, { resource: 'session', operation: 'connect' })],
		{ Start: [['Lifty']] },
	);
	const modes: Array<[FaultName, string]> = [
		['echo-500', 'api'],
		['echo-200', 'api'],
		['echo-html', 'api'],
		['status-401', 'api'],
		['redirect', 'api'],
		['reset-mid-body', 'api'],
		['status-403', 'status'],
		['html', 'status'],
	];
	for (const [mode, at] of modes) {
		lifty.reset({ keepSettings: true });
		lifty.failNext(mode, 5, { at, to: `${lifty.url}/?key=${encodeURIComponent(KEY)}` });
		const execution = await api.waitForExecution(await api.run(workflow.id, { trigger: 'Start' }));
		expect([mode, at, execution.status]).toEqual([mode, at, 'error']);
	}
	const stored = [databaseFile, `${databaseFile}-wal`]
		.filter((file) => existsSync(file))
		.map((file) => readFileSync(file).toString('latin1'));
	for (const place of [...stored, log()]) {
		for (const spelling of [
			KEY,
			encodeURIComponent(KEY),
			Buffer.from(KEY).toString('base64').replace(/=+$/, ''),
			Buffer.from(KEY).toString('hex'),
		])
			expect(place.includes(spelling)).toBe(false);
	}
});

test('the trigger goes live, takes the first look for the baseline, and starts for a change', async () => {
	const trigger: INode = {
		...node('Changed', nodeType('liftyTrigger'), 2, {
			pollTimes: { item: [{ mode: 'everyMinute' }] },
			events: ['connected'],
			botIds: [],
		}),
		webhookId: randomUUID(),
	};
	const workflow = await create([trigger, node('Nothing', 'n8n-nodes-base.noOp', 1, {})], {
		Changed: [['Nothing']],
	});
	await api.publish(workflow.id);
	await lifty.until(() => lifty.counts(BOT).statusReads >= 1, 75_000);
	lifty.configure({ qrReadyAfter: 0, connectsAfter: 0 });
	lifty.startConnection(BOT);
	lifty.scan(BOT);
	const [execution] = await api.waitForExecutions(workflow.id, 1, 90_000);
	expect(execution!.data.resultData.runData.Changed![0]!.data!.main![0]![0]!.json).toEqual({
		event: 'connected',
		botId: BOT,
		status: 'CONNECTED',
		previousStatus: 'NOT_FOUND',
		connected: true,
	});
}, 240_000);

test('the credential passes its test, and fails it with a wrong key or address', async () => {
	const tried = async (data: object) =>
		(
			await api.testCredential(credential, {
				apiKey: KEY,
				botId: BOT,
				baseUrl: lifty.apiUrl,
				...data,
			})
		).status;
	expect(await api.testCredential(credential)).toMatchObject({ status: 'OK' });
	expect(await tried({ apiKey: 'demo-wrong-key' })).toBe('Error');
	expect(await tried({ baseUrl: `${lifty.apiUrl}/elsewhere` })).toBe('Error');
	expect(await tried({ baseUrl: api.url })).toBe('Error');
});

test('the node is offered to AI agents as a tool', async () => {
	const types = await api.nodeTypeNames();
	expect(types).toContain(nodeType('liftyTool'));
	expect(types).not.toContain(nodeType('liftyTriggerTool'));
});
