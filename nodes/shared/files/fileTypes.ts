/** What is known of nothing else. */
export const UNKNOWN_TYPE = 'application/octet-stream';

/** The usual types of files in conversations; of several extensions, the first is the usual one. */
const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
	'application/gzip': ['gz'],
	'application/json': ['json'],
	'application/msword': ['doc'],
	'application/pdf': ['pdf'],
	'application/rtf': ['rtf'],
	'application/vnd.ms-excel': ['xls'],
	'application/vnd.ms-powerpoint': ['ppt'],
	'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['pptx'],
	'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx'],
	'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
	'application/xml': ['xml'],
	'application/zip': ['zip'],
	'audio/aac': ['aac'],
	'audio/amr': ['amr'],
	'audio/mp4': ['m4a'],
	'audio/mpeg': ['mp3'],
	'audio/ogg': ['ogg', 'oga', 'opus'],
	'audio/wav': ['wav'],
	'image/bmp': ['bmp'],
	'image/gif': ['gif'],
	'image/heic': ['heic'],
	'image/jpeg': ['jpg', 'jpeg'],
	'image/png': ['png'],
	'image/svg+xml': ['svg'],
	'image/tiff': ['tif', 'tiff'],
	'image/webp': ['webp'],
	'text/calendar': ['ics'],
	'text/csv': ['csv'],
	'text/html': ['html', 'htm'],
	'text/markdown': ['md'],
	'text/plain': ['txt'],
	'text/vcard': ['vcf'],
	'video/3gpp': ['3gp'],
	'video/mp4': ['mp4'],
	'video/quicktime': ['mov'],
	'video/webm': ['webm'],
};

const TYPES: ReadonlyMap<string, string> = new Map(
	Object.entries(EXTENSIONS).flatMap(([type, extensions]) =>
		extensions.map((extension) => [extension, type] as const),
	),
);

/** `image/jpeg` of `Image/JPEG; q=1`; empty for what is no MIME type. */
export function plainType(mimeType: string): string {
	return /^\s*([\w.+-]+\/[\w.+-]+)\s*(?:;|$)/.exec(mimeType)?.[1]?.toLowerCase() ?? '';
}

/** The usual extension of files of this type, without a dot; undefined if there is none. */
export function extensionFor(mimeType: string): string | undefined {
	const type = plainType(mimeType);
	if (Object.hasOwn(EXTENSIONS, type)) return EXTENSIONS[type]?.[0];
	// The rest of the media types are named after their extension: `image/x-icon`, `audio/x-flac`.
	return /^(?:audio|image|video|font)\/(?:x-)?([a-z0-9]{2,5})$/.exec(type)?.[1];
}

/** The type that the extension of a file's name stands for; undefined for an unusual one. */
export function typeFor(fileName: string): string | undefined {
	return TYPES.get(/\.([^./\\]+)$/.exec(fileName.trim())?.[1]?.toLowerCase() ?? '');
}

/** What a browser would run or follow: a file of these types is never called by its type. */
const ACTIVE_TYPE =
	/(?:^text\/(?:html|xml|xsl|javascript)|[/+]xml|[/.]xhtml\S*|javascript|ecmascript)$/;
const ACTIVE_START = /^(?:<!--[^]*?-->\s*)*<(?:[!?]|[a-z])/i;

const SIGNATURES: ReadonlyArray<readonly [type: string, start: RegExp]> = [
	['image/png', /^\x89PNG\r\n/],
	['image/jpeg', /^\xff\xd8\xff/],
	['image/gif', /^GIF8[79]a/],
	['image/webp', /^RIFF[^]{4}WEBP/],
	['application/pdf', /^%PDF-/],
	['audio/ogg', /^OggS/],
	['audio/amr', /^#!AMR/],
	['audio/wav', /^RIFF[^]{4}WAVE/],
	['audio/mpeg', /^(?:ID3|\xff[\xf2\xf3\xfb])/],
	['audio/mp4', /^[^]{4}ftypM4A/],
	['video/quicktime', /^[^]{4}ftypqt/],
	['video/3gpp', /^[^]{4}ftyp3gp/],
	['video/mp4', /^[^]{4}ftyp/],
	['video/webm', /^[^]E\xdf\xa3/],
];

/** Bytes of a file that show its type. */
export const TELLING_BYTES = 1_000;

/**
 * The type of a file from somebody else's server: by its header, unless that says nothing or the first
 * bytes are those of something else. Pages, vector pictures and other XML, which a browser would run,
 * are plain bytes, whatever they call themselves.
 *
 * @param header the Content-Type
 * @param start the first bytes
 * @param names what the file may be called
 */
export function receivedType(header: unknown, start: Uint8Array, names: readonly string[]): string {
	const said = plainType(typeof header === 'string' ? header : '');
	const bytes = Buffer.from(start.subarray(0, TELLING_BYTES));
	const text = bytes.toString('latin1');
	const found = SIGNATURES.find(([, signature]) => signature.test(text))?.[0];
	if (ACTIVE_TYPE.test(said)) return UNKNOWN_TYPE;
	if (found === undefined && ACTIVE_START.test(plainText(bytes))) return UNKNOWN_TYPE;
	const saysNothing = said === '' || /\/(?:octet-stream|x-download|force-download|\*)$/.test(said);
	const isOther = found !== undefined && familyOf(found) !== familyOf(said);
	if (!saysNothing && (!isOther || isContainer(said, found))) return said;
	const byName = names.map(typeFor).find((type) => type !== undefined);
	const type = found ?? byName;
	return type === undefined || ACTIVE_TYPE.test(type) ? UNKNOWN_TYPE : type;
}

function familyOf(type: string): string {
	return type.split('/')[0] ?? '';
}

/** OGG and MP4 hold sound or pictures, and only the header says which. */
function isContainer(said: string, found: string | undefined): boolean {
	const holdsEither = ['audio/ogg', 'audio/mp4', 'video/mp4', 'video/webm', 'video/3gpp'];
	return holdsEither.includes(found ?? '') && /^(?:audio|video)$/.test(familyOf(said));
}

/** The start of a text, in whichever of the usual encodings. */
function plainText(bytes: Buffer): string {
	const isUtf16 =
		(bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
	const text = isUtf16 ? bytes.toString('latin1', 2).replace(/\0/g, '') : bytes.toString('utf8');
	return text.replace(/^[\ufeff\s\0]+/, '');
}
