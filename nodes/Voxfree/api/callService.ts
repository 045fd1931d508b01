import { invalidInput, ProviderError } from '../../shared/errors';
import { quote } from '../../shared/http/failures';
import type { ProviderRequest, Request } from '../../shared/http/types';
import type { JsonValue } from '../../shared/json';
import type { Session } from './login';
import { multipartBody } from './multipart';
import type { UploadFile } from './multipart';
import type { CredentialSession } from './SessionStore';
import { isUnknownAgent, refusalIn } from './wire/refusals';

/** The body of a request to Voxfree. All of its values are text. */
export type Fields = Record<string, string>;

/** What only some calls need. */
interface CallOptions {
	/** Whether an answer that looks like a refusal is one that the caller expects. */
	accepts?(body: JsonValue): boolean;
	/** Which of Voxfree's two hosts has the service. Default: `application`. */
	host?: 'application' | 'services';
	/** Sends a form with this file instead of JSON. */
	file?: UploadFile;
}

/**
 * Calls one of Voxfree's services as the agent. Logs in first if there is no session, and once more
 * if Voxfree no longer knows the agent.
 *
 * @param fieldsOf makes the body for a session
 * @throws ProviderError (`invalid`) if a field for an ID holds something else; RefusedCall if Voxfree
 * refuses
 */
export type CallService = (
	purpose: ProviderRequest['purpose'],
	service: string,
	fieldsOf: (session: Session) => Fields,
	options?: CallOptions,
) => Promise<JsonValue>;

/** Voxfree knows the agent, but refuses the call. A refused login is a plain ProviderError. */
export class RefusedCall extends ProviderError {}

/** @param urls addresses of Voxfree's two hosts, without a slash at the end */
export function createCallService(
	request: Request,
	session: CredentialSession,
	urls: Readonly<Record<'application' | 'services', string>>,
): CallService {
	async function attempt(
		purpose: ProviderRequest['purpose'],
		service: string,
		fields: Fields,
		{ accepts, host = 'application', file }: CallOptions,
	): Promise<{ body: JsonValue } | { refusal: string; status: number }> {
		const { body, status } = await request({
			method: 'POST',
			url: `${urls[host]}${service}`,
			body:
				file === undefined
					? fields
					: multipartBody({ fields: Object.entries(fields), fileField: 'file', file }),
			purpose,
			credentials: session.takeUnsaved(),
		});
		const refusal = accepts?.(body) === true ? undefined : refusalIn(body);
		return refusal === undefined ? { body } : { refusal, status };
	}

	return async (purpose, service, fieldsOf, options = {}) => {
		// Wrong input should not cost a login.
		checkIds(fieldsOf(NO_SESSION));
		const current = await session.current();
		const first = await attempt(purpose, service, fieldsOf(current), options);
		if (!('refusal' in first)) return first.body;
		if (!isUnknownAgent(first.refusal) || !session.shouldRelogin(service, first.refusal)) {
			throw refusedCall(first.refusal, first.status);
		}
		// Voxfree does nothing for an agent it does not know, so even a send may be repeated.
		const renewed = await session.renew(current);
		const second = await attempt(purpose, service, fieldsOf(renewed), options);
		if (!('refusal' in second)) return second.body;
		if (second.refusal === first.refusal) session.markReloginUseless(service, second.refusal);
		throw refusedCall(second.refusal, second.status);
	};
}

const NO_SESSION: Session = {
	agentId: '0',
	accountId: '0',
	mustChangePassword: false,
	twoFactorAuthentication: false,
	telephony: false,
	loggedInAt: '',
};

/** Voxfree's names for IDs, and the parameters in which users enter them. */
const ID_FIELDS: Readonly<Record<string, string>> = {
	protocolo: 'Conversation',
	id_canal_unico: 'Channel ID',
	id_canal: 'Channel',
	id_contato: 'Contact ID',
	codid_contato: 'Contact',
	departamento: 'Department',
	departamento_selecionado: 'Department',
	codid_departamento: 'Department',
	new_id_agente: 'New Agent',
	selected_tabulacao: 'Wrap-Up Code',
	reply_id: 'Reply to Message ID',
	id_last_message: 'Last Message ID',
	codid_template: 'Template',
	codid_tag: 'Tag',
	codid_resposta: 'Quick Reply',
};

/** All sample IDs are digits. Letters pass as well; anything else is a mistake. */
const NOT_AN_ID = /[^\p{L}\p{N}_.@-]|^\.+$/u;

function checkIds(fields: Fields): void {
	for (const [name, value] of Object.entries(fields)) {
		const label = ID_FIELDS[name];
		if (label === undefined || !NOT_AN_ID.test(value)) continue;
		throw invalidInput(
			`'${label}' is not an ID of Voxfree`,
			'IDs are digits, without spaces, slashes or other characters. Nothing was sent.',
		);
	}
}

function refusedCall(words: string, status: number): RefusedCall {
	return new RefusedCall('Voxfree did not accept the request', {
		kind: 'refused',
		description: quote('Voxfree', words),
		httpStatus: status,
	});
}
