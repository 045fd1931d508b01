import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';

export class LiftyApi implements ICredentialType {
	name = 'liftyApi';

	displayName = 'Lifty API';

	icon: Icon = {
		light: 'file:../nodes/Lifty/lifty.svg',
		dark: 'file:../nodes/Lifty/lifty.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-omnichannel/n8n-nodes-omnichannel#lifty-credential';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Access key of the company, which Lifty gives out on request',
		},
		{
			displayName: 'Default Bot ID',
			name: 'botId',
			type: 'string',
			default: '',
			description:
				'Bot that is meant where a node names none: its token, which stands in the address of the dashboard once the bot is made in the integrations screen of Lifty. With it, the test of this credential asks for this bot.',
		},
		{
			displayName: 'Gateway URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://integration-gateway-prod-8xgj7n6l.uc.gateway.dev',
			required: true,
			description: 'Address of the WhatsApp API, without /integration',
		},
		{
			displayName: 'API Key Goes Into',
			name: 'keyPlacement',
			type: 'options',
			default: 'query',
			options: [
				{
					name: 'Header',
					value: 'header',
					description: 'Authorization: Bearer, in every request',
				},
				{
					name: 'Header for Messages, Query for the Rest',
					value: 'mixed',
					description: "As Lifty's site has it for messages, and the API document for the rest",
				},
				{ name: 'Query', value: 'query', description: 'Parameter "key", as in the API document' },
			],
		},
		{
			displayName: 'Message Server URL',
			name: 'messageUrl',
			type: 'string',
			default: '',
			description: 'Address for sending messages, where Lifty gave you another than the gateway',
		},
	];

	/** The document has the key in the query; Lifty's site has it in a header for messages. */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		const key = String(credentials.apiKey ?? '').trim();
		const isMessage = requestOptions.url.includes('/integration/whatsapp/');
		const inHeader =
			credentials.keyPlacement === 'header' || (credentials.keyPlacement === 'mixed' && isMessage);
		return inHeader
			? {
					...requestOptions,
					headers: { ...requestOptions.headers, Authorization: `Bearer ${key}` },
				}
			: { ...requestOptions, qs: { ...requestOptions.qs, key } };
	};

	/**
	 * Asks where the bot's status can be read, which changes nothing, and takes nothing for an answer
	 * but that. Without a default bot it asks for one that hardly exists; a gateway turns a wrong key
	 * or path away before it looks for a bot.
	 */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl}}',
			url: '=/integration/bot/{{$credentials.botId || "0"}}/whatsapp',
			disableFollowRedirect: true,
			ignoreHttpStatusErrors: { ignore: true, except: [401, 403] },
		},
		rules: [
			{
				type: 'responseSuccessBody',
				properties: {
					key: 'statusURL',
					value: undefined,
					message:
						'This is not how Lifty answers for a bot. Check the API Key, the Gateway URL and the Default Bot ID. Without a Default Bot ID, this test asks for bot 0, which Lifty may not know.',
				},
			},
		],
	};
}
