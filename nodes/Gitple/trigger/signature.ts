/** How a signature is written: as hex, as base64, or either. Gitple's document does not say. */
export type SignatureEncoding = 'auto' | 'base64' | 'hex';

const HEX = /^sha256=([0-9a-fA-F]{64})$/;
const BASE64 = /^sha256=([A-Za-z0-9+/]{43}=)$/;

/**
 * The digest in an `X-Hub-Signature` header (`sha256=` and 32 bytes), or nothing where it is none.
 * A header that came twice reaches us as one with a comma, or as a list, and is none either.
 */
export function readSignature(header: unknown, encoding: SignatureEncoding): Buffer | undefined {
	if (typeof header !== 'string') return undefined;
	const hex = encoding === 'base64' ? undefined : HEX.exec(header)?.[1];
	if (hex !== undefined) return Buffer.from(hex, 'hex');
	const base64 = encoding === 'hex' ? undefined : BASE64.exec(header)?.[1];
	if (base64 === undefined) return undefined;
	const digest = Buffer.from(base64, 'base64');
	// The last letter has two bits to spare, and only one spelling is right.
	return digest.toString('base64') === base64 ? digest : undefined;
}
