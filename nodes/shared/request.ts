import { sleep } from 'n8n-workflow';
import type {
	IAllExecuteFunctions,
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	IDataObject,
	IExecuteFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';
import { createRedactor, ProviderError } from './errors';
import type { Redactor } from './errors';
import { isJsonObject, parseJson } from './json';
import type { JsonValue } from './json';

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

export const DEFAULT_TIMEOUT = 30_000;

/** No provider's documented answer comes near this; what does is not an answer but a mistake. */
const LONGEST_ANSWER = 32 * 1024 * 1024;

const TRIES = 3;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;

/** Errors of the connection attempt itself: nothing has left, so even a send may be tried again. */
const NOTHING_SENT = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'EADDRNOTAVAIL',
]);

const CERTIFICATE_ERROR = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;
const TLS_ERROR = /TLS|SSL|EPROTO/;

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

interface Received {
	status: number;
	headers: Record<string, unknown>;
	bytes: Buffer;
	tooLong: boolean;
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

/** When something of the body was last read, in milliseconds of the epoch: first, when it began. */
interface Progress {
	at: number;
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

/** The longest time that a timer can wait; beyond it, it would not wait at all. */
const LONGEST_TIMER = 2 ** 31 - 1;

type Timed<T> = { value: T } | { error: unknown } | { late: true };

interface UnderWay {
	progress: Progress;
	deadline: AbortController;
	expire(): void;
}

/**
 * A time limit over the whole of each exchange; of a streamed body, from its last bytes on. The
 * limit races the exchange, which is told to let go as well, by the signal that it is given; the
 * same signal tells it that the execution stopped.
 *
 * One timer does for all exchanges that are under way: a timer and a chain of signals for each would
 * be a tenth of the cost of a request.
 */
function createTimeLimits(milliseconds: number, stopped: AbortSignal | undefined) {
	const underWay = new Set<UnderWay>();
	let watcher: AbortController | undefined;

	stopped?.addEventListener('abort', () => {
		for (const { deadline } of underWay) deadline.abort();
	});

	async function watch(idle: AbortSignal): Promise<void> {
		while (!idle.aborted) {
			const first = Math.min(...[...underWay].map(({ progress }) => progress.at));
			const left = Math.max(0, first + milliseconds - Date.now());
			await sleep(Math.min(left, LONGEST_TIMER), idle);
			for (const { progress, expire } of underWay) {
				if (progress.at + milliseconds <= Date.now()) expire();
			}
		}
	}

	function begin(exchange: UnderWay): void {
		underWay.add(exchange);
		if (watcher !== undefined) return;
		watcher = new AbortController();
		// It ends by being told that nothing is under way any more.
		watch(watcher.signal).catch(() => undefined);
	}

	function end(exchange: UnderWay): void {
		underWay.delete(exchange);
		if (underWay.size > 0) return;
		watcher?.abort();
		watcher = undefined;
	}

	return {
		async run<T>(
			exchange: (deadline: AbortSignal) => Promise<T>,
			progress: Progress,
		): Promise<Timed<T>> {
			const deadline = new AbortController();
			return await new Promise((resolve) => {
				const entry: UnderWay = {
					progress,
					deadline,
					expire: () => {
						settle({ late: true });
						deadline.abort();
					},
				};
				const settle = (outcome: Timed<T>) => {
					end(entry);
					resolve(outcome);
				};
				begin(entry);
				exchange(deadline.signal).then(
					(value) => settle({ value }),
					(error: unknown) => settle({ error }),
				);
			});
		},
	};
}

interface ByteStream {
	on(event: 'data', listener: (chunk: Uint8Array) => void): void;
	on(event: 'end' | 'close', listener: () => void): void;
	on(event: 'error', listener: (error: unknown) => void): void;
	destroy(): void;
}

/** Reads an answer to its end, or to the length that no answer has. */
async function receive(response: IN8nHttpFullResponse, deadline: AbortSignal): Promise<Received> {
	const stream = response.body as unknown as ByteStream;
	const chunks: Uint8Array[] = [];
	let length = 0;
	await new Promise<void>((resolve, reject) => {
		stream.on('data', (chunk) => {
			length += chunk.length;
			if (length <= LONGEST_ANSWER) chunks.push(chunk);
			else stream.destroy();
		});
		stream.on('end', resolve);
		stream.on('error', reject);
		stream.on('close', () => {
			if (length > LONGEST_ANSWER) resolve();
			else reject(new Error('closed'));
		});
		deadline.addEventListener('abort', () => stream.destroy());
		if (deadline.aborted) stream.destroy();
	});
	return {
		status: response.statusCode,
		headers: response.headers,
		bytes: Buffer.concat(chunks),
		tooLong: length > LONGEST_ANSWER,
	};
}

function executionStopped(): ProviderError {
	// By the word "canceled" n8n knows a stopped execution from a failed one.
	return new ProviderError('The execution was canceled', { kind: 'cancelled' });
}

/** `host:8080/path` is a URL too, of the scheme "host". */
function isWebAddress(url: string): boolean {
	try {
		return /^https?:$/.test(new URL(url).protocol);
	} catch {
		return false;
	}
}

function notAnAddress(provider: string): ProviderError {
	return new ProviderError('The address in the credential is not a URL', {
		kind: 'invalid',
		description: `Nothing was sent. Enter the whole address of ${provider}, beginning with http:// or https://.`,
	});
}

function mayRepeat(error: ProviderError, purpose: ProviderRequest['purpose']): boolean {
	if (error.kind === 'unreachable') return true;
	return purpose === 'read' && (error.kind === 'interrupted' || error.kind === 'unavailable');
}

/** Milliseconds to wait: what the provider asked for, within a limit, or a growing random pause. */
function pauseAfter(tries: number, error: ProviderError): number {
	if (error.retryAfter !== undefined) return Math.min(error.retryAfter, LONGEST_PAUSE);
	return FIRST_PAUSE * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
}

const MAY_HAVE_HAPPENED =
	'It may have been carried out all the same: look at the conversation before sending it again.';

function uncertain(purpose: ProviderRequest['purpose'], ...sentences: string[]): string {
	return [...sentences, ...(purpose === 'send' ? [MAY_HAVE_HAPPENED] : [])].join(' ');
}

function ranOutOfTime(
	provider: string,
	milliseconds: number,
	purpose: ProviderRequest['purpose'],
): ProviderError {
	return new ProviderError(`${provider} did not answer within ${milliseconds / 1000} seconds`, {
		kind: 'late',
		description: uncertain(
			purpose,
			"The limit is set under Options in 'Timeout', and covers the whole answer.",
		),
	});
}

function connectionFailure(
	provider: string,
	error: unknown,
	request: ProviderRequest,
	redact: Redactor,
): ProviderError {
	const { code, message } = causeOf(error);
	const host = hostOf(request.url);
	if (NOTHING_SENT.has(code)) {
		return new ProviderError(`${provider} could not be reached at ${host}`, {
			kind: 'unreachable',
			description: `The connection was not made (${code}), so nothing was sent. Check the address in the credential, and whether this n8n can reach it.`,
		});
	}
	if (CERTIFICATE_ERROR.test(code)) {
		return new ProviderError(`The certificate of ${host} was not accepted`, {
			kind: 'refused',
			description: `Nothing was sent (${code}). Check the address in the credential. An address inside a company may need its certificate authority added to n8n (NODE_EXTRA_CA_CERTS).`,
		});
	}
	if (TLS_ERROR.test(code)) {
		return new ProviderError(`No encrypted connection could be made with ${host}`, {
			kind: 'refused',
			description: `Nothing was sent (${code}). Check whether the address in the credential should begin with http:// instead of https://, and its port.`,
		});
	}
	if (code === 'ETIMEDOUT' || code === 'ECONNABORTED' || code === 'ESOCKETTIMEDOUT') {
		return new ProviderError(`${provider} did not answer in time`, {
			kind: 'late',
			description: uncertain(request.purpose, "The limit is set under Options in 'Timeout'."),
		});
	}
	return new ProviderError(
		`The connection to ${provider} broke off before its answer was complete`,
		{
			kind: 'interrupted',
			description: uncertain(request.purpose, `Reason: ${shorten(redact(code || message))}.`),
		},
	);
}

/** n8n wraps what its HTTP client threw, sometimes more than once; the system's code is inside. */
function causeOf(error: unknown): { code: string; message: string } {
	let code = '';
	let message = '';
	let current: unknown = error;
	for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
		const {
			code: itsCode,
			message: itsMessage,
			cause,
			errors,
		} = current as {
			code?: unknown;
			message?: unknown;
			cause?: unknown;
			errors?: unknown[];
		};
		if (typeof itsCode === 'string' && itsCode !== '') code = itsCode;
		if (typeof itsMessage === 'string' && itsMessage !== '') message = itsMessage;
		current = cause ?? errors?.[0];
	}
	return { code, message };
}

function readAnswer(
	provider: string,
	request: ProviderRequest,
	received: Received,
	redact: Redactor,
): ProviderAnswer | ProviderError {
	const { status, headers } = received;
	if (received.tooLong) {
		return new ProviderError(`The answer of ${provider} is longer than 32 MiB`, {
			kind: 'unreadable',
			description: uncertain(request.purpose, 'It was not read to its end.'),
			httpStatus: status,
		});
	}
	if (request.answer === 'bytes' && status >= 200 && status < 300) {
		return { status, headers, body: {}, bytes: received.bytes };
	}
	const text = decode(received.bytes, headers['content-type']);
	if (status >= 300 && status < 400) {
		return new ProviderError(`${provider} redirected the request, which was not followed`, {
			kind: 'unreadable',
			description: `It points to ${hostOf(String(headers.location ?? ''), request.url)}. If that is the provider's new address, enter it in the credential.`,
			httpStatus: status,
		});
	}
	if (status < 200 || status >= 400) {
		return statusFailure(provider, request, status, headers, text, redact);
	}
	if (status === 204 || status === 205) return { status, headers, body: {} };

	const parsed = tryParse(text);
	const trimmed = text.trim();
	if (request.answer === 'optional' && (trimmed === '' || parsed === null)) {
		return { status, headers, body: {} };
	}
	const takesText = request.answer === 'unknown' || request.answer === 'optional';
	const passes =
		parsed === undefined
			? takesText && trimmed !== '' && !LOOKS_BROKEN.test(trimmed)
			: parsed !== null;
	if (passes) {
		const body = parsed ?? trimmed;
		// A provider that repeats the request in its answer would put the credential into the output.
		return { status, headers, body: redact(text) === text ? body : redactAll(body, redact) };
	}

	return new ProviderError(`${provider} answered with ${describeText(trimmed)} instead of data`, {
		kind: 'unreadable',
		description: uncertain(
			request.purpose,
			...(trimmed === '' ? [] : [`It begins: ${visibleStart(trimmed, redact)}.`]),
			'Check the address in the credential; a proxy or a maintenance page may be answering in its place.',
		),
		httpStatus: status,
	});
}

function redactAll(value: JsonValue, redact: Redactor): JsonValue {
	if (typeof value === 'string') return redact(value);
	if (Array.isArray(value)) return value.map((entry) => redactAll(entry, redact));
	if (!isJsonObject(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, entry]) => [redact(key), redactAll(entry, redact)]),
	);
}

