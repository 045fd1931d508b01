import { isJsonObject, kindOf } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';

/**
 * What SimplesDesk wants to be answered with, in its own words.
 *
 * Scheduled messages follow "Documentação de Integração (Mensagens Programadas)" v1.0. For bot
 * menus the vendor's page names the types of answers; their fields are known from integrations
 * that use them, `CREATE_CUSTOMER_SERVICE` from a single one.
 */

/** The `origin` of scheduled messages. Calls of bot menus have none, or another. */
export const SCHEDULED = 'SCHEDULED_MESSAGE';

export type MessageType = 'AUDIO' | 'FILE' | 'IMAGE' | 'TEXT';

/** A message of an account that is connected by QR code. */
export interface Message {
	type: MessageType;
	value: string;
}

interface Variable {
	/** From 1 on. */
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

/** Where the contact's next choice or text goes, and what comes back with it. */
export interface Callback {
	endpoint: string;
	data: JsonValue;
}

export interface MenuChoice {
	number: number;
	text: string;
	callback: Callback;
}

/** The one answer that a bot menu wants. */
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
	/** One entry a button; nothing for a button without a variable. */
	buttons: ReadonlyArray<string | undefined>;
}

/** A template with the indexes that the document wants. What the template lacks is left out. */
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
 * A web address as it may stand on the wire: letters such as ã, which people write and browsers
 * show, are encoded. Anything else is left as it is, for the check to judge.
 */
export function addressOf(text: string): string {
	const trimmed = text.trim();
	// The URL class would also take out line breaks, and put two addresses together.
	if (/[\s\p{Cc}]/u.test(trimmed) || !/[^\x20-\x7e]/.test(trimmed)) return trimmed;
	return URL.canParse(trimmed) ? new URL(trimmed).href : trimmed;
}

/** One broken rule. */
export interface Violation {
	/** Position of the message, from 1 on; in a bot menu's answer there is none. */
	message?: number;
	/** Path inside the message in SimplesDesk's words; empty for the message as a whole. */
	field: string;
	/** What the field must be, or is: "is empty". */
	rule: string;
}

const ADDRESS_TYPES: ReadonlySet<unknown> = new Set<MessageType>(['AUDIO', 'FILE', 'IMAGE']);
const PLAIN_TYPES: ReadonlySet<unknown> = new Set<MessageType>(['AUDIO', 'FILE', 'IMAGE', 'TEXT']);

/**
 * Every rule of the document that an answer to a scheduled message breaks.
 *
 * @param answer what is about to be answered, as a list
 */
export function violationsInList(answer: readonly JsonValue[]): Violation[] {
	if (answer.length === 0) return [{ field: '', rule: 'has no messages' }];
	const types = answer.map((item) => (isJsonObject(item) ? item.type : undefined));
	const firstTemplate = types.indexOf('TEMPLATE');
	const firstPlain = types.findIndex((type) => PLAIN_TYPES.has(type));
	if (firstTemplate !== -1 && firstPlain !== -1) {
		const message = Math.max(firstTemplate, firstPlain) + 1;
		const rule =
			'cannot be mixed: a list holds either templates (official API) or texts and files (QR code)';
		return [{ message, field: 'type', rule }];
	}
	return answer.flatMap((item, position) => {
		const check = new Check();
		messageRules(check, item);
		return check.violations.map((violation) => ({ message: position + 1, ...violation }));
	});
}

function messageRules(check: Check, item: JsonValue): void {
	const type = isJsonObject(item) ? item.type : undefined;
	if (type === 'TEMPLATE') {
		templateRules(check, item);
		return;
	}
	const message = check.object(item, '', ['type', 'value']);
	if (message === undefined || type === undefined) return;
	if (!PLAIN_TYPES.has(type)) {
		check.note('type', `must be TEXT, FILE, IMAGE, AUDIO or TEMPLATE, not ${shown(type)}`);
	} else if (ADDRESS_TYPES.has(type)) {
		check.address(message.value, 'value');
	} else {
		check.text(message.value, 'value');
	}
}

/** As in `pt_BR`: the hyphen of `pt-BR` is the usual slip. */
const LANGUAGE = /^[a-z]{2,3}(_[A-Za-z0-9]+)*$/;

