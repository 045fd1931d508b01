import { card, choiceList, empty, personFacts } from './card.js';
import { html, keyed, namesOf, repeat } from './dom.js';
import { button, chip, copyButton, switchButton } from './element.js';
import { checkbox, choice, choiceField, field, numberField, textField, urlField } from './field.js';
import { onSubmit, otherEvent } from './form.js';
import { aboutLine, composer, talk, typingRow } from './talk.js';

const states = {
	queued: { title: 'Waiting', tone: 'wait', rank: 0 },
	accepted: { title: 'In conversation', tone: 'good', rank: 1 },
	unavailable: { title: 'No agent', tone: 'bad', rank: 2 },
	finished: { title: 'Finished', rank: 2 },
};
const rankOf = ({ state }) => states[state].rank;
const isOver = (interaction) => rankOf(interaction) === 2;
const stateChip = ({ state }) => chip(states[state].title, states[state].tone);

/** The website chat on the left, Omnize's own side in the middle. */
export default function omnize(panel) {
	const chat = websiteChat(panel);
	const agents = agentConsole(panel);
	const replyUrl = `${location.origin}/omnize/customer-channel/messages`;
	return {
		facts: ({ apiUrl, token, webhookUrl, customerChannelUrl }) => [
			['API address', apiUrl],
			['Token', token],
			['Triggers go to', webhookUrl, 'nowhere yet: set the webhook URL'],
			['Chat messages go to', customerChannelUrl, 'nowhere yet: set the customer channel'],
		],
		columns: (state) => [chat(state), agents(state), ''],
		log: {
			kinds: {
				request: { title: 'n8n → Omnize', filter: 'api' },
				trigger: { title: 'Omnize → n8n', filter: 'api', again: true },
				'chat out': { title: 'Chat → n8n', filter: 'chat' },
				'chat in': { title: 'n8n → Chat', filter: 'chat' },
			},
			filters: { api: 'Omnize', chat: 'Chat' },
			summaryOf,
		},
		settings: () => ({
			'Omnize → n8n': [
				urlField('Webhook URL', 'webhookUrl', 'The production URL of the Omnize Trigger node.'),
				field(
					'Headers of every trigger',
					html`<textarea name="webhookHeaders" rows="2" placeholder="x-omnize-secret: …"></textarea>`,
					'One per line, for instance a shared secret.',
				),
			],
			'Website chat ↔ n8n': [
				urlField(
					'Customer channel',
					'customerChannelUrl',
					'A Webhook node that gets what customers write.',
				),
				html`<p class="hint wide">
					Answers come back by POST to <code>${replyUrl}</code>
					${copyButton('address for answers', replyUrl)}
				</p>`,
			],
			Behaviour: [
				html`<div class="wide">${checkbox('auto', 'Agents act by themselves')}</div>`,
				numberField('Accept after, seconds', 'acceptAfterMs', { max: 600, scale: 1000 }),
				textField('Answer with', 'reply', {
					hint: '{text} is the customer’s message. Empty: no answer.',
				}),
				numberField('Every answer takes, ms', 'answerAfter'),
				choiceField('List of departments comes as', 'departmentsShape', {
					list: 'A list: [ … ]',
					object: 'In an object: { "departments": [ … ] }',
				}),
			],
		}),
		extras: () => otherEvent(panel.control, '/trigger', 'trigger', 'Body', OTHER_TRIGGER),
		toForm: ({ webhookHeaders, autoAgent, ...state }) => ({
			...state,
			webhookHeaders: Object.entries(webhookHeaders)
				.map((pair) => pair.join(': '))
				.join('\n'),
			auto: autoAgent !== null,
			acceptAfterMs: autoAgent?.acceptAfterMs ?? 1000,
			reply: autoAgent ? autoAgent.reply : 'Recebido: {text}',
		}),
		toSettings({ webhookHeaders, auto, acceptAfterMs, reply, ...values }) {
			const autoAgent = auto ? { acceptAfterMs, reply } : null;
			return { ...values, webhookHeaders: headersIn(webhookHeaders), autoAgent };
		},
		footnote:
			'Not simulated: files, transfers, opening hours, repeated deliveries, and the later Zenvia Chat ' +
			'API. The document shows no answers and no errors: those are this simulator’s own.',
	};
}

