import { setImmediate } from 'node:timers';

/** A clock that goes on only when the test says so, with the waiting that belongs to it. */
export class VirtualTime {
	/** @param now milliseconds that it begins with */
	constructor(public now = 0) {}

	private events: Array<{ at: number; resolve: () => void }> = [];

	private readonly timers = new Set<{ at: number; resolve: () => void }>();

	clock = () => this.now;

	wait = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
		if (signal.aborted) return;
		await new Promise<void>((resolve) => {
			const stop = () => {
				this.timers.delete(timer);
				resolve();
			};
			const end = () => {
				signal.removeEventListener('abort', stop);
				resolve();
			};
			const timer = { at: this.now + Math.max(0, milliseconds), resolve: end };
			this.timers.add(timer);
			signal.addEventListener('abort', stop);
		});
	};

	/** Lets something happen at a time, of which nobody here knows yet. */
	at(time: number, act: () => void): void {
		this.events.push({ at: Math.max(time, this.now), resolve: act });
	}

	/** How many are waiting. */
	get armed(): number {
		return this.timers.size;
	}

	/** When the next one that waits will go on. */
	get next(): number | undefined {
		return this.timers.size === 0 ? undefined : Math.min(...[...this.timers].map(({ at }) => at));
	}

	/** Lets time pass, one timer after another, and what follows from each of them happen. */
	async advance(milliseconds: number): Promise<void> {
		const end = this.now + milliseconds;
		await settle();
		for (;;) {
			const due = [...this.events, ...this.timers]
				.filter(({ at }) => at <= end)
				.sort((a, b) => a.at - b.at)[0];
			if (due === undefined) break;
			this.timers.delete(due);
			this.events = this.events.filter((event) => event !== due);
			this.now = Math.max(this.now, due.at);
			due.resolve();
			await settle();
		}
		this.now = end;
	}
}

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
	// A turn of the event loop: however long a chain of promises is, it has come to its end then.
	await new Promise<void>((resolve) => setImmediate(resolve));
}
