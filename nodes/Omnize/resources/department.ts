import { limit, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import { listItems, listOptions } from '../../shared/operation/listItems';
import type { Resource } from '../../shared/operation/define';
import type { OmnizeApi } from '../api/OmnizeApi';

const operation = operationsOf<OmnizeApi>();

export const department: Resource<OmnizeApi> = {
	name: 'Department',
	value: 'department',
	description: 'A group of agents who serve customers',
	operations: [
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many departments',
			description: 'List the departments of the account',
			parameters: [returnAll, limit, listOptions],
			execute: async (omnize, values, context) =>
				await listItems(omnize.getDepartments(), values, context),
		}),
	],
};
