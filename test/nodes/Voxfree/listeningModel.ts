import fc from 'fast-check';
import { VoxfreeListener } from '../../../nodes/Voxfree/trigger/VoxfreeListener';
import type { JsonObject } from '../../../nodes/shared/json';
import type { GapDetails, VoxfreeEvent } from '../../../nodes/Voxfree/trigger/events';
import { VoxfreeSocket, type SocketFailure } from '../../../nodes/Voxfree/trigger/VoxfreeSocket';
import { MemoryProvider, type MemoryConnection } from './memoryProvider';
import { settle, VirtualTime } from './virtualTime';

const SILENCE = 120_000;
const IN_FLIGHT = 3;
const EPOCH = 1_700_000_000_000;
const CONVERSATIONS = ['20231130303151', '20231130303152'];

/** What the model knows for certain, whatever order things happen in. */
interface Model {
	isClosed: boolean;
}

/** Socket and listener with a provider in memory, and everything that they do written down. */
export class Real {
	readonly time = new VirtualTime();

	readonly provider = new MemoryProvider();

	readonly socket: VoxfreeSocket;

	readonly listener: VoxfreeListener;

	readonly failures: SocketFailure[] = [];

	/** What happened at the provider, in its order. */
	readonly messages: Array<{ id: number; protocol: string; at: number }> = [];

	/** Executions that were started, in their order; n8n refuses a key that it knows. */
	readonly executed: VoxfreeEvent[] = [];

	/** Changes of the queue: the lists do not show them, so what is not told of must be within a gap. */
	readonly updates: Array<{ mark: number; at: number }> = [];

	readonly gaps: GapDetails[] = [];

	/** Calls of the socket's `onConnected` that told of a gap. */
	interruptions = 0;

	/** How often the lists made the listener give up a connection. */
	deaf = 0;

	/** What was last remembered. */
	remembered: JsonObject | undefined;

	readonly keys = new Set<string>();

	readonly running: Array<() => void> = [];

	mostAtOnce = 0;

	/** Executions that were started after everything was closed. */
	afterClose = 0;

	private isClosed = false;

	/** What the next connections will do of themselves. */
	behaviour: 'open' | 'refuse' | 'hang' = 'open';

	/** Whether the lists can be read. */
	isReadable = true;

	/** Milliseconds that frames are on their way. One never overtakes another. */
	delay = 0;

	private readonly arrivals = new Map<MemoryConnection, number>();

	/** By message, which connection told it first, counted in the order of their making. */
	private readonly toldOn = new Map<string, number>();

	private nextId = 1_000;

	constructor(scheduler?: fc.Scheduler) {
		const { time, provider } = this;
		const later = async <T>(value: () => T): Promise<T> => {
			await (scheduler === undefined ? Promise.resolve() : scheduler.schedule(Promise.resolve()));
			return value();
		};
		this.listener = new VoxfreeListener({
			agentId: '61',
			api: {
				getActiveConversations: async () =>
					await later(() => {
						if (!this.isReadable) throw new Error('not now');
						return CONVERSATIONS.map((protocolo) => ({ protocolo, tipo_chat: 'chat' }));
					}),
				getWaitingConversations: async () => await later(() => []),
				getNewMessages: async ({ protocol }, last) =>
					await later(() =>
						this.messages
							.filter((message) => message.protocol === protocol && message.id > Number(last))
							.map(({ id, at }) => ({
								codid: String(id),
								protocolo: protocol,
								fromMe: 0,
								timestamp: String(at / 1_000),
							})),
					),
			},
			filter: {
				events: new Set(['newMessage', 'queueUpdated', 'gap']),
				onlyMine: false,
				contactIds: new Set(),
				channelIds: new Set(),
				departmentIds: new Set(),
				protocols: new Set(),
			},
			ignoreOwnMessages: false,
			fetchDetails: false,
			compareAfterGap: true,
			compareEvery: 300_000,
			inFlight: IN_FLIGHT,
			queue: 1_000,
			// So that none of them is given up, and all of them count.
			limit: 24 * 3_600_000,
			keyPrefix: 'voxfree:w:n',
			nonce: 'n',
			clock: time.clock,
			now: () => EPOCH + time.now,
			wait: time.wait,
			log: () => {},
			hand: async ([event], key) => {
				if (this.isClosed) this.afterClose++;
				if (event === undefined || this.keys.has(key)) return;
				this.keys.add(key);
				this.executed.push(event);
				if (event.gap !== undefined) this.gaps.push(event.gap);
				let end = () => {};
				const ended = new Promise<void>((resolve) => (end = resolve));
				this.running.push(end);
				this.mostAtOnce = Math.max(this.mostAtOnce, this.running.length);
				await ended;
			},
			onBroken: () => {},
			onDeaf: (reason) => {
				this.deaf++;
				this.socket.replace(reason);
			},
			trusted: () => this.socket.trusted,
			soundUntil: () => this.socket.soundUntil,
			remember: (state) => (this.remembered = structuredClone(state)),
			redact: (text) => text,
		});
		this.socket = new VoxfreeSocket({
			url: 'wss://socket.example.test',
			agentId: '61',
			silence: SILENCE,
			giveUpAfter: 24 * 3_600_000,
			connect: provider.connect,
			clock: time.clock,
			random: () => 0.5,
			wait: time.wait,
			log: () => {},
			onFrame: (data, connection) => this.listener.onFrame(data, connection),
			onRegistered: (connection) => this.listener.onRegistered(connection),
			onConnected: (gap) => {
				if (gap !== undefined) this.interruptions++;
				this.listener.onConnected(gap);
			},
			onFailed: (failure) => this.failures.push(failure),
		});
		provider.onConnection = (connection) => {
			const act = () => {
				if (this.behaviour === 'open') connection.open();
				if (this.behaviour === 'refuse') connection.refuse();
			};
			if (scheduler === undefined) act();
			else void scheduler.schedule(Promise.resolve()).then(act);
		};
		this.socket.start().catch(() => {});
	}

