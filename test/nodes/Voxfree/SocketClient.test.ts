import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket as NodeWebSocket } from 'undici';
import { WebSocketServer } from 'ws';
import type { ProviderError } from '../../../nodes/shared/errors';
import { openGlobalWebSocket, type WebSocketLike } from '../../../nodes/Voxfree/trigger/webSocket';
import type { Runtime } from '../../../nodes/Voxfree/trigger/runtime';
import {
	SocketClient,
	type Gap,
	type SocketClientOptions,
} from '../../../nodes/Voxfree/trigger/SocketClient';
import { waitFor } from '../../support';
import { MemoryProvider, type MemoryConnection } from './memoryProvider';
import { settle, VirtualTime } from '../../support/virtualTime';

const SILENCE = 120_000;
const REGISTRATION = {
	codid_agente: '61',
	recipient_id: null,
	type: 'socket',
	token: null,
	message: null,
};

function onMemory(changes: Partial<SocketClientOptions & Runtime> = {}) {
	const time = new VirtualTime();
	const provider = new MemoryProvider();
	const frames: Array<{ data: unknown; connection: number }> = [];
	const gaps: Array<Gap | undefined> = [];
	const failures: ProviderError[] = [];
	const warnings: string[] = [];
	const stopped = new AbortController();
	const runtime: Runtime = {
		clock: time.clock,
		now: time.clock,
		random: () => 0.5,
		wait: time.wait,
		log: (level, message) => void (level === 'warn' && warnings.push(message)),
		redact: (text) => text,
		signal: stopped.signal,
		...changes,
	};
	const socket = new SocketClient(runtime, {
		url: 'wss://socket.example.test',
		agentId: '61',
		silence: SILENCE,
		giveUpAfter: 30 * 60_000,
		connect: provider.connect,
		onFrame: (data, connection) => frames.push({ data, connection }),
		onConnected: (gap) => gaps.push(gap),
		onFailed: (failure) => failures.push(failure),
		...changes,
	});
	const started = socket.start().then(
		() => 'connected' as const,
		(failure: ProviderError) => failure,
	);
	const stop = () => stopped.abort();
	return { time, provider, socket, stop, frames, gaps, failures, warnings, started };
}

const opens = (connection: MemoryConnection) => connection.open();

test('each connection is registered once with the frame of the document, nulls included', async () => {
	const { provider, time, started, stop } = onMemory();
	provider.onConnection = opens;
	expect(await started).toBe('connected');
	provider.last.end(1001, 'restart');
	await time.advance(20_000);
	expect(provider.connections).toHaveLength(2);
	for (const { received } of provider.connections) {
		expect(received.map((text) => JSON.parse(text) as unknown)).toEqual([REGISTRATION]);
	}
	stop();
});

test('a return is drawn from a window that doubles, and is never sooner than a second', async () => {
	for (const random of [0, 0.5, 0.999]) {
		const { provider, time, started, stop } = onMemory({ random: () => random });
		provider.onConnection = (connection) => connection.end(1006);
		await started;
		const times: number[] = [time.now];
		let known = provider.connections.length;
		while (times.length < 7) {
			await time.advance(100);
			if (provider.connections.length > known) times.push(time.now);
			known = provider.connections.length;
		}
		const pauses = times.slice(1).map((at, index) => at - times[index]!);
		const windows = [8_000, 16_000, 32_000, 60_000, 60_000, 60_000];
		windows.forEach((window, index) => {
			expect(Math.abs(pauses[index]! - (1_000 + random * window))).toBeLessThanOrEqual(100);
		});
		stop();
	}
});

test('a connection that told something for a while makes earlier failures forgotten; an accepted one that ends at once does not', async () => {
	const { provider, time, started, stop } = onMemory();
	provider.onConnection = (connection) => {
		connection.open();
		connection.say('{}');
		connection.end(1006);
	};
	await started;
	await time.advance(300_000);
	const inFiveMinutes = provider.connections.length;
	expect(inFiveMinutes).toBeLessThan(20);
	provider.onConnection = opens;
	await waitForHeld(provider, time);
	await time.advance(11_000);
	provider.last.say('{}');
	provider.last.end(1006);
	const before = provider.connections.length;
	await time.advance(5_100);
	expect(provider.connections.length).toBe(before + 1);
	stop();
});

async function waitForHeld(provider: MemoryProvider, time: VirtualTime) {
	for (let step = 0; step < 1_000 && provider.held.length === 0; step++) await time.advance(1_000);
	expect(provider.held.length).toBe(1);
}

