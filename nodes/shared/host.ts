import { isSafeObjectProperty, sleep } from 'n8n-workflow';
import type { INodeExecutionData, ITriggerFunctions, Logger } from 'n8n-workflow';
import { invalidInput } from './errors';

/*
 * What the oldest supported n8n (1.85) lacks, and what is done without it. Its packages are CommonJS:
 * a name that they do not export is undefined, and only fails where it is used. Nothing else in
 * `nodes` may use what stands here.
 *
 * | missing                     | before n8n-workflow | without it                                         |
 * | --------------------------- | ------------------- | -------------------------------------------------- |
 * | `isSafeObjectProperty`      | 1.94                | n8n evaluates every expression itself              |
 * | `getSignedResumeUrl`        | 1.104               | nothing waits for a response                       |
 * | `saveFailedExecution`       | 2.8                 | one line in n8n's log                              |
 * | deduplication key of `emit` | 2.20                | what was handed to n8n counts as handled           |
 * | `sleep` that heeds a signal | 2.36                | the pause is made in short pieces                  |
 * | lines between nodes         | not public          | loops are only checked by the names of nodes       |
 */

/** Milliseconds: how long a pause may go on after its end where `sleep` cannot be ended. */
const LONGEST_PIECE = 250;

/** A timer with a longer time fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Whether n8n starts no second execution with a deduplication key that it knows. */
export function hasDeduplicationKey({ emit }: Pick<ITriggerFunctions, 'emit'>): boolean {
	// The key is the fourth argument, and there is nothing else that tells.
	return emit.length >= 4;
}

/**
 * Starts an execution unless n8n knows its key; where n8n knows no keys, in any case.
 *
 * @param done settled when the execution has ended
 */
export function emitOnce(
	{ emit }: Pick<ITriggerFunctions, 'emit'>,
	items: INodeExecutionData[],
	done: Parameters<ITriggerFunctions['emit']>[2],
	deduplicationKey: string,
): void {
	emit([items], undefined, done, deduplicationKey);
}

/** Records an execution that failed before it started; in n8n's log where it cannot be recorded. */
export function saveFailedExecution(
	functions: { saveFailedExecution?: ITriggerFunctions['saveFailedExecution']; logger: Logger },
	error: Parameters<ITriggerFunctions['saveFailedExecution']>[0],
): void {
	if (typeof functions.saveFailedExecution === 'function') functions.saveFailedExecution(error);
	else functions.logger.warn(`${error.message} ${error.description ?? ''}`.trim());
}

/**
 * Whether an expression may name this property. False where n8n does not say which ones may not: then
 * the expression has to be left to n8n.
 */
export function isSafeName(name: string): boolean {
	const isSafe = isSafeObjectProperty as typeof isSafeObjectProperty | undefined;
	return isSafe?.(name) ?? false;
}

/**
 * Waits for so many milliseconds, or until the signal is aborted. Never rejects, and leaves no listener
 * on the signal. Nodes have no other timer than n8n's `sleep`.
 */
export async function waitFor(milliseconds: number, signal?: AbortSignal): Promise<void> {
	if (signal === undefined) return await sleep(milliseconds);
	const heedsSignal = sleep.length >= 2;
	const piece = heedsSignal ? LONGEST_TIMER : LONGEST_PIECE;
	for (let left = milliseconds; left > 0 && !signal.aborted; left -= piece) {
		await sleep(Math.min(left, piece), signal).catch(() => undefined);
	}
}

/** A connection on the canvas, at its beginning. */
export interface Line {
	/** Name of the node from which it leads. */
	node: string;
	/** Index of that node's output. */
	output: number;
}

/** The lines that lead into a node on the canvas; undefined where n8n does not show them. */
export function linesInto(functions: object, name: string): Line[] | undefined {
	const { getConnections } = functions as { getConnections?: unknown };
	if (typeof getConnections !== 'function') return undefined;
	const inputs: unknown = getConnections.call(functions, { name }, 'main');
	if (!Array.isArray(inputs)) return undefined;
	const lines = inputs.flat() as Array<{ node?: unknown; index?: unknown } | null>;
	return lines.flatMap((line) => {
		const { node, index } = line ?? {};
		return typeof node === 'string' && typeof index === 'number' ? [{ node, output: index }] : [];
	});
}

/**
 * The address at which a waiting execution of this node goes on, signed by n8n.
 *
 * @throws ProviderError (`invalid`) where n8n signs none
 */
export function signedResumeUrl(functions: object): string {
	const { getSignedResumeUrl } = functions as { getSignedResumeUrl?: () => string };
	if (typeof getSignedResumeUrl !== 'function') {
		throw invalidInput(
			"This n8n is too old for 'Send and Wait for Response'",
			'Update n8n to version 1.106 or newer: older ones do not sign the link, so anybody could answer.',
		);
	}
	return getSignedResumeUrl.call(functions);
}
