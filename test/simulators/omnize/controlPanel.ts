import type { Request, Response } from 'express';
import {
	addReset,
	addSettings,
	addSimulatorRoutes,
	addViews,
	answerErrors,
	begun,
	bodyOf,
	isObject,
	jsonRouter,
	optionalText,
	type ControlPanel,
	type SimulatorPlugin,
} from '../controlPanel';
import { systemClock } from '../clock';
import { Refusal } from '../frame';
import { startOmnize, type OmnizeOptions, type OmnizeSimulator } from './OmnizeSimulator';
import { SiteChat } from './siteChat';

interface Parts {
	omnize: OmnizeSimulator;
	siteChat: SiteChat;
	/** Where n8n posts what the website chat shall show. */
	customerChannelReplyUrl: string;
}

export const simulatorPlugin: SimulatorPlugin<OmnizeOptions, Parts> = {
	id: 'omnize',
	title: 'Omnize',
	async start({ pageUrl, port }, options) {
		const omnize = await startOmnize({ ...port(1), ...options });
		const siteChat = new SiteChat(options?.clock ?? systemClock);
		return {
			parts: {
				omnize,
				siteChat,
				customerChannelReplyUrl: `${pageUrl}/omnize/customer-channel/messages`,
			},
			panel: omnizePanel(omnize, siteChat),
			addresses: [
				['Omnize simulator', omnize.apiUrl],
				['token', omnize.token],
			],
		};
	},
};

/** The Omnize tab: the simulator, and the website chat that stands beside it. */
function omnizePanel(omnize: OmnizeSimulator, siteChat: SiteChat): ControlPanel {
	let replyPattern = '';
	const state = () => {
		const { token, webhookUrl, webhookHeaders, autoAgent, departmentsShape } = omnize.setup;
		const { departments, agents, interactions } = omnize.state;
		return {
			departments,
			agents,
			// The page shows these; a load test may have made thousands.
			interactions: interactions
				.slice(-100)
				.map((interaction) => ({ ...interaction, messages: interaction.messages.slice(-50) })),
			apiUrl: omnize.apiUrl,
			token,
			webhookUrl: webhookUrl ?? null,
			webhookHeaders,
			autoAgent: autoAgent ? { acceptAfterMs: autoAgent.acceptAfterMs, reply: replyPattern } : null,
			departmentsShape,
			answerAfter: omnize.answerAfter,
			failing: omnize.failing,
			customers: siteChat.customers,
			customerChannelUrl: siteChat.customerChannelUrl ?? null,
		};
	};
	const log = () => [
		...omnize.requests.map((entry) => ({ ...entry, kind: 'request' })),
		...omnize.deliveries.map((entry) => ({ ...entry, kind: 'trigger' })),
		...siteChat.deliveries.map((entry) => ({ ...entry, kind: 'chat out' })),
		...siteChat.replies.entries.map((entry) => ({ ...entry, kind: 'chat in' })),
	];

	const control = jsonRouter();
	addViews(control, [omnize, siteChat], state, log);

	// The agents' side. Answers do not wait for n8n: how a delivery went is in the log.
	const agentDoes = (
		path: string,
		act: (clientId: string, body: Record<string, unknown>) => Promise<unknown>,
	) => {
		control.post(`/interactions/:clientId/${path}`, async (request, response) => {
			await begun(act(String(request.params.clientId), bodyOf(request)));
			response.json({ ok: true });
		});
	};
	agentDoes('accept', async (clientId, { agentId }) => {
		await omnize.agentAccept(clientId, optionalText(agentId, 'agentId'));
	});
	agentDoes('unavailable', async (clientId) => await omnize.unavailable(clientId));
	agentDoes('typing', async (clientId) => await omnize.agentType(clientId));
	agentDoes('cleared', async (clientId) => await omnize.agentStopTyping(clientId));
	agentDoes('message', async (clientId, { text }) => {
		await omnize.agentSay(clientId, optionalText(text, 'text') ?? '');
	});
	agentDoes('finish', async (clientId) => await omnize.agentFinish(clientId));
	control.post('/agents/:agentId', (request, response) => {
		const { online } = bodyOf(request);
		if (typeof online !== 'boolean') throw new Refusal(400, '"online" must be true or false');
		omnize.setAgentOnline(request.params.agentId, online);
		response.json({ ok: true });
	});

	// The customers' side: the website chat.
	control.post('/customers', (request, response) => {
		response.json(siteChat.addCustomer(optionalText(bodyOf(request).name, 'name')));
	});
	control.post('/customers/:clientId/messages', async (request, response) => {
		const text = optionalText(bodyOf(request).text, 'text') ?? '';
		await begun(siteChat.customerSays(request.params.clientId, text));
		response.json({ ok: true });
	});

	// The simulator itself.
	addSettings(control, omnize, state, applySettings);
	control.post('/trigger', async (request, response) => {
		response.json(await omnize.sendTrigger(request.body));
	});
	addSimulatorRoutes(control, omnize);
	addReset(control, omnize, siteChat);
	answerErrors(control);

	const open = jsonRouter();
	open.post('/customer-channel/messages', (request: Request, response: Response) => {
		const { status, body } = siteChat.receive(request.body);
		response.status(status).json(body);
	});
	answerErrors(open);

	return {
		control,
		open,
		close: async () => {
			siteChat.reset();
			await omnize.close();
		},
	};

	function applySettings(body: Record<string, unknown>) {
		const { webhookUrl, webhookHeaders, customerChannelUrl, autoAgent, departmentsShape } = body;
		if (webhookUrl !== undefined) {
			omnize.setWebhookUrl(optionalText(webhookUrl, 'webhookUrl'));
		}
		if (webhookHeaders !== undefined) {
			const valid =
				isObject(webhookHeaders) &&
				Object.values(webhookHeaders).every((value) => typeof value === 'string');
			if (!valid) throw new Refusal(400, '"webhookHeaders" must be an object of strings');
			omnize.setWebhookHeaders(webhookHeaders as Record<string, string>);
		}
		if (customerChannelUrl !== undefined) {
			siteChat.setCustomerChannelUrl(optionalText(customerChannelUrl, 'customerChannelUrl'));
		}
		if (autoAgent === null) omnize.setAutoAgent(undefined);
		else if (autoAgent !== undefined) {
			const { acceptAfterMs = 1000, reply } = isObject(autoAgent) ? autoAgent : {};
			if (typeof acceptAfterMs !== 'number' || !(acceptAfterMs >= 0)) {
				throw new Refusal(400, '"acceptAfterMs" must be a number of milliseconds');
			}
			const pattern = optionalText(reply, 'reply');
			replyPattern = pattern ?? '';
			omnize.setAutoAgent({
				acceptAfterMs,
				reply: pattern ? (text) => pattern.split('{text}').join(text) : undefined,
			});
		}
		if (departmentsShape !== undefined) {
			if (departmentsShape !== 'list' && departmentsShape !== 'object') {
				throw new Refusal(400, '"departmentsShape" must be "list" or "object"');
			}
			omnize.setDepartmentsShape(departmentsShape);
		}
	}
}
