import type { IExecuteFunctions } from 'n8n-workflow';
import { ProviderError } from '../../shared/errors';
import type { LiftyApi } from '../api/LiftyApi';
import { beginPairing } from './pairing';
import type { Pairing } from './pairing';

/**
 * The starts of every execution that this process is working on, by n8n's context of the node in it.
 * n8n keeps that one object for all tries of 'Retry On Fail'; a new execution has a new one.
 */
const starts = new WeakMap<object, Map<string, Promise<Pairing>>>();

/**
 * Starts the connection of a bot, once in a run of the node: two items for one bot share one start,
 * and a further try of 'Retry On Fail' goes on with what the first one started. Where the outcome of
 * a start is not known, it is not repeated either, because a second connection might stand beside
 * the first. A start that was refused, or never left, may be tried again.
 *
 * A later run of the node in the same execution is a loop that somebody built, and starts anew.
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
			throw explained(error);
		},
	);
	ofNode.set(key, start);
	return await start;
}

function changedNothing(error: unknown): boolean {
	if (!(error instanceof ProviderError)) return false;
	return ['invalid', 'unreachable', 'refused'].includes(error.kind) || error.httpStatus === 429;
}

/** A start whose outcome is not known says so, and that it stays at this one. */
function explained(error: unknown): unknown {
	if (!(error instanceof ProviderError) || error.kind === 'cancelled' || changedNothing(error)) {
		return error;
	}
	return new ProviderError(error.message, {
		kind: error.kind,
		httpStatus: error.httpStatus,
		description:
			'The start may have reached Lifty all the same. It is not repeated in this execution, because a second one could open a parallel connection. See with Get Status how the bot stands before you start again.',
	});
}
