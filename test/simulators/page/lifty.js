import { clockTime, controlOf, h, keyedList, renderWhen, stickToEnd } from './dom.js';
import {
	choiceButton,
	factsBar,
	field,
	follow,
	formDialog,
	group,
	layOut,
	liveLog,
	misbehaviour,
	objectIn,
	pairs,
	personFacts,
	talkArea,
} from './panel.js';

const NOT_SIMULATED =
	'Not simulated: message webhooks and live chat. The document shows no errors, no answers of pause, ' +
	'resume and stop, and three statuses only: the rest is this simulator’s own.';

/** What a connection is doing, and the colour of it. */
const states = {
	starting: ['Starting', 'queued'],
	waiting: ['Waiting', 'queued'],
	pairing: ['Pairing', 'queued'],
	connected: ['Connected', 'accepted'],
	expired: ['Expired', 'finished'],
	disconnected: ['Disconnected', 'unavailable'],
};
const alive = ['starting', 'waiting', 'pairing', 'connected'];

const statusTones = { CONNECTED: 'accepted', NOT_FOUND: 'finished', DISCONNECTED: 'unavailable' };
const toneOf = (status) => statusTones[status] ?? 'queued';

/** Whose camera may scan. */
const phones = ['5548999910001', '5548999910002', '5511988880003'];

const kinds = {
	api: { title: 'Gateway', filter: 'api' },
	status: { title: 'Status', filter: 'status' },
	qr: { title: 'QR code', filter: 'qr' },
};
const parts = [
	['api', 'Gateway'],
	['status', 'Status'],
	['qr', 'QR code'],
];

/** Draws the Lifty panel into `root` and keeps it up to date. */
export async function mount(root, base, showLinkState) {
	const control = controlOf(base);
	const modes = await (await fetch(`${base}/modes`)).json();
	let state;
	const selection = { bot: undefined, connectionId: undefined, draw: () => {} };
	const bar = liftyBar(control, selection);
	const bots = botsCard(selection);
	const phone = phoneCard(control, base, selection);
	const messages = messagesCard(selection);
	const faults = misbehaviour(control, modes, parts);
	const log = liveLog(control, { kinds, filters: parts, summaryOf });
	selection.draw = () => {
		if (!state) return;
		selection.bot = state.bots.find(({ token }) => token === selection.bot?.token) ?? state.bots[0];
		for (const part of [bar, bots, phone, messages]) part.update(state);
	};

	const stack = { element: h('div', { class: 'stack' }, phone.element, messages.element) };
	layOut(root, 'lifty', bar, [bots, stack, [faults, log]], NOT_SIMULATED);
	const onState = (now) => {
		state = now;
		faults.update(state);
		selection.draw();
	};
	follow(base, showLinkState, onState, log.update);
}

/** What a credential needs on top, and whether n8n gave away more of it than it should. */
function liftyBar(control, selection) {
	const leak = h('p', { class: 'chip', 'data-state': 'fault', role: 'alert', hidden: true });
	const factsOf = ({ apiUrl, companies }) => {
		const { bot } = selection;
		return [
			['Gateway address', apiUrl],
			['API key', companies.find(({ id }) => id === bot.companyId).apiKey],
			['Bot token', bot.token],
		];
	};
	const bar = factsBar(control, settingsDialog(control), factsOf, leak);
	return {
		element: bar.element,
		update(state) {
			bar.update(state);
			leak.hidden = state.keysAtSessionUrls === 0;
			const text = `API key sent to a status or QR address × ${state.keysAtSessionUrls}`;
			if (leak.textContent !== text) leak.textContent = text;
		},
	};
}

