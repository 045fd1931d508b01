import { ProviderError } from '../errors';
import type { Redactor } from '../redact';
import type { Call, ProviderRequest } from './types';

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

export function notAnAddress(provider: string): ProviderError {
	return new ProviderError('The address in the credential is not a URL', {
		kind: 'invalid',
		description: `Nothing was sent. Enter the whole address of ${provider}, beginning with http:// or https://.`,
	});
}

const MAY_HAVE_HAPPENED =
	'It may have been carried out all the same: look at the conversation before sending it again.';

function uncertain(purpose: ProviderRequest['purpose'], ...sentences: string[]): string {
	return [...sentences, ...(purpose === 'send' ? [MAY_HAVE_HAPPENED] : [])].join(' ');
}

export function timedOut({ provider, request }: Call, milliseconds: number): ProviderError {
	return new ProviderError(`${provider} did not answer within ${milliseconds / 1000} seconds`, {
		kind: 'late',
		description: uncertain(
			request.purpose,
			"The limit is set under Options in 'Timeout', and covers the whole answer.",
		),
	});
}

/** Of a request that could not be sent, or whose answer did not come to its end. */
export function connectionFailure(
	{ provider, request, redact }: Call,
	error: unknown,
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

export function redirected(
	{ provider, request }: Call,
	httpStatus: number,
	location: string,
): ProviderError {
	return new ProviderError(`${provider} redirected the request, which was not followed`, {
		kind: 'unreadable',
		description: `It points to ${hostOf(location, request.url)}. If that is the provider's new address, enter it in the credential.`,
		httpStatus,
	});
}

export function tooLong({ provider, request }: Call, httpStatus: number): ProviderError {
	return new ProviderError(`The answer of ${provider} is longer than 32 MiB`, {
		kind: 'unreadable',
		description: uncertain(request.purpose, 'It was not read to its end.'),
		httpStatus,
	});
}

/** @param text the answer, without spaces around it */
export function notData(
	{ provider, request, redact }: Call,
	httpStatus: number,
	text: string,
): ProviderError {
	return new ProviderError(`${provider} answered with ${kindOfText(text)} instead of data`, {
		kind: 'unreadable',
		description: uncertain(
			request.purpose,
			...(text === '' ? [] : [`It begins: ${visibleStart(text, redact)}.`]),
			'Check the address in the credential; a proxy or a maintenance page may be answering in its place.',
		),
		httpStatus,
	});
}

function kindOfText(text: string): string {
	if (text === '' || text === 'null') return 'nothing';
	if (text.startsWith('<')) return 'a web page';
	if (text.startsWith('{') || text.startsWith('[')) return 'incomplete JSON';
	return 'plain text';
}

/**
 * Of a status that is no success.
 *
 * @param reason what the answer itself says, or an empty text
 * @param retryAfter milliseconds that the answer asks us to wait, if it does
 */
export function statusFailure(
	{ provider, request, redact }: Call,
	status: number,
	reason: string,
	retryAfter: number | undefined,
): ProviderError {
	const quoted = reason === '' ? [] : [`${provider} says: ${shorten(redact(reason))}`];
	const failure = (kind: ProviderError['kind'], message: string, sentences: string[]) =>
		new ProviderError(message, {
			kind,
			description: sentences.join(' ') || undefined,
			httpStatus: status,
			retryAfter: kind === 'unavailable' ? retryAfter : undefined,
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
		return failure('unavailable', `${provider} is receiving too many requests (status 429)`, [
			...quoted,
			"Wait, or lower 'Concurrent Items' under Options > Batching.",
		]);
	}
	if (status === 408 || status === 425 || status >= 500) {
		return failure('unavailable', `${provider} could not handle the request (status ${status})`, [
			...quoted,
			uncertain(request.purpose, 'The cause lies with the provider; try again later.'),
		]);
	}
	if (status === 404) {
		return failure('refused', `${provider} did not find what was asked for (status 404)`, [
			...quoted,
			'Check the IDs, and the address in the credential.',
		]);
	}
	return failure('refused', `${provider} did not accept the request (status ${status})`, quoted);
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
