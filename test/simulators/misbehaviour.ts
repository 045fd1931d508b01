import { STATUS_CODES, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/**
 * The ways in which a provider's answer can go wrong. A mode with `works: true` does what was asked
 * and then spoils the answer (the caller cannot know that it was done); one with `works: false`
 * does nothing at all.
 */
export interface Mode {
	title: string;
	group: 'Wrong content' | 'Slow' | 'Broken connection' | 'Echo of the request' | 'Other answer';
	works: boolean;
	play(scene: Scene): void | Promise<void>;
}

/** Settings of one failure. Which of them matter depends on the mode. */
export interface FaultOptions {
	/** The part of the provider that fails. @default undefined, whatever is asked next */
	at?: string;
	/** HTTP status, for `answer`, `html` and `redirect`. */
	status?: number;
	/** Value of Retry-After: seconds, an HTTP date, or nonsense. */
	retryAfter?: string;
	/** Exact body, for `answer`. */
	body?: string;
	/** Content type, for `answer`. */
	contentType?: string;
	/** Where `redirect` points to. */
	to?: string;
	/** Milliseconds, for the slow modes. @default 5000 */
	delay?: number;
}

/** A failure that waits to happen: what it is called, and its settings. */
export interface Fault extends FaultOptions {
	name: string;
}

/** An answer as bytes. */
export interface RenderedAnswer {
	status: number;
	headers: Record<string, string>;
	body: Buffer;
}

interface Scene {
	request: {
		method: string;
		path: string;
		headers: Record<string, string | string[] | undefined>;
		rawBody: string;
	};
	/** What an honest answer would have been; empty for modes that do no work. */
	answer: RenderedAnswer;
	fault: Fault;
	out: AnswerStream;
	/** False when the caller has gone, or the simulator was reset. */
	wait(ms: number): Promise<boolean>;
}

/** Writes one answer and keeps what was really sent, for the request log. */
export class AnswerStream {
	status = 0;
	headers: Record<string, string> = {};
	private sent: Buffer[] = [];

	/** `onOutcome` is called just before the caller can notice: the log is never behind. */
	constructor(
		private readonly response: ServerResponse,
		private readonly onOutcome: (outcome: 'answered' | 'cut') => void,
	) {}

	/** As text; of a picture, what it is and how large. */
	get body() {
		const bytes = Buffer.concat(this.sent);
		const type = this.headers['Content-Type'] ?? '';
		return type.startsWith('image/') ? `(${type}, ${bytes.length} bytes)` : bytes.toString('utf8');
	}

	/** Status and headers alone, at once. */
	head(status: number, headers: Record<string, string>) {
		this.status = status;
		this.headers = headers;
		this.response.writeHead(status, headers).flushHeaders();
	}

	/** Resolves when the bytes have been handed to the operating system. */
	async write(bytes: Buffer) {
		this.sent.push(bytes);
		await new Promise((resolve) => this.response.write(bytes, resolve));
	}

	end() {
		this.onOutcome('answered');
		this.response.end();
	}

	/** The whole answer at once, with a true Content-Length. */
	send({ status, headers, body }: RenderedAnswer) {
		const bodiless = status === 204 || status === 304;
		this.status = status;
		this.headers = bodiless ? headers : { ...headers, 'Content-Length': String(body.length) };
		this.response.writeHead(status, this.headers);
		if (!bodiless) this.sent.push(body);
		this.onOutcome('answered');
		this.response.end(bodiless ? undefined : body);
	}

	/** Ends the connection: with a TCP reset, or with an ordinary close in mid-answer. */
	cut(how: 'reset' | 'close' = 'reset') {
		this.onOutcome('cut');
		const socket = this.response.socket;
		if (how === 'close') socket?.end();
		// Not resetAndDestroy: that closes in good order first, and the caller sees now the one, now
		// the other.
		else if (socket) Object.assign(socket, { resetAndClosing: true }).destroy();
	}
}

const json = 'application/json; charset=utf-8';
const html = 'text/html; charset=utf-8';
const page = (title: string, text = '') =>
	`<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1>${text}</body></html>\n`;

function exactly(out: AnswerStream, status: number, contentType: string, body: string | Buffer) {
	out.send({ status, headers: { 'Content-Type': contentType }, body: Buffer.from(body) });
}

/** The honest answer with its body changed. */
function changed({ answer, out }: Scene, change: (body: Buffer) => Buffer, contentType?: string) {
	const headers = contentType ? { ...answer.headers, 'Content-Type': contentType } : answer.headers;
	out.send({ ...answer, headers, body: change(answer.body) });
}

const half = (body: Buffer) => body.subarray(0, Math.ceil(body.length / 2));
const delayOf = (fault: Fault) => fault.delay ?? 5000;
const echoed = ({ request }: Scene) =>
	JSON.stringify({ message: 'Cannot handle request', request });

/** Announces `announced` bytes and then sends what it likes. */
async function begin({ answer, out }: Scene, announced: number, bytes: Buffer) {
	out.head(answer.status, {
		...answer.headers,
		'Content-Length': String(announced),
		Connection: 'close',
	});
	await out.write(bytes);
}

export const modes = {
	html: {
		title: 'HTML page with status 200',
		group: 'Wrong content',
		works: false,
		play: ({ out, fault }) =>
			exactly(out, fault.status ?? 200, html, page('Site em manutenção', '<p>Volte logo.</p>')),
	},
	empty: {
		title: 'Empty body with status 200',
		group: 'Wrong content',
		works: true,
		play: (scene) => changed(scene, () => Buffer.alloc(0)),
	},
	null: {
		title: 'The JSON text null',
		group: 'Wrong content',
		works: true,
		play: (scene) => changed(scene, () => Buffer.from('null')),
	},
	'truncated-json': {
		title: 'JSON cut in half',
		group: 'Wrong content',
		works: true,
		play: (scene) => changed(scene, half),
	},
	'warning-before-json': {
		title: 'PHP warning before the JSON',
		group: 'Wrong content',
		works: true,
		play: (scene) =>
			changed(scene, (body) =>
				Buffer.concat([
					Buffer.from('<br />\n<b>Warning</b>: Undefined index: id in /app/api.php on line 7\n'),
					body,
				]),
			),
	},
	'html-after-json': {
		title: 'HTML comment after the JSON',
		group: 'Wrong content',
		works: true,
		play: (scene) =>
			changed(scene, (body) => Buffer.concat([body, Buffer.from('\n<!-- 0.02 s -->')])),
	},
	'bom-before-json': {
		title: 'Byte order mark before the JSON',
		group: 'Wrong content',
		works: true,
		play: (scene) => changed(scene, (body) => Buffer.concat([Buffer.from('\uFEFF'), body])),
	},
	'json-as-text': {
		title: 'JSON served as text/plain',
		group: 'Wrong content',
		works: true,
		play: (scene) => changed(scene, (body) => body, 'text/plain; charset=utf-8'),
	},
	'json-as-html': {
		title: 'JSON served as text/html',
		group: 'Wrong content',
		works: true,
		play: (scene) => changed(scene, (body) => body, html),
	},
	'json-in-latin-1': {
		title: 'JSON in ISO-8859-1',
		group: 'Wrong content',
		works: true,
		play: (scene) =>
			changed(
				scene,
				(body) => Buffer.from(body.toString('utf8'), 'latin1'),
				'application/json; charset=iso-8859-1',
			),
	},
	'gzip-cut': {
		title: 'Gzip stream cut in half',
		group: 'Wrong content',
		works: true,
		play: ({ answer, out }) =>
			out.send({
				...answer,
				headers: { ...answer.headers, 'Content-Encoding': 'gzip' },
				body: half(gzipSync(answer.body)),
			}),
	},
	'gzip-wrong': {
		title: 'Plain text announced as gzip',
		group: 'Wrong content',
		works: true,
		play: ({ answer, out }) =>
			out.send({ ...answer, headers: { ...answer.headers, 'Content-Encoding': 'gzip' } }),
	},
	'slow-headers': {
		title: 'Answer begins late',
		group: 'Slow',
		works: true,
		play: async ({ answer, out, fault, wait }) => {
			if (await wait(delayOf(fault))) out.send(answer);
			else out.cut();
		},
	},
	'slow-body': {
		title: 'Body trickles in',
		group: 'Slow',
		works: true,
		play: async ({ answer, out, fault, wait }) => {
			const step = Math.max(1, Math.ceil(answer.body.length / 10));
			out.head(answer.status, { ...answer.headers, 'Content-Length': String(answer.body.length) });
			for (let from = 0; from < answer.body.length; from += step) {
				if (!(await wait(delayOf(fault) / 10))) return out.cut();
				await out.write(answer.body.subarray(from, from + step));
			}
			out.end();
		},
	},
	'stalled-body': {
		title: 'Half of the body, then silence',
		group: 'Slow',
		works: true,
		play: async (scene) => {
			await begin(scene, scene.answer.body.length, half(scene.answer.body));
			await scene.wait(NEVER);
			scene.out.cut();
		},
	},
	'no-answer': {
		title: 'No answer at all',
		group: 'Slow',
		works: true,
		play: async ({ out, wait }) => {
			await wait(NEVER);
			out.cut();
		},
	},
	'reset-before-work': {
		title: 'Connection reset, nothing was done',
		group: 'Broken connection',
		works: false,
		play: ({ out }) => out.cut(),
	},
	'reset-after-work': {
		title: 'Connection reset after it was done',
		group: 'Broken connection',
		works: true,
		play: ({ out }) => out.cut(),
	},
	'reset-mid-body': {
		title: 'Connection reset in mid-body',
		group: 'Broken connection',
		works: true,
		play: async (scene) => {
			await begin(scene, scene.answer.body.length, half(scene.answer.body));
			scene.out.cut();
		},
	},
	'chunked-cut': {
		title: 'Chunked body that never ends properly',
		group: 'Broken connection',
		works: true,
		play: async ({ answer, out }) => {
			out.head(answer.status, { ...answer.headers, Connection: 'close' });
			await out.write(half(answer.body));
			out.cut('close');
		},
	},
	'content-length-too-long': {
		title: 'Content-Length larger than the body',
		group: 'Broken connection',
		works: true,
		play: async (scene) => {
			await begin(scene, scene.answer.body.length + 10, scene.answer.body);
			scene.out.cut('close');
		},
	},
	'content-length-too-short': {
		title: 'Content-Length smaller than the body',
		group: 'Broken connection',
		works: true,
		play: async (scene) => {
			await begin(scene, Math.floor(scene.answer.body.length / 2), scene.answer.body);
			scene.out.end();
		},
	},
	'echo-500': {
		title: '500 that repeats the request',
		group: 'Echo of the request',
		works: false,
		play: (scene) => exactly(scene.out, 500, json, echoed(scene)),
	},
	'echo-200': {
		title: '200 that repeats the request',
		group: 'Echo of the request',
		works: false,
		play: (scene) => exactly(scene.out, 200, json, echoed(scene)),
	},
	'echo-html': {
		title: 'HTML page that repeats the request',
		group: 'Echo of the request',
		works: false,
		play: (scene) =>
			exactly(
				scene.out,
				scene.fault.status ?? 200,
				html,
				page('Erro', `<pre>${escapeHtml(scene.request.rawBody)}</pre>`),
			),
	},
	redirect: {
		title: 'Redirect',
		group: 'Other answer',
		works: false,
		play: ({ out, fault }) =>
			out.send({
				status: fault.status ?? 302,
				headers: { Location: fault.to ?? 'http://127.0.0.1:9/elsewhere', 'Content-Type': html },
				body: Buffer.from(page('Found')),
			}),
	},
	answer: {
		title: 'Exactly this answer',
		group: 'Other answer',
		works: false,
		play: ({ out, fault }) => {
			const status = fault.status ?? 500;
			const reason = STATUS_CODES[status] ?? 'Unknown';
			out.send({
				status,
				headers: {
					'Content-Type': fault.contentType ?? json,
					...(fault.retryAfter !== undefined && { 'Retry-After': fault.retryAfter }),
				},
				body: Buffer.from(fault.body ?? JSON.stringify({ status, message: reason })),
			});
		},
	},
} satisfies Record<string, Mode>;

/** The name of a failure: a mode, or `status-` and any status from 200 to 599. */
export type FaultName = keyof typeof modes | `status-${number}`;

// Longer than any test or person waits; the wait ends when the caller gives up.
const NEVER = 24 * 60 * 60 * 1000;

function escapeHtml(text: string) {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * The fault a name stands for. `status-503` is `answer` with that status; 429 says when to come
 * back unless told otherwise. Throws a RangeError for a name that nobody knows.
 */
export function faultOf(name: string, options: FaultOptions = {}): Fault {
	const status = /^status-([2-5]\d\d)$/.exec(name)?.[1];
	if (status) {
		const retryAfter = status === '429' ? { retryAfter: '1' } : {};
		return { ...retryAfter, ...options, status: Number(status), name };
	}
	if (!Object.hasOwn(modes, name)) throw new RangeError(`Unknown misbehaviour "${name}"`);
	return { ...options, name };
}

/** How a fault plays. */
export function modeOf({ name }: Fault): Mode {
	return Object.hasOwn(modes, name) ? modes[name as keyof typeof modes] : modes.answer;
}
