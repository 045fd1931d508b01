import { createHash } from 'node:crypto';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { INode, JsonObject } from 'n8n-workflow';

/**
 * What went wrong, in the terms that decide what may be done next:
 * - `invalid`: our own input was refused before anything was sent;
 * - `unreachable`: no byte reached the provider;
 * - `interrupted`: the exchange broke off half-way, its outcome is unknown;
 * - `late`: the answer did not come within the time limit, its outcome is unknown;
 * - `refused`: the provider answered that it will not do it;
 * - `unavailable`: the provider answered that it cannot do it now (429, 5xx);
 * - `unreadable`: the answer was not what an API answers (HTML, empty, broken JSON, redirect);
 * - `cancelled`: the execution was stopped.
 */
export type ProviderErrorKind =
	| 'invalid'
	| 'unreachable'
	| 'interrupted'
	| 'late'
	| 'refused'
	| 'unavailable'
	| 'unreadable'
	| 'cancelled';

export interface ProviderErrorDetails {
	kind: ProviderErrorKind;
	/** What the user can do about it: one or more sentences, shown below the message. */
	description?: string;
	/** The HTTP status that the provider answered with, where it answered at all. */
	httpStatus?: number;
	/** How long the provider asked us to wait, in milliseconds. */
	retryAfter?: number;
}

/** Anything that stops an operation, in two plain parts: what happened, and what to do. */
export class ProviderError extends Error {
	readonly kind: ProviderErrorKind;

	readonly description?: string;

	readonly httpStatus?: number;

	readonly retryAfter?: number;

	constructor(message: string, details: ProviderErrorDetails) {
		super(message);
		this.name = 'ProviderError';
		this.kind = details.kind;
		this.description = details.description;
		this.httpStatus = details.httpStatus;
		this.retryAfter = details.retryAfter;
	}
}

/** A parameter holds something that cannot be used. Thrown before anything is sent. */
export function invalidInput(message: string, description?: string): ProviderError {
	return new ProviderError(message, { kind: 'invalid', description });
}

/** Replaces every secret in a text, however it is written there, by a fixed mark. */
export type Redactor = (text: string) => string;

export const HIDDEN = '[hidden]';

/** Below this length a "secret" is an ordinary word, and hiding it would damage every text. */
const SHORTEST_SECRET = 6;

/** A run of this many characters of a secret, at its start or end, already gives it away. */
const TELLING_LENGTH = 8;

/**
 * Makes the one function that all texts leaving a node pass through.
 *
 * It finds each secret plain, trimmed, percent-encoded (once and twice, `+` for blanks), in base64
 * and base64url at any alignment inside a longer text, in hex, as MD5 (which some providers accept
 * instead of the password), and with the escapes of JSON, PHP's JSON and HTML; and what is left of
 * one when a server has cut it off after or before at least eight characters.
 *
 * @param secrets values to hide; those shorter than six characters are ignored
 */
export function createRedactor(secrets: readonly unknown[]): Redactor {
	const whole = new Set<string>();
	const cut = new Set<string>();
	for (const secret of secrets) {
		if (typeof secret !== 'string') continue;
		for (const spelling of new Set([secret, secret.trim()])) {
			if (spelling.length < SHORTEST_SECRET) continue;
			for (const form of writtenForms(spelling)) {
				if (form.length < SHORTEST_SECRET) continue;
				whole.add(form);
				if (form.length >= 2 * TELLING_LENGTH) cut.add(form);
			}
		}
	}
	if (whole.size === 0) return (text) => text;

	const longestFirst = [...whole].sort((a, b) => b.length - a.length);
	const pattern = new RegExp(longestFirst.map(escapeForPattern).join('|'), 'g');
	const edges = [...cut].flatMap((form) => [
		{ form, edge: form.slice(0, TELLING_LENGTH), forward: true },
		{ form, edge: form.slice(-TELLING_LENGTH), forward: false },
	]);
	return (text) => {
		let clean = text.replace(pattern, HIDDEN);
		for (const { form, edge, forward } of edges) {
			if (clean.includes(edge)) clean = hideRemains(clean, form, edge, forward);
		}
		return clean;
	};
}

