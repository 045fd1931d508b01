import { isJsonObject } from '../json';
import type { Question } from './question';
import type { FormField } from './form';
import type { Texts } from './texts';

/** The name of an approval's buttons in the posted form, and their values. */
export const DECISION = 'decision';
export const APPROVE = 'approve';
export const DECLINE = 'decline';

/** Characters of one field. */
export const LONGEST_ANSWER = 20_000;

/** What an approval, a free text or a form yields in the output, in the shape of n8n's own nodes. */
export type AnswerData = Record<string, string | number | boolean | string[] | null>;

/** What was typed, by the index of the field. */
export type Typed = ReadonlyArray<readonly string[]>;

/** An answer, or why it is none: sentences by the index of the field, and one for the whole. */
export type ReadAnswer =
	| { readonly data: AnswerData }
	| {
			readonly problem: string;
			readonly typed: Typed;
			readonly problems: ReadonlyArray<string | undefined>;
	  };

export const nameOf = (index: number) => `field-${index}`;

/**
 * Reads a form that was posted, and checks it against the question: a browser checks what the page says,
 * but anybody with the link can post anything.
 *
 * @param form the fields of the posted form; several values of one name are a list
 */
export function readAnswer(question: Question, form: Record<string, unknown>): ReadAnswer {
	const { buttons, fields, texts } = question;
	const typed = fields.map((_field, index) => valuesOf(form[nameOf(index)]));
	const known = new Set(
		buttons === undefined ? fields.map((_field, index) => nameOf(index)) : [DECISION],
	);
	const isForeign = Object.entries(form).some(
		([name, value]) => !known.has(name) || !isText(value),
	);
	if (isForeign) return { problem: texts.changed, typed, problems: [] };
	if (buttons !== undefined) {
		const decision = form[DECISION];
		const isKnown = decision === APPROVE || (decision === DECLINE && buttons.length > 1);
		if (!isKnown) return { problem: texts.changed, typed, problems: [] };
		return { data: { approved: decision === APPROVE } };
	}
	const problems = fields.map((field, index) => problemOf(field, typed[index] ?? [], texts));
	if (problems.some((problem) => problem !== undefined)) {
		return { problem: texts.checkFields, typed, problems };
	}
	const data = fields.map(
		(field, index) => [field.name, valueOf(field, typed[index] ?? [])] as const,
	);
	return { data: Object.fromEntries(data) };
}

function isText(value: unknown): boolean {
	return (
		typeof value === 'string' ||
		(Array.isArray(value) && value.every((one) => typeof one === 'string'))
	);
}

function valuesOf(value: unknown): string[] {
	const values: unknown[] = Array.isArray(value) ? value : [value];
	return (
		values
			.filter((one): one is string => typeof one === 'string')
			// Browsers send a line's end as two characters.
			.map((one) => one.replace(/\r\n?/g, '\n'))
			.filter((one) => one.trim() !== '')
	);
}

function problemOf(field: FormField, values: readonly string[], texts: Texts): string | undefined {
	const [value] = values;
	if (value === undefined) return field.required ? texts.isEmpty : undefined;
	if (values.length > 1 && !field.several) return texts.noOption;
	if (value.length > LONGEST_ANSWER) return texts.tooLong;
	if (field.options.length > 0) {
		return values.every((one) => field.options.includes(one)) ? undefined : texts.noOption;
	}
	const text = value.trim();
	switch (field.type) {
		case 'number':
			return /^[-+]?\d{1,300}(\.\d{1,300})?$/.test(text) ? undefined : texts.noNumber;
		case 'email':
			return /^[^\s@,;<>]+@[^\s@,;<>]+$/.test(text) ? undefined : texts.noEmail;
		case 'date':
			return isDate(text) ? undefined : texts.noDate;
		default:
			return undefined;
	}
}

/** Whether a text is a day that exists, as browsers send it. */
function isDate(text: string): boolean {
	if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
	const day = new Date(`${text}T00:00:00Z`);
	return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function valueOf({ type, several }: FormField, values: readonly string[]): AnswerData[string] {
	if (several) return [...new Set(values)];
	const [value] = values;
	if (type === 'number') return value === undefined ? null : Number(value);
	if (value === undefined) return type === 'radio' ? null : '';
	return type === 'textarea' ? value : value.trim();
}

/** The fields of a posted form, as n8n has parsed them; undefined if the request is no form. */
export function postedForm(
	contentType: string,
	body: unknown,
): Record<string, unknown> | undefined {
	if (!isJsonObject(body)) return undefined;
	if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) return { ...body };
	if (!/^multipart\/form-data\b/i.test(contentType)) return undefined;
	const { data, files } = body;
	if (isJsonObject(files) && Object.keys(files).length > 0) return undefined;
	return isJsonObject(data) ? { ...data } : {};
}
