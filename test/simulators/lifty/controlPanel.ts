import {
	addReset,
	addSettings,
	addSimulatorRoutes,
	addViews,
	answerErrors,
	bodyOf,
	jsonRouter,
	optionalText,
	type ControlPanel,
	type SimulatorPlugin,
} from '../controlPanel';
import { Refusal } from '../frame';
import {
	startLifty,
	type LiftyOptions,
	type LiftySimulator,
	type Settings,
} from './LiftySimulator';

export const simulatorPlugin: SimulatorPlugin<LiftyOptions, { lifty: LiftySimulator }> = {
	id: 'lifty',
	title: 'Lifty',
	async start({ port }, options) {
		const lifty = await startLifty({ ...port(3), ...options });
		return {
			parts: { lifty },
			panel: liftyPanel(lifty),
			addresses: [
				['Lifty simulator', lifty.apiUrl],
				['API key', lifty.setup.apiKey],
				['bot tokens', lifty.bots.map(({ token }) => token).join(', ')],
			],
		};
	},
};

/** The Lifty tab: the bots, the phone that scans, what was sent, and everything on the wire. */
function liftyPanel(lifty: LiftySimulator): ControlPanel {
	const state = () => ({
		now: lifty.clock.now().toISOString(),
		bots: lifty.bots.map((bot) => ({
			...bot,
			// The page shows these; a load test may have made thousands.
			connections: bot.connections.slice(-20),
			paused: bot.paused.slice(-100),
			counts: lifty.counts(bot.token),
		})),
		companies: lifty.companies,
		messages: lifty.messages.slice(-50),
		...lifty.setup,
		apiUrl: lifty.apiUrl,
		answerAfter: lifty.answerAfter,
		keysAtSessionUrls: lifty.keysAtSessionUrls.length,
		failing: lifty.failing,
	});
	const log = () =>
		lifty.requests.map((entry) => ({
			...entry,
			kind: lifty.partOf(entry),
			leaksKey: lifty.leaksKey(entry),
		}));

	const control = jsonRouter();
	addViews(control, [lifty], state, log);

	// Lifty's dashboard, and the phone.
	const does = (action: string, act: (token: string, body: Body) => unknown) => {
		control.post(`/bots/:token/${action}`, (request, response) => {
			act(request.params.token, bodyOf(request));
			response.json({ ok: true });
		});
	};
	does('start', (token) => lifty.startConnection(token));
	does('scan', (token, { phone, connectionId }) =>
		lifty.scan(token, optionalText(phone, 'phone'), optionalText(connectionId, 'connectionId')),
	);
	does('expire', (token, { connectionId }) =>
		lifty.expire(token, optionalText(connectionId, 'connectionId')),
	);
	does('drop', (token, { connectionId }) =>
		lifty.drop(token, optionalText(connectionId, 'connectionId')),
	);
	control.get('/bots/:token/connections/:id/qr', (request, response) => {
		const picture = lifty.qrPicture(request.params.token, request.params.id);
		if (!picture) throw new Refusal(404, 'There is no QR code to be scanned');
		response.type('png').send(picture);
	});

	// The simulator itself.
	addSimulatorRoutes(control, lifty);
	addSettings(control, lifty, state, (settings) => lifty.configure(readSettings(settings)));
	addReset(control, lifty);
	answerErrors(control);

	return {
		control,
		close: async () => await lifty.close(),
	};
}

type Body = Record<string, unknown>;

const times = ['qrReadyAfter', 'qrRefreshesEvery', 'qrExpiresAfter', 'connectsAfter'];
const words = [
	'apiKey',
	'startingStatus',
	'pairingStatus',
	'expiredStatus',
	'droppedStatus',
	'qrContentType',
];
/** Empty means that they are not set. */
const optional = ['sessionOrigin', 'statusUrl', 'tokenUrl'];

function readSettings(body: Body): Partial<Settings> {
	const change: Body = {};
	for (const [name, value] of Object.entries(body)) {
		if (times.includes(name)) {
			if (typeof value !== 'number') throw new Refusal(400, `"${name}" must be a number`);
			change[name] = value;
		} else if (words.includes(name)) {
			const text = optionalText(value, name);
			if (text === undefined) throw new Refusal(400, `"${name}" must have characters`);
			change[name] = text;
		} else if (optional.includes(name)) {
			change[name] = optionalText(value, name);
		} else {
			throw new Refusal(400, `There is no setting "${name}"`);
		}
	}
	return change;
}
