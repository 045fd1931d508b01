import { card, choiceList, empty } from './card.js';
import { clockTime, html, repeat } from './dom.js';
import { button, chip } from './element.js';

const SHOWN = 200;

/**
 * Everything that went over the wire, newest first. `kinds` says of each kind of entry its `title`,
 * the `filter` that shows it, and whether it can be sent `again`. Kinds that are no HTTP request say
 * their own `verdictOf(entry)` and `detailsOf(entry)`, pairs of heading and text. `filters` are the
 * filters and the titles of their buttons, after "All"; `summaryOf(entry)` is the line of an entry,
 * `notesOf` the sentences below it, `verdictOf` its badge, and `filterOf` the filter it belongs to if
 * not that of its kind.
 */
export function liveLog(control, draw, options) {
	const { kinds, filters, title = 'Live log', summaryOf, notesOf = () => [] } = options;
	const { filterOf = ({ kind }) => kinds[kind].filter, verdictOf = httpVerdict } = options;
	const entries = new Map();
	const unfolded = new Set();
	let filter = 'all';

	function line(entry) {
		const { id, kind, at } = entry;
		const { text, tone } = (kinds[kind].verdictOf ?? verdictOf)(entry);
		const toggle = ({ target }) => {
			if (target.open) unfolded.add(id);
			else unfolded.delete(id);
			draw();
		};
		// Only an unfolded entry has its details drawn: most are never looked at.
		return html`<details class="below" data-kind=${kind} @toggle=${toggle}>
			<summary class="row pad">
				<time datetime=${at}>${clockTime(at)}</time>
				<span class="kind">${kinds[kind].title}</span>
				<span class="cut grow">${summaryOf(entry)}</span>
				${chip(text, tone)}
				${notesOf(entry).map((note) => html`<p class="note">${note}</p>`)}
			</summary>
			${unfolded.has(id) ? logDetails(entry, control, kinds[kind]) : ''}
		</details>`;
	}

	return {
		entries,
		update({ from, entries: changed }) {
			for (const id of entries.keys()) if (id < from) entries.delete(id);
			for (const entry of changed) entries.set(entry.id, entry);
		},
		view() {
			const shown = [...entries.values()]
				.filter((entry) => filter === 'all' || filterOf(entry) === filter)
				.sort((a, b) => b.id - a.id)
				.slice(0, SHOWN);
			const actions = choiceList('Show', 'segments', Object.entries({ all: 'All', ...filters }), {
				key: ([value]) => value,
				isChosen: ([value]) => value === filter,
				choose: ([value]) => (filter = value),
				content: ([, words]) => words,
			});
			const none = 'Whatever goes over the wire appears here, with its answer.';
			return card(
				title,
				{ kind: 'log', actions },
				repeat(shown, ({ id }) => id, line),
				shown.length > 0 ? '' : empty(none, 'Nothing has happened yet.'),
			);
		},
	};
}

function logDetails(entry, control, { again, detailsOf = httpDetails }) {
	const shown = detailsOf(entry).filter(([, text]) => text);
	const sendAgain = () => control('POST', `/deliveries/${entry.id}/again`);
	return html`<div class="items pad">
		${shown.map(([title, text]) => html`<h4>${title}</h4><pre tabindex="0">${pretty(text)}</pre>`)}
		${again ? button('Deliver again', sendAgain, { kind: 'small' }) : ''}
	</div>`;
}

function httpDetails(entry) {
	const { method = 'POST', path, url, outcome, fault, answer, milliseconds, error } = entry;
	const took = milliseconds === undefined ? '' : ` after ${milliseconds} ms`;
	const headers = Object.entries(entry.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
	const address = path ?? url ?? (outcome && 'no address');
	return [
		['Address', address && `${method} ${address}`],
		['Fault', fault && `Misbehaviour played: ${fault}`],
		['Body', entry.rawBody ?? entry.body],
		['Headers', headers.join('\n')],
		[`Answer ${answer?.status}${took}`, answer && (pretty(answer.body) || '(empty)')],
		['Error', error],
	];
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
	try {
		return JSON.stringify(typeof body === 'string' ? JSON.parse(body) : body, null, 2);
	} catch {
		return String(body);
	}
}
