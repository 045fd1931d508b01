import { clockTime, copyButton, h, keyedList, renderWhen, setAttribute, toast } from './dom.js';

/** Parts that more than one provider's panel is made of. */

/**
 * Puts the panel together: the bar on top, the parts side by side (those in a list below each
 * other), and a note below.
 */
export function layOut(root, name, bar, columns, footnote) {
	root.classList.add(name);
	root.append(
		bar.element,
		h(
			'div',
			{ class: 'columns' },
			columns.map((column) =>
				Array.isArray(column)
					? h('div', { class: 'column' }, ...column.map(({ element }) => element))
					: column.element,
			),
		),
		h('p', { class: 'footnote' }, footnote),
	);
}

/** Calls `onState` and `onLog` with what the simulator tells, and says whether it still does. */
export function follow(base, showLinkState, onState, onLog) {
	const events = new EventSource(`${base}/events`);
	events.addEventListener('open', () => showLinkState('live'));
	events.addEventListener('error', () => showLinkState('lost'));
	events.addEventListener('state', ({ data }) => onState(JSON.parse(data)));
	events.addEventListener('log', ({ data }) => onLog(JSON.parse(data)));
}

/**
 * The bar on top: facts, perhaps something `beside` them, and the buttons that concern everything.
 * `rowsOf(state)` gives the facts as `[name, value, what to say when there is none]`.
 */
export function factsBar(control, settings, rowsOf, beside) {
	let state;
	const facts = h('dl', { class: 'facts' });
	const element = h(
		'div',
		{ class: 'bar' },
		facts,
		beside,
		h(
			'div',
			{ class: 'buttons' },
			h('button', { type: 'button', onclick: () => settings.open(state) }, 'Settings'),
			h('button', { type: 'button', onclick: () => control('POST', '/reset') }, 'Reset'),
		),
		settings.element,
	);
	return {
		element,
		update(now) {
			state = now;
			const rows = rowsOf(now);
			renderWhen(facts, rows, () => rows.map(factRow));
		},
	};
}

function factRow([name, value, missing]) {
	return h(
		'div',
		{},
		h('dt', {}, name),
		value
			? h(
					'dd',
					{},
					h('code', { title: value }, value),
					copyButton(name, () => value),
				)
			: h('dd', { class: 'missing' }, missing),
	);
}

/** A form over the page. It closes when `save()` resolves to something, that is, was not refused. */
export function formDialog(title, action, save, ...parts) {
	const submit = async (event) => {
		event.preventDefault();
		if (await save()) element.close();
	};
	const element = h(
		'dialog',
		{ class: 'settings', 'aria-label': title },
		h(
			'form',
			{ onsubmit: submit },
			h('h2', {}, title),
			...parts,
			h(
				'div',
				{ class: 'buttons end' },
				h('button', { type: 'button', onclick: () => element.close() }, 'Cancel'),
				h('button', { type: 'submit', class: 'primary' }, action),
			),
		),
	);
	return element;
}

/** A part of a dialog, with its heading. */
export function group(title, ...parts) {
	return h('fieldset', {}, h('legend', {}, title), ...parts);
}

/** Fields of a dialog, two in a row. */
export function pairs(...fields) {
	return h('div', { class: 'pair' }, ...fields);
}

/** A select of pairs of value and title. */
export function choice(options) {
	return h(
		'select',
		{},
		options.map(([value, title]) => h('option', { value }, title)),
	);
}

/** A part of a dialog that sends any event. The dialog closes when it was taken. */
export function otherEvent(control, path, label, example) {
	const other = h('textarea', { rows: 2, spellcheck: 'false', 'aria-label': label });
	other.value = example;
	const send = async () => {
		try {
			if (await control('POST', path, JSON.parse(other.value))) other.closest('dialog').close();
		} catch {
			toast('The event is not JSON');
		}
	};
	return h(
		'details',
		{},
		h('summary', {}, 'Send an event that is not in the document'),
		other,
		h('button', { type: 'button', onclick: send }, 'Send event'),
	);
}

/**
 * A button for `keyedList` that is pressed while its item is the chosen one. `update(item)` brings
 * up to date what it shows, and may return another title.
 */
export function choiceButton({ title, content, choose, isChosen, update }) {
	const element = h('button', { type: 'button', title, onclick: choose }, ...content);
	return {
		element,
		update(item) {
			const now = update?.(item);
			if (now !== undefined) element.title = now;
			element.setAttribute('aria-pressed', isChosen(item));
		},
	};
}

