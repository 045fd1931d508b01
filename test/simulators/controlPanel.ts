import { STATUS_CODES } from 'node:http';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { Refusal, type ProviderSimulator } from './frame';
import type { JournalEntry } from './journal';
import { modes, type FaultName, type FaultOptions } from './misbehaviour';
import type { Changing } from './until';

/**
 * A provider on the control page. `controlPanel.ts` in the provider's folder exports one as
 * `simulatorPlugin`, `plugins.ts` lists it, and the ES module `page/<id>.js` draws its panel.
 */
export interface SimulatorPlugin<Options, Parts extends object> {
	/** Part of the addresses: `/control/<id>/…`. */
	id: string;
	/** What the tab says. */
	title: string;
	/**
	 * Starts the provider's simulator. A port in `options` takes the place of the one that
	 * `place.port` suggests.
	 */
	start(place: PluginPlace, options?: Options): Promise<StartedPlugin<Parts>>;
}

/** Where a plugin runs. */
export interface PluginPlace {
	/** Address of the control page, without a slash at its end. */
	pageUrl: string;
	/** The options for a port: the one `distance` after the page's, or the next free one. */
	port(distance: number): { port: number; orNextPort: boolean };
}

export interface StartedPlugin<Parts extends object> {
	/** What the running control page offers under the same names. */
	parts: Parts;
	panel: ControlPanel;
	/** Pairs of name and value that a person needs to use the simulator by hand. */
	addresses: Array<[name: string, value: string]>;
}

/** What a running simulator shows on the control page. */
export interface ControlPanel {
	/** What the page (and tests) call, below `/control/<id>`. */
	control: Router;
	/** What n8n calls, below `/<id>`. */
	open?: Router;
	close(): Promise<void>;
}

/**
 * A stream of server-sent events: `state` with the whole of `state()`, and `log` with the entries
 * that are new or have changed since the last one. Changes are gathered for 50 ms, and longer while
 * the page cannot keep up, so that a load test does not drown it.
 */
function liveStream(
	sources: Changing[],
	state: () => unknown,
	log: () => JournalEntry[],
): (request: Request, response: Response) => void {
	return (_request, response) => {
		response.writeHead(200, {
			'Content-Type': 'text/event-stream; charset=utf-8',
			'Cache-Control': 'no-store',
		});
		let seen = 0;
		let timer: NodeJS.Timeout | undefined;
		const send = (event: string, data: unknown) =>
			response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
		const push = () => {
			timer = undefined;
			if (response.writableNeedDrain) return later();
			const entries = log();
			const fresh = entries.filter(({ revision }) => revision > seen);
			seen = entries.reduce((newest, { revision }) => Math.max(newest, revision), seen);
			send('state', state());
			// The oldest number that still counts tells the page what to drop after a reset.
			send('log', { from: Math.min(...entries.map(({ id }) => id), seen + 1), entries: fresh });
		};
		const later = () => {
			timer ??= setTimeout(push, 50);
		};
		for (const source of sources) source.on('change', later);
		response.once('close', () => {
			clearTimeout(timer);
			for (const source of sources) source.off('change', later);
		});
		push();
	};
}

/**
 * A router for POSTs with a JSON body: anything else gets 415, so that no other website can drive
 * a page on this machine without the browser asking first. Refusals become `{ error }`.
 */
export function jsonRouter(): Router {
	const router = express.Router();
	router.use((request, response, next) => {
		const isRead = request.method === 'GET' || request.method === 'HEAD';
		if (isRead || request.is('application/json')) return next();
		response.status(415).json({ error: 'The Content-Type must be application/json' });
	});
	router.use(express.json({ limit: '1mb', strict: false }));
	return router;
}

/** Ends a router made with `jsonRouter`: to be called when all its routes are there. */
export function answerErrors(router: Router) {
	router.use((request, response) => {
		response
			.status(404)
			.json({ error: `There is nothing at ${request.method} ${request.baseUrl}${request.path}` });
	});
	router.use(
		(error: Error & { status?: number }, _: Request, response: Response, __: NextFunction) => {
			const status = error instanceof Refusal ? error.status : (error.status ?? 500);
			response.status(status).json({ error: error.message });
		},
	);
}

