import { CONNECTED, QRCODE } from '../api/wire';

/** What a workflow can be started by. */
export type ChangeName = 'connected' | 'disconnected' | 'qrCodeWaiting' | 'statusChanged';

/** A bot's status, now and when it was looked at before. */
export interface Change {
	event: ChangeName;
	botId: string;
	status: string;
	previousStatus: string;
	connected: boolean;
}

/**
 * What has happened between two looks at a bot, as the one event that says most of those that are
 * wanted: losing the connection comes before the new QR code that often goes with it.
 *
 * @returns nothing where the status is the same, or nobody wants to know
 */
export function changeOf(
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
