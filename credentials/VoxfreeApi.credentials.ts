import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
	Icon,
	INodeProperties,
} from 'n8n-workflow';
import { LOGIN_SERVICE, md5, LOGIN_CHANGE_SERVICE } from '../nodes/Voxfree/api/login';

export class VoxfreeApi implements ICredentialType {
	name = 'voxfreeApi';

	displayName = 'Voxfree API';

	icon: Icon = {
		light: 'file:../nodes/Voxfree/voxfree.svg',
		dark: 'file:../nodes/Voxfree/voxfree.dark.svg',
	};

	documentationUrl =
		'https://github.com/n8n-nodes-omnichannel/n8n-nodes-omnichannel#voxfree-credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Login',
			name: 'login',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. name@company',
			description:
				'Login of the agent (atendente) that n8n acts as. Create a separate agent for n8n: conversations that n8n opens are assigned to it.',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'The password as the agent types it. The node sends its MD5 hash, so do not enter a hash here.',
		},
		{
			displayName: 'Agent Display Name',
			name: 'agentName',
			type: 'string',
			default: '',
			placeholder: 'e.g. Gilles',
			description:
				'Name that Voxfree puts in front of messages to contacts. If empty, the login without its domain.',
		},
		{
			displayName: 'Application URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://app2.voxfree.com.br/mobile',
			required: true,
			description: "Base URL of the application's services",
		},
		{
			displayName: 'Tag and Quick Reply URL',
			name: 'servicesUrl',
			type: 'string',
			default: 'https://discadornovo.voxfree.com.br/mobile',
			required: true,
			description:
				"Base URL of the services for tags and quick replies. Voxfree's document names a separate host for these two.",
		},
		{
			displayName: 'Socket URL',
			name: 'socketUrl',
			type: 'string',
			default: 'wss://websocketapp.voxfree.com.br:443',
			required: true,
			description: 'Address of the WebSocket that the Voxfree Trigger connects to',
		},
		{
			displayName: 'Session',
			name: 'session',
			type: 'hidden',
			typeOptions: { expirable: true },
			default: '',
		},
	];

	/**
	 * Gives n8n the session that the node has just begun. n8n stores it with the credential for all
	 * executions and workers. n8n calls this whenever the stored session is empty, and stores nothing
	 * if there is no new one. Only the node decides when to log in, because Voxfree reports an unknown
	 * agent with status 200, which n8n takes for success.
	 */
	async preAuthentication(
		this: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
	): Promise<IDataObject> {
		const { newSession } = credentials;
		return typeof newSession === 'string' && newSession !== '' ? { session: newSession } : {};
	}

	/** Only two calls take the password. All others identify the agent by the IDs from the login. */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		const { url, body } = requestOptions;
		const senha = md5(String(credentials.password ?? ''));
		if (url.endsWith(LOGIN_SERVICE)) {
			return { ...requestOptions, body: { login: String(credentials.login ?? '').trim(), senha } };
		}
		if (url.endsWith(LOGIN_CHANGE_SERVICE)) {
			return { ...requestOptions, body: { ...(body as IDataObject), senha } };
		}
		return requestOptions;
	};

	/** Voxfree answers a wrong password with status 200 and "error" in the body. */
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl.trim().replace(/\\/+$/, "")}}',
			url: LOGIN_SERVICE,
			method: 'POST',
			body: {},
			// A redirect would carry login and password to wherever it points.
			disableFollowRedirect: true,
		},
		rules: [
			...[1, '1', true].map((value) => ({
				type: 'responseSuccessBody' as const,
				properties: {
					key: 'error',
					value,
					message: 'Voxfree refused the login. Check login and password.',
				},
			})),
			...[undefined, null, '', 0, '0', false].map((value) => ({
				type: 'responseSuccessBody' as const,
				properties: {
					key: 'id_agente',
					value,
					message:
						'The answer does not name the agent. Check login, password and Application URL: another service may be answering there.',
				},
			})),
		],
	};
}
