import { createHash } from 'node:crypto';
import { APPROVE, DECISION, DECLINE, LONGEST_ANSWER, nameOf } from './answer';
import type { Typed } from './answer';
import type { FormField } from './form';
import type { Question } from './question';

/** A piece of HTML whose texts are escaped. */
class Html {
	constructor(readonly source: string) {}
}

const ENTITIES: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

/** Builds HTML. Whatever is put into it is escaped, unless it is HTML from here. */
function html(pieces: TemplateStringsArray, ...values: Array<Html | Html[] | string>): Html {
	const sources = values.map((value) =>
		[value]
			.flat()
			.map((part) => (part instanceof Html ? part.source : escaped(part)))
			.join(''),
	);
	return new Html(String.raw({ raw: pieces }, ...sources));
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (found) => ENTITIES[found] ?? '');

const NOTHING = html``;

const STYLE = `
:root { color-scheme: light dark; --line: #8a8f98; --main: #1f5fbf; --wrong: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --main: #2f6fd0; --wrong: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 34rem; padding: 1.5rem 1.25rem 3rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.375rem; line-height: 1.3; margin: 0 0 1rem; }
p { margin: 0 0 1.25rem; white-space: pre-wrap; }
.field { border: 0; margin: 0 0 1.25rem; padding: 0; min-width: 0; }
.field > label:not(.choice), legend { display: block; font-weight: 600; margin: 0 0 .375rem; padding: 0; }
.field small { font-weight: 400; opacity: .75; }
input:not([type=checkbox], [type=radio]), select, textarea { width: 100%; font: inherit; padding: .625rem .75rem; border: 1px solid var(--line); border-radius: .5rem; }
textarea { min-height: 8rem; resize: vertical; }
.choice { display: flex; gap: .625rem; align-items: start; padding: .5rem 0; font-weight: 400; }
.choice input { width: 1.25rem; height: 1.25rem; margin: .125rem 0 0; flex: none; }
.wrong { color: var(--wrong); font-weight: 600; margin: .375rem 0 0; }
p.wrong { margin: 0 0 1.25rem; }
button { display: block; width: 100%; min-height: 3rem; margin: 0 0 .75rem; padding: .625rem 1rem; font: inherit; font-weight: 600; border-radius: .5rem; border: 1px solid var(--main); background: var(--main); color: #fff; cursor: pointer; }
button.second { background: transparent; color: inherit; border-color: var(--line); }
`;

// The hash is of every character between the tags, so nothing may come between them and the style.
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * Headers of all pages. Nothing but the page's own style is loaded, no script runs, and the form goes
 * back to where it came from. The address decides for a person, so it is told to nobody.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
	'Content-Type': 'text/html; charset=utf-8',
	'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
	'Cache-Control': 'no-store',
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff',
	'X-Robots-Tag': 'noindex, nofollow, noarchive',
};

/** What a page shows of an answer that was not accepted. */
interface Rejected {
	readonly problem: string;
	readonly typed: Typed;
	readonly problems: ReadonlyArray<string | undefined>;
}

/** The page with the question, and with what is wrong about an answer that was not accepted. */
export function questionPage(question: Question, rejected?: Rejected): string {
	const { buttons, description, fields, submitLabel, texts } = question;
	const choices =
		buttons === undefined
			? [html`<button>${submitLabel}</button>`]
			: buttons.map((label, index) =>
					index === 0
						? html`<button name="${DECISION}" value="${APPROVE}">${label}</button>`
						: html`<button name="${DECISION}" value="${DECLINE}" class="second">${label}</button>`,
				);
	const title = question.title || texts.title;
	const form = html`<p>${description}</p>
		${rejected === undefined
			? NOTHING
			: html`<p class="wrong" role="alert">${rejected.problem}</p>`}
		<form method="post" enctype="multipart/form-data" accept-charset="utf-8">
			${fields.map((field, index) => fieldHtml(question, field, index, rejected))}${choices}
		</form>`;
	return page(question, title, form);
}

/** A page that only says something. */
export function noticePage(
	question: Pick<Question, 'language'>,
	title: string,
	text: string,
): string {
	return page(question, title, html`<p>${text}</p>`);
}

function page({ language }: Pick<Question, 'language'>, title: string, content: Html): string {
	return html`<!doctype html>
		<html lang="${language === 'pt' ? 'pt-BR' : language}">
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="robots" content="noindex, nofollow, noarchive" />
				<meta name="referrer" content="no-referrer" />
				<title>${title}</title>
				${STYLE_ELEMENT}
			</head>
			<body>
				<h1>${title}</h1>
				${content}
			</body>
		</html> `.source;
}

function fieldHtml(
	{ texts }: Question,
	field: FormField,
	index: number,
	rejected: Rejected | undefined,
): Html {
	const name = nameOf(index);
	const values = rejected?.typed[index] ?? field.initial;
	const problem = rejected?.problems[index];
	const label = html`${field.label}${field.required
		? html` <small>(${texts.required})</small>`
		: NOTHING}`;
	const note =
		problem === undefined ? NOTHING : html`<div class="wrong" id="${name}-note">${problem}</div>`;
	const state = html`${problem === undefined
		? NOTHING
		: html` aria-invalid="true" aria-describedby="${name}-note"`}`;
	if (field.type === 'checkbox' || field.type === 'radio') {
		// Of checkboxes, a browser would require every single one.
		const required = field.type === 'radio' && field.required ? html` required` : NOTHING;
		const choices = field.options.map(
			(option) =>
				html`<label class="choice"
					><input
						type="${field.type}"
						name="${name}"
						value="${option}"
						${values.includes(option) ? html` checked` : NOTHING}${required}${state}
					/><span>${option}</span></label
				> `,
		);
		return html`<fieldset class="field">
			<legend>${label}</legend>
			${choices}${note}
		</fieldset> `;
	}
	const required = field.required ? html` required` : NOTHING;
	return html`<div class="field">
		<label for="${name}">${label}</label> ${controlHtml(
			field,
			values,
			html` id="${name}" name="${name}"${required}${state}`,
			texts.choose,
		)}
		${note}
	</div> `;
}

function controlHtml(
	{ type, placeholder, options, several }: FormField,
	values: readonly string[],
	attributes: Html,
	choose: string,
): Html {
	const [value = ''] = values;
	if (type === 'dropdown') {
		const empty = several ? NOTHING : html`<option value="">${choose}</option>`;
		const entries = options.map(
			(option) =>
				html`<option value="${option}" ${values.includes(option) ? html` selected` : NOTHING}>
					${option}
				</option>`,
		);
		return html`<select${attributes}${several ? html` multiple` : NOTHING}>${empty}${entries}</select>`;
	}
	const longest = html` maxlength="${String(LONGEST_ANSWER)}" placeholder="${placeholder}"`;
	if (type === 'textarea') {
		// A browser leaves out a line's end right after the tag.
		return html`<textarea${attributes}${longest} rows="6">\n${value}</textarea>`;
	}
	const kind = type === 'number' ? html`number" step="any` : html`${type}`;
	return html`<input type="${kind}" ${attributes}${longest} value="${value}" />`;
}
