import { card, choiceList, empty } from './card.js';
import { clockTime, html, toast } from './dom.js';
import { button, chip, copyButton, nameWith, webLink } from './element.js';
import { choiceField, field, numberField, textField, urlField } from './field.js';
import { onSubmit } from './form.js';
import { composer, talk } from './talk.js';

const accounts = [
	{ kind: 'qr', title: 'QR code account', short: 'QR' },
	{ kind: 'official', title: 'Official API account', short: 'API' },
];
const shortOf = (account) => accounts.find(({ kind }) => kind === account).short;

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

const moments = [
	['now', 'Now'],
	['10', 'In 10 seconds'],
	['60', 'In a minute'],
	['at', 'At a time of your own'],
];
const PAYLOAD = '{\n  "invoice": "1042",\n  "due": "10/12"\n}';

/** What the manager schedules on the left, the contact's phone in the middle. */
export default function simplesDesk(panel) {
	const chosen = { account: 'qr', uid: undefined };
	const manager = managerCard(panel, chosen);
	const phone = phoneCard(panel);
	return {
		facts: ({ webhookUrl, botMenuUrl, secretOn, secretHeader, secret }) => [
			['Scheduled messages call', webhookUrl, 'nothing yet: set the webhook URL'],
			['Bot menus call', botMenuUrl ?? webhookUrl, 'nothing yet'],
			[
				secretOn === 'all' ? `Header ${secretHeader}` : `${secretHeader} (menus only)`,
				secret,
				'not sent: no secret is set',
			],
		],
		settings,
		columns(state, calls) {
			const contact = state.contacts.find(({ uid }) => uid === chosen.uid) ?? state.contacts[0];
			return [manager(state, contact, calls), phone(state, chosen.account, contact), ''];
		},
		failing: ({ misbehaving }) => ({
			failing: misbehaving,
			quiet: 'The next calls are as they should be.',
		}),
		log: {
			title: 'Integration report',
			kinds: {
				scheduled: { title: 'Scheduled', again: true },
				menu: { title: 'Bot menu', again: true },
			},
			filters: { sent: 'Sent', failed: 'Failed' },
			filterOf: ({ outcome }) => outcome,
			summaryOf,
			notesOf: ({ reasons }) => reasons,
			verdictOf: ({ outcome }) => ({
				text: outcome,
				tone: { sent: 'good', failed: 'bad' }[outcome] ?? 'open',
			}),
		},
		footnote:
			'Not simulated: retries, WhatsApp’s own limits, the Smart 2.0 API. The document says nothing of ' +
			'status, content type and time limit: 200, application/json and the limit are this simulator’s own.',
	};
}

/** The integration's own screens, and what the document leaves open. */
function settings() {
	return {
		Integration: [
			urlField('Webhook URL', 'webhookUrl', 'The production URL of the SimplesDesk Trigger node.'),
			urlField(
				'URL of the bot menu',
				'botMenuUrl',
				'Empty: bot menus call the webhook URL too.',
				'The same',
			),
		],
		'Shared secret': [
			textField('Header', 'secretHeader', { required: true }),
			textField('Text', 'secret'),
			html`<p class="hint wide">Without a text, the header is not sent.</p>`,
		],
		'What the document leaves open': [
			choiceField('The header goes with', 'secretOn', {
				all: 'Every call',
				'bot-menu': 'Bot menus only',
			}),
			numberField('An answer may take, ms', 'timeLimit', { min: 1 }),
		],
	};
}

