import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A file that arrived, without its bytes. */
export interface ReceivedFile {
	name: string;
	/** As the sender declared it. */
	mimeType: string;
	/** Bytes. */
	size: number;
	/** SHA-256 of the bytes, lower-case hex. */
	sha256: string;
	/** The header as it came, for those who look at how a name was written. */
	disposition: string;
}

export interface Upload {
	fields: Record<string, string>;
	/** By the name of their form fields. */
	files: Record<string, ReceivedFile>;
}

const HEADER_LIMIT = 16 * 1024;
const FIELD_LIMIT = 1024 * 1024;

/**
 * Reads multipart/form-data as it comes in; of files, only hash and size are kept. `onProgress` is
 * told the bytes read so far. Throws when the body is no multipart, or ends before its closing
 * boundary. Written by hand: the parsers of Express collect or write to disk.
 */
export async function readUpload(
	request: IncomingMessage,
	onProgress: (bytes: number) => void = () => {},
): Promise<Upload> {
	const type = request.headers['content-type'] ?? '';
	const boundary = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type);
	if (!boundary) throw new Error('The Content-Type must be multipart/form-data with a boundary');
	const delimiter = Buffer.from(`\r\n--${boundary[1] ?? boundary[2]}`);
	const upload: Upload = { fields: {}, files: {} };
	// The first delimiter may stand at the very beginning, without a line break before it.
	let pending: Buffer = Buffer.from('\r\n');
	let part: Part | undefined;
	let state = 'content' as 'content' | 'after delimiter' | 'headers' | 'over';
	let read = 0;

	/** One step; false when more bytes are needed. */
	const step = (): boolean => {
		if (state === 'content') {
			const end = pending.indexOf(delimiter);
			const safe = end >= 0 ? end : pending.length - delimiter.length + 1;
			if (safe > 0) {
				part?.take(pending.subarray(0, safe));
				pending = pending.subarray(safe);
			}
			if (end < 0) return false;
			part?.finish(upload);
			part = undefined;
			pending = pending.subarray(delimiter.length);
			state = 'after delimiter';
			return true;
		}
		if (state === 'after delimiter') {
			if (pending.length < 2) return false;
			state = pending.subarray(0, 2).toString() === '--' ? 'over' : 'headers';
			return true;
		}
		if (state === 'headers') {
			const end = pending.indexOf('\r\n\r\n');
			if (end < 0) {
				if (pending.length > HEADER_LIMIT) throw new Error('The header of a part is too long');
				return false;
			}
			part = new Part(pending.subarray(0, end).toString('utf8'));
			// The line break stays: an empty part is followed by its delimiter at once.
			pending = pending.subarray(end + 4);
			state = 'content';
			return true;
		}
		return false;
	};

	for await (const chunk of request as AsyncIterable<Buffer>) {
		read += chunk.length;
		onProgress(read);
		if (state === 'over') continue;
		pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
		while (step());
	}
	if (state !== 'over') throw new Error('The form ended before its closing boundary');
	return upload;
}

class Part {
	private readonly name: string;
	private readonly fileName: string | undefined;
	private readonly mimeType: string;
	private readonly disposition: string;
	private readonly hash = createHash('sha256');
	private readonly text: Buffer[] = [];
	private size = 0;

	constructor(header: string) {
		const lines = header.split('\r\n');
		const value = (name: string) =>
			lines
				.find((line) => line.toLowerCase().startsWith(`${name}:`))
				?.slice(name.length + 1)
				.trim() ?? '';
		this.disposition = value('content-disposition');
		this.mimeType = value('content-type') || 'application/octet-stream';
		this.name = quoted(this.disposition, 'name') ?? '';
		this.fileName = quoted(this.disposition, 'filename');
	}

	take(bytes: Buffer) {
		this.size += bytes.length;
		if (this.fileName !== undefined) {
			this.hash.update(bytes);
			return;
		}
		if (this.size > FIELD_LIMIT) throw new Error(`The field "${this.name}" is too long`);
		this.text.push(Buffer.from(bytes));
	}

	finish({ fields, files }: Upload) {
		if (this.fileName === undefined) {
			fields[this.name] = Buffer.concat(this.text).toString('utf8');
			return;
		}
		files[this.name] = {
			name: this.fileName,
			mimeType: this.mimeType,
			size: this.size,
			sha256: this.hash.digest('hex'),
			disposition: this.disposition,
		};
	}
}

/**
 * A parameter in quotes. Quotes within it come as `\"` (what PHP reads) or as `%22` (what browsers
 * write); both are understood.
 */
function quoted(disposition: string, name: string): string | undefined {
	const found = new RegExp(`[;\\s]${name}="((?:\\\\.|[^"\\\\])*)"`, 'i').exec(disposition);
	return found?.[1]
		?.replace(/\\(["\\])/g, '$1')
		.replace(/%22/g, '"')
		.replace(/%0D/gi, '\r')
		.replace(/%0A/gi, '\n');
}
