import { invalidInput } from '../../shared/errors';
import { internationalPhoneNumber } from '../../shared/phoneNumber';
import { checkedBotId } from '../api/LiftyApi';
import type { LiftyApi } from '../api/LiftyApi';

export const botId = {
	displayName: 'Bot ID',
	name: 'botId',
	type: 'string',
	format: checkedBotId,
	default: '',
	placeholder: 'e.g. demo-bot-1',
	description:
		'Token of the bot, as in the address of its dashboard in Lifty. Leave empty to use the default bot of the credential.',
} as const;

/**
 * The bot that an item is about.
 *
 * @throws ProviderError (`invalid`) if neither the item nor the credential names one that can exist
 */
export function botOf(api: LiftyApi, named: string): string {
	const bot = named || api.defaultBotId;
	if (bot !== '') return checkedBotId(bot);
	throw invalidInput("'Bot ID' is empty", 'Enter it, or set a Default Bot ID in the credential.');
}

/** Every operation with a bot needs one, from the item or the credential. */
export function checkBot({ botId }: { botId: string }, api: LiftyApi): void {
	botOf(api, botId);
}

export const phoneNumber = {
	displayName: 'Phone Number',
	name: 'phoneNumber',
	type: 'string',
	format: internationalPhoneNumber,
	default: '',
	required: true,
	placeholder: 'e.g. +55 48 9999-1234',
	description:
		'International format: country code (DDI), area code (DDD) and number. Spaces, dashes and brackets are allowed.',
} as const;