/** Left: which account sends to whom, what, and when; what waits; what the account can send. */
function managerCard({ control }, chosen) {
	let when = 'now';
	let contact;
	const chooseTime = ({ target }) => (when = target.value);
	const dueTime = (moment) => {
		if (when === 'now') return undefined;
		return when === 'at'
			? new Date(moment).toISOString()
			: new Date(Date.now() + Number(when) * 1000).toISOString();
	};
	const schedule = onSubmit(async ({ payload, moment }) => {
		let data;
		try {
			data = payload.trim() ? JSON.parse(payload) : undefined;
		} catch {
			return toast('The payload is not JSON');
		}
		await control('POST', '/schedule', {
			account: chosen.account,
			contact: contact.uid,
			payload: data,
			at: dueTime(moment),
		});
	});
	const form = () => html`<form class="fields pad below" @submit=${schedule}>
		${field(
			'Payload',
			html`<textarea name="payload" rows="5" spellcheck="false" .value=${PAYLOAD}></textarea>`,
			'JSON, goes out as “data”. Empty: the request has none.',
		)}
		<div @change=${chooseTime}>${choiceField('When', 'when', moments)}</div>
		<input type="datetime-local" name="moment" step="1" aria-label="Time"
			?hidden=${when !== 'at'} ?required=${when === 'at'} />
		<button type="submit" class="primary">${when === 'now' ? 'Send' : 'Schedule'}</button>
	</form>`;

	function waiting(calls) {
		const due = calls
			.filter(({ outcome }) => outcome === 'waiting')
			.sort((a, b) => a.due.localeCompare(b.due));
		const row = (call) => html`<li class="row">
			${chip(clockTime(call.due), 'wait')} ${call.contact.name}
			<small class="push">${shortOf(call.account)}</small>
		</li>`;
		return html`<ul class="items pad below" aria-label="Waiting" ?hidden=${due.length === 0}>
			${due.map(row)}
		</ul>`;
	}

	return ({ contacts, assets, templates }, chosenContact, calls) => {
		contact = chosenContact;
		const { account } = chosen;
		return card(
			'Scheduled messages',
			{
				kind: 'manager',
				about: 'You are the manager. The answer to the call is what the contact gets.',
			},
			html`<div class="pad below">
				${choiceList('Account', 'segments', accounts, {
					key: ({ kind }) => kind,
					isChosen: ({ kind }) => kind === account,
					choose: ({ kind }) => (chosen.account = kind),
					content: ({ title }) => title,
				})}
			</div>`,
			choiceList('Contacts', 'people row pad below', contacts, {
				key: ({ uid }) => uid,
				title: ({ uid }) => uid,
				isChosen: (one) => one === contact,
				choose: ({ uid }) => (chosen.uid = uid),
				content: ({ name }) => name,
			}),
			form(),
			waiting(calls),
			html`<div class="pad items">${account === 'qr' ? aboutQr(assets) : aboutTemplates(templates)}</div>`,
		);
	};
}

function aboutQr(assets) {
	const row = (asset) => {
		const url = new URL(localAsset(asset), location.href).href;
		const name = nameOf(url);
		return html`<li class="row">${webLink(url, name)}${copyButton(`the address of ${name}`, url)}</li>`;
	};
	return html`<h4>This account sends</h4>
		<p class="hint">Text, files, images and audio. No templates. Files to try with:</p>
		<ul>${Object.values(assets).map(row)}</ul>`;
}

/** The approved templates and what each asks for. */
function aboutTemplates(templates) {
	const variables = (text = '') => new Set(text.match(/\{\{\d+\}\}/g)).size;
	const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
	const asks = ({ header, body, buttons }) => [
		header !== undefined && `header ${variables(header)}`,
		`body ${counted(variables(body), 'variable')}`,
		buttons.length > 0 &&
			`${counted(buttons.length, 'button')} (${buttons.map(({ url }) => variables(url)).join(', ')})`,
	];
	const row = (template) => html`<div>
		<div class="row">
			<code>${template.name}</code>${chip(template.language)}
			${template.status === 'APPROVED' ? '' : chip(template.status.toLowerCase(), 'wait')}
		</div>
		<p>${template.body}</p>
		<small>${asks(template).filter(Boolean).join(' · ')}</small>
	</div>`;
	return html`<h4>This account sends these templates</h4>${templates.map(row)}`;
}