	get open(): MemoryConnection[] {
		return this.provider.connections.filter(({ state }) => state === 'open');
	}

	/** A contact writes; those connections hear of it that are open and not deaf. */
	write(conversation: number, isHeard: boolean, copies: number): void {
		const protocol = CONVERSATIONS[conversation % CONVERSATIONS.length]!;
		const id = this.nextId++;
		this.messages.push({ id, protocol, at: EPOCH + this.time.now });
		if (!isHeard) return;
		const frame = `{"id_msg":${id},"tipo_update":"new_message","protocolo_atual":"${protocol}"}`;
		for (let copy = 0; copy < copies; copy++) this.tell(frame, String(id));
	}

	/** The queue changes; all connections that are open hear of it, if it arrives. */
	updateQueue(): void {
		// Before the first connection there is nothing that could be missed.
		if (this.socket.soundUntil === undefined) return;
		const mark = this.nextId++;
		this.updates.push({ mark, at: EPOCH + this.time.now });
		this.tell(`{"tipo_update":"update_espera","mark":${mark}}`);
	}

	private tell(frame: string, messageId?: string): void {
		const { now } = this.time;
		for (const connection of this.open) {
			const arrive = () => {
				const isHeard = connection.state === 'open' && !connection.isLetGo;
				if (isHeard && messageId !== undefined && !this.toldOn.has(messageId)) {
					this.toldOn.set(messageId, this.provider.connections.indexOf(connection));
				}
				connection.say(frame);
			};
			const at = Math.max(now + this.delay, this.arrivals.get(connection) ?? 0);
			this.arrivals.set(connection, at);
			if (at === now) arrive();
			else this.time.at(at, arrive);
		}
	}

	private connectionOf(messageId: string): number {
		const connection = this.toldOn.get(messageId);
		if (connection === undefined) throw new Error(`no connection told message ${messageId}`);
		return connection;
	}

	/** The marks of changes of the queue that were executed. */
	get marks(): number[] {
		return this.executed.flatMap(({ event, raw }) =>
			event === 'queueUpdated' ? [(raw as { mark: number }).mark] : [],
		);
	}

	/** Changes of the queue that were neither executed nor within a gap. */
	get unreported(): number[] {
		const told = new Set(this.marks);
		const isWithin = (at: number) =>
			this.gaps.some(({ from, to }) => Date.parse(from) <= at && at <= Date.parse(to));
		return this.updates
			.filter(({ mark, at }) => !told.has(mark) && !isWithin(at))
			.map(({ mark }) => mark);
	}

	/** The ids of messages that were executed. */
	get messageIds(): string[] {
		return this.executed.flatMap(({ messageId }) => messageId ?? []);
	}

	finish(which: number): void {
		const [end] = this.running.splice(which % Math.max(1, this.running.length), 1);
		end?.();
	}

	async close(): Promise<void> {
		await this.socket.close();
		this.listener.close();
		this.isClosed = true;
	}

	/** What must hold at every instant. */
	check(model: Model): void {
		const { socket, time, provider } = this;
		const isFailed = this.failures.length > 0;
		if (this.failures.length > 1) throw new Error('failed twice');
		if (model.isClosed || isFailed) {
			if (socket.state !== 'closed' && socket.state !== 'failed') throw new Error('not over');
			if (provider.held.length > 0) throw new Error('holds a connection after the end');
		} else {
			const isHeardFrom =
				socket.state === 'open' && time.now - (socket.heardAt ?? -Infinity) <= SILENCE + 3_000;
			const isOnItsWay = time.armed > 0;
			if (!isHeardFrom && !isOnItsWay) throw new Error(`deaf in state ${socket.state}`);
			// While the first one is open, it may be kept as long as no other can be had.
			if (provider.held.length > 2) throw new Error('more than two connections');
		}
		for (const { received } of provider.connections) {
			if (received.length > 1) throw new Error('registered twice');
		}
		if (!model.isClosed && this.running.length > IN_FLIGHT) throw new Error('too many at once');
		if (this.afterClose > 0) throw new Error('an execution after closing');
		const byConversation = new Map<string, string[]>();
		const ids = new Set<string>();
		if (new Set(this.marks).size < this.marks.length) throw new Error('a change executed twice');
		if (this.gaps.length > this.interruptions) throw new Error('more gaps than interruptions');
		for (const { messageId, protocol, recovered } of this.executed) {
			if (messageId === undefined) continue;
			if (ids.has(messageId)) throw new Error(`message ${messageId} was executed twice`);
			ids.add(messageId);
			// What is recovered comes after what was told meanwhile.
			if (recovered) continue;
			const before = byConversation.get(protocol!) ?? [];
			const isOvertaken = before.some(
				// What is still on its way to a connection cannot be waited for by its successor.
				(other) =>
					Number(other) > Number(messageId) &&
					this.connectionOf(other) <= this.connectionOf(messageId),
			);
			if (isOvertaken) throw new Error('out of order within a conversation');
			byConversation.set(protocol!, [...before, messageId]);
		}
	}
}

