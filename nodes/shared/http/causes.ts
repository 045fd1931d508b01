/** What keeps a connection from being made. */
export type ConnectionCause =
	| 'closed'
	| 'expired'
	| 'lookupFailed'
	| 'noHttp'
	| 'noRoute'
	| 'noTls'
	| 'notYetValid'
	| 'otherHost'
	| 'portRefused'
	| 'selfSigned'
	| 'timedOut'
	| 'unknownAuthority'
	| 'unknownHost'
	| 'untrusted';

/** By the code of the system or of TLS, as far as it says something special; the first that matches. */
const CAUSES: ReadonlyArray<[codes: RegExp, cause: ConnectionCause, words: string]> = [
	[/SELF_SIGNED/, 'selfSigned', 'the certificate is self-signed'],
	[/CERT_HAS_EXPIRED/, 'expired', 'the certificate has expired'],
	[/CERT_NOT_YET_VALID/, 'notYetValid', 'the certificate is not valid yet'],
	[/ALTNAME/, 'otherHost', 'the certificate is for another host'],
	[
		/UNABLE_TO_(VERIFY|GET)|CERT_UNTRUSTED/,
		'unknownAuthority',
		'the certificate is of an authority that n8n does not know',
	],
	[/CERT/, 'untrusted', 'the certificate is not trusted'],
	[/EPROTO|SSL|TLS/, 'noTls', 'the server speaks no TLS on this port'],
	[/^HPE_/, 'noHttp', 'the server does not speak HTTP on this port'],
	[/^ECONNREFUSED$/, 'portRefused', 'nothing accepts connections on this port'],
	[/^ENOTFOUND$/, 'unknownHost', 'the host is unknown'],
	[/^EAI_AGAIN$/, 'lookupFailed', 'the host could not be looked up'],
	[/UNREACH$|^EADDRNOTAVAIL$/, 'noRoute', 'there is no route to the host'],
	[/TIMEDOUT|TIMEOUT|^ECONNABORTED$/, 'timedOut', 'the server did not answer in time'],
	[
		/^ECONNRESET$|^EPIPE$|^ERR_BAD_RESPONSE$/,
		'closed',
		'the connection was closed before the server had answered',
	],
];

/**
 * Why a connection failed, and that in words, as the end of a sentence.
 *
 * @param code of the system or of TLS
 * @returns undefined for a code that says nothing special
 */
export function causeByCode(code: string): { cause: ConnectionCause; words: string } | undefined {
	const [found] = CAUSES.filter(([codes]) => codes.test(code));
	return found && { cause: found[1], words: found[2] };
}
