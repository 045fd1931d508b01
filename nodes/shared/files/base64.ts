/** Text in Base64, of which everything is known but its bytes. */
export interface Base64Text {
	/** How many bytes it stands for. */
	size: number;
	/** The MIME type of its `data:` prefix, if it has one. */
	mimeType?: string;
	decode(): Buffer;
}

const DATA_URL = /^\s*data:([^,]{0,200}),/i;

/**
 * Reads Base64 as people and programs write it: wrapped over lines, with a `data:` prefix, with the
 * URL-safe characters, without padding. It is not decoded until it is needed.
 *
 * @returns undefined if it is something else
 */
export function readBase64(text: string): Base64Text | undefined {
	const prefix = DATA_URL.exec(text);
	const parts = prefix?.[1]?.split(';').map((part) => part.trim()) ?? [];
	if (prefix !== null && parts.at(-1)?.toLowerCase() !== 'base64') return undefined;
	const written = prefix === null ? text : unescaped(text.slice(prefix[0].length));
	// One character at a time: a pattern for the whole would keep its place for each of millions.
	if (written === undefined || /[^A-Za-z0-9+/_=\s-]/.test(written)) return undefined;
	const digits = /[\s=]/.test(written) ? withoutPadding(written.replace(/\s+/g, '')) : written;
	if (digits === undefined || digits.length % 4 === 1) return undefined;
	return {
		size: Math.floor((digits.length * 3) / 4),
		...(prefix === null ? {} : { mimeType: parts.slice(0, -1).join(';') }),
		decode: () => Buffer.from(digits, 'base64'),
	};
}

/** In a URL, `+`, `/` and `=` may be written as `%2B` and so on. */
function unescaped(text: string): string | undefined {
	if (!text.includes('%')) return text;
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
}

/** @returns undefined if padding stands anywhere but at the end, or is too long */
function withoutPadding(text: string): string | undefined {
	const start = text.indexOf('=');
	if (start === -1) return text;
	return text.length - start <= 2 && /^=+$/.test(text.slice(start))
		? text.slice(0, start)
		: undefined;
}
