import { randomBytes } from 'node:crypto';
import type { ITriggerFunctions } from 'n8n-workflow';
import { ProviderError } from '../../shared/errors';
import { retryAfterOf } from '../../shared/http/retry';
import { failureByAnswer, failureByError, NOT_UPGRADED } from './openingFailure';
import type { ProbeResult } from './failedAttempt';

/** Milliseconds. */
const PROBE_TIMEOUT = 5_000;
/** Characters of an answer that show what it is. */
const BEGINNING = 200;

/**
 * Checks the socket URL of the credential, also against n8n's own rules for addresses: a WebSocket does
 * not go through n8n's HTTP helper, which would apply them.
 *
 * @throws ProviderError if it cannot or must not be used
 */
export async function checkSocketUrl(
	functions: ITriggerFunctions,
	value: unknown,
): Promise<string> {
	const text = String(value ?? '').trim();
	let url: URL;
	try {
		url = new URL(text);
	} catch {
		throw notASocketUrl();
	}
	if (url.protocol !== 'wss:' && url.protocol !== 'ws:') throw notASocketUrl();
	const { getSecureEgressFilter } = functions.helpers as Partial<typeof functions.helpers>;
	const verdict = await getSecureEgressFilter?.().validateUrl(httpUrlOf(text));
	if (verdict?.ok === false) {
		throw new ProviderError("n8n's settings do not allow the 'Socket URL' of the credential", {
			kind: 'invalid',
			description: verdict.error.message,
		});
	}
	return url.href;
}

function notASocketUrl(): ProviderError {
	return new ProviderError("The 'Socket URL' of the credential is not the URL of a WebSocket", {
		kind: 'invalid',
		description: 'Enter a complete URL that starts with wss:// (or ws:// inside a network).',
	});
}

function httpUrlOf(url: string): string {
	return url.replace(/^ws/i, 'http');
}

/** What a WebSocket sends with its first request. */
function upgradeHeaders(): Record<string, string> {
	return {
		Connection: 'Upgrade',
		Upgrade: 'websocket',
		'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
		'Sec-WebSocket-Version': '13',
	};
}

/**
 * Requests the socket's address by plain HTTP, because a WebSocket reports neither a status nor why
 * there is no connection. The request carries nothing of the credential.
 *
 * @param asWebSocket asks for the upgrade as well, as some servers and proxies answer that differently;
 *   if it is granted, the connection ends at once
 */
export async function probeSocketUrl(
	functions: ITriggerFunctions,
	url: string,
	abortSignal: AbortSignal,
	asWebSocket: boolean,
): Promise<ProbeResult> {
	const address = httpUrlOf(url);
	let answer: { statusCode: number; headers: Record<string, unknown>; body: unknown };
	try {
		answer = (await functions.helpers.httpRequest({
			method: 'GET',
			url: address,
			headers: asWebSocket ? upgradeHeaders() : {},
			timeout: PROBE_TIMEOUT,
			abortSignal,
			ignoreHttpStatusErrors: true,
			returnFullResponse: true,
			disableFollowRedirect: true,
			encoding: 'text',
		})) as typeof answer;
	} catch (error) {
		return failureByError(error) ?? {};
	}
	const { statusCode: status, headers, body } = answer;
	const isBusy = status === 429 || status === 503;
	const { location } = headers;
	const failure = failureByAnswer({
		status,
		url: address,
		location: typeof location === 'string' ? location : undefined,
		text: typeof body === 'string' ? body.slice(0, BEGINNING) : '',
	});
	return {
		status,
		retryAfter: isBusy ? retryAfterOf(headers['retry-after']) : undefined,
		...(failure ?? NOT_UPGRADED),
	};
}
