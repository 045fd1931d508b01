import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { INode, JsonObject } from 'n8n-workflow';
import type { Redactor } from './redact';

/**
 * What went wrong, in terms that decide what may be done next:
 * - `invalid`: the input is wrong, and nothing was sent
 * - `unreachable`: no byte reached the provider
 * - `interrupted`: the connection was lost, and the outcome is unknown
 * - `late`: no response within the time limit, and the outcome is unknown
 * - `refused`: the provider will not do it
 * - `busy`: the provider asks to come back later (429, or 503 with Retry-After), and did nothing
 * - `unavailable`: the provider cannot do it now (5xx), and the outcome is unknown
 * - `unreadable`: the response is not what an API returns (HTML, empty, broken JSON, redirect)
 * - `cancelled`: the execution was stopped
 */
export type ProviderErrorKind =
	| 'invalid'
	| 'unreachable'
	| 'interrupted'
	| 'late'
	| 'refused'
	| 'busy'
	| 'unavailable'
	| 'unreadable'
	| 'cancelled';

export interface ProviderErrorDetails {
	kind: ProviderErrorKind;
	/** Why, as the end of the message: the provider's own words where it refused. */
	reason?: string;
	/** What decides what to do next, as a sentence without its full stop. It ends the message. */
	consequence?: string;
	/** What the user can do about it, in one or more sentences. n8n shows it below the message. */
	description?: string;
	/** The HTTP status of the response, if there was one. */
	httpStatus?: number;
	/** Milliseconds that the provider asked us to wait. */
	retryAfter?: number;
}

/** Anything that stops an operation: what happened (`message`), and what to do (`description`). */
export class ProviderError extends Error {
	readonly kind: ProviderErrorKind;

	readonly reason?: string;

	readonly consequence?: string;

	readonly description?: string;

	readonly httpStatus?: number;

	readonly retryAfter?: number;

	constructor(message: string, details: ProviderErrorDetails) {
		super(message);
		this.name = 'ProviderError';
		this.kind = details.kind;
		this.reason = details.reason;
		this.consequence = details.consequence;
		this.description = details.description;
		this.httpStatus = details.httpStatus;
		this.retryAfter = details.retryAfter;
	}

	/**
	 * What n8n shows as the message: what happened, why, and what follows from it. An AI agent is told
	 * nothing else, and neither is somebody who activates a workflow.
	 */
	get fullMessage(): string {
		const { message, reason, consequence } = this;
		const happened = reason === undefined ? message : `${message}: ${reason}`;
		if (consequence === undefined) return happened;
		return `${happened}${/[.!?…]$/.test(happened) ? '' : '.'} ${consequence}`;
	}
}

/** An error in a parameter. It is thrown before anything is sent. */
export function invalidInput(message: string, description?: string): ProviderError {
	return new ProviderError(message, { kind: 'invalid', description });
}

/**
 * The error that n8n shows and stores. It contains our own sentences only. The original error with
 * its request, response and stack is left out, because it may contain the credential.
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
	const message = redact(known.fullMessage);
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

/** An error in one line, for a log: what happened, and what to do if that is known. */
export function errorText(error: unknown): string {
	if (!(error instanceof Error) || error.message === '') return 'unknown reason';
	const message = error instanceof ProviderError ? error.fullMessage : error.message;
	const { description } = error as { description?: unknown };
	if (typeof description !== 'string' || description === '') return message;
	return `${message}${/[.!?…]$/.test(message) ? '' : '.'} ${description}`;
}