/** Middle: the contact's phone, in the chat with the chosen account. */
function phoneCard({ control, draw }) {
	const unreadable = new Set();
	let account;
	let contact;
	const say = (text) =>
		control('POST', `/contacts/${encodeURIComponent(contact.uid)}/say`, { account, text });

	/** A picture from the simulator itself. The page loads nothing from elsewhere: a card stands for it. */
	function picture(url, name = nameOf(url)) {
		const source = localAsset(url);
		if (!source || unreadable.has(url)) return fileCard(url, name);
		const giveUp = () => {
			unreadable.add(url);
			draw();
		};
		return html`<img class="picture" src=${source} alt=${name} @error=${giveUp} />`;
	}

	function attachment({ type, name, url }) {
		if (url.startsWith('data:')) return fileCard(url, name);
		if (type === 'IMAGE') return picture(url, name);
		return type === 'AUDIO' ? sound(url, name) : fileCard(url, name);
	}

	/** The items of a menu, each a button that answers with its number. */
	const menu = (items) => html`<div class="items">
		${items.map(({ number, text }) => button(html`${chip(number)} ${text}`, () => say(String(number))))}
	</div>`;

	function botContent({ text, attachments = [], items = [] }) {
		const at = (position) => attachments.filter((one) => one.position === position).map(attachment);
		return [at('BEFORE'), html`<p>${text}</p>`, menu(items), at('AFTER')];
	}

	function contentOf({ from, text, items, content }) {
		if (from === 'contact') return html`<p>${text}</p>`;
		if (from === 'bot') return botContent({ text, items });
		switch (content.type) {
			case 'FILE':
				return fileCard(content.url);
			case 'IMAGE':
				return picture(content.url);
			case 'AUDIO':
				return sound(content.url);
			case 'TEMPLATE':
				return template(content);
			case 'DIRECT_TO_MENU':
				return html`<p class="aside">Sent on to another menu</p>`;
			default:
				return botContent(content);
		}
	}

	return ({ accounts: senders, chats }, chosenAccount, chosenContact) => {
		account = chosenAccount;
		contact = chosenContact;
		const { name } = senders[account];
		const chat = `${account}/${contact.uid}`;
		const items = (chats[chat] ?? []).map((entry) => ({
			key: `${entry.id}/${entry.at}`,
			side: entry.from === 'contact' ? 'own' : 'other',
			from: entry.from,
			content: contentOf(entry),
			about: aboutEntry(entry),
		}));
		const owner = `on the phone of ${contact.name}, ${dialled(contact.key)}`;
		const none = 'Nothing yet. Send a scheduled message, or write “oi” to get the bot’s menu.';
		return card(
			'Phone',
			{ kind: 'chat handset', heading: nameWith(name, owner) },
			talk('On the contact’s phone', chat, items, empty(none)),
			composer('Write as the contact', say),
		);
	};
}

function aboutEntry({ from, at, content }) {
	const time = clockTime(at);
	if (from === 'contact') return time;
	if (from === 'bot') return `Bot · ${time}`;
	const { type, name, language } = content;
	return `n8n · ${type === 'TEMPLATE' ? `template ${name}, ${language}` : typeNames[type]} · ${time}`;
}

function fileCard(url, name = nameOf(url)) {
	const extension = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1] ?? 'file';
	const isData = url.startsWith('data:');
	const content = html`${chip(extension.toUpperCase())}
		${nameWith(name, isData ? 'sent as base64' : hostOf(url))}`;
	return isData
		? html`<span class="box row line">${content}</span>`
		: webLink(url, content, 'box row line');
}

function sound(url, name) {
	const source = localAsset(url);
	if (!source) return fileCard(url, name);
	return html`<audio class="sound" src=${source} controls preload="metadata"></audio>`;
}

function template({ header, body, footer, buttons }) {
	return html`<div class="box items">
			${header && html`<strong>${header}</strong>`} <span>${body}</span>
			${footer && html`<small>${footer}</small>`}
		</div>
		<div class="row links">
			${buttons.map(({ text, url }) => (url ? webLink(url, text) : html`<span>${text}</span>`))}
		</div>`;
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
	const parts = [contact.name, shortOf(account)];
	if (outcome === 'sent') parts.push(typesOf(sent));
	if (outcome === 'waiting') parts.push(`due ${clockTime(due)}`);
	if (fault) parts.push(fault);
	return parts.join(' · ');
}

/** "2 × text, file" */
function typesOf(sent) {
	const counts = new Map();
	for (const type of sent) counts.set(type, (counts.get(type) ?? 0) + 1);
	return [...counts]
		.map(([type, count]) => `${count > 1 ? `${count} × ` : ''}${typeNames[type]}`)
		.join(', ');
}
