import {
	clockTime,
	controlOf,
	h,
	keyedList,
	renderWhen,
	setAttribute,
	stickToEnd,
	toast,
} from './dom.js';
import {
	choice,
	choiceButton,
	drawBubbles,
	factsBar,
	field,
	follow,
	formDialog,
	group,
	httpVerdict,
	layOut,
	liveLog,
	messageForm,
	misbehaviour,
	objectIn,
	otherEvent,
	pairs,
	personFacts,
	switchButton,
	talkArea,
	webLink,
} from './panel.js';

const NOT_SIMULATED =
	'Not simulated: telephony, campaigns, the second step of two factors. The document shows most ' +
	'lists as pictures and gives quick replies no request: names in those answers are this simulator’s own.';

const stateNames = { waiting: 'Waiting', active: 'Active', finished: 'Finished' };
const stateTones = { waiting: 'queued', active: 'accepted', finished: 'finished' };
/** What the control route can take: it travels within JSON. */
const LARGEST_FILE = 700_000;

const kinds = {
	request: { title: 'n8n → Voxfree', filter: 'api', verdictOf: requestVerdict },
	frame: { title: 'Socket', filter: 'socket', verdictOf: frameVerdict, detailsOf: frameDetails },
};

/** Draws the Voxfree panel into `root` and keeps it up to date. */
export async function mount(root, base, showLinkState) {
	const control = controlOf(base);
	const modes = await (await fetch(`${base}/modes`)).json();
	const bar = factsBar(control, settingsDialog(control), factsOf);
	const customers = customersCard(control);
	const attendant = attendantCard(control);
	const socket = socketCard(control);
	const faults = misbehaviour(control, modes);
	const log = liveLog(control, {
		kinds,
		filters: [
			['socket', 'Socket'],
			['api', 'API'],
		],
		summaryOf,
	});

	layOut(root, 'voxfree', bar, [customers, attendant, [socket, faults, log]], NOT_SIMULATED);
	const onState = (state) => {
		for (const part of [bar, customers, attendant, socket, faults]) part.update(state);
	};
	follow(base, showLinkState, onState, log.update);
}

/** Addresses and a login. */
function factsOf({ agents: [agent], applicationUrl, servicesUrl, socketUrl }) {
	return [
		['Application host', applicationUrl],
		['Quick reply and tag host', servicesUrl],
		['Socket', socketUrl],
		[`Login of ${agent.name}`, agent.login],
		['Password', agent.password],
	];
}