/** Hides the longest part of `form` that begins (or, going backwards, ends) at each `edge`. */
function hideRemains(text: string, form: string, edge: string, forward: boolean): string {
	// Pieces, not one text cut anew for every find: that would take quadratic time.
	const pieces: string[] = [];
	let done = 0;
	for (let from = text.indexOf(edge); from !== -1; from = text.indexOf(edge, done)) {
		let start = from;
		let end = from + edge.length;
		if (forward) {
			while (end < text.length && text[end] === form[end - start]) end++;
		} else {
			while (start > done && text[start - 1] === form[form.length - 1 - (end - start)]) start--;
		}
		pieces.push(text.slice(done, start), HIDDEN);
		done = end;
	}
	return pieces.join('') + text.slice(done);
}

function writtenForms(secret: string): string[] {
	const bytes = Buffer.from(secret, 'utf8');
	const percent = percentEncoded(secret);
	const json = JSON.stringify(secret).slice(1, -1);
	const ascii = json.replace(
		/[^\x20-\x7e]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
	const md5 = createHash('md5').update(bytes).digest('hex');
	return [
		secret,
		percent,
		lowerCaseEscapes(percent),
		percent.replace(/%20/g, '+'),
		new URLSearchParams([['', secret]]).toString().slice(1),
		percentEncoded(percent),
		...base64Forms(bytes),
		bytes.toString('hex'),
		bytes.toString('hex').toUpperCase(),
		md5,
		md5.toUpperCase(),
		json,
		ascii,
		ascii.replace(/\//g, '\\/'),
		json.replace(/\//g, '\\/'),
		htmlEscaped(secret, '&#39;', '&quot;'),
		htmlEscaped(secret, '&#039;', '&quot;'),
		htmlEscaped(secret, '&#x27;', '&#34;'),
		htmlEscaped(secret, "'", '"'),
	];
}

/** Like encodeURIComponent, but lone surrogates are encoded instead of throwing. */
function percentEncoded(text: string): string {
	return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
}

function lowerCaseEscapes(text: string): string {
	return text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

/**
 * The base64 of a secret differs with its position in the encoded text (`user:secret`). For each of
 * the three alignments this is the part that depends on the secret alone.
 */
function base64Forms(bytes: Buffer): string[] {
	const forms = [0, 1, 2].map((shift) => {
		const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
			.toString('base64')
			.replace(/=+$/, '');
		const first = shift === 0 ? 0 : shift + 1;
		const last = (bytes.length + shift) % 3 === 0 ? encoded.length : encoded.length - 1;
		return encoded.slice(first, last);
	});
	const whole = bytes.toString('base64').replace(/=+$/, '');
	return [whole, ...forms].flatMap((form) => [
		form,
		form.replace(/\+/g, '-').replace(/\//g, '_'),
		form.replace(/\//g, '\\/'),
		encodeURIComponent(form),
	]);
}

function htmlEscaped(text: string, apostrophe: string, quote: string): string {
	return text
		.replace(/&/g, '&amp;')
		.replace(/</g, '&lt;')
		.replace(/>/g, '&gt;')
		.replace(/'/g, apostrophe)
		.replace(/"/g, quote);
}

function escapeForPattern(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * The error that n8n shows and stores. It is built from our own sentences only: the causing error,
 * its request, its answer and its stack never travel along, because they may hold the credential.
 *
 * @param itemIndex the input item that the error belongs to
 */
export function toNodeError(
	node: INode,
	error: unknown,
	redact: Redactor,
	itemIndex?: number,
): NodeApiError | NodeOperationError {
	const known = error instanceof ProviderError ? error : describeUnknown(error);
	const message = redact(known.message);
	const description = known.description === undefined ? undefined : redact(known.description);
	if (known.httpStatus !== undefined) {
		return new NodeApiError(node, { message } as JsonObject, {
			message,
			description,
			httpCode: String(known.httpStatus),
			itemIndex,
		});
	}
	return new NodeOperationError(node, message, { description, itemIndex });
}

function describeUnknown(error: unknown): ProviderError {
	const message = error instanceof Error && error.message !== '' ? error.message : String(error);
	const described = (error as { description?: unknown } | null)?.description;
	return new ProviderError(message, {
		kind: 'invalid',
		description: typeof described === 'string' ? described : undefined,
	});
}
