import { isJsonObject } from '../../shared/json';
import type { JsonValue } from '../../shared/json';
import { HIDDEN } from '../../shared/redact';

/** Start, query with its question mark, and fragment; any text has them. */
const PARTS = /^([^?#]*)(\?[^#]*)?(#[\s\S]*)?$/;

/**
 * An address as an output or error may show it. A callback URL may hold the webhook secret, so all
 * that can be a secret is hidden: a login, the values of the query, and the fragment.
 */
export function shownAddress(address: string): string {
	const [, start = '', query, fragment] = PARTS.exec(address) ?? [];
	return [
		start.replace(/\/\/[^/]*@/, `//${HIDDEN}@`),
		query === undefined ? '' : `?${query.slice(1).split('&').map(shownParameter).join('&')}`,
		fragment === undefined || fragment === '#' ? '' : `#${HIDDEN}`,
	].join('');
}

function shownParameter(parameter: string): string {
	const start = parameter.indexOf('=') + 1;
	return start === parameter.length ? parameter : `${parameter.slice(0, start)}${HIDDEN}`;
}

/** An answer as the output shows it: as it was sent, but without secrets in callback URLs. */
export function shownAnswer(answer: JsonValue): JsonValue {
	if (!isJsonObject(answer)) return answer;
	const { callback, items } = answer;
	return {
		...answer,
		...(Array.isArray(items) ? { items: items.map(shownAnswer) } : {}),
		...(isJsonObject(callback) && typeof callback.endpoint === 'string'
			? { callback: { ...callback, endpoint: shownAddress(callback.endpoint) } }
			: {}),
	};
}
