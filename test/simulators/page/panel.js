import { render } from './lit-html/lit-html.js';
import { card } from './card.js';
import { controlOf, html } from './dom.js';
import { button, chip, copyButton } from './element.js';
import { choice, groupedOptions, groups, numberInput } from './field.js';
import { formDialog, onSubmit, openDialog } from './form.js';
import { liveLog } from './log.js';
import { keepTalksAtEnd } from './talk.js';

/**
 * Draws a provider's panel into `root` and keeps it up to date. `define(panel)` is the default export
 * of the provider's module. It gets
 *
 * - `control(method, path, body)`: calls a control route, see `controlOf`, and `base`, its address;
 * - `draw()`: draws again, needed only after what is no click and no change of a field;
 * - `focus(selector)`, and `open(name, values)` for a dialog
 *
 * and returns
 *
 * - `facts(state)`: what stands on top, as `[name, value, what to say when there is none]`, and
 *   perhaps `alarm(state)` beside it;
 * - `settings(state)`: the fields of the dialog under their headings, and perhaps what stands below
 *   them, `extras(state)`; `toForm(state)` and `toSettings(values)` where the fields are not named
 *   and valued as the settings are;
 * - `columns(state, entries)`: the cards, one column each, of which the last stands above
 *   Misbehave and the log; `entries` is everything in the log;
 * - `log`, see `liveLog`; `footnote`; for Misbehave perhaps `parts`, the names of parts that can fail
 *   by themselves, and `failing(state)`, what fails next and what to say when nothing does.
 */
export async function runPanel(root, base, define, showLinkState) {
	const control = controlOf(base);
	const modes = await (await fetch(`${base}/modes`)).json();
	const toEnd = keepTalksAtEnd(root);
	let state;
	const draw = () => {
		if (!state) return;
		render(template(), root);
		toEnd();
	};
	const open = (name, values) => openDialog(root, name, values);
	const focus = (selector) => root.querySelector(selector).focus();
	const view = define({ base, control, draw, focus, open });
	const { toForm = (now) => now, toSettings = (values) => values } = view;
	const { failing = (now) => ({ failing: now.failing }) } = view;
	const faults = misbehaviour(control, modes, view.parts);
	const log = liveLog(control, draw, view.log);
	const save = (values) => control('POST', '/settings', toSettings(values));

	function template() {
		const cards = view.columns(state, [...log.entries.values()]);
		const wire = [cards.pop(), faults(failing(state)), log.view()];
		return html`
			<div class="bar row">
				<dl class="facts">${view.facts(state).map(fact)}</dl>
				${view.alarm?.(state)} ${button('Settings', () => open('settings', toForm(state)))}
				${button('Reset', () => control('POST', '/reset'))}
			</div>
			<div class="columns">
				${cards.map((column) => html`<div class="column">${column}</div>`)}
				<div class="column wire">${wire}</div>
			</div>
			<p class="footnote hint">${view.footnote}</p>
			${formDialog(
				'settings',
				{ title: 'Settings', action: 'Save', save },
				groups(view.settings(state)),
				view.extras?.(state),
			)}
		`;
	}

	// What a person does may change what is to be seen.
	for (const type of ['click', 'change']) root.addEventListener(type, draw);
	const events = new EventSource(`${base}/events`);
	events.addEventListener('open', () => showLinkState('live'));
	events.addEventListener('error', () => showLinkState('lost'));
	events.addEventListener('state', ({ data }) => {
		state = JSON.parse(data);
		draw();
	});
	events.addEventListener('log', ({ data }) => {
		log.update(JSON.parse(data));
		draw();
	});
}

function fact([name, value, missing]) {
	const shown = html`<dd class="row line">
		<code class="cut" title=${value}>${value}</code>${copyButton(name, value)}
	</dd>`;
	return html`<div><dt>${name}</dt>${value ? shown : html`<dd class="missing">${missing}</dd>`}</div>`;
}

/**
 * What shall go wrong next. `modes` is what the simulator offers; a mode may say for itself what its
 * `effect` is and whether it is `timed`.
 */
function misbehaviour(control, modes, parts) {
	const titles = new Map(modes.map(({ name, title }) => [name, title]));
	let mode = modes.find(({ name }) => name === 'status-500') ?? modes[0];
	const isTimed = () => mode.timed ?? ['slow-headers', 'slow-body'].includes(mode.name);
	const choose = ({ target }) => (mode = modes.find(({ name }) => name === target.value));
	const add = onSubmit(({ count, delay, at }) => {
		const options = { ...(isTimed() && { delay }), ...(at && { at }) };
		return control('POST', '/misbehave', { mode: mode.name, count, ...options });
	});
	const form = () => html`<form class="row pad" @submit=${add}>
		<select aria-label="What goes wrong" @change=${choose}>
			${groupedOptions(modes, ({ name }) => name, mode)}
		</select>
		${parts ? choice('at', { '': 'Anywhere', ...parts }, { label: 'Where' }) : ''}
		<label class="row line" ?hidden=${!isTimed()}>
			${numberInput('delay', { max: 600, value: 5, scale: 1000 })}<span>s</span>
		</label>
		<label class="row line">
			<span>×</span>${numberInput('count', { min: 1, max: 1000, value: 1, label: 'How often' })}
		</label>
		<button type="submit">Add</button>
	</form>`;
	const effect = () =>
		mode.works ? 'Does what is asked, then spoils the answer.' : 'Does nothing of what is asked.';
	const waiting = ({ name, left, at }) => {
		const where = at ? `${parts?.[at] ?? at}: ` : '';
		return chip(`${where}${titles.get(name) ?? name} × ${left}`, 'bad');
	};
	const takeBack = () =>
		button('Take back', () => control('DELETE', '/misbehave'), { kind: 'quiet small' });
	return ({ failing, quiet = 'The next answers are honest.' }) =>
		card(
			'Misbehave',
			{ kind: 'faults' },
			form(),
			html`<p class="hint">${mode.effect ?? effect()}</p>`,
			html`<div class="row pad" role="status">
				<span class="hint">${failing.length > 0 ? 'Next:' : quiet}</span>
				${failing.map(waiting)} ${failing.length > 0 ? takeBack() : ''}
			</div>`,
		);
}
