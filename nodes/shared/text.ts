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

/** The beginning of a text, for comparisons: enough of it to know what it means. */
export function beginningOf(text: string): string {
	return foldText(text.slice(0, LONGEST_QUOTE));
}

/** A key without the differences between spellings: case, accents, underscores, hyphens and spaces. */
export function normalizeKey(key: string): string {
	const plain = /[^ -~]/.test(key) ? foldText(key) : key.toLowerCase();
	return plain.replace(/[\s_-]/g, '');
}

/** Characters of another's words that are read and shown. */
const LONGEST_QUOTE = 200;

/**
 * A provider's words on one line, and not too many of them. What is longer is cut before anything reads
 * it: nobody knows how long it is. Secrets must be hidden before, because a cut may leave half of one.
 */
export function shortened(text: string): string {
	const line = text
		.slice(0, 4 * LONGEST_QUOTE)
		.replace(/\s+/g, ' ')
		.trim();
	return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}
