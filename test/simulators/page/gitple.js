import { card, choiceList, empty, personFacts } from './card.js';
import { html, keyed, namesOf, objectIn } from './dom.js';
import { button, chip, webLink } from './element.js';
import {
	checkbox,
	choice,
	choiceField,
	field,
	groups,
	numberField,
	textField,
	urlField,
} from './field.js';
import { formDialog, onSubmit, otherEvent } from './form.js';
import { aboutLine, composer, talk } from './talk.js';

const states = {
	open: { title: 'Open', tone: 'wait' },
	inprogress: { title: 'In progress', tone: 'good' },
	close: { title: 'Closed' },
};
const stateChip = ({ state }) => chip(states[state].title, states[state].tone);
const asOptions = (items) => items.map(({ id, name }) => [id, name]);

/** The workspace on the left, what has reached the user in the middle. */
export default function gitple(panel) {
	let user;
	const workspace = workspaceCard(panel, (one) => (user = one));
	return {
		facts: ({ apiUrl, appCode, secret, webhookUrl, webhookSecret }) => [
			['API address', apiUrl],
			['App code', appCode],
			['Open API secret', secret],
			['Events go to', webhookUrl, 'nowhere yet: set the webhook URL'],
			['Event secret', webhookSecret, 'none: events are not signed'],
		],
		columns(state) {
			user = state.users.find(({ id }) => id === user?.id) ?? state.users[0];
			return [workspace(state, user), inboxCard(state, user), ''];
		},
		log: {
			kinds: {
				request: { title: 'n8n → Gitple', filter: 'api' },
				trigger: { title: 'Gitple → n8n', filter: 'events', again: true },
			},
			filters: { events: 'Events', api: 'API' },
			summaryOf,
		},
		settings: ({ eventTypes }) => ({
			'Integrations › Event APIs': [
				urlField('Webhook URL', 'webhookUrl', 'The production URL of the Gitple Trigger node.'),
				textField('Secret of the events', 'webhookSecret', {
					hint: 'Empty: events go out without signature.',
				}),
				html`<div>${eventTypes.map((type) => checkbox('events', type, type))}</div>`,
			],
			'Integrations › Open API': [
				textField('App code', 'appCode', { required: true }),
				textField('Secret', 'secret', { required: true }),
			],
			'What the documents leave open': [
				choiceField('Signature is written in', 'signatureEncoding', {
					hex: 'Hexadecimal',
					base64: 'Base64',
				}),
				choiceField('Session fields without value are', 'missingFields', {
					absent: 'Not there',
					null: 'null',
				}),
				choiceField('triggerId is', 'triggerIds', {
					trigger: 'The same for all of an event',
					delivery: 'Another for each delivery',
				}),
				choiceField('Agent groups have their name in', 'agentGroupLabel', {
					name: 'name',
					identifier: 'identifier',
				}),
				choiceField(
					'An unknown ID is answered',
					'unknownIdStatus',
					{ 400: '400', 404: '404' },
					true,
				),
				numberField('Every answer takes, ms', 'answerAfter'),
			],
		}),
		extras: ({ forgeries }) => [
			otherEvent(panel.control, '/trigger', 'event', 'Body', OTHER_EVENT),
			forgery(panel, forgeries),
		],
		footnote:
			'Not simulated: repeated deliveries, the bot SDK, the web widget, list calls. The documents show ' +
			'no answer of POST /hooks and no body of a 400: those are this simulator’s own.',
	};
}

const OTHER_EVENT = '{ "type": "session_state_transfer", "session": { "id": "session-1" } }';

/** A part of the settings that sends a delivery which only looks like Gitple's. */
function forgery({ control }, forgeries) {
	const send = async ({ target }) => {
		const details = target.closest('details');
		const kind = details.querySelector('select').value;
		if (await control('POST', `/forge/${kind}`)) details.closest('dialog').close();
	};
	return html`<details>
		<summary>Forge a delivery</summary>
		${choice('', forgeries, { label: 'Forgery' })} ${button('Send forgery', send)}
	</details>`;
}

