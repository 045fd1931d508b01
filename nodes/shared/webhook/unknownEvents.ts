import type { IWebhookFunctions } from 'n8n-workflow';
import type { JsonValue } from '../json';
import { UnknownEventLog } from '../UnknownEventLog';

/** How many trigger nodes have a log; beyond that, the oldest one starts anew. */
const CAPACITY = 1_000;

const logs = new Map<string, UnknownEventLog>();

/**
 * Notes in n8n's log that a webhook request holds no event that the node knows. See `UnknownEventLog`.
 * Only for requests that have been verified.
 *
 * @param body what the request says
 */
export function logUnknownEvent(
	functions: IWebhookFunctions,
	provider: string,
	body: JsonValue,
): void {
	const { id, name } = functions.getNode();
	const key = `${functions.getWorkflow().id}:${id}`;
	let log = logs.get(key);
	if (log === undefined) {
		const oldest = logs.keys().next();
		if (logs.size >= CAPACITY && oldest.done !== true) logs.delete(oldest.value);
		log = new UnknownEventLog(provider);
		logs.set(key, log);
	}
	log.add(body, Date.now(), (message) => functions.logger.warn(`${name}: ${message}`));
}