function templateRules(check: Check, item: JsonValue): void {
	const optional = ['header', 'body', 'buttons'];
	const template = check.object(item, '', ['type', 'name', 'language'], optional);
	if (template === undefined) return;
	check.trimmed(template.name, 'name');
	if (check.trimmed(template.language, 'language') && !LANGUAGE.test(String(template.language))) {
		check.note('language', `must be written as in pt_BR, not ${shown(template.language)}`);
	}
	if (template.header !== undefined) {
		const header = check.object(template.header, 'header', ['parameters']);
		if (header) variableRules(check, header.parameters, 'header.parameters', 1);
	}
	if (template.body !== undefined) {
		const body = check.object(template.body, 'body', ['parameters']);
		if (body) variableRules(check, body.parameters, 'body.parameters', Infinity);
	}
	const buttons = template.buttons === undefined ? [] : check.list(template.buttons, 'buttons');
	buttons.forEach((entry, position) => {
		const path = `buttons[${position + 1}]`;
		const button = check.object(entry, path, ['index', 'parameters']);
		if (button === undefined) return;
		check.index(button.index, `${path}.index`, position + 1);
		variableRules(check, button.parameters, `${path}.parameters`, 1);
	});
}

function variableRules(
	check: Check,
	value: JsonValue | undefined,
	path: string,
	most: number,
): void {
	const list = value === undefined ? [] : check.list(value, path);
	if (list.length > most) {
		check.note(path, `must hold ${most} at most, not ${list.length}`);
		return;
	}
	list.forEach((entry, position) => {
		const place = `${path}[${position + 1}]`;
		const variable = check.object(entry, place, ['index', 'value']);
		if (variable === undefined) return;
		check.index(variable.index, `${place}.index`, position + 1);
		check.text(variable.value, `${place}.value`);
	});
}

/** Every rule that an answer to a bot menu breaks. */
export function violationsInMenuAnswer(answer: JsonValue): Violation[] {
	const check = new Check();
	const type = isJsonObject(answer) ? answer.type : undefined;
	switch (type) {
		case 'MENU': {
			const menu = check.object(answer, '', ['type', 'text', 'items'], ['attachments']);
			if (menu === undefined) break;
			check.text(menu.text, 'text');
			attachmentRules(check, menu.attachments);
			const items = menu.items === undefined ? [] : check.list(menu.items, 'items');
			if (Array.isArray(menu.items) && items.length === 0) check.note('items', 'is empty');
			items.forEach((entry, position) => {
				const path = `items[${position + 1}]`;
				const choice = check.object(entry, path, ['number', 'text', 'callback']);
				if (choice === undefined) return;
				check.index(choice.number, `${path}.number`, position + 1);
				check.text(choice.text, `${path}.text`);
				callbackRules(check, choice.callback, `${path}.callback`);
			});
			break;
		}
		case 'QUESTION': {
			const question = check.object(answer, '', ['type', 'text', 'callback'], ['attachments']);
			if (question === undefined) break;
			check.text(question.text, 'text');
			attachmentRules(check, question.attachments);
			callbackRules(check, question.callback, 'callback');
			break;
		}
		case 'INFORMATION': {
			const optional = ['attachments', 'newTicket'];
			const information = check.object(answer, '', ['type', 'text'], optional);
			if (information === undefined) break;
			check.text(information.text, 'text');
			attachmentRules(check, information.attachments);
			if (information.newTicket === undefined) break;
			const ticket = check.object(
				information.newTicket,
				'newTicket',
				['departmentUUID'],
				['userUUID'],
			);
			if (ticket === undefined) break;
			check.trimmed(ticket.departmentUUID, 'newTicket.departmentUUID');
			if (ticket.userUUID !== undefined) check.trimmed(ticket.userUUID, 'newTicket.userUUID');
			break;
		}
		case 'DIRECT_TO_MENU': {
			const direct = check.object(answer, '', ['type', 'menuUUID']);
			if (direct) check.trimmed(direct.menuUUID, 'menuUUID');
			break;
		}
		case 'CREATE_CUSTOMER_SERVICE': {
			const service = check.object(answer, '', ['type', 'departmentUUID', 'text']);
			if (service === undefined) break;
			check.trimmed(service.departmentUUID, 'departmentUUID');
			check.text(service.text, 'text');
			break;
		}
		default:
			check.note('type', `is none that a bot menu knows: ${shown(type)}`);
	}
	return check.violations;
}

