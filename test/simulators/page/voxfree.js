import { card, choiceList, empty, personFacts } from './card.js';
import { clockTime, html, keyed, namesOf, objectIn, toast } from './dom.js';
import { button, chip, dot, switchButton, webLink } from './element.js';
import { choice, choiceField, groupedOptions, numberField, numberInput } from './field.js';
import { onSubmit, otherEvent } from './form.js';
import { httpVerdict } from './log.js';
import { composer, talk } from './talk.js';

const states = {
	waiting: { title: 'Waiting', tone: 'wait' },
	active: { title: 'Active', tone: 'good' },
	finished: { title: 'Finished' },
};
const OTHER_EVENT = '{ "type": "chat", "tipo_update": "chat_fixado", "protocolo_atual": "1" }';
/** What the control route can take, in bytes: it travels within JSON. */
const LARGEST_FILE = 700_000;

/** The customers on the left, the attendants in the middle, the socket on the right. */
export default function voxfree(panel) {
	const customers = customersCard(panel);
	const attendants = attendantsCard(panel);
	const socket = socketCard(panel);
	return {
		facts: ({ agents: [agent], applicationUrl, servicesUrl, socketUrl }) => [
			['Application host', applicationUrl],
			['Quick reply and tag host', servicesUrl],
			['Socket', socketUrl],
			[`Login of ${agent.name}`, agent.login],
			['Password', agent.password],
		],
		settings,
		extras: () => otherEvent(panel.control, '/event', 'event', 'Event', OTHER_EVENT),
		columns: (state) => [customers(state), attendants(state), socket(state)],
		log: {
			kinds: {
				request: { title: 'n8n → Voxfree', filter: 'api', verdictOf: requestVerdict },
				frame: {
					title: 'Socket',
					filter: 'socket',
					verdictOf: frameVerdict,
					detailsOf: frameDetails,
				},
			},
			filters: { socket: 'Socket', api: 'API' },
			summaryOf,
		},
		footnote:
			'Not simulated: telephony, campaigns, the second step of two factors. The document shows most ' +
			'lists as pictures and gives quick replies no request: names in those answers are this simulator’s own.',
	};
}

/** What the document leaves open, and what it does not have. */
function settings() {
	const yesNo = (label, name) => choiceField(label, name, { true: 'Yes', false: 'No' }, true);
	return {
		'Answers: what the document leaves open': [
			choiceField('A sent message is answered', 'sendAnswer', {
				array: '[ { retorno }, { mensagens } ]',
				object: '{ retorno, mensagens }',
				'messages only': '{ mensagens }',
			}),
			choiceField('Every list is answered', 'answers', {
				own: 'In this simulator’s own words',
				split: 'By whose it is: { departamento: [ … ], agente: [ … ] }',
				keyed: 'By ID: { dados: { "53": … } }',
				nested: 'In the words of events: { erros: [], dados: [ … ] }',
			}),
			choiceField('Lists in its own words are', 'lists', {
				array: 'A list: [ … ]',
				object: 'In an object: { retorno, … : [ … ] }',
				keyed: 'With gaps: { "1": …, "3": … }',
			}),
			choiceField('IDs are', 'answerIds', {
				document: 'Text, as in the document',
				bare: 'Numbers, however long',
			}),
			choiceField('Failures begin with', 'failureWord', {
				falha: 'falha - …',
				Falha: 'Falha - …',
				FALHA: 'FALHA - …',
			}),
			choiceField('An unknown agent is told', 'unknownAgentForm', {
				own: 'As any failure of the service',
				login: 'As the login says it',
			}),
			choiceField('Quick replies and tags are served', 'services', {
				second: 'On their own host alone',
				both: 'On both hosts',
			}),
			choiceField('Text after 24 hours is', 'outsideWindow', {
				refuse: 'Refused',
				accept: 'Taken, never delivered',
			}),
			yesNo('Finishing needs a wrap-up code', 'wrapUpRequired'),
			numberField('Every answer takes, ms', 'answerAfter'),
		],
		'Events: what the document leaves open': [
			choiceField('IDs are', 'frameIds', {
				document: 'As in the document',
				bare: 'All as numbers',
				text: 'All as text',
			}),
			choiceField('An event comes as', 'frameForm', {
				event: 'Itself',
				list: 'The only one of a list',
				text: 'JSON within a text',
			}),
			choiceField('Events go to', 'eventsGoTo', {
				everyone: 'All agents',
				concerned: 'Whom they concern',
			}),
			yesNo('Agents’ own messages are told', 'ownMessagesTold'),
			choiceField('Connections per agent', 'secondSession', {
				both: 'Any number',
				replace: 'One: the newer one counts',
				refuse: 'One: the older one counts',
				first: 'One hears: the newer stays deaf',
			}),
			choiceField('A wrong first frame gets', 'badRegistration', {
				ignore: 'Silence',
				close: 'Close (1008)',
			}),
			yesNo('Pings are answered', 'answersPings'),
		],
	};
}

