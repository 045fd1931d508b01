import fc from 'fast-check';
import { listeningProperty, scheduledProperty } from './listeningModel';

/*
 * A small part with a fixed seed. INTERLEAVINGS=100000 runs as many as one likes, bounded in time.
 */
const runs = Number(process.env.INTERLEAVINGS ?? 300);
const options = {
	numRuns: runs,
	...(process.env.INTERLEAVINGS === undefined ? { seed: 20261121 } : {}),
	interruptAfterTimeLimit: 15 * 60_000,
	verbose: 0,
} as const;
const LIMIT = 16 * 60_000;

test(
	'whatever happens to connections, messages and executions: never deaf, never two too many, nothing lost or twice',
	async () => {
		const result = await fc.check(listeningProperty, options);
		if (result.failed) throw new Error(fc.defaultReportMessage(result));
		if (runs > 1_000) console.log(`${result.numRuns} interleavings, seed ${result.seed}`);
		expect(result.numRuns).toBeGreaterThan(0);
	},
	LIMIT,
);

test(
	'the same with the answers of the provider in any order',
	async () => {
		const result = await fc.check(scheduledProperty, options);
		if (result.failed) throw new Error(fc.defaultReportMessage(result));
		if (runs > 1_000) console.log(`${result.numRuns} interleavings, seed ${result.seed}`);
		expect(result.numRuns).toBeGreaterThan(0);
	},
	LIMIT,
);
