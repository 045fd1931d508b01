import { createHash } from 'node:crypto';
import { startLifty, type LiftySimulator } from '../../simulators/lifty/LiftySimulator';
import { modes, type FaultName } from '../../simulators/misbehaviour';
import { inFakeTime } from '../../support/fakeTime';
import { asked, BOT, KEY, play } from './play';

jest.setTimeout(60_000);

let lifty: LiftySimulator;
beforeAll(async () => {
	lifty = await startLifty({ apiKey: KEY, qrReadyAfter: 0 });
});
afterAll(async () => await lifty.close());
beforeEach(() => lifty.reset());

const base64 = Buffer.from(KEY).toString('base64').replace(/=+$/, '');
const spellings = [
	KEY,
	encodeURIComponent(KEY),
	encodeURIComponent(encodeURIComponent(KEY)),
	JSON.stringify(KEY).slice(1, -1),
	base64,
	Buffer.from(KEY).toString('hex'),
	createHash('md5').update(KEY).digest('hex'),
	KEY.slice(0, 12),
];

const faults = [
	...(Object.keys(modes) as FaultName[]),
	'status-400',
	'status-401',
	'status-403',
	'status-404',
	'status-429',
	'status-500',
] as FaultName[];

describe.each(['api', 'status', 'qr'])('when %s goes wrong', (part) => {
	test.each(faults)('by %s, no key stands in anything that leaves the node', async (mode) => {
		lifty.failNext(mode, 100, {
			at: part,
			delay: 30_000,
			to: `https://elsewhere.example.com/?key=${encodeURIComponent(KEY)}`,
		});
		// Pauses between attempts pass at once; requests and answers take the time that they need.
		const everything = await inFakeTime(() =>
			Promise.all(
				[
					{ operation: 'connect', options: { timeout: 10_000, waitForQrCode: 0 } },
					{ operation: 'getStatus', options: { timeout: 10_000 } },
					{
						resource: 'bot',
						operation: 'pause',
						phoneNumber: '554899991234',
						options: { timeout: 10_000 },
					},
				].map(async (parameters) => {
					const { run, logs, error, hints } = await play(lifty, parameters);
					const parts = { run, logs, hints, error: { ...error }, stack: error?.stack };
					return JSON.stringify(parts) + String(error);
				}),
			),
		);
		for (const text of everything)
			for (const spelling of spellings) expect(text).not.toContain(spelling);
		expect(asked(lifty).length).toBeGreaterThan(0);
	});
});

test('a provider that cannot be reached is named without the key', async () => {
	const { run, error } = await play(
		lifty,
		{ operation: 'connect', botId: BOT, options: { skipWhenConnected: false } },
		{ credential: { baseUrl: 'http://127.0.0.1:9' } },
	);
	expect(error?.message).toBe(
		'Lifty could not be reached at 127.0.0.1:9: nothing accepts connections on this port',
	);
	for (const spelling of spellings) expect(JSON.stringify(run)).not.toContain(spelling);
});
