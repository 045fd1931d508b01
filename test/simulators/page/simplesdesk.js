import {
	clockTime,
	controlOf,
	copyButton,
	h,
	keyedList,
	renderWhen,
	setAttribute,
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
	talkArea,
	webLink,
} from './panel.js';

const NOT_SIMULATED =
	'Not simulated: retries, WhatsApp’s own limits, the Smart 2.0 API. The document says nothing of ' +
	'status, content type and time limit: 200, application/json and the limit are this simulator’s own.';

const accountKinds = [
	['qr', 'QR code account'],
	['official', 'Official API account'],
];
const shortKinds = { qr: 'QR', official: 'API' };

const kinds = {
	scheduled: { title: 'Scheduled', again: true },
	menu: { title: 'Bot menu', again: true },
};

const typeNames = {
	TEXT: 'text',
	FILE: 'file',
	IMAGE: 'image',
	AUDIO: 'audio',
	TEMPLATE: 'template',
	MENU: 'menu',
	QUESTION: 'question',
	INFORMATION: 'information',
	DIRECT_TO_MENU: 'direct to menu',
	CREATE_CUSTOMER_SERVICE: 'open customer service',
};

/** Draws the SimplesDesk panel into `root` and keeps it up to date. */
export async function mount(root, base, showLinkState) {
	const control = controlOf(base);
	const modes = await (await fetch(`${base}/modes`)).json();
	let state;
	const selection = { account: 'qr', contact: undefined, draw: () => {} };
	const bar = factsBar(control, settingsDialog(control), factsOf);
	const manager = managerCard(control, selection);
	const phone = phoneCard(control, selection);
	const faults = misbehaviour(control, modes);
	const report = liveLog(control, {
		title: 'Integration report',
		kinds,
		filters: [
			['sent', 'Sent'],
			['failed', 'Failed'],
		],
		filterOf: ({ outcome }) => outcome,
		summaryOf,
		notesOf: ({ reasons }) => reasons,
		verdictOf,
	});
	selection.draw = () => {
		if (!state) return;
		const { contacts } = state;
		selection.contact = contacts.find(({ uid }) => uid === selection.contact?.uid) ?? contacts[0];
		manager.update(state);
		phone.update(state);
	};

	layOut(root, 'simplesdesk', bar, [manager, phone, [faults, report]], NOT_SIMULATED);
	const onState = (now) => {
		state = now;
		bar.update(state);
		faults.update({ failing: state.misbehaving, quiet: 'The next calls are as they should be.' });
		selection.draw();
	};
	const onLog = (news) => {
		report.update(news);
		manager.updateWaiting(news);
	};
	follow(base, showLinkState, onState, onLog);
}

/** Addresses and the secret. */
function factsOf({ webhookUrl, botMenuUrl, secretOn, secretHeader, secret }) {
	return [
		['Scheduled messages call', webhookUrl, 'nothing yet: set the webhook URL'],
		['Bot menus call', botMenuUrl ?? webhookUrl, 'nothing yet'],
		[
			secretOn === 'all' ? `Header ${secretHeader}` : `${secretHeader} (menus only)`,
			secret,
			'not sent: no secret is set',
		],
	];
}

/** The integration's own screens, and what the document leaves open. */
function settingsDialog(control) {
	const webhookUrl = h('input', { type: 'url', placeholder: 'http://127.0.0.1:5678/webhook/…' });
	const botMenuUrl = h('input', { type: 'url', placeholder: 'The same' });
	const secretHeader = h('input', { spellcheck: 'false', autocomplete: 'off', required: true });
	const secret = h('input', { spellcheck: 'false', autocomplete: 'off' });
	const secretOn = choice([
		['all', 'Every call'],
		['bot-menu', 'Bot menus only'],
	]);
	const timeLimit = h('input', { type: 'number', min: 1, max: 600000 });
	const save = () =>
		control('POST', '/settings', {
			webhookUrl: webhookUrl.value,
			botMenuUrl: botMenuUrl.value,
			secretHeader: secretHeader.value,
			secret: secret.value,
			secretOn: secretOn.value,
			timeLimit: Number(timeLimit.value),
		});
	const element = formDialog(
		'Settings',
		'Save',
		save,
		group(
			'Integration',
			field('Webhook URL', webhookUrl, 'The production URL of the SimplesDesk Trigger node.'),
			field('URL of the bot menu', botMenuUrl, 'Empty: bot menus call the webhook URL too.'),
		),
		group(
			'Shared secret',
			pairs(field('Header', secretHeader), field('Text', secret)),
			h('p', { class: 'hint' }, 'Without a text, the header is not sent.'),
		),
		group(
			'What the document leaves open',
			pairs(field('The header goes with', secretOn), field('An answer may take, ms', timeLimit)),
		),
	);
	return {
		element,
		open(state) {
			if (!state) return;
			webhookUrl.value = state.webhookUrl ?? '';
			botMenuUrl.value = state.botMenuUrl ?? '';
			secretHeader.value = state.secretHeader;
			secret.value = state.secret;
			secretOn.value = state.secretOn;
			timeLimit.value = state.timeLimit;
			element.showModal();
		},
	};
}

