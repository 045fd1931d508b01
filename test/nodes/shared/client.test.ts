import { execFileSync, spawnSync } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { OmnizeApi } from '../../../credentials/OmnizeApi.credentials';
import { ProviderError } from '../../../nodes/shared/errors';
import { openConnection } from '../../../nodes/shared/http/client';
import type { ProviderAnswer, ProviderRequest } from '../../../nodes/shared/http/types';
import { listen, urlOf } from '../../simulators/frame';
import { modes, type FaultName, type FaultOptions } from '../../simulators/misbehaviour';
import { startOmnize, type OmnizeSimulator } from '../../simulators/omnize/OmnizeSimulator';
import { runNode, waitFor } from '../../support';
import { inFakeTime } from '../../support/fakeTime';
import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

// Machines with much to do are slow; no test waits for this long otherwise.
jest.setTimeout(30_000);

const TOKEN = 'demo-omnize-token';

interface Outcome {
	answer?: ProviderAnswer;
	error?: ProviderError;
	status?: string;
	/** How many more there are on the execution's signal after the request than before. */
	listeners?: number;
}

interface CallOptions extends Partial<ProviderRequest> {
	timeout?: number;
	rateLimitWait?: number;
	token?: string;
	signal?: AbortSignal;
}

/** Makes one request through the port, inside a node that n8n-core runs. */
async function call(url: string, options: CallOptions = {}): Promise<Outcome> {
	const { timeout = 10_000, rateLimitWait, token = TOKEN, signal, ...request } = options;
	const outcome: Outcome = {};
	class Probe implements INodeType {
		description: INodeTypeDescription = {
			displayName: 'Probe',
			name: 'probe',
			group: ['transform'],
			version: 1,
			description: '',
			defaults: { name: 'Probe' },
			inputs: [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main],
			credentials: [{ name: 'omnizeApi', required: true }],
			properties: [],
		};

		async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
			const onSignal = () => getEventListeners(this.getExecutionCancelSignal()!, 'abort').length;
			const before = onSignal();
			const connection = await openConnection(this, {
				provider: 'Omnize',
				credentialType: 'omnizeApi',
				secretFields: ['token'],
				timeout,
				rateLimitWait,
			});
			try {
				outcome.answer = await connection.request({
					method: 'POST',
					url,
					body: { type: 'info', content: 'departments', clientId: '1' },
					purpose: 'read',
					answer: 'unknown',
					...request,
				});
			} catch (error) {
				outcome.error = error as ProviderError;
				throw error;
			} finally {
				outcome.listeners = onSignal() - before;
			}
			return [[]];
		}
	}
	const { status } = await runNode({
		node: Probe,
		credentialTypes: [OmnizeApi],
		credentials: { omnizeApi: { token, baseUrl: url } },
		signal,
	});
	return { ...outcome, status };
}

const open: OmnizeSimulator[] = [];
async function provider(fault?: FaultName, options?: FaultOptions): Promise<OmnizeSimulator> {
	const simulator = await startOmnize();
	open.push(simulator);
	if (fault) simulator.failNext(fault, 100, options);
	return simulator;
}
afterAll(async () => await Promise.all(open.map(async (simulator) => await simulator.close())));

interface Expected {
	/** Nothing: the answer passes. */
	kind?: ProviderError['kind'];
	message?: RegExp;
	/** How many requests a read makes; a send always makes one. */
	reads: number;
}
const passes: Expected = { reads: 1 };
const page = { kind: 'unreadable', message: /^Omnize returned a web page/, reads: 1 } as const;
const late = {
	kind: 'late',
	message: /^Omnize did not respond (within|in time)/,
	reads: 1,
} as const;
const broken = {
	kind: 'interrupted',
	message: /^The connection to Omnize was lost before the response was complete$/,
	reads: 3,
} as const;
const unreadable = (what: string): Expected => ({
	kind: 'unreadable',
	message: new RegExp(`^Omnize returned ${what} instead of data$`),
	reads: 1,
});
const status = (kind: ProviderError['kind'], code: number, reads: number): Expected => ({
	kind,
	message: new RegExp(`\\(status ${code}\\)$`),
	reads,
});

