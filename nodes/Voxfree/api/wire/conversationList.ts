import { isJsonObject, jsonIn } from '../../../shared/json';
import type { JsonObject, JsonValue } from '../../../shared/json';
import { onlyDescribes } from '../../../shared/lists';
import { ASIDE, CONTAINERS, CONTEXT } from '../../../shared/listWords';
import { normalizeKey } from '../../../shared/text';
import { isErrorName, isVerdictName, saysNone, verdictOf } from '../../../shared/verdict';
import { CONVERSATION, protocolIn } from './conversations';
import { keyOf } from './fields';
import { CONVERSATION_NOUNS, entriesIn } from './lists';
import { signsOfMore } from './pages';

/** Where a conversation is: with the agent, or waiting for one. */
export type Place = 'active' | 'waiting';

/** The list of active or of waiting conversations, as it was answered. */
export interface ConversationList {
	/** Untranslated, as far as they are understood. */
	entries: JsonObject[];
	answer: JsonValue;
	/**
	 * Whether the answer is a plain list that is understood to its last part. Only then is a
	 * conversation that is not in it certainly not there.
	 */
	isWhole: boolean;
	/** Whether a protocol stands anywhere in the answer, in an entry of its own or not. */
	names(protocol: string): boolean;
}

/** @throws UnreadableList if the answer is neither a list nor says that there is nothing */
export function conversationListIn(answer: JsonValue): ConversationList {
	const entries = entriesIn(answer, 'conversations');
	let texts: string | undefined;
	return {
		entries,
		answer,
		isWhole: isWhole(answer, entries),
		names: (protocol) => {
			texts ??= textsIn(answer);
			const wanted = lettersAndDigits(protocol);
			// A short one stands in other numbers by chance.
			return texts.includes(wanted.length < 8 ? `\n${wanted}\n` : wanted);
		},
	};
}

/**
 * Reads the answer once more, by rules that guess nothing. Whatever the other reader has made of it, the
 * two have to agree.
 */
function isWhole(answer: JsonValue, entries: readonly JsonObject[]): boolean {
	const reading = new PlainReading(entries.length);
	if (!reading.isPlain(answer)) return false;
	const protocols = new Set(entries.map(protocolIn));
	return (
		protocols.size === reading.protocols.size &&
		[...protocols].every((protocol) => protocol !== undefined && reading.protocols.has(protocol))
	);
}

/** No document shows a list deeper than this. */
const MAX_DEPTH = 5;

class PlainReading {
	readonly protocols = new Set<string>();

	/** Conversations, and places that say that there are none. */
	private held = 0;

	/** @param size how many entries the list has */
	constructor(private readonly size: number) {}

	isPlain(answer: JsonValue): boolean {
		return this.visit(answer, 0) && this.held > 0;
	}

	/** Reads what has to be a list, or hold one. */
	private visit(value: JsonValue, depth: number): boolean {
		if (depth > MAX_DEPTH) return false;
		if (Array.isArray(value)) {
			if (value.length === 0) this.held++;
			return value.every((element) => this.visit(element, depth + 1));
		}
		if (isJsonObject(value)) return this.visitObject(value, depth);
		if (typeof value !== 'string') return false;
		if (saysNone(value)) {
			this.held++;
			return true;
		}
		const inner = jsonIn(value);
		return typeof inner === 'object' && inner !== null && this.visit(inner, depth + 1);
	}

	private visitObject(object: JsonObject, depth: number): boolean {
		if (CONVERSATION.protocol?.some((name) => keyOf(object, name) !== undefined) === true) {
			return this.add(protocolIn(object));
		}
		if (verdictOf(object) !== 'ok') return false;
		const parts = Object.entries(object);
		const before = this.held;
		const isPlain = parts.every(([key, part]) => this.visitPart(key, part, depth));
		return isPlain && (this.held > before || onlyDescribes(object));
	}

	private visitPart(key: string, part: JsonValue, depth: number): boolean {
		const name = normalizeKey(key);
		if (isErrorName(name)) return true;
		if (signsOfMore(name, part, this.size)) return false;
		if (/^\d+$/.test(key)) return this.visitNumbered(key, part, depth);
		const isNoun = CONVERSATION_NOUNS.has(name);
		if (typeof part === 'object' && part !== null) {
			// Limits and totals of an agent are no pages of the list.
			if (!isNoun && CONTEXT.has(name)) return true;
			if (!isNoun && ASIDE.has(name)) return this.visitAside(part, depth);
			const before = this.held;
			return this.visit(part, depth + 1) && this.held > before;
		}
		if (isNoun || (CONTAINERS.has(name) && !isVerdictName(name))) {
			return typeof part === 'number' ? name === 'registros' : this.visit(part, depth + 1);
		}
		if (typeof part === 'string' && saysNone(part)) this.held++;
		return true;
	}

	/** An entry of a map by protocol, or of one that only counts. */
	private visitNumbered(key: string, part: JsonValue, depth: number): boolean {
		const [only, ...others] = Array.isArray(part) ? part : [part];
		if (!isJsonObject(only) || others.length > 0) return false;
		const named = protocolIn(only);
		return named === undefined ? this.add(key) : this.visit(only, depth + 1);
	}

	/** What describes the list must not say that there is more of it. */
	private visitAside(part: JsonValue, depth: number): boolean {
		if (depth > MAX_DEPTH || typeof part !== 'object' || part === null) return depth <= MAX_DEPTH;
		return Object.entries(part).every(
			([key, inner]: [string, JsonValue]) =>
				!signsOfMore(normalizeKey(key), inner, this.size) && this.visitAside(inner, depth + 1),
		);
	}

	private add(protocol: string | undefined): boolean {
		if (protocol === undefined) return false;
		this.held++;
		this.protocols.add(protocol);
		return true;
	}
}

/** All names and values of an answer, each between line breaks. */
function textsIn(answer: JsonValue): string {
	const texts: string[] = [];
	const pending: JsonValue[] = [answer];
	for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
		if (typeof value === 'object' && value !== null) {
			if (!Array.isArray(value)) texts.push(...Object.keys(value));
			for (const inner of Object.values(value)) pending.push(inner);
		} else texts.push(String(value));
	}
	return `\n${texts.map(lettersAndDigits).join('\n')}\n`;
}

function lettersAndDigits(text: string): string {
	return text.replace(/[^\p{L}\d]/gu, '');
}
