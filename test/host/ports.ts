import { createServer } from 'node:net';

const HOST = '127.0.0.1';
const TRIES = 50;

function listen(port: number): Promise<number | undefined> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', (error: NodeJS.ErrnoException) =>
			error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(undefined) : reject(error),
		);
		server.listen({ host: HOST, port, exclusive: true }, () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
		});
	});
}

/** A loopback port that nobody listens on: the wanted one, else the next free one after it. */
export async function freePort(wanted = 0): Promise<number> {
	for (let port = wanted; port < wanted + TRIES; port += wanted === 0 ? 0 : 1) {
		const free = await listen(port);
		if (free !== undefined) return free;
	}
	throw new Error(`No port between ${wanted} and ${wanted + TRIES - 1} is free.`);
}
