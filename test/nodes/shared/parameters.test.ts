import { DateTime } from 'luxon';
import type { IExecuteFunctions } from 'n8n-workflow';
import { parameterReader, type Parameter } from '../../../nodes/shared/parameters';

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
	])('reads %s', (_name, parameter, value, result) => {
		expect(read(parameter, value)).toEqual(result);
	});

	it.each<[Omit<Parameter, 'displayName' | 'name'>, unknown, string]>([
		[collection, { a: 5 }, "'Field > A' needs text, but was given a number"],
		[collection, [], "'Field' needs a set of fields, but was given a list"],
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
		[{ type: 'number', default: 0 }, NaN, "'Field' needs a number"],
	])('names the field of %j when it holds %j', (parameter, value, sentence) => {
		expect(() => read(parameter, value)).toThrow(sentence);
	});
});
