import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { installTarball, packProject } from '../host/localRegistry';
import { N8nApi, type Credential, type Workflow } from '../host/N8nApi';
import { startHost } from '../host/startHost';
import { startGitple, type GitpleSimulator } from '../simulators/gitple/GitpleSimulator';
import { startLifty, type LiftySimulator } from '../simulators/lifty/LiftySimulator';
import { until } from '../simulators/until';
import { seedPasswords } from '../simulators/voxfree/office';
import {
	SERVICES_PATH,
	startVoxfree,
	type VoxfreeSimulator,
} from '../simulators/voxfree/VoxfreeSimulator';
import { chromiumPath, launchChromium } from '../support/chromium';
import { waitFor } from '../support/waitFor';
import { e2eHost } from './host';
import { connected, inOrder, nodeWith, outputOf } from './workflowParts';

const { api, nodeType } = e2eHost();

// A browser is no npm package. Without one nobody can press a button, and the rest still counts.
if (!chromiumPath) {
	console.warn('The test in a browser is skipped: no Chromium found. Set CHROMIUM_PATH to one.');
}
const testWithBrowser = chromiumPath ? test : test.skip;

const BOT = 'demo-bot-vendas';
const liftyData = (lifty: LiftySimulator) => ({
	apiKey: 'demo-lifty-key',
	botId: BOT,
	baseUrl: lifty.apiUrl,
});

let gitple: GitpleSimulator;
let lifty: LiftySimulator;
let voxfree: VoxfreeSimulator;
let protocol: string;
const credentials: Record<string, Credential> = {};
const workflows: Workflow[] = [];

beforeAll(async () => {
	gitple = await startGitple({});
	lifty = await startLifty({ apiKey: 'demo-lifty-key', qrReadyAfter: 10, connectsAfter: 10 });
	lifty.startConnection(BOT);
	await until(lifty, () => lifty.bot(BOT).status === 'QRCODE');
	lifty.scan(BOT);
	await until(lifty, () => lifty.bot(BOT).status === 'CONNECTED');
	voxfree = await startVoxfree();
	const agent = voxfree.state.agents.find(({ id }) => id === '61')!;
	({ protocol } = voxfree.customerWrites('30', '25', 'Bom dia'));
	voxfree.assign(protocol, agent.id);
	credentials.gitple = await api.createCredential('gitpleApi', {
		appCode: 'demo-app-code',
		secret: 'demo-open-api-secret',
		baseUrl: gitple.apiUrl,
	});
	credentials.lifty = await api.createCredential('liftyApi', liftyData(lifty));
	credentials.voxfree = await api.createCredential('voxfreeApi', {
		login: agent.login,
		password: seedPasswords['61']!,
		baseUrl: `${voxfree.applicationUrl}${SERVICES_PATH}`,
		servicesUrl: `${voxfree.servicesUrl}${SERVICES_PATH}`,
		socketUrl: voxfree.socketUrl,
	});
});

afterAll(async () => {
	for (const { id } of workflows) await api.deleteWorkflow(id);
	for (const { id } of Object.values(credentials)) await api.deleteCredential(id);
	await Promise.all([gitple.close(), lifty.close(), voxfree.close()]);
});

const recipients = {
	gitple: () => ({ recipientId: 'customer-1001' }),
	lifty: () => ({ phoneNumber: '5548999991234' }),
	voxfree: () => ({
		protocol: { __rl: true, mode: 'id', value: protocol },
		details: { channelId: '25', contactId: '30' },
	}),
};

type Provider = keyof typeof recipients;

const linksSent = (provider: Provider): string[] => {
	const requests: ReadonlyArray<{ rawBody: string }> = { gitple, lifty, voxfree }[provider]
		.requests;
	return requests.flatMap(
		({ rawBody }) => /https?:\/\/[^"\s\\]+\/webhook-waiting\/[^"\s\\]+/.exec(rawBody)?.[0] ?? [],
	);
};

