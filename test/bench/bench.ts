import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { ensureHost, projectRoot } from '../host/install';
import { installTarball, packProject } from '../host/localRegistry';
import { N8nApi } from '../host/N8nApi';
import { startHost, type ExpressionEngine } from '../host/startHost';
import { answerTimes } from './answers';
import { packEmptyTriggers } from './emptyTrigger';
import { answersAtOnce, answersSlowly } from './items';
import { framesListened } from './listening';
import { judge, randomFrom, tableOf, type Row, type Verdict } from './rounds';
import { signedCalls } from './signedWebhooks';
import { socketEvents } from './socketEvents';
import { startProvider, type Provider } from './startProvider';
import { signatureTiming } from './timing';
import { uploadMemory } from './upload';
import { triggerCalls } from './webhooks';

const OWNER = { email: 'owner@example.test', password: 'demo-Passw0rd' };
const SECRET = 'demo-webhook-secret-1';
const OUTPUT = join(projectRoot, '.test-output', 'bench.json');

const engines: readonly ExpressionEngine[] = ['default', 'lazy', 'legacy'];
/** Of an event that is emitted, the third tells nothing more. */
const listenerEngines: readonly ExpressionEngine[] = ['default', 'lazy'];

/** Trigger calls a round: about as many seconds for each engine. */
const CALLS: Record<ExpressionEngine, number> = { default: 150, lazy: 400, legacy: 400 };

/** No run takes longer, whatever hangs. */
const LIMIT_MS = 30 * 60_000;

/** What can be measured alone: `npm run bench -- signed`. */
const PARTS = ['timing', 'items', 'webhooks', 'signed', 'listener', 'answers', 'upload'] as const;
type Part = (typeof PARTS)[number];

/**
 * Measures our nodes beside n8n's own ones on the pinned n8n, prints one table, and writes
 * `.test-output/bench.json`. All parts are measured unless some are named. BENCH_ROUNDS and
 * BENCH_SEED set the number of rounds and the order of the contestants in them, BENCH_CALLS the trigger
 * calls a round, for a machine that has much else to do.
 */
export async function bench(...named: string[]) {
	const parts = partsOf(named);
	const rounds = Math.max(3, Number(process.env.BENCH_ROUNDS) || 3);
	const seed = Number(process.env.BENCH_SEED) || 1;
	const random = randomFrom(seed);
	const limit = setTimeout(() => {
		console.error(`The benchmarks were ended: they took longer than ${LIMIT_MS / 60_000} minutes.`);
		process.exit(1);
	}, LIMIT_MS);
	const load = loadavg()[0]!;
	const timing = parts.has('timing') ? signatureTiming(random) : [];
	for (const { name, t, wanted, reached } of timing)
		console.log(
			`${name}: t = ${t.toFixed(2)}, wanted ${wanted}: ${reached ? 'reached' : 'MISSED'}`,
		);
	const { version } = await ensureHost();
	const packed = await packProject();
	const needsEmpty = parts.has('signed') || parts.has('listener');
	const emptyTriggers = needsEmpty ? packEmptyTriggers() : undefined;
	const provider = await startProvider();
	const rows: Verdict[] = [];
	const add = (row: Row) => {
		rows.push(judge(row));
		console.log(`  ${row.name}: ${rows.at(-1)!.ratio.toFixed(2)}`);
	};
	try {
		if (parts.has('listener')) for (const row of await framesListened(rounds, seed)) add(row);
		for (const engine of enginesFor(parts)) {
			console.log(`n8n ${version}, expression engine: ${engine} …`);
			const host = await startHost({ expressionEngine: engine });
			try {
				const api = new N8nApi(host.url);
				await api.signIn(OWNER);
				await installTarball(host, api, packed.tarball);
				if (emptyTriggers) await installTarball(host, api, emptyTriggers);
				const calls = callsOf(engine);
				const common = { api, engine, rounds, random };
				if (parts.has('items') || parts.has('webhooks')) {
					const credential = await createCredential(api, provider);
					if (parts.has('items')) {
						const items = { ...common, provider, credential };
						add(await answersAtOnce(items));
						for (const row of await answersSlowly(items)) add(row);
					}
					const triggers = { ...common, credential, secret: SECRET, calls };
					if (parts.has('webhooks')) for (const row of await triggerCalls(triggers)) add(row);
				}
				if (parts.has('signed'))
					for (const row of await signedCalls({ ...common, calls })) add(row);
				if (parts.has('listener') && listenerEngines.includes(engine))
					for (const row of await socketEvents({ ...common, calls, pid: host.pid })) add(row);
				if (parts.has('answers')) {
					const credential = await api.createCredential('simplesDeskApi', {
						webhookSecret: SECRET,
					});
					const answers = { ...common, credential, secret: SECRET, calls: Math.min(calls, 200) };
					for (const row of await answerTimes(answers)) add(row);
				}
			} finally {
				await host.stop();
			}
		}
		if (parts.has('upload')) add(await uploadMemory(packed.tarball, rounds));
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
		triggerCallsPerRound: Object.fromEntries(engines.map((engine) => [engine, callsOf(engine)])),
		limitMinutes: LIMIT_MS / 60_000,
	};
	if (rows.length > 0) console.log(`\n${tableOf(rows)}\n`);
	console.log(
		`Medians of ${rounds} interleaved rounds (least–most); seed ${seed}. n8n ${version}, ` +
			`${conditions.cores} cores, load ${load.toFixed(1)} before the start. ` +
			`Trigger calls a round: ${engines.map(callsOf).join(', ')}.`,
	);
	mkdirSync(join(projectRoot, '.test-output'), { recursive: true });
	writeFileSync(OUTPUT, JSON.stringify({ conditions, timing, rows }, null, '\t'));
}

function partsOf(named: string[]): ReadonlySet<Part> {
	const known: readonly string[] = PARTS;
	const stranger = named.find((name) => !known.includes(name));
	if (stranger !== undefined)
		throw new Error(`There is no part "${stranger}" to measure: ${PARTS.join(', ')}.`);
	return new Set(named.length > 0 ? (named as Part[]) : PARTS);
}

function callsOf(engine: ExpressionEngine) {
	return Number(process.env.BENCH_CALLS) || CALLS[engine];
}

function enginesFor(parts: ReadonlySet<Part>) {
	const onN8n = [...parts].filter((part) => part !== 'timing' && part !== 'upload');
	if (onN8n.length === 0) return [];
	return onN8n.every((part) => part === 'listener') ? listenerEngines : engines;
}

async function createCredential(api: N8nApi, provider: Provider) {
	return await api.createCredential('omnizeApi', {
		token: 'demo-token-1',
		baseUrl: provider.url,
		webhookSecret: SECRET,
	});
}
