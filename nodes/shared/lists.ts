import { ProviderError } from './errors';
import { isJsonObject, jsonIn } from './json';
import type { JsonObject, JsonValue } from './json';
import { ASIDE, CONTAINERS, CONTEXT, COUNTS } from './listWords';
import { normalizeKey } from './text';
import { isErrorName, isVerdictName, saysNone, verdictOf } from './verdict';

/** What the entries of a list look like. All names are compared without case, accents and `_`. */
export interface EntryShape {
	/** Fields that only such an entry has for its ID: `codid_template`. */
	ownIds: readonly string[];
	/** Fields that are the ID of whatever they stand in. */
	plainIds: readonly string[];
	/** Fields that name such an entry. */
	names: readonly string[];
	/** What such entries are called. A part of the answer under one of these holds them. */
	nouns: readonly string[];
	/** Where the key of a map goes if it is the entry's ID, and where if it is its name. */
	keyField: string;
	nameField: string;
	/** Where an entry goes that is a text or number alone. Without it, such a list is not readable. */
	scalarField?: string;
	/** Whether one part that is not understood makes the whole answer unreadable. */
	strict?: boolean;
}

/** What an answer to a request for a list turned out to be. Nothing else is ever meant by "empty". */
export type ListOutcome =
	| { kind: 'records'; records: JsonObject[] }
	| { kind: 'empty' }
	| { kind: 'unreadable' };

/** No document shows a list deeper than this. */
const MAX_DEPTH = 5;

/**
 * Reads an answer whose form no document shows: lists at any name and depth, maps by ID or name, or
 * one entry alone. Lists beside each other are one list. An error beside them makes it unreadable.
 */
export function readList(body: JsonValue, shape: EntryShape): ListOutcome {
	const reading = new ListReading(shape);
	reading.readPart(body, '', 0);
	return reading.outcome();
}

/** The provider answered, but not with a list. Holds the answer, for who wants it as it came. */
export class UnreadableList extends ProviderError {
	constructor(
		provider: string,
		readonly body: JsonValue,
		/** What has not been done, and what to do instead. */
		advice = '',
	) {
		const begins = `The answer begins with: ${JSON.stringify(body).slice(0, 200)}`;
		super(`${provider} answered, but not with a list this node can read`, {
			kind: 'unreadable',
			description: [advice, begins].filter(Boolean).join(' '),
		});
	}
}

/** For a list that is only looked into: none of it if it cannot be read. Other errors pass. */
export function withoutUnreadable(error: unknown): [] {
	if (error instanceof UnreadableList) return [];
	throw error;
}

/** Entries that were found under one name. */
interface FoundList {
	name: string;
	entries: JsonObject[];
}

class ListReading {
	private readonly lists: FoundList[] = [];

	private readonly scalars: JsonValue[][] = [];

	/** Objects alone, which are entries unless there are lists. */
	private readonly singles: FoundList[] = [];

	private isFailed = false;

	/** How many times the answer says, in a list or a sentence, that there is nothing. */
	private empties = 0;

	/** Whether something contradicts that. */
	private isDoubtful = false;

	/** Whether a part that should hold entries is not understood. */
	private isUnclear = false;

	private readonly ids: ReadonlySet<string>;

	private readonly ownIds: ReadonlySet<string>;

	private readonly names: ReadonlySet<string>;

	private readonly nouns: ReadonlySet<string>;

	constructor(private readonly shape: EntryShape) {
		this.ownIds = new Set(shape.ownIds.map(normalizeKey));
		this.ids = new Set([...shape.ownIds, ...shape.plainIds].map(normalizeKey));
		this.names = new Set(shape.names.map(normalizeKey));
		this.nouns = new Set(shape.nouns.map(normalizeKey));
	}

