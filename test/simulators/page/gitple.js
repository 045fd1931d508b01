import { clockTime, controlOf, h, keyedList, renderWhen, stickToEnd } from './dom.js';
import {
	choice,
	choiceButton,
	drawBubbles,
	factsBar,
	field,
	follow,
	formDialog,
	group,
	layOut,
	liveLog,
	messageForm,
	misbehaviour,
	objectIn,
	otherEvent,
	pairs,
	personFacts,
	talkArea,
	webLink,
} from './panel.js';

const NOT_SIMULATED =
	'Not simulated: repeated deliveries, the bot SDK, the web widget, list calls. The documents show ' +
	'no answer of POST /hooks and no body of a 400: those are this simulator’s own.';

const stateNames = { open: 'Open', inprogress: 'In progress', close: 'Closed' };
const stateTones = { open: 'queued', inprogress: 'accepted', close: 'finished' };

const kinds = {
	request: { title: 'n8n → Gitple', filter: 'api' },
	trigger: { title: 'Gitple → n8n', filter: 'events', again: true },
};

/** Draws the Gitple panel into `root` and keeps it up to date. */
export async function mount(root, base, showLinkState) {
	const control = controlOf(base);
	const modes = await (await fetch(`${base}/modes`)).json();
	let state;
	const selection = { user: undefined, draw: () => {} };
	const workspace = workspaceCard(control, selection);
	const inbox = inboxCard(selection);
	const faults = misbehaviour(control, modes);
	const log = liveLog(control, {
		kinds,
		filters: [
			['events', 'Events'],
			['api', 'API'],
		],
		summaryOf,
	});
	const bar = factsBar(control, settingsDialog(control), factsOf);
	selection.draw = () => {
		if (!state) return;
		const { users } = state;
		selection.user = users.find(({ id }) => id === selection.user?.id) ?? users[0];
		workspace.update(state);
		inbox.update(state);
	};

	layOut(root, 'gitple', bar, [workspace, inbox, [faults, log]], NOT_SIMULATED);
	const onState = (now) => {
		state = now;
		bar.update(state);
		faults.update(state);
		selection.draw();
	};
	follow(base, showLinkState, onState, log.update);
}

/** Addresses and secrets. */
function factsOf({ apiUrl, appCode, secret, webhookUrl, webhookSecret }) {
	return [
		['API address', apiUrl],
		['App code', appCode],
		['Open API secret', secret],
		['Events go to', webhookUrl, 'nowhere yet: set the webhook URL'],
		['Event secret', webhookSecret, 'none: events are not signed'],
	];
}

