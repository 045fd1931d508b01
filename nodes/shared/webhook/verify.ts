import { createHash, timingSafeEqual } from 'node:crypto';
import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { checkAgainstSecrets } from './currentSecrets';
import { readRawBody } from './request';
import { decodeSignature, signatureMatches } from './signature';
import type { SignatureEncoding } from './signature';

export interface SignatureCheck {
	credentialType: string;
	/** Fields of the credential whose secrets may have signed; the first must not be empty. */
	secretFields: readonly string[];
	/** Lowercase name of the header with the signature. */
	header: string;
	encoding: SignatureEncoding;
}

/**
 * Verifies that a webhook request is signed with a secret of the credential. The header is checked
 * before the body is read, and the body before the credential is.
 *
 * @returns why the request must be rejected, or undefined if its signature is valid
 */
export async function verifySignature(
	functions: IWebhookFunctions,
	{ credentialType, secretFields, header, encoding }: SignatureCheck,
): Promise<string | undefined> {
	const given = functions.getHeaderData()[header] as unknown;
	if (given === undefined) return 'no signature';
	const signature = decodeSignature(given, encoding);
	if (signature === undefined) return 'the signature is malformed';
	const body = await readRawBody(functions);
	if (body.length === 0) return 'the body is empty';
	return await checkAgainstSecrets(functions, credentialType, secretFields, (secrets) => {
		if ((secrets[0] ?? '').trim() === '') return 'the credential has no webhook secret';
		return signatureMatches(body, signature, secrets)
			? undefined
			: 'the signature does not match the body and the secret of the credential';
	});
}

/** How a trigger without signatures verifies its requests: the parameter 'verification'. */
export type Verification = 'none' | 'header' | 'query';

/** Where a request carries the shared secret. */
export interface SecretLocation {
	/** Name of the header; lowercase, as n8n has header names. */
	headerName: string;
	/** Name of the query parameter. */
	queryName: string;
}

/**
 * The names that the user has entered in the trigger's options.
 *
 * @param defaults names for those that are empty
 */
export function secretLocation(
	options: Partial<SecretLocation>,
	defaults: SecretLocation,
): SecretLocation {
	return {
		headerName: (options.headerName?.trim() || defaults.headerName).toLowerCase(),
		queryName: options.queryName?.trim() || defaults.queryName,
	};
}

/**
 * Verifies that a webhook request carries the 'webhookSecret' of the credential, if the trigger's
 * parameter 'verification' asks for it. An empty secret matches nothing.
 *
 * @returns why the request must be rejected, or undefined if it passes
 */
export async function verifySharedSecret(
	functions: IWebhookFunctions,
	credentialType: string,
	{ headerName, queryName }: SecretLocation,
): Promise<string | undefined> {
	const verification = functions.getNodeParameter('verification') as Verification;
	if (verification === 'none') return undefined;
	const given =
		verification === 'header'
			? functions.getHeaderData()[headerName]
			: (functions.getQueryData() as IDataObject)[queryName];
	// A repeated parameter arrives as a list, and choosing one of them would be a guess.
	if (typeof given !== 'string' || given === '') {
		return `no secret in the ${verification === 'header' ? 'header' : 'URL'}`;
	}
	return await checkAgainstSecrets(functions, credentialType, ['webhookSecret'], ([secret = '']) =>
		secret.trim() !== '' && secretsMatch(given, secret)
			? undefined
			: 'the secret does not match the one in the credential',
	);
}

/** Compares two secrets in a time that reveals neither where nor in what length they differ. */
function secretsMatch(given: string, expected: string): boolean {
	const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
	return timingSafeEqual(digest(given), digest(expected));
}
