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
