import type { IDataObject } from 'n8n-workflow';
import { invalidInput, ProviderError } from '../../shared/errors';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { limit, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import type { StartOutcome } from '../api/startConversation';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { conversationIn } from '../api/wire/conversations';
import { field } from '../api/wire/fields';
import { messagesIn } from '../api/wire/messages';
import { CONTACT, translateFields, OPENED } from '../api/wire/vocabulary';
import {
	contact,
	conversation as conversationField,
	department,
	details,
	done,
	orderingKeyOf,
	listed,
	messageOutput,
	present,
	rawOutput,
	referenceOf,
	simplify,
	wrapUpCode,
} from './fields';

const operation = operationsOf<VoxfreeApi>();

const channel = {
	displayName: 'Channel',
	name: 'channelId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	description:
		'Channel (canal) that the conversation begins on. Conversations cannot be started on Facebook and Instagram.',
	typeOptions: { loadOptionsDependsOn: ['departmentId.value'] },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a channel...',
			typeOptions: { searchListMethod: 'searchChannels', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 25',
		},
	],
} as const;

const newAgent = {
	displayName: 'New Agent',
	name: 'newAgentId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	description:
		'Agent who goes on with the conversation. Voxfree has no list of agents: the list shows those who have conversations that this agent can see, and any other can be entered by ID.',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select an agent...',
			typeOptions: { searchListMethod: 'searchAgents', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 60',
		},
	],
} as const;

const note = {
	displayName: 'Internal Note for the Next Agent',
	name: 'note',
	type: 'string',
	typeOptions: { rows: 2 },
	default: '',
	placeholder: 'e.g. Customer asks for a second invoice, order 4711',
	description:
		'Only the next agent reads this; it is never sent to the contact. To tell the contact something, use Message: Send Text before.',
} as const;

const options = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Portfolio Check',
			name: 'isPortfolioClient',
			type: 'boolean',
			default: false,
			description:
				'Whether the check "carteirizado" of the conversation is set, which ties the contact to the agent (formerly "fidelizado")',
		},
	],
} as const;

/** An opened conversation: its contact, what may be done in it, and its messages of all protocols. */
function openedOutput(protocol: string, answer: JsonValue): IDataObject {
	const parts = (Array.isArray(answer) ? answer : [answer]).filter(isJsonObject);
	const whole = Object.assign({}, ...parts) as JsonObject;
	const holder = [whole, ...Object.values(whole).filter(isJsonObject)].find((part) =>
		isJsonObject(field(part, 'contato')),
	);
	const found = holder === undefined ? undefined : field(holder, 'contato');
	const facts = translateFields(holder ?? whole, OPENED);
	return {
		protocol,
		...(isJsonObject(found) ? { contact: translateFields(found, CONTACT) as IDataObject } : {}),
		...present(
			Object.fromEntries(Object.entries(facts).filter(([name]) => Object.hasOwn(OPENED, name))),
		),
		messages: messagesIn(answer).map(messageOutput),
	};
}

interface StartValues {
	departmentId: string;
	channelId: string;
	contactId: string;
}

const NOT_SHOWN_YET =
	'Voxfree has begun the conversation, but does not show it among the active ones yet. Look there for its protocol.';

function startOutput(
	outcome: StartOutcome,
	{ departmentId, channelId, contactId }: StartValues,
): IDataObject {
	const asked = { contactId, channelId, departmentId };
	if (!outcome.started) {
		const { protocol, servedByAgentId, servedByAgentName, servedByMe } = outcome;
		return present({
			started: false,
			alreadyServed: true,
			protocol,
			servedByAgentId,
			servedByAgentName,
			servedByMe,
			...asked,
		});
	}
	const { protocol, recordId } = outcome;
	return present({
		started: true,
		alreadyServed: false,
		protocol,
		recordId,
		...(protocol === undefined ? { hint: NOT_SHOWN_YET } : {}),
		...asked,
	});
}

function alreadyServed(outcome: StartOutcome & { started: false }): ProviderError {
	const by = outcome.servedByMe
		? 'by the agent of this credential'
		: `by ${outcome.servedByAgentName ?? 'another agent'}${outcome.servedByAgentId === undefined ? '' : ` (ID ${outcome.servedByAgentId})`}`;
	return new ProviderError(`The contact is already being served ${by}`, {
		kind: 'refused',
		description:
			"No conversation was started. Under 'If Already Being Served' this can be an output instead of an error.",
	});
}

