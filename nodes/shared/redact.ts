import { isJsonObject } from './json';
import type { JsonValue } from './json';
import { formsOf, latin1Of, percentDecoded } from './secretForms';

/** Replaces every secret in a text, in whatever encoding, with a fixed mark. */
export type Redactor = (text: string) => string;

/** Replaces every secret in the texts of a value with a fixed mark. Keys and numbers stay. */
export type DataRedactor = (data: JsonValue) => JsonValue;

export const HIDDEN = '[hidden]';

/** A shorter "secret" is an ordinary word. Hiding it would damage every text. */
const SHORTEST_SECRET = 6;

/** This many characters from the start or the end of a secret already give it away. */
const TELLING_LENGTH = 8;

/** A hash or base64 of this length is never a part of another word by chance. */
const UNMISTAKABLE_LENGTH = 16;

/** A form of a secret to look for. */
interface Form {
	text: string;
	/** Only as a word of its own, because it may as well be a part of an ID or of another word. */
	isWord: boolean;
}

interface Forms {
	written: Form[];
	/** Secrets as bytes, to be found in what has been percent-decoded. */
	decoded: Form[];
}

/** A part of a text: index of its first character, and the one after its last. */
type Span = [start: number, end: number];

/**
 * Creates the function that every error and log message passes through before it leaves a node.
 *
 * It finds each secret as it is, trimmed, percent-encoded (wholly or in part, also repeatedly and with
 * `+` for spaces), in base64 and base64url at any alignment, in hex, as MD5 (which some providers
 * accept instead of the password), and with the escapes of JSON, PHP's JSON and HTML. It also finds
 * the rest of a secret that a server has cut off, if at least eight characters are left.
 *
 * @param secrets values to hide; values shorter than six characters are ignored
 * @param ofAnyLength values to hide however short they are; the short ones only as whole words
 */
export function createRedactor(
	secrets: readonly unknown[],
	ofAnyLength: readonly unknown[] = [],
): Redactor {
	const forms = collectForms(secrets, ofAnyLength, (text) => text.length < SHORTEST_SECRET);
	const cut = forms.written
		.map(({ text }) => text)
		.filter((text) => text.length >= 2 * TELLING_LENGTH);
	return (text) => {
		const spans = findForms(text, forms);
		for (const form of cut) findRemains(text, form, spans);
		return mask(text, spans);
	};
}

/**
 * Creates the function for the data that a provider returns. A password may be an ordinary word or
 * number, and data that merely contains it must stay as it is: only whole secrets are hidden, in the
 * encodings that `createRedactor` knows, and not as a part of another word, number or ID.
 *
 * @param secrets values to hide; values shorter than six characters are ignored
 * @param ofAnyLength values to hide however short they are
 */
export function createDataRedactor(
	secrets: readonly unknown[],
	ofAnyLength: readonly unknown[] = [],
): DataRedactor {
	const forms = collectForms(secrets, ofAnyLength, () => true);
	const redact = (data: JsonValue): JsonValue => {
		if (typeof data === 'string') return mask(data, findForms(data, forms));
		if (Array.isArray(data)) return data.map(redact);
		if (!isJsonObject(data)) return data;
		return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, redact(value)]));
	};
	return redact;
}

