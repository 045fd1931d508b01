import { limit, limited, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import type { GitpleApi } from '../api/GitpleApi';
import { namesFor, SESSION_LISTS } from '../api/names';

const operation = operationsOf<GitpleApi>();

const sessionId = {
	displayName: 'Session ID',
	name: 'sessionId',
	type: 'string',
	default: '',
	required: true,
	description: 'As in the session of an event',
} as const;

export const session: Resource<GitpleApi> = {
	name: 'Session',
	value: 'session',
	description: 'A conversation with a user',
	operations: [
		operation({
			name: 'Get',
			value: 'get',
			action: 'Get session',
			description: 'Look up one session by its ID',
			parameters: [
				sessionId,
				{
					displayName: 'Options',
					name: 'options',
					type: 'collection',
					placeholder: 'Add option',
					default: {},
					options: [
						{
							displayName: 'Resolve Names',
							name: 'resolveNames',
							type: 'boolean',
							default: false,
							description:
								'Whether to add the names of tags, categories and user groups, which the session has by ID only. Each is asked for once in an execution.',
						},
					],
				},
			],
			execute: async (gitple, { sessionId, options }) => {
				const found = await gitple.getSession(sessionId);
				if (options.resolveNames !== true) return found;
				return { ...found, ...(await namesFor(gitple, found, SESSION_LISTS)) };
			},
		}),
		operation({
			name: 'Get Messages',
			value: 'getMessages',
			action: 'Get messages of session',
			description: 'List what was said in a session, one item for each message',
			parameters: [sessionId, returnAll, limit],
			execute: async (gitple, { sessionId, ...values }) =>
				limited(await gitple.getSessionMessages(sessionId), values),
		}),
	],
};
