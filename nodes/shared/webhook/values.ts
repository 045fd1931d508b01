import type { IWebhookFunctions } from 'n8n-workflow';
import { errorText } from '../errors';
import type { TriggerReader } from '../parameters/triggerValues';

/**
 * Reads a trigger's parameters for a webhook request. They were checked at the activation, but an
 * expression may yield something else by now. Then the caller gets status 500, so that a provider that
 * repeats its calls does so, no execution starts, and the log has the reason.
 *
 * @returns undefined if the request has been answered
 */
export function webhookValues(
	functions: IWebhookFunctions,
	read: TriggerReader,
): Record<string, unknown> | undefined {
	try {
		return read(functions);
	} catch (error) {
		functions.logger.error(
			`${functions.getNode().name}: Webhook request not handled: ${errorText(error)}`,
		);
		functions.getResponseObject().status(500).send('The trigger is not set up correctly').end();
		return undefined;
	}
}
