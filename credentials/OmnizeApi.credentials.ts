import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IDataObject,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';

/** The types of an answer that is no object: a page or another text, or nothing. */
const NOT_DATA = [undefined, 'String', 'Number', 'Boolean'];

const ERROR_STATUSES = [400, 401, 403, 404, 422, 429, 500, 502, 503];

/**
 * How an answer with status 200 refuses. n8n compares for equality only, so the rule for any text is
 * that its first character is a text.
 */
const REFUSALS: ReadonlyArray<{ key: string; values: unknown[] }> = [
	{ key: 'success', values: [false, 'false', 0, '0'] },
	{ key: 'status', values: [...ERROR_STATUSES, ...ERROR_STATUSES.map(String), 'error', false] },
	...['error', 'errors'].flatMap((key) => [
		{ key, values: [true, 1, ...ERROR_STATUSES] },
		{ key: `${key}.constructor.name`, values: ['Object'] },
		{ key: `${key}.0.constructor.name`, values: ['String', 'Object'] },
	]),
];

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
				'Only for the Omnize Trigger. Make up a random text of 16 letters, digits, - and _ or more (for example with: openssl rand -hex 24). Omnize does not sign its requests, so this secret in the webhook URL or a header shows that a request is genuine.',
		},
	];

	/** Omnize expects its token in the JSON body of every request. */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => ({
		...requestOptions,
		body: {
			token: String(credentials.token ?? '').trim(),
			...(requestOptions.body as IDataObject | undefined),
		},
	});

	/** The only call without an effect: it lists the departments. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl}}',
			url: '',
			method: 'POST',
			body: { type: 'info', content: 'departments', clientId: '1' },
			// A redirect would carry the token to wherever it points.
			disableFollowRedirect: true,
		},
		rules: [
			...NOT_DATA.map((value) => ({
				type: 'responseSuccessBody' as const,
				properties: {
					key: 'constructor.name',
					value,
					message:
						'The answer is not data. Check the Base URL: a web page or another service may be answering there.',
				},
			})),
			...REFUSALS.flatMap(({ key, values }) =>
				values.map((value) => ({
					type: 'responseSuccessBody' as const,
					properties: { key, value, message: 'Omnize refused the token. Check it.' },
				})),
			),
		],
	};
}
