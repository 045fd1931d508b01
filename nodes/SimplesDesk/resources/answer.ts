import type { AnswerResource } from '../answer/define';
import { directToMenu, information, menu, openCustomerService, question } from './botMenu';
import { sendMessages, sendTemplate } from './scheduledMessage';
import { sendNothing } from './sendNothing';

export const answer: AnswerResource = {
	name: 'Answer',
	value: 'answer',
	description: 'What the contact gets for the request that started the workflow',
	defaultOperation: 'sendMessages',
	operations: [
		directToMenu,
		information,
		menu,
		openCustomerService,
		question,
		sendMessages,
		sendNothing,
		sendTemplate,
	],
};
