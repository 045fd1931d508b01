import { once } from 'node:events';
import axios from 'axios';
import { WebSocket } from 'ws';
import { ManualClock } from '../clock';
import { until } from '../until';
import { garbage, type Garbage } from './eventSocket';
import { startVoxfree, type VoxfreeSimulator } from './VoxfreeSimulator';
import { eventTypes } from './wire';

type Json = Record<string, unknown>;

const registration = (agentId: unknown = '61') => ({
	codid_agente: agentId,
	recipient_id: null,
	type: 'socket',
	token: null,
	message: null,
});

let clock: ManualClock;
let voxfree: VoxfreeSimulator;
let clients: WebSocket[];

/** A client that keeps what it hears. */
async function connect(first: unknown = registration()) {
	const socket = new WebSocket(voxfree.socketUrl);
	clients.push(socket);
	const texts: string[] = [];
	// Not `once`, which rejects when an error comes before the end.
	const closed = new Promise<readonly [code: number, reason: string]>((resolve) => {
		socket.once('close', (code, reason) => resolve([code, reason.toString('utf8')]));
	});
	socket.on('message', (data: Buffer) => texts.push(data.toString('utf8')));
	socket.on('error', () => {});
	await once(socket, 'open');
	const known = voxfree.frames().length;
	if (first !== undefined) {
		socket.send(typeof first === 'string' ? first : JSON.stringify(first));
		await until(voxfree, () => voxfree.frames().length > known);
	}
	return {
		socket,
		texts,
		closed,
		events: () => texts.map((text) => JSON.parse(text) as Json),
		/** Resolves when so many texts have come. */
		heard: async (count: number) => {
			while (texts.length < count) await once(socket, 'message');
		},
		/** Resolves when everything that was sent so far has come: a ping overtakes nothing. */
		settled: async () => {
			socket.ping();
			await once(socket, 'pong');
		},
	};
}
const refusal = async () => {
	const socket = new WebSocket(voxfree.socketUrl);
	clients.push(socket);
	socket.on('error', () => {});
	const [, response] = (await once(socket, 'unexpected-response')) as [
		unknown,
		{ statusCode: number; headers: Json },
	];
	return { status: response.statusCode, retryAfter: response.headers['retry-after'] };
};

beforeEach(async () => {
	clients = [];
	clock = new ManualClock('2023-11-30T12:00:00.000Z');
	voxfree = await startVoxfree({ clock, firstMessageId: '17812170' });
});
afterEach(async () => {
	for (const socket of clients) socket.terminate();
	await voxfree.close();
});

describe('registering', () => {
	it('wants the document’s frame, once', async () => {
		await connect();
		expect(voxfree.connections()).toMatchObject([{ agentId: '61', registrations: 1 }]);
		expect(voxfree.frames().map(({ kind }) => kind)).toEqual(['connect', 'register']);
	});

	it.each<[string, unknown, string]>([
		['without a null', { ...registration(), token: undefined }, '"token" must be null'],
		['with a token', { ...registration(), token: '' }, '"token" must be null'],
		['of another type', { ...registration(), type: 'chat' }, '"type" must be "socket"'],
		['with a number', registration(61), '"codid_agente" must be a text of digits'],
		['without agent', registration(null), '"codid_agente" must be a text of digits'],
		['of nobody', registration('99'), 'There is no agent 99'],
		['with more', { ...registration(), presence: 1 }, '"presence" is not in the document'],
		['that is no object', [], 'The frame is not an object'],
		['that is no JSON', 'hello', 'The frame is not JSON'],
	])('a frame %s gets no events', async (_, frame, problem) => {
		const client = await connect(frame);
		await until(voxfree, () => voxfree.connections()[0]!.problem === problem);
		voxfree.customerWrites('30', '25', 'Oi');
		await client.settled();
		expect(client.texts).toEqual([]);
		expect(voxfree.frames().filter(({ kind }) => kind === 'event')).toMatchObject([
			{ outcome: 'nobody' },
			{ outcome: 'nobody' },
		]);
	});

	it('a wrong frame closes the connection where that is set', async () => {
		voxfree.configure({ badRegistration: 'close' });
		const client = await connect({});
		expect(await client.closed).toEqual([1008, 'registration']);
	});

	it.each([
		['both', [1, 1], [true, true]],
		['replace', [0, 1], [false, true]],
		['refuse', [1, 0], [true, false]],
		['first', [1, 0], [true, true]],
	] as const)('of a second session, as "%s"', async (secondSession, events, open) => {
		voxfree.configure({ secondSession });
		const both = [await connect(), await connect()] as const;
		for (const [index, stays] of open.entries()) {
			if (!stays) expect(await both[index]!.closed).toEqual([4001, 'other session']);
		}
		voxfree.refreshQueue();
		for (const [index, stays] of open.entries()) if (stays) await both[index]!.settled();
		expect(both.map(({ texts }) => texts.length)).toEqual(events);
	});
});

