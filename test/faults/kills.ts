import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IDataObject, IRunExecutionData } from 'n8n-workflow';
import { installTarball, packProject } from '../host/localRegistry';
import { N8nApi, type ExecutionSummary } from '../host/N8nApi';
import { startHost, type Host } from '../host/startHost';
import { check, type Verdict } from './check';
import { lineOf, parameters, Provider } from './run';
import { seeded } from './ToxicProxy';

export interface KillRun {
	seed: number;
	/** How n8n is ended, one after another; it is started again after each. */
	signals: ReadonlyArray<'SIGTERM' | 'SIGKILL'>;
	/** Events per second, also while n8n is not running. */
	perSecond: number;
	log?: (line: string) => void;
}

export interface KillResult extends Verdict {
	seed: number;
	signals: number;
	/** Executions by their status in n8n's database. Those that were running at a kill are `crashed`. */
	executions: Record<string, number>;
	/** Milliseconds from SIGTERM to the end of n8n, the longest. */
	slowestEnd: number;
	seconds: number;
}

const AGENT = 1;
const TRIGGER = 'Voxfree';
const OWNER = { email: 'owner@example.test', password: 'demo-Passw0rd' };
const COMPARE_EVERY = 5;
const PAGE = 100;
const CALLS_AT_ONCE = 8;
/** Statuses in which an execution will change no more. */
const ENDED = new Set(['success', 'error', 'crashed', 'canceled']);

/**
 * Ends a real n8n under load again and again, and starts it anew. Judges by what the provider says
 * has happened, and by the executions in n8n's database.
 */
export async function runKills(run: KillRun): Promise<KillResult> {
	const { perSecond, seed, signals, log = () => {} } = run;
	const started = Date.now();
	const random = seeded(seed);
	const folder = mkdtempSync(join(tmpdir(), 'n8n-kills-'));
	const files = {
		provider: join(folder, 'provider.jsonl'),
		trigger: join(folder, 'trigger.jsonl'),
	};
	const provider = new Provider();
	let host: Host | undefined;
	try {
		await provider.start({
			log: files.provider,
			seed,
			agents: AGENT,
			conversations: 5,
			isSloppy: true,
		});
		const userFolder = join(folder, 'n8n');
		host = await startHost({ userFolder });
		let api = new N8nApi(host.url);
		await api.signIn(OWNER);
		const { tarball, name } = await packProject();
		await installTarball(host, api, tarball);
		const workflowId = await publishTrigger(api, name, provider.port);
		const plenty = perSecond * 60 * (signals.length + 2);
		provider.order({ order: 'load', perSecond, events: plenty });

		let slowestEnd = 0;
		for (const signal of signals) {
			await until('the trigger to listen', 60_000, async () => provider.connections === AGENT);
			const before = (await api.executions(workflowId, { limit: 1 })).count;
			const wanted = before + perSecond;
			await until('executions under load', 60_000, async () => {
				return (await api.executions(workflowId, { limit: 1 })).count >= wanted;
			});
			await pause(1_000 + random() * 3_000);
			const { count } = await api.executions(workflowId, { limit: 1 });
			const at = Date.now();
			// SIGTERM to n8n alone, as a service manager sends it; SIGKILL to all that it has started.
			process.kill(signal === 'SIGTERM' ? host.pid : -host.pid, signal);
			await endOf(host);
			if (signal === 'SIGTERM') slowestEnd = Math.max(slowestEnd, Date.now() - at);
			const { port } = host;
			await host.stop();
			await until('the provider to notice', 20_000, async () => provider.connections === 0);
			await pause(random() * 2_000);
			host = await startHost({ userFolder, port });
			api = new N8nApi(host.url, api.session);
			log(`${signal} after ${count} executions; back after ${Date.now() - at} ms`);
		}
		await until('the trigger to listen', 60_000, async () => provider.connections === AGENT);
		await pause(2_000);
		provider.order({ order: 'load', perSecond, events: 0 });
		const executions = await settled(api, workflowId);
		await provider.stop();

		const lines = createWriteStream(files.trigger);
		const counts: Record<string, number> = {};
		for (const { status, items } of await itemsOf(api, executions)) {
			counts[status] = (counts[status] ?? 0) + 1;
			for (const item of items) lines.write(`${JSON.stringify(lineOf(AGENT, item))}\n`);
		}
		await new Promise<void>((resolve) => lines.end(() => resolve()));
		return {
			...check(files.provider, files.trigger),
			seed,
			signals: signals.length,
			executions: counts,
			slowestEnd,
			seconds: Math.round((Date.now() - started) / 1000),
		};
	} finally {
		await host?.stop();
		await provider.stop();
		rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
	}
}

