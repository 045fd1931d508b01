/** When events of one conversation start one execution together. Times are milliseconds. */
export interface Collecting<T> {
	/** How long nothing may come before they start. */
	quiet: number;
	/** How long the first of them may wait, whatever comes. */
	within: number;
	/** How many they may be. */
	size: number;
	/** Whether an event waits for others at all. */
	joins: (event: T) => boolean;
	/** Clock time at which an event came. */
	arrivedAt: (event: T) => number;
}

/** The next events of a conversation that start together. */
export interface Group {
	/** How many of those that wait. */
	size: number;
	/** Clock time from which they start. */
	dueAt: number;
}

/**
 * Which of the waiting events of a conversation start together, and when. An event that does not join
 * starts alone, and at once, and so do those before it: it would otherwise wait for them, or overtake.
 *
 * @param waiting in their order, at least one
 */
export function nextGroup<T>(waiting: readonly T[], collecting: Collecting<T>): Group {
	const { quiet, within, size, joins, arrivedAt } = collecting;
	const now = Number.NEGATIVE_INFINITY;
	const other = waiting.slice(0, size).findIndex((event) => !joins(event));
	if (other === 0) return { size: 1, dueAt: now };
	if (other > 0) return { size: other, dueAt: now };
	const [first] = waiting;
	const last = waiting.at(size - 1) ?? waiting.at(-1);
	const joined = Math.min(waiting.length, size);
	if (first === undefined || last === undefined || waiting.length >= size) {
		return { size: joined, dueAt: now };
	}
	return {
		size: joined,
		dueAt: Math.min(arrivedAt(last) + quiet, arrivedAt(first) + within),
	};
}
