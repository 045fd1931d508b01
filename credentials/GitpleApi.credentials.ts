import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';

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
			description: 'Code of the workspace. The Gitple Trigger works without it.',
		},
		{
			displayName: 'Open API Secret',
			name: 'secret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Made in Gitple under Workspace > Settings > Integrations. The Gitple Trigger works without it.',
		},
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				"The 'Secret' under Workspace > Settings > Integrations > Event APIs, a random text of 16 characters or more. Gitple signs its events with it; without it, the Gitple Trigger refuses every call.",
		},
		{
			displayName: 'Previous Webhook Secret',
			name: 'previousWebhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'While the webhook secret is being changed: events signed with the old one are accepted as long as it stands here',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.gitple.io/v1',
			required: true,
			description: 'Address of the Open API, with its version',
		},
	];

	/** Gitple takes the app code and the secret in headers. */
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
	 * The Open API has no call that succeeds in every workspace, so an agent is asked for who does
	 * not exist. Whatever is answered but "Unauthorized" shows that the credential was taken.
	 */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl}}',
			url: '/exports/agents/0',
			ignoreHttpStatusErrors: true,
		},
		rules: [
			{
				type: 'responseSuccessBody',
				properties: {
					key: 'error',
					value: 'Unauthorized',
					message:
						'Gitple refused the app code and the Open API secret. The Gitple Trigger needs neither.',
				},
			},
		],
	};
}
