/**
 * Makes an element. Strings become text nodes, never markup, so nothing that a customer or a
 * provider wrote can become part of the page. `on…` attributes are listeners; `true` sets an empty
 * attribute, and `false`, null and undefined leave it out.
 */
export function h(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
		else setAttribute(element, name, value);
	}
	element.append(...children.flat().filter((child) => child || child === 0 || child === ''));
	return element;
}

export function setAttribute(element, name, value) {
	if (value === false || value === null || value === undefined) element.removeAttribute(name);
	else element.setAttribute(name, value === true ? '' : value);
}

/** Replaces the children only when `version` is another than last time: keeps focus and scrolling. */
export function renderWhen(container, version, render) {
	const text = JSON.stringify(version);
	if (container.renderedVersion === text) return;
	container.renderedVersion = text;
	container.replaceChildren(...[render()].flat().filter(Boolean));
}

/**
 * Shows `items` in `container`, one element each. An element lives as long as its key is there, so
 * that focus, scrolling and unfolded details survive; `create(item)` returns it with a function
 * that brings it up to date.
 */
export function keyedList(container, items, keyOf, create) {
	const known = container.knownItems ?? new Map();
	const next = new Map();
	let place = container.firstElementChild;
	for (const item of items) {
		const key = keyOf(item);
		const entry = known.get(key) ?? create(item);
		next.set(key, entry);
		entry.update?.(item);
		if (entry.element === place) place = place.nextElementSibling;
		else container.insertBefore(entry.element, place);
	}
	for (const [key, { element }] of known) if (!next.has(key)) element.remove();
	container.knownItems = next;
}

/** Runs `change` and keeps a list that was scrolled to its end at its end. */
export function stickToEnd(scroller, change) {
	const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
	change();
	if (atEnd) scroller.scrollTop = scroller.scrollHeight;
}

/** Says something that went wrong, for as long as it takes to read it. */
export function toast(message) {
	const element = h('p', { class: 'toast' }, message);
	document.querySelector('.toasts').append(element);
	setTimeout(() => element.remove(), 6000);
}

/** A copy of `text` to the clipboard, behind a button. */
export function copyButton(what, textOf) {
	const button = h('button', { type: 'button', class: 'quiet small' }, 'Copy');
	button.setAttribute('aria-label', `Copy ${what}`);
	button.addEventListener('click', async () => {
		try {
			await navigator.clipboard.writeText(textOf());
			button.textContent = 'Copied';
		} catch {
			button.textContent = 'Not allowed';
		}
		setTimeout(() => (button.textContent = 'Copy'), 1500);
	});
	return button;
}

/** Hours, minutes and seconds of an ISO time, in the reader's zone. */
export function clockTime(iso) {
	return new Date(iso).toLocaleTimeString('en-GB');
}

/**
 * The control routes of one panel. A refusal is shown to the person and resolves to undefined.
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
