import type { JsonValue } from '../../shared/json';

/**
 * The answers that SimplesDesk expects, in its own words.
 *
 * Scheduled messages follow "Documentação de Integração (Mensagens Programadas)" v1.0. For bot
 * menus the vendor's page names the types of answers; their fields are known from integrations
 * that use them, `CREATE_CUSTOMER_SERVICE` from a single one.
 */

/** The `origin` of scheduled messages. Calls of bot menus have none, or another. */
export const SCHEDULED = 'SCHEDULED_MESSAGE';

export type MessageType = 'AUDIO' | 'FILE' | 'IMAGE' | 'TEXT';

interface Variable {
	/** Counted from 1. */
	index: number;
	value: string;
}

/** A message of an account on WhatsApp's official API. */
export interface Template {
	type: 'TEMPLATE';
	name: string;
	language: string;
	header?: { parameters: Variable[] };
	body?: { parameters: Variable[] };
	buttons?: Array<{ index: number; parameters: Variable[] }>;
}

export interface Attachment {
	position: 'AFTER' | 'BEFORE';
	type: 'DOCUMENT' | 'IMAGE';
	name: string;
	url: string;
}

/** Where SimplesDesk sends the contact's next choice or text, and what it returns with it. */
export interface Callback {
	endpoint: string;
	data: JsonValue;
}

export interface MenuChoice {
	number: number;
	text: string;
	callback: Callback;
}

/** The answer to a bot menu. */
export type MenuAnswer =
	| { type: 'MENU'; text: string; attachments: Attachment[]; items: MenuChoice[] }
	| { type: 'QUESTION'; text: string; attachments: Attachment[]; callback: Callback }
	| {
			type: 'INFORMATION';
			text: string;
			attachments: Attachment[];
			newTicket?: { departmentUUID: string; userUUID?: string };
	  }
	| { type: 'DIRECT_TO_MENU'; menuUUID: string }
	| { type: 'CREATE_CUSTOMER_SERVICE'; departmentUUID: string; text: string };

/** What a template's variables are filled with, in the order of the template. */
export interface TemplateTexts {
	name: string;
	language: string;
	header?: string;
	body: readonly string[];
	/** One entry per button; undefined for a button without a variable. */
	buttons: ReadonlyArray<string | undefined>;
}

/** A template with the indexes that the document requires, without the parts that it does not have. */
export function templateOf({ name, language, header, body, buttons }: TemplateTexts): Template {
	return {
		type: 'TEMPLATE',
		name,
		language,
		...(header === undefined ? {} : { header: { parameters: variablesOf([header]) } }),
		...(body.length === 0 ? {} : { body: { parameters: variablesOf(body) } }),
		...(buttons.length === 0
			? {}
			: {
					buttons: buttons.map((text, position) => ({
						index: position + 1,
						parameters: variablesOf(text === undefined ? [] : [text]),
					})),
				}),
	};
}

function variablesOf(texts: readonly string[]): Variable[] {
	return texts.map((value, position) => ({ index: position + 1, value }));
}

/**
 * A web address as the wire allows it: letters such as ã, which browsers show, are encoded. Everything
 * else is left as it is and checked later.
 */
export function addressOf(text: string): string {
	const trimmed = text.trim();
	// The URL class would also remove line breaks and join two addresses.
	if (/[\s\p{Cc}]/u.test(trimmed) || !/[^\x20-\x7e]/.test(trimmed)) return trimmed;
	return URL.canParse(trimmed) ? new URL(trimmed).href : trimmed;
}