describe('events', () => {
	it('are those of what happens, in the document’s form', async () => {
		const client = await connect();
		const { protocol } = voxfree.customerWrites('342284', '25', 'Oi');
		voxfree.queueFor(protocol, '61');
		voxfree.assign(protocol, '61');
		voxfree.customerWrites('342284', '25', 'Alguém?');
		voxfree.queueIn(protocol, '10');
		voxfree.refreshQueue();
		voxfree.finish(protocol);
		voxfree.customerWrites('31', '25', 'Oi');
		await client.heard(10);
		expect(client.events().map(({ tipo_update }) => tipo_update)).toEqual([
			'encaminhado_departamento',
			'new_message',
			'encaminhado_agente_espera',
			'encaminhado_agente',
			'new_message',
			'encaminhado_departamento',
			'update_espera',
			'Finalizar',
			'direcionamento_fidelizado_agente',
			'new_message',
		]);
		expect(new Set(client.events().map(({ tipo_update }) => tipo_update))).toEqual(
			new Set(eventTypes),
		);
		expect(client.texts[4]).toBe(
			'{"id_msg":17812171,"type":"chat","tipo_update":"new_message","codid_contato":"342284",' +
				'"codid_canal":"25","protocolo_atual":"202311303422843152","agente_responsavel":"61"}',
		);
		expect(client.texts[6]).toBe('{"type":"chat","tipo_update":"update_espera"}');
	});

	it('follow from the services as well', async () => {
		const client = await connect();
		voxfree.signIn('61');
		const { protocol } = voxfree.customerWrites('30', '25', 'Oi');
		const place = {
			id_agente: '61',
			codid_cliente: '1',
			protocolo: protocol,
			id_canal_unico: '25',
			id_contato: '30',
			nome_agente: 'Ana',
		};
		for (const [file, fields] of [
			['buscaChat.php', {}],
			['enviaMensagem.php', { mensagem: 'Bom dia', is_group: '0', reply_id: '' }],
			['templatesWhatsapp.php', { action: 'send_template', codid_template: '80' }],
			['finalizarAtendimento.php', { action: 'transferir', new_id_agente: '60' }],
		] as const) {
			await axios.post(
				`${voxfree.applicationUrl}/mobile/${file}`,
				{ ...place, ...fields },
				{ proxy: false },
			);
		}
		await client.heard(6);
		expect(
			client
				.events()
				.map(({ tipo_update, agente_responsavel }) => [tipo_update, agente_responsavel]),
		).toEqual([
			['encaminhado_departamento', undefined],
			['new_message', undefined],
			['encaminhado_agente', '61'],
			['new_message', '61'],
			['new_message', '61'],
			['encaminhado_agente', '60'],
		]);
	});

	it('go to everyone, or to those whom they concern', async () => {
		const [ana, carla] = [await connect(), await connect(registration('7204'))];
		voxfree.configure({ eventsGoTo: 'concerned' });
		const { protocol } = voxfree.customerWrites('30', '26', 'Oi', { departmentId: '11' });
		voxfree.assign(protocol, '61');
		await Promise.all([ana.settled(), carla.settled()]);
		expect([ana.texts.length, carla.texts.length]).toEqual([1, 2]);
	});

	it('of what agents send are left out on demand', async () => {
		const client = await connect();
		voxfree.configure({ ownMessagesTold: false });
		const { protocol } = voxfree.customerWrites('31', '25', 'Oi');
		voxfree.agentWrites(protocol, 'Olá');
		await client.settled();
		expect(client.texts).toHaveLength(2);
	});

	it('carry ids that no double can hold, as numbers or as text', async () => {
		const client = await connect();
		const event = { id_msg: '9007199254740993', tipo_update: 'new_message', protocolo_atual: '07' };
		voxfree.sendEvent(event);
		voxfree.configure({ frameIds: 'bare' });
		voxfree.sendEvent({ ...event, protocolo_atual: '202311303422841002' });
		voxfree.configure({ frameIds: 'text' });
		voxfree.sendEvent(event);
		await client.heard(3);
		expect(client.texts).toEqual([
			'{"id_msg":9007199254740993,"tipo_update":"new_message","protocolo_atual":"07"}',
			'{"id_msg":9007199254740993,"tipo_update":"new_message","protocolo_atual":202311303422841002}',
			'{"id_msg":"9007199254740993","tipo_update":"new_message","protocolo_atual":"07"}',
		]);
	});

	it('come as events, in lists, or as JSON within texts', async () => {
		const client = await connect();
		for (const frameForm of ['event', 'list', 'text'] as const) {
			voxfree.configure({ frameForm });
			voxfree.sendEvent({ tipo_update: 'update_espera' });
		}
		await client.heard(3);
		expect(client.texts).toEqual([
			'{"tipo_update":"update_espera"}',
			'[{"tipo_update":"update_espera"}]',
			'"{\\"tipo_update\\":\\"update_espera\\"}"',
		]);
	});
});