async function publishTrigger(api: N8nApi, packageName: string, port: number): Promise<string> {
	const baseUrl = `http://127.0.0.1:${port}/mobile`;
	const credential = await api.createCredential('voxfreeApi', {
		login: `${AGENT}@example.test`,
		password: 'demo-password',
		baseUrl,
		servicesUrl: baseUrl,
		socketUrl: `ws://127.0.0.1:${port}`,
	});
	const { id } = await api.createWorkflow({
		name: 'Voxfree under load',
		nodes: [
			{
				id: 'voxfree',
				name: TRIGGER,
				type: `${packageName}.voxfreeTrigger`,
				typeVersion: 2,
				position: [0, 0],
				parameters: parameters({ compareEvery: COMPARE_EVERY }),
				credentials: { voxfreeApi: { id: credential.id, name: credential.name } },
			},
			{
				id: 'nothing',
				name: 'Nothing',
				type: 'n8n-nodes-base.noOp',
				typeVersion: 1,
				position: [200, 0],
				parameters: {},
			},
		],
		connections: { [TRIGGER]: { main: [[{ node: 'Nothing', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	});
	await api.publish(id);
	return id;
}

/** n8n gives itself 30 seconds to end in good order. */
async function endOf(host: Host) {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error('n8n has not ended within 40 s')), 40_000);
	});
	try {
		await Promise.race([host.ended, late]);
	} finally {
		clearTimeout(timer);
	}
}

/** All executions, once there are no new ones for longer than the lists are compared, oldest first. */
async function settled(api: N8nApi, workflowId: string): Promise<ExecutionSummary[]> {
	let count = -1;
	let since = Date.now();
	await until('the executions to end', 600_000, async () => {
		const page = await api.executions(workflowId);
		const isQuiet = page.count === count && page.results.every(({ status }) => ENDED.has(status));
		if (!isQuiet) since = Date.now();
		count = page.count;
		return Date.now() - since > (COMPARE_EVERY + 5) * 1_000;
	});
	const all: ExecutionSummary[] = [];
	const filter = encodeURIComponent(JSON.stringify({ workflowId }));
	for (let cursor: string | undefined, more = true; more; ) {
		const page = await api.call<{ results: ExecutionSummary[]; nextCursor?: string | null }>(
			'GET',
			`/rest/executions?limit=${PAGE}&filter=${filter}${cursor === undefined ? '' : `&cursor=${cursor}`}`,
		);
		all.push(...page.results);
		cursor = page.nextCursor ?? undefined;
		more = cursor !== undefined;
	}
	if (all.length !== count) throw new Error(`${count} executions, but ${all.length} were listed`);
	return all.reverse();
}

async function itemsOf(api: N8nApi, executions: ExecutionSummary[]) {
	const found: Array<{ status: string; items: IDataObject[] }> = [];
	let next = 0;
	const work = async () => {
		while (next < executions.length) {
			const { id } = executions[next++]!;
			const { data, status } = await api.execution(id);
			found.push({ status, items: startedWith(data, TRIGGER) });
		}
	};
	await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));
	return found;
}

/** What the trigger has started an execution with, whether the execution has come past it or not. */
export function startedWith(
	{ executionData, resultData }: IRunExecutionData,
	trigger: string,
): IDataObject[] {
	const [waiting] = executionData?.nodeExecutionStack ?? [];
	const told =
		resultData.runData[trigger]?.[0]?.data?.main?.[0] ??
		(waiting?.node.name === trigger ? waiting.data.main?.[0] : undefined);
	return (told ?? []).map(({ json }) => json);
}

async function until(what: string, limit: number, condition: () => Promise<boolean>) {
	const end = Date.now() + limit;
	while (!(await condition())) {
		if (Date.now() > end) throw new Error(`Waited ${limit / 1000} s in vain for ${what}`);
		await pause(100);
	}
}

async function pause(milliseconds: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
