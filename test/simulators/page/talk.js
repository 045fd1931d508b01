import { clockTime, html, repeat } from './dom.js';
import { onSubmit } from './form.js';

/**
 * The words of a conversation, as bubbles, or `none` where there are none. `conversation` tells one
 * list from another. The list stays at its end unless the person has scrolled away from it.
 */
export function talk(label, conversation, items, none) {
	const bubble = ({ side, from, outcome = '', content, about }) =>
		html`<div class="bubble" data-side=${side} data-from=${from} data-outcome=${outcome}>
			${content}<small>${about}</small>
		</div>`;
	const keyOf = ({ key }) => `${conversation}/${key}`;
	return html`<div class="talk" role="log" tabindex="0" aria-label=${label}
		data-conversation=${conversation}>${items.length > 0 ? repeat(items, keyOf, bubble) : none}</div>`;
}

/** The line below a bubble: who, when, and what else. */
export function aboutLine(who, at, more) {
	return [who, clockTime(at), more].filter(Boolean).join(' · ');
}

/** Keeps every `talk` in `root` at its end. Returns what brings those there that have grown. */
export function keepTalksAtEnd(root) {
	const seen = new WeakMap();
	const toEnd = () => {
		for (const element of root.querySelectorAll('.talk')) {
			const { conversation } = element.dataset;
			if (seen.get(element)?.conversation !== conversation) {
				seen.set(element, { conversation, atEnd: true });
			}
			if (seen.get(element).atEnd) element.scrollTop = element.scrollHeight;
		}
	};
	const onScroll = ({ target: { scrollHeight, scrollTop, clientHeight }, target }) => {
		if (seen.has(target)) seen.get(target).atEnd = scrollHeight - scrollTop - clientHeight < 40;
	};
	root.addEventListener('scroll', onScroll, true);
	// Pictures have their height only when they have been loaded.
	root.addEventListener('load', toEnd, true);
	return toEnd;
}

/** What somebody is doing just now, or nothing. */
export function typingRow(text) {
	return html`<p class="hint pad" aria-live="polite" ?hidden=${!text}>${text ? `${text} …` : ''}</p>`;
}

/** A field and a button that send a text, and beside it the values of the fields in `extra`. */
export function composer(label, send, { extra, hidden = false } = {}) {
	const submit = onSubmit(async ({ text, ...values }, form) => {
		if (!text.trim()) return;
		const input = form.elements.text;
		input.value = '';
		// A refused message must not be lost.
		if (!(await send(text, values)) && !input.value) input.value = text;
	});
	return html`<form class="composer row line pad above" ?hidden=${hidden} @submit=${submit}>
		${extra}
		<input name="text" aria-label=${label} placeholder=${label} autocomplete="off" />
		<button type="submit" class="primary">Send</button>
	</form>`;
}
