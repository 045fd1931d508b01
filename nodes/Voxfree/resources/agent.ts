import { createRedactor } from '../../shared/redact';
import { invalidInput, ProviderError } from '../../shared/errors';
import { operationsOf } from '../../shared/operation/define';
import type { Resource } from '../../shared/operation/define';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { done, present, simplify } from './fields';

const operation = operationsOf<VoxfreeApi>();

export const agent: Resource<VoxfreeApi> = {
	name: 'Agent',
	value: 'agent',
	description: 'The agent (atendente) of the credential, in whose name n8n works',
	defaultOperation: 'getSession',
	operations: [
		operation({
			name: 'Change Password',
			value: 'changePassword',
			action: 'Change password of agent',
			description:
				'Give the agent of the credential a new password. Enter it in the credential afterwards, or the next login fails.',
			parameters: [
				{
					displayName: 'New Password',
					name: 'newPassword',
					type: 'string',
					typeOptions: { password: true },
					default: '',
					required: true,
					description: 'The password as the agent will type it; its MD5 hash is sent',
				},
				simplify,
			],
			execute: async (voxfree, { newPassword, simplify }) => {
				if (newPassword !== newPassword.trim()) {
					throw invalidInput(
						"'New Password' begins or ends with a blank",
						'Nobody could type it as it is. Nothing was sent.',
					);
				}
				// It is in no credential yet, so nothing else would hide it.
				const hide = createRedactor([newPassword]);
				const answer = await voxfree.changePassword(newPassword).catch((error: unknown) => {
					if (!(error instanceof ProviderError)) throw error;
					throw new ProviderError(hide(error.message), {
						...error,
						description: error.description === undefined ? undefined : hide(error.description),
					});
				});
				const facts = { note: 'Enter the new password in the credential now' };
				return done(facts, JSON.parse(hide(JSON.stringify(answer))), simplify);
			},
		}),
		operation({
			name: 'Get Session Info',
			value: 'getSession',
			action: 'Get session info of agent',
			description:
				'Look up who the agent is to Voxfree: IDs, photo, telephone extension, and whether the password has to be changed',
			parameters: [],
			execute: async (voxfree) => present(await voxfree.getSession(true)),
		}),
		operation({
			name: 'Set Offline',
			value: 'setOffline',
			action: 'Set agent offline',
			description: 'Keep conversations from being routed to the agent',
			parameters: [simplify],
			execute: async (voxfree, { simplify }) =>
				done({ status: 'offline' }, await voxfree.setOffline(), simplify),
		}),
		operation({
			name: 'Set Online',
			value: 'setOnline',
			action: 'Set agent online',
			description: 'Let conversations be routed to the agent',
			parameters: [simplify],
			execute: async (voxfree, { simplify }) =>
				done({ status: 'online' }, await voxfree.setOnline(), simplify),
		}),
	],
};