const expected: Record<keyof typeof modes, Expected> = {
	html: page,
	empty: unreadable('nothing'),
	null: unreadable('nothing'),
	'truncated-json': unreadable('incomplete JSON'),
	'warning-before-json': page,
	'html-after-json': unreadable('incomplete JSON'),
	'bom-before-json': passes,
	'json-as-text': passes,
	'json-as-html': passes,
	'json-in-latin-1': passes,
	// What could be inflated is read, and is half a JSON text.
	'gzip-cut': unreadable('incomplete JSON'),
	'gzip-wrong': broken,
	'slow-headers': late,
	'slow-body': late,
	'stalled-body': late,
	'no-answer': late,
	'reset-before-work': broken,
	'reset-after-work': broken,
	'reset-mid-body': broken,
	'chunked-cut': broken,
	'content-length-too-long': broken,
	'content-length-too-short': unreadable('incomplete JSON'),
	'echo-500': status('unavailable', 500, 3),
	'echo-200': passes,
	'echo-html': page,
	redirect: {
		kind: 'unreadable',
		message: /^Omnize redirected the request to another address$/,
		reads: 1,
	},
	answer: status('unavailable', 500, 3),
};
const statuses: Record<number, Expected> = {
	...Object.fromEntries(
		[400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 422, 451].map((code) => [
			code,
			status('refused', code, 1),
		]),
	),
	...Object.fromEntries(
		[408, 425, 500, 501, 502, 503, 504, 520, 599].map((code) => [
			code,
			status('unavailable', code, 3),
		]),
	),
	429: status('busy', 429, 1),
	304: { kind: 'unreadable', message: /redirected/, reads: 1 },
	200: passes,
	201: passes,
	202: passes,
	204: passes,
};
const table: Array<[FaultName, Expected]> = [
	...(Object.entries(expected) as Array<[FaultName, Expected]>),
	...Object.entries(statuses).map(
		([code, outcome]) => [`status-${Number(code)}`, outcome] as [FaultName, Expected],
	),
];

describe('every way in which an answer can go wrong', () => {
	interface Result extends Outcome {
		requests: number;
		bodies: string[];
	}
	const results = new Map<string, Result>();

	beforeAll(async () => {
		const late: OmnizeSimulator[] = [];
		const play = async (fault: FaultName, purpose: 'read' | 'send') => {
			// Ten steps, each well within the limit, and together well over it.
			const simulator = await provider(fault, { delay: 15_000 });
			const isLate = expected[fault as 'html']?.kind === 'late';
			if (isLate) late.push(simulator);
			const outcome = await call(simulator.apiUrl, {
				purpose,
				timeout: isLate ? 3_000 : 600_000,
				rateLimitWait: 0,
			});
			results.set(`${fault} ${purpose}`, {
				...outcome,
				requests: simulator.requests.length,
				bodies: simulator.requests.map(({ rawBody }) => rawBody),
			});
		};
		await inFakeTime(
			async () =>
				await Promise.all(table.flatMap(([fault]) => [play(fault, 'read'), play(fault, 'send')])),
			// A busy machine takes its time until a request has left, and the limit counts meanwhile.
			() => late.every(({ requests }) => requests.length > 0),
		);
	}, 60_000);

	const purposes = ['read', 'send'] as const;
	const cases = table.flatMap(([fault, outcome]) =>
		purposes.map((purpose) => [fault, purpose, outcome] as const),
	);

	it.each(cases)(
		'%s, for a %s: one sentence of the right kind, or data',
		(fault, purpose, want) => {
			const { answer, error } = results.get(`${fault} ${purpose}`) as Result;
			expect(error?.kind).toBe(want.kind);
			if (want.kind === undefined) {
				expect(answer?.status).toBeLessThan(300);
				return;
			}
			expect(error).toBeInstanceOf(ProviderError);
			expect(error?.message).toMatch(want.message as RegExp);
			// One sentence for the headline, and whole sentences below it.
			expect(error?.message).toMatch(/^[A-Z][^\n.]*[^\n. ]$/);
			expect(error?.description ?? 'None.').toMatch(/^[A-Z][^\n]*[.…!?”]$/);
		},
	);

	it.each(cases)('%s, for a %s: as many requests as may be', (fault, purpose, want) => {
		const { requests, bodies } = results.get(`${fault} ${purpose}`) as Result;
		expect(requests).toBe(purpose === 'read' ? want.reads : 1);
		expect(new Set(bodies).size).toBe(1);
	});

	it.each(table.filter(([, { kind }]) => kind !== undefined && kind !== 'refused'))(
		'%s: a send says that it may have been delivered, a read does not',
		(fault) => {
			const textOf = (purpose: string) => results.get(`${fault} ${purpose}`)?.error?.fullMessage;
			expect(textOf('read')).not.toMatch(/may have been/);
			// These answers say that it was not.
			const wasNot = ['redirect', 'status-304', 'status-429'].includes(fault);
			if (wasNot) expect(textOf('send')).not.toMatch(/may have been/);
			else {
				expect(textOf('send')).toMatch(
					/\. The message may have been delivered: do not send it again$/,
				);
			}
		},
	);

	it.each(['bom-before-json', 'json-as-text', 'json-as-html', 'json-in-latin-1'])(
		'%s: the data is read with its accents',
		(fault) => {
			expect(results.get(`${fault} read`)?.answer?.body).toMatchObject([
				{ id: '1', name: 'Suporte técnico' },
				{ id: '2' },
				{ name: 'Cobrança' },
				{ name: 'Informações e sugestões' },
			]);
		},
	);

	it('knows every mode of the simulators', () => {
		expect(Object.keys(expected).sort()).toEqual(Object.keys(modes).sort());
	});
});

