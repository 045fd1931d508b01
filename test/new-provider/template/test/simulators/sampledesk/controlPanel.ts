import {
	addReset,
	addSettings,
	addSimulatorRoutes,
	addViews,
	answerErrors,
	begun,
	bodyOf,
	jsonRouter,
	optionalText,
	requiredText,
	type ControlPanel,
	type SimulatorPlugin,
} from '../controlPanel';
import {
	startSampleDesk,
	type SampleDeskOptions,
	type SampleDeskSimulator,
} from './SampleDeskSimulator';

export const simulatorPlugin: SimulatorPlugin<
	SampleDeskOptions,
	{ sampleDesk: SampleDeskSimulator }
> = {
	id: 'sampledesk',
	title: 'SampleDesk',
	async start({ port }, options) {
		const sampleDesk = await startSampleDesk({ ...port(9), ...options });
		return {
			parts: { sampleDesk },
			panel: sampleDeskPanel(sampleDesk),
			addresses: [
				['SampleDesk simulator', sampleDesk.apiUrl],
				['API key', sampleDesk.setup.apiKey],
			],
		};
	},
};

function sampleDeskPanel(sampleDesk: SampleDeskSimulator): ControlPanel {
	const state = () => ({
		apiUrl: sampleDesk.apiUrl,
		...sampleDesk.setup,
		messages: sampleDesk.sent.slice(-100),
		answerAfter: sampleDesk.answerAfter,
		failing: sampleDesk.failing,
	});
	const log = () => [
		...sampleDesk.requests.map((entry) => ({ ...entry, kind: 'request' })),
		...sampleDesk.deliveries.map((entry) => ({ ...entry, kind: 'event' })),
	];
	const control = jsonRouter();
	addViews(control, [sampleDesk], state, log);
	control.post('/messages', async (request, response) => {
		const body = bodyOf(request);
		const customerId = requiredText(body.customerId, 'customerId');
		await begun(sampleDesk.customerSays(customerId, requiredText(body.text, 'text')));
		response.json({ ok: true });
	});
	addSettings(control, sampleDesk, state, ({ webhookUrl }) => {
		if (webhookUrl !== undefined) sampleDesk.setWebhookUrl(optionalText(webhookUrl, 'webhookUrl'));
	});
	addSimulatorRoutes(control, sampleDesk);
	addReset(control, sampleDesk);
	answerErrors(control);
	return { control, close: async () => await sampleDesk.close() };
}
