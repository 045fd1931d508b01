import { id } from '../../shared/parameters/builders';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import type { SampleDeskApi } from '../api/SampleDeskApi';

const operation = operationsOf<SampleDeskApi>();

export const message: Resource<SampleDeskApi> = {
	name: 'Message',
	value: 'message',
	description: 'What a customer reads',
	operations: [
		operation({
			name: 'Send',
			value: 'send',
			action: 'Send message',
			description: 'Send a text to a customer',
			parameters: [
				{
					displayName: 'Customer ID',
					name: 'customerId',
					type: 'string',
					format: id,
					default: '',
					required: true,
					placeholder: 'e.g. 12',
					description: 'ID of the customer in SampleDesk',
				},
				{
					displayName: 'Text',
					name: 'text',
					type: 'string',
					typeOptions: { rows: 3 },
					default: '',
					required: true,
					placeholder: 'e.g. Hello',
					description: 'What the customer reads',
				},
			],
			// Messages to one customer keep their order.
			orderingKey: ({ customerId }) => customerId,
			execute: async (sampleDesk, { customerId, text }) => ({
				customerId,
				messageId: await sampleDesk.sendMessage(customerId, text),
			}),
		}),
	],
};
