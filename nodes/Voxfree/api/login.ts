import { createHash } from 'node:crypto';
import { ProviderError } from '../../shared/errors';
import type { Request } from '../../shared/http/types';
import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { field, isYes, textOf } from './wire/fields';
import { refusalIn } from './wire/refusals';

/** The two services that take the password. The credential adds it. */
export const LOGIN_SERVICE = '/login.php';
export const LOGIN_CHANGE_SERVICE = '/alterarSenha.php';

/** What a login returns about the agent, without the secrets in Voxfree's answer. */
export interface Session {
	agentId: string;
	accountId: string;
	photoUrl?: string;
	/** Voxfree asks the agent to choose a new password. */
	mustChangePassword: boolean;
	twoFactorAuthentication: boolean;
	telephony: boolean;
	callCenter?: boolean;
	omnichannel?: boolean;
	/** The telephone extension, without its password. */
	extension?: JsonObject;
	/** ISO 8601. */
	loggedInAt: string;
}

/** Voxfree takes passwords as the MD5 of their UTF-8 bytes, in lowercase hex. */
export function md5(text: string): string {
	return createHash('md5').update(text, 'utf8').digest('hex');
}

/** Reads the answer to a login. Drops the two-factor code and the password of the extension. */
function sessionIn(body: JsonValue, now: Date): Session {
	const answer = isJsonObject(body) ? body : {};
	const agentId = textOf(field(answer, 'id_agente'));
	const accountId = textOf(field(answer, 'codid_cliente'));
	if (agentId === undefined || accountId === undefined) {
		throw new ProviderError('Voxfree returned no agent ID at the login', {
			kind: 'unreadable',
			description:
				"Check 'Application URL' in the credential. Another service may be answering there.",
		});
	}
	const flag = (name: string) => {
		const value = field(answer, name);
		return value === undefined || value === null ? undefined : isYes(value);
	};
	const extension = field(answer, 'dadosRamal');
	return {
		agentId,
		accountId,
		photoUrl: textOf(field(answer, 'foto_perfil')),
		mustChangePassword: isYes(field(answer, 'alterar_senha')),
		twoFactorAuthentication: isYes(field(answer, 'autenticacao2fatores')),
		telephony: isYes(field(answer, 'telefonia')),
		callCenter: flag('callcenter'),
		omnichannel: flag('omnichannel'),
		extension: isJsonObject(extension) ? extensionIn(extension) : undefined,
		loggedInAt: now.toISOString(),
	};
}

/** An allowlist, so that no secret gets through under a name that the document does not show. */
function extensionIn(entry: JsonObject): JsonObject {
	const names = { ramal: 'number', username: 'username', domain: 'domain', transport: 'transport' };
	return Object.fromEntries(
		Object.entries(names).flatMap(([theirs, ours]) => {
			const value = textOf(field(entry, theirs));
			return value === undefined ? [] : [[ours, value]];
		}),
	);
}

/**
 * Logs the agent in. The answer holds secrets, so errors never quote it.
 *
 * @param applicationUrl address of the application's services
 * @throws ProviderError: `refused` if Voxfree does not accept login and password, `unreadable` if the
 * answer has no agent
 */
export async function logIn(request: Request, applicationUrl: string): Promise<Session> {
	const answer = await request({
		method: 'POST',
		url: `${applicationUrl}${LOGIN_SERVICE}`,
		// The credential adds login and password.
		body: {},
		purpose: 'read',
		// With a session in it, n8n does not try to begin one before this request.
		credentials: { session: 'being begun' },
	}).catch((error: unknown) => {
		if (!(error instanceof ProviderError) || error.kind !== 'unreadable') throw error;
		throw new ProviderError(error.message.replace(/^(.*) instead of data$/, '$1 at the login'), {
			kind: 'unreadable',
			description:
				"Nothing was sent. Check 'Application URL' in the credential. A maintenance page may be answering in its place.",
			httpStatus: error.httpStatus,
		});
	});
	const refused = refusalIn(answer.body);
	if (refused !== undefined) {
		throw new ProviderError('Voxfree refused the login', {
			kind: 'refused',
			reason: refused,
			description: 'Check login and password in the credential. Nothing was sent.',
			httpStatus: answer.status,
		});
	}
	return sessionIn(answer.body, new Date());
}
