import fc from 'fast-check';
import {
	NodeConnectionTypes,
	Workflow,
	type IDataObject,
	type INode,
	type INodeTypes,
} from 'n8n-workflow';
import { inputPathIn, valueAt } from '../../../nodes/shared/parameters/inputReference';

const node: INode = {
	id: 'node',
	name: 'Node',
	type: 'test.node',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};
const nodeTypes = {
	getByName: () => ({ description: { properties: [] } }),
	getByNameAndVersion: () => ({ description: { properties: [] } }),
	getKnownTypes: () => ({}),
} as unknown as INodeTypes;
const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });

/** What n8n itself makes of an expression for an item. */
function byN8n(expression: string, json: IDataObject): unknown {
	const input = [{ json }];
	return workflow.expression.getParameterValue(
		expression,
		null,
		0,
		0,
		node.name,
		input,
		'manual',
		{},
		{ node, data: { [NodeConnectionTypes.Main]: [input] }, source: null },
	);
}

describe('inputPathIn', () => {
	it.each([
		['={{ $json.text }}', ['text']],
		['={{$json.text}}', ['text']],
		['={{ $json.customer.first_name2 }}', ['customer', 'first_name2']],
		['={{\n\t$json._id\n}}', ['_id']],
	])('finds the path in %j', (raw, path) => {
		expect(inputPathIn(raw)).toEqual(path);
	});

	it.each([
		'text',
		'$json.text',
		'{{ $json.text }}',
		'= {{ $json.text }}',
		'={{ $json.text }} ',
		'=Hi {{ $json.text }}',
		'={{ $json.text }}{{ $json.text }}',
		'={{ $json }}',
		'={{ $json["text"] }}',
		'={{ $json.list[0] }}',
		'={{ $json.text.length() }}',
		'={{ $json.text + 1 }}',
		'={{ $json?.text }}',
		'={{ $json.text // note }}',
		'={{ $input.item.json.text }}',
		'={{ $json.constructor }}',
		'={{ $json.a.__proto__ }}',
		'={{ $json.größe }}',
		5,
		null,
		undefined,
		{ value: '={{ $json.text }}' },
	])('leaves %j to n8n', (raw) => {
		expect(inputPathIn(raw)).toBeUndefined();
	});
});

describe('valueAt', () => {
	it.each<[IDataObject | undefined, string[]]>([
		[undefined, ['a']],
		[{}, ['a']],
		[{ a: null }, ['a']],
		[{ a: { b: 1 } }, ['a']],
		[{ a: [1] }, ['a']],
		[{ a: ['x'] }, ['a', 'length']],
		[{ a: 'x' }, ['a', 'length']],
		[{ a: 'x' }, ['toString']],
		[{ a: new Date(0) as unknown as string }, ['a']],
	])('says nothing about %j at %j', (json, path) => {
		expect(valueAt(json, path)).toBeUndefined();
	});

	it('never differs from what n8n makes of the same expression', () => {
		// Names that n8n's evaluation also knows as methods, extensions or data of its own.
		const names = ['a', 'text', 'length', 'isEmpty', 'toString', 'json', '$json', 'first', 'NaN'];
		const name = fc.constantFrom(...names.filter((each) => /^\w+$/.test(each)));
		const { value } = fc.letrec((tie) => ({
			value: fc.oneof(
				{ maxDepth: 3 },
				fc.string(),
				fc.constantFrom('', '={{ $json.a }}', '{{ 1 }}', '9007199254740993'),
				fc.double({ noNaN: true }),
				fc.boolean(),
				fc.constant(null),
				fc.array(tie('value'), { maxLength: 2 }),
				fc.dictionary(name, tie('value'), { maxKeys: 4 }),
			),
		}));
		let answered = 0;
		fc.assert(
			fc.property(
				fc.dictionary(name, value, { minKeys: 1 }),
				fc.array(name, { minLength: 1, maxLength: 3 }),
				(json, path) => {
					const expression = `={{ $json.${path.join('.')} }}`;
					const ours = valueAt(json as IDataObject, inputPathIn(expression)!);
					if (ours === undefined) return;
					answered++;
					expect(byN8n(expression, json as IDataObject)).toStrictEqual(ours);
				},
			),
			{ numRuns: 2_000 },
		);
		expect(answered).toBeGreaterThan(200);
	});
});