const OTHER_TRIGGER = '{ "status": "transferred", "clientId": "12" }';

function headersIn(text) {
	const lines = text.split('\n').filter((line) => line.trim());
	const pairs = lines.map((line) => {
		const colon = line.indexOf(':');
		return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
	});
	return Object.fromEntries(pairs);
}

/** Left: the customers. */
function websiteChat({ control, draw, focus }) {
	const seen = new Map();
	let selected;
	const choose = ({ clientId }) => {
		selected = clientId;
		focus('.chat .composer input');
	};
	const addCustomer = async () => {
		const customer = await control('POST', '/customers');
		if (!customer) return;
		choose(customer);
		draw();
	};
	const write = (text) =>
		control('POST', `/customers/${encodeURIComponent(selected)}/messages`, { text });
	const unseen = ({ clientId, messages }) => {
		const count = messages.length - (seen.get(clientId) ?? 0);
		return count > 0 ? html`<span class="chip" data-tone="good">${count} new</span>` : '';
	};
	return ({ customers }) => {
		const customer = customers.find(({ clientId }) => clientId === selected) ?? customers[0];
		const { clientId, name, messages, answering } = customer;
		selected = clientId;
		seen.set(clientId, messages.length);
		const none = 'Say hello below: the message goes to the customer channel of n8n.';
		return card(
			'Website chat',
			{
				kind: 'chat',
				actions: button('New customer', addCustomer, { kind: 'quiet small' }),
				about: 'You are the customer. This is your own channel, not a part of Omnize.',
			},
			choiceList('Customers', 'people row pad below', customers, {
				key: (one) => one.clientId,
				title: (one) => `Client ID ${one.clientId} · ${one.email} · ${one.phone}`,
				isChosen: (one) => one === customer,
				choose,
				content: (one) => html`${one.name} ${unseen(one)}`,
			}),
			talk(
				'Website chat',
				clientId,
				bubblesOf(messages, 'customer'),
				empty(none, `${name} has not written yet.`),
			),
			typingRow(answering && 'Somebody is writing'),
			composer('Write as the customer', write),
		);
	};
}

