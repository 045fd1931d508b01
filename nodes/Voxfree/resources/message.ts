import { invalidInput, ProviderError } from '../../shared/errors';
import { optionsCollection } from '../../shared/parameters/builders';
import { limit, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import { listOptions } from '../../shared/operation/listItems';
import type { ItemContext, Resource } from '../../shared/operation/define';
import type { UploadFile } from '../api/multipart';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { listOutput, messageOutput, sentMessageOutput } from './outputs';
import {
	conversation,
	details,
	orderingKeyOf,
	referenceOf,
	simplify,
	voxfreeId,
} from './parameters';
import {
	checkTemplate,
	fallbackTemplate,
	ifWindowUnknown,
	outsideWindow,
	withinWindow,
} from './window';

const operation = operationsOf<VoxfreeApi>();

const replyTo = {
	displayName: 'Reply to Message ID',
	name: 'replyToMessageId',
	type: 'string',
	format: voxfreeId,
	default: '',
	placeholder: 'e.g. 17808798',
	description:
		"Message to reply to and quote: its 'messageId' in the output of other operations, not its WhatsApp ID",
} as const;

const options = optionsCollection([replyTo]);

/** The file in a binary field of an input item. Its bytes are read when it is sent. */
async function fileOf(
	{ functions, itemIndex }: ItemContext,
	binaryField: string,
	fileName: string,
): Promise<UploadFile> {
	const found = functions.getInputData()[itemIndex]?.binary?.[binaryField];
	if (found === undefined) {
		const others = Object.keys(functions.getInputData()[itemIndex]?.binary ?? {});
		throw invalidInput(
			`The input item has no file in '${binaryField}'`,
			`Check 'Input Binary Field'. ${others.length === 0 ? 'The item has no files at all. A previous node may have dropped the binary data.' : `The item has: ${others.map((name) => `'${name}'`).join(', ')}.`} Nothing was sent.`,
		);
	}
	const { id, data, mimeType } = found;
	const name = fileName.trim() || found.fileName || `file.${found.fileExtension ?? 'bin'}`;
	const size =
		id === undefined
			? Buffer.byteLength(data, 'base64')
			: (
					await functions.helpers.getBinaryMetadata(id).catch(() => {
						throw missingFile(name);
					})
				).fileSize;
	if (size === 0) {
		throw invalidInput(`The file '${name}' is empty`, 'Nothing was sent.');
	}
	return {
		name,
		mimeType,
		size,
		open: async () =>
			id === undefined
				? Buffer.from(data, 'base64')
				: await functions.helpers.getBinaryStream(id).catch(() => {
						throw missingFile(name);
					}),
	};
}

function missingFile(name: string): ProviderError {
	return invalidInput(
		`The file '${name}' no longer exists`,
		'n8n deletes files some time after an execution. Run the workflow again from the node that loads the file. Nothing was sent.',
	);
}

export const message: Resource<VoxfreeApi> = {
	name: 'Message',
	value: 'message',
	description: 'A text or file sent to a contact or received from one',
	defaultOperation: 'sendText',
	operations: [
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
			name: 'Send File',
			value: 'sendFile',
			action: 'Send file',
			description: 'Send an image, audio, video or document from a binary field to the contact',
			parameters: [
				conversation,
				{
					displayName: 'Input Binary Field',
					name: 'binaryField',
					type: 'string',
					default: 'data',
					required: true,
					hint: 'The name of the input binary field containing the file to be sent',
				},
				{
					displayName: 'Caption',
					name: 'caption',
					type: 'string',
					typeOptions: { rows: 2 },
					default: '',
					description: 'Text to send with the file',
				},
				outsideWindow,
				ifWindowUnknown,
				fallbackTemplate,
				details,
				optionsCollection([
					{
						displayName: 'File Name',
						name: 'fileName',
						type: 'string',
						default: '',
						placeholder: 'e.g. invoice.pdf',
						description: 'Name that the contact sees. If empty, the name in the binary field.',
					},
					replyTo,
				]),
				simplify,
			],
			orderingKey: orderingKeyOf,
			check: checkTemplate,
			execute: async (voxfree, values, context) => {
				const { protocol, caption, options, simplify } = values;
				const file = await fileOf(context, values.binaryField, options.fileName ?? '');
				const to = referenceOf(values);
				return await withinWindow(voxfree, values, async () =>
					sentMessageOutput(
						protocol,
						await voxfree.sendFile(to, file, caption, options.replyToMessageId),
						simplify,
					),
				);
			},
		}),
		operation({
			name: 'Send Text',
			value: 'sendText',
			action: 'Send text',
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
					placeholder: 'e.g. Olá! Como posso ajudar?',
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
