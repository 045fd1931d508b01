import { Agent, request } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { INode } from 'n8n-workflow';
import { projectRoot } from '../host/install';
import { webhooksOf } from '../host/importWorkflow';
import type { Credential, N8nApi } from '../host/N8nApi';
import type { ExpressionEngine } from '../host/startHost';
import { interleave, type Row } from './rounds';

const CONCURRENCY = 10;
const CALL_TIMEOUT_MS = 30_000;
const DRAIN_TIMEOUT_MS = 60_000;
const POLL_MS = 20;
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

async function publishStart(api: N8nApi, name: string, start: INode) {
	const workflow = await api.createWorkflow({
		name,
		nodes: [
			start,
			{
				id: 'end',
				name: 'End',
				type: 'n8n-nodes-base.noOp',
				typeVersion: 1,
				position: [220, 0],
				parameters: {},
			},
		],
		connections: { [start.name]: { main: [[{ node: 'End', type: 'main', index: 0 }]] } },
	});
	await api.publish(workflow.id);
	const [webhook] = await webhooksOf(api, workflow);
	return { id: workflow.id, url: webhook!.url };
}

function call(agent: Agent, url: string): Promise<number> {
	return new Promise((resolve, reject) => {
		const sent = request(
			url,
			{
				agent,
				method: 'POST',
				timeout: CALL_TIMEOUT_MS,
				headers: {
					'Content-Type': 'application/json',
					'Content-Length': Buffer.byteLength(BODY),
				},
			},
			(response) => {
				response.resume();
				response.once('end', () => resolve(response.statusCode ?? 0));
				response.once('error', reject);
			},
		);
		sent.once('timeout', () => sent.destroy(new Error(`No answer in ${CALL_TIMEOUT_MS} ms.`)));
		sent.once('error', reject);
		sent.end(BODY);
	});
}

/** Makes the calls, `CONCURRENCY` at a time; every one must be answered with `status`. */
async function callAll(url: string, calls: number, status: number) {
	const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
	let begun = 0;
	const caller = async () => {
		while (begun++ < calls) {
			const got = await call(agent, url);
			if (got !== status) throw new Error(`${url} answered with ${got}, not ${status}.`);
		}
	};
	try {
		await Promise.all(Array.from({ length: CONCURRENCY }, caller));
	} finally {
		agent.destroy();
	}
}

/** Calls per second, until the last execution has ended; n8n answers before that. */
async function callsPerSecond(api: N8nApi, workflow: { id: string; url: string }, calls: number) {
	const finished = async () =>
		(await api.executions(workflow.id, { limit: 1, status: ['success'] })).count;
	const wanted = (await finished()) + calls;
	const started = performance.now();
	await callAll(workflow.url, calls, 200);
	while ((await finished()) < wanted) {
		if (performance.now() - started > DRAIN_TIMEOUT_MS)
			throw new Error(`Not all of ${calls} executions ended in ${DRAIN_TIMEOUT_MS} ms.`);
		await delay(POLL_MS);
	}
	return (calls * 1000) / (performance.now() - started);
}

async function forgedPerSecond(api: N8nApi, workflow: { id: string; url: string }, calls: number) {
	const { count } = await api.executions(workflow.id, { limit: 1 });
	const started = performance.now();
	await callAll(`${workflow.url}?secret=demo-forged-secret-1`, calls, 401);
	const elapsed = performance.now() - started;
	if ((await api.executions(workflow.id, { limit: 1 })).count !== count)
		throw new Error('A forged call has started the workflow.');
	return (calls * 1000) / elapsed;
}

/** Omnize Trigger with a shared secret in the URL against the bare Webhook node. */
export async function triggerCalls(bench: Bench): Promise<Row[]> {
	const { api, credential, secret, engine, calls, rounds, random } = bench;
	const trigger = await publishStart(api, 'Trigger', {
		id: 'start',
		name: 'Omnize Trigger',
		type: 'n8n-nodes-omnichannel.omnizeTrigger',
		typeVersion: 2,
		position: [0, 0],
		webhookId: crypto.randomUUID(),
		parameters: { events: ['message'], verification: 'query', options: {} },
		credentials: { [credential.type]: credential },
	});
	const webhook = await publishStart(api, 'Webhook', {
		id: 'start',
		name: 'Webhook',
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2,
		position: [0, 0],
		webhookId: crypto.randomUUID(),
		parameters: { httpMethod: 'POST', path: crypto.randomUUID(), options: {} },
	});
	const genuine = { ...trigger, url: `${trigger.url}?secret=${secret}` };
	const figures = await interleave(
		{
			trigger: async () => await callsPerSecond(api, genuine, calls),
			webhook: async () => await callsPerSecond(api, webhook, calls),
			...(engine === 'lazy'
				? { forged: async () => await forgedPerSecond(api, trigger, calls) }
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
