import type { VoxfreeEvent } from '../../../nodes/Voxfree/trigger/events';

/** One execution that was started. */
export interface Execution {
	events: VoxfreeEvent[];
	key: string;
	/** Which start of the trigger it belongs to. */
	run: number;
	/** Whether the trigger was being closed. */
	isClosing: boolean;
}

/** As much of n8n as a trigger sees: it starts executions, and none whose key it knows. */
export class MemoryN8n {
	readonly executions: Execution[] = [];

	/** Keys that one run of the trigger used twice: n8n would have dropped what came second. */
	readonly doubled: string[] = [];

	/** Keys that were known from an earlier run: what belongs to them is not executed again. */
	readonly known: string[] = [];

	/** Executions under way. */
	readonly running: Array<() => void> = [];

	/** How many of the next executions cannot be started. */
	refusals = 0;

	/** Whether it is one that knows no deduplication keys. */
	isForgetful = false;

	/** What was in the executions that could not be started. */
	readonly refused: VoxfreeEvent[] = [];

	private readonly keys = new Map<string, number>();

	async start(
		events: VoxfreeEvent[],
		key: string,
		{ run, isClosing }: { run: number; isClosing: boolean },
	): Promise<void> {
		if (this.refusals > 0) {
			this.refusals--;
			this.refused.push(...events);
			throw new Error('the database is locked');
		}
		const known = this.keys.get(key);
		if (known === run) this.doubled.push(key);
		// After a restart, what had not been remembered as dealt with comes again with its key.
		if (known !== undefined && !this.isForgetful) {
			this.known.push(key);
			return;
		}
		this.keys.set(key, run);
		this.executions.push({ events, key, run, isClosing });
		await new Promise<void>((resolve) => this.running.push(resolve));
	}

	/** Ends an execution that is under way. */
	finish(which: number): void {
		const [end] = this.running.splice(which % Math.max(1, this.running.length), 1);
		end?.();
	}

	endAll(): void {
		for (const end of this.running.splice(0)) end();
	}
}
