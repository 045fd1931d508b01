import { invalidInput } from '../../shared/errors';
import { isJsonObject, kindOf } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { answerOperation } from '../answer/define';
import { addressOf, templateOf } from '../api/wire';
import { labelIn } from './labels';
import type { FieldLabels } from './labels';

const TEMPLATE_LABELS: FieldLabels = [
	[/^name$/, 'Template Name'],
	[/^language$/, 'Language'],
	[/^header\.parameters\[1\]\.value$/, 'Header > Text'],
	[/^body\.parameters\[(\d+)\]\.value$/, 'Body Texts $1'],
	[/^buttons\[(\d+)\]\.parameters\[1\]\.value$/, 'Button $1 > Text'],
];

/** The messages in a JSON parameter: a list of them, or a single one. */
function messagesIn(json: JsonValue): JsonValue[] {
	if (Array.isArray(json)) return json;
	if (isJsonObject(json)) return [json];
	throw invalidInput(
		`'Messages' needs a list of messages, but was given ${kindOf(json)}`,
		'Enter a JSON list such as [{"type": "TEXT", "value": "Hello!"}].',
	);
}

export const sendMessages = answerOperation({
	name: 'Send Messages',
	value: 'sendMessages',
	action: 'Send messages to contact',
	description:
		'Send texts, files, images and audio, in order (for scheduled messages of accounts connected by QR code)',
	answers: ['scheduledMessage'],
	parameters: [
		{
			displayName: 'Messages From',
			name: 'source',
			type: 'options',
			noDataExpression: true,
			default: 'list',
			description:
				'Where the messages come from. Those of all input items make one list, in their order.',
			options: [
				{
					name: 'Input Items',
					value: 'items',
					description: 'Each input item is a message',
				},
				{ name: 'JSON', value: 'json', description: 'A list in the format of SimplesDesk' },
				{
					name: 'List Below',
					value: 'list',
					description: 'The messages below, for each input item',
				},
			],
		},
		{
			displayName: 'Messages',
			name: 'messages',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, sortable: true },
			placeholder: 'Add Message',
			default: { message: [{ type: 'TEXT', text: '' }] },
			description: 'Messages for the contact, sent in this order',
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
							description: 'What the message consists of',
							options: [
								{ name: 'Audio', value: 'AUDIO', description: 'A voice message or other sound' },
								{ name: 'File', value: 'FILE', description: 'A document to download' },
								{
									name: 'Image',
									value: 'IMAGE',
									description: 'A picture that is shown in the chat',
								},
								{ name: 'Text', value: 'TEXT', description: 'Words and links' },
							],
						},
						{
							displayName: 'Text',
							name: 'text',
							type: 'string',
							typeOptions: { rows: 3 },
							default: '',
							placeholder: 'e.g. Hello! Here is your invoice.',
							description: 'Text for the contact',
							displayOptions: { show: { type: ['TEXT'] } },
						},
						{
							displayName: 'URL',
							name: 'url',
							type: 'string',
							default: '',
							placeholder: 'e.g. https://example.com/invoice.pdf',
							description: 'Address from which SimplesDesk can download the file without a login',
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
			// In the language of SimplesDesk's users: where nobody changed it, this is what the contact gets.
			default: '[\n  { "type": "TEXT", "value": "Olá!" }\n]',
			required: true,
			description:
				"List of messages in the format of SimplesDesk: each has a 'type' (TEXT, FILE, IMAGE or AUDIO) and a 'value', the text or the URL",
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
});

/** A message as it was entered, valid or not, with the letters of an address encoded. */
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

export const sendTemplate = answerOperation({
	name: 'Send Template',
	value: 'sendTemplate',
	action: 'Send template to contact',
	description:
		"Send an approved template (for scheduled messages of accounts on WhatsApp's official API)",
	answers: ['scheduledMessage'],
	parameters: [
		{
			displayName: 'Template Name',
			name: 'templateName',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. ticket_activated',
			description: 'Name of the approved template, as in SimplesDesk',
		},
		{
			displayName: 'Language',
			name: 'language',
			type: 'string',
			default: 'pt_BR',
			required: true,
			placeholder: 'e.g. pt_BR',
			description: 'Language in which the template was approved',
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
							placeholder: 'e.g. Invoice 4711',
							description: 'Text for the variable of the header',
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
			placeholder: 'e.g. Nathan',
			description:
				'Texts for the variables of the body, in order; as many as the template has variables',
		},
		{
			displayName: 'Buttons',
			name: 'buttons',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, sortable: true },
			placeholder: 'Add Button',
			default: {},
			description: 'All buttons of the template, in order',
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
							placeholder: 'e.g. orders/4711',
							description: 'Text for the variable of the button',
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
});
