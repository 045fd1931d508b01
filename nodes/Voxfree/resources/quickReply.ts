import { invalidInput } from '../../shared/errors';
import { isJsonObject } from '../../shared/json';
import type { JsonValue } from '../../shared/json';
import { limit, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import type { QuickReplyFields } from '../api/types';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { field, textOf } from '../api/wire/fields';
import { translateFields, QUICK_REPLY } from '../api/wire/vocabulary';
import { done, explained, listed, present, simplify } from './fields';

const operation = operationsOf<VoxfreeApi>();

const unverified = {
	displayName:
		'Unverified: the document of Voxfree does not show the fields of these calls. The node sends the likely ones; if Voxfree refuses them, name the right ones under Options > Additional Fields.',
	name: 'unverifiedNotice',
	type: 'notice',
	default: '',
} as const;

const quickReplyId = {
	displayName: 'Quick Reply',
	name: 'quickReplyId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	description: 'Quick reply that the agent has made; those of others cannot be changed',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a quick reply...',
			typeOptions: { searchListMethod: 'searchQuickReplies', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 1305',
		},
	],
} as const;

const text = {
	displayName: 'Text',
	name: 'text',
	type: 'string',
	typeOptions: { rows: 3 },
	default: '',
	required: true,
	description: 'What the quick reply says',
} as const;

const options = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Additional Fields (JSON)',
			name: 'additionalFields',
			type: 'json',
			default: '{}',
			placeholder: 'e.g. {"atalho": "boas-vindas"}',
			description:
				'Fields to send besides, or in place of, those that the node sends. Each value is text or a number.',
		},
		{
			displayName: 'Department ID',
			name: 'departmentId',
			type: 'string',
			default: '',
			placeholder: 'e.g. 9',
			description: 'Department that the quick reply belongs to',
		},
		{
			displayName: 'Protocol',
			name: 'protocol',
			type: 'string',
			default: '',
			placeholder: 'e.g. 20231130303159',
			description: 'Conversation whose department the quick replies are of',
		},
	],
} as const;

interface Options {
	additionalFields?: JsonValue;
	departmentId?: string;
	protocol?: string;
}

/** The additional fields as text, which is what Voxfree sends and takes everywhere. */
function fieldsOf({ additionalFields = {}, departmentId, protocol }: Options): QuickReplyFields {
	const label = "'Options > Additional Fields (JSON)'";
	if (!isJsonObject(additionalFields)) {
		throw invalidInput(`${label} is not an object`, 'Use {"name": "value"}. Nothing was sent.');
	}
	const additional: Record<string, string> = {};
	for (const [name, value] of Object.entries(additionalFields)) {
		if (typeof value !== 'string' && typeof value !== 'number') {
			throw invalidInput(
				`${label} holds something under '${name}' that is neither text nor a number`,
				'Nothing was sent.',
			);
		}
		additional[name] = String(value);
	}
	return { departmentId, protocol, additional };
}

async function changed(change: Promise<JsonValue>): Promise<JsonValue> {
	return await explained(
		change,
		'Voxfree did not change the quick reply',
		'Only quick replies that the agent of this credential has made can be changed or deleted. The fields of this call are not documented; other ones can be named under Options > Additional Fields.',
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
			description: 'Make a quick reply of the agent’s own',
			parameters: [unverified, text, options, simplify],
			execute: async (voxfree, { text, options, simplify }) => {
				const answer = await changed(
					voxfree.changeQuickReply('insert', { text, ...fieldsOf(options) }),
				);
				const quickReplyId = isJsonObject(answer) ? textOf(field(answer, 'new_codid')) : undefined;
				return done(present({ quickReplyId, text }), answer, simplify);
			},
		}),
		operation({
			name: 'Delete',
			value: 'delete',
			action: 'Delete quick reply',
			description: 'Delete a quick reply that the agent has made',
			parameters: [unverified, quickReplyId, options, simplify],
			execute: async (voxfree, { quickReplyId, options, simplify }) =>
				done(
					{ quickReplyId, deleted: true },
					await changed(voxfree.changeQuickReply('remove', { quickReplyId, ...fieldsOf(options) })),
					simplify,
				),
		}),
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many quick replies',
			description: 'List the quick replies of the department and of the agent',
			parameters: [unverified, returnAll, limit, options, simplify],
			execute: async (voxfree, { options, ...values }) =>
				listed(await voxfree.getQuickReplies(fieldsOf(options)), values, (entry) =>
					translateFields(entry, QUICK_REPLY),
				),
		}),
		operation({
			name: 'Update',
			value: 'update',
			action: 'Update quick reply',
			description: 'Change the text of a quick reply that the agent has made',
			parameters: [unverified, quickReplyId, text, options, simplify],
			execute: async (voxfree, { quickReplyId, text, options, simplify }) =>
				done(
					{ quickReplyId, text },
					await changed(
						voxfree.changeQuickReply('update', { quickReplyId, text, ...fieldsOf(options) }),
					),
					simplify,
				),
		}),
	],
};
