import { operationsOf } from '../../shared/operation/define';
import { listOptions } from '../../shared/operation/listItems';
import type { Resource } from '../../shared/operation/define';
import { limit, returnAll } from '../../shared/parameters/limit';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { PORTFOLIO, translateFields } from '../api/wire/vocabulary';
import { listOutput, successOutput } from './outputs';
import { contact, department, simplify } from './parameters';

const operation = operationsOf<VoxfreeApi>();

export const portfolio: Resource<VoxfreeApi> = {
	name: 'Portfolio',
	value: 'portfolio',
	description: 'The contacts that are always routed to the agent (carteirização)',
	operations: [
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many portfolio contacts',
			description: "List the contacts in the agent's portfolio",
			parameters: [returnAll, limit, listOptions, simplify],
			execute: async (voxfree, values, context) =>
				listOutput(voxfree.getPortfolio(), values, context, (entry) =>
					translateFields(entry, PORTFOLIO),
				),
		}),
		operation({
			name: 'Remove Contact',
			value: 'remove',
			action: 'Remove contact from portfolio',
			description: "Remove a contact from the agent's portfolio, for one department",
			parameters: [contact, department, simplify],
			orderingKey: ({ contactId }) => contactId,
			execute: async (voxfree, { contactId, departmentId, simplify }) =>
				successOutput(
					{ contactId, departmentId },
					await voxfree.removeFromPortfolio(contactId, departmentId),
					simplify,
					{ removed: true },
				),
		}),
	],
};
