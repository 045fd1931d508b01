import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { INode, JsonObject } from 'n8n-workflow';
import type { Redactor } from './redact';

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

/** An error in one line, for a log: what happened and, where it is known, what to do. */
export function errorText(error: unknown): string {
	if (!(error instanceof Error) || error.message === '') return 'unknown reason';
	const { description } = error as { description?: unknown };
	return typeof description === 'string' && description !== ''
		? `${error.message}. ${description}`
		: error.message;
}