	outcome(): ListOutcome {
		if (this.isFailed || this.isUnclear) return { kind: 'unreadable' };
		const records = this.records();
		if (records.length > 0) return { kind: 'records', records };
		return { kind: this.empties > 0 && !this.isDoubtful ? 'empty' : 'unreadable' };
	}

	private records(): JsonObject[] {
		const { scalarField } = this.shape;
		const singles = this.singles.filter(
			({ name, entries }) =>
				this.lists.length === 0 ||
				this.nouns.has(name) ||
				entries.some((entry) => this.hasField(entry, this.ownIds)),
		);
		const found = [...this.lists, ...singles];
		if (found.length > 1) return withoutCopies(found.map(({ entries }) => entries));
		if (found.length === 1) return found[0]?.entries ?? [];
		const [scalars, ...others] = this.scalars;
		if (scalars === undefined || others.length > 0 || scalarField === undefined) return [];
		return scalars.map((value) => ({ [scalarField]: value }));
	}

	/** Reads one part of the answer, which stands under a name or at the top. */
	readPart(part: JsonValue, name: string, depth: number): void {
		if (depth > MAX_DEPTH) this.isUnclear = true;
		else if (Array.isArray(part)) this.readArray(part, name, depth);
		else if (isJsonObject(part)) this.readObject(part, name, depth);
		else if (typeof part === 'string') this.readText(part, name, depth);
		else if (part === null || this.nouns.has(name)) this.markUnclear(name, part);
	}