describe('connections that are not made', () => {
	let dead: string;
	beforeAll(async () => {
		const server = createServer();
		await listen(server, 0);
		dead = urlOf(server);
		server.close();
		await once(server, 'close');
	});

	it('are reported as such, with nothing sent', async () => {
		const { error } = await call(dead, { purpose: 'send' });
		expect(error).toMatchObject({
			kind: 'unreachable',
			message: `Omnize could not be reached at ${new URL(dead).host}`,
			description: expect.stringMatching(/ECONNREFUSED.*nothing was sent/) as string,
		});
	});

	it('are tried again even for a send, which then arrives once', async () => {
		const port = Number(new URL(dead).port);
		let simulator: OmnizeSimulator | undefined;
		const real = setTimeout;
		const pauses: number[] = [];
		// The provider comes back during the first pause, which is known by its length.
		const spy = jest.spyOn(globalThis, 'setTimeout').mockImplementation(((
			run: () => void,
			milliseconds = 0,
		) => {
			if (milliseconds < 250 || milliseconds > 500) return real(run, milliseconds);
			pauses.push(milliseconds);
			void startOmnize({ port }).then((started) => {
				simulator = started;
				open.push(started);
				run();
			});
			return real(() => undefined, 0);
		}) as typeof setTimeout);
		try {
			const { answer, error } = await call(`${dead}/client-gateway/api/rest/v1`, {
				purpose: 'send',
			});
			expect(error).toBeUndefined();
			expect(answer?.status).toBe(200);
			expect(pauses).toHaveLength(1);
			expect(simulator?.requests).toHaveLength(1);
		} finally {
			spy.mockRestore();
		}
	});

	it.each([
		'',
		'not a url',
		'clientapi.omnize.com:8080/x',
		'localhost:8080',
		'http://',
		'://x',
		'data:application/json,{}',
		'file:///etc/hostname',
	])('because of the address %j are blamed on the address', async (url) => {
		const { error } = await call(url, { purpose: 'read' });
		expect(error?.kind).toBe('invalid');
		expect(error?.message).toBe('The address in the credential is not a URL');
	});
});

