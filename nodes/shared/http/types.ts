import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	IHttpRequestMethods,
} from 'n8n-workflow';
import type { ProviderError } from '../errors';
import type { DataRedactor, Redactor } from '../redact';
import type { JsonValue } from '../json';

/** A stream of bytes from n8n, such as a file. */
export type ByteSource = Awaited<ReturnType<IExecuteFunctions['helpers']['getBinaryStream']>>;

/** A body that is read while it is sent, so that a large file is never in memory as a whole. */
export interface StreamedBody {
	contentType: string;
	/** The number of bytes, if known. */
	length?: number;
	/**
	 * Opens the bytes, again for each attempt.
	 *
	 * @param onBytes to be called whenever some have been read; the time limit starts again with them
	 */
	open(onBytes: () => void): Promise<ByteSource | Buffer>;
	/**
	 * Why reading the bytes has failed, once it has. The request is then left incomplete, and this is
	 * the error of the call.
	 */
	failure?: ProviderError;
	/** Releases the source of the bytes; called when the attempt is over. */
	close?(): void;
}

/** One request to a provider, in HTTP's terms. The credential authenticates it. */
export interface ProviderRequest {
	method: IHttpRequestMethods;
	url: string;
	qs?: IDataObject;
	headers?: IDataObject;
	body?: IDataObject | StreamedBody;
	/**
	 * `read` is safe to repeat, and is repeated after network errors and 5xx. `send` (a message) and
	 * `change` (anything else that changes something) are carried out at most once: they are repeated
	 * only if the provider certainly has done nothing.
	 */
	purpose: 'change' | 'read' | 'send';
	/**
	 * What a successful response looks like: `json` if the provider's document shows JSON; `unknown` if
	 * it shows nothing, so plain text is accepted as well; `optional` if the status alone counts, so
	 * no body is accepted as well; `texts` if several JSON texts may stand one after the other, which are
	 * read as a list; `bytes` for a file.
	 */
	answer?: 'json' | 'unknown' | 'optional' | 'texts' | 'bytes';
	/**
	 * Leaves secrets in the response's body, for links that work only with them. Nothing of it may leave
	 * the node before it has been redacted.
	 */
	unredacted?: boolean;
	/** Leaves the credential out, for links that the provider returns, which may lead anywhere. */
	anonymous?: boolean;
	/**
	 * Fields of the credential that differ for this request, such as a session for n8n to store. n8n's
	 * `preAuthentication` and the credential's `authenticate` see them.
	 */
	credentials?: ICredentialDataDecryptedObject;
}

/** A successful response: status, headers with lowercase names, and the body read as JSON or text. */
export interface ProviderAnswer {
	status: number;
	headers: Record<string, unknown>;
	body: JsonValue;
	/** The body as received, if `bytes` were requested. `body` is empty then. */
	bytes?: Buffer;
}

/** The request that a failure belongs to. */
export interface Call {
	provider: string;
	request: ProviderRequest;
	/** For sentences about the call. */
	redact: Redactor;
	/** For the data that it returns. */
	redactData: DataRedactor;
}

export type Request = (request: ProviderRequest) => Promise<ProviderAnswer>;

/** What the user may set for the requests of a node. */
export interface RequestLimits {
	/** Milliseconds that a request may take, until the last byte of the response. Default: 30 seconds. */
	timeout?: number;
	/**
	 * Milliseconds that a request may wait in all because the provider asks to come back later. Default:
	 * 60 seconds.
	 */
	rateLimitWait?: number;
}

export interface ConnectionOptions extends RequestLimits {
	/** The provider's name as users know it. Error messages start with it. */
	provider: string;
	credentialType: string;
	/** Names of the credential's fields that hold secrets. */
	secretFields: readonly string[];
	/** Other forms of a secret that give access as well, such as its hash. */
	furtherSecrets?(credentials: ICredentialDataDecryptedObject): readonly string[];
}

/** What an Api class and the item loop need for one provider in one execution. */
export interface Connection {
	credentials: ICredentialDataDecryptedObject;
	request: Request;
	/** For errors and the log. */
	redact: Redactor;
	/** For data. `request` has applied it to the bodies that it returns. */
	redactData: DataRedactor;
	/** Whether a request was made that may have changed something. */
	hasSent: () => boolean;
}
