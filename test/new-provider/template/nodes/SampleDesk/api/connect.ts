import type { IExecuteFunctions, ILoadOptionsFunctions } from 'n8n-workflow';
import { openConnection } from '../../shared/http/client';
import type { RequestLimits } from '../../shared/http/types';
import type { Redactor } from '../../shared/redact';
import { baseUrlFrom } from '../../shared/text';
import { SampleDeskApi } from './SampleDeskApi';

/**
 * SampleDesk's calls with the credential of this node.
 *
 * @param limits of its requests
 */
export async function connectSampleDesk(
	functions: IExecuteFunctions | ILoadOptionsFunctions,
	limits: RequestLimits = {},
): Promise<{ api: SampleDeskApi; redact: Redactor; hasSent: () => boolean }> {
	const { credentials, request, hasSent, redact } = await openConnection(functions, {
		provider: 'SampleDesk',
		credentialType: 'sampleDeskApi',
		secretFields: ['apiKey', 'webhookSecret'],
		...limits,
	});
	const api = new SampleDeskApi(request, baseUrlFrom(credentials.baseUrl));
	return { api, redact, hasSent };
}
