import { invalidInput } from '../../shared/errors';
import { isJsonObject, kindOf } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { answerOperation } from './answering';
import type { AnswerResource, Part } from './answering';
import { addressOf, templateOf } from '../api/wire';
import type { Attachment, Callback, MenuAnswer } from '../api/wire';

const text = {
	displayName: 'Text',
	name: 'text',
	type: 'string',
	typeOptions: { rows: 3 },
	default: '',
	required: true,
	description: 'What the contact reads',
} as const;

const attachments = {
	displayName: 'Attachments',
	name: 'attachments',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true },
	placeholder: 'Add Attachment',
	default: {},
	description: 'Files that go with the text',
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
					placeholder: 'e.g. boleto.pdf',
				},
				{
					displayName: 'Position',
					name: 'position',
					type: 'options',
					default: 'AFTER',
					options: [
						{ name: 'After Text', value: 'AFTER' },
						{ name: 'Before Text', value: 'BEFORE' },
					],
				},
				{
					displayName: 'Type',
					name: 'type',
					type: 'options',
					default: 'DOCUMENT',
					options: [
						{ name: 'Document', value: 'DOCUMENT' },
						{ name: 'Image', value: 'IMAGE' },
					],
				},
				{
					displayName: 'URL',
					name: 'url',
					type: 'string',
					default: '',
					placeholder: 'e.g. https://example.com/boleto.pdf',
					description: 'Where SimplesDesk fetches the file, without a login',
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
		"Where the contact's reply goes: the production URL of a SimplesDesk Trigger, with its secret if it asks for one in the URL",
} as const;

const callbackData = {
	displayName: 'Callback Data',
	name: 'callbackData',
	type: 'json',
	default: '{}',
	description:
		"An object that comes back as 'data' with the contact's reply, so that the workflow knows what was asked",
} as const;

