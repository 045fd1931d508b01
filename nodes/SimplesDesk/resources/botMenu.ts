import type { JsonObject, JsonValue } from '../../shared/json';
import { id } from '../../shared/parameters/builders';
import { answerOperation } from '../answer/define';
import type { Part } from '../answer/define';
import { addressOf } from '../api/wire';
import type { Attachment, Callback, MenuAnswer } from '../api/wire';
import { labelIn } from './labels';
import type { FieldLabels } from './labels';

const text = {
	displayName: 'Text',
	name: 'text',
	type: 'string',
	typeOptions: { rows: 3 },
	default: '',
	required: true,
	placeholder: 'e.g. How can we help you?',
	description: 'Text for the contact',
} as const;

const attachments = {
	displayName: 'Attachments',
	name: 'attachments',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true },
	placeholder: 'Add Attachment',
	default: {},
	description: 'Files to send with the text',
	options: [
		{
			displayName: 'Attachment',
			name: 'attachment',
			values: [
				{
					displayName: 'File Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. invoice.pdf',
					description: 'Name of the file that the contact sees',
				},
				{
					displayName: 'Position',
					name: 'position',
					type: 'options',
					default: 'AFTER',
					description: 'Whether the file comes before or after the text',
					options: [
						{ name: 'After Text', value: 'AFTER', description: 'The contact reads the text first' },
						{
							name: 'Before Text',
							value: 'BEFORE',
							description: 'The contact sees the file first',
						},
					],
				},
				{
					displayName: 'Type',
					name: 'type',
					type: 'options',
					default: 'DOCUMENT',
					description: 'How the file is shown',
					options: [
						{
							name: 'Document',
							value: 'DOCUMENT',
							description: 'A file to download, such as a PDF',
						},
						{ name: 'Image', value: 'IMAGE', description: 'A picture that is shown in the chat' },
					],
				},
				{
					displayName: 'URL',
					name: 'url',
					type: 'string',
					default: '',
					placeholder: 'e.g. https://example.com/invoice.pdf',
					description: 'Address from which SimplesDesk can download the file without a login',
				},
			],
		},
	],
} as const;

const callbackUrl = {
	displayName: 'Callback URL',
	name: 'callbackUrl',
	type: 'string',
	default: '',
	placeholder: 'e.g. https://n8n.example.com/webhook/…/webhook',
	description:
		"Where SimplesDesk sends the contact's reply: the production URL of a SimplesDesk Trigger, with the secret if the trigger expects it in the URL",
} as const;

const callbackData = {
	displayName: 'Callback Data',
	name: 'callbackData',
	type: 'json',
	default: '{}',
	placeholder: 'e.g. {"asked": "invoice"}',
	description:
		"JSON object that SimplesDesk returns as 'data' with the contact's reply, so that the workflow knows what was asked",
} as const;

const departmentUuid = {
	displayName: 'Department UUID',
	name: 'departmentUuid',
	type: 'string',
	format: id,
	default: '',
	required: true,
	placeholder: 'e.g. 3f2b8c1e-5d4a-4c6b-9e7f-0a1b2c3d4e5f',
	description: 'ID of the department (departamento) in SimplesDesk whose agents take over',
} as const;

interface GivenAttachment {
	name: string;
	position: Attachment['position'];
	type: Attachment['type'];
	url: string;
}

function attachmentsOf({ attachment = [] }: { attachment?: GivenAttachment[] }): Attachment[] {
	return attachment.map(({ name, position, type, url }) => ({
		position,
		type,
		name,
		url: addressOf(url),
	}));
}

function callbackOf(url: string, data: JsonValue): Callback {
	return { endpoint: addressOf(url), data };
}

function menuPart(answer: MenuAnswer): Part {
	return { form: 'menu', answer: answer as unknown as JsonObject };
}

/** Where the fields of an answer to a bot menu are in the panel. */
const MENU_LABELS: FieldLabels = [
	[/^text$/, 'Text'],
	[/^items$/, 'Choices'],
	[/^items\[(\d+)\]\.text$/, 'Choice $1 > Text'],
	[/^items\[(\d+)\]\.callback\.endpoint$/, 'Choice $1 > Callback URL'],
	[/^items\[(\d+)\]\.callback\.data$/, 'Choice $1 > Callback Data'],
	[/^attachments\[(\d+)\]\.name$/, 'Attachment $1 > File Name'],
	[/^attachments\[(\d+)\]\.url$/, 'Attachment $1 > URL'],
	[/^callback\.endpoint$/, 'Callback URL'],
	[/^callback\.data$/, 'Callback Data'],
	[/^menuUUID$/, 'Menu UUID'],
	[/^(?:newTicket\.)?departmentUUID$/, 'Department UUID'],
	[/^newTicket\.userUUID$/, 'Agent UUID'],
];

