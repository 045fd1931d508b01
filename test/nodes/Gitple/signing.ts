import CryptoJS from 'crypto-js';

/** Signs as Gitple's document says, with an implementation that the node does not use. */
function digest(body: Buffer, secret: string): CryptoJS.lib.WordArray {
	const words = CryptoJS.lib.WordArray.create(new Uint8Array(body));
	return CryptoJS.HmacSHA256(words, secret);
}

/** The digest of a body in lower-case hex, without its prefix. */
export const hexDigest = (body: Buffer | string, secret: string): string =>
	digest(Buffer.from(body as string), secret).toString(CryptoJS.enc.Hex);

/** The digest of a body in base64, without its prefix. */
export const base64Digest = (body: Buffer | string, secret: string): string =>
	digest(Buffer.from(body as string), secret).toString(CryptoJS.enc.Base64);

/** A whole `X-Hub-Signature` header. */
export const signed = (body: Buffer | string, secret: string): string =>
	`sha256=${hexDigest(body, secret)}`;
