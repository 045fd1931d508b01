import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { OmnizeApi } from '../../../credentials/OmnizeApi.credentials';
import { Omnize } from '../../../nodes/Omnize/Omnize.node';
import { createRedactor, HIDDEN } from '../../../nodes/shared/redact';
import { ProviderError, toNodeError } from '../../../nodes/shared/errors';
import { modes, type FaultName } from '../../simulators/misbehaviour';
import { startOmnize, type OmnizeSimulator } from '../../simulators/omnize/OmnizeSimulator';
import { runNode, type NodeRun } from '../../support';
import { inFakeTime } from '../../support/fakeTime';

// Machines with much to do are slow; no test waits for this long otherwise.
jest.setTimeout(30_000);

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const base64 = (text: string) => Buffer.from(text).toString('base64');
const hex = (text: string) => Buffer.from(text).toString('hex');
const htmlEscaped = (text: string) =>
	text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;')
		.replaceAll("'", '&#39;');

const SECRET = 'demo s3cret/+ç"&<ö>\'%=?#\\end';

const encodings: Record<string, (secret: string) => string> = {
	plain: (secret) => secret,
	'percent-encoded': encodeURIComponent,
	'percent-encoded in lower case': (secret) =>
		encodeURIComponent(secret).replace(/%../g, (escape) => escape.toLowerCase()),
	'percent-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
	'as a form': (secret) => new URLSearchParams({ secret }).toString().slice('secret='.length),
	'in a query of the URL class': (secret) => {
		const url = new URL('https://provider.example.test/');
		url.searchParams.set('key', secret);
		return url.search.slice('?key='.length);
	},
	base64,
	'base64 without padding': (secret) => base64(secret).replace(/=+$/, ''),
	base64url: (secret) => Buffer.from(secret).toString('base64url'),
	hex,
	'hex in upper case': (secret) => hex(secret).toUpperCase(),
	md5,
	'md5 in upper case': (secret) => md5(secret).toUpperCase(),
	'as a JSON string': (secret) => JSON.stringify(secret).slice(1, -1),
	'as PHP writes JSON': (secret) =>
		JSON.stringify(secret)
			.slice(1, -1)
			.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
			.replace(/\//g, '\\/'),
	'as JSON with slashes escaped': (secret) =>
		JSON.stringify(secret).slice(1, -1).replace(/\//g, '\\/'),
	'as HTML': htmlEscaped,
	'as PHP writes HTML': (secret) => htmlEscaped(secret).replaceAll('&#39;', '&#039;'),
	'as HTML with numbers for quotes': (secret) =>
		htmlEscaped(secret).replaceAll('&#39;', '&#x27;').replaceAll('&quot;', '&#34;'),
	'as HTML with quotes left alone': (secret) =>
		htmlEscaped(secret).replaceAll('&#39;', "'").replaceAll('&quot;', '"'),
};

describe('the redactor', () => {
	const redact = createRedactor([SECRET]);

	it.each(Object.entries(encodings))('hides a secret %s', (_name, encode) => {
		expect(redact(`before ${encode(SECRET)} after`)).toMatch(/^before \[hidden\]=* after$/);
	});

	it.each(['', 'u', 'us', 'user', 'user:', 'joao@example.com:'])(
		'hides a secret in base64 after %j',
		(user) => {
			const encoded = base64(`${user}${SECRET}`);
			const clean = redact(`Basic ${encoded}`);
			expect(clean).toContain(HIDDEN);
			// Whatever is left decodes to nothing of the secret.
			for (const part of clean.replace('Basic ', '').split(HIDDEN)) {
				expect(Buffer.from(part, 'base64').toString('latin1')).not.toMatch(/3cret|end/);
			}
		},
	);

	it('hides a secret that a server has cut off, and one without its beginning', () => {
		const long = 'demo-token-0123456789-abcdefghij';
		const hide = createRedactor([long]);
		expect(hide(`token=${long.slice(0, 20)}…`)).toBe(`token=${HIDDEN}…`);
		expect(hide(`…${long.slice(-20)} is wrong`)).toBe(`…${HIDDEN} is wrong`);
	});

	it('hides all of several secrets, also where one begins another', () => {
		const hide = createRedactor(['demo-key', 'demo-key-and-more', 'other-secret']);
		expect(hide('demo-key-and-more, demo-key, other-secret')).toBe(
			`${HIDDEN}, ${HIDDEN}, ${HIDDEN}`,
		);
	});

	it('hides a secret that was entered with blanks around it', () => {
		expect(createRedactor([' demo-secret\n'])('is demo-secret.')).toBe(`is ${HIDDEN}.`);
	});

	it.each([[[]], [['']], [['a', 'short']], [[undefined, null, 5, {}]]])(
		'leaves a text alone when it is given %j',
		(secrets) => {
			const text = 'a short text, 5, undefined and null';
			expect(createRedactor(secrets)(text)).toBe(text);
		},
	);

	it('takes characters that mean something in a pattern as themselves', () => {
		const hide = createRedactor(['.*.*.*+?^${}()|[]\\']);
		expect(hide('nothing to hide here')).toBe('nothing to hide here');
		expect(hide('is .*.*.*+?^${}()|[]\\ it')).toBe(`is ${HIDDEN} it`);
	});

	const secrets = fc.oneof(
		fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 64 }),
		fc.string({ unit: 'binary', minLength: 6, maxLength: 64 }),
		fc.stringMatching(/^[A-Za-z0-9_-]{6,64}$/),
	);
	const usable = (secret: string) =>
		secret.trim().length >= 6 &&
		Buffer.from(secret).toString() === secret &&
		!HIDDEN.includes(secret);

	it('leaves nothing of any secret in JSON, URLs, HTML and base64', () => {
		fc.assert(
			fc.property(secrets, fc.string(), fc.string({ maxLength: 12 }), (secret, around, user) => {
				fc.pre(usable(secret) && !around.includes(secret.trim()));
				const hide = createRedactor([secret]);
				for (const encode of Object.values(encodings)) {
					const form = encode(secret);
					const clean = hide(`${around}|${form}|${around}`);
					expect(clean.includes(form)).toBe(false);
				}
				const json = hide(JSON.stringify({ [around]: [secret, { key: secret }] }));
				expect(json.includes(JSON.stringify(secret).slice(1, -1))).toBe(false);
				const basic = base64(`${user}:${secret}`);
				const start = Math.ceil((Buffer.byteLength(`${user}:`) * 4) / 3);
				const end = Math.floor((Buffer.byteLength(`${user}:${secret}`) * 4) / 3);
				expect(hide(basic).includes(basic.slice(start, end))).toBe(false);
			}),
			{ numRuns: 2_000 },
		);
	});

	it('leaves texts unchanged that hold no secret', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[A-Z][a-z]{15,40}$/), fc.string(), (secret, text) => {
				// With digits alone there is no word, and too short a run of any form to be found.
				const digits = text.replace(/[^0-9]/g, '').slice(0, 5);
				const other = `${digits} ${text.replace(/[A-Za-z0-9%\\&+/]/g, '')}`;
				expect(createRedactor([secret])(other)).toBe(other);
			}),
			{ numRuns: 2_000 },
		);
	});

	it.each([
		['the secret again and again', 'demo-token-0123456789'],
		['its beginning again and again', 'demo-token-01234567'],
		['its end again and again', 'emo-token-0123456789'],
		['one character', 'd'],
		['markup', '<a href="x">'],
		['backslashes', '\\'],
		['percent signs', '%25'],
	])('takes its time with 1 MB of %s, but not for ever', (_name, piece) => {
		const hide = createRedactor(['demo-token-0123456789', 'another-demo-secret-of-some-length']);
		const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
		const start = performance.now();
		const clean = hide(text);
		// A hundred times what it takes, and nothing next to what a quadratic search would take.
		expect(performance.now() - start).toBeLessThan(3_000);
		expect(clean).not.toContain('demo-token-01');
	});
});

