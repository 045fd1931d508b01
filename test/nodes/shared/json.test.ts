import fc from 'fast-check';
import { parseJson } from '../../../nodes/shared/json';

/** Like `fc.jsonValue()`, with more numbers that have many digits. */
const json = fc.letrec((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4 },
		fc.string({ unit: 'grapheme' }),
		fc.stringMatching(/^[\d".,:\\e-]{0,40}$/),
		fc.double({ noNaN: true, noDefaultInfinity: true }),
		fc.maxSafeInteger(),
		fc.constantFrom(null, true, false),
		fc.array(tie('value')),
		fc.dictionary(fc.string(), tie('value')),
	),
})).value;

describe('parseJson', () => {
	it('reads whole numbers beyond 2^53 as text, digit by digit', () => {
		expect(
			parseJson(
				'{"a":9007199254740993,"b":[ -9007199254740993,123456789012345678901234567890 ],"9007199254740993":1}',
			),
		).toEqual({
			a: '9007199254740993',
			b: ['-9007199254740993', '123456789012345678901234567890'],
			'9007199254740993': 1,
		});
	});

	it.each([
		'9007199254740991',
		'-9007199254740991',
		'0.30000000000000004',
		'[0.12345678901234567,1.2345678901234567e-7]',
		'1234567890123456789.5',
		'1e400',
		'12345678901234567e3',
		'1e-12345678901234567',
		'"9007199254740993"',
		'"\\"9007199254740993\\\\"',
		'{"text":"is 9007199254740993, \\"12345678901234567890\\""}',
	])('reads %s as JSON.parse does', (text) => {
		expect(parseJson(text)).toEqual(JSON.parse(text));
	});

	it('reads everything else as JSON.parse does', () => {
		fc.assert(
			fc.property(json, fc.constantFrom(0, 2), (value, space) => {
				const text = JSON.stringify(value, null, space);
				const withoutLongIntegers = text.replace(/"(?:[^"\\]|\\.)*"/g, '');
				fc.pre(!/\d{16,}(?![\d.eE])/.test(withoutLongIntegers.replace(/\.\d+/g, '')));
				expect(parseJson(text)).toEqual(JSON.parse(text));
			}),
			{ numRuns: 2_000 },
		);
	});

	it.each([
		'',
		'{',
		'[1,]',
		'{"a":9007199254740993',
		'9007199254740993 9007199254740993',
		'01234567890123456',
	])('refuses %j', (text) => {
		expect(() => parseJson(text)).toThrow(SyntaxError);
	});

	it('takes long strings next to long numbers', () => {
		const long = 'a\\"1'.repeat(2_000_000);
		const text = `{"id":9007199254740993,"file":"${long}"}`;
		expect((parseJson(text) as { id: string }).id).toBe('9007199254740993');
		expect((parseJson(text) as { file: string }).file).toHaveLength(6_000_000);
	});

	it('makes an ordinary key of __proto__', () => {
		const parsed = parseJson('{"id":9007199254740993,"__proto__":{"polluted":1}}') as object;
		expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
		expect(Object.hasOwn(parsed, '__proto__')).toBe(true);
		expect(({} as { polluted?: number }).polluted).toBeUndefined();
	});
});
