import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { invalidInput, ProviderError } from '../../shared/errors';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { parameterReader } from '../../shared/parameters/read';
import { violationsInList, violationsInMenuAnswer } from '../api/rules';
import type { AnyAnswerOperation, Part } from './define';

/** The answer as a whole. */
export interface Answer {
	/** HTTP status. */
	status: number;
	body: JsonValue;
}

/** An error that a single input item causes. */
export class ItemError extends ProviderError {
	constructor(
		cause: ProviderError,
		readonly itemIndex: number,
	) {
		super(cause.message, { ...cause });
	}
}

const NOTHING_SENT = 'Nothing was sent.';

/** How many broken rules an error lists besides the first. */
const MOST_LISTED = 5;

interface Contribution {
	itemIndex: number;
	values: Record<string, unknown>;
	part: Part;
}

/**
 * Makes one answer of all input items, and checks it against the rules of SimplesDesk's document.
 *
 * @throws ProviderError (`invalid`) if it breaks one; an `ItemError` if a single item causes that
 */
export function composeAnswer(
	functions: IExecuteFunctions,
	operation: AnyAnswerOperation,
	items: INodeExecutionData[],
): Answer {
	const readParameters = parameterReader(functions, operation.parameters);
	const contributions = items.map((item, itemIndex): Contribution => {
		const contribution = contributionOf(readParameters, operation, item, itemIndex);
		if (contribution instanceof ItemError) throw contribution;
		return contribution;
	});
	const [first] = contributions;
	if (first === undefined || first.part.form === 'list') return oneList(operation, contributions);

	const parts = contributions.map(({ part }) => part);
	const differing = parts.findIndex((part) => !isEqual(part, first.part));
	if (first.part.form === 'nothing') {
		if (differing !== -1) throw differentAnswer(differing);
		return { status: first.part.status, body: first.part.body };
	}
	const body = differing === -1 ? first.part.answer : oneMenu(parts, differing);
	throwIfBroken(
		violationsInMenuAnswer(body).map(({ field, rule }) => ({
			sentence: `'${operation.label(field, first.values, body)}' ${rule}`,
		})),
	);
	return { status: 200, body };
}

/** What an item adds to the answer, or why it cannot. */
function contributionOf(
	readParameters: ReturnType<typeof parameterReader>,
	operation: AnyAnswerOperation,
	item: INodeExecutionData,
	itemIndex: number,
): Contribution | ItemError {
	try {
		const values = readParameters(itemIndex);
		return { itemIndex, values, part: operation.compose(values, item) };
	} catch (error) {
		return new ItemError(withNothingSent(error), itemIndex);
	}
}

function withNothingSent(error: unknown): ProviderError {
	// n8n describes an expression that failed.
	const { message, description } = error as { message?: unknown; description?: unknown };
	return invalidInput(
		typeof message === 'string' ? message : String(error),
		[typeof description === 'string' ? description : '', NOTHING_SENT].filter(Boolean).join(' '),
	);
}

/** One list of the messages of all items, in their order. */
function oneList(operation: AnyAnswerOperation, contributions: readonly Contribution[]): Answer {
	const messages = contributions.flatMap(({ part, ...origin }) =>
		part.form === 'list' ? part.messages.map((message) => ({ ...origin, message })) : [],
	);
	const body = messages.map(({ message }) => message);
	throwIfBroken(
		violationsInList(body).map(({ message: position, field, rule }) => {
			const origin = messages[(position ?? 0) - 1];
			if (origin === undefined) return { sentence: `The answer ${rule}` };
			const { itemIndex, values, message } = origin;
			const label = field && operation.label(field, values, message);
			const subject = label ? `Message ${position}: '${label}'` : `Message ${position}`;
			return { sentence: `${subject} ${rule}`, itemIndex };
		}),
	);
	return { status: 200, body };
}

/** Menus that differ only in their choices make one menu with all of them, renumbered. */
function oneMenu(parts: Part[], differing: number): JsonObject {
	const menus = parts.map((part) => (part.form === 'menu' ? part.answer : {}));
	const [first = {}] = menus;
	const other = menus.findIndex(
		(menu) =>
			!Array.isArray(menu.items) || !isEqual({ ...menu, items: [] }, { ...first, items: [] }),
	);
	if (other !== -1) throw differentAnswer(other === 0 ? differing : other);
	const items = menus
		.flatMap((menu) => menu.items as JsonValue[])
		.map((choice, index) => (isJsonObject(choice) ? { ...choice, number: index + 1 } : choice));
	return { ...first, items };
}

function isEqual(a: unknown, b: unknown): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}

function differentAnswer(itemIndex: number): ItemError {
	return new ItemError(
		invalidInput(
			`Item ${itemIndex + 1} makes a different answer than item 1, but a request has one answer`,
			`Keep one item, for example with Limit, or combine the items with Aggregate. ${NOTHING_SENT}`,
		),
		itemIndex,
	);
}

/** @throws ProviderError with the first broken rule as its message and the others below it */
function throwIfBroken(violations: ReadonlyArray<{ sentence: string; itemIndex?: number }>): void {
	const [first, ...others] = violations;
	if (first === undefined) return;
	const listed = others.slice(0, MOST_LISTED).map(({ sentence }) => `${sentence}.`);
	if (others.length > MOST_LISTED) listed.push(`And ${others.length - MOST_LISTED} more.`);
	const error = invalidInput(first.sentence, [...listed, NOTHING_SENT].join(' '));
	throw first.itemIndex === undefined ? error : new ItemError(error, first.itemIndex);
}
