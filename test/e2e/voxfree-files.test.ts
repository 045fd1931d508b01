import axios from 'axios';
import { createHash, randomUUID } from 'node:crypto';
import type { INode, IWorkflowSettings } from 'n8n-workflow';
import type { Credential, Workflow } from '../host/N8nApi';
import { seedPasswords } from '../simulators/voxfree/office';
import {
	SERVICES_PATH,
	startVoxfree,
	type VoxfreeSimulator,
} from '../simulators/voxfree/VoxfreeSimulator';
import { e2eHost } from './host';
import { connected, errorOf, inOrder, nodeWith, outputOf } from './workflowParts';

/** Files on their way into and out of a real n8n. */

const { api, nodeType } = e2eHost();

const ANA = '61';
const JOAO = '30';
const WHATSAPP = '25';

let voxfree: VoxfreeSimulator;
let credential: Credential;
let protocol = '';
const workflows: Workflow[] = [];

beforeAll(async () => {
	voxfree = await startVoxfree();
	const agent = voxfree.state.agents.find(({ id }) => id === ANA)!;
	credential = await api.createCredential('voxfreeApi', {
		login: agent.login,
		password: seedPasswords[ANA]!,
		agentName: agent.name,
		baseUrl: `${voxfree.applicationUrl}${SERVICES_PATH}`,
		servicesUrl: `${voxfree.servicesUrl}${SERVICES_PATH}`,
		socketUrl: voxfree.socketUrl,
	});
	protocol = voxfree.customerWrites(JOAO, WHATSAPP, 'Bom dia').protocol;
	voxfree.assign(protocol, ANA);
});

afterAll(async () => {
	for (const { id } of workflows) await api.deleteWorkflow(id);
	await api.deleteCredential(credential.id);
	await voxfree.close();
});

const node = (name: string, type: string, typeVersion: number, parameters: object): INode =>
	nodeWith(credential, name, type, typeVersion, parameters);

const sendFile = (binaryField: string) =>
	node('Send', nodeType('voxfree'), 1, {
		resource: 'message',
		operation: 'sendFile',
		protocol: { __rl: true, mode: 'id', value: protocol },
		binaryField,
		details: {},
		options: {},
	});

async function create(nodes: INode[], settings: IWorkflowSettings = {}) {
	const workflow = await api.createWorkflow({
		name: 'Voxfree files',
		nodes,
		connections: connected(inOrder(nodes)),
		settings: { executionOrder: 'v1', ...settings },
	});
	workflows.push(workflow);
	return workflow;
}

/** What the customer has received, newest last. */
const received = (count: number) =>
	voxfree.state.conversations
		.find((conversation) => conversation.protocol === protocol)!
		.messages.slice(-count)
		.map(({ file }) => ({ name: file?.name, mimeType: file?.mimeType, sha256: file?.sha256 }));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test.each(['separate', 'combined'] as const)(
	'files that come with a call leave one by one, in the binary mode %s',
	async (binaryMode) => {
		const webhook: INode = {
			...node('Call', 'n8n-nodes-base.webhook', 2, {
				httpMethod: 'POST',
				path: randomUUID(),
				responseMode: 'lastNode',
				responseData: 'allEntries',
			}),
			webhookId: randomUUID(),
		};
		for (const field of [
			'photo, paper',
			...(binaryMode === 'combined'
				? ['_files.photo, _files.paper', '={{ [$json._files.photo, $json._files.paper] }}']
				: ['={{ [$binary.photo, "paper"] }}', '={{ $binary }}']),
		]) {
			const workflow = await create([webhook, sendFile(field)], { binaryMode });
			await api.publish(workflow.id);
			const form = new FormData();
			form.append('photo', new Blob(['a photo'], { type: 'image/png' }), 'photo.png');
			form.append('paper', new Blob(['a paper'], { type: 'application/pdf' }), 'paper.pdf');
			const url = `${api.url}/webhook/${webhook.parameters.path as string}`;
			const { data } = await axios.post<unknown[]>(url, form, { proxy: false });
			expect(data).toHaveLength(2);
			expect(received(2)).toEqual([
				{ name: 'photo.png', mimeType: 'image/png', sha256: sha256('a photo') },
				{ name: 'paper.pdf', mimeType: 'application/pdf', sha256: sha256('a paper') },
			]);
			await api.deleteWorkflow(workflow.id);
			workflows.pop();
		}
	},
);

test('files that a Code node has written leave whole', async () => {
	const nodes = [
		node('Start', 'n8n-nodes-base.manualTrigger', 1, {}),
		node('Code', 'n8n-nodes-base.code', 2, {
			jsCode: `
				const text = Buffer.from('x'.repeat(500)).toString('base64');
				return [{ json: {}, binary: {
					wrapped: { data: text.replace(/.{76}/g, '$&\\n'), mimeType: 'application/pdf' },
					url: { data: 'data:image/png;base64,' + text, mimeType: 'image/png', fileName: 7 },
				} }];`,
		}),
		sendFile('wrapped, url'),
	];
	const workflow = await create(nodes);
	const { status, data } = await api.waitForExecution(
		await api.run(workflow.id, { trigger: 'Start' }),
	);
	expect({ status, error: errorOf(data) }).toEqual({ status: 'success', error: null });
	expect(outputOf(data, 'Send')).toHaveLength(2);
	expect(received(2)).toEqual([
		{ name: 'file.pdf', mimeType: 'application/pdf', sha256: sha256('x'.repeat(500)) },
		{ name: '7', mimeType: 'image/png', sha256: sha256('x'.repeat(500)) },
	]);
});
