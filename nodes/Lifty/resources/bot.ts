import { isJsonObject } from '../../shared/json';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import type { LiftyApi } from '../api/LiftyApi';
import { botId, botOf, checkBot, phoneNumber } from './fields';

const operation = operationsOf<LiftyApi>();

/** Items for one number keep their order, however the number is written. */
const orderingKeyOf = ({ phoneNumber }: { phoneNumber: string }) => phoneNumber;

export const bot: Resource<LiftyApi> = {
	name: 'Bot',
	value: 'bot',
	description: 'Whether the bot answers a number',
	operations: [
		operation({
			name: 'Pause',
			value: 'pause',
			action: 'Pause bot for number',
			description: 'Stop the bot from answering a number, for example while an agent does',
			parameters: [botId, phoneNumber],
			orderingKey: orderingKeyOf,
			check: checkBot,
			execute: async (lifty, { botId, phoneNumber }) => {
				const bot = botOf(lifty, botId);
				const answer = await lifty.pauseBot(bot, phoneNumber);
				return {
					botId: bot,
					phoneNumber,
					paused: true,
					answer: isJsonObject(answer) ? answer : { value: answer },
				};
			},
		}),
		operation({
			name: 'Resume',
			value: 'resume',
			action: 'Resume bot for number',
			description: 'Let the bot answer a number again',
			parameters: [botId, phoneNumber],
			orderingKey: orderingKeyOf,
			check: checkBot,
			execute: async (lifty, { botId, phoneNumber }) => {
				const bot = botOf(lifty, botId);
				const answer = await lifty.resumeBot(bot, phoneNumber);
				return {
					botId: bot,
					phoneNumber,
					paused: false,
					answer: isJsonObject(answer) ? answer : { value: answer },
				};
			},
		}),
	],
};
