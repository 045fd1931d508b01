import { sleep } from 'n8n-workflow';
import type { ICredentialDataDecryptedObject, IWebhookFunctions } from 'n8n-workflow';

/** The values of the credential's fields, in the order of their names. */
export type Secrets = readonly string[];

interface Reading {
	secrets: Promise<Secrets>;
	isUnderWay: boolean;
	/** Whether others came while it was under way. */
	isShared: boolean;
}

/** How many milliseconds a reading that requests share may be used. */
const KEPT_FOR = 1_000;

/** By workflow, node and credential. */
const readings = new Map<string, Reading>();

/**
 * Checks a webhook request against the secrets in the trigger's credential.
 *
 * n8n spends more time on reading a credential than on all the rest of a request (20 ms of its
 * processor with the default expression engine). So requests that overlap share a reading, and it is
 * kept for a second. Nothing is refused by a kept one: the credential is then read anew. A secret that
 * was changed thus holds at once, and the old one ends at once, or within a second under load.
 *
 * @param fields names of the credential's fields; a missing one counts as an empty secret
 * @param check returns why the request must be rejected with these secrets, or undefined
 * @returns what `check` has returned
 */
export async function checkAgainstSecrets(
	functions: IWebhookFunctions,
	credentialType: string,
	fields: readonly string[],
	check: (secrets: Secrets) => string | undefined,
): Promise<string | undefined> {
	const node = functions.getNode();
	const credentialId = node.credentials?.[credentialType]?.id ?? '';
	const key = [functions.getWorkflow().id, node.id, credentialId, ...fields].join(':');
	const start = () => startReading(key, async () => await read(functions, credentialType, fields));

	const known = readings.get(key);
	if (known !== undefined) {
		const { isUnderWay } = known;
		known.isShared = true;
		const failure = check(await known.secrets);
		if (isUnderWay || failure === undefined) return failure;
	}
	const latest = readings.get(key);
	// Another request may have started it in the meantime.
	if (latest?.isUnderWay !== true) return check(await start());
	latest.isShared = true;
	return check(await latest.secrets);
}

async function startReading(key: string, readSecrets: () => Promise<Secrets>): Promise<Secrets> {
	const reading: Reading = { secrets: readSecrets(), isUnderWay: true, isShared: false };
	readings.set(key, reading);
	const forget = () => {
		if (readings.get(key) === reading) readings.delete(key);
	};
	let isRead = false;
	try {
		const secrets = await reading.secrets;
		isRead = true;
		return secrets;
	} finally {
		reading.isUnderWay = false;
		if (isRead && reading.isShared) void sleep(KEPT_FOR).then(forget);
		else forget();
	}
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
