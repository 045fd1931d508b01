import { createHash } from 'node:crypto';
import { ProviderError } from '../../shared/errors';
import type { LiftyApi, StartedConnection } from '../api/LiftyApi';
import type { Link } from '../api/links';
import type { Picture } from '../api/picture';
import { CONNECTED, NOT_FOUND, QRCODE } from '../api/wire';

/** Milliseconds between two checks of the status, as on Lifty's own screen. */
const CHECK_INTERVAL = 5_000;

/** Milliseconds within which a QR code must be scanned; after that, a new start is needed. */
export const SCAN_WITHIN = 60_000;

/** A code that is scanned at the last moment shows as connected a little later. */
const GRACE = 2 * CHECK_INTERVAL;

/**
 * A number that is being connected to a bot, from the start until it is connected or given up. It is
 * plain data, because n8n keeps it between two passes of a workflow. Times are milliseconds since 1970.
 */
export interface Pairing {
	botId: string;
	statusLink: Link;
	qrCodeLink?: Link;
	startedAt: number;
	/** The last known status. */
	status: string;
	/** When the first QR code was seen; its validity counts from then. */
	shownAt?: number;
	/** Hash of the last picture. */
	pictureHash?: string;
	/** How many different pictures there have been. */
	pictures: number;
}

export type PairingEnd = 'connected' | 'expired' | 'timeLimit';

/** The result of one check of a pairing. */
export interface PairingCheck {
	/** How the pairing ended, if it did. */
	end?: PairingEnd;
	/** The picture of the QR code, if one is waiting to be scanned. */
	picture?: Picture;
	/** Whether this picture differs from the last one. */
	isNew?: boolean;
	/** Why this check failed; the next one may succeed. */
	trouble?: ProviderError;
}

export function beginPairing(botId: string, links: StartedConnection, now: number): Pairing {
	return { botId, ...links, startedAt: now, status: 'STARTED', pictures: 0 };
}

/**
 * Checks a pairing once and updates it. A provider that is unavailable for a moment does not end it:
 * the number may still get connected.
 *
 * @param deadline when the user no longer wants to wait
 * @throws ProviderError if another check cannot help
 */
export async function checkPairing(
	api: LiftyApi,
	pairing: Pairing,
	deadline: number,
): Promise<PairingCheck> {
	const check = await readPairing(api, pairing).catch((error: unknown) => {
		if (isTemporary(error)) return { trouble: error };
		throw error;
	});
	const now = Date.now();
	if (check.trouble === undefined) {
		if (pairing.status === CONNECTED) return { end: 'connected' };
		if (hasExpired(pairing, now)) return { end: 'expired' };
	}
	if (now >= deadline) return { ...check, end: 'timeLimit' };
	return check;
}

async function readPairing(api: LiftyApi, pairing: Pairing): Promise<PairingCheck> {
	pairing.status = await api.getStatus(pairing.statusLink);
	if (pairing.status !== QRCODE) return {};
	const now = Date.now();
	pairing.shownAt ??= now;
	if (pairing.qrCodeLink === undefined || now - pairing.shownAt >= SCAN_WITHIN) return {};
	// A code may expire between the requests for its status and its picture.
	const picture = await api.getQrCode(pairing.qrCodeLink).catch((error: unknown) => {
		if (isRefused(error)) return error;
		throw error;
	});
	if (picture instanceof ProviderError) return { trouble: picture };
	const hash = createHash('sha256').update(picture.bytes).digest('base64');
	const isNew = hash !== pairing.pictureHash;
	if (isNew) pairing.pictures++;
	pairing.pictureHash = hash;
	return { picture, isNew };
}

/** The status between scan and connection has no known name, so any other status keeps waiting. */
function hasExpired({ shownAt, status }: Pairing, now: number): boolean {
	if (shownAt === undefined) return false;
	if (status === NOT_FOUND) return true;
	return status === QRCODE && now - shownAt >= SCAN_WITHIN + GRACE;
}

function isTemporary(error: unknown): error is ProviderError {
	if (!(error instanceof ProviderError)) return false;
	return ['unreachable', 'interrupted', 'late', 'unavailable', 'unreadable'].includes(error.kind);
}

function isRefused(error: unknown): error is ProviderError {
	return error instanceof ProviderError && error.kind === 'refused';
}

/** Milliseconds until the next check. */
export function pauseUntil(deadline: number): number {
	return Math.max(0, Math.min(CHECK_INTERVAL, deadline - Date.now()));
}
