import type { ICredentialDataDecryptedObject, INodeCredentialTestResult } from 'n8n-workflow';
import { faultOfSecret, SHORTEST_GOOD_SECRET } from '../../shared/webhook/setup';

const SMART_FIELDS = { host: 'Host', apiId: 'API ID', token: 'Token' } as const;

/**
 * Tests a credential without a request: scheduled messages and bot menus call us, so no server knows
 * the webhook secret. Of Smart 2.0, it checks only whether the fields are complete; nothing in this
 * package uses them.
 */
export function testCredential(data: ICredentialDataDecryptedObject): INodeCredentialTestResult {
	const failed = (message: string): INodeCredentialTestResult => ({ status: 'Error', message });
	const given = (field: string) => String(data[field] ?? '');

	const secret = given('webhookSecret');
	const smart = Object.entries(SMART_FIELDS);
	const filled = smart.filter(([field]) => given(field).trim() !== '');
	const empty = smart.find(([field]) => given(field).trim() === '');
	const found = secret === '' ? undefined : faultOfSecret(secret);
	if (found !== undefined) return failed(`The 'Webhook Secret' ${found.fault}. ${found.remedy}`);
	if (secret === '' && filled.length === 0) {
		return failed("Enter a 'Webhook Secret': a random text of 16 characters or more.");
	}
	if (secret !== '' && secret.length < SHORTEST_GOOD_SECRET) {
		return failed(
			`The 'Webhook Secret' is easy to guess: it has ${secret.length} characters. Use ${SHORTEST_GOOD_SECRET} or more.`,
		);
	}
	if (filled.length > 0 && empty !== undefined) {
		return failed(`Smart 2.0 also needs the '${empty[1]}'. Without Smart 2.0, clear its fields.`);
	}
	if (filled.length > 0 && !/^https?:\/\/[^/?#\s]+\/?$/i.test(given('host').trim())) {
		return failed("The 'Host' must be an address like https://enterprise-90api.simplesdesk.com.br");
	}
	return {
		status: 'OK',
		message:
			filled.length > 0
				? 'The fields are complete. The token was not tested with SimplesDesk.'
				: 'The secret is long enough. It was not tested with SimplesDesk, which sends what you enter there.',
	};
}
