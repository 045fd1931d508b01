import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	IHttpRequestMethods,
} from 'n8n-workflow';
import type { ProviderError } from '../errors';
import type { Redactor } from '../redact';
import type { JsonValue } from '../json';

/** A stream of bytes as n8n hands it out, such as a file. */
export type ByteSource = Awaited<ReturnType<IExecuteFunctions['helpers']['getBinaryStream']>>;

/** A body that is read while it is sent, so that a large file never stands in memory as a whole. */
export interface StreamedBody {
	contentType: string;
	/** How many bytes there will be, where that is known. */
	length?: number;
	/**
	 * Opens the bytes, anew for each attempt.
	 *
	 * @param onBytes to be called whenever some have been read; the time limit counts from the last
	 */
	open(onBytes: () => void): Promise<ByteSource | Buffer>;
	/**
	 * Why the bytes could not be read to their end, once that has happened. The request is then left
	 * incomplete, and this is the error of the call.
	 */
	failure?: ProviderError;
	/** Lets go of what the bytes come from, read or not; called when the attempt is over. */
	close?(): void;
}

/** One call to a provider, in HTTP's terms. Credentials are added by the credential itself. */
export interface ProviderRequest {
	method: IHttpRequestMethods;
	url: string;
	qs?: IDataObject;
	headers?: IDataObject;
	body?: IDataObject | StreamedBody;
	/**
	 * `read` may be repeated without harm and is, on network errors, 429 and 5xx.
	 * `send` changes something for somebody (a message, a state) and leaves us at most once.
	 */
	purpose: 'read' | 'send';
	/**
	 * What a successful answer looks like: `json` where the provider's document shows JSON,
	 * `unknown` where it shows nothing, so that short plain text passes as well, `optional` where
	 * its status alone counts, so that no body passes as well, and `bytes` for a file.
	 */
	answer?: 'json' | 'unknown' | 'optional' | 'bytes';
	/** Leaves the credential out: for addresses that the provider hands over, which may be anybody's. */
	anonymous?: boolean;
	/**
	 * Fields of the credential that differ for this request, as a session that n8n is to store: n8n's
	 * `preAuthentication` and the credential's `authenticate` see them.
	 */
	credentials?: ICredentialDataDecryptedObject;
}

/** A successful answer: its status, its lower-case headers, and its body read as JSON or text. */
export interface ProviderAnswer {
	status: number;
	headers: Record<string, unknown>;
	body: JsonValue;
	/** The body as it came, where `bytes` were asked for; `body` is then empty. */
	bytes?: Buffer;
}

/** What a failure has to know of the request that it belongs to. */
export interface Call {
	provider: string;
	request: ProviderRequest;
	redact: Redactor;
}

export type Request = (request: ProviderRequest) => Promise<ProviderAnswer>;

export interface ConnectionOptions {
	/** The provider's name as users know it; error sentences begin with it. */
	provider: string;
	credentialType: string;
	/** Names of the credential's fields that no text may show. */
	secretFields: readonly string[];
	/** What else no text may show: forms of a secret that open the door as well, such as its hash. */
	furtherSecrets?(credentials: ICredentialDataDecryptedObject): readonly string[];
	/** Milliseconds that one call may take, from its start to the last byte of its answer. */
	timeout?: number;
}

/** Everything an Api class and the item loop need to talk to one provider in one execution. */
export interface Connection {
	credentials: ICredentialDataDecryptedObject;
	request: Request;
	redact: Redactor;
}
