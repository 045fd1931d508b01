import type { IN8nHttpFullResponse } from 'n8n-workflow';
import type { ProviderError } from '../errors';
import { isJsonObject, NestedTooDeep, parseJson, parseJsonTexts } from '../json';
import type { JsonValue } from '../json';
import { nestedTooDeep, notData, redirected, statusFailure, tooLong } from './failures';
import { retryAfterOf } from './retry';
import type { Call, ProviderAnswer } from './types';

/** Bytes. No documented response comes near this, so a longer one is a mistake. */
const LONGEST_ANSWER = 32 * 1024 * 1024;

export interface Received {
	status: number;
	headers: Record<string, unknown>;
	bytes: Buffer;
	tooLong: boolean;
}

interface ByteStream {
	on(event: 'data', listener: (chunk: Uint8Array) => void): void;
	on(event: 'end' | 'close', listener: () => void): void;
	on(event: 'error', listener: (error: unknown) => void): void;
	destroy(): void;
}

/** Reads a response to its end, or up to the longest that is allowed. */
export async function receive(
	response: IN8nHttpFullResponse,
	deadline: AbortSignal,
): Promise<Received> {
	const stream = response.body as unknown as ByteStream;
	const chunks: Uint8Array[] = [];
	let length = 0;
	await new Promise<void>((resolve, reject) => {
		stream.on('data', (chunk) => {
			length += chunk.length;
			if (length <= LONGEST_ANSWER) chunks.push(chunk);
			else stream.destroy();
		});
		stream.on('end', resolve);
		stream.on('error', reject);
		stream.on('close', () => {
			if (length > LONGEST_ANSWER) resolve();
			else reject(new Error('closed'));
		});
		deadline.addEventListener('abort', () => stream.destroy());
		if (deadline.aborted) stream.destroy();
	});
	return {
		status: response.statusCode,
		headers: response.headers,
		bytes: Buffer.concat(chunks),
		tooLong: length > LONGEST_ANSWER,
	};
}

/**
 * Decides by status and body together whether a response is a success, and returns its data or the
 * failure.
 */
export function readAnswer(call: Call, received: Received): ProviderAnswer | ProviderError {
	const { request, redactData } = call;
	const { status, headers } = received;
	if (received.tooLong) return tooLong(call, status);
	if (request.answer === 'bytes' && status >= 200 && status < 300) {
		return { status, headers, body: {}, bytes: received.bytes };
	}
	if (status >= 300 && status < 400) {
		return redirected(call, status, String(headers.location ?? ''));
	}
	const text = decode(received.bytes, headers['content-type']);
	if (status < 200 || status >= 400) {
		return statusFailure(call, status, reasonIn(text), retryAfterOf(headers['retry-after']));
	}
	if (status === 204 || status === 205) return { status, headers, body: {} };

	const parsed = request.answer === 'texts' ? readTexts(text) : tryParse(text);
	if (parsed instanceof NestedTooDeep) return nestedTooDeep(call, status, parsed.message);
	const trimmed = text.trim();
	if (request.answer === 'optional' && (trimmed === '' || parsed === null)) {
		return { status, headers, body: {} };
	}
	const takesText = request.answer === 'unknown' || request.answer === 'optional';
	const passes =
		parsed === undefined
			? takesText && trimmed !== '' && !LOOKS_BROKEN.test(trimmed)
			: parsed !== null;
	if (!passes) return notData(call, status, trimmed);
	const body = parsed ?? trimmed;
	// A provider that repeats the request in its response would put the credential into the output.
	return { status, headers, body: request.unredacted === true ? body : redactData(body) };
}

/** Markup, broken JSON or a PHP message: never the response of an API that worked. */
const LOOKS_BROKEN = /^(<|\{|\[|"|(php )?(fatal error|parse error|warning|notice|deprecated)\b)/i;

/** The reason that a response gives for a refusal, or an empty text. */
function reasonIn(text: string): string {
	const body = tryParse(text);
	if (typeof body === 'string') return body;
	if (body instanceof NestedTooDeep || !isJsonObject(body)) return '';
	for (const key of ['message', 'error', 'descricao', 'description', 'errors', 'detail']) {
		const value = body[key];
		if (typeof value === 'string' && value !== '') return value;
		if (Array.isArray(value)) return value.filter((part) => typeof part === 'string').join('; ');
		if (isJsonObject(value) && typeof value.message === 'string') return value.message;
	}
	return '';
}

function decode(bytes: Buffer, contentType: unknown): string {
	const charset = /charset="?([\w-]+)/i.exec(String(contentType ?? ''))?.[1] ?? 'utf-8';
	// The decoder removes a byte order mark. An unknown charset is most likely a misspelled UTF-8.
	const known = /^(utf-?8|iso-8859-\d+|latin1|windows-125\d|us-ascii)$/i.test(charset);
	return new TextDecoder(known ? charset : 'utf-8').decode(bytes);
}

function tryParse(text: string): JsonValue | NestedTooDeep | undefined {
	try {
		return parseJson(text);
	} catch (error) {
		return error instanceof NestedTooDeep ? error : undefined;
	}
}

/** One JSON text, or a list of several. */
function readTexts(text: string): JsonValue | NestedTooDeep | undefined {
	const one = tryParse(text);
	if (one !== undefined) return one;
	try {
		return parseJsonTexts(text.trim().replace(UNOPENED, '{'));
	} catch (error) {
		return error instanceof NestedTooDeep ? error : undefined;
	}
}

/** Voxfree's document prints an object that begins like a list. */
const UNOPENED = /^\[(?=\s{0,100}"[^"\\]{0,100}"\s{0,100}:)/;
