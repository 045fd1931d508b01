import { limit, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { translateFields, TEMPLATE } from '../api/wire/vocabulary';
import {
	conversation,
	orderingKeyOf,
	listed,
	sendTemplate,
	sentMessage,
	simplify,
	template as templateField,
} from './fields';

const operation = operationsOf<VoxfreeApi>();

export const template: Resource<VoxfreeApi> = {
	name: 'Template',
	value: 'template',
	description:
		'An approved message (modelo) of official WhatsApp, which may be sent at any time and has to begin a conversation',
	defaultOperation: 'send',
	operations: [
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many templates',
			description: 'List the templates of the channel that a conversation is on',
			parameters: [conversation, returnAll, limit, simplify],
			execute: async (voxfree, { protocol, ...values }) =>
				listed(await voxfree.getTemplates(protocol), values, (entry) =>
					translateFields(entry, TEMPLATE),
				),
		}),
		operation({
			name: 'Send',
			value: 'send',
			action: 'Send template',
			description:
				'Send a template to the contact of a conversation: the first message on official WhatsApp, or one more than 24 hours after the last of the contact',
			parameters: [conversation, templateField, simplify],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, { protocol, templateId, simplify }) =>
				sentMessage(protocol, await sendTemplate(voxfree, protocol, templateId), simplify),
		}),
	],
};
