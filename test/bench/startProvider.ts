import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ANSWER_TIMEOUT_MS = 10_000;

/** What arrived since the last reset. */
export interface ProviderReport {
	received: number;
	clients: number;
	mostInFlight: number;
	/** Messages that came before, or during, the one they should follow. */
	outOfOrder: number;
	/** From the first message to the last answer, in ms. */
	span: number;
	/** How long an answer really took from the message's arrival, in ms; timers are late. */
	meanAnswer: number;
}

export interface Provider {
	url: string;
	/** Starts a new count; every answer takes `delay` ms from now on. */
	reset(delay: number): Promise<void>;
	report(): Promise<ProviderReport>;
	stop(): Promise<void>;
}

/** A program of this folder in a process of its own, which ends with this one and answers by IPC. */
export class Helper {
	private constructor(private readonly child: ChildProcess) {}

	/**
	 * Starts it, and waits for its first message.
	 *
	 * @param node which Node.js runs it, and with what; by default this one
	 */
	static async start<T>(
		file: string,
		node: { execPath?: string; execArgv?: string[] } = {},
	): Promise<{ helper: Helper; hello: T }> {
		const helper = new Helper(fork(join(__dirname, file), { execArgv: [], ...node }));
		return { helper, hello: await helper.answer<T>(ANSWER_TIMEOUT_MS) };
	}

	private async answer<T>(timeout: number): Promise<T> {
		const signal = AbortSignal.timeout(timeout);
		const [message] = await once(this.child, 'message', { signal });
		return message as T;
	}

	/** Sends an order, and waits for the answer to it. */
	async ask<T>(order: object, timeout = ANSWER_TIMEOUT_MS): Promise<T> {
		const answered = this.answer<T>(timeout);
		this.child.send(order);
		return await answered;
	}

	async stop(): Promise<void> {
		if (this.child.exitCode !== null) return;
		const ended = once(this.child, 'exit');
		this.child.disconnect();
		await ended;
	}
}

/** Starts provider.mjs. */
export async function startProvider(): Promise<Provider> {
	const { helper, hello } = await Helper.start<{ port: number }>('provider.mjs');
	return {
		url: `http://127.0.0.1:${hello.port}/rest/v1`,
		reset: async (delay) => void (await helper.ask({ reset: true, delay })),
		report: async () => await helper.ask<ProviderReport>({ report: true }),
		stop: async () => await helper.stop(),
	};
}
