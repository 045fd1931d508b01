import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import loginAnswer from '../../fixtures/voxfree/answer-login.json';

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** A file as it is served, with the headers that a test is about. */
interface ServedFile {
	content?: Buffer | string;
	status?: number;
	headers?: Record<string, string>;
}

/** Serves files, and logs agents in. It notes every request for a file. */
export class FileServer {
	readonly requests: IncomingMessage[] = [];

	/** What is served at a path. */
	files: Record<string, ServedFile | Serve> = {};

	private readonly server = createServer((request, response) => {
		const path = request.url ?? '';
		if (path.endsWith('.php')) {
			request.resume();
			response.end(JSON.stringify(path.endsWith('login.php') ? loginAnswer : this.php(path)));
			return;
		}
		this.requests.push(request);
		const file = this.files[path];
		if (typeof file === 'function') return file(request, response);
		const { content = '', status = file === undefined ? 404 : 200, headers = {} } = file ?? {};
		response.writeHead(status, headers);
		response.end(content);
	});

	/** What services other than the login answer. */
	php: (path: string) => unknown = () => ({ retorno: 'ok' });

	async listen(): Promise<void> {
		await new Promise<void>((resolve) => void this.server.listen(0, '127.0.0.1', resolve));
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async close(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}