/** Left: the customers. */
function customersCard({ control, focus }) {
	let selected;
	let channelId;
	const onContact = (path, body) =>
		control('POST', `/contacts/${encodeURIComponent(selected)}/${path}`, { channelId, ...body });
	const chooseChannel = ({ target }) => (channelId = target.value);

	const chooseFile = ({ target }) =>
		target.closest('.row').querySelector('input[type=file]').click();

	async function sendFile({ target }) {
		const [file] = target.files;
		target.value = '';
		if (!file) return;
		const { name, type, size } = file;
		if (size === 0 || size > LARGEST_FILE) {
			toast(`The file must have 1 to ${LARGEST_FILE.toLocaleString('en')} bytes`);
		} else {
			const bytes = new Uint8Array(await file.arrayBuffer());
			const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
			await onContact('file', { name, mimeType: type, base64: btoa(binary) });
		}
	}

	const channelRow = (channels) => html`<div class="row pad below">
		<select aria-label="Channel" @change=${chooseChannel}>
			${channels.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
		</select>
		${button('Send file…', chooseFile, { title: 'Send a file as the customer' })}
		<input type="file" hidden aria-label="File to send as the customer" @change=${sendFile} />
	</div>`;
	const passTime = button('24 hours pass', () => control('POST', '/pass-time', { hours: 24 }), {
		kind: 'quiet small',
		title: 'Makes every message 24 hours older: then only a template goes out',
	});

	return ({ contacts, channels, conversations }) => {
		const contact = contacts.find(({ id }) => id === selected) ?? contacts[0];
		selected = contact.id;
		channelId ??= channels[0].id;
		const messages = conversations
			.filter((one) => one.contactId === selected && one.channelId === channelId)
			.flatMap((one) => one.messages)
			.filter(({ from, accepted }) => from === 'customer' || accepted);
		const bubbles = messages.map((one) => bubbleOf(one, one.from === 'customer', contact.name));
		const none =
			`${contact.name} has not written on this channel. ` +
			'Say hello below: the event goes to n8n.';
		return card(
			'Customers',
			{
				kind: 'chat',
				actions: passTime,
				about: 'You are the customer, with his telephone in hand.',
			},
			choiceList('Customers', 'people row pad below', contacts, {
				title: ({ id, number, isGroup }) => `Contact ID ${id} · ${isGroup ? 'group' : number}`,
				isChosen: (one) => one === contact,
				choose({ id }) {
					selected = id;
					focus('.chat .composer input');
				},
				content: ({ name, isGroup }) => html`${name} ${isGroup ? html`<small>group</small>` : ''}`,
			}),
			channelRow(channels),
			talk('Telephone', `${selected}/${channelId}`, bubbles, empty(none)),
			composer('Write as the customer', (text) => onContact('message', { text })),
		);
	};
}

