import { NodeOperationError } from 'n8n-workflow';
import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	NodeExecutionHint,
} from 'n8n-workflow';
import { errorText, toNodeError } from '../../shared/errors';
import { isJsonObject } from '../../shared/json';
import type { JsonValue } from '../../shared/json';
import { errorItem } from '../../shared/operation/output';
import { chosenOperation } from '../../shared/operation/properties';
import { createRedactor } from '../../shared/redact';
import { shownAnswer } from '../api/shown';
import { composeAnswer, ItemError } from './compose';
import type { Answer } from './compose';
import type { AnswerResource } from './define';
import { checkOperation, claimRequest, pendingRequest } from './pendingRequest';

/**
 * Answers the request that started this execution: all input items make one answer, in their order,
 * which is checked as a whole before anything is sent.
 *
 * @returns one item with the answer
 * @throws NodeOperationError if the answer would break a rule, if another node has answered already,
 * or if no request waits for an answer; with "continue" set, every input item becomes an item with
 * the error instead
 */
export async function answerRequest(
	functions: IExecuteFunctions,
	resource: AnswerResource,
): Promise<INodeExecutionData[][]> {
	const items = functions.getInputData();
	try {
		const operation = chosenOperation(functions, [resource]);
		checkOperation(operation, pendingRequest(functions));
		const { status, body } = composeAnswer(functions, operation, items);
		// Before the answer is sent, so that no other node begins one in the meantime.
		claimRequest(functions);
		await send(functions, { status, body });
		functions.addExecutionHints(...hintsFor(body));
		const json = {
			operation: operation.value,
			statusCode: status,
			body: shownAnswer(body),
		} as unknown as IDataObject;
		return [[{ json, pairedItem: items.map((_item, item) => ({ item })) }]];
	} catch (error) {
		const itemIndex = error instanceof ItemError ? error.itemIndex : undefined;
		const nodeError = toNodeError(functions.getNode(), error, createRedactor([]), itemIndex);
		if (!functions.continueOnFail()) throw nodeError;
		return [items.map((_item, item) => errorItem(nodeError, { item }))];
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
		// In queue mode the answer goes through Redis to the process that holds the request.
		throw new NodeOperationError(
			functions.getNode(),
			'n8n could not pass the answer to the request that waits for it',
			{ description: `Most likely, nothing was sent. n8n says: ${errorText(error)}` },
		);
	}
}

function hintsFor(body: JsonValue): NodeExecutionHint[] {
	const templates = Array.isArray(body)
		? body.filter((message) => isJsonObject(message) && message.type === 'TEMPLATE').length
		: 0;
	if (templates < 2) return [];
	return [
		{
			message: `This answer contains ${templates} templates. SimplesDesk's document only shows answers with one. Check in SimplesDesk, under Relatórios > Integrações, whether all of them arrived.`,
			type: 'warning',
			location: 'outputPane',
		},
	];
}
