import { runKills } from './kills';
import { runFaults } from './run';
import { soak } from './soak';
import { storm } from './storm';

/*
 * `npm run test:faults`: the long fault matrix. Bounded in count and time; prints its seed, with
 * which it can be run again: SEED=… npm run test:faults. Instead of the matrix, KILLS=20 kills
 * a real n8n so often, STORM=1 cuts many triggers at once, SOAK_MINUTES=20 looks for leaks. INTERLEAVINGS=100000
 * belongs to another test: see test/nodes/Voxfree/listeningModel.test.ts.
 */

const numberFrom = (name: string, byDefault: number) => Number(process.env[name] ?? byDefault);

async function main() {
	const seed = numberFrom('SEED', Date.now() % 1_000_000);
	const minutes = numberFrom('SOAK_MINUTES', 0);
	if (minutes > 0) {
		const result = await soak(minutes, console.log);
		console.log(`soak: ${JSON.stringify({ ...result, samples: undefined })}`);
		end(result.slope < 1);
	}
	if (numberFrom('STORM', 0) > 0) {
		const triggers = numberFrom('TRIGGERS', 200);
		console.log(`seed ${seed}: ${triggers} triggers`);
		const result = await storm(seed, triggers, console.log);
		console.log(JSON.stringify(result));
		const { failures, halfOpen, largestShare, notBack, silence } = result;
		const isNoticed = halfOpen.notNoticed === 0 && halfOpen.p100 <= silence + 10_000;
		end(isNoticed && largestShare <= 0.25 && notBack + failures === 0);
	}
	const kills = numberFrom('KILLS', 0);
	if (kills > 0) {
		console.log(`seed ${seed}: one SIGTERM and ${kills} SIGKILL of n8n under load`);
		const result = await runKills({
			seed,
			signals: ['SIGTERM', ...Array.from({ length: kills }, () => 'SIGKILL' as const)],
			perSecond: numberFrom('PER_SECOND', 5),
			log: console.log,
		});
		console.log(JSON.stringify(result, undefined, 2));
		end(result.lost + result.duplicated + result.unexpected === 0);
	}
	const triggers = numberFrom('TRIGGERS', 20);
	const faults = numberFrom('FAULTS', 1_200);
	const events = numberFrom('EVENTS', 1_000_000);
	console.log(`seed ${seed}: ${events} events, ${faults} faults, ${triggers} triggers`);
	const result = await runFaults({
		seed,
		triggers,
		events,
		faults: Math.ceil(faults / triggers),
		perSecond: numberFrom('PER_SECOND', 80),
		peace: [4_000, 14_000],
		log: console.log,
	});
	console.log(JSON.stringify(result, undefined, 2));
	const { lost, duplicated, unexpected, failures } = result;
	end(lost + duplicated + unexpected + failures === 0);
}

function end(isGood: boolean): never {
	console.log(isGood ? 'passed' : 'failed');
	process.exit(isGood ? 0 : 1);
}

main().catch((error: unknown) => {
	console.error(error);
	process.exit(1);
});