/** Where the words of a conversation stand, see `drawBubbles`. */
export function talkArea(label) {
	return h('div', { class: 'talk', role: 'log', 'aria-label': label, tabindex: '0' });
}

/** A field of a dialog, with its label and a hint below it. */
export function field(label, input, hint) {
	return h('label', {}, h('span', {}, label), input, hint && h('small', {}, hint));
}

/**
 * What shall go wrong next. `modes` is what the simulator offers; a mode may say for itself what its
 * `effect` is and whether it is `timed`. `parts` are pairs of a part that can fail by itself and its
 * name, for providers that have some.
 */
export function misbehaviour(control, modes, parts = []) {
	const titles = new Map(modes.map(({ name, title }) => [name, title]));
	const mode = h(
		'select',
		{ 'aria-label': 'What goes wrong' },
		[...new Set(modes.map(({ group }) => group))].map((group) =>
			h(
				'optgroup',
				{ label: group },
				modes
					.filter((one) => one.group === group)
					.map(({ name, title }) => h('option', { value: name }, title)),
			),
		),
	);
	const partNames = new Map(parts);
	const part = h(
		'select',
		{ 'aria-label': 'Where', class: 'part-select', hidden: parts.length === 0 },
		[['', 'Anywhere'], ...parts].map(([value, title]) => h('option', { value }, title)),
	);
	const count = h('input', {
		type: 'number',
		min: 1,
		max: 1000,
		value: 1,
		'aria-label': 'How often',
	});
	const seconds = h('input', { type: 'number', min: 0, max: 600, value: 5, step: 'any' });
	const secondsField = h('label', { class: 'inline' }, seconds, h('span', {}, 's'));
	const effect = h('p', { class: 'hint' });
	const waiting = h('div', { class: 'chips', role: 'status' });
	const describe = () => {
		const chosen = modes.find(({ name }) => name === mode.value);
		secondsField.hidden = !(chosen.timed ?? ['slow-headers', 'slow-body'].includes(chosen.name));
		effect.textContent =
			chosen.effect ??
			(chosen.works
				? 'Does what is asked, then spoils the answer.'
				: 'Does nothing of what is asked.');
	};
	mode.addEventListener('change', describe);
	if (titles.has('status-500')) mode.value = 'status-500';
	describe();
	const add = (event) => {
		event.preventDefault();
		const delay = secondsField.hidden ? {} : { delay: Number(seconds.value) * 1000 };
		const at = part.value ? { at: part.value } : {};
		control('POST', '/misbehave', {
			mode: mode.value,
			count: Number(count.value),
			...delay,
			...at,
		});
	};
	const element = h(
		'section',
		{ class: 'card faults', 'aria-label': 'Misbehave' },
		h('div', { class: 'card-head' }, h('h2', {}, 'Misbehave')),
		h(
			'form',
			{ class: 'row', onsubmit: add },
			mode,
			part,
			secondsField,
			h('label', { class: 'inline' }, h('span', {}, '×'), count),
			h('button', { type: 'submit' }, 'Add'),
		),
		effect,
		waiting,
	);
	return {
		element,
		update({ failing, quiet = 'The next answers are honest.' }) {
			renderWhen(waiting, failing, () => {
				if (failing.length === 0) return h('span', { class: 'hint' }, quiet);
				return [
					h('span', { class: 'hint' }, 'Next:'),
					...failing.map(({ name, left, at }) =>
						h(
							'span',
							{ class: 'chip', 'data-state': 'fault' },
							`${at ? `${partNames.get(at) ?? at}: ` : ''}${titles.get(name) ?? name} × ${left}`,
						),
					),
					h(
						'button',
						{
							type: 'button',
							class: 'quiet small',
							onclick: () => control('DELETE', '/misbehave'),
						},
						'Take back',
					),
				];
			});
		},
	};
}

/**
 * Everything that went over the wire, newest first. `kinds` says of each kind of entry its `title`,
 * the `filter` that shows it, and whether it can be sent `again`. Kinds that are no HTTP request say
 * their own `verdictOf(entry)` and `detailsOf(entry)`, pairs of heading and text. `filters` are the
 * pairs of the filter buttons after "All"; `summaryOf(entry)` is the line of an entry, `notesOf` the
 * sentences below it, `verdictOf` its badge, and `filterOf` the filter it belongs to if not that of
 * its kind.
 */
