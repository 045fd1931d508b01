import { createServer, type IncomingHttpHeaders } from 'node:http';
import { listen, urlOf } from './frame';

interface Received {
	path: string;
	headers: IncomingHttpHeaders;
	text: string;
}

interface Reply {
	status: number;
	body: string | Buffer;
	headers?: Record<string, string>;
}

/** A webhook for tests: keeps what it gets, and answers as it is told. */
export interface WebhookReceiver {
	url: string;
	received: Received[];
	/**
	 * Every answer from now on, or what makes it; 'reset' breaks the connection, 'hold' waits.
	 */
	answer: Reply | 'reset' | 'hold' | ((request: Received) => Reply | Promise<Reply>);
	close(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', async () => {
			const text = Buffer.concat(chunks).toString('utf8');
			const received = { path: request.url ?? '', headers: request.headers, text };
			receiver.received.push(received);
			const { answer } = receiver;
			if (answer === 'hold') return;
			if (answer === 'reset') return void request.socket.resetAndDestroy();
			const reply = typeof answer === 'function' ? await answer(received) : answer;
			response.writeHead(reply.status, reply.headers).end(reply.body);
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