test('after silence a second connection is opened and registered before the first is dropped, which still tells what was on its way', async () => {
	const { provider, time, started, frames, gaps, stop } = onMemory();
	provider.onConnection = opens;
	await started;
	const [first] = provider.connections;
	await time.advance(SILENCE);
	const second = provider.connections[1]!;
	expect(second.received).toHaveLength(1);
	expect(first!.isLetGo).toBe(false);
	first!.say('told by the first');
	second.say('told by the second');
	await time.advance(9_000);
	expect(first!.isLetGo).toBe(false);
	first!.say('told late by the first');
	await time.advance(2_000);
	expect(first!.isLetGo).toBe(true);
	expect(provider.held).toEqual([second]);
	expect(frames.map(({ data }) => data)).toEqual([
		'told by the first',
		'told by the second',
		'told late by the first',
	]);
	expect(frames.map(({ connection }) => connection)).toEqual([1, 2, 1]);
	expect(gaps[0]).toBeUndefined();
	expect(gaps[1]).toMatchObject({ from: 0, certain: false });
	stop();
});

test('traffic of any kind puts the check off', async () => {
	const { provider, time, started, stop } = onMemory();
	provider.onConnection = opens;
	await started;
	for (let minute = 0; minute < 60; minute++) {
		await time.advance(60_000);
		provider.last.say(minute % 2 === 0 ? 'anything' : new ArrayBuffer(1));
	}
	expect(provider.connections).toHaveLength(1);
	stop();
});

test('a server that refuses a second connection gets the next one only after the first is dropped', async () => {
	const { provider, time, started, gaps, socket, stop } = onMemory();
	provider.onConnection = (connection) => {
		connection.open();
		if (provider.held.length > 1) connection.end(1008, 'already connected');
	};
	await started;
	const [first] = provider.connections;
	await time.advance(SILENCE + 4_000);
	// It may have broken by chance: only the second refusal in a row is believed.
	expect(provider.connections).toHaveLength(2);
	expect(provider.held).toEqual([first]);
	await time.advance(60_000);
	expect(provider.held).toEqual([provider.last]);
	expect(gaps.at(-1)).toMatchObject({ certain: true });
	expect(socket.trusted).toBeDefined();
	stop();
});

test('a half-open connection is noticed and replaced while the server cannot be reached for minutes', async () => {
	const { provider, time, started, gaps, stop } = onMemory();
	provider.onConnection = opens;
	await started;
	await time.advance(60_000);
	provider.last.say('{}');
	provider.onConnection = (connection) => connection.refuse();
	await time.advance(SILENCE + 5 * 60_000);
	expect(provider.connections[0]!.isLetGo).toBe(false);
	provider.onConnection = opens;
	await time.advance(70_000);
	expect(provider.held).toEqual([provider.last]);
	// What was on its way for ten seconds may have been sent before what arrived last.
	expect(gaps.at(-1)).toMatchObject({ from: 50_000 });
	stop();
});

test.each([1001, 1006])(
	'a gap begins before the last sign of life, not when code %d came: the connection may have been deaf before',
	async (code) => {
		const { provider, time, started, gaps, stop } = onMemory();
		provider.onConnection = opens;
		await started;
		await time.advance(60_000);
		provider.last.say('{}');
		await time.advance(50_000);
		provider.last.end(code);
		await time.advance(10_000);
		expect(gaps.at(-1)).toMatchObject({ from: 50_000, certain: true });
		stop();
	},
);

test('a gap does not reach back before its connection', async () => {
	const { provider, time, started, gaps, stop } = onMemory();
	provider.onConnection = opens;
	await started;
	provider.last.end();
	await time.advance(10_000);
	const { to } = gaps.at(-1)!;
	provider.last.say('{}');
	provider.last.end();
	await time.advance(20_000);
	expect(gaps.at(-1)).toMatchObject({ from: to });
	stop();
});

test('a gap ends when the registration has had the time to arrive that the handshake took', async () => {
	const { provider, time, started, gaps, socket, stop } = onMemory();
	provider.onConnection = opens;
	await started;
	provider.onConnection = () => {};
	provider.last.end();
	while (provider.connections.length < 2) await time.advance(100);
	await time.advance(700);
	const openedAt = time.now;
	provider.last.open();
	await time.advance(600);
	expect(gaps).toHaveLength(1);
	await time.advance(200);
	expect(gaps.at(-1)!.to - openedAt).toBeGreaterThanOrEqual(700);
	expect(socket.trusted).toBeDefined();
	stop();
});

