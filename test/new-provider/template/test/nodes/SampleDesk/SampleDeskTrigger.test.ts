import { SampleDeskApi } from '../../../credentials/SampleDeskApi.credentials';
import { SampleDeskTrigger } from '../../../nodes/SampleDesk/SampleDeskTrigger.node';
import { callWebhook, webhookMethods, type WebhookOptions } from '../../support';
import message from '../../fixtures/sampledesk/webhook-message.json';

const SECRET = 'demo-webhook-secret-0123';

const setup = (parameters: object) => ({
	node: SampleDeskTrigger,
	credentialTypes: [SampleDeskApi],
	credentials: { sampleDeskApi: { apiKey: 'demo-sampledesk-key', webhookSecret: SECRET } },
	parameters: { events: ['message', 'other'], ...parameters } as WebhookOptions['parameters'],
});
const call = async (request: WebhookOptions['request'], parameters: object = {}) =>
	await callWebhook({ ...setup(parameters), request });
const output = ({ workflowData }: Awaited<ReturnType<typeof call>>) => workflowData?.[0]?.[0]?.json;

it("turns the document's message into an event, with the body kept", async () => {
	expect(output(await call({ json: message }))).toEqual({
		event: 'message',
		customerId: '12',
		text: 'Hello',
		raw: message,
	});
});

it.each([
	['text/plain', 'hello', 'hello'],
	['application/json', '[1]', [1]],
	['application/json', '{"type":"left"}', { type: 'left' }],
])('%s %j is another event', async (type, rawBody, raw) => {
	const result = await call({ rawBody, headers: { 'content-type': type } });
	expect(output(result)).toEqual({ event: 'other', raw });
});

it('starts no workflow for an event that is not chosen', async () => {
	const { response, workflowData } = await call({ json: message }, { events: ['other'] });
	expect(response.status).toBe(200);
	expect(workflowData).toBeUndefined();
});

it.each([
	['the secret', 200, SECRET],
	['another secret', 401, 'demo-webhook-secret-9999'],
	['no secret', 401, undefined],
])('with %s in the header, the answer is of status %d', async (_name, status, secret) => {
	const headers: Record<string, string> =
		secret === undefined ? {} : { 'x-webhook-secret': secret };
	const result = await call({ json: message, headers }, { verification: 'header' });
	expect(result.response.status).toBe(status);
	expect(output(result) !== undefined).toBe(status === 200);
});

it('is not activated without a secret to compare with', async () => {
	const methods = webhookMethods({
		...setup({ verification: 'header' }),
		credentials: { sampleDeskApi: { apiKey: 'demo-sampledesk-key', webhookSecret: '' } },
	});
	await expect(methods.create()).rejects.toThrow('Webhook Secret');
});
