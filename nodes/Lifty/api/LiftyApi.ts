import type { IDataObject } from 'n8n-workflow';
import { invalidInput, ProviderError } from '../../shared/errors';
import type { ProviderAnswer, Request } from '../../shared/http/types';
import type { JsonObject, JsonValue } from '../../shared/json';
import { pictureIn } from './picture';
import type { Picture } from './picture';
import { linksIn, refusalIn, statusIn } from './wire';
import type { DirectMessageBody, TemplateMessageBody } from './wire';

/** What a start answers with: where the status and the picture of the QR code can be read. */
export interface StartedConnection {
	statusLink: string;
	/** Missing where Lifty named none. */
	qrCodeLink?: string;
}

/** Reads an address that Lifty handed over: checked, and without the credential. */
export type FollowLink = (link: string, answer: 'json' | 'bytes') => Promise<ProviderAnswer>;

/**
 * Lifty's API as plain calls. Every call of the document is a GET, also those that change something:
 * these leave here as `send`, once, and are never repeated. All calls reject with a `ProviderError`.
 */
export class LiftyApi {
	constructor(
		private readonly request: Request,
		private readonly follow: FollowLink,
		private readonly urls: { gateway: string; messages: string },
		/** The bot that is meant where none is named; may be empty. */
		readonly defaultBotId: string,
	) {}

	/** Where the status of a bot's WhatsApp can be read; the QR code's address is mostly not told. */
	async getConnection(botId: string): Promise<StartedConnection> {
		const answer = await this.read(`bot/${botPart(botId)}/whatsapp`);
		return startedIn(answer);
	}

	/** The status behind an address from `getConnection` or `startConnection`, as it comes. */
	async getStatus(statusLink: string): Promise<string> {
		const { body } = await this.follow(statusLink, 'json');
		const status = statusIn(body);
		if (status !== undefined) return status;
		throw new ProviderError('Lifty answered without a status', {
			kind: 'unreadable',
			description: "The answer holds no text under 'result', where the document has the status.",
		});
	}

	/**
	 * Begins to connect a WhatsApp number to a bot. **A second call may begin a second connection
	 * beside the first**, so whoever calls this sees to it that it is done once.
	 *
	 * @param clear removes the bot's inactive sessions first, as the document advises
	 */
	async startConnection(botId: string, clear: boolean): Promise<StartedConnection> {
		const path = `bot/${botPart(botId)}/startWhatsapp`;
		return startedIn(
			accepted(
				await this.request({
					method: 'GET',
					url: `${this.urls.gateway}/integration/${path}`,
					qs: clear ? { options: 'c' } : {},
					purpose: 'send',
				}),
			),
		);
	}

	/** The picture of the QR code as it is now: Lifty replaces it whenever WhatsApp does. */
	async getQrCode(qrCodeLink: string): Promise<Picture> {
		const { bytes = Buffer.alloc(0) } = await this.follow(qrCodeLink, 'bytes');
		return pictureIn(bytes);
	}

	/** Ends the bot's WhatsApp session. Status 200 alone says that it is gone. */
	async stopConnection(botId: string): Promise<JsonValue> {
		return await this.change(`bot/${botPart(botId)}/stopWhatsapp`);
	}

	/** Keeps the bot from answering one number, given in digits. */
	async pauseBot(botId: string, phoneNumber: string): Promise<JsonValue> {
		return await this.change(`bot/${botPart(botId)}/pause/${phoneNumber}`);
	}

	/** Lets the bot answer one number again. */
	async resumeBot(botId: string, phoneNumber: string): Promise<JsonValue> {
		return await this.change(`bot/${botPart(botId)}/resume/${phoneNumber}`);
	}

	/** Sends a text. Documented on Lifty's site. */
	async sendDirectMessage(body: DirectMessageBody): Promise<JsonValue> {
		return await this.post('sendDirectMessage', { ...body });
	}

	/**
	 * Sends a template. Its path is documented on Lifty's site, its body known from a customer.
	 *
	 * @param more further fields of the body, which win over ours
	 */
	async sendTemplateMessage(body: TemplateMessageBody, more: JsonObject): Promise<JsonValue> {
		return await this.post('sendTemplateMessage', { ...body, ...more });
	}

	private async read(path: string): Promise<JsonValue> {
		return accepted(
			await this.request({
				method: 'GET',
				url: `${this.urls.gateway}/integration/${path}`,
				purpose: 'read',
			}),
		);
	}

	private async change(path: string): Promise<JsonValue> {
		return accepted(
			await this.request({
				method: 'GET',
				url: `${this.urls.gateway}/integration/${path}`,
				purpose: 'send',
				// No document shows these answers, and that of the stop need not have a body.
				answer: 'optional',
			}),
		);
	}

	private async post(path: string, body: IDataObject): Promise<JsonValue> {
		return accepted(
			await this.request({
				method: 'POST',
				url: `${this.urls.messages}/integration/whatsapp/${path}`,
				body,
				purpose: 'send',
				answer: 'unknown',
			}),
		);
	}
}

function startedIn(answer: JsonValue): StartedConnection {
	const { status, qrCode } = linksIn(answer);
	if (status === undefined) {
		throw new ProviderError('Lifty did not say where the status can be read', {
			kind: 'unreadable',
			description: "The answer holds no text under 'statusURL'. Check the Bot ID.",
		});
	}
	return { statusLink: status, ...(qrCode === undefined ? {} : { qrCodeLink: qrCode }) };
}

function accepted({ body, status }: ProviderAnswer): JsonValue {
	const refusal = refusalIn(body);
	if (refusal === undefined) return body;
	throw new ProviderError('Lifty did not accept the request', {
		kind: 'refused',
		description: `Lifty says: ${refusal}`,
		httpStatus: status,
	});
}

/** What would make one id into several parts of an address, or into none. Lone surrogates too. */
const NO_PATH_PART = /[/\\?#%\s\p{C}]|^\.{1,2}$/u;

/** A bot's id as one part of an address. */
function botPart(botId: string): string {
	if (botId === '') {
		throw invalidInput(
			"'Bot ID' is empty",
			'Enter it, or set a Default Bot ID in the credential. Nothing was sent.',
		);
	}
	if (NO_PATH_PART.test(botId)) {
		throw invalidInput(
			"'Bot ID' cannot be one of Lifty",
			'It holds a slash, a blank or another character that would change the address. Enter the token alone, not the address of the dashboard. Nothing was sent.',
		);
	}
	return encodeURIComponent(botId);
}
