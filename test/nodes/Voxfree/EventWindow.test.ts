import { EventWindow } from '../../../nodes/Voxfree/trigger/EventWindow';

test('a key is new once', () => {
	const window = new EventWindow();
	expect(window.admits('a')).toBe(true);
	expect(window.admits('a')).toBe(false);
	expect(window.admits('b')).toBe(true);
	expect(window.knows('a')).toBe(true);
	expect(window.knows('c')).toBe(false);
});

test('a million keys take no more room than the window has, and what is forgotten is counted', () => {
	const window = new EventWindow(50_000);
	for (let n = 0; n < 1_000_000; n++) window.admits(String(n));
	expect(window.size).toBeLessThanOrEqual(50_000);
	expect(window.evicted + window.size).toBe(1_000_000);
	expect(window.admits('999999')).toBe(false);
	expect(window.admits('975001')).toBe(false);
	expect(window.admits('949999')).toBe(true);
});

test('equal frames without an id are as many events, on one connection', () => {
	const window = new EventWindow();
	expect([1, 2, 3].map((now) => window.admitsFrame('{}', 1, now))).toEqual([true, true, true]);
});

test('the same frames on the connection that replaces another are the same events', () => {
	const window = new EventWindow();
	const told = [1, 1, 2, 2, 2, 1].map((connection) => window.admitsFrame('{}', connection, 0));
	expect(told).toEqual([true, true, false, false, true, false]);
});

test('after the overlap an equal frame is an event of its own', () => {
	const window = new EventWindow();
	expect(window.admitsFrame('{}', 1, 0)).toBe(true);
	expect(window.admitsFrame('{}', 2, 9_999)).toBe(false);
	expect(window.admitsFrame('{}', 3, 40_000)).toBe(true);
});

test('what was told before a connection began is no copy of what it tells', () => {
	const window = new EventWindow();
	expect(window.admitsFrame('{}', 1, 0)).toBe(true);
	window.begin(2);
	expect(window.admitsFrame('{}', 2, 1)).toBe(true);
	// From then on both are told the same.
	expect(window.admitsFrame('{}', 1, 2)).toBe(false);
	expect([2, 1].map((connection) => window.admitsFrame('{}', connection, 3))).toEqual([
		true,
		false,
	]);
});

test('frames without an id are remembered in bounded room', () => {
	const window = new EventWindow();
	for (let n = 0; n < 20_000; n++) window.admitsFrame(String(n), 1, 0);
	expect(window.admitsFrame('19999', 2, 0)).toBe(false);
	expect(window.admitsFrame('0', 2, 0)).toBe(true);
});
