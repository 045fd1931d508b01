import type { IDataObject } from 'n8n-workflow';
import { isJsonObject } from '../../shared/json';
import type { JsonValue } from '../../shared/json';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import { id, optionsCollection, resourceLocator } from '../../shared/parameters/builders';
import type { Conversation, OmnizeApi } from '../api/OmnizeApi';

const operation = operationsOf<OmnizeApi>();

const clientId = {
	displayName: 'Client ID',
	name: 'clientId',
	type: 'string',
	format: id,
	default: '',
	required: true,
	placeholder: 'e.g. 12',
	description:
		"ID of the customer in your own system. Omnize includes it in every event, so that you know whom an agent's answer is for.",
} as const;

const departmentId = {
	...resourceLocator({
		displayName: 'Department',
		name: 'departmentId',
		description: 'Department whose agents serve the customer',
		item: 'a department',
		example: '1',
		searchListMethod: 'searchDepartments',
	}),
	required: true,
} as const;

/** The conversation and Omnize's answer; the answers are not documented. */
function outcome({ clientId, departmentId }: Conversation, answer: JsonValue): IDataObject {
	return { clientId, departmentId, answer: isJsonObject(answer) ? answer : { value: answer } };
}

/** Items for one customer keep their order. */
const orderingKeyOf = ({ clientId }: { clientId: string }) => clientId;

export const interaction: Resource<OmnizeApi> = {
	name: 'Interaction',
	value: 'interaction',
	description: "A customer's conversation with an agent",
	defaultOperation: 'sendMessage',
	operations: [
		operation({
			name: 'Finish',
			value: 'finish',
			action: 'Finish interaction',
			description: "End the conversation on the customer's side",
			parameters: [clientId, departmentId],
			orderingKey: orderingKeyOf,
			execute: async (omnize, conversation) =>
				outcome(conversation, await omnize.finishInteraction(conversation)),
		}),
		operation({
			name: 'Send Message',
			value: 'sendMessage',
			action: 'Send message to agent',
			description: 'Send a message of the customer to the agent',
			parameters: [
				clientId,
				departmentId,
				{
					displayName: 'Text',
					name: 'text',
					type: 'string',
					typeOptions: { rows: 3 },
					default: '',
					required: true,
					placeholder: 'e.g. Hello, I need my invoice again',
					description: 'What the customer writes. The agent reads it unchanged.',
				},
			],
			orderingKey: orderingKeyOf,
			execute: async (omnize, { text, ...conversation }) =>
				outcome(conversation, await omnize.sendMessage(conversation, text)),
		}),
		operation({
			name: 'Start',
			value: 'start',
			action: 'Start interaction',
			description: 'Ask for an agent of a department to serve the customer',
			parameters: [
				clientId,
				departmentId,
				{
					displayName: 'Customer',
					name: 'customer',
					type: 'collection',
					placeholder: 'Add Field',
					default: {},
					description: 'Details of the customer that the agent sees. Values are sent unchanged.',
					options: [
						{
							displayName: 'CPF',
							name: 'cpf',
							type: 'string',
							default: '',
							placeholder: 'e.g. 123.456.789-00',
							description: 'Brazilian taxpayer number, with its dots and dash',
						},
						{
							displayName: 'Email',
							name: 'email',
							type: 'string',
							default: '',
							placeholder: 'e.g. name@email.com',
							description: 'Email address of the customer',
						},
						{
							displayName: 'Name',
							name: 'name',
							type: 'string',
							default: '',
							placeholder: 'e.g. Nathan Smith',
							description: 'Name of the customer',
						},
						{
							displayName: 'Phone',
							name: 'phone',
							type: 'string',
							default: '',
							placeholder: 'e.g. 11988776655',
							description: 'Area code (DDD) and number, without the country code',
						},
					],
				},
				optionsCollection([
					{
						displayName: 'Bot ID',
						name: 'botId',
						type: 'string',
						format: id,
						default: '',
						placeholder: 'e.g. shop-bot',
						description:
							'Name for this bot. Omnize includes it in the events of the conversation, so that several bots can share one webhook.',
					},
				]),
			],
			orderingKey: orderingKeyOf,
			execute: async (omnize, { clientId, departmentId, customer, options }) =>
				outcome(
					{ clientId, departmentId },
					await omnize.startInteraction({ clientId, departmentId }, customer, options.botId),
				),
		}),
		operation({
			name: 'Start Typing',
			value: 'startTyping',
			action: 'Show that customer is typing',
			description: 'Show the agent that the customer is typing',
			parameters: [clientId, departmentId],
			orderingKey: orderingKeyOf,
			execute: async (omnize, conversation) =>
				outcome(conversation, await omnize.startTyping(conversation)),
		}),
		operation({
			name: 'Stop Typing',
			value: 'stopTyping',
			action: 'Show that customer stopped typing',
			description: 'Show the agent that the customer has stopped typing',
			parameters: [clientId, departmentId],
			orderingKey: orderingKeyOf,
			execute: async (omnize, conversation) =>
				outcome(conversation, await omnize.stopTyping(conversation)),
		}),
	],
};
