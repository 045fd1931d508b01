import axios from 'axios';
import { startWebhookReceiver, type WebhookReceiver } from '../webhookReceiver';
import { startSampleDesk, type SampleDeskSimulator } from './SampleDeskSimulator';
import message from '../../fixtures/sampledesk/request-message.json';

let sampleDesk: SampleDeskSimulator;
let receiver: WebhookReceiver;
beforeAll(async () => {
	sampleDesk = await startSampleDesk();
	receiver = await startWebhookReceiver();
});
beforeEach(() => sampleDesk.reset());
afterAll(async () => {
	await sampleDesk.close();
	await receiver.close();
});

const post = async (body: object, apiKey = 'demo-sampledesk-key') =>
	await axios.post<unknown>(`${sampleDesk.apiUrl}/messages`, body, {
		headers: { Authorization: `Bearer ${apiKey}` },
		validateStatus: () => true,
		proxy: false,
	});

it("takes the document's message", async () => {
	const { status, data } = await post(message);
	expect([status, data]).toEqual([200, { id: 'm1' }]);
	expect(sampleDesk.sent).toEqual([{ id: 'm1', customerId: '12', text: 'Hello' }]);
});

it.each([
	['a wrong key', message, 'demo-other-key', 401],
	['no text', { to: '12' }, undefined, 400],
])('refuses %s', async (_name, body, apiKey, expected) => {
	const { status } = await post(body, apiKey);
	expect(status).toBe(expected);
	expect(sampleDesk.sent).toEqual([]);
});

it('delivers what a customer writes', async () => {
	sampleDesk.setWebhookUrl(receiver.url);
	await sampleDesk.customerSays('12', 'Hello');
	expect(receiver.received.map(({ text }) => JSON.parse(text) as unknown)).toEqual([
		{ type: 'message', from: '12', text: 'Hello' },
	]);
});
