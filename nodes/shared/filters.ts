/** The entries of a filter that is written with commas. An expression may yield a single number. */
export function splitCommaList(list: unknown): string[] {
	return String(list ?? '')
		.split(',')
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '');
}

/** Whether what a call is about passes such a filter; an empty filter lets all pass. */
export function matchesFilter(list: unknown, found: readonly string[]): boolean {
	const wanted = splitCommaList(list);
	return wanted.length === 0 || wanted.some((entry) => found.includes(entry));
}
