import {
	addReset,
	addSettings,
	addSimulatorRoutes,
	addViews,
	answerErrors,
	bodyOf,
	isChoice,
	isObject,
	jsonRouter,
	optionalText,
	requiredText,
	type ControlPanel,
	type SimulatorPlugin,
} from '../controlPanel';
import { Refusal } from '../frame';
import { garbage, type Garbage, type Target } from './eventSocket';
import { seedPasswords } from './office';
import {
	startVoxfree,
	type Settings,
	type VoxfreeOptions,
	type VoxfreeSimulator,
} from './VoxfreeSimulator';
import type { VoxfreeEvent } from './wire';

export const simulatorPlugin: SimulatorPlugin<VoxfreeOptions, { voxfree: VoxfreeSimulator }> = {
	id: 'voxfree',
	title: 'Voxfree',
	async start({ port }, options) {
		const voxfree = await startVoxfree({
			...port(10),
			servicesPort: port(11).port,
			socketPort: port(12).port,
			...options,
		});
		const [agent] = voxfree.state.agents;
		return {
			parts: { voxfree },
			panel: voxfreePanel(voxfree),
			addresses: [
				['Voxfree simulator', voxfree.applicationUrl],
				['second address', voxfree.servicesUrl],
				['socket', voxfree.socketUrl],
				['login', `${agent!.login}, ${seedPasswords[agent!.id]}`],
			],
		};
	},
};

/** The Voxfree tab: customers, attendants, the socket, and everything on the wire. */
function voxfreePanel(voxfree: VoxfreeSimulator): ControlPanel {
	const state = () => {
		const { agents, conversations, ...office } = voxfree.state;
		return {
			...office,
			// The hash of a password is as good as the password.
			agents: agents.map(({ passwordHash: _, ...agent }) => ({
				...agent,
				password: seedPasswords[agent.id],
				signedIn: voxfree.signedIn.includes(agent.id),
			})),
			// The page shows these; a load test may have made thousands.
			conversations: conversations.slice(-100).map((conversation) => ({
				...conversation,
				messages: conversation.messages.slice(-50).map((message) => ({
					...message,
					fileUrl: message.fileKey && voxfree.fileUrl(message),
				})),
				windowEnd: voxfree.windowEnd(conversation.protocol) ?? null,
			})),
			...voxfree.setup,
			applicationUrl: voxfree.applicationUrl,
			servicesUrl: voxfree.servicesUrl,
			socketUrl: voxfree.socketUrl,
			socketUp: voxfree.socket.isUp,
			connections: voxfree.connections(),
			pending: voxfree.socket.pending,
			garbage: Object.keys(garbage),
			answerAfter: voxfree.answerAfter,
			failing: voxfree.failing,
		};
	};
	const log = () => [
		...voxfree.requests.map((entry) => ({ ...entry, kind: 'request' })),
		...voxfree.frames().map(({ kind: what, ...entry }) => ({ ...entry, what, kind: 'frame' })),
	];

	const control = jsonRouter();
	addViews(control, [voxfree], state, log);

	const does = (path: string, act: (id: string, body: Body) => unknown) => {
		control.post(path, async (request, response) => {
			const { id = '' } = request.params as { id?: string };
			const result: unknown = await act(id, bodyOf(request));
			response.json(isObject(result) ? result : { ok: true });
		});
	};

	// What people do.
	does('/contacts/:id/message', (id, { channelId, text, departmentId }) =>
		voxfree.customerWrites(id, requiredText(channelId, 'channelId'), requiredText(text, 'text'), {
			departmentId: optionalText(departmentId, 'departmentId'),
		}),
	);
	does('/contacts/:id/file', (id, { channelId, name, mimeType, base64, caption }) =>
		voxfree.customerSendsFile(id, requiredText(channelId, 'channelId'), {
			name: requiredText(name, 'name'),
			mimeType: optionalText(mimeType, 'mimeType') ?? 'application/octet-stream',
			content: Buffer.from(requiredText(base64, 'base64'), 'base64'),
			caption: optionalText(caption, 'caption'),
		}),
	);
	does('/conversations/:id/message', (id, { text }) =>
		voxfree.agentWrites(id, requiredText(text, 'text')),
	);
	does('/conversations/:id/assign', (id, { agentId }) =>
		voxfree.assign(id, requiredText(agentId, 'agentId')),
	);
	does('/conversations/:id/queue', (id, { agentId, departmentId }) => {
		const agent = optionalText(agentId, 'agentId');
		if (agent !== undefined) return voxfree.queueFor(id, agent);
		return voxfree.queueIn(id, requiredText(departmentId, 'departmentId'));
	});
	does('/conversations/:id/finish', (id, { wrapUpCode }) =>
		voxfree.finish(id, optionalText(wrapUpCode, 'wrapUpCode')),
	);
	does('/agents/:id/online', (id, { online }) => {
		if (typeof online !== 'boolean') throw new Refusal(400, '"online" must be true or false');
		voxfree.changeAgent(id, { online });
	});
	does('/agents/:id/forget', (id) => voxfree.forgetSession(id));
	does('/pass-time', (_, { hours }) =>
		voxfree.passTime(numberOf(hours, 'hours', 24 * 366) * 60 * 60 * 1000),
	);
	does('/refresh-queue', () => voxfree.refreshQueue());
	does('/event', (_, event) => voxfree.sendEvent(event as VoxfreeEvent));

	// What goes wrong with the socket.
	const { socket } = voxfree;
	const faults: Record<string, (body: Body, target: Target) => unknown> = {
		drop: (_, target) => socket.drop(target),
		end: (_, target) => socket.drop(target, 'end'),
		stall: (_, target) => socket.stall(target),
		'half-open': (_, target) => socket.halfOpen(target),
		slow: ({ value }, target) => socket.slow(numberOf(value, 'value', 600_000), target),
		recover: () => socket.behave(),
		close: ({ value }, target) =>
			socket.close(numberOf(value, 'value', 65_535), 'control page', target),
		// Does not wait until it is up again.
		restart: ({ value }) => {
			if (!socket.isUp) throw new Refusal(409, 'The socket is already down');
			void socket.restart({ downFor: numberOf(value ?? 0, 'value', 600_000) });
		},
		lose: ({ value }) => socket.loseNext(numberOf(value, 'value', 100_000)),
		duplicate: ({ value }) => socket.duplicateNext(numberOf(value, 'value', 100_000)),
		reorder: ({ value }) => socket.reorderNext(numberOf(value, 'value', 100_000)),
		garbage: ({ kind }, target) =>
			socket.garble((optionalText(kind, 'kind') ?? 'text') as Garbage, target),
		oversized: ({ value }, target) =>
			socket.oversized(numberOf(value, 'value', 64 * 1024 * 1024), target),
		refuse: ({ value, status, retryAfter }) =>
			socket.refuseUpgrades({
				status: status === 'hang' ? status : numberOf(status ?? 503, 'status', 599),
				count: numberOf(value ?? 1, 'value', 100_000),
				retryAfter: optionalText(retryAfter, 'retryAfter'),
			}),
	};
	control.post('/socket/:fault', async (request, response) => {
		const { fault } = request.params;
		const body = bodyOf(request);
		if (!Object.hasOwn(faults, fault)) throw new Refusal(404, `There is no fault "${fault}"`);
		const { connection } = body;
		const target =
			connection === undefined ? {} : { connection: numberOf(connection, 'connection', 2 ** 31) };
		await faults[fault]!(body, target);
		response.json({ ok: true });
	});

	// The simulator itself.
	addSimulatorRoutes(control, voxfree);
	addSettings(control, voxfree, state, (settings) => voxfree.configure(readSettings(settings)));
	addReset(control, voxfree);
	answerErrors(control);

	return {
		control,
		close: async () => await voxfree.close(),
	};
}