const departmentUuid = {
	displayName: 'Department UUID',
	name: 'departmentUuid',
	type: 'string',
	default: '',
	required: true,
	description: 'Department (departamento) whose agents take over',
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

/** The places of a bot menu's fields in the panel, by their path on the wire. */
const MENU_LABELS: ReadonlyArray<readonly [RegExp, string]> = [
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

const TEMPLATE_LABELS: ReadonlyArray<readonly [RegExp, string]> = [
	[/^name$/, 'Template Name'],
	[/^language$/, 'Language'],
	[/^header\.parameters\[1\]\.value$/, 'Header > Text'],
	[/^body\.parameters\[(\d+)\]\.value$/, 'Body Texts $1'],
	[/^buttons\[(\d+)\]\.parameters\[1\]\.value$/, 'Button $1 > Text'],
];

function labelIn(labels: ReadonlyArray<readonly [RegExp, string]>, field: string): string {
	const found = labels.find(([pattern]) => pattern.test(field));
	return found === undefined ? field : field.replace(found[0], found[1]);
}

const menuLabel = (field: string) => labelIn(MENU_LABELS, field);

/** The messages in a JSON parameter: a list of them, or a single one. */
function messagesIn(json: JsonValue): JsonValue[] {
	if (Array.isArray(json)) return json;
	if (isJsonObject(json)) return [json];
	throw invalidInput(
		`'Messages' needs a list of messages, but was given ${kindOf(json)}`,
		'Enter a JSON list such as [{"type": "TEXT", "value": "Olá!"}].',
	);
}

export const answer: AnswerResource = {
	name: 'Answer',
	value: 'answer',
	description: 'What the contact gets for the call that started the workflow',
	defaultOperation: 'sendMessages',
	operations: [
		answerOperation({
			name: 'Direct to Menu',
			value: 'directToMenu',
			action: 'Direct contact to bot menu',
			description: "Show the contact another of SimplesDesk's own menus (for bot menus)",
			answers: ['botMenu'],
			parameters: [
				{
					displayName: 'Menu UUID',
					name: 'menuUuid',
					type: 'string',
					default: '',
					required: true,
					description: 'The menu to show, as SimplesDesk identifies it',
				},
			],
			compose: ({ menuUuid }) => menuPart({ type: 'DIRECT_TO_MENU', menuUUID: menuUuid.trim() }),
			label: menuLabel,
		}),
		answerOperation({
			name: 'Information',
			value: 'information',
			action: 'Give information in bot menu',
			description: 'Tell the contact something and end there, or open a ticket (for bot menus)',
			answers: ['botMenu'],
			parameters: [
				text,
				attachments,
				{
					displayName: 'Open Ticket',
					name: 'openTicket',
					type: 'boolean',
					default: false,
					description: 'Whether to open a ticket for the contact as well',
				},
				{
					...departmentUuid,
					displayOptions: { show: { openTicket: [true] } },
				},
				{
					displayName: 'Agent UUID',
					name: 'userUuid',
					type: 'string',
					default: '',
					description: 'Agent who gets the ticket. Empty for any one of the department.',
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
									departmentUUID: departmentUuid.trim(),
									...(userUuid.trim() === '' ? {} : { userUUID: userUuid.trim() }),
								},
							}
						: {}),
				}),
			label: menuLabel,
		}),
		answerOperation({
			name: 'Menu',
			value: 'menu',
			action: 'Show choices in bot menu',
			description:
				'Let the contact choose. Choices of several input items make one menu (for bot menus).',
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
					description: 'What the contact can choose, numbered from 1 in this order',
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
									placeholder: 'e.g. Segunda via do boleto',
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
		}),
		answerOperation({
			name: 'Open Customer Service',
			value: 'openCustomerService',
			action: 'Open customer service from bot menu',
			description:
				'Hand the contact over to the agents of a department (for bot menus). Known from one integration only, not from a document.',
			answers: ['botMenu'],
			parameters: [departmentUuid, text],
			compose: ({ departmentUuid, text }) =>
				menuPart({ type: 'CREATE_CUSTOMER_SERVICE', departmentUUID: departmentUuid.trim(), text }),
			label: menuLabel,
		}),
		answerOperation({
			name: 'Question',
			value: 'question',
			action: 'Ask question in bot menu',
			description: 'Ask the contact for a text, which comes as a new call (for bot menus)',
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
		}),
		answerOperation({
			name: 'Send Messages',
			value: 'sendMessages',
			action: 'Send messages to contact',
			description:
				'Texts, files, images and audio, in order (for scheduled messages of accounts connected by QR code)',
			answers: ['scheduledMessage'],
			parameters: [
				{
					displayName: 'Messages From',
					name: 'source',
					type: 'options',
					noDataExpression: true,
					default: 'list',
					description: 'Messages of all input items make one list, in their order',
					options: [
						{
							name: 'Input Items',
							value: 'items',
							description: 'Each input item is a message',
						},
						{ name: 'JSON', value: 'json', description: 'A list as SimplesDesk wants it' },
						{
							name: 'List Below',
							value: 'list',
							description: 'For each input item, the messages that you enter here',
						},
					],
				},
				{
					displayName: 'Messages',
					name: 'messages',
					type: 'fixedCollection',
					typeOptions: { multipleValues: true, sortable: true },
					placeholder: 'Add Message',
					default: {},
					displayOptions: { show: { source: ['list'] } },
					options: [
						{
							displayName: 'Message',
							name: 'message',
							values: [
								{
									displayName: 'Type',
									name: 'type',
									type: 'options',
									default: 'TEXT',
									options: [
										{ name: 'Audio', value: 'AUDIO' },
										{ name: 'File', value: 'FILE' },
										{ name: 'Image', value: 'IMAGE' },
										{ name: 'Text', value: 'TEXT' },
									],
								},
								{
									displayName: 'Text',
									name: 'text',
									type: 'string',
									typeOptions: { rows: 3 },
									default: '',
									placeholder: 'e.g. Olá! Segue seu boleto.',
									displayOptions: { show: { type: ['TEXT'] } },
								},
								{
									displayName: 'URL',
									name: 'url',
									type: 'string',
									default: '',
									placeholder: 'e.g. https://example.com/boleto.pdf',
									description: 'Where SimplesDesk fetches the file, without a login',
									displayOptions: { show: { type: ['AUDIO', 'FILE', 'IMAGE'] } },
								},
							],
						},
					],
				},
				{
					displayName: 'Type Field',
					name: 'typeField',
					type: 'string',
					default: 'type',
					required: true,
					description: 'Field of each item that holds TEXT, FILE, IMAGE or AUDIO',
					displayOptions: { show: { source: ['items'] } },
				},
				{
					displayName: 'Value Field',
					name: 'valueField',
					type: 'string',
					default: 'value',
					required: true,
					description: 'Field of each item that holds the text, or the URL of the file',
					displayOptions: { show: { source: ['items'] } },
				},
				{
					displayName: 'Messages',
					name: 'json',
					type: 'json',
					typeOptions: { rows: 6 },
					default: '[\n  { "type": "TEXT", "value": "Olá!" }\n]',
					required: true,
					displayOptions: { show: { source: ['json'] } },
				},
			],
			compose({ source, messages, typeField = 'type', valueField = 'value', json }, item) {
				if (source === 'json') return { form: 'list', messages: messagesIn(json ?? null) };
				if (source === 'items') {
					const type = fieldOf(item.json as JsonObject, typeField);
					const value = fieldOf(item.json as JsonObject, valueField);
					return { form: 'list', messages: [plainMessage(type, value)] };
				}
				const listed = messages?.message ?? [];
				return {
					form: 'list',
					messages: listed.map(({ type, text, url }) =>
						plainMessage(type, (type === 'TEXT' ? text : url) ?? ''),
					),
				};
			},
			label(field, { source, typeField = 'type', valueField = 'value' }, message) {
				if (source === 'json') return field;
				if (source === 'items') return { type: typeField, value: valueField }[field] ?? field;
				const type = isJsonObject(message) ? message.type : undefined;
				return { type: 'Type', value: type === 'TEXT' ? 'Text' : 'URL' }[field] ?? field;
			},
		}),
		answerOperation({
			name: 'Send Nothing',
			value: 'sendNothing',
			action: 'Send nothing to contact',
			description: 'End a branch in which the contact is to get no message',
			answers: ['botMenu', 'scheduledMessage'],
			parameters: [
				{
					displayName:
						"SimplesDesk's document knows no answer that means 'send nothing': only that nothing is sent when an integration fails. So this answers with an error status on purpose, which stands as a failure in SimplesDesk's report. In a bot menu the contact gets the initial menu.",
					name: 'statusNotice',
					type: 'notice',
					default: '',
					displayOptions: { show: { as: ['error'] } },
				},
				{
					displayName:
						'An empty list is not described by SimplesDesk. Try with your account whether it is taken as no message.',
					name: 'emptyNotice',
					type: 'notice',
					default: '',
					displayOptions: { show: { as: ['emptyList'] } },
				},
				{
					displayName: 'Answer With',
					name: 'as',
					type: 'options',
					default: 'error',
					options: [
						{
							name: 'Empty List',
							value: 'emptyList',
							description: 'Status 200 and []: not in the document',
						},
						{
							name: 'Error Status',
							value: 'error',
							description: 'Status 422: by the document, nothing is sent then',
						},
					],
				},
				{
					displayName: 'Reason',
					name: 'reason',
					type: 'string',
					default: '',
					placeholder: 'e.g. The invoice has been paid',
					description: "Goes with the answer, for whoever reads SimplesDesk's report",
					displayOptions: { show: { as: ['error'] } },
				},
			],
			compose: ({ as, reason = '' }) =>
				as === 'emptyList'
					? { form: 'nothing', status: 200, body: [] }
					: {
							form: 'nothing',
							// A 5xx invites callers to try again.
							status: 422,
							body: { message: reason.trim() || 'The workflow decided to send nothing' },
						},
			label: (field) => field,
		}),
		answerOperation({
			name: 'Send Template',
			value: 'sendTemplate',
			action: 'Send template to contact',
			description:
				"An approved template (for scheduled messages of accounts on WhatsApp's official API)",
			answers: ['scheduledMessage'],
			parameters: [
				{
					displayName: 'Template Name',
					name: 'templateName',
					type: 'string',
					default: '',
					required: true,
					placeholder: 'e.g. ticket_activated',
				},
				{
					displayName: 'Language',
					name: 'language',
					type: 'string',
					default: 'pt_BR',
					required: true,
					placeholder: 'e.g. pt_BR',
					description: 'Language that the template was approved in',
				},
				{
					displayName: 'Header',
					name: 'header',
					type: 'fixedCollection',
					placeholder: 'Add Header Text',
					default: {},
					description: 'Only for a template whose header has a variable',
					options: [
						{
							displayName: 'Header',
							name: 'variable',
							values: [
								{
									displayName: 'Text',
									name: 'text',
									type: 'string',
									default: '',
									description: "What stands for the header's variable",
								},
							],
						},
					],
				},
				{
					displayName: 'Body Texts',
					name: 'bodyTexts',
					type: 'string',
					typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Text' },
					default: [],
					description:
						"What stands for the body's variables, in their order: as many texts as the template has variables",
				},
				{
					displayName: 'Buttons',
					name: 'buttons',
					type: 'fixedCollection',
					typeOptions: { multipleValues: true, sortable: true },
					placeholder: 'Add Button',
					default: {},
					description: 'As many as the template has, in their order',
					options: [
						{
							displayName: 'Button',
							name: 'button',
							values: [
								{
									displayName: 'Has Variable',
									name: 'hasVariable',
									type: 'boolean',
									default: true,
									description: 'Whether the button has a variable, such as the end of its link',
								},
								{
									displayName: 'Text',
									name: 'text',
									type: 'string',
									default: '',
									description: "What stands for the button's variable",
									displayOptions: { show: { hasVariable: [true] } },
								},
							],
						},
					],
				},
			],
			compose: ({ templateName, language, header, bodyTexts, buttons }) => ({
				form: 'list',
				messages: [
					templateOf({
						name: templateName.trim(),
						language: language.trim(),
						header: header.variable?.text,
						body: bodyTexts,
						buttons: (buttons.button ?? []).map(({ hasVariable, text }) =>
							hasVariable ? text : undefined,
						),
					}) as unknown as JsonObject,
				],
			}),
			label: (field) => labelIn(TEMPLATE_LABELS, field),
		}),
	],
};

/** A message as it was given, right or not; of addresses, the letters encoded. */
function plainMessage(type: JsonValue, value: JsonValue): JsonObject {
	const isAddress = (['AUDIO', 'FILE', 'IMAGE'] as JsonValue[]).includes(type);
	return { type, value: isAddress && typeof value === 'string' ? addressOf(value) : value };
}

function fieldOf(json: JsonObject, name: string): JsonValue {
	const value = Object.hasOwn(json, name) ? json[name] : undefined;
	if (value !== undefined) return value;
	throw invalidInput(
		`The item has no field '${name}'`,
		"Set 'Type Field' and 'Value Field' to fields that every input item has.",
	);
}