describe('repeated reads', () => {
	/** The times at which a read, of which the first answer is spoilt, was sent. */
	async function triesAfter(fault: FaultName, retryAfter: string): Promise<number[]> {
		const simulator = await provider();
		simulator.failNext(fault, 1, { retryAfter });
		const { answer } = await call(simulator.apiUrl, { timeout: 600_000 });
		expect(answer?.status).toBe(200);
		return simulator.requests.map(({ at }) => Date.parse(at));
	}

	it('wait as long as Retry-After says', async () => {
		const [first = 0, second = 0] = await inFakeTime(
			async () => await triesAfter('status-429', '30'),
		);
		expect(second - first).toBeGreaterThanOrEqual(30_000);
		expect(second - first).toBeLessThan(31_000);
	});

	it('wait until the date that Retry-After names', async () => {
		await inFakeTime(async () => {
			const until = Math.floor(Date.now() / 1_000 + 30) * 1_000;
			const [, second = 0] = await triesAfter('status-503', new Date(until).toUTCString());
			expect(second).toBeGreaterThanOrEqual(until);
			expect(second).toBeLessThan(until + 1_000);
		});
	});

	it('wait longer before the third try than before the second', async () => {
		await inFakeTime(async () => {
			const simulator = await provider('status-503');
			await call(simulator.apiUrl, { timeout: 600_000 });
			const [first = 0, second = 0, third = 0] = simulator.requests.map(({ at }) => Date.parse(at));
			expect(second - first).toBeGreaterThanOrEqual(250);
			expect(second - first).toBeLessThan(600);
			expect(third - second).toBeGreaterThanOrEqual(500);
			expect(third - second).toBeLessThan(1_100);
		});
	});

	it.each(['soon', '-5', '0', 'Thu, 01 Jan 1970 00:00:00 GMT'])(
		'make nothing of the Retry-After %j',
		async (retryAfter) => {
			const [first = 0, second = 0] = await inFakeTime(
				async () => await triesAfter('status-503', retryAfter),
			);
			expect(second - first).toBeLessThan(600);
		},
	);

	it('end at the first good answer', async () => {
		const simulator = await provider();
		simulator.failNext('reset-before-work');
		simulator.failNext('status-502');
		const { answer } = await inFakeTime(
			async () => await call(simulator.apiUrl, { timeout: 600_000 }),
		);
		expect(answer?.status).toBe(200);
		expect(simulator.requests).toHaveLength(3);
	});

	it('end at a refusal', async () => {
		const simulator = await provider();
		simulator.failNext('status-500');
		simulator.failNext('status-403', 10);
		const { error } = await inFakeTime(
			async () => await call(simulator.apiUrl, { timeout: 600_000 }),
		);
		expect(error?.kind).toBe('refused');
		expect(simulator.requests).toHaveLength(2);
	});

	it('end when the execution is stopped during the pause', async () => {
		const simulator = await provider('status-429', { retryAfter: '60' });
		const stop = new AbortController();
		const run = call(simulator.apiUrl, { signal: stop.signal });
		await waitFor('the first answer', () => simulator.requests[0]?.outcome === 'answered');
		stop.abort();
		const start = performance.now();
		const { error, status } = await run;
		expect(status).toBe('canceled');
		expect(error).toMatchObject({ kind: 'cancelled', message: 'The execution was canceled' });
		// The pause would have been 60 seconds.
		expect(performance.now() - start).toBeLessThan(20_000);
		expect(simulator.requests).toHaveLength(1);
	});
});

describe('the signal of the execution', () => {
	it.each<[string, FaultName | undefined]>([
		['succeeded', undefined],
		['failed', 'status-403'],
		['been repeated', 'reset-mid-body'],
	])('has no more listeners once the requests have %s', async (_what, fault) => {
		const simulator = await provider(fault);
		const { listeners } = await inFakeTime(
			async () => await call(simulator.apiUrl, { timeout: 600_000 }),
		);
		expect(listeners).toBe(0);
	});
});

describe('the time limit', () => {
	it.each<[FaultName]>([['slow-body'], ['stalled-body'], ['slow-headers'], ['no-answer']])(
		'ends %s and closes its connection',
		async (fault) => {
			const simulator = await provider(fault, { delay: 60_000 });
			const { error } = await inFakeTime(
				async () => await call(simulator.apiUrl, { timeout: 300 }),
				() => simulator.requests.length > 0,
			);
			expect(error).toMatchObject({
				kind: 'late',
				message: 'Omnize did not respond within 0.3 seconds',
				description: expect.stringContaining("'Timeout'") as string,
			});
			// By itself the simulator would never go on: its time was the fake one.
			await waitFor(
				'the connection to be closed',
				() => simulator.requests[0]?.outcome !== 'under way',
				20_000,
			);
		},
	);

	it('lets an answer pass that comes just in time', async () => {
		const simulator = await provider('slow-body', { delay: 200 });
		expect((await call(simulator.apiUrl, { timeout: 20_000 })).answer?.status).toBe(200);
	});
});

describe('redirects', () => {
	let elsewhere: Server;
	let hits = 0;
	beforeAll(async () => {
		elsewhere = createServer((_request, response) => {
			hits++;
			response.end('{}');
		});
		await listen(elsewhere, 0);
	});
	afterAll(() => void elsewhere.close());

	it.each([301, 302, 303, 307, 308])('with status %d are not followed', async (code) => {
		for (const purpose of ['read', 'send'] as const) {
			const to = `${urlOf(elsewhere)}/?token=${TOKEN}`;
			const simulator = await provider('redirect', { status: code, to });
			const { error } = await call(simulator.apiUrl, { purpose });
			expect(error).toMatchObject({ kind: 'unreadable', httpStatus: code });
			expect(error?.description).toContain(new URL(to).host);
			expect(error?.description).not.toContain(TOKEN);
			expect(simulator.requests).toHaveLength(1);
		}
		expect(hits).toBe(0);
	});
});

