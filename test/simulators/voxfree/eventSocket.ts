import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { patientController, type Clock } from '../clock';
import { listen, Refusal, urlOf } from '../frame';
import { Journal, type JournalEntry } from '../journal';
import { frameText, wrapped, type FrameForm, type IdForm, type VoxfreeEvent } from './wire';

/** What the document does not say of the socket. */
export interface SocketSettings {
	/** How ids are written in frames. @default 'document' */
	frameIds: IdForm;
	/** What an event comes as: itself, the only one of a list, or JSON within a text. @default 'event' */
	frameForm: FrameForm;
	/** A first frame that is not the document's: no events, and nothing said; or closed (1008). @default 'ignore' */
	badRegistration: 'ignore' | 'close';
	/**
	 * An agent who is registered already registers on another connection. `both` get the events;
	 * `replace` closes the older one (4001); `refuse` closes the newer one (4001); `first` leaves the
	 * newer one deaf. @default 'both'
	 */
	secondSession: 'both' | 'replace' | 'refuse' | 'first';
	/** Connections that have said nothing for so long get no more events; 0 is never. @default 0 */
	presenceTtl: number;
	/** Milliseconds between the server's pings; 0 is none. Counts for new connections. @default 0 */
	pingEvery: number;
	/** @default true */
	answersPings: boolean;
}

export const initialSocketSettings: SocketSettings = {
	frameIds: 'document',
	frameForm: 'event',
	badRegistration: 'ignore',
	secondSession: 'both',
	presenceTtl: 0,
	pingEvery: 0,
	answersPings: true,
};

/** A connection as tests and the page see it. */
export interface Connection {
	id: number;
	/** Who has registered on it. */
	agentId?: string;
	/** Why it has not registered, though something came. */
	problem?: string;
	/** How often the registration came: once per connection is right. */
	registrations: number;
	openedAt: string;
	lastHeardAt: string;
	eventsSent: number;
	/** `stalled`: events are swallowed. `half-open`: nothing at all goes in or out. */
	condition: 'honest' | 'stalled' | 'half-open';
	/** Milliseconds by which each event comes late. */
	delay: number;
}

/**
 * Something that happened on the socket. `outcome` of an event: `sent`; `swallowed` by a stall, a
 * half-open connection or an expired presence; `lost` on demand; `nobody` was there for it.
 */
export interface LoggedFrame extends JournalEntry {
	direction: 'in' | 'out';
	kind: 'connect' | 'refused' | 'register' | 'event' | 'raw' | 'ping' | 'pong' | 'close' | 'other';
	connection?: number;
	agentId?: string;
	outcome?: 'sent' | 'swallowed' | 'lost' | 'nobody';
	/** The first 4,000 characters. */
	text: string;
	/** Bytes as UTF-8. */
	size: number;
}

/** Which connections; without anything, all. */
export interface Target {
	connection?: number;
	agentId?: string;
}

/** How the server answers a connection attempt that it does not want. */
export interface UpgradeRefusal {
	/** 'hang' never answers. @default 503 */
	status?: number | 'hang';
	/** @default 1 */
	count?: number;
	/** Value of Retry-After: seconds, an HTTP date, or nonsense. */
	retryAfter?: string;
	headers?: Record<string, string>;
	body?: string;
}

