import type { ICredentialDataDecryptedObject, IWebhookFunctions } from 'n8n-workflow';

interface Remembered {
	secrets: readonly string[];
	readAt: number;
}

/** Reading a credential costs more than all the rest of a webhook call together. */
const SECRET_KEPT_FOR = 60_000;

/** So often, at most, does a call with a wrong secret make us look whether the secret was changed. */
const READ_AGAIN_AFTER = 1_000;

const MOST_REMEMBERED = 1_000;

const remembered = new Map<string, Remembered>();

/**
 * Puts a call to the test against the secrets in the trigger's credential. They are kept in the
 * process for a minute; before a call is refused they are read again, at most once a second, so
 * that a changed secret holds at once and a flood of forged calls stays cheap.
 *
 * @param fields names of the credential's fields; one that is missing counts as an empty secret
 * @param refusal says why a call fails the test, or nothing where it passes
 * @returns what `refusal` said at last
 */
export async function verifyAgainstCredential(
	functions: IWebhookFunctions,
	credentialType: string,
	fields: readonly string[],
	refusal: (secrets: readonly string[]) => string | undefined,
): Promise<string | undefined> {
	const node = functions.getNode();
	const credential = node.credentials?.[credentialType]?.id ?? '';
	const key = [functions.getWorkflow().id, node.id, credential, ...fields].join(':');

	const known = remembered.get(key);
	if (known !== undefined) {
		const age = Date.now() - known.readAt;
		const found = refusal(known.secrets);
		if (age < SECRET_KEPT_FOR && (found === undefined || age < READ_AGAIN_AFTER)) return found;
	}
	const credentials =
		await functions.getCredentials<ICredentialDataDecryptedObject>(credentialType);
	const secrets = fields.map((field) => {
		const value = credentials[field];
		return typeof value === 'string' ? value : '';
	});
	const oldest = remembered.keys().next();
	if (remembered.size >= MOST_REMEMBERED && oldest.done !== true) remembered.delete(oldest.value);
	remembered.set(key, { secrets, readAt: Date.now() });
	return refusal(secrets);
}
