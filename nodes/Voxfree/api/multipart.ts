import { randomBytes } from 'node:crypto';
import { ProviderError } from '../../shared/errors';
import type { UploadFile } from '../../shared/files/UploadFile';
import type { ByteSource, StreamedBody } from '../../shared/http/types';

/** Voxfree's form: text fields in order, then the file. */
interface UploadForm {
	fields: ReadonlyArray<readonly [name: string, value: string]>;
	fileField: string;
	file: UploadFile;
}

/**
 * A form as `multipart/form-data` (RFC 7578). The file is read while it is sent.
 *
 * If the file cannot be read to its end, or does not have the announced size, the request ends before
 * the form is complete, so that the receiver discards it.
 */
export function multipartBody({ fields, fileField, file }: UploadForm): StreamedBody {
	const boundary = `----n8n${randomBytes(16).toString('hex')}`;
	const head = Buffer.from(
		[
			...fields.map(
				([name, value]) =>
					`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
			),
			`--${boundary}\r\nContent-Disposition: form-data; name="${fileField}"; filename="${fileNameParameter(file.name)}"\r\n`,
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
			// The composed stream below may be destroyed before this error reaches it.
			content.once('error', (error: Error) => {
				if (!TEARDOWN_ERRORS.has((error as { code?: string }).code ?? '')) {
					body.failure ??= incompleteFile(file, error.message);
				}
			});
			const form = async function* (source: AsyncIterable<Uint8Array>) {
				yield head;
				let sent = 0;
				for await (const chunk of source) {
					sent += chunk.length;
					if (sent > file.size) break;
					onBytes();
					yield chunk;
				}
				if (sent !== file.size) {
					body.failure = incompleteFile(
						file,
						`it has ${sent > file.size ? 'more' : 'fewer'} bytes than the ${file.size} that n8n has recorded`,
					);
					throw body.failure;
				}
				yield tail;
			};
			const composed = content.compose(form as never) as unknown as ByteSource;
			// The sender reports the error. Without a listener, it would end the process.
			composed.on('error', () => undefined);
			// A silent source would otherwise stay open until its next chunk.
			body.close = () => void content.destroy();
			return composed;
		},
	};
	return body;
}

/** Errors of a stream that was destroyed because the connection ended. */
const TEARDOWN_ERRORS = new Set(['ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE']);

function incompleteFile(file: UploadFile, reason: string): ProviderError {
	return new ProviderError(`The file '${file.name}' could not be read to its end`, {
		kind: 'invalid',
		description: `The request was left incomplete, so no message was sent.${reason === '' ? '' : ` Reason: ${reason}.`} Run the workflow again from the node that loads the file.`,
	});
}

/**
 * A file name for a quoted header parameter. PHP on the other side reads a backslash before a quote as
 * an escape and drops everything up to a slash. All other characters pass as UTF-8.
 */
function fileNameParameter(name: string): string {
	return headerText(name).replace(/[/\\]/g, '_').replace(/"/g, '\\"');
}

/** A text without characters that end a header line. */
function headerText(text: string): string {
	return text.replace(/[\r\n]+/g, ' ').replace(/\p{Cc}/gu, '');
}
