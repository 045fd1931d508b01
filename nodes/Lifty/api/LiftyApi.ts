import { invalidInput, ProviderError } from '../../shared/errors';
import { refusedInBody } from '../../shared/http/failures';
import type { ProviderAnswer, Request } from '../../shared/http/types';
import type { JsonObject, JsonValue } from '../../shared/json';
import type { Link } from './links';
import { pictureIn } from './picture';
import type { Picture } from './picture';
import { linksIn, refusalIn, statusIn } from './wire';
import type { DirectMessageBody, TemplateMessageBody } from './wire';

/** Where the status of a connection and the picture of its QR code can be read. */
export interface StartedConnection {
	statusLink: Link;
	/** Missing if Lifty named none. */
	qrCodeLink?: Link;
}

/** The links that Lifty returns. Some of them hold the API key. */
export interface Links {
	/** Takes the API key out of a link. */
	keep(link: string): Link;
	/** Reads what is behind a link, after checking it and without the credential. */
	follow(link: Link, answer: 'json' | 'bytes'): Promise<ProviderAnswer>;
}

/**
 * Lifty's API as plain calls. Every call of the document is a GET, even if it changes something; such
 * calls are sent once and never repeated. All calls reject with a `ProviderError`.
 */
export class LiftyApi {
	constructor(
		private readonly request: Request,
		private readonly links: Links,
		private readonly urls: { gateway: string; messages: string },
		/** The bot to use if none is named; may be empty. */
		readonly defaultBotId: string,
	) {}

	/** Where the status of a bot's WhatsApp can be read; Lifty mostly leaves out the QR code's link. */
	async getConnection(botId: string): Promise<StartedConnection> {
		return this.startedIn(
			await this.request({
				method: 'GET',
				url: `${this.urls.gateway}/integration/bot/${botSegment(botId)}/whatsapp`,
				purpose: 'read',
				unredacted: true,
			}),
		);
	}

	/** The status behind a link from `getConnection` or `startConnection`, unchanged. */
	async getStatus(statusLink: Link): Promise<string> {
		const { body } = await this.links.follow(statusLink, 'json');
		const status = statusIn(body);
		if (status !== undefined) return status;
		throw new ProviderError('Lifty answered without a status', {
			kind: 'unreadable',
			description: "The answer has no text in 'result', where the document has the status.",
		});
	}

	/**
	 * Starts to connect a WhatsApp number to a bot. **A second call may open a second connection beside
	 * the first**, so the caller must make sure that it happens once.
	 *
	 * @param clear whether to remove the bot's inactive sessions first, as the document advises
	 */
	async startConnection(botId: string, clear: boolean): Promise<StartedConnection> {
		const path = `bot/${botSegment(botId)}/startWhatsapp`;
		return this.startedIn(
			await this.request({
				method: 'GET',
				url: `${this.urls.gateway}/integration/${path}`,
				qs: clear ? { options: 'c' } : {},
				purpose: 'change',
				unredacted: true,
			}),
		);
	}

	/** The current picture of the QR code; Lifty replaces it whenever WhatsApp does. */
	async getQrCode(qrCodeLink: Link): Promise<Picture> {
		const { bytes = Buffer.alloc(0) } = await this.links.follow(qrCodeLink, 'bytes');
		return pictureIn(bytes);
	}

	/** Ends the bot's WhatsApp session. Only status 200 says that it has ended. */
	async stopConnection(botId: string): Promise<JsonValue> {
		return await this.change(`bot/${botSegment(botId)}/stopWhatsapp`);
	}

	/** Stops the bot from answering one number, given in digits. */
	async pauseBot(botId: string, phoneNumber: string): Promise<JsonValue> {
		return await this.change(`bot/${botSegment(botId)}/pause/${phoneNumber}`);
	}

	/** Lets the bot answer one number again. */
	async resumeBot(botId: string, phoneNumber: string): Promise<JsonValue> {
		return await this.change(`bot/${botSegment(botId)}/resume/${phoneNumber}`);
	}

	/** Sends a text. Documented on Lifty's site. */
	async sendDirectMessage(body: DirectMessageBody): Promise<JsonValue> {
		return await this.post('sendDirectMessage', { ...body });
	}

	/**
	 * Sends a template. Its path is documented on Lifty's site, its body is known from a customer.
	 *
	 * @param more additional fields of the body, which replace ours
	 */
	async sendTemplateMessage(body: TemplateMessageBody, more: JsonObject): Promise<JsonValue> {
		return await this.post('sendTemplateMessage', { ...body, ...more });
	}

	/** @param answer not redacted, since a link may work only with the API key in it */
	private startedIn(answer: ProviderAnswer): StartedConnection {
		const { status, qrCode } = linksIn(accepted(answer));
		if (status === undefined) {
			throw new ProviderError('Lifty did not return a link to the status', {
				kind: 'unreadable',
				description: "The answer has no text in 'statusURL'. Check the Bot ID.",
			});
		}
		return {
			statusLink: this.links.keep(status),
			...(qrCode === undefined ? {} : { qrCodeLink: this.links.keep(qrCode) }),
		};
	}

	private async change(path: string): Promise<JsonValue> {
		return accepted(
			await this.request({
				method: 'GET',
				url: `${this.urls.gateway}/integration/${path}`,
				purpose: 'change',
				// These answers are not documented, and that of a stop may have no body.
				answer: 'optional',
			}),
		);
	}

	private async post(path: string, body: JsonObject): Promise<JsonValue> {
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

function accepted({ body, status }: ProviderAnswer): JsonValue {
	const refusal = refusalIn(body);
	if (refusal === undefined) return body;
	throw refusedInBody('Lifty', refusal, status);
}

/** Characters that would change the path of the URL; lone surrogates too. */
const NOT_IN_SEGMENT = /[/\\?#%\s\p{C}]|^\.{1,2}$/u;

/**
 * A bot's id that can be a segment of the URL's path.
 *
 * @throws ProviderError (`invalid`) for any other
 */
export function checkedBotId(botId: string, label = 'Bot ID'): string {
	if (!NOT_IN_SEGMENT.test(botId)) return botId;
	throw invalidInput(
		`'${label}' is not a Lifty bot ID`,
		'It contains a slash, a space or another character that would change the URL. Enter only the token, not the address of the dashboard.',
	);
}

function botSegment(botId: string): string {
	return encodeURIComponent(checkedBotId(botId));
}
