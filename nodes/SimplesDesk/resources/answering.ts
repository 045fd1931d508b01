import { NodeOperationError } from 'n8n-workflow';
import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	NodeExecutionHint,
} from 'n8n-workflow';
import { createRedactor } from '../../shared/redact';
import { invalidInput, ProviderError, toNodeError } from '../../shared/errors';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import type { DescribedOperation, DescribedResource } from '../../shared/operation/define';
import { errorItem } from '../../shared/operation/output';
import { chosenOperation } from '../../shared/operation/properties';
import { parameterReader } from '../../shared/parameters/read';
import type { Parameter, ValuesOf } from '../../shared/parameters/types';
import type { CallKind } from '../trigger/calls';
import { violationsInList, violationsInMenuAnswer } from '../api/wire';
import type { Violation } from '../api/wire';

/** What one input item adds to the answer. */
export type Part =
	| { form: 'list'; messages: JsonValue[] }
	| { form: 'menu'; answer: JsonObject }
	| { form: 'nothing'; status: number; body: JsonValue };

/** A way to answer, whole: what it is called, what it asks, and what it makes of that. */
export interface AnswerOperation<Parameters extends readonly Parameter[] = readonly Parameter[]>
	extends DescribedOperation {
	readonly parameters: Parameters;
	readonly requests: false;
	/** The calls that can be answered like this. */
	readonly answers: readonly CallKind[];
	/** What an item adds to the answer; checked afterwards, as a whole. */
	compose(values: ValuesOf<Parameters>, item: INodeExecutionData): Part;
	/**
	 * The place in the panel of a field of the answer.
	 *
	 * @param field its path in SimplesDesk's words
	 * @param message the message that it stands in
	 */
	label(field: string, values: ValuesOf<Parameters>, message: JsonValue): string;
}

export interface AnyAnswerOperation extends DescribedOperation {
	readonly requests: false;
	readonly answers: readonly CallKind[];
	compose(values: Record<string, unknown>, item: INodeExecutionData): Part;
	label(field: string, values: Record<string, unknown>, message: JsonValue): string;
}

export interface AnswerResource extends DescribedResource {
	readonly operations: readonly AnyAnswerOperation[];
}

/** Defines a way to answer; the type of the values follows from its parameters. */
export function answerOperation<const Parameters extends readonly Parameter[]>(
	definition: Omit<AnswerOperation<Parameters>, 'requests'>,
): AnyAnswerOperation {
	return { ...definition, requests: false } as unknown as AnyAnswerOperation;
}

interface Answer {
	status: number;
	body: JsonValue;
}

/** The input item that is to blame, where it is a single one. */
class ItemError extends ProviderError {
	constructor(
		cause: ProviderError,
		readonly itemIndex: number,
	) {
		super(cause.message, { kind: cause.kind, description: cause.description });
	}
}

const NOTHING_SENT = 'Nothing was sent.';

/**
 * Answers the call that started this execution: one answer out of all input items, in their order,
 * checked as a whole before a byte of it leaves.
 *
 * @returns one item that holds the answer
 * @throws NodeOperationError where the answer would break a rule, where somebody has answered
 * already, or where nobody waits for an answer; with "continue" set, every input item becomes an
 * item with the error instead
 */
export async function answerCall(
	functions: IExecuteFunctions,
	resource: AnswerResource,
): Promise<INodeExecutionData[][]> {
	const items = functions.getInputData();
	try {
		const operation = chosenOperation(functions, [resource]);
		const trigger = startedBy(functions);
		mustBeFirst(functions);
		mustFit(operation, callOf(trigger));
		const { status, body } = composeAll(functions, operation, items);
		// Before the answer is on its way, so that no other node can begin one meanwhile.
		contextOf(functions).answeredBy = functions.getNode().name;
		await send(functions, { status, body });
		functions.addExecutionHints(...hintsFor(body));
		const json = { operation: operation.value, statusCode: status, body } as unknown as IDataObject;
		return [[{ json, pairedItem: items.map((_item, item) => ({ item })) }]];
	} catch (error) {
		const itemIndex = error instanceof ItemError ? error.itemIndex : undefined;
		const translated = toNodeError(functions.getNode(), error, createRedactor([]), itemIndex);
		if (!functions.continueOnFail()) throw translated;
		return [items.map((_item, item) => errorItem(translated, { item }))];
	}
}

