import { setMaxListeners } from 'node:events';

/** Time as the simulators see it. Handed in, so that tests decide when time passes. */
export interface Clock {
	now(): Date;
	/** Waits `ms` milliseconds. Resolves to false, at once, when `signal` is aborted first. */
	wait(ms: number, signal?: AbortSignal): Promise<boolean>;
}

/** The machine's own time. */
export const systemClock: Clock = {
	now: () => new Date(),
	wait: async (ms, signal) =>
		await new Promise((resolve) => {
			if (signal?.aborted) return resolve(false);
			const stop = () => {
				clearTimeout(timer);
				resolve(false);
			};
			const timer = setTimeout(() => {
				signal?.removeEventListener('abort', stop);
				resolve(true);
			}, ms);
			signal?.addEventListener('abort', stop, { once: true });
		}),
};

interface Sleeper {
	due: number;
	wake(): void;
}

/** A clock that stands still until a test calls `advance`. */
export class ManualClock implements Clock {
	private time: number;
	private sleepers: Sleeper[] = [];
	private watchers: Array<() => void> = [];

	constructor(start = '2024-03-01T12:00:00.000Z') {
		this.time = Date.parse(start);
	}

	now() {
		return new Date(this.time);
	}

	async wait(ms: number, signal?: AbortSignal) {
		if (signal?.aborted) return false;
		return await new Promise<boolean>((resolve) => {
			const stop = () => {
				this.sleepers = this.sleepers.filter((other) => other !== sleeper);
				resolve(false);
			};
			const wake = () => {
				signal?.removeEventListener('abort', stop);
				resolve(true);
			};
			const sleeper: Sleeper = { due: this.time + ms, wake };
			this.sleepers.push(sleeper);
			signal?.addEventListener('abort', stop, { once: true });
			for (const check of this.watchers) check();
		});
	}

	/** How many waits are under way. */
	get waiting() {
		return this.sleepers.length;
	}

	/** Resolves once at least `count` waits are under way: what a test waits for before `advance`. */
	async untilWaiting(count = 1): Promise<void> {
		if (this.waiting >= count) return;
		await new Promise<void>((resolve) => {
			const check = () => {
				if (this.waiting < count) return;
				this.watchers = this.watchers.filter((other) => other !== check);
				resolve();
			};
			this.watchers.push(check);
		});
	}

	/** Lets `ms` milliseconds pass and wakes whoever is due, earliest first. */
	advance(ms: number) {
		this.time += ms;
		const due = this.sleepers.filter((sleeper) => sleeper.due <= this.time);
		this.sleepers = this.sleepers.filter((sleeper) => sleeper.due > this.time);
		for (const sleeper of due.sort((a, b) => a.due - b.due)) sleeper.wake();
	}
}

/** Its signal may end any number of waits: without this, Node warns of more than ten listeners. */
export function patientController() {
	const controller = new AbortController();
	setMaxListeners(0, controller.signal);
	return controller;
}
