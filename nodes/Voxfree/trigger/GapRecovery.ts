import { errorText } from '../../shared/errors';
import type { Checkpoint } from './Checkpoint';
import type { Deduplicator } from './Deduplicator';
import type { GapDetails, PendingEvent } from './events';
import { moveKey } from './keys';
import type { MissedEventsReader, Reading } from './MissedEventsReader';
import { mergeGaps, missedMoves } from './recovery';
import type { Found } from './recovery';
import { epochOf } from './runtime';
import type { Runtime } from './runtime';
import type { Gap } from './SocketClient';

export interface GapRecoveryOptions {
	reader: MissedEventsReader;
	checkpoint: Checkpoint;
	deduplicator: Deduplicator;
	compareAfterGap: boolean;
	/** Milliseconds; 0 for never. */
	compareEvery: number;
	deliver: (pending: PendingEvent) => void;
	reportGap: (gap: GapDetails) => void;
	/** The number of the connection that counts, as long as nothing speaks against it. */
	trusted: () => number | undefined;
	/** The lists show what the socket missed. What follows is a call of `onConnected` with a gap. */
	onStaleConnection: (reason: string) => void;
}

/** Milliseconds that an event may take to arrive by the socket when the lists show it already. */
const GRACE = 2_000;

/**
 * Finds out from the lists what the socket missed: after each gap, and regularly, because a connection
 * that receives nothing any more looks like one on which nothing happens.
 */
export class GapRecovery {
	/** Gaps that have not been looked into. Their times are milliseconds of the epoch. */
	private readonly gaps: Gap[] = [];

	/** Gaps after which the lists could not be read: what they show later belongs to these. */
	private readonly postponed: Gap[] = [];

	/** What was found in the lists, but has not been reported with a gap. */
	private found: Found = { recovered: 0 };

	private isConnected = false;

	private isComparing = false;

	/** Milliseconds of the epoch up to which events and lists are known to agree. */
	private comparedAt: number;

	/** By which the keys of missed moves are made: the restored one until the first comparison. */
	private moveEpoch: number;

	constructor(
		private readonly runtime: Runtime,
		private readonly options: GapRecoveryOptions,
	) {
		const { epoch, restoredUntil } = options.checkpoint;
		this.comparedAt = runtime.now();
		this.moveEpoch = epoch;
		if (restoredUntil === undefined) return;
		this.moveEpoch = epoch - 1;
		this.gaps.push({
			from: restoredUntil,
			to: this.comparedAt,
			reason: 'the trigger was not running',
			certain: true,
		});
	}

	/** Milliseconds of the epoch up to which events and lists are known to agree. */
	get agreedUntil(): number {
		return this.comparedAt;
	}

	private get isEnabled(): boolean {
		return this.options.compareAfterGap || this.options.compareEvery > 0;
	}

	private get isOver(): boolean {
		return this.runtime.signal.aborted;
	}

	/**
	 * Reads the lists while there is no connection yet: all that is new since then has to be recovered.
	 * If they cannot be read soon, they are once it is connected, and what they show then counts as seen.
	 */
	async readBaseline(): Promise<void> {
		if (this.options.reader.hasBaseline || !this.isEnabled) return;
		const lists = await this.options.reader.readBaseline();
		if (lists !== undefined) this.comparedAt = epochOf(this.runtime, lists.readAt);
	}

	/**
	 * The socket is connected.
	 *
	 * @param gap in the clock's time; undefined if it is for the first time
	 */
	onConnected(gap: Gap | undefined): void {
		if (this.isOver) return;
		const { runtime } = this;
		if (gap !== undefined) {
			const from = epochOf(runtime, gap.from);
			this.freeze(from);
			this.gaps.push({ ...gap, from, to: epochOf(runtime, gap.to) });
		}
		if (!this.isConnected) {
			this.isConnected = true;
			if (gap === undefined) this.endStartingGap();
			void this.compareRegularly();
		}
		void this.compare();
	}

	/** Until the first connection, something may have been missed as well. */
	private endStartingGap(): void {
		const now = this.runtime.now();
		const [restored] = this.gaps;
		if (restored !== undefined) {
			restored.to = now;
		} else if (this.options.reader.hasBaseline) {
			const reason = 'the connection was being opened';
			this.gaps.push({ from: this.comparedAt, to: now, reason, certain: false });
		}
	}