describe('answers', () => {
	const answerTo = async (options: FaultOptions, request: CallOptions = {}) => {
		const simulator = await provider('answer', { status: 200, ...options });
		return await call(simulator.apiUrl, { purpose: 'send', ...request });
	};

	it('keep IDs beyond 2^53 exact, and nothing else is changed', async () => {
		const body =
			'{"id":9007199254740993,"list":[-123456789012345678901],"text":"9007199254740993","score":0.30000000000000004,"n":9007199254740991}';
		expect((await answerTo({ body })).answer?.body).toEqual({
			id: '9007199254740993',
			list: ['-123456789012345678901'],
			text: '9007199254740993',
			score: 0.30000000000000004,
			n: 9007199254740991,
		});
	});

	it.each([
		['OK', 'OK'],
		['Mensagem enviada', 'Mensagem enviada'],
		[' Mensagem\n enviada \n', 'Mensagem\n enviada'],
		['notícia: tudo certo', 'notícia: tudo certo'],
		['true', true],
		['0', 0],
		['"ok"', 'ok'],
		['ok\n', 'ok'],
	])(
		'of plain text %j pass with their words where no answer is documented',
		async (body, words) => {
			const { answer } = await answerTo({ body, contentType: 'text/plain' });
			expect(answer).toMatchObject({ status: 200, body: words });
		},
	);

	it.each<[string, ProviderRequest['answer'], unknown]>([
		['', 'optional', {}],
		['null', 'optional', {}],
		['OK', 'optional', 'OK'],
		['{"a":1}', 'optional', { a: 1 }],
		['{"a":1}', undefined, { a: 1 }],
	])('of %j pass as %s', async (body, answer, read) => {
		expect((await answerTo({ body }, { answer })).answer?.body).toEqual(read);
	});

	it('of plain text do not pass where nothing else is said', async () => {
		const { error } = await answerTo({ body: 'OK' }, { answer: undefined });
		expect(error?.message).toBe('Omnize returned plain text instead of data');
		expect(error?.description).toMatch(/^It starts with “OK”\. /);
	});

	it('that are files come as bytes, whatever they hold', async () => {
		const { answer } = await answerTo({ body: '<html>\u0000é' }, { answer: 'bytes' });
		expect(answer?.bytes).toEqual(Buffer.from('<html>\u0000é'));
		expect(answer?.body).toEqual({});
	});

	it('that refuse a file are read as every other refusal', async () => {
		const { error } = await answerTo(
			{ status: 404, body: '{"message":"Gone"}' },
			{ answer: 'bytes' },
		);
		expect(error).toMatchObject({ kind: 'refused', httpStatus: 404 });
		expect(error?.reason).toBe('Gone');
	});

	it.each([204, 205])('with status %d have no body, whatever is documented', async (code) => {
		const { answer } = await answerTo({ status: code, body: '' }, { answer: 'json' });
		expect(answer).toMatchObject({ status: code, body: {} });
	});

	it.each([
		['iso-8859-1', 'latin1'],
		['"ISO-8859-1"', 'latin1'],
		['windows-1252', 'latin1'],
		['utf8', 'utf8'],
		['uft-8', 'utf8'],
	] as const)('in the charset %s keep their accents', async (charset, encoding) => {
		const bytes = Buffer.from('{"nome":"Informações"}', encoding);
		const server = createServer((request, response) => {
			request.resume();
			response.writeHead(200, { 'Content-Type': `application/json; charset=${charset}` });
			response.end(bytes);
		});
		await listen(server, 0);
		const { answer } = await call(urlOf(server));
		server.close();
		expect(answer?.body).toEqual({ nome: 'Informações' });
	});

	it.each(['OK', 'Mensagem enviada', '<b>ok</b>', '{"a":', '[', '', ' \n', 'null'])(
		'of text %j do not pass where JSON is documented',
		async (body) => {
			const { error } = await answerTo({ body, contentType: 'text/plain' }, { answer: 'json' });
			expect(error).toMatchObject({ kind: 'unreadable' });
		},
	);

	it.each([
		'<!DOCTYPE html><title>x</title>',
		'\n  <html>',
		'\uFEFF<html>',
		'<br />\n<b>Warning</b>: x',
		'Fatal error: Uncaught Error in /app/api.php',
		'PHP Warning:  Undefined variable',
		'Notice: Undefined index',
		'{"a": 1',
		'',
		'\uFEFF',
		' \n ',
	])('such as %j pass nowhere', async (body) => {
		const { error } = await answerTo({ body, contentType: 'application/json' });
		expect(error).toMatchObject({ kind: 'unreadable', httpStatus: 200 });
	});

	it.each([
		['{"message":"Cliente não encontrado"}', 'Cliente não encontrado'],
		['{"error":{"message":"Sem saldo"}}', 'Sem saldo'],
		['{"errors":["um",2,"dois"]}', 'um; dois'],
		['{"message":"","error":"Sem saldo"}', 'Sem saldo'],
		['{"descricao":"Sem saldo"}', 'Sem saldo'],
		['{"description":"Sem saldo","detail":"não"}', 'Sem saldo'],
		['{"detail":"Sem\\n saldo"}', 'Sem saldo'],
		['{"code":5}', undefined],
		['5', undefined],
		['"Proibido"', 'Proibido'],
		['{"message":"Tente mais tarde!"}', 'Tente mais tarde!'],
	])('that refuse are quoted: %s', async (body, words) => {
		const { error } = await answerTo({ status: 422, body });
		expect(error).toMatchObject({ kind: 'refused', httpStatus: 422, reason: words });
	});

	it.each([
		[413, '', 'Omnize did not accept the request (status 413). The message or file is too large'],
		[
			413,
			'{"message":"Muito grande."}',
			'Omnize did not accept the request (status 413): Muito grande. The message or file is too large',
		],
		[
			502,
			'<h1>502 Bad Gateway</h1>',
			'A proxy before Omnize got no answer from it (status 502). The message may have been delivered: do not send it again',
		],
		[
			504,
			'',
			'A proxy before Omnize got no answer from it (status 504). The message may have been delivered: do not send it again',
		],
		[
			502,
			'{"message":"Banco fora"}',
			'Omnize could not handle the request (status 502): Banco fora. The message may have been delivered: do not send it again',
		],
	])('with status %i and %j say whose they are and why', async (status, body, words) => {
		const { error } = await inFakeTime(async () => await answerTo({ status, body }));
		expect(error?.fullMessage).toBe(words);
	});

	it('that refuse with a page are not quoted with its markup', async () => {
		const { error } = await answerTo({
			status: 422,
			body: '<h1>No</h1>',
			contentType: 'text/html',
		});
		expect(`${error?.message}${error?.description ?? ''}`).not.toContain('<');
	});

	it('that refuse at length are cut', async () => {
		const body = JSON.stringify({ message: 'muito '.repeat(10_000) });
		expect((await answerTo({ status: 400, body })).error?.reason?.length).toBeLessThan(300);
	});

	it('that repeat the credential in objects and lists pass without it, and keep their keys', async () => {
		const body = JSON.stringify({ [TOKEN]: [TOKEN, 5, null, { a: `is ${TOKEN}` }], n: 1 });
		expect((await answerTo({ body })).answer?.body).toEqual({
			[TOKEN]: ['[hidden]', 5, null, { a: 'is [hidden]' }],
			n: 1,
		});
	});

	it('that repeat the credential pass without it', async () => {
		const simulator = await provider('echo-200');
		const { answer } = await call(simulator.apiUrl, { purpose: 'send' });
		expect(answer?.body).toMatchObject({ message: 'Cannot handle request' });
		expect(JSON.stringify(answer?.body)).not.toContain(TOKEN);
	});
});

