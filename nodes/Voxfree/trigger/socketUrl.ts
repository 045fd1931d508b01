import type { ITriggerFunctions } from 'n8n-workflow';
import { ProviderError } from '../../shared/errors';
import { retryAfterOf } from '../../shared/http/retry';
import type { ProbeResult } from './SocketClient';

/** Milliseconds. */
const PROBE_TIMEOUT = 5_000;

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
	return text;
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

/** Requests the socket's address as a browser would, because a WebSocket reports no status. */
export async function probeSocketUrl(
	functions: ITriggerFunctions,
	url: string,
	abortSignal: AbortSignal,
): Promise<ProbeResult> {
	const answer = (await functions.helpers.httpRequest({
		method: 'GET',
		url: httpUrlOf(url),
		timeout: PROBE_TIMEOUT,
		abortSignal,
		ignoreHttpStatusErrors: true,
		returnFullResponse: true,
		disableFollowRedirect: true,
		encoding: 'text',
	})) as { statusCode: number; headers: Record<string, unknown> };
	const { statusCode: status, headers } = answer;
	const isBusy = status === 429 || status === 503;
	return { status, retryAfter: isBusy ? retryAfterOf(headers['retry-after']) : undefined };
}