/** What the document leaves open, and what it does not have. */
function settingsDialog(control) {
	const yesNo = [
		['true', 'Yes'],
		['false', 'No'],
	];
	const answers = {
		sendAnswer: choice([
			['array', '[ { retorno }, { mensagens } ]'],
			['object', '{ retorno, mensagens }'],
			['messages only', '{ mensagens }'],
		]),
		lists: choice([
			['array', 'A list: [ … ]'],
			['object', 'In an object: { retorno, … : [ … ] }'],
			['keyed', 'With gaps: { "1": …, "3": … }'],
		]),
		answerIds: choice([
			['document', 'Text, as in the document'],
			['bare', 'Numbers, however long'],
		]),
		failureWord: choice([
			['falha', 'falha - …'],
			['Falha', 'Falha - …'],
			['FALHA', 'FALHA - …'],
		]),
		unknownAgentForm: choice([
			['own', 'As any failure of the service'],
			['login', 'As the login says it'],
		]),
		services: choice([
			['second', 'On their own host alone'],
			['both', 'On both hosts'],
		]),
		outsideWindow: choice([
			['refuse', 'Refused'],
			['accept', 'Taken, never delivered'],
		]),
		wrapUpRequired: choice(yesNo),
	};
	const events = {
		frameIds: choice([
			['document', 'As in the document'],
			['bare', 'All as numbers'],
			['text', 'All as text'],
		]),
		eventsGoTo: choice([
			['everyone', 'All agents'],
			['concerned', 'Whom they concern'],
		]),
		ownMessagesTold: choice(yesNo),
		secondSession: choice([
			['both', 'Both get the events'],
			['replace', 'The older one is closed'],
			['refuse', 'The newer one is closed'],
			['first', 'The newer one stays deaf'],
		]),
		badRegistration: choice([
			['ignore', 'Silence'],
			['close', 'Close (1008)'],
		]),
		answersPings: choice(yesNo),
	};
	const answerAfter = h('input', { type: 'number', min: 0, max: 600000, value: 0 });
	const save = () => {
		const chosen = Object.entries({ ...answers, ...events }).map(([name, { value }]) => [
			name,
			{ true: true, false: false }[value] ?? value,
		]);
		return control('POST', '/settings', {
			...Object.fromEntries(chosen),
			answerAfter: Number(answerAfter.value),
		});
	};
	const element = formDialog(
		'Settings',
		'Save',
		save,
		group(
			'Answers: what the document leaves open',
			pairs(
				field('A sent message is answered', answers.sendAnswer),
				field('Lists are', answers.lists),
				field('IDs are', answers.answerIds),
				field('Failures begin with', answers.failureWord),
				field('An unknown agent is told', answers.unknownAgentForm),
				field('Quick replies and tags are served', answers.services),
				field('Text after 24 hours is', answers.outsideWindow),
				field('Finishing needs a wrap-up code', answers.wrapUpRequired),
				field('Every answer takes, ms', answerAfter),
			),
		),
		group(
			'Events: what the document leaves open',
			pairs(
				field('IDs are', events.frameIds),
				field('Events go to', events.eventsGoTo),
				field('Agents’ own messages are told', events.ownMessagesTold),
				field('Of two sessions of an agent', events.secondSession),
				field('A wrong first frame gets', events.badRegistration),
				field('Pings are answered', events.answersPings),
			),
		),
		otherEvent(
			control,
			'/event',
			'Event',
			'{ "type": "chat", "tipo_update": "chat_fixado", "protocolo_atual": "1" }',
		),
	);
	return {
		element,
		open(state) {
			if (!state) return;
			for (const [name, select] of Object.entries({ ...answers, ...events })) {
				select.value = String(state[name]);
			}
			answerAfter.value = state.answerAfter;
			element.showModal();
		},
	};
}

/** Left: the customers. */
function customersCard(control) {
	let state;
	let selected;
	const people = h('div', { class: 'people', role: 'group', 'aria-label': 'Customers' });
	const talk = talkArea('Telephone');
	const channel = h('select', { 'aria-label': 'Channel', onchange: () => draw() });
	const file = h('input', {
		type: 'file',
		class: 'visually-hidden',
		tabindex: '-1',
		'aria-label': 'File to send as the customer',
		onchange: () => sendFile(),
	});
	const onContact = (path, body) =>
		control('POST', `/contacts/${encodeURIComponent(selected)}/${path}`, {
			channelId: channel.value,
			...body,
		});
	const composer = messageForm('Write as the customer', (text) => onContact('message', { text }));
	const element = h(
		'section',
		{ class: 'card chat', 'aria-label': 'Customers' },
		h(
			'div',
			{ class: 'card-head' },
			h('h2', {}, 'Customers'),
			h(
				'button',
				{
					type: 'button',
					class: 'quiet small',
					title: 'Makes every message 24 hours older: then only a template goes out',
					onclick: () => control('POST', '/pass-time', { hours: 24 }),
				},
				'24 hours pass',
			),
			h('p', {}, 'You are the customer, with his telephone in hand.'),
		),
		people,
		h(
			'div',
			{ class: 'channel' },
			channel,
			h(
				'button',
				{ type: 'button', title: 'Send a file as the customer', onclick: () => file.click() },
				'Send file…',
			),
		),
		talk,
		file,
		composer.element,
	);

	async function sendFile() {
		const [chosen] = file.files;
		file.value = '';
		if (!chosen) return;
		if (chosen.size === 0 || chosen.size > LARGEST_FILE) {
			toast(`The file must have 1 to ${LARGEST_FILE.toLocaleString('en')} bytes`);
			return;
		}
		const bytes = new Uint8Array(await chosen.arrayBuffer());
		let binary = '';
		for (const byte of bytes) binary += String.fromCharCode(byte);
		await onContact('file', { name: chosen.name, mimeType: chosen.type, base64: btoa(binary) });
	}

	function draw() {
		if (!state) return;
		if (!state.contacts.some(({ id }) => id === selected)) selected = state.contacts[0].id;
		const contact = state.contacts.find(({ id }) => id === selected);
		renderWhen(channel, state.channels, () =>
			state.channels.map(({ id, name }) => h('option', { value: id }, name)),
		);
		keyedList(
			people,
			state.contacts,
			({ id }) => id,
			({ id, name, number, isGroup }) =>
				choiceButton({
					title: `Contact ID ${id}${isGroup ? ' · group' : ` · ${number}`}`,
					content: [h('span', {}, name), isGroup && h('small', {}, 'group')],
					choose() {
						selected = id;
						draw();
						talk.scrollTop = talk.scrollHeight;
						composer.focus();
					},
					isChosen: () => id === selected,
				}),
		);
		const messages = state.conversations
			.filter((one) => one.contactId === selected && one.channelId === channel.value)
			.flatMap((one) => one.messages)
			.filter(({ from, accepted }) => from === 'customer' || accepted);
		stickToEnd(talk, () =>
			drawBubbles(
				talk,
				`${selected}/${channel.value}`,
				messages.map((message) => bubbleOf(message, message.from === 'customer', contact.name)),
				`${contact.name} has not written on this channel. Say hello below: the event goes to n8n.`,
			),
		);
	}
	return {
		element,
		update(now) {
			state = now;
			draw();
		},
	};
}

