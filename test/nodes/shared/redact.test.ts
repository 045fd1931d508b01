import { createHash } from 'node:crypto';
import { createDataRedactor, createRedactor, HIDDEN } from '../../../nodes/shared/redact';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('in data', () => {
	const kept: Array<[secret: string, text: string]> = [
		['123456', '20231123456159'],
		['123456', 'a123456'],
		['123456', '123456_1'],
		['atende', 'atendente'],
		['conversa', 'em_conversa'],
		['conversa', 'conversas'],
		['contato', 'Contatos'],
		['açúcar', 'maçúcares açúcarado'],
		['segredo', 'ésegredo'],
		['senha123', 'minhasenha123'],
		['senha123', 'senha1234'],
		['demo-token-0123456789', 'demo-tok demo-token-0123 …-0123456789'],
		['hidden', '[hidden]'],
		['123456', 'MTIzNDU2Nw'],
		['123456', '313233343536'.padEnd(20, '0')],
	];
	it.each(kept)('%j as a part of %j is no secret', (secret, text) => {
		const redact = createDataRedactor([secret]);
		expect(redact({ text, list: [text] })).toEqual({ text, list: [text] });
	});

	const SECRET = 'demo s3cret/+ç&"x';
	const hidden: Array<[text: string, result: string]> = [
		[SECRET, HIDDEN],
		[`is ${SECRET}.`, `is ${HIDDEN}.`],
		[`"${SECRET}"`, `"${HIDDEN}"`],
		[`?key=${encodeURIComponent(SECRET)}&a=1`, `?key=${HIDDEN}&a=1`],
		[`x%3Fkey%3D${encodeURIComponent(encodeURIComponent(SECRET))}%26a`, `x%3Fkey%3D${HIDDEN}%26a`],
		[`{"a":"\\n${JSON.stringify(SECRET).slice(1, -1)}\\n"}`, `{"a":"\\n${HIDDEN}\\n"}`],
		[`Basic ${base64(SECRET)}`, `Basic ${HIDDEN}`],
		[`${md5(SECRET)}.`, `${HIDDEN}.`],
	];
	it.each(hidden)('a whole secret is hidden in %j', (text, result) => {
		expect(String(createDataRedactor([SECRET])(text)).replace('==', '')).toBe(result);
	});

	it('a secret is hidden in base64 after a name', () => {
		const text = base64('user:demo-secret-of-the-toy');
		expect(createDataRedactor(['demo-secret-of-the-toy'])(text)).toContain(HIDDEN);
	});

	it('keys, numbers and the rest stay', () => {
		const data = { demosecret: 123456, b: null, c: [true, { 'is demosecret': 'demosecret' }] };
		expect(createDataRedactor(['demosecret', '123456'])(data)).toEqual({
			demosecret: 123456,
			b: null,
			c: [true, { 'is demosecret': HIDDEN }],
		});
	});

	it('a key named __proto__ stays a key', () => {
		const data = JSON.parse('{"__proto__":"is demosecret"}') as { [key: string]: string };
		const result = createDataRedactor(['demosecret'])(data);
		expect(JSON.stringify(result)).toBe('{"__proto__":"is [hidden]"}');
	});

	it.each(['5', 'ok', 'ção', '§'])('%j is hidden if it is a secret of any length', (secret) => {
		const redact = createDataRedactor([], [secret]);
		expect(redact([secret, `is ${secret}.`, md5(secret), `x${secret}x`])).toEqual([
			HIDDEN,
			`is ${HIDDEN}.`,
			HIDDEN,
			secret === '§' ? `x${HIDDEN}x` : `x${secret}x`,
		]);
	});
});

describe('percent-encoded', () => {
	it.each([
		['demo!s3cret(x)', 'demo%21s3cret%28x%29'],
		['demo-s3cret', 'demo%2Ds3cret'],
		['demo-s3cret', '%64%65%6d%6f%2d%73%33%63%72%65%74'],
		['demo/s3cret+x', 'demo/s3cret%2Bx'],
		['demo s3cret+x', 'demo+s3cret%2bx'],
		['demo-ção', 'demo-%C3%A7%c3%a3o'],
		['demo-ção', 'demo-ç%C3%A3o'],
		['demo/s3cret', 'demo%25252Fs3cret'],
	])('%j is found as %j, in data and in errors', (secret, form) => {
		const text = `/webhook?secret=${form}&a=%C3%A7`;
		const expected = `/webhook?secret=${HIDDEN}&a=%C3%A7`;
		expect(createDataRedactor([secret])(text)).toBe(expected);
		expect(createRedactor([secret])(text)).toBe(expected);
	});

	it.each(['100%', '%', '%zz', '50%2', '%E0%A4%A', 'a%20b'])('%j stays as it is', (text) => {
		expect(createDataRedactor(['demo-s3cret'])(text)).toBe(text);
	});
});

describe('a long secret', () => {
	const long = Array.from({ length: 20_000 }, (_, index) =>
		String.fromCharCode(33 + ((index * 7) % 90)),
	);
	const secret = long.join('');

	it('is hidden in data and errors like any other', () => {
		expect(createDataRedactor([secret])({ a: `is ${secret} !` })).toEqual({ a: `is ${HIDDEN} !` });
		expect(createRedactor([secret])(`is ${secret} !`)).toBe(`is ${HIDDEN} !`);
		expect(createRedactor([secret])(`is ${secret.slice(0, 5_000)}`)).toBe(`is ${HIDDEN}`);
	});
});

describe('in errors', () => {
	it('a redacted text stays as it is when it is redacted again', () => {
		const redact = createRedactor(['hidden', 'demo-secret']);
		const once = redact('is demo-secret');
		expect(redact(once)).toBe(once);
	});

	it('many short secrets in a long text are all hidden', () => {
		expect(createRedactor(['secret'])('secret'.repeat(200_000))).not.toContain('secret');
	});
});