/** Left: users and their sessions, played from both sides. */
function workspaceCard({ control, open }, chooseUser) {
	let state;
	let user;
	let session;
	let drawnNewest;
	const act = (path, body) =>
		control('POST', `/sessions/${encodeURIComponent(session.id)}/${path}`, body);
	const onUser = (path, body) =>
		control('POST', `/users/${encodeURIComponent(user.id)}/${path}`, body);
	const assigneeName = (id) => namesOf([...state.agents, ...state.bots], [id]);

	function profile(own) {
		const isBusy = own.some((one) => one.state !== 'close');
		const kind = 'primary push';
		return html`<header class="pad below">
			<div class="row">
				<h3 class="cut">${user.name}</h3>
				${user.anonymous ? chip('Anonymous') : ''}
				${button('Open session', () => onUser('open'), { kind, disabled: isBusy })}
			</div>
			${personFacts([
				['Identifier', user.identifier],
				['Phone', user.phone],
				['Language', user.lang],
				['Groups', namesOf(state.userGroups, user.groups)],
				['Tags', namesOf(state.userTags, user.tags)],
			])}
		</header>`;
	}

	const head = () => html`<header class="pad below">
		<div class="row"><h3 class="cut">${session.id}</h3>${stateChip(session)}</div>
		${personFacts([
			['Assigned to', session.assigneeId && assigneeName(session.assigneeId)],
			['Reason', session.reason],
			['Categories', namesOf(state.categories, session.categories)],
			['Tags', namesOf(state.sessionTags, session.tags)],
			['Note', session.note],
		])}
	</header>`;

	function actions() {
		const { id, state: now, assigneeId } = session;
		const isNew = now === 'open';
		const option = (one) =>
			html`<option value=${one.id} ?selected=${one.id === assigneeId}>${one.name}</option>`;
		const assign = html`<form class="row line" @submit=${onSubmit((who) => act('assign', who))}>
			<select name="assigneeId" aria-label="Assignee">
				${[...state.agents, ...state.bots].map(option)}
			</select>
			<button type="submit" class=${isNew ? 'primary' : ''}>${isNew ? 'Assign' : 'Reassign'}</button>
		</form>`;
		const askHow = () => open('close', { reason: 'agent', note: '', tags: [], categories: [] });
		return html`<div class="decision row pad above">
			${keyed(`${id} ${now} ${assigneeId}`, assign)} ${button('Close session…', askHow)}
		</div>`;
	}

	function detail() {
		const isOver = session.state === 'close';
		const canAgentWrite = session.assigneeType === 'agent';
		const side = html`<select name="from" aria-label="Who writes">
			<option value="user">User</option>
			<option value="agent" ?disabled=${!canAgentWrite}>Agent</option>
		</select>`;
		const none = empty('No messages in this session yet.');
		return html`<div class="detail">
			${head()} ${talk('Session', session.id, bubblesOf(session.messages, assigneeName), none)}
			${isOver ? '' : actions()}
			${composer('Write in the session', (text, { from }) => act('message', { from, text }), {
				extra: keyed(canAgentWrite, side),
				hidden: isOver,
			})}
		</div>`;
	}

	/** What an agent fills in when he closes a session. */
	function closing() {
		const boxes = (name, items) => items.map((one) => checkbox(name, one.name, one.id));
		const save = (values) => act('close', values);
		return formDialog(
			'close',
			{ title: 'Close session', action: 'Close session', save },
			field(
				'Reason',
				html`<input name="reason" list="gitple-reasons" required />`,
				'Free text; “agent” and “userCancel” are known.',
			),
			html`<datalist id="gitple-reasons"><option>agent</option><option>userCancel</option></datalist>`,
			groups({
				Tags: boxes('tags', state.sessionTags),
				Categories: boxes('categories', state.categories),
			}),
			field('Note', html`<textarea name="note" rows="2"></textarea>`),
		);
	}

	return (now, chosenUser) => {
		state = now;
		user = chosenUser;
		const own = state.sessions.filter(({ userId }) => userId === user.id).reverse();
		// A person who comes to another user, or whose user has a new session, sees the newest.
		const newest = `${user.id}/${own[0]?.id}`;
		const known = own.find(({ id }) => id === session?.id);
		session = drawnNewest === newest ? (known ?? own[0]) : own[0];
		drawnNewest = newest;
		const sessions = choiceList('Sessions', 'list', own, {
			isChosen: (one) => one === session,
			choose: (one) => (session = one),
			content: (one) => html`<strong class="cut">${one.id}</strong>
				<small>${one.openTime.slice(0, 10)}</small>${stateChip(one)}`,
		});
		return card(
			'Workspace',
			{
				kind: 'desk',
				about: 'You are the users and the agents. Opening, assigning and closing send events.',
			},
			choiceList('Users', 'people row pad below', state.users, {
				title: ({ id }) => id,
				isChosen: (one) => one === user,
				choose: chooseUser,
				content: ({ name }) => name,
			}),
			profile(own),
			session
				? html`<div class="split">${sessions}${detail()}</div>`
				: empty('Open one: the event “session_state_open” goes to n8n.', 'No session yet.'),
			composer(
				'Send an external message to the user',
				(text, { agentId }) => onUser('external-message', { agentId, text }),
				{ extra: choice('agentId', asOptions(state.agents), { label: 'Agent who sends' }) },
			),
			closing(),
		);
	};
}

