import { ProviderError } from '../errors';
import type { Redactor } from '../redact';
import { shortened } from '../text';
import type { Call, ProviderRequest } from './types';

/** Errors of the connection attempt itself. Nothing was sent, so even a send may be repeated. */
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
		description: `Nothing was sent. Enter the full address of ${provider}, including http:// or https://.`,
	});
}

const MAY_HAVE_SUCCEEDED =
	'The request may still have succeeded. Check the conversation before you send it again.';

/** Sentences about a request of which nobody knows whether the provider has carried it out. */
function uncertain(purpose: ProviderRequest['purpose'], ...sentences: string[]): string {
	return [...sentences, ...(purpose === 'send' ? [MAY_HAVE_SUCCEEDED] : [])].join(' ');
}

export function timedOut({ provider, request }: Call, milliseconds: number): ProviderError {
	return new ProviderError(`${provider} did not respond within ${milliseconds / 1000} seconds`, {
		kind: 'late',
		description: uncertain(
			request.purpose,
			"To allow more time, increase 'Timeout' under Options. It covers the whole response.",
		),
	});
}

/** For a request that could not be sent, or whose response was cut off. */
export function connectionFailure(
	{ provider, request, redact }: Call,
	error: unknown,
): ProviderError {
	const { code, message } = causeOf(error);
	const host = hostOf(request.url);
	if (NOTHING_SENT.has(code)) {
		return new ProviderError(`${provider} could not be reached at ${host}`, {
			kind: 'unreachable',
			description: `The connection failed (${code}), so nothing was sent. Check the address in the credential, and whether your n8n can reach it.`,
		});
	}
	if (CERTIFICATE_ERROR.test(code)) {
		return new ProviderError(`The certificate of ${host} is not trusted`, {
			kind: 'refused',
			description: `Nothing was sent (${code}). Check the address in the credential. For an internal address, you may have to add its certificate authority to n8n (NODE_EXTRA_CA_CERTS).`,
		});
	}
	if (TLS_ERROR.test(code)) {
		return new ProviderError(`Could not establish a TLS connection to ${host}`, {
			kind: 'refused',
			description: `Nothing was sent (${code}). Check the port, and whether the address in the credential should begin with http:// instead of https://.`,
		});
	}
	if (code === 'ETIMEDOUT' || code === 'ECONNABORTED' || code === 'ESOCKETTIMEDOUT') {
		return new ProviderError(`${provider} did not respond in time`, {
			kind: 'late',
			description: uncertain(
				request.purpose,
				"To allow more time, increase 'Timeout' under Options.",
			),
		});
	}
	return new ProviderError(
		`The connection to ${provider} was lost before the response was complete`,
		{
			kind: 'interrupted',
			description: uncertain(request.purpose, `Reason: ${shortened(redact(code || message))}.`),
		},
	);
}

/** n8n wraps the error of its HTTP client, sometimes more than once. The system's code is inside. */
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
	return new ProviderError(`${provider} redirected the request to another address`, {
		kind: 'unreadable',
		description: `Redirects are not followed. This one points to ${hostOf(location, request.url)}. If that is the provider's new address, enter it in the credential.`,
		httpStatus,
	});
}

export function tooLong({ provider, request }: Call, httpStatus: number): ProviderError {
	return new ProviderError(`The response of ${provider} is larger than 32 MiB`, {
		kind: 'unreadable',
		description: uncertain(request.purpose, 'The rest was not read.'),
		httpStatus,
	});
}

/** @param text the response, without spaces around it */
export function notData(
	{ provider, request, redact }: Call,
	httpStatus: number,
	text: string,
): ProviderError {
	return new ProviderError(`${provider} returned ${kindOfText(text)} instead of data`, {
		kind: 'unreadable',
		description: uncertain(
			request.purpose,
			...(text === '' ? [] : [`It starts with ${visibleStart(text, redact)}.`]),
			'Check the address in the credential. A proxy or a maintenance page may be responding instead.',
		),
		httpStatus,
	});
}

export function nestedTooDeep(
	{ provider, request }: Call,
	httpStatus: number,
	reason: string,
): ProviderError {
	return new ProviderError(`${provider} returned data that is nested too deep`, {
		kind: 'unreadable',
		description: uncertain(
			request.purpose,
			`${reason}.`,
			'Check the address in the credential. Another service may be responding there.',
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
 * For a status that means failure.
 *
 * @param reason what the response itself says; empty if it says nothing
 * @param retryAfter milliseconds that the provider asks us to wait, if it does
 */
export function statusFailure(
	{ provider, request, redact }: Call,
	status: number,
	reason: string,
	retryAfter: number | undefined,
): ProviderError {
	const quoted = reason === '' ? [] : [quote(provider, shortened(redact(reason)))];
	const failure = (kind: ProviderError['kind'], message: string, sentences: string[]) =>
		new ProviderError(message, {
			kind,
			description: sentences.join(' ') || undefined,
			httpStatus: status,
			retryAfter: kind === 'unavailable' ? retryAfter : undefined,
		});

	if (request.anonymous === true && status < 429) {
		return failure('refused', `A link from ${provider} was refused (status ${status})`, [
			...quoted,
			`This link came from ${provider} itself. It may have expired.`,
		]);
	}
	if (status === 401 || status === 403) {
		return failure('refused', `${provider} refused the credential (status ${status})`, [
			...quoted,
			'Check the credential. The request had no effect.',
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
			uncertain(
				request.purpose,
				// A gateway answers for a server that does not, and its pages give no reason as an API does.
				(status === 502 || status === 504) && reason === ''
					? `This is the answer of a proxy between n8n and ${provider}, which got none from it. Try again later.`
					: "The problem is on the provider's side. Try again later.",
			),
		]);
	}
	if (status === 404) {
		return failure('refused', `${provider} did not find what was requested (status 404)`, [
			...quoted,
			'Check the IDs and the address in the credential.',
		]);
	}
	return failure('refused', `${provider} did not accept the request (status ${status})`, [
		...quoted,
		...(status === 413 ? ['The message or file is too large.'] : []),
	]);
}

function hostOf(url: string, base?: string): string {
	try {
		return new URL(url, base).host || 'an unknown host';
	} catch {
		return 'an unknown host';
	}
}

/** A sentence that quotes a provider. Its words may end with a full stop of their own. */
export function quote(provider: string, words: string): string {
	return `${provider} says: ${words}${/[.!?…]$/.test(words) ? '' : '.'}`;
}

/** The beginning of a text as a reader would see it, in quotes. */
function visibleStart(text: string, redact: Redactor): string {
	const words = redact(text)
		.slice(0, 4_000)
		.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
		.replace(/<[^>]*>?/g, ' ');
	return `“${shortened(words).slice(0, 120)}”`;
}

/**
 * For a refusal in the body of a response, whatever its status.
 *
 * @param reason the provider's words
 */
export function refusedInBody(provider: string, reason: string, httpStatus: number): ProviderError {
	return new ProviderError(`${provider} did not accept the request`, {
		kind: 'refused',
		description: quote(provider, shortened(reason)),
		httpStatus,
	});
}
