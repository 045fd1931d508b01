import { changesSince } from '../../../nodes/Lifty/trigger/changes';

const all = ['connected', 'disconnected', 'qrCodeWaiting', 'statusChanged'];
const changes = (before: string, now: string, wanted = all) =>
	changesSince({ statuses: { 'demo-bot': before } }, [{ botId: 'demo-bot', status: now }], wanted);
const event = (before: string, now: string, wanted = all) => {
	const [change, ...others] = changes(before, now, wanted);
	expect(others).toEqual([]);
	return change?.event;
};

describe('a change of the status', () => {
	test.each([
		['QRCODE', 'CONNECTED', 'connected'],
		['NOT_FOUND', 'CONNECTED', 'connected'],
		['CONNECTED', 'NOT_FOUND', 'disconnected'],
		['CONNECTED', 'SOMETHING_NEW', 'disconnected'],
		['CONNECTED', 'QRCODE', 'disconnected'],
		['NOT_FOUND', 'QRCODE', 'qrCodeWaiting'],
		['QRCODE', 'NOT_FOUND', 'statusChanged'],
		['QRCODE', 'SOMETHING_NEW', 'statusChanged'],
	])('from %s to %s is "%s"', (before, now, expected) => {
		expect(event(before, now)).toBe(expected);
	});

	test('to the same status is none', () => {
		expect(event('CONNECTED', 'CONNECTED')).toBeUndefined();
	});

	test('that nobody wants is none, and one that is two things goes by the wanted one', () => {
		expect(event('QRCODE', 'CONNECTED', ['disconnected'])).toBeUndefined();
		expect(event('CONNECTED', 'QRCODE', ['qrCodeWaiting'])).toBe('qrCodeWaiting');
		expect(event('NOT_FOUND', 'QRCODE', ['statusChanged'])).toBe('statusChanged');
		expect(event('NOT_FOUND', 'QRCODE', [])).toBeUndefined();
	});

	test('says what it was, what it is, and whether that is connected', () => {
		expect(changes('CONNECTED', 'QRCODE')).toEqual([
			{
				event: 'disconnected',
				botId: 'demo-bot',
				status: 'QRCODE',
				previousStatus: 'CONNECTED',
				connected: false,
			},
		]);
	});
});
