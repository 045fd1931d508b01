import { Voxfree } from '../../../nodes/Voxfree/Voxfree.node';
import { runNode } from '../../support';
import { rows, type Row } from './operations';
import { setupOf, storeWith, useRecorder } from './setup';

jest.setTimeout(30_000);

const recorder = useRecorder();

/** What these bring back says by itself that they succeeded. */
const BRING_A_CONVERSATION = new Set(['open', 'start']);

/** What these bring back keeps the fields that nobody knows, under their own names. */
const KEEP_UNKNOWN_FIELDS = new Set(['open']);

const { properties } = new Voxfree().description;

const offersSimplify = ({ resource, operation }: Row) =>
	properties.some(
		({ name, displayOptions: { show } = {} }) =>
			name === 'simplify' &&
			show?.resource?.includes(resource) === true &&
			show.operation?.includes(operation) === true,
	);

const writes = rows.filter((row) => !row.operation.startsWith('get') && offersSimplify(row));

/** The row's answer, with a field of which no document knows. */
function answerTo({ answers = {}, service }: Row): object {
	const answer = answers[service] ?? { retorno: 'ok' };
	return Array.isArray(answer) ? answer : { ...(answer as object), extra: 'as it came' };
}

async function outputOf(row: Row, simplify: boolean) {
	const answer = answerTo(row);
	recorder.answers = { ...row.answers, [row.service]: answer };
	const { items, error } = await runNode(
		setupOf(
			storeWith(recorder.url),
			{ resource: row.resource, operation: row.operation, ...row.parameters, simplify },
			row.items === undefined ? {} : { items: row.items },
		),
	);
	expect(error).toBeUndefined();
	expect(recorder.to(row.service)).toHaveLength(1);
	return { answer, items: items.map(({ json }) => json) };
}

describe('every operation that changes something and offers Simplify', () => {
	it('is tried here', () => {
		expect(writes.length).toBeGreaterThanOrEqual(21);
	});

	it.each(writes.map((row) => [`${row.resource}: ${row.operation}`, row] as const))(
		'%s gives the answer as it came with Simplify off, and what was done with it on',
		async (_name, row) => {
			const raw = await outputOf(row, false);
			expect(raw.items).toEqual([{ answer: raw.answer }]);
			recorder.reset();
			const [simplified, ...others] = (await outputOf(row, true)).items;
			expect(others).toEqual([]);
			expect(simplified?.extra).toBe(
				KEEP_UNKNOWN_FIELDS.has(row.operation) ? 'as it came' : undefined,
			);
			if (!BRING_A_CONVERSATION.has(row.operation)) {
				expect(simplified).toMatchObject({ success: true });
			}
		},
	);
});
