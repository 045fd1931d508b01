import type { JsonValue } from '../../shared/json';
import { operationsOf } from '../../shared/operation/define';
import { listOptions } from '../../shared/operation/listItems';
import type { Resource } from '../../shared/operation/define';
import { limit, returnAll } from '../../shared/parameters/limit';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { TEMPLATE, translateFields } from '../api/wire/vocabulary';
import { withAdvice } from './advice';
import { listOutput, sentMessageOutput } from './outputs';
import {
	anyTemplate,
	conversation,
	conversationOfList,
	orderingKeyOf,
	simplify,
} from './parameters';

const operation = operationsOf<VoxfreeApi>();

/** Sends a template. Which ones a conversation accepts depends on its channel. */
export async function sendTemplate(
	voxfree: VoxfreeApi,
	protocol: string,
	templateId: string,
): Promise<JsonValue> {
	return await withAdvice(
		voxfree.sendTemplate(protocol, templateId),
		"Voxfree did not send this 'Template'",
		"Use an approved template of the conversation's channel, and one of your active conversations. Choose 'Template' from the list again.",
	);
}

export const template: Resource<VoxfreeApi> = {
	name: 'Template',
	value: 'template',
	description:
		'An approved message (modelo) of official WhatsApp, which may be sent at any time and must be the first one of a conversation',
	defaultOperation: 'send',
	operations: [
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many templates',
			description: "List the templates of the conversation's channel",
			parameters: [conversationOfList, returnAll, limit, listOptions, simplify],
			execute: async (voxfree, { protocol, ...values }, context) =>
				listOutput(voxfree.getTemplates(protocol), values, context, (entry) =>
					translateFields(entry, TEMPLATE),
				),
		}),
		operation({
			name: 'Send',
			value: 'send',
			action: 'Send template to contact',
			description:
				"Send a template to the contact of a conversation. On official WhatsApp, the first message must be a template, and so must any message later than 24 hours after the contact's last one.",
			parameters: [conversation, { ...anyTemplate, required: true }, simplify],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, { protocol, templateId, simplify }) =>
				sentMessageOutput(protocol, await sendTemplate(voxfree, protocol, templateId), simplify),
		}),
	],
};
