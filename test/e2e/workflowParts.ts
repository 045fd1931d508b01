import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IConnections, IDataObject, INode, IRunExecutionData } from 'n8n-workflow';
import { projectRoot } from '../host/install';
import type { Credential } from '../host/N8nApi';

const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
	name: string;
};

/** The full name of a node of our package, e.g. `n8n-nodes-omnichannel.omnize`. */
export function nodeType(name: string): string {
	return `${manifest.name}.${name}`;
}

/**
 * A node of a workflow; those of our package get the credential, if there is one. Its id is its name
 * in small letters, with hyphens for blanks.
 */
export function nodeWith(
	credential: Credential | undefined,
	name: string,
	type: string,
	typeVersion: number,
	parameters: object,
): INode {
	const isOurs = type.startsWith(nodeType(''));
	return {
		id: name.toLowerCase().replace(/ /g, '-'),
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
		...(isOurs && credential !== undefined
			? { credentials: { [credential.type]: { id: credential.id, name: credential.name } } }
			: {}),
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

/** What a node has put out at its first output in its first run. */
export function outputOf({ resultData }: IRunExecutionData, name: string): IDataObject[] {
	return (resultData.runData[name]?.[0]?.data?.main?.[0] ?? []).map(({ json }) => json);
}