function collectForms(
	secrets: readonly unknown[],
	ofAnyLength: readonly unknown[],
	isWord: (secret: string) => boolean,
): Forms {
	const written = new Map<string, boolean>();
	const decoded = new Map<string, boolean>();
	// A form that is found anywhere for one secret is not restricted to words by another.
	const add = (to: Map<string, boolean>, text: string, word: boolean) =>
		to.set(text, word && to.get(text) !== false);
	const collect = (secret: unknown, shortest: number) => {
		if (typeof secret !== 'string') return;
		for (const spelling of new Set([secret, secret.trim()])) {
			if (spelling.trim().length < shortest || spelling.length < shortest) continue;
			const word = isWord(spelling);
			const { readable, opaque } = formsOf(spelling);
			add(written, spelling, word);
			for (const form of readable) if (form.length >= SHORTEST_SECRET) add(written, form, word);
			for (const form of opaque) {
				if (form.length < SHORTEST_SECRET) continue;
				add(written, form, word && form.length < UNMISTAKABLE_LENGTH);
			}
			for (const form of [spelling, spelling.replace(/ /g, '+')])
				add(decoded, latin1Of(form), word);
		}
	};
	for (const secret of secrets) collect(secret, SHORTEST_SECRET);
	for (const secret of ofAnyLength) collect(secret, 1);
	const asForms = (map: Map<string, boolean>) =>
		[...map].map(([text, word]) => ({ text, isWord: word }));
	return { written: asForms(written), decoded: asForms(decoded) };
}

function findForms(text: string, { written, decoded }: Forms): Span[] {
	const spans: Span[] = [];
	for (const form of written) for (const span of occurrences(text, form)) spans.push(span);
	if (decoded.length === 0) return spans;
	for (const { bytes, positions } of percentDecoded(text)) {
		for (const form of decoded) {
			for (const [start, end] of occurrences(bytes, form)) {
				spans.push([positions[start] ?? 0, positions[end] ?? text.length]);
			}
		}
	}
	return spans;
}

function* occurrences(text: string, { text: form, isWord }: Form): Generator<Span> {
	// By hand: a pattern of long secrets would be too large, and its error would quote it.
	if (form.length > text.length) return;
	const inMark = HIDDEN.indexOf(form);
	for (let start = text.indexOf(form); start !== -1; ) {
		const end = start + form.length;
		const isMark = inMark !== -1 && text.startsWith(HIDDEN, start - inMark);
		const isFound = !isMark && (!isWord || isWholeWord(text, start, end));
		if (isFound) yield [start, end];
		start = text.indexOf(form, isFound ? end : start + 1);
	}
}

const IN_WORD = /[\p{L}\p{M}\p{N}_]/u;

/** The end of an escape of JSON, such as `\n`, whose letter is not a part of the next word. */
const ESCAPED = /\\(?:[bfnrt]|u[0-9a-f]{4})$/i;

function isWholeWord(text: string, start: number, end: number): boolean {
	const joins = (left: string, right: string) => IN_WORD.test(left) && IN_WORD.test(right);
	if (joins(text[end - 1] ?? '', text[end] ?? '')) return false;
	if (!joins(text[start - 1] ?? '', text[start] ?? '')) return true;
	return ESCAPED.test(text.slice(Math.max(0, start - 6), start));
}

/** Finds the longest parts of `form` that begin with its beginning, or end with its end. */
function findRemains(text: string, form: string, spans: Span[]): void {
	const beginning = form.slice(0, TELLING_LENGTH);
	for (let start = text.indexOf(beginning); start !== -1; ) {
		let end = start + TELLING_LENGTH;
		while (end < text.length && text[end] === form[end - start]) end++;
		spans.push([start, end]);
		start = text.indexOf(beginning, end);
	}
	const ending = form.slice(-TELLING_LENGTH);
	let done = 0;
	for (let found = text.indexOf(ending); found !== -1; found = text.indexOf(ending, done)) {
		const end = found + TELLING_LENGTH;
		let start = found;
		while (start > done && text[start - 1] === form[form.length - 1 - (end - start)]) start--;
		spans.push([start, end]);
		done = end;
	}
}

/** The text with a mark for each part; parts that overlap share one. */
function mask(text: string, spans: Span[]): string {
	if (spans.length === 0) return text;
	spans.sort(([a], [b]) => a - b);
	const pieces: string[] = [];
	let done = 0;
	for (const [start, end] of spans) {
		if (pieces.length > 0 && start < done) {
			done = Math.max(done, end);
			continue;
		}
		pieces.push(text.slice(done, start));
		done = end;
	}
	return `${pieces.join(HIDDEN)}${HIDDEN}${text.slice(done)}`;
}
