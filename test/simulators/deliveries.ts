import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios from 'axios';
import { patientController, type Clock } from './clock';
import { Journal, type JournalEntry } from './journal';

/**
 * One HTTP POST that a simulator made to somebody's webhook.
 * `delivered`: answered with 2xx. `refused`: answered with anything else.
 * `failed`: no answer (`error` says why). `not sent`: there was no address to send it to.
 */
export interface Delivery extends JournalEntry {
	url: string | undefined;
	headers: Record<string, string>;
	body: unknown;
	outcome: 'under way' | 'delivered' | 'refused' | 'failed' | 'not sent';
	answer?: { status: number; body: string };
	error?: string;
	milliseconds?: number;
}

export interface DeliveriesOptions {
	clock: Clock;
	/** Goes out as User-Agent. */
	sender: string;
	/** How many deliveries are remembered. @default 500 */
	limit?: number;
	/** How long a webhook may take to answer, in milliseconds. @default 30000 */
	timeout?: number;
	onChange?: () => void;
}

/** Delivers webhooks and remembers how each went. Nothing is ever sent a second time by itself. */
export class Deliveries {
	readonly journal: Journal<Delivery>;
	private readonly lanes = new Map<string, Promise<unknown>>();
	private stop = patientController();
	// Without keep-alive: a connection that the receiver closes while idle would look like a failed
	// delivery, and that must only ever be the receiver's doing.
	private readonly httpAgent = new HttpAgent({ keepAlive: false });
	private readonly httpsAgent = new HttpsAgent({ keepAlive: false });

	constructor(private readonly options: DeliveriesOptions) {
		this.journal = new Journal(options.limit ?? 500, options.onChange);
	}

	/**
	 * POSTs `body` (as JSON, or as it is when it is a string) and resolves to the record once the
	 * outcome is known. Never rejects. Deliveries of the same `lane` go out one after another.
	 */
	async deliver(
		url: string | undefined,
		body: unknown,
		headers: Record<string, string> = {},
		lane?: string,
	): Promise<Delivery> {
		const at = this.options.clock.now().toISOString();
		if (!url) {
			const error = 'No webhook URL is set';
			return this.journal.add({ at, url, headers, body, outcome: 'not sent', error });
		}
		const delivery = this.journal.add({ at, url, headers, body, outcome: 'under way' });
		const signal = this.stop.signal;
		if (lane === undefined) {
			await this.send(delivery, url, signal);
			return delivery;
		}
		const turn = (this.lanes.get(lane) ?? Promise.resolve()).then(
			async () => await this.send(delivery, url, signal),
		);
		this.lanes.set(lane, turn);
		await turn;
		if (this.lanes.get(lane) === turn) this.lanes.delete(lane);
		return delivery;
	}

	/** Sends the same body again to where it went, as an impatient provider would. */
	async again(id: number): Promise<Delivery | undefined> {
		const earlier = this.journal.entries.find((delivery) => delivery.id === id);
		return earlier && (await this.deliver(earlier.url, earlier.body, earlier.headers));
	}

	/** Cuts what is under way and forgets everything. */
	reset() {
		this.stop.abort();
		this.stop = patientController();
		this.lanes.clear();
		this.journal.clear();
	}

	private async send(delivery: Delivery, url: string, signal: AbortSignal) {
		const startedAt = this.options.clock.now().getTime();
		const took = () => ({ milliseconds: this.options.clock.now().getTime() - startedAt });
		try {
			const { status, data } = await axios.request<string>({
				method: 'POST',
				url,
				headers: {
					'Content-Type': 'application/json',
					'User-Agent': this.options.sender,
					...delivery.headers,
				},
				data: typeof delivery.body === 'string' ? delivery.body : JSON.stringify(delivery.body),
				transformRequest: [(data: unknown) => data],
				transformResponse: [(data: unknown) => data],
				responseType: 'text',
				maxRedirects: 0,
				maxContentLength: 1024 * 1024,
				validateStatus: () => true,
				timeout: this.options.timeout ?? 30_000,
				// A proxy setting of the machine must not carry loopback traffic away.
				proxy: false,
				httpAgent: this.httpAgent,
				httpsAgent: this.httpsAgent,
				signal,
			});
			const outcome = status >= 200 && status < 300 ? 'delivered' : 'refused';
			this.journal.update(delivery, { outcome, answer: { status, body: data }, ...took() });
		} catch (error) {
			const { code, message } = error as { code?: string; message: string };
			const reason = code && !message.includes(code) ? `${code}: ${message}` : message || code;
			this.journal.update(delivery, { outcome: 'failed', error: reason, ...took() });
		}
	}
}
