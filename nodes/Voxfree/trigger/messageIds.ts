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
