import {
	collectLogs,
	createHost,
	binaryDataService,
	type BinaryMode,
	type Host,
	type LogEntry,
	type NodeSetup,
} from './n8nHost';
import { requireFromCore } from './n8nEnvironment';
import express, { type Request, type Response } from 'express';
import { HookContext, WebhookContext } from 'n8n-core';
import {
	jsonParse,
	resolveWebhookDescriptionField,
	sanitizeXmlName,
	type IHttpRequestMethods,
	type INodeExecutionData,
	type IWebhookData,
	type IWebhookDescription,
	type IWebhookResponseData,
	type WorkflowActivateMode,
} from 'n8n-workflow';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse as parseForm } from 'node:querystring';
import { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import getRawBody from 'raw-body';

const { parseIncomingMessage } = requireFromCore(
	'@n8n/backend-network',
) as typeof import('@n8n/backend-network');

export interface WebhookRequest {
	/** Default 'POST'. */
	method?: IHttpRequestMethods;
	headers?: Record<string, string>;
	query?: Record<string, string>;
	/** Sent byte for byte. No content type is added. */
	rawBody?: Buffer | string;
	/** Instead of `rawBody`: sent as JSON with the content type of JSON. */
	json?: unknown;
}

export interface WebhookOptions extends NodeSetup {
	request: WebhookRequest;
	/** 'webhook' is the production URL, 'manual' the test URL. Default 'webhook'. */
	mode?: 'webhook' | 'manual';
	binaryMode?: BinaryMode;
}

export interface WebhookCall {
	response: { status: number; headers: IncomingHttpHeaders; text: string; json?: unknown };
	/** What starts an execution; undefined: n8n starts none and leaves no trace. */
	workflowData?: INodeExecutionData[][];
	/** What `webhook()` threw. n8n answers 500 then, and leaves a failed execution. */
	thrown?: Error;
	logs: LogEntry[];
	credentialFetches: Record<string, number>;
}

/**
 * Calls the trigger's `webhook()` over real HTTP: an Express server that reads and parses the
 * request as n8n 2.41 does, and n8n-core's WebhookContext.
 *
 * It ends where an execution would start, so in the response modes 'lastNode' and 'responseNode'
 * the caller gets what n8n sends when no node answers: 200 and no body.
 */
export async function callWebhook(options: WebhookOptions): Promise<WebhookCall> {
	const { mode = 'webhook', request } = options;
	const host = createHost(options, mode);
	await binaryDataService(options.binaryMode ?? 'memory');
	const call: WebhookCall = {
		response: { status: 0, headers: {}, text: '' },
		logs: [],
		credentialFetches: host.credentials.fetches,
	};
	const app = express();
	app.disable('x-powered-by');
	app.set('query parser', 'extended');
	app.all('/{*path}', async (req, res) => {
		await collectLogs(call.logs, async () => await handle(req, res, host, mode, call));
	});
	const server = createServer(app).listen(0, '127.0.0.1');
	await once(server, 'listening');
	try {
		call.response = await send((server.address() as AddressInfo).port, request);
	} finally {
		server.closeAllConnections();
		server.close();
		await once(server, 'close');
	}
	return call;
}

/** n8n's WebhookRequestHandler and executeWebhook, up to the start of the execution. */
async function handle(
	req: Request,
	res: Response,
	host: Host,
	mode: 'webhook' | 'manual',
	call: WebhookCall,
): Promise<void> {
	const { workflow, node, nodeType, additionalData } = host;
	const fail = (status: number, code: number, message: string) =>
		res.status(status).json({ code, message });
	offerRawBody(req);
	req.params = {};
	const description = nodeType.description.webhooks?.find(({ httpMethod }) =>
		String(httpMethod).split(',').includes(req.method),
	);
	if (!description || !nodeType.webhook) {
		fail(404, 404, `The requested webhook "${req.method} ${req.path}" is not registered.`);
		return;
	}
	additionalData.httpRequest = req;
	additionalData.httpResponse = res;
	try {
		await parseBody(req, host);
	} catch {
		fail(422, 422, 'Failed to parse request body');
		return;
	}
	let result: IWebhookResponseData;
	try {
		const context = new WebhookContext(
			workflow,
			node,
			additionalData,
			mode,
			webhookData(host, description, mode === 'manual'),
			[],
			null,
		);
		result = await nodeType.webhook.call(context);
	} catch (error) {
		call.thrown = error as Error;
		fail(500, 0, 'Workflow Webhook Error: Workflow could not be started!');
		return;
	}
	if (result.workflowData !== undefined) call.workflowData = result.workflowData;
	if (result.noWebhookResponse === true) return;
	answer(res, host, description, result);
}

function answer(
	res: Response,
	host: Host,
	description: IWebhookDescription,
	result: IWebhookResponseData,
): void {
	const field = (name: keyof IWebhookDescription & string, fallback: unknown) => {
		const native = resolveWebhookDescriptionField(host.node, description, name);
		if (native.resolved) return native.value ?? fallback;
		return host.workflow.expression.getSimpleParameterValue(
			host.node,
			description[name] as string,
			'internal',
			{},
			undefined,
			fallback as string,
		);
	};
	res.status(Number(field('responseCode', 200)));
	if (result.workflowData === undefined) {
		const body = result.webhookResponse ?? { message: 'Webhook call received' };
		if (typeof body === 'string') res.send(body);
		else res.json(body);
		return;
	}
	if (field('responseMode', 'onReceived') !== 'onReceived') {
		res.end();
		return;
	}
	const data = field('responseData', 'firstEntryJson');
	const body =
		data === 'noData'
			? undefined
			: data || (result.webhookResponse ?? { message: 'Workflow was started' });
	if (typeof body === 'string') res.send(body);
	else res.json(body);
}

interface N8nRequest extends Request {
	contentType?: string;
	encoding: BufferEncoding;
	rawBody: Buffer;
	readRawBody(): Promise<void>;
	_body: boolean;
}

/** n8n's rawBodyReader: every request can be read raw, once, inflated if it was compressed. */
function offerRawBody(request: Request): void {
	parseIncomingMessage(request);
	const req = request as N8nRequest;
	req.readRawBody = async () => {
		if (req.rawBody) return;
		const inflate = { gzip: createGunzip, deflate: createInflate }[
			req.headers['content-encoding'] ?? ''
		];
		const stream: Readable = inflate ? req.pipe(inflate()) : req;
		req.rawBody = await getRawBody(stream, {
			length: inflate ? undefined : req.headers['content-length'],
			limit: '16mb',
		});
		req._body = true;
	};
}

// Comes with n8n-workflow, without types.
const { Parser } = require('xml2js') as {
	Parser: new (options: object) => { parseStringPromise(xml: string): Promise<unknown> };
};
const xmlParser = new Parser({
	async: true,
	normalize: true,
	normalizeTags: true,
	explicitArray: false,
	tagNameProcessors: [sanitizeXmlName],
	attrNameProcessors: [sanitizeXmlName],
});

const isXml = (type: string) => type.endsWith('/xml') || type.endsWith('+xml');

/** n8n's parseRequestBody: which requests are read and parsed before the node's code runs. */
async function parseBody(request: Request, { workflow, node }: Host): Promise<void> {
	const req = request as N8nRequest;
	const type = req.contentType ?? '';
	if (
		node.typeVersion === 1 &&
		workflow.expression.getSimpleParameterValue(
			node,
			'={{$parameter["options"]["binaryData"]}}',
			'internal',
			{},
			undefined,
			false,
		)
	)
		return;
	if (type === 'multipart/form-data') {
		const form = await new globalThis.Response(Readable.toWeb(req) as ReadableStream, {
			headers: { 'content-type': String(req.headers['content-type']) },
		}).formData();
		const data: Record<string, string> = {};
		form.forEach((value, name) => {
			if (typeof value === 'string') data[name] = value;
		});
		req.body = { data, files: {} };
		return;
	}
	const parsable =
		isXml(type) ||
		['application/json', 'text/plain', 'application/x-www-form-urlencoded'].some((start) =>
			type.startsWith(start),
		);
	if (node.typeVersion > 1 && !parsable) return;
	if (type.startsWith('multipart/')) return;
	await req.readRawBody();
	if (req.rawBody.length === 0) return;
	const text = req.rawBody.toString(req.encoding);
	const withoutBom = text.replace(/^\uFEFF/, '');
	if (type === 'application/json') req.body = jsonParse(withoutBom);
	else if (isXml(type)) req.body = await xmlParser.parseStringPromise(text);
	else if (type === 'application/x-www-form-urlencoded')
		req.body = parseForm(withoutBom, undefined, undefined, { maxKeys: 1000 });
	else if (type === 'text/plain') req.body = text;
}

function webhookData(host: Host, description: IWebhookDescription, isTest: boolean): IWebhookData {
	return {
		httpMethod: String(description.httpMethod).split(',')[0] as IHttpRequestMethods,
		node: host.node.name,
		path: String(description.path),
		webhookDescription: description,
		workflowId: host.workflow.id,
		workflowExecuteAdditionalData: host.additionalData,
		isTest,
	};
}

/** Longest wait for an answer, in milliseconds. */
const ANSWER_TIMEOUT = 5_000;

async function send(port: number, request: WebhookRequest): Promise<WebhookCall['response']> {
	const { method = 'POST', headers = {}, query = {}, rawBody, json } = request;
	const body = json === undefined ? Buffer.from(rawBody ?? '') : Buffer.from(JSON.stringify(json));
	const search = new URLSearchParams(query).toString();
	const req = httpRequest({
		host: '127.0.0.1',
		port,
		method,
		path: `/webhook/node-1-webhook/webhook${search ? `?${search}` : ''}`,
		headers: {
			...(json === undefined ? {} : { 'content-type': 'application/json' }),
			'content-length': body.length,
			...headers,
		},
		agent: false,
		timeout: ANSWER_TIMEOUT,
	});
	req.on('timeout', () =>
		req.destroy(
			new Error('The webhook did not answer: a node that returns noWebhookResponse must'),
		),
	);
	req.end(body);
	const [res] = (await once(req, 'response')) as [import('node:http').IncomingMessage];
	const text = Buffer.concat(await res.toArray()).toString();
	const isJson = String(res.headers['content-type']).startsWith('application/json') && text !== '';
	return {
		status: res.statusCode ?? 0,
		headers: res.headers,
		text,
		...(isJson ? { json: JSON.parse(text) as unknown } : {}),
	};
}

export interface WebhookMethodsOptions extends NodeSetup {
	/** 'trigger': activation of the workflow, 'manual': listening for a test event. */
	mode?: 'trigger' | 'manual';
	/** Name of the webhook. Default 'default'. */
	webhook?: string;
}

export interface WebhookMethods {
	checkExists(): Promise<boolean>;
	create(): Promise<boolean>;
	delete(): Promise<boolean>;
	/** What n8n does on activation: `create` unless `checkExists` says yes. */
	activate(): Promise<void>;
	logs: LogEntry[];
	credentialFetches: Record<string, number>;
}

/** The trigger's `webhookMethods`, each in n8n-core's HookContext. */
export function webhookMethods(options: WebhookMethodsOptions): WebhookMethods {
	const { mode = 'trigger', webhook = 'default' } = options;
	const host = createHost(options, mode);
	const description = host.nodeType.description.webhooks?.find(({ name }) => name === webhook);
	const methods = host.nodeType.webhookMethods?.[webhook as 'default'];
	if (!description || !methods) throw new Error(`The node has no webhook methods for "${webhook}"`);
	const logs: LogEntry[] = [];
	const run = async (method: 'checkExists' | 'create' | 'delete') => {
		const activation: WorkflowActivateMode =
			method === 'delete' ? 'update' : mode === 'manual' ? 'manual' : 'activate';
		const context = new HookContext(
			host.workflow,
			host.node,
			host.additionalData,
			method === 'delete' ? 'internal' : mode,
			activation,
			webhookData(host, description, mode === 'manual'),
		);
		return await collectLogs(logs, async () => await methods[method].call(context));
	};
	return {
		checkExists: async () => await run('checkExists'),
		create: async () => await run('create'),
		delete: async () => await run('delete'),
		async activate() {
			if (!(await run('checkExists'))) await run('create');
		},
		logs,
		credentialFetches: host.credentials.fetches,
	};
}
