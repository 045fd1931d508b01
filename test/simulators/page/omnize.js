import {
	clockTime,
	controlOf,
	copyButton,
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
	initials,
	layOut,
	liveLog,
	messageForm,
	misbehaviour,
	pairs,
	personFacts,
	switchButton,
	talkArea,
} from './panel.js';

const NOT_SIMULATED =
	'Not simulated: files, transfers, opening hours, repeated deliveries, and the later Zenvia Chat ' +
	'API. The document shows no answers and no errors: those are this simulator’s own.';

const stateNames = {
	queued: 'Waiting',
	accepted: 'In conversation',
	unavailable: 'No agent',
	finished: 'Finished',
};

/** Draws the Omnize panel into `root` and keeps it up to date. */
export async function mount(root, base, showLinkState) {
	const control = controlOf(base);
	const modes = await (await fetch(`${base}/modes`)).json();
	const chat = websiteChat(control);
	const agents = agentConsole(control);
	const faults = misbehaviour(control, modes);
	const log = liveLog(control, {
		kinds,
		filters: [
			['api', 'Omnize'],
			['chat', 'Chat'],
		],
		summaryOf,
	});
	const bar = factsBar(control, settingsDialog(control), factsOf);

	layOut(root, 'omnize', bar, [chat, agents, [faults, log]], NOT_SIMULATED);
	const onState = (state) => {
		for (const part of [bar, chat, agents, faults]) part.update(state);
	};
	follow(base, showLinkState, onState, log.update);
}

/** Addresses, with what is missing. */
function factsOf({ apiUrl, token, webhookUrl, customerChannelUrl }) {
	return [
		['API address', apiUrl],
		['Token', token],
		['Triggers go to', webhookUrl, 'nowhere yet: set the webhook URL'],
		['Chat messages go to', customerChannelUrl, 'nowhere yet: set the customer channel'],
	];
}

/** What in Omnize's own screens is set up by hand, and what the document leaves open. */
function settingsDialog(control) {
	const webhookUrl = h('input', { type: 'url', placeholder: 'http://127.0.0.1:5678/webhook/…' });
	const headers = h('textarea', {
		rows: 2,
		placeholder: 'x-omnize-secret: …',
		spellcheck: 'false',
	});
	const channelUrl = h('input', { type: 'url', placeholder: 'http://127.0.0.1:5678/webhook/…' });
	const replyUrl = `${location.origin}/omnize/customer-channel/messages`;
	const auto = h('input', { type: 'checkbox' });
	const autoAfter = h('input', { type: 'number', min: 0, max: 600, step: 'any', value: 1 });
	const autoReply = h('input', { value: 'Recebido: {text}' });
	const answerAfter = h('input', { type: 'number', min: 0, max: 600000, value: 0 });
	const shape = choice([
		['list', 'A list: [ … ]'],
		['object', 'In an object: { "departments": [ … ] }'],
	]);
	const other = h('textarea', { rows: 2, spellcheck: 'false' });
	other.value = '{ "status": "transferred", "clientId": "12" }';

	const sendOther = async () => {
		try {
			await control('POST', '/trigger', JSON.parse(other.value));
			element.close();
		} catch {
			toast('The trigger is not JSON');
		}
	};
	const save = () => {
		const lines = headers.value.split('\n').filter((line) => line.trim());
		const named = lines.map((line) => {
			const colon = line.indexOf(':');
			return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
		});
		return control('POST', '/settings', {
			webhookUrl: webhookUrl.value,
			webhookHeaders: Object.fromEntries(named),
			customerChannelUrl: channelUrl.value,
			autoAgent: auto.checked
				? { acceptAfterMs: Number(autoAfter.value) * 1000, reply: autoReply.value }
				: null,
			answerAfter: Number(answerAfter.value),
			departmentsShape: shape.value,
		});
	};
	const element = formDialog(
		'Settings',
		'Save',
		save,
		group(
			'Omnize → n8n',
			field('Webhook URL', webhookUrl, 'The production URL of the Omnize Trigger node.'),
			field('Headers of every trigger', headers, 'One per line, for instance a shared secret.'),
		),
		group(
			'Website chat ↔ n8n',
			field('Customer channel', channelUrl, 'A Webhook node that gets what customers write.'),
			h(
				'p',
				{ class: 'hint' },
				'Answers come back by POST to ',
				h('code', {}, replyUrl),
				' ',
				copyButton('address for answers', () => replyUrl),
			),
		),
		group(
			'Behaviour',
			h('label', { class: 'check' }, auto, h('span', {}, 'Agents act by themselves')),
			pairs(
				field('Accept after, seconds', autoAfter),
				field('Answer with', autoReply, '{text} is the customer’s message. Empty: no answer.'),
			),
			pairs(
				field('Every answer takes, ms', answerAfter),
				field('List of departments comes as', shape),
			),
		),
		h(
			'details',
			{},
			h('summary', {}, 'Send a trigger that is not in the document'),
			field('Body', other),
			h('button', { type: 'button', onclick: sendOther }, 'Send trigger'),
		),
	);
	return {
		element,
		open(state) {
			if (!state) return;
			webhookUrl.value = state.webhookUrl ?? '';
			channelUrl.value = state.customerChannelUrl ?? '';
			headers.value = Object.entries(state.webhookHeaders)
				.map(([name, value]) => `${name}: ${value}`)
				.join('\n');
			auto.checked = state.autoAgent !== null;
			if (state.autoAgent) {
				autoAfter.value = state.autoAgent.acceptAfterMs / 1000;
				autoReply.value = state.autoAgent.reply ?? '';
			}
			answerAfter.value = state.answerAfter;
			shape.value = state.departmentsShape;
			element.showModal();
		},
	};
}

