import { Agent, request, type OutgoingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { N8nApi } from '../host/N8nApi';
import type { Bench, LiveWorkflow } from './workflows';

/** Calls under way at once, in all rows. */
export const CONCURRENCY = 10;
const CALL_TIMEOUT_MS = 30_000;
const DRAIN_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

export interface CallBench extends Bench {
	/** Calls a round. */
	calls: number;
}

export interface Message {
	body: string;
	headers?: OutgoingHttpHeaders;
}

function call(agent: Agent, url: string, { body, headers }: Message): Promise<number> {
	return new Promise((resolve, reject) => {
		const sent = request(
			url,
			{
				agent,
				method: 'POST',
				timeout: CALL_TIMEOUT_MS,
				headers: {
					'Content-Type': 'application/json',
					'Content-Length': Buffer.byteLength(body),
					...headers,
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
		sent.end(body);
	});
}

/** Sends the messages, `CONCURRENCY` at a time; every one must be answered with `status`. */
async function sendAll(url: string, messages: Message[], status: number) {
	const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
	const waiting = messages.values();
	const caller = async () => {
		for (const message of waiting) {
			const got = await call(agent, url, message);
			if (got !== status) throw new Error(`${url} answered with ${got}, not ${status}.`);
		}
	};
	try {
		await Promise.all(Array.from({ length: CONCURRENCY }, caller));
	} finally {
		agent.destroy();
	}
}

/**
 * Executions per second, from what starts them until the last of them has ended.
 *
 * @param start starts so many executions, and may return before they have ended
 */
export async function executedPerSecond(
	api: N8nApi,
	workflowId: string,
	count: number,
	start: () => Promise<void>,
) {
	const finished = async () =>
		(await api.executions(workflowId, { limit: 1, status: ['success'] })).count;
	const wanted = (await finished()) + count;
	const started = performance.now();
	await start();
	while ((await finished()) < wanted) {
		if (performance.now() - started > DRAIN_TIMEOUT_MS)
			throw new Error(`Not all of ${count} executions ended in ${DRAIN_TIMEOUT_MS} ms.`);
		await delay(POLL_MS);
	}
	return (count * 1000) / (performance.now() - started);
}

/** Messages per second, until the last execution has ended; n8n answers before that. */
export async function runPerSecond(api: N8nApi, workflow: LiveWorkflow, messages: Message[]) {
	const { id, url } = workflow;
	const send = async () => await sendAll(url, messages, 200);
	return await executedPerSecond(api, id, messages.length, send);
}

/** Messages per second that are all refused with 401 and start nothing. */
export async function refusedPerSecond(api: N8nApi, workflow: LiveWorkflow, messages: Message[]) {
	const { count } = await api.executions(workflow.id, { limit: 1 });
	const started = performance.now();
	await sendAll(workflow.url, messages, 401);
	const elapsed = performance.now() - started;
	if ((await api.executions(workflow.id, { limit: 1 })).count !== count)
		throw new Error('A forged call has started the workflow.');
	return (messages.length * 1000) / elapsed;
}