/** Middle: Omnize's own side. */
function agentConsole({ control }) {
	let state;
	let selected;
	// The person has opened an interaction that is over: new ones must not push it aside.
	let readingOldOne = false;
	const act = (name, body) =>
		control('POST', `/interactions/${encodeURIComponent(selected.clientId)}/${name}`, body);
	const departmentsOf = (...ids) => namesOf(state.departments, ids);
	const nameOf = ({ customer, clientId }) => customer.customerName || `Client ${clientId}`;

	function agentRow({ id, name, departmentIds, online }) {
		const change = (on) => control('POST', `/agents/${id}`, { online: on });
		return html`<li class="who" data-online=${online}>
			${switchButton(`${name} online`, online, change, name)}
			<small>${departmentsOf(...departmentIds)}</small>
		</li>`;
	}

	function head() {
		const { customer, clientId, departmentId, botId, agentId } = selected;
		const finish = () => button('Finish interaction', () => act('finish'), { kind: 'quiet push' });
		return html`<header class="pad below">
			<div class="row">
				<h3 class="cut">${nameOf(selected)}</h3>
				${stateChip(selected)} ${selected.state === 'accepted' ? finish() : ''}
			</div>
			${personFacts([
				['Client ID', clientId],
				['Department', departmentsOf(departmentId)],
				['E-mail', customer.customerEmail],
				['Phone', customer.customerPhone],
				['CPF', customer.customerCpf],
				['Bot ID', botId],
				['Agent', agentId && (state.agents.find(({ id }) => id === agentId)?.name ?? 'Agent')],
			])}
		</header>`;
	}

	/** What becomes of somebody who waits, or how it ended. */
	const endings = {
		accepted: () => '',
		finished: () => `Finished by the ${selected.finishedBy}.`,
		unavailable: () => 'Omnize said that no agent is available. That ended the interaction.',
		queued() {
			const candidates = state.agents.filter(
				({ online, departmentIds }) => online && departmentIds.includes(selected.departmentId),
			);
			const options = candidates.map(({ id, name }) => [id, name]);
			const accept = html`<form class="row line" @submit=${onSubmit((who) => act('accept', who))}>
				<button type="submit" class="primary">Accept</button>
				${choice('agentId', options, { label: 'Agent who accepts' })}
			</form>`;
			return [
				options.length > 0
					? keyed(`${selected.number} ${options}`, accept)
					: html`<p>Nobody of this department is online.</p>`,
				button('No agent available', () => act('unavailable')),
			];
		},
	};

	function detail() {
		const { number, messages, customerTyping, agentTyping, state: now } = selected;
		const none = empty('No messages in this interaction yet.');
		const type = (on) => act(on ? 'typing' : 'cleared');
		return html`<div class="detail">
			${head()} ${talk('Agent console', number, bubblesOf(messages, 'agent'), none)}
			${typingRow(customerTyping && `${nameOf(selected)} is writing`)}
			<div class="decision row pad above" ?hidden=${now === 'accepted'}>${endings[now]()}</div>
			${composer('Write as the agent', (text) => act('message', { text }), {
				extra: switchButton('Typing', agentTyping, type),
				hidden: now !== 'accepted',
			})}
		</div>`;
	}

	return (now) => {
		state = now;
		const interactions = [...state.interactions].sort(
			(a, b) => rankOf(a) - rankOf(b) || b.number - a.number,
		);
		const current = interactions.find(({ number }) => number === selected?.number);
		const [next] = interactions;
		selected = !current || (isOver(current) && !isOver(next) && !readingOldOne) ? next : current;
		const queue = choiceList('Interactions', 'list', interactions, {
			key: ({ number }) => number,
			isChosen: (one) => one === selected,
			choose(one) {
				selected = one;
				readingOldOne = isOver(one);
			},
			content: (one) => html`<strong class="cut">${nameOf(one)}</strong>
				<small class="cut">${departmentsOf(one.departmentId)}</small>${stateChip(one)}`,
		});
		const none =
			'An interaction appears here as soon as n8n starts one. Agents who are offline cannot take ' +
			'it: with nobody online in a department, Omnize answers “unavailable”.';
		return card(
			'Agent console',
			{ kind: 'desk', about: 'You are the company’s agents, inside Omnize.' },
			html`<ul class="pairs pad below" aria-label="Agents">
				${repeat(state.agents, ({ id }) => id, agentRow)}
			</ul>`,
			selected
				? html`<div class="split">${queue}${detail()}</div>`
				: empty(none, 'Nobody is waiting.'),
		);
	};
}

/** One line: what kind of message, from or to whom. */
function summaryOf({ kind, body, method, path, fault }) {
	const isRequest = kind === 'request';
	if (typeof body !== 'object' || body === null)
		return isRequest ? `${method} ${path}` : String(body);
	const { clientId, type, content, typing, status = 'unknown', text = body.message } = body;
	const about = [clientId, isRequest && fault].filter(Boolean);
	const line = (what) => [what, ...about].join(' · ');
	if (isRequest) return line(type === 'message' ? `“${content}”` : (content ?? 'unknown'));
	if (text !== undefined) return line(`“${text}”`);
	if (typing !== undefined) return line(typing ? 'typing' : 'stopped typing');
	return line(status);
}

/** The messages of a conversation; `own` are on the right. */
function bubblesOf(messages, own) {
	const names = { customer: 'Customer', agent: 'Agent', bot: 'Bot' };
	return messages.map(({ from, at, text, outcome, error }, index) => ({
		key: `${index}/${at}`,
		side: from === own ? 'own' : 'other',
		from,
		outcome,
		content: html`<p>${text}</p>`,
		about: aboutLine(names[from], at, outcomes[outcome] ?? (outcome && `failed: ${error}`)),
	}));
}

const outcomes = {
	delivered: '',
	'under way': 'sending…',
	'not sent': 'not sent: no customer channel is set',
	refused: 'n8n refused it',
};