export const conversation: Resource<VoxfreeApi> = {
	name: 'Conversation',
	value: 'conversation',
	description: 'What a contact and the agents write to each other, under one protocol (protocolo)',
	defaultOperation: 'getActive',
	operations: [
		operation({
			name: 'Finish',
			value: 'finish',
			action: 'Finish conversation',
			description: 'End a conversation, with a wrap-up code where the account asks for one',
			parameters: [conversationField, wrapUpCode, details, options, simplify],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, values) =>
				done(
					{ protocol: values.protocol, action: 'finished' },
					await voxfree.finishConversation({
						conversation: referenceOf(values),
						wrapUpCodeId: values.wrapUpCodeId,
						isPortfolioClient: values.options.isPortfolioClient,
					}),
					values.simplify,
				),
		}),
		operation({
			name: 'Get Active',
			value: 'getActive',
			action: 'Get active conversations',
			description: 'List the conversations that the agent is serving',
			parameters: [returnAll, limit, simplify],
			execute: async (voxfree, values) =>
				listed(await voxfree.getActiveConversations(), values, conversationIn),
		}),
		operation({
			name: 'Get Waiting',
			value: 'getWaiting',
			action: 'Get waiting conversations',
			description: 'List the conversations that wait in the queue for an agent',
			parameters: [returnAll, limit, simplify],
			execute: async (voxfree, values) =>
				listed(await voxfree.getWaitingConversations(), values, conversationIn),
		}),
		operation({
			name: 'Open',
			value: 'open',
			action: 'Open conversation',
			description:
				'Read a conversation with its contact and all messages. A conversation that no agent has is assigned to you by this.',
			parameters: [
				{
					displayName:
						'Opening a conversation that no agent has assigns it to the agent of the credential and takes it out of the queue',
					name: 'sideEffectNotice',
					type: 'notice',
					default: '',
				},
				conversationField,
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
				'Begin a conversation with a contact on a WhatsApp channel. On official WhatsApp, the first message has to be a template.',
			parameters: [
				department,
				channel,
				contact,
				{
					displayName: 'If Already Being Served',
					name: 'ifServed',
					type: 'options',
					default: 'output',
					description: 'What to do when an agent is talking to the contact already',
					options: [
						{ name: 'Return Who Serves the Contact', value: 'output' },
						{ name: 'Stop With an Error', value: 'error' },
					],
				},
				simplify,
			],
			orderingKey: ({ contactId }) => contactId,
			execute: async (voxfree, values, { functions }) => {
				const { departmentId, channelId, contactId } = values;
				const outcome = await voxfree.startConversation(departmentId, channelId, contactId);
				if (!outcome.started && values.ifServed === 'error') throw alreadyServed(outcome);
				if (outcome.started && outcome.protocol === undefined) {
					functions.addExecutionHints({
						message: NOT_SHOWN_YET,
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
			description: 'Hand a conversation to another agent, who goes on under the same protocol',
			parameters: [conversationField, newAgent, note, details, options, simplify],
			orderingKey: orderingKeyOf,
			execute: async (voxfree, values) =>
				done(
					{
						protocol: values.protocol,
						action: 'transferred',
						newAgentId: anotherAgent(values.newAgentId),
					},
					await voxfree.transferConversation({
						conversation: referenceOf(values),
						newAgentId: values.newAgentId,
						note: values.note,
						isPortfolioClient: values.options.isPortfolioClient,
					}),
					values.simplify,
				),
		}),
		operation({
			name: 'Transfer and Finish',
			value: 'transferAndFinish',
			action: 'Transfer and finish conversation',
			description:
				'End a conversation and begin a new one, under a new protocol, for another agent in a department',
			parameters: [
				conversationField,
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
				done(
					{
						protocol: values.protocol,
						action: 'transferredAndFinished',
						newAgentId: anotherAgent(values.newAgentId),
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
				),
		}),
	],
};

/** Voxfree takes "0" for nobody. */
function anotherAgent(id: string): string {
	if (!/^0+$/.test(id)) return id;
	throw invalidInput(
		"'New Agent' is 0, which is no agent",
		'Choose the agent who goes on with the conversation. Nothing was sent.',
	);
}
