import type { IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';
import { invalidInput } from '../../shared/errors';
import { openConnection } from '../../shared/http/client';
import { baseUrlFrom } from '../../shared/text';
import type { Request, RequestLimits } from '../../shared/http/types';
import type { Redactor } from '../../shared/redact';
import { GitpleApi } from './GitpleApi';

/**
 * Makes Gitple's calls with the credential of this node.
 *
 * @param limits of its requests
 */
export async function connectGitple(
	functions: IExecuteFunctions | IWebhookFunctions,
	limits: RequestLimits = {},
): Promise<{ api: GitpleApi; redact: Redactor; hasSent: () => boolean }> {
	const { credentials, request, hasSent, redact } = await openConnection(functions, {
		provider: 'Gitple',
		credentialType: 'gitpleApi',
		secretFields: ['secret', 'webhookSecret', 'previousWebhookSecret'],
		...limits,
	});
	const url = baseUrlFrom(credentials.baseUrl);
	const complete = ['appCode', 'secret'].every(
		(field) => String(credentials[field] ?? '').trim() !== '',
	);
	const checked: Request = async (call) => {
		if (complete) return await request(call);
		throw invalidInput(
			'The credential has no App Code or no Open API Secret',
			'The webhook secret is only for the Gitple Trigger. Nothing was sent.',
		);
	};
	return { api: new GitpleApi(checked, url), redact, hasSent };
}
