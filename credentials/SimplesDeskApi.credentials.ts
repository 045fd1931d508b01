import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';

export class SimplesDeskApi implements ICredentialType {
	name = 'simplesDeskApi';

	displayName = 'SimplesDesk API';

	icon: Icon = {
		light: 'file:../nodes/SimplesDesk/simplesdesk.svg',
		dark: 'file:../nodes/SimplesDesk/simplesdesk.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-omnichannel/n8n-nodes-omnichannel#simplesdesk-credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'For the SimplesDesk Trigger. Make up a random text of 16 letters, digits, - and _ or more (for example with: openssl rand -hex 24). SimplesDesk does not sign its requests, so this secret in the webhook URL or in the header mz-integration shows that a request is genuine.',
		},
		{
			displayName: 'Green means only that the secret is usable: SimplesDesk cannot be asked.',
			name: 'testNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName:
				'The fields below are only for Smart 2.0, another product of SimplesDesk. The SimplesDesk nodes do not use them, but the HTTP Request node can call Smart 2.0 with this credential.',
			name: 'smartNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Host',
			name: 'host',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://enterprise-90api.simplesdesk.com.br',
			description: 'URL of your Smart 2.0, up to the first slash',
		},
		{
			displayName: 'API ID',
			name: 'apiId',
			type: 'string',
			default: '',
			description: "ID (UUID) of the configuration under 'API/WEBHOOK' in Smart 2.0",
		},
		{
			displayName: 'Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Token of the same configuration',
		},
	];

	/** Smart 2.0 expects its token as a bearer token. */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => ({
		...requestOptions,
		headers: {
			...requestOptions.headers,
			Authorization: `Bearer ${String(credentials.token ?? '').trim()}`,
		},
	});
}
