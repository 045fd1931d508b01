import { isJsonObject } from '../../shared/json';
import type { JsonValue } from '../../shared/json';

/** The frame that registers a connection for an agent. Its nulls are required. */
export function registrationOf(agentId: string): string {
	return JSON.stringify({
		codid_agente: agentId,
		recipient_id: null,
		type: 'socket',
		token: null,
		message: null,
	});
}

/** Whether a frame is our own registration, which a server that repeats everything sends back. */
export function isRegistration(raw: JsonValue): boolean {
	return isJsonObject(raw) && raw.type === 'socket' && raw.message === null && raw.token === null;
}