/** Middle: what attendants see, and what others of them do. */
function attendantCard(control) {
	let state;
	let agentId;
	let selected;
	const people = h('div', { class: 'people', role: 'group', 'aria-label': 'Attendants' });
	const profile = h('div', { class: 'attendant' });
	const online = switchButton('Online', (on) =>
		control('POST', `/agents/${agentId}/online`, { online: on }),
	);
	const about = h('span', { class: 'hint' });
	const forget = h(
		'button',
		{
			type: 'button',
			class: 'quiet small',
			title: 'The server forgets that he has logged in: n8n has to log in again by itself',
			onclick: () => control('POST', `/agents/${agentId}/forget`),
		},
		'Forget session',
	);
	profile.append(online.element, about, forget);
	const lists = h('div', { class: 'queue', role: 'group', 'aria-label': 'Conversations' });
	const head = h('div', { class: 'detail-head' });
	const talk = talkArea('Conversation');
	const actions = h('div', { class: 'decision' });
	const act = (path, body) =>
		control('POST', `/conversations/${encodeURIComponent(selected.protocol)}/${path}`, body);
	const composer = messageForm('Write as the attendant', (text) => act('message', { text }));
	const detail = h('div', { class: 'detail' }, head, talk, actions, composer.element);
	const element = h(
		'section',
		{ class: 'card agents', 'aria-label': 'Attendants' },
		h(
			'div',
			{ class: 'card-head' },
			h('h2', {}, 'Attendants'),
			h(
				'button',
				{
					type: 'button',
					class: 'quiet small',
					title: 'Sends update_espera to everybody',
					onclick: () => control('POST', '/refresh-queue'),
				},
				'Refresh queues',
			),
			h('p', {}, 'What each attendant sees in Voxfree. n8n acts as one of them.'),
		),
		people,
		profile,
		h('div', { class: 'split' }, lists, detail),
	);

	const named = (items, id) => items.find((one) => one.id === id)?.name ?? id;
	const allNamed = (items, ids) => ids.map((id) => named(items, id)).join(', ');

	function drawPeople() {
		keyedList(
			people,
			state.agents,
			({ id }) => id,
			({ id, name }) => {
				const item = choiceButton({
					content: [h('span', {}, name)],
					choose() {
						agentId = id;
						selected = undefined;
						draw();
					},
					isChosen: () => id === agentId,
					update({ online: isOnline }) {
						setAttribute(item.element, 'data-online', String(isOnline));
						return `Agent ID ${id} · ${isOnline ? 'online' : 'offline'}`;
					},
				});
				return item;
			},
		);
	}

	function drawProfile(agent) {
		online.set(agent.online);
		const logins = state.logins[agent.id] ?? 0;
		const times = logins === 1 ? '1 login' : `${logins} logins`;
		about.textContent = `${allNamed(state.departments, agent.departments)} · ${
			agent.signedIn ? `signed in, ${times}` : 'not signed in'
		}`;
		forget.hidden = !agent.signedIn;
	}

	/** As chatsAtivos and chatsEspera answer, and what is over. */
	function groupsOf(agent) {
		const isWaitingFor = (one) =>
			one.agentId === agent.id ||
			(one.agentId === null && agent.departments.includes(one.departmentId));
		const newestFirst = [...state.conversations].reverse();
		return [
			[
				'Active',
				newestFirst.filter((one) => one.state === 'active' && one.agentId === agent.id),
				'Nobody.',
			],
			[
				'Waiting',
				newestFirst.filter((one) => one.state === 'waiting' && isWaitingFor(one)),
				'Nobody.',
			],
			[
				'Finished',
				newestFirst
					.filter((one) => one.state === 'finished' && one.agentId === agent.id)
					.slice(0, 10),
				'None yet.',
			],
		];
	}

	function drawLists(groups) {
		keyedList(
			lists,
			groups,
			([title]) => title,
			([title]) => {
				const count = h('span', {});
				const items = h('div', {});
				const none = h('p', { class: 'hint' });
				return {
					element: h('section', {}, h('h3', {}, title, ' ', count), none, items),
					update: ([, conversations, empty]) => {
						count.textContent = conversations.length || '';
						none.textContent = empty;
						none.hidden = conversations.length > 0;
						keyedList(items, conversations, ({ protocol }) => protocol, listItem);
					},
				};
			},
		);
	}

	function listItem({ protocol }) {
		const name = h('strong', {});
		const place = h('small', {});
		const last = h('small', { class: 'last' });
		return choiceButton({
			title: `Protocol ${protocol}`,
			content: [name, place, last],
			choose() {
				selected = state.conversations.find((one) => one.protocol === protocol);
				draw();
				talk.scrollTop = talk.scrollHeight;
			},
			isChosen: () => protocol === selected?.protocol,
			update(now) {
				name.textContent = named(state.contacts, now.contactId);
				place.textContent = named(state.channels, now.channelId);
				const message = now.messages.at(-1);
				last.textContent = message ? (message.text ?? message.file?.name) : 'No message yet';
			},
		});
	}

	function drawDetail() {
		detail.dataset.empty = !selected;
		for (const part of [talk, actions, composer.element]) part.hidden = !selected;
		renderWhen(head, selected ? [{ ...selected, messages: 0 }, state.tags] : 'none', () => {
			if (!selected) {
				return [
					h('p', {}, h('strong', {}, 'No conversation yet.')),
					h('p', {}, 'Write as a customer on the left, or start one from n8n.'),
				];
			}
			return headOf(selected);
		});
		if (!selected) return;
		const contact = named(state.contacts, selected.contactId);
		stickToEnd(talk, () =>
			drawBubbles(
				talk,
				selected.protocol,
				[
					...selected.messages.map((message) => ({
						at: message.at,
						...bubbleOf(message, message.from === 'agent', contact),
					})),
					...selected.notes.map((note, index) => ({
						at: note.at,
						key: `note/${index}`,
						side: 'own',
						from: 'note',
						about: `Note by ${named(state.agents, note.agentId)}, not sent · ${momentOf(note.at)}`,
						content: () => h('p', {}, note.text),
					})),
				].sort((a, b) => a.at.localeCompare(b.at)),
				'Nothing was written in this conversation yet.',
			),
		);
		actions.hidden = selected.state === 'finished';
		composer.element.hidden = selected.state !== 'active';
		renderWhen(actions, [selected.protocol, selected.state, selected.agentId, agentId], actionsOf);
	}

	function headOf({ protocol, channelId, departmentId, agentId: owner, ...now }) {
		return [
			h(
				'div',
				{ class: 'detail-title' },
				h('h3', {}, named(state.contacts, now.contactId)),
				h('span', { class: 'chip', 'data-state': stateTones[now.state] }, stateNames[now.state]),
				now.state !== 'finished' && windowChip(now.windowEnd),
			),
			personFacts([
				['Protocol', protocol],
				['Channel', named(state.channels, channelId)],
				['Department', named(state.departments, departmentId)],
				[now.state === 'waiting' ? 'Waits for' : 'With', owner && named(state.agents, owner)],
				['Tags', allNamed(state.tags, now.tagIds)],
				['Wrap-up code', now.wrapUpCode && named(state.wrapUpCodes, now.wrapUpCode)],
			]),
		];
	}

	function actionsOf() {
		const others = state.agents.filter(({ id }) => id !== selected.agentId);
		const where = h(
			'select',
			{ 'aria-label': 'Transfer to' },
			h(
				'optgroup',
				{ label: 'Attendant' },
				others.map(({ id, name }) => h('option', { value: `agent/${id}` }, name)),
			),
			h(
				'optgroup',
				{ label: 'Queue of an attendant' },
				state.agents.map(({ id, name }) =>
					h('option', { value: `wait/${id}` }, `Waiting for ${name}`),
				),
			),
			h(
				'optgroup',
				{ label: 'Department' },
				state.departments.map(({ id, name }) => h('option', { value: `department/${id}` }, name)),
			),
		);
		const transfer = () => {
			const [kind, id] = where.value.split('/');
			if (kind === 'agent') return act('assign', { agentId: id });
			return act('queue', kind === 'wait' ? { agentId: id } : { departmentId: id });
		};
		const code = h(
			'select',
			{ 'aria-label': 'Wrap-up code' },
			h('option', { value: '' }, 'No wrap-up code'),
			state.wrapUpCodes
				.filter(({ departmentId }) => departmentId === selected.departmentId)
				.map(({ id, name }) => h('option', { value: id }, name)),
		);
		return [
			selected.state === 'waiting' &&
				h(
					'button',
					{ type: 'button', class: 'primary', onclick: () => act('assign', { agentId }) },
					'Take',
				),
			h('span', { class: 'pairing' }, where, button('Transfer', transfer)),
			h(
				'span',
				{ class: 'pairing' },
				code,
				button('Finish', () => act('finish', { wrapUpCode: code.value })),
			),
		];
	}

	function draw() {
		if (!state) return;
		const agent = state.agents.find(({ id }) => id === agentId) ?? state.agents[0];
		agentId = agent.id;
		const groups = groupsOf(agent);
		const visible = groups.flatMap(([, conversations]) => conversations);
		const known = selected && state.conversations.find((one) => one.protocol === selected.protocol);
		// What somebody looks at stays, also when it has gone to another attendant.
		const isOver = known && (known.state === 'finished' || !visible.includes(known));
		const open = visible.find((one) => one.state !== 'finished');
		const wasOver = selected && (selected.state === 'finished' || selected.gone);
		selected =
			!known || (isOver && !wasOver && open && known !== open) ? (open ?? visible[0]) : known;
		if (selected) selected.gone = !visible.includes(selected);
		drawPeople();
		drawProfile(agent);
		drawLists(groups);
		drawDetail();
	}
	return {
		element,
		update(now) {
			state = now;
			draw();
		},
	};
}