describe('a refusal', () => {
	const refused = async (code: number, request: CallOptions = {}, retryAfter?: string) => {
		const simulator = await provider(`status-${code}`, { retryAfter });
		return (await call(simulator.apiUrl, { purpose: 'send', ...request })).error;
	};

	it.each([401, 403])('of the credential (%d) says where to look', async (code) => {
		expect(await refused(code)).toMatchObject({
			kind: 'refused',
			message: `Omnize refused the credential (status ${code})`,
			description: expect.stringContaining('Check the credential') as string,
		});
	});

	it.each([401, 403, 404, 410])(
		'of an address that the provider handed over (%d) is not blamed on the credential',
		async (code) => {
			expect(await refused(code, { anonymous: true })).toMatchObject({
				kind: 'refused',
				message: `A link from Omnize was refused (status ${code})`,
				description: expect.not.stringContaining('Check the credential') as string,
			});
		},
	);

	it('of too many requests names the setting that helps, with and without credential', async () => {
		for (const anonymous of [true, false]) {
			expect(await refused(429, { anonymous, rateLimitWait: 0 }, '7')).toMatchObject({
				kind: 'busy',
				message: 'Omnize is receiving too many requests (status 429)',
				description: expect.stringContaining('Concurrent Items') as string,
				retryAfter: 7_000,
			});
		}
	});

	it('of what is not there (404) says what to check', async () => {
		expect((await refused(404))?.description).toContain('Check the IDs');
	});

	it('by a failing provider (503) keeps how long it asked us to wait', async () => {
		expect(await refused(503, { rateLimitWait: 0 }, '9')).toMatchObject({ retryAfter: 9_000 });
	});
});