describe('the error that n8n shows', () => {
	const node = {
		id: '1',
		name: 'Omnize',
		type: 'omnize',
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters: {},
	};

	it('says what happened and what to do, and which item it was', () => {
		const error = new ProviderError('It broke', {
			kind: 'unavailable',
			description: 'Mend it.',
			httpStatus: 503,
		});
		expect(toNodeError(node, error, (text) => text, 3)).toMatchObject({
			message: 'It broke',
			description: 'Mend it.',
			httpCode: '503',
			context: { itemIndex: 3 },
		});
	});

	it('is one of the API only where the provider answered', () => {
		const details = { kind: 'refused', description: 'Do it.' } as const;
		const answered = new ProviderError('No', { ...details, httpStatus: 404 });
		expect(toNodeError(node, answered, (text) => text)).toBeInstanceOf(NodeApiError);
		const local = toNodeError(node, new ProviderError('No', details), (text) => text);
		expect(local).toBeInstanceOf(NodeOperationError);
		expect(local).toMatchObject({ message: 'No', description: 'Do it.' });
		expect(local.context.itemIndex).toBeUndefined();
	});

	it('keeps nothing of an error of unknown origin but its sentences, redacted', () => {
		const cause = Object.assign(new Error(`Failed with ${SECRET}`), {
			config: { headers: { authorization: SECRET } },
			request: { path: `/?key=${encodeURIComponent(SECRET)}` },
			cause: new Error(SECRET),
			description: `Call ${base64(SECRET)}`,
		});
		const error = toNodeError(node, cause, createRedactor([SECRET]));
		expect(error.message).toBe(`Failed with ${HIDDEN}`);
		expect(error.description).toBe(`Call ${HIDDEN}`);
		expect(leaks(error, SECRET)).toEqual([]);
	});

	it.each([
		[undefined, 'undefined'],
		[null, 'null'],
		['a text', 'a text'],
		[5, '5'],
		[new Error(''), 'Error'],
		[new TypeError('Not so'), 'Not so'],
	])('can be made of %p', (thrown, message) => {
		expect(toNodeError(node, thrown, (text) => text).message).toBe(message);
	});
});

