import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { verifyAgainstCredential } from './secretCache';

/** Compares two secrets in a time that tells nothing about where, or in what length, they differ. */
function secretsMatch(given: string, expected: string): boolean {
	const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
	return timingSafeEqual(digest(given), digest(expected));
}

/**
 * Whether a signature is the HMAC-SHA256 of exactly these bytes with one of the secrets. All secrets
 * are tried, so that the time does not tell which of them it was. Empty secrets match nothing.
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

/** How a call that nobody signs shows that it knows the secret in the trigger's credential. */
export type Verification = 'none' | 'header' | 'query';

/** Options of a trigger with the parameter 'verification'. */
interface SecretPlaces {
	headerName?: string;
	queryName?: string;
}

/**
 * The header in which a caller shows the secret, in small letters, as n8n has the names of headers.
 *
 * @param usual where the user has entered none
 */
export function secretHeader({ headerName }: SecretPlaces, usual: string): string {
	return (headerName?.trim() || usual).toLowerCase();
}

/**
 * Puts a call to the test against the 'webhookSecret' in the credential of a trigger whose parameter
 * 'verification' says where the caller shows it. An empty secret matches nothing.
 *
 * @param usual names of header and query parameter where the user has entered none
 * @returns why the call is to be turned away, or nothing where it passes
 */
export async function verifySharedSecret(
	functions: IWebhookFunctions,
	credentialType: string,
	options: SecretPlaces,
	usual: Required<SecretPlaces>,
): Promise<string | undefined> {
	const verification = functions.getNodeParameter('verification') as Verification;
	if (verification === 'none') return undefined;
	const headerName = secretHeader(options, usual.headerName);
	const queryName = options.queryName?.trim() || usual.queryName;
	const given =
		verification === 'header'
			? functions.getHeaderData()[headerName]
			: (functions.getQueryData() as IDataObject)[queryName];
	// A repeated parameter arrives as a list; which one counts would be a guess.
	if (typeof given !== 'string' || given === '') {
		return `no secret in the ${verification === 'header' ? 'header' : 'URL'}`;
	}
	return await verifyAgainstCredential(
		functions,
		credentialType,
		['webhookSecret'],
		([secret = '']) =>
			secret.trim() !== '' && secretsMatch(given, secret)
				? undefined
				: 'its secret is not that of the credential',
	);
}
