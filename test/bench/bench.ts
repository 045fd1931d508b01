import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { ensureHost, projectRoot } from '../host/install';
import { installTarball, packProject } from '../host/localRegistry';
import { N8nApi } from '../host/N8nApi';
import { uploadMemory } from './upload';
import { startHost, type ExpressionEngine } from '../host/startHost';
import { answersAtOnce, answersSlowly } from './items';
import { judge, randomFrom, tableOf, type Row, type Verdict } from './rounds';
import { startProvider } from './startProvider';
import { triggerCalls } from './webhooks';

const OWNER = { email: 'owner@example.test', password: 'demo-Passw0rd' };
const SECRET = 'demo-webhook-secret-1';
const OUTPUT = join(projectRoot, '.test-output', 'bench.json');

/** Trigger calls a round: about as many seconds for each engine. */
const CALLS: Record<ExpressionEngine, number> = { default: 150, lazy: 400, legacy: 400 };

/** No run takes longer, whatever hangs. */
const LIMIT_MS = 15 * 60_000;

/**
 * Measures our nodes beside n8n's own ones on the pinned n8n, prints one table, and writes
 * `.test-output/bench.json`. BENCH_ROUNDS and BENCH_SEED set the number of rounds and the order of
 * the contestants in them.
 */
export async function bench() {
	const rounds = Math.max(3, Number(process.env.BENCH_ROUNDS) || 3);
	const seed = Number(process.env.BENCH_SEED) || 1;
	const random = randomFrom(seed);
	const limit = setTimeout(() => {
		console.error(`The benchmarks were ended: they took longer than ${LIMIT_MS / 60_000} minutes.`);
		process.exit(1);
	}, LIMIT_MS);
	const load = loadavg()[0]!;
	const { version } = await ensureHost();
	const packed = await packProject();
	const provider = await startProvider();
	const rows: Verdict[] = [];
	const add = (row: Row) => {
		rows.push(judge(row));
		console.log(`  ${row.name}: ${rows.at(-1)!.ratio.toFixed(2)}`);
	};
	try {
		for (const engine of ['default', 'lazy', 'legacy'] as const) {
			console.log(`n8n ${version}, expression engine: ${engine} …`);
			const host = await startHost({ expressionEngine: engine });
			try {
				const api = new N8nApi(host.url);
				await api.signIn(OWNER);
				await installTarball(host, api, packed.tarball);
				const credential = await api.createCredential('omnizeApi', {
					token: 'demo-token-1',
					baseUrl: provider.url,
					webhookSecret: SECRET,
				});
				const items = { api, provider, credential, rounds, random, engine };
				add(await answersAtOnce(items));
				for (const row of await answersSlowly(items)) add(row);
				const calls = CALLS[engine];
				const triggers = { api, credential, secret: SECRET, engine, calls, rounds, random };
				for (const row of await triggerCalls(triggers)) add(row);
			} finally {
				await host.stop();
			}
		}
		add(await uploadMemory(packed.tarball, rounds));
	} finally {
		await provider.stop();
		clearTimeout(limit);
	}
	const conditions = {
		n8n: version,
		node: process.version,
		cores: cpus().length,
		loadBefore: load,
		rounds,
		seed,
		triggerCallsPerRound: CALLS,
		limitMinutes: LIMIT_MS / 60_000,
	};
	console.log(`\n${tableOf(rows)}\n`);
	console.log(
		`Medians of ${rounds} interleaved rounds (least–most); seed ${seed}. n8n ${version}, ` +
			`${conditions.cores} cores, load ${load.toFixed(1)} before the start. ` +
			`Trigger calls a round: ${Object.values(CALLS).join(', ')}.`,
	);
	mkdirSync(join(projectRoot, '.test-output'), { recursive: true });
	writeFileSync(OUTPUT, JSON.stringify({ conditions, rows }, null, '\t'));
}