/** Middle: what attendants see, and what others of them do. */
function attendantsCard({ control }) {
	let state;
	let agent;
	let selected;
	/** Whether what is shown has gone to another attendant. */
	let isGone = false;
	const act = (path, body) =>
		control('POST', `/conversations/${encodeURIComponent(selected.protocol)}/${path}`, body);
	const onAgent = (path, body) => control('POST', `/agents/${agent.id}/${path}`, body);

	function profile() {
		const { id, online, signedIn, departments } = agent;
		const logins = state.logins[id] ?? 0;
		const times = logins === 1 ? '1 login' : `${logins} logins`;
		const session = signedIn ? `signed in, ${times}` : 'not signed in';
		const forget = button('Forget session', () => onAgent('forget'), {
			kind: 'quiet small',
			title: 'The server forgets that he has logged in: n8n has to log in again by itself',
		});
		return html`<div class="row pad below">
			${switchButton('Online', online, (on) => onAgent('online', { online: on }))}
			<span class="hint grow">${namesOf(state.departments, departments)} · ${session}</span>
			${signedIn ? forget : ''}
		</div>`;
	}

	/** As chatsAtivos and chatsEspera answer, and what is over. */
	function groupsOf({ id, departments }) {
		const isWaitingFor = (one) =>
			one.agentId === id || (one.agentId === null && departments.includes(one.departmentId));
		const newestFirst = [...state.conversations].reverse();
		const own = (now) => newestFirst.filter((one) => one.state === now && one.agentId === id);
		return [
			['Active', own('active'), 'Nobody.'],
			[
				'Waiting',
				newestFirst.filter((one) => one.state === 'waiting' && isWaitingFor(one)),
				'Nobody.',
			],
			['Finished', own('finished').slice(0, 10), 'None yet.'],
		];
	}

	/** What somebody looks at stays, also when it has gone to another attendant. */
	function select(visible) {
		const known =
			selected && state.conversations.find(({ protocol }) => protocol === selected.protocol);
		const isOver = known && (known.state === 'finished' || !visible.includes(known));
		const wasOver = selected && (selected.state === 'finished' || isGone);
		const open = visible.find((one) => one.state !== 'finished');
		selected = !known || (isOver && !wasOver && open) ? (open ?? visible[0]) : known;
		isGone = !visible.includes(selected);
	}

	const listItem = ({ contactId, channelId, messages }) => {
		const last = messages.at(-1);
		return html`<strong class="cut">${namesOf(state.contacts, [contactId])}</strong>
			<small class="cut">${namesOf(state.channels, [channelId])}</small>
			<small class="cut">${last ? (last.text ?? last.file?.name) : 'No message yet'}</small>`;
	};
	const conversationList = ([title, conversations, none]) => html`<section>
		<h3>${title} ${conversations.length || ''}</h3>
		<p class="hint" ?hidden=${conversations.length > 0}>${none}</p>
		${choiceList(title, '', conversations, {
			key: ({ protocol }) => protocol,
			title: ({ protocol }) => `Protocol ${protocol}`,
			isChosen: (one) => one === selected,
			choose: (one) => (selected = one),
			content: listItem,
		})}
	</section>`;

	function head() {
		const { protocol, state: now, agentId, wrapUpCode } = selected;
		return html`<header class="pad below">
			<div class="row">
				<h3 class="cut">${namesOf(state.contacts, [selected.contactId])}</h3>
				${chip(states[now].title, states[now].tone)}
				${now === 'finished' ? '' : windowChip(selected.windowEnd)}
			</div>
			${personFacts([
				['Protocol', protocol],
				['Channel', namesOf(state.channels, [selected.channelId])],
				['Department', namesOf(state.departments, [selected.departmentId])],
				[now === 'waiting' ? 'Waits for' : 'With', agentId && namesOf(state.agents, [agentId])],
				['Tags', namesOf(state.tags, selected.tagIds)],
				['Wrap-up code', wrapUpCode && namesOf(state.wrapUpCodes, [wrapUpCode])],
			])}
		</header>`;
	}

	function actions() {
		const { agentId, departmentId } = selected;
		const others = state.agents.filter(({ id }) => id !== agentId);
		const target = (group, route, items, words = '') =>
			items.map(({ id, name }) => ({ group, value: `${route}/${id}`, title: words + name }));
		const targets = [
			...target('Attendant', 'assign/agentId', others),
			...target('Queue of an attendant', 'queue/agentId', state.agents, 'Waiting for '),
			...target('Department', 'queue/departmentId', state.departments),
		];
		const transfer = onSubmit((values) => {
			const [path, field, id] = values.target.split('/');
			return act(path, { [field]: id });
		});
		const take = button('Take', () => act('assign', { agentId: agent.id }), { kind: 'primary' });
		const codes = state.wrapUpCodes
			.filter((one) => one.departmentId === departmentId)
			.map(({ id, name }) => [id, name]);
		return html`${selected.state === 'waiting' ? take : ''}
			<form class="row line" @submit=${transfer}>
				<select name="target" aria-label="Transfer to">
					${groupedOptions(targets, ({ value }) => value)}
				</select>
				<button type="submit">Transfer</button>
			</form>
			<form class="row line" @submit=${onSubmit((values) => act('finish', values))}>
				${choice('wrapUpCode', [['', 'No wrap-up code'], ...codes], { label: 'Wrap-up code' })}
				<button type="submit">Finish</button>
			</form>`;
	}

	function detail() {
		const { protocol, state: now, contactId, agentId, messages, notes } = selected;
		const contact = namesOf(state.contacts, [contactId]);
		const bubbles = messages.map((one) => bubbleOf(one, one.from === 'agent', contact));
		const noteBubbles = notes.map(({ at, text, agentId: author }, index) => ({
			at,
			key: `note/${index}`,
			side: 'own',
			from: 'note',
			content: html`<p>${text}</p>`,
			about: `Note by ${namesOf(state.agents, [author])}, not sent · ${momentOf(at)}`,
		}));
		const items = [...bubbles, ...noteBubbles].sort((a, b) => a.at.localeCompare(b.at));
		const write = (text) => act('message', { text });
		return html`<div class="detail">
			${head()}
			${talk('Conversation', protocol, items, empty('Nothing was written in this conversation yet.'))}
			<div class="decision row pad above" ?hidden=${now === 'finished'}>
				${keyed(`${protocol} ${now} ${agentId} ${agent.id}`, actions())}
			</div>
			${composer('Write as the attendant', write, { hidden: now !== 'active' })}
		</div>`;
	}

	const refresh = button('Refresh queues', () => control('POST', '/refresh-queue'), {
		kind: 'quiet small',
		title: 'Sends update_espera to everybody',
	});
	return (now) => {
		state = now;
		agent = state.agents.find(({ id }) => id === agent?.id) ?? state.agents[0];
		const groups = groupsOf(agent);
		select(groups.flatMap(([, conversations]) => conversations));
		const none = 'Write as a customer on the left, or start one from n8n.';
		return card(
			'Attendants',
			{
				kind: 'desk',
				actions: refresh,
				about: 'What each attendant sees in Voxfree. n8n acts as one of them.',
			},
			choiceList('Attendants', 'people row pad below', state.agents, {
				title: ({ id, online }) => `Agent ID ${id} · ${online ? 'online' : 'offline'}`,
				isChosen: (one) => one === agent,
				choose(one) {
					agent = one;
					selected = undefined;
				},
				content: ({ name, online }) => html`${dot(online)} ${name}`,
			}),
			profile(),
			html`<div class="split">
				<div class="list" role="group" aria-label="Conversations">
					${groups.map(conversationList)}
				</div>
				${selected ? detail() : html`<div class="detail">${empty(none, 'No conversation yet.')}</div>`}
			</div>`,
		);
	};
}

