/** A base URL that a user has entered, without spaces around it and slashes at its end. */
export function baseUrlFrom(field: unknown): string {
	return String(field ?? '')
		.trim()
		.replace(/\/+$/, '');
}

/** Text for comparisons: lowercase, without accents. */
export function foldText(text: string): string {
	return text
		.normalize('NFD')
		.replace(/\p{Diacritic}/gu, '')
		.trim()
		.toLowerCase();
}

/** A key without the differences between spellings: case, accents, underscores, hyphens and spaces. */
export function normalizeKey(key: string): string {
	const plain = /[^ -~]/.test(key) ? foldText(key) : key.toLowerCase();
	return plain.replace(/[\s_-]/g, '');
}
