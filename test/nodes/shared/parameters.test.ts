import { DateTime } from 'luxon';
import type { IExecuteFunctions } from 'n8n-workflow';
import { parameterReader } from '../../../nodes/shared/parameters/read';
import type { Parameter } from '../../../nodes/shared/parameters/types';

/** What n8n hands out for one parameter; its own reading of expressions is tested with the nodes. */
const read = (parameter: Omit<Parameter, 'displayName' | 'name'>, value: unknown): unknown =>
	parameterReader(
		{
			getInputData: () => [{ json: {} }],
			getNodeParameter: () => value,
		} as unknown as IExecuteFunctions,
		[{ displayName: 'Field', name: 'field', ...parameter }],
	)(0).field;

const text = (name: string) =>
	({ displayName: name.toUpperCase(), name, type: 'string', default: 'standard' }) as const;
const collection = { type: 'collection', default: {}, options: [text('a'), text('b')] } as const;
const group = { displayName: 'Pair', name: 'pair', values: [text('a'), text('b')] };
const one = { type: 'fixedCollection', default: {}, options: [group] } as const;
const many = { ...one, typeOptions: { multipleValues: true } } as const;
const options = {
	type: 'options',
	default: 'x',
	options: [
		{ name: 'X', value: 'x' },
		{ name: 'One', value: 1 },
	],
} as const;
const string = { type: 'string', default: '' } as const;
const number = { type: 'number', default: 0 } as const;
const located = { type: 'resourceLocator', default: {} } as const;
const loaded = {
	type: 'options',
	default: '',
	typeOptions: { loadOptionsMethod: 'getAll' },
} as const;
const json = { type: 'json', default: '' } as const;
const dateTime = { type: 'dateTime', default: '' } as const;

