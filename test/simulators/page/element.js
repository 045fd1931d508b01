import { html } from './dom.js';

/** Small things within the cards. */

/** A few words in a frame; `tone` is their colour: good, bad, or wait. */
export function chip(text, tone = '', title = '') {
	return html`<span class="chip cut" data-tone=${tone} title=${title}>${text}</span>`;
}

/** A button that does `onclick`. `kind` is its class: primary, quiet, or small. */
export function button(text, onclick, { kind = '', title = '', disabled = false } = {}) {
	return html`<button type="button" class=${kind} title=${title} ?disabled=${disabled}
		@click=${onclick}>${text}</button>`;
}

/** A switch with a name, and the words that it shows if they are others. */
export function switchButton(name, isOn, change, words = name) {
	return html`<button type="button" role="switch" aria-label=${name} aria-checked=${String(isOn)}
		@click=${() => change(!isOn)}>${dot(isOn)} ${words}</button>`;
}

export function dot(isOn) {
	return html`<span class="dot" data-on=${String(isOn)}></span>`;
}

/** A copy of `text` to the clipboard, behind a button. */
export function copyButton(what, text) {
	const copy = async ({ target }) => {
		try {
			await navigator.clipboard.writeText(text);
			target.textContent = 'Copied';
		} catch {
			target.textContent = 'Not allowed';
		}
		setTimeout(() => (target.textContent = 'Copy'), 1500);
	};
	return html`<button type="button" class="quiet small" aria-label="Copy ${what}"
		@click=${copy}>Copy</button>`;
}

/** A name with something small below it. */
export function nameWith(name, below) {
	return html`<span class="who grow"><strong class="cut">${name}</strong><small>${below}</small></span>`;
}

/** Only web addresses can be followed: n8n may have sent anything. */
export function webLink(url, content, kind = '') {
	return /^https?:\/\//i.test(url)
		? html`<a class=${kind} href=${url} title=${url} target="_blank" rel="noreferrer noopener">${content}</a>`
		: html`<span class=${kind} title=${url}>${content}</span>`;
}
