import { card, choiceList, empty, personFacts } from './card.js';
import { clockTime, html, keyed, objectIn } from './dom.js';
import { button, chip } from './element.js';
import { choice, numberField, textField, urlField } from './field.js';
import { onSubmit } from './form.js';
import { talk } from './talk.js';

/** What a connection is doing, and the colour of it. */
const states = {
	starting: { title: 'Starting', tone: 'wait', isAlive: true },
	waiting: { title: 'Waiting', tone: 'wait', isAlive: true },
	pairing: { title: 'Pairing', tone: 'wait', isAlive: true },
	connected: { title: 'Connected', tone: 'good', isAlive: true },
	expired: { title: 'Expired' },
	disconnected: { title: 'Disconnected', tone: 'bad' },
};
const statusTones = { CONNECTED: 'good', NOT_FOUND: '', DISCONNECTED: 'bad' };
const statusChip = (status, words = status) => chip(words, statusTones[status] ?? 'wait');

/** Whose camera may scan. */
const phones = ['5548999910001', '5548999910002', '5511988880003'];

/** The parts of the simulator that can fail by themselves. */
const parts = { api: 'Gateway', status: 'Status', qr: 'QR code' };

/** The bots on the left; the phone that scans and what was sent in the middle. */
export default function lifty(panel) {
	const chosen = { token: undefined, connectionId: undefined, newest: undefined };
	const phone = phoneCard(panel);
	const botOf = ({ bots }) => bots.find(({ token }) => token === chosen.token) ?? bots[0];
	return {
		facts(state) {
			const bot = botOf(state);
			return [
				['Gateway address', state.apiUrl],
				['API key', companyOf(state, bot).apiKey],
				['Bot token', bot.token],
			];
		},
		/** Whether n8n gave away more of a credential than it should. */
		alarm: ({ keysAtSessionUrls: times }) => html`<p role="alert" ?hidden=${times === 0}>
			${chip(`API key sent to a status or QR address × ${times}`, 'bad')}
		</p>`,
		columns(state) {
			const bot = botOf(state);
			const connection = chooseConnection(chosen, bot);
			return [
				botsCard(state, bot, connection, chosen),
				[phone(state, bot, connection), sentCard(state, bot)],
				'',
			];
		},
		parts,
		log: {
			kinds: Object.fromEntries(
				Object.entries(parts).map(([kind, title]) => [kind, { title, filter: kind }]),
			),
			filters: parts,
			summaryOf,
		},
		settings,
		footnote:
			'Not simulated: message webhooks and live chat. The document shows no errors, no answers of pause, ' +
			'resume and stop, and three statuses only: the rest is this simulator’s own.',
	};
}

const companyOf = ({ companies }, { companyId }) => companies.find(({ id }) => id === companyId);

/** The key, and what the document leaves open. */
function settings() {
	const seconds = (label, name) => numberField(label, name, { max: 3600, scale: 1000 });
	const text = (label, name) => textField(label, name, { required: true });
	const address = (label, name) => textField(label, name, { placeholder: 'the real one' });
	const origin = 'Of status and QR addresses, when they are real.';
	return {
		Seconds: [
			seconds('From start to QR code', 'qrReadyAfter'),
			seconds('From scan to connection', 'connectsAfter'),
			seconds('Each picture lasts', 'qrRefreshesEvery'),
			seconds('The QR code expires after', 'qrExpiresAfter'),
		],
		'What the document leaves open': [
			text('Status before the QR code', 'startingStatus'),
			text('Status after the scan', 'pairingStatus'),
			text('Status after expiry', 'expiredStatus'),
			text('Status after the phone hung up', 'droppedStatus'),
			text('Content type of the picture', 'qrContentType'),
			numberField('Every answer takes, ms', 'answerAfter'),
		],
		'Addresses that are handed out': [
			urlField('Origin', 'sessionOrigin', origin, 'this simulator'),
			address('statusURL, whatever it is', 'statusUrl'),
			address('tokenURL, whatever it is', 'tokenUrl'),
		],
		Company: [text('API key', 'apiKey')],
	};
}

/** A person sees the newest connection that is alive, until he chooses another. */
function chooseConnection(chosen, { token, connections }) {
	const newest = `${token} ${connections.at(-1)?.id}`;
	const known = connections.find(({ id }) => id === chosen.connectionId);
	const best = connections.findLast(({ state }) => states[state].isAlive) ?? connections.at(-1);
	const connection = chosen.newest === newest ? (known ?? best) : best;
	Object.assign(chosen, { newest, connectionId: connection?.id });
	return connection;
}

