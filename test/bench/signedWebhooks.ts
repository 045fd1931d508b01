import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INode } from 'n8n-workflow';
import { projectRoot } from '../host/install';
import type { Credential, N8nApi } from '../host/N8nApi';
import type { ExpressionEngine } from '../host/startHost';
import {
	CONCURRENCY,
	publishChain,
	refusedPerSecond,
	runPerSecond,
	type LiveWorkflow,
	type Message,
} from './calls';
import { EMPTY_TRIGGER } from './emptyTrigger';
import { interleave, type Row } from './rounds';

const SECRET = 'demo-webhook-secret-of-gitple';
const EVENT = JSON.parse(
	readFileSync(join(projectRoot, 'test', 'fixtures', 'gitple', 'session_state_close.json'), 'utf8'),
) as { session: object };

interface Bench {
	api: N8nApi;
	engine: ExpressionEngine;
	/** Calls a round. */
	calls: number;
	rounds: number;
	random: () => number;
}

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

function start(name: string, type: string, parameters: INode['parameters']): INode {
	return {
		id: 'start',
		name,
		type,
		typeVersion: 2,
		position: [0, 0],
		webhookId: crypto.randomUUID(),
		parameters,
	};
}

const webhook = (options: object) =>
	start('Webhook', 'n8n-nodes-base.webhook', {
		httpMethod: 'POST',
		path: crypto.randomUUID(),
		options: { ...options },
	});

/** What somebody without our node puts together: Webhook → Crypto → If, over the raw body. */
function handBuilt(credential: Credential): INode[] {
	return [
		webhook({ rawBody: true }),
		{
			id: 'sign',
			name: 'Sign',
			type: 'n8n-nodes-base.crypto',
			typeVersion: 2,
			position: [220, 0],
			parameters: {
				action: 'hmac',
				binaryData: true,
				binaryPropertyName: 'data',
				type: 'SHA256',
				dataPropertyName: 'digest',
				encoding: 'hex',
			},
			credentials: { [credential.type]: credential },
		},
		{
			id: 'compare',
			name: 'Compare',
			type: 'n8n-nodes-base.if',
			typeVersion: 2.2,
			position: [440, 0],
			parameters: {
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
			},
		},
	];
}

/** Gitple Trigger against a trigger that checks nothing, and n8n's own nodes. */
export async function signedCalls(bench: Bench): Promise<Row[]> {
	const { api, engine, calls, rounds, random } = bench;
	const gitple = await api.createCredential('gitpleApi', { webhookSecret: SECRET });
	const crypto = await api.createCredential('crypto', { hmacSecret: SECRET });
	const trigger = await publishChain(api, 'Gitple', [
		{
			...start('Gitple Trigger', 'n8n-nodes-omnichannel.gitpleTrigger', {}),
			credentials: { [gitple.type]: gitple },
		},
	]);
	const empty = await publishChain(api, 'Empty', [start('Empty Trigger', EMPTY_TRIGGER, {})]);
	const bare = await publishChain(api, 'Bare webhook', [webhook({})]);
	const chain = await publishChain(api, 'Hand-built', handBuilt(crypto));

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
