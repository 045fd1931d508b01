import { invalidInput, ProviderError } from '../../shared/errors';
import type { JsonValue } from '../../shared/json';
import { operationsOf } from '../../shared/operation/define';
import type { Output, Resource } from '../../shared/operation/define';
import { createDataRedactor, createRedactor } from '../../shared/redact';
import { md5 } from '../api/login';
import type { VoxfreeApi } from '../api/VoxfreeApi';
import { confirmsStatus } from '../api/wire/confirmations';
import { omitEmpty, successOutput } from './outputs';
import { simplify } from './parameters';

const operation = operationsOf<VoxfreeApi>();

/** Changes the password, and hides it in answer and errors: no credential holds it yet. */
async function changePassword(voxfree: VoxfreeApi, newPassword: string): Promise<JsonValue> {
	const secrets = [newPassword, md5(newPassword)];
	const redact = createRedactor([], secrets);
	const answer = await voxfree.changePassword(newPassword).catch((error: unknown) => {
		if (!(error instanceof ProviderError)) throw error;
		throw new ProviderError(redact(error.message), {
			...error,
			reason: error.reason === undefined ? undefined : redact(error.reason),
			description: error.description === undefined ? undefined : redact(error.description),
		});
	});
	return createDataRedactor([], secrets)(answer);
}

function statusOutput(status: 'online' | 'offline', answer: JsonValue, simplify: boolean): Output {
	return successOutput({}, answer, simplify, { status }, confirmsStatus(answer, status));
}

export const agent: Resource<VoxfreeApi> = {
	name: 'Agent',
	value: 'agent',
	description: 'The agent (atendente) of the credential',
	defaultOperation: 'getSession',
	operations: [
		operation({
			name: 'Change Password',
			value: 'changePassword',
			action: 'Change password of agent',
			description:
				'Change the password of the agent. Update the credential afterwards, or the next login fails.',
			parameters: [
				{
					displayName: 'New Password',
					name: 'newPassword',
					type: 'string',
					typeOptions: { password: true },
					default: '',
					required: true,
					description: 'The password as the agent will type it. The node sends its MD5 hash.',
				},
				simplify,
			],
			check: ({ newPassword }) => {
				if (newPassword === newPassword.trim()) return;
				throw invalidInput(
					"'New Password' begins or ends with a space",
					'Check the expression in this field.',
				);
			},
			execute: async (voxfree, { newPassword, simplify }) =>
				successOutput(
					{ note: 'Enter the new password in the credential now' },
					await changePassword(voxfree, newPassword),
					simplify,
				),
		}),
		operation({
			name: 'Get Session Info',
			value: 'getSession',
			action: 'Get session info of agent',
			description:
				"Get the agent's IDs, photo and telephone extension, and whether the password must be changed",
			parameters: [],
			execute: async (voxfree) => omitEmpty(await voxfree.getSession(true)),
		}),
		operation({
			name: 'Set Offline',
			value: 'setOffline',
			action: 'Set agent offline',
			description: 'Stop routing conversations to the agent',
			parameters: [simplify],
			execute: async (voxfree, { simplify }) =>
				statusOutput('offline', await voxfree.setOffline(), simplify),
		}),
		operation({
			name: 'Set Online',
			value: 'setOnline',
			action: 'Set agent online',
			description: 'Route conversations to the agent',
			parameters: [simplify],
			execute: async (voxfree, { simplify }) =>
				statusOutput('online', await voxfree.setOnline(), simplify),
		}),
	],
};
