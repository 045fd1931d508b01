import type { IDataObject } from 'n8n-workflow';
import { invalidInput, ProviderError } from '../../shared/errors';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { optionsCollection, resourceLocator } from '../../shared/parameters/builders';
import { limit, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import { listOptions } from '../../shared/operation/listItems';
import type { Resource } from '../../shared/operation/define';
import type { StartOutcome } from '../api/startConversation';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { conversationIn } from '../api/wire/conversations';
import { field, keyOf } from '../api/wire/fields';
import { readMessages } from '../api/wire/messages';
import { CONTACT, translateFields, OPENED } from '../api/wire/vocabulary';
import {
	listOutput,
	messageOutput,
	omitEmpty,
	rawOutput,
	successOutput,
	UNVERIFIED,
	unverifiedAnswer,
} from './outputs';
import {
	contact,
	conversation as conversationParameter,
	conversationToOpen,
	department,
	details,
	orderingKeyOf,
	referenceOf,
	simplify,
	voxfreeId,
	wrapUpCode,
} from './parameters';

const operation = operationsOf<VoxfreeApi>();

const channel = {
	...resourceLocator({
		displayName: 'Channel',
		name: 'channelId',
		description:
			"Channel (canal) on which to start: 'channelId' in the output of Channel: Get Many. Conversations cannot be started on Facebook and Instagram.",
		item: 'a channel',
		example: '25',
		format: voxfreeId,
		searchListMethod: 'searchChannels',
		dependsOn: ['departmentId.value'],
	}),
	required: true,
} as const;

/** Voxfree understands "0" as no agent. */
function existingAgent(text: string, label: string): string {
	if (!/^0+$/.test(text)) return voxfreeId(text, label);
	throw invalidInput(
		`'${label}' is 0, which is not an agent`,
		'Choose the agent who takes over the conversation.',
	);
}

const newAgent = {
	...resourceLocator({
		displayName: 'New Agent',
		name: 'newAgentId',
		description:
			"Agent who takes over the conversation: 'agentId' in the output of Conversation: Get Active or Get Waiting. Voxfree has no list of agents: the list shows those in conversations that this agent can see. Enter any other by ID.",
		item: 'an agent',
		example: '60',
		format: existingAgent,
		searchListMethod: 'searchAgents',
	}),
	required: true,
} as const;

const note = {
	displayName: 'Internal Note for the Next Agent',
	name: 'note',
	type: 'string',
	typeOptions: { rows: 2 },
	default: '',
	placeholder: 'e.g. Customer asks for a second invoice, order 4711',
	description:
		'Only the next agent sees this note. To write to the contact, use Message: Send Text first.',
} as const;

const options = optionsCollection([
	{
		displayName: 'Portfolio Check',
		name: 'isPortfolioClient',
		type: 'boolean',
		default: false,
		description:
			'Whether to set the check "carteirizado" (formerly "fidelizado") of the conversation, which ties the contact to the agent',
	},
]);

const NO_MESSAGES =
	'No messages were recognised in this answer of Voxfree. What it says stands under its own names.';

/**
 * An opened conversation: its contact, portfolio, permissions, and the messages of all protocols. What
 * is not recognised stays under its own name.
 */
function openedOutput(protocol: string, answer: JsonValue): IDataObject {
	const { messages, others, rest, isEmpty } = readMessages(answer);
	const parts = (Array.isArray(rest) ? rest : [rest ?? {}]).map((part) =>
		isJsonObject(part) ? part : { value: part },
	);
	const merged = Object.assign({}, ...parts) as JsonObject;
	const wrapper = Object.entries(merged).find(
		([, part]) => isJsonObject(part) && isJsonObject(field(part, 'contato')),
	);
	const flat: JsonObject = { ...merged };
	if (wrapper !== undefined && !isJsonObject(field(merged, 'contato'))) {
		delete flat[wrapper[0]];
		Object.assign(flat, wrapper[1]);
	}
	const contactKey = keyOf(flat, 'contato');
	const contactEntry = contactKey === undefined ? undefined : flat[contactKey];
	if (contactKey !== undefined && isJsonObject(contactEntry)) delete flat[contactKey];
	return {
		...translateFields(flat, OPENED),
		protocol,
		...(isJsonObject(contactEntry) ? { contact: translateFields(contactEntry, CONTACT) } : {}),
		messages: [...messages, ...others].map(messageOutput),
		...(messages.length === 0 && !isEmpty ? { hint: NO_MESSAGES } : {}),
	};
}

interface StartValues {
	departmentId: string;
	channelId: string;
	contactId: string;
}

const PROTOCOL_UNKNOWN =
	'Voxfree started the conversation, but does not list it as active yet. Use Conversation: Get Active later to find its protocol.';

function startOutput(
	outcome: StartOutcome,
	{ departmentId, channelId, contactId }: StartValues,
): IDataObject {
	const given = { contactId, channelId, departmentId };
	if (!outcome.started) {
		const { protocol, servedByAgentId, servedByAgentName, servedByMe } = outcome;
		return omitEmpty({
			started: false,
			alreadyServed: true,
			protocol,
			servedByAgentId,
			servedByAgentName,
			servedByMe,
			...given,
		});
	}
	const { protocol, recordId, isConfirmed, answer } = outcome;
	if (!isConfirmed) {
		return omitEmpty({
			started: UNVERIFIED,
			alreadyServed: UNVERIFIED,
			protocol,
			...given,
			...unverifiedAnswer(answer),
		});
	}
	return omitEmpty({
		started: true,
		alreadyServed: false,
		protocol,
		recordId,
		...(protocol === undefined ? { hint: PROTOCOL_UNKNOWN } : {}),
		...given,
	});
}

function alreadyServedError(outcome: StartOutcome & { started: false }): ProviderError {
	const by = outcome.servedByMe
		? 'by the agent of this credential'
		: `by ${outcome.servedByAgentName ?? 'another agent'}${outcome.servedByAgentId === undefined ? '' : ` (ID ${outcome.servedByAgentId})`}`;
	return new ProviderError(`The contact is already being served ${by}`, {
		kind: 'refused',
		description:
			"No conversation was started. To continue instead, set 'If Already Being Served' to Return Who Serves the Contact.",
	});
}

export const conversation: Resource<VoxfreeApi> = {
	name: 'Conversation',
	value: 'conversation',
	description: 'The messages between a contact and agents under one protocol (protocolo)',
	defaultOperation: 'getActive',
	operations: [
		operation({
			name: 'Finish',
			value: 'finish',
			action: 'Finish conversation',
			description: 'End a conversation, with a wrap-up code if the account requires one',
			parameters: [conversationParameter, wrapUpCode, details, options, simplify],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, values) =>
				successOutput(
					{ protocol: values.protocol },
					await voxfree.finishConversation({
						conversation: referenceOf(values),
						wrapUpCodeId: values.wrapUpCodeId,
						isPortfolioClient: values.options.isPortfolioClient,
					}),
					values.simplify,
					{ action: 'finished' },
				),
		}),
		operation({
			name: 'Get Active',
			value: 'getActive',
			action: 'Get active conversations',
			description: 'List the conversations that the agent is serving',
			parameters: [returnAll, limit, listOptions, simplify],
			execute: async (voxfree, values, context) =>
				listOutput(voxfree.getActiveConversations(), values, context, conversationIn),
		}),
		operation({
			name: 'Get Waiting',
			value: 'getWaiting',
			action: 'Get waiting conversations',
			description: 'List the conversations that are waiting for an agent',
			parameters: [returnAll, limit, listOptions, simplify],
			execute: async (voxfree, values, context) =>
				listOutput(voxfree.getWaitingConversations(), values, context, conversationIn),
		}),
		operation({
			name: 'Open',
			value: 'open',
			action: 'Open conversation',
			description:
				'Get a conversation with its contact and all messages. If no agent has it, this assigns it to the agent of the credential.',
			parameters: [
				{
					displayName:
						'If no agent has the conversation, opening it assigns it to the agent of the credential and removes it from the queue',
					name: 'sideEffectNotice',
					type: 'notice',
					default: '',
				},
				conversationToOpen,
				simplify,
			],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, { protocol, simplify }) => {
				const answer = await voxfree.openConversation(protocol);
				return simplify ? openedOutput(protocol, answer) : rawOutput(answer);
			},
		}),
		operation({
			name: 'Start',
			value: 'start',
			action: 'Start conversation',
			description:
				'Start a conversation with a contact on a WhatsApp channel. On official WhatsApp, the first message must be a template.',
			parameters: [
				department,
				channel,
				contact,
				{
					displayName: 'If Already Being Served',
					name: 'ifServed',
					type: 'options',
					default: 'output',
					description: 'What to do if an agent is already serving the contact',
					options: [
						{
							name: 'Return Who Serves the Contact',
							value: 'output',
							description:
								'Go on with the protocol and the agent of that conversation, to decide in the workflow',
						},
						{
							name: 'Stop With an Error',
							value: 'error',
							description: 'Fail if a new conversation is what the workflow needs',
						},
					],
				},
				simplify,
			],
			orderingKey: ({ contactId }) => contactId,
			execute: async (voxfree, values, { functions }) => {
				const { departmentId, channelId, contactId } = values;
				const outcome = await voxfree.startConversation(departmentId, channelId, contactId);
				if (!outcome.started && values.ifServed === 'error') throw alreadyServedError(outcome);
				if (outcome.started && outcome.isConfirmed && outcome.protocol === undefined) {
					functions.addExecutionHints({
						message: PROTOCOL_UNKNOWN,
						type: 'warning',
						location: 'outputPane',
					});
				}
				return values.simplify ? startOutput(outcome, values) : rawOutput(outcome.answer);
			},
		}),
		operation({
			name: 'Transfer',
			value: 'transfer',
			action: 'Transfer conversation',
			description: 'Transfer a conversation to another agent under the same protocol',
			parameters: [conversationParameter, newAgent, note, details, options, simplify],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, values) =>
				successOutput(
					{
						protocol: values.protocol,
						newAgentId: values.newAgentId,
					},
					await voxfree.transferConversation({
						conversation: referenceOf(values),
						newAgentId: values.newAgentId,
						note: values.note,
						isPortfolioClient: values.options.isPortfolioClient,
					}),
					values.simplify,
					{ action: 'transferred' },
				),
		}),
		operation({
			name: 'Transfer and Finish',
			value: 'transferAndFinish',
			action: 'Transfer and finish conversation',
			description:
				'End a conversation and start a new one for another agent in a department, under a new protocol',
			parameters: [
				conversationParameter,
				newAgent,
				department,
				wrapUpCode,
				note,
				details,
				options,
				simplify,
			],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, values) =>
				successOutput(
					{
						protocol: values.protocol,
						newAgentId: values.newAgentId,
						departmentId: values.departmentId,
					},
					await voxfree.transferAndFinishConversation({
						conversation: referenceOf(values),
						newAgentId: values.newAgentId,
						departmentId: values.departmentId,
						wrapUpCodeId: values.wrapUpCodeId,
						note: values.note,
						isPortfolioClient: values.options.isPortfolioClient,
					}),
					values.simplify,
					{ action: 'transferredAndFinished' },
				),
		}),
	],
};
