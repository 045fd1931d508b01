import { operationsOf } from '../../shared/operation/define';
import { listOptions } from '../../shared/operation/listItems';
import type { Resource } from '../../shared/operation/define';
import { limit, returnAll } from '../../shared/parameters/limit';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { CHANNEL, DEPARTMENT, translateFields, WRAP_UP_CODE } from '../api/wire/vocabulary';
import { listOutput } from './outputs';
import { conversationOfList, department as departmentParameter, simplify } from './parameters';

const operation = operationsOf<VoxfreeApi>();

/** The resources that can only be listed. */

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
			parameters: [returnAll, limit, listOptions, simplify],
			execute: async (voxfree, values, context) =>
				listOutput(voxfree.getDepartments(), values, context, (entry) =>
					translateFields(entry, DEPARTMENT),
				),
		}),
	],
};

export const channel: Resource<VoxfreeApi> = {
	name: 'Channel',
	value: 'channel',
	description: 'A WhatsApp number, Instagram or Facebook page (canal) that contacts write to',
	operations: [
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many channels',
			description: 'List the channels of a department',
			parameters: [departmentParameter, returnAll, limit, listOptions, simplify],
			execute: async (voxfree, { departmentId, ...values }, context) =>
				listOutput(voxfree.getChannels(departmentId), values, context, (entry) =>
					translateFields(entry, CHANNEL),
				),
		}),
	],
};

export const wrapUpCode: Resource<VoxfreeApi> = {
	name: 'Wrap-Up Code',
	value: 'wrapUpCode',
	description: 'A reason (tabulação) for finishing conversations',
	operations: [
		operation({
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many wrap-up codes',
			description: 'List the wrap-up codes that are available to a conversation',
			parameters: [conversationOfList, returnAll, limit, listOptions, simplify],
			execute: async (voxfree, { protocol, ...values }, context) =>
				listOutput(voxfree.getWrapUpCodes(protocol), values, context, (entry) =>
					translateFields(entry, WRAP_UP_CODE),
				),
		}),
	],
};
