import { EventEmitter } from 'node:events';
import {
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import express, { type NextFunction, type Request, type Response } from 'express';
import { patientController, systemClock, type Clock } from './clock';
import { Deliveries, type Delivery } from './deliveries';
import { Journal, type JournalEntry } from './journal';
import {
	AnswerStream,
	faultOf,
	modeOf,
	type Fault,
	type FaultName,
	type FaultOptions,
	type RenderedAnswer,
} from './misbehaviour';

/**
 * One request that reached a simulator.
 * `answered`: the answer went out whole (be it a wrong one). `cut`: the simulator broke the
 * connection. `caller gone`: the caller closed it first.
 */
export interface LoggedRequest extends JournalEntry {
	method: string;
	/** With the query. */
	path: string;
	headers: IncomingHttpHeaders;
	/** The body as it came, read as UTF-8. */
	rawBody: string;
	/** The body parsed as JSON; undefined when it is none. */
	body: unknown;
	/** The misbehaviour that was played, if any. */
	fault?: string;
	outcome: 'under way' | 'answered' | 'cut' | 'caller gone';
	/** What was really sent, as far as it was. */
	answer?: { status: number; headers: Record<string, string>; body: string };
	milliseconds?: number;
}

/** What a route answers. `body` goes out as JSON unless it is a Buffer. */
export interface Answer {
	status: number;
	body: unknown;
	headers?: Record<string, string>;
	/** Runs when the answer has gone out, or the connection broke: for what a provider does next. */
	afterwards?: () => void;
}

/** Something that a simulator will not do, in a sentence a person can act upon. */
export class Refusal extends Error {
	constructor(
		readonly status: number,
		message: string,
	) {
		super(message);
	}
}

export interface SimulatorOptions {
	/** @default 0, any free port */
	port?: number;
	/** Takes the next free port when `port` is taken, instead of failing. @default false */
	orNextPort?: boolean;
	clock?: Clock;
	/** How many requests, and how many deliveries, are remembered. @default 500 */
	logLimit?: number;
	/** Milliseconds that every honest answer takes. @default 0 */
	answerAfter?: number;
}

interface SimulatorEvents {
	/** Anything that a person could see has changed. */
	change: [];
	/** A request is over: answered, or its connection is gone. */
	request: [LoggedRequest];
}

/**
 * What every simulated provider has: an HTTP server on loopback whose answers all pass through one
 * place (so that each is logged, and can be spoilt by `failNext`), and webhooks that it delivers.
 * A provider adds its routes with `route`, and its state.
 */
export abstract class ProviderSimulator extends EventEmitter<SimulatorEvents> {
	readonly clock: Clock;
	/** Milliseconds that every honest answer takes. */
	answerAfter: number;
	private readonly firstAnswerAfter: number;
	protected readonly app = express();
	private readonly server: Server;
	private readonly requestJournal: Journal<LoggedRequest>;
	private readonly outgoing: Deliveries;
	private readonly faults: Array<{ fault: Fault; left: number }> = [];
	/** Paths whose bodies may be larger than memory: nobody collects them. */
	private readonly streamed = new Set<string>();
	/** Aborted by `reset` and `close`: whatever waits for a time gives up. */
	private life = patientController();

	constructor(name: string, { clock, logLimit = 500, answerAfter = 0 }: SimulatorOptions) {
		super();
		this.clock = clock ?? systemClock;
		this.answerAfter = answerAfter;
		this.firstAnswerAfter = answerAfter;
		const onChange = () => this.changed();
		this.requestJournal = new Journal(logLimit, onChange);
		this.outgoing = new Deliveries({
			clock: this.clock,
			sender: `${name} simulator`,
			limit: logLimit,
			onChange,
		});
		this.app.disable('x-powered-by').disable('etag');
		this.app.use((request, response, next) => this.open(request, response, next));
		const collected = (request: { url?: string }) => !this.streamed.has(pathOf(request.url ?? ''));
		this.app.use(express.raw({ type: (request) => collected(request), limit: '1mb' }));
		this.app.use((request, response, next) => {
			const entry = response.locals.entry as LoggedRequest;
			entry.rawBody = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
			entry.body = parsed(entry.rawBody);
			next();
		});
		this.server = createServer(this.app);
	}

	/** Requests, oldest first. */
	get requests(): readonly LoggedRequest[] {
		return this.requestJournal.entries;
	}

	/** Webhook deliveries, oldest first. */
	get deliveries(): readonly Delivery[] {
		return this.outgoing.journal.entries;
	}

	/** `http://127.0.0.1:<port>`, without a slash at its end. */
	get url() {
		return urlOf(this.server);
	}

	/**
	 * Makes the next `count` requests go wrong, whatever they ask, or with `at` those to one part of
	 * the provider (see `parts`). Failures queue up.
	 * Throws a Refusal for a mode or a part that does not exist.
	 */
	failNext(mode: FaultName, count = 1, options: FaultOptions = {}) {
		if (!Number.isInteger(count) || count < 1 || count > 100_000) {
			throw new Refusal(400, `The count must be a whole number from 1 on, not ${count}`);
		}
		if (options.at !== undefined && !this.parts.includes(options.at)) {
			throw new Refusal(400, `There is no part "${options.at}" that could go wrong by itself`);
		}
		try {
			this.faults.push({ fault: faultOf(mode, options), left: count });
		} catch (error) {
			throw new Refusal(400, (error as Error).message);
		}
		this.changed();
	}

	/** The parts of this provider that can be made to fail apart from the rest. */
	get parts(): readonly string[] {
		return [];
	}

	/** The failures that still wait, next first. */
	get failing(): ReadonlyArray<Fault & { left: number }> {
		return this.faults.map(({ fault, left }) => ({ ...fault, left }));
	}

	/** Takes back every failure that still waits. */
	behave() {
		this.faults.length = 0;
		this.changed();
	}

	/** POSTs to somebody's webhook; see Deliveries.deliver. */
	protected async deliver(...args: Parameters<Deliveries['deliver']>) {
		return await this.outgoing.deliver(...args);
	}

	/** Delivers once more what was delivered before. */
	async deliverAgain(id: number): Promise<Delivery> {
		const delivery = await this.outgoing.again(id);
		if (!delivery) throw new Refusal(404, `There is no delivery ${id} in the log`);
		return delivery;
	}

	/**
	 * Cuts everything under way and forgets requests, deliveries, failures and state. Settings go
	 * back to what they were at the start too, unless `keepSettings`: an account at a provider keeps
	 * them when its conversations are gone.
	 */
	reset({ keepSettings = false } = {}) {
		if (!keepSettings) {
			this.answerAfter = this.firstAnswerAfter;
			this.restoreSettings();
		}
		this.life.abort();
		this.life = patientController();
		this.faults.length = 0;
		this.outgoing.reset();
		this.requestJournal.clear();
		this.clear();
		this.changed();
	}

	async close() {
		this.life.abort();
		this.outgoing.reset();
		const closed = new Promise((resolve) => this.server.close(resolve));
		this.server.closeAllConnections();
		await closed;
	}

	/** Puts the provider's own state back to how it began. */
	protected abstract clear(): void;

	/** Puts the provider's own settings, if it has any, back to how they began. */
	protected restoreSettings() {}

	/** The body of an error answer, as this provider words it. */
	protected abstract errorBody(status: number, message: string): unknown;

	/** Which of `parts` a request belongs to. */
	protected partOf(_request: LoggedRequest): string | undefined {
		return undefined;
	}

	/** Says that a person could see something new. */
	protected changed() {
		this.emit('change');
	}

	/** Waits `ms`; false when the simulator was reset or closed meanwhile. */
	protected async wait(ms: number) {
		return await this.clock.wait(ms, this.life.signal);
	}

	/** Adds a route. A Refusal that the handler throws becomes an error answer. */
	protected route(
		method: 'get' | 'post' | 'put' | 'delete',
		path: string,
		handle: (request: LoggedRequest) => Answer | Promise<Answer>,
	) {
		this.app[method](path, async (_request, response) => {
			await this.answer(response, handle);
		});
	}

	/**
	 * Adds a route for uploads: the handler reads the body as it comes in, and writes into
	 * `rawBody` and `body` of the request what the log shall show instead of it.
	 */
	protected streamRoute(
		path: string,
		handle: (request: LoggedRequest, body: IncomingMessage) => Promise<Answer>,
	) {
		this.streamed.add(path);
		this.app.post(path, async (request, response) => {
			await this.answer(response, async (entry) => await handle(entry, request));
		});
	}

	/** Starts to listen. To be called once all routes are there. */
	async start({ port = 0, orNextPort = false }: SimulatorOptions) {
		this.app.use(async (request: Request, response: Response) => {
			await this.answer(response, () => {
				throw new Refusal(404, `There is nothing at ${request.method} ${request.path}`);
			});
		});
		// The four arguments are how Express tells an error handler.
		this.app.use(
			async (
				error: Error & { status?: number },
				_: Request,
				response: Response,
				__: NextFunction,
			) => {
				await this.answer(response, () => {
					throw new Refusal(error.status ?? 500, error.message);
				});
			},
		);
		await listen(this.server, port, orNextPort);
	}

	private open(request: Request, response: Response, next: NextFunction) {
		const startedAt = this.clock.now();
		const entry = this.requestJournal.add({
			at: startedAt.toISOString(),
			method: request.method,
			path: request.originalUrl,
			headers: request.headers,
			rawBody: '',
			body: undefined,
			outcome: 'under way',
		});
		const settle = (outcome: LoggedRequest['outcome']) => {
			this.requestJournal.update(entry, {
				outcome,
				milliseconds: this.clock.now().getTime() - startedAt.getTime(),
				...(out.status && {
					answer: { status: out.status, headers: out.headers, body: out.body },
				}),
			});
		};
		const out = new AnswerStream(response, settle);
		response.locals.entry = entry;
		response.locals.out = out;
		response.once('close', () => {
			if (entry.outcome !== 'cut' && !response.writableFinished) settle('caller gone');
			this.emit('request', entry);
		});
		next();
	}

	private async answer(
		response: Response,
		handle: (request: LoggedRequest) => Answer | Promise<Answer>,
	) {
		const entry = response.locals.entry as LoggedRequest;
		const out = response.locals.out as AnswerStream;
		// Gone while its body was still being read: nobody is there to be answered.
		if (response.destroyed) return;
		const life = this.life.signal;
		let signal: AbortSignal | undefined;
		const wait = async (ms: number) => {
			signal ??= AbortSignal.any([life, goneSignal(response)]);
			return await this.clock.wait(ms, signal);
		};

		const fault = this.nextFault(entry);
		const mode = fault && modeOf(fault);
		if (fault) entry.fault = fault.name;
		const answer = mode && !mode.works ? nothing : await this.work(entry, handle);
		// An upload that nobody has read: whoever sends it would see a reset instead of the answer.
		if (!response.req.readableEnded) await finished(response.req.resume()).catch(() => {});
		if (response.destroyed || entry.outcome !== 'under way') return;
		response.once('close', () => {
			if (!life.aborted) answer.afterwards?.();
		});
		if (fault && mode) {
			await mode.play({ request: entry, answer, fault, out, wait });
		} else if (this.answerAfter === 0 || (await wait(this.answerAfter))) {
			out.send(answer);
		} else {
			out.cut();
		}
	}

	private async work(
		entry: LoggedRequest,
		handle: (request: LoggedRequest) => Answer | Promise<Answer>,
	): Promise<RenderedAnswer & Pick<Answer, 'afterwards'>> {
		try {
			return rendered(await handle(entry));
		} catch (error) {
			const { message } = error as Error;
			const status = error instanceof Refusal ? error.status : 500;
			return rendered({ status, body: this.errorBody(status, message) });
		}
	}

	private nextFault(request: LoggedRequest): Fault | undefined {
		const part = this.partOf(request);
		const index = this.faults.findIndex(({ fault: { at } }) => at === undefined || at === part);
		const next = this.faults[index];
		if (!next) return undefined;
		next.left -= 1;
		if (next.left === 0) this.faults.splice(index, 1);
		return next.fault;
	}
}

/**
 * Starts `server` on 127.0.0.1. With `orNextPort`, a port that is taken yields to the next one, up
 * to 100 further; otherwise it rejects with EADDRINUSE.
 */
export async function listen(server: Server, port: number, orNextPort = false): Promise<void> {
	const last = port > 0 && orNextPort ? port + 100 : port;
	for (let candidate = port; ; candidate += 1) {
		try {
			return await new Promise<void>((resolve, reject) => {
				server.once('error', reject);
				server.listen(candidate, '127.0.0.1', () => {
					server.off('error', reject);
					resolve();
				});
			});
		} catch (error) {
			const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
			if (!taken || candidate >= last) throw error;
		}
	}
}

/** `http://127.0.0.1:<port>` of a server that listens. */
export function urlOf(server: Server) {
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const pathOf = (url: string) => url.split('?', 1)[0]!;

const nothing: RenderedAnswer & Pick<Answer, 'afterwards'> = {
	status: 200,
	headers: {},
	body: Buffer.alloc(0),
};

/** Aborted when the connection of `response` is gone. */
function goneSignal(response: Response): AbortSignal {
	const gone = new AbortController();
	response.once('close', () => gone.abort());
	return gone.signal;
}

function rendered({ status, body, headers, afterwards }: Answer) {
	return {
		status,
		headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
		body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
		afterwards,
	};
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