async function send(functions: IExecuteFunctions, { status, body }: Answer): Promise<void> {
	try {
		await functions.sendResponse({
			statusCode: status,
			headers: { 'content-type': 'application/json; charset=utf-8' },
			body: body as unknown as IDataObject,
		});
	} catch (error) {
		// In queue mode it goes through Redis, to the process that holds the call.
		throw new NodeOperationError(
			functions.getNode(),
			'n8n could not pass the answer on to the call that waits for it',
			{
				description: `${error instanceof Error ? error.message : 'No reason was given.'} Most likely, nothing was sent.`,
			},
		);
	}
}

/** What `$('A Node')` gives in an expression. */
interface ExecutedNode {
	isExecuted: boolean;
	first(): INodeExecutionData | undefined;
}

/** The trigger whose caller waits for this answer. */
function startedBy(functions: IExecuteFunctions): ExecutedNode {
	if (functions.getMode() === 'retry') {
		throw invalidInput(
			'Nobody waits for this answer: SimplesDesk got an error when the execution failed at first',
			'A retry cannot answer the call again. Let SimplesDesk schedule the message once more.',
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
		'There is no call of SimplesDesk to answer: this execution was not started by a SimplesDesk Trigger',
		triggers.length === 0
			? 'Start the workflow with a SimplesDesk Trigger and connect it, directly or through other nodes, to this one. The Webhook node and sub-workflows cannot be answered from here.'
			: 'The SimplesDesk Trigger before this node did not start this execution. Let SimplesDesk call the test URL, or pin data on the trigger.',
	);
}

/** Belongs to this execution alone, and goes with it to whichever worker runs it. */
function contextOf(functions: IExecuteFunctions): { answeredBy?: string } {
	const context = functions.getContext('flow') as { simplesDesk?: { answeredBy?: string } };
	context.simplesDesk ??= {};
	return context.simplesDesk;
}

function mustBeFirst(functions: IExecuteFunctions): void {
	const { answeredBy } = contextOf(functions);
	if (answeredBy === undefined) return;
	const self = functions.getNode().name;
	throw invalidInput(
		answeredBy === self
			? `'${self}' has answered this call already, and only the first answer reaches SimplesDesk`
			: `'${answeredBy}' has answered this call already; what '${self}' would add cannot be sent`,
		'A call has one answer. Bring all items together before one SimplesDesk node, for example with Merge or after a loop, or see to it that only one branch runs.',
	);
}

function callOf(trigger: ExecutedNode): CallKind | undefined {
	const event = trigger.first()?.json.event;
	return event === 'botMenu' || event === 'scheduledMessage' ? event : undefined;
}

function mustFit({ name, answers }: AnyAnswerOperation, call: CallKind | undefined): void {
	if (call === undefined || answers.includes(call)) return;
	throw invalidInput(
		call === 'botMenu'
			? `A bot menu cannot be answered with '${name}'`
			: `A scheduled message cannot be answered with '${name}', which is for bot menus`,
		call === 'botMenu'
			? `Bot menus take Menu, Question, Information, Direct to Menu or Open Customer Service. ${NOTHING_SENT}`
			: `Scheduled messages take Send Messages, Send Template or Send Nothing. ${NOTHING_SENT}`,
	);
}

interface Contribution {
	itemIndex: number;
	values: Record<string, unknown>;
	part: Part;
}

/** What an item adds, or why it cannot. */
function contributionOf(
	readParameters: ReturnType<typeof parameterReader>,
	operation: AnyAnswerOperation,
	item: INodeExecutionData,
	itemIndex: number,
): Contribution | ProviderError {
	try {
		const values = readParameters(itemIndex);
		return { itemIndex, values, part: operation.compose(values, item) };
	} catch (error) {
		if (error instanceof ProviderError) return error;
		// An expression in a parameter has failed: n8n says how.
		const { message, description } = error as { message?: unknown; description?: unknown };
		return invalidInput(
			typeof message === 'string' ? message : String(error),
			typeof description === 'string' ? description : undefined,
		);
	}
}

function composeAll(
	functions: IExecuteFunctions,
	operation: AnyAnswerOperation,
	items: INodeExecutionData[],
): Answer {
	const readParameters = parameterReader(functions, operation.parameters);
	const contributions = items.map((item, itemIndex): Contribution => {
		const found = contributionOf(readParameters, operation, item, itemIndex);
		if (!(found instanceof ProviderError)) return found;
		const description = [found.description, NOTHING_SENT].filter(Boolean).join(' ');
		throw new ItemError(invalidInput(found.message, description), itemIndex);
	});
	const messages = contributions.flatMap(({ part, ...origin }) =>
		part.form === 'list' ? part.messages.map((message) => ({ ...origin, message })) : [],
	);
	const [first] = contributions;
	if (first === undefined || first.part.form === 'list') {
		const body = messages.map(({ message }) => message);
		mustBeRight(violationsInList(body), (violation) => {
			const origin = messages[(violation.message ?? 0) - 1];
			if (origin === undefined) return { sentence: `The answer ${violation.rule}` };
			const { itemIndex, values, message } = origin;
			const label = violation.field && operation.label(violation.field, values, message);
			const sentence = label
				? `Message ${violation.message}: '${label}' ${violation.rule}`
				: `Message ${violation.message} ${violation.rule}`;
			return { sentence, itemIndex };
		});
		return { status: 200, body };
	}

	const parts = contributions.map(({ part }) => part);
	const differing = parts.findIndex((part) => !isSame(part, first.part));
	if (first.part.form === 'nothing') {
		if (differing !== -1) throw differs(differing);
		return { status: first.part.status, body: first.part.body };
	}
	const body = differing === -1 ? first.part.answer : oneMenu(parts, differing);
	mustBeRight(violationsInMenuAnswer(body), ({ field, rule }) => ({
		sentence: `'${operation.label(field, first.values, body)}' ${rule}`,
	}));
	return { status: 200, body };
}

/** Menus that differ in their choices alone make one menu with all of them, numbered anew. */
function oneMenu(parts: Part[], differing: number): JsonObject {
	const menus = parts.map((part) => (part.form === 'menu' ? part.answer : {}));
	const [first = {}] = menus;
	const other = menus.findIndex(
		(menu) =>
			!Array.isArray(menu.items) || !isSame({ ...menu, items: [] }, { ...first, items: [] }),
	);
	if (other !== -1) throw differs(other === 0 ? differing : other);
	const items = menus
		.flatMap((menu) => menu.items as JsonValue[])
		.map((choice, index) => (isJsonObject(choice) ? { ...choice, number: index + 1 } : choice));
	return { ...first, items };
}

function isSame(a: unknown, b: unknown): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}

