import { NodeOperationError } from 'n8n-workflow';
import type { ICredentialDataDecryptedObject, IHookFunctions } from 'n8n-workflow';
import type { Verification } from './verify';

/** Characters. A shorter secret can be guessed by trying. */
export const SHORTEST_GOOD_SECRET = 16;

/** Whether a secret consists of printable ASCII, which every header carries unchanged. */
export function isPlain(secret: string): boolean {
	return /^[ -~]*$/.test(secret);
}

/**
 * Checks the secrets that webhook requests will be verified with, when a trigger is activated. A
 * short secret only causes a warning in n8n's log.
 *
 * @param fields the credential's fields that hold secrets, with their names in the editor; only the
 * first must not be empty
 * @param remedy what to do if it is
 * @throws NodeOperationError if the first secret is empty, or if one starts or ends with a space,
 * which no caller would send,
 * or holds characters that do not arrive as they were entered
 */
export async function checkSecrets(
	functions: IHookFunctions,
	credentialType: string,
	fields: Record<string, string>,
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
	for (const { title, secret } of secrets) {
		if (secret !== secret.trim()) {
			throw new NodeOperationError(
				functions.getNode(),
				`The '${title}' in the credential starts or ends with a space`,
				{ description: 'Enter it again without spaces around it.' },
			);
		}
		if (isPlain(secret)) continue;
		throw new NodeOperationError(
			functions.getNode(),
			`The '${title}' in the credential contains characters other than ASCII`,
			{
				description:
					'Headers and URLs do not carry such characters as they are, so requests would be rejected. Use only letters from A to Z, digits and punctuation, here and at the provider.',
			},
		);
	}
	if (secrets.some(({ secret: { length } }) => length > 0 && length < SHORTEST_GOOD_SECRET)) {
		functions.logger.warn(
			`${functions.getNode().name}: The webhook secret is short. Use ${SHORTEST_GOOD_SECRET} characters or more.`,
		);
	}
}

/**
 * Checks the shared secret of a trigger with the parameter 'verification', so that a workflow whose
 * verification could never succeed is not published.
 *
 * @throws NodeOperationError as `checkSecrets` does
 */
export async function checkSharedSecret(
	functions: IHookFunctions,
	credentialType: string,
): Promise<void> {
	if ((functions.getNodeParameter('verification') as Verification) === 'none') return;
	await checkSecrets(
		functions,
		credentialType,
		{ webhookSecret: 'Webhook Secret' },
		"Enter a random text of 16 characters or more in the credential, or set 'Verification' to None.",
	);
}
