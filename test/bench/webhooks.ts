import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../host/install';
import type { Credential, N8nApi } from '../host/N8nApi';
import type { ExpressionEngine } from '../host/startHost';
import { CONCURRENCY, publishChain, refusedPerSecond, runPerSecond } from './calls';
import { interleave, type Row } from './rounds';

const BODY = readFileSync(
	join(projectRoot, 'test', 'fixtures', 'omnize', 'trigger-message.json'),
	'utf8',
);

interface Bench {
	api: N8nApi;
	credential: Credential;
	secret: string;
	engine: ExpressionEngine;
	/** Calls a round. */
	calls: number;
	rounds: number;
	random: () => number;
}

/** Omnize Trigger with a shared secret in the URL against the bare Webhook node. */
export async function triggerCalls(bench: Bench): Promise<Row[]> {
	const { api, credential, secret, engine, calls, rounds, random } = bench;
	const trigger = await publishChain(api, 'Trigger', [
		{
			id: 'start',
			name: 'Omnize Trigger',
			type: 'n8n-nodes-omnichannel.omnizeTrigger',
			typeVersion: 2,
			position: [0, 0],
			webhookId: crypto.randomUUID(),
			parameters: { events: ['message'], verification: 'query', options: {} },
			credentials: { [credential.type]: credential },
		},
	]);
	const webhook = await publishChain(api, 'Webhook', [
		{
			id: 'start',
			name: 'Webhook',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			position: [0, 0],
			webhookId: crypto.randomUUID(),
			parameters: { httpMethod: 'POST', path: crypto.randomUUID(), options: {} },
		},
	]);
	const messages = Array.from({ length: calls }, () => ({ body: BODY }));
	const forged = { ...trigger, url: `${trigger.url}?secret=demo-forged-secret-1` };
	const genuine = { ...trigger, url: `${trigger.url}?secret=${secret}` };
	const figures = await interleave(
		{
			trigger: async () => await runPerSecond(api, genuine, messages),
			webhook: async () => await runPerSecond(api, webhook, messages),
			...(engine === 'lazy'
				? { forged: async () => await refusedPerSecond(api, forged, messages) }
				: {}),
		} as Record<'trigger' | 'webhook' | 'forged', () => Promise<number>>,
		rounds,
		random,
	);
	for (const { id } of [trigger, webhook]) await api.deleteWorkflow(id);
	const reference = { reference: figures.webhook, referenceName: 'Webhook', unit: 'calls/s' };
	const rows: Row[] = [
		{
			name: `Omnize Trigger with secret, ${CONCURRENCY} at a time (${engine})`,
			ours: figures.trigger,
			...reference,
			...(engine === 'lazy' ? { target: 0.95 } : {}),
		},
	];
	if (figures.forged)
		rows.push({
			name: `Omnize Trigger, forged calls (${engine})`,
			ours: figures.forged,
			...reference,
			note: 'all 401, no execution',
		});
	return rows;
}