/** Two items are there; the question is asked once. */
async function ask(provider: Provider, parameters: object, n8n = api, by = credentials[provider]) {
	const plain = (name: string, type: string, version: number, values: object) =>
		nodeWith(undefined, name, `n8n-nodes-base.${type}`, version, values);
	const nodes = [
		plain('Start', 'manualTrigger', 1, {}),
		plain('Items', 'set', 3.4, { mode: 'raw', jsonOutput: '{"orders":[12,13]}', options: {} }),
		plain('Split', 'splitOut', 1, { fieldToSplitOut: 'orders', options: {} }),
		nodeWith(by, 'Ask', nodeType(provider), 1, {
			resource: 'message',
			operation: 'sendAndWait',
			message: '=Refund order {{ $json.orders }}?',
			...recipients[provider](),
			...parameters,
		}),
		plain('After', 'noOp', 1, {}),
	];
	const workflow = await n8n.createWorkflow({
		name: 'Send and wait test',
		nodes,
		connections: connected(inOrder(nodes)),
		settings: { executionOrder: 'v1' },
	});
	if (n8n === api) workflows.push(workflow);
	const before = linksSent(provider).length;
	const id = await n8n.run(workflow.id, { trigger: 'Start' });
	await waitFor(
		'the execution to wait',
		async () => (await n8n.execution(id)).status === 'waiting',
		30_000,
	);
	const links = linksSent(provider).slice(before);
	expect(links).toHaveLength(1);
	return { id, link: links[0]!.replace('//localhost:', '//127.0.0.1:') };
}

const http = axios.create({ proxy: false, validateStatus: () => true, responseType: 'text' });

async function post(link: string, fields: Record<string, string>) {
	const form = new FormData();
	for (const [name, value] of Object.entries(fields)) form.append(name, value);
	return await http.post<string>(link, form);
}

async function answersOf(id: string, n8n = api) {
	const { status, data } = await n8n.waitForExecution(id);
	expect(status).toBe('success');
	return outputOf(data, 'After');
}

const double = { approvalOptions: { values: { approvalType: 'double' } } };
const respondedAt = expect.any(String) as string;

/** Those that look at links in messages, and some that want to know more of them. */
const crawlers = [
	'WhatsApp/2.23.20.0 A',
	'facebookexternalhit/1.1',
	'Facebot',
	'TelegramBot (like TwitterBot)',
	'Twitterbot/1.0',
	'Slackbot-LinkExpanding 1.0',
	'Discordbot/2.0',
	'LinkedInBot/1.0',
	'SkypeUriPreview Preview/0.5',
	'kakaotalk-scrap/1.0',
	'Googlebot/2.1',
	'Google-PageRenderer',
	'bingbot/2.0',
	'BingPreview/1.0b',
	'Applebot/0.1',
	'YandexBot/3.0',
	'Baiduspider/2.0',
	'Barracuda Sentinel',
	'Mimecast-LinkScanner',
	'curl/8.5.0',
];

describe.each(Object.keys(recipients) as Provider[])('a question sent with %s', (provider) => {
	test('waits, is approved by the button alone, and is answered once', async () => {
		const { id, link } = await ask(provider, double);
		for (const agent of crawlers) {
			const headers = { 'user-agent': agent };
			const page = await http.get<string>(link, { headers });
			expect(page.status).toBe(200);
			expect(page.data).toContain('Refund order 12?');
			await http.head(link, { headers });
		}
		expect((await api.execution(id)).status).toBe('waiting');

		const altered = link.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
		expect((await post(altered, { decision: 'approve' })).status).toBe(401);
		const unsigned = link.replace(/\?.*$/, '');
		expect((await post(unsigned, { decision: 'approve' })).status).toBe(401);
		expect((await post(link, { decision: 'perhaps' })).status).toBe(422);
		expect((await api.execution(id)).status).toBe('waiting');

		const answered = await post(link, { decision: 'approve' });
		expect(answered.status).toBe(200);
		expect(answered.headers['content-type']).toMatch(/^text\/html/);
		expect(answered.data).toMatch(/^<!doctype html>/);
		expect(answered.data).toContain('Your answer was recorded');
		expect(await answersOf(id)).toEqual([{ data: { approved: true, respondedAt } }]);

		const second = await post(link, { decision: 'decline' });
		expect(second.data).not.toContain('Your answer was recorded');
		expect(second.data.toLowerCase()).toMatch(/no action required|already/);
		expect(await answersOf(id)).toEqual([{ data: { approved: true, respondedAt } }]);
	}, 120_000);
});

