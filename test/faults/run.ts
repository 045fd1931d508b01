import { fork, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, type Verdict } from './check';
import type { ProviderNews, ProviderOptions, ProviderOrder } from './provider';
import { seeded, ToxicProxy, toxics } from './ToxicProxy';
import { hostTrigger, type HostedTrigger } from './triggerHost';

export interface FaultRun {
	seed: number;
	triggers: number;
	/** Events of each trigger per second, and in all. */
	perSecond: number;
	events: number;
	/** Faults of each trigger. */
	faults: number;
	/** Milliseconds of peace before each fault, from and to. */
	peace: [number, number];
	/** Seconds between two comparisons with the lists. @default 20 */
	compareEvery?: number;
	log?: (line: string) => void;
}

export interface FaultResult extends Verdict {
	seed: number;
	faults: Record<string, number>;
	failures: number;
	brokenFrames: number;
	seconds: number;
}

/** A provider in another process. */
export class Provider {
	port = 0;

	events = 0;

	connections = 0;

	private readonly child: ChildProcess;

	private readonly ended: Promise<void>;

	constructor() {
		this.child = fork(join(__dirname, 'provider.ts'), {
			execArgv: ['--import', 'tsx'],
			env: { PATH: process.env.PATH, TSX_DISABLE_CACHE: '1' },
		});
		this.ended = new Promise((resolve) => this.child.once('exit', () => resolve()));
	}

	order(order: ProviderOrder): void {
		this.child.send(order);
	}

	async start(options: ProviderOptions): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			this.child.once('exit', (code) => reject(new Error(`the provider ended with ${code}`)));
			this.child.on('message', (news: ProviderNews) => {
				if (news.news === 'listening') {
					this.port = news.port;
					resolve();
				}
				if (news.news === 'progress') {
					this.events = news.events;
					this.connections = news.connections;
				}
			});
			this.order({ order: 'start', options });
		});
	}

	async stop(): Promise<void> {
		if (this.child.connected) this.order({ order: 'stop' });
		const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
		await this.ended;
		clearTimeout(timer);
	}
}

const CLOSE_CODES = [1000, 1001, 1011, 1012, 1013, 4000];
const SILENCE_SECONDS = 5;

/** What a trigger under test is set to: everything on, and quick to notice silence. */
export const parameters = (options: Record<string, number | boolean> = {}) => ({
	events: ['newMessage', 'queueUpdated', 'other', 'gap'],
	fetchDetails: false,
	options: {
		ignoreOwnMessages: false,
		silence: SILENCE_SECONDS,
		compareEvery: 20,
		executionsAtOnce: 20,
		queueSize: 100_000,
		...options,
	},
});

/** Puts triggers under load and faults, lets things calm down, and judges from the logs. */
export async function runFaults(run: FaultRun): Promise<FaultResult> {
	const { compareEvery = 20 } = run;
	const started = Date.now();
	const folder = mkdtempSync(join(tmpdir(), 'faults-'));
	const files = {
		provider: join(folder, 'provider.jsonl'),
		trigger: join(folder, 'trigger.jsonl'),
	};
	const log = createWriteStream(files.trigger);
	const provider = new Provider();
	const triggers: HostedTrigger[] = [];
	const proxies: ToxicProxy[] = [];
	const counts: Record<string, number> = {};
	let executed = 0;
	try {
		await provider.start({
			log: files.provider,
			seed: run.seed,
			agents: run.triggers,
			conversations: 5,
			isSloppy: true,
		});
		for (let agent = 1; agent <= run.triggers; agent++) {
			const proxy = new ToxicProxy(provider.port, seeded(run.seed + agent));
			proxies.push(proxy);
			const port = await proxy.listen();
			triggers.push(
				await hostTrigger({
					agent,
					baseUrl: `http://127.0.0.1:${provider.port}/mobile`,
					socketUrl: `ws://127.0.0.1:${port}`,
					parameters: parameters({ compareEvery }),
					executionTakes: 1,
					onItem: (item) => {
						executed++;
						log.write(`${JSON.stringify(lineOf(agent, item))}\n`);
					},
				}),
			);
		}
		provider.order({ order: 'load', perSecond: run.perSecond, events: run.events });
		const harm = async (agent: number) => {
			const random = seeded(run.seed * 1_000 + agent);
			const proxy = proxies[agent - 1]!;
			for (let fault = 0; fault < run.faults; fault++) {
				const [least, most] = run.peace;
				await pause(least + random() * (most - least));
				const kinds = [...toxics, 'close', 'terminate', 'deafen'] as const;
				const kind = kinds[Math.floor(random() * kinds.length)]!;
				counts[kind] = (counts[kind] ?? 0) + 1;
				const order = { agent: String(agent) };
				const code = CLOSE_CODES[Math.floor(random() * CLOSE_CODES.length)]!;
				if (kind === 'close') provider.order({ order: kind, code, ...order });
				else if (kind === 'terminate' || kind === 'deafen') {
					provider.order({ order: kind, ...order });
				} else proxy.apply(kind, 500 + random() * 2_500);
			}
		};
		await Promise.all(triggers.map(async (_, index) => await harm(index + 1)));
		run.log?.(`faults done after ${Math.round((Date.now() - started) / 1000)} s`);
		// Calm: everything that can come back does, within the longest pauses there are.
		const until = async (what: string, limit: number, condition: () => boolean) => {
			const end = Date.now() + limit;
			while (!condition() && Date.now() < end) await pause(100);
			if (!condition()) run.log?.(`${what}: not within ${limit / 1000} s`);
		};
		const remaining = Math.ceil(run.events / (run.perSecond * run.triggers)) * 1_000;
		await until('all events', remaining + 120_000, () => provider.events >= run.events);
		await until('all connections', 150_000, () => provider.connections >= run.triggers);
		let last = -1;
		let still = 0;
		await until('quiet', 120_000, () => {
			still = executed === last ? still + 1 : 0;
			last = executed;
			// Longer than the interval of comparing, so that the lists have had their say.
			return still > (compareEvery + 8) * 10;
		});
		await provider.stop();
		const errors = triggers.flatMap((trigger) => trigger.errors);
		const broken = triggers.reduce((sum, trigger) => sum + trigger.failedExecutions.length, 0);
		await Promise.all(triggers.map(async (trigger) => await trigger.close()));
		await new Promise<void>((resolve) => log.end(() => resolve()));
		return {
			...check(files.provider, files.trigger),
			seed: run.seed,
			faults: counts,
			failures: errors.length,
			brokenFrames: broken,
			seconds: Math.round((Date.now() - started) / 1000),
		};
	} finally {
		await Promise.all(triggers.map(async (trigger) => await trigger.close()));
		await Promise.all(proxies.map(async (proxy) => await proxy.close()));
		await provider.stop();
		rmSync(folder, { recursive: true, force: true });
	}
}

interface Told {
	event?: string;
	recovered?: boolean;
	messageId?: string;
	gap?: { from: string; to: string };
	raw?: { marca?: string };
}

/** One item of an execution, as a line of the log that `check` reads. */
export function lineOf(agent: number, item: object): object {
	const { event, gap, messageId, raw, recovered } = item as Told;
	const t = Date.now();
	if (event === 'gap' && gap !== undefined) {
		return { t, kind: 'gap', agent, from: Date.parse(gap.from), to: Date.parse(gap.to) };
	}
	const id = messageId ?? raw?.marca;
	return { t, kind: 'executed', agent, id, isRecovered: recovered === true };
}

async function pause(milliseconds: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