describe('parameterReader', () => {
	it.each<[string, Omit<Parameter, 'displayName' | 'name'>, unknown, unknown]>([
		['a collection without the fields left out', collection, { a: '1' }, { a: '1' }],
		['a collection without unknown fields', collection, { a: '1', c: 5 }, { a: '1' }],
		['an empty fixed collection', one, {}, {}],
		['one group, with defaults', one, { pair: { a: '1' } }, { pair: { a: '1', b: 'standard' } }],
		['groups', many, { pair: [{ a: '1', b: '2' }] }, { pair: [{ a: '1', b: '2' }] }],
		['JSON text', json, '{"a":[1,9007199254740993]}', { a: [1, '9007199254740993'] }],
		['JSON that an expression made', json, { a: 1 }, { a: 1 }],
		['a date', dateTime, '2026-01-31T14:30:00Z', '2026-01-31T14:30:00Z'],
		['no date', dateTime, '', ''],
		['a Date', dateTime, new Date(0), '1970-01-01T00:00:00.000Z'],
		[
			'{{ $now }}',
			dateTime,
			DateTime.fromISO('2026-01-31T14:30:00', { zone: 'America/Sao_Paulo' }),
			'2026-01-31T14:30:00.000-03:00',
		],
		['an option', options, 1, 1],
		['several options', { ...options, type: 'multiOptions' }, ['x', 1], ['x', 1]],
		['a number at its limit', { type: 'number', default: 0, typeOptions: { minValue: 1 } }, 1, 1],
		['a number at its upper limit', { ...number, typeOptions: { maxValue: 9 } }, 9, 9],
		['several numbers', { ...number, typeOptions: { multipleValues: true } }, [1, 2], [1, 2]],
		['several texts', { ...string, typeOptions: { multipleValues: true } }, ['a', ''], ['a', '']],
		['no text where none is needed', string, '', ''],
		['spaces around a text', { ...string, required: true }, ' a ', ' a '],
		['what is chosen from a list of the provider', loaded, 'any', 'any'],
		['what was chosen from a list', located, { __rl: true, mode: 'list', value: ' 7 ' }, '7'],
		['an ID that was given as it is', located, '7', '7'],
		['an ID that is a number', located, 7, '7'],
		['false', { type: 'boolean', default: true }, false, false],
	])('reads %s', (_name, parameter, value, result) => {
		expect(read(parameter, value)).toEqual(result);
	});

	it.each<[Omit<Parameter, 'displayName' | 'name'>, unknown, string]>([
		[collection, { a: 5 }, "'Field > A' needs text, but was given a number"],
		[collection, [], "'Field' needs a set of fields, but was given a list"],
		[one, 'x', "'Field' needs a set of fields, but was given text"],
		[one, { pair: 'x' }, "'Field > Pair' needs a set of fields, but was given text"],
		[many, { pair: {} }, "'Field > Pair' needs a list, but was given an object"],
		[many, { pair: [{}, { b: [] }] }, "'Field > Pair 2 > B' needs text, but was given a list"],
		[json, '{a:1}', "'Field' is not valid JSON"],
		[dateTime, 'tomorrow', "'Field' is not a date and time"],
		[dateTime, new Date(NaN), "'Field' is not a date and time"],
		[dateTime, DateTime.invalid('for the test'), "'Field' is not a date and time"],
		[dateTime, { toJSON: 1 }, "'Field' needs text, but was given an object"],
		[
			{ type: 'string', default: '' },
			new Date(),
			"'Field' needs text, but was given a date object",
		],
		[options, 'y', "'Field' is set to 'y', which is not one of its options"],
		[options, '1', "'Field' is set to '1', which is not one of its options"],
		[options, null, "'Field' needs one of 'x', '1', but was given null"],
		[{ ...options, type: 'multiOptions' }, 'x', "'Field' needs a list, but was given text"],
		[{ type: 'boolean', default: false }, 'true', "'Field' needs true or false"],
		[number, NaN, "'Field' needs a number"],
		[number, Infinity, "'Field' needs a number"],
		[number, '5', "'Field' needs a number, but was given text"],
		[{ ...number, typeOptions: { minValue: 1 } }, 0, "'Field' is 0, but must be at least 1"],
		[{ ...number, typeOptions: { maxValue: 9 } }, 10, "'Field' is 10, but must be at most 9"],
		[
			{ ...number, typeOptions: { multipleValues: true, maxValue: 9 } },
			[1, 10],
			"'Field' is 10, but must be at most 9",
		],
		[{ ...string, required: true }, ' \n', "'Field' is empty"],
		[string, undefined, "'Field' needs text, but was given nothing"],
		[string, true, "'Field' needs text, but was given true"],
		[located, 1.5, "'Field' is a number that JavaScript has rounded or cannot hold exactly"],
		[located, 2 ** 53, "'Field' is a number that JavaScript has rounded or cannot hold exactly"],
		[located, { value: '7' }, "'Field' needs text, but was given an object"],
		[loaded, 5, "'Field' needs text, but was given a number"],
		[
			options,
			'y'.repeat(100),
			`'Field' is set to '${'y'.repeat(60)}', which is not one of its options`,
		],
	])('names the field of %j when it holds %j', (parameter, value, sentence) => {
		expect(() => read(parameter, value)).toThrow(sentence);
	});

	it.each<[Omit<Parameter, 'displayName' | 'name'>, unknown, RegExp]>([
		[string, 5, /\.toString\(\)/],
		[string, [], /^Check the expression in this field\.$/],
		[number, 'x', /^Check the expression in this field\.$/],
		[json, '{', /^Check quotes, commas and brackets/],
		[dateTime, 'x', /2026-01-31T14:30:00Z/],
		[options, 'y', /^Use one of 'x', '1'\.$/],
		[{ ...string, required: true }, '', /^Enter a value/],
		[located, 2 ** 60, /^Keep the ID as text/],
	])('says what to do about %j that holds %j', (parameter, value, advice) => {
		expect(() => read(parameter, value)).toThrow(
			expect.objectContaining({
				kind: 'invalid',
				description: expect.stringMatching(advice) as string,
			}) as Error,
		);
	});

	it.each([
		['id', '5'],
		['clientId', '5'],
		['phoneNumber', '5'],
		['idle', undefined],
		['video', undefined],
		['phoneNumbers', undefined],
	])('takes a number for the text %j: %j', (name, value) => {
		const parameter = { displayName: 'Field', name, type: 'string', default: '' } as const;
		const functions = { getInputData: () => [{ json: {} }], getNodeParameter: () => 5 };
		const reading = () => parameterReader(functions as unknown as IExecuteFunctions, [parameter]);
		if (value === undefined) expect(() => reading()(0)).toThrow("'Field' needs text");
		else expect(reading()(0)).toEqual({ [name]: value });
	});

	it('asks for a fixed value once, and for an expression for each item', () => {
		const asked: Array<[string, number]> = [];
		const raw: Record<string, unknown> = {
			fixed: 'a',
			nested: { inner: ['={{ 1 }}'] },
			counted: '={{ $itemIndex }}',
			taken: '={{ $json.word }}',
		};
		const functions = {
			getInputData: () => [{ json: { word: 'one' } }, { json: { word: 'two' } }, { json: {} }],
			getNodeParameter: (
				name: string,
				item: number,
				_fallback: unknown,
				{ rawExpressions }: { rawExpressions?: boolean },
			) => {
				if (rawExpressions) return raw[name];
				asked.push([name, item]);
				return name === 'nested' ? {} : `${name} ${item}`;
			},
		} as unknown as IExecuteFunctions;
		const read = parameterReader(functions, [
			...['fixed', 'counted', 'taken'].map((name) => ({ ...string, displayName: name, name })),
			{ ...collection, displayName: 'nested', name: 'nested' },
			{ displayName: 'Note', name: 'note', type: 'notice', default: '' },
		]);
		expect([0, 1, 2].map(read)).toEqual([
			{ fixed: 'fixed 0', counted: 'counted 0', taken: 'one', nested: {} },
			{ fixed: 'fixed 0', counted: 'counted 1', taken: 'two', nested: {} },
			{ fixed: 'fixed 0', counted: 'counted 2', taken: 'taken 2', nested: {} },
		]);
		expect(asked.filter(([name]) => name === 'fixed')).toEqual([['fixed', 0]]);
		expect(asked.filter(([name]) => name === 'nested')).toHaveLength(3);
		expect(asked.filter(([name]) => name === 'taken')).toEqual([['taken', 2]]);
	});

	it('leaves out what n8n does not show, and keeps what it does', () => {
		const shown = { ...string, displayOptions: { show: { other: [true] } } };
		const functions = {
			getInputData: () => [{ json: {} }],
			getNodeParameter: (name: string) => (name === 'hidden' ? null : 'text'),
		} as unknown as IExecuteFunctions;
		const read = parameterReader(
			functions,
			['hidden', 'shown'].map((name) => ({ ...shown, displayName: name, name })),
		);
		expect(read(0)).toEqual({ shown: 'text' });
	});

	it.each([
		[undefined, false],
		[[{ displayName: 'ID', name: 'id', type: 'string' }], false],
		[
			[
				{
					displayName: 'URL',
					name: 'url',
					type: 'string',
					extractValue: { type: 'regex', regex: '.' },
				},
			],
			true,
		],
	])('lets n8n extract a value where one of the modes %j says how', (modes, extractValue) => {
		let options: unknown;
		const functions = {
			getInputData: () => [{ json: {} }],
			getNodeParameter: (_name: string, _item: number, _fallback: unknown, given: object) => {
				options = given;
				return '7';
			},
		} as unknown as IExecuteFunctions;
		const parameter = { ...located, modes, displayName: 'Field', name: 'field' } as Parameter;
		parameterReader(functions, [parameter])(0);
		expect(options).toEqual({ extractValue });
	});
});
