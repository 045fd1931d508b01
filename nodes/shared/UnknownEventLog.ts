import { isJsonObject, kindOf } from './json';
import type { JsonValue } from './json';

/** Milliseconds for which events with the same keys are logged once. */
const INTERVAL = 60_000;
/** Different sets of keys that are logged in that time; the rest is counted. */
const MOST_SHAPES = 10;
const MOST_KEYS = 25;
/** Levels of objects and lists whose keys are shown. */
const LEVELS = 3;
/** A field name. Anything else, such as an ID or a phone number, is a value that stands as a key. */
const FIELD_NAME = /^(?!.*\d{4})[\p{L}_][\p{L}\d_.-]{0,39}$/u;

/**
 * Logs what came in as an event and is not known, so that an admin sees what is left out: events with
 * the same keys at most once a minute, and never a value.
 */
export class UnknownEventLog {
	private since = Number.NEGATIVE_INFINITY;

	private readonly shapes = new Set<string>();

	private unlogged = 0;

	/** @param provider its name, for the sentence */
	constructor(private readonly provider: string) {}

	/**
	 * @param raw the body of the request, or the frame
	 * @param now milliseconds of any clock
	 * @param warn writes one line into n8n's log
	 */
	add(raw: JsonValue, now: number, warn: (message: string) => void): void {
		const age = now - this.since;
		// A clock that was set back would otherwise keep the log silent.
		if (age >= INTERVAL || age < 0) this.beginInterval(now, warn);
		const shape = shapeOf(raw);
		if (this.shapes.has(shape) || this.shapes.size >= MOST_SHAPES) {
			this.unlogged++;
			return;
		}
		this.shapes.add(shape);
		warn(
			`${this.provider} sent something that this node does not recognise as an event, so it counts as 'Other': ${shape}`,
		);
	}

	private beginInterval(now: number, warn: (message: string) => void): void {
		if (this.unlogged > 0) {
			warn(
				`More events of ${this.provider} counted as 'Other' since the last line: ${this.unlogged}`,
			);
		}
		this.since = now;
		this.shapes.clear();
		this.unlogged = 0;
	}
}

/** The keys of a value, without any of its values. */
function shapeOf(raw: JsonValue): string {
	const keys = new Set<string>();
	collectKeys(raw, '', LEVELS, keys);
	if (keys.size === 0) return `${kindOf(raw)} without keys`;
	const shown = [...keys].sort().slice(0, MOST_KEYS);
	const more = keys.size > MOST_KEYS ? ' and more' : '';
	return `${kindOf(raw)} with the keys ${shown.join(', ')}${more}`;
}

function collectKeys(value: JsonValue, path: string, levels: number, keys: Set<string>): void {
	if (levels === 0 || keys.size > MOST_KEYS) return;
	if (Array.isArray(value)) {
		for (const entry of value.slice(0, MOST_KEYS)) collectKeys(entry, path, levels - 1, keys);
	} else if (isJsonObject(value)) {
		const children = Object.entries(value).map(
			([name, child]) => [`${path}${FIELD_NAME.test(name) ? name : '…'}`, child] as const,
		);
		// The outer keys first: they say most.
		for (const [key] of children) keys.add(key);
		for (const [key, child] of children) collectKeys(child, `${key}.`, levels - 1, keys);
	}
}
