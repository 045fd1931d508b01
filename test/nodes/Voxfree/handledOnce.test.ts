import fc from 'fast-check';
import { COMPARE_EVERY, Real, STEADY, type Setup } from './listeningWorld';
import { calmDown } from './listeningModel';
import { settle } from '../../support/virtualTime';

const LIMIT = 60_000;
/** How much earlier than the last start what was handled may have been saved. */
const SAVE_EVERY = 5_000;

async function listening(setup: Partial<Setup>): Promise<Real> {
	const real = new Real(undefined, { prepares: true, limit: LIMIT, ...setup });
	await real.time.advance(1_000);
	return real;
}

const calm = async (real: Real) => await calmDown(real, { isClosed: false });
const duplicates = ({ messageIds }: Real) =>
	messageIds.filter((id, index) => messageIds.indexOf(id) !== index);

describe('executions whose end n8n never tells', () => {
	test('count as handled after the Execution Limit: 500 of them come again after no restart', async () => {
		const real = await listening({});
		for (let n = 0; n < 500; n++) {
			real.write(n % STEADY, true, 1);
			await real.time.advance(n % 2 === 0 ? 100 : 100 + LIMIT);
		}
		await real.time.advance(3 * COMPARE_EVERY);
		real.write(0, true, 1);
		await real.time.advance(10);
		expect(real.n8n.executions).toHaveLength(501);
		const size = JSON.stringify(real.remembered).length;
		expect(size).toBeLessThan(3_000);
		for (const how of ['kill', 'stop', 'kill'] as const) {
			await real.restart(how, 5_000, 0);
			await real.time.advance(2 * COMPARE_EVERY);
		}
		expect(duplicates(real)).toEqual([]);
		// The one that had just been started is known by its key.
		expect(real.n8n.known.length).toBeLessThanOrEqual(2);
	});

	test('are saved as handled when their time is up, and again when the trigger is stopped', async () => {
		const real = await listening({});
		for (let n = 0; n < 6; n++) real.write(n % STEADY, true, 1);
		await real.time.advance(4 * LIMIT);
		expect(real.n8n.executions).toHaveLength(6);
		// No other execution has been started since.
		await real.restart('kill', 5_000, 0);
		await real.time.advance(COMPARE_EVERY);
		expect(real.n8n.known).toEqual([]);
		real.write(0, true, 1);
		await settle();
		while (real.n8n.running.length > 0) real.finish(0);
		await settle();
		await real.restart('stop', 5_000, 0);
		await real.time.advance(COMPARE_EVERY);
		expect(real.n8n.known).toEqual([]);
		await calm(real);
	});

	test('whichever they are and whenever it restarts, nothing is handed over twice whose time was up', async () => {
		let runs = 0;
		let untold = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.array(
					fc.record({
						conversation: fc.nat(1),
						/** Whether n8n tells the end of the oldest execution. */
						ends: fc.boolean(),
						pause: fc.constantFrom(0, 50, 2_000, 6_000, 61_000),
						restart: fc.constantFrom(
							undefined,
							undefined,
							undefined,
							undefined,
							'stop' as const,
							'kill' as const,
						),
					}),
					{ minLength: 1, maxLength: 40 },
				),
				fc.constantFrom(undefined, undefined, { size: 3, within: 1_000 }),
				async (steps, batch) => {
					const real = await listening({ batch });
					const handedOverAt = new Map<string, number>();
					const { n8n } = real;
					const start = n8n.start.bind(n8n);
					n8n.start = async (events, key, run) => {
						for (const { messageId } of events) {
							if (messageId === undefined || handedOverAt.has(messageId)) continue;
							handedOverAt.set(messageId, real.time.now);
						}
						await start(events, key, run);
					};
					for (const { conversation, ends, pause, restart } of steps) {
						real.write(conversation, true, 1);
						await settle();
						if (ends) real.finish(0);
						await real.time.advance(pause);
						if (restart === undefined) continue;
						untold += real.n8n.running.length;
						const lastSave = Math.max(0, ...handedOverAt.values()) - SAVE_EVERY;
						const known = real.n8n.known.length;
						await real.restart(restart, 1_000, 0);
						await real.time.advance(COMPARE_EVERY);
						// Again only what had not been given up when that was last saved; n8n knows it by its key.
						for (const key of batch === undefined ? real.n8n.known.slice(known) : []) {
							const id = key.split(':').at(-1)!;
							expect(handedOverAt.get(id)! + LIMIT).toBeGreaterThanOrEqual(lastSave);
						}
						expect(JSON.stringify(real.remembered ?? {}).length).toBeLessThan(6_000);
					}
					if (batch === undefined) expect(duplicates(real)).toEqual([]);
					runs++;
					await calm(real);
				},
			),
			{ numRuns: 300, seed: 12 },
		);
		expect(runs).toBe(300);
		expect(untold).toBeGreaterThan(500);
	}, 60_000);
});

