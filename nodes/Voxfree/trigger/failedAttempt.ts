import { ABNORMAL_CLOSURE } from './closeInfo';
import type { CloseInfo } from './closeInfo';
import { UNEXPLAINED } from './openingFailure';
import type { OpeningFailure } from './openingFailure';
import { waitForAny } from './runtime';
import type { Runtime } from './runtime';

/** What a plain HTTP request to the socket's address has found out, after a failed upgrade. */
export interface ProbeResult extends Partial<OpeningFailure> {
	status?: number;
	/** Milliseconds. */
	retryAfter?: number;
}

/** Milliseconds from the first byte to the upgrade. */
export const HANDSHAKE_TIMEOUT = 15_000;
const PROBE_TIMEOUT = 5_000;

/**
 * Finds out why an attempt to connect has failed.
 *
 * @param closed what the WebSocket said; undefined if it was given up because nothing came
 * @param probe see `SocketClientOptions`
 */
export async function explainFailedAttempt(
	runtime: Runtime,
	closed: CloseInfo | undefined,
	probe: (() => Promise<ProbeResult | undefined>) | undefined,
): Promise<CloseInfo> {
	const known =
		closed === undefined
			? {
					code: ABNORMAL_CLOSURE,
					reason: '',
					cause: `the server did not answer within ${HANDSHAKE_TIMEOUT / 1000} seconds`,
					advice: UNEXPLAINED.advice,
				}
			: { ...closed, code: closed.code === 1000 ? ABNORMAL_CLOSURE : closed.code };
	if (runtime.signal.aborted || probe === undefined) return known;
	let result: ProbeResult | undefined;
	const asked = probe().then(
		(value) => void (result = value),
		() => {},
	);
	await waitForAny(runtime, PROBE_TIMEOUT, asked);
	return { ...known, ...result };
}
