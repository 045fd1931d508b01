import type { JsonObject } from '../../shared/json';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import type { GitpleApi } from '../api/GitpleApi';

const operation = operationsOf<GitpleApi>();

interface Lookup {
	name: string;
	value: string;
	description: string;
	/** Where such an id is found. */
	idDescription: string;
	get(gitple: GitpleApi, id: string): Promise<JsonObject>;
}

/** What the Open API only lets one look up by its id. */
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
						default: '',
						required: true,
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
	description: 'Somebody who answers users',
	idDescription: 'As in the agent of an event, or in the agents of an agent group',
	get: async (gitple, id) => await gitple.getAgent(id),
});

export const agentGroup = lookup({
	name: 'Agent Group',
	value: 'agentGroup',
	description: 'Agents who work together',
	idDescription: 'As in the groups of an agent',
	get: async (gitple, id) => await gitple.getAgentGroup(id),
});

export const category = lookup({
	name: 'Category',
	value: 'category',
	description: 'What a session was about',
	idDescription: 'As in the categories of a session',
	get: async (gitple, id) => await gitple.getCategory(id),
});

export const sessionTag = lookup({
	name: 'Session Tag',
	value: 'sessionTag',
	description: 'A mark that agents put on sessions',
	idDescription: 'As in the tags of a session',
	get: async (gitple, id) => await gitple.getSessionTag(id),
});

export const user = lookup({
	name: 'User',
	value: 'user',
	description: 'A customer',
	idDescription: 'As in the user of an event or a session',
	get: async (gitple, id) => await gitple.getUser(id),
});

export const userGroup = lookup({
	name: 'User Group',
	value: 'userGroup',
	description: 'Users who belong together',
	idDescription: 'As in the groups of a user',
	get: async (gitple, id) => await gitple.getUserGroup(id),
});

export const userTag = lookup({
	name: 'User Tag',
	value: 'userTag',
	description: 'A mark that agents put on users',
	idDescription: 'As in the tags of a user',
	get: async (gitple, id) => await gitple.getUserTag(id),
});
