import type { IExecuteFunctions } from 'n8n-workflow';
import { invalidInput } from '../errors';
import { signedResumeUrl } from '../host';
import { OutputItem } from '../operation/define';
import type { ItemContext, Output } from '../operation/define';
import { questionFrom } from './question';
import type { QuestionValues } from './question';

/** A question on its way to a person. */
export interface Invitation {
	readonly message: string;
	/** Text for the link. */
	readonly label: string;
	/** Address of the page, signed by n8n. Whoever has it can answer. */
	readonly url: string;
}

/** n8n's date for a wait without a limit. */
const WAIT_INDEFINITELY = new Date('3000-01-01T00:00:00.000Z');

const MINUTES = { minutes: 1, hours: 60, days: 24 * 60 } as const;

/**
 * Checks what is asked before it is sent: a link to a page that cannot be shown would wait for ever.
 *
 * @throws ProviderError (`invalid`)
 */
export function checkQuestion(values: QuestionValues, { functions }: ItemContext): void {
	questionFrom(values);
	endOfWait(values);
	signedResumeUrl(functions);
}

/**
 * Sends a question, and puts the execution to waiting for the answer. n8n stores it, so it survives a
 * restart. When somebody has answered, `webhook()` replaces the output; when the time is up, n8n goes on
 * with the input items.
 */
export async function askAndWait(
	{ functions }: ItemContext,
	values: QuestionValues,
	send: (invitation: Invitation) => Promise<unknown>,
): Promise<Output> {
	const { texts } = questionFrom(values);
	await send({
		message: values.message,
		label: values.options.messageButtonLabel || texts.respond,
		url: signedResumeUrl(functions),
	});
	await functions.putExecutionToWait(endOfWait(values));
	return inputOf(functions);
}

/** The message and the link as one text, where a provider has no buttons. */
export function textWithLink({ message, label, url }: Invitation): string {
	return `${message}\n\n${label}: ${url}`;
}

/** The provider's answer would repeat the link, and the link decides. */
function inputOf(functions: IExecuteFunctions): Output {
	return functions.getInputData().map(({ json, binary }) => new OutputItem(json, { binary }));
}

/**
 * When the execution goes on without an answer.
 *
 * @throws ProviderError (`invalid`) if that is in the past or cannot be
 */
function endOfWait({ options }: QuestionValues): Date {
	const limit = options.limitWaitTime?.values;
	if (limit === undefined) return WAIT_INDEFINITELY;
	const { limitType, resumeAmount = 1, resumeUnit = 'hours', maxDateAndTime = '' } = limit;
	const end =
		limitType === 'afterTimeInterval'
			? new Date(Date.now() + resumeAmount * MINUTES[resumeUnit] * 60_000)
			: new Date(maxDateAndTime);
	if (Number.isNaN(end.getTime()) || end.getTime() > WAIT_INDEFINITELY.getTime()) {
		throw invalidInput(
			"'Limit Wait Time' names no time that can be waited for",
			'Enter an amount or a date before the year 3000.',
		);
	}
	if (limitType === 'atSpecifiedTime' && end.getTime() <= Date.now()) {
		throw invalidInput(
			"'Max Date and Time' has passed, so nobody could answer",
			'Enter a time in the future.',
		);
	}
	return end;
}
