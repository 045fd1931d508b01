import type { IExecuteFunctions } from 'n8n-workflow';
import { invalidInput } from '../../shared/errors';
import type { ProviderError } from '../../shared/errors';
import { linesInto } from '../../shared/host';
import type { Line } from '../../shared/host';

/** Index of the output 'QR Code'. */
const QR_CODE = 1;

/**
 * Why the loop of Connect and Wait does not work as it is drawn; undefined if it does. 'QR Code' must lead
 * back to the node, and by one line only: each line that leads back makes n8n run the node, and a second
 * run would start the connection again.
 */
export function faultInLoop(functions: IExecuteFunctions): ProviderError | undefined {
	const ways = waysBack(functions);
	if (ways === undefined ? isInLoop(functions) : ways.length === 1) return undefined;
	if (ways === undefined || ways.length === 0) {
		return invalidInput(
			"The output 'QR Code' does not lead back to this node",
			"Connect 'QR Code' to the nodes that show or send the picture, and the last of them to the input of this node, which then waits for the scan. Nothing was started. Without such a loop, and as a tool of an AI agent, use Connect and Get Status.",
		);
	}
	const names = ways.map((line) => nameOf(line, ways));
	return invalidInput(
		`${ways.length} lines lead from 'QR Code' back to this node: from ${listOf(names)}`,
		`Each of them would start the connection again. Keep one, and remove ${ways.length === 2 ? 'the other' : 'the others'} on the canvas: lead the branches together before (Merge), or let a branch end. Nothing was started.`,
	);
}

/** Whether a pass came back by the loop, and not from outside. */
export function cameBack(functions: IExecuteFunctions): boolean {
	const { previousNode, previousNodeOutput = 0 } = functions.getInputSourceData();
	const ways = waysBack(functions) ?? [];
	return ways.some(({ node, output }) => node === previousNode && output === previousNodeOutput);
}

/** The lines into the node by which its own output 'QR Code' comes back; undefined if n8n shows none. */
function waysBack(functions: IExecuteFunctions): Line[] | undefined {
	const { name } = functions.getNode();
	return linesInto(functions, name)?.filter((line) => comesFrom(functions, line, name));
}

function comesFrom(functions: IExecuteFunctions, line: Line, name: string): boolean {
	const seen = new Set<string>();
	const open = [line];
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		if (next.node === name) {
			if (next.output === QR_CODE) return true;
			continue;
		}
		if (seen.has(next.node)) continue;
		seen.add(next.node);
		open.push(...(linesInto(functions, next.node) ?? []));
	}
	return false;
}

/** Whether the node stands before and after itself. n8n leaves it out of both lists. */
function isInLoop(functions: IExecuteFunctions): boolean {
	const { name } = functions.getNode();
	const before = new Set(functions.getParentNodes(name).map((node) => node.name));
	return functions.getChildNodes(name).some((node) => before.has(node.name));
}

function nameOf({ node, output }: Line, lines: readonly Line[]): string {
	const isAlone = lines.filter((line) => line.node === node).length === 1;
	return isAlone ? `'${node}'` : `'${node}' (output ${output + 1})`;
}

function listOf(names: readonly string[]): string {
	return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
