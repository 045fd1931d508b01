import { errorText } from '../../shared/errors';
import { UnreadableList } from '../../shared/lists';
import type { VoxfreeApi } from '../api/VoxfreeApi';
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

	private isFailing = false;

	constructor(
		private readonly runtime: Runtime,
		private readonly api: Pick<VoxfreeApi, 'listConversations'>,
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
		const reading = Promise.all([
			api.listConversations('active'),
			api.listConversations('waiting'),
		]).then(([active, waiting]) => toLists(active, waiting, readAt));
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

	/**
	 * The lists as `read` reads them, if nothing in the answers is left open: only what is missing in
	 * such lists is not there.
	 *
	 * @throws UnreadableList
	 */
	async readWhole(): Promise<Lists> {
		const lists = await this.read();
		if (lists.unclear !== undefined) throw new UnreadableList('Voxfree', lists.unclear);
		return lists;
	}

	/** Warns that nothing can be compared, once until it can be again. */
	noteFailure(error: unknown): void {
		const { log, redact, signal } = this.runtime;
		if (signal.aborted || this.isFailing) return;
		this.isFailing = true;
		// Not the beginning of the answer: it holds what customers wrote.
		const reason = error instanceof UnreadableList ? error.message : errorText(error);
		log(
			'warn',
			`The lists could not be read, and nothing is compared until they can: ${redact(reason)}`,
		);
	}

	noteSuccess(): void {
		if (this.isFailing) this.runtime.log('info', 'The lists can be read again');
		this.isFailing = false;
	}

	/** Tries again after a while, a few times, what the provider cannot answer now. */
	async withRetries<T>(read: () => Promise<T>): Promise<T> {
		const { signal, wait } = this.runtime;
		for (const pause of PAUSES) {
			try {
				return await read();
			} catch (error) {
				this.noteFailure(error);
			}
			await wait(pause, signal);
			if (signal.aborted) break;
		}
		return await read();
	}
}
