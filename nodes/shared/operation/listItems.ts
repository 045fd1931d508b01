import type { IDataObject } from 'n8n-workflow';
import type { JsonObject } from '../json';
import { UnreadableList } from '../lists';
import { optionsCollection } from '../parameters/builders';
import { limited } from '../parameters/limit';
import type { ItemContext } from './define';

/** What to do with an answer that is no list, for the options of an operation that returns one. */
export const ifUnreadable = {
	displayName: 'If the Answer Is Not Readable',
	name: 'ifUnreadable',
	type: 'options',
	default: 'error',
	description: 'What to do if the answer is not a list that this node can read',
	options: [
		{
			name: 'Return the Answer',
			value: 'raw',
			description:
				"Return the whole answer as one item, in its field 'answer', with a hint in the output pane",
		},
		{
			name: 'Stop With an Error',
			value: 'error',
			description: 'Fail, so that an answer that is not understood is never taken for a list',
		},
	],
} as const;

/** The options of an operation that returns a list and has no other ones. */
export const listOptions = optionsCollection([ifUnreadable]);

interface ListValues {
	returnAll: boolean;
	limit?: number;
	options: { ifUnreadable?: 'error' | 'raw' };
}

/**
 * The entries of a list as items, up to the limit; an answer that is no list as the user has chosen.
 *
 * @throws UnreadableList
 */
export async function listItems(
	reading: Promise<readonly JsonObject[]>,
	values: ListValues,
	{ functions }: ItemContext,
	translate: (entry: JsonObject) => object = (entry) => entry,
): Promise<IDataObject[]> {
	const entries = reading.then((all) =>
		limited(all, values).map((entry) => translate(entry) as IDataObject),
	);
	return await entries.catch((error: unknown) => {
		if (!(error instanceof UnreadableList) || values.options.ifUnreadable !== 'raw') throw error;
		functions.addExecutionHints({
			message: `${error.message}. The item is the whole answer, as it came.`,
			type: 'warning',
			location: 'outputPane',
		});
		const { body } = error;
		return [{ answer: body }];
	});
}
