import type { IDataObject } from 'n8n-workflow';
import { invalidInput } from '../../shared/errors';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import { optionsCollection } from '../../shared/parameters/builders';
import { questionOptions, questionParameters } from '../../shared/sendAndWait/parameters';
import { askAndWait, checkQuestion, textWithLink } from '../../shared/sendAndWait/wait';
import type { LiftyApi } from '../api/LiftyApi';
import { botId, botOf, checkBot, phoneNumber } from './fields';

const operation = operationsOf<LiftyApi>();

const untested = {
	displayName:
		"This operation is documented on Lifty's site and has not been tested with a live account yet. If Lifty rejects the key, set 'API Key Goes Into' in the credential to a header.",
	name: 'messageNotice',
	type: 'notice',
	default: '',
} as const;

const orderingKeyOf = ({ phoneNumber }: { phoneNumber: string }) => phoneNumber;

function additionalFields(given: JsonValue, label: string): JsonObject {
	if (isJsonObject(given)) return given;
	throw invalidInput(`'${label}' needs a JSON object`, 'For example { "botId": "demo-bot-1" }.');
}

/** The recipient and Lifty's answer; ids as text. */
function outcome(phoneNumber: string, more: IDataObject, answer: JsonValue): IDataObject {
	const body = isJsonObject(answer) ? answer : { value: answer };
	const { messageId, status } = body;
	return {
		phoneNumber,
		...more,
		...(messageId === undefined || messageId === null ? {} : { messageId: String(messageId) }),
		...(typeof status === 'string' ? { status } : {}),
		answer: body,
	};
}

export const message: Resource<LiftyApi> = {
	name: 'Message',
	value: 'message',
	description: 'A message to a number on WhatsApp',
	defaultOperation: 'sendDirectMessage',
	operations: [
		operation({
			name: 'Send and Wait for Response',
			value: 'sendAndWait',
			action: 'Send message and wait for response',
			description:
				'Send a question to a number on WhatsApp, with a link to a page for the answer, and wait for it',
			runsOnce: true,
			parameters: [
				untested,
				botId,
				phoneNumber,
				...questionParameters,
				optionsCollection(questionOptions),
			],
			orderingKey: orderingKeyOf,
			check: (values, lifty, context) => {
				checkBot(values, lifty);
				checkQuestion(values, context);
			},
			execute: async (lifty, values, context) =>
				await askAndWait(
					context,
					values,
					async (invitation) =>
						await lifty.sendDirectMessage({
							phoneNumber: values.phoneNumber,
							message: textWithLink(invitation),
							botId: botOf(lifty, values.botId),
						}),
				),
		}),
		operation({
			name: 'Send Direct Message',
			value: 'sendDirectMessage',
			action: 'Send message to number',
			description: 'Send a text to a number on WhatsApp',
			parameters: [
				untested,
				botId,
				phoneNumber,
				{
					displayName: 'Text',
					name: 'text',
					type: 'string',
					typeOptions: { rows: 3 },
					default: '',
					required: true,
					placeholder: 'e.g. Hello! Your order has been shipped.',
					description: 'Text of the message, as the contact will read it',
				},
			],
			orderingKey: orderingKeyOf,
			check: checkBot,
			execute: async (lifty, { botId, phoneNumber, text }) => {
				const bot = botOf(lifty, botId);
				const answer = await lifty.sendDirectMessage({
					phoneNumber,
					message: text,
					botId: bot,
				});
				return outcome(phoneNumber, { botId: bot }, answer);
			},
		}),
		operation({
			name: 'Send Template',
			value: 'sendTemplate',
			action: 'Send template to number',
			description: 'Send an approved template to a number on WhatsApp',
			parameters: [
				untested,
				phoneNumber,
				{
					displayName: 'Template Name',
					name: 'templateName',
					type: 'string',
					default: '',
					required: true,
					placeholder: 'e.g. order_shipped',
					description: 'Name of the approved template, as in the WhatsApp Manager',
				},
				{
					displayName: 'Template Parameters',
					name: 'templateParameters',
					type: 'string',
					typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Parameter' },
					default: [],
					placeholder: 'e.g. Nathan',
					description: 'Texts for the variables of the template, in order',
				},
				optionsCollection([
					{
						displayName: 'Additional Fields',
						name: 'additionalFields',
						type: 'json',
						format: additionalFields,
						default: '{}',
						placeholder: 'e.g. {"botId": "demo-bot-1"}',
						description:
							'JSON object with additional fields of the request, such as "botId". They replace fields that the request already has.',
					},
				]),
			],
			orderingKey: orderingKeyOf,
			execute: async (lifty, { phoneNumber, templateName, templateParameters, options }) => {
				const answer = await lifty.sendTemplateMessage(
					{
						destination: phoneNumber,
						templateName: templateName.trim(),
						parameters: templateParameters.map((text) => ({ text })),
					},
					(options.additionalFields ?? {}) as JsonObject,
				);
				return outcome(phoneNumber, { templateName: templateName.trim() }, answer);
			},
		}),
	],
};
