import { limit, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { CHANNEL, DEPARTMENT, translateFields, WRAP_UP_CODE } from '../api/wire/vocabulary';
import { conversation, department as departmentField, listed, simplify } from './fields';

const operation = operationsOf<VoxfreeApi>();

/** What conversations are put in order by, and can only be looked up. */

export const department: Resource<VoxfreeApi> = {
	name: 'Department',
	value: 'department',
	description: 'A group of agents (departamento) that the agent belongs to',
	operations: [
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many departments',
			description: 'List the departments of the agent',
			parameters: [returnAll, limit, simplify],
			execute: async (voxfree, values) =>
				listed(await voxfree.getDepartments(), values, (entry) =>
					translateFields(entry, DEPARTMENT),
				),
		}),
	],
};

export const channel: Resource<VoxfreeApi> = {
	name: 'Channel',
	value: 'channel',
	description: 'What contacts write on (canal): a WhatsApp number, an Instagram or Facebook page',
	operations: [
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many channels',
			description: 'List the channels that a department can use',
			parameters: [departmentField, returnAll, limit, simplify],
			execute: async (voxfree, { departmentId, ...values }) =>
				listed(await voxfree.getChannels(departmentId), values, (entry) =>
					translateFields(entry, CHANNEL),
				),
		}),
	],
};

export const wrapUpCode: Resource<VoxfreeApi> = {
	name: 'Wrap-Up Code',
	value: 'wrapUpCode',
	description: 'A reason (tabulação) that conversations are finished with',
	operations: [
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many wrap up codes',
			description: 'List the reasons that a conversation can be finished with',
			parameters: [conversation, returnAll, limit, simplify],
			execute: async (voxfree, { protocol, ...values }) =>
				listed(await voxfree.getWrapUpCodes(protocol), values, (entry) =>
					translateFields(entry, WRAP_UP_CODE),
				),
		}),
	],
};
