import { DateTime } from 'luxon';
import type { INodeProperties, INodePropertyCollection } from 'n8n-workflow';
import type { Group, Parameter } from '../../nodes/shared/parameters/types';

/** What an expression may put into a field, by the type of the field, and what becomes of it. */

/** A field, and how a parameter with only this field filled looks and is read. */
export interface Place {
	name: string;
	field: Parameter;
	top: Parameter;
	/** The parameter's value with this in the field. */
	holding(value: unknown): unknown;
	/** What was read of the field. */
	readFrom(value: unknown): unknown;
}

const childOf = (value: unknown, key: string | number): unknown =>
	(value as Record<string | number, unknown>)[key];

/** A field and those inside it; the fields beside it in a group hold what makes it be shown. */
export function placesIn(field: Parameter, outer: Omit<Place, 'field'>): Place[] {
	const here = [{ ...outer, field }];
	if (field.type === 'collection') {
		return here.concat(
			((field.options ?? []) as readonly Parameter[]).flatMap((inner) =>
				placesIn(inner, {
					...outer,
					name: `${outer.name} > ${inner.displayName}`,
					holding: (value) => outer.holding({ [inner.name]: value }),
					readFrom: (value) => childOf(outer.readFrom(value), inner.name),
				}),
			),
		);
	}
	if (field.type !== 'fixedCollection') return here;
	const several = field.typeOptions?.multipleValues === true;
	return here.concat(
		((field.options ?? []) as readonly Group[]).flatMap((group) =>
			group.values.flatMap((inner) =>
				placesIn(inner, {
					...outer,
					name: `${outer.name} > ${group.displayName}${several ? ' 1' : ''} > ${inner.displayName}`,
					holding: (value) => {
						const entry = { ...filled(group.values, inner), [inner.name]: value };
						return outer.holding({ [group.name]: several ? [entry] : entry });
					},
					readFrom: (value) => {
						const entry = childOf(outer.readFrom(value), group.name);
						return childOf(several ? childOf(entry, 0) : entry, inner.name);
					},
				}),
			),
		),
	);
}

/** Values of the other fields of a group, so that one is shown and no other is wrong. */
function filled(fields: readonly Parameter[], shown: Parameter): Record<string, unknown> {
	const conditions = Object.entries(shown.displayOptions?.show ?? {}).map(([name, values]) => [
		name,
		(values as readonly unknown[])[0],
	]);
	const required = fields
		.filter((field) => field.required === true && field !== shown)
		.map(({ name }) => [name, 'filled']);
	return Object.fromEntries([...required, ...conditions]) as Record<string, unknown>;
}

const isList = ({ field }: Place) => field.typeOptions?.multipleValues === true;
const isIdentifier = ({ field: { type, format } }: Place) =>
	type === 'resourceLocator' || (type === 'string' && format !== undefined);
const holdsFiles = ({ field }: Place) => field.read !== undefined;
const isPhone = ({ field }: Place) => field.displayName === 'Phone Number';

export const ISO = '2026-01-31T14:30:00.000Z';
const DIGITS = 5519999999999;
export type Converted = Array<[given: unknown, becomes: unknown]>;

export const TEXTS: Converted = [
	['text', 'text'],
	[5, '5'],
	[0, '0'],
	[-1.5, '-1.5'],
	[true, 'true'],
	[false, 'false'],
	[new Date(ISO), ISO],
	[DateTime.fromISO(ISO, { zone: 'utc' }), ISO],
];
export const NO_TEXTS = [{}, { a: 1 }, [], NaN, Infinity, 2 ** 53, -(2 ** 60), new Date(NaN)];

/** The table: what is converted, and what is refused, by the type of the field. */
export function ruleOf(place: Place): { converted: Converted; refused: unknown[] } {
	const { type, typeOptions } = place.field;
	if (isIdentifier(place)) {
		return {
			converted: [
				[DIGITS, String(DIGITS)],
				[`${DIGITS}`, String(DIGITS)],
				[` ${DIGITS}\n`, String(DIGITS)],
				...(isPhone(place) ? ([['+55 (0)19 99999-9999', String(DIGITS)]] as Converted) : []),
			],
			refused: [...NO_TEXTS, true, false, 1.5, new Date(ISO), ...(isPhone(place) ? ['x'] : [])],
		};
	}
	if (holdsFiles(place)) {
		const file = { id: 'filesystem-v2:1', mimeType: 'image/png' };
		return {
			converted: [
				...TEXTS.map(([given, becomes]): Converted[number] => [given, [becomes]]),
				[
					['a', 5],
					['a', '5'],
				],
				[file, [file]],
				[
					[file, 'a'],
					[file, 'a'],
				],
				[{ data: file, other: file }, [file, file]],
			],
			refused: [...NO_TEXTS, ['a', null], [['a']], [{}]],
		};
	}
	if (type === 'string' && isList(place)) {
		return {
			converted: TEXTS.map(([given, becomes]) => [
				[given, 'b'],
				[becomes, 'b'],
			]),
			refused: ['text', {}, ...[...NO_TEXTS, null, undefined].map((entry) => ['a', entry])],
		};
	}
	switch (type) {
		case 'string':
			return { converted: TEXTS, refused: NO_TEXTS };
		case 'number': {
			const { minValue = 0, maxValue = 1e6 } = typeOptions as Record<string, number>;
			return {
				converted: [
					[minValue, minValue],
					[`${minValue}`, minValue],
					[` ${minValue + 1}.5 `, minValue + 1.5],
				],
				refused: ['5,5', '', 'abc', NaN, '1e3', true, {}, [], minValue - 1, `${maxValue + 1}x`],
			};
		}
		case 'boolean':
			return {
				converted: [
					[true, true],
					['true', true],
					[1, true],
					[false, false],
					['false', false],
					[0, false],
				],
				refused: ['', 'yes', 'no', '1', '0', 2, -1, NaN, {}, []],
			};
		case 'options':
			return { converted: [], refused: ['', 'unknown', 5, true, {}, []] };
		case 'json':
			return {
				converted: [
					['{"a":"1"}', { a: '1' }],
					[{ a: '1' }, { a: '1' }],
				],
				refused: ['', '{'],
			};
		default:
			return { converted: [], refused: ['text', 5, true, []] };
	}
}

/** How many fields the panels of the nodes have, with those in collections. */
export function fieldsIn(properties: readonly INodeProperties[]): number {
	return properties
		.filter(({ type }) => type !== 'notice')
		.map(({ type, options = [] }): number => {
			if (type === 'collection') return 1 + fieldsIn(options as INodeProperties[]);
			if (type !== 'fixedCollection') return 1;
			const groups = options as INodePropertyCollection[];
			return 1 + fieldsIn(groups.flatMap(({ values }) => values));
		})
		.reduce((sum, count) => sum + count, 0);
}