const button = (text, onclick) => h('button', { type: 'button', onclick }, text);

/** What the 24-hour rule allows. */
function windowChip(end) {
	if (end === 'never') return undefined;
	const left = end === null ? -1 : Date.parse(end) - Date.now();
	if (left < 0) return h('span', { class: 'chip', 'data-state': 'unavailable' }, 'Template only');
	const hours = Math.floor(left / 3_600_000);
	const words = hours > 0 ? `${hours} h` : `${Math.ceil(left / 60_000)} min`;
	return h('span', { class: 'chip' }, `Free text for ${words} more`);
}

function bubbleOf(message, isOwn, contact) {
	const { id, type, text, file, read, accepted, deleted, at, from } = message;
	const status =
		from === 'agent' ? (accepted ? ['', ' · sent', ' · read'][read] : ' · never delivered') : '';
	const words = {
		template: 'Template · ',
		image: 'Image · ',
		audio: 'Audio · ',
		video: 'Video · ',
		document: 'File · ',
	};
	return {
		key: `${id}/${read}/${deleted}`,
		side: isOwn ? 'own' : 'other',
		from: type === 'template' ? 'template' : from,
		about: `${words[type] ?? ''}${from === 'customer' ? contact : 'Attendant'} · ${momentOf(at)}${status}`,
		content: () =>
			deleted
				? h('p', { class: 'gone' }, 'Taken back')
				: [file && fileCard(message), text !== null && h('p', {}, text)].filter(Boolean),
	};
}

