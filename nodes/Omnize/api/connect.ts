import type { IExecuteFunctions, ILoadOptionsFunctions } from 'n8n-workflow';
import { openConnection } from '../../shared/http/client';
import { baseUrlFrom } from '../../shared/text';
import type { Redactor } from '../../shared/redact';
import { OmnizeApi } from './OmnizeApi';

/**
 * Makes Omnize's calls with the credential of this node.
 *
 * @param timeout milliseconds for one request
 */
export async function connectOmnize(
	functions: IExecuteFunctions | ILoadOptionsFunctions,
	timeout?: number,
): Promise<{ api: OmnizeApi; redact: Redactor }> {
	const { credentials, request, redact } = await openConnection(functions, {
		provider: 'Omnize',
		credentialType: 'omnizeApi',
		secretFields: ['token', 'webhookSecret'],
		timeout,
	});
	const url = baseUrlFrom(credentials.baseUrl);
	return { api: new OmnizeApi(request, url), redact };
}
