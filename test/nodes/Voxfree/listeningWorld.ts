import type fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../../nodes/shared/json';
import type { ProviderError } from '../../../nodes/shared/errors';
import type { GapDetails, VoxfreeEvent } from '../../../nodes/Voxfree/trigger/events';
import { EventPipeline } from '../../../nodes/Voxfree/trigger/EventPipeline';
import type { Runtime } from '../../../nodes/Voxfree/trigger/runtime';
import { conversationListIn } from '../../../nodes/Voxfree/api/wire/conversationList';
import { SocketClient } from '../../../nodes/Voxfree/trigger/SocketClient';
import { MemoryN8n } from './memoryN8n';
import { MemoryProvider, type MemoryConnection } from './memoryProvider';
import { settle, VirtualTime } from '../../support/virtualTime';

export const SILENCE = 120_000;
export const IN_FLIGHT = 3;
export const COMPARE_EVERY = 300_000;
const HOUR = 3_600_000;
/** Answers that came too late before it connects may be of no use, and those that follow too. */
const CERTAIN = 6;
const PREPARED_WITHIN = 5_000;
/** How much older than what was remembered a message may be. */
const CLOCK_TOLERANCE = 60_000;
const EPOCH = 1_700_000_000_000;

export type Place = 'active' | 'waiting' | 'gone';

/** The first two stay where they are, the others are moved about. */
const CONVERSATIONS: ReadonlyArray<{ protocol: string; place: Place }> = [
	{ protocol: '20231130303151', place: 'active' },
	{ protocol: '20231130303152', place: 'active' },
	{ protocol: '20231130303153', place: 'active' },
	{ protocol: '20231130303154', place: 'waiting' },
	{ protocol: '20231130303155', place: 'gone' },
	{ protocol: '20231130303156', place: 'gone' },
];
export const STEADY = 2;
export const MOVING = [2, 3, 4, 5];

const UPDATES: Record<Place, string> = {
	active: 'encaminhado_agente',
	waiting: 'encaminhado_departamento',
	gone: 'finalizar',
};
const PLACES: Partial<Record<VoxfreeEvent['event'], Place>> = {
	routedToAgent: 'active',
	routedToDepartment: 'waiting',
	queueUpdated: 'waiting',
	finished: 'gone',
};

/** Where an event puts its conversation. */
function placeOf({ event, note }: VoxfreeEvent): Place | undefined {
	return event === 'queueUpdated' && note !== undefined ? 'gone' : PLACES[event];
}

/** What a user may have set, and how a provider may answer. */
export interface Setup {
	fetchDetails: boolean;
	ignoreOwnMessages: boolean;
	batch?: { size: number; within: number };
	collect?: { quiet: number; within: number; size: number };
	/** Whether the lists are read before it connects, as the node does. */
	prepares: boolean;
	/** Whether the lists name the last message of each conversation. */
	namesLast: boolean;
	/** Events that may wait. */
	queue: number;
	/** Milliseconds that an execution may keep its conversation waiting. */
	limit: number;
	compareEvery: number;
	/** Whether n8n is one that knows no deduplication keys. */
	withoutKeys: boolean;
}

const SETUP: Setup = {
	fetchDetails: false,
	ignoreOwnMessages: false,
	prepares: false,
	namesLast: false,
	queue: 1_000,
	// So that none of them is given up, and all of them count.
	limit: 24 * HOUR,
	compareEvery: COMPARE_EVERY,
	withoutKeys: false,
};

/** A message that somebody wrote, at a time of the epoch. */
interface Message {
	id: number;
	conversation: number;
	at: number;
	isOwn: boolean;
}

/** Something without an id that the provider told, known by its mark. */
interface Change {
	mark: number;
	at: number;
	/** The lists show what it came to. */
	isMove: boolean;
}

/** One start of the trigger until it is closed or killed. */
interface Run {
	number: number;
	/** Whether there was nothing that it could go on from. */
	isFresh: boolean;
	/** Clock time. */
	startedAt: number;
	/** Whether the lists could not be read at some time. */
	wasUnreadable: boolean;
	/** How many lists it has been answered in a row, until it has certainly made use of two. */
	answered: number;
	state: 'running' | 'closing' | 'closed' | 'killed';
	/** Ends socket and pipeline, without an execution of what waits. */
	stopped: AbortController;
	socket: SocketClient;
	pipeline: EventPipeline;
}

