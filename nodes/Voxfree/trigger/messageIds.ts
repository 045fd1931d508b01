/** Which of two ids was given out later. Ids that are no whole numbers come before all others. */
export function isLater(id: string, than: string | undefined): boolean {
	if (!/^\d+$/.test(id)) return false;
	if (than === undefined || !/^\d+$/.test(than)) return true;
	return id.length === than.length ? id > than : id.length > than.length;
}

/** The id before one, so that asking for what is new since then returns the message itself as well. */
export function idBefore(id: string | undefined): string {
	if (id === undefined || !/^[1-9]\d{0,30}$/.test(id)) return '0';
	return String(BigInt(id) - 1n);
}

/** The last message before the first of these: `last` itself if none of them is before it. */
export function lastBefore(
	last: string | undefined,
	groups: ReadonlyArray<Iterable<string>>,
): string | undefined {
	if (last === undefined) return undefined;
	let first: string | undefined;
	for (const ids of groups) {
		for (const id of ids) {
			if (/^[1-9]\d*$/.test(id) && (first === undefined || isLater(first, id))) first = id;
		}
	}
	return first === undefined || isLater(first, last) ? last : idBefore(first);
}
