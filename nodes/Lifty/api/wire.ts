import { isJsonObject } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { refusalInBody } from '../../shared/refusals';

/**
 * The words of Lifty's WhatsApp API. Statuses are an open set: the document names the three main
 * ones, and all others are passed on.
 */

export const CONNECTED = 'CONNECTED';
export const NOT_FOUND = 'NOT_FOUND';
export const QRCODE = 'QRCODE';

/** Body of `/integration/whatsapp/sendDirectMessage`. */
export interface DirectMessageBody {
	phoneNumber: string;
	message: string;
	botId: string;
}

/** Body of `/integration/whatsapp/sendTemplateMessage`, as far as it is known. */
export interface TemplateMessageBody {
	destination: string;
	templateName: string;
	parameters: Array<{ text: string }>;
}

/** The links to the status and to the picture of the QR code; undefined if not named. */
export function linksIn(body: JsonValue): { status?: string; qrCode?: string } {
	const { statusURL, tokenURL } = isJsonObject(body) ? body : ({} as JsonObject);
	return { status: textOf(statusURL), qrCode: textOf(tokenURL) };
}

/** The status in the answer of a status link; undefined if there is none. */
export function statusIn(body: JsonValue): string | undefined {
	return textOf(isJsonObject(body) ? body.result : body);
}

/**
 * The provider's words in an answer that refuses with status 200; undefined if it does not. Its `status`
 * is that of a message or a connection, and no verdict.
 */
export function refusalIn(body: JsonValue): string | undefined {
	return refusalInBody(body, false);
}

function textOf(value: JsonValue | undefined): string | undefined {
	return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