/** A trigger with a provider and an n8n in memory, and everything that they do written down. */
export class Real {
	readonly time = new VirtualTime(HOUR);

	readonly provider = new MemoryProvider();

	readonly n8n = new MemoryN8n();

	readonly failures: ProviderError[] = [];

	readonly warnings: string[] = [];

	/** What happened at the provider, in its order. */
	readonly messages: Message[] = [];

	readonly changes: Change[] = [];

	readonly places = CONVERSATIONS.map(({ place }) => place);

	/** Messages and marks that need not be executed, because nothing could have told of them. */
	readonly excused = new Set<number>();

	/** Calls of the socket's `onConnected` that told of a gap. */
	interruptions = 0;

	/** How often the lists made the listener give up a connection. */
	deaf = 0;

	/** What was last remembered. */
	remembered: JsonObject | undefined;

	/** Executions that were started after everything was closed. */
	afterClose = 0;

	run: Run;

	/** What the next connections will do of themselves. */
	behaviour: 'open' | 'refuse' | 'hang' = 'open';

	/** Whether the lists and the messages can be read. */
	isReadable = true;

	/** What both lists are answered with, instead of what is true. */
	listAnswer: JsonValue | undefined;

	/** Milliseconds that frames are on their way. One never overtakes another. */
	delay = 0;

	private readonly setup: Setup;

	/** Whether n8n was ever killed: then it cannot be told what of the places was lost with it. */
	private wasKilled = false;

	private readonly arrivals = new Map<MemoryConnection, number>();

	/** By id or mark, which connection told it first, counted in the order of their making. */
	private readonly toldOn = new Map<number, number>();

	private nextId = 1_000;

	constructor(
		private readonly scheduler?: fc.Scheduler,
		setup: Partial<Setup> = {},
	) {
		this.setup = { ...SETUP, ...setup };
		this.n8n.isForgetful = this.setup.withoutKeys;
		this.provider.onConnection = (connection) => {
			const act = () => {
				if (this.behaviour === 'open') connection.open();
				if (this.behaviour === 'refuse') connection.refuse();
			};
			if (scheduler === undefined) act();
			else void scheduler.schedule(Promise.resolve()).then(act);
		};
		this.run = this.start();
	}

	get socket(): SocketClient {
		return this.run.socket;
	}

	private start(): Run {
		const { time, provider, n8n, setup } = this;
		const number = (this.run?.number ?? 0) + 1;
		const run = {
			number,
			isFresh: typeof this.remembered?.at !== 'number',
			startedAt: time.now,
			wasUnreadable: false,
			answered: 0,
			state: 'running',
			stopped: new AbortController(),
		} as Run;
		const runtime: Runtime = {
			clock: time.clock,
			now: () => EPOCH + time.now,
			random: () => 0.5,
			wait: time.wait,
			log: (level, message) => void (level === 'warn' && this.warnings.push(message)),
			redact: (text) => text,
			signal: run.stopped.signal,
		};
		run.pipeline = new EventPipeline(runtime, {
			agentId: '61',
			api: this.answersTo(run),
			restored: structuredClone(this.remembered),
			filter: {
				events: new Set([
					'newMessage',
					'queueUpdated',
					'routedToAgent',
					'routedToDepartment',
					'finished',
					'other',
					'gap',
				]),
				onlyMine: false,
				contactIds: new Set(),
				channelIds: new Set(),
				departmentIds: new Set(),
				protocols: new Set(),
			},
			ignoreOwnMessages: setup.ignoreOwnMessages,
			fetchDetails: setup.fetchDetails,
			compareAfterGap: true,
			compareEvery: setup.compareEvery,
			inFlight: IN_FLIGHT,
			queue: setup.queue,
			limit: setup.limit,
			batch: setup.batch,
			collect: setup.collect,
			keyPrefix: 'voxfree:w:n',
			nonce: `n${number}`,
			startExecution: async (events, key) => {
				if (run.state === 'closed') this.afterClose++;
				if (run.state === 'killed') return await new Promise(() => {});
				const each = setup.collect === undefined ? events : partsOf(events);
				await n8n.start(each, key, { run: number, isClosing: run.state === 'closing' });
			},
			onBrokenFrame: () => {},
			onStaleConnection: (reason) => {
				this.deaf++;
				run.socket.replace(reason);
			},
			trusted: () => run.socket.trusted,
			completeUntil: () => run.socket.completeUntil,
			withoutKeys: setup.withoutKeys,
			saveCheckpoint: (state) => {
				if (run.state !== 'killed') this.remembered = structuredClone(state);
			},
		});
		run.socket = new SocketClient(runtime, {
			url: 'wss://socket.example.test',
			agentId: '61',
			silence: SILENCE,
			giveUpAfter: 24 * HOUR,
			connect: provider.connect,
			onFrame: (data, connection) => run.pipeline.onFrame(data, connection),
			onRegistered: (connection) => run.pipeline.onRegistered(connection),
			onConnected: (gap) => {
				if (gap !== undefined) this.interruptions++;
				run.pipeline.onConnected(gap);
			},
			onFailed: (failure) => this.failures.push(failure),
		});
		const connect = () => void run.socket.start().catch(() => {});
		if (!setup.prepares && number === 1) connect();
		else {
			const begun = time.now;
			void run.pipeline.prepare().then(() => {
				if (run.answered >= 2 && time.now < begun + PREPARED_WITHIN) run.answered = CERTAIN;
				connect();
			});
		}
		return run;
	}