describe('a request', () => {
	it('goes without the credential where it is to be anonymous', async () => {
		const simulator = await provider();
		await call(simulator.apiUrl, { anonymous: true, purpose: 'send' });
		expect(simulator.requests).toHaveLength(1);
		expect(JSON.stringify(simulator.requests)).not.toContain(TOKEN);
	});

	it('carries its query and its headers, and asks for JSON unless it says otherwise', async () => {
		const simulator = await provider();
		await call(simulator.apiUrl, { qs: { a: 'x y', b: 2 }, headers: { 'x-demo': 'yes' } });
		await call(simulator.apiUrl, { headers: { Accept: 'text/csv' } });
		const [first, second] = simulator.requests;
		expect(new URL(first?.path ?? '', simulator.apiUrl).search).toMatch(/^\?a=x(%20|\+)y&b=2$/);
		expect(first?.headers).toMatchObject({ accept: 'application/json', 'x-demo': 'yes' });
		expect(second?.headers.accept).toBe('text/csv');
	});

	it('may differ from the stored credential in some fields', async () => {
		const simulator = await provider();
		await call(simulator.apiUrl, { credentials: { token: 'demo-other-token' } });
		expect(simulator.requests[0]?.body).toMatchObject({ token: 'demo-other-token' });
	});
});

describe('a provider that asks to come back later', () => {
	/** A provider that asks for it so many times, and when the requests came. */
	async function asking(times: number, retryAfter?: string, code = 429) {
		const simulator = await provider();
		simulator.failNext(`status-${code}`, times, { retryAfter });
		return simulator;
	}
	const secondsOf = ({ requests }: OmnizeSimulator) =>
		requests.map(({ at }) =>
			Math.floor((Date.parse(at) - Date.parse(requests[0]?.at ?? at)) / 1_000),
		);

	it.each([
		['read', 429],
		['send', 429],
		['change', 429],
		['send', 503],
	] as const)('gets a %s again, once it is time (status %d)', async (purpose, code) => {
		const simulator = await asking(2, '20', code);
		const { answer } = await inFakeTime(
			async () => await call(simulator.apiUrl, { purpose, timeout: 600_000 }),
		);
		expect(answer?.status).toBe(200);
		expect(secondsOf(simulator)).toEqual([0, 20, 40]);
	});

	it('is asked again after growing pauses if it does not say when', async () => {
		const simulator = await asking(4);
		const { answer } = await inFakeTime(
			async () => await call(simulator.apiUrl, { purpose: 'send', timeout: 600_000 }),
		);
		expect(answer?.status).toBe(200);
		const pauses = secondsOf(simulator);
		expect(pauses).toHaveLength(5);
		expect(pauses.at(-1)).toBeGreaterThanOrEqual(3);
		expect(pauses.at(-1)).toBeLessThan(9);
	});

	it.each([
		['86400', 60_000, /It may be sent again in 86400 seconds, but .* allows 60 seconds$/],
		['61', 60_000, /in 61 seconds, but .* allows 60 seconds$/],
		['1', 0, /in 1 second, but .* allows 0 seconds$/],
		[undefined, 0, /Nothing was sent, and 'Wait on Rate Limit' under Options allows 0 seconds/],
	])('is not waited for longer than allowed: %s', async (retryAfter, rateLimitWait, words) => {
		const simulator = await asking(5, retryAfter);
		const { error } = await call(simulator.apiUrl, { purpose: 'send', rateLimitWait });
		expect(error?.kind).toBe('busy');
		expect(error?.fullMessage).toMatch(
			/^Omnize is receiving too many requests \(status 429\): Too Many Requests\. Nothing was sent/,
		);
		expect(error?.fullMessage).toMatch(words);
		expect(simulator.requests).toHaveLength(1);
	});

	it('is not waited for longer in all than allowed', async () => {
		const simulator = await asking(5, '25');
		const { error } = await inFakeTime(
			async () => await call(simulator.apiUrl, { purpose: 'send', timeout: 600_000 }),
		);
		expect(error?.kind).toBe('busy');
		expect(secondsOf(simulator)).toEqual([0, 25, 50]);
	});

	it('is not asked again after a 503 that does not say when: it may have done something', async () => {
		const simulator = await asking(5, undefined, 503);
		const { error } = await call(simulator.apiUrl, { purpose: 'send' });
		expect(error?.kind).toBe('unavailable');
		expect(simulator.requests).toHaveLength(1);
	});

	it('is left alone as soon as the execution is stopped', async () => {
		const simulator = await asking(5, '50');
		const stop = new AbortController();
		const outcome = call(simulator.apiUrl, { purpose: 'send', signal: stop.signal });
		await waitFor('the request', () => simulator.requests.length > 0);
		const stopped = performance.now();
		stop.abort();
		await outcome;
		expect(performance.now() - stopped).toBeLessThan(5_000);
		expect(simulator.requests).toHaveLength(1);
	});
});