function bubblesOf(messages, nameOf) {
	const sides = { agent: 'own', bot: 'own' };
	const names = { user: 'User', bot: 'Bot', sys: 'Gitple' };
	return messages.map(({ id, senderType, senderId, content, ctime }) => ({
		key: id,
		side: sides[senderType] ?? 'other',
		from: senderType,
		content: html`<p>${textOf(content)}</p>`,
		about: aboutLine(names[senderType] ?? nameOf(senderId), ctime),
	}));
}

function textOf(content) {
	if (typeof content === 'string') return content;
	return content.l ? webLink(content.l.u, content.l.u) : (content.e?.alt ?? '');
}

/** Middle: what has reached the user through POST /hooks, and what shall reach him through n8n. */
function inboxCard({ received, externalMessages, agents }, { id, name }) {
	const hooks = (received[id] ?? []).map(({ type, lang, at, content }) => ({
		at,
		side: 'other',
		from: type,
		content: content.map(hookPart),
		about: aboutLine(`${type === 'message' ? 'Message' : 'Notification'} · ${lang}`, at),
	}));
	const external = (externalMessages[id] ?? []).map(({ at, agentId, text }) => ({
		at,
		side: 'own',
		from: 'external',
		content: html`<p>${text}</p>`,
		about: aboutLine(`External message by ${namesOf(agents, [agentId])}, handed to n8n`, at),
	}));
	const items = [...hooks, ...external]
		.sort((a, b) => a.at.localeCompare(b.at))
		.map((item, index) => ({ ...item, key: `${index}/${item.at}` }));
	const none = empty('Nothing yet. Messages and notifications of the Gitple node appear here.');
	return card(
		'Received',
		{
			kind: 'chat',
			about: `What n8n sent to ${name}, and what agents sent outside of sessions.`,
		},
		talk('Received by the user', id, items, none),
	);
}

function hookPart({ t, l, a = [] }) {
	return html`<div class="items">
		${t === undefined ? '' : html`<p>${t}</p>`}
		${l ? html`<p>${webLink(l.u, l.m ? `${l.m}: ${l.u}` : l.u)}</p>` : ''}
		<div class="row links">${a.map(({ t: label, c }) => webLink(c.l.u, label))}</div>
	</div>`;
}

/** One line: which event of whom, or which call. */
function summaryOf({ kind, body, method, path, fault, headers, forged }) {
	if (kind === 'request') {
		return `${method} ${path.replace(/^\/v1/, '')}${fault ? ` · ${fault}` : ''}`;
	}
	const { type = 'unknown', session, to } = objectIn(body);
	const doubt = forged ? 'forged' : !headers['X-Hub-Signature'] && 'unsigned';
	return [doubt, type, session?.id ?? to?.id].filter(Boolean).join(' · ');
}
