import type { IDataObject } from 'n8n-workflow';
import { ProviderError } from '../../shared/errors';
import type { JsonObject, JsonValue } from '../../shared/json';
import { isJsonObject } from '../../shared/json';
import { limited } from '../../shared/parameters/limit';
import { RefusedCall } from '../api/callService';
import type { ConversationReference } from '../api/types';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { messageIn, messagesIn } from '../api/wire/messages';
import type { Message } from '../api/wire/messages';

/** Fields that several resources ask for, and how their answers become output. */

export const anyConversation = {
	displayName: 'Conversation',
	name: 'protocol',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	description:
		'Conversation by its protocol (protocolo), as in the events of the Voxfree Trigger. The list shows the active conversations of the agent.',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a conversation...',
			typeOptions: { searchListMethod: 'searchConversations', searchable: true },
		},
		{
			displayName: 'By Protocol',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 20231130303159',
		},
	],
} as const;

export const conversation = { ...anyConversation, required: true } as const;

export const details = {
	displayName: 'Conversation Details',
	name: 'details',
	type: 'collection',
	placeholder: 'Add Field',
	default: {},
	description:
		'What is left out is looked up among the active conversations of the agent. Given both IDs, nothing needs to be looked up.',
	options: [
		{
			displayName: 'Channel ID',
			name: 'channelId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 25',
			description: 'Channel (canal) that the conversation is on',
		},
		{
			displayName: 'Contact ID',
			name: 'contactId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 30',
			description: 'Contact of the conversation. Of a group conversation, the ID of the group.',
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
	displayName: 'Department',
	name: 'departmentId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	description: 'Department (departamento) that the agent belongs to',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a department...',
			typeOptions: { searchListMethod: 'searchDepartments', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 9',
		},
	],
} as const;

export const contact = {
	displayName: 'Contact',
	name: 'contactId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	description: 'Contact (contato) of the account',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a contact...',
			typeOptions: { searchListMethod: 'searchContacts', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 30',
		},
	],
} as const;

export const anyTemplate = {
	displayName: 'Template',
	name: 'templateId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	description:
		'Approved template (modelo) of the channel that the conversation is on. The list needs the conversation to be chosen first.',
	typeOptions: { loadOptionsDependsOn: ['protocol.value'] },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a template...',
			typeOptions: { searchListMethod: 'searchTemplates', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 80',
		},
	],
} as const;

export const template = { ...anyTemplate, required: true } as const;

export const wrapUpCode = {
	displayName: 'Wrap-Up Code',
	name: 'wrapUpCodeId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	description:
		'Reason (tabulação) that the conversation is finished with. Leave empty if the account works without.',
	typeOptions: { loadOptionsDependsOn: ['protocol.value'] },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a wrap-up code...',
			typeOptions: { searchListMethod: 'searchWrapUpCodes', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 22',
		},
	],
} as const;

export const simplify = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
} as const;

/** The conversation that the fields above name. */
export function referenceOf({
	protocol,
	details,
}: {
	protocol: string;
	details: { channelId?: string; contactId?: string; isGroup?: boolean };
}): ConversationReference {
	return { protocol, ...details };
}

/** Calls about one conversation keep their order. */
export const orderingKeyOf = ({ protocol }: { protocol: string }) => protocol;

/** Entries as output, in our words unless the user wants them as they came. */
export function listed(
	entries: readonly JsonObject[],
	values: { returnAll: boolean; limit: number | undefined; simplify: boolean },
	translateFields: (entry: JsonObject) => object,
): IDataObject[] {
	const wanted = limited(entries, values);
	return wanted.map((entry) => (values.simplify ? translateFields(entry) : entry) as IDataObject);
}

/** An answer as it came; what is no object stands in one. */
export function rawOutput(answer: JsonValue): IDataObject | IDataObject[] {
	if (Array.isArray(answer) && answer.every(isJsonObject)) return answer as IDataObject[];
	return isJsonObject(answer) ? (answer as IDataObject) : { value: answer };
}

/** What was done, and what Voxfree said besides. */
export function done(
	facts: IDataObject,
	answer: JsonValue,
	simplified: boolean,
): IDataObject | IDataObject[] {
	return simplified ? { success: true, ...facts } : rawOutput(answer);
}

/** A message as output: without what it does not have. */
export function messageOutput(entry: JsonObject): IDataObject {
	return present(messageIn(entry));
}

/** The message that an answer to a send brings back; without one, only that it went out. */
export function sentMessage(
	protocol: string,
	answer: JsonValue,
	simplified: boolean,
): IDataObject | IDataObject[] {
	if (!simplified) return rawOutput(answer);
	const sent = messagesIn(answer).at(-1);
	return { success: true, protocol, ...(sent === undefined ? {} : messageOutput(sent)) };
}

export function present(thing: object | Message): IDataObject {
	return Object.fromEntries(
		Object.entries(thing).filter(([, value]) => value !== undefined),
	) as IDataObject;
}

/**
 * Says what was not done and where to look, since Voxfree refuses most things with the same few words.
 *
 * @param advice sentences behind Voxfree's words
 */
export async function explained<T>(call: Promise<T>, message: string, advice: string): Promise<T> {
	return await call.catch((error: unknown) => {
		if (!(error instanceof RefusedCall)) throw error;
		throw new ProviderError(message, {
			...error,
			description: `${error.description ?? ''}. ${advice}`,
		});
	});
}

/** Sends a template. Which ones a conversation takes depends on its channel. */
export async function sendTemplate(
	voxfree: VoxfreeApi,
	protocol: string,
	templateId: string,
): Promise<JsonValue> {
	return await explained(
		voxfree.sendTemplate(protocol, templateId),
		"Voxfree did not send this 'Template'",
		"It has to be an approved template of the channel that the conversation is on, and the conversation one of your active ones. Choose 'Template' from the list again.",
	);
}
