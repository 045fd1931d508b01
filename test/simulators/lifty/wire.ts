import { Refusal } from '../frame';

/** Answer of `whatsapp` and of `startWhatsapp`. */
export interface SessionAddresses {
	statusURL: string;
	/** Null when asked for with `whatsapp`. */
	tokenURL: string | null;
}

/** Body of sendDirectMessage, as the vendor's site has it. */
export interface DirectMessage {
	phoneNumber: string;
	message: string;
	botId: string;
}

/** Body of sendTemplateMessage. Seen in a customer's code only, so further fields are let through. */
export interface TemplateMessage {
	destination: string;
	templateName: string;
	parameters: unknown[];
	others: Record<string, unknown>;
}

/** Answer of both. */
export interface SendAnswer {
	success: boolean;
	messageId: string | null;
	/** One of NEW, QUEUED, SENT, PENDING, FAILED, DELIVERED, READ, UNDELIVERABLE, DELETE. */
	status: string;
	/** ISO, in UTC. The site does not say how a time is written. */
	timestamp: string;
}

/** Reads the body of sendDirectMessage. Throws a Refusal that names the field. */
export function readDirectMessage(body: unknown): DirectMessage {
	const fields = object(body);
	const stranger = Object.keys(fields).find(
		(field) => !['phoneNumber', 'message', 'botId'].includes(field),
	);
	if (stranger !== undefined) throw new Refusal(400, `"${stranger}" is not in the document`);
	return {
		phoneNumber: phone(fields.phoneNumber, 'phoneNumber'),
		message: text(fields.message, 'message'),
		botId: text(fields.botId, 'botId'),
	};
}

/** Reads the body of sendTemplateMessage. Throws a Refusal that names the field. */
export function readTemplateMessage(body: unknown): TemplateMessage {
	const { destination, templateName, parameters = [], ...others } = object(body);
	if (!Array.isArray(parameters) || !parameters.every(isObject)) {
		throw new Refusal(400, '"parameters" must be a list of objects');
	}
	return {
		destination: phone(destination, 'destination'),
		templateName: text(templateName, 'templateName'),
		parameters,
		others,
	};
}

/** A number as the document wants it: country code, area code and number, digits alone. */
export function phone(value: unknown, name: string): string {
	if (typeof value !== 'string' || !/^\d{10,15}$/.test(value)) {
		throw new Refusal(400, `"${name}" must be a string of 10 to 15 digits`);
	}
	return value;
}

function object(body: unknown): Record<string, unknown> {
	if (!isObject(body)) throw new Refusal(400, 'The body must be a JSON object');
	return body;
}

function text(value: unknown, name: string): string {
	if (typeof value !== 'string' || value === '') {
		throw new Refusal(400, `"${name}" must be a string with characters`);
	}
	return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
