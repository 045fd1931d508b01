import type { LiftyApi } from '../api/LiftyApi';

export const botId = {
	displayName: 'Bot ID',
	name: 'botId',
	type: 'string',
	default: '',
	placeholder: 'e.g. demo-bot-1',
	description:
		"Token of the bot, as in the address of its dashboard in Lifty. Leave empty for the credential's default bot.",
} as const;

/** The bot that an item is about. */
export function botOf(api: LiftyApi, named: string): string {
	return named.trim() || api.defaultBotId;
}

export const phoneNumber = {
	displayName: 'Phone Number',
	name: 'phoneNumber',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. +55 48 9999-1234',
	description:
		'In international form: country code (DDI), area code (DDD) and number. Blanks, dashes and brackets may stand between.',
} as const;
