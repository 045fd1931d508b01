import { html, repeat } from './dom.js';

/** A part of the panel. `heading` takes the place of the title, `actions` and the line `about` it. */
export function card(title, { kind = '', about, actions, heading }, ...parts) {
	const head = html`<h2>${title}</h2>${actions}${about && html`<p class="hint">${about}</p>`}`;
	return html`<section class="card ${kind}" aria-label=${title}>
		<header class="row pad below">${heading ?? head}</header>
		${parts}
	</section>`;
}

/** Buttons of which one is pressed. `kind` says what they look like: people, list, or segments. */
export function choiceList(label, kind, items, options) {
	const { key = ({ id }) => id, title, isChosen, choose, content } = options;
	const item = (one) => html`<button type="button" title=${title?.(one) ?? ''}
		aria-pressed=${String(isChosen(one))} @click=${() => choose(one)}>${content(one)}</button>`;
	return html`<div class=${kind} role="group" aria-label=${label}>${repeat(items, key, item)}</div>`;
}

/** Pairs of name and value below a name; those without a value are left out. */
export function personFacts(rows) {
	const shown = rows.filter(([, value]) => value);
	return html`<dl class="row person">
		${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
	</dl>`;
}

/** What is shown where there is nothing yet. */
export function empty(text, title) {
	return html`<div class="empty">${title && html`<p><strong>${title}</strong></p>`}<p>${text}</p></div>`;
}