/** Left: the bots, and what became of the chosen one. */
function botsCard(state, bot, connection, chosen) {
	const { token, name, status, starts, counts, connections, paused } = bot;
	const list = choiceList('Bots', 'list', state.bots, {
		key: (one) => one.token,
		title: (one) => one.token,
		isChosen: (one) => one === bot,
		choose: (one) => (chosen.token = one.token),
		content: (one) => html`<strong class="cut">${one.name}</strong>${statusChip(one.status)}`,
	});
	const connectionList = choiceList('Connections', 'items', [...connections].reverse(), {
		key: ({ id, startedAt }) => `${token} ${id} ${startedAt}`,
		isChosen: (one) => one === connection,
		choose: ({ id }) => (chosen.connectionId = id),
		content: ({ id, phone, startedAt, state: now }) => html`<span class="row line">
			<strong>#${id}</strong>
			<small class="cut grow">${phone ? phoneText(phone) : `started ${clockTime(startedAt)}`}</small>
			${chip(states[now].title, states[now].tone)}
		</span>`,
	});
	const hint = (words) => html`<span class="hint">${words}</span>`;
	const head = html`<header class="pad below">
		<div class="row">
			<h3 class="cut">${name}</h3>
			${statusChip(status, status || '(empty)')}
			${counts.parallel > 1 ? chip(`${counts.parallel} in parallel`, 'bad') : ''}
		</div>
		<small>${companyOf(state, bot).name}</small>
		${personFacts([
			['Starts', String(starts)],
			['Alive', String(counts.parallel)],
			['Dead', String(counts.inactive)],
			['Status reads', String(counts.statusReads)],
			['QR reads', String(counts.qrReads)],
		])}
	</header>`;
	const pausedChips = paused.map((number) => chip(phoneText(number)));
	return card(
		'Bots',
		{ kind: 'desk', about: 'Each startWhatsapp makes a connection more.' },
		html`<div class="split">
			${list}
			<div class="detail">
				${head}
				<div class="pad items">
					<h4>Connections</h4>
					${connections.length > 0 ? connectionList : hint('None yet: “Connect” in n8n makes one.')}
					<h4>Paused numbers</h4>
					<div class="row" role="group" aria-label="Paused numbers">
						${paused.length > 0 ? pausedChips : hint('None: the bot replies to everybody.')}
					</div>
				</div>
			</div>
		</div>`,
	);
}

/** Middle: the picture on somebody's screen, and the phone before it. */
function phoneCard({ control, base, draw }) {
	/** By how much the simulator's clock is ahead of the page's. */
	let clockAhead = 0;
	let state;
	let bot;
	let connection;
	const act = (action, body) =>
		control('POST', `/bots/${encodeURIComponent(bot.token)}/${action}`, {
			...(connection && { connectionId: connection.id }),
			...body,
		});
	const start = (title) => button(title, () => act('start'), { kind: 'primary' });
	const drop = () => button('Disconnect on the phone', () => act('drop'));
	const again = () => start('Start again');

	const scenes = {
		none: () => notice('–', 'No connection', 'Nobody has called startWhatsapp for this bot.'),
		starting: () =>
			notice('…', 'Starting', 'The picture has an address already, but is not there yet.', 'wait'),
		waiting: qrScene,
		pairing: () => notice('…', 'Pairing', phoneText(connection.phone), 'wait'),
		connected: () => notice('✓', 'Connected', phoneText(connection.phone), 'good'),
		expired: () =>
			notice(
				'✕',
				'QR code expired',
				'Nobody scanned it in time. startWhatsapp gives a new one.',
				'bad',
			),
		disconnected: () =>
			notice('✕', 'Disconnected', `The phone ${phoneText(connection.phone)} hung up.`, 'bad'),
	};
	const controls = {
		none: () => [
			start('Start a connection'),
			html`<p class="hint">as Lifty’s own screen would</p>`,
		],
		starting: () => button('Scan QR code', undefined, { kind: 'primary', disabled: true }),
		waiting: () => [
			html`<form class="row line" @submit=${onSubmit((values) => act('scan', values))}>
				${choice(
					'phone',
					phones.map((digits) => [digits, phoneText(digits)]),
					{ label: 'Phone' },
				)}
				<button type="submit" class="primary">Scan QR code</button>
			</form>`,
			button('Expire now', () => act('expire')),
		],
		pairing: drop,
		connected: drop,
		expired: again,
		disconnected: again,
	};

	/** The seconds run on the page; pictures and states come from the simulator. */
	function qrScene() {
		const { number, refreshesAt, expiresAt } = connection.qr;
		const secondsTo = (time) => Math.ceil((Date.parse(time) - Date.now() - clockAhead) / 1000);
		const left = Math.max(0, secondsTo(expiresAt));
		const isLast = Date.parse(refreshesAt) >= Date.parse(expiresAt);
		const next = isLast
			? ', the last one'
			: ` · the next one in ${Math.max(0, secondsTo(refreshesAt))} s`;
		const path = `${base}/bots/${encodeURIComponent(bot.token)}/connections/${connection.id}/qr`;
		// The number is for the browser: each picture is another address.
		return html`<img class="qr" src="${path}?picture=${number}" alt="QR code, picture ${number}"
				width="294" height="294" />
			<meter min="0" max=${state.qrExpiresAfter / 1000} low="10" .value=${left}
				aria-label="Time left to scan"></meter>
			<strong>${left} s left to scan</strong>
			<small>Picture ${number}${next}</small>`;
	}
	setInterval(() => connection?.state === 'waiting' && draw(), 250);

	return (now, chosenBot, chosenConnection) => {
		if (state !== now) clockAhead = Date.parse(now.now) - Date.now();
		[state, bot, connection] = [now, chosenBot, chosenConnection];
		const scene = connection?.state ?? 'none';
		return card(
			'Phone',
			{
				kind: 'phone',
				about: connection ? `${bot.name}, connection #${connection.id}` : bot.name,
			},
			html`<div class="stage pad">${scenes[scene]()}</div>`,
			html`<div class="decision row pad above">
				${keyed(`${bot.token} ${connection?.id} ${scene}`, html`${controls[scene]()}`)}
			</div>`,
		);
	};
}

