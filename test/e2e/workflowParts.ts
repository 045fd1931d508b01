import type { IConnections, INode, IRunExecutionData } from 'n8n-workflow';
import type { Credential } from '../host/N8nApi';
import { e2eHost } from './host';

/**
 * A node of a workflow; those of our package get the credential. Its id is its name in small
 * letters, with hyphens for blanks.
 */
export function nodeWith(
	{ id, name: title, type: credentialType }: Credential,
	name: string,
	type: string,
	typeVersion: number,
	parameters: object,
): INode {
	const isOurs = type.startsWith(e2eHost().nodeType(''));
	return {
		id: name.toLowerCase().replace(/ /g, '-'),
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
		...(isOurs ? { credentials: { [credentialType]: { id, name: title } } } : {}),
	};
}

/** By names: from a node's first output to the next node, or from each of its outputs to several. */
export function connected(pairs: Record<string, string | string[][]>): IConnections {
	return Object.fromEntries(
		Object.entries(pairs).map(([from, next]) => {
			const outputs = typeof next === 'string' ? [[next]] : next;
			return [
				from,
				{ main: outputs.map((names) => names.map((node) => ({ node, type: 'main', index: 0 }))) },
			];
		}),
	);
}

/** What `connected` takes for nodes that come one after another. */
export function inOrder(nodes: readonly INode[]): Record<string, string> {
	return Object.fromEntries(nodes.slice(1).map(({ name }, index) => [nodes[index]!.name, name]));
}

/** What ended an execution, if anything did, as the user sees it. */
export function errorOf(data: IRunExecutionData) {
	return JSON.parse(JSON.stringify(data.resultData.error ?? null)) as {
		message: string;
		description: string;
	} | null;
}
