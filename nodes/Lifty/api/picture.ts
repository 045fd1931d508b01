import { ProviderError } from '../../shared/errors';

/** A picture, unchanged, with its type according to its bytes. */
export interface Picture {
	bytes: Buffer;
	mimeType: string;
	/** Without a dot. */
	extension: string;
}

const startsWith =
	(...signature: number[]) =>
	(bytes: Buffer) =>
		signature.every((byte, index) => bytes[index] === byte);

const text = (bytes: Buffer, start: number, end: number) => bytes.toString('latin1', start, end);

/** An SVG may start with a declaration, a document type and comments; each alternative is unambiguous. */
const SVG =
	/^\ufeff?\s*(<\?xml[^>]*>\s*|<!doctype svg[^>]*>\s*|<!--(?:(?!-->)[\s\S])*-->\s*)*<svg[\s>]/i;

const TYPES = [
	{
		mimeType: 'image/png',
		extension: 'png',
		matches: startsWith(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
	},
	{ mimeType: 'image/jpeg', extension: 'jpg', matches: startsWith(0xff, 0xd8, 0xff) },
	{
		mimeType: 'image/gif',
		extension: 'gif',
		matches: (bytes: Buffer) => /^GIF8[79]a$/.test(text(bytes, 0, 6)),
	},
	{
		mimeType: 'image/webp',
		extension: 'webp',
		matches: (bytes: Buffer) => text(bytes, 0, 4) === 'RIFF' && text(bytes, 8, 12) === 'WEBP',
	},
	{
		mimeType: 'image/svg+xml',
		extension: 'svg',
		matches: (bytes: Buffer) => SVG.test(bytes.toString('utf8', 0, 2_000)),
	},
];

/**
 * The picture in an answer. The document does not name its type, and a header may be wrong, so the
 * bytes decide.
 *
 * @throws ProviderError (`unreadable`) if it is not a picture, such as a web page with status 200
 */
export function pictureIn(bytes: Buffer): Picture {
	const type = TYPES.find(({ matches }) => matches(bytes));
	if (type === undefined) {
		const what = bytes.length === 0 ? 'nothing' : describe(bytes);
		throw new ProviderError(`Lifty answered with ${what} instead of the picture of a QR code`, {
			kind: 'unreadable',
			description:
				'Expected a PNG, JPEG, GIF, WebP or SVG picture. A proxy or a maintenance page may be answering instead.',
		});
	}
	return { bytes, mimeType: type.mimeType, extension: type.extension };
}

function describe(bytes: Buffer): string {
	const start = bytes.toString('utf8', 0, 200).trim();
	if (/^<(!doctype html|html|head|body)/i.test(start)) return 'a web page';
	return start.startsWith('{') || start.startsWith('[') ? 'JSON' : 'something else';
}
