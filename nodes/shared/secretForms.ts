import { createHash } from 'node:crypto';

/** How a secret may be written in a text. */
export interface SecretForms {
	/** A reader recognises the secret in it: as it is, escaped or percent-encoded. */
	readable: string[];
	/** Base64, hex and hashes. */
	opaque: string[];
}

export function formsOf(secret: string): SecretForms {
	const bytes = Buffer.from(secret, 'utf8');
	const percent = percentEncoded(secret);
	const json = JSON.stringify(secret).slice(1, -1);
	const ascii = json.replace(
		/[^\x20-\x7e]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
	const md5 = createHash('md5').update(bytes).digest('hex');
	return {
		readable: [
			secret,
			percent,
			lowerCaseEscapes(percent),
			percent.replace(/%20/g, '+'),
			new URLSearchParams([['', secret]]).toString().slice(1),
			percentEncoded(percent),
			json,
			ascii,
			ascii.replace(/\//g, '\\/'),
			json.replace(/\//g, '\\/'),
			htmlEscaped(secret, '&#39;', '&quot;'),
			htmlEscaped(secret, '&#039;', '&quot;'),
			htmlEscaped(secret, '&#x27;', '&#34;'),
			htmlEscaped(secret, "'", '"'),
		],
		opaque: [
			...base64Forms(bytes),
			bytes.toString('hex'),
			bytes.toString('hex').toUpperCase(),
			md5,
			md5.toUpperCase(),
		],
	};
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

/** A text after percent-decoding, as bytes in latin1, and where each of them stood before. */
export interface DecodedText {
	bytes: string;
	/** One more than there are bytes: the last is the length of the original. */
	positions: number[];
}

const ESCAPE = /%[0-9a-f]{2}/i;

/** Encoded again by each proxy that a URL passes. */
const DEEPEST_ENCODING = 3;

/**
 * The texts that come out when a text is percent-decoded, once and again. Only so is a secret found
 * of which just some characters are encoded.
 */
export function percentDecoded(text: string): DecodedText[] {
	const texts: DecodedText[] = [];
	if (!ESCAPE.test(text)) return texts;
	let current = asBytes(text);
	while (texts.length < DEEPEST_ENCODING && ESCAPE.test(current.bytes)) {
		current = decodeOnce(current);
		texts.push(current);
	}
	return texts;
}

function asBytes(text: string): DecodedText {
	const bytes: string[] = [];
	const positions: number[] = [];
	let at = 0;
	for (const character of text) {
		for (const byte of latin1Of(character)) {
			bytes.push(byte);
			positions.push(at);
		}
		at += character.length;
	}
	positions.push(text.length);
	return { bytes: bytes.join(''), positions };
}

function decodeOnce({ bytes, positions }: DecodedText): DecodedText {
	const decoded: string[] = [];
	const kept: number[] = [];
	for (let at = 0; at < bytes.length; ) {
		kept.push(positions[at] ?? 0);
		const escape = bytes[at] === '%' && /^%[0-9a-f]{2}$/i.test(bytes.slice(at, at + 3));
		decoded.push(
			escape ? String.fromCharCode(parseInt(bytes.slice(at + 1, at + 3), 16)) : (bytes[at] ?? ''),
		);
		at += escape ? 3 : 1;
	}
	kept.push(positions[bytes.length] ?? 0);
	return { bytes: decoded.join(''), positions: kept };
}

/** The UTF-8 bytes of a text, one character each. */
export function latin1Of(text: string): string {
	return Buffer.from(text, 'utf8').toString('latin1');
}