/** Frames that are not events. */
export const garbage = {
	text: 'isto não é JSON',
	html: '<!DOCTYPE html><html><body>502 Bad Gateway</body></html>',
	truncated: '{"id_msg":17932701,"type":"chat","tipo_update":"new_mess',
	'two-in-one': '{"type":"chat","tipo_update":"update_espera"}{"type":"chat"}',
	empty: '',
	null: 'null',
	number: '42',
	list: '[]',
	'no-fields': '{}',
	'unknown-event': '{"type":"chat","tipo_update":"presenca","agente_responsavel":"61"}',
	prototype: '{"__proto__":{"polluted":1},"type":"chat","tipo_update":"update_espera"}',
	deep: `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
	binary: Buffer.from([0, 1, 2, 253, 254, 255]),
	'invalid-utf8': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
	/** Opcode 3, which WebSocket reserves. */
	'protocol-violation': Buffer.from([0x83, 0x00]),
} as const;
export type Garbage = keyof typeof garbage;

interface Link extends Connection {
	ws: WebSocket;
	socket: Socket;
	/** The last of the events that are late, if any. */
	tail?: Promise<unknown>;
	ended: AbortController;
	quietSince: number;
}

interface Wiring {
	clock: Clock;
	logLimit?: number;
	settings(): SocketSettings;
	/** Whether an agent with this id exists. */
	knows(agentId: string): boolean;
	onChange(): void;
}

/**
 * The server of the events, on a port of its own, and everything that can go wrong with it.
 *
 *     voxfree.socket.stall();                       // events are swallowed, the connection lives
 *     voxfree.socket.halfOpen({ agentId: '61' });   // not even pings and closing are answered
 *     voxfree.socket.drop(); .close(4001, 'bye'); .restart({ downFor: 5000 });
 *     voxfree.socket.loseNext(3); .duplicateNext(); .reorderNext(); .slow(200);
 *     voxfree.socket.garble('truncated'); .oversized(8 << 20);
 *     voxfree.socket.refuseUpgrades({ status: 429, retryAfter: '2', count: 3 });
 *
 * Events that nobody could take are gone: the document knows no resumption.
 */
export class EventSocket {
	private readonly journal: Journal<LoggedFrame>;
	private readonly links = new Set<Link>();
	private readonly acceptor = new WebSocketServer({
		noServer: true,
		autoPong: false,
		// What a client sends is one small frame.
		maxPayload: 64 * 1024,
	});
	private server: Server;
	private port = 0;
	private connected = 0;
	private refusals: Array<UpgradeRefusal & { left: number }> = [];
	private hanging = new Set<Duplex>();
	private toLose = 0;
	private toDouble = 0;
	private toSwap = 0;
	private held: (() => void) | undefined;
	private isDown = false;
	private isClosed = false;
	private life = patientController();

	constructor(private readonly wiring: Wiring) {
		this.journal = new Journal(wiring.logLimit ?? 500, wiring.onChange);
		this.server = this.makeServer();
	}

	/** `ws://127.0.0.1:<port>`, also while it is down. */
	get url() {
		return `ws://127.0.0.1:${this.port}`;
	}

	/** Whether connections are taken at the moment. */
	get isUp() {
		return !this.isDown;
	}

	/** Open connections, oldest first. */
	connections({ agentId, connection }: Target = {}): Connection[] {
		return this.chosen({ agentId, connection }).map((link) => {
			const { id, problem, registrations, openedAt, lastHeardAt, eventsSent, condition, delay } =
				link;
			return {
				id,
				...(link.agentId !== undefined && { agentId: link.agentId }),
				...(problem !== undefined && { problem }),
				registrations,
				openedAt,
				lastHeardAt,
				eventsSent,
				condition,
				delay,
			};
		});
	}

	/** Everything that went over the wire, oldest first. */
	get frames(): readonly LoggedFrame[] {
		return this.journal.entries;
	}

	/** What waits to go wrong. */
	get pending() {
		return {
			lose: this.toLose,
			duplicate: this.toDouble,
			reorder: this.toSwap,
			held: this.held !== undefined,
			refusals: this.refusals.reduce((sum, { left }) => sum + left, 0),
		};
	}

	async start(port: number, orNextPort?: boolean) {
		await listen(this.server, port, orNextPort);
		this.port = Number(new URL(urlOf(this.server)).port);
	}

	/** Sends an event to all registered agents for whom `isFor` is true. */
	send(event: VoxfreeEvent, isFor: (agentId: string) => boolean = () => true) {
		const { frameForm, frameIds } = this.wiring.settings();
		const text = wrapped(frameText(event, frameIds), frameForm);
		if (this.toLose > 0) {
			this.toLose -= 1;
			this.note({ direction: 'out', kind: 'event', outcome: 'lost', ...excerpt(text) });
			return;
		}
		const times = this.toDouble > 0 ? 2 : 1;
		if (times === 2) this.toDouble -= 1;
		const go = () => {
			for (let time = 0; time < times; time += 1) this.fanOut(text, isFor);
		};
		if (this.toSwap > 0 && !this.held) {
			this.toSwap -= 1;
			this.held = go;
			this.wiring.onChange();
			return;
		}
		go();
		this.releaseHeld();
	}

	/** Sends exactly this text (or these bytes, as a binary frame) to the target. */
	sendRaw(data: string | Buffer, target: Target = {}) {
		for (const link of this.chosen(target)) this.transmit(link, data, 'raw');
	}

	/** Sends a frame that is no event. */
	garble(kind: Garbage, target: Target = {}) {
		if (!Object.hasOwn(garbage, kind)) {
			throw new Refusal(400, `Unknown garbage "${String(kind)}"`);
		}
		const data = garbage[kind];
		for (const link of this.chosen(target)) {
			if (kind === 'protocol-violation') {
				link.socket.write(data);
				this.note({ direction: 'out', kind: 'raw', ...about(link), text: kind, size: data.length });
			} else if (kind === 'invalid-utf8') {
				link.ws.send(data, { binary: false });
				this.note({ direction: 'out', kind: 'raw', ...about(link), text: kind, size: data.length });
			} else {
				this.transmit(link, data, 'raw');
			}
		}
	}

	/** Sends an event of the document made at least `bytes` long by a field that nobody needs. */
	oversized(bytes: number, target: Target = {}) {
		const padding = 'x'.repeat(bytes);
		this.sendRaw(
			JSON.stringify({ type: 'chat', tipo_update: 'update_espera', enchimento: padding }),
			target,
		);
	}

	/** The next events reach nobody. */
	loseNext(count = 1) {
		this.toLose += count;
		this.wiring.onChange();
	}

	/** The next events go out twice. */
	duplicateNext(count = 1) {
		this.toDouble += count;
		this.wiring.onChange();
	}

	/** The next event goes out after the one that follows it; `count` times. */
	reorderNext(count = 1) {
		this.toSwap += count;
		this.wiring.onChange();
	}

	/** Sends the event that waits for a following one. */
	releaseHeld() {
		const go = this.held;
		this.held = undefined;
		go?.();
	}

	/** Events come late by `ms` milliseconds, in order; 0 ends it for those that follow. */
	slow(ms: number, target: Target = {}) {
		for (const link of this.chosen(target)) link.delay = ms;
		this.wiring.onChange();
	}

	/** Events are swallowed. Pings and closing are still answered. */
	stall(target: Target = {}) {
		for (const link of this.chosen(target)) link.condition = 'stalled';
		this.wiring.onChange();
	}

	/** Nothing goes in or out any more, and nobody is told: a cable that was cut. */
	halfOpen(target: Target = {}) {
		for (const link of this.chosen(target)) {
			link.condition = 'half-open';
			link.ws.pause();
		}
		this.wiring.onChange();
	}

	/** Ends stalls, half-open connections and slowness. What was swallowed stays lost. */
	recover(target: Target = {}) {
		for (const link of this.chosen(target)) {
			if (link.condition === 'half-open') link.ws.resume();
			link.condition = 'honest';
			link.delay = 0;
		}
		this.wiring.onChange();
	}

	/** Breaks connections without a closing frame: by a TCP reset, or an ordinary end. */
	drop(target: Target = {}, how: 'reset' | 'end' = 'reset') {
		for (const link of this.chosen(target)) {
			this.note({
				direction: 'out',
				kind: 'close',
				...about(link),
				text: `dropped: ${how}`,
				size: 0,
			});
			this.forget(link);
			if (how === 'end') link.socket.end();
			// Not resetAndDestroy: that closes in good order first.
			else Object.assign(link.socket, { resetAndClosing: true }).destroy();
		}
	}

	/**
	 * Closes connections with any code from 0 to 65535, also those that may not be sent. 1005 is a
	 * closing frame without a code; 1006 is `drop`.
	 */
	close(code = 1000, reason: string | Buffer = '', target: Target = {}) {
		if (!Number.isInteger(code) || code < 0 || code > 65_535) {
			throw new Refusal(400, `${code} cannot be a closing code`);
		}
		if (code === 1006) return this.drop(target);
		const words = Buffer.from(reason).subarray(0, 123);
		const payload = code === 1005 ? Buffer.alloc(0) : Buffer.concat([Buffer.alloc(2), words]);
		if (payload.length > 0) payload.writeUInt16BE(code);
		for (const link of this.chosen(target)) {
			const text = `${code} ${words.toString('utf8')}`.trim();
			this.note({ direction: 'out', kind: 'close', ...about(link), text, size: payload.length });
			this.forget(link);
			// ws would refuse to send some of the codes.
			link.socket.end(Buffer.concat([Buffer.from([0x88, payload.length]), payload]));
		}
	}

	/**
	 * Closes all connections and takes none for `downFor` milliseconds. Resolves when it is up again,
	 * on the same port.
	 */
	async restart({ code = 1012, downFor = 0 }: { code?: number; downFor?: number } = {}) {
		if (this.isDown) throw new Refusal(409, 'The socket is already down');
		this.isDown = true;
		this.close(code, 'restart');
		this.server.close();
		this.wiring.onChange();
		if (downFor > 0) await this.wiring.clock.wait(downFor, this.life.signal);
		if (this.isClosed) return;
		this.server = this.makeServer();
		await listen(this.server, this.port);
		this.isDown = false;
		this.wiring.onChange();
	}

	/** The next attempts to connect are refused. */
	refuseUpgrades(refusal: UpgradeRefusal = {}) {
		this.refusals.push({ ...refusal, left: refusal.count ?? 1 });
		this.wiring.onChange();
	}

	/** Takes back everything that waits to go wrong, and heals what is wrong. */
	behave() {
		this.toLose = this.toDouble = this.toSwap = 0;
		this.refusals = [];
		this.releaseHeld();
		this.recover();
		this.wiring.onChange();
	}

	/** Forgets the log and all faults, and closes all connections unless they shall stay. */
	reset({ keepConnections = false } = {}) {
		this.life.abort();
		this.life = patientController();
		this.held = undefined;
		this.behave();
		for (const socket of this.hanging) socket.destroy();
		if (!keepConnections) this.close(1001, 'reset');
		this.journal.clear();
	}

	async shutDown() {
		this.isClosed = true;
		this.life.abort();
		for (const { socket } of this.chosen({})) socket.destroy();
		for (const socket of this.hanging) socket.destroy();
		if (!this.server.listening) return;
		const closed = new Promise((resolve) => this.server.close(resolve));
		this.server.closeAllConnections();
		await closed;
	}

	private makeServer(): Server {
		const server = createServer((_request, response) => {
			response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
		});
		server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
			socket.on('error', () => {});
			if (this.refused(socket)) return;
			this.acceptor.handleUpgrade(request, socket, head, (ws) => this.accept(ws, socket as Socket));
		});
		return server;
	}

	private refused(socket: Duplex): boolean {
		const refusal = this.refusals[0];
		if (!refusal) return false;
		refusal.left -= 1;
		if (refusal.left === 0) this.refusals.shift();
		const { status = 503, retryAfter, headers, body = '' } = refusal;
		this.note({ direction: 'out', kind: 'refused', text: String(status), size: 0 });
		if (status === 'hang') {
			this.hanging.add(socket);
			socket.once('close', () => this.hanging.delete(socket));
			return true;
		}
		const lines = Object.entries({
			...(retryAfter !== undefined && { 'Retry-After': retryAfter }),
			...headers,
			Connection: 'close',
			'Content-Length': String(Buffer.byteLength(body)),
		}).map(([name, value]) => `${name}: ${value}\r\n`);
		socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
		return true;
	}

	private accept(ws: WebSocket, socket: Socket) {
		const now = this.wiring.clock.now();
		const link: Link = {
			id: (this.connected += 1),
			registrations: 0,
			openedAt: now.toISOString(),
			lastHeardAt: now.toISOString(),
			eventsSent: 0,
			condition: 'honest',
			delay: 0,
			ws,
			socket,
			ended: patientController(),
			quietSince: now.getTime(),
		};
		this.links.add(link);
		this.note({ direction: 'in', kind: 'connect', ...about(link), text: '', size: 0 });
		ws.on('message', (data: Buffer, isBinary) => this.hear(link, data, isBinary));
		ws.on('ping', (data: Buffer) => {
			this.heard(link);
			this.note({ direction: 'in', kind: 'ping', ...about(link), ...excerpt(data) });
			if (this.wiring.settings().answersPings) ws.pong(data);
		});
		ws.on('pong', (data: Buffer) => {
			this.heard(link);
			this.note({ direction: 'in', kind: 'pong', ...about(link), ...excerpt(data) });
		});
		ws.on('error', () => {});
		ws.once('close', (code: number, reason: Buffer) => {
			if (!this.links.has(link)) return;
			this.forget(link);
			const text = `${code} ${reason.toString('utf8')}`.trim();
			this.note({ direction: 'in', kind: 'close', ...about(link), text, size: reason.length });
		});
		void this.pingRegularly(link);
	}

	private async pingRegularly({ ws, ended }: Link) {
		const { pingEvery } = this.wiring.settings();
		if (pingEvery <= 0) return;
		while (await this.wiring.clock.wait(pingEvery, ended.signal)) ws.ping();
	}

	private hear(link: Link, data: Buffer, isBinary: boolean) {
		this.heard(link);
		const text = data.toString('utf8');
		const problem = isBinary ? 'The frame is binary' : registrationProblem(text);
		if (problem !== undefined) {
			this.note({ direction: 'in', kind: 'other', ...about(link), ...excerpt(text) });
			return this.reject(link, problem);
		}
		const { codid_agente: agentId } = JSON.parse(text) as { codid_agente: string };
		link.registrations += 1;
		if (!this.wiring.knows(agentId)) {
			this.note({ direction: 'in', kind: 'other', ...about(link), ...excerpt(text) });
			return this.reject(link, `There is no agent ${agentId}`);
		}
		const { secondSession } = this.wiring.settings();
		const others = this.chosen({ agentId }).filter((other) => other !== link);
		link.agentId = agentId;
		delete link.problem;
		this.note({ direction: 'in', kind: 'register', ...about(link), ...excerpt(text) });
		if (others.length === 0) return;
		if (secondSession === 'replace') {
			for (const { id } of others) this.close(4001, 'other session', { connection: id });
		} else if (secondSession === 'refuse') {
			this.close(4001, 'other session', { connection: link.id });
		} else if (secondSession === 'first') {
			link.condition = 'stalled';
		}
	}

	private heard(link: Link) {
		const now = this.wiring.clock.now();
		link.lastHeardAt = now.toISOString();
		link.quietSince = now.getTime();
	}

	private reject(link: Link, problem: string) {
		link.problem = problem;
		this.wiring.onChange();
		if (this.wiring.settings().badRegistration === 'close') {
			this.close(1008, 'registration', { connection: link.id });
		}
	}

	private fanOut(text: string, isFor: (agentId: string) => boolean) {
		let reached = 0;
		for (const link of this.links) {
			if (link.agentId === undefined || !isFor(link.agentId)) continue;
			reached += 1;
			this.transmit(link, text, 'event');
		}
		if (reached === 0) {
			this.note({ direction: 'out', kind: 'event', outcome: 'nobody', ...excerpt(text) });
		}
	}

	private transmit(link: Link, data: string | Buffer, kind: 'event' | 'raw') {
		const entry = { direction: 'out', kind, ...about(link), ...excerpt(data) } as const;
		if (link.condition !== 'honest' || this.isAbsent(link)) {
			this.note({ ...entry, outcome: 'swallowed' });
			return;
		}
		const go = () => {
			const isOpen = this.links.has(link);
			const outcome = isOpen && link.condition === 'honest' ? 'sent' : 'swallowed';
			if (outcome === 'sent') {
				link.ws.send(data, { binary: Buffer.isBuffer(data) });
				if (kind === 'event') link.eventsSent += 1;
			}
			this.note({ ...entry, outcome });
		};
		if (link.delay === 0 && !link.tail) return go();
		const { delay } = link;
		const due = delay > 0 && this.wiring.clock.wait(delay, link.ended.signal);
		// Each waits its own time from now on, but none overtakes another.
		const tail = Promise.all([due, link.tail]).then(() => {
			go();
			if (link.tail === tail) delete link.tail;
		});
		link.tail = tail;
	}

	private isAbsent({ quietSince }: Link): boolean {
		const { presenceTtl } = this.wiring.settings();
		return presenceTtl > 0 && this.wiring.clock.now().getTime() - quietSince > presenceTtl;
	}

	private chosen({ connection, agentId }: Target): Link[] {
		return [...this.links].filter(
			(link) =>
				(connection === undefined || link.id === connection) &&
				(agentId === undefined || link.agentId === agentId),
		);
	}

	private forget(link: Link) {
		this.links.delete(link);
		link.ended.abort();
	}

	private note(entry: Omit<LoggedFrame, 'id' | 'revision' | 'at'>) {
		this.journal.add({ at: this.wiring.clock.now().toISOString(), ...entry });
	}
}

