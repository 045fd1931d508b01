import type { ICredentialDataDecryptedObject, INodeCredentialTestResult } from 'n8n-workflow';

/** What is shorter can be guessed by trying. */
const SHORTEST_GOOD_SECRET = 16;

const SMART_FIELDS = { host: 'Host', apiId: 'API ID', token: 'Token' } as const;

/**
 * What can be said of a credential without asking anybody: scheduled messages and bot menus call
 * us, so there is no server that knows the webhook secret. Of Smart 2.0, only whether its fields are
 * complete; nothing that this package does needs them.
 */
export function judgeCredential(data: ICredentialDataDecryptedObject): INodeCredentialTestResult {
	const failed = (message: string): INodeCredentialTestResult => ({ status: 'Error', message });
	const given = (field: string) => String(data[field] ?? '');

	const secret = given('webhookSecret');
	const smart = Object.entries(SMART_FIELDS);
	const filled = smart.filter(([field]) => given(field).trim() !== '');
	const empty = smart.find(([field]) => given(field).trim() === '');
	if (secret !== secret.trim()) {
		return failed("The 'Webhook Secret' begins or ends with a blank. Enter it again without.");
	}
	if (secret === '' && filled.length === 0) {
		return failed("Enter a 'Webhook Secret': a random text of 16 characters or more.");
	}
	if (secret !== '' && secret.length < SHORTEST_GOOD_SECRET) {
		return failed(
			`The 'Webhook Secret' is easy to guess: it has ${secret.length} characters. Use ${SHORTEST_GOOD_SECRET} or more.`,
		);
	}
	if (filled.length > 0 && empty !== undefined) {
		return failed(
			`Smart 2.0 needs the '${empty[1]}' as well. Without Smart 2.0, empty its fields.`,
		);
	}
	if (filled.length > 0 && !/^https?:\/\/[^/?#\s]+\/?$/i.test(given('host').trim())) {
		return failed("The 'Host' must be an address like https://enterprise-90api.simplesdesk.com.br");
	}
	return {
		status: 'OK',
		message:
			filled.length > 0
				? 'The fields are complete. SimplesDesk was not asked about the token.'
				: 'The secret is long enough. SimplesDesk is not asked: it sends what you enter there.',
	};
}