test.each([
	['lost before its successor is registered', false, 1001, true],
	['lost without a close frame afterwards', true, 1006, true],
	['closed by the server in favour of its successor', true, 1000, false],
])('a silent connection that is %s while it is checked', async (_, isAfter, code, certain) => {
	const { provider, time, started, gaps, stop } = onMemory();
	provider.onConnection = opens;
	await started;
	const [first] = provider.connections;
	provider.onConnection = () => {};
	await time.advance(SILENCE);
	if (isAfter) {
		provider.last.open();
		await time.advance(1);
	}
	first!.end(code);
	provider.last.open();
	await time.advance(3_000);
	expect(provider.held).toEqual([provider.last]);
	expect(gaps.at(-1)).toMatchObject({ certain });
	if (certain) expect(gaps.at(-1)!.reason).toContain('connection lost');
	stop();
});

test('a second connection that breaks together with the first is no refusal', async () => {
	const { provider, time, started, gaps, stop } = onMemory();
	provider.onConnection = opens;
	await started;
	for (let round = 0; round < 3; round++) {
		await time.advance(SILENCE - (time.now % SILENCE) + 500);
		for (const connection of provider.held) connection.end();
		await time.advance(SILENCE / 2);
	}
	const before = gaps.length;
	await time.advance(3 * SILENCE);
	expect(gaps.slice(before).length).toBeGreaterThan(0);
	expect(gaps.slice(before).every((gap) => gap?.certain === false)).toBe(true);
	stop();
});

test('a connection that is known to be deaf is replaced at once, and that is a certain gap', async () => {
	const { provider, time, started, gaps, socket, stop } = onMemory();
	provider.onConnection = opens;
	await started;
	await time.advance(30_000);
	socket.replace('the lists show more');
	await time.advance(3_000);
	expect(provider.connections).toHaveLength(2);
	expect(gaps.at(-1)).toMatchObject({ certain: true, reason: 'the lists show more' });
	stop();
});

test.each([1000, 1001, 1002, 1003, 1005, 1006, 1007, 1009, 1010, 1011, 1012, 1013, 1014, 1015])(
	'close code %d is an outage, after which it connects again, however often',
	async (code) => {
		const { provider, time, started, failures, gaps, stop } = onMemory();
		provider.onConnection = opens;
		await started;
		for (let round = 0; round < 5; round++) {
			provider.last.end(code, 'x'.repeat(123));
			await time.advance(100_000);
		}
		expect(failures).toEqual([]);
		expect(provider.connections).toHaveLength(6);
		expect(gaps.filter((gap) => gap?.certain)).toHaveLength(5);
		stop();
	},
);

test.each([1008, 4001, 4003, 4401, 4403])(
	'close code %d three times in a row ends in one failure with what to do',
	async (code) => {
		const { provider, time, started, failures } = onMemory();
		provider.onConnection = (connection) => {
			connection.open();
			connection.end(code, 'agent not allowed');
		};
		await started;
		await time.advance(10 * 60_000);
		expect(failures).toHaveLength(1);
		expect(failures[0]!.message).toBe(
			'Voxfree rejected the connection 3 times. Another program may be connected as the same agent. Stop it, or give n8n an agent of its own',
		);
		expect(failures[0]!.description).toContain('agent not allowed');
		expect(provider.held).toEqual([]);
		expect(provider.connections).toHaveLength(3);
		expect(time.armed).toBe(0);
	},
);

test('an agent whom the server turns away at once learns that another program may be connected', async () => {
	const { provider, started, stop } = onMemory();
	provider.onConnection = (connection) => {
		connection.open();
		connection.end(4001, 'other session');
	};
	expect(await started).toMatchObject({
		message:
			'The Voxfree socket could not be opened: Voxfree closed the connection at once (code 4001: other session). Another program may be connected as the same agent. Stop it, or give n8n an agent of its own',
	});
	stop();
});

test('an outage longer than the limit ends in one failure, whatever the number of attempts', async () => {
	const { provider, time, started, failures, stop } = onMemory({
		giveUpAfter: 10 * 60_000,
	});
	provider.onConnection = (connection) => connection.refuse();
	expect(await started).toMatchObject({
		message: expect.stringMatching(
			/^The Voxfree socket could not be opened: the connection failed\. Check 'Socket URL'/,
		) as string,
	});
	await time.advance(9 * 60_000);
	expect(failures).toEqual([]);
	await time.advance(3 * 60_000);
	expect(failures).toHaveLength(1);
	expect(failures[0]!.message).toBe('Voxfree could not be reached for 10 minutes');
	expect(provider.held).toEqual([]);
	stop();
	expect(failures).toHaveLength(1);
});

