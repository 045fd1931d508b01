import { extensionFor } from './fileTypes';

/** Characters of a name; file systems take 255 bytes. */
const LONGEST_NAME = 120;

/**
 * A name without what leads elsewhere or hides something: folders, control and invisible characters,
 * characters that a file system refuses, and dots and spaces at its ends.
 *
 * @returns an empty text if nothing is left
 */
function cleanFileName(name: string): string {
	const last = name
		.slice(0, 4_000)
		.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, '')
		.split(/[/\\]/)
		.at(-1);
	const plain = (last ?? '').replace(/[<>:"|?*]/g, '_').replace(/^[\s.]+|[\s.]+$/g, '');
	if (plain.length <= LONGEST_NAME) return plain;
	const extension = /\.[\w-]{1,10}$/.exec(plain)?.[0] ?? '';
	return (
		Array.from(plain.slice(0, LONGEST_NAME - extension.length))
			.join('')
			.trim() + extension
	);
}

/** The first of these names that is one, with an extension after the type if it has none. */
export function fileNameFrom(names: readonly string[], mimeType: string): string {
	const name = names.map(cleanFileName).find((each) => each !== '') ?? 'file';
	if (/\.[\w-]{1,10}$/.test(name)) return name;
	return `${name}.${extensionFor(mimeType) ?? 'bin'}`;
}

/** The name at the end of a URL's path; empty if there is none. */
export function nameInUrl({ pathname }: URL): string {
	return percentDecoded(pathname.split('/').at(-1) ?? '');
}

/** RFC 5987: a charset, a language, and the value in percent-encoding. */
const EXTENDED = /;\s*filename\*\s*=\s*"?([\w-]*)'[^']*'([^;"]*)/i;
const PLAIN = /;\s*filename\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;]*))/i;

/** The name in a Content-Disposition header (RFC 6266); empty if there is none. */
export function nameInDisposition(header: unknown): string {
	if (typeof header !== 'string') return '';
	const disposition = `;${header.slice(0, 8_000)}`;
	const [, charset = '', encoded = ''] = EXTENDED.exec(disposition) ?? [];
	if (encoded !== '') return decoded(encoded.trim(), charset);
	const [, quoted, token = ''] = PLAIN.exec(disposition) ?? [];
	return asUtf8(quoted === undefined ? token.trim() : quoted.replace(/\\(.)/g, '$1'));
}

function decoded(text: string, charset: string): string {
	if (!/^(iso-8859-1|latin1|windows-1252)$/i.test(charset)) return percentDecoded(text);
	return text.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) =>
		String.fromCharCode(Number.parseInt(hex, 16)),
	);
}

function percentDecoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** Servers write UTF-8 into headers, of which each byte arrives as a character. */
function asUtf8(text: string): string {
	if (!/[\u0080-\u00ff]/.test(text) || /[^\0-\u00ff]/.test(text)) return text;
	const read = Buffer.from(text, 'latin1').toString('utf8');
	return read.includes('\ufffd') ? text : read;
}
