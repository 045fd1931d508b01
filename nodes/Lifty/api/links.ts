import { ProviderError } from '../../shared/errors';
import { HIDDEN } from '../../shared/redact';
import type { DataRedactor } from '../../shared/redact';

/**
 * A link that Lifty returned, as plain data that may be stored: the API key belongs between its
 * pieces, but is not in them. A link without the key is one piece.
 */
export type Link = readonly string[];

/** Takes the API key out of a link. */
export function linkFrom(link: string, apiKey: string, redactData: DataRedactor): Link {
	if (redactData(link) === link) return [link];
	const encoded = encodeURIComponent(apiKey);
	const lowerCase = encoded.replace(/%../g, (escape) => escape.toLowerCase());
	return [encoded, lowerCase, apiKey]
		.reduce((pieces, form) => pieces.flatMap((piece) => piece.split(form)), [link])
		.map((piece) => String(redactData(piece)));
}

/** The link as Lifty returned it. */
export function withKey(link: Link, apiKey: string): string {
	return link.join(encodeURIComponent(apiKey));
}

/** The link as it may be shown. */
export function withoutKey(link: Link): string {
	return link.join(HIDDEN);
}

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
 * Checks a link that Lifty returned, before anything is sent to it. Allowed are the host of the
 * credential, and public hosts by https and by name. An IP address, however it is written, is never
 * the link to a status or a QR code.
 *
 * Which address a name resolves to is not checked here, but by n8n's egress filter.
 *
 * @param own the address in the credential
 * @throws ProviderError (`invalid`) whose text contains only the host, since the rest may be a secret
 */
export function checkedLink(link: string, own: URL): { url: URL; isOwn: boolean } {
	if (NOT_IN_URL.test(link)) throw notUsable('it contains spaces or hidden characters');
	if (!/^https?:\/\/[^/]/i.test(link)) throw notUsable('it does not start with https://');
	let url: URL;
	try {
		url = new URL(link);
	} catch {
		throw notUsable('it is not a URL');
	}
	if (url.username !== '' || url.password !== '' || authorityOf(link).includes('@')) {
		throw notUsable('it contains a user name');
	}
	if (url.origin === own.origin) return { url, isOwn: true };
	if (url.protocol !== 'https:') throw notUsable('it is not encrypted (https)', url);
	if (isAddress(url.hostname)) throw notUsable('it contains an IP address', url);
	const labels = url.hostname.replace(/\.+$/, '').split('.');
	if (labels.length < 2 || INSIDE.has(labels.at(-1) ?? '')) {
		throw notUsable('it points into a private network', url);
	}
	return { url, isOwn: false };
}

function authorityOf(link: string): string {
	return link.replace(/^https?:\/\//i, '').split(/[/?#]/, 1)[0] ?? '';
}

/** URL has already turned 0x7f.1, 2130706433 and the like into dotted form. */
function isAddress(hostname: string): boolean {
	return hostname.startsWith('[') || /^[\d.]+$/.test(hostname);
}

function notUsable(reason: string, url?: URL): ProviderError {
	const host = url === undefined ? '' : ` (${url.host})`;
	return new ProviderError(`Lifty returned a link${host} that must not be followed`, {
		kind: 'invalid',
		description: `It was not followed because ${reason}. Only https links to public hosts and links to the host of the credential are followed.`,
	});
}

/** n8n's egress filter refused the link. */
export function refusedByFilter(url: URL): ProviderError {
	return new ProviderError(`Lifty returned a link (${url.host}) that must not be followed`, {
		kind: 'invalid',
		description:
			'It was not followed because n8n’s egress filter refused it: its name resolves to a private network or is blocked on this n8n.',
	});
}

/** The link with a parameter that keeps caches from answering instead of Lifty. */
export function pastCaches(url: URL, now: number): URL {
	const fresh = new URL(url);
	// Not by searchParams, which would rewrite the other parameters of a link that may be signed.
	fresh.search = `${fresh.search}${fresh.search === '' ? '?' : '&'}timestamp=${now}`;
	return fresh;
}