	private answersTo(run: Run) {
		const answer = async <T>(value: () => T): Promise<T> => {
			await this.scheduler?.schedule(Promise.resolve());
			if (!this.isReadable) {
				run.wasUnreadable = true;
				if (run.answered < CERTAIN) run.answered = 0;
				throw new Error('not now');
			}
			return value();
		};
		const list = (wanted: Place) => {
			// What the first lists of all show is taken for told.
			if (run.isFresh && run.answered < CERTAIN && this.setup.namesLast) this.excuse(() => true);
			run.answered++;
			return CONVERSATIONS.flatMap(({ protocol: protocolo }, index) => {
				if (this.places[index] !== wanted) return [];
				const last = this.messages.filter(({ conversation }) => conversation === index).at(-1);
				const named = this.setup.namesLast && last !== undefined;
				return [
					{ protocolo, tipo_chat: 'chat', ...(named ? { id_last_message: String(last.id) } : {}) },
				];
			});
		};
		return {
			listConversations: async (place: Exclude<Place, 'gone'>) =>
				await answer(() => conversationListIn(this.listAnswer ?? list(place))),
			getNewMessages: async ({ protocol }: { protocol: string }, after: string) =>
				await answer(() =>
					this.messages
						.filter(
							({ conversation, id }) =>
								CONVERSATIONS[conversation]!.protocol === protocol && id > Number(after),
						)
						// In no order that could be relied on.
						.reverse()
						.map(({ id, at, isOwn }) => ({
							codid: String(id),
							protocolo: protocol,
							fromMe: isOwn ? 1 : 0,
							timestamp: String(at / 1_000),
						})),
				),
		};
	}

	get open(): MemoryConnection[] {
		return this.provider.connections.filter(({ state }) => state === 'open');
	}

	/** Somebody writes; those connections hear of it that are open and not deaf. */
	write(conversation: number, isHeard: boolean, copies: number, isOwn = false): void {
		if (this.places[conversation] === 'gone') return;
		const { protocol } = CONVERSATIONS[conversation]!;
		const id = this.nextId++;
		this.messages.push({ id, conversation, at: EPOCH + this.time.now, isOwn });
		if (!isHeard) return;
		const frame = `{"id_msg":${id},"tipo_update":"new_message","protocolo_atual":"${protocol}"}`;
		for (let copy = 0; copy < copies; copy++) this.tell(frame, id);
	}

	/** The queue changes; all connections that are open hear of it, if it arrives. */
	updateQueue(): void {
		// Before the first connection there is nothing that could be missed.
		if (this.run.isFresh && this.socket.completeUntil === undefined) return;
		const mark = this.changed(false);
		this.tell(`{"tipo_update":"update_espera","mark":${mark}}`, mark);
	}

