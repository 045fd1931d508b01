import { NodeOperationError } from 'n8n-workflow';
import type { ICredentialDataDecryptedObject, IHookFunctions } from 'n8n-workflow';
import type { Verification } from './verify';

/** What is shorter can be guessed by trying. */
const SHORTEST_GOOD_SECRET = 16;

/**
 * Checks, when a trigger is activated, the secrets that its calls will be held against. A short one
 * is only remarked on in n8n's log.
 *
 * @param fields the credential's fields that hold them, with the name that each has on the screen;
 * only the first must not be empty
 * @param remedy what to do where it is
 * @throws NodeOperationError also where one has blanks around it, which no caller would send
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
			`The credential has no '${first.title}', so every call would be refused`,
			{ description: remedy },
		);
	}
	for (const { title, secret } of secrets) {
		if (secret === secret.trim()) continue;
		throw new NodeOperationError(
			functions.getNode(),
			`The '${title}' of the credential begins or ends with a blank`,
			{ description: 'Enter it again without blanks around it.' },
		);
	}
	if (secrets.some(({ secret: { length } }) => length > 0 && length < SHORTEST_GOOD_SECRET)) {
		functions.logger.warn(
			`${functions.getNode().name}: the webhook secret is short; use ${SHORTEST_GOOD_SECRET} characters or more`,
		);
	}
}

/**
 * The same for a trigger with the parameter 'verification': a promise of verification that cannot be
 * kept ends when the workflow is published.
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
