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
			description: 'Access key of the company, which Lifty provides on request',
		},
		{
			displayName: 'Default Bot ID',
			name: 'botId',
			type: 'string',
			default: '',
			description:
				'Token of the bot to use if a node names none. It is in the address of the dashboard once the bot has been created on the integrations screen of Lifty. The test of this credential then checks this bot.',
		},
		{
			displayName: 'Gateway URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://integration-gateway-prod-8xgj7n6l.uc.gateway.dev',
			required: true,
			description: 'URL of the WhatsApp API, without /integration',
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
					description: "As on Lifty's site for messages, and as in the API document for the rest",
				},
				{ name: 'Query', value: 'query', description: 'Parameter "key", as in the API document' },
			],
		},
		{
			displayName: 'Message Server URL',
			name: 'messageUrl',
			type: 'string',
			default: '',
			description: 'URL for sending messages, if Lifty gave you a different one than the gateway',
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
	 * Requests the link to the bot's status, which changes nothing, and accepts no other answer.
	 * Without a default bot it requests one that hardly exists; a gateway rejects a wrong key or path
	 * before it looks for a bot.
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
						'The answer does not describe a Lifty bot. Check the API Key, the Gateway URL and the Default Bot ID. Without a Default Bot ID, this test requests bot 0, which may not exist.',
				},
			},
		],
	};
}
