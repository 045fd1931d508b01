import type { ImportedWebhook } from '../host/importWorkflow';
import type { ControlPage } from '../simulators/controlPage';
import { seedPasswords } from '../simulators/voxfree/office';
import { SERVICES_PATH } from '../simulators/voxfree/VoxfreeSimulator';

/** The address in the workflow files; replaced when the control page got another port. */
export const CONTROL_PAGE_URL = 'http://127.0.0.1:4800';

/** Shows the demo's triggers that a call comes from a simulator. */
const WEBHOOK_SECRET = 'demo-webhook-secret-1';

/** What one provider needs so that its workflows run against its simulator. */
interface DemoProvider {
	credential: { type: string; name: string; data: (page: ControlPage) => Record<string, unknown> };
	/** Tells the simulator where a workflow with this provider's credential wants its calls. */
	connect: (page: ControlPage, webhooks: ImportedWebhook[]) => void;
}

const ending = (webhooks: ImportedWebhook[], typeName: string) =>
	webhooks.find(({ type }) => type.endsWith(`.${typeName}`))?.url;

export const demoProviders: DemoProvider[] = [
	{
		credential: {
			type: 'omnizeApi',
			name: 'Omnize (simulator)',
			data: ({ omnize }) => ({
				token: omnize.token,
				baseUrl: omnize.apiUrl,
				webhookSecret: WEBHOOK_SECRET,
			}),
		},
		connect: ({ omnize, siteChat }, webhooks) => {
			const trigger = ending(webhooks, 'omnizeTrigger');
			if (!trigger) return;
			omnize.setWebhookUrl(`${trigger}?secret=${WEBHOOK_SECRET}`);
			siteChat.setCustomerChannelUrl(ending(webhooks, 'webhook'));
		},
	},
	{
		credential: {
			type: 'gitpleApi',
			name: 'Gitple (simulator)',
			data: ({ gitple }) => ({
				appCode: gitple.setup.appCode,
				secret: gitple.setup.secret,
				webhookSecret: gitple.setup.webhookSecret,
				baseUrl: gitple.apiUrl,
			}),
		},
		connect: ({ gitple }, webhooks) => {
			const trigger = ending(webhooks, 'gitpleTrigger');
			if (trigger) gitple.setWebhookUrl(trigger);
		},
	},
	{
		credential: {
			type: 'liftyApi',
			name: 'Lifty (simulator)',
			data: ({ lifty }) => ({
				apiKey: lifty.setup.apiKey,
				botId: lifty.bots[0]?.token ?? '',
				baseUrl: lifty.apiUrl,
			}),
		},
		// Lifty calls nobody: its trigger asks.
		connect: () => {},
	},
	{
		credential: {
			type: 'simplesDeskApi',
			name: 'SimplesDesk (simulator)',
			data: () => ({ webhookSecret: WEBHOOK_SECRET }),
		},
		connect: ({ simplesDesk }, webhooks) => {
			const trigger = ending(webhooks, 'simplesDeskTrigger');
			if (trigger) simplesDesk.setWebhookUrl(`${trigger}?secret=${WEBHOOK_SECRET}`);
		},
	},
	{
		credential: {
			type: 'voxfreeApi',
			name: 'Voxfree (simulator)',
			data: ({ voxfree }) => {
				const [agent] = voxfree.state.agents;
				return {
					login: agent!.login,
					password: seedPasswords[agent!.id],
					agentName: agent!.name,
					baseUrl: `${voxfree.applicationUrl}${SERVICES_PATH}`,
					servicesUrl: `${voxfree.servicesUrl}${SERVICES_PATH}`,
					socketUrl: voxfree.socketUrl,
				};
			},
		},
		// Its trigger goes to the simulator by itself.
		connect: () => {},
	},
];
