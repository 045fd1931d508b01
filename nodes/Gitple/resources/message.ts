import type { IDataObject } from 'n8n-workflow';
import { invalidInput } from '../../shared/errors';
import { isJsonObject } from '../../shared/json';
import type { JsonValue } from '../../shared/json';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import { id, optionsCollection } from '../../shared/parameters/builders';
import type { ValuesOf } from '../../shared/parameters/types';
import { questionOptions, questionParameters } from '../../shared/sendAndWait/parameters';
import { askAndWait, checkQuestion } from '../../shared/sendAndWait/wait';
import type { GitpleApi, Recipient } from '../api/GitpleApi';
import type { ContentPart } from '../api/wire';

const operation = operationsOf<GitpleApi>();

const text = {
	displayName: 'Text',
	name: 'text',
	type: 'string',
	typeOptions: { rows: 3 },
	default: '',
	placeholder: 'e.g. Your order has been shipped',
	description: 'Text for the user',
} as const;

const buttons = {
	displayName: 'Buttons',
	name: 'buttons',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Button',
	default: {},
	description: 'Buttons below the text, each of which opens a URL',
	options: [
		{
			displayName: 'Button',
			name: 'button',
			values: [
				{
					displayName: 'Label',
					name: 'label',
					type: 'string',
					default: '',
					required: true,
					placeholder: 'e.g. Track the parcel',
					description: 'Text on the button',
				},
				{
					displayName: 'URL',
					name: 'url',
					type: 'string',
					default: '',
					required: true,
					placeholder: 'e.g. https://example.com/orders/12',
					description: 'Address that the button opens, starting with https://',
				},
			],
		},
	],
} as const;

const linkText = {
	displayName: 'Link Text',
	name: 'linkText',
	type: 'string',
	default: '',
	placeholder: 'e.g. Our opening hours',
	description: 'Text to show instead of the URL',
} as const;

const linkUrl = {
	displayName: 'Link URL',
	name: 'linkUrl',
	type: 'string',
	default: '',
	placeholder: 'e.g. https://example.com',
	description: 'URL of a link after the text',
} as const;

const recipient = {
	displayName: 'User Identifier',
	name: 'recipientId',
	type: 'string',
	format: id,
	default: '',
	required: true,
	placeholder: 'e.g. customer-12',
	description:
		"ID of the user in your own system ('identifier' in the events of Gitple), or the email address of an anonymous user",
} as const;

const anonymous = {
	displayName: 'Anonymous User',
	name: 'anonymous',
	type: 'boolean',
	default: false,
	description: 'Whether the user is not logged in',
} as const;

const language = {
	displayName: 'Language',
	name: 'language',
	type: 'options',
	default: 'en',
	description: 'Language of the text that Gitple adds',
	options: [
		{ name: 'Chinese', value: 'zh', description: 'For users who read Chinese' },
		{ name: 'English', value: 'en', description: 'For users who read English' },
		{ name: 'Japanese', value: 'ja', description: 'For users who read Japanese' },
		{ name: 'Korean', value: 'ko', description: 'For users who read Korean' },
		{ name: 'Vietnamese', value: 'vi', description: 'For users who read Vietnamese' },
	],
} as const;

const parameters = [
	recipient,
	{ ...text, required: true },
	buttons,
	optionsCollection([
		anonymous,
		{
			displayName: 'Further Parts',
			name: 'furtherParts',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Part',
			default: {},
			description: 'Parts after the text, in the same message',
			options: [
				{
					displayName: 'Part',
					name: 'part',
					values: [text, linkText, linkUrl, buttons],
				},
			],
		},
		language,
		linkText,
		linkUrl,
	]),
] as const;

type Values = ValuesOf<typeof parameters>;

interface Part {
	text: string;
	linkText?: string;
	linkUrl?: string;
	buttons: Values['buttons'];
}

/** The parts of a message, starting with its text. */
function contentOf({ text, buttons, options }: Values): ContentPart[] {
	const { linkText, linkUrl, furtherParts } = options;
	return [{ text, linkText, linkUrl, buttons }, ...(furtherParts?.part ?? [])].map(contentPart);
}

function contentPart({ text, linkText = '', linkUrl = '', buttons }: Part): ContentPart {
	if (linkUrl === '' && linkText !== '') {
		throw invalidInput("'Link Text' needs a 'Link URL'", 'Enter the URL, or remove the text.');
	}
	const part: ContentPart = {};
	if (text !== '') part.t = text;
	if (linkUrl !== '') part.l = { u: linkUrl, ...(linkText === '' ? {} : { m: linkText }) };
	if (buttons.button !== undefined && buttons.button.length > 0) {
		part.a = buttons.button.map(({ label, url }) => ({
			p: 'button',
			t: label,
			c: { l: { u: url } },
		}));
	}
	if (Object.keys(part).length === 0) {
		throw invalidInput(
			"A part in 'Further Parts' is empty",
			'Add a text, a link or a button, or remove the part.',
		);
	}
	return part;
}

function recipientOf({
	recipientId,
	options,
}: {
	recipientId: string;
	options: Pick<Values['options'], 'anonymous' | 'language'>;
}): Recipient {
	return {
		identifier: recipientId,
		anonymous: options.anonymous ?? false,
		language: options.language ?? 'en',
	};
}

/** The recipient and Gitple's answer; the answers are not documented. */
function outcome({ recipientId }: Values, answer: JsonValue): IDataObject {
	return {
		identifier: recipientId,
		answer: isJsonObject(answer) ? answer : { value: answer },
	};
}

/** Messages to one user keep their order. */
const orderingKeyOf = ({ recipientId }: { recipientId: string }) => recipientId;

export const message: Resource<GitpleApi> = {
	name: 'Message',
	value: 'message',
	description: 'A message to a user',
	defaultOperation: 'sendMessage',
	operations: [
		operation({
			name: 'Send and Wait for Response',
			value: 'sendAndWait',
			action: 'Send message and wait for response',
			description:
				'Send a question to a user, with a button that opens a page for the answer, and wait for it',
			runsOnce: true,
			parameters: [
				recipient,
				...questionParameters,
				optionsCollection([anonymous, language, ...questionOptions]),
			],
			orderingKey: orderingKeyOf,
			check: (values, _api, context) => checkQuestion(values, context),
			execute: async (gitple, values, context) =>
				await askAndWait(context, values, async ({ message, label, url }) => {
					const buttons = { button: [{ label, url }] };
					const content = [contentPart({ text: message, buttons })];
					return await gitple.sendMessage(recipientOf(values), content);
				}),
		}),
		operation({
			name: 'Send Message',
			value: 'sendMessage',
			action: 'Send message to user',
			description: 'Send a message to a user in the chat',
			parameters,
			orderingKey: orderingKeyOf,
			check: contentOf,
			execute: async (gitple, values) =>
				outcome(values, await gitple.sendMessage(recipientOf(values), contentOf(values))),
		}),
		operation({
			name: 'Send Notification',
			value: 'sendNotification',
			action: 'Send notification to user',
			description: 'Show a notification to a user',
			parameters,
			orderingKey: orderingKeyOf,
			check: contentOf,
			execute: async (gitple, values) =>
				outcome(values, await gitple.sendNotification(recipientOf(values), contentOf(values))),
		}),
	],
};
