import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parameters, Provider } from './run';
import { seeded, ToxicProxy } from './ToxicProxy';
import { hostTrigger } from './triggerHost';

export interface SoakResult {
	minutes: number;
	cuts: number;
	executed: number;
	/** MB per 10 minutes, by least squares over the samples after the first third. */
	slope: number;
	samples: Array<{ minute: number; heapMb: number; connections: number }>;
}

/** One trigger at 200 events per second whose connection is cut every 30 seconds. Needs --expose-gc. */
export async function soak(minutes: number, log: (line: string) => void): Promise<SoakResult> {
	const folder = mkdtempSync(join(tmpdir(), 'faults-'));
	const provider = new Provider();
	await provider.start({
		log: join(folder, 'provider.jsonl'),
		seed: 1,
		agents: 1,
		conversations: 5,
		isSloppy: false,
	});
	const proxy = new ToxicProxy(provider.port, seeded(1));
	let executed = 0;
	const trigger = await hostTrigger({
		agent: 1,
		baseUrl: `http://127.0.0.1:${provider.port}/mobile`,
		socketUrl: `ws://127.0.0.1:${await proxy.listen()}`,
		// At this rate what is remembered for deduplication is full after five minutes.
		parameters: parameters(),
		executionTakes: 1,
		onItem: () => void executed++,
	});
	const events = Math.ceil(minutes * 60 * 200);
	provider.order({ order: 'load', perSecond: 200, events });
	const samples: SoakResult['samples'] = [];
	let cuts = 0;
	const started = Date.now();
	while (Date.now() - started < minutes * 60_000) {
		await new Promise((resolve) => setTimeout(resolve, 30_000));
		(globalThis as { gc?: () => void }).gc?.();
		const heapMb = process.memoryUsage().heapUsed / 1_048_576;
		const minute = (Date.now() - started) / 60_000;
		samples.push({ minute, heapMb, connections: proxy.connections });
		log(
			`minute ${minute.toFixed(1)}: heap ${heapMb.toFixed(2)} MB, connections ${proxy.connections}, executed ${executed}, cuts ${cuts}`,
		);
		proxy.cutAll();
		cuts++;
		// The harness keeps these for its tests; they are not the trigger's.
		trigger.logs.length = 0;
	}
	await trigger.close();
	await proxy.close();
	await provider.stop();
	rmSync(folder, { recursive: true, force: true });
	return { minutes, cuts, executed, slope: slopeOf(samples.slice(samples.length / 3)), samples };
}

function slopeOf(samples: SoakResult['samples']): number {
	const mean = (of: (sample: SoakResult['samples'][0]) => number) =>
		samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
	const minute = mean((sample) => sample.minute);
	const heap = mean((sample) => sample.heapMb);
	const covariance = mean((sample) => (sample.minute - minute) * (sample.heapMb - heap));
	const variance = mean((sample) => (sample.minute - minute) ** 2);
	return (covariance / variance) * 10;
}
