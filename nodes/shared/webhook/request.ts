import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';

interface RawRequest {
	rawBody?: Buffer;
	readRawBody?: () => Promise<void>;
}

/**
 * The bytes of a webhook request as they arrived. n8n leaves the body of an unknown content type
 * unread, so it is read here; a second call returns the same bytes.
 *
 * @returns an empty buffer if there is no body, or if it can no longer be read (n8n consumes forms
 * with files). It never throws, because that would leave a failed execution behind.
 */
export async function readRawBody(functions: IWebhookFunctions): Promise<Buffer> {
	const request = functions.getRequestObject() as unknown as RawRequest;
	if (request.rawBody === undefined) {
		await request.readRawBody?.().catch((error: unknown) => {
			functions.logger.debug('The body of a webhook request could not be read', { error });
		});
	}
	return request.rawBody ?? Buffer.alloc(0);
}

/**
 * The headers of a webhook request for the output of a trigger.
 *
 * @param secretHeaders lowercase names of headers to leave out, in addition to those that always
 * hold secrets
 */
export function headersWithoutSecrets(
	functions: IWebhookFunctions,
	...secretHeaders: string[]
): IDataObject {
	const hidden = new Set(['authorization', 'cookie', 'proxy-authorization', ...secretHeaders]);
	const headers = Object.entries(functions.getHeaderData() as IDataObject);
	return Object.fromEntries(headers.filter(([name]) => !hidden.has(name)));
}
