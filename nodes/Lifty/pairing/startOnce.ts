import type { IExecuteFunctions } from 'n8n-workflow';
import { ProviderError } from '../../shared/errors';
import type { LiftyApi } from '../api/LiftyApi';
import { beginPairing } from './pairing';
import type { Pairing } from './pairing';

/**
 * The starts of every execution in this process, by n8n's context of the node. n8n keeps this object
 * for all tries of 'Retry On Fail'; a new execution has a new one.
 */
const starts = new WeakMap<object, Map<string, Promise<Pairing>>>();

/**
 * Starts the connection of a bot once per run of the node: two items for one bot share a start, and a
 * retry by 'Retry On Fail' continues it. A start with an unknown outcome is not repeated either,
 * because it could open a second connection. A start that was refused or never sent may be retried.
 *
 * A later run of the node in the same execution is a loop in the workflow, and starts again.
 */
export async function startOnce(
	functions: IExecuteFunctions,
	api: LiftyApi,
	botId: string,
	clear: boolean,
): Promise<Pairing> {
	const context = functions.getContext('node');
	const ofNode = starts.get(context) ?? new Map<string, Promise<Pairing>>();
	starts.set(context, ofNode);
	const { $runIndex } = functions.getWorkflowDataProxy(0) as unknown as { $runIndex: number };
	const key = `${$runIndex}/${botId}`;
	const earlier = ofNode.get(key);
	if (earlier !== undefined) return await earlier;

	const start = api.startConnection(botId, clear).then(
		(links) => beginPairing(botId, links, Date.now()),
		(error: unknown) => {
			if (changedNothing(error)) ofNode.delete(key);
			throw withAdvice(error);
		},
	);
	ofNode.set(key, start);
	return await start;
}

function changedNothing(error: unknown): boolean {
	if (!(error instanceof ProviderError)) return false;
	return ['invalid', 'unreachable', 'refused'].includes(error.kind) || error.httpStatus === 429;
}

/** Adds to an error with an unknown outcome that the start is not repeated. */
function withAdvice(error: unknown): unknown {
	if (!(error instanceof ProviderError) || error.kind === 'cancelled' || changedNothing(error)) {
		return error;
	}
	return new ProviderError(error.message, {
		kind: error.kind,
		httpStatus: error.httpStatus,
		description:
			'The start may still have reached Lifty. It is not repeated in this execution, because a second one could open a parallel connection. Check the bot with Get Status before you start again.',
	});
}
