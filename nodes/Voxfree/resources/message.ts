import { optionsCollection } from '../../shared/parameters/builders';
import { limit, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import { listOptions } from '../../shared/operation/listItems';
import type { Resource } from '../../shared/operation/define';
import { questionOptions, questionParameters } from '../../shared/sendAndWait/parameters';
import { askAndWait, checkQuestion, textWithLink } from '../../shared/sendAndWait/wait';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { downloadFile } from './downloadFile';
import { listOutput, messageOutput, sentMessageOutput } from './outputs';
import {
	conversation,
	details,
	orderingKeyOf,
	referenceOf,
	replyTo,
	simplify,
	voxfreeId,
} from './parameters';
import { sendFile } from './sendFile';
import {
	checkTemplate,
	fallbackTemplate,
	ifWindowUnknown,
	outsideWindow,
	withinWindow,
} from './window';

const operation = operationsOf<VoxfreeApi>();

const options = optionsCollection([replyTo]);

export const message: Resource<VoxfreeApi> = {
	name: 'Message',
	value: 'message',
	description: 'A text or file sent to a contact or received from one',
	defaultOperation: 'sendText',
	operations: [
		downloadFile,
		operation({
			name: 'Get New',
			value: 'getNew',
			action: 'Get new messages',
			description: 'List the messages of a conversation after a certain one',
			parameters: [
				conversation,
				{
					displayName: 'Last Message ID',
					name: 'lastMessageId',
					type: 'string',
					format: voxfreeId,
					default: '',
					required: true,
					placeholder: 'e.g. 17808798',
					description: "The 'messageId' of the last message that you already have",
				},
				details,
				returnAll,
				limit,
				listOptions,
				simplify,
			],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, values, context) =>
				listOutput(
					voxfree.getNewMessages(referenceOf(values), values.lastMessageId, values.simplify),
					values,
					context,
					messageOutput,
				),
		}),
		operation({
			name: 'Send and Wait for Response',
			value: 'sendAndWait',
			action: 'Send message and wait for response',
			description:
				'Send a question to the contact of a conversation, with a link to a page for the answer, and wait for it. Official WhatsApp delivers it only within 24 hours of their last message.',
			runsOnce: true,
			parameters: [
				conversation,
				...questionParameters,
				details,
				optionsCollection([...questionOptions, replyTo]),
			],
			orderingKey: orderingKeyOf,
			check: (values, _api, context) => checkQuestion(values, context),
			execute: async (voxfree, values, context) =>
				await askAndWait(
					context,
					values,
					async (invitation) =>
						await voxfree.sendText(
							referenceOf(values),
							textWithLink(invitation),
							values.options.replyToMessageId,
						),
				),
		}),
		sendFile,
		operation({
			name: 'Send Text',
			value: 'sendText',
			action: 'Send message to contact',
			description:
				'Send a text message to the contact of a conversation. Official WhatsApp delivers it only within 24 hours of their last message.',
			parameters: [
				conversation,
				{
					displayName: 'Text',
					name: 'text',
					type: 'string',
					typeOptions: { rows: 3 },
					default: '',
					required: true,
					placeholder: 'e.g. Hello! How can I help you?',
					description: "Text of the message. Voxfree puts the agent's display name in front of it.",
				},
				outsideWindow,
				ifWindowUnknown,
				fallbackTemplate,
				details,
				options,
				simplify,
			],
			orderingKey: orderingKeyOf,
			check: checkTemplate,
			execute: async (voxfree, values) => {
				const { protocol, text, options, simplify } = values;
				const to = referenceOf(values);
				return await withinWindow(voxfree, values, async () =>
					sentMessageOutput(
						protocol,
						await voxfree.sendText(to, text, options.replyToMessageId),
						simplify,
					),
				);
			},
		}),
	],
};
