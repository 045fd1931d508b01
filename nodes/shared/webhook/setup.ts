import { NodeOperationError } from 'n8n-workflow';
import type { ICredentialDataDecryptedObject, IHookFunctions } from 'n8n-workflow';
import type { SecretLocation, Verification } from './verify';

/** Characters. A shorter secret can be guessed by trying, if it is not as random as it should be. */
export const SHORTEST_GOOD_SECRET = 16;

/** Characters. A shorter secret is found by trying. */
const SHORTEST_SECRET = 8;

/** How a request shows the secret. */
export type SecretPlace = 'header' | 'signature' | 'URL';

/** What is wrong with a secret. */
export interface SecretFault {
	/** As the end of a sentence that begins with the secret. */
	fault: string;
	/** What to do, in one or more sentences. */
	remedy: string;
}

/**
 * What keeps a secret from working or from being one; undefined if nothing does.
 *
 * @param place where requests carry it; undefined where it can be either
 */
export function faultOfSecret(secret: string, place?: SecretPlace): SecretFault | undefined {
	if (secret !== secret.trim()) {
		return {
			fault: 'starts or ends with a space',
			remedy: 'Enter it again without spaces around it.',
		};
	}
	if (!/^[ -~]*$/.test(secret)) {
		return {
			fault:
				'contains characters other than ASCII, which headers and URLs do not carry as they are',
			remedy:
				'Requests would be rejected. Use only letters from A to Z, digits and punctuation, here and at the provider.',
		};
	}
	if (place === 'URL' && encodeURIComponent(secret) !== secret) {
		return {
			fault:
				'contains spaces or punctuation such as + / = & # %, which do not arrive in a URL as they were entered',
			remedy: 'Use only letters from A to Z, digits, - and _, here and in the URL.',
		};
	}
	if (secret.length < SHORTEST_SECRET) {
		return {
			fault: `has ${secret.length} characters, so it can be found by trying`,
			remedy: `Use a random text of ${SHORTEST_GOOD_SECRET} characters or more, here and at the provider.`,
		};
	}
	return undefined;
}

/**
 * Checks the secrets that webhook requests will be verified with, when a trigger is activated. One that
 * is shorter than it should be, and longer than those that are refused, causes a warning in n8n's log.
 *
 * @param fields the credential's fields that hold secrets, with their names in the editor; only the
 * first must not be empty
 * @param place where requests carry the secrets
 * @param remedy what to do if the first one is empty
 * @throws NodeOperationError if the first secret is empty, or if one cannot work or can be guessed
 */
export async function checkSecrets(
	functions: IHookFunctions,
	credentialType: string,
	fields: Record<string, string>,
	place: SecretPlace,
	remedy: string,
): Promise<void> {
	const credentials =
		await functions.getCredentials<ICredentialDataDecryptedObject>(credentialType);
	const secrets = Object.entries(fields).map(([field, title]) => ({
		title,
		secret: String(credentials[field] ?? ''),
	}));
	const [first] = secrets;
	if (first?.secret.trim() === '') {
		throw new NodeOperationError(
			functions.getNode(),
			`The credential has no '${first.title}', so every webhook request would be rejected`,
			{ description: remedy },
		);
	}
	const given = secrets.filter(({ secret }) => secret !== '');
	for (const { title, secret } of given) {
		const found = faultOfSecret(secret, place);
		if (found === undefined) continue;
		throw new NodeOperationError(
			functions.getNode(),
			`The '${title}' in the credential ${found.fault}`,
			{ description: found.remedy },
		);
	}
	if (given.some(({ secret: { length } }) => length < SHORTEST_GOOD_SECRET)) {
		functions.logger.warn(
			`${functions.getNode().name}: The webhook secret is short. Use ${SHORTEST_GOOD_SECRET} characters or more.`,
		);
	}
}

/**
 * Checks the shared secret of a trigger with the parameter 'verification', so that a workflow whose
 * verification could never succeed is not published.
 *
 * @throws NodeOperationError as `checkSecrets` does, and if no request could carry the secret under the
 * name that the user has entered
 */
export async function checkSharedSecret(
	functions: IHookFunctions,
	credentialType: string,
	{ headerName, queryName }: SecretLocation,
): Promise<void> {
	const verification = functions.getNodeParameter('verification') as Verification;
	if (verification === 'none') return;
	const isHeader = verification === 'header';
	const [title, name, allowed, words] = isHeader
		? (['Header Name', headerName, HEADER_NAME, 'letters, digits and -'] as const)
		: (['Query Parameter Name', queryName, QUERY_NAME, 'letters, digits, - and _'] as const);
	if (!allowed.test(name)) {
		throw new NodeOperationError(
			functions.getNode(),
			`'${title}' contains characters that ${isHeader ? 'no header name has' : 'do not arrive in a URL as they were entered'}, so every webhook request would be rejected`,
			{ description: `Use only ${words}.` },
		);
	}
	await checkSecrets(
		functions,
		credentialType,
		{ webhookSecret: 'Webhook Secret' },
		isHeader ? 'header' : 'URL',
		"Enter a random text of 16 characters or more in the credential, or set 'Verification' to None.",
	);
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;

const QUERY_NAME = /^[\w.~-]+$/;
