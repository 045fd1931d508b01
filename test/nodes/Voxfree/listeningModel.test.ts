import fc from 'fast-check';
import { calmDown, listeningProperty, scheduledProperty } from './listeningModel';
import { Real } from './listeningWorld';

/*
 * A small part with a fixed seed. INTERLEAVINGS=100000 runs so many of each kind, INTERLEAVINGS_SEED=…
 * the same again; what was found is told with its seed.
 */
const runs = Number(process.env.INTERLEAVINGS ?? 300);
const isLong = process.env.INTERLEAVINGS !== undefined;
const seed = Number(process.env.INTERLEAVINGS_SEED ?? (isLong ? Date.now() % 1_000_000 : 20261121));
const MINUTE = 60_000;
const limit = isLong ? 90 * MINUTE : 3 * MINUTE;
const options = { numRuns: runs, seed, interruptAfterTimeLimit: limit, verbose: 0 } as const;

async function checkAll<T>(property: fc.IRawProperty<T>) {
	const started = performance.now();
	const result = await fc.check(property, options);
	if (result.failed) {
		throw new Error(`${String(result.errorInstance)}: ${fc.defaultReportMessage(result)}`);
	}
	const seconds = Math.round((performance.now() - started) / 1000);
	if (isLong) console.log(`${result.numRuns} interleavings, seed ${seed}, ${seconds} s`);
	// With less than were wanted, time was up.
	expect(result.numRuns).toBe(runs);
}

test(
	'whatever happens to connections, messages and executions: never deaf, never two too many, nothing lost or twice',
	async () => await checkAll(listeningProperty),
	limit + MINUTE,
);

test(
	'the same with the answers of the provider in any order',
	async () => await checkAll(scheduledProperty),
	limit + MINUTE,
);

describe('found by the model on the way', () => {
	test('a message that an open connection did not tell is not forgotten because a later one was told', async () => {
		const real = new Real();
		real.write(0, false, 1);
		await real.time.advance(70_000);
		real.write(0, true, 1);
		await calmDown(real, { isClosed: false });
		expect(real.messageIds.sort()).toEqual(['1000', '1001']);
	});

	test('nor when the connection tells others for minutes before it is compared with the lists', async () => {
		const real = new Real();
		await real.time.advance(1_000);
		real.write(1, false, 1);
		for (let n = 0; n < 10; n++) {
			real.write(1, true, 1);
			real.finish(0);
			await real.time.advance(11_000);
		}
		real.socket.replace('for the test');
		await calmDown(real, { isClosed: false });
		expect(real.messageIds).toHaveLength(11);
	});

	test('nor when it was told before the lists were read for the first time', async () => {
		const real = new Real();
		// The connection opens and tells before the first answer of the lists comes.
		real.write(0, false, 1);
		for (let turn = 0; turn < 3; turn++) await Promise.resolve();
		real.write(0, true, 2);
		await real.time.advance(1);
		real.open[0]?.end(1001);
		await calmDown(real, { isClosed: false });
		expect(real.messageIds.sort()).toEqual(['1000', '1001']);
	});

	test('a message that is still on its way to a connection is told although its successor was faster', async () => {
		const real = new Real();
		await real.time.advance(1_000);
		real.delay = 300;
		real.write(0, true, 1);
		real.socket.replace('for the test');
		await real.time.advance(10);
		real.delay = 0;
		real.write(0, true, 1);
		await calmDown(real, { isClosed: false });
		expect(real.messageIds).toEqual(['1001', '1000']);
	});
});