function attachmentRules(check: Check, value: JsonValue | undefined): void {
	const list = value === undefined ? [] : check.list(value, 'attachments');
	list.forEach((entry, position) => {
		const path = `attachments[${position + 1}]`;
		const attachment = check.object(entry, path, ['position', 'type', 'name', 'url']);
		if (attachment === undefined) return;
		check.oneOf(attachment.position, `${path}.position`, ['BEFORE', 'AFTER']);
		check.oneOf(attachment.type, `${path}.type`, ['IMAGE', 'DOCUMENT']);
		check.text(attachment.name, `${path}.name`);
		check.address(attachment.url, `${path}.url`);
	});
}

function callbackRules(check: Check, value: JsonValue | undefined, path: string): void {
	if (value === undefined) return;
	const callback = check.object(value, path, ['endpoint', 'data']);
	if (callback === undefined) return;
	check.address(callback.endpoint, `${path}.endpoint`);
	if (callback.data !== undefined && !isJsonObject(callback.data)) {
		check.note(`${path}.data`, `must be an object, not ${kindOf(callback.data)}`);
	}
}

/** What RFC 3986 lets an address consist of. */
const ADDRESS = /^https?:\/\/[^/?#](?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[\da-f]{2})*$/i;

/** Notes what is wrong with values; a value that is missing is noted once, by its object. */
class Check {
	readonly violations: Violation[] = [];

	note(field: string, rule: string): void {
		this.violations.push({ field, rule });
	}

	/** An object with all the `required` keys and none but these and the `optional` ones. */
	object(
		value: JsonValue,
		field: string,
		required: readonly string[],
		optional: readonly string[] = [],
	): Partial<JsonObject> | undefined {
		if (!isJsonObject(value)) {
			this.note(field, `must be an object, not ${kindOf(value)}`);
			return undefined;
		}
		const path = (key: string) => (field === '' ? key : `${field}.${key}`);
		for (const key of required) {
			if (!Object.hasOwn(value, key)) this.note(path(key), 'is missing');
		}
		for (const key of Object.keys(value)) {
			if (![...required, ...optional].includes(key)) {
				this.note(path(key.slice(0, 60)), 'is not a field that SimplesDesk knows');
			}
		}
		return value;
	}

	list(value: JsonValue, field: string): JsonValue[] {
		if (Array.isArray(value)) return value;
		this.note(field, `must be a list, not ${kindOf(value)}`);
		return [];
	}

	text(value: JsonValue | undefined, field: string): boolean {
		if (value === undefined) return false;
		if (typeof value !== 'string') this.note(field, `must be text, not ${kindOf(value)}`);
		else if (value.trim() === '') this.note(field, 'is empty');
		else if (/\p{Cs}/u.test(value)) this.note(field, 'ends or begins in the middle of a character');
		else return true;
		return false;
	}

	/** A name or id, which never has blanks around it. */
	trimmed(value: JsonValue | undefined, field: string): boolean {
		if (!this.text(value, field)) return false;
		if (value === String(value).trim()) return true;
		this.note(field, 'begins or ends with a blank');
		return false;
	}

	oneOf(value: JsonValue | undefined, field: string, allowed: readonly string[]): void {
		if (value === undefined || allowed.includes(String(value))) return;
		this.note(field, `must be ${allowed.join(' or ')}, not ${shown(value)}`);
	}

	index(value: JsonValue | undefined, field: string, expected: number): void {
		if (value === undefined || value === expected) return;
		this.note(field, `must be the number ${expected}, not ${shown(value)}`);
	}

	address(value: JsonValue | undefined, field: string): void {
		if (!this.text(value, field)) return;
		const text = String(value);
		if (!/^https?:\/\//i.test(text)) {
			this.note(field, `must begin with https:// or http://, not ${shown(text)}`);
		} else if (/\s/.test(text)) {
			this.note(field, 'must be one address without blanks and line breaks; write %20 for a blank');
		} else if (!ADDRESS.test(text) || !URL.canParse(text)) {
			this.note(field, `must be a web address, with special characters encoded: ${shown(text)}`);
		}
	}
}

/** A value in the words of an error: short, because it may be somebody's whole letter. */
function shown(value: JsonValue | undefined): string {
	if (typeof value !== 'string') return kindOf(value) === 'a number' ? `${value}` : kindOf(value);
	return value.length > 60 ? `'${value.slice(0, 60)}…'` : `'${value}'`;
}
