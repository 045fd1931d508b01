import { FrameCopies } from '../../../nodes/Voxfree/trigger/FrameCopies';
import { RecentKeys } from '../../../nodes/Voxfree/trigger/RecentKeys';

test('a key is new once', () => {
	const keys = new RecentKeys();
	expect(keys.addIfNew('a')).toBe(true);
	expect(keys.addIfNew('a')).toBe(false);
	expect(keys.addIfNew('b')).toBe(true);
	expect(keys.has('a')).toBe(true);
	expect(keys.has('c')).toBe(false);
});

test('of a million keys no more are remembered than there is room for, and at least half as many', () => {
	const keys = new RecentKeys(50_000);
	for (let n = 0; n < 1_000_000; n++) keys.addIfNew(String(n));
	let remembered = 0;
	for (let n = 0; n < 1_000_000; n++) if (keys.has(String(n))) remembered++;
	expect(remembered).toBeLessThanOrEqual(50_000);
	expect(remembered).toBeGreaterThanOrEqual(25_000);
	expect(keys.addIfNew('999999')).toBe(false);
	expect(keys.addIfNew('975001')).toBe(false);
	expect(keys.addIfNew('949999')).toBe(true);
});

test('equal frames without an id are as many events, on one connection', () => {
	const copies = new FrameCopies();
	expect([1, 2, 3].map((now) => copies.addIfNew('{}', 1, now))).toEqual([true, true, true]);
});

test('the same frames on the connection that replaces another are the same events', () => {
	const copies = new FrameCopies();
	const told = [1, 1, 2, 2, 2, 1].map((connection) => copies.addIfNew('{}', connection, 0));
	expect(told).toEqual([true, true, false, false, true, false]);
});

test('after the overlap an equal frame is an event of its own', () => {
	const copies = new FrameCopies();
	expect(copies.addIfNew('{}', 1, 0)).toBe(true);
	expect(copies.addIfNew('{}', 2, 9_999)).toBe(false);
	expect(copies.addIfNew('{}', 3, 40_000)).toBe(true);
});

test('what was told before a connection began is no copy of what it tells', () => {
	const copies = new FrameCopies();
	expect(copies.addIfNew('{}', 1, 0)).toBe(true);
	copies.beginConnection(2);
	expect(copies.addIfNew('{}', 2, 1)).toBe(true);
	// From then on both are told the same.
	expect(copies.addIfNew('{}', 1, 2)).toBe(false);
	expect([2, 1].map((connection) => copies.addIfNew('{}', connection, 3))).toEqual([true, false]);
});

test('frames without an id are remembered in bounded room', () => {
	const copies = new FrameCopies();
	for (let n = 0; n < 20_000; n++) copies.addIfNew(String(n), 1, 0);
	expect(copies.addIfNew('19999', 2, 0)).toBe(false);
	expect(copies.addIfNew('0', 2, 0)).toBe(true);
});
