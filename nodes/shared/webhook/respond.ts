import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

/**
 * Rejects a webhook request: status 401, no execution, and one line in n8n's log with the reason,
 * which must not repeat anything from the request.
 */
export function respondUnauthorized(
	functions: IWebhookFunctions,
	reason: string,
): IWebhookResponseData {
	functions.logger.warn(`${functions.getNode().name}: Webhook request rejected: ${reason}`);
	functions.getResponseObject().status(401).send('Unauthorized').end();
	return { noWebhookResponse: true };
}

/** Accepts a webhook request that the node's settings filter out: status 200, no execution. */
export function acknowledge(functions: IWebhookFunctions): IWebhookResponseData {
	functions.getResponseObject().status(200).send('').end();
	return { noWebhookResponse: true };
}
