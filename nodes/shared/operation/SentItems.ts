import { createHash } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';
import { ProviderError } from '../errors';
import type { Outcome } from './output';

/** What became of the items of one node run. */
type Outcomes = Map<string, Promise<Outcome<unknown>>>;

/** How many runs of a node are remembered: it may be in a loop, or a tool that an agent calls often. */
const MOST_RUNS = 100;

/**
 * By n8n's context of the node, which is one object for all tries of 'Retry On Fail', and another one
 * in each execution; then by run. Nothing of this is stored with the execution.
 */
const contexts = new WeakMap<object, Map<number | object, Outcomes>>();

/**
 * Keeps what was sent, or may have been, from being sent again by 'Retry On Fail', which repeats the
 * node with all its items. Its outcome is the same in each try. What certainly was not carried out is
 * tried again, and so is everything as long as the run has only read.
 *
 * A later run of the node in the same execution is a loop in the workflow, and sends anew. So does a
 * person who retries the execution.
 */
export class SentItems {
	private readonly known: Outcomes | undefined;

	/** Whether an earlier try of this run has sent something. */
	readonly inEarlierTry: boolean;

	constructor(functions: IExecuteFunctions) {
		this.known = functions.getNode().retryOnFail === true ? outcomesOf(functions) : undefined;
		this.inEarlierTry = (this.known?.size ?? 0) > 0;
	}

	/**
	 * Runs an item unless an earlier try has done so.
	 *
	 * @param values the item's parameters
	 * @param hasSent whether this run has sent anything that may change something
	 * @param run never rejects
	 */
	async once<Value>(
		itemIndex: number,
		values: unknown,
		hasSent: () => boolean,
		run: () => Promise<Outcome<Value>>,
	): Promise<Outcome<Value>> {
		const { known } = this;
		if (known === undefined) return await run();
		const key = `${itemIndex}/${createHash('sha1').update(JSON.stringify(values)).digest('base64url')}`;
		const earlier = known.get(key) as Promise<Outcome<Value>> | undefined;
		if (earlier !== undefined) return await earlier;
		const running = run();
		known.set(key, running);
		const outcome = await running;
		if (!hasSent() || ('error' in outcome && changedNothing(outcome.error))) known.delete(key);
		return outcome;
	}
}

function outcomesOf(functions: IExecuteFunctions): Outcomes {
	const context = functions.getContext('node');
	const run = runOf(functions);
	const runs = contexts.get(context) ?? new Map<number | object, Outcomes>();
	contexts.set(context, runs);
	const outcomes = runs.get(run) ?? new Map<string, Promise<Outcome<unknown>>>();
	runs.set(run, outcomes);
	const oldest = runs.keys().next();
	if (runs.size > MOST_RUNS && oldest.done !== true) runs.delete(oldest.value);
	return outcomes;
}

/**
 * What all tries of one run have in common: its number, or in a tool of an AI agent the call. Some
 * agents give each try of a tool a number of its own, but all of them the same object.
 */
function runOf(functions: IExecuteFunctions): number | object {
	const call = functions.getInputData()[0]?.json;
	if (functions.getNode().type.endsWith('Tool') && call !== undefined) return call;
	return (functions.getWorkflowDataProxy(0) as unknown as { $runIndex: number }).$runIndex;
}

/** Whether it is certain that nothing was changed. */
function changedNothing(error: unknown): boolean {
	if (!(error instanceof ProviderError)) return false;
	return ['busy', 'invalid', 'refused', 'unreachable'].includes(error.kind);
}
