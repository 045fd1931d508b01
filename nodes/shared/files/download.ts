import type { IBinaryData, IExecuteFunctions, ITriggerFunctions } from 'n8n-workflow';
import { cancelSignalOf, executionCancelled, pause } from '../cancellation';
import { invalidInput, ProviderError } from '../errors';
import { DEFAULT_TIMEOUT } from '../http/client';
import { Deadline } from '../http/deadline';
import { connectionFailure } from '../http/failures';
import { checkForeignLink, isPrivate, passesEgressFilter } from '../http/foreignLink';
import { mayRepeat, pauseAfter, retryAfterOf, TRIES } from '../http/retry';
import type { ByteSource, ProviderRequest } from '../http/types';
import type { Redactor } from '../redact';
import { fileNameFrom, nameInDisposition, nameInUrl } from './fileNames';
import { receivedType, TELLING_BYTES } from './fileTypes';

export interface DownloadRequest {
	/** Where the file is; the provider's own addresses also without host: `/files/1.jpg`. */
	url: string;
	/** What the file is called, if that is known. */
	fileName?: string;
	/** Bytes that it may have. */
	largest: number;
	/** Milliseconds until its last byte. Default: what the user has set for requests. */
	timeout?: number;
}

/** A file that n8n has stored. */
export interface DownloadedFile {
	binary: IBinaryData;
	name: string;
	mimeType: string;
	/** In bytes. */
	size: number;
}

/** Downloads files into n8n's storage, without credentials. */
export interface Downloads {
	/** @throws ProviderError (`invalid`) for a link that must not be followed */
	check(url: string): void;
	/** @throws ProviderError */
	download(request: DownloadRequest): Promise<DownloadedFile>;
}

/** Redirects that are followed. */
const MOST_REDIRECTS = 5;

export interface DownloadOptions {
	/** Addresses in the credential; the first is that of relative links. */
	own: readonly URL[];
	redact: Redactor;
	/** Milliseconds. */
	timeout?: number;
}

export function createDownloads(
	functions: IExecuteFunctions | ITriggerFunctions,
	{ own, redact, timeout: usualTimeout = DEFAULT_TIMEOUT }: DownloadOptions,
): Downloads {
	const cancelSignal = cancelSignalOf(functions);
	const isCancelled = () => cancelSignal?.aborted === true;
	// Without encryption, only where the credential itself stays inside a network.
	const trusted = own.filter((url) => url.protocol === 'https:' || isPrivate(url));
	const linkTo = (link: string, base: URL | undefined) =>
		checkForeignLink(absolute(link, base), trusted, refused);

	// Only a path is taken for one of the provider's own: `host.example.com/1` lacks its scheme.
	const baseOf = (link: string) => (link.trim().startsWith('/') ? own[0] : undefined);

	return { check: (url) => void linkTo(url, baseOf(url)), download };

	async function download(request: DownloadRequest): Promise<DownloadedFile> {
		const { timeout = usualTimeout } = request;
		const deadline = new Deadline(timeout);
		const ending = new AbortController();
		const end = () => ending.abort();
		cancelSignal?.addEventListener('abort', end);
		try {
			if (isCancelled()) throw executionCancelled();
			const work = repeated(request, timeout, ending.signal).then(
				(file) => ({ file }),
				(error: unknown) => ({ error }),
			);
			const isInTime = await deadline.isMet(work);
			ending.abort();
			if (isCancelled()) throw executionCancelled();
			if (!isInTime) throw tooSlow(timeout);
			const outcome = await work;
			if ('file' in outcome) return outcome.file;
			throw outcome.error;
		} finally {
			deadline.close();
			cancelSignal?.removeEventListener('abort', end);
		}
	}

	async function repeated(
		request: DownloadRequest,
		timeout: number,
		signal: AbortSignal,
	): Promise<DownloadedFile> {
		for (let tries = 1; ; tries++) {
			try {
				return await attempt(request, timeout, signal);
			} catch (error) {
				const failure = error instanceof ProviderError ? error : notReceived(request, error);
				if (signal.aborted || tries >= TRIES || !mayRepeat(failure, 'read')) throw failure;
				await pause(failure.retryAfter ?? pauseAfter(tries), signal);
			}
		}
	}

	async function attempt(
		request: DownloadRequest,
		timeout: number,
		signal: AbortSignal,
	): Promise<DownloadedFile> {
		let url = request.url;
		let base = baseOf(url);
		for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
			const link = await checked(url, base);
			const response = await respond(link, timeout, signal);
			const { location } = response.headers;
			if (response.status < 300 || response.status >= 400 || typeof location !== 'string') {
				return await store(request, link, response);
			}
			response.body.destroy();
			[url, base] = [location, link];
		}
		throw refused('it leads from one address to the next', undefined);
	}

	/** What is not refused here may be requested. */
	async function checked(link: string, base: URL | undefined): Promise<URL> {
		const { url, isOwn } = linkTo(link, base);
		if (!isOwn && !(await passesEgressFilter(functions, url))) {
			throw refused('n8n’s egress filter does not allow this address', url);
		}
		return url;
	}

	async function respond(url: URL, timeout: number, signal: AbortSignal): Promise<Response> {
		const { statusCode, headers, body } = (await functions.helpers.httpRequest({
			method: 'GET',
			url: url.href,
			headers: { Accept: '*/*' },
			timeout,
			abortSignal: signal,
			// Each address has to be checked before anything is sent to it.
			disableFollowRedirect: true,
			sendCredentialsOnCrossOriginRedirect: false,
			ignoreHttpStatusErrors: true,
			returnFullResponse: true,
			encoding: 'stream',
		})) as { statusCode: number; headers: Record<string, unknown>; body: ByteSource };
		signal.addEventListener('abort', () => body.destroy());
		return { status: statusCode, headers, body };
	}

	async function store(
		{ fileName = '', largest }: DownloadRequest,
		url: URL,
		{ status, headers, body }: Response,
	): Promise<DownloadedFile> {
		try {
			if (status < 200 || status >= 300) {
				throw refusedBy(url, status, retryAfterOf(headers['retry-after']));
			}
			if (Number(headers['content-length'] ?? 0) > largest) throw tooLarge(largest);
			const counted = { size: 0 };
			const source = limited(body, largest, counted);
			const start = await firstBytes(source);
			if (start.length === 0) throw empty(url);
			const names = [fileName, nameInDisposition(headers['content-disposition']), nameInUrl(url)];
			const mimeType = receivedType(headers['content-type'], start, names);
			const name = fileNameFrom(names, mimeType);
			const binary = await functions.helpers.prepareBinaryData(source, name, mimeType);
			return { binary, name, mimeType, size: counted.size };
		} finally {
			body.destroy();
		}
	}

	function notReceived({ url }: DownloadRequest, error: unknown): ProviderError {
		const request: ProviderRequest = { method: 'GET', url, purpose: 'read' };
		const call = {
			provider: 'Its server',
			request,
			redact,
			redactData: <Data>(data: Data) => data,
		};
		const { kind, message } = connectionFailure(call, error);
		return new ProviderError(`The file could not be downloaded. ${message}`, { kind });
	}
}