/** What the 24-hour rule allows. */
function windowChip(end) {
	if (end === 'never') return '';
	const left = end === null ? -1 : Date.parse(end) - Date.now();
	if (left < 0) return chip('Template only', 'bad');
	const hours = Math.floor(left / 3_600_000);
	return chip(`Free text for ${hours > 0 ? `${hours} h` : `${Math.ceil(left / 60_000)} min`} more`);
}

const typeNames = {
	template: 'Template',
	image: 'Image',
	audio: 'Audio',
	video: 'Video',
	document: 'File',
};

function bubbleOf(message, isOwn, contact) {
	const { id, type, text, read, accepted, deleted, at, from } = message;
	const isCustomer = from === 'customer';
	const delivery = accepted ? ['', 'sent', 'read'][read] : 'never delivered';
	const parts = [typeNames[type], isCustomer ? contact : 'Attendant', momentOf(at)];
	return {
		at,
		key: id,
		side: isOwn ? 'own' : 'other',
		from: type === 'template' ? 'template' : from,
		content: deleted
			? html`<p class="aside">Taken back</p>`
			: [message.file && fileCard(message), text !== null ? html`<p>${text}</p>` : ''],
		about: [...parts, !isCustomer && delivery].filter(Boolean).join(' · '),
	};
}

