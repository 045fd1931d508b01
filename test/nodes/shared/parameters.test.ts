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
const texts = { type: 'string', default: [], typeOptions: { multipleValues: true } } as const;
const identifier = { type: 'string', default: '', format: (text: string) => text } as const;
const boolean = { type: 'boolean', default: false } as const;
const locator = { type: 'resourceLocator', default: { mode: 'list', value: '' } } as const;
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
		['a number as text', string, 5, '5'],
		['a fraction as text', string, -0.5, '-0.5'],
		['a long number of the kind that stays exact', string, 9007199254740993n, '9007199254740993'],
		['true as text', string, true, 'true'],
		['false as required text', { ...string, required: true }, false, 'false'],
		['a Date as text', string, new Date(0), '1970-01-01T00:00:00.000Z'],
		[
			'{{ $now }} as text',
			string,
			DateTime.fromMillis(0, { zone: 'utc' }),
			'1970-01-01T00:00:00.000Z',
		],
		[
			'the entries of a list as text',
			texts,
			[1, true, new Date(0)],
			['1', 'true', '1970-01-01T00:00:00.000Z'],
		],
		['an ID without the spaces around it', identifier, ' 7 ', '7'],
		['a number for an ID', identifier, 7, '7'],
		['no ID where none is needed', identifier, ' ', ''],
		['the number in a text', number, ' -12.50\n', -12.5],
		['true in a text', boolean, 'true', true],
		['false in a text', boolean, 'false', false],
		['1 for true', boolean, 1, true],
		['0 for false', boolean, 0, false],
		['what was loaded, as text', loaded, 5, '5'],
		['null as the default', { ...string, default: 'standard' }, null, 'standard'],
		['nothing as the default', { ...string, default: 'standard' }, undefined, 'standard'],
		['no number as the default', { ...number, default: 50 }, null, 50],
		['no flag as the default', { ...boolean, default: true }, null, true],
		['no option as the default', options, null, 'x'],
		[
			'no options as the default',
			{ ...options, type: 'multiOptions', default: ['x'] },
			null,
			['x'],
		],
		['no list as the default', texts, undefined, []],
		['no JSON as the default', { ...json, default: '{"a":1}' }, null, { a: 1 }],
		['no date as the default', dateTime, null, ''],
		['no collection as the default', collection, null, {}],
		['no groups as the default', many, null, {}],
		['nothing in a group', many, { pair: null }, {}],
		['nothing chosen from a list', locator, { __rl: true, mode: 'list', value: null }, ''],
		['no choice from a list', locator, null, ''],
		[
			'null in a collection as the default',
			collection,
			{ a: null, b: undefined },
			{ a: 'standard', b: 'standard' },
		],
		[
			'null in a group as the default',
			one,
			{ pair: { a: null, b: 5 } },
			{ pair: { a: 'standard', b: '5' } },
		],
	])('reads %s', (_name, parameter, value, result) => {
		expect(read(parameter, value)).toEqual(result);
	});

	it.each<[Omit<Parameter, 'displayName' | 'name'>, unknown, string]>([
		[collection, { a: {} }, "'Field > A' needs text, but was given an object"],
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
		[string, new Date(NaN), "'Field' was given an invalid date"],
		[string, DateTime.invalid('for the test'), "'Field' was given an invalid date"],
		[string, {}, "'Field' needs text, but was given an object"],
		[string, NaN, "'Field' needs text, but was given a number"],
		[string, 2 ** 53, "'Field' is a number that JavaScript has rounded"],
		[string, -1e25, "'Field' is a number that JavaScript has rounded"],
		[{ ...string, required: true }, null, "'Field' needs text, but was given null"],
		[{ ...string, required: true }, undefined, "'Field' needs text, but was given nothing"],
		[texts, ['a', null], "'Field' needs text, but was given null"],
		[texts, ['a', {}], "'Field' needs text, but was given an object"],
		[identifier, true, "'Field' needs text, but was given true"],
		[identifier, new Date(0), "'Field' needs text, but was given a date object"],
		[identifier, 1.5, "'Field' is a number that JavaScript has rounded or cannot hold exactly"],
		[{ ...json, required: true }, null, "'Field' needs JSON, but was given null"],
		[options, 'y', "'Field' is set to 'y', which is not one of its options"],
		[options, '1', "'Field' is set to '1', which is not one of its options"],
		[{ ...options, required: true }, null, "'Field' needs one of 'x', '1', but was given null"],
		[options, {}, "'Field' needs one of 'x', '1', but was given an object"],
		[{ ...options, type: 'multiOptions' }, 'x', "'Field' needs a list, but was given text"],
		[boolean, 'yes', "'Field' needs true or false, but was given text"],
		[boolean, '', "'Field' needs true or false, but was given text"],
		[boolean, '1', "'Field' needs true or false, but was given text"],
		[boolean, 2, "'Field' needs true or false, but was given a number"],
		[{ ...boolean, required: true }, null, "'Field' needs true or false, but was given null"],
		[number, NaN, "'Field' needs a number"],
		[number, Infinity, "'Field' needs a number"],
		[number, '', "'Field' needs a number, but was given text"],
		[number, '5,5', "'Field' needs a number, but was given text"],
		[number, 'abc', "'Field' needs a number, but was given text"],
		[number, '1e3', "'Field' needs a number, but was given text"],
		[number, '+5', "'Field' needs a number, but was given text"],
		[number, '.5', "'Field' needs a number, but was given text"],
		[number, true, "'Field' needs a number, but was given true"],
		[number, new Date(0), "'Field' needs a number, but was given a date object"],
		[{ ...number, typeOptions: { minValue: 1 } }, '0', "'Field' is 0, but must be at least 1"],
		[{ ...number, required: true }, null, "'Field' needs a number, but was given null"],
		[{ ...number, typeOptions: { minValue: 1 } }, 0, "'Field' is 0, but must be at least 1"],
		[{ ...number, typeOptions: { maxValue: 9 } }, 10, "'Field' is 10, but must be at most 9"],
		[
			{ ...number, typeOptions: { multipleValues: true, maxValue: 9 } },
			[1, 10],
			"'Field' is 10, but must be at most 9",
		],
		[{ ...string, required: true }, ' \n', "'Field' is empty"],
		[located, 1.5, "'Field' is a number that JavaScript has rounded or cannot hold exactly"],
		[located, 2 ** 53, "'Field' is a number that JavaScript has rounded or cannot hold exactly"],
		[located, { value: '7' }, "'Field' needs text, but was given an object"],
		[loaded, {}, "'Field' needs text, but was given an object"],
		[
			options,
			'y'.repeat(100),
			`'Field' is set to '${'y'.repeat(60)}', which is not one of its options`,
		],
	])('names the field of %j when it holds %j', (parameter, value, sentence) => {
		expect(() => read(parameter, value)).toThrow(sentence);
	});

	it.each<[Omit<Parameter, 'displayName' | 'name'>, unknown, RegExp]>([
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

	it.each(['id', 'clientId', 'phoneNumber', 'idle', 'video', 'phoneNumbers'])(
		'does not guess from the name %j whether a field is an ID',
		(name) => {
			const parameter = { displayName: 'Field', name, type: 'string', default: '' } as const;
			const reading = (given: unknown, format?: (text: string) => string) => {
				const functions = { getInputData: () => [{ json: {} }], getNodeParameter: () => given };
				return parameterReader(functions as unknown as IExecuteFunctions, [
					format === undefined ? parameter : { ...parameter, format },
				]);
			};
			expect(reading(' 5 ')(0)).toEqual({ [name]: ' 5 ' });
			expect(reading(true)(0)).toEqual({ [name]: 'true' });
			expect(reading(' 5 ', (text) => `#${text}`)(0)).toEqual({ [name]: '#5' });
		},
	);

	it('names the place of a field to its format, and asks about no empty one', () => {
		const asked: unknown[] = [];
		const format = (value: unknown, label: string) => {
			asked.push([value, label]);
			return 'usual';
		};
		const fields = [
			{ ...text('a'), format },
			{ ...text('b'), format },
			{ displayName: 'C', name: 'c', ...json, format },
		];
		const given = { ...collection, options: fields };
		expect(read(given, { a: ' 1 ', b: ' ', c: '[2]' })).toEqual({ a: 'usual', b: '', c: 'usual' });
		expect(asked).toEqual([
			['1', 'Field > A'],
			[[2], 'Field > C'],
		]);
	});

	it.each([
		[{ all: true }, {}],
		[{ all: false }, { most: 3 }],
		[{ all: '={{ true }}', most: '={{ null }}' }, {}],
		[{ all: '={{ false }}', most: '={{ null }}' }, { most: 50 }],
		[{ all: false, most: '={{ null }}' }, { most: 50 }],
	])('gives a limit that is shown its default, and leaves out one that is not: %j', (...given) => {
		const [stored, expected] = given as [Record<string, unknown>, object];
		const results: Record<string, unknown> = { '={{ true }}': true, '={{ false }}': false };
		const functions = {
			getInputData: () => [{ json: {} }],
			getNodeParameter: (
				name: string,
				_item: number,
				_fallback: unknown,
				{ rawExpressions }: { rawExpressions?: boolean },
			) => {
				const raw = stored[name] ?? (name === 'most' && stored.all === false ? 3 : null);
				if (rawExpressions) return raw;
				return typeof raw === 'string' ? (results[raw] ?? null) : raw;
			},
		} as unknown as IExecuteFunctions;
		const values = parameterReader(functions, [
			{ displayName: 'All', name: 'all', ...boolean },
			{
				displayName: 'Most',
				name: 'most',
				type: 'number',
				default: 50,
				displayOptions: { show: { all: [false] } },
			},
		])(0);
		expect(values).toEqual({ all: values.all, ...expected });
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
