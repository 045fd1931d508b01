import axios from 'axios';
import type { INode } from 'n8n-workflow';
import type { Credential, N8nApi } from '../host/N8nApi';
import { interleave, median, type Row } from './rounds';
import type { Provider, ProviderReport } from './startProvider';
import { nodeOf, publishCalled, webhookNode, type Bench } from './workflows';

const ITEMS = 1_000;
const CALL_TIMEOUT_MS = 120_000;
/** The node's own default under Options → Batching. */
const IN_FLIGHT = 10;
const ANSWER_MS = 20;

interface ItemBench extends Bench {
	provider: Provider;
	credential: Credential;
}

interface Message {
	clientId: string;
	text: string;
}

/** `clients` conversations, `ITEMS` messages in all; the messages of one stand apart from each other. */
function messages(clients: number): Message[] {
	return Array.from({ length: ITEMS }, (_, index) => ({
		clientId: `client-${index % clients}`,
		text: `Message ${Math.floor(index / clients) + 1}`,
	}));
}

const DEPARTMENT = '1';

function omnizeNode(credential: Credential): INode {
	return nodeOf(
		'Sender',
		'n8n-nodes-omnichannel.omnize',
		1,
		{
			resource: 'interaction',
			operation: 'sendMessage',
			clientId: '={{ $json.clientId }}',
			departmentId: { __rl: true, mode: 'id', value: DEPARTMENT },
			text: '={{ $json.text }}',
			options: {},
		},
		credential,
	);
}

/** The same request by n8n's own node, with the same credential. */
function httpRequestNode(credential: Credential, url: string): INode {
	return nodeOf(
		'Sender',
		'n8n-nodes-base.httpRequest',
		4.2,
		{
			method: 'POST',
			url,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: credential.type,
			sendBody: true,
			bodyParameters: {
				parameters: [
					{ name: 'type', value: 'message' },
					{ name: 'departmentId', value: DEPARTMENT },
					{ name: 'content', value: '={{ $json.text }}' },
					{ name: 'clientId', value: '={{ $json.clientId }}' },
				],
			},
			options: {},
		},
		credential,
	);
}

/** A live workflow Webhook → Split Out → `sender`, which answers its caller when it has ended. */
async function publishSender(api: N8nApi, name: string, sender: INode) {
	return await publishCalled(api, name, [
		webhookNode('Start', { responseMode: 'lastNode' }),
		nodeOf('Split', 'n8n-nodes-base.splitOut', 1, {
			fieldToSplitOut: 'body.messages',
			options: {},
		}),
		sender,
	]);
}

/** Runs the workflow once over the messages; the sender's own execution time in ms. */
async function nodeTime(
	{ api, provider }: ItemBench,
	workflow: { id: string; url: string },
	list: Message[],
	delay: number,
): Promise<{ ms: number; report: ProviderReport }> {
	await provider.reset(delay);
	await axios.post(
		workflow.url,
		{ messages: list },
		{ timeout: CALL_TIMEOUT_MS, proxy: false, maxBodyLength: Infinity },
	);
	const { results } = await api.executions(workflow.id, { limit: 1 });
	const execution = await api.waitForExecution(results[0]!.id, CALL_TIMEOUT_MS);
	const run = execution.data.resultData.runData.Sender?.[0];
	const report = await provider.report();
	const output = run?.data?.main?.[0]?.length;
	if (execution.status !== 'success' || !run || output !== ITEMS || report.received !== ITEMS)
		throw new Error(
			`${ITEMS} messages were to be sent, ${report.received} arrived, ${output ?? 'no'} items came ` +
				`out, and the execution ended with ${execution.status}.`,
		);
	return { ms: run.executionTime, report };
}

const perSecond = (ms: number) => (ITEMS * 1000) / ms;

/** 1,000 messages to a provider that answers at once, against n8n's HTTP Request node. */
export async function answersAtOnce(bench: ItemBench): Promise<Row> {
	const { api, provider, credential } = bench;
	const list = messages(ITEMS);
	const omnize = await publishSender(api, 'Omnize', omnizeNode(credential));
	const http = await publishSender(api, 'HTTP', httpRequestNode(credential, provider.url));
	const figures = await interleave(
		{
			omnize: async () => perSecond((await nodeTime(bench, omnize, list, 0)).ms),
			http: async () => perSecond((await nodeTime(bench, http, list, 0)).ms),
		},
		bench.rounds,
		bench.random,
	);
	for (const { id } of [omnize, http]) await api.deleteWorkflow(id);
	return {
		name: `${ITEMS} Omnize messages, answers at once (${bench.engine})`,
		unit: 'items/s',
		ours: figures.omnize,
		reference: figures.http,
		referenceName: 'HTTP Request',
		target: 3,
	};
}

/** The same with answers that take time: how near the node comes to what its limit allows. */
export async function answersSlowly(bench: ItemBench): Promise<Row[]> {
	const clients = 100;
	const list = messages(clients);
	const workflow = await publishSender(bench.api, 'Omnize', omnizeNode(bench.credential));
	const reports: ProviderReport[] = [];
	const figures = await interleave(
		{
			omnize: async () => {
				const { ms, report } = await nodeTime(bench, workflow, list, ANSWER_MS);
				reports.push(report);
				return perSecond(ms);
			},
		},
		bench.rounds,
		bench.random,
	);
	await bench.api.deleteWorkflow(workflow.id);
	for (const { outOfOrder, mostInFlight } of reports) {
		if (outOfOrder > 0) throw new Error(`${outOfOrder} messages left the order of their client.`);
		if (mostInFlight > IN_FLIGHT)
			throw new Error(`${mostInFlight} messages were under way at once.`);
	}
	const counted = reports.slice(-bench.rounds);
	const answer = median(counted.map(({ meanAnswer }) => meanAnswer));
	const name = `${clients} clients × ${ITEMS / clients}, ${ANSWER_MS} ms answers, ${IN_FLIGHT} in flight`;
	const common = {
		unit: 'items/s',
		reference: [perSecond((ITEMS / IN_FLIGHT) * ANSWER_MS)],
		referenceName: 'arithmetic limit',
	};
	return [
		{
			...common,
			name: `${name} (${bench.engine})`,
			ours: figures.omnize,
			target: 0.9,
			note: 'order within each client kept',
		},
		{
			// What is left of the node's time is the reading of all parameters, before anything is sent.
			...common,
			name: `  of it, first message to last answer (${bench.engine})`,
			ours: counted.map(({ span }) => perSecond(span)),
			note: `an answer really took ${answer.toFixed(1)} ms`,
		},
	];
}
