import { CONNECTED, QRCODE } from '../api/wire';
import type { Reading } from './statuses';

/** What can start the workflow. */
export type ChangeName = 'connected' | 'disconnected' | 'qrCodeWaiting' | 'statusChanged';

/** A bot's status, now and at the poll before. */
export interface Change {
	event: ChangeName;
	botId: string;
	status: string;
	previousStatus: string;
	connected: boolean;
}

/** Longer than any status, and short enough to be stored. */
const MAX_STATUS_LENGTH = 100;

/** What n8n stores from one poll to the next: the last known status of every bot. */
export interface KnownStatuses {
	statuses?: Record<string, string>;
}

/**
 * The changes since the last poll. The first status of a bot is only recorded, and a status that could
 * not be read has not changed.
 *
 * @param known is updated: it keeps only the bots that are watched now, so that it does not grow
 */
export function changesSince(
	known: KnownStatuses,
	readings: readonly Reading[],
	wanted: readonly string[],
): Change[] {
	const before = new Map(Object.entries(known.statuses ?? {}));
	const now = new Map<string, string>();
	const changes: Change[] = [];
	for (const { botId, status: read } of readings) {
		const previous = before.get(botId);
		const status = read === undefined ? previous : read.slice(0, MAX_STATUS_LENGTH);
		if (status !== undefined) now.set(botId, status);
		if (status === undefined || previous === undefined) continue;
		const change = changeOf(botId, previous, status, wanted);
		if (change !== undefined) changes.push(change);
	}
	known.statuses = Object.fromEntries(now);
	return changes;
}

/**
 * What has happened to a bot between two polls, as the most important of the wanted events: losing the
 * connection comes before the new QR code that often follows.
 *
 * @returns undefined if the status is the same or the event is not wanted
 */
function changeOf(
	botId: string,
	previousStatus: string,
	status: string,
	wanted: readonly string[],
): Change | undefined {
	if (status === previousStatus) return undefined;
	const happened: Array<[ChangeName, boolean]> = [
		['connected', status === CONNECTED],
		['disconnected', previousStatus === CONNECTED],
		['qrCodeWaiting', status === QRCODE],
		['statusChanged', true],
	];
	const event = happened.find(([name, has]) => has && wanted.includes(name))?.[0];
	return event && { event, botId, status, previousStatus, connected: status === CONNECTED };
}
