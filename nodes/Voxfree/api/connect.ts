import { sleep } from 'n8n-workflow';
import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	ITriggerFunctions,
} from 'n8n-workflow';
import { createDownloads } from '../../shared/files/download';
import { openConnection } from '../../shared/http/client';
import type { RequestLimits } from '../../shared/http/types';
import type { Redactor } from '../../shared/redact';
import { baseUrlFrom } from '../../shared/text';
import { createCallService } from './callService';
import { logIn, md5 } from './login';
import { CredentialSession, SessionStore } from './SessionStore';
import { VoxfreeApi } from './VoxfreeApi';

interface VoxfreeConnection {
	api: VoxfreeApi;
	redact: Redactor;
	hasSent: () => boolean;
	credentials: ICredentialDataDecryptedObject;
}

/** Every node of this process shares its logins. */
const processSessions = new SessionStore();

/**
 * Voxfree's calls with the credential of this node. Nothing is sent before the first call.
 *
 * @param limits of its requests
 * @param sessions where logins are remembered
 */
export async function connectVoxfree(
	functions: IExecuteFunctions | ILoadOptionsFunctions | ITriggerFunctions,
	limits: RequestLimits = {},
	sessions: SessionStore = processSessions,
): Promise<VoxfreeConnection> {
	const { credentials, request, hasSent, redact } = await openConnection(functions, {
		provider: 'Voxfree',
		credentialType: 'voxfreeApi',
		secretFields: ['password'],
		// A short password is an ordinary word and not hidden, but its hash logs in just as well.
		furtherSecrets: ({ password }) => [md5(String(password ?? ''))],
		...limits,
	});
	const urls = {
		application: baseUrlFrom(credentials.baseUrl),
		services: baseUrlFrom(credentials.servicesUrl),
	};
	const session = new CredentialSession(
		sessions,
		credentials,
		async () => await logIn(request, urls.application),
	);
	const login = String(credentials.login ?? '').trim();
	const agentName = String(credentials.agentName ?? '').trim();
	const api = new VoxfreeApi(createCallService(request, session, urls), {
		session,
		agentName: agentName === '' ? (login.split('@')[0] ?? login) : agentName,
		files: createDownloads(functions as IExecuteFunctions, {
			own: Object.values(urls).flatMap((url) => (URL.canParse(url) ? new URL(url) : [])),
			redact,
			timeout: limits.timeout,
		}),
		wait: sleep,
	});
	return { api, redact, hasSent, credentials };
}
