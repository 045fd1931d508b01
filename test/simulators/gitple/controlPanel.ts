import {
	addReset,
	addSettings,
	addSimulatorRoutes,
	addViews,
	answerErrors,
	begun,
	bodyOf,
	isChoice,
	jsonRouter,
	optionalText,
	requiredText,
	type ControlPanel,
	type SimulatorPlugin,
} from '../controlPanel';
import { Refusal } from '../frame';
import {
	forgeries,
	startGitple,
	type Forgery,
	type GitpleOptions,
	type GitpleSimulator,
	type Settings,
} from './GitpleSimulator';
import { eventTypes, type EventType } from './wire';

export const simulatorPlugin: SimulatorPlugin<GitpleOptions, { gitple: GitpleSimulator }> = {
	id: 'gitple',
	title: 'Gitple',
	async start({ port }, options) {
		const gitple = await startGitple({ ...port(2), ...options });
		return {
			parts: { gitple },
			panel: gitplePanel(gitple),
			addresses: [
				['Gitple simulator', gitple.apiUrl],
				['app code', gitple.setup.appCode],
				['secret', gitple.setup.secret],
			],
		};
	},
};

/** The Gitple tab: the workspace, what its users receive, and everything on the wire. */
function gitplePanel(gitple: GitpleSimulator): ControlPanel {
	const state = () => {
		const { sessions, received, externalMessages, ...workspace } = gitple.state;
		const last = <T>(lists: Record<string, T[]>) =>
			Object.fromEntries(Object.entries(lists).map(([id, list]) => [id, list.slice(-50)]));
		return {
			...workspace,
			// The page shows these; a load test may have made thousands.
			sessions: sessions
				.slice(-100)
				.map((session) => ({ ...session, messages: session.messages.slice(-50) })),
			received: last(received),
			externalMessages: last(externalMessages),
			...gitple.setup,
			webhookUrl: gitple.setup.webhookUrl ?? null,
			apiUrl: gitple.apiUrl,
			answerAfter: gitple.answerAfter,
			failing: gitple.failing,
			eventTypes,
			forgeries,
		};
	};
	const log = () => [
		...gitple.requests.map((entry) => ({ ...entry, kind: 'request' })),
		...gitple.deliveries.map((entry) => ({
			...entry,
			kind: 'trigger',
			forged: gitple.isForged(entry),
		})),
	];

	const control = jsonRouter();
	addViews(control, [gitple], state, log);

	// The workspace. Answers do not wait for n8n: how a delivery went is in the log.
	const does = (path: string, act: (id: string, body: Record<string, unknown>) => unknown) => {
		control.post(path, async (request, response) => {
			const { id } = request.params as { id: string };
			await begun(Promise.resolve(act(id, bodyOf(request))));
			response.json({ ok: true });
		});
	};
	does('/users/:id/open', async (id) => await gitple.openSession(id));
	does('/users/:id/external-message', async (id, { agentId, text }) => {
		await gitple.sendExternalMessage(
			requiredText(agentId, 'agentId'),
			id,
			requiredText(text, 'text'),
		);
	});
	does('/sessions/:id/assign', async (id, { assigneeId }) => {
		await gitple.assignSession(id, requiredText(assigneeId, 'assigneeId'));
	});
	does('/sessions/:id/close', async (id, { reason, tags, categories, note }) => {
		await gitple.closeSession(id, requiredText(reason, 'reason'), {
			tags: texts(tags, 'tags'),
			categories: texts(categories, 'categories'),
			note: optionalText(note, 'note'),
		});
	});
	does('/sessions/:id/message', (id, { from, text }) => {
		if (from === 'user') return gitple.userSays(id, requiredText(text, 'text'));
		if (from === 'agent') return gitple.agentSays(id, requiredText(text, 'text'));
		throw new Refusal(400, '"from" must be "user" or "agent"');
	});

	// The simulator itself.
	addSimulatorRoutes(control, gitple);
	addSettings(control, gitple, state, (settings) => gitple.configure(readSettings(settings)));
	control.post('/trigger', async (request, response) => {
		response.json(await gitple.sendSigned(request.body));
	});
	control.post('/forge/:forgery', async (request, response) => {
		response.json(await gitple.sendForged(request.params.forgery as Forgery));
	});
	addReset(control, gitple);
	answerErrors(control);

	return {
		control,
		close: async () => await gitple.close(),
	};
}

/** The settings that can be chosen from a few, with what may be chosen. */
const choices = {
	signatureEncoding: ['hex', 'base64'],
	missingFields: ['absent', 'null'],
	triggerIds: ['trigger', 'delivery'],
	agentGroupLabel: ['name', 'identifier'],
	unknownIdStatus: [400, 404],
} satisfies Partial<Record<keyof Settings, unknown[]>>;

function readSettings(body: Record<string, unknown>): Partial<Settings> {
	const change: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(body)) {
		if (isChoice(choices, name, value)) {
			change[name] = value;
		} else if (name === 'events') {
			change.events = (texts(value, 'events') ?? []) as EventType[];
		} else if (['appCode', 'secret', 'webhookSecret'].includes(name)) {
			change[name] = optionalText(value, name) ?? '';
		} else if (name === 'webhookUrl') {
			change.webhookUrl = optionalText(value, name);
		} else {
			throw new Refusal(400, `There is no setting "${name}"`);
		}
	}
	return change;
}

function texts(value: unknown, name: string): string[] | undefined {
	if (value === undefined) return undefined;
	if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
		throw new Refusal(400, `"${name}" must be a list of strings`);
	}
	return value;
}