type Body = Record<string, unknown>;

/** The settings that can be chosen from a few, with what may be chosen. */
const choices = {
	sendAnswer: ['array', 'object', 'messages only'],
	sentMessage: ['object', 'array'],
	templateAnswerKey: ['same', 'other'],
	answers: ['own', 'split', 'keyed', 'nested'],
	lists: ['array', 'object', 'keyed'],
	answerIds: ['document', 'bare'],
	frameIds: ['document', 'bare', 'text'],
	frameForm: ['event', 'list', 'text'],
	failureWord: ['falha', 'Falha', 'FALHA'],
	outsideWindow: ['refuse', 'accept'],
	unknownAgentForm: ['own', 'login'],
	services: ['second', 'both'],
	wrapUpRequired: [true, false],
	ownMessagesTold: [true, false],
	eventsGoTo: ['everyone', 'concerned'],
	badRegistration: ['ignore', 'close'],
	secondSession: ['both', 'replace', 'refuse', 'first'],
	answersPings: [true, false],
} satisfies Partial<Record<keyof Settings, unknown[]>>;

function readSettings(body: Body): Partial<Settings> {
	for (const [name, value] of Object.entries(body)) {
		if (['presenceTtl', 'pingEvery', 'largestFile'].includes(name)) {
			numberOf(value, name);
		} else if (!isChoice(choices, name, value)) {
			throw new Refusal(400, `There is no setting "${name}"`);
		}
	}
	return body;
}

function numberOf(value: unknown, name: string, most = Number.MAX_SAFE_INTEGER): number {
	if (typeof value !== 'number' || !(value >= 0 && value <= most)) {
		throw new Refusal(400, `"${name}" must be a number from 0 to ${most}`);
	}
	return value;
}
