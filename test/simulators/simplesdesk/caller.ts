import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '../clock';
import type { HttpAnswer } from './answer';

/** One POST to somebody's webhook. */
export interface Call {
	url: string;
	headers: Record<string, string>;
	/** As it goes over the wire. */
	body: string;
	/** How long the answer may take, in milliseconds. */
	timeLimit: number;
	/** Cuts the call. */
	signal: AbortSignal;
	clock: Clock;
	manner?: Manner;
}

/**
 * How the request goes out. `trickle`: over `delay` milliseconds. `half`: the connection is cut in
 * the middle of the body. `hang-up`: the connection is cut `delay` milliseconds after the request.
 */
export interface Manner {
	sends: 'trickle' | 'half' | 'hang-up';
	delay: number;
}

const LARGEST_ANSWER = 1024 * 1024;
const HUNG_UP = 'The caller hung up before the answer came';

/**
 * Calls and resolves to the answer. Rejects with a sentence when there is none. Redirects are not
 * followed, answers above 1 MiB are not read to their end, and no proxy is used.
 */
export async function post(call: Call): Promise<HttpAnswer> {
	const { url, headers, timeLimit, signal, clock, manner } = call;
	const body = Buffer.from(call.body);
	return await new Promise((resolve, reject) => {
		const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, {
			method: 'POST',
			headers: { ...headers, 'Content-Length': String(body.length) },
			// A connection that was left open and dies would look like a refusal of the receiver.
			agent: false,
			signal,
		});
		const giveUp = (sentence: string) => request.destroy(new Error(sentence));
		const timer = setTimeout(() => giveUp(`There was no answer within ${timeLimit} ms`), timeLimit);
		request.once('close', () => {
			clearTimeout(timer);
			reject(new Error(manner?.sends === 'hang-up' ? HUNG_UP : 'The connection was closed'));
		});
		request.once('error', (error: NodeJS.ErrnoException) => {
			const known = error.code && !error.message.includes(error.code);
			reject(new Error(known ? `${error.code}: ${error.message}` : error.message));
		});
		request.once('response', (response) => {
			// Who hangs up does not look at an answer that was quicker.
			if (manner?.sends === 'hang-up') return void response.resume();
			const chunks: Buffer[] = [];
			let size = 0;
			response.on('data', (chunk: Buffer) => {
				chunks.push(chunk);
				size += chunk.length;
				if (size > LARGEST_ANSWER) giveUp('The answer is larger than 1 MiB');
			});
			response.once('error', reject);
			response.once('end', () =>
				resolve({
					status: response.statusCode ?? 0,
					contentType: response.headers['content-type'],
					body: Buffer.concat(chunks),
				}),
			);
		});
		send(body, { clock, signal, manner }, request, giveUp).catch(reject);
	});
}

async function send(
	body: Buffer,
	{ clock, signal, manner }: Pick<Call, 'clock' | 'signal' | 'manner'>,
	request: ReturnType<typeof httpRequest>,
	giveUp: (sentence: string) => void,
) {
	const written = async (bytes: Buffer) =>
		await new Promise((resolve) => request.write(bytes, resolve));
	switch (manner?.sends) {
		case 'trickle': {
			const step = Math.max(1, Math.ceil(body.length / 10));
			for (let from = 0; from < body.length; from += step) {
				if (!(await clock.wait(manner.delay / 10, signal)) || request.destroyed) return;
				await written(body.subarray(from, from + step));
			}
			request.end();
			return;
		}
		case 'half':
			await written(body.subarray(0, Math.ceil(body.length / 2)));
			giveUp('The caller hung up in the middle of its request');
			return;
		case 'hang-up':
			await new Promise<void>((resolve) => request.end(body, resolve));
			if (await clock.wait(manner.delay, signal)) {
				giveUp(HUNG_UP);
			}
			return;
		default:
			request.end(body);
	}
}
