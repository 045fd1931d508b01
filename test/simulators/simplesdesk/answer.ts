import { filled, variablesIn, type AccountKind, type Template } from './desk';
import { Findings } from './findings';

/** What came back over HTTP, before anybody looked into it. */
export interface HttpAnswer {
	status: number;
	contentType: string | undefined;
	body: Buffer;
}

/** What a contact gets to see of a scheduled message. */
export type ShownMessage =
	| { type: 'TEXT'; text: string }
	| { type: 'FILE' | 'IMAGE' | 'AUDIO'; url: string }
	| ShownTemplate;

/** A template with its variables filled in. */
export interface ShownTemplate {
	type: 'TEMPLATE';
	name: string;
	language: string;
	header?: string;
	body: string;
	footer?: string;
	buttons: Array<{ text: string; url?: string }>;
}

/** `messages`, in order, when the answer is right; otherwise every rule that it breaks. */
export type Verdict<T> = { ok: true; messages: T[] } | { ok: false; reasons: string[] };

/**
 * Checks the answer to a scheduled message against "Documentação de Integração (Mensagens
 * Programadas)" v1.0: its envelope, and that each message is one that the account can send.
 * Whether the files behind the addresses exist is not looked at.
 */
export function validateAnswer(
	answer: HttpAnswer,
	{ account, templates }: { account: AccountKind; templates: Template[] },
): Verdict<ShownMessage> {
	const { value, reason } = readJson(answer);
	if (reason) return { ok: false, reasons: [reason] };
	const findings = new Findings();
	const list = findings.list(value, 'The answer');
	if (Array.isArray(value) && value.length === 0) {
		findings.note('', 'The list is empty: there is nothing to send');
	}
	if (isMixed(list)) {
		findings.note(
			'',
			'The list mixes templates with messages that only a QR-code account can send',
		);
	}
	const messages = list.map((item, index) => {
		const path = `Message ${index + 1}`;
		return account === 'qr'
			? readMessage(item, path, findings)
			: readTemplate(item, path, findings, templates);
	});
	if (findings.reasons.length > 0) return { ok: false, reasons: findings.reasons };
	return { ok: true, messages: messages.filter((message) => message !== undefined) };
}

/**
 * The JSON of an answer, or the reason why there is none. The document says nothing of status and
 * content type: 200 and application/json are this simulator's reading.
 */
export function readJson({ status, contentType, body }: HttpAnswer): {
	value?: unknown;
	reason?: string;
} {
	const start = body.toString('utf8').trim().slice(0, 200);
	if (status !== 200) {
		return { reason: `The answer has the status ${status}${start && `, and says: ${start}`}` };
	}
	if (body.length === 0) return { reason: 'The answer is empty' };
	if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType ?? '')) {
		const found = contentType ? `"${contentType}"` : 'nothing';
		return { reason: `The Content-Type must be application/json in UTF-8, not ${found}` };
	}
	try {
		// `ignoreBOM` keeps a byte order mark, which JSON must not have.
		const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
		return { value: JSON.parse(text) as unknown };
	} catch (error) {
		return { reason: `The answer is not JSON: ${(error as Error).message}` };
	}
}

const plainTypes = ['TEXT', 'FILE', 'IMAGE', 'AUDIO'];

function typeOf(item: unknown): unknown {
	return typeof item === 'object' && item !== null ? (item as { type?: unknown }).type : undefined;
}

function isMixed(list: unknown[]): boolean {
	const types = list.map(typeOf);
	return types.includes('TEMPLATE') && types.some((type) => plainTypes.includes(type as string));
}

/** One message of a QR-code account. */
function readMessage(
	item: unknown,
	path: string,
	findings: Findings,
): Exclude<ShownMessage, ShownTemplate> | undefined {
	const type = typeOf(item);
	if (type === 'TEMPLATE') {
		findings.note(path, 'a QR-code account has no templates');
		return undefined;
	}
	const message = findings.object(item, path, ['type', 'value']);
	if (!message) return undefined;
	switch (type) {
		case undefined:
			return undefined;
		case 'TEXT':
			return { type, text: findings.text(message.value, `${path}, value`) };
		case 'FILE':
		case 'IMAGE':
		case 'AUDIO':
			return { type, url: findings.address(message.value, `${path}, value`) };
		default:
			findings.note(path, `there is no type ${JSON.stringify(type)}`);
			return undefined;
	}
}

