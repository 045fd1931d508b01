import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { nodeDescriptions } from './docTables';

interface Field {
	node: string;
	path: string;
	property: INodeProperties;
}

type Nested = INodeProperties & { values?: INodeProperties[] };

/** All fields of all nodes, with those in collections. */
const fields: Field[] = nodeDescriptions().flatMap(({ displayName: node, properties }) => {
	const within = (property: Nested, path: string): Field[] => {
		const own = { node, path: `${path}${property.displayName}`, property };
		const inner = ((property.options ?? []) as Nested[]).flatMap((option) =>
			option.values === undefined
				? 'type' in option
					? within(option, `${own.path} > `)
					: []
				: option.values.flatMap((value) =>
						within(value as Nested, `${own.path} > ${option.displayName} > `),
					),
		);
		return property.type === 'notice' ? [] : [own, ...inner];
	};
	return properties.flatMap((property) => within(property as Nested, ''));
});

/** What is wrong in some fields, once where many operations share one. */
const faults = (find: (field: Field) => string | undefined): string[] => [
	...new Set(
		fields.flatMap((field) => {
			const fault = find(field);
			return fault === undefined ? [] : [`${field.node}: ${field.path}: ${fault}`];
		}),
	),
];

const isSelector = ({ name }: INodeProperties) => ['resource', 'operation'].includes(name);

/** What a text field shows while it is empty. */
function exampleOf({ modes, placeholder }: INodeProperties): string | undefined {
	return modes === undefined ? placeholder : modes.find(({ name }) => name === 'id')?.placeholder;
}

test('every field says what it is for', () => {
	expect(
		faults(({ property }) =>
			isSelector(property) || (property.description ?? '').length > 9
				? undefined
				: 'no description',
		),
	).toEqual([]);
});

test('every choice says when to choose it', () => {
	expect(
		faults(({ property: { type, options } }) => {
			if (type !== 'options' && type !== 'multiOptions') return undefined;
			const silent = ((options ?? []) as INodePropertyOptions[]).filter(
				({ description = '' }) => description === '',
			);
			return silent.length === 0 ? undefined : silent.map(({ name }) => name).join(', ');
		}),
	).toEqual([]);
});

test('every field for a text, an ID or JSON shows an example, unless it begins with a useful value', () => {
	expect(
		faults(({ property }) => {
			const { type, typeOptions, default: initial } = property;
			if (!['string', 'json', 'resourceLocator'].includes(type)) return undefined;
			if (typeOptions?.password === true) return undefined;
			if (typeof initial === 'string' && !['', '{}', '[]'].includes(initial)) return undefined;
			return /^e\.g\. \S/.test(exampleOf(property) ?? '') ? undefined : 'no example';
		}),
	).toEqual([]);
});

test('examples are in English, as the panels are', () => {
	const foreign = /[^\x20-\x7e…]|\b(ola|boleto|segunda|via|pedido|cliente|atendimento|boas)\b/i;
	expect(
		faults(({ property }) => {
			const example = exampleOf(property) ?? '';
			return foreign.test(example) ? example : undefined;
		}),
	).toEqual([]);
});
