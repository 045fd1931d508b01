import { Agent, request, type OutgoingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { INode } from 'n8n-workflow';
import { webhooksOf } from '../host/importWorkflow';
import type { N8nApi } from '../host/N8nApi';

/** Calls under way at once, in all rows. */
export const CONCURRENCY = 10;
const CALL_TIMEOUT_MS = 30_000;
const DRAIN_TIMEOUT_MS = 60_000;
const POLL_MS = 20;

export interface LiveWorkflow {
	id: string;
	/** Of its only webhook. */
	url: string;
}

export interface Message {
	body: string;
	headers?: OutgoingHttpHeaders;
}

/** A live workflow of these nodes one after the other, and a node at its end that does nothing. */
export async function publishChain(
	api: N8nApi,
	name: string,
	nodes: INode[],
): Promise<LiveWorkflow> {
	const end: INode = {
		id: 'end',
		name: 'End',
		type: 'n8n-nodes-base.noOp',
		typeVersion: 1,
		position: [220 * nodes.length, 0],
		parameters: {},
	};
	const all = [...nodes, end];
	const workflow = await api.createWorkflow({
		name,
		nodes: all,
		connections: Object.fromEntries(
			nodes.map((node, index) => [
				node.name,
				{ main: [[{ node: all[index + 1]!.name, type: 'main', index: 0 }]] },
			]),
		),
	});
	await api.publish(workflow.id);
	const [webhook] = await webhooksOf(api, workflow);
	return { id: workflow.id, url: webhook!.url };
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

/** Messages per second, until the last execution has ended; n8n answers before that. */
export async function runPerSecond(api: N8nApi, workflow: LiveWorkflow, messages: Message[]) {
	const finished = async () =>
		(await api.executions(workflow.id, { limit: 1, status: ['success'] })).count;
	const wanted = (await finished()) + messages.length;
	const started = performance.now();
	await sendAll(workflow.url, messages, 200);
	while ((await finished()) < wanted) {
		if (performance.now() - started > DRAIN_TIMEOUT_MS)
			throw new Error(`Not all of ${messages.length} executions ended in ${DRAIN_TIMEOUT_MS} ms.`);
		await delay(POLL_MS);
	}
	return (messages.length * 1000) / (performance.now() - started);
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