test('of many answers at the same time one counts, and the others are told', async () => {
	const { id, link } = await ask('lifty', double);
	const decisions = Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? 'approve' : 'decline'));
	const answers = await Promise.all(
		decisions.map(async (decision) => await post(link, { decision })),
	);
	const counted = answers.map(({ data }) => data.includes('Your answer was recorded'));
	expect(counted.filter(Boolean)).toHaveLength(1);
	const approved = decisions[counted.indexOf(true)] === 'approve';
	expect(await answersOf(id)).toEqual([{ data: { approved, respondedAt } }]);
}, 120_000);

test('a form comes out by its labels, and what is wrong is asked for again', async () => {
	const { id, link } = await ask('gitple', {
		responseType: 'customForm',
		formFields: {
			values: [
				{ fieldLabel: 'Amount', fieldType: 'number', requiredField: true },
				{ fieldLabel: 'Reason' },
			],
		},
		options: { pageLanguage: 'pt' },
	});
	const wrong = await post(link, { 'field-0': 'much', 'field-1': '"late" & <b>cold</b>' });
	expect(wrong.status).toBe(422);
	expect(wrong.data).toContain('Digite um número');
	expect(wrong.data).toContain('&quot;late&quot; &amp; &lt;b&gt;cold&lt;/b&gt;');
	await post(link, { 'field-0': '12.5', 'field-1': 'late' });
	expect(await answersOf(id)).toEqual([{ data: { Amount: 12.5, Reason: 'late', respondedAt } }]);
}, 120_000);

testWithBrowser(
	'a person declines with the button on the page, whatever n8n forbids such pages',
	async () => {
		const { id, link } = await ask('voxfree', { ...double, options: { pageLanguage: 'ko' } });
		const browser = await launchChromium();
		try {
			const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
			page.setDefaultTimeout(30_000);
			await page.goto(link);
			const wide = await page.evaluate('document.documentElement.scrollWidth');
			expect(wide).toBeLessThanOrEqual(390);
			await page.getByRole('button', { name: '거절' }).click();
			await page.getByText('답변이 저장되었습니다').first().waitFor();
			expect(await answersOf(id)).toEqual([{ data: { approved: false, respondedAt } }]);
		} finally {
			await browser.close();
		}
	},
	120_000,
);

test('the wait outlives a restart of n8n, and ends with the input items when its time is up', async () => {
	const userFolder = mkdtempSync(join(tmpdir(), 'n8n-waits-'));
	const owner = { email: 'owner@example.test', password: 'demo-Passw0rd' };
	let host = await startHost({ userFolder });
	try {
		const before = new N8nApi(host.url);
		await before.signIn(owner);
		await installTarball(host, before, (await packProject()).tarball);
		const credential = await before.createCredential('liftyApi', liftyData(lifty));
		const { id, link } = await ask('lifty', { responseType: 'freeText' }, before, credential);
		const values = { limitType: 'afterTimeInterval', resumeAmount: 0.3, resumeUnit: 'minutes' };
		const limited = await ask(
			'lifty',
			{ options: { limitWaitTime: { values } } },
			before,
			credential,
		);
		await host.stop();

		host = await startHost({ userFolder, port: host.port });
		expect(host.url).toBe(before.url);
		const after = new N8nApi(host.url);
		await after.signIn(owner);
		expect((await after.execution(id)).status).toBe('waiting');
		expect((await http.get<string>(link)).data).toContain('Refund order 12?');
		await post(link, { 'field-0': 'Yes, please' });
		expect(await answersOf(id, after)).toEqual([{ data: { text: 'Yes, please', respondedAt } }]);

		const { data } = await after.waitForExecution(limited.id, 90_000);
		expect(outputOf(data, 'After')).toEqual([{ orders: 12 }, { orders: 13 }]);
		expect((await post(limited.link, { decision: 'approve' })).data).not.toContain('recorded');
	} finally {
		await host.stop();
		rmSync(userFolder, { recursive: true, force: true });
	}
}, 400_000);
