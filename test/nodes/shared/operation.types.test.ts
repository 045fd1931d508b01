import { operationsOf } from '../../../nodes/shared/operation/define';
import type { JsonValue } from '../../../nodes/shared/json';
import type { ValuesOf } from '../../../nodes/shared/parameters/types';

/** Compiles only where the two types are the same one. */
type Same<A, B> =
	(<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(holds: Same<A, B>) => holds;

const parameters = [
	{ displayName: 'Note', name: 'note', type: 'notice', default: '' },
	{ displayName: 'Text', name: 'text', type: 'string', default: '' },
	{ displayName: 'Count', name: 'count', type: 'number', default: 1 },
	{ displayName: 'Flag', name: 'flag', type: 'boolean', default: false },
	{ displayName: 'Body', name: 'body', type: 'json', default: '{}' },
	{ displayName: 'At', name: 'at', type: 'dateTime', default: '' },
	{ displayName: 'Room', name: 'room', type: 'resourceLocator', default: {} },
	{
		displayName: 'Color',
		name: 'color',
		type: 'options',
		default: 'red',
		options: [
			{ name: 'Red', value: 'red' },
			{ name: 'Blue', value: 'blue' },
		],
	},
	{
		displayName: 'Tags',
		name: 'tags',
		type: 'string',
		typeOptions: { multipleValues: true },
		default: [],
	},
	{
		displayName: 'Sometimes',
		name: 'sometimes',
		type: 'number',
		displayOptions: { show: { flag: [true] } },
		default: 0,
	},
	{
		displayName: 'More',
		name: 'more',
		type: 'collection',
		default: {},
		options: [{ displayName: 'Name', name: 'name', type: 'string', default: '' }],
	},
] as const;
type Values = ValuesOf<typeof parameters>;

describe('the types of an operation', () => {
	it('follow from its parameters', () => {
		const checks = [
			same<Values['text'], string>(true),
			same<Values['count'], number>(true),
			same<Values['flag'], boolean>(true),
			same<Values['body'], JsonValue>(true),
			same<Values['at'], string>(true),
			same<Values['room'], string>(true),
			same<Values['color'], 'red' | 'blue'>(true),
			same<Values['tags'], string[]>(true),
			same<Values['sometimes'], number | undefined>(true),
			same<Values['more']['name'], string | undefined>(true),
			same<'note' extends keyof Values ? true : false, false>(true),
		];
		expect(checks.every(Boolean)).toBe(true);
	});

	it('refuse what the parameters do not have', () => {
		const operation = operationsOf<{ send(text: string): Promise<void> }>();
		const defined = operation({
			name: 'Send',
			value: 'send',
			action: 'Send',
			description: 'Send',
			parameters,
			orderingKey: (values) => {
				// @ts-expect-error a number is no ordering key
				const key: string = values.count;
				return key;
			},
			execute: async (api, values) => {
				await api.send(values.text);
				// @ts-expect-error a number is no text
				void (() => api.send(values.count));
				// @ts-expect-error there is no such parameter
				void values.missing;
				// @ts-expect-error its name is misspelt
				void values.txet;
				// @ts-expect-error the provider has no such call
				void (() => api.sned(values.text));
				// @ts-expect-error this is none of the options
				void (values.color === 'green');
				// @ts-expect-error a field of a collection may be absent
				const name: string = values.more.name;
				// @ts-expect-error a parameter that is not always shown may be absent
				const sometimes: number = values.sometimes;
				return { name, sometimes };
			},
		});
		expect(defined.parameters).toBe(parameters);
		expect(defined.value).toBe('send');
	});

	it('refuse a parameter that is not whole', () => {
		const operation = operationsOf<object>();
		const rest = { name: 'A', value: 'a', action: 'A', description: 'A' };
		const execute = async () => ({});
		const defined = [
			// @ts-expect-error a parameter needs a display name
			operation({ ...rest, parameters: [{ name: 'a', type: 'string', default: '' }], execute }),
			operation({
				...rest,
				// @ts-expect-error n8n has no such type
				parameters: [{ displayName: 'A', name: 'a', type: 'text', default: '' }],
				execute,
			}),
			// @ts-expect-error an operation needs an action
			operation({ name: 'A', value: 'a', description: 'A', parameters: [], execute }),
		];
		expect(defined).toHaveLength(3);
	});
});
