import { GitpleApi } from '../../credentials/GitpleApi.credentials';
import { LiftyApi } from '../../credentials/LiftyApi.credentials';
import { OmnizeApi } from '../../credentials/OmnizeApi.credentials';
import { Gitple } from '../../nodes/Gitple/Gitple.node';
import { Lifty } from '../../nodes/Lifty/Lifty.node';
import { Omnize } from '../../nodes/Omnize/Omnize.node';
import type { RunOptions } from '../support';

/** A provider whose guide has a table of requests, with what is needed to make each of them. */
export interface RequestSamples extends Required<Pick<RunOptions, 'credentialTypes'>> {
	node: typeof Gitple | typeof Lifty | typeof Omnize;
	credentials(url: string): NonNullable<RunOptions['credentials']>;
	/** The values of the credential that the table must not show. */
	secrets: string[];
	/** What the provider answers to every request: the least that all operations accept. */
	answer(url: string): unknown;
	/** Parameters by `resource: operation`. */
	parameters: Record<string, Record<string, unknown>>;
	/** The operation that needs its second output led back to itself. */
	looping?: string;
}

const clientId = '12';
const departmentId = { __rl: true, mode: 'id', value: '1' };
const conversation = { clientId, departmentId };

const omnize: RequestSamples = {
	node: Omnize,
	credentialTypes: [OmnizeApi],
	credentials: (url) => ({ omnizeApi: { token: 'demo-omnize-token', baseUrl: url } }),
	secrets: ['demo-omnize-token'],
	answer: () => [],
	parameters: {
		'department: getAll': {},
		'interaction: finish': conversation,
		'interaction: sendMessage': { ...conversation, text: 'Hello' },
		'interaction: start': {
			...conversation,
			customer: {
				name: 'Demo Customer',
				email: 'customer@example.test',
				phone: '11900000000',
				cpf: '000.000.000-00',
			},
			options: { botId: 'demo-bot' },
		},
		'interaction: startTyping': conversation,
		'interaction: stopTyping': conversation,
	},
};

const toUser = {
	recipientId: 'customer-12',
	text: 'Hello',
	buttons: { button: [{ label: 'Order', url: 'https://shop.example.test/12' }] },
};

const gitple: RequestSamples = {
	node: Gitple,
	credentialTypes: [GitpleApi],
	credentials: (url) => ({
		gitpleApi: { appCode: 'demo-app', secret: 'demo-open-api-secret', baseUrl: url },
	}),
	secrets: ['demo-open-api-secret'],
	answer: () => ({ id: '7' }),
	parameters: {
		'agent: get': { id: '7' },
		'agentGroup: get': { id: '7' },
		'category: get': { id: '7' },
		'message: sendAndWait': { recipientId: 'customer-12', message: 'Shall we?' },
		'message: sendMessage': toUser,
		'message: sendNotification': toUser,
		'session: get': { sessionId: '7' },
		'session: getMessages': { sessionId: '7' },
		'sessionTag: get': { id: '7' },
		'user: get': { id: '7' },
		'userGroup: get': { id: '7' },
		'userTag: get': { id: '7' },
	},
};

const botId = 'demo-bot-1';
const phoneNumber = '+55 48 9999-1234';
const start = { botId, options: { skipWhenConnected: false } };

const lifty: RequestSamples = {
	node: Lifty,
	credentialTypes: [LiftyApi],
	credentials: (url) => ({ liftyApi: { apiKey: 'demo-lifty-key', baseUrl: url } }),
	secrets: ['demo-lifty-key'],
	answer: (url) => ({ statusURL: `${url}/link-to-the-status`, result: 'CONNECTED' }),
	parameters: {
		'bot: pause': { botId, phoneNumber },
		'bot: resume': { botId, phoneNumber },
		'message: sendAndWait': { botId, phoneNumber, message: 'Shall we?' },
		'message: sendDirectMessage': { botId, phoneNumber, text: 'Hello' },
		'message: sendTemplate': {
			phoneNumber,
			templateName: 'order_shipped',
			templateParameters: ['12'],
		},
		'session: connect': start,
		'session: connectAndWait': start,
		'session: disconnect': { botId },
		'session: getStatus': { botId },
	},
	looping: 'session: connectAndWait',
};

/** By the name of the guide. */
export const samples: Record<string, RequestSamples> = { omnize, gitple, lifty };
