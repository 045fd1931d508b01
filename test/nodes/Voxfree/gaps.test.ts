import { calmDown, Real } from './listeningModel';
import { settle } from './virtualTime';

const COMPARE_EVERY = 300_000;

/** A trigger that listens, whose lists have been read. */
async function listening(): Promise<Real> {
	const real = new Real();
	await real.time.advance(1_000);
	return real;
}

const connection = (real: Real) => real.provider.last;
const timesOf = ({ gaps }: Real) =>
	gaps.map(({ from, to }) => [Date.parse(from), Date.parse(to)] as const);
const calm = async (real: Real) => await calmDown(real, { isClosed: false });

test('a comparison that was under way when the connection was lost tells of no gap of its own', async () => {
	const real = await listening();
	await real.time.advance(COMPARE_EVERY - 2_000);
	const before = real.interruptions;
	connection(real).end(1001);
	real.write(0, true, 1);
	// The regular comparison finds the message before the connection is back.
	real.behaviour = 'refuse';
	await real.time.advance(5_000);
	expect(real.messageIds).toEqual(['1000']);
	expect(real.gaps).toEqual([]);
	real.behaviour = 'open';
	await real.time.advance(60_000);
	expect(real.interruptions).toBe(before + 1);
	await calm(real);
	expect(real.gaps).toMatchObject([
		{ reason: 'connection lost (code 1001)', recovered: 1, compared: true },
	]);
	expect(real.deaf).toBe(0);
});

test('nor one that was begun on a connection that is lost and replaced until it ends', async () => {
	const real = await listening();
	// Found by the comparison, which then waits for the frame to come after all.
	await real.time.advance(COMPARE_EVERY - 1_500);
	real.write(0, false, 1);
	await real.time.advance(600);
	connection(real).end(1006);
	await calm(real);
	expect(real.messageIds).toEqual(['1000']);
	expect(real.gaps).toMatchObject([{ recovered: 1, compared: true }]);
	expect(real.deaf).toBe(0);
});

test('a connection that is found out to be deaf is replaced once, and is one gap since the lists last agreed', async () => {
	const real = await listening();
	await real.time.advance(COMPARE_EVERY - 20_000);
	real.write(0, false, 1);
	await real.time.advance(30_000);
	expect(real.messageIds).toEqual(['1000']);
	expect(real.deaf).toBe(1);
	await calm(real);
	expect(real.deaf).toBe(1);
	expect(real.gaps).toMatchObject([
		{ reason: 'the lists show what the socket did not tell', recovered: 1, compared: true },
	]);
	const [from, to] = timesOf(real)[0]!;
	const { at } = real.messages[0]!;
	expect(from).toBeLessThan(at);
	expect(to).toBeGreaterThan(at);
});

test('what was on its way when the connection broke was sent before what arrived last, and is within the gap', async () => {
	const real = await listening();
	await real.time.advance(60_000);
	real.delay = 5_000;
	real.updateQueue();
	await real.time.advance(4_000);
	// Sent before the first of them arrives, and lost with the connection.
	real.updateQueue();
	await real.time.advance(1_500);
	connection(real).end(1006);
	real.delay = 0;
	await calm(real);
	expect(real.marks).toEqual([1000]);
	expect(real.unreported).toEqual([]);
	expect(real.gaps).toHaveLength(1);
});

test('what is on its way to a connection that is replaced still arrives', async () => {
	const real = await listening();
	await real.time.advance(60_000);
	real.delay = 8_000;
	real.updateQueue();
	real.delay = 0;
	real.socket.replace('for the test');
	await real.time.advance(9_000);
	expect(real.marks).toEqual([1000]);
	await calm(real);
});

test('equal events before and after a connection are two, although they have no id', async () => {
	const real = await listening();
	const say = (text: string) => connection(real).say(text);
	say('{"tipo_update":"update_espera"}');
	connection(real).end(1001);
	await real.time.advance(5_500);
	expect(real.interruptions).toBe(1);
	say('{"tipo_update":"update_espera"}');
	await settle();
	expect(real.executed.filter(({ event }) => event === 'queueUpdated')).toHaveLength(2);
});

test('a silence that could not be looked into is looked into later, and told of if something was missed', async () => {
	const real = await listening();
	real.isReadable = false;
	const [first] = real.provider.connections;
	await real.time.advance(30_000);
	// The network swallows it; the second connection is opened after two minutes.
	real.write(0, false, 1);
	const lost = real.messages[0]!.at;
	await real.time.advance(100_000);
	expect(connection(real)).not.toBe(first);
	// As long as it is tried to read the lists.
	await real.time.advance(70_000);
	expect(real.gaps).toEqual([]);
	real.isReadable = true;
	await calm(real);
	expect(real.messageIds).toEqual(['1000']);
	expect(real.gaps).toHaveLength(1);
	const [from, to] = timesOf(real)[0]!;
	expect(from).toBeLessThan(lost);
	expect(to).toBeGreaterThan(lost);
});

test('what is found only when the lists can be read again is told of as that gap, and does not make the connection count as deaf', async () => {
	const real = await listening();
	real.isReadable = false;
	connection(real).end(1006);
	real.write(0, true, 1);
	await real.time.advance(90_000);
	expect(real.gaps).toMatchObject([{ recovered: 0, compared: false }]);
	const [told] = real.gaps;
	real.isReadable = true;
	await calm(real);
	expect(real.messageIds).toEqual(['1000']);
	expect(real.deaf).toBe(0);
	expect(real.gaps).toHaveLength(2);
	expect(real.gaps[1]).toMatchObject({ from: told!.from, recovered: 1, compared: true });
});

test('what is remembered while there is no connection reaches no further than what was heard', async () => {
	const real = await listening();
	await real.time.advance(60_000);
	real.updateQueue();
	real.write(0, true, 1);
	const heard = real.updates[0]!.at;
	await settle();
	connection(real).end(1006);
	real.behaviour = 'refuse';
	await real.time.advance(60_000);
	// An execution that was started before ends now, and the next one that waits for it is remembered.
	for (let n = 0; n < 4; n++) {
		real.finish(0);
		await real.time.advance(6_000);
	}
	await real.close();
	expect(real.remembered?.at).toBeLessThanOrEqual(heard);
});