/** Gitple's Settings > Integrations, what the documents leave open, and deliveries to order. */
function settingsDialog(control) {
	let state;
	const webhookUrl = h('input', { type: 'url', placeholder: 'http://127.0.0.1:5678/webhook/…' });
	const webhookSecret = h('input', { spellcheck: 'false', autocomplete: 'off' });
	const appCode = h('input', { spellcheck: 'false', autocomplete: 'off', required: true });
	const secret = h('input', { spellcheck: 'false', autocomplete: 'off', required: true });
	const boxes = h('div', { class: 'boxes' });
	const answerAfter = h('input', { type: 'number', min: 0, max: 600000, value: 0 });
	const choices = {
		signatureEncoding: choice([
			['hex', 'Hexadecimal'],
			['base64', 'Base64'],
		]),
		missingFields: choice([
			['absent', 'Not there'],
			['null', 'null'],
		]),
		triggerIds: choice([
			['trigger', 'The same for all of an event'],
			['delivery', 'Another for each delivery'],
		]),
		agentGroupLabel: choice([
			['name', 'name'],
			['identifier', 'identifier'],
		]),
		unknownIdStatus: choice([
			[400, '400'],
			[404, '404'],
		]),
	};
	const forgery = h('select', { 'aria-label': 'Forgery' });

	const sendForged = async () => {
		if (await control('POST', `/forge/${forgery.value}`)) element.close();
	};
	const save = () => {
		const chosen = Object.fromEntries(
			Object.entries(choices).map(([name, select]) => [name, select.value]),
		);
		return control('POST', '/settings', {
			...chosen,
			unknownIdStatus: Number(chosen.unknownIdStatus),
			webhookUrl: webhookUrl.value,
			webhookSecret: webhookSecret.value,
			appCode: appCode.value,
			secret: secret.value,
			events: [...boxes.querySelectorAll(':checked')].map(({ value }) => value),
			answerAfter: Number(answerAfter.value),
		});
	};
	const element = formDialog(
		'Settings',
		'Save',
		save,
		group(
			'Integrations › Event APIs',
			field('Webhook URL', webhookUrl, 'The production URL of the Gitple Trigger node.'),
			field('Secret of the events', webhookSecret, 'Empty: events go out without signature.'),
			boxes,
		),
		group('Integrations › Open API', pairs(field('App code', appCode), field('Secret', secret))),
		group(
			'What the documents leave open',
			pairs(
				field('Signature is written in', choices.signatureEncoding),
				field('Session fields without value are', choices.missingFields),
				field('triggerId is', choices.triggerIds),
				field('Agent groups have their name in', choices.agentGroupLabel),
				field('An unknown ID is answered', choices.unknownIdStatus),
				field('Every answer takes, ms', answerAfter),
			),
		),
		otherEvent(
			control,
			'/trigger',
			'Body',
			'{ "type": "session_state_transfer", "session": { "id": "session-1" } }',
		),
		h(
			'details',
			{},
			h('summary', {}, 'Forge a delivery'),
			forgery,
			h('button', { type: 'button', onclick: sendForged }, 'Send forgery'),
		),
	);
	return {
		element,
		open(now) {
			if (!now) return;
			state = now;
			webhookUrl.value = state.webhookUrl ?? '';
			webhookSecret.value = state.webhookSecret;
			appCode.value = state.appCode;
			secret.value = state.secret;
			answerAfter.value = state.answerAfter;
			for (const [name, select] of Object.entries(choices)) select.value = state[name];
			boxes.replaceChildren(
				...state.eventTypes.map((type) => {
					const box = h('input', { type: 'checkbox', value: type });
					box.checked = state.events.includes(type);
					return h('label', { class: 'check' }, box, h('code', {}, type));
				}),
			);
			forgery.replaceChildren(
				...Object.entries(state.forgeries).map(([value, title]) => h('option', { value }, title)),
			);
			element.showModal();
		},
	};
}

