import { limit, limited, returnAll } from '../../shared/parameters/limit';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import { optionsCollection } from '../../shared/parameters/builders';
import { gitpleId } from '../api/GitpleApi';
import type { GitpleApi } from '../api/GitpleApi';
import { namesFor, SESSION_LISTS } from '../api/names';

const operation = operationsOf<GitpleApi>();

const sessionId = {
	displayName: 'Session ID',
	name: 'sessionId',
	type: 'string',
	format: gitpleId,
	default: '',
	required: true,
	placeholder: 'e.g. 5d1c3f0a',
	description: "ID of the session: '_id' in the 'session' of the Gitple Trigger's output",
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
			description: 'Look up a session by its ID',
			parameters: [
				sessionId,
				optionsCollection([
					{
						displayName: 'Resolve Names',
						name: 'resolveNames',
						type: 'boolean',
						default: false,
						description:
							'Whether to add the names of tags, categories and user groups, of which the session contains only the IDs. Each name is looked up once per execution.',
					},
				]),
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
			description: 'List the messages of a session, one item per message',
			parameters: [sessionId, returnAll, limit],
			execute: async (gitple, { sessionId, ...values }) =>
				limited(await gitple.getSessionMessages(sessionId), values),
		}),
	],
};
