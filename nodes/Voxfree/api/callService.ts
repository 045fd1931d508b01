import { ProviderError } from '../../shared/errors';
import type { UploadFile } from '../../shared/files/UploadFile';
import type { ProviderRequest, Request } from '../../shared/http/types';
import type { JsonValue } from '../../shared/json';
import type { Session } from './login';
import { multipartBody } from './multipart';
import type { CredentialSession } from './SessionStore';
import { refusalIn } from './wire/refusals';
import { isUnknownAgent, mayConcernSession } from './wire/sessionWords';

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
 * if Voxfree says that it no longer knows the agent.
 *
 * @param fieldsOf makes the body for a session
 * @throws RefusedCall if Voxfree refuses
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
			// The document prints the answer to a sent message as two JSON texts.
			answer: 'texts',
			credentials: session.takeUnsaved(),
		});
		const refusal = accepts?.(body) === true ? undefined : refusalIn(body);
		return refusal === undefined ? { body } : { refusal, status };
	}

	return async (purpose, service, fieldsOf, options = {}) => {
		const current = await session.current();
		const first = await attempt(purpose, service, fieldsOf(current), options);
		if (!('refusal' in first)) return first.body;
		const { refusal, status } = first;
		if (!isUnknownAgent(refusal)) {
			// Never a reason to send twice, but the next call may need a new session.
			if (mayConcernSession(refusal)) session.distrust(service, current);
			throw refusedCall(refusal, status);
		}
		if (!session.shouldRelogin(service, refusal)) throw refusedCall(refusal, status);
		// Voxfree does nothing for an agent it does not know, so even a send may be repeated.
		const renewed = await session.renew(current);
		const second = await attempt(purpose, service, fieldsOf(renewed), options);
		if (!('refusal' in second)) return second.body;
		if (second.refusal === refusal) session.markReloginUseless(service, second.refusal);
		throw refusedCall(second.refusal, second.status);
	};
}

function refusedCall(words: string, status: number): RefusedCall {
	return new RefusedCall('Voxfree did not accept the request', {
		kind: 'refused',
		reason: words,
		httpStatus: status,
	});
}
