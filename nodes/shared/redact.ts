import { createHash } from 'node:crypto';

/** Replaces every secret in a text, in whatever encoding, with a fixed mark. */
export type Redactor = (text: string) => string;

export const HIDDEN = '[hidden]';

/** A shorter "secret" is an ordinary word. Hiding it would damage every text. */
const SHORTEST_SECRET = 6;

/** This many characters from the start or the end of a secret already give it away. */
const TELLING_LENGTH = 8;

/**
 * Creates the function that every text passes through before it leaves a node.
 *
 * It finds each secret as it is, trimmed, percent-encoded (once and twice, also with `+` for spaces),
 * in base64 and base64url at any alignment, in hex, as MD5 (which some providers accept instead of
 * the password), and with the escapes of JSON, PHP's JSON and HTML. It also finds the rest of a
 * secret that a server has cut off, if at least eight characters are left.
 *
 * @param secrets values to hide; values shorter than six characters are ignored
 */
export function createRedactor(secrets: readonly unknown[]): Redactor {
	const whole = new Set<string>();
	const cut = new Set<string>();
	for (const secret of secrets) {
		if (typeof secret !== 'string') continue;
		for (const spelling of new Set([secret, secret.trim()])) {
			if (spelling.length < SHORTEST_SECRET) continue;
			for (const form of writtenForms(spelling)) {
				if (form.length < SHORTEST_SECRET) continue;
				whole.add(form);
				if (form.length >= 2 * TELLING_LENGTH) cut.add(form);
			}
		}
	}
	if (whole.size === 0) return (text) => text;

	const longestFirst = [...whole].sort((a, b) => b.length - a.length);
	const pattern = new RegExp(longestFirst.map(escapeForPattern).join('|'), 'g');
	const edges = [...cut].flatMap((form) => [
		{ form, edge: form.slice(0, TELLING_LENGTH), forward: true },
		{ form, edge: form.slice(-TELLING_LENGTH), forward: false },
	]);
	return (text) => {
		let clean = text.replace(pattern, HIDDEN);
		for (const { form, edge, forward } of edges) {
			if (clean.includes(edge)) clean = hideRemains(clean, form, edge, forward);
		}
		return clean;
	};
}

/** Hides the longest part of `form` that starts (or, going backwards, ends) at each `edge`. */
function hideRemains(text: string, form: string, edge: string, forward: boolean): string {
	// Collects pieces: to build a new text for every match would take quadratic time.
	const pieces: string[] = [];
	let done = 0;
	for (let from = text.indexOf(edge); from !== -1; from = text.indexOf(edge, done)) {
		let start = from;
		let end = from + edge.length;
		if (forward) {
			while (end < text.length && text[end] === form[end - start]) end++;
		} else {
			while (start > done && text[start - 1] === form[form.length - 1 - (end - start)]) start--;
		}
		pieces.push(text.slice(done, start), HIDDEN);
		done = end;
	}
	return pieces.join('') + text.slice(done);
}

function writtenForms(secret: string): string[] {
	const bytes = Buffer.from(secret, 'utf8');
	const percent = percentEncoded(secret);
	const json = JSON.stringify(secret).slice(1, -1);
	const ascii = json.replace(
		/[^\x20-\x7e]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
	const md5 = createHash('md5').update(bytes).digest('hex');
	return [
		secret,
		percent,
		lowerCaseEscapes(percent),
		percent.replace(/%20/g, '+'),
		new URLSearchParams([['', secret]]).toString().slice(1),
		percentEncoded(percent),
		...base64Forms(bytes),
		bytes.toString('hex'),
		bytes.toString('hex').toUpperCase(),
		md5,
		md5.toUpperCase(),
		json,
		ascii,
		ascii.replace(/\//g, '\\/'),
		json.replace(/\//g, '\\/'),
		htmlEscaped(secret, '&#39;', '&quot;'),
		htmlEscaped(secret, '&#039;', '&quot;'),
		htmlEscaped(secret, '&#x27;', '&#34;'),
		htmlEscaped(secret, "'", '"'),
	];
}

/** Like encodeURIComponent, but encodes lone surrogates instead of throwing. */
function percentEncoded(text: string): string {
	return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
}

function lowerCaseEscapes(text: string): string {
	return text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

/**
 * The base64 of a secret depends on its position in the encoded text (`user:secret`). For each of the
 * three alignments, this is the part that depends on the secret alone.
 */
function base64Forms(bytes: Buffer): string[] {
	const forms = [0, 1, 2].map((shift) => {
		const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
			.toString('base64')
			.replace(/=+$/, '');
		const first = shift === 0 ? 0 : shift + 1;
		const last = (bytes.length + shift) % 3 === 0 ? encoded.length : encoded.length - 1;
		return encoded.slice(first, last);
	});
	const whole = bytes.toString('base64').replace(/=+$/, '');
	return [whole, ...forms].flatMap((form) => [
		form,
		form.replace(/\+/g, '-').replace(/\//g, '_'),
		form.replace(/\//g, '\\/'),
		encodeURIComponent(form),
	]);
}

function htmlEscaped(text: string, apostrophe: string, quote: string): string {
	return text
		.replace(/&/g, '&amp;')
		.replace(/</g, '&lt;')
		.replace(/>/g, '&gt;')
		.replace(/'/g, apostrophe)
		.replace(/"/g, quote);
}

function escapeForPattern(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