test('a silent connection that cannot be replaced for too long fails loudly as well', async () => {
	const { provider, time, started, failures } = onMemory({ giveUpAfter: 10 * 60_000 });
	provider.onConnection = opens;
	await started;
	provider.onConnection = (connection) => connection.refuse();
	await time.advance(SILENCE + 12 * 60_000);
	expect(failures).toHaveLength(1);
});

test('an attempt that nobody answers is given up after 15 seconds; a late winner changes nothing', async () => {
	const { provider, time, started, socket, stop } = onMemory();
	const first = provider.connections[0]!;
	await time.advance(15_000);
	await started;
	expect(first.isLetGo).toBe(true);
	provider.onConnection = opens;
	await time.advance(10_000);
	const held = provider.last;
	first.open();
	first.say('late');
	first.end(1006);
	await settle();
	expect(socket.trusted).toBeDefined();
	expect(provider.held).toEqual([held]);
	stop();
});

test('what the server asks for by Retry-After is honoured, up to 15 minutes', async () => {
	for (const [asked, least] of [
		[90_000, 90_000],
		[86_400_000, 900_000],
	] as const) {
		const { provider, time, started, stop } = onMemory({
			probe: async () => ({ status: 503, retryAfter: asked }),
		});
		provider.onConnection = (connection) => connection.refuse();
		await started;
		await time.advance(least - 1_000);
		expect(provider.connections).toHaveLength(1);
		await time.advance(least / 5 + 2_000);
		expect(provider.connections).toHaveLength(2);
		stop();
	}
});

test('status 401 or 403 in place of an upgrade fails after three attempts', async () => {
	for (const status of [401, 403]) {
		const { provider, time, started, failures } = onMemory({ probe: async () => ({ status }) });
		provider.onConnection = (connection) => connection.refuse();
		await started;
		await time.advance(120_000);
		expect(failures).toHaveLength(1);
		expect(failures[0]!.description).toContain(`status ${status}`);
	}
});

test('a probe that hangs or throws does not keep it from trying again', async () => {
	for (const probe of [async () => await new Promise<undefined>(() => {}), fails]) {
		const { provider, time, started, stop } = onMemory({ probe });
		provider.onConnection = (connection) => connection.refuse();
		void started;
		await time.advance(60_000);
		expect(provider.connections.length).toBeGreaterThan(2);
		stop();
	}
});

async function fails(): Promise<undefined> {
	throw new Error('no network');
}

test('two programs with the same agent do not kick each other without end', async () => {
	const { provider, time, started, warnings, stop } = onMemory();
	provider.onConnection = (connection) => {
		connection.open();
		connection.say('{}');
		connection.end(1000, 'another session');
	};
	await started;
	await time.advance(60 * 60_000);
	expect(provider.connections.length).toBeLessThan(65);
	expect(warnings).toHaveLength(1);
	expect(warnings[0]).toContain('same agent');
	stop();
});

test('connections that do not answer their end are replaced more slowly from five on, and at ten it fails with what to do', async () => {
	const { provider, time, started, failures, warnings, socket } = onMemory();
	provider.onConnection = (connection) => {
		connection.answersClose = false;
		connection.open();
	};
	await started;
	const opened: number[] = [time.now];
	for (let round = 0; round < 40 && failures.length === 0; round++) {
		socket.replace('the lists show more');
		const before = provider.connections.length;
		await time.advance(30_000);
		if (provider.connections.length > before) opened.push(time.now);
	}
	const pauses = opened.slice(1).map((at, index) => at - opened[index]!);
	expect(Math.max(...pauses.slice(0, 4))).toBe(30_000);
	expect(Math.min(...pauses.slice(6))).toBeGreaterThanOrEqual(60_000);
	expect(warnings.join()).toContain('connections to Voxfree that were closed are still open');
	expect(failures).toHaveLength(1);
	expect(failures[0]!.message).toBe(
		'10 connections to Voxfree that the trigger has closed are still open. Restart n8n to end them',
	);
	expect(time.armed).toBe(0);
});