interface Response {
	status: number;
	headers: Record<string, unknown>;
	body: ByteSource;
}

function absolute(link: string, base: URL | undefined): string {
	const text = link.trim().replace(/ /g, '%20');
	if (base === undefined || /^[a-z][a-z0-9+.-]*:/i.test(text)) return text;
	try {
		return new URL(text, base).href;
	} catch {
		return text;
	}
}

/** The first piece of a stream, which stays in it. Empty if there is none. */
async function firstBytes(body: ByteSource): Promise<Uint8Array> {
	return await new Promise((resolve, reject) => {
		body.once('error', reject);
		body.once('close', () => resolve(Buffer.alloc(0)));
		body.once('readable', () => {
			const chunk = body.read() as Buffer | null;
			if (chunk !== null) body.unshift(chunk);
			resolve(chunk ?? Buffer.alloc(0));
		});
	});
}

/** The same bytes, counted, up to the limit. The first piece has all that show the type of a file. */
function limited(body: ByteSource, largest: number, counted: { size: number }): ByteSource {
	const count = async function* (source: AsyncIterable<Uint8Array>) {
		let held: Uint8Array[] | undefined = [];
		for await (const chunk of source) {
			counted.size += chunk.length;
			if (counted.size > largest) throw tooLarge(largest);
			held?.push(chunk);
			if (held !== undefined && counted.size < TELLING_BYTES) continue;
			yield held === undefined ? chunk : Buffer.concat(held);
			held = undefined;
		}
		if (held !== undefined && held.length > 0) yield Buffer.concat(held);
	};
	const composed = body.compose(count as never) as unknown as ByteSource;
	// Whoever reads it reports the error. Without a listener, it would end the process.
	composed.on('error', () => undefined);
	return composed;
}

function refused(reason: string, url?: URL): ProviderError {
	const host = url === undefined ? '' : ` (${url.host})`;
	return invalidInput(
		`The link to the file${host} must not be followed`,
		`It was not followed because ${reason}. Only https links to public hosts and links to the host of the credential are followed, and so are their redirects.`,
	);
}

function refusedBy({ host }: URL, status: number, retryAfter?: number): ProviderError {
	const isBusy = status === 429 || status >= 500;
	return new ProviderError(`The file could not be downloaded from ${host} (status ${status})`, {
		kind: isBusy ? 'unavailable' : 'refused',
		description: isBusy
			? 'Try again later.'
			: 'The link may have expired, or need a login. Links to files are requested without credentials.',
		httpStatus: status,
		retryAfter,
	});
}

function tooLarge(largest: number): ProviderError {
	return new ProviderError(`The file is larger than ${largest / MEGABYTE} MB`, {
		kind: 'invalid',
		description: "To allow larger files, increase 'File Size Limit (MB)' under Options.",
	});
}

/** Bytes. */
export const MEGABYTE = 1024 * 1024;

function tooSlow(timeout: number): ProviderError {
	return new ProviderError(`The file was not downloaded within ${timeout / 1000} seconds`, {
		kind: 'late',
		description: "To allow more time, increase 'Timeout' under Options.",
	});
}

function empty({ host }: URL): ProviderError {
	return new ProviderError(`The file at ${host} is empty`, { kind: 'unreadable' });
}