/** Left: which account sends to whom, what, and when; what waits; what the account can send. */
function managerCard(control, selection) {
	let state;
	const accounts = h(
		'div',
		{ class: 'segments', role: 'group', 'aria-label': 'Account' },
		accountKinds.map(([kind, title]) =>
			h(
				'button',
				{
					type: 'button',
					'data-value': kind,
					onclick: () => {
						selection.account = kind;
						selection.draw();
					},
				},
				title,
			),
		),
	);
	const people = h('div', { class: 'people', role: 'group', 'aria-label': 'Contacts' });
	const payload = h('textarea', { rows: 5, spellcheck: 'false' });
	payload.value = '{\n  "invoice": "1042",\n  "due": "10/12"\n}';
	const when = choice([
		['now', 'Now'],
		['10', 'In 10 seconds'],
		['60', 'In a minute'],
		['at', 'At a time of your own'],
	]);
	const moment = h('input', { type: 'datetime-local', step: 1, 'aria-label': 'Time' });
	moment.hidden = true;
	const submit = h('button', { type: 'submit', class: 'primary' }, 'Send');
	when.addEventListener('change', () => {
		moment.hidden = when.value !== 'at';
		moment.required = when.value === 'at';
		submit.textContent = when.value === 'now' ? 'Send' : 'Schedule';
	});
	const dueTime = () => {
		if (when.value === 'now') return undefined;
		if (when.value === 'at') return new Date(moment.value).toISOString();
		return new Date(Date.now() + Number(when.value) * 1000).toISOString();
	};
	const schedule = async (event) => {
		event.preventDefault();
		let data;
		try {
			data = payload.value.trim() ? JSON.parse(payload.value) : undefined;
		} catch {
			return toast('The payload is not JSON');
		}
		const { account, contact } = selection;
		await control('POST', '/schedule', {
			account,
			contact: contact.uid,
			payload: data,
			at: dueTime(),
		});
	};
	const form = h(
		'form',
		{ class: 'order settings', onsubmit: schedule },
		field('Payload', payload, 'JSON, goes out as “data”. Empty: the request has none.'),
		h('div', { class: 'when' }, h('label', {}, h('span', {}, 'When'), when), moment, submit),
	);
	const waiting = h('ul', { class: 'waiting', 'aria-label': 'Waiting' });
	const about = h('div', { class: 'about' });
	const element = h(
		'section',
		{ class: 'card manager', 'aria-label': 'Scheduled messages' },
		h(
			'div',
			{ class: 'card-head' },
			h('h2', {}, 'Scheduled messages'),
			h('p', {}, 'You are the manager. The answer to the call is what the contact gets.'),
		),
		h(
			'div',
			{ class: 'scroll' },
			h('div', { class: 'choose' }, accounts),
			people,
			form,
			waiting,
			about,
		),
	);

	function drawPeople() {
		keyedList(
			people,
			state.contacts,
			({ uid }) => uid,
			(contact) =>
				choiceButton({
					title: contact.uid,
					content: [h('span', {}, contact.name)],
					choose() {
						selection.contact = contact;
						selection.draw();
					},
					isChosen: ({ uid }) => uid === selection.contact.uid,
				}),
		);
	}

	let calls = new Map();
	return {
		element,
		update(now) {
			state = now;
			for (const button of accounts.children) {
				setAttribute(button, 'aria-pressed', String(button.dataset.value === selection.account));
			}
			drawPeople();
			renderWhen(about, [selection.account, state.templates], () =>
				selection.account === 'qr' ? aboutQr(state.assets) : aboutTemplates(state.templates),
			);
		},
		updateWaiting({ from, entries }) {
			calls = new Map([...calls].filter(([id]) => id >= from));
			for (const call of entries) {
				if (call.outcome === 'waiting') calls.set(call.id, call);
				else calls.delete(call.id);
			}
			const list = [...calls.values()].sort((a, b) => a.due.localeCompare(b.due));
			renderWhen(
				waiting,
				list.map(({ id }) => id),
				() =>
					list.map(({ contact, account, due }) =>
						h(
							'li',
							{},
							h('span', { class: 'chip', 'data-state': 'queued' }, clockTime(due)),
							h('span', {}, contact.name),
							h('small', {}, shortKinds[account]),
						),
					),
			);
		},
	};
}

