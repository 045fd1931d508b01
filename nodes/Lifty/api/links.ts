import { ProviderError } from '../../shared/errors';
import { checkForeignLink } from '../../shared/http/foreignLink';
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

/**
 * Checks a link that Lifty returned, as `checkForeignLink` does.
 *
 * @param own the address in the credential
 * @throws ProviderError (`invalid`)
 */
export function checkedLink(link: string, own: URL): { url: URL; isOwn: boolean } {
	return checkForeignLink(link, [own], notUsable);
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