	/** A conversation is put somewhere else. */
	move(conversation: number, place: Place, isHeard: boolean): void {
		if (this.places[conversation] === place) return;
		this.places[conversation] = place;
		const mark = this.changed(true);
		if (!isHeard) return;
		const { protocol } = CONVERSATIONS[conversation]!;
		this.tell(
			`{"tipo_update":"${UPDATES[place]}","protocolo_atual":"${protocol}","agente_responsavel":"61","mark":${mark}}`,
			mark,
		);
	}

	private changed(isMove: boolean): number {
		const mark = this.nextId++;
		this.changes.push({ mark, at: EPOCH + this.time.now, isMove });
		return mark;
	}

	private tell(frame: string, mark: number): void {
		const { now } = this.time;
		for (const connection of this.open) {
			const arrive = () => {
				const isHeard = connection.state === 'open' && !connection.isLetGo;
				if (isHeard && !this.toldOn.has(mark)) {
					this.toldOn.set(mark, this.provider.connections.indexOf(connection));
				}
				connection.say(frame);
			};
			const at = Math.max(now + this.delay, this.arrivals.get(connection) ?? 0);
			this.arrivals.set(connection, at);
			if (at === now) arrive();
			else this.time.at(at, arrive);
		}
	}

	/** Events of all executions that were started, in their order. */
	get executed(): VoxfreeEvent[] {
		return this.n8n.executions.flatMap(({ events }) => events);
	}

	get gaps(): GapDetails[] {
		return this.executed.flatMap(({ gap }) => gap ?? []);
	}

	/** The marks of changes that were executed. */
	get marks(): number[] {
		return this.executed.flatMap(({ raw }) => (raw as { mark?: number } | undefined)?.mark ?? []);
	}

	/** The ids of messages that were executed. */
	get messageIds(): string[] {
		return this.executed.flatMap(({ messageId }) => messageId ?? []);
	}

	/** Messages that were neither executed nor excused. */
	get lost(): number[] {
		const executed = new Set(this.messageIds.map(Number));
		return this.messages
			.filter(({ id, isOwn }) => !isOwn && !executed.has(id) && !this.excused.has(id))
			.map(({ id }) => id);
	}

	/** Changes of which no execution and no gap tells. */
	get unreported(): number[] {
		const told = new Set(this.marks);
		const isWithin = (at: number) =>
			this.gaps.some(({ from, to }) => Date.parse(from) <= at && at <= Date.parse(to));
		return this.changes
			.filter(({ mark, at, isMove }) => {
				if (told.has(mark) || this.excused.has(mark)) return false;
				return this.toldOn.has(mark) || (!isMove && !isWithin(at));
			})
			.map(({ mark }) => mark);
	}

	/** Where the last event of a conversation has put it. */
	placeToldOf(conversation: number): Place | undefined {
		const { protocol } = CONVERSATIONS[conversation]!;
		const moves = this.executed.filter(
			(event) => event.protocol === protocol && PLACES[event.event] !== undefined,
		);
		const last = moves.at(-1);
		return last && placeOf(last);
	}

	finish(which: number): void {
		this.n8n.finish(which);
	}

	async close(): Promise<void> {
		const { run, n8n } = this;
		if (run.state !== 'running') return;
		run.state = 'closing';
		n8n.refusals = 0;
		run.stopped.abort();
		run.pipeline.close();
		await settle();
		run.state = 'closed';
	}

	/** n8n goes on after it was stopped, or after it was killed with all that it had in memory. */
	async restart(how: 'stop' | 'kill', downtime: number, written: number): Promise<void> {
		const { run, n8n } = this;
		const steady = (id: number) => {
			const message = this.messages.find((other) => other.id === id);
			return message !== undefined && message.conversation < STEADY;
		};
		if (how === 'stop') await this.close();
		else {
			run.state = 'killed';
			this.wasKilled = true;
			run.stopped.abort();
			run.pipeline.close();
			// What had come and waited is lost; only the lists can show it.
			this.excuse((mark) => this.toldOn.has(mark) && !steady(mark));
		}
		n8n.endAll();
		for (let n = 0; n < written; n++) this.write(n % STEADY, false, 1);
		await this.time.advance(downtime);
		const isFresh = typeof this.remembered?.at !== 'number';
		// Of conversations that come and go it is not known which were the agent's.
		this.excuse((mark) => isFresh || (!steady(mark) && this.isMessage(mark)));
		this.excuse((mark) => !this.toldOn.has(mark) && this.isUncompared(mark, run));
		this.run = this.start();
	}

