import { fork } from 'node:child_process';
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

/** Starts provider.mjs in a process of its own; it ends with this one. */
export async function startProvider(): Promise<Provider> {
	const child = fork(join(__dirname, 'provider.mjs'), { execArgv: [] });
	const answer = async <T>(): Promise<T> => {
		const [message] = await once(child, 'message', {
			signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
		});
		return message as T;
	};
	const ask = async <T>(order: object): Promise<T> => {
		const answered = answer<T>();
		child.send(order);
		return await answered;
	};
	const { port } = await answer<{ port: number }>();
	return {
		url: `http://127.0.0.1:${port}/rest/v1`,
		reset: async (delay) => void (await ask({ reset: true, delay })),
		report: async () => await ask<ProviderReport>({ report: true }),
		stop: async () => {
			if (child.exitCode !== null) return;
			const ended = once(child, 'exit');
			child.disconnect();
			await ended;
		},
	};
}