describe('faults', () => {
	const numbered = (from: number, to: number) => {
		for (let id = from; id <= to; id += 1) {
			voxfree.sendEvent({ id_msg: String(id), tipo_update: 'new_message' });
		}
	};
	const idsOf = (client: { events(): Json[] }) => client.events().map(({ id_msg }) => id_msg);
	const outcomes = () =>
		voxfree
			.frames()
			.filter(({ kind }) => kind === 'event')
			.map(({ outcome }) => outcome);

	it('a stall swallows events and answers pings; recovering brings none of them back', async () => {
		const client = await connect();
		voxfree.socket.stall();
		numbered(1, 2);
		await client.settled();
		voxfree.socket.recover();
		numbered(3, 3);
		await client.heard(1);
		expect(idsOf(client)).toEqual([3]);
		expect(outcomes()).toEqual(['swallowed', 'swallowed', 'sent']);
	});

	it('a half-open connection answers nothing, not even closing', async () => {
		const client = await connect();
		const other = await connect(registration('60'));
		voxfree.socket.halfOpen({ agentId: '61' });
		client.socket.ping();
		client.socket.close();
		numbered(1, 1);
		await other.heard(1);
		expect(client.texts).toEqual([]);
		expect(client.socket.readyState).toBe(WebSocket.CLOSING);
		expect(voxfree.connections()).toMatchObject([{ condition: 'half-open' }, {}]);
		voxfree.socket.recover();
		await client.closed;
	});

	it.each(['reset', 'end'] as const)('a connection is dropped by %s', async (how) => {
		const client = await connect();
		voxfree.socket.drop({}, how);
		expect((await client.closed)[0]).toBe(1006);
		expect(voxfree.connections()).toEqual([]);
	});

	it.each([1000, 1001, 1008, 1011, 1012, 1013, 3000, 4000, 4999])(
		'a connection is closed with code %d',
		async (code) => {
			const client = await connect();
			voxfree.socket.close(code, 'até logo');
			expect(await client.closed).toEqual([code, 'até logo']);
		},
	);

	it.each([0, 1004, 1006, 1015, 2999, 65_535])(
		'a connection is closed with code %d, which may not be sent',
		async (code) => {
			const client = await connect();
			voxfree.socket.close(code);
			expect((await client.closed)[0]).toBe(1006);
		},
	);

	it('a connection is closed without a code', async () => {
		const client = await connect();
		voxfree.socket.close(1005);
		expect((await client.closed)[0]).toBe(1005);
		expect(() => voxfree.socket.close(70_000)).toThrow('70000 cannot be a closing code');
	});

	it('a restart closes all, takes none while it is down, and comes back at the same address', async () => {
		const client = await connect();
		const { socketUrl } = voxfree;
		const done = voxfree.socket.restart({ downFor: 1000 });
		expect(await client.closed).toEqual([1012, 'restart']);
		await clock.untilWaiting();
		expect([voxfree.socketUrl, voxfree.socket.isUp]).toEqual([socketUrl, false]);
		const [error] = (await once(new WebSocket(socketUrl), 'error')) as [{ code: string }];
		expect(error.code).toBe('ECONNREFUSED');
		await expect(voxfree.socket.restart()).rejects.toThrow('already down');
		numbered(1, 1);
		clock.advance(1000);
		await done;
		expect(voxfree.socketUrl).toBe(socketUrl);
		const again = await connect();
		numbered(2, 2);
		await again.heard(1);
		expect(idsOf(again)).toEqual([2]);
		expect(outcomes()).toEqual(['nobody', 'sent']);
	});

	it('events are lost, doubled and swapped', async () => {
		const client = await connect();
		voxfree.socket.loseNext();
		numbered(1, 2);
		voxfree.socket.duplicateNext();
		numbered(3, 4);
		voxfree.socket.reorderNext();
		numbered(5, 7);
		await client.heard(7);
		expect(idsOf(client)).toEqual([2, 3, 3, 4, 6, 5, 7]);
		expect(voxfree.socket.pending).toEqual({
			lose: 0,
			duplicate: 0,
			reorder: 0,
			held: false,
			refusals: 0,
		});
	});

	it('an event that waits for another goes out when all shall behave', async () => {
		const client = await connect();
		voxfree.socket.reorderNext();
		numbered(1, 1);
		expect(voxfree.socket.pending.held).toBe(true);
		voxfree.socket.behave();
		await client.heard(1);
	});

	it('slow events keep their order, also with those that are fast again', async () => {
		const client = await connect();
		voxfree.socket.slow(500);
		numbered(1, 2);
		voxfree.socket.slow(0);
		numbered(3, 3);
		await client.settled();
		expect(client.texts).toEqual([]);
		clock.advance(500);
		await client.heard(3);
		numbered(4, 4);
		await client.heard(4);
		expect(idsOf(client)).toEqual([1, 2, 3, 4]);
	});

	it.each(Object.keys(garbage) as Garbage[])('garbage reaches the client: %s', async (kind) => {
		const client = await connect();
		voxfree.socket.garble(kind);
		if (kind === 'protocol-violation' || kind === 'invalid-utf8') {
			expect([1002, 1007, 1006]).toContain((await client.closed)[0]);
		} else {
			await client.heard(1);
			expect(client.texts).toEqual([Buffer.from(garbage[kind]).toString('utf8')]);
		}
	});

	it('a frame is as large as wanted', async () => {
		const client = await connect();
		voxfree.socket.oversized(3_000_000);
		await client.heard(1);
		expect(client.texts[0]!.length).toBeGreaterThan(3_000_000);
		expect(voxfree.frames().at(-1)!.text).toHaveLength(4000);
	});

	it.each([
		[
			{ status: 503, retryAfter: '2' },
			{ status: 503, retryAfter: '2' },
		],
		[{ status: 429, retryAfter: 'Thu, 30 Nov 2023 12:00:05 GMT' }, { status: 429 }],
		[{ status: 302, headers: { Location: 'http://127.0.0.1:9' } }, { status: 302 }],
		[{}, { status: 503 }],
	])('connecting is refused with %j', async (options, expected) => {
		voxfree.socket.refuseUpgrades({ ...options, count: 2 });
		expect(await refusal()).toMatchObject(expected);
		expect(await refusal()).toMatchObject(expected);
		await connect();
	});

	it('connecting hangs until the client gives up', async () => {
		voxfree.socket.refuseUpgrades({ status: 'hang' });
		const socket = new WebSocket(voxfree.socketUrl);
		clients.push(socket);
		socket.on('error', () => {});
		await until(voxfree, () => voxfree.frames().at(-1)?.kind === 'refused');
		expect(socket.readyState).toBe(WebSocket.CONNECTING);
		socket.terminate();
		await connect();
	});

	it('presence expires when a client has said nothing', async () => {
		const client = await connect();
		voxfree.configure({ presenceTtl: 60_000 });
		clock.advance(60_001);
		numbered(1, 1);
		await client.settled();
		numbered(2, 2);
		await client.heard(1);
		expect(idsOf(client)).toEqual([2]);
	});

	it('the server pings where that is set, and leaves pings alone where that is', async () => {
		voxfree.configure({ pingEvery: 30_000, answersPings: false });
		const client = await connect();
		await clock.untilWaiting();
		const pinged = once(client.socket, 'ping');
		clock.advance(30_000);
		await pinged;
		await until(voxfree, () => voxfree.frames().at(-1)?.kind === 'pong');
		client.socket.ping('x');
		await until(voxfree, () => voxfree.frames().at(-1)?.kind === 'ping');
		expect(voxfree.frames().at(-1)).toMatchObject({ direction: 'in', text: 'x', size: 1 });
	});

	it('a reset closes connections and forgets, unless settings and connections shall stay', async () => {
		const client = await connect();
		numbered(1, 1);
		voxfree.socket.loseNext(3);
		voxfree.reset({ keepSettings: true });
		expect(voxfree.frames()).toEqual([]);
		numbered(2, 2);
		await client.heard(2);
		voxfree.reset();
		expect(await client.closed).toEqual([1001, 'reset']);
		expect(voxfree.connections()).toEqual([]);
	});

	it('a reset while it is down brings it up', async () => {
		const done = voxfree.socket.restart({ downFor: 60_000 });
		await clock.untilWaiting();
		voxfree.reset();
		await done;
		await connect();
	});

	it('plain HTTP is told what is spoken here', async () => {
		const { status } = await axios.get(voxfree.socketUrl.replace('ws', 'http'), {
			validateStatus: () => true,
			proxy: false,
		});
		expect(status).toBe(426);
	});
});