	/**
	 * Whether a restart cannot find a message, because none of its conversation has ever been found in
	 * the lists: then the last one that came counts as the last that is not missing, and the time has to
	 * decide about the others.
	 */
	private isUncompared(id: number, run: Run): boolean {
		const message = this.messages.find((other) => other.id === id);
		if (message === undefined) return false;
		const [first] = this.messages.filter(
			({ conversation }) => conversation === message.conversation,
		);
		const since = Math.max(first!.at - EPOCH, run.isFresh ? run.startedAt : 0);
		const wasCompared = this.time.now - since > this.setup.compareEvery + 75_000;
		if (wasCompared && !run.wasUnreadable) return false;
		const isOld = message.at < Number(this.remembered?.at) - CLOCK_TOLERANCE;
		return isOld || [...this.toldOn.keys()].some((other) => other > id && this.isMessage(other));
	}

	private isMessage(id: number): boolean {
		return this.messages.some((message) => message.id === id);
	}

	/** Without keys, n8n is not asked again to start what it has refused; that is told as lost. */
	private excuseRefused(): void {
		// A kill takes that report with it; the gap that follows is one as well.
		const isTold = this.gaps.some(({ lost = 0 }) => lost > 0 || this.wasKilled);
		if (!this.setup.withoutKeys || !isTold) return;
		for (const { messageId, raw } of this.n8n.refused) {
			const { mark } = (raw ?? {}) as { mark?: number };
			if (messageId !== undefined) this.excused.add(Number(messageId));
			if (mark !== undefined) this.excused.add(mark);
		}
	}

	private excuse(isExcused: (mark: number) => boolean): void {
		const done = new Set([...this.marks, ...this.messageIds.map(Number)]);
		const all = [...this.messages.map(({ id }) => id), ...this.changes.map(({ mark }) => mark)];
		for (const mark of all) if (!done.has(mark) && isExcused(mark)) this.excused.add(mark);
	}

	/** What must hold at every instant. */
	check(): void {
		this.checkConnection();
		this.checkKeys();
		this.checkMessages();
		this.checkMoves();
		this.excuseRefused();
		const { n8n } = this;
		const isRunning = this.run.state === 'running';
		if (isRunning && n8n.running.length > IN_FLIGHT) throw new Error('too many at once');
		if (this.afterClose > 0) throw new Error('an execution after closing');
		const { marks } = this;
		if (new Set(marks).size < marks.length) throw new Error('a change executed twice');
		const compared = this.gaps.filter((gap) => gap.compared).length;
		// Each start is one as well: the trigger was not running, or the connection was being opened.
		const most = this.interruptions + (this.setup.prepares ? 1 : 0) + this.run.number - 1;
		if (compared > most) throw new Error('more gaps than interruptions');
	}

	private checkConnection(): void {
		const { socket, time, provider, run } = this;
		const isFailed = this.failures.length > 0;
		if (this.failures.length > 1) throw new Error('failed twice');
		if (run.state !== 'running' || isFailed) {
			if (socket.trusted !== undefined) throw new Error('not over');
			if (provider.held.length > 0) throw new Error('holds a connection after the end');
		} else {
			const isOnItsWay = time.armed > 0;
			if (socket.trusted === undefined && !isOnItsWay) throw new Error('deaf');
			// While the first one is open, it may be kept as long as no other can be had.
			if (provider.held.length > 2) throw new Error('more than two connections');
		}
		for (const { received } of provider.connections) {
			if (received.length > 1) throw new Error('registered twice');
		}
	}

	private checkKeys(): void {
		const [doubled] = this.n8n.doubled;
		if (doubled !== undefined) throw new Error(`one run used the key ${doubled} twice`);
	}

