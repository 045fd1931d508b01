import type { JsonValue } from '../../shared/json';
import { isJsonObject } from '../../shared/json';
import { operationsOf } from '../../shared/operation/define';
import { ifUnreadable } from '../../shared/operation/listItems';
import type { Resource } from '../../shared/operation/define';
import { optionsCollection, resourceLocator } from '../../shared/parameters/builders';
import { limit, returnAll } from '../../shared/parameters/limit';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { field, textOf } from '../api/wire/fields';
import { TAG, translateFields } from '../api/wire/vocabulary';
import { withAdvice } from './advice';
import { listOutput, omitEmpty, successOutput } from './outputs';
import {
	anyConversation,
	conversation,
	conversationOfList,
	departmentOption,
	orderingKeyOf,
	simplify,
	voxfreeId,
} from './parameters';

const operation = operationsOf<VoxfreeApi>();

const tagId = {
	...resourceLocator({
		displayName: 'Tag',
		name: 'tagId',
		description:
			"Tag by its ID: 'tagId' in the output of Tag: Get Many. To see the list, choose the conversation.",
		item: 'a tag',
		example: '53',
		format: voxfreeId,
		searchListMethod: 'searchTags',
		dependsOn: ['protocol.value'],
	}),
	required: true,
} as const;

const tagName = {
	displayName: 'Tag Name',
	name: 'name',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. Second invoice',
	description: 'Text of the tag, as agents see it',
} as const;

const departmentConversation = {
	...anyConversation,
	description:
		"Conversation whose department the tag belongs to. Voxfree's document shows one in every tag call, but not whether this one needs it.",
} as const;

const options = optionsCollection([
	{ ...departmentOption, description: 'Department that the tag belongs to' },
]);

const optionsOfList = optionsCollection([...options.options, ifUnreadable]);

async function changeOwn(change: Promise<JsonValue>): Promise<JsonValue> {
	return await withAdvice(
		change,
		'Voxfree did not change the tag',
		'You can only change or delete existing tags that the agent of this credential has created.',
	);
}

async function changeOnConversation(change: Promise<JsonValue>): Promise<JsonValue> {
	return await withAdvice(
		change,
		"Voxfree did not accept this 'Tag' for this 'Conversation'",
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
			description: 'Add a tag to a conversation',
			parameters: [conversation, tagId, options, simplify],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, { protocol, tagId, options, simplify }) =>
				successOutput(
					{ protocol, tagId },
					await changeOnConversation(
						voxfree.changeTag('activate', { protocol, tagId, ...options }),
					),
					simplify,
					{ action: 'attached' },
				),
		}),
		operation({
			name: 'Create',
			value: 'create',
			action: 'Create tag',
			description: "Create a tag of the agent's own",
			parameters: [tagName, departmentConversation, options, simplify],
			execute: async (voxfree, { protocol, name, options, simplify }) => {
				const answer = await voxfree.changeTag('insert', { protocol, name, ...options });
				const tagId = isJsonObject(answer) ? textOf(field(answer, 'new_codid')) : undefined;
				return successOutput(omitEmpty({ tagId, name }), answer, simplify);
			},
		}),
		operation({
			name: 'Delete',
			value: 'delete',
			action: 'Delete tag',
			description: "Delete one of the agent's own tags. This removes it from all conversations.",
			parameters: [tagId, departmentConversation, options, simplify],
			execute: async (voxfree, { protocol, tagId, options, simplify }) =>
				successOutput(
					{ tagId },
					await changeOwn(voxfree.changeTag('remove', { protocol, tagId, ...options })),
					simplify,
					{ deleted: true },
				),
		}),
		operation({
			name: 'Detach From Conversation',
			value: 'detach',
			action: 'Detach tag from conversation',
			description: 'Remove a tag from a conversation. The tag itself remains.',
			parameters: [conversation, tagId, options, simplify],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, { protocol, tagId, options, simplify }) =>
				successOutput(
					{ protocol, tagId },
					await changeOnConversation(
						voxfree.changeTag('deactivate', { protocol, tagId, ...options }),
					),
					simplify,
					{ action: 'detached' },
				),
		}),
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many tags',
			description: 'List the tags that are available to a conversation',
			parameters: [conversationOfList, returnAll, limit, optionsOfList, simplify],
			execute: async (voxfree, { protocol, ...values }, context) =>
				listOutput(
					voxfree.getTags({ protocol, departmentId: values.options.departmentId }),
					values,
					context,
					(entry) => translateFields(entry, TAG),
				),
		}),
		operation({
			name: 'Update',
			value: 'update',
			action: 'Update tag',
			description: "Rename one of the agent's own tags",
			parameters: [tagId, tagName, departmentConversation, options, simplify],
			execute: async (voxfree, { protocol, tagId, name, options, simplify }) =>
				successOutput(
					{ tagId, name },
					await changeOwn(voxfree.changeTag('update', { protocol, tagId, name, ...options })),
					simplify,
				),
		}),
	],
};
