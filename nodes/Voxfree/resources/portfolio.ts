import { limit, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { translateFields, PORTFOLIO } from '../api/wire/vocabulary';
import { contact, department, done, listed, simplify } from './fields';

const operation = operationsOf<VoxfreeApi>();

export const portfolio: Resource<VoxfreeApi> = {
	name: 'Portfolio',
	value: 'portfolio',
	description: 'Contacts that are always routed to the agent (carteirização)',
	operations: [
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many portfolio contacts',
			description: 'List the contacts that belong to the portfolio of the agent',
			parameters: [returnAll, limit, simplify],
			execute: async (voxfree, values) =>
				listed(await voxfree.getPortfolio(), values, (entry) => translateFields(entry, PORTFOLIO)),
		}),
		operation({
			name: 'Remove Contact',
			value: 'remove',
			action: 'Remove contact from portfolio',
			description: 'Take a contact out of the portfolio of the agent, in one department',
			parameters: [contact, department, simplify],
			orderingKey: ({ contactId }) => contactId,
			execute: async (voxfree, { contactId, departmentId, simplify }) =>
				done(
					{ contactId, departmentId, removed: true },
					await voxfree.removeFromPortfolio(contactId, departmentId),
					simplify,
				),
		}),
	],
};
