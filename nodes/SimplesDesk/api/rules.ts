import { isJsonObject, kindOf } from '../../shared/json';
import type { JsonObject, JsonValue } from '../../shared/json';
import { shownAddress } from './shown';
import type { MessageType } from './wire';

/** One broken rule. */
export interface Violation {
	/** Position of the message, counted from 1; undefined for the answer to a bot menu. */
	message?: number;
	/** Path inside the message, as on the wire; empty for the whole message. */
	field: string;
	/** What the field must be, or is: "is empty". */
	rule: string;
}

const ADDRESS_TYPES: ReadonlySet<unknown> = new Set<MessageType>(['AUDIO', 'FILE', 'IMAGE']);
const PLAIN_TYPES: ReadonlySet<unknown> = new Set<MessageType>(['AUDIO', 'FILE', 'IMAGE', 'TEXT']);

/**
 * Every rule of the document that an answer to a scheduled message breaks.
 *
 * @param answer the messages to be sent
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

/** As in `pt_BR`; `pt-BR` is the usual mistake. */
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
		check.note(path, `must have at most ${most}, not ${list.length}`);
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
			check.note('type', `is not a type that bot menus support: ${shown(type)}`);
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

/** The characters that RFC 3986 allows in an address. */
const ADDRESS = /^https?:\/\/[^/?#](?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[\da-f]{2})*$/i;

/** Collects what is wrong with values. A missing value is noted once, by its object. */
class Check {
	readonly violations: Violation[] = [];

	note(field: string, rule: string): void {
		this.violations.push({ field, rule });
	}

	/** An object with all `required` keys and no others than these and the `optional` ones. */
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
		else if (/\p{Cs}/u.test(value)) this.note(field, 'starts or ends in the middle of a character');
		else return true;
		return false;
	}

	/** A name or id, which never has spaces around it. */
	trimmed(value: JsonValue | undefined, field: string): boolean {
		if (!this.text(value, field)) return false;
		if (value === String(value).trim()) return true;
		this.note(field, 'starts or ends with a space');
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
			this.note(field, `must start with https:// or http://, not ${shown(shownAddress(text))}`);
		} else if (/\s/.test(text)) {
			this.note(field, 'must be one address without spaces and line breaks; write %20 for a space');
		} else if (!ADDRESS.test(text) || !URL.canParse(text)) {
			this.note(
				field,
				`must be a web address, with special characters encoded: ${shown(shownAddress(text))}`,
			);
		}
	}
}

/** A value for an error sentence, shortened because it may be a whole message. */
function shown(value: JsonValue | undefined): string {
	if (typeof value !== 'string') return kindOf(value) === 'a number' ? `${value}` : kindOf(value);
	return value.length > 60 ? `'${value.slice(0, 60)}…'` : `'${value}'`;
}
