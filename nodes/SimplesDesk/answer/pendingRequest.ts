import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { invalidInput } from '../../shared/errors';
import type { CallKind } from '../trigger/calls';
import type { AnyAnswerOperation } from './define';

/** What `$('A Node')` returns in an expression. */
interface ExecutedNode {
	isExecuted: boolean;
	first(): INodeExecutionData | undefined;
}

/**
 * The kind of the request that waits for this node's answer; undefined if the trigger's output does
 * not tell, for example because its data is pinned.
 *
 * @throws ProviderError (`invalid`) if no request waits, or if it has been answered already
 */
export function pendingRequest(functions: IExecuteFunctions): CallKind | undefined {
	const event = executedTrigger(functions).first()?.json.event;
	checkNotAnswered(functions);
	return event === 'botMenu' || event === 'scheduledMessage' ? event : undefined;
}

/** The trigger whose caller waits for this answer. */
function executedTrigger(functions: IExecuteFunctions): ExecutedNode {
	if (functions.getMode() === 'retry') {
		throw invalidInput(
			'No request waits for this answer: SimplesDesk got an error when the execution first failed',
			'A retry cannot answer the request again. Let SimplesDesk schedule the message once more.',
		);
	}
	const proxy = functions.getWorkflowDataProxy(0) as unknown as {
		$: (name: string) => ExecutedNode;
	};
	const triggers = functions
		.getParentNodes(functions.getNode().name)
		.filter(({ type }) => type.endsWith('.simplesDeskTrigger'))
		.map(({ name }) => proxy.$(name));
	const trigger = triggers.find(({ isExecuted }) => isExecuted);
	if (trigger !== undefined) return trigger;
	throw invalidInput(
		'There is no SimplesDesk request to answer: this execution was not started by a SimplesDesk Trigger',
		triggers.length === 0
			? 'Start the workflow with a SimplesDesk Trigger and connect it to this node, directly or through other nodes. This node cannot answer the Webhook node or from a sub-workflow.'
			: 'The SimplesDesk Trigger before this node did not start this execution. Let SimplesDesk call the test URL, or pin data on the trigger.',
	);
}

/** Belongs to this execution alone, and travels with it to whichever worker runs it. */
function contextOf(functions: IExecuteFunctions): { answeredBy?: string } {
	const context = functions.getContext('flow') as { simplesDesk?: { answeredBy?: string } };
	context.simplesDesk ??= {};
	return context.simplesDesk;
}

/** Records that this node answers the request. */
export function claimRequest(functions: IExecuteFunctions): void {
	contextOf(functions).answeredBy = functions.getNode().name;
}

function checkNotAnswered(functions: IExecuteFunctions): void {
	const { answeredBy } = contextOf(functions);
	if (answeredBy === undefined) return;
	const self = functions.getNode().name;
	throw invalidInput(
		answeredBy === self
			? `'${self}' has already answered this request, and only the first answer reaches SimplesDesk`
			: `'${answeredBy}' has already answered this request, so the answer of '${self}' cannot be sent`,
		'A request has one answer. Bring all items together before one SimplesDesk node, for example with Merge or after a loop, or make sure that only one branch runs.',
	);
}

/** @throws ProviderError (`invalid`) if an operation is not for this kind of request */
export function checkOperation(
	{ name, answers }: AnyAnswerOperation,
	call: CallKind | undefined,
): void {
	if (call === undefined || answers.includes(call)) return;
	throw call === 'botMenu'
		? invalidInput(
				`A bot menu cannot be answered with '${name}'`,
				'For bot menus, use Menu, Question, Information, Direct to Menu, Open Customer Service or Send Nothing. Nothing was sent.',
			)
		: invalidInput(
				`A scheduled message cannot be answered with '${name}', which is for bot menus`,
				'For scheduled messages, use Send Messages, Send Template or Send Nothing. Nothing was sent.',
			);
}