function differs(itemIndex: number): ItemError {
	return new ItemError(
		invalidInput(
			`Item ${itemIndex + 1} makes another answer than item 1, but a call has one answer`,
			`Let one item through, for example with Limit, or bring the items together with Aggregate. ${NOTHING_SENT}`,
		),
		itemIndex,
	);
}

/** @throws ItemError with the first broken rule, and the others below it */
function mustBeRight(
	violations: readonly Violation[],
	told: (violation: Violation) => { sentence: string; itemIndex?: number },
): void {
	const [first, ...others] = violations.map(told);
	if (first === undefined) return;
	const also = others.slice(0, MOST_TOLD).map(({ sentence }) => `${sentence}.`);
	if (others.length > MOST_TOLD) also.push(`And ${others.length - MOST_TOLD} more.`);
	const description = [...also, NOTHING_SENT].join(' ');
	const error = invalidInput(first.sentence, description);
	throw first.itemIndex === undefined ? error : new ItemError(error, first.itemIndex);
}

const MOST_TOLD = 5;

function hintsFor(body: JsonValue): NodeExecutionHint[] {
	const templates = Array.isArray(body)
		? body.filter((message) => isJsonObject(message) && message.type === 'TEMPLATE').length
		: 0;
	if (templates < 2) return [];
	return [
		{
			message: `This answer holds ${templates} templates. SimplesDesk's document shows answers with one only: see in SimplesDesk, under Relatórios > Integrações, whether all arrived.`,
			type: 'warning',
			location: 'outputPane',
		},
	];
}