/** The time, with its day unless that is today. */
function momentOf(iso) {
	const at = new Date(iso);
	const isToday = at.toDateString() === new Date().toDateString();
	const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
	return isToday ? clockTime(iso) : `${day}, ${clockTime(iso)}`;
}

function fileCard({ file, fileUrl }) {
	return h(
		'div',
		{ class: 'file' },
		fileUrl ? webLink(fileUrl, file.name) : h('strong', {}, file.name),
		h('small', {}, `${sizeOf(file.size)} · ${file.mimeType}`),
		h('code', { title: `SHA-256 ${file.sha256}` }, `SHA-256 ${file.sha256.slice(0, 16)}…`),
	);
}

function sizeOf(bytes) {
	if (bytes < 1024) return `${bytes} bytes`;
	const [value, unit] = bytes < 1024 ** 2 ? [bytes / 1024, 'KiB'] : [bytes / 1024 ** 2, 'MiB'];
	return `${value.toFixed(1)} ${unit}`;
}

/** What can be done to the socket: name, words, and what its number means. */
const socketFaults = [
	['Connection', 'drop', 'Break it by a reset'],
	['Connection', 'end', 'End it without a word'],
	['Connection', 'close', 'Close it with code', ['', 4000, 65_535]],
	['Connection', 'half-open', 'Cut the cable: half-open'],
	['Connection', 'slow', 'Every event comes late', ['ms', 2000, 600_000]],
	['Server', 'refuse', 'Refuse connecting: 503, Retry-After 5 s', ['×', 1, 1000]],
	['Server', 'refuse-429', 'Refuse connecting: 429, Retry-After 5 s', ['×', 1, 1000]],
	['Server', 'hang', 'Never answer connecting', ['×', 1, 1000]],
	['Next events', 'lose', 'Lose them', ['×', 1, 1000]],
	['Next events', 'duplicate', 'Send them twice', ['×', 1, 1000]],
	['Next events', 'reorder', 'Swap them', ['×', 1, 1000]],
	['Frame', 'oversized', 'A very large one', ['bytes', 8_388_608, 67_108_864]],
];

