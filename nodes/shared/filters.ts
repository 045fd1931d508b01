/** The entries of a comma-separated filter. An expression may yield a single number. */
export function splitCommaList(list: unknown): string[] {
	return String(list ?? '')
		.split(',')
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '');
}

/** Whether one of the values is in a comma-separated filter; an empty filter matches everything. */
export function matchesFilter(list: unknown, values: readonly string[]): boolean {
	const wanted = splitCommaList(list);
	return wanted.length === 0 || wanted.some((entry) => values.includes(entry));
}
