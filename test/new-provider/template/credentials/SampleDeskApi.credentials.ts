import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';

export class SampleDeskApi implements ICredentialType {
	name = 'sampleDeskApi';

	displayName = 'SampleDesk API';

	icon: Icon = {
		light: 'file:../nodes/SampleDesk/sampledesk.svg',
		dark: 'file:../nodes/SampleDesk/sampledesk.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-omnichannel/n8n-nodes-omnichannel/blob/main/docs/sampledesk.md';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.sampledesk.example/v1',
			required: true,
			description: 'Address of the API',
		},
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Only for the SampleDesk Trigger: a random text of 16 characters or more that shows that a request comes from SampleDesk',
		},
	];

	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => ({
		...requestOptions,
		headers: { ...requestOptions.headers, Authorization: `Bearer ${String(credentials.apiKey)}` },
	});

	test: ICredentialTestRequest = {
		request: { baseURL: '={{$credentials.baseUrl}}', url: '/account' },
	};
}