/** Left: users and their sessions, played from both sides. */
function workspaceCard(control, selection) {
	let state;
	let session;
	let drawnUser;
	const people = h('div', { class: 'people', role: 'group', 'aria-label': 'Users' });
	const profile = h('div', { class: 'detail-head' });
	const list = h('div', { class: 'queue', role: 'group', 'aria-label': 'Sessions' });
	const head = h('div', { class: 'detail-head' });
	const talk = talkArea('Session');
	const actions = h('div', { class: 'decision' });
	const side = h(
		'select',
		{ 'aria-label': 'Who writes' },
		h('option', { value: 'user' }, 'User'),
		h('option', { value: 'agent' }, 'Agent'),
	);
	const act = (path, body) =>
		control('POST', `/sessions/${encodeURIComponent(session.id)}/${path}`, body);
	const composer = messageForm(
		'Write in the session',
		(text) => act('message', { from: side.value, text }),
		{ element: side },
	);
	const detail = h('div', { class: 'detail' }, head, talk, actions, composer.element);
	const sender = h('select', { 'aria-label': 'Agent who sends' });
	const external = messageForm(
		'Send an external message to the user',
		(text) => onUser('external-message', { agentId: sender.value, text }),
		{ element: sender },
	);
	const closing = closeDialog((body) => act('close', body));
	const element = h(
		'section',
		{ class: 'card agents', 'aria-label': 'Workspace' },
		h(
			'div',
			{ class: 'card-head' },
			h('h2', {}, 'Workspace'),
			h('p', {}, 'You are the users and the agents. Opening, assigning and closing send events.'),
		),
		people,
		profile,
		h('div', { class: 'split' }, list, detail),
		external.element,
		closing.element,
	);

	const onUser = (path, body) =>
		control('POST', `/users/${encodeURIComponent(selection.user.id)}/${path}`, body);
	const named = (items, ids) =>
		ids.map((id) => items.find((one) => one.id === id)?.name ?? id).join(', ');
	const assigneeName = (id) => named([...state.agents, ...state.bots], [id]);
	function drawPeople() {
		keyedList(
			people,
			state.users,
			({ id }) => id,
			(user) =>
				choiceButton({
					title: user.id,
					content: [h('span', {}, user.name)],
					choose() {
						selection.user = user;
						selection.draw();
					},
					isChosen: ({ id }) => id === selection.user.id,
				}),
		);
	}

	function drawProfile(own) {
		const { user } = selection;
		const busy = own.some(({ state: now }) => now !== 'close');
		renderWhen(profile, [user, busy], () => [
			h(
				'div',
				{ class: 'detail-title' },
				h('h3', {}, user.name),
				user.anonymous && h('span', { class: 'chip' }, 'Anonymous'),
				h(
					'button',
					{ type: 'button', class: 'primary', disabled: busy, onclick: () => onUser('open') },
					'Open session',
				),
			),
			personFacts([
				['Identifier', user.identifier],
				['Phone', user.phone],
				['Language', user.lang],
				['Groups', named(state.userGroups, user.groups)],
				['Tags', named(state.userTags, user.tags)],
			]),
		]);
	}

	function drawSessions(own) {
		keyedList(
			list,
			own,
			({ id }) => id,
			({ id }) => {
				const about = h('small', {});
				const chip = h('span', { class: 'chip' });
				return choiceButton({
					content: [h('strong', {}, id), about, chip],
					choose() {
						session = state.sessions.find((one) => one.id === id);
						selection.draw();
					},
					isChosen: (now) => now.id === session.id,
					update(now) {
						about.textContent = now.openTime.slice(0, 10);
						chip.textContent = stateNames[now.state];
						chip.dataset.state = stateTones[now.state];
					},
				});
			},
		);
	}

	function drawDetail() {
		detail.dataset.empty = !session;
		for (const part of [talk, actions, composer.element]) part.hidden = !session;
		renderWhen(head, session ? { ...session, messages: 0 } : 'none', () => {
			if (!session) {
				return [
					h('p', {}, h('strong', {}, 'No session yet.')),
					h('p', {}, 'Open one: the event “session_state_open” goes to n8n.'),
				];
			}
			return [
				h(
					'div',
					{ class: 'detail-title' },
					h('h3', {}, session.id),
					h(
						'span',
						{ class: 'chip', 'data-state': stateTones[session.state] },
						stateNames[session.state],
					),
				),
				personFacts([
					['Assigned to', session.assigneeId && assigneeName(session.assigneeId)],
					['Reason', session.reason],
					['Categories', named(state.categories, session.categories)],
					['Tags', named(state.sessionTags, session.tags)],
					['Note', session.note],
				]),
			];
		});
		if (!session) return;
		stickToEnd(talk, () => drawMessages(talk, session, assigneeName));
		const isOver = session.state === 'close';
		composer.element.hidden = isOver;
		actions.hidden = isOver;
		const canAgentWrite = session.assigneeType === 'agent';
		side.lastElementChild.disabled = !canAgentWrite;
		if (!canAgentWrite) side.value = 'user';
		renderWhen(actions, [session.id, session.state, session.assigneeId], () => {
			const who = h(
				'select',
				{ 'aria-label': 'Assignee' },
				[...state.agents, ...state.bots].map(({ id, name }) =>
					h('option', { value: id, selected: id === session.assigneeId }, name),
				),
			);
			return [
				who,
				h(
					'button',
					{
						type: 'button',
						class: session.state === 'open' && 'primary',
						onclick: () => act('assign', { assigneeId: who.value }),
					},
					session.state === 'open' ? 'Assign' : 'Reassign',
				),
				h('button', { type: 'button', onclick: () => closing.open(state) }, 'Close session…'),
			];
		});
	}

	return {
		element,
		update(now) {
			state = now;
			const own = state.sessions.filter(({ userId }) => userId === selection.user.id).reverse();
			// A person who comes to another user, or whose user has a new session, sees the newest.
			const newest = `${selection.user.id}/${own[0]?.id}`;
			const known = own.find(({ id }) => id === session?.id);
			session = drawnUser === newest ? (known ?? own[0]) : own[0];
			drawnUser = newest;
			renderWhen(
				sender,
				state.agents.map(({ id }) => id),
				() => state.agents.map(({ id, name }) => h('option', { value: id }, name)),
			);
			drawPeople();
			drawProfile(own);
			drawSessions(own);
			drawDetail();
		},
	};
}