type Command = fc.AsyncCommand<Model, Real>;

function command(
	name: string,
	act: (real: Real, model: Model) => Promise<void> | void,
	check: (model: Model) => boolean = (model) => !model.isClosed,
): Command {
	return {
		check,
		run: async (model, real) => {
			await act(real, model);
			await settle();
			real.check(model);
		},
		toString: () => name,
	};
}

/** Everything that can happen to a listening trigger. */
const commands = fc.commands(
	[
		fc
			.tuple(fc.nat(1), fc.boolean(), fc.integer({ min: 1, max: 2 }))
			.map(([conversation, isHeard, copies]) =>
				command(`write(${conversation}, ${isHeard}, ${copies})`, (real) =>
					real.write(conversation, isHeard, copies),
				),
			),
		fc.constant(command('updateQueue', (real) => real.updateQueue())),
		// As long as frames may take by what the listener assumes.
		fc.constantFrom(0, 300, 3_000, 9_900).map((ms) =>
			command(`delay(${ms})`, (real) => {
				real.delay = ms;
			}),
		),
		fc
			.constantFrom(10, 900, 2_500, 9_000, 70_000, 125_000)
			.map((ms) => command(`advance(${ms})`, async (real) => await real.time.advance(ms))),
		fc.nat(3).map((which) => command(`finish(${which})`, (real) => real.finish(which))),
		fc
			.tuple(fc.nat(1), fc.constantFrom(1000, 1001, 1005, 1006, 1012))
			.map(([which, code]) =>
				command(`end(${which}, ${code})`, (real) => real.open[which % 2]?.end(code)),
			),
		fc.constantFrom('open' as const, 'refuse' as const, 'hang' as const).map((behaviour) =>
			command(`provider(${behaviour})`, (real) => {
				real.behaviour = behaviour;
			}),
		),
		fc.constant(command('replace', (real) => real.socket.replace('for the model'))),
		fc.constant(
			command('close', async (real, model) => {
				await real.close();
				model.isClosed = true;
			}),
		),
	],
	{ maxCommands: 25 },
);

/** Whatever has happened, in the end everything has been executed once: all that is left is calm. */
export async function calmDown(
	real: Real,
	model: Model,
	answer: () => Promise<void> = async () => {},
): Promise<void> {
	if (model.isClosed) {
		await real.time.advance(600_000);
		real.check(model);
		return;
	}
	real.behaviour = 'open';
	for (let round = 0; round < 60; round++) {
		while (real.running.length > 0) real.finish(0);
		for (let step = 0; step < 4; step++) {
			await real.time.advance(5_000);
			await answer();
		}
		real.check(model);
	}
	const executed = new Set(real.messageIds.map(Number));
	const lost = real.messages.filter(({ id }) => !executed.has(id));
	if (lost.length > 0) throw new Error(`lost: ${lost.map(({ id }) => id).join(', ')}`);
	if (real.unreported.length > 0) {
		throw new Error(`unreported: ${real.unreported.join(', ')} of ${JSON.stringify(real.updates)}`);
	}
	if (real.socket.state !== 'open') throw new Error('not open in the end');
	await real.close();
	await settle();
	if (real.time.armed > 0) throw new Error('something still waits');
}

/** One property: after any commands, in any order of what they set off. */
export const listeningProperty = fc.asyncProperty(commands, async (steps) => {
	const setup = () => ({ model: { isClosed: false }, real: new Real() });
	const { model, real } = setup();
	await fc.asyncModelRun(() => ({ model, real }), steps);
	await calmDown(real, model);
});

/** The same with the answers of the provider in any order. */
export const scheduledProperty = fc.asyncProperty(
	fc.scheduler(),
	commands,
	async (scheduler, steps) => {
		const model = { isClosed: false };
		const real = new Real(scheduler);
		await fc.scheduledModelRun(scheduler, () => ({ model, real }), steps);
		// From now on the provider answers what it is asked, in any order.
		await calmDown(real, model, async () => {
			while (scheduler.count() > 0) {
				await scheduler.waitOne();
				await settle();
			}
		});
	},
);
