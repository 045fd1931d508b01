import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

interface RawRequest {
	rawBody?: Buffer;
	readRawBody?: () => Promise<void>;
}

/**
 * The bytes of a call as they came. n8n leaves the body unread for content types that it does not
 * know, so it is asked for here.
 *
 * @returns an empty buffer where there is no body, or none that can be read any more: n8n takes
 * forms with files apart, and what throws in a webhook leaves a failed execution behind
 */
export async function rawBodyOf(functions: IWebhookFunctions): Promise<Buffer> {
	const request = functions.getRequestObject() as unknown as RawRequest;
	if (request.rawBody === undefined) {
		await request.readRawBody?.().catch((error: unknown) => {
			functions.logger.debug('The body of a call could not be read', { error });
		});
	}
	return request.rawBody ?? Buffer.alloc(0);
}

/**
 * Turns a call away: 401 for the caller, no execution, and one line in n8n's log that says why but
 * repeats nothing of the call.
 */
export function respondUnauthorized(
	functions: IWebhookFunctions,
	reason: string,
): IWebhookResponseData {
	functions.logger.warn(`${functions.getNode().name}: a call was turned away: ${reason}`);
	functions.getResponseObject().status(401).send('Unauthorized').end();
	return { noWebhookResponse: true };
}

/** Accepts a call that the node's settings leave out: 200 for the caller, no execution. */
export function acknowledge(functions: IWebhookFunctions): IWebhookResponseData {
	functions.getResponseObject().status(200).send('').end();
	return { noWebhookResponse: true };
}

/**
 * The headers of a call for the output of a trigger.
 *
 * @param secretHeaders those that hold secrets besides the ones that always do, in small letters
 */
export function headersWithoutSecrets(
	functions: IWebhookFunctions,
	...secretHeaders: string[]
): IDataObject {
	const hidden = new Set(['authorization', 'cookie', 'proxy-authorization', ...secretHeaders]);
	const headers = Object.entries(functions.getHeaderData() as IDataObject);
	return Object.fromEntries(headers.filter(([name]) => !hidden.has(name)));
}
