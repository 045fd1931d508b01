import { linksIn, refusalIn, statusIn } from '../../../nodes/Lifty/api/wire';
import type { JsonValue } from '../../../nodes/shared/json';
import requests from '../../fixtures/lifty/requests.json';
import sendDirectMessage from '../../fixtures/lifty/sendDirectMessage.json';
import startWhatsapp from '../../fixtures/lifty/startWhatsapp.json';
import status from '../../fixtures/lifty/status.json';
import whatsapp from '../../fixtures/lifty/whatsapp.json';
import { startLifty, type LiftySimulator } from '../../simulators/lifty/LiftySimulator';
import { BOT, KEY, play } from './play';

let lifty: LiftySimulator;
beforeAll(async () => {
	lifty = await startLifty({ apiKey: KEY, qrReadyAfter: 0 });
});
afterAll(async () => await lifty.close());

describe('the requests of the document', () => {
	const phoneNumber = '554899991234';
	const start = { operation: 'connect', options: { skipWhenConnected: false } };
	const calls: Record<keyof typeof requests, object> = {
		getStatus: { operation: 'getStatus' },
		connect: { ...start, options: { ...start.options, clearInactive: false } },
		connectClearing: start,
		pause: { resource: 'bot', operation: 'pause', phoneNumber },
		resume: { resource: 'bot', operation: 'resume', phoneNumber },
		disconnect: { operation: 'disconnect' },
	};

	test.each(Object.entries(calls))('%s is sent as it stands there', async (name, parameters) => {
		lifty.reset();
		await play(lifty, parameters);
		const [sent] = lifty.requests;
		const documented = requests[name as keyof typeof requests]
			.replace('${id}', BOT)
			.replace('${numero}', phoneNumber)
			.replace('${apiKey}', encodeURIComponent(KEY));
		const address = (path: string) => {
			const { pathname, searchParams } = new URL(path, lifty.url);
			return { pathname, parameters: Object.fromEntries(searchParams) };
		};
		expect(sent!.method).toBe('GET');
		expect(address(sent!.path)).toEqual(address(documented));
		expect(sent!.rawBody).toBe('');
	});
});

describe('the answers of the document', () => {
	test('of the connection has the address of the status, and none of a picture', () => {
		expect(linksIn(whatsapp)).toEqual({ status: whatsapp.statusURL, qrCode: undefined });
		expect(refusalIn(whatsapp)).toBeUndefined();
	});

	test('of the status has the status', () => {
		expect(statusIn(status)).toBe('CONNECTED');
	});

	test('of the start has both addresses', () => {
		expect(linksIn(startWhatsapp)).toEqual({
			status: startWhatsapp.statusURL,
			qrCode: startWhatsapp.tokenURL,
		});
	});

	test('of a direct message is no refusal, unless it says so', () => {
		expect(refusalIn(sendDirectMessage)).toBeUndefined();
		expect(refusalIn({ ...sendDirectMessage, success: false })).toBe('no reason given');
	});

	test.each([
		[{ error: 'no such bot' }, 'no such bot'],
		[{ error: { code: 7, message: 'denied' } }, 'denied'],
		[{ error: { code: 7 } }, 'no reason given'],
		[{ error: true, message: 'closed' }, 'closed'],
		[{ success: false, message: 'not connected' }, 'not connected'],
	])('that refuses under status 200 is seen as such: %j', (body, words) => {
		expect(refusalIn(body)).toBe(words);
	});

	test.each<JsonValue>([
		{},
		{ error: null },
		{ error: '' },
		{ success: true },
		'done',
		null,
		[],
		1,
	])('%j is no refusal', (body) => {
		expect(refusalIn(body)).toBeUndefined();
	});
});
