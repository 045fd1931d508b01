import { NodeOperationError } from 'n8n-workflow';
import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { NestedTooDeep } from '../json';
import type { JsonValue } from '../json';
import { createDataRedactor } from '../redact';

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
 * What a verified request says. JSON that n8n could not store gets status 400 with the reason, which also
 * goes to n8n's log, and starts no execution.
 *
 * @param read may throw NestedTooDeep
 * @returns undefined if the request has been answered
 */
export function readEventIn<Event>(
	functions: IWebhookFunctions,
	body: Buffer,
	read: (body: Buffer) => Event,
): Event | undefined {
	try {
		return read(body);
	} catch (error) {
		if (!(error instanceof NestedTooDeep)) {
			throw new NodeOperationError(functions.getNode(), error as Error);
		}
		const reason = `The body of the request was refused: ${error.message}.`;
		functions.logger.warn(`${functions.getNode().name}: ${reason}`);
		functions.getResponseObject().status(400).send(reason).end();
		return undefined;
	}
}

/**
 * The headers of a webhook request for the output of a trigger. The secret of the request is hidden
 * in all of them: proxies repeat the URL in headers such as `x-original-uri`.
 *
 * @param location where the request carries the secret; the header is left out
 * @param secretHeaders lowercase names of headers to leave out, in addition to those that always
 * hold secrets
 */
export function headersWithoutSecrets(
	functions: IWebhookFunctions,
	{ headerName, queryName }: { headerName: string; queryName: string },
	...secretHeaders: string[]
): IDataObject {
	const headers = functions.getHeaderData() as IDataObject;
	const secrets = [headerName, ...secretHeaders]
		.map((name) => headers[name])
		.concat((functions.getQueryData() as IDataObject)[queryName])
		.flat();
	// Without verification, anything may stand there. Something short is hardly a secret then.
	const isVerified = functions.getNodeParameter('verification') !== 'none';
	const redact = createDataRedactor(secrets, isVerified ? secrets : []);
	const hidden = new Set([
		'authorization',
		'cookie',
		'proxy-authorization',
		headerName,
		...secretHeaders,
	]);
	return Object.fromEntries(
		Object.entries(headers)
			.filter(([name]) => !hidden.has(name))
			.map(([name, value]) => [name, redact(value as JsonValue)]),
	);
}
