import { createWriteStream } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { seeded } from './ToxicProxy';

/*
 * A provider in a process of its own: as much of Voxfree as a listening trigger needs. It writes
 * down what happened, whoever hears of it, and tells it to whom is connected. It takes orders by IPC
 * and shares no code with the node.
 */

export interface ProviderOptions {
	log: string;
	seed: number;
	agents: number;
	conversations: number;
	/** Whether frames come twice, out of order, or broken now and then. */
	isSloppy: boolean;
}

export type ProviderOrder =
	| { order: 'start'; options: ProviderOptions }
	/** So many events of each agent per second, until so many have happened in all. */
	| { order: 'load'; perSecond: number; events: number }
	| { order: 'close'; agent: string; code: number }
	| { order: 'terminate'; agent: string }
	/** The connections of an agent stay open but tell nothing any more. */
	| { order: 'deafen'; agent: string }
	| { order: 'stop' };

export type ProviderNews =
	| { news: 'listening'; port: number }
	| { news: 'progress'; events: number; connections: number }
	| { news: 'stopped'; events: number };

interface Message {
	codid: string;
	timestamp: string;
}

const KEPT = 20_000;
const TICK = 20;

let options: ProviderOptions;
let random: () => number;
let log: ReturnType<typeof createWriteStream>;
let nextId = 10_000_000;
let happened = 0;
let planned = 0;
let timer: NodeJS.Timeout | undefined;
const clients = new Map<WebSocket, { agent: string; isDeaf: boolean; held?: string }>();
const messages = new Map<string, Message[]>();

const protocolOf = (agent: number, conversation: number) =>
	`2026112100${String(agent).padStart(4, '0')}${String(conversation).padStart(4, '0')}`;

function tell(agent: string, frame: string) {
	for (const [client, state] of clients) {
		if (state.agent !== agent || state.isDeaf || client.readyState !== WebSocket.OPEN) continue;
		if (!options.isSloppy) {
			client.send(frame);
			continue;
		}
		if (random() < 0.02 && state.held === undefined) {
			state.held = frame;
			continue;
		}
		if (random() < 0.001) client.send(frame.slice(0, -7));
		client.send(frame);
		// Twice only what has an id: of anything else two would be two.
		if (random() < 0.02 && frame.includes('id_msg')) client.send(frame);
		if (state.held !== undefined) client.send(state.held);
		state.held = undefined;
	}
}

function happen(agent: number) {
	const id = String(nextId++);
	const isMessage = random() < 0.95;
	const t = Date.now();
	happened++;
	log.write(`${JSON.stringify({ t, kind: 'sent', id, agent, isRecoverable: isMessage })}\n`);
	if (!isMessage) {
		tell(String(agent), `{"tipo_update":"update_espera","marca":"${id}"}`);
		return;
	}
	const protocol = protocolOf(agent, Math.floor(random() * options.conversations));
	const list = messages.get(protocol) ?? [];
	messages.set(protocol, list);
	list.push({ codid: id, timestamp: String(Math.floor(t / 1000)) });
	if (list.length > 2 * KEPT) list.splice(0, KEPT);
	tell(
		String(agent),
		`{"id_msg":${id},"type":"chat","tipo_update":"new_message","codid_contato":"342284","codid_canal":"235","protocolo_atual":"${protocol}","agente_responsavel":"${agent}"}`,
	);
}

function load(perSecond: number, events: number) {
	clearInterval(timer);
	planned = happened + events;
	let owed = 0;
	let last = performance.now();
	let ticks = 0;
	timer = setInterval(() => {
		const now = performance.now();
		owed += ((now - last) / 1000) * perSecond;
		last = now;
		for (; owed >= 1; owed--) {
			for (let agent = 1; agent <= options.agents && happened < planned; agent++) happen(agent);
		}
		if (ticks++ % 25 === 0) {
			send({ news: 'progress', events: happened, connections: clients.size });
		}
		if (happened < planned) return;
		clearInterval(timer);
		// Whoever waits for all triggers to come back wants to know of them still.
		timer = setInterval(
			() => send({ news: 'progress', events: happened, connections: clients.size }),
			500,
		);
		for (const [client, state] of clients) {
			if (state.held !== undefined && !state.isDeaf) client.send(state.held);
			state.held = undefined;
		}
		send({ news: 'progress', events: happened, connections: clients.size });
	}, TICK);
}

function answer(path: string, body: Record<string, string>): unknown {
	const agent = Number(body.id_agente);
	const list = Array.from({ length: options.conversations }, (_, conversation) => ({
		protocolo: protocolOf(agent, conversation),
		tipo_chat: 'chat',
		id_contato: '342284',
		id_canal_unico: '235',
		id_agente: String(agent),
	}));
	switch (path) {
		case '/mobile/login.php':
			return { retorno: 'ok', id_agente: body.login!.split('@')[0], codid_cliente: '1' };
		case '/mobile/chatsAtivos.php':
			return list;
		case '/mobile/chatsEspera.php':
			return [];
		case '/mobile/buscaDepartamentos.php':
			return [{ codid: '1', nome: 'Sales' }];
		case '/mobile/buscaMensagem.php': {
			const found = (messages.get(body.protocolo!) ?? []).filter(
				({ codid }) => Number(codid) > Number(body.id_last_message),
			);
			return {
				mensagens: {
					[body.protocolo!]: found.map((message) => ({
						...message,
						protocolo: body.protocolo,
						type: 'text',
						fromMe: 0,
						content: 'hello',
					})),
				},
			};
		}
		default:
			return { retorno: 'ok' };
	}
}

function send(news: ProviderNews) {
	process.send?.(news);
}

async function start() {
	random = seeded(options.seed);
	log = createWriteStream(options.log);
	const server = http.createServer((request, response) => {
		let text = '';
		request.setEncoding('utf8').on('data', (part: string) => (text += part));
		request.on('end', () => {
			const body = JSON.parse(text || '{}') as Record<string, string>;
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify(answer(request.url ?? '', body)));
		});
	});
	new WebSocketServer({ server }).on('connection', (client) => {
		client.on('error', () => {});
		client.on('message', (data) => {
			const { codid_agente: agent } = JSON.parse(String(data)) as { codid_agente: string };
			if (clients.has(client)) throw new Error('registered twice');
			clients.set(client, { agent, isDeaf: false });
		});
		client.on('close', () => clients.delete(client));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	send({ news: 'listening', port: (server.address() as AddressInfo).port });
}

process.on('disconnect', () => process.exit(0));
process.on('message', (order: ProviderOrder) => {
	switch (order.order) {
		case 'start':
			options = order.options;
			void start();
			break;
		case 'load':
			load(order.perSecond, order.events);
			break;
		case 'stop':
			clearInterval(timer);
			log.end(() => {
				send({ news: 'stopped', events: happened });
				process.disconnect();
			});
			break;
		default:
			for (const [client, state] of clients) {
				if (state.agent !== order.agent) continue;
				if (order.order === 'close') client.close(order.code, 'as ordered');
				if (order.order === 'terminate') client.terminate();
				if (order.order === 'deafen') state.isDeaf = true;
			}
	}
});
