import type { INodeProperties } from 'n8n-workflow';
import { mostUsedFirst, propertiesOf } from '../../../nodes/shared/operation/properties';
import type { DescribedOperation } from '../../../nodes/shared/operation/define';

const operation = (value: string, more: Partial<DescribedOperation> = {}): DescribedOperation => ({
	name: value.toUpperCase(),
	value,
	action: `Do ${value}`,
	description: `Does ${value}`,
	parameters: [],
	...more,
});
const resource = (value: string, ...operations: DescribedOperation[]) => ({
	name: value.toUpperCase(),
	value,
	description: `About ${value}`,
	operations,
});
const text = (name: string) =>
	({ displayName: name.toUpperCase(), name, type: 'string', default: '' }) as const;
const namesOf = (properties: readonly unknown[] | undefined) =>
	(properties as INodeProperties[]).map(({ name }) => name);

describe('the properties of a node', () => {
	it('begin with the choice of resource and operation, the most used ones chosen', () => {
		const [resources, operations, others] = propertiesOf(
			[
				{
					...resource('a', operation('x', { requests: false }), operation('y')),
					defaultOperation: 'y',
				},
				resource('b', operation('z', { requests: false })),
			],
			'b',
		).filter(({ type }) => type === 'options');
		expect(resources).toEqual({
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: [
				{ name: 'A', value: 'a', description: 'About a' },
				{ name: 'B', value: 'b', description: 'About b' },
			],
			default: 'b',
		});
		expect(operations).toEqual({
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			options: [
				{ name: 'X', value: 'x', action: 'Do x', description: 'Does x' },
				{ name: 'Y', value: 'y', action: 'Do y', description: 'Does y' },
			],
			default: 'y',
			displayOptions: { show: { resource: ['a'] } },
		});
		expect(others).toMatchObject({ default: 'z', displayOptions: { show: { resource: ['b'] } } });
	});

	it('show each parameter for its operation alone, and keep what hides it besides', () => {
		const conditional = { ...text('late'), displayOptions: { show: { early: ['x'] } } };
		const hidden = { ...text('never'), displayOptions: { hide: { early: ['x'] } } };
		const parameters = [text('early'), conditional, hidden];
		const [, , early, late, never] = propertiesOf(
			[resource('a', operation('x', { parameters, requests: false }))],
			'a',
		);
		const show = { resource: ['a'], operation: ['x'] };
		expect(early).toEqual({ ...text('early'), displayOptions: { show } });
		expect(late?.displayOptions).toEqual({ show: { ...show, early: ['x'] } });
		expect(never?.displayOptions).toEqual({ show, hide: { early: ['x'] } });
	});

	it('are plain data: no format of a field reaches n8n, however deep it is', () => {
		const format = (value: unknown) => value as string;
		const inner = { ...text('b'), format };
		const parameters = [
			{ ...text('a'), format },
			{ ...text('c'), type: 'collection', options: [inner] },
			{
				...text('d'),
				type: 'fixedCollection',
				options: [{ displayName: 'E', name: 'e', values: [inner] }],
			},
		] as const;
		const found = propertiesOf(
			[resource('a', operation('x', { parameters, requests: false }))],
			'a',
		);
		expect(found).toHaveLength(5);
		expect(found).toStrictEqual(JSON.parse(JSON.stringify(found)));
	});

	it('end with the options: those of the operation and those of all requests, by name', () => {
		const own = {
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			default: {},
			options: [text('zone'), text('city')],
		} as const;
		const found = propertiesOf(
			[resource('a', operation('x', { parameters: [own, text('last')] }), operation('y'))],
			'a',
		);
		expect(namesOf(found)).toEqual(['resource', 'operation', 'last', 'options', 'options']);
		const [, , , options, others] = found;
		expect(options).toMatchObject({ displayName: 'Options', type: 'collection', default: {} });
		expect(namesOf(options?.options)).toEqual([
			'batching',
			'city',
			'timeout',
			'rateLimitWait',
			'zone',
		]);
		expect(namesOf(others?.options)).toEqual(['batching', 'timeout', 'rateLimitWait']);
	});

	it('leave the settings of requests out of an operation that makes none', () => {
		const found = propertiesOf([resource('a', operation('x', { requests: false }))], 'a');
		expect(namesOf(found)).toEqual(['resource', 'operation']);
	});

	it('keep within their limits how many items run at once, how fast, and how long', () => {
		const options = propertiesOf([resource('a', operation('x'))], 'a')[2];
		const [batching, timeout] = options?.options as [
			{ options: [{ values: INodeProperties[] }] },
			INodeProperties,
		];
		const numbers = [...batching.options[0].values, timeout];
		expect(
			numbers.map(({ name, default: value, typeOptions }) => [name, value, typeOptions]),
		).toEqual([
			['concurrentItems', 10, { minValue: 1, maxValue: 100, numberPrecision: 0 }],
			['itemInterval', 0, { minValue: 0, numberPrecision: 0 }],
			['timeout', 30_000, { minValue: 100, numberPrecision: 0 }],
		]);
	});
});

describe('the order of resources and operations', () => {
	it('begins with the preselected ones, and leaves the others as they are', () => {
		const resources = [
			resource('a', operation('x'), operation('y')),
			{
				...resource('b', operation('u'), operation('v'), operation('w')),
				defaultOperation: 'w',
			},
		];
		const listed = mostUsedFirst(resources, 'b').map(({ value, operations }) => [
			value,
			operations.map((entry) => entry.value),
		]);
		expect(listed).toEqual([
			['b', ['w', 'u', 'v']],
			['a', ['x', 'y']],
		]);
	});
});

describe('the parameters of the tool that n8n makes of a node', () => {
	const locator = {
		displayName: 'Department',
		name: 'departmentId',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		displayOptions: { show: { kind: ['a'] } },
	} as const;
	const simplify = {
		displayName: 'Simplify',
		name: 'simplify',
		type: 'boolean',
		default: true,
	} as const;
	const [, , ...found] = propertiesOf(
		[resource('a', operation('x', { parameters: [locator, simplify], requests: false }))],
		'a',
	);
	const show = { resource: ['a'], operation: ['x'] };

	it('open on the ID of what the node lets people choose from a list', () => {
		expect(found.slice(0, 2)).toEqual([
			{
				...locator,
				displayOptions: { show: { ...show, kind: ['a'] }, hide: { '@tool': [true] } },
			},
			{
				...locator,
				default: { mode: 'id', value: '' },
				displayOptions: { show: { ...show, kind: ['a'], '@tool': [true] } },
			},
		]);
	});

	it('do not let the model decide whether to simplify', () => {
		expect(found.slice(2)).toEqual([
			{ ...simplify, displayOptions: { show, hide: { '@tool': [true] } } },
			{
				...simplify,
				noDataExpression: true,
				displayOptions: { show: { ...show, '@tool': [true] } },
			},
		]);
	});
});