describe('what hinders the connection itself', () => {
	it('is a host that no name server knows: nothing was sent, and this is said', async () => {
		const { error } = await call('http://no-such-host.invalid/rest', { purpose: 'send' });
		expect(error?.kind).toBe('unreachable');
		expect(error?.message).toBe('Omnize could not be reached at no-such-host.invalid');
		expect(error?.description).toMatch(/\((ENOTFOUND|EAI_AGAIN)\), so nothing was sent/);
	});

	const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
	if (!hasOpenssl) console.warn('No certificate can be made for a test without openssl.');
	(hasOpenssl ? describe : describe.skip)('a certificate', () => {
		let folder: string;
		let secure: Server;
		let url: string;
		const received: string[] = [];

		beforeAll(async () => {
			folder = mkdtempSync(join(tmpdir(), 'certificate-'));
			const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
			execFileSync(
				'openssl',
				[
					...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1'],
					...['-subj', '/CN=demo.example.test', '-addext', 'subjectAltName=DNS:demo.example.test'],
					...['-keyout', keyFile, '-out', certFile],
				],
				{ stdio: 'ignore' },
			);
			const pair = { key: readFileSync(keyFile), cert: readFileSync(certFile) };
			secure = createSecureServer(pair, (request, response) => {
				received.push(String(request.url));
				response.end('{}');
			});
			await listen(secure, 0);
			url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/rest`;
		});
		afterAll(async () => {
			secure.closeAllConnections();
			secure.close();
			await once(secure, 'close');
			rmSync(folder, { recursive: true });
		});

		it('that nobody vouches for is refused; nothing was sent, and there is one try', async () => {
			const { error } = await call(url);
			expect(error?.kind).toBe('refused');
			expect(error?.message).toMatch(/^The certificate of 127\.0\.0\.1(:\d+)? is not trusted$/);
			expect(error?.description).toMatch(/^Nothing was sent \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
			expect(received).toEqual([]);
		});

		it('is asked for in vain where the other side does not speak TLS', async () => {
			const plain = await provider();
			const { error } = await call(plain.apiUrl.replace('http:', 'https:'));
			expect(error?.kind).toBe('refused');
			expect(error?.message).toMatch(/^Could not establish a TLS connection to 127\.0\.0\.1/);
			expect(error?.description).toContain('should begin with http://');
			expect(plain.requests).toEqual([]);
		});
	});
});

describe('the length of an answer', () => {
	const LIMIT = 32 * 1024 * 1024;
	let server: Server;
	let length = 0;
	/** Bytes that the server could get rid of before the other side let go. */
	let sent = 0;

	beforeAll(async () => {
		server = createServer((request, response) => {
			request.resume();
			response.writeHead(200, { 'Content-Type': 'application/json' });
			// A text of JSON: two quotes, and letters between them.
			const letters = Buffer.alloc(1024 * 1024, 'x');
			const text = function* () {
				yield Buffer.from('"');
				for (let rest = length - 2; rest > 0; rest -= letters.length) {
					const part = letters.subarray(0, Math.min(rest, letters.length));
					sent += part.length;
					yield part;
				}
				yield Buffer.from('"');
			};
			pipeline(Readable.from(text()), response, () => undefined);
		});
		await listen(server, 0);
	});
	afterAll(async () => {
		server.closeAllConnections();
		server.close();
		await once(server, 'close');
	});
	beforeEach(() => void (sent = 0));

	it('may be 32 MiB', async () => {
		length = LIMIT;
		const { answer, error } = await call(urlOf(server));
		expect(error).toBeUndefined();
		expect(String(answer?.body)).toHaveLength(LIMIT - 2);
	});

	it('may not be a byte more, and no more than that is read', async () => {
		length = LIMIT + 1;
		const { error } = await call(urlOf(server));
		expect(error?.message).toMatch(/^The response of Omnize is larger than 32 MiB$/);
		expect(error?.kind).toBe('unreadable');
		length = 16 * LIMIT;
		sent = 0;
		await call(urlOf(server));
		expect(sent).toBeLessThan(2 * LIMIT);
	});
});