/** Right, on top: who listens, and what goes wrong there. */
function socketCard(control) {
	let state;
	const chips = h('div', { class: 'chips', role: 'status' });
	const what = h('select', { 'aria-label': 'What goes wrong with the socket' });
	const number = h('input', { type: 'number', min: 0, value: 1, 'aria-label': 'How much' });
	const unit = h('span', {});
	const numberField = h('label', { class: 'inline' }, number, unit);
	const settings = {
		refuse: { fault: 'refuse', status: 503, retryAfter: '5' },
		'refuse-429': { fault: 'refuse', status: 429, retryAfter: '5' },
		hang: { fault: 'refuse', status: 'hang' },
	};
	const fault = (name, body = {}) => control('POST', `/socket/${name}`, body);
	const describe = () => {
		const amount = socketFaults.find(([, name]) => name === what.value)?.[3];
		numberField.hidden = !amount;
		if (!amount) return;
		[unit.textContent, number.value, number.max] = amount;
	};
	what.addEventListener('change', describe);
	const doIt = (event) => {
		event.preventDefault();
		const [group, name] = what.value.split('/');
		if (group === 'garbage') return fault('garbage', { kind: name });
		const { fault: path = what.value, ...body } = settings[what.value] ?? {};
		return fault(path, { ...body, ...(!numberField.hidden && { value: Number(number.value) }) });
	};
	const stall = button('Stall', () => fault('stall'));
	const restart = button('Restart, 5 s down', () => fault('restart', { value: 5000 }));
	const element = h(
		'section',
		{ class: 'card faults socket', 'aria-label': 'Socket' },
		h('div', { class: 'card-head' }, h('h2', {}, 'Socket')),
		chips,
		h(
			'div',
			{ class: 'row' },
			button('Drop', () => fault('drop')),
			stall,
			button('Garbage', () => fault('garbage', { kind: 'text' })),
			restart,
		),
		h(
			'form',
			{ class: 'row', onsubmit: doIt },
			what,
			numberField,
			h('button', { type: 'submit' }, 'Do it'),
		),
	);
	stall.title = 'Swallows events while the connection lives: is n8n silently deaf?';

	return {
		element,
		update(now) {
			const isFirst = !state;
			state = now;
			const { connections, socketUp, pending, agents } = state;
			renderWhen(chips, [connections, socketUp, pending], () => {
				const wrong = [
					pending.lose && `loses ${pending.lose}`,
					pending.duplicate && `doubles ${pending.duplicate}`,
					(pending.reorder || pending.held) && `swaps ${pending.reorder + (pending.held ? 1 : 0)}`,
					pending.refusals && `refuses ${pending.refusals}`,
				].filter(Boolean);
				const isIll =
					wrong.length > 0 || connections.some((one) => one.condition !== 'honest' || one.delay);
				return [
					!socketUp && h('span', { class: 'chip', 'data-state': 'fault' }, 'Down'),
					socketUp &&
						connections.length === 0 &&
						h('span', { class: 'hint' }, 'Nobody is connected.'),
					...connections.map((one) => connectionChip(one, agents)),
					...wrong.map((words) => h('span', { class: 'chip', 'data-state': 'fault' }, words)),
					isIll &&
						h(
							'button',
							{ type: 'button', class: 'quiet small', onclick: () => fault('recover') },
							'Take back',
						),
				];
			});
			if (!isFirst) return;
			const groups = [...new Set(socketFaults.map(([group]) => group))];
			what.append(
				...groups.map((label) =>
					h(
						'optgroup',
						{ label },
						socketFaults
							.filter(([group]) => group === label)
							.map(([, value, title]) => h('option', { value }, title)),
					),
				),
				h(
					'optgroup',
					{ label: 'Garbage' },
					state.garbage.map((kind) =>
						h('option', { value: `garbage/${kind}` }, `Garbage: ${kind}`),
					),
				),
			);
			describe();
		},
	};
}