/** One message of an official API account. */
function readTemplate(
	item: unknown,
	path: string,
	findings: Findings,
	templates: Template[],
): ShownTemplate | undefined {
	const type = typeOf(item);
	if (plainTypes.includes(type as string)) {
		findings.note(path, `an official API account sends templates only, not ${String(type)}`);
		return undefined;
	}
	const optional = ['header', 'body', 'buttons'];
	const message = findings.object(item, path, ['type', 'name', 'language'], optional);
	if (!message || type === undefined) return undefined;
	if (type !== 'TEMPLATE') {
		findings.note(path, `there is no type ${JSON.stringify(type)}`);
		return undefined;
	}
	const name = findings.text(message.name, `${path}, name`);
	const language = findings.text(message.language, `${path}, language`);
	const template = name && language ? known(name, language, path, findings, templates) : undefined;

	const header = readPart(message.header, `${path}, header`, findings, {
		most: 1,
		variables: template && variablesIn(template.header),
	});
	const body = readPart(message.body, `${path}, body`, findings, {
		variables: template && variablesIn(template.body),
	});
	const buttons = readButtons(message.buttons, `${path}, buttons`, findings, template);
	if (!template) return undefined;
	return {
		type,
		name,
		language,
		...(template.header !== undefined && { header: filled(template.header, header) }),
		body: filled(template.body, body),
		...(template.footer !== undefined && { footer: template.footer }),
		buttons: template.buttons.map(({ text, url }, index) => ({
			text,
			...(url !== undefined && { url: filled(url, buttons[index] ?? []) }),
		})),
	};
}

function known(
	name: string,
	language: string,
	path: string,
	findings: Findings,
	templates: Template[],
): Template | undefined {
	const sameName = templates.filter((one) => one.name === name);
	const template = sameName.find((one) => one.language === language);
	if (sameName.length === 0) {
		findings.note(`${path}, name`, `there is no template "${name}"`);
	} else if (!template) {
		const languages = sameName.map((one) => one.language).join(' and ');
		findings.note(`${path}, language`, `"${name}" exists in ${languages}, not in "${language}"`);
	} else if (template.status !== 'APPROVED') {
		const state = template.status.toLowerCase();
		findings.note(`${path}, name`, `the template "${name}" is ${state}, not approved`);
		return undefined;
	}
	return template;
}

/** `{ parameters: [...] }`, or nothing at all when there are no variables. */
function readPart(
	part: unknown,
	path: string,
	findings: Findings,
	limits: { most?: number; variables?: number },
): string[] {
	const fields = part === undefined ? {} : findings.object(part, path, ['parameters']);
	return readParameters(fields?.parameters, `${path}.parameters`, findings, limits);
}

/** `[{ index, value }]` as texts in the order of their indexes, which are 1 to n, each once. */
function readParameters(
	value: unknown,
	path: string,
	findings: Findings,
	{ most = Infinity, variables }: { most?: number; variables?: number },
): string[] {
	const list = findings.list(value, path);
	if (list.length > most) {
		findings.note(path, `at most ${most} is possible, not ${list.length}`);
	} else if (variables !== undefined && list.length !== variables) {
		findings.note(path, `the template has ${counted(variables, 'variable')}, not ${list.length}`);
	}
	const entries = list.map((entry, position) => {
		const where = `${path}[${position}]`;
		const fields = findings.object(entry, where, ['index', 'value']);
		return {
			index: fields?.index,
			text: findings.text(fields?.value, `${where}.value`),
		};
	});
	return inOrder(entries, path, findings).map(({ text }) => text);
}

/** As many buttons as the template has, each with at most one parameter. */
function readButtons(
	value: unknown,
	path: string,
	findings: Findings,
	template: Template | undefined,
): string[][] {
	const list = findings.list(value, path);
	if (template && list.length !== template.buttons.length) {
		const buttons = counted(template.buttons.length, 'button');
		findings.note(path, `the template has ${buttons}, not ${list.length}`);
	}
	const entries = list.map((entry, position) => {
		const where = `${path}[${position}]`;
		const fields = findings.object(entry, where, ['index'], ['parameters']);
		const button = template?.buttons[Number(fields?.index) - 1];
		return {
			index: fields?.index,
			texts: readParameters(fields?.parameters, `${where}.parameters`, findings, {
				most: 1,
				variables: button && variablesIn(button.url),
			}),
		};
	});
	return inOrder(entries, path, findings).map(({ texts }) => texts);
}

/** The entries by their indexes. Notes those that are no whole number from 1 to n, or come twice. */
function inOrder<T extends { index: unknown }>(entries: T[], path: string, findings: Findings) {
	const placed = new Map<number, T>();
	for (const [position, entry] of entries.entries()) {
		const where = `${path}[${position}].index`;
		const { index } = entry;
		if (index === undefined) continue;
		if (typeof index !== 'number' || !Number.isInteger(index)) {
			findings.note(where, `must be a whole number, not ${JSON.stringify(index)}`);
		} else if (index < 1 || index > entries.length) {
			const allowed = entries.length === 1 ? '1' : `from 1 to ${entries.length}`;
			findings.note(where, `must be ${allowed}, not ${index}`);
		} else if (placed.has(index)) {
			findings.note(where, `${index} is there twice`);
		} else {
			placed.set(index, entry);
		}
	}
	return [...placed].sort(([a], [b]) => a - b).map(([, entry]) => entry);
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
