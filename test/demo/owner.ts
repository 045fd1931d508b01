import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { N8nApiError, type N8nApi, type Owner } from '../host/N8nApi';

const EMAIL = 'demo@example.test';

/** What the owner of every demo had before each folder got a password of its own. */
const FORMER_PASSWORD = 'Demo-passw0rd';

/**
 * Signs in as the owner of the demo's n8n, whose password is made once for each folder, kept in a file
 * that only this user can read, and shown at each start.
 *
 * @param folder n8n's user folder
 */
export async function signInAsOwner(api: N8nApi, folder: string): Promise<Owner> {
	const file = join(folder, 'owner-password');
	const isKnown = existsSync(file);
	// n8n wants a capital letter and a digit.
	const made = `Demo-${randomBytes(12).toString('base64url')}-1`;
	const password = isKnown ? readFileSync(file, 'utf8').trim() : made;
	const owner = { email: EMAIL, password };
	try {
		await api.signIn(owner);
	} catch (error) {
		if (isKnown || !(error instanceof N8nApiError)) throw error;
		await api.signIn({ email: EMAIL, password: FORMER_PASSWORD });
		await api.changePassword(FORMER_PASSWORD, password);
	}
	writeFileSync(file, `${password}\n`, { mode: 0o600 });
	chmodSync(file, 0o600);
	return owner;
}
