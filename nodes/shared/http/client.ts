import type {
	IAllExecuteFunctions,
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	IDataObject,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';
import { cancelSignalOf, executionCancelled, pause, withCancelSignal } from '../cancellation';
import { ProviderError } from '../errors';
import { createDataRedactor, createRedactor } from '../redact';
import { Deadline } from './deadline';
import type { Progress } from './deadline';
import { connectionFailure, notAnAddress, timedOut } from './failures';
import { readAnswer, receive } from './response';
import type { Received } from './response';
import { RateLimit } from './RateLimit';
import { mayRepeat, pauseAfter, TRIES } from './retry';
import type {
	Connection,
	ConnectionOptions,
	ProviderAnswer,
	ProviderRequest,
	StreamedBody,
} from './types';

/** Milliseconds that a request may take if nobody says otherwise. */
export const DEFAULT_TIMEOUT = 30_000;
const DEFAULT_RATE_LIMIT_WAIT = 60_000;

/**
 * Connects to a provider for one execution. It reads the credential once, and returns a function that
 * sends requests through n8n's own HTTP helper. So n8n's proxy, TLS and egress settings apply, and the
 * credential authenticates the request.
 *
 * The function resolves for a readable 2xx response only, and rejects with a `ProviderError` for
 * everything else. No text in it contains a secret.
 */
export async function openConnection(
	functions: IAllExecuteFunctions,
	options: ConnectionOptions,
): Promise<Connection> {
	const { provider, credentialType, secretFields, timeout = DEFAULT_TIMEOUT } = options;
	const credentials =
		await functions.getCredentials<ICredentialDataDecryptedObject>(credentialType);
	const secrets = [
		...secretFields.map((field) => credentials[field]),
		...(options.furtherSecrets?.(credentials) ?? []),
	];
	const redact = createRedactor(secrets);
	const redactData = createDataRedactor(secrets);
	const decrypted: ICredentialsDecrypted = {
		id: '',
		name: '',
		type: credentialType,
		data: credentials,
	};
	const cancelSignal = cancelSignalOf(functions);
	const deadline = new Deadline(timeout);
	const giveUp = () => deadline.close();
	const { rateLimitWait = DEFAULT_RATE_LIMIT_WAIT } = options;
	const rateLimit = new RateLimit(rateLimitWait, cancelSignal);
	let underWay = 0;
	let hasSent = false;

	/**
	 * Gives up the work when the execution is stopped. It listens only as long as there is work, because
	 * the signal outlives this node.
	 */
	async function untilCancelled<Value>(work: () => Promise<Value>): Promise<Value> {
		if (underWay++ === 0) cancelSignal?.addEventListener('abort', giveUp);
		try {
			return await work();
		} finally {
			if (--underWay === 0) cancelSignal?.removeEventListener('abort', giveUp);
		}
	}

	/** Sends a request and receives the response, until the signal ends both. */
	async function exchange(
		request: ProviderRequest,
		body: OpenBody,
		signal: AbortSignal,
	): Promise<Received> {
		const options: IHttpRequestOptions = {
			method: request.method,
			url: request.url,
			headers: { Accept: 'application/json', ...body.headers, ...request.headers },
			qs: request.qs,
			body: body.content,
			// Ends an idle connection; the deadline ends the whole call. Only the deadline sees the
			// progress of a streamed body, which may take longer.
			timeout: isStreamed(request.body) ? 0 : timeout,
			// A redirect would carry the credential to wherever it points.
			disableFollowRedirect: true,
			sendCredentialsOnCrossOriginRedirect: false,
			// The status is judged together with the body.
			ignoreHttpStatusErrors: true,
			returnFullResponse: true,
			encoding: 'stream',
		};
		const response = (
			request.anonymous === true
				? // The plain helper takes the signal from its options.
					await functions.helpers.httpRequest({ ...options, abortSignal: signal })
				: await functions.helpers.httpRequestWithAuthentication.call(
						withCancelSignal(functions, signal),
						credentialType,
						options,
						{ credentialsDecrypted: withFields(decrypted, request.credentials) },
					)
		) as IN8nHttpFullResponse;
		return await receive(response, signal);
	}

	async function attempt(request: ProviderRequest): Promise<ProviderAnswer | ProviderError> {
		if (cancelSignal?.aborted) return executionCancelled();
		if (!isWebAddress(request.url)) return notAnAddress(provider);
		const call = { provider, request, redact, redactData };
		const progress = { at: Date.now() };
		const body = await openBody(request.body, progress);
		const ending = new AbortController();
		const exchanged = exchange(request, body, ending.signal).then(
			(received) => ({ received }),
			(error: unknown) => ({ error }),
		);
		const isInTime = await deadline.isMet(exchanged, progress);
		if (!isInTime) ending.abort();
		const broken = body.failure();
		body.close();
		if (cancelSignal?.aborted) return executionCancelled();
		const outcome = isInTime ? await exchanged : undefined;
		if (outcome !== undefined && 'received' in outcome) return readAnswer(call, outcome.received);
		if (broken !== undefined) return broken;
		return outcome === undefined ? timedOut(call, timeout) : connectionFailure(call, outcome.error);
	}

	async function repeat(request: ProviderRequest): Promise<ProviderAnswer> {
		const waited = { milliseconds: 0, pauses: 0 };
		for (let tries = 1; ; ) {
			await rateLimit.pass();
			if (request.purpose !== 'read') hasSent = true;
			const outcome = await attempt(request);
			if (!(outcome instanceof ProviderError)) return outcome;
			if (outcome.kind === 'busy') {
				rateLimit.close(outcome, pauseAfter(waited.pauses + 1), waited);
				continue;
			}
			if (tries >= TRIES || !mayRepeat(outcome, request.purpose)) throw outcome;
			await pause(pauseAfter(tries), cancelSignal);
			tries++;
		}
	}

	return {
		credentials,
		redact,
		redactData,
		request: async (request) => await untilCancelled(async () => await repeat(request)),
		hasSent: () => hasSent,
	};
}

function withFields(
	decrypted: ICredentialsDecrypted,
	fields: ICredentialDataDecryptedObject | undefined,
): ICredentialsDecrypted {
	return fields === undefined
		? decrypted
		: { ...decrypted, data: { ...decrypted.data, ...fields } };
}

interface OpenBody {
	content: IHttpRequestOptions['body'];
	headers: IDataObject;
	failure(): ProviderError | undefined;
	/** Releases what was not read. */
	close(): void;
}

async function openBody(body: ProviderRequest['body'], progress: Progress): Promise<OpenBody> {
	if (!isStreamed(body)) {
		return { content: body, headers: {}, failure: () => undefined, close: () => undefined };
	}
	body.failure = undefined;
	const content = await body.open(() => (progress.at = Date.now()));
	return {
		content: content as unknown as IHttpRequestOptions['body'],
		headers: {
			'content-type': body.contentType,
			...(body.length === undefined ? {} : { 'content-length': body.length }),
		},
		failure: () => body.failure,
		close: () => {
			if (!Buffer.isBuffer(content)) content.destroy();
			body.close?.();
		},
	};
}

function isStreamed(body: ProviderRequest['body']): body is StreamedBody {
	return typeof body?.open === 'function';
}

/** `host:8080/path` is a URL as well, with the scheme "host". */
function isWebAddress(url: string): boolean {
	try {
		return /^https?:$/.test(new URL(url).protocol);
	} catch {
		return false;
	}
}
