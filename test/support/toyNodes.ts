import {
	ApplicationError,
	NodeApiError,
	NodeConnectionTypes,
	NodeOperationError,
	sleep,
	type IAuthenticateGeneric,
	type ICredentialDataDecryptedObject,
	type ICredentialTestRequest,
	type ICredentialType,
	type IDataObject,
	type IExecuteFunctions,
	type IHookFunctions,
	type IHttpRequestHelper,
	type IHttpRequestOptions,
	type ILoadOptionsFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
	type IPollFunctions,
	type IRun,
	type ITriggerFunctions,
	type ITriggerResponse,
	type IWebhookFunctions,
	type IWebhookResponseData,
	type JsonObject,
} from 'n8n-workflow';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** Small nodes and credentials with nothing in them but what the harness is to be tried on. */

const baseUrl: INodeProperties = {
	displayName: 'Base URL',
	name: 'baseUrl',
	type: 'string',
	default: '',
};
const key: INodeProperties = {
	displayName: 'Key',
	name: 'key',
	type: 'string',
	default: 'demo-default-key',
};

export class ToyApi implements ICredentialType {
	name = 'toyApi';
	displayName = 'Toy API';
	properties = [baseUrl, key];
	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: {
			headers: { 'x-key': '=Key {{$credentials.key}}' },
			body: { token: '={{$credentials.key}}' },
		},
	};
	test: ICredentialTestRequest = {
		request: { baseURL: '={{$credentials.baseUrl}}', url: '/check', method: 'POST', body: {} },
		rules: [
			{
				type: 'responseSuccessBody',
				properties: { key: 'error', value: 1, message: 'The key was refused' },
			},
		],
	};
}

export class ToyFunctionApi implements ICredentialType {
	name = 'toyFunctionApi';
	displayName = 'Toy Function API';
	properties = [baseUrl, key];
	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		options: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		return { ...options, headers: { ...options.headers, 'x-function-key': `${credentials.key}` } };
	}
}

export class ToySessionApi implements ICredentialType {
	name = 'toySessionApi';
	displayName = 'Toy Session API';
	properties: INodeProperties[] = [
		baseUrl,
		{
			displayName: 'Session',
			name: 'session',
			type: 'hidden',
			typeOptions: { expirable: true },
			default: '',
		},
	];
	async preAuthentication(this: IHttpRequestHelper, credentials: ICredentialDataDecryptedObject) {
		const { session } = (await this.helpers.httpRequest({
			url: `${credentials.baseUrl}/login`,
			method: 'POST',
		})) as { session: string };
		return { session };
	}
	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { 'x-session': '={{$credentials.session}}' } },
	};
}

const description = (
	name: string,
	properties: INodeProperties[],
	more: Partial<INodeTypeDescription> = {},
): INodeTypeDescription => ({
	displayName: name,
	name,
	group: ['transform'],
	version: 1,
	description: `Does ${name}`,
	defaults: { name },
	inputs: [NodeConnectionTypes.Main],
	outputs: [NodeConnectionTypes.Main],
	properties,
	...more,
});

const text = (name: string, value = ''): INodeProperties => ({
	displayName: name,
	name,
	type: 'string',
	default: value,
});

/** Sends each item's text to /say; the text "fail" fails before anything is sent. */
export class ToySay implements INodeType {
	description = description('toySay', [text('text'), text('credential', 'toyApi')], {
		usableAsTool: true,
		credentials: ['toyApi', 'toyFunctionApi', 'toySessionApi'].map((name) => ({ name })),
	});

	methods = {
		listSearch: {
			async searchWords(this: ILoadOptionsFunctions, filter = '', paginationToken?: string) {
				const { baseUrl: url } = await this.getCredentials('toyApi');
				const words = (await this.helpers.httpRequestWithAuthentication.call(this, 'toyApi', {
					url: `${url as string}/words`,
					qs: { filter, page: paginationToken ?? '1' },
					body: {},
					method: 'POST',
				})) as string[];
				const prefix = this.getCurrentNodeParameter('text') as string;
				return {
					results: words.map((word) => ({ name: prefix + word, value: word })),
					paginationToken: 2 as unknown as string,
				};
			},
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		const credential = this.getNodeParameter('credential', 0) as string;
		const data = await this.getCredentials(credential);
		const output: INodeExecutionData[] = [];
		for (const [item] of items.entries()) {
			try {
				const said = this.getNodeParameter('text', item) as string;
				if (said === 'fail')
					throw new NodeOperationError(this.getNode(), 'Will not say that', { itemIndex: item });
				const json = (await this.helpers.httpRequestWithAuthentication.call(
					this,
					credential,
					{ url: `${data.baseUrl as string}/say`, method: 'POST', body: { said } },
					{ credentialsDecrypted: { id: '', name: '', type: credential, data } },
				)) as IDataObject;
				output.push({ json, pairedItem: { item } });
			} catch (error) {
				if (!this.continueOnFail()) throw error;
				output.push({
					json: { error: (error as Error).message },
					pairedItem: { item },
				});
			}
		}
		this.logger.info('Said it all', { count: items.length });
		this.addExecutionHints({ message: 'Said it', location: 'outputPane' });
		return [output];
	}
}

/** Waits in slices until the execution is stopped, then ends quietly. */
export class ToyWait implements INodeType {
	description = description('toyWait', []);
	/** How many slices it slept through. */
	static slices = 0;
	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const signal = this.getExecutionCancelSignal();
		for (ToyWait.slices = 0; ToyWait.slices < 1_000 && !signal?.aborted; ToyWait.slices++)
			await sleep(10);
		return [[]];
	}
}