	private checkMessages(): void {
		const ids = new Set<string>();
		const told = new Map<string, string[]>();
		const recoveredLast = new Map<string, number>();
		for (const { events, run, isClosing } of this.n8n.executions) {
			for (const event of events) {
				const { messageId, protocol } = event;
				if (messageId === undefined) continue;
				// The key of a batch is new when another run makes it.
				const isUnknown = this.setup.batch !== undefined && !this.setup.withoutKeys;
				const id = isUnknown ? `${run}:${messageId}` : messageId;
				if (ids.has(id)) throw new Error(`message ${messageId} was executed twice`);
				ids.add(id);
				this.checkDetails(event, isClosing);
				if (isClosing) continue;
				const conversation = `${run}:${protocol}`;
				// Of several together it is not known which was recovered.
				if (event.recovered && this.setup.collect !== undefined) continue;
				if (event.recovered) {
					const last = recoveredLast.get(conversation) ?? 0;
					if (Number(messageId) < last) throw new Error('recovered out of order');
					recoveredLast.set(conversation, Number(messageId));
					continue;
				}
				const before = told.get(conversation) ?? [];
				const isOvertaken = before.some(
					// What is still on its way to a connection cannot be waited for by its successor.
					(other) =>
						Number(other) > Number(messageId) &&
						this.connectionOf(other) <= this.connectionOf(messageId),
				);
				if (isOvertaken) throw new Error('out of order within a conversation');
				told.set(conversation, [...before, messageId]);
			}
		}
	}

	/** What the lists show has been told already if it was the last that was told of a conversation. */
	private checkMoves(): void {
		if (!this.setup.withoutKeys || this.wasKilled || this.n8n.refused.length > 0) return;
		const told = new Map<string, Place>();
		for (const event of this.executed) {
			const { protocol, recovered } = event;
			const place = placeOf(event);
			if (protocol === undefined || place === undefined) continue;
			if (recovered && told.get(protocol) === place) throw new Error(`${place} was told twice`);
			told.set(protocol, place);
		}
	}

	private checkDetails(event: VoxfreeEvent, isClosing: boolean): void {
		const { messageId, message, detailsError, recovered } = event;
		const { fetchDetails, ignoreOwnMessages } = this.setup;
		const isOwn = this.messages.find(({ id }) => id === Number(messageId))!.isOwn;
		const isAlone = this.setup.collect === undefined;
		if (isOwn && recovered && isAlone) throw new Error('a message of the agent was recovered');
		if (!fetchDetails && !ignoreOwnMessages) return;
		if (message === undefined) {
			// What still waits when it is closed is started without asking for anything.
			if (detailsError === undefined && !isClosing)
				throw new Error(`no details of message ${messageId}`);
			return;
		}
		if (message.messageId !== messageId)
			throw new Error(`message ${messageId} has others' details`);
		if (isOwn && ignoreOwnMessages) throw new Error('a message of the agent was executed');
	}

	private connectionOf(messageId: string): number {
		const connection = this.toldOn.get(Number(messageId));
		if (connection === undefined) throw new Error(`no connection told message ${messageId}`);
		return connection;
	}
}

/** The messages that one event tells of, each as an event of its own. */
function partsOf(events: VoxfreeEvent[]): VoxfreeEvent[] {
	const [joined] = events;
	if (events.length > 1) throw new Error('collected messages are one item');
	if (joined?.event !== 'newMessage') return events;
	const { messages = [], ...rest } = joined;
	const ids = messages.map(({ messageId }) => Number(messageId));
	if (ids.length === 0) throw new Error('no messages');
	if (ids.some((id, n) => n > 0 && id <= ids[n - 1]!)) throw new Error('out of order in one event');
	if (ids.at(-1) !== Number(joined.messageId)) throw new Error('not about the last message');
	const raws = (joined.raw ?? []) as Array<{ id_msg?: number }>;
	const told = new Set(raws.map(({ id_msg }) => String(id_msg)));
	return messages.map((message) => {
		const { messageId = '', protocol } = message;
		if (protocol !== undefined && protocol !== joined.protocol) {
			throw new Error('two conversations in one event');
		}
		const isWhole = message.fromMe !== undefined;
		const whole = isWhole ? { message: message as VoxfreeEvent['message'] } : {};
		// The event counts as recovered if one of them was.
		const recovered = told.has(messageId) ? undefined : rest.recovered;
		return { ...rest, message: undefined, ...whole, messageId, recovered };
	});
}