	private async compareRegularly(): Promise<void> {
		const { compareEvery } = this.options;
		while (compareEvery > 0 && !this.isOver) {
			await this.runtime.wait(compareEvery, this.runtime.signal);
			await this.compare();
		}
	}

	/** Compares what has been seen with the lists, until no gap is left to be looked into. */
	private async compare(): Promise<void> {
		if (this.isComparing) return;
		this.isComparing = true;
		try {
			do {
				await this.compareOnce([...this.postponed.splice(0), ...this.gaps.splice(0)]);
			} while (this.gaps.length > 0 && !this.isOver);
		} catch (error) {
			this.logError('Comparing with the lists ended', error);
		} finally {
			this.isComparing = false;
		}
	}

	/** What is saved stays complete up to this time of the epoch until all that was missed is known. */
	private freeze(at: number): void {
		if (this.options.reader.hasBaseline) this.options.checkpoint.freeze(at);
	}

	private async compareOnce(gaps: Gap[]): Promise<void> {
		const isCertain = gaps.some(({ certain }) => certain);
		if (!this.isEnabled) {
			this.options.checkpoint.thaw();
			if (isCertain) this.report(gaps, false);
			return;
		}
		const { reader, trusted } = this.options;
		const connection = trusted();
		const reading = await reader.read(isCertain);
		if (this.isOver) return;
		if (reading === undefined) return this.postpone(gaps, isCertain);
		if (!reader.hasBaseline) {
			reader.setBaseline(reading.lists);
			if (isCertain) this.report(gaps, false);
			return;
		}
		const { seen } = this.options.checkpoint;
		if (reading.messages.length > 0 || missedMoves(seen, reading.lists).length > 0) {
			await this.runtime.wait(GRACE, this.runtime.signal);
			if (this.isOver) return;
		}
		const recovered = this.recover(reading);
		this.found.recovered += recovered;
		if (gaps.length > 0) {
			// Some of it may have been missed after the gap, until the lists were read.
			const to = recovered > 0 ? reading.at : undefined;
			if (isCertain || this.found.recovered > 0) this.report(gaps, true, to);
		} else if (this.found.recovered > 0) {
			return this.handleStaleConnection(connection);
		}
		this.comparedAt = epochOf(this.runtime, reading.lists.readAt);
		// Now all that was missed is in progress, and is not saved as handled.
		if (this.gaps.length === 0) this.options.checkpoint.thaw();
	}

	/** Something was missed although the connection seemed to be good. */
	private handleStaleConnection(connection: number | undefined): void {
		const { onStaleConnection, trusted } = this.options;
		// Otherwise a connection was lost meanwhile: its gap is still to come, and will report this.
		if (connection === undefined || connection !== trusted()) return;
		this.found.from = this.comparedAt;
		this.freeze(this.comparedAt);
		onStaleConnection('the lists show events that the socket did not deliver');
	}

	/** The lists could not be read. */
	private postpone(gaps: Gap[], isCertain: boolean): void {
		if (this.options.compareEvery === 0) this.options.checkpoint.thaw();
		if (isCertain) this.report(gaps, false);
		this.postponed.push(...gaps.map((gap) => ({ ...gap, certain: false })));
	}

	/** Delivers what was missed. Returns how much that was. */
	private recover({ lists, messages, verified }: Reading): number {
		const { checkpoint, deduplicator, deliver } = this.options;
		const moves = missedMoves(checkpoint.seen, lists);
		checkpoint.adopt(lists, () => {
			for (const event of moves) {
				const { protocol = '' } = event;
				const count = checkpoint.seen.nextMove(protocol);
				deliver({ event, key: moveKey(this.moveEpoch, protocol, count) });
			}
		});
		this.moveEpoch = checkpoint.epoch;
		let recovered = moves.length;
		checkpoint.verify(verified, () => {
			for (const event of messages) {
				const key = deduplicator.keyForRecovered(event);
				if (key === undefined) continue;
				checkpoint.see(event);
				deliver({ event, key });
				recovered++;
			}
		});
		return recovered;
	}

	/** Reports gaps that belong together as one, with all that was found in the lists since the last. */
	private report(gaps: Gap[], compared: boolean, to?: number): void {
		const { found } = this;
		this.found = { recovered: 0 };
		this.options.reportGap(mergeGaps(gaps, found, compared, to));
	}

	private logError(what: string, error: unknown): void {
		const { log, redact } = this.runtime;
		log('warn', `${what}: ${redact(errorText(error))}`);
	}
}
