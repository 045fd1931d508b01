import { randomBytes } from 'node:crypto';
import { ProviderError } from '../../shared/errors';
import type { ByteSource, StreamedBody } from '../../shared/http/types';

/** A file that is to be sent. */
export interface UploadFile {
	name: string;
	mimeType: string;
	/** Bytes. A stream that turns out longer or shorter is a failure. */
	size: number;
	/** The bytes, anew at every call: a stream where n8n has the file outside memory. */
	open(): Promise<ByteSource | Buffer>;
}

/** Voxfree's form: text fields in their order, and the file under its own name. */
export interface UploadForm {
	fields: ReadonlyArray<readonly [name: string, value: string]>;
	fileField: string;
	file: UploadFile;
}

/**
 * A form as `multipart/form-data` (RFC 7578), its file read while it is sent.
 *
 * When the file cannot be read to its end, or is not as long as it was said to be, the request breaks
 * off before the form is complete, so the receiver cannot take it for one.
 */
export function multipartBody({ fields, fileField, file }: UploadForm): StreamedBody {
	const boundary = `----n8n${randomBytes(16).toString('hex')}`;
	const head = Buffer.from(
		[
			...fields.map(
				([name, value]) =>
					`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
			),
			`--${boundary}\r\nContent-Disposition: form-data; name="${fileField}"; filename="${quotable(file.name)}"\r\n`,
			`Content-Type: ${headerText(file.mimeType) || 'application/octet-stream'}\r\n\r\n`,
		].join(''),
	);
	const tail = Buffer.from(`\r\n--${boundary}--\r\n`);

	const body: StreamedBody = {
		contentType: `multipart/form-data; boundary=${boundary}`,
		length: head.length + file.size + tail.length,
		async open(onBytes) {
			const content = await file.open();
			if (Buffer.isBuffer(content)) return Buffer.concat([head, content, tail]);
			// Heard here, because the stream below may be taken down before it hears of it.
			content.once('error', (error: Error) => {
				if (!LET_GO.has((error as { code?: string }).code ?? '')) {
					body.failure ??= brokenFile(file, error.message);
				}
			});
			const whole = async function* (source: AsyncIterable<Uint8Array>) {
				yield head;
				let sent = 0;
				for await (const chunk of source) {
					sent += chunk.length;
					if (sent > file.size) break;
					onBytes();
					yield chunk;
				}
				if (sent !== file.size) {
					body.failure = brokenFile(
						file,
						`it has ${sent > file.size ? 'more' : 'fewer'} bytes than the ${file.size} that n8n knows of`,
					);
					throw body.failure;
				}
				yield tail;
			};
			const composed = content.compose(whole as never) as unknown as ByteSource;
			// A failure is reported by whoever sends; without a listener it would end the process.
			composed.on('error', () => undefined);
			// A source that has fallen silent would otherwise stay open until it says something.
			body.close = () => void content.destroy();
			return composed;
		},
	};
	return body;
}

/** What a stream says that has been destroyed because the connection is gone. */
const LET_GO = new Set(['ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE']);

function brokenFile(file: UploadFile, reason: string): ProviderError {
	return new ProviderError(`The file '${file.name}' could not be read to its end`, {
		kind: 'invalid',
		description: `The request was left incomplete, so nothing counts as sent.${reason === '' ? '' : ` Reason: ${reason}.`} Run the workflow again from where the file comes from.`,
	});
}

/**
 * A file name inside quotes. PHP, which receives it, takes a backslash before a quote for an escape,
 * and everything up to a slash for a folder; all other characters go through as UTF-8.
 */
function quotable(name: string): string {
	return headerText(name).replace(/[/\\]/g, '_').replace(/"/g, '\\"');
}

/** A text that cannot end its header line. */
function headerText(text: string): string {
	return text.replace(/[\r\n]+/g, ' ').replace(/\p{Cc}/gu, '');
}
