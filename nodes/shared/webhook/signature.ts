import { createHmac, timingSafeEqual } from 'node:crypto';

/** How a signature is written: as hex, as base64, or either. */
export type SignatureEncoding = 'auto' | 'base64' | 'hex';

const HEX = /^sha256=([0-9a-fA-F]{64})$/;
const BASE64 = /^sha256=([A-Za-z0-9+/]{43}=)$/;

/**
 * The digest in a signature header (`sha256=` and 32 encoded bytes).
 *
 * @returns undefined if the header is malformed. A header that was sent twice arrives as a list or
 * as one value with a comma, and counts as malformed.
 */
export function decodeSignature(header: unknown, encoding: SignatureEncoding): Buffer | undefined {
	if (typeof header !== 'string') return undefined;
	const hex = encoding === 'base64' ? undefined : HEX.exec(header)?.[1];
	if (hex !== undefined) return Buffer.from(hex, 'hex');
	const base64 = encoding === 'hex' ? undefined : BASE64.exec(header)?.[1];
	if (base64 === undefined) return undefined;
	const digest = Buffer.from(base64, 'base64');
	// The last character has two spare bits, and only one spelling is valid.
	return digest.toString('base64') === base64 ? digest : undefined;
}

/**
 * Whether a signature is the HMAC-SHA256 of exactly these bytes with one of the secrets. All secrets
 * are tried, so that the time does not reveal which one matched. An empty secret matches nothing.
 *
 * @param signature the bytes of the digest
 */
export function signatureMatches(
	body: Buffer,
	signature: Buffer,
	secrets: readonly string[],
): boolean {
	let matches = false;
	for (const secret of secrets) {
		if (secret.trim() === '') continue;
		const expected = createHmac('sha256', secret).update(body).digest();
		const equal = signature.length === expected.length && timingSafeEqual(signature, expected);
		matches = equal || matches;
	}
	return matches;
}
