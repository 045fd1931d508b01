import { invalidInput } from '../../shared/errors';
import { isJsonObject } from '../../shared/json';
import type { JsonValue } from '../../shared/json';
import { operationsOf } from '../../shared/operation/define';
import { ifUnreadable } from '../../shared/operation/listItems';
import type { Resource } from '../../shared/operation/define';
import { optionsCollection, resourceLocator } from '../../shared/parameters/builders';
import { limit, returnAll } from '../../shared/parameters/limit';
import type { QuickReplyFields } from '../api/types';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { field, textOf } from '../api/wire/fields';
import { QUICK_REPLY, translateFields } from '../api/wire/vocabulary';
import { withAdvice } from './advice';
import { listOutput, omitEmpty, successOutput } from './outputs';
import { departmentOption, simplify, voxfreeId } from './parameters';

const operation = operationsOf<VoxfreeApi>();

const unverified = {
	displayName:
		"Unverified: Voxfree's document does not show the fields of these calls. The node sends the likely ones. If Voxfree refuses them, add the right ones under Options > Additional Fields.",
	name: 'unverifiedNotice',
	type: 'notice',
	default: '',
} as const;

const quickReplyId = {
	...resourceLocator({
		displayName: 'Quick Reply',
		name: 'quickReplyId',
		description:
			"One of the agent's own quick replies: 'quickReplyId' in the output of Quick Reply: Get Many. Those of others cannot be changed.",
		item: 'a quick reply',
		example: '1305',
		format: voxfreeId,
		searchListMethod: 'searchQuickReplies',
	}),
	required: true,
} as const;

const text = {
	displayName: 'Text',
	name: 'text',
	type: 'string',
	typeOptions: { rows: 3 },
	default: '',
	required: true,
	placeholder: 'e.g. Thank you for waiting. How can I help you?',
	description: 'Text of the quick reply',
} as const;

/** The format of fields in Voxfree's own words. Voxfree takes all values as text. */
function additionalFields(given: JsonValue, label: string): Record<string, string> {
	if (!isJsonObject(given)) {
		throw invalidInput(`'${label}' is not an object`, 'Use {"name": "value"}.');
	}
	const fields: Record<string, string> = {};
	for (const [name, value] of Object.entries(given)) {
		if (typeof value !== 'string' && typeof value !== 'number') {
			throw invalidInput(
				`'${label}' holds a value under '${name}' that is neither text nor a number`,
			);
		}
		fields[name] = String(value);
	}
	return fields;
}

const options = optionsCollection([
	{
		displayName: 'Additional Fields (JSON)',
		name: 'additionalFields',
		type: 'json',
		format: additionalFields,
		default: '{}',
		placeholder: 'e.g. {"atalho": "welcome"}',
		description:
			"Fields to send in addition to the node's own, or instead of them. Each value is text or a number.",
	},
	{ ...departmentOption, description: 'Department that the quick reply belongs to' },
	{
		displayName: 'Protocol',
		name: 'protocol',
		type: 'string',
		format: voxfreeId,
		default: '',
		placeholder: 'e.g. 20231130303159',
		description: 'Conversation whose department the quick replies belong to',
	},
]);

const optionsOfList = optionsCollection([...options.options, ifUnreadable]);

interface Options {
	additionalFields?: JsonValue;
	departmentId?: string;
	protocol?: string;
}

/** The options as fields of the call. */
function fieldsOf({ additionalFields, departmentId, protocol }: Options): QuickReplyFields {
	return {
		departmentId,
		protocol,
		additional: (additionalFields ?? {}) as Record<string, string>,
	};
}

async function changeOwn(change: Promise<JsonValue>): Promise<JsonValue> {
	return await withAdvice(
		change,
		'Voxfree did not change the quick reply',
		'You can only change or delete quick replies that the agent of this credential has created. The fields of this call are not documented. If they are wrong, add others under Options > Additional Fields.',
	);
}

export const quickReply: Resource<VoxfreeApi> = {
	name: 'Quick Reply',
	value: 'quickReply',
	description: 'A prepared text (resposta rápida) of a department or an agent',
	operations: [
		operation({
			name: 'Create',
			value: 'create',
			action: 'Create quick reply',
			description: "Create a quick reply of the agent's own",
			parameters: [unverified, text, options, simplify],
			execute: async (voxfree, { text, options, simplify }) => {
				const answer = await changeOwn(
					voxfree.changeQuickReply('insert', { text, ...fieldsOf(options) }),
				);
				const quickReplyId = isJsonObject(answer) ? textOf(field(answer, 'new_codid')) : undefined;
				return successOutput(omitEmpty({ quickReplyId, text }), answer, simplify);
			},
		}),
		operation({
			name: 'Delete',
			value: 'delete',
			action: 'Delete quick reply',
			description: "Delete one of the agent's own quick replies",
			parameters: [unverified, quickReplyId, options, simplify],
			execute: async (voxfree, { quickReplyId, options, simplify }) =>
				successOutput(
					{ quickReplyId },
					await changeOwn(
						voxfree.changeQuickReply('remove', { quickReplyId, ...fieldsOf(options) }),
					),
					simplify,
					{ deleted: true },
				),
		}),
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many quick replies',
			description: 'List the quick replies of the department and of the agent',
			parameters: [unverified, returnAll, limit, optionsOfList, simplify],
			execute: async (voxfree, values, context) =>
				listOutput(voxfree.getQuickReplies(fieldsOf(values.options)), values, context, (entry) =>
					translateFields(entry, QUICK_REPLY),
				),
		}),
		operation({
			name: 'Update',
			value: 'update',
			action: 'Update quick reply',
			description: "Change the text of one of the agent's own quick replies",
			parameters: [unverified, quickReplyId, text, options, simplify],
			execute: async (voxfree, { quickReplyId, text, options, simplify }) =>
				successOutput(
					{ quickReplyId, text },
					await changeOwn(
						voxfree.changeQuickReply('update', { quickReplyId, text, ...fieldsOf(options) }),
					),
					simplify,
				),
		}),
	],
};