function notice(mark, title, text, tone = '') {
	return html`<span class="mark" data-tone=${tone} aria-hidden="true">${mark}</span>
		<strong>${title}</strong>
		<p class="hint">${text}</p>`;
}

/** Middle, below: what the two sends were given. */
function sentCard({ messages, bots }, { companyId }) {
	const items = messages
		.filter((one) => one.companyId === companyId)
		.map(({ id, at, kind, text, parameters, to, botToken, status }) => {
			const way =
				kind === 'template'
					? 'template'
					: `by ${bots.find(({ token }) => token === botToken)?.name}`;
			return {
				key: `${id} ${at}`,
				side: 'own',
				from: 'n8n',
				outcome: status === 'FAILED' ? 'failed' : '',
				content: html`<p>${kind === 'direct' ? text : filledIn(text, parameters)}</p>`,
				about: `${clockTime(at)} to ${phoneText(to)}, ${way} · ${status}`,
			};
		});
	const none = empty('Direct messages need a bot that is connected.', 'Nothing sent yet.');
	return card('Sent messages', { kind: 'sent' }, talk('Messages', companyId, items, none));
}

/** A template's name and what fills it. */
function filledIn(name, parameters) {
	const values = parameters.map((one) =>
		typeof one.text === 'string' ? one.text : JSON.stringify(one),
	);
	return values.length === 0 ? name : `${name} (${values.join(', ')})`;
}

/** +55 48 99991-0001; a number that is not from Brazil stays as it is. */
function phoneText(digits) {
	const [, area, head, tail] = /^55(\d\d)(\d{4,5})(\d{4})$/.exec(digits) ?? [];
	return area ? `+55 ${area} ${head}-${tail}` : `+${digits}`;
}

/** The line of a log entry. */
function summaryOf({ kind, method, path, fault, leaksKey, answer }) {
	const spoilt = fault ? ` · ${fault}` : '';
	const [pathname, query = ''] = path.split('?');
	const parameters = new URLSearchParams(query);
	if (kind === 'api') {
		const [, , , bot, ...action] = pathname.split('/');
		const options = parameters.get('options');
		if (method !== 'GET') return `${bot}${spoilt}`;
		return `${action.join('/')}${options ? `?options=${options}` : ''} · ${bot}${spoilt}`;
	}
	const session = (parameters.get('session') ?? '?').replace('/', ' #');
	const result = kind === 'status' && objectIn(answer?.body).result;
	return [leaksKey && 'carried a key', result, session].filter(Boolean).join(' · ') + spoilt;
}
