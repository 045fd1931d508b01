/**
 * Reads a JSON value that somebody answered with, and notes every rule that it breaks, each with
 * the place where. What a reader returns when it has noted something is not to be used.
 */
export class Findings {
	readonly reasons: string[] = [];

	/** Notes that `path` (empty: the whole answer) breaks a rule. */
	note(path: string, sentence: string) {
		this.reasons.push(path ? `${path}: ${sentence}` : sentence);
	}

	/** An object that has all `required` keys and, beside `optional` ones, no other. */
	object(
		value: unknown,
		path: string,
		required: string[],
		optional: string[] = [],
	): Record<string, unknown> | undefined {
		if (typeof value !== 'object' || value === null || Array.isArray(value)) {
			this.note(path, `must be an object, not ${kindOf(value)}`);
			return undefined;
		}
		for (const key of required) {
			if (!Object.hasOwn(value, key)) this.note(path, `"${key}" is missing`);
		}
		for (const key of Object.keys(value)) {
			if (![...required, ...optional].includes(key)) {
				this.note(path, `"${key}" is not in the document`);
			}
		}
		return value as Record<string, unknown>;
	}

	/** A string with more than white space in it. A value that is not there has been noted. */
	text(value: unknown, path: string): string {
		if (value === undefined) return '';
		if (typeof value !== 'string') this.note(path, `must be a string, not ${kindOf(value)}`);
		else if (!value.trim()) this.note(path, 'must not be empty');
		else if (/\p{Surrogate}/u.test(value))
			this.note(path, 'has half a character (a lone surrogate)');
		else return value;
		return '';
	}

	/**
	 * A web address as it goes over the wire: http or https, a host, and no character that RFC 3986
	 * wants percent-encoded.
	 */
	address(value: unknown, path: string): string {
		const text = this.text(value, path);
		if (!text) return '';
		if (!/^https?:\/\/[^/?#]/i.test(text) || !URL.canParse(text)) {
			this.note(path, 'must be an http or https address');
		} else if (!/^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[\da-f]{2})+$/i.test(text)) {
			this.note(path, 'has characters that an address must have percent-encoded');
		} else {
			return text;
		}
		return '';
	}

	list(value: unknown, path: string): unknown[] {
		if (value === undefined) return [];
		if (Array.isArray(value)) return value;
		this.note(path, `must be a list, not ${kindOf(value)}`);
		return [];
	}
}

export function kindOf(value: unknown): string {
	if (value === undefined) return 'nothing';
	if (value === null) return 'null';
	if (Array.isArray(value)) return 'a list';
	return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
