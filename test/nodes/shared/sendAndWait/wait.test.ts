import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LiftyApi } from '../../../../credentials/LiftyApi.credentials';
import { Lifty } from '../../../../nodes/Lifty/Lifty.node';
import { signedResumeUrl } from '../../../../nodes/shared/host';
import { runNode, type RunOptions } from '../../../support';

const bodies: Array<{ message: string }> = [];
let status = 200;

const server = createServer(async (request, response) => {
	bodies.push(JSON.parse(Buffer.concat(await request.toArray()).toString()) as never);
	response.statusCode = status;
	response.setHeader('content-type', 'application/json');
	response.end('{"messageId":"7"}');
});
beforeAll(async () => {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
});
afterAll(async () => {
	server.closeAllConnections();
	server.close();
	await once(server, 'close');
});
beforeEach(() => {
	bodies.length = 0;
	status = 200;
});

const ask = async (parameters: object, more: Partial<RunOptions> = {}) =>
	await runNode({
		node: Lifty,
		credentialTypes: [LiftyApi],
		credentials: {
			liftyApi: {
				apiKey: 'demo-lifty-key',
				baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
			},
		},
		parameters: {
			resource: 'message',
			operation: 'sendAndWait',
			botId: 'demo-bot-1',
			phoneNumber: '+55 48 9999-1234',
			message: 'Refund {{ order }}?',
			...parameters,
		} as never,
		...more,
	});

const waitLimit = (values: object) => ({ options: { limitWaitTime: { values } } });

describe('Send and Wait for Response', () => {
	it('sends the message with the signed link, and puts the execution to waiting without a limit', async () => {
		const { run, error } = await ask({});
		expect(error).toBeUndefined();
		expect(bodies).toHaveLength(1);
		expect(bodies[0]?.message).toMatch(
			/^Refund \{\{ order \}\}\?\n\nRespond: http:\/\/127\.0\.0\.1:5678\/webhook-waiting\/1\/node-1\?signature=[\da-f]{64}$/,
		);
		expect(run.waitTill).toEqual(new Date('3000-01-01T00:00:00.000Z'));
	});

	it('sends once, for the first of several items, as the nodes of n8n do', async () => {
		await ask({}, { items: [{ order: 1 }, { order: 2 }, { order: 3 }] });
		expect(bodies).toHaveLength(1);
	});

	it('keeps the link out of the output', async () => {
		const { items } = await ask({}, { items: [{ order: 1 }] });
		expect(items.map(({ json }) => json)).toEqual([{ order: 1 }]);
	});

	it('names the link in the language of the page, or as the option says', async () => {
		await ask({ options: { pageLanguage: 'pt' } });
		await ask({ options: { pageLanguage: 'ko', messageButtonLabel: 'Open' } });
		expect(bodies.map(({ message }) => message.split('\n\n')[1]?.split(':')[0])).toEqual([
			'Responder',
			'Open',
		]);
	});

	it.each([
		['minutes', 45, 45 * 60],
		['hours', 1.5, 90 * 60],
		['days', 2, 2 * 24 * 60 * 60],
	])('waits for a number of %s', async (resumeUnit, resumeAmount, seconds) => {
		const before = Date.now();
		const limit = { limitType: 'afterTimeInterval', resumeAmount, resumeUnit };
		const { run } = await ask(waitLimit(limit));
		const waited = (run.waitTill?.getTime() ?? 0) - before;
		expect(waited).toBeGreaterThanOrEqual(seconds * 1_000);
		expect(waited).toBeLessThan(seconds * 1_000 + 10_000);
	});

	it('waits until a date', async () => {
		const limit = { limitType: 'atSpecifiedTime', maxDateAndTime: '2100-01-31T12:00:00Z' };
		const { run } = await ask(waitLimit(limit));
		expect(run.waitTill).toEqual(new Date('2100-01-31T12:00:00Z'));
	});

	it.each([
		[
			waitLimit({ limitType: 'atSpecifiedTime', maxDateAndTime: '2020-01-31T12:00:00Z' }),
			'Max Date and Time',
		],
		[waitLimit({ limitType: 'atSpecifiedTime', maxDateAndTime: '' }), 'Limit Wait Time'],
		[waitLimit({ resumeAmount: 1e12, resumeUnit: 'days' }), 'Limit Wait Time'],
		[{ responseType: 'customForm' }, 'Form Fields'],
		[{ responseType: 'customForm', defineForm: 'json', jsonOutput: '{}' }, 'Form Fields'],
		[
			{ responseType: 'customForm', defineForm: 'json', jsonOutput: '[5]' },
			'Form Fields > Field 1',
		],
		[
			{
				responseType: 'customForm',
				defineForm: 'json',
				jsonOutput: '[{"fieldLabel":"F","fieldType":"file"}]',
			},
			'Form Fields > Field 1 > Element Type',
		],
		[
			{
				responseType: 'customForm',
				defineForm: 'json',
				jsonOutput: '[{"fieldLabel":"F","fieldType":"radio"}]',
			},
			'Form Fields > Field 1 > Field Options',
		],
		[
			{
				responseType: 'customForm',
				formFields: { values: [{ fieldLabel: 'A' }, { fieldLabel: 'A ' }] },
			},
			'Form Fields',
		],
		[{ message: ' ' }, 'Message'],
	])('sends nothing that nobody could answer: %j', async (parameters, field) => {
		const { error, run } = await ask(parameters);
		expect(error?.message).toContain(`'${field}`);
		expect(bodies).toEqual([]);
		expect(run.waitTill).toBeUndefined();
	});

	it('does not wait for the answer to a message that was refused', async () => {
		status = 401;
		const { error, run, items } = await ask({}, { onError: 'continueRegularOutput' });
		expect(error).toBeUndefined();
		expect(items[0]?.json).toHaveProperty('error');
		expect(run.waitTill).toBeUndefined();
	});

	it('is not sent again by Retry On Fail if it may have arrived', async () => {
		status = 502;
		const { run } = await ask(
			{},
			{ settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 } },
		);
		expect(bodies).toHaveLength(1);
		expect(run.waitTill).toBeUndefined();
	});

	it('names the version of n8n that it needs where links are not signed', () => {
		expect(() => signedResumeUrl({})).toThrow("too old for 'Send and Wait for Response'");
	});
});
