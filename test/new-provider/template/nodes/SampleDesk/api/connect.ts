import type { IExecuteFunctions, ILoadOptionsFunctions } from 'n8n-workflow';
import { openConnection } from '../../shared/http/client';
import type { Redactor } from '../../shared/redact';
import { baseUrlFrom } from '../../shared/text';
import { SampleDeskApi } from './SampleDeskApi';

/**
 * SampleDesk's calls with the credential of this node.
 *
 * @param timeout milliseconds for one request
 */
export async function connectSampleDesk(
	functions: IExecuteFunctions | ILoadOptionsFunctions,
	timeout?: number,
): Promise<{ api: SampleDeskApi; redact: Redactor }> {
	const { credentials, request, redact } = await openConnection(functions, {
		provider: 'SampleDesk',
		credentialType: 'sampleDeskApi',
		secretFields: ['apiKey', 'webhookSecret'],
		timeout,
	});
	return { api: new SampleDeskApi(request, baseUrlFrom(credentials.baseUrl)), redact };
}