/** Left: the customers. */
function websiteChat(control) {
	let selected;
	let state;
	const seen = new Map();
	const people = h('div', { class: 'people', role: 'group', 'aria-label': 'Customers' });
	const talk = talkArea('Website chat');
	const dots = typingRow();
	const composer = messageForm('Write as the customer', async (text) =>
		control('POST', `/customers/${encodeURIComponent(selected)}/messages`, { text }),
	);
	const addCustomer = async () => {
		const customer = await control('POST', '/customers');
		if (customer) {
			selected = customer.clientId;
			draw();
			composer.focus();
		}
	};
	const element = h(
		'section',
		{ class: 'card chat', 'aria-labelledby': 'chat-title' },
		h(
			'div',
			{ class: 'card-head' },
			h('h2', { id: 'chat-title' }, 'Website chat'),
			h('button', { type: 'button', class: 'quiet', onclick: addCustomer }, 'New customer'),
			h('p', {}, 'You are the customer. This is your own channel, not a part of Omnize.'),
		),
		people,
		talk,
		dots.element,
		composer.element,
	);

	function draw() {
		if (!state) return;
		const { customers } = state;
		if (!customers.some(({ clientId }) => clientId === selected)) selected = customers[0]?.clientId;
		const customer = customers.find(({ clientId }) => clientId === selected);
		seen.set(selected, customer.messages.length);
		keyedList(
			people,
			customers,
			({ clientId }) => clientId,
			({ clientId }) => {
				const name = h('span', {});
				const count = h('span', { class: 'count' });
				return choiceButton({
					content: [name, count],
					choose() {
						selected = clientId;
						draw();
						talk.scrollTop = talk.scrollHeight;
						composer.focus();
					},
					isChosen: () => clientId === selected,
					update(now) {
						name.textContent = now.name;
						const unseen = Math.max(0, now.messages.length - (seen.get(clientId) ?? 0));
						count.textContent = unseen || '';
						setAttribute(count, 'aria-label', unseen ? `${unseen} new` : null);
						return `Client ID ${clientId} · ${now.email} · ${now.phone}`;
					},
				});
			},
		);
		stickToEnd(talk, () => {
			const empty = [
				h('p', {}, h('strong', {}, `${customer.name} has not written yet.`)),
				h('p', {}, 'Say hello below: the message goes to the customer channel of n8n.'),
			];
			drawBubbles(talk, customer.clientId, bubblesOf(customer.messages, 'customer'), empty);
		});
		dots.show(customer.answering ? 'Somebody is writing' : '');
	}
	return {
		element,
		update(now) {
			state = now;
			draw();
		},
	};
}

