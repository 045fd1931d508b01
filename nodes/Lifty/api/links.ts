import { ProviderError } from '../../shared/errors';

/** What is not part of any address, but is read as something else by one parser or another. */
const NO_PART_OF_AN_ADDRESS = /[\s\p{C}\\]/u;

/** Names that mean a machine of the own network, wherever they are looked up. */
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
 * Checks an address that Lifty handed over, before anything is sent to it. Allowed are the
 * credential's own host, and any public host by https and by its name: an IP address, in whatever
 * way it is written, is never the address of a status or a QR code.
 *
 * What a name leads to is not known here; n8n's egress filter looks that up.
 *
 * @param own address in the credential
 * @throws ProviderError (`invalid`); its text holds the host only, since the rest may be a secret
 */
export function checkedLink(link: string, own: URL): { url: URL; isOwn: boolean } {
	if (NO_PART_OF_AN_ADDRESS.test(link)) throw notUsable('it holds blanks or hidden characters');
	if (!/^https?:\/\/[^/]/i.test(link)) throw notUsable('it does not begin with https://');
	let url: URL;
	try {
		url = new URL(link);
	} catch {
		throw notUsable('it is not a URL');
	}
	if (url.username !== '' || url.password !== '' || authorityOf(link).includes('@')) {
		throw notUsable('it holds a user name');
	}
	if (url.origin === own.origin) return { url, isOwn: true };
	if (url.protocol !== 'https:') throw notUsable('it is not encrypted (https)', url);
	if (isAddress(url.hostname)) throw notUsable('it names an IP address', url);
	const labels = url.hostname.replace(/\.+$/, '').split('.');
	if (labels.length < 2 || INSIDE.has(labels.at(-1) ?? '')) {
		throw notUsable('it points into a private network', url);
	}
	return { url, isOwn: false };
}

function authorityOf(link: string): string {
	return link.replace(/^https?:\/\//i, '').split(/[/?#]/, 1)[0] ?? '';
}

/** URL has already turned 0x7f.1, 2130706433 and their like into dotted form. */
function isAddress(hostname: string): boolean {
	return hostname.startsWith('[') || /^[\d.]+$/.test(hostname);
}

function notUsable(reason: string, url?: URL): ProviderError {
	const host = url === undefined ? '' : ` (${url.host})`;
	return new ProviderError(`Lifty handed over an address${host} that must not be called`, {
		kind: 'invalid',
		description: `It was not called, because ${reason}. Only https addresses of public hosts are, and those of the host in the credential.`,
	});
}

/** n8n's egress filter refused the address. */
export function refusedByFilter(url: URL): ProviderError {
	return new ProviderError(`Lifty handed over an address (${url.host}) that must not be called`, {
		kind: 'invalid',
		description:
			'It was not called, because n8n’s egress filter refused it: its name leads into a private network, or is blocked on this n8n.',
	});
}

/** The address with a parameter that keeps caches from answering in Lifty's place. */
export function pastCaches(url: URL, now: number): URL {
	const fresh = new URL(url);
	// Not by searchParams, which would write the other parameters anew: a link may be signed.
	fresh.search = `${fresh.search}${fresh.search === '' ? '?' : '&'}timestamp=${now}`;
	return fresh;
}
