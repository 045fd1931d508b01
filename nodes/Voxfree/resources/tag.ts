import type { JsonValue } from '../../shared/json';
import { isJsonObject } from '../../shared/json';
import { limit, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { field, textOf } from '../api/wire/fields';
import { translateFields, TAG } from '../api/wire/vocabulary';
import {
	anyConversation,
	conversation,
	done,
	explained,
	orderingKeyOf,
	listed,
	present,
	simplify,
} from './fields';

const operation = operationsOf<VoxfreeApi>();

const tagId = {
	displayName: 'Tag',
	name: 'tagId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	description: 'Tag by its ID. The list needs the conversation to be chosen first.',
	typeOptions: { loadOptionsDependsOn: ['protocol.value'] },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a tag...',
			typeOptions: { searchListMethod: 'searchTags', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 53',
		},
	],
} as const;

const tagName = {
	displayName: 'Tag Name',
	name: 'name',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. Second invoice',
} as const;

const tagsConversation = {
	...anyConversation,
	description:
		"Conversation that the tag's department is taken from. The document shows one in every tag call, but not whether it is needed here.",
} as const;

const options = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Department ID',
			name: 'departmentId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 9',
			description: 'Department that the tag belongs to',
		},
	],
} as const;

async function onlyOwn(change: Promise<JsonValue>): Promise<JsonValue> {
	return await explained(
		change,
		'Voxfree did not change the tag',
		'Only tags that the agent of this credential has made can be changed or deleted, and only while they exist.',
	);
}

async function onConversation(change: Promise<JsonValue>): Promise<JsonValue> {
	return await explained(
		change,
		"Voxfree did not take this 'Tag' for this 'Conversation'",
		'The tag may have been deleted, or belong to another agent or department. Choose it from the list again.',
	);
}

export const tag: Resource<VoxfreeApi> = {
	name: 'Tag',
	value: 'tag',
	description: 'A label on conversations',
	defaultOperation: 'attach',
	operations: [
		operation({
			name: 'Attach to Conversation',
			value: 'attach',
			action: 'Attach tag to conversation',
			description: 'Set a tag on a conversation',
			parameters: [conversation, tagId, options, simplify],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, { protocol, tagId, options, simplify }) =>
				done(
					{ protocol, tagId, action: 'attached' },
					await onConversation(voxfree.changeTag('activate', { protocol, tagId, ...options })),
					simplify,
				),
		}),
		operation({
			name: 'Create',
			value: 'create',
			action: 'Create tag',
			description: 'Make a tag of the agent’s own',
			parameters: [tagName, tagsConversation, options, simplify],
			execute: async (voxfree, { protocol, name, options, simplify }) => {
				const answer = await voxfree.changeTag('insert', { protocol, name, ...options });
				const tagId = isJsonObject(answer) ? textOf(field(answer, 'new_codid')) : undefined;
				return done(present({ tagId, name }), answer, simplify);
			},
		}),
		operation({
			name: 'Delete',
			value: 'delete',
			action: 'Delete tag',
			description:
				'Delete a tag that the agent has made. It disappears from all conversations as well.',
			parameters: [tagsConversation, tagId, options, simplify],
			execute: async (voxfree, { protocol, tagId, options, simplify }) =>
				done(
					{ tagId, deleted: true },
					await onlyOwn(voxfree.changeTag('remove', { protocol, tagId, ...options })),
					simplify,
				),
		}),
		operation({
			name: 'Detach From Conversation',
			value: 'detach',
			action: 'Detach tag from conversation',
			description: 'Take a tag off a conversation; the tag itself stays',
			parameters: [conversation, tagId, options, simplify],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, { protocol, tagId, options, simplify }) =>
				done(
					{ protocol, tagId, action: 'detached' },
					await onConversation(voxfree.changeTag('deactivate', { protocol, tagId, ...options })),
					simplify,
				),
		}),
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many tags',
			description: 'List the tags of the department and of the agent, for one conversation',
			parameters: [conversation, returnAll, limit, options, simplify],
			execute: async (voxfree, { protocol, options, ...values }) =>
				listed(
					await voxfree.getTags({ protocol, departmentId: options.departmentId }),
					values,
					(entry) => translateFields(entry, TAG),
				),
		}),
		operation({
			name: 'Update',
			value: 'update',
			action: 'Update tag',
			description: 'Rename a tag that the agent has made',
			parameters: [tagsConversation, tagId, tagName, options, simplify],
			execute: async (voxfree, { protocol, tagId, name, options, simplify }) =>
				done(
					{ tagId, name },
					await onlyOwn(voxfree.changeTag('update', { protocol, tagId, name, ...options })),
					simplify,
				),
		}),
	],
};