export function liveLog(control, options) {
	const { kinds, filters: offered, title = 'Live log' } = options;
	const { filterOf = ({ kind }) => kinds[kind].filter } = options;
	let entries = new Map();
	let filter = 'all';
	const list = h('div', { class: 'entries' });
	const empty = h(
		'div',
		{ class: 'empty' },
		h('p', {}, h('strong', {}, 'Nothing has happened yet.')),
		h('p', {}, 'Whatever goes over the wire appears here, with its answer.'),
	);
	const filters = h(
		'div',
		{ class: 'segments', role: 'group', 'aria-label': 'Show' },
		[['all', 'All'], ...offered].map(([value, title]) =>
			h(
				'button',
				{
					type: 'button',
					'data-value': value,
					onclick: () => {
						filter = value;
						draw();
					},
				},
				title,
			),
		),
	);
	const element = h(
		'section',
		{ class: 'card log', 'aria-label': title },
		h('div', { class: 'card-head' }, h('h2', {}, title), filters),
		empty,
		list,
	);

	function draw() {
		for (const button of filters.children) {
			button.setAttribute('aria-pressed', button.dataset.value === filter);
		}
		const shown = [...entries.values()]
			.filter((entry) => filter === 'all' || filterOf(entry) === filter)
			.sort((a, b) => b.id - a.id)
			.slice(0, 200);
		empty.hidden = shown.length > 0;
		keyedList(
			list,
			shown,
			({ id }) => id,
			(entry) => logEntry(entry, control, options),
		);
	}
	draw();
	return {
		element,
		update({ from, entries: changed }) {
			entries = new Map([...entries].filter(([id]) => id >= from));
			for (const entry of changed) entries.set(entry.id, entry);
			draw();
		},
	};
}

function logEntry(first, control, options) {
	const { kinds, summaryOf, notesOf = () => [], verdictOf = httpVerdict } = options;
	const badge = h('span', { class: 'badge' });
	const what = h('span', { class: 'what' });
	const notes = h('ul', { class: 'notes' });
	const more = h('div', { class: 'more' });
	const element = h(
		'details',
		{ 'data-kind': first.kind },
		h(
			'summary',
			{},
			h('time', { datetime: first.at }, clockTime(first.at)),
			h('span', { class: 'kind' }, kinds[first.kind].title),
			what,
			badge,
			notes,
		),
		more,
	);
	let entry = first;
	let drawnRevision;
	// Only an unfolded entry has its details drawn: most are never looked at.
	const drawMore = () => {
		if (!element.open || drawnRevision === entry.revision) return;
		drawnRevision = entry.revision;
		more.replaceChildren(...logDetails(entry, control, kinds[entry.kind]));
	};
	element.addEventListener('toggle', drawMore);
	return {
		element,
		update(now) {
			entry = now;
			const { text, tone } = (kinds[now.kind].verdictOf ?? verdictOf)(now);
			if (badge.textContent !== text) badge.textContent = text;
			badge.dataset.tone = tone;
			const summary = summaryOf(now);
			if (what.textContent !== summary) what.textContent = summary;
			const sentences = notesOf(now);
			renderWhen(notes, sentences, () => sentences.map((sentence) => h('li', {}, sentence)));
			drawMore();
		},
	};
}

function logDetails(entry, control, { again, detailsOf }) {
	const block = (title, text) =>
		text ? [h('h4', {}, title), h('pre', { tabindex: '0' }, text)] : [];
	if (detailsOf) return detailsOf(entry).flatMap(([title, text]) => block(title, pretty(text)));
	const { method = 'POST', path, url } = entry;
	const answer = entry.answer && pretty(entry.answer.body);
	const took = entry.milliseconds === undefined ? '' : ` after ${entry.milliseconds} ms`;
	return [
		(path ?? url ?? entry.outcome) !== undefined &&
			h('p', { class: 'address' }, h('code', {}, `${method} ${path ?? url ?? 'no address'}`)),
		entry.fault && h('p', { class: 'hint' }, `Misbehaviour played: ${entry.fault}`),
		...block('Body', pretty(entry.rawBody ?? entry.body)),
		...block('Headers', headerLines(entry.headers)),
		...(entry.answer ? block(`Answer ${entry.answer.status}${took}`, answer || '(empty)') : []),
		...block('Error', entry.error),
		again &&
			h(
				'button',
				{
					type: 'button',
					class: 'small',
					onclick: () => control('POST', `/deliveries/${entry.id}/again`),
				},
				'Deliver again',
			),
	].filter(Boolean);
}

