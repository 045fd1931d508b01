import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INode } from 'n8n-workflow';
import { projectRoot } from '../host/install';
import type { Credential, N8nApi } from '../host/N8nApi';
import { CONCURRENCY, refusedPerSecond, runPerSecond, type CallBench, type Message } from './calls';
import { EMPTY_TRIGGER } from './emptyTrigger';
import { interleave, type Row } from './rounds';
import {
	calledNode,
	endNode,
	nodeOf,
	publishCalled,
	webhookNode,
	type LiveWorkflow,
} from './workflows';

const SECRET = 'demo-webhook-secret-of-gitple';
const EVENT = JSON.parse(
	readFileSync(join(projectRoot, 'test', 'fixtures', 'gitple', 'session_state_close.json'), 'utf8'),
) as { session: object };

let events = 0;

/** Events that n8n has not seen: the same one again would be left out. */
function newEvents(count: number, secret = SECRET): Message[] {
	return Array.from({ length: count }, () => {
		const session = { ...EVENT.session, id: `session-${++events}` };
		const body = JSON.stringify({ ...EVENT, session });
		const digest = createHmac('sha256', secret).update(body).digest('hex');
		return { body, headers: { 'X-Hub-Signature': `sha256=${digest}` } };
	});
}

/** What somebody without our node puts together: Webhook → Crypto → If, over the raw body. */
function handBuilt(credential: Credential): INode[] {
	return [
		webhookNode('Webhook', { options: { rawBody: true } }),
		nodeOf(
			'Sign',
			'n8n-nodes-base.crypto',
			2,
			{
				action: 'hmac',
				binaryData: true,
				binaryPropertyName: 'data',
				type: 'SHA256',
				dataPropertyName: 'digest',
				encoding: 'hex',
			},
			credential,
		),
		nodeOf('Compare', 'n8n-nodes-base.if', 2.2, {
			conditions: {
				options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
				conditions: [
					{
						id: 'same',
						leftValue: '={{ $json.headers["x-hub-signature"] }}',
						rightValue: '=sha256={{ $json.digest }}',
						operator: { type: 'string', operation: 'equals' },
					},
				],
				combinator: 'and',
			},
			options: {},
		}),
		endNode,
	];
}

/** Gitple Trigger against a trigger that checks nothing, and n8n's own nodes. */
export async function signedCalls(bench: CallBench): Promise<Row[]> {
	const { api, engine, calls, rounds, random } = bench;
	const gitple = await api.createCredential('gitpleApi', { webhookSecret: SECRET });
	const crypto = await api.createCredential('crypto', { hmacSecret: SECRET });
	const trigger = await publishCalled(api, 'Gitple', [
		calledNode('Gitple Trigger', 'n8n-nodes-omnichannel.gitpleTrigger', 2, {}, gitple),
		endNode,
	]);
	const empty = await publishCalled(api, 'Empty', [
		calledNode('Empty Trigger', EMPTY_TRIGGER, 2, {}),
		endNode,
	]);
	const bare = await publishCalled(api, 'Bare webhook', [webhookNode('Webhook'), endNode]);
	const chain = await publishCalled(api, 'Hand-built', handBuilt(crypto));

	const run = async (workflow: LiveWorkflow) => {
		const messages = newEvents(calls);
		return await runPerSecond(api, workflow, messages);
	};
	const figures = await interleave(
		{
			trigger: async () => await run(trigger),
			empty: async () => await run(empty),
			bare: async () => await run(bare),
			chain: async () => await run(chain),
			forged: async () => {
				const messages = newEvents(calls, 'demo-secret-of-somebody-else');
				return await refusedPerSecond(api, trigger, messages);
			},
		},
		rounds,
		random,
	);
	await checkChain(api, chain);
	for (const { id } of [trigger, empty, bare, chain]) await api.deleteWorkflow(id);

	const isLazy = engine === 'lazy';
	const verified = { ours: figures.trigger, unit: 'calls/s' };
	const name = `Gitple Trigger, signed, ${CONCURRENCY} at a time (${engine})`;
	return [
		{
			...verified,
			name,
			reference: figures.empty,
			referenceName: 'empty trigger',
			...(engine === 'default' ? { target: 0.95 } : {}),
		},
		{
			...verified,
			name,
			reference: figures.bare,
			referenceName: 'Webhook',
			...(isLazy ? { target: 0.95 } : {}),
		},
		{
			...verified,
			name,
			reference: figures.chain,
			referenceName: 'Webhook → Crypto → If',
			...(isLazy ? { target: 4 } : {}),
		},
		{
			name: `Gitple Trigger, forged calls (${engine})`,
			unit: 'calls/s',
			ours: figures.forged,
			reference: figures.trigger,
			referenceName: 'signed calls',
			...(isLazy ? { target: 5 } : {}),
			note: 'all 401, no execution',
		},
	];
}

/** That it was fast says nothing if it let nothing through. */
async function checkChain(api: N8nApi, chain: LiveWorkflow) {
	const { results } = await api.executions(chain.id, { limit: 1 });
	const { data } = await api.execution(results[0]!.id);
	const last = data.resultData.lastNodeExecuted;
	if (last !== 'End') throw new Error(`The hand-built chain ended at "${last}".`);
}
