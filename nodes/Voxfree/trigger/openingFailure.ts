import { causeByCode } from '../../shared/http/causes';
import type { ConnectionCause } from '../../shared/http/causes';
import { causeOf, hostOf } from '../../shared/http/failures';

/** Why a WebSocket could not be opened. */
export interface OpeningFailure {
	/** As the end of a sentence. */
	cause: string;
	/** What to do about it, as a sentence without its full stop. */
	advice: string;
	/** The code of the system or of TLS. */
	reason?: string;
}

const CHECK_URL = "Check 'Socket URL' in the credential";
const TRUST = 'Add its certificate authority to n8n (NODE_EXTRA_CA_CERTS)';
const PROXY =
	"Check 'Socket URL' in the credential, and the proxies between n8n and Voxfree. WebSockets ignore n8n's own proxy settings";
const REACH =
	"Check 'Socket URL' in the credential, and whether this n8n can reach it. WebSockets ignore n8n's own proxy settings";

const ADVICE: Readonly<Record<ConnectionCause, string>> = {
	selfSigned: "Use one of a known authority, or add this one to n8n's (NODE_EXTRA_CA_CERTS)",
	expired: 'It has to be renewed on the server',
	notYetValid: 'Check the clock of the machine that runs n8n',
	otherHost: CHECK_URL,
	unknownAuthority: TRUST,
	untrusted: TRUST,
	noTls: "Check the port, and whether 'Socket URL' in the credential should begin with ws://",
	noHttp: "Check the port, and whether 'Socket URL' in the credential should begin with wss://",
	portRefused: REACH,
	unknownHost: CHECK_URL,
	lookupFailed: 'Check the DNS of the machine that runs n8n',
	noRoute: REACH,
	timedOut: REACH,
	closed: PROXY,
};

/** What the error of a plain request says; undefined if it says nothing that is known. */
export function failureByError(error: unknown): OpeningFailure | undefined {
	const { code } = causeOf(error);
	const found = causeByCode(code);
	return found && { cause: found.words, advice: ADVICE[found.cause], reason: code };
}

/** The part of an HTTP response that tells who has answered. */
export interface PlainAnswer {
	status: number;
	/** The header of a redirect. */
	location?: string;
	/** The address that was asked. */
	url: string;
	/** The beginning of the body. */
	text: string;
}

/**
 * What the answer to a plain request says; undefined if it is what a WebSocket's server answers to a
 * request that is none.
 */
export function failureByAnswer({
	status,
	location,
	url,
	text,
}: PlainAnswer): OpeningFailure | undefined {
	const inBrackets = `(status ${status})`;
	const answered = `the server answered with status ${status}`;
	if (status === 101 || status === 426) return undefined;
	if (status < 300) {
		const isPage = text.trimStart().startsWith('<');
		const cause = isPage
			? `a web page answered ${inBrackets}`
			: `the server answered like a web server ${inBrackets}`;
		return { cause, advice: PROXY };
	}
	if (status < 400) {
		const target = location === undefined ? 'another address' : hostOf(location, url);
		return {
			cause: `the server redirects to ${target} ${inBrackets}`,
			advice: "If Voxfree has moved, enter the new address as 'Socket URL' in the credential",
		};
	}
	if (status === 407) {
		return { cause: `a proxy asks for a login ${inBrackets}`, advice: PROXY };
	}
	if (status === 401 || status === 403) {
		return {
			cause: `${answered}, which refuses access`,
			advice: `${CHECK_URL}, and whether Voxfree allows the address of this n8n`,
		};
	}
	if (status === 404) {
		return { cause: `there is nothing at this address ${inBrackets}`, advice: CHECK_URL };
	}
	if (status === 429) {
		return {
			cause: `${answered}, which means too many connections`,
			advice: 'Wait, and check whether other programs are connected as the same agent',
		};
	}
	if (status === 502 || status === 504) {
		return {
			cause: `a proxy answered that it does not reach the server ${inBrackets}`,
			advice: 'Try again later, or check the proxies between n8n and Voxfree',
		};
	}
	if (status >= 500)
		return { cause: answered, advice: "The problem is on Voxfree's side. Try again later" };
	return { cause: answered, advice: CHECK_URL };
}

/** When a plain request has found no reason. */
export const UNEXPLAINED: OpeningFailure = {
	cause: 'the connection failed',
	advice: REACH,
};

/** When the server is there, but has not made a WebSocket of the connection. */
export const NOT_UPGRADED: OpeningFailure = {
	cause: 'the server is there, but the upgrade to a WebSocket failed',
	advice: PROXY,
};
