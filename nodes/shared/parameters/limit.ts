/** The usual pair of parameters of an operation that returns a list. Use both. */
export const returnAll = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
} as const;

export const limit = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	displayOptions: { show: { returnAll: [false] } },
	typeOptions: { minValue: 1 },
	default: 50,
	description: 'Max number of results to return',
} as const;

/** The entries up to the limit that these parameters set. */
export function limited<Entry>(
	entries: readonly Entry[],
	values: { returnAll: boolean; limit?: number },
): Entry[] {
	return entries.slice(0, values.returnAll ? undefined : (values.limit ?? limit.default));
}
