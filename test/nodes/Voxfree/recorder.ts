import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import loginAnswer from '../../fixtures/voxfree/answer-login.json';

/** One request, as it arrived. */
export interface Recorded {
	method: string;
	/** The service, without the folder that all stand under: `login.php`. */
	service: string;
	headers: IncomingHttpHeaders;
	/** Parsed JSON, or the text fields of a form. */
	body: unknown;
	/** The file of a form. */
	file?: { name: string; fileName: string; type: string; bytes: Buffer };
}

/** What a service answers: an object as JSON, a text as it is. */
export type Answer =
	| unknown
	| ((request: Recorded) => { status?: number; type?: string; text: string });

/**
 * A plain HTTP server that writes down what it is sent. It knows nothing of Voxfree but the login and
 * answers each service with what the test has laid out for it.
 */
export class Recorder {
	readonly requests: Recorded[] = [];

	/** Answers by service. */
	answers: Record<string, Answer> = {};

	private readonly server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => void chunks.push(chunk));
		request.on('error', () => undefined);
		request.on('end', () => {
			const recorded = this.record(
				request.method ?? '',
				request.url ?? '',
				request.headers,
				Buffer.concat(chunks),
			);
			const { status = 200, type = 'application/json', text } = this.answerTo(recorded);
			response.writeHead(status, { 'content-type': type });
			response.end(text);
		});
	});

	static async start(): Promise<Recorder> {
		const recorder = new Recorder();
		await recorder.listen();
		return recorder;
	}

	async listen(): Promise<void> {
		await new Promise<void>((resolve) => void this.server.listen(0, '127.0.0.1', resolve));
	}

	/** The address that the services stand under, once it listens. */
	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/mobile`;
	}

	reset(): void {
		this.requests.length = 0;
		this.answers = {};
	}

	/** The requests to one service. */
	to(service: string): Recorded[] {
		return this.requests.filter((request) => request.service === service);
	}

	/** The requests other than the login. */
	get calls(): Recorded[] {
		return this.requests.filter(({ service }) => service !== 'login.php');
	}

	async close(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private record(
		method: string,
		path: string,
		headers: IncomingHttpHeaders,
		bytes: Buffer,
	): Recorded {
		const recorded: Recorded = {
			method,
			service: path.replace(/^\/mobile\//, ''),
			headers,
			body: undefined,
		};
		const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(
			headers['content-type'] ?? '',
		)?.[1];
		if (boundary === undefined) recorded.body = JSON.parse(bytes.toString('utf8') || 'null');
		else Object.assign(recorded, readForm(bytes, boundary));
		this.requests.push(recorded);
		return recorded;
	}

	private answerTo(request: Recorded) {
		const answer =
			this.answers[request.service] ??
			(request.service === 'login.php' ? loginAnswer : { retorno: 'ok', dados: [] });
		if (typeof answer === 'function') {
			return (answer as (request: Recorded) => { status?: number; type?: string; text: string })(
				request,
			);
		}
		if (typeof answer === 'string') return { text: answer };
		return { text: JSON.stringify(answer) };
	}
}

/** A form read by the letter of RFC 7578, with the escapes that PHP knows in file names. */
function readForm(bytes: Buffer, boundary: string): Pick<Recorded, 'body' | 'file'> {
	const body: Record<string, string> = {};
	let file: Recorded['file'];
	const line = `--${boundary}`;
	let from = bytes.indexOf(line) + line.length;
	for (let to = bytes.indexOf(`\r\n${line}`, from); to !== -1; ) {
		const part = bytes.subarray(from + 2, to);
		const split = part.indexOf('\r\n\r\n');
		const head = part.subarray(0, split).toString('utf8');
		const content = part.subarray(split + 4);
		const name = /\bname="([^"]*)"/.exec(head)?.[1] ?? '';
		const fileName = /\bfilename="((?:\\"|[^"])*)"/.exec(head)?.[1];
		if (fileName === undefined) body[name] = content.toString('utf8');
		else {
			file = {
				name,
				fileName: fileName.replace(/\\"/g, '"'),
				type: /^content-type: (.+)$/im.exec(head)?.[1] ?? '',
				bytes: content,
			};
		}
		from = to + 2 + line.length;
		to = bytes.indexOf(`\r\n${line}`, from);
	}
	return { body, ...(file === undefined ? {} : { file }) };
}
