import { Agent, request } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../host/install';
import type { Credential } from '../host/N8nApi';
import type { CallBench } from './calls';
import { interleave, type Row } from './rounds';
import { calledNode, nodeOf, publishCalled, webhookNode } from './workflows';

const CALL_TIMEOUT_MS = 30_000;
const fixture = (name: string) =>
	readFileSync(join(projectRoot, 'test', 'fixtures', 'simplesdesk', `${name}.json`), 'utf8');
const BODY = fixture('request-scheduled');
const ANSWER = JSON.stringify(JSON.parse(fixture('response-messages')));

interface AnswerBench extends CallBench {
	/** For the SimplesDesk Trigger. */
	credential: Credential;
	secret: string;
}

/** Milliseconds until the whole answer is there, which must be the right one. */
async function answerTime(agent: Agent, url: string): Promise<number> {
	const started = performance.now();
	const { status, text } = await new Promise<{ status?: number; text: string }>(
		(resolve, reject) => {
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
					const chunks: Buffer[] = [];
					response.on('data', (chunk: Buffer) => chunks.push(chunk));
					response.once('end', () =>
						resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }),
					);
					response.once('error', reject);
				},
			);
			sent.once('timeout', () => sent.destroy(new Error(`No answer in ${CALL_TIMEOUT_MS} ms.`)));
			sent.once('error', reject);
			sent.end(BODY);
		},
	);
	const elapsed = performance.now() - started;
	if (status !== 200 || text !== ANSWER) throw new Error(`${url} answered ${status}: ${text}`);
	return elapsed;
}

/** What a share of the calls is answered within. */
function within(share: number, times: number[]): number {
	const sorted = times.toSorted((a, b) => a - b);
	return sorted[Math.ceil(share * sorted.length) - 1]!;
}

/**
 * How soon the SimplesDesk nodes answer a call, with a secret and the answer checked, against n8n's
 * Webhook and Respond to Webhook, which do neither. One call at a time.
 */
export async function answerTimes(bench: AnswerBench): Promise<Row[]> {
	const { api, credential, secret, engine, calls, rounds, random } = bench;
	const ours = await publishCalled(api, 'Answer', [
		calledNode(
			'SimplesDesk Trigger',
			'n8n-nodes-omnichannel.simplesDeskTrigger',
			2,
			{ verification: 'query', options: {} },
			credential,
		),
		nodeOf('SimplesDesk', 'n8n-nodes-omnichannel.simplesDesk', 1, {
			resource: 'answer',
			operation: 'sendMessages',
			source: 'json',
			json: ANSWER,
		}),
	]);
	const reference = await publishCalled(api, 'Respond', [
		webhookNode('Webhook', { responseMode: 'responseNode' }),
		nodeOf('Respond to Webhook', 'n8n-nodes-base.respondToWebhook', 1.5, {
			respondWith: 'json',
			responseBody: ANSWER,
			options: {},
		}),
	]);
	const slowest: Record<'ours' | 'reference', number[]> = { ours: [], reference: [] };
	const measure = (name: 'ours' | 'reference', url: string) => async () => {
		const agent = new Agent({ keepAlive: true, maxSockets: 1 });
		const times: number[] = [];
		try {
			for (let call = 0; call < calls; call++) times.push(await answerTime(agent, url));
		} finally {
			agent.destroy();
		}
		slowest[name].push(within(0.99, times));
		return within(0.5, times);
	};
	const usual = await interleave(
		{
			ours: measure('ours', `${ours.url}?secret=${secret}`),
			reference: measure('reference', reference.url),
		},
		rounds,
		random,
	);
	for (const { id } of [ours, reference]) await api.deleteWorkflow(id);
	// The first round warms up, and `interleave` leaves it out of its own figures as well.
	const row = (share: string, figures: Record<'ours' | 'reference', number[]>): Row => ({
		name: `SimplesDesk answer time, ${share} (${engine})`,
		unit: 'ms',
		...figures,
		referenceName: 'Webhook + Respond',
		lessIsBetter: true,
		...(engine === 'lazy' && share === 'p50' ? { target: 0.95 } : {}),
	});
	return [
		row('p50', usual),
		row('p99', { ours: slowest.ours.slice(1), reference: slowest.reference.slice(1) }),
	];
}
