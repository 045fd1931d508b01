import { randomUUID } from 'node:crypto';
import type { INode } from 'n8n-workflow';
import { webhooksOf } from '../host/importWorkflow';
import type { Credential, N8nApi, Workflow } from '../host/N8nApi';
import type { ExpressionEngine } from '../host/startHost';

/** What every comparison on the real n8n is given. */
export interface Bench {
	api: N8nApi;
	/** What distinguishes this n8n from others in the same run. */
	engine: ExpressionEngine;
	rounds: number;
	random: () => number;
}

export interface LiveWorkflow {
	id: string;
	/** Of its only webhook. */
	url: string;
}

/** A node of a workflow, with its credential if it has one. */
export function nodeOf(
	name: string,
	type: string,
	typeVersion: number,
	parameters: object,
	credential?: Credential,
): INode {
	return {
		id: name.toLowerCase().replaceAll(' ', '-'),
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
		...(credential
			? { credentials: { [credential.type]: { id: credential.id, name: credential.name } } }
			: {}),
	};
}

/** The same for a trigger that is called. */
export function calledNode(...of: Parameters<typeof nodeOf>): INode {
	return { ...nodeOf(...of), webhookId: randomUUID() };
}

/** n8n's own Webhook node. */
export function webhookNode(name: string, parameters: object = {}): INode {
	return calledNode(name, 'n8n-nodes-base.webhook', 2, {
		httpMethod: 'POST',
		path: randomUUID(),
		options: {},
		...parameters,
	});
}

/** A node that does nothing. */
export const endNode = nodeOf('End', 'n8n-nodes-base.noOp', 1, {});

/** A live workflow of these nodes, one after the other. */
export async function publish(api: N8nApi, name: string, nodes: INode[]): Promise<Workflow> {
	const workflow = await api.createWorkflow({
		name,
		nodes,
		connections: Object.fromEntries(
			nodes
				.slice(1)
				.map((node, index) => [
					nodes[index]!.name,
					{ main: [[{ node: node.name, type: 'main', index: 0 }]] },
				]),
		),
	});
	await api.publish(workflow.id);
	return workflow;
}

/** The same, and where it is called. */
export async function publishCalled(
	api: N8nApi,
	name: string,
	nodes: INode[],
): Promise<LiveWorkflow> {
	const workflow = await publish(api, name, nodes);
	const [webhook] = await webhooksOf(api, workflow);
	return { id: workflow.id, url: webhook!.url };
}
