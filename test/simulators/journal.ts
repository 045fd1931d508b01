// One count for all journals, so that the control page can merge several into one sequence and
// ask each for what changed since it last looked.
let count = 0;

/** What every journal entry has: its number, the number of its last change, and its ISO time. */
export interface JournalEntry {
	id: number;
	revision: number;
	at: string;
}

/** The last `limit` things that happened, oldest first. Entries may be completed later. */
export class Journal<Entry extends JournalEntry> {
	readonly entries: Entry[] = [];

	constructor(
		private readonly limit: number,
		private readonly onChange: () => void = () => {},
	) {}

	add(entry: Omit<Entry, 'id' | 'revision'>): Entry {
		const id = ++count;
		const added = { ...entry, id, revision: id } as Entry;
		this.entries.push(added);
		if (this.entries.length > this.limit) this.entries.shift();
		this.onChange();
		return added;
	}

	/** Completes an entry. One that fell out of the journal or was cleared changes unseen. */
	update(entry: Entry, change: Partial<Entry>) {
		Object.assign(entry, change);
		entry.revision = ++count;
		if (this.entries.includes(entry)) this.onChange();
	}

	clear() {
		this.entries.length = 0;
		this.onChange();
	}
}
