import type { IExecuteFunctions } from 'n8n-workflow';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parametersOf } from '../../nodes/shared/operation/properties';
import type { DescribedResource } from '../../nodes/shared/operation/define';
import { parameterReader } from '../../nodes/shared/parameters/read';
import { nodeDescriptions } from '../package/docTables';
import { fieldsIn, placesIn, ruleOf, type Place } from './expressionRules';

/** What an expression may put into any field of any operation, and what becomes of it. */

const NODES = join(__dirname, '../../nodes');

/** Every resource that a node's folder exports, the way the nodes themselves list them. */
const resources = ['Gitple', 'Lifty', 'Omnize', 'SimplesDesk', 'Voxfree'].flatMap((provider) => {
	const folder = join(NODES, provider, 'resources');
	const found = readdirSync(folder).flatMap((file) =>
		Object.values(require(join(folder, file)) as object).filter(
			(exported): exported is DescribedResource => Array.isArray(exported?.operations),
		),
	);
	return found.map((resource) => ({ provider, resource }));
});

const places = resources.flatMap(({ provider, resource }) =>
	resource.operations.flatMap((operation) =>
		parametersOf(operation)
			.filter(({ type }) => type !== 'notice')
			.flatMap((top) =>
				placesIn(top, {
					name: top.displayName,
					top,
					holding: (value) => value,
					readFrom: (value) => value,
				}).map((place) => ({
					...place,
					title: `${provider} ${resource.value} ${operation.value}: ${place.name}`,
				})),
			),
	),
);

/** What the field holds after an expression has yielded this value. */
function readAs({ top, holding, readFrom }: Place, value: unknown): unknown {
	const functions = {
		getInputData: () => [{ json: {} }],
		getNodeParameter: (
			_name: string,
			_item: number,
			_fallback: unknown,
			{ rawExpressions }: { rawExpressions?: boolean },
		) => (rawExpressions === true ? '={{ $json }}' : holding(value)),
	} as unknown as IExecuteFunctions;
	return readFrom(parameterReader(functions, [top])(0)[top.name]);
}

/** What the field is when nobody has touched it. */
const defaultOf = (place: Place): unknown => {
	const { type, default: value } = place.field;
	return readAs(place, type === 'resourceLocator' ? (value as { value: unknown }).value : value);
};

describe('a value that an expression has made', () => {
	it('is tried in every field of every operation', () => {
		const shown = nodeDescriptions()
			.filter(({ group }) => !group.includes('trigger'))
			.flatMap(({ properties }) => properties)
			.filter(({ name }) => !['resource', 'operation'].includes(name))
			// The same parameters once more, as an AI agent's tool has them.
			.filter(({ displayOptions }) => displayOptions?.show?.['@tool'] === undefined);
		expect(places).toHaveLength(fieldsIn(shown));
	});

	it.each(places)('is converted where that loses nothing: $title', (place) => {
		for (const [given, becomes] of ruleOf(place).converted) {
			expect([given, readAs(place, given)]).toEqual([given, becomes]);
		}
	});

	it.each(places)('is refused with the name of the field where it would: $title', (place) => {
		for (const given of ruleOf(place).refused) {
			expect(() => readAs(place, given)).toThrow(
				expect.objectContaining({
					kind: 'invalid',
					message: expect.stringContaining(`'${place.name}`) as string,
				}) as Error,
			);
		}
	});

	it.each(places)('gives way to the default if it is none: $title', (place) => {
		for (const none of [null, undefined]) {
			if (place.field.required === true) {
				expect(() => readAs(place, none)).toThrow(`'${place.name}' `);
			} else {
				expect(readAs(place, none)).toEqual(defaultOf(place));
			}
		}
	});
});