function aboutQr(assets) {
	return [
		h('h3', {}, 'This account sends'),
		h('p', { class: 'hint' }, 'Text, files, images and audio. No templates. Files to try with:'),
		h(
			'ul',
			{ class: 'asset-list' },
			Object.values(assets).map((asset) => {
				const url = new URL(localAsset(asset), location.href).href;
				return h(
					'li',
					{},
					webLink(url, nameOf(url)),
					copyButton(`the address of ${nameOf(url)}`, () => url),
				);
			}),
		),
	];
}

/** The approved templates and what each asks for. */
function aboutTemplates(templates) {
	const variables = (text = '') => new Set(text.match(/\{\{\d+\}\}/g)).size;
	const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
	return [
		h('h3', {}, 'This account sends these templates'),
		h(
			'ul',
			{ class: 'templates' },
			templates.map(({ name, language, status, header, body, buttons }) =>
				h(
					'li',
					{},
					h(
						'div',
						{},
						h('code', {}, name),
						h('span', { class: 'chip' }, language),
						status !== 'APPROVED' &&
							h('span', { class: 'chip', 'data-state': 'queued' }, status.toLowerCase()),
					),
					h('p', {}, body),
					h(
						'small',
						{},
						[
							header !== undefined && `header ${variables(header)}`,
							`body ${counted(variables(body), 'variable')}`,
							buttons.length > 0 &&
								`${counted(buttons.length, 'button')} (${buttons.map(({ url }) => variables(url)).join(', ')})`,
						]
							.filter(Boolean)
							.join(' · '),
					),
				),
			),
		),
	];
}

/** Middle: the contact's phone, in the chat with the chosen account. */
function phoneCard(control, selection) {
	let state;
	const badge = h('span', { class: 'avatar', 'aria-hidden': 'true' });
	const name = h('strong', {});
	const line = h('small', {});
	const talk = talkArea('On the contact’s phone');
	// Pictures have their height only when they have been loaded.
	let atEnd = true;
	let drawnChat;
	const scrollToEnd = () => {
		if (atEnd) talk.scrollTop = talk.scrollHeight;
	};
	talk.addEventListener('scroll', () => {
		atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40;
	});
	talk.addEventListener('load', scrollToEnd, true);
	const say = (text) =>
		control('POST', `/contacts/${encodeURIComponent(selection.contact.uid)}/say`, {
			account: selection.account,
			text,
		});
	const composer = messageForm('Write as the contact', say);
	const element = h(
		'section',
		{ class: 'card chat handset', 'aria-label': 'Phone' },
		h('div', { class: 'card-head' }, badge, h('div', { class: 'who' }, name, line)),
		talk,
		composer.element,
	);
	return {
		element,
		update(now) {
			state = now;
			const { account, contact } = selection;
			const sender = state.accounts[account];
			if (name.textContent !== sender.name) {
				name.textContent = sender.name;
				badge.textContent = initials(sender.name);
			}
			const owner = `on the phone of ${contact.name}, ${dialled(contact.key)}`;
			if (line.textContent !== owner) line.textContent = owner;
			const chat = `${account}/${contact.uid}`;
			if (drawnChat !== chat) atEnd = true;
			drawnChat = chat;
			drawBubbles(
				talk,
				chat,
				(state.chats[chat] ?? []).map((entry) => ({
					key: `${entry.id}/${entry.at}`,
					side: entry.from === 'contact' ? 'own' : 'other',
					from: entry.from,
					about: aboutEntry(entry),
					content: () => entryContent(entry, say),
				})),
				'Nothing yet. Send a scheduled message, or write “oi” to get the bot’s menu.',
			);
			scrollToEnd();
		},
	};
}

function aboutEntry({ from, at, content }) {
	const time = clockTime(at);
	if (from === 'contact') return time;
	if (from === 'bot') return `Bot · ${time}`;
	const { type, name, language } = content;
	if (type === 'TEMPLATE') return `n8n · template ${name}, ${language} · ${time}`;
	return `n8n · ${typeNames[type]} · ${time}`;
}

