import type { JsonObject } from '../../shared/json';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import { gitpleId } from '../api/GitpleApi';
import type { GitpleApi } from '../api/GitpleApi';

const operation = operationsOf<GitpleApi>();

interface Lookup {
	name: string;
	value: string;
	description: string;
	/** Where to find such an id. */
	idDescription: string;
	get(gitple: GitpleApi, id: string): Promise<JsonObject>;
}

/** A resource that the Open API can only look up by its id. */
function lookup({ name, value, description, idDescription, get }: Lookup): Resource<GitpleApi> {
	return {
		name,
		value,
		description,
		operations: [
			operation({
				name: 'Get',
				value: 'get',
				action: `Get ${name.toLowerCase()}`,
				description: `Look up one ${name.toLowerCase()} by its ID`,
				parameters: [
					{
						displayName: `${name} ID`,
						name: 'id',
						type: 'string',
						format: gitpleId,
						default: '',
						required: true,
						placeholder: 'e.g. 12',
						description: idDescription,
					},
				],
				execute: async (gitple, { id }) => await get(gitple, id),
			}),
		],
	};
}

export const agent = lookup({
	name: 'Agent',
	value: 'agent',
	description: 'A person who answers users',
	idDescription: 'Found in the agent of an event or the agents of an agent group',
	get: async (gitple, id) => await gitple.getAgent(id),
});

export const agentGroup = lookup({
	name: 'Agent Group',
	value: 'agentGroup',
	description: 'Agents who work together',
	idDescription: 'Found in the groups of an agent',
	get: async (gitple, id) => await gitple.getAgentGroup(id),
});

export const category = lookup({
	name: 'Category',
	value: 'category',
	description: 'The subject of a session',
	idDescription: 'Found in the categories of a session',
	get: async (gitple, id) => await gitple.getCategory(id),
});

export const sessionTag = lookup({
	name: 'Session Tag',
	value: 'sessionTag',
	description: 'A label that agents add to sessions',
	idDescription: 'Found in the tags of a session',
	get: async (gitple, id) => await gitple.getSessionTag(id),
});

export const user = lookup({
	name: 'User',
	value: 'user',
	description: 'A customer',
	idDescription: 'Found in the user of an event or a session',
	get: async (gitple, id) => await gitple.getUser(id),
});

export const userGroup = lookup({
	name: 'User Group',
	value: 'userGroup',
	description: 'A group of users',
	idDescription: 'Found in the groups of a user',
	get: async (gitple, id) => await gitple.getUserGroup(id),
});

export const userTag = lookup({
	name: 'User Tag',
	value: 'userTag',
	description: 'A label that agents add to users',
	idDescription: 'Found in the tags of a user',
	get: async (gitple, id) => await gitple.getUserTag(id),
});