/** What the page (and tests) read: the state, the log, and how both change. */
export function addViews(
	control: Router,
	sources: Changing[],
	state: () => unknown,
	log: () => JournalEntry[],
) {
	control.get('/state', (_request, response) => void response.json(state()));
	control.get('/log', (_request, response) => void response.json(log()));
	control.get('/events', liveStream(sources, state, log));
}

/**
 * Changes settings and answers the state: `answerAfter`, which all simulators have, and by
 * `configure` the provider's own.
 */
export function addSettings(
	control: Router,
	simulator: ProviderSimulator,
	state: () => unknown,
	configure: (settings: Record<string, unknown>) => void,
) {
	control.post('/settings', (request, response) => {
		const { answerAfter, ...settings } = bodyOf(request);
		if (answerAfter !== undefined && !(typeof answerAfter === 'number' && answerAfter >= 0)) {
			throw new Refusal(400, '"answerAfter" must be a number of milliseconds');
		}
		configure(settings);
		if (answerAfter !== undefined) simulator.answerAfter = answerAfter;
		response.json(state());
	});
}

/** Begins anew, but with the settings as they are. */
export function addReset(
	control: Router,
	...parts: Array<{ reset(options: { keepSettings: boolean }): void }>
) {
	control.post('/reset', (_request, response) => {
		for (const part of parts) part.reset({ keepSettings: true });
		response.json({ ok: true });
	});
}

/** What the page does with every simulator: make it misbehave, and have a delivery sent again. */
export function addSimulatorRoutes(control: Router, simulator: ProviderSimulator) {
	control.get('/modes', (_request, response) => void response.json(describedModes));
	control.post('/misbehave', (request, response) => {
		const { mode, count, ...options } = bodyOf(request);
		simulator.failNext(mode as FaultName, (count ?? 1) as number, options as FaultOptions);
		response.json({ failing: simulator.failing });
	});
	control.delete('/misbehave', (_request, response) => {
		simulator.behave();
		response.json({ failing: simulator.failing });
	});
	control.post('/deliveries/:id/again', async (request, response) => {
		response.json(await simulator.deliverAgain(Number(request.params.id)));
	});
}

/** What the page offers under "Misbehave". */
const describedModes = [
	...([400, 401, 403, 404, 408, 429, 500, 502, 503, 504] as const).map((status) => ({
		name: `status-${status}`,
		title: `${status} ${STATUS_CODES[status]}${status === 429 ? ', Retry-After 1 s' : ''}`,
		group: 'Error status',
		works: false,
	})),
	...Object.entries(modes).map(([name, { title, group, works }]) => ({
		name,
		title,
		group,
		works,
	})),
];

/**
 * Lets a refusal through, but does not wait for the delivery that follows: refusals are decided in
 * the same turn in which the action was asked for.
 */
export async function begun(action: Promise<unknown>) {
	const settled = action.then(() => {});
	await Promise.race([settled, new Promise((resolve) => setImmediate(resolve))]);
	settled.catch(() => {});
}

export function bodyOf(request: Request): Record<string, unknown> {
	const body: unknown = request.body ?? {};
	if (!isObject(body)) throw new Refusal(400, 'The body must be a JSON object');
	return body;
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string; null and the empty string mean that there is none. */
export function optionalText(value: unknown, name: string): string | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	if (typeof value !== 'string') throw new Refusal(400, `"${name}" must be a string`);
	return value;
}

/** A string that must be there. */
export function requiredText(value: unknown, name: string): string {
	const text = optionalText(value, name);
	if (text === undefined) throw new Refusal(400, `"${name}" is missing`);
	return text;
}

/**
 * Whether `name` is among the settings that are chosen from a few.
 * Throws a Refusal where it is, but `value` is none of what may be chosen.
 */
export function isChoice(
	choices: Record<string, readonly unknown[]>,
	name: string,
	value: unknown,
): boolean {
	if (!Object.hasOwn(choices, name)) return false;
	const allowed = choices[name]!;
	if (allowed.includes(value)) return true;
	throw new Refusal(400, `"${name}" must be one of ${allowed.join(', ')}`);
}
