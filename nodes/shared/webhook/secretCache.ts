import type { ICredentialDataDecryptedObject, IWebhookFunctions } from 'n8n-workflow';

interface CachedSecrets {
	secrets: readonly string[];
	/** Milliseconds since 1970. */
	readAt: number;
}

/** How many trigger nodes are remembered; beyond that, the one that was read longest ago is dropped. */
const CAPACITY = 1_000;

const cache = new Map<string, CachedSecrets>();

/**
 * The secrets in the credential of a trigger, kept in this process because decrypting a credential
 * costs more than all the rest of a webhook request.
 *
 * @param fields names of the credential's fields; a missing one counts as an empty secret
 * @param maxAge milliseconds since the credential was read; older secrets are read again
 * @returns the same array until the credential is read again
 */
export async function cachedSecrets(
	functions: IWebhookFunctions,
	credentialType: string,
	fields: readonly string[],
	maxAge: number,
): Promise<readonly string[]> {
	const node = functions.getNode();
	const credentialId = node.credentials?.[credentialType]?.id ?? '';
	const key = [functions.getWorkflow().id, node.id, credentialId, ...fields].join(':');

	const cached = cache.get(key);
	if (cached !== undefined && Date.now() - cached.readAt < maxAge) return cached.secrets;

	const credentials =
		await functions.getCredentials<ICredentialDataDecryptedObject>(credentialType);
	const secrets = fields.map((field) => {
		const value = credentials[field];
		return typeof value === 'string' ? value : '';
	});
	// Deleted first, so that the map stays in the order of reading.
	cache.delete(key);
	const oldest = cache.keys().next();
	if (cache.size >= CAPACITY && oldest.done !== true) cache.delete(oldest.value);
	cache.set(key, { secrets, readAt: Date.now() });
	return secrets;
}
