import { SampleDeskApi } from '../../../credentials/SampleDeskApi.credentials';
import { SampleDesk } from '../../../nodes/SampleDesk/SampleDesk.node';
import {
	startSampleDesk,
	type SampleDeskSimulator,
} from '../../simulators/sampledesk/SampleDeskSimulator';
import { runNode, testCredential, type RunOptions } from '../../support';
import message from '../../fixtures/sampledesk/request-message.json';

let sampleDesk: SampleDeskSimulator;
beforeAll(async () => {
	sampleDesk = await startSampleDesk();
});
beforeEach(() => sampleDesk.reset());
afterAll(async () => await sampleDesk.close());

const credential = (apiKey = 'demo-sampledesk-key') => ({
	apiKey,
	baseUrl: sampleDesk.apiUrl,
	webhookSecret: '',
});
const send = async (options: Partial<RunOptions> = {}) =>
	await runNode({
		node: SampleDesk,
		credentialTypes: [SampleDeskApi],
		credentials: { sampleDeskApi: credential() },
		parameters: { resource: 'message', operation: 'send', customerId: '12', text: 'Hello' },
		...options,
	});

describe('Message: Send', () => {
	it("sends the document's message, once, and returns its ID", async () => {
		const { items, error } = await send();
		expect(error).toBeUndefined();
		expect(sampleDesk.requests.map(({ body }) => body)).toEqual([message]);
		expect(items).toEqual([
			{ json: { customerId: '12', messageId: 'm1' }, pairedItem: { item: 0 } },
		]);
	});

	it('says so if SampleDesk refuses the credential, without the key', async () => {
		const credentials = { sampleDeskApi: credential('demo-wrong-key') };
		const { error } = await send({ credentials });
		expect(error?.message).toContain('SampleDesk');
		expect(JSON.stringify(error)).not.toContain('demo-wrong-key');
	});

	it.each([
		['an answer without an ID', 'answer', { body: '{}' }],
		['a web page under status 200', 'html', {}],
	] as const)('takes %s for no success, and does not send again', async (_name, mode, options) => {
		sampleDesk.failNext(mode, 3, options);
		const { error } = await send();
		expect(error).toBeDefined();
		expect(sampleDesk.requests).toHaveLength(1);
	});
});

describe('the credential test', () => {
	const test = async (apiKey?: string) =>
		await testCredential({ credentialType: SampleDeskApi, data: credential(apiKey) });

	it('passes with the right key, and fails with another', async () => {
		expect((await test()).status).toBe('OK');
		expect((await test('demo-wrong-key')).status).toBe('Error');
	});
});
