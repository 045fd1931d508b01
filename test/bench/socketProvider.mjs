import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

/*
 * As much of Voxfree as a listening trigger needs, in a process of its own: the login, empty lists,
 * and a socket. A client that registers is told of events; one that connects to /told is told how
 * many there would have been.
 *
 * Over the IPC channel: { burst, first } lets so many messages come at once, with ids from `first` on.
 * { told, first } tells the others.
 */

const CONVERSATIONS = 200;
/** To a login, and whatever else is asked. */
const ANSWER = { retorno: 'ok', id_agente: '61', codid_cliente: '1' };
const LISTS = /chatsAtivos|chatsEspera/;

const registered = new Set();
const told = new Set();

const message = (id) => ({
	id_msg: id,
	type: 'chat',
	tipo_update: 'new_message',
	codid_contato: String(342_000 + (id % CONVERSATIONS)),
	codid_canal: '25',
	protocolo_atual: `202611210${String(id % CONVERSATIONS).padStart(5, '0')}`,
	agente_responsavel: '61',
});

/** An item of the shape that the Voxfree Trigger makes of a message. */
function itemOf(raw) {
	return {
		event: 'newMessage',
		messageId: String(raw.id_msg),
		protocol: raw.protocolo_atual,
		contactId: raw.codid_contato,
		channelId: raw.codid_canal,
		agentId: raw.agente_responsavel,
		isMine: true,
		raw,
	};
}

const server = createServer((request, response) => {
	request.resume();
	request.on('end', () => {
		response.writeHead(200, { 'Content-Type': 'application/json' });
		response.end(JSON.stringify(LISTS.test(request.url) ? [] : ANSWER));
	});
});

new WebSocketServer({ server }).on('connection', (socket, request) => {
	const clients = request.url === '/told' ? told : registered;
	if (clients === told) told.add(socket);
	else socket.once('message', () => registered.add(socket));
	socket.on('close', () => clients.delete(socket));
	socket.on('error', () => socket.terminate());
});

process.on('message', (order) => {
	const clients = order.burst ? registered : told;
	const { burst = 0, first } = order;
	for (const client of clients) {
		for (let id = first; id < first + burst; id++) client.send(JSON.stringify(message(id)));
		if (order.told) {
			const item = itemOf(message(first));
			client.send(JSON.stringify({ count: order.told, first, item }));
		}
	}
	process.send({ clients: clients.size });
});
process.on('disconnect', () => process.exit());

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
