import { pause } from '../cancellation';
import { ProviderError } from '../errors';

/** How often one request may be told to come back later. */
const MOST_PAUSES = 10;

/** What one request has waited so far. */
export interface Waited {
	milliseconds: number;
	pauses: number;
}

/**
 * The provider's request to come back later. It holds for everything that is sent to it: whatever else
 * were sent meanwhile would be refused as well, and would make it worse.
 */
export class RateLimit {
	/** On the clock of `performance`. */
	private opensAt = 0;

	/** @param longest milliseconds that one request may wait in all */
	constructor(
		private readonly longest: number,
		private readonly cancelSignal: AbortSignal | undefined,
	) {}

	/**
	 * Waits until requests may be sent.
	 *
	 * @throws ProviderError (`cancelled`) once the execution is stopped
	 */
	async pass(): Promise<void> {
		for (;;) {
			const left = this.opensAt - performance.now();
			if (left <= 0) return;
			await pause(left, this.cancelSignal);
		}
	}

	/**
	 * Makes everything wait.
	 *
	 * @param error what the provider has answered (`busy`)
	 * @param pauseMs milliseconds to wait where it does not say how long
	 * @param waited by this request so far; brought up to date
	 * @throws ProviderError if that is longer than the user allows
	 */
	close(error: ProviderError, pauseMs: number, waited: Waited): void {
		const wait = error.retryAfter ?? pauseMs;
		if (waited.milliseconds + wait > this.longest || waited.pauses >= MOST_PAUSES) {
			throw this.tooLong(error);
		}
		waited.milliseconds += wait;
		waited.pauses++;
		this.opensAt = Math.max(this.opensAt, performance.now() + wait);
	}

	private tooLong(error: ProviderError): ProviderError {
		const seconds = (milliseconds: number) => {
			const count = Math.ceil(milliseconds / 1_000);
			return `${count} ${count === 1 ? 'second' : 'seconds'}`;
		};
		const { retryAfter } = error;
		const allowed = `'Wait on Rate Limit' under Options allows ${seconds(this.longest)}`;
		const asked =
			retryAfter === undefined
				? `Nothing was sent, and ${allowed} of waiting`
				: `Nothing was sent. It may be sent again in ${seconds(retryAfter)}, but ${allowed}`;
		return new ProviderError(error.message, { ...error, consequence: asked });
	}
}
