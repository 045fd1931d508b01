import { sleep } from 'n8n-workflow';
import type {
	IAllExecuteFunctions,
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	IDataObject,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';
import { createRedactor } from '../redact';
import { ProviderError } from '../errors';
import { createTimeLimits } from './deadline';
import type { Progress } from './deadline';
import { connectionFailure, executionStopped, notAnAddress, ranOutOfTime } from './failures';
import { readAnswer, receive } from './response';
import type { Received } from './response';
import { mayRepeat, pauseAfter, TRIES } from './retry';
import type {
	Connection,
	ConnectionOptions,
	ProviderAnswer,
	ProviderRequest,
	StreamedBody,
} from './types';

export const DEFAULT_TIMEOUT = 30_000;

/**
 * Opens the way to a provider for one execution: reads the credential once, and returns a request
 * function that goes through n8n's own HTTP helper, so that n8n's proxy, TLS and egress settings
 * apply and the credential authenticates the request.
 *
 * The request function resolves only for a readable 2xx answer, and rejects with a `ProviderError`
 * for everything else. Its texts hold no secret.
 */
export async function openConnection(
	functions: IAllExecuteFunctions,
	options: ConnectionOptions,
): Promise<Connection> {
	const { provider, credentialType, secretFields, timeout = DEFAULT_TIMEOUT } = options;
	const credentials =
		await functions.getCredentials<ICredentialDataDecryptedObject>(credentialType);
	const redact = createRedactor([
		...secretFields.map((field) => credentials[field]),
		...(options.furtherSecrets?.(credentials) ?? []),
	]);
	const decrypted: ICredentialsDecrypted = {
		id: '',
		name: '',
		type: credentialType,
		data: credentials,
	};
	const stopped = stopSignalOf(functions);
	const timeLimits = createTimeLimits(timeout, stopped);

	async function attempt(request: ProviderRequest): Promise<ProviderAnswer | ProviderError> {
		if (stopped?.aborted) return executionStopped();
		if (!isWebAddress(request.url)) return notAnAddress(provider);
		const progress = { at: Date.now() };
		const body = await openBody(request.body, progress);
		const httpOptions: IHttpRequestOptions = {
			method: request.method,
			url: request.url,
			headers: { Accept: 'application/json', ...body.headers, ...request.headers },
			qs: request.qs,
			body: body.content,
			// Inactivity ends the connection; the deadline below ends the whole call. It alone knows of a
			// streamed body, which may go on for longer.
			timeout: isStreamed(request.body) ? 0 : timeout,
			// A redirect would carry the credential to wherever it points.
			disableFollowRedirect: true,
			sendCredentialsOnCrossOriginRedirect: false,
			// Every status is judged here, together with the body.
			ignoreHttpStatusErrors: true,
			returnFullResponse: true,
			encoding: 'stream',
		};
		const exchange = async (deadline: AbortSignal): Promise<Received> => {
			const response = (
				request.anonymous === true
					? // The plain helper takes the signal from its options.
						await functions.helpers.httpRequest({ ...httpOptions, abortSignal: deadline })
					: await functions.helpers.httpRequestWithAuthentication.call(
							endingAt(deadline, functions),
							credentialType,
							httpOptions,
							{ credentialsDecrypted: withFields(decrypted, request.credentials) },
						)
			) as IN8nHttpFullResponse;
			return await receive(response, deadline);
		};
		const outcome = await timeLimits.run(exchange, progress);
		const broken = body.failure();
		body.close();
		if (stopped?.aborted) return executionStopped();
		if (broken !== undefined && !('value' in outcome)) return broken;
		if ('late' in outcome) return ranOutOfTime(provider, timeout, request.purpose);
		if ('error' in outcome) return connectionFailure(provider, outcome.error, request, redact);
		return readAnswer(provider, request, outcome.value, redact);
	}

	return {
		credentials,
		redact,
		request: async (request) => {
			for (let tries = 1; ; tries++) {
				const outcome = await attempt(request);
				if (!(outcome instanceof ProviderError)) return outcome;
				if (tries >= TRIES || !mayRepeat(outcome, request.purpose)) throw outcome;
				// When the execution is stopped meanwhile, the next attempt says so.
				await sleep(pauseAfter(tries, outcome), stopped).catch(executionStopped);
			}
		},
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

function stopSignalOf(functions: IAllExecuteFunctions): AbortSignal | undefined {
	return 'getExecutionCancelSignal' in functions ? functions.getExecutionCancelSignal() : undefined;
}

/**
 * The same functions, whose HTTP helper also ends at our deadline. n8n replaces any abort signal in
 * the options of a request by the one that it asks its context for, and destroying the stream of an
 * answer does not close a connection on which nothing comes any more.
 */
function endingAt(deadline: AbortSignal, functions: IAllExecuteFunctions): IAllExecuteFunctions {
	return Object.create(functions, {
		getExecutionCancelSignal: { value: () => deadline },
	}) as IAllExecuteFunctions;
}

interface OpenBody {
	content: IHttpRequestOptions['body'];
	headers: IDataObject;
	failure(): ProviderError | undefined;
	/** Lets go of what was not read. */
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

/** `host:8080/path` is a URL too, of the scheme "host". */
function isWebAddress(url: string): boolean {
	try {
		return /^https?:$/.test(new URL(url).protocol);
	} catch {
		return false;
	}
}