/** What an agent fills in when he closes a session. */
function closeDialog(close) {
	const reason = h('input', { list: 'gitple-reasons', required: true, value: 'agent' });
	const note = h('textarea', { rows: 2 });
	const tags = h('div', { class: 'boxes' });
	const categories = h('div', { class: 'boxes' });
	const checked = (boxes) => [...boxes.querySelectorAll(':checked')].map(({ value }) => value);
	const save = () =>
		close({
			reason: reason.value,
			tags: checked(tags),
			categories: checked(categories),
			note: note.value,
		});
	const element = formDialog(
		'Close session',
		'Close session',
		save,
		field('Reason', reason, 'Free text; “agent” and “userCancel” are known.'),
		h(
			'datalist',
			{ id: 'gitple-reasons' },
			['agent', 'userCancel'].map((value) => h('option', { value })),
		),
		group('Tags', tags),
		group('Categories', categories),
		field('Note', note),
	);
	const fill = (boxes, items) =>
		boxes.replaceChildren(
			...items.map(({ id, name }) =>
				h(
					'label',
					{ class: 'check' },
					h('input', { type: 'checkbox', value: id }),
					h('span', {}, name),
				),
			),
		);
	return {
		element,
		open(state) {
			reason.value = 'agent';
			note.value = '';
			fill(tags, state.sessionTags);
			fill(categories, state.categories);
			element.showModal();
		},
	};
}

function drawMessages(container, session, nameOf) {
	const sides = { agent: 'own', bot: 'own' };
	const names = { user: 'User', bot: 'Bot', sys: 'Gitple' };
	drawBubbles(
		container,
		session.id,
		session.messages.map((message) => ({
			key: message.id,
			side: sides[message.senderType] ?? 'other',
			from: message.senderType,
			about: `${names[message.senderType] ?? nameOf(message.senderId)} · ${clockTime(message.ctime)}`,
			content: () => messageContent(message.content),
		})),
		'No messages in this session yet.',
	);
}

function messageContent(content) {
	if (typeof content === 'string') return h('p', {}, content);
	if (content.l) return h('p', {}, webLink(content.l.u, content.l.u));
	return h('p', {}, content.e?.alt ?? '');
}

/** Middle: what has reached the user through POST /hooks, and what shall reach him through n8n. */
function inboxCard(selection) {
	const talk = talkArea('Received by the user');
	const title = h('p', {});
	const element = h(
		'section',
		{ class: 'card chat', 'aria-label': 'Received' },
		h('div', { class: 'card-head' }, h('h2', {}, 'Received'), title),
		talk,
	);
	return {
		element,
		update({ received, externalMessages, agents }) {
			const { id, name } = selection.user;
			title.textContent = `What n8n sent to ${name}, and what agents sent outside of sessions.`;
			const items = [
				...(received[id] ?? []).map((one) => ({ ...one, side: 'other', from: one.type })),
				...(externalMessages[id] ?? []).map((one) => ({ ...one, side: 'own', from: 'external' })),
			].sort((a, b) => a.at.localeCompare(b.at));
			stickToEnd(talk, () =>
				drawBubbles(
					talk,
					id,
					items.map((item, index) => ({
						key: `${index}/${item.at}`,
						side: item.side,
						from: item.from,
						about: aboutReceived(item, agents),
						content: () =>
							item.from === 'external' ? h('p', {}, item.text) : item.content.map(hookPart),
					})),
					'Nothing yet. Messages and notifications of the Gitple node appear here.',
				),
			);
		},
	};
}

function aboutReceived({ from, at, lang, agentId }, agents) {
	if (from === 'external') {
		const name = agents.find(({ id }) => id === agentId)?.name ?? agentId;
		return `External message by ${name}, handed to n8n · ${clockTime(at)}`;
	}
	return `${from === 'message' ? 'Message' : 'Notification'} · ${lang} · ${clockTime(at)}`;
}

function hookPart({ t, l, a }) {
	return h(
		'div',
		{ class: 'part' },
		t !== undefined && h('p', {}, t),
		l && h('p', {}, webLink(l.u, l.m ? `${l.m}: ${l.u}` : l.u)),
		a &&
			h(
				'div',
				{ class: 'part-buttons' },
				a.map(({ t: label, c }) => webLink(c.l.u, label)),
			),
	);
}

/** One line: which event of whom, or which call. */
function summaryOf({ kind, body, method, path, fault, headers, forged }) {
	const spoilt = fault ? ` · ${fault}` : '';
	if (kind === 'request') return `${method} ${path.replace(/^\/v1/, '')}${spoilt}`;
	const event = objectIn(body);
	const about = event.session?.id ?? event.to?.id;
	const doubt = forged ? 'forged · ' : headers['X-Hub-Signature'] ? '' : 'unsigned · ';
	return `${doubt}${event.type ?? 'unknown'}${about ? ` · ${about}` : ''}`;
}
