import type { IConnections, INode } from 'n8n-workflow';
import type { Credential } from '../host/N8nApi';
import { e2eHost } from './host';

/**
 * A node of a workflow; those of our package get the credential. Its id is its name in small
 * letters.
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
		id: name.toLowerCase(),
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
		...(isOurs ? { credentials: { [credentialType]: { id, name: title } } } : {}),
	};
}

/** From the first output of one node to the next, by their names. */
export function connected(pairs: Record<string, string>): IConnections {
	return Object.fromEntries(
		Object.entries(pairs).map(([from, to]) => [
			from,
			{ main: [[{ node: to, type: 'main', index: 0 }]] },
		]),
	);
}