/** Left: the bots, and what became of the chosen one. */
function botsCard(selection) {
	let state;
	const list = h('div', { class: 'queue', role: 'group', 'aria-label': 'Bots' });
	const head = h('div', { class: 'detail-head' });
	const connections = h('div', {
		class: 'connections',
		role: 'group',
		'aria-label': 'Connections',
	});
	const none = h('p', { class: 'hint' }, 'None yet: “Connect” in n8n makes one.');
	const paused = h('div', { class: 'chips', role: 'group', 'aria-label': 'Paused numbers' });
	const element = h(
		'section',
		{ class: 'card agents', 'aria-label': 'Bots' },
		h(
			'div',
			{ class: 'card-head' },
			h('h2', {}, 'Bots'),
			h('p', {}, 'Each startWhatsapp makes a connection more.'),
		),
		h(
			'div',
			{ class: 'split' },
			list,
			h(
				'div',
				{ class: 'detail' },
				head,
				h(
					'div',
					{ class: 'detail-body' },
					h('h4', {}, 'Connections'),
					none,
					connections,
					h('h4', {}, 'Paused numbers'),
					paused,
				),
			),
		),
	);

	function drawBots() {
		keyedList(
			list,
			state.bots,
			({ token }) => token,
			({ token, name }) => {
				const status = h('span', { class: 'chip' });
				return choiceButton({
					title: token,
					content: [h('strong', {}, name), status],
					choose() {
						selection.bot = { token };
						selection.draw();
					},
					isChosen: (now) => now.token === selection.bot.token,
					update(now) {
						status.textContent = now.status;
						status.dataset.state = toneOf(now.status);
					},
				});
			},
		);
	}

	function drawHead() {
		const { token, name, status, companyId, starts, counts } = selection.bot;
		const company = state.companies.find(({ id }) => id === companyId).name;
		renderWhen(head, [token, status, starts, counts], () => [
			h(
				'div',
				{ class: 'detail-title' },
				h('h3', {}, name),
				h('span', { class: 'chip', 'data-state': toneOf(status) }, status || '(empty)'),
				counts.parallel > 1 &&
					h('span', { class: 'chip', 'data-state': 'fault' }, `${counts.parallel} in parallel`),
			),
			h('small', {}, company),
			personFacts([
				['Starts', String(starts)],
				['Alive', String(counts.parallel)],
				['Dead', String(counts.inactive)],
				['Status reads', String(counts.statusReads)],
				['QR reads', String(counts.qrReads)],
			]),
		]);
	}

	function drawConnections() {
		const own = [...selection.bot.connections].reverse();
		none.hidden = own.length > 0;
		keyedList(
			connections,
			own,
			({ id, startedAt }) => `${selection.bot.token} ${id} ${startedAt}`,
			({ id, startedAt }) => {
				const about = h('small', {});
				const chip = h('span', { class: 'chip' });
				return choiceButton({
					content: [h('strong', {}, `#${id}`), about, chip],
					choose() {
						selection.connectionId = id;
						selection.draw();
					},
					isChosen: (now) => now.id === selection.connectionId,
					update(now) {
						const [title, tone] = states[now.state];
						about.textContent = now.phone
							? phoneText(now.phone)
							: `started ${clockTime(startedAt)}`;
						chip.textContent = title;
						chip.dataset.state = tone;
					},
				});
			},
		);
	}

	return {
		element,
		update(now) {
			state = now;
			chooseConnection(selection);
			drawBots();
			drawHead();
			drawConnections();
			const { paused: numbers } = selection.bot;
			renderWhen(paused, numbers, () =>
				numbers.length === 0
					? h('span', { class: 'hint' }, 'None: the bot replies to everybody.')
					: numbers.map((number) => h('span', { class: 'chip' }, phoneText(number))),
			);
		},
	};
}

/** A person sees the newest connection that is alive, until he chooses another. */
function chooseConnection(selection) {
	const { token, connections } = selection.bot;
	const best = connections.findLast(({ state }) => alive.includes(state)) ?? connections.at(-1);
	const newest = `${token} ${connections.at(-1)?.id}`;
	const isThere = connections.some(({ id }) => id === selection.connectionId);
	if (selection.newest !== newest || !isThere) selection.connectionId = best?.id;
	selection.newest = newest;
}

