import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { errorText } from '../errors';
import { optionsCollection } from '../parameters/builders';
import { isShown, validated } from '../parameters/validate';
import { postedForm, readAnswer } from './answer';
import { noticePage, PAGE_HEADERS, questionPage } from './page';
import { questionOptions, questionParameters } from './parameters';
import { questionFrom } from './question';
import type { Question, QuestionValues } from './question';
import { TEXTS } from './texts';

/**
 * Milliseconds for which a second answer is refused here, until n8n has marked the execution as running.
 * From then on n8n refuses it.
 */
const CLAIM = 3_000;

/** When executions were answered, in milliseconds of `performance.now()`. */
const answeredAt = new Map<string, number>();

/**
 * Serves the page of a waiting execution, and takes the answer. n8n has checked the signature of the
 * link before. Opening the link decides nothing, because previews and scanners open links; only the form
 * of the page does.
 *
 * @returns `{ data: { approved } }`, `{ data: { text } }` or the form's fields, as n8n's own nodes do
 */
export async function answerQuestion(functions: IWebhookFunctions): Promise<IWebhookResponseData> {
	let question: Question;
	try {
		question = questionFrom(readQuestion(functions));
	} catch (error) {
		functions.logger.warn(`${functions.getNode().name}: Page not shown: ${errorText(error)}`);
		const texts = TEXTS.en;
		return show(functions, 500, noticePage({ language: 'en' }, texts.notShown, texts.notShownWhy));
	}
	const { texts } = question;
	const { method, headers } = functions.getRequestObject();
	if (method !== 'POST') return show(functions, 200, questionPage(question));

	const form = postedForm(headers['content-type'] ?? '', functions.getBodyData());
	if (form === undefined) {
		const rejected = { problem: texts.changed, typed: [], problems: [] };
		return show(functions, 415, questionPage(question, rejected));
	}
	const answer = readAnswer(question, form);
	if ('problem' in answer) return show(functions, 422, questionPage(question, answer));
	if (!claim(functions.getExecutionId())) {
		return show(functions, 409, noticePage(question, texts.answered, texts.answeredBefore));
	}
	setHeaders(functions);
	const data: IDataObject = { ...answer.data, respondedAt: new Date().toISOString() };
	return {
		webhookResponse: noticePage(question, texts.recorded, question.confirmation),
		workflowData: [[{ json: { data } }]],
	};
}

/** Whether this is the first of answers that arrive together. */
function claim(executionId: string | undefined): boolean {
	if (executionId === undefined) return true;
	const now = performance.now();
	for (const [id, time] of answeredAt) if (now - time > CLAIM) answeredAt.delete(id);
	if (answeredAt.has(executionId)) return false;
	answeredAt.set(executionId, now);
	return true;
}

function setHeaders(functions: IWebhookFunctions): void {
	const response = functions.getResponseObject();
	for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
}

function show(functions: IWebhookFunctions, status: number, page: string): IWebhookResponseData {
	setHeaders(functions);
	functions.getResponseObject().status(status).send(page).end();
	return { noWebhookResponse: true };
}

const parameters = [...questionParameters, optionsCollection(questionOptions)];

/** The parameters as they were when the question was sent, as far as expressions still yield them. */
function readQuestion(functions: IWebhookFunctions): QuestionValues {
	const values: Record<string, unknown> = {};
	for (const parameter of parameters) {
		if (isShown(parameter, values) === false) continue;
		const { name, displayName } = parameter;
		if (name === 'message') values[name] = readMessage(functions);
		else values[name] = validated(parameter, functions.getNodeParameter(name, null), displayName);
	}
	return values as unknown as QuestionValues;
}

/**
 * The message. In a human review it tells of the agent's tool, which n8n no longer knows when the page is
 * opened; the message in the chat has told it.
 */
function readMessage(functions: IWebhookFunctions): string {
	try {
		const message: unknown = functions.getNodeParameter('message', '');
		return typeof message === 'string' || typeof message === 'number' ? String(message) : '';
	} catch {
		return '';
	}
}
