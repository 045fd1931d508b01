import { CredentialStore, callWebhook, webhookMethods } from './index';
import { ToyApi, ToyWebhookTrigger } from './toyNodes';
import type { IDataObject } from 'n8n-workflow';
import { gzipSync } from 'node:zlib';

const call = (
	request: Parameters<typeof callWebhook>[0]['request'],
	options: Partial<Parameters<typeof callWebhook>[0]> = {},
) =>
	callWebhook({
		node: ToyWebhookTrigger,
		credentialTypes: [ToyApi],
		credentials: { toyApi: { key: 'demo-key' } },
		request: { ...request, query: { key: 'demo-key', ...request.query } },
		...options,
	});
const started = ({ workflowData }: Awaited<ReturnType<typeof call>>) =>
	workflowData?.[0]?.[0]?.json as IDataObject;

describe('callWebhook', () => {
	it('starts an execution with the parsed body and the raw bytes', async () => {
		const result = await call({ json: { a: 'ç' } });
		expect(started(result)).toEqual({
			body: { a: 'ç' },
			raw: Buffer.from('{"a":"ç"}').toString('hex'),
			unread: false,
			mode: 'webhook',
		});
		expect(result.response).toMatchObject({ status: 200, text: 'firstEntryJson' });
		expect(result.credentialFetches).toEqual({ toyApi: 1 });
	});

	it('shows a refusal of the node and starts nothing', async () => {
		const { response, workflowData, logs } = await call({ json: {}, query: { key: 'wrong' } });
		expect(response).toMatchObject({ status: 401, text: 'Unauthorized' });
		expect(workflowData).toBeUndefined();
		expect(logs).toEqual([{ level: 'warn', message: 'Wrong key' }]);
	});

	it('answers as n8n does when the node starts nothing', async () => {
		const { response, workflowData } = await call({ json: {}, query: { ignore: 'yes' } });
		expect(workflowData).toBeUndefined();
		expect(response).toMatchObject({ status: 200, json: { message: 'Webhook call received' } });
	});

	it.each([
		['noData', ''],
		['thanks', 'thanks'],
	])('answers a started execution with response data %s', async (responseData, text) => {
		const node = new ToyWebhookTrigger();
		const [webhook] = node.description.webhooks!;
		node.description.webhooks = [{ ...webhook!, responseData }];
		const { response, workflowData } = await call({ json: {} }, { node });
		expect(workflowData).toBeDefined();
		expect(response).toMatchObject({ status: 200, text });
	});

	it('answers 500 and keeps the error when the node throws', async () => {
		const { response, thrown } = await call({ json: {}, query: { key: 'crash' } });
		expect(response.status).toBe(500);
		expect(thrown?.message).toBe('Crashed');
	});

	it('refuses malformed JSON before the node sees it', async () => {
		const { response, workflowData } = await call({
			rawBody: '{"a":',
			headers: { 'content-type': 'application/json' },
		});
		expect(response.status).toBe(422);
		expect(workflowData).toBeUndefined();
	});

	it('leaves an octet stream unread for a trigger of version 2', async () => {
		const request = {
			rawBody: Buffer.from([1, 2, 255]),
			headers: { 'content-type': 'application/octet-stream' },
		};
		expect(started(await call(request))).toMatchObject({ unread: true, raw: '0102ff' });
		expect(started(await call(request, { typeVersion: 1 }))).toMatchObject({ unread: false });
	});

	it('leaves a request without a content type unread for a trigger of version 2', async () => {
		expect(started(await call({ rawBody: '{"a":1}' }))).toMatchObject({ unread: true });
	});

	it.each([
		['text/plain; charset=utf-8', 'hello', 'hello'],
		['application/x-www-form-urlencoded', 'a=1&b=%C3%A7', { a: '1', b: 'ç' }],
		['application/xml', '<A><b>1</b></A>', { a: { b: '1' } }],
		['application/json', '\uFEFF{"a":1}', { a: 1 }],
	])('parses %s', async (type, rawBody, body) => {
		const result = await call({ rawBody, headers: { 'content-type': type } });
		expect(started(result).body).toEqual(body);
	});

	it('parses a multipart form without keeping the raw body', async () => {
		const form = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n';
		const { thrown, workflowData } = await call({
			rawBody: form,
			headers: { 'content-type': 'multipart/form-data; boundary=x' },
		});
		// The stream is used up, so the toy's own attempt to read it raw must fail.
		expect(workflowData).toBeUndefined();
		expect(thrown).toBeDefined();
	});

	it('inflates a compressed body', async () => {
		const result = await call({
			rawBody: gzipSync('{"a":1}'),
			headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
		});
		expect(started(result)).toMatchObject({
			body: { a: 1 },
			raw: Buffer.from('{"a":1}').toString('hex'),
		});
	});

	it('knows the test URL from the production URL', async () => {
		expect(started(await call({ json: {} }, { mode: 'manual' }))).toMatchObject({
			mode: 'manual',
		});
	});

	it('answers 404 to a method that the node does not declare', async () => {
		expect((await call({ method: 'GET' })).response.status).toBe(404);
	});

	it('shows a changed credential to the next call', async () => {
		const credentials = new CredentialStore({ toyApi: { key: 'demo-key' } });
		expect((await call({ json: {} }, { credentials })).response.status).toBe(200);
		credentials.set('toyApi', { key: 'demo-other' });
		expect((await call({ json: {} }, { credentials })).response.status).toBe(401);
	});
});

describe('webhookMethods', () => {
	it('creates once, finds what it created, and deletes it', async () => {
		const staticData: IDataObject = {};
		const methods = webhookMethods({ node: ToyWebhookTrigger, staticData });
		expect(await methods.checkExists()).toBe(false);
		await methods.activate();
		expect(staticData.url).toMatch(/\/webhook\/node-1-webhook\/webhook$/);
		expect(await methods.checkExists()).toBe(true);
		const later = webhookMethods({ node: ToyWebhookTrigger, staticData });
		expect(await later.checkExists()).toBe(true);
		await later.delete();
		expect(staticData).toEqual({});
	});

	it('gives the test URL in manual mode', async () => {
		const staticData: IDataObject = {};
		await webhookMethods({ node: ToyWebhookTrigger, staticData, mode: 'manual' }).create();
		expect(staticData.url).toMatch(/\/webhook-test\//);
	});
});
