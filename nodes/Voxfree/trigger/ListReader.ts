import { errorText } from '../../shared/errors';
import type { JsonObject } from '../../shared/json';
import { toLists } from './lists';
import type { Lists } from './lists';
import type { Runtime } from './runtime';

/** Milliseconds before the next try when the provider cannot be read. */
const PAUSES = [5_000, 15_000, 45_000];

/** Reads the lists of conversations, once for all who ask at the same time. */
export class ListReader {
	private current: Promise<Lists> | undefined;

	private next: Promise<Lists> | undefined;

	/** The lists as they were last read, whoever asked for them. */
	latest: Lists | undefined;

	constructor(
		private readonly runtime: Runtime,
		private readonly api: {
			getActiveConversations(): Promise<JsonObject[]>;
			getWaitingConversations(): Promise<JsonObject[]>;
		},
	) {}

	/**
	 * Both lists, as they are now or later: those who ask while they are being read share the reading
	 * that begins after it.
	 */
	async read(): Promise<Lists> {
		const { current } = this;
		if (current === undefined) return await this.begin();
		const begin = async () => await this.begin();
		this.next ??= current.then(begin, begin);
		return await this.next;
	}

	private async begin(): Promise<Lists> {
		const { api, runtime } = this;
		const readAt = runtime.clock();
		const reading = Promise.all([api.getActiveConversations(), api.getWaitingConversations()]).then(
			([active, waiting]) => toLists(active, waiting, readAt),
		);
		this.current = reading;
		this.next = undefined;
		const end = () => {
			if (this.current === reading) this.current = undefined;
		};
		reading.then((lists) => {
			this.latest = lists;
			end();
		}, end);
		return await reading;
	}

	/** Tries again after a while, a few times, what the provider cannot answer now. */
	async withRetries<T>(read: () => Promise<T>): Promise<T> {
		const { log, redact, signal, wait } = this.runtime;
		for (const pause of PAUSES) {
			try {
				return await read();
			} catch (error) {
				if (!signal.aborted)
					log('warn', `The lists could not be read: ${redact(errorText(error))}`);
			}
			await wait(pause, signal);
			if (signal.aborted) break;
		}
		return await read();
	}
}
