import type { IDataObject } from 'n8n-workflow';
import { operationsOf } from '../../shared/operation';
import type { Resource } from '../../shared/operation';
import type { OmnizeApi } from '../OmnizeApi';

const operation = operationsOf<OmnizeApi>();

export const department: Resource<OmnizeApi> = {
	name: 'Department',
	value: 'department',
	description: 'A group of agents that customers are sent to',
	operations: [
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many departments',
			description: 'List the departments of the account',
			parameters: [
				{
					displayName: 'Return All',
					name: 'returnAll',
					type: 'boolean',
					default: false,
					description: 'Whether to return all results or only up to a given limit',
				},
				{
					displayName: 'Limit',
					name: 'limit',
					type: 'number',
					displayOptions: { show: { returnAll: [false] } },
					typeOptions: { minValue: 1 },
					default: 50,
					description: 'Max number of results to return',
				},
			],
			execute: async (omnize, { returnAll, limit }) => {
				const departments = (await omnize.getDepartments()) as IDataObject[];
				return returnAll ? departments : departments.slice(0, limit);
			},
		}),
	],
};
