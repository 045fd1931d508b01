import type {
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	ITriggerFunctions,
} from 'n8n-workflow';
import { triggerReader } from '../../nodes/shared/parameters/triggerValues';
import type { Parameter } from '../../nodes/shared/parameters/types';
import { join } from 'node:path';
import { nodeDescriptions } from '../package/docTables';
import { fieldsIn, NO_TEXTS, placesIn, ruleOf, TEXTS, type Place } from './expressionRules';

/** What an expression may put into any field of any trigger, and what becomes of it. */

const triggers = nodeDescriptions().filter(({ group }) => group.includes('trigger'));

interface TriggerPlace extends Place {
	trigger: INodeTypeDescription;
	title: string;
}

const fieldsOf = ({ properties }: INodeTypeDescription) =>
	properties.filter(({ type }) => type !== 'notice');

const places: TriggerPlace[] = triggers.flatMap((trigger) =>
	fieldsOf(trigger).flatMap((top) =>
		placesIn(top as unknown as Parameter, {
			name: top.displayName,
			top: top as unknown as Parameter,
			holding: (value) => value,
			readFrom: (value) => value,
		}).map((place) => ({ ...place, trigger, title: `${trigger.displayName}: ${place.name}` })),
	),
);

/** Text with several entries, according to what the panel says. */
const isCommaList = ({ field }: Place) =>
	field.type === 'string' && /comma/i.test(String(field.description));
const isMulti = ({ field }: Place) => field.type === 'multiOptions';

const commaListsOf = (trigger: INodeTypeDescription) =>
	places
		.filter((place) => place.trigger === trigger && isCommaList(place))
		.map(({ field }) => field.name);

/** A trigger whose other fields hold their defaults. */
const functionsWith = ({ trigger, top, holding }: TriggerPlace, value: unknown) =>
	({
		getNode: () => ({ name: trigger.displayName, type: trigger.name, parameters: {} }),
		getMode: () => 'trigger',
		getActivationMode: () => 'activate',
		getWorkflowStaticData: () => ({}),
		getNodeParameter: (name: string) =>
			name === top.name
				? holding(value)
				: trigger.properties.find((property) => property.name === name)?.default,
	}) as unknown as ITriggerFunctions;

const readAs = (place: TriggerPlace, value: unknown) =>
	place.readFrom(
		triggerReader(
			place.trigger.properties,
			commaListsOf(place.trigger),
		)(functionsWith(place, value))[place.top.name],
	);

/** What n8n calls when the workflow is activated. */
async function activate(place: TriggerPlace, value: unknown): Promise<void> {
	const { name } = place.trigger;
	const provider = place.trigger.displayName.replace(' Trigger', '');
	const className = `${provider}Trigger`;
	const classes = require(join(__dirname, `../../nodes/${provider}/${className}.node`)) as Record<
		string,
		new () => INodeType
	>;
	const node = new classes[className]!();
	expect(node.description.name).toBe(name);
	const functions = functionsWith(place, value) as never;
	const register: ((this: never) => Promise<unknown>) | undefined =
		node.webhookMethods?.default?.create ?? node.poll ?? node.trigger;
	await register!.call(functions);
}

function rulesFor(place: TriggerPlace) {
	if (isCommaList(place)) {
		return {
			converted: [...TEXTS, [['a', 5, 'b'], 'a,5,b'], [['a'], 'a'], [[], '']] as Array<
				[unknown, unknown]
			>,
			refused: [...NO_TEXTS.filter((value) => !Array.isArray(value)), ['a', {}], ['a', null]],
		};
	}
	if (isMulti(place)) {
		const [first, second] = (place.field.options as unknown as Array<{ value: string }>).map(
			({ value }) => value,
		);
		return {
			converted: [
				[[first], [first]],
				[
					[second, first],
					[second, first],
				],
				[first, [first]],
				[`${first}, ${second}`, [first, second]],
			] as Array<[unknown, unknown]>,
			refused: ['unknown', [first, 'unknown'], 5, true, {}, [5], [null]],
		};
	}
	return ruleOf(place);
}

describe('a value that an expression has made', () => {
	it('is tried in every field of every trigger', () => {
		const shown = triggers.flatMap(fieldsOf) as INodeProperties[];
		expect(triggers).toHaveLength(5);
		expect(places).toHaveLength(fieldsIn(shown));
	});

	it.each(places)('is converted where that loses nothing: $title', (place) => {
		for (const [given, becomes] of rulesFor(place).converted) {
			expect([given, readAs(place, given)]).toEqual([given, becomes]);
		}
	});

	it.each(places)(
		'is refused at the activation, by the name of the field: $title',
		async (place) => {
			for (const given of rulesFor(place).refused) {
				await expect(activate(place, given)).rejects.toMatchObject({
					name: 'NodeOperationError',
					message: expect.stringContaining(`'${place.name}`) as string,
				});
			}
		},
	);

	it.each(places)('gives way to the default if it is none: $title', async (place) => {
		for (const none of [null, undefined]) {
			if (place.field.required === true) {
				await expect(activate(place, none)).rejects.toThrow(`'${place.name}' `);
			} else {
				const { default: value } = place.field;
				expect(readAs(place, none)).toEqual(isCommaList(place) ? String(value) : value);
			}
		}
	});
});
