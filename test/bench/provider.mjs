import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';

/*
 * A provider that does nothing but answer, in a process of its own: a simulator that thinks, or
 * shares a process with the measuring, would be what is measured. It notes whether messages of one
 * client came in their order, each after the answer to the one before, and how long it really took.
 *
 * Over the IPC channel: { reset: true, delay } starts a new count; { report: true } asks for it.
 */

const ANSWER = '{"status":200}';

let delay = 0;
let count;

function reset() {
	count = {
		received: 0,
		inFlight: 0,
		mostInFlight: 0,
		outOfOrder: 0,
		last: new Map(),
		answerTime: 0,
	};
}

function arrived({ clientId, content }) {
	const number = Number(/\d+$/.exec(content)?.[0]);
	const before = count.last.get(clientId) ?? { number: 0, answered: true };
	if (number !== before.number + 1 || !before.answered) count.outOfOrder++;
	const message = { number, answered: false, at: performance.now() };
	count.first ??= message.at;
	count.last.set(clientId, message);
	count.received++;
	count.mostInFlight = Math.max(count.mostInFlight, ++count.inFlight);
	return message;
}

reset();

const server = createServer((request, response) => {
	const chunks = [];
	request.on('data', (chunk) => chunks.push(chunk));
	request.on('end', () => {
		const message = arrived(JSON.parse(Buffer.concat(chunks).toString('utf8')));
		const answer = () => {
			message.answered = true;
			count.inFlight--;
			count.end = performance.now();
			count.answerTime += count.end - message.at;
			response.writeHead(200, { 'Content-Type': 'application/json' }).end(ANSWER);
		};
		if (delay > 0) setTimeout(answer, delay);
		else answer();
	});
});

process.on('message', (order) => {
	if (order.reset) {
		delay = order.delay;
		reset();
		process.send({});
	} else {
		const { received, mostInFlight, outOfOrder, last, first, end, answerTime } = count;
		const times = { span: end - first, meanAnswer: answerTime / received };
		process.send({ received, mostInFlight, outOfOrder, clients: last.size, ...times });
	}
});
process.on('disconnect', () => process.exit());

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