const menuLabel = (field: string) => labelIn(MENU_LABELS, field);

export const directToMenu = answerOperation({
	name: 'Direct to Menu',
	value: 'directToMenu',
	action: 'Direct contact to bot menu',
	description: 'Show the contact another menu of SimplesDesk (for bot menus)',
	answers: ['botMenu'],
	parameters: [
		{
			displayName: 'Menu UUID',
			name: 'menuUuid',
			type: 'string',
			format: id,
			default: '',
			required: true,
			placeholder: 'e.g. 3f2b8c1e-5d4a-4c6b-9e7f-0a1b2c3d4e5f',
			description: 'ID of the menu in SimplesDesk',
		},
	],
	compose: ({ menuUuid }) => menuPart({ type: 'DIRECT_TO_MENU', menuUUID: menuUuid }),
	label: menuLabel,
});

export const information = answerOperation({
	name: 'Information',
	value: 'information',
	action: 'Give information in bot menu',
	description: 'Send the contact a text, and end the menu or open a ticket (for bot menus)',
	answers: ['botMenu'],
	parameters: [
		text,
		attachments,
		{
			displayName: 'Open Ticket',
			name: 'openTicket',
			type: 'boolean',
			default: false,
			description: 'Whether to also open a ticket for the contact',
		},
		{
			...departmentUuid,
			displayOptions: { show: { openTicket: [true] } },
		},
		{
			displayName: 'Agent UUID',
			name: 'userUuid',
			type: 'string',
			format: id,
			default: '',
			placeholder: 'e.g. 3f2b8c1e-5d4a-4c6b-9e7f-0a1b2c3d4e5f',
			description:
				'ID of the agent in SimplesDesk who gets the ticket. Leave empty for any agent of the department.',
			displayOptions: { show: { openTicket: [true] } },
		},
	],
	compose: ({ text, attachments, openTicket, departmentUuid = '', userUuid = '' }) =>
		menuPart({
			type: 'INFORMATION',
			text,
			attachments: attachmentsOf(attachments),
			...(openTicket
				? {
						newTicket: {
							departmentUUID: departmentUuid,
							...(userUuid === '' ? {} : { userUUID: userUuid }),
						},
					}
				: {}),
		}),
	label: menuLabel,
});

export const menu = answerOperation({
	name: 'Menu',
	value: 'menu',
	action: 'Show choices in bot menu',
	description:
		'Let the contact choose. The choices of several input items make one menu (for bot menus).',
	answers: ['botMenu'],
	parameters: [
		text,
		{
			displayName: 'Choices',
			name: 'choices',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, sortable: true },
			placeholder: 'Add Choice',
			default: {},
			description: 'Choices for the contact, numbered from 1 in this order',
			options: [
				{
					displayName: 'Choice',
					name: 'choice',
					values: [
						{
							displayName: 'Text',
							name: 'text',
							type: 'string',
							default: '',
							placeholder: 'e.g. Second copy of the invoice',
							description: 'What the contact reads beside the number',
						},
						callbackUrl,
						callbackData,
					],
				},
			],
		},
		attachments,
	],
	compose: ({ text, choices, attachments }) =>
		menuPart({
			type: 'MENU',
			text,
			attachments: attachmentsOf(attachments),
			items: (choices.choice ?? []).map((choice, position) => ({
				number: position + 1,
				text: choice.text,
				callback: callbackOf(choice.callbackUrl, choice.callbackData),
			})),
		}),
	label: menuLabel,
});

export const openCustomerService = answerOperation({
	name: 'Open Customer Service',
	value: 'openCustomerService',
	action: 'Open customer service from bot menu',
	description:
		'Hand the contact over to the agents of a department (for bot menus). Known from one integration only, not from a document.',
	answers: ['botMenu'],
	parameters: [departmentUuid, text],
	compose: ({ departmentUuid, text }) =>
		menuPart({ type: 'CREATE_CUSTOMER_SERVICE', departmentUUID: departmentUuid, text }),
	label: menuLabel,
});

export const question = answerOperation({
	name: 'Question',
	value: 'question',
	action: 'Ask question in bot menu',
	description: 'Ask the contact for a text, which arrives as a new request (for bot menus)',
	answers: ['botMenu'],
	parameters: [text, { ...callbackUrl, required: true }, callbackData, attachments],
	compose: ({ text, callbackUrl, callbackData, attachments }) =>
		menuPart({
			type: 'QUESTION',
			text,
			attachments: attachmentsOf(attachments),
			callback: callbackOf(callbackUrl, callbackData),
		}),
	label: menuLabel,
});
