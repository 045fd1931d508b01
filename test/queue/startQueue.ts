import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installTarball, packProject } from '../host/localRegistry';
import { N8nApi } from '../host/N8nApi';
import { startHost, type Host } from '../host/startHost';
import { startPostgres, startRedis, type Service } from './services';

/** An n8n in queue mode: each of its parts is a process of its own, on loopback. */
export interface Queue {
	/** Of the main process, logged in as the owner. */
	api: N8nApi;
	/** Where production webhooks are called: the webhook process, which runs no workflow itself. */
	webhookUrl: string;
	/** What a process has written. */
	log(part: 'main' | 'webhook' | 'worker'): string;
	stop(): Promise<void>;
}

/**
 * Starts PostgreSQL, Redis and n8n's main, webhook and worker process, with the packed package
 * installed.
 */
export async function startQueue(): Promise<Queue> {
	const packed = await packProject();
	const folder = mkdtempSync(join(tmpdir(), 'n8n-queue-'));
	const started: Array<Host | Service> = [];
	const stop = async () => {
		for (const part of started.reverse()) await part.stop();
		rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
	};
	const keep = <Part extends Host | Service>(part: Part): Part => {
		started.push(part);
		return part;
	};
	try {
		const redis = keep(await startRedis());
		const postgres = keep(await startPostgres());
		const start = async (command: 'start' | 'webhook' | 'worker') =>
			keep(
				await startHost({
					command,
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
						// So that a webhook can be answered by the webhook process alone.
						N8N_DISABLE_PRODUCTION_MAIN_PROCESS: command === 'start' ? 'true' : 'false',
					},
				}),
			);
		const main = await start('start');
		const api = new N8nApi(main.url);
		await api.signIn({ email: 'owner@example.test', password: 'demo-Passw0rd' });
		// The other processes read what is installed when they start.
		await installTarball(main, api, packed.tarball);
		const webhook = await start('webhook');
		const worker = await start('worker');
		const parts = { main, webhook, worker };
		return { api, webhookUrl: webhook.url, log: (part) => parts[part].output(), stop };
	} catch (error) {
		await stop();
		throw error;
	}
}
