import { readJson, type HttpAnswer, type Verdict } from './answer';
import type { Desk, Named } from './desk';
import { Findings } from './findings';

/** Where the contact's next message goes, and what goes with it as `data`. */
export interface Callback {
	endpoint: string;
	data: unknown;
}

export interface Attachment {
	position: 'BEFORE' | 'AFTER';
	type: string;
	name: string;
	/** An address, or a `data:` URL of what came as base64. */
	url: string;
}

/** What the bot shall do next. */
export type BotAnswer =
	| {
			type: 'MENU';
			text: string;
			attachments: Attachment[];
			items: Array<{ number: number; text: string; callback: Callback }>;
	  }
	| { type: 'QUESTION'; text: string; attachments: Attachment[]; callback: Callback }
	| {
			type: 'INFORMATION';
			text: string;
			attachments: Attachment[];
			newTicket?: { departmentUUID: string; userUUID?: string };
	  }
	| { type: 'DIRECT_TO_MENU'; menuUUID: string }
	| { type: 'CREATE_CUSTOMER_SERVICE'; departmentUUID: string; text: string };

/**
 * Checks the answer to a bot-menu call. The forms are known from the vendor's page "API e Webhook"
 * and from other people's code; whether one stands alone or in a list is not, so both will do.
 */
export function validateBotAnswer(
	answer: HttpAnswer,
	desk: Pick<Desk, 'menus' | 'departments' | 'users'>,
): Verdict<BotAnswer> {
	const { value, reason } = readJson(answer);
	if (reason) return { ok: false, reasons: [reason] };
	const findings = new Findings();
	if (Array.isArray(value) && value.length !== 1) {
		findings.note('', `A bot menu takes one answer, not a list of ${value.length}`);
		return { ok: false, reasons: findings.reasons };
	}
	const message = readBotAnswer(Array.isArray(value) ? value[0] : value, findings, desk);
	if (!message || findings.reasons.length > 0) return { ok: false, reasons: findings.reasons };
	return { ok: true, messages: [message] };
}

const keys = {
	MENU: [['type', 'text', 'items'], ['attachments']],
	QUESTION: [['type', 'text', 'callback'], ['attachments']],
	INFORMATION: [
		['type', 'text'],
		['attachments', 'newTicket'],
	],
	DIRECT_TO_MENU: [['type', 'menuUUID'], []],
	CREATE_CUSTOMER_SERVICE: [['type', 'departmentUUID', 'text'], []],
} satisfies Record<BotAnswer['type'], [string[], string[]]>;

const attachmentTypes = ['IMAGE', 'DOCUMENT', 'AUDIO', 'VIDEO'];

function readBotAnswer(
	value: unknown,
	findings: Findings,
	desk: Pick<Desk, 'menus' | 'departments' | 'users'>,
): BotAnswer | undefined {
	const given = (value as { type?: unknown } | null | undefined)?.type;
	const type = (Object.keys(keys) as Array<BotAnswer['type']>).find((known) => known === given);
	if (!type) {
		const fields = findings.object(value, 'The answer', ['type'], Object.keys(Object(value)));
		if (fields && given !== undefined) {
			findings.note('The answer', `there is no type ${JSON.stringify(given)}`);
		}
		return undefined;
	}
	const [required, optional] = keys[type];
	const fields = findings.object(value, 'The answer', required, optional) ?? {};
	const text = () => findings.text(fields.text, 'text');
	const attachments = () =>
		findings
			.list(fields.attachments, 'attachments')
			.map((one, index) => readAttachment(one, `attachments[${index}]`, findings));
	switch (type) {
		case 'MENU':
			return { type, text: text(), attachments: attachments(), items: readItems(fields, findings) };
		case 'QUESTION':
			return {
				type,
				text: text(),
				attachments: attachments(),
				callback: readCallback(fields.callback, 'callback', findings),
			};
		case 'INFORMATION': {
			const newTicket = readTicket(fields.newTicket, findings, desk);
			return { type, text: text(), attachments: attachments(), ...(newTicket && { newTicket }) };
		}
		case 'DIRECT_TO_MENU':
			return { type, menuUUID: known(fields.menuUUID, 'menuUUID', 'menu', desk.menus, findings) };
		case 'CREATE_CUSTOMER_SERVICE':
			return { type, departmentUUID: department(fields, '', findings, desk), text: text() };
	}
}

