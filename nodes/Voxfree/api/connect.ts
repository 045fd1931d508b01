import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	ITriggerFunctions,
} from 'n8n-workflow';
import { ProviderError } from '../../shared/errors';
import { openConnection } from '../../shared/http/client';
import type { Request } from '../../shared/http/types';
import type { Redactor } from '../../shared/redact';
import { VoxfreeApi } from './VoxfreeApi';
import { LOGIN_SERVICE, md5, sessionIn, SessionKeeper } from './session';
import type { Session } from './session';
import { refusalIn } from './wire/refusals';

/** Asks Voxfree for a session. Of its answer, which holds secrets, nothing is ever quoted. */
async function logIn(request: Request, application: string): Promise<Session> {
	const answer = await request({
		method: 'POST',
		url: `${application}${LOGIN_SERVICE}`,
		// The credential adds login and password.
		body: {},
		purpose: 'read',
		credentials: { session: 'being begun' },
	}).catch((error: unknown) => {
		if (!(error instanceof ProviderError) || error.kind !== 'unreadable') throw error;
		throw new ProviderError(error.message.replace(/^(.*) instead of data$/, '$1 at the login'), {
			kind: 'unreadable',
			description:
				"Nothing was sent. Check 'Application URL' in the credential; a maintenance page may be answering in its place.",
			httpStatus: error.httpStatus,
		});
	});
	const refused = refusalIn(answer.body);
	if (refused !== undefined) {
		throw new ProviderError('Voxfree refused the login', {
			kind: 'refused',
			description: `Voxfree says: ${refused} Check login and password in the credential. Nothing was sent.`,
			httpStatus: answer.status,
		});
	}
	return sessionIn(answer.body, new Date());
}

/**
 * Voxfree's calls with the credential of this node. Nothing is sent before the first call.
 *
 * @param timeout milliseconds for one request
 */
export async function connectVoxfree(
	functions: IExecuteFunctions | ILoadOptionsFunctions | ITriggerFunctions,
	timeout?: number,
): Promise<{ api: VoxfreeApi; redact: Redactor; credentials: ICredentialDataDecryptedObject }> {
	const { credentials, request, redact } = await openConnection(functions, {
		provider: 'Voxfree',
		credentialType: 'voxfreeApi',
		secretFields: ['password'],
		// A short password is an ordinary word, but its hash opens the door just as well.
		furtherSecrets: ({ password }) => [md5(String(password ?? ''))],
		timeout,
	});
	const address = (name: string) => addressIn(credentials, name);
	const application = address('baseUrl');
	const login = String(credentials.login ?? '').trim();
	const name = String(credentials.agentName ?? '').trim();
	const sessions = new SessionKeeper(credentials, async () => await logIn(request, application));
	const api = new VoxfreeApi(
		request,
		sessions,
		{ application, services: address('servicesUrl') },
		name === '' ? (login.split('@')[0] ?? login) : name,
	);
	return { api, redact, credentials };
}

function addressIn(credentials: ICredentialDataDecryptedObject, name: string): string {
	return String(credentials[name] ?? '')
		.trim()
		.replace(/\/+$/, '');
}
