import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { INode, INodeTypeDescription, IWebhookDescription } from 'n8n-workflow';
import type { Credential, N8nApi, NewWorkflow, Workflow } from './N8nApi';

export interface ImportOptions {
	/** Put into every node that names a credential of one of these types. */
	credentials: Credential[];
	/** Texts to replace in the file, e.g. the control page's usual address by its address now. */
	replace?: Record<string, string>;
	/** New webhook addresses, so that a workflow can be live several times in one n8n. */
	freshWebhooks?: boolean;
}

export interface ImportedWebhook {
	/** The node's name in the workflow. */
	node: string;
	/** The node's type, e.g. `n8n-nodes-base.webhook`. */
	type: string;
	method: string;
	/** The production address, live once the workflow is published. */
	url: string;
}

/**
 * Reads an exported workflow and makes it fit this n8n: texts replaced, credentials matched by
 * their type.
 *
 * @throws when a node needs a credential of a type that is not given
 */
export function readWorkflow(file: string, options: ImportOptions): NewWorkflow {
	let text = readFileSync(file, 'utf8');
	for (const [from, to] of Object.entries(options.replace ?? {})) text = text.replaceAll(from, to);
	const { name, nodes, connections, settings, pinData } = JSON.parse(text) as NewWorkflow;
	return {
		name,
		connections,
		settings,
		pinData,
		nodes: nodes.map((node) => ({
			...node,
			...(node.credentials ? { credentials: matchCredentials(file, node, options) } : {}),
			...(options.freshWebhooks && node.webhookId ? freshWebhook(node) : {}),
		})),
	};
}

function matchCredentials(file: string, node: INode, { credentials }: ImportOptions) {
	const types = Object.keys(node.credentials ?? {});
	return Object.fromEntries(
		types.map((type) => {
			const found = credentials.find((credential) => credential.type === type);
			if (!found) throw new Error(`${file}: "${node.name}" needs a credential of type ${type}.`);
			return [type, { id: found.id, name: found.name }];
		}),
	);
}

function freshWebhook(node: INode): Partial<INode> {
	const id = randomUUID();
	const hasPath = typeof node.parameters.path === 'string';
	return {
		webhookId: id,
		...(hasPath ? { parameters: { ...node.parameters, path: id } } : {}),
	};
}

/** Saves the workflow of a file in n8n and publishes it. */
export async function importWorkflow(api: N8nApi, file: string, options: ImportOptions) {
	const workflow = await api.createWorkflow(readWorkflow(file, options));
	await api.publish(workflow.id);
	return { workflow, webhooks: await webhooksOf(api, workflow) };
}

/** The production addresses of all webhooks of a workflow. */
export async function webhooksOf(api: N8nApi, workflow: Workflow): Promise<ImportedWebhook[]> {
	const found: ImportedWebhook[] = [];
	for (const node of workflow.nodes) {
		if (node.disabled || !node.webhookId) continue;
		const type = await api.nodeType(node.type, node.typeVersion);
		for (const webhook of (type.webhooks ?? []).filter((one) => !one.restartWebhook))
			found.push({
				node: node.name,
				type: node.type,
				method: String(resolve(webhook.httpMethod, node, type)),
				url: `${api.url}/webhook/${webhookPath(webhook, node, type)}`,
			});
	}
	return found;
}

/** n8n's own rule: a full path stands by itself, any other one comes after the webhook's id. */
function webhookPath(webhook: IWebhookDescription, node: INode, type: INodeTypeDescription) {
	const path = String(resolve(webhook.path, node, type) ?? '').replace(/^\/+/, '');
	const isFullPath = resolve(webhook.isFullPath, node, type) === true;
	if (isFullPath) return path || node.webhookId;
	return [node.webhookId, path].filter(Boolean).join('/');
}

/** A webhook's description may point at a parameter: `={{$parameter["path"]}}`. */
function resolve(value: unknown, node: INode, type: INodeTypeDescription): unknown {
	const parameter =
		typeof value === 'string' && /^=\{\{\s*\$parameter(?:\["|\.)(\w+)/.exec(value)?.[1];
	if (!parameter) return value;
	return (
		node.parameters[parameter] ?? type.properties.find(({ name }) => name === parameter)?.default
	);
}
