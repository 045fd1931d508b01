import express from 'express';
import {
	addReset,
	addViews,
	answerErrors,
	begun,
	bodyOf,
	jsonRouter,
	optionalText,
	type ControlPanel,
	type SimulatorPlugin,
} from '../controlPanel';
import { Refusal } from '../frame';
import type { AccountKind } from './desk';
import { callerModes, type CallerModeName } from './misbehaviour';
import {
	assetFolder,
	startSimplesDesk,
	type IntegrationCall,
	type Settings,
	type SimplesDeskOptions,
	type SimplesDeskSimulator,
} from './SimplesDeskSimulator';

interface Parts {
	simplesDesk: SimplesDeskSimulator;
}

export const simulatorPlugin: SimulatorPlugin<SimplesDeskOptions, Parts> = {
	id: 'simplesdesk',
	title: 'SimplesDesk',
	async start({ pageUrl, port }, options) {
		const simplesDesk = await startSimplesDesk({ ...port(5), ...options });
		return {
			parts: { simplesDesk },
			panel: simplesDeskPanel(simplesDesk),
			addresses: [['SimplesDesk files', `${pageUrl}/simplesdesk/assets/`]],
		};
	},
};

/**
 * The SimplesDesk tab: what the manager schedules, what the contact's phone shows, and the report.
 * `/simplesdesk/assets/…` of the control page serves the simulator's files a second time, so that
 * a workflow can name them by the page's address, and the page may show them.
 */
function simplesDeskPanel(desk: SimplesDeskSimulator): ControlPanel {
	const state = () => {
		const { accounts, contacts, templates } = desk.state;
		// The page shows these; a load test may have made thousands.
		const shown = contacts.slice(0, 50);
		const chats = Object.fromEntries(
			shown.flatMap(({ uid }) =>
				(['qr', 'official'] as const).map((kind) => [
					`${kind}/${uid}`,
					desk.phone(uid, kind).slice(-50),
				]),
			),
		);
		return {
			accounts,
			contacts: shown,
			templates,
			chats,
			assets: desk.assets,
			...desk.setup,
			webhookUrl: desk.setup.webhookUrl ?? null,
			botMenuUrl: desk.setup.botMenuUrl ?? null,
			misbehaving: desk.misbehaving,
		};
	};
	const log = () => desk.report().map((call) => ({ ...call, kind: kinds[call.kind] }));

	const control = jsonRouter();
	addViews(control, [desk], state, log);

	// Neither waits for n8n: how a call went is in the report.
	control.post('/schedule', async (request, response) => {
		const { account, contact, payload, at } = bodyOf(request);
		await begun(
			desk.schedule({
				account: accountKind(account),
				contact: optionalText(contact, 'contact'),
				payload,
				at: time(at),
			}),
		);
		response.json({ ok: true });
	});
	control.post('/contacts/:uid/say', async (request, response) => {
		const { account, text } = bodyOf(request);
		await begun(
			desk.contactSays(optionalText(text, 'text') ?? '', {
				account: accountKind(account),
				contact: request.params.uid,
			}),
		);
		response.json({ ok: true });
	});

	control.get('/modes', (_request, response) => void response.json(describedModes));
	control.post('/misbehave', (request, response) => {
		const { mode, count, delay } = bodyOf(request);
		desk.misbehave(mode as CallerModeName, (count ?? 1) as number, {
			...(delay !== undefined && { delay: delay as number }),
		});
		response.json({ misbehaving: desk.misbehaving });
	});
	control.delete('/misbehave', (_request, response) => {
		desk.behave();
		response.json({ misbehaving: desk.misbehaving });
	});
	control.post('/deliveries/:id/again', async (request, response) => {
		await begun(desk.callAgain(Number(request.params.id)));
		response.json({ ok: true });
	});
	control.post('/settings', (request, response) => {
		desk.configure(readSettings(bodyOf(request)));
		response.json(state());
	});
	addReset(control, desk);
	answerErrors(control);

	const open = express.Router();
	open.use('/assets', express.static(assetFolder));

	return {
		control,
		open,
		close: async () => await desk.close(),
	};
}

/** What the page calls the two kinds of calls. */
const kinds: Record<IntegrationCall['kind'], string> = {
	'scheduled message': 'scheduled',
	'bot menu': 'menu',
};

/** What the page offers under "Misbehave". */
const describedModes = Object.entries(callerModes).map(([name, mode]) => ({
	name,
	title: mode.title,
	group: mode.group,
	effect: mode.effect,
	timed: 'timed' in mode,
}));

function accountKind(value: unknown): AccountKind {
	if (value === 'qr' || value === 'official') return value;
	throw new Refusal(400, '"account" must be "qr" or "official"');
}

function time(value: unknown): Date | undefined {
	const text = optionalText(value, 'at');
	if (text === undefined) return undefined;
	const date = new Date(text);
	if (Number.isNaN(date.getTime())) throw new Refusal(400, '"at" must be an ISO time');
	return date;
}

function readSettings(body: Record<string, unknown>): Partial<Settings> {
	const change: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(body)) {
		switch (name) {
			case 'webhookUrl':
			case 'botMenuUrl':
				change[name] = optionalText(value, name);
				break;
			case 'secretHeader':
			case 'secret':
				change[name] = optionalText(value, name) ?? '';
				break;
			case 'secretOn':
				if (value !== 'all' && value !== 'bot-menu') {
					throw new Refusal(400, '"secretOn" must be "all" or "bot-menu"');
				}
				change.secretOn = value;
				break;
			case 'timeLimit':
				if (typeof value !== 'number') {
					throw new Refusal(400, '"timeLimit" must be a number of milliseconds');
				}
				change.timeLimit = value;
				break;
			default:
				throw new Refusal(400, `There is no setting "${name}"`);
		}
	}
	return change;
}
