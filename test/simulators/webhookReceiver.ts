import { createServer, type IncomingHttpHeaders } from 'node:http';
import { listen, urlOf } from './frame';

/** A webhook for tests: keeps what it gets, and answers as it is told. */
export interface WebhookReceiver {
	url: string;
	received: Array<{ path: string; headers: IncomingHttpHeaders; text: string }>;
	/** Status and body of every answer from now on; 'reset' breaks the connection, 'hold' waits. */
	answer: { status: number; body: string } | 'reset' | 'hold';
	close(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const text = Buffer.concat(chunks).toString('utf8');
			receiver.received.push({ path: request.url ?? '', headers: request.headers, text });
			if (receiver.answer === 'hold') return;
			if (receiver.answer === 'reset') return void request.socket.resetAndDestroy();
			response.writeHead(receiver.answer.status).end(receiver.answer.body);
		});
	});
	await listen(server, 0);
	const receiver: WebhookReceiver = {
		url: `${urlOf(server)}/webhook`,
		received: [],
		answer: { status: 200, body: '{"ok":true}' },
		close: async () => {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
		},
	};
	return receiver;
}
