import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../host/install';
import type { Credential } from '../host/N8nApi';
import { CONCURRENCY, refusedPerSecond, runPerSecond, type CallBench } from './calls';
import { interleave, type Row } from './rounds';
import { calledNode, endNode, publishCalled, webhookNode } from './workflows';

const BODY = readFileSync(
	join(projectRoot, 'test', 'fixtures', 'omnize', 'trigger-message.json'),
	'utf8',
);

interface SecretBench extends CallBench {
	credential: Credential;
	secret: string;
}

/** Omnize Trigger with a shared secret in the URL against the bare Webhook node. */
export async function triggerCalls(bench: SecretBench): Promise<Row[]> {
	const { api, credential, secret, engine, calls, rounds, random } = bench;
	const trigger = await publishCalled(api, 'Trigger', [
		calledNode(
			'Omnize Trigger',
			'n8n-nodes-omnichannel.omnizeTrigger',
			2,
			{ events: ['message'], verification: 'query', options: {} },
			credential,
		),
		endNode,
	]);
	const webhook = await publishCalled(api, 'Webhook', [webhookNode('Webhook'), endNode]);
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
