import type { IAllExecuteFunctions } from 'n8n-workflow';
import type { ProviderError } from '../errors';

/** Characters that are not part of any URL, but that parsers read differently. */
const NOT_IN_URL = /[\s\p{C}\\]/u;

/** Top-level names that always mean a machine in a private network. */
const INSIDE = new Set([
	'localhost',
	'local',
	'localdomain',
	'internal',
	'intranet',
	'private',
	'corp',
	'home',
	'lan',
	'arpa',
	'test',
	'invalid',
	'onion',
]);

/**
 * Checks a link that the user did not choose, before anything is sent to it. Allowed are the provider's
 * own addresses, and public hosts by https and by name. An IP address, however it is written, is never
 * a link that a provider gives out.
 *
 * Which address a name resolves to is not checked here, but by n8n's egress filter.
 *
 * @param own the addresses in the credential
 * @param refuse makes the error of a link from the reason; its text must not contain more than the host,
 * since the rest may be a secret
 * @throws what `refuse` makes
 */
export function checkForeignLink(
	link: string,
	own: readonly URL[],
	refuse: (reason: string, url?: URL) => ProviderError,
): { url: URL; isOwn: boolean } {
	if (NOT_IN_URL.test(link)) throw refuse('it contains spaces or hidden characters');
	if (!/^https?:\/\/[^/]/i.test(link)) throw refuse('it does not start with https://');
	let url: URL;
	try {
		url = new URL(link);
	} catch {
		throw refuse('it is not a URL');
	}
	if (url.username !== '' || url.password !== '' || authorityOf(link).includes('@')) {
		throw refuse('it contains a user name');
	}
	if (own.some(({ origin }) => origin === url.origin)) return { url, isOwn: true };
	if (url.protocol !== 'https:') throw refuse('it is not encrypted (https)', url);
	if (isAddress(url.hostname)) throw refuse('it contains an IP address', url);
	if (isInside(url.hostname)) throw refuse('it points into a private network', url);
	return { url, isOwn: false };
}

function authorityOf(link: string): string {
	return link.replace(/^https?:\/\//i, '').split(/[/?#]/, 1)[0] ?? '';
}

/** URL has already turned 0x7f.1, 2130706433 and the like into dotted form. */
function isAddress(hostname: string): boolean {
	return hostname.startsWith('[') || /^[\d.]+$/.test(hostname);
}

function isInside(hostname: string): boolean {
	const labels = hostname.replace(/\.+$/, '').split('.');
	return labels.length < 2 || INSIDE.has(labels.at(-1) ?? '');
}

const PRIVATE_V4 =
	/^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;
const PRIVATE_V6 = /^\[(?:::1?\]|f[cd]|fe[89ab])/;

/** Whether a URL leads to this machine or into a private network by what is written in it. */
export function isPrivate({ hostname }: URL): boolean {
	if (!isAddress(hostname)) return isInside(hostname);
	return hostname.startsWith('[') ? PRIVATE_V6.test(hostname) : PRIVATE_V4.test(hostname);
}

/**
 * Asks n8n whether a host may be called. With `enforced`, n8n looks the name up and refuses private
 * networks even if the instance has not turned its protection on, because the user did not choose
 * this link.
 *
 * @returns false if n8n refuses
 */
export async function passesEgressFilter(
	functions: Pick<IAllExecuteFunctions, 'helpers'>,
	url: URL,
): Promise<boolean> {
	// n8n before 2.30 has no such filter.
	const helpers: Partial<Pick<typeof functions.helpers, 'getSecureEgressFilter'>> =
		functions.helpers;
	const verdict = await helpers
		.getSecureEgressFilter?.('enforced')
		// A name that cannot be resolved leads nowhere; behind a proxy, the proxy resolves it.
		.validateUrl(url)
		.catch(() => undefined);
	return verdict?.ok !== false;
}
