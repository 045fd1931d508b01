import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INode } from 'n8n-workflow';
import { connected, inOrder } from '../e2e/workflowParts';
import { installTarball, packProject } from '../host/localRegistry';
import { N8nApi } from '../host/N8nApi';
import { startHost, type Host } from '../host/startHost';
import { startPostgres, startRedis, type Service } from './services';

export interface QueueSize {
	/** Processes that run executions. @default 1 */
	workers?: number;
	/** Processes that take the calls of production webhooks. @default 1 */
	webhooks?: number;
}

/** An n8n in queue mode: each of its parts is a process of its own, on loopback. */
export interface Queue {
	/** Of the main process, logged in as the owner. */
	api: N8nApi;
	/** It holds the triggers that are no webhooks, and takes no calls of production webhooks. */
	readonly main: Host;
	/** Where production webhooks are called; they run no workflow themselves. */
	webhooks: readonly Host[];
	workers: readonly Host[];
	/** Publishes these nodes, one after another; resolves to the id of the workflow. */
	publish(nodes: readonly INode[]): Promise<string>;
	/**
	 * Ends the main process as a service manager does, with SIGTERM, and starts it again at the same
	 * address.
	 *
	 * @param whileDown what happens between the two
	 */
	restartMain(whileDown?: () => Promise<void>): Promise<void>;
	stop(): Promise<void>;
}

type Command = 'start' | 'webhook' | 'worker';

/**
 * Starts PostgreSQL, Redis and n8n's main, webhook and worker processes, with the packed package
 * installed.
 */
export async function startQueue({ workers = 1, webhooks = 1 }: QueueSize = {}): Promise<Queue> {
	const packed = await packProject();
	const folder = mkdtempSync(join(tmpdir(), 'n8n-queue-'));
	const started = new Set<Host | Service>();
	const stop = async () => {
		for (const part of [...started].reverse()) await part.stop();
		rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
	};
	const keep = <Part extends Host | Service>(part: Part): Part => {
		started.add(part);
		return part;
	};
	try {
		const redis = keep(await startRedis());
		const postgres = keep(await startPostgres());
		const start = async (command: Command, port?: number) =>
			keep(
				await startHost({
					command,
					port,
					userFolder: folder,
					endOnSignal: false,
					env: {
						EXECUTIONS_MODE: 'queue',
						QUEUE_BULL_REDIS_HOST: '127.0.0.1',
						QUEUE_BULL_REDIS_PORT: String(redis.port),
						DB_TYPE: 'postgresdb',
						DB_POSTGRESDB_HOST: '127.0.0.1',
						DB_POSTGRESDB_PORT: String(postgres.port),
						DB_POSTGRESDB_DATABASE: 'n8n',
						DB_POSTGRESDB_USER: 'n8n',
						DB_POSTGRESDB_PASSWORD: 'demo-n8n',
						// Without it n8n never hears of the end of a job that a worker finishes while the main
						// process is still enqueuing it, and a trigger that waits for it waits in vain.
						N8N_EXECUTIONS_QUEUE_KEEP_LAST_COMPLETED: '1000',
						// So that a webhook can be answered by a webhook process alone.
						N8N_DISABLE_PRODUCTION_MAIN_PROCESS: command === 'start' ? 'true' : 'false',
					},
				}),
			);
		let main = await start('start');
		const api = new N8nApi(main.url);
		await api.signIn({ email: 'owner@example.test', password: 'demo-Passw0rd' });
		// The other processes read what is installed when they start.
		await installTarball(main, api, packed.tarball);
		const startAll = async (command: Command, count: number) => {
			// Not Promise.all: what still starts while another one fails has to be ended too.
			const results = await Promise.allSettled(
				Array.from({ length: count }, async () => await start(command)),
			);
			return results.map((result) => {
				if (result.status === 'rejected') throw result.reason;
				return result.value;
			});
		};
		const webhookProcesses = await startAll('webhook', webhooks);
		const workerProcesses = await startAll('worker', workers);
		return {
			api,
			get main() {
				return main;
			},
			webhooks: webhookProcesses,
			workers: workerProcesses,
			publish: async (nodes) => {
				const { id } = await api.createWorkflow({
					name: 'In queue mode',
					nodes: [...nodes],
					connections: connected(inOrder(nodes)),
				});
				await api.publish(id, 120_000);
				return id;
			},
			restartMain: async (whileDown) => {
				// To n8n alone, not to what it has started.
				process.kill(main.pid, 'SIGTERM');
				await main.ended;
				await main.stop();
				started.delete(main);
				await whileDown?.();
				main = await start('start', main.port);
			},
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

/** Which of these workers have run an execution. */
export function ranBy(workers: readonly Host[], executionId: string): Host[] {
	const line = new RegExp(`Worker started execution ${executionId} `);
	return workers.filter((worker) => line.test(worker.output()));
}
