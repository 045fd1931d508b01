import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'undici';
import type { ProviderError } from '../../nodes/shared/errors';
import { SocketClient, type Gap } from '../../nodes/Voxfree/trigger/SocketClient';
import { Provider } from './run';
import { seeded, ToxicProxy } from './ToxicProxy';

// Node 20 has none of its own; this is the one that later versions have built in.
globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;

export interface StormResult {
	seed: number;
	triggers: number;
	/** Returns after the cut, by the second in which they came. */
	returns: number[];
	/** The largest of them, as a share of all. */
	largestShare: number;
	notBack: number;
	/** Milliseconds of the silence limit that half-open connections were noticed with. */
	silence: number;
	/** Milliseconds from the moment when a connection falls silent to its replacement. */
	halfOpen: { runs: number; p50: number; p99: number; p100: number; notNoticed: number };
	failures: number;
}

/** Scaled down from the default of two minutes, so that 200 runs take a quarter of a minute. */
const SILENCE = 5_000;
const NEVER_SILENT = 10 * 60_000;
/** The longest first return is nine seconds away; the rest is for a machine that is busy. */
const RETURN_WITHIN = 30_000;
const NOTICE_WITHIN = SILENCE + 20_000;
/** A connection may fall silent at any moment of another one's second. */
const SPREAD = 10_000;

interface Listening {
	socket: SocketClient;
	stop(): void;
	/** When it was connected anew, after the first time. */
	returns: Array<{ at: number; gap: Gap | undefined }>;
	failures: ProviderError[];
}

/**
 * What a crowd of triggers does to its provider: all connections are cut at once, and then each goes
 * silent without being closed. Real sockets to a provider in another process.
 */
export async function storm(
	seed: number,
	triggers: number,
	log: (line: string) => void = () => {},
): Promise<StormResult> {
	const folder = mkdtempSync(join(tmpdir(), 'faults-'));
	const provider = new Provider();
	try {
		await provider.start({
			log: join(folder, 'provider.jsonl'),
			seed,
			agents: triggers,
			conversations: 1,
			isSloppy: false,
		});
		const cut = await cutAll(provider, seed, triggers);
		log(`returns by second: ${cut.returns.join(' ')}; not back: ${cut.notBack}`);
		const silent = await fallSilent(provider, seed, triggers);
		log(`half-open connections: ${JSON.stringify(silent.halfOpen)}`);
		return {
			seed,
			triggers,
			silence: SILENCE,
			...cut,
			halfOpen: silent.halfOpen,
			failures: cut.failures + silent.failures,
		};
	} finally {
		await provider.stop();
		rmSync(folder, { recursive: true, force: true });
	}
}

async function cutAll(provider: Provider, seed: number, triggers: number) {
	const random = seeded(seed);
	const proxy = new ToxicProxy(provider.port, random);
	const port = await proxy.listen();
	const crowd = await listen(triggers, NEVER_SILENT, random, () => port);
	try {
		const at = performance.now();
		proxy.cutAll();
		await until(RETURN_WITHIN, () => crowd.every(({ returns }) => returns.length > 0));
		const back = crowd.flatMap(({ returns: [first] }) => (first ? [first.at - at] : []));
		const returns: number[] = [];
		for (const after of back) {
			const second = Math.floor(after / 1_000);
			returns[second] = (returns[second] ?? 0) + 1;
		}
		const bySecond = Array.from(returns, (count) => count ?? 0);
		return {
			returns: bySecond,
			largestShare: Math.max(...bySecond) / triggers,
			notBack: triggers - back.length,
			failures: crowd.reduce((sum, { failures }) => sum + failures.length, 0),
		};
	} finally {
		for (const { stop } of crowd) stop();
		await proxy.close();
	}
}

/** Each connection has a network of its own, which swallows everything from some moment on. */
async function fallSilent(provider: Provider, seed: number, triggers: number) {
	const random = seeded(seed + 1);
	const proxies = Array.from({ length: triggers }, () => new ToxicProxy(provider.port, random));
	const ports = await Promise.all(proxies.map(async (proxy) => await proxy.listen()));
	// Told something all the time until then, as a connection in use is.
	provider.order({ order: 'load', perSecond: 2, events: triggers * 2 * 600 });
	const crowd = await listen(triggers, SILENCE, random, (agent) => ports[agent - 1]!);
	try {
		const noticed = await Promise.all(
			crowd.map(async ({ returns, socket }, index) => {
				await pause(random() * SPREAD);
				const before = returns.length;
				// Only for a moment: what went in stays silent, and new connections work.
				proxies[index]!.apply('timeout', 1_000);
				const since = performance.now();
				const isBack = () => returns.length > before;
				await until(NOTICE_WITHIN, isBack);
				return isBack() && socket.trusted !== undefined ? returns[before]!.at - since : undefined;
			}),
		);
		const times = noticed.filter((time) => time !== undefined).sort((a, b) => a - b);
		const at = (share: number) =>
			Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN);
		return {
			halfOpen: {
				runs: triggers,
				p50: at(0.5),
				p99: at(0.99),
				p100: at(1),
				notNoticed: triggers - times.length,
			},
			failures: crowd.reduce((sum, { failures }) => sum + failures.length, 0),
		};
	} finally {
		provider.order({ order: 'load', perSecond: 2, events: 0 });
		for (const { stop } of crowd) stop();
		await Promise.all(proxies.map(async (proxy) => await proxy.close()));
	}
}

/** The sockets of so many triggers, connected and registered. */
async function listen(
	triggers: number,
	silence: number,
	random: () => number,
	portOf: (agent: number) => number,
): Promise<Listening[]> {
	const crowd = Array.from({ length: triggers }, (_, index): Listening => {
		const agentId = String(index + 1);
		const returns: Listening['returns'] = [];
		const failures: ProviderError[] = [];
		let isFirst = true;
		const stopped = new AbortController();
		const runtime = {
			clock: () => performance.now(),
			now: () => Date.now(),
			random,
			wait,
			log: () => {},
			redact: (text: string) => text,
			signal: stopped.signal,
		};
		const socket = new SocketClient(runtime, {
			url: `ws://127.0.0.1:${portOf(index + 1)}`,
			agentId,
			silence,
			giveUpAfter: 60 * 60_000,
			onFrame: () => {},
			onConnected: (gap) => {
				if (!isFirst) returns.push({ at: performance.now(), gap });
				isFirst = false;
			},
			onFailed: (failure) => failures.push(failure),
		});
		return { socket, stop: () => stopped.abort(), returns, failures };
	});
	await Promise.all(crowd.map(async ({ socket }) => await socket.start()));
	return crowd;
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, milliseconds);
		signal.addEventListener(
			'abort',
			() => {
				clearTimeout(timer);
				resolve();
			},
			{ once: true },
		);
	});
}

async function until(limit: number, condition: () => boolean): Promise<void> {
	const end = performance.now() + limit;
	while (!condition() && performance.now() < end) await pause(20);
}

async function pause(milliseconds: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