/** Where anything of an error or a result still shows the secret, in any encoding. */
function leaks(value: unknown, secret: string): string[] {
	const error = (value ?? {}) as Record<string, unknown>;
	const seen = new Set<unknown>();
	const everything = JSON.stringify(value, (_key, entry: unknown) => {
		if (typeof entry === 'object' && entry !== null) {
			if (seen.has(entry)) return undefined;
			seen.add(entry);
		}
		return entry;
	});
	const sinks: Record<string, unknown> = {
		json: everything,
		inspect: inspect(value, { depth: 10, showHidden: true }),
		...Object.fromEntries(
			['message', 'description', 'context', 'cause', 'stack', 'messages'].map((name) => [
				name,
				typeof error[name] === 'string' ? error[name] : inspect(error[name], { depth: 10 }),
			]),
		),
	};
	return Object.entries(sinks).flatMap(([sink, text]) =>
		Object.entries(encodings)
			.filter(([, encode]) => String(text).includes(encode(secret).replace(/=+$/, '')))
			.map(([name]) => `${sink}: ${name}`),
	);
}

describe('no secret shows, whatever goes wrong', () => {
	const token = 'demo-token/with+ç&"odd<chars>';
	const faults: FaultName[] = [
		...(Object.keys(modes) as FaultName[]),
		'status-401',
		'status-404',
		'status-429',
		'status-503',
	];
	const settings = ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const;
	const runs = new Map<string, NodeRun>();

	beforeAll(async () => {
		const slow: OmnizeSimulator[] = [];
		const play = async (fault: FaultName, onError: (typeof settings)[number]) => {
			const simulator = await startOmnize({ token });
			const isSlow = fault in modes && modes[fault as keyof typeof modes].group === 'Slow';
			if (isSlow) slow.push(simulator);
			const echo = JSON.stringify({
				message: `Bad ${token} ${encodeURIComponent(token)} ${base64(token)} ${hex(token)} ${md5(token)}`,
			});
			simulator.failNext(fault, 10, {
				delay: 15_000,
				...(fault === 'answer' || fault.startsWith('status-') ? { body: echo } : {}),
				to: `https://provider.example.test/?key=${encodeURIComponent(token)}`,
			});
			const run = await runNode({
				node: Omnize,
				credentialTypes: [OmnizeApi],
				credentials: { omnizeApi: { token, baseUrl: simulator.apiUrl, webhookSecret: '' } },
				parameters: {
					resource: 'interaction',
					operation: 'sendMessage',
					clientId: '12',
					departmentId: { __rl: true, mode: 'id', value: '1' },
					text: 'Message',
					options: { timeout: isSlow ? 2_000 : 600_000, rateLimitWait: 0 },
				},
				onError,
			});
			expect(simulator.requests.length).toBe(1);
			await simulator.close();
			runs.set(`${fault} ${onError}`, run);
		};
		await inFakeTime(
			async () =>
				await Promise.all(
					faults.flatMap((fault) => settings.map(async (onError) => await play(fault, onError))),
				),
			// A busy machine takes its time until a request has left, and the limit counts meanwhile.
			() => slow.every(({ requests }) => requests.length > 0),
		);
	}, 60_000);

	const cases = faults.flatMap((fault) => settings.map((onError) => [fault, onError] as const));
	it.each(cases)('%s with %s', (fault, onError) => {
		const run = runs.get(`${fault} ${onError}`) as NodeRun;
		expect(leaks(run.error, token)).toEqual([]);
		expect(leaks(run.outputs, token)).toEqual([]);
		expect(leaks(run.run.data.resultData, token)).toEqual([]);
		expect(leaks(run.logs, token)).toEqual([]);
	});

	it('although the provider did repeat the token', () => {
		const failed = runs.get('status-401 continueRegularOutput') as NodeRun;
		expect(JSON.stringify(failed.outputs)).toContain(HIDDEN);
		const echoed = runs.get('echo-200 stopWorkflow') as NodeRun;
		expect(JSON.stringify(echoed.outputs)).toContain(HIDDEN);
	});

	it('and the search finds one that does', () => {
		const error = Object.assign(new Error('x'), { cause: new Error(`with ${md5(token)}`) });
		expect(leaks(error, token)).not.toEqual([]);
		expect(leaks([[{ json: { error: base64(token) } }]], token)).not.toEqual([]);
	});
});
