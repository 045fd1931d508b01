import type { IDataObject } from 'n8n-workflow';
import { limit, limited, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
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
			parameters: [returnAll, limit],
			execute: async (omnize, values) =>
				limited((await omnize.getDepartments()) as IDataObject[], values),
		}),
	],
};
