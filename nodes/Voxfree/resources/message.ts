import { invalidInput, ProviderError } from '../../shared/errors';
import { optionsCollection } from '../../shared/parameters/builders';
import { limit, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import { listOptions } from '../../shared/operation/listItems';
import type { ItemContext, Output, Resource } from '../../shared/operation/define';
import { serviceWindow } from '../api/serviceWindow';
import type { UploadFile } from '../api/multipart';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { field, isYes } from '../api/wire/fields';
import { messagesIn } from '../api/wire/messages';
import { localTime, momentOf } from '../api/wire/time';
import { listOutput, messageOutput, sentMessageOutput } from './outputs';
import {
	anyTemplate,
	conversation,
	details,
	orderingKeyOf,
	referenceOf,
	simplify,
	voxfreeId,
} from './parameters';
import { sendTemplate } from './template';

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

const outsideWindow = {
	displayName: 'Outside the 24-Hour Window',
	name: 'outsideWindow',
	type: 'options',
	default: 'sendAnyway',
	description:
		"Official WhatsApp (Meta) delivers free text and files only within 24 hours of the contact's last message, and templates at any time. To check this, the node reads the conversation first, which must be one of your active ones.",
	options: [
		{
			name: 'Send Anyway',
			value: 'sendAnyway',
			description: 'Skip the check. WhatsApp may silently drop the message.',
		},
		{
			name: 'Send This Template Instead',
			value: 'template',
			description: 'Send a template in place of the message',
		},
		{
			name: 'Stop With an Error',
			value: 'error',
			description: 'Send nothing. The error shows when the window closed.',
		},
	],
} as const;

/**
 * The node itself checks that it is filled in: n8n would also require it if an expression decides
 * whether it is needed.
 */
const fallbackTemplate = {
	...anyTemplate,
	displayOptions: { show: { outsideWindow: ['template'] } },
} as const;

const options = optionsCollection([replyTo]);

/**
 * When the contact last wrote in one of the agent's active conversations. No other conversation is
 * read, because reading one from the queue would assign it to the agent.
 */
async function lastContactMessage(
	voxfree: VoxfreeApi,
	protocol: string,
): Promise<Date | undefined> {
	if ((await voxfree.findActiveConversation(protocol)) === undefined) {
		throw invalidInput(
			`The conversation ${protocol} is not among your active ones, so its 24-hour window cannot be checked`,
			"Nothing was sent, because reading the conversation would assign it to you. Use Conversation: Open first, or set 'Outside the 24-Hour Window' to Send Anyway.",
		);
	}
	const moments = messagesIn(await voxfree.openConversation(protocol))
		.filter((message) => !isYes(field(message, 'fromMe')))
		.flatMap((message) => momentOf(message)?.getTime() ?? []);
	return moments.length === 0 ? undefined : new Date(Math.max(...moments));
}

interface WindowValues {
	protocol: string;
	outsideWindow: 'sendAnyway' | 'template' | 'error';
	templateId?: string;
	simplify: boolean;
}

/** The template is needed only for one way of dealing with a closed window. */
function checkTemplate({ outsideWindow, templateId = '' }: Omit<WindowValues, 'simplify'>): void {
	if (outsideWindow !== 'template' || templateId !== '') return;
	throw invalidInput("'Template' is empty", 'Choose the template to send outside the window.');
}

/** Calls `send` if the window is open. Otherwise does what the user has chosen. */
async function withinWindow(
	voxfree: VoxfreeApi,
	{ protocol, outsideWindow, templateId = '', simplify }: WindowValues,
	send: () => Promise<Output>,
): Promise<Output> {
	if (outsideWindow === 'sendAnyway') return await send();
	const { open, closesAt } = serviceWindow(await lastContactMessage(voxfree, protocol), new Date());
	if (open) return await send();
	const closed = closesAt === undefined ? {} : { windowClosedAt: localTime(closesAt) };
	if (outsideWindow === 'template') {
		const output = sentMessageOutput(
			protocol,
			await sendTemplate(voxfree, protocol, templateId),
			simplify,
		);
		if (Array.isArray(output) || !simplify) return output;
		return { ...output, sentTemplateInstead: output.success, templateId, ...closed };
	}
	throw new ProviderError(
		closesAt === undefined
			? 'The contact has not written in this conversation yet, so only a template can be sent'
			: `The 24-hour window of this conversation closed at ${localTime(closesAt)}`,
		{
			kind: 'invalid',
			description:
				"Nothing was sent. Use Template: Send, or set 'Outside the 24-Hour Window' to Send This Template Instead.",
		},
	);
}

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
					voxfree.getNewMessages(referenceOf(values), values.lastMessageId),
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
