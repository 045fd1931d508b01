import { ProviderError } from '../errors';
import type { Redactor } from '../redact';
import { shortened } from '../text';
import { causeByCode } from './causes';
import type { Call, ProviderRequest } from './types';

/** Calls of the system that come before a connection. What fails in them was not sent. */
const BEFORE_CONNECTION = new Set(['connect', 'getaddrinfo', 'queryA', 'queryAaaa']);

/** The names of the errors with which n8n's egress filter refuses an address. */
const EGRESS_REFUSAL = /^Ssrf\w*Error$/;

const CERTIFICATE_ERROR = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;

const TLS_ERROR = /TLS|SSL|EPROTO/;

export function notAnAddress(provider: string): ProviderError {
	return new ProviderError('The address in the credential is not a URL', {
		kind: 'invalid',
		description: `Nothing was sent. Enter the full address of ${provider}, including http:// or https://.`,
	});
}

/** What follows where nobody knows whether the provider has carried out a request. */
function uncertain({ purpose }: ProviderRequest): string | undefined {
	if (purpose === 'read') return undefined;
	return purpose === 'send'
		? 'The message may have been delivered: do not send it again'
		: 'It may have been carried out: check before you repeat it';
}

export function timedOut({ provider, request }: Call, milliseconds: number): ProviderError {
	return new ProviderError(`${provider} did not respond within ${milliseconds / 1000} seconds`, {
		kind: 'late',
		consequence: uncertain(request),
		description:
			"To allow more time, increase 'Timeout' under Options. It covers the whole response.",
	});
}

/** For a request that could not be sent, or whose response was cut off. */
export function connectionFailure(
	{ provider, request, redact }: Call,
	error: unknown,
): ProviderError {
	const { code, message, syscall, names } = causeOf(error);
	const host = hostOf(request.url);
	const reason = causeByCode(code)?.words;
	if (names.some((name) => EGRESS_REFUSAL.test(name))) {
		return new ProviderError(`n8n's settings do not allow the address ${host}`, {
			kind: 'refused',
			description:
				'Nothing was sent. Ask the administrator of n8n to allow this address (N8N_SSRF_ALLOWED_IP_RANGES or N8N_SSRF_ALLOWED_HOSTNAMES).',
		});
	}
	if (BEFORE_CONNECTION.has(syscall)) {
		return new ProviderError(`${provider} could not be reached at ${host}`, {
			kind: 'unreachable',
			reason,
			description: `The connection failed (${code}), so nothing was sent. Check the address in the credential, and whether your n8n can reach it.`,
		});
	}
	if (CERTIFICATE_ERROR.test(code)) {
		return new ProviderError(`The certificate of ${host} is not trusted`, {
			kind: 'refused',
			reason,
			description: `Nothing was sent (${code}). Check the address in the credential. For an internal address, you may have to add its certificate authority to n8n (NODE_EXTRA_CA_CERTS).`,
		});
	}
	if (TLS_ERROR.test(code)) {
		return new ProviderError(`Could not establish a TLS connection to ${host}`, {
			kind: 'refused',
			reason,
			description: `Nothing was sent (${code}). Check the port, and whether the address in the credential should begin with http:// instead of https://.`,
		});
	}
	if (code === 'ETIMEDOUT' || code === 'ECONNABORTED' || code === 'ESOCKETTIMEDOUT') {
		return new ProviderError(`${provider} did not respond in time`, {
			kind: 'late',
			consequence: uncertain(request),
			description: "To allow more time, increase 'Timeout' under Options.",
		});
	}
	return new ProviderError(
		`The connection to ${provider} was lost before the response was complete`,
		{
			kind: 'interrupted',
			consequence: uncertain(request),
			description: `Reason: ${shortened(redact(code || message))}.`,
		},
	);
}

/**
 * What the system says of a failure. n8n wraps the error of its HTTP client, sometimes more than once,
 * and where a host has several addresses, there is one error for each.
 */
export function causeOf(error: unknown) {
	const found = { code: '', message: '', syscall: '', names: [] as string[] };
	let current: unknown = error;
	for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth++) {
		const { code, message, syscall, name, cause, errors } = current as Record<string, unknown>;
		if (typeof code === 'string' && code !== '') found.code = code;
		if (typeof message === 'string' && message !== '') found.message = message;
		// Only together with its code: an outer error may be about something else.
		if (typeof code === 'string') found.syscall = typeof syscall === 'string' ? syscall : '';
		if (typeof name === 'string') found.names.push(name);
		current = cause ?? (Array.isArray(errors) ? (errors[0] as unknown) : undefined);
	}
	return found;
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
		consequence: uncertain(request),
		description: 'The rest was not read.',
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
		consequence: uncertain(request),
		description: [
			...(text === '' ? [] : [`It starts with ${visibleStart(text, redact)}.`]),
			'Check the address in the credential. A proxy or a maintenance page may be responding instead.',
		].join(' '),
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
		consequence: uncertain(request),
		description: `${reason}. Check the address in the credential. Another service may be responding there.`,
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
	const words = reason === '' ? undefined : shortened(redact(reason));
	const failure = (
		kind: ProviderError['kind'],
		message: string,
		details: { consequence?: string; description?: string } = {},
	) =>
		new ProviderError(message, {
			kind,
			reason: words,
			...details,
			httpStatus: status,
			retryAfter: kind === 'busy' ? retryAfter : undefined,
		});

	if (status === 429 || (status === 503 && retryAfter !== undefined)) {
		return failure('busy', `${provider} is receiving too many requests (status ${status})`, {
			consequence: 'Nothing was sent',
			description: "Wait, or lower 'Concurrent Items' under Options > Batching.",
		});
	}
	if (request.anonymous === true && status < 429) {
		return failure('refused', `A link from ${provider} was refused (status ${status})`, {
			description: `This link came from ${provider} itself. It may have expired.`,
		});
	}
	if (status === 401 || status === 403) {
		return failure('refused', `${provider} refused the credential (status ${status})`, {
			description: 'Check the credential. The request had no effect.',
		});
	}
	if (status === 408 || status === 425 || status >= 500) {
		// A gateway answers for a server that does not, and its pages give no reason as an API does.
		const isProxy = (status === 502 || status === 504) && words === undefined;
		return failure(
			'unavailable',
			isProxy
				? `A proxy before ${provider} got no answer from it (status ${status})`
				: `${provider} could not handle the request (status ${status})`,
			{
				consequence: uncertain(request),
				description: isProxy
					? `This is the answer of a proxy between n8n and ${provider}. Try again later.`
					: "The problem is on the provider's side. Try again later.",
			},
		);
	}
	if (status === 404) {
		return failure('refused', `${provider} did not find what was requested (status 404)`, {
			description: 'Check the IDs and the address in the credential.',
		});
	}
	return failure('refused', `${provider} did not accept the request (status ${status})`, {
		consequence: status === 413 ? 'The message or file is too large' : undefined,
	});
}

export function hostOf(url: string, base?: string): string {
	try {
		return new URL(url, base).host || 'an unknown host';
	} catch {
		return 'an unknown host';
	}
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
		reason: shortened(reason),
		httpStatus,
	});
}
