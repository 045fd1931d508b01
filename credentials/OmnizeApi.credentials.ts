import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IDataObject,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';

export class OmnizeApi implements ICredentialType {
	name = 'omnizeApi';

	displayName = 'Omnize API';

	icon: Icon = {
		light: 'file:../nodes/Omnize/omnize.svg',
		dark: 'file:../nodes/Omnize/omnize.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-omnichannel/n8n-nodes-omnichannel#omnize-credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'Created in Omnize under Menu > Settings > Integrations > ClientSDK. Creating a new token invalidates the old one.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'http://clientapi.omnize.com:8080/client-gateway/api/rest/v1',
			required: true,
			placeholder: 'e.g. https://api.omnize.com/client-gateway/api/rest/v1',
			description:
				'Full URL of the ClientApi. The default is the one in its document; use the https URL if your account has one.',
		},
		{
			displayName:
				'This URL is not encrypted: others can read the token and the messages in transit. Use an https URL if your account has one.',
			name: 'clearTextNotice',
			type: 'notice',
			default: '',
			displayOptions: { show: { baseUrl: [{ _cnd: { startsWith: 'http://' } }] } },
		},
		{
			displayName: 'Webhook Secret',
			name: 'webhookSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Only for the Omnize Trigger. Make up a random text of 16 characters or more: Omnize does not sign its requests, so this secret in the webhook URL or a header shows that a request is genuine.',
		},
	];

	/** Omnize expects its token in the JSON body of every request. */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => ({
		...requestOptions,
		body: { token: credentials.token, ...(requestOptions.body as IDataObject | undefined) },
	});

	/** The only call without an effect: it lists the departments. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl}}',
			url: '',
			method: 'POST',
			body: { type: 'info', content: 'departments', clientId: '1' },
		},
	};
}
