import { join } from 'node:path';
import { importWorkflow } from '../host/importWorkflow';
import { N8nApi, type InstalledPackage } from '../host/N8nApi';
import { installTarball } from '../host/localRegistry';
import { startHost, type Host } from '../host/startHost';
import { startControlPage, type ControlPage } from '../simulators/controlPage';
import { until } from '../simulators/until';
import { packProviders } from '../support/packProviders';

const WEBHOOK_SECRET = 'demo-webhook-secret-for-tests';

/** An n8n of its own: the one that other tests share has the package of all providers. */
let host: Host;
let api: N8nApi;
let page: ControlPage;
const installed: InstalledPackage[] = [];

beforeAll(async () => {
	const [, ...ofProviders] = await packProviders();
	page = await startControlPage({ port: 0 });
	host = await startHost();
	api = new N8nApi(host.url);
	await api.signIn({ email: 'owner@example.test', password: 'demo-Passw0rd' });
	for (const tarball of ofProviders) installed.push(await installTarball(host, api, tarball));
}, 300_000);

afterAll(async () => {
	await host?.stop();
	await page?.close();
});

test('n8n installs the package of each provider, one beside the other', async () => {
	const nodes = Object.fromEntries(
		(await api.installedPackages()).map(({ packageName, failedLoading, installedNodes }) => [
			packageName,
			failedLoading ? 'failed' : installedNodes.map(({ type }) => type).sort(),
		]),
	);
	expect(nodes).toEqual(
		Object.fromEntries(
			['gitple', 'lifty', 'omnize', 'simplesDesk', 'voxfree'].map((name) => {
				const packageName = `n8n-nodes-${name.toLowerCase()}`;
				return [packageName, [`${packageName}.${name}`, `${packageName}.${name}Trigger`]];
			}),
		),
	);
	const credentialTypes = await api.call<Array<{ name: string }>>('GET', '/types/credentials.json');
	expect(credentialTypes.map(({ name }) => name)).toEqual(
		expect.arrayContaining(['gitpleApi', 'liftyApi', 'omnizeApi', 'simplesDeskApi', 'voxfreeApi']),
	);
	expect(installed.map(({ installedVersion }) => installedVersion)).toEqual(
		Array.from(installed, () => installed[0]!.installedVersion),
	);
});

test('a workflow of one of them runs: the greeting bot of Omnize', async () => {
	const credential = await api.createCredential('omnizeApi', {
		token: page.omnize.token,
		baseUrl: page.omnize.apiUrl,
		webhookSecret: WEBHOOK_SECRET,
	});
	const { webhooks } = await importWorkflow(
		api,
		join(__dirname, 'workflows', 'omnize-greeting-bot.json'),
		{
			credentials: [credential],
			replace: {
				'http://127.0.0.1:4800': page.url,
				'n8n-nodes-omnichannel.omnize': 'n8n-nodes-omnize.omnize',
			},
		},
	);
	const urlOf = (ending: string) => webhooks.find(({ type }) => type.endsWith(ending))!.url;
	page.siteChat.setCustomerChannelUrl(urlOf('.webhook'));
	page.omnize.setWebhookUrl(`${urlOf('n8n-nodes-omnize.omnizeTrigger')}?secret=${WEBHOOK_SECRET}`);
	const seen = async (text: string) =>
		await until(
			page.siteChat,
			() =>
				page.siteChat.customers.some(({ messages }) =>
					messages.some((message) => message.text.includes(text)),
				),
			20_000,
		);

	await page.siteChat.customerSays('12', 'Preciso da segunda via do boleto');
	await seen('já estou chamando um atendente');
	await until(page.omnize, () =>
		page.omnize.state.interactions.some(({ clientId }) => clientId === '12'),
	);
	await page.omnize.agentAccept('12');
	await seen('Um atendente entrou na conversa');
});