test('connections that answer their end late do not count any more', async () => {
	const { provider, time, started, failures, socket, stop } = onMemory();
	provider.onConnection = (connection) => {
		connection.answersClose = false;
		connection.open();
	};
	await started;
	for (let round = 0; round < 30; round++) {
		socket.replace('the lists show more');
		await time.advance(30_000);
		for (const connection of provider.connections) if (connection.isLetGo) connection.end(1000);
	}
	expect(failures).toEqual([]);
	expect(provider.connections).toHaveLength(31);
	stop();
});

test('a connection that was dropped for the next one has a second to be gone before that is opened', async () => {
	const { provider, time, started, stop } = onMemory();
	let mostAtOnce = 0;
	const open = () => provider.connections.filter(({ state }) => state === 'open');
	provider.onConnection = (connection) => {
		connection.answersClose = false;
		connection.open();
		mostAtOnce = Math.max(mostAtOnce, open().length);
		if (open().length > 1) connection.end(1008, 'already connected');
	};
	await started;
	const [first] = provider.connections;
	await time.advance(SILENCE + 4_000);
	for (let n = 0; n < 100 && !first!.isLetGo; n++) await time.advance(1_000);
	const before = provider.connections.length;
	expect(first!.isLetGo).toBe(true);
	await time.advance(1);
	expect(provider.connections).toHaveLength(before);
	first!.end(1000);
	await time.advance(3_000);
	expect(provider.held).toEqual([provider.last]);
	expect(provider.connections).toHaveLength(before + 1);
	stop();
});

test('a clock that jumps because the machine slept is one check, not a storm', async () => {
	const { provider, time, started, socket, stop } = onMemory();
	provider.onConnection = opens;
	await started;
	time.now += 3_600_000;
	await time.advance(10_000);
	expect(provider.connections.length).toBeLessThanOrEqual(2);
	expect(socket.trusted).toBeDefined();
	stop();
});

const states: Record<string, (setup: ReturnType<typeof onMemory>) => Promise<void>> = {
	connecting: async () => {},
	open: async ({ provider }) => {
		provider.last.open();
		await settle();
	},
	'waiting to connect again': async ({ provider }) => {
		provider.last.open();
		await settle();
		provider.last.end(1006);
		await settle();
	},
	'waiting after a refusal': async ({ provider }) => {
		provider.last.refuse();
		await settle();
	},
	'opening a second connection': async ({ provider, time }) => {
		provider.last.open();
		await time.advance(SILENCE);
	},
	'with two connections': async ({ provider, time }) => {
		provider.last.open();
		await time.advance(SILENCE);
		provider.last.open();
		await settle();
	},
	failed: async ({ provider, time }) => {
		provider.onConnection = (connection) => connection.refuse();
		provider.last.refuse();
		await time.advance(3_600_000);
	},
	closed: async ({ stop }) => stop(),
};

test.each(Object.keys(states))(
	'closing while %s is done at once, leaves nothing behind, and may be repeated',
	async (state) => {
		const setup = onMemory();
		await settle();
		await states[state]!(setup);
		const { socket, time, provider, frames, stop } = setup;
		stop();
		stop();
		await settle();
		expect(time.armed).toBe(0);
		expect(provider.held).toEqual([]);
		const before = { frames: frames.length, connections: provider.connections.length };
		for (const connection of provider.connections) {
			connection.open();
			connection.say('too late');
			connection.end(1006);
		}
		await time.advance(3_600_000);
		expect({ frames: frames.length, connections: provider.connections.length }).toEqual(before);
		expect(socket.trusted).toBeUndefined();
	},
);

