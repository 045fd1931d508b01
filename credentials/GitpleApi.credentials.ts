import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';

const REFUSED =
	'Gitple rejected the app code and the Open API secret. The Gitple Trigger needs neither.';

/** Statuses that say nothing about app code and secret, or that they are wrong. */
const NEITHER_AGENT_NOR_NO_AGENT = [
	301, 302, 303, 304, 307, 308, 401, 402, 403, 405, 407, 408, 410, 413, 429, 451, 500, 501, 502,
	503, 504, 505, 507, 508, 511, 520, 521, 522, 523, 524, 525, 526, 530,
];

export class GitpleApi implements ICredentialType {
	name = 'gitpleApi';

	displayName = 'Gitple API';

	icon: Icon = {
		light: 'file:../nodes/Gitple/gitple.svg',
		dark: 'file:../nodes/Gitple/gitple.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-omnichannel/n8n-nodes-omnichannel#gitple-credential';

	properties: INodeProperties[] = [
		{
			displayName: 'App Code',
			name: 'appCode',
			type: 'string',
			default: '',
			description: 'Code of the workspace. The Gitple Trigger does not need it.',
		},
		{
			displayName: 'Open API Secret',
			name: 'secret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Created in Gitple under Workspace > Settings > Integrations. The Gitple Trigger does not need it.',
		},
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				"The 'Secret' under Workspace > Settings > Integrations > Event APIs, a random text of 16 characters or more (for example from: openssl rand -hex 24). Gitple signs its events with it; without it, the Gitple Trigger rejects every request.",
		},
		{
			displayName: 'Previous Webhook Secret',
			name: 'previousWebhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Old webhook secret while you are changing it. Events signed with it are accepted until you clear this field.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.gitple.io/v1',
			required: true,
			description: 'URL of the Open API, including its version',
		},
	];

	/** Gitple expects the app code and the secret in headers. */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => ({
		...requestOptions,
		headers: {
			...requestOptions.headers,
			'app-code': String(credentials.appCode ?? '').trim(),
			secret: String(credentials.secret ?? '').trim(),
		},
	});

	/**
	 * The Open API has no call that succeeds in every workspace, so this requests an agent that does
	 * not exist. The document says neither whether the answer is 400 or 404, nor what it contains; but
	 * n8n treats everything that no rule catches as a success.
	 */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl}}',
			url: '/exports/agents/0',
			disableFollowRedirect: true,
			ignoreHttpStatusErrors: { ignore: true, except: NEITHER_AGENT_NOR_NO_AGENT },
		},
		// n8n accepts both kinds together, but its types do not.
		rules: [
			{ type: 'responseCode', properties: { value: 401, message: REFUSED } },
			{ type: 'responseCode', properties: { value: 403, message: REFUSED } },
			{
				type: 'responseSuccessBody',
				properties: { key: 'error', value: 'Unauthorized', message: REFUSED },
			},
			{
				type: 'responseSuccessBody',
				properties: {
					// The first character of an answer that is not JSON.
					key: '0',
					value: '<',
					message: 'The answer is a web page instead of data. Check the Base URL.',
				},
			},
		] as ICredentialTestRequest['rules'],
	};
}