function connectionChip({ id, agentId, problem, eventsSent, condition, delay }, agents) {
	const name = agents.find((one) => one.id === agentId)?.name;
	const events = eventsSent === 1 ? '1 event' : `${eventsSent} events`;
	const ill = condition !== 'honest' ? ` · ${condition}` : delay ? ` · ${delay} ms late` : '';
	const tone = problem || ill ? 'fault' : agentId ? 'accepted' : 'queued';
	return h(
		'span',
		{ class: 'chip', 'data-state': tone, title: problem ?? `Connection ${id}` },
		`#${id} ${name ?? problem ?? 'not registered'} · ${events}${ill}`,
	);
}

/** One line: which service of which conversation, or which frame. */
function summaryOf(entry) {
	if (entry.kind === 'frame') return frameSummary(entry);
	const { path, body, method, fault } = entry;
	const spoilt = fault ? ` · ${fault}` : '';
	const service = path.split('?')[0].replace(/^\/mobile\//, '');
	const fields = body?.fields ?? body ?? {};
	const about = [
		fields.action,
		fields.novo_status && `status ${fields.novo_status}`,
		fields.protocolo,
	]
		.filter(Boolean)
		.join(' · ');
	const call = service.startsWith('/') ? `${method} ${service}` : service;
	return `${call}${about ? ` · ${about}` : ''}${spoilt}`;
}

function frameSummary({ what, direction, text, connection, agentId }) {
	const who = connection === undefined ? '' : ` · #${connection}`;
	if (what === 'event') {
		const event = objectIn(text);
		const about = event.protocolo_atual ? ` · ${event.protocolo_atual}` : '';
		return `${event.tipo_update ?? 'unknown'}${about}${who}`;
	}
	const words = {
		connect: 'connected',
		register: `registered as ${agentId}`,
		refused: `connecting refused: ${text}`,
		close: `${direction === 'in' ? 'closed by n8n' : 'closed'}: ${text || 'no code'}`,
		raw: `garbage: ${text.slice(0, 60) || '(empty)'}`,
		ping: 'ping',
		pong: 'pong',
		other: `not understood: ${text.slice(0, 60)}`,
	};
	return `${words[what]}${who}`;
}

/** Voxfree says most failures under status 200. */
function requestVerdict(entry) {
	const verdict = httpVerdict(entry);
	const isFailure = /"(retorno|status)":"falha|"error":1/i.test(entry.answer?.body ?? '');
	return verdict.tone === 'good' && isFailure ? { text: 'falha', tone: 'bad' } : verdict;
}

function frameVerdict({ what, direction, outcome }) {
	if (what === 'refused' || what === 'other')
		return { text: what === 'other' ? 'wrong' : 'refused', tone: 'bad' };
	if (outcome === 'sent') return { text: 'sent', tone: 'good' };
	if (outcome === 'nobody') return { text: 'nobody there', tone: 'open' };
	if (outcome) return { text: outcome, tone: 'bad' };
	return { text: direction === 'in' ? 'in' : 'out', tone: 'open' };
}

function frameDetails({ text, size, agentId, at }) {
	return [
		[`Frame, ${size} bytes`, text || '(empty)'],
		['Time', at],
		['Agent', agentId],
	];
}
