import type { ICredentialDataDecryptedObject, IWebhookFunctions } from 'n8n-workflow';

type Secrets = readonly string[];

/** The reading that is under way, and the one that follows it if somebody waits for it. */
interface Readings {
	current: Promise<Secrets>;
	next?: Promise<Secrets>;
}

const readings = new Map<string, Readings>();

/**
 * The secrets in the credential of a trigger, as they are now: a secret that was changed ends at once.
 * Requests that arrive while the credential is being read share the next reading, so that a flood of
 * forged requests reads it one time after another only.
 *
 * @param fields names of the credential's fields; a missing one counts as an empty secret
 */
export async function currentSecrets(
	functions: IWebhookFunctions,
	credentialType: string,
	fields: readonly string[],
): Promise<Secrets> {
	const node = functions.getNode();
	const credentialId = node.credentials?.[credentialType]?.id ?? '';
	const key = [functions.getWorkflow().id, node.id, credentialId, ...fields].join(':');

	const start = async (): Promise<Secrets> => {
		const current = read(functions, credentialType, fields);
		const started: Readings = { current };
		readings.set(key, started);
		try {
			return await current;
		} finally {
			// Whoever waits for the next reading has started it by then.
			if (readings.get(key) === started && started.next === undefined) readings.delete(key);
		}
	};
	const underWay = readings.get(key);
	if (underWay === undefined) return await start();
	underWay.next ??= underWay.current.then(start, start);
	return await underWay.next;
}

async function read(
	functions: IWebhookFunctions,
	credentialType: string,
	fields: readonly string[],
): Promise<Secrets> {
	const credentials =
		await functions.getCredentials<ICredentialDataDecryptedObject>(credentialType);
	return fields.map((field) => {
		const value = credentials[field];
		return typeof value === 'string' ? value : '';
	});
}