	private readText(text: string, name: string, depth: number): void {
		if (saysNone(text)) {
			this.empties++;
			return;
		}
		const inner = /^\s*[[{]/.test(text) ? jsonIn(text) : undefined;
		if (inner !== undefined) this.readPart(inner, name, depth + 1);
		else this.markUnclear(name, text);
	}

	/** A part that is nothing readable matters where entries should be. */
	private markUnclear(name: string, part: JsonValue): void {
		if (!this.isAboutEntries(name)) return;
		const isOwn = this.nouns.has(name) && typeof part === 'object' && part !== null;
		if (this.shape.strict === true || isOwn) this.isUnclear = true;
		else if (part !== null) this.isDoubtful = true;
	}

	private isAboutEntries(name: string): boolean {
		return name === '' || this.nouns.has(name) || (CONTAINERS.has(name) && !isVerdictName(name));
	}

	private readArray(list: JsonValue[], name: string, depth: number): void {
		if (list.length === 0) {
			this.empties++;
			return;
		}
		const entries: JsonObject[] = [];
		const scalars: JsonValue[] = [];
		let isWrapped = false;
		for (const element of list) {
			if (Array.isArray(element)) {
				isWrapped = true;
				if (element.every((inner) => !isJsonObject(inner)) && element.length > 0) {
					this.isUnclear = true;
				} else this.readPart(element, name, depth + 1);
			} else if (!isJsonObject(element)) scalars.push(element);
			else if (this.hasField(element, this.ids)) entries.push(element);
			else if (this.isWrapping(element)) {
				isWrapped = true;
				const before = this.found;
				this.readObject(element, name, depth + 1);
				if (this.found === before && !onlyDescribes(element)) entries.push(element);
			} else entries.push(element);
		}
		if (entries.length > 0) this.lists.push({ name, entries });
		this.readScalars(scalars, isWrapped, entries);
	}

	/** Texts and numbers in a list: entries of their own, unless they stand around some. */
	private readScalars(scalars: JsonValue[], isWrapped: boolean, entries: JsonObject[]): void {
		const { scalarField, strict = false } = this.shape;
		const values = scalars.filter((value) => value !== null);
		if (values.length === 0) {
			if (scalars.length > 0 && (strict || entries.length === 0)) this.isUnclear = true;
		} else if (values.every((value) => typeof value === 'string' && saysNone(value))) {
			this.empties++;
		} else if (strict || scalarField === undefined) this.isUnclear = true;
		else if (entries.length > 0) entries.push(...values.map((value) => ({ [scalarField]: value })));
		else if (!isWrapped) {
			this.scalars.push(values);
			if (values.length === 1) this.readVerdict({ message: values[0] ?? '' });
		}
	}

	/** Whether an element of a list is no entry, but holds some, or says how the request went. */
	private isWrapping(element: JsonObject): boolean {
		const parts = Object.entries(element).map(
			([key, value]) => [normalizeKey(key), value] as const,
		);
		if (parts.some(([key]) => key === 'retorno' || isErrorName(key))) return true;
		if (onlyDescribes(element)) return true;
		if (parts.length === 0 || this.hasField(element, this.names)) return false;
		if (parts.every(([key]) => isNumber(key))) return true;
		const structures = parts.filter(
			([key, value]) => typeof value === 'object' && value !== null && !ASIDE.has(key),
		);
		return structures.some(
			([key, value]) =>
				(Array.isArray(value) && value.some((inner) => this.isEntry(inner))) ||
				(Array.isArray(value) && value.length === 0 && this.isAboutEntries(key)) ||
				(parts.length === 1 && this.isEntry(value)),
		);
	}

	private isEntry(value: JsonValue): boolean {
		return isJsonObject(value) && this.hasField(value, this.ids);
	}

	private hasField(entry: JsonObject, fields: ReadonlySet<string>): boolean {
		return Object.entries(entry).some(
			([key, value]) => value !== '' && typeof value !== 'object' && fields.has(normalizeKey(key)),
		);
	}

	/** Whether an object is one entry, rather than an envelope that happens to have an ID. */
	private isEntryAlone(object: JsonObject): boolean {
		if (!this.hasField(object, this.ids)) return false;
		const parts = Object.entries(object).map(([key, value]) => ({
			name: normalizeKey(key),
			value,
		}));
		const lists = parts.filter(({ value }) => Array.isArray(value));
		if (lists.some(({ name }) => this.isAboutEntries(name))) return false;
		if (parts.some(({ name, value }) => CONTAINERS.has(name) && isJsonObject(value))) return false;
		return this.hasField(object, this.names) || lists.length === 0;
	}

	private readObject(object: JsonObject, name: string, depth: number): void {
		if (this.isEntryAlone(object)) {
			if (this.readVerdict(object, true)) this.addSingle(object, name);
			return;
		}
		if (!this.readVerdict(object)) return;
		const all = Object.entries(object).map(([key, value]) => ({
			key,
			name: normalizeKey(key),
			value,
		}));
		const numbered = all.filter((part) => isNumber(part.key));
		if (numbered.length > 0) this.readMap(numbered, name, depth);
		const before = this.found;
		const named: Array<{ key: string; single: FoundList }> = [];
		for (const part of all) {
			if (isNumber(part.key) || ASIDE.has(part.name) || isErrorName(part.name)) continue;
			if (COUNTS.has(part.name) && Number(part.value) > 0) this.isDoubtful = true;
			const known = this.found;
			this.readPart(part.value, part.name, depth + 1);
			this.checkUnderstood(part.name, part.value, known);
			const single = this.singles.at(-1);
			if (single !== undefined && this.found > known && single.name === part.name) {
				named.push({ key: part.key, single });
			}
		}
		this.nameSingles(named.filter(({ single }) => !this.isAboutEntries(single.name)));
		if (numbered.length === 0 && this.found === before && this.isAboutEntries(name)) {
			if (name !== '' && !this.isFailed) this.markUnclear(name, object);
		}
	}

	/** How much has been understood so far. */
	private get found(): number {
		return this.lists.length + this.scalars.length + this.singles.length + this.empties;
	}

	/** In a strict reading, an object or list that gave nothing must be known not to hold entries. */
	private checkUnderstood(name: string, value: JsonValue, known: number): void {
		if (this.shape.strict !== true || typeof value !== 'object' || value === null) return;
		if (Array.isArray(value) ? value.length === 0 : CONTEXT.has(name) && !this.nouns.has(name))
			return;
		if (this.found === known && !this.isFailed) this.isUnclear = true;
	}

	/** @returns whether there may be entries in spite of what the fields say */
	private readVerdict(object: JsonObject, isEntry = false): boolean {
		const verdict = verdictOf(object, isEntry);
		if (verdict === 'failed') this.isFailed = true;
		if (verdict === 'unknown') this.isDoubtful = true;
		return verdict !== 'failed';
	}

	private addSingle(entry: JsonObject, name: string): void {
		const isOwn = this.nouns.has(name) || this.hasField(entry, this.ownIds);
		if (!CONTEXT.has(name) || isOwn) this.singles.push({ name, entries: [entry] });
	}

	/** Several entries under names of their own: a map by name. */
	private nameSingles(named: ReadonlyArray<{ key: string; single: FoundList }>): void {
		if (named.length < 2) return;
		for (const { key, single } of named) {
			single.entries = single.entries.map((entry) =>
				this.hasField(entry, this.names) ? entry : { ...entry, [this.shape.nameField]: key },
			);
		}
	}

	/** A map by ID: of objects, of texts, or of lists. */
	private readMap(
		parts: ReadonlyArray<{ key: string; value: JsonValue }>,
		name: string,
		depth: number,
	): void {
		const isRunning = areRunningNumbers(parts, this.shape.strict === true);
		const entries: JsonObject[] = [];
		const identified = (key: string, entry: JsonObject): JsonObject => {
			const isKnown = this.hasField(entry, this.shape.strict === true ? this.ownIds : this.ids);
			const isOther = Object.values(entry).some((value) => String(value) === key);
			return isKnown || isRunning || isOther ? entry : { [this.shape.keyField]: key, ...entry };
		};
		for (const { key, value } of parts) {
			if (Array.isArray(value)) {
				const [only, ...others] = value;
				if (isJsonObject(only) && others.length === 0) entries.push(identified(key, only));
				else this.readPart(value, name, depth + 1);
			} else if (isJsonObject(value)) {
				if (!this.hasField(value, this.ids) && this.isWrapping(value)) {
					this.readObject(value, name, depth + 1);
				} else if (Object.keys(value).length > 0) entries.push(identified(key, value));
				else this.isUnclear = true;
			} else if (typeof value === 'string' && value !== '' && !isRunning && !saysNone(value)) {
				entries.push({ [this.shape.keyField]: key, [this.shape.nameField]: value });
			} else this.isUnclear = true;
		}
		if (entries.length > 0) this.lists.push({ name, entries });
	}
}

/** Whether an object says how the request went or how much there is, and holds no data. */
export function onlyDescribes(object: JsonObject): boolean {
	const names = Object.keys(object).map(normalizeKey);
	return (
		names.length > 0 &&
		names.every(
			(name) =>
				isVerdictName(name) || COUNTS.has(name) || /^(mensagem|message|descricao)$/.test(name),
		) &&
		Object.values(object).every((value) => typeof value !== 'object' || value === null)
	);
}

function isNumber(key: string): boolean {
	return /^\d+$/.test(key);
}

/** Whether the keys only count: from 0, or where IDs are long from 1. */
function areRunningNumbers(parts: ReadonlyArray<{ key: string }>, fromOne: boolean): boolean {
	const counts = (first: number) => parts.every(({ key }, index) => key === String(index + first));
	return counts(0) || (fromOne && counts(1));
}

/** The entries of several lists; one that stands in two of them comes once. */
function withoutCopies(lists: ReadonlyArray<readonly JsonObject[]>): JsonObject[] {
	const known = new Set<string>();
	return lists.flatMap((entries) => {
		const added = entries.filter((entry) => !known.has(JSON.stringify(entry)));
		for (const entry of entries) known.add(JSON.stringify(entry));
		return added;
	});
}
