import { html } from './dom.js';

/** A field with its label and a hint below it. */
export function field(label, input, hint) {
	return html`<label><span>${label}</span>${input}${hint && html`<small>${hint}</small>`}</label>`;
}

/** A line of text with its label. */
export function textField(label, name, options = {}) {
	const { type = 'text', placeholder = '', required = false, hint } = options;
	const input = html`<input name=${name} type=${type} placeholder=${placeholder}
		?required=${required} spellcheck="false" autocomplete="off" />`;
	return field(label, input, hint);
}

/** An address of n8n with its label. */
export function urlField(label, name, hint, placeholder = 'http://127.0.0.1:5678/webhook/…') {
	return html`<div class="wide">${textField(label, name, { type: 'url', placeholder, hint })}</div>`;
}

/** A number from `min` to `max`, which counts `scale` each. */
export function numberInput(name, options = {}) {
	const { min = 0, max = 600_000, value = 0, scale = 1, label = '' } = options;
	return html`<input type="number" name=${name} min=${min} max=${max} step="any" value=${value}
		data-scale=${scale} aria-label=${label} required />`;
}

export function numberField(label, name, options) {
	return field(label, numberInput(name, options));
}

/** A select of an object of values and titles, or of pairs of them. */
export function choice(name, options, { label = '', isJson = false } = {}) {
	const all = Array.isArray(options) ? options : Object.entries(options);
	return html`<select name=${name} data-json=${isJson} aria-label=${label}>
		${all.map(([value, title]) => html`<option value=${value}>${title}</option>`)}
	</select>`;
}

/** The options of a select, in the groups that the `items` name. */
export function groupedOptions(items, valueOf, chosen) {
	const option = (item) =>
		html`<option value=${valueOf(item)} ?selected=${item === chosen}>${item.title}</option>`;
	return [...new Set(items.map(({ group }) => group))].map((name) => {
		const own = items.filter(({ group }) => group === name);
		return html`<optgroup label=${name}>${own.map(option)}</optgroup>`;
	});
}

/** A choice with its label. With `isJson`, the values are JSON: numbers, true or false. */
export function choiceField(label, name, options, isJson) {
	return field(label, choice(name, options, { isJson }));
}

/** A box with its label. Boxes of one name that have a value are a list. */
export function checkbox(name, label, value) {
	const box =
		value === undefined
			? html`<input type="checkbox" name=${name} />`
			: html`<input type="checkbox" name=${name} value=${value} />`;
	return html`<label class="row line">${box}<span>${label}</span></label>`;
}

/** Parts of a form under headings: an object of their fields. */
export function groups(fields) {
	return Object.entries(fields).map(
		([title, parts]) =>
			html`<fieldset><legend>${title}</legend><div class="pairs">${parts}</div></fieldset>`,
	);
}