describe('an n8n that knows no deduplication keys', () => {
	test('is handed nothing twice after a clean stop, and what came in between once', async () => {
		const real = await listening({ withoutKeys: true });
		for (let n = 0; n < 9; n++) {
			real.write(n % 2, true, 1);
			await real.time.advance(500);
			real.finish(0);
		}
		for (let round = 0; round < 2; round++) {
			await real.restart('stop', 5_000, 2);
			await real.time.advance(2 * COMPARE_EVERY);
			while (real.n8n.running.length > 0) real.finish(0);
		}
		expect(duplicates(real)).toEqual([]);
		expect(real.messageIds).toHaveLength(9 + 4);
		await calm(real);
	});

	test('is handed at a stop what still waits, and not again', async () => {
		const real = await listening({ withoutKeys: true });
		for (let n = 0; n < 6; n++) real.write(n % 2, true, 1);
		await real.time.advance(10);
		// Two run, the others wait behind them.
		expect(real.messageIds).toHaveLength(2);
		await real.restart('stop', 5_000, 0);
		expect(real.messageIds).toHaveLength(6);
		await real.time.advance(2 * COMPARE_EVERY);
		expect(duplicates(real)).toEqual([]);
		await calm(real);
	});

	test('is handed after a kill what had waited, and nothing twice; the gap reaches back to it', async () => {
		const real = await listening({ withoutKeys: true });
		for (let n = 0; n < 6; n++) real.write(n % 2, true, 1);
		await real.time.advance(10);
		const came = real.messages[0]!.at;
		await real.restart('kill', 5_000, 0);
		await calm(real);
		expect([...real.messageIds].sort()).toEqual(['1000', '1001', '1002', '1003', '1004', '1005']);
		const [gap] = real.gaps;
		expect(Date.parse(gap!.from)).toBeLessThanOrEqual(came);
	});

	test('starts no execution a second time that it could not start, and tells of the loss', async () => {
		const real = await listening({ withoutKeys: true });
		real.n8n.refusals = 1;
		real.write(0, true, 1);
		await real.time.advance(120_000);
		expect(real.messageIds).toEqual([]);
		expect(real.gaps).toMatchObject([{ lost: 1, reason: 'n8n could not start the execution' }]);
		await real.restart('stop', 5_000, 0);
		real.excused.add(1_000);
		await calm(real);
		expect(real.messageIds).toEqual([]);
	});

	test('runs a message of an earlier run no more that the socket tells again', async () => {
		const real = await listening({ withoutKeys: true });
		real.write(0, true, 1);
		real.finish(0);
		await real.time.advance(COMPARE_EVERY);
		const frame = '{"id_msg":1000,"tipo_update":"new_message","protocolo_atual":"20231130303151"}';
		await real.restart('stop', 5_000, 0);
		await real.time.advance(1_000);
		for (const connection of real.open) connection.say(frame);
		await real.time.advance(1_000);
		expect(real.messageIds).toEqual(['1000']);
		await calm(real);
	});
});