/** Middle: the picture on somebody's screen, and the phone before it. */
function phoneCard(control, base, selection) {
	let clockAhead = 0;
	let connection;
	const stage = h('div', { class: 'stage' });
	const number = h(
		'select',
		{ 'aria-label': 'Phone' },
		phones.map((value) => h('option', { value }, phoneText(value))),
	);
	const act = (action, body = {}) =>
		control('POST', `/bots/${encodeURIComponent(selection.bot.token)}/${action}`, {
			...(connection && { connectionId: connection.id }),
			...body,
		});
	const actions = h('div', { class: 'decision' });
	const about = h('p', {});
	const element = h(
		'section',
		{ class: 'card phone', 'aria-label': 'Phone' },
		h('div', { class: 'card-head' }, h('h2', {}, 'Phone'), about),
		stage,
		actions,
	);

	const startButton = (title) =>
		h('button', { type: 'button', class: 'primary', onclick: () => act('start') }, title);

	const scenes = {
		none: () => notice('–', 'No connection', 'Nobody has called startWhatsapp for this bot.'),
		starting: () =>
			notice('…', 'Starting', 'The picture has an address already, but is not there yet.', 'wait'),
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
		waiting: () => {
			const { id, qr } = connection;
			const token = encodeURIComponent(selection.bot.token);
			return [
				h('img', {
					class: 'qr',
					// The number is for the browser: each picture is another address.
					src: `${base}/bots/${token}/connections/${id}/qr?picture=${qr.number}`,
					alt: `QR code, picture ${qr.number}`,
					width: 294,
					height: 294,
				}),
				h('meter', { min: 0, max: 60, low: 10, 'aria-label': 'Time left to scan' }),
				h('p', { class: 'countdown' }, h('strong', {}), h('small', {})),
			];
		},
	};
	const controls = {
		none: () => [startButton('Start a connection'), h('p', {}, 'as Lifty’s own screen would')],
		expired: () => [startButton('Start again')],
		disconnected: () => [startButton('Start again')],
		starting: () => [
			h('button', { type: 'button', class: 'primary', disabled: true }, 'Scan QR code'),
		],
		waiting: () => [
			number,
			h(
				'button',
				{
					type: 'button',
					class: 'primary',
					onclick: () => act('scan', { phone: number.value }),
				},
				'Scan QR code',
			),
			h('button', { type: 'button', onclick: () => act('expire') }, 'Expire now'),
		],
		pairing: () => [
			h('button', { type: 'button', onclick: () => act('drop') }, 'Disconnect on the phone'),
		],
		connected: () => [
			h('button', { type: 'button', onclick: () => act('drop') }, 'Disconnect on the phone'),
		],
	};

	/** The seconds run on the page; pictures and states come from the simulator. */
	function tick() {
		if (connection?.state !== 'waiting') return;
		const { number: picture, refreshesAt, expiresAt } = connection.qr;
		const left = (time) =>
			Math.max(0, Math.ceil((Date.parse(time) - (Date.now() + clockAhead)) / 1000));
		const meter = stage.querySelector('meter');
		const [title, detail] = stage.querySelector('.countdown').children;
		meter.value = left(expiresAt);
		title.textContent = `${left(expiresAt)} s left to scan`;
		const isLast = Date.parse(refreshesAt) >= Date.parse(expiresAt);
		detail.textContent = isLast
			? `Picture ${picture}, the last one`
			: `Picture ${picture} · the next one in ${left(refreshesAt)} s`;
	}
	setInterval(tick, 250);

	return {
		element,
		update(now) {
			const { bot, connectionId } = selection;
			clockAhead = Date.parse(now.now) - Date.now();
			connection = bot.connections.find(({ id }) => id === connectionId);
			const scene = connection?.state ?? 'none';
			const whose = connection ? `${bot.name}, connection #${connection.id}` : bot.name;
			if (about.textContent !== whose) about.textContent = whose;
			const picture = connection?.qr?.number;
			renderWhen(stage, [bot.token, connectionId, scene, picture, connection?.phone], () =>
				scenes[scene](),
			);
			renderWhen(actions, [bot.token, connectionId, scene], () => controls[scene]());
			const meter = stage.querySelector('meter');
			if (meter) meter.max = now.qrExpiresAfter / 1000;
			tick();
		},
	};
}

function notice(mark, title, text, tone) {
	return h(
		'div',
		{ class: 'notice', 'data-tone': tone },
		h('span', { class: 'mark', 'aria-hidden': 'true' }, mark),
		h('strong', {}, title),
		h('p', {}, text),
	);
}