function entryContent(entry, say) {
	if (entry.from === 'contact') return h('p', {}, entry.text);
	if (entry.from === 'bot') return [h('p', {}, entry.text), choices(entry.items, say)];
	const { content } = entry;
	switch (content.type) {
		case 'TEXT':
			return h('p', {}, content.text);
		case 'FILE':
			return fileCard(content.url);
		case 'IMAGE':
			return picture(content.url);
		case 'AUDIO':
			return sound(content.url);
		case 'TEMPLATE':
			return template(content);
		case 'DIRECT_TO_MENU':
			return h('p', { class: 'aside' }, 'Sent on to another menu');
		default:
			return botContent(content, say);
	}
}

function botContent({ text, attachments = [], items = [] }, say) {
	const at = (position) =>
		attachments.filter((one) => one.position === position).map((one) => attachment(one));
	return [...at('BEFORE'), h('p', {}, text), choices(items, say), ...at('AFTER')];
}

function attachment({ type, name, url }) {
	if (url.startsWith('data:')) return fileCard(url, name);
	if (type === 'IMAGE') return picture(url, name);
	if (type === 'AUDIO') return sound(url, name);
	return fileCard(url, name);
}

/** The items of a menu, each a button that answers with its number. */
function choices(items, say) {
	if (items.length === 0) return '';
	return h(
		'div',
		{ class: 'choices' },
		items.map(({ number, text }) =>
			h(
				'button',
				{ type: 'button', onclick: () => say(String(number)) },
				h('span', { class: 'number' }, String(number)),
				h('span', {}, text),
			),
		),
	);
}

function fileCard(url, name = nameOf(url)) {
	const extension = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1] ?? 'file';
	const isData = url.startsWith('data:');
	const card = isData ? h('span', {}) : webLink(url, '');
	card.classList.add('file-card');
	card.append(
		h('span', { class: 'file-kind', 'aria-hidden': 'true' }, extension.toUpperCase()),
		h(
			'span',
			{ class: 'file-text' },
			h('strong', {}, name),
			h('small', {}, isData ? 'sent as base64' : hostOf(url)),
		),
	);
	return card;
}

/** A picture from the simulator itself. The page loads nothing from elsewhere: a card stands for it. */
function picture(url, name) {
	const source = localAsset(url);
	if (!source) return fileCard(url, name);
	const image = h('img', { src: source, alt: name ?? nameOf(url), class: 'picture' });
	image.addEventListener('error', () => image.replaceWith(fileCard(url, name)), { once: true });
	return image;
}

function sound(url, name) {
	const source = localAsset(url);
	if (!source) return fileCard(url, name);
	return h('audio', { src: source, controls: true, preload: 'metadata', class: 'sound' });
}

function template({ header, body, footer, buttons }) {
	return [
		h(
			'div',
			{ class: 'template' },
			header !== undefined && h('strong', {}, header),
			h('span', {}, body),
			footer !== undefined && h('small', {}, footer),
		),
		buttons.length > 0 &&
			h(
				'div',
				{ class: 'part-buttons' },
				buttons.map(({ text, url }) =>
					url === undefined ? h('span', {}, text) : webLink(url, text),
				),
			),
	];
}

/** A Brazilian mobile number as people write it; any other as it is. */
function dialled(key) {
	return `+${key}`.replace(/^\+55(\d\d)(\d{5})(\d{4})$/, '+55 $1 $2-$3');
}

/** The simulator's own files, by whichever of its addresses, as this page serves them. */
function localAsset(url) {
	const file =
		/^http:\/\/(?:127\.0\.0\.1|localhost):\d+(?:\/simplesdesk)?\/assets\/([\w.-]+)$/.exec(url)?.[1];
	return file && `/simplesdesk/assets/${file}`;
}

function nameOf(url) {
	try {
		const { pathname, hostname } = new URL(url);
		return decodeURIComponent(pathname.split('/').pop()) || hostname;
	} catch {
		return url;
	}
}

function hostOf(url) {
	try {
		return new URL(url).host;
	} catch {
		return '';
	}
}

/** One line: to whom, from which account, and what came of it. */
function summaryOf({ contact, account, outcome, sent, due, fault }) {
	const parts = [contact.name, shortKinds[account]];
	if (outcome === 'sent') parts.push(types(sent));
	if (outcome === 'waiting') parts.push(`due ${clockTime(due)}`);
	if (fault) parts.push(fault);
	return parts.join(' · ');
}

/** "2 × text, file" */
function types(sent) {
	const counts = new Map();
	for (const type of sent) counts.set(type, (counts.get(type) ?? 0) + 1);
	return [...counts]
		.map(([type, count]) => (count > 1 ? `${count} × ${typeNames[type]}` : typeNames[type]))
		.join(', ');
}

function verdictOf({ outcome }) {
	const tones = { sent: 'good', failed: 'bad' };
	return { text: outcome, tone: tones[outcome] ?? 'open' };
}
