/**
 * Remembers the latest keys. Bounded: the oldest are forgotten.
 *
 * There is a younger and an older half, and the older is forgotten as a whole: taking single keys off
 * the front of a large Set costs more with each one.
 */
export class RecentKeys {
	private younger = new Set<string>();

	private older = new Set<string>();

	/** @param capacity how many keys at most; at least half as many are always remembered */
	constructor(private readonly capacity = 50_000) {}

	/** Remembers a key. Returns whether it is new. */
	addIfNew(key: string): boolean {
		if (this.has(key)) return false;
		if (this.younger.size >= this.capacity / 2) {
			this.older = this.younger;
			this.younger = new Set();
		}
		this.younger.add(key);
		return true;
	}

	has(key: string): boolean {
		return this.younger.has(key) || this.older.has(key);
	}
}
