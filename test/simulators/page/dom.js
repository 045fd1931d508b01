export { html } from './lit-html/lit-html.js';
export { keyed } from './lit-html/directives/keyed.js';
export { repeat } from './lit-html/directives/repeat.js';

/** Tells about something that went wrong, for as long as it takes to read it. */
export function toast(message) {
	const element = document.createElement('p');
	element.className = 'toast';
	element.textContent = message;
	document.querySelector('.toasts').append(element);
	setTimeout(() => element.remove(), 6000);
}

/** Hours, minutes and seconds of an ISO time, in the reader's zone. */
export function clockTime(iso) {
	return new Date(iso).toLocaleTimeString('en-GB');
}

/** The object that a text of JSON holds; an empty one where it holds none. */
export function objectIn(text) {
	try {
		return JSON.parse(text) ?? {};
	} catch {
		return {};
	}
}

/** The names of the `items` that have one of `ids`; an unknown ID stands for itself. */
export function namesOf(items, ids) {
	return ids.map((id) => items.find((one) => one.id === id)?.name ?? id).join(', ');
}

/**
 * Calls the control routes of one panel. A refusal is shown to the person and resolves to undefined.
 */
export function controlOf(base) {
	return async (method, path, body = {}) => {
		try {
			const response = await fetch(base + path, {
				method,
				headers: { 'Content-Type': 'application/json' },
				body: JSON.stringify(body),
			});
			const answer = await response.json();
			if (response.ok) return answer;
			toast(answer.error);
		} catch {
			toast('The simulator does not answer. Is it still running?');
		}
		return undefined;
	};
}