/** Markup, broken JSON, or a message of PHP itself: never the answer of an API that worked. */
const LOOKS_BROKEN = /^(<|\{|\[|"|(php )?(fatal error|parse error|warning|notice|deprecated)\b)/i;

function describeText(text: string): string {
	if (text === '' || text === 'null') return 'nothing';
	if (text.startsWith('<')) return 'a web page';
	if (text.startsWith('{') || text.startsWith('[')) return 'incomplete JSON';
	return 'plain text';
}

function statusFailure(
	provider: string,
	request: ProviderRequest,
	status: number,
	headers: Record<string, unknown>,
	text: string,
	redact: Redactor,
): ProviderError {
	const said = providersWords(text);
	const quoted = said === '' ? [] : [`${provider} says: ${shorten(redact(said))}`];
	const failure = (
		kind: ProviderError['kind'],
		message: string,
		sentences: string[],
		retryAfter?: number,
	) =>
		new ProviderError(message, {
			kind,
			description: sentences.join(' ') || undefined,
			httpStatus: status,
			retryAfter,
		});

	if (request.anonymous === true && status < 429) {
		return failure('refused', `An address from ${provider} was refused (status ${status})`, [
			...quoted,
			`${provider} handed this address over itself; it may hold for a short time only.`,
		]);
	}
	if (status === 401 || status === 403) {
		return failure('refused', `${provider} refused the credential (status ${status})`, [
			...quoted,
			'Check the credential; nothing was carried out.',
		]);
	}
	if (status === 429) {
		return failure(
			'unavailable',
			`${provider} is receiving too many requests (status 429)`,
			[...quoted, "Wait, or lower 'Concurrent Items' under Options > Batching."],
			retryAfterOf(headers['retry-after']),
		);
	}
	if (status === 408 || status === 425 || status >= 500) {
		return failure(
			'unavailable',
			`${provider} could not handle the request (status ${status})`,
			[...quoted, uncertain(request.purpose, 'The cause lies with the provider; try again later.')],
			retryAfterOf(headers['retry-after']),
		);
	}
	if (status === 404) {
		return failure('refused', `${provider} did not find what was asked for (status 404)`, [
			...quoted,
			'Check the IDs, and the address in the credential.',
		]);
	}
	return failure('refused', `${provider} did not accept the request (status ${status})`, quoted);
}

/** The sentence in which an answer says what is wrong, or an empty text. */
function providersWords(text: string): string {
	const body = tryParse(text);
	if (typeof body === 'string') return body;
	if (!isJsonObject(body)) return '';
	for (const key of ['message', 'error', 'descricao', 'description', 'errors', 'detail']) {
		const value = body[key];
		if (typeof value === 'string' && value !== '') return value;
		if (Array.isArray(value)) return value.filter((part) => typeof part === 'string').join('; ');
		if (isJsonObject(value) && typeof value.message === 'string') return value.message;
	}
	return '';
}

/** Milliseconds until the time that a Retry-After header names; undefined where it names none. */
function retryAfterOf(header: unknown): number | undefined {
	if (typeof header !== 'string') return undefined;
	const milliseconds = /^\d+$/.test(header)
		? Number(header) * 1000
		: Date.parse(header) - Date.now();
	return milliseconds > 0 ? milliseconds : undefined;
}

function decode(bytes: Buffer, contentType: unknown): string {
	const charset = /charset="?([\w-]+)/i.exec(String(contentType ?? ''))?.[1] ?? 'utf-8';
	// The decoder removes a byte order mark. An unknown charset is most likely a misspelt UTF-8.
	const known = /^(utf-?8|iso-8859-\d+|latin1|windows-125\d|us-ascii)$/i.test(charset);
	return new TextDecoder(known ? charset : 'utf-8').decode(bytes);
}

function tryParse(text: string): JsonValue | undefined {
	try {
		return parseJson(text);
	} catch {
		return undefined;
	}
}

function hostOf(url: string, base?: string): string {
	try {
		return new URL(url, base).host || 'an unknown place';
	} catch {
		return 'an unknown place';
	}
}

const LONGEST_QUOTE = 200;

/** A provider's words on one line, without the full stop that our own sentence adds. */
function shorten(text: string): string {
	const line = text.replace(/\s+/g, ' ').trim();
	return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

function visibleStart(text: string, redact: Redactor): string {
	const words = redact(text)
		.slice(0, 4_000)
		.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
		.replace(/<[^>]*>?/g, ' ');
	return `“${shorten(words).slice(0, 120)}”`;
}