/** Middle: Omnize's own side. */
function agentConsole(control) {
	let state;
	let selected;
	// The person has opened an interaction that is over: new ones must not push it aside.
	let readingOldOne = false;
	const roster = h('ul', { class: 'roster', 'aria-label': 'Agents' });
	const queue = h('div', { class: 'queue', role: 'group', 'aria-label': 'Interactions' });
	const detail = h('div', { class: 'detail' });
	const head = h('div', { class: 'detail-head' });
	const talk = talkArea('Agent console');
	const dots = typingRow();
	const act = (name, body) =>
		control('POST', `/interactions/${encodeURIComponent(selected.clientId)}/${name}`, body);
	const typing = switchButton('Typing', (on) => act(on ? 'typing' : 'cleared'));
	const composer = messageForm('Write as the agent', (text) => act('message', { text }), typing);
	const waitingRoom = h('div', { class: 'decision' });
	detail.append(head, talk, dots.element, waitingRoom, composer.element);
	const element = h(
		'section',
		{ class: 'card agents', 'aria-labelledby': 'agents-title' },
		h(
			'div',
			{ class: 'card-head' },
			h('h2', { id: 'agents-title' }, 'Agent console'),
			h('p', {}, 'You are the company’s agents, inside Omnize.'),
		),
		roster,
		h('div', { class: 'split' }, queue, detail),
	);

	const departmentName = (id) => state.departments.find((one) => one.id === id)?.name ?? id;
	const agentName = (id) => state.agents.find((one) => one.id === id)?.name ?? 'Agent';
	const nameOf = ({ customer, clientId }) => customer.customerName || `Client ${clientId}`;

	function drawRoster() {
		keyedList(
			roster,
			state.agents,
			({ id }) => id,
			({ id, name, departmentIds }) => {
				const online = switchButton(`${name} online`, (on) =>
					control('POST', `/agents/${id}`, { online: on }),
				);
				const row = h(
					'li',
					{},
					h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(name)),
					h(
						'span',
						{ class: 'who' },
						h('strong', {}, name),
						h('small', {}, departmentIds.map(departmentName).join(', ')),
					),
					online.element,
				);
				return {
					element: row,
					update: (agent) => {
						online.set(agent.online);
						row.dataset.online = agent.online;
					},
				};
			},
		);
	}

	function drawQueue() {
		const rank = { queued: 0, accepted: 1, unavailable: 2, finished: 2 };
		const interactions = [...state.interactions].sort(
			(a, b) => rank[a.state] - rank[b.state] || b.number - a.number,
		);
		const current = interactions.find(({ number }) => number === selected?.number);
		const next = interactions[0];
		const isOver = current && rank[current.state] === 2;
		selected = !current || (isOver && rank[next.state] < 2 && !readingOldOne) ? next : current;

		if (interactions.length === 0) {
			queue.knownItems = undefined;
			queue.replaceChildren();
			return;
		}
		keyedList(
			queue,
			interactions,
			({ number }) => number,
			({ number }) => {
				const name = h('strong', {});
				const about = h('small', {});
				const chip = h('span', { class: 'chip' });
				return choiceButton({
					content: [name, about, chip],
					choose() {
						selected = state.interactions.find((one) => one.number === number);
						readingOldOne = rank[selected.state] === 2;
						draw();
						talk.scrollTop = talk.scrollHeight;
					},
					isChosen: (now) => now.number === selected.number,
					update(now) {
						name.textContent = nameOf(now);
						about.textContent = departmentName(now.departmentId);
						chip.textContent = stateNames[now.state];
						chip.dataset.state = now.state;
					},
				});
			},
		);
	}

	function drawDetail() {
		detail.dataset.empty = !selected;
		const keyFacts = selected && { ...selected, messages: undefined };
		renderWhen(head, keyFacts ?? 'none', () => {
			if (!selected) {
				return [
					h('p', {}, h('strong', {}, 'Nobody is waiting.')),
					h(
						'p',
						{},
						'An interaction appears here as soon as n8n starts one. Agents who are offline ' +
							'cannot take it: with nobody online in a department, Omnize answers “unavailable”.',
					),
				];
			}
			const { customer, clientId, departmentId, botId, agentId } = selected;
			const facts = personFacts([
				['Client ID', clientId],
				['Department', departmentName(departmentId)],
				['E-mail', customer.customerEmail],
				['Phone', customer.customerPhone],
				['CPF', customer.customerCpf],
				['Bot ID', botId],
				['Agent', agentId && agentName(agentId)],
			]);
			return [
				h(
					'div',
					{ class: 'detail-title' },
					h('h3', {}, nameOf(selected)),
					h('span', { class: 'chip', 'data-state': selected.state }, stateNames[selected.state]),
					selected.state === 'accepted' &&
						h(
							'button',
							{ type: 'button', class: 'quiet', onclick: () => act('finish') },
							'Finish interaction',
						),
				),
				facts,
			];
		});
		if (!selected) {
			talk.hidden = waitingRoom.hidden = composer.element.hidden = true;
			dots.show('');
			return;
		}
		talk.hidden = false;
		stickToEnd(talk, () =>
			drawBubbles(
				talk,
				selected.number,
				bubblesOf(selected.messages, 'agent'),
				'No messages in this interaction yet.',
			),
		);
		dots.show(selected.customerTyping ? `${nameOf(selected)} is writing` : '');
		composer.element.hidden = selected.state !== 'accepted';
		typing.set(selected.agentTyping);

		const candidates = state.agents.filter(
			({ online, departmentIds }) => online && departmentIds.includes(selected.departmentId),
		);
		waitingRoom.hidden = selected.state === 'accepted';
		renderWhen(waitingRoom, [selected.number, selected.state, candidates], () => {
			if (selected.state === 'finished') {
				return h('p', {}, `Finished by the ${selected.finishedBy}.`);
			}
			if (selected.state === 'unavailable') {
				return h('p', {}, 'Omnize said that no agent is available. That ended the interaction.');
			}
			const who = h(
				'select',
				{ 'aria-label': 'Agent who accepts' },
				candidates.map(({ id, name }) => h('option', { value: id }, name)),
			);
			return [
				candidates.length > 0
					? h(
							'button',
							{
								type: 'button',
								class: 'primary',
								onclick: () => act('accept', { agentId: who.value }),
							},
							'Accept',
						)
					: h('p', {}, 'Nobody of this department is online.'),
				candidates.length > 0 && who,
				h('button', { type: 'button', onclick: () => act('unavailable') }, 'No agent available'),
			];
		});
	}

	function draw() {
		if (!state) return;
		drawRoster();
		drawQueue();
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

const kinds = {
	request: { title: 'n8n → Omnize', filter: 'api' },
	trigger: { title: 'Omnize → n8n', filter: 'api', again: true },
	'chat out': { title: 'Chat → n8n', filter: 'chat' },
	'chat in': { title: 'n8n → Chat', filter: 'chat' },
};

/** One line: what kind of message, from or to whom. */
function summaryOf({ kind, body, method, path, fault }) {
	if (typeof body !== 'object' || body === null)
		return kind === 'request' ? `${method} ${path}` : String(body);
	const client = body.clientId === undefined ? '' : ` · ${body.clientId}`;
	const spoilt = fault ? ` · ${fault}` : '';
	if (kind === 'request' && body.type === 'message') return `“${body.content}”${client}${spoilt}`;
	if (kind === 'request') return `${body.content ?? 'unknown'}${client}${spoilt}`;
	const text = body.message ?? body.text;
	if (text !== undefined) return `“${text}”${client}`;
	if (body.typing !== undefined) return `${body.typing ? 'typing' : 'stopped typing'}${client}`;
	return `${body.status ?? 'unknown'}${client}`;
}

/** The messages of a conversation; `own` are on the right. */
function bubblesOf(messages, own) {
	const names = { customer: 'Customer', agent: 'Agent', bot: 'Bot' };
	return messages.map((message, index) => ({
		key: `${index}/${message.at}`,
		side: message.from === own ? 'own' : 'other',
		from: message.from,
		about: `${names[message.from]} · ${clockTime(message.at)}${outcomeOf(message)}`,
		outcome: message.outcome,
		content: () => h('p', {}, message.text),
	}));
}

function outcomeOf({ outcome, error }) {
	if (outcome === undefined || outcome === 'delivered') return '';
	if (outcome === 'under way') return ' · sending…';
	if (outcome === 'not sent') return ' · not sent: no customer channel is set';
	return outcome === 'refused' ? ' · n8n refused it' : ` · failed: ${error}`;
}

function typingRow() {
	const element = h('p', { class: 'typing-row', 'aria-live': 'polite' });
	return {
		element,
		show(text) {
			renderWhen(element, text, () =>
				text ? [h('span', { class: 'dots', 'aria-hidden': 'true' }), text] : [],
			);
		},
	};
}