/**
 * What is wrong with the first frame, in a sentence. The document: only `codid_agente` varies, and
 * the others are needed though they are null.
 */
function registrationProblem(text: string): string | undefined {
	let frame: unknown;
	try {
		frame = JSON.parse(text);
	} catch {
		return 'The frame is not JSON';
	}
	if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) {
		return 'The frame is not an object';
	}
	const fields = frame as Record<string, unknown>;
	const expected = { recipient_id: null, type: 'socket', token: null, message: null };
	const wrong = Object.entries(expected).find(
		([name, value]) => !Object.hasOwn(fields, name) || fields[name] !== value,
	);
	if (wrong) return `"${wrong[0]}" must be ${JSON.stringify(wrong[1])}`;
	const stranger = Object.keys(fields).find(
		(name) => name !== 'codid_agente' && !Object.hasOwn(expected, name),
	);
	if (stranger !== undefined) return `"${stranger}" is not in the document`;
	const { codid_agente: agentId } = fields;
	if (typeof agentId !== 'string' || !/^\d+$/.test(agentId)) {
		return '"codid_agente" must be a text of digits';
	}
	return undefined;
}

const about = ({ id, agentId }: Link) => ({
	connection: id,
	...(agentId !== undefined && { agentId }),
});

function excerpt(data: string | Buffer) {
	const text = Buffer.isBuffer(data) ? data.subarray(0, 4000).toString('utf8') : data;
	return { text: text.slice(0, 4000), size: Buffer.byteLength(data) };
}