/** Puts out the file it got, in upper case, and answers a webhook with it. */
export class ToyFile implements INodeType {
	description = description('toyFile', []);
	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { mimeType, fileName } = this.helpers.assertBinaryData(0, 'data');
		const content = await this.helpers.getBinaryDataBuffer(0, 'data');
		const shouted = Buffer.from(content.toString().toUpperCase());
		await this.sendResponse({ body: shouted.toString(), statusCode: 201 });
		const data = await this.helpers.prepareBinaryData(shouted, fileName, mimeType);
		return [[{ json: {}, binary: { data }, pairedItem: { item: 0 } }]];
	}
}

const webhooks: INodeTypeDescription['webhooks'] = [
	{ name: 'default', httpMethod: 'POST', path: 'webhook', responseMode: 'onReceived' },
];

/** Lets a call in that carries the key, and keeps the raw body. */
export class ToyWebhookTrigger implements INodeType {
	description = description('toyWebhookTrigger', [], {
		group: ['trigger'],
		version: [1, 2],
		inputs: [],
		credentials: [{ name: 'toyApi' }],
		webhooks,
	});
	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions) {
				return this.getWorkflowStaticData('node').url === this.getNodeWebhookUrl('default');
			},
			async create(this: IHookFunctions) {
				this.getWorkflowStaticData('node').url = this.getNodeWebhookUrl('default');
				return true;
			},
			async delete(this: IHookFunctions) {
				delete this.getWorkflowStaticData('node').url;
				return true;
			},
		},
	};
	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const req = this.getRequestObject() as ReturnType<IWebhookFunctions['getRequestObject']> & {
			readRawBody(): Promise<void>;
		};
		const unread = req.rawBody === undefined;
		await req.readRawBody();
		const { key: expected } = await this.getCredentials('toyApi');
		if (req.query.key === 'crash') throw new ApplicationError('Crashed');
		if (req.query.key !== expected) {
			this.logger.warn('Wrong key');
			this.getResponseObject().status(401).send('Unauthorized').end();
			return { noWebhookResponse: true };
		}
		if (req.query.ignore) return {};
		const body = this.getBodyData();
		const json = { body, raw: req.rawBody.toString('hex'), unread, mode: this.getMode() };
		return { workflowData: [[{ json }]] };
	}
}

/** Emits the minutes since the last tick. */
export class ToyPollTrigger implements INodeType {
	description = description('toyPollTrigger', [], {
		group: ['trigger'],
		polling: true,
		inputs: [],
	});
	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const memory = this.getWorkflowStaticData('node') as { last?: number };
		const { last } = memory;
		memory.last = Date.now();
		return last === undefined ? null : [[{ json: { minutes: (Date.now() - last) / 60_000 } }]];
	}
}

/** Tells the test what it would otherwise hear from a connection. */
export class ToyStreamTrigger implements INodeType {
	description = description('toyStreamTrigger', [], { group: ['trigger'], inputs: [] });
	static hear: (message: string) => Promise<IRun | undefined>;
	static closed = 0;
	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		const listen = () => {
			ToyStreamTrigger.hear = async (message) => {
				if (message === 'fatal') this.emitError(new ApplicationError(message));
				else if (message === 'malformed')
					this.saveFailedExecution(
						new NodeApiError(this.getNode(), { message } as unknown as JsonObject),
					);
				else {
					const done = this.helpers.createDeferredPromise<IRun>();
					this.emit([[{ json: { message } }]], undefined, done, `toy:${message}`);
					return await done.promise;
				}
				return undefined;
			};
		};
		if (this.getMode() === 'trigger') listen();
		return {
			closeFunction: async () => void ToyStreamTrigger.closed++,
			manualTriggerFunction: async () => listen(),
		};
	}
}

/** A server that keeps what it was sent and answers with what `reply` says. */
export async function toyServer(
	reply: (path: string, body: IDataObject, headers: Record<string, unknown>) => unknown,
) {
	const requests: Array<{ path: string; body: IDataObject; headers: Record<string, unknown> }> = [];
	const server = createServer(async (req, res) => {
		const sent = Buffer.concat(await req.toArray()).toString();
		const body = (sent ? JSON.parse(sent) : {}) as IDataObject;
		const path = req.url ?? '';
		requests.push({ path, body, headers: req.headers });
		const answer = reply(path, body, req.headers);
		res.writeHead(typeof answer === 'number' ? answer : 200, {
			'content-type': 'application/json',
		});
		res.end(JSON.stringify(typeof answer === 'number' ? {} : answer));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		requests,
		async close() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}