/** The time, with its day unless that is today. */
function momentOf(iso) {
	const at = new Date(iso);
	if (at.toDateString() === new Date().toDateString()) return clockTime(iso);
	const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
	return `${day}, ${clockTime(iso)}`;
}

function fileCard({ file: { name, size, mimeType, sha256 }, fileUrl }) {
	return html`<div class="box items">
		${fileUrl ? webLink(fileUrl, name) : html`<strong>${name}</strong>`}
		<small>${sizeOf(size)} · ${mimeType}</small>
		<code title="SHA-256 ${sha256}">SHA-256 ${sha256.slice(0, 16)}…</code>
	</div>`;
}

function sizeOf(bytes) {
	if (bytes < 1024) return `${bytes} bytes`;
	const [value, unit] = bytes < 1024 ** 2 ? [bytes / 1024, 'KiB'] : [bytes / 1024 ** 2, 'MiB'];
	return `${value.toFixed(1)} ${unit}`;
}

/** What can be done to the socket: the route's fault and body, and what its number means. */
const times = { unit: '×', value: 1, max: 1000 };
const late = { unit: 'ms', value: 2000, max: 600_000 };
const code = { unit: '', value: 4000, max: 65_535 };
const size = { unit: 'bytes', value: 8_388_608, max: 67_108_864 };
const busy = { status: 503, retryAfter: '5' };
const tooMany = { status: 429, retryAfter: '5' };
const socketFaults = [
	['Connection', 'Break it by a reset', 'drop'],
	['Connection', 'End it without a word', 'end'],
	['Connection', 'Close it with code', 'close', code],
	['Connection', 'Cut the cable: half-open', 'half-open'],
	['Connection', 'Every event comes late', 'slow', late],
	['Server', 'Refuse connecting: 503, Retry-After 5 s', 'refuse', times, busy],
	['Server', 'Refuse connecting: 429, Retry-After 5 s', 'refuse', times, tooMany],
	['Server', 'Never answer connecting', 'refuse', times, { status: 'hang' }],
	['Next events', 'Lose them', 'lose', times],
	['Next events', 'Send them twice', 'duplicate', times],
	['Next events', 'Swap them', 'reorder', times],
	['Frame', 'A very large one', 'oversized', size],
].map(([group, title, fault, amount, body]) => ({ group, title, fault, amount, body }));

