import type { Runtime } from './runtime';

/** Broken frames that are reported in a minute; the rest is counted. */
const MOST_PER_MINUTE = 10;
const MINUTE = 60_000;
/** Characters of a frame that are shown. */
const SHOWN = 120;

/** Reports frames that cannot be read, but not more than are of use. */
export class BrokenFrames {
	private since = Number.NEGATIVE_INFINITY;

	private count = 0;

	constructor(
		private readonly runtime: Runtime,
		private readonly report: (message: string, description: string) => void,
	) {}

	/**
	 * @param text undefined if the frame is neither text nor bytes
	 * @param isTooDeep whether it is JSON, but with more levels than n8n can store
	 */
	add(text: string | undefined, isTooDeep = false): void {
		const { clock, log, redact } = this.runtime;
		const now = clock();
		if (now - this.since >= MINUTE) {
			const unreported = this.count - MOST_PER_MINUTE;
			if (unreported > 0) log('warn', `${unreported} more unreadable frames came`);
			this.since = now;
			this.count = 0;
		}
		this.count++;
		if (this.count > MOST_PER_MINUTE) return;
		const beginning = text === undefined ? 'of an unknown kind' : visibleStart(text);
		this.report(
			isTooDeep
				? 'Voxfree sent JSON that is nested too deep for n8n to store'
				: 'Voxfree sent something that is not JSON',
			redact(
				`${text?.length ?? 0} characters: ${beginning}. The connection stays open; other events are not affected.`,
			),
		);
	}
}

function visibleStart(text: string): string {
	const visible = text.slice(0, SHOWN).replace(/[^\x20-\x7e\u00a0-\ud7ff]/g, '·');
	return visible === '' ? '(empty)' : visible;
}
