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
				'Made in Omnize under Menu > Settings > Integrations > ClientSDK. Making a new token ends the old one.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'http://clientapi.omnize.com:8080/client-gateway/api/rest/v1',
			required: true,
			placeholder: 'e.g. https://api.omnize.com/client-gateway/api/rest/v1',
			description:
				'Whole address of the ClientApi. The default is the one in its document; take the address with https if your account has it.',
		},
		{
			displayName:
				'This address is not encrypted: token and messages can be read on their way. Use one with https if your account has it.',
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
				'Only for the Omnize Trigger, and of your own making: Omnize does not sign its calls, so a random text of 16 characters or more in the webhook URL or a header shows that a call may come in',
		},
	];

	/** Omnize takes its token in the JSON body of every request. */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => ({
		...requestOptions,
		body: { token: credentials.token, ...(requestOptions.body as IDataObject | undefined) },
	});

	/** The one call without an effect: it lists the departments. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl}}',
			url: '',
			method: 'POST',
			body: { type: 'info', content: 'departments', clientId: '1' },
		},
	};
}