describe('on a real WebSocket', () => {
	const servers: Array<{ close(): void }> = [];
	const raw: Socket[] = [];
	const open: AbortController[] = [];
	afterEach(() => {
		for (const stopped of open.splice(0)) stopped.abort();
		for (const socket of raw.splice(0)) socket.destroy();
		for (const server of servers.splice(0)) server.close();
	});

	function connect(url: string, changes: Partial<SocketClientOptions & Runtime> = {}) {
		const frames: unknown[] = [];
		const failures: ProviderError[] = [];
		const start = performance.now();
		const stopped = new AbortController();
		const clock = () => (performance.now() - start) * 100;
		const runtime: Runtime = {
			clock,
			now: clock,
			random: Math.random,
			// A hundred times faster than life.
			wait: async (milliseconds, signal) =>
				await new Promise((resolve) => {
					const timer = setTimeout(resolve, milliseconds / 100);
					signal.addEventListener('abort', () => {
						clearTimeout(timer);
						resolve();
					});
				}),
			log: () => {},
			redact: (text) => text,
			signal: stopped.signal,
		};
		const socket = new SocketClient(runtime, {
			url,
			agentId: '61',
			silence: SILENCE,
			giveUpAfter: 30 * 60_000,
			connect: (address) => new NodeWebSocket(address) as unknown as WebSocketLike,
			onFrame: (data) => frames.push(data),
			onFailed: (failure) => failures.push(failure),
			...changes,
		});
		open.push(stopped);
		return { socket, stop: () => stopped.abort(), frames, failures };
	}

	async function listen(server: http.Server): Promise<string> {
		server.on('connection', (socket) => raw.push(socket));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		servers.push(server);
		return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
	}

	test('registers, receives text and bytes, and comes back after the server is gone', async () => {
		const server = http.createServer();
		const provider = new WebSocketServer({ server });
		const registrations: unknown[] = [];
		provider.on('connection', (client) => {
			client.on('message', (data) => {
				registrations.push(JSON.parse(String(data)));
				client.send('{"n":1}');
				client.send(Buffer.from('{"n":2}'));
			});
		});
		const { socket, frames } = connect(await listen(server));
		await socket.start();
		await waitFor('two frames', () => frames.length === 2);
		expect(registrations).toEqual([REGISTRATION]);
		expect(frames[0]).toBe('{"n":1}');
		expect(Buffer.from(frames[1] as ArrayBuffer).toString()).toBe('{"n":2}');
		for (const client of provider.clients) client.terminate();
		await waitFor('the second registration', () => registrations.length === 2, 5_000);
		expect(provider.clients.size).toBe(1);
	});

	test.each([301, 400, 401, 403, 404, 429, 500, 503])(
		'an upgrade answered with status %d is a failed attempt that is repeated',
		async (status) => {
			const server = http.createServer();
			let upgrades = 0;
			server.on('upgrade', (_request, socket) => {
				upgrades++;
				socket.end(
					`HTTP/1.1 ${status} No\r\nLocation: ws://elsewhere.example.test/\r\nContent-Length: 0\r\n\r\n`,
				);
			});
			const { socket, failures } = connect(await listen(server));
			await expect(socket.start()).rejects.toThrow('The Voxfree socket could not be opened');
			await waitFor('another attempt', () => upgrades > 1, 5_000);
			expect(failures).toEqual([]);
		},
	);

	test('a server that is not there is reported, and closing is quick', async () => {
		const { socket, stop } = connect('ws://127.0.0.1:9');
		await expect(socket.start()).rejects.toThrow('The Voxfree socket could not be opened');
		const before = performance.now();
		stop();
		expect(performance.now() - before).toBeLessThan(1_000);
	});

	test('a server that ignores the goodbye does not hold up closing', async () => {
		const server = http.createServer();
		server.on('upgrade', (request, socket) => {
			const accept = createHash('sha1')
				.update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
				.digest('base64');
			socket.write(
				`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
			);
			socket.resume();
		});
		const { socket, stop } = connect(await listen(server));
		await socket.start();
		const before = performance.now();
		stop();
		expect(performance.now() - before).toBeLessThan(1_000);
		expect(socket.trusted).toBeUndefined();
	});

	test('a connection cut within a frame delivers no part of it', async () => {
		const server = http.createServer();
		const provider = new WebSocketServer({ server });
		provider.on('connection', (client) => {
			client.on('message', () => {
				client.send('{"whole":1}', () => {
					// The head of a frame of 100 bytes, and 10 of them.
					const { _socket } = client as unknown as { _socket: Socket };
					_socket.write(Buffer.concat([Buffer.from([0x81, 100]), Buffer.alloc(10, 0x20)]), () =>
						_socket.resetAndDestroy(),
					);
				});
			});
		});
		const { socket, frames } = connect(await listen(server));
		await socket.start();
		await waitFor('two rounds', () => frames.length >= 2, 5_000);
		expect(new Set(frames)).toEqual(new Set(['{"whole":1}']));
	});
});

test('without a WebSocket in Node, the sentence says which Node has one', () => {
	const { WebSocket: own } = globalThis;
	Reflect.deleteProperty(globalThis, 'WebSocket');
	try {
		expect(() => openGlobalWebSocket('wss://socket.example.test')).toThrow(
			expect.objectContaining({
				message: 'The Voxfree Trigger needs n8n to run on Node.js 22 or newer',
				description: expect.stringContaining('--experimental-websocket') as string,
			}),
		);
	} finally {
		if (own !== undefined) globalThis.WebSocket = own;
	}
});