function readItems({ items }: Record<string, unknown>, findings: Findings) {
	const list = findings.list(items, 'items');
	if (Array.isArray(items) && items.length === 0) findings.note('items', 'must not be empty');
	const numbers = new Set<unknown>();
	return list.map((item, index) => {
		const path = `items[${index}]`;
		const fields = findings.object(item, path, ['number', 'text', 'callback']) ?? {};
		const number = fields.number as number;
		if (number !== undefined && (!Number.isInteger(number) || number < 0)) {
			findings.note(`${path}.number`, `must be a whole number, not ${JSON.stringify(number)}`);
		} else if (number !== undefined && numbers.has(number)) {
			findings.note(`${path}.number`, `${number} is there twice`);
		}
		numbers.add(number);
		return {
			number,
			text: findings.text(fields.text, `${path}.text`),
			callback: readCallback(fields.callback, `${path}.callback`, findings),
		};
	});
}

/** `data` may be missing, as in the first request of a menu. */
function readCallback(value: unknown, path: string, findings: Findings): Callback {
	if (value === undefined) return { endpoint: '', data: {} };
	const fields = findings.object(value, path, ['endpoint'], ['data']);
	return {
		endpoint: findings.address(fields?.endpoint, `${path}.endpoint`),
		data: fields?.data ?? {},
	};
}

function readAttachment(value: unknown, path: string, findings: Findings): Attachment {
	const required = ['position', 'type', 'name'];
	const fields = findings.object(value, path, required, ['url', 'base64']) ?? {};
	const { position, type, url, base64 } = fields;
	if (position !== undefined && position !== 'BEFORE' && position !== 'AFTER') {
		findings.note(`${path}.position`, 'must be BEFORE or AFTER');
	}
	if (type !== undefined && !attachmentTypes.includes(type as string)) {
		findings.note(`${path}.type`, `must be one of ${attachmentTypes.join(', ')}`);
	}
	if ((url === undefined) === (base64 === undefined)) {
		findings.note(path, 'must have either "url" or "base64"');
	}
	const encoded = findings.text(base64, `${path}.base64`);
	if (encoded && !/^(?:[\w+/-]{4})*(?:[\w+/-]{2}==|[\w+/-]{3}=)?$/.test(encoded)) {
		findings.note(`${path}.base64`, 'must be base64');
	}
	return {
		position: position as Attachment['position'],
		type: type as string,
		name: findings.text(fields.name, `${path}.name`),
		url: findings.address(url, `${path}.url`) || `data:application/octet-stream;base64,${encoded}`,
	};
}

function readTicket(
	value: unknown,
	findings: Findings,
	desk: Pick<Desk, 'departments' | 'users'>,
): { departmentUUID: string; userUUID?: string } | undefined {
	if (value === undefined) return undefined;
	const fields = findings.object(value, 'newTicket', ['departmentUUID'], ['userUUID']) ?? {};
	const { userUUID } = fields;
	return {
		departmentUUID: department(fields, 'newTicket.', findings, desk),
		...(userUUID !== undefined && {
			userUUID: known(userUUID, 'newTicket.userUUID', 'user', desk.users, findings),
		}),
	};
}

function department(
	{ departmentUUID }: Record<string, unknown>,
	path: string,
	findings: Findings,
	{ departments }: Pick<Desk, 'departments'>,
): string {
	return known(departmentUUID, `${path}departmentUUID`, 'department', departments, findings);
}

function known(
	value: unknown,
	path: string,
	noun: string,
	list: Array<Pick<Named, 'uuid'>>,
	findings: Findings,
): string {
	const uuid = findings.text(value, path);
	if (uuid && !list.some((one) => one.uuid === uuid)) {
		findings.note(path, `there is no ${noun} "${uuid}"`);
	}
	return uuid;
}
