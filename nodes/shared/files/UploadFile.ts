import type { ByteSource } from '../http/types';

/** A file to send. */
export interface UploadFile {
	name: string;
	mimeType: string;
	/** In bytes. A longer or shorter stream is an error. */
	size: number;
	/** Opens the content from its start: a stream if n8n keeps the file outside of memory. */
	open(): Promise<ByteSource | Buffer>;
}
