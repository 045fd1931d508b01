import { invalidInput } from '../../shared/errors';
import type { LiftyApi } from '../api/LiftyApi';

export const botId = {
	displayName: 'Bot ID',
	name: 'botId',
	type: 'string',
	default: '',
	placeholder: 'e.g. demo-bot-1',
	description:
		'Token of the bot, as in the address of its dashboard in Lifty. Leave empty to use the default bot of the credential.',
} as const;

/**
 * The bot that an item is about.
 *
 * @throws ProviderError (`invalid`) if neither the item nor the credential names one
 */
export function botOf(api: LiftyApi, named: string): string {
	const bot = named.trim() || api.defaultBotId;
	if (bot !== '') return bot;
	throw invalidInput(
		"'Bot ID' is empty",
		'Enter it, or set a Default Bot ID in the credential. Nothing was sent.',
	);
}

export const phoneNumber = {
	displayName: 'Phone Number',
	name: 'phoneNumber',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. +55 48 9999-1234',
	description:
		'International format: country code (DDI), area code (DDD) and number. Spaces, dashes and brackets are allowed.',
} as const;