/** The badge of an entry that is an HTTP request. */
export function httpVerdict({ outcome, answer, fault }) {
	// Something that was taken in passing, without a connection of its own to go wrong.
	if (outcome === undefined) {
		return { text: String(answer.status), tone: answer.status < 300 ? 'good' : 'bad' };
	}
	if (outcome === 'under way') return { text: '…', tone: 'open' };
	if (['cut', 'caller gone', 'failed', 'not sent'].includes(outcome)) {
		return { text: outcome, tone: 'bad' };
	}
	return { text: String(answer?.status), tone: answer?.status < 300 && !fault ? 'good' : 'bad' };
}

/** JSON with line breaks; anything else as it is. */
function pretty(body) {
	if (body === undefined) return '';
	try {
		return JSON.stringify(typeof body === 'string' ? JSON.parse(body) : body, null, 2);
	} catch {
		return String(body);
	}
}

function headerLines(headers = {}) {
	return Object.entries(headers)
		.map(([name, value]) => `${name}: ${value}`)
		.join('\n');
}

/** A field and a button that send a text. */
export function messageForm(label, send, extra) {
	const input = h('input', { 'aria-label': label, placeholder: label, autocomplete: 'off' });
	const submit = async (event) => {
		event.preventDefault();
		const text = input.value;
		if (!text.trim()) return;
		input.value = '';
		// A refused message must not be lost.
		if (!(await send(text)) && !input.value) input.value = text;
	};
	const element = h(
		'form',
		{ class: 'composer', onsubmit: submit },
		extra && extra.element,
		input,
		h('button', { type: 'submit', class: 'primary' }, 'Send'),
	);
	return { element, focus: () => input.focus() };
}

export function switchButton(label, change) {
	const element = h('button', { type: 'button', role: 'switch', 'aria-checked': 'false' });
	element.append(h('span', { class: 'knob' }), h('span', { class: 'label' }, label));
	element.addEventListener('click', () => change(element.getAttribute('aria-checked') !== 'true'));
	return { element, set: (on) => element.setAttribute('aria-checked', on) };
}

export function initials(name) {
	const words = name.split(' ');
	return words[0][0] + (words.at(-1)?.[0] ?? '');
}

/** Pairs of name and value below a name; those without a value are left out. */
export function personFacts(rows) {
	return h(
		'dl',
		{ class: 'person' },
		rows
			.filter(([, value]) => value)
			.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
	);
}

/** Only web addresses can be followed: n8n may have sent anything. */
export function webLink(url, label) {
	const isWeb = /^https?:\/\//i.test(url);
	return isWeb
		? h('a', { href: url, title: url, target: '_blank', rel: 'noreferrer noopener' }, label)
		: h('span', { class: 'dead-link', title: url }, label);
}

/**
 * `items` as bubbles, or `empty`: a sentence, or the elements that say it. `conversation` tells one
 * list from another.
 */
export function drawBubbles(container, conversation, items, empty) {
	if (items.length === 0) {
		container.knownItems = undefined;
		const parts = [empty]
			.flat()
			.map((part) => (typeof part === 'string' ? h('p', {}, part) : part));
		const words = parts.map(({ textContent }) => textContent);
		renderWhen(container, ['empty', conversation, words], () =>
			h('div', { class: 'empty' }, parts),
		);
		return;
	}
	if (container.renderedVersion) {
		container.renderedVersion = undefined;
		container.replaceChildren();
	}
	keyedList(
		container,
		items,
		({ key }) => `${conversation}/${key}`,
		({ side, from, content }) => {
			const note = h('small', {});
			const element = h(
				'div',
				{ class: 'bubble', 'data-side': side, 'data-from': from },
				content(),
				note,
			);
			return {
				element,
				update({ about, outcome }) {
					if (note.textContent !== about) note.textContent = about;
					setAttribute(element, 'data-outcome', outcome);
				},
			};
		},
	);
}

/** The object that a text of JSON holds; an empty one where it holds none. */
export function objectIn(text) {
	try {
		return JSON.parse(text) ?? {};
	} catch {
		return {};
	}
}