/** Right, on top: who listens, and what goes wrong there. */
function socketCard({ control }) {
	let chosen = 0;
	const play = (fault, body = {}) => control('POST', `/socket/${fault}`, body);
	const choose = ({ target }) => (chosen = target.selectedIndex);
	const buttons = html`<div class="row pad">
		${button('Drop', () => play('drop'))}
		${button('Stall', () => play('stall'), { title: 'Swallows events while the connection lives: is n8n silently deaf?' })}
		${button('Garbage', () => play('garbage', { kind: 'text' }))}
		${button('Restart, 5 s down', () => play('restart', { value: 5000 }))}
	</div>`;

	function condition({ connections, socketUp, pending, agents }) {
		const swapped = pending.reorder + (pending.held ? 1 : 0);
		const wrong = [
			pending.lose && `loses ${pending.lose}`,
			pending.duplicate && `doubles ${pending.duplicate}`,
			swapped && `swaps ${swapped}`,
			pending.refusals && `refuses ${pending.refusals}`,
		].filter(Boolean);
		const isIll =
			wrong.length > 0 || connections.some((one) => one.condition !== 'honest' || one.delay);
		const nobody = socketUp && connections.length === 0;
		return html`<div class="row pad" role="status">
			<span class="hint" ?hidden=${!nobody}>Nobody is connected.</span>
			${socketUp ? '' : chip('Down', 'bad')}
			${connections.map((one) => connectionChip(one, agents))}
			${wrong.map((words) => chip(words, 'bad'))}
			${isIll ? button('Take back', () => play('recover'), { kind: 'quiet small' }) : ''}
		</div>`;
	}

	return (state) => {
		const garbage = state.garbage.map((kind) => {
			return { group: 'Garbage', title: `Garbage: ${kind}`, fault: 'garbage', body: { kind } };
		});
		const faults = [...socketFaults, ...garbage];
		const { fault, body, amount } = faults[chosen];
		const number = html`<label class="row line">
			${numberInput('value', { ...amount, label: 'How much' })}<span>${amount?.unit}</span>
		</label>`;
		return card(
			'Socket',
			{ kind: 'faults' },
			condition(state),
			buttons,
			html`<form class="row pad" @submit=${onSubmit((value) => play(fault, { ...body, ...value }))}>
				<select aria-label="What goes wrong with the socket" @change=${choose}>
					${groupedOptions(faults, ({ title }) => title)}
				</select>
				${keyed(chosen, amount ? number : '')}
				<button type="submit">Do it</button>
			</form>`,
		);
	};
}

function connectionChip({ id, agentId, problem, eventsSent, condition, delay }, agents) {
	const name = agents.find((one) => one.id === agentId)?.name;
	const events = eventsSent === 1 ? '1 event' : `${eventsSent} events`;
	const ill = condition !== 'honest' ? ` · ${condition}` : delay ? ` · ${delay} ms late` : '';
	const tone = problem || ill ? 'bad' : agentId ? 'good' : 'wait';
	const who = name ?? problem ?? 'not registered';
	return chip(`#${id} ${who} · ${events}${ill}`, tone, problem ?? `Connection ${id}`);
}

/** One line: which service of which conversation, or which frame. */
function summaryOf(entry) {
	if (entry.kind === 'frame') return frameSummary(entry);
	const { path, body, method, fault } = entry;
	const service = path.split('?')[0].replace(/^\/mobile\//, '');
	const { action, novo_status: status, protocolo } = body?.fields ?? body ?? {};
	const call = service.startsWith('/') ? `${method} ${service}` : service;
	return [call, action, status && `status ${status}`, protocolo, fault].filter(Boolean).join(' · ');
}

function frameSummary({ what, direction, text, connection, agentId }) {
	const who = connection === undefined ? '' : ` · #${connection}`;
	if (what === 'event') {
		const { protocolo_atual: protocol, tipo_update: kind = 'unknown' } = objectIn(text);
		return `${kind}${protocol ? ` · ${protocol}` : ''}${who}`;
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
	if (what === 'other') return { text: 'wrong', tone: 'bad' };
	if (what === 'refused') return { text: 'refused', tone: 'bad' };
	if (outcome === 'sent') return { text: 'sent', tone: 'good' };
	if (outcome === 'nobody') return { text: 'nobody there', tone: 'open' };
	return outcome ? { text: outcome, tone: 'bad' } : { text: direction, tone: 'open' };
}

function frameDetails({ text, size, agentId, at }) {
	return [
		[`Frame, ${size} bytes`, text || '(empty)'],
		['Time', at],
		['Agent', agentId],
	];
}
