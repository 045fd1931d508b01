import { invalidInput } from '../../shared/errors';
import { resourceLocator } from '../../shared/parameters/builders';
import type { ConversationReference } from '../api/types';

/** Parameters that several resources have. */

/** All sample IDs are digits. Letters pass as well; anything else is a mistake. */
const NOT_AN_ID = /[^\p{L}\p{N}_.@-]|^\.+$/u;

/** The format of a field for an ID of Voxfree. */
export function voxfreeId(text: string, label: string): string {
	if (!NOT_AN_ID.test(text)) return text;
	throw invalidInput(
		`'${label}' is not an ID of Voxfree`,
		'IDs are digits, without spaces, slashes or other characters.',
	);
}

const locator = {
	displayName: 'Conversation',
	name: 'protocol',
	description:
		"Conversation by its protocol (protocolo): 'protocol' in the output of the Voxfree Trigger. The list shows the active conversations of the agent.",
	item: 'a conversation',
	idName: 'Protocol',
	example: '20231130303159',
	format: voxfreeId,
	searchListMethod: 'searchConversations',
} as const;

export const anyConversation = resourceLocator(locator);

export const conversation = { ...anyConversation, required: true } as const;

/** For lists that Voxfree only gives out for a conversation. */
export const conversationOfList = {
	...conversation,
	description:
		"Voxfree lists these by conversation: what is available depends on its department and channel. Use 'protocol' in the output of the Voxfree Trigger.",
} as const;

/** Conversations in the queue are what people open most. */
export const conversationToOpen = {
	...resourceLocator({
		...locator,
		description:
			"Conversation by its protocol (protocolo): 'protocol' in the output of the Voxfree Trigger. The list shows the waiting conversations, and the active ones of the agent.",
		searchListMethod: 'searchConversationsToOpen',
	}),
	required: true,
} as const;

export const details = {
	displayName: 'Conversation Details',
	name: 'details',
	type: 'collection',
	placeholder: 'Add Field',
	default: {},
	description:
		'The node looks up what you leave out among the active conversations of the agent. With both IDs, it looks up nothing.',
	options: [
		{
			displayName: 'Channel ID',
			name: 'channelId',
			type: 'string',
			format: voxfreeId,
			default: '',
			placeholder: 'e.g. 25',
			description:
				"Channel (canal) of the conversation: 'channelId' in the output of the Voxfree Trigger",
		},
		{
			displayName: 'Contact ID',
			name: 'contactId',
			type: 'string',
			format: voxfreeId,
			default: '',
			placeholder: 'e.g. 30',
			description:
				"Contact of the conversation: 'contactId' in the output of the Voxfree Trigger. For a group conversation, the ID of the group.",
		},
		{
			displayName: 'Is Group',
			name: 'isGroup',
			type: 'boolean',
			default: false,
			description: 'Whether it is a group conversation',
		},
	],
} as const;

export const department = {
	...resourceLocator({
		displayName: 'Department',
		name: 'departmentId',
		description:
			"Department (departamento) that the agent belongs to: 'departmentId' in the output of Department: Get Many",
		item: 'a department',
		example: '9',
		format: voxfreeId,
		searchListMethod: 'searchDepartments',
	}),
	required: true,
} as const;

export const contact = {
	...resourceLocator({
		displayName: 'Contact',
		name: 'contactId',
		description:
			"Contact (contato) of the account: 'contactId' in the output of the Voxfree Trigger or of Contact: Get Many",
		item: 'a contact',
		example: '30',
		format: voxfreeId,
		searchListMethod: 'searchContacts',
	}),
	required: true,
} as const;

export const anyTemplate = resourceLocator({
	displayName: 'Template',
	name: 'templateId',
	description:
		"Approved template (modelo) of the conversation's channel: 'templateId' in the output of Template: Get Many. To see the list, choose the conversation first.",
	item: 'a template',
	example: '80',
	format: voxfreeId,
	searchListMethod: 'searchTemplates',
	dependsOn: ['protocol.value'],
});

export const wrapUpCode = resourceLocator({
	displayName: 'Wrap-Up Code',
	name: 'wrapUpCodeId',
	description:
		"Reason (tabulação) for finishing the conversation: 'wrapUpCodeId' in the output of Wrap-Up Code: Get Many. Leave empty if the account does not use any.",
	item: 'a wrap-up code',
	example: '22',
	format: voxfreeId,
	searchListMethod: 'searchWrapUpCodes',
	dependsOn: ['protocol.value'],
});

/** The department as an option, where most calls do without it. */
export const departmentOption = {
	displayName: 'Department ID',
	name: 'departmentId',
	type: 'string',
	format: voxfreeId,
	default: '',
	placeholder: 'e.g. 9',
} as const;

export const simplify = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
} as const;

/** The conversation that the parameters above describe. */
export function referenceOf({
	protocol,
	details,
}: {
	protocol: string;
	details: { channelId?: string; contactId?: string; isGroup?: boolean };
}): ConversationReference {
	return { protocol, ...details };
}

/** Items of one conversation keep their order. */
export const orderingKeyOf = ({ protocol }: { protocol: string }) => protocol;

export const replyTo = {
	displayName: 'Reply to Message ID',
	name: 'replyToMessageId',
	type: 'string',
	format: voxfreeId,
	default: '',
	placeholder: 'e.g. 17808798',
	description:
		"Message to reply to and quote: its 'messageId' in the output of other operations, not its WhatsApp ID",
} as const;