/** Middle, below: what the two sends were given. */
function messagesCard(selection) {
	const list = talkArea('Messages');
	const empty = h(
		'div',
		{ class: 'empty' },
		h('p', {}, h('strong', {}, 'Nothing sent yet.')),
		h('p', {}, 'Direct messages need a bot that is connected.'),
	);
	const element = h(
		'section',
		{ class: 'card sent', 'aria-label': 'Sent messages' },
		h('div', { class: 'card-head' }, h('h2', {}, 'Sent messages')),
		empty,
		list,
	);
	return {
		element,
		update({ messages, bots }) {
			const own = messages.filter(({ companyId }) => companyId === selection.bot.companyId);
			empty.hidden = own.length > 0;
			list.hidden = own.length === 0;
			stickToEnd(list, () =>
				keyedList(
					list,
					own,
					({ id, at }) => `${id} ${at}`,
					(message) => {
						const bot = bots.find(({ token }) => token === message.botToken)?.name;
						const kind = message.kind === 'template' ? 'template' : `by ${bot}`;
						return {
							element: h(
								'div',
								{
									class: 'bubble',
									'data-side': 'own',
									'data-outcome': message.status === 'FAILED' ? 'failed' : '',
								},
								h('p', {}, textOf(message)),
								h(
									'small',
									{},
									`${clockTime(message.at)} to ${phoneText(message.to)}, ${kind} · ${message.status}`,
								),
							),
						};
					},
				),
			);
		},
	};
}

/** A template shows its name and what fills it. */
function textOf({ kind, text, parameters }) {
	if (kind === 'direct') return text;
	const values = parameters.map((one) =>
		typeof one.text === 'string' ? one.text : JSON.stringify(one),
	);
	return values.length === 0 ? text : `${text} (${values.join(', ')})`;
}

/** The key, and what the document leaves open. */
function settingsDialog(control) {
	const inputs = {
		apiKey: h('input', { required: true, spellcheck: 'false', autocomplete: 'off' }),
		startingStatus: h('input', { required: true, spellcheck: 'false' }),
		pairingStatus: h('input', { required: true, spellcheck: 'false' }),
		expiredStatus: h('input', { required: true, spellcheck: 'false' }),
		droppedStatus: h('input', { required: true, spellcheck: 'false' }),
		qrContentType: h('input', { required: true, spellcheck: 'false' }),
		sessionOrigin: h('input', { type: 'url', placeholder: 'this simulator' }),
		statusUrl: h('input', { placeholder: 'the real one', spellcheck: 'false' }),
		tokenUrl: h('input', { placeholder: 'the real one', spellcheck: 'false' }),
	};
	const seconds = Object.fromEntries(
		['qrReadyAfter', 'qrRefreshesEvery', 'qrExpiresAfter', 'connectsAfter'].map((name) => [
			name,
			h('input', { type: 'number', min: 0, max: 3600, step: 'any', required: true }),
		]),
	);
	const answerAfter = h('input', { type: 'number', min: 0, max: 600000, value: 0 });
	const save = () => {
		const of = (fields, read) =>
			Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, read(value)]));
		return control('POST', '/settings', {
			...of(inputs, (value) => value),
			...of(seconds, (value) => Number(value) * 1000),
			answerAfter: Number(answerAfter.value),
		});
	};
	const element = formDialog(
		'Settings',
		'Save',
		save,
		group(
			'Seconds',
			pairs(
				field('From start to QR code', seconds.qrReadyAfter),
				field('From scan to connection', seconds.connectsAfter),
				field('Each picture lasts', seconds.qrRefreshesEvery),
				field('The QR code expires after', seconds.qrExpiresAfter),
			),
		),
		group(
			'What the document leaves open',
			pairs(
				field('Status before the QR code', inputs.startingStatus),
				field('Status after the scan', inputs.pairingStatus),
				field('Status after expiry', inputs.expiredStatus),
				field('Status after the phone hung up', inputs.droppedStatus),
				field('Content type of the picture', inputs.qrContentType),
				field('Every answer takes, ms', answerAfter),
			),
		),
		group(
			'Addresses that are handed out',
			field('Origin', inputs.sessionOrigin, 'Of status and QR addresses, when they are real.'),
			pairs(
				field('statusURL, whatever it is', inputs.statusUrl),
				field('tokenURL, whatever it is', inputs.tokenUrl),
			),
		),
		group('Company', field('API key', inputs.apiKey)),
	);
	return {
		element,
		open(state) {
			if (!state) return;
			for (const [name, input] of Object.entries(inputs)) input.value = state[name] ?? '';
			for (const [name, input] of Object.entries(seconds)) input.value = state[name] / 1000;
			answerAfter.value = state.answerAfter;
			element.showModal();
		},
	};
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
