import type { IExecuteFunctions, ILoadOptionsFunctions } from 'n8n-workflow';
import { openConnection } from '../../shared/http/client';
import type { RequestLimits } from '../../shared/http/types';
import { baseUrlFrom } from '../../shared/text';
import type { Redactor } from '../../shared/redact';
import { OmnizeApi } from './OmnizeApi';

/**
 * Makes Omnize's calls with the credential of this node.
 *
 * @param limits of its requests
 */
export async function connectOmnize(
	functions: IExecuteFunctions | ILoadOptionsFunctions,
	limits: RequestLimits = {},
): Promise<{ api: OmnizeApi; redact: Redactor; hasSent: () => boolean }> {
	const { credentials, request, hasSent, redact } = await openConnection(functions, {
		provider: 'Omnize',
		credentialType: 'omnizeApi',
		secretFields: ['token', 'webhookSecret'],
		...limits,
	});
	const url = baseUrlFrom(credentials.baseUrl);
	return { api: new OmnizeApi(request, url), redact, hasSent };
}
