import { createHash } from 'node:crypto';
import { ProviderError } from '../../shared/errors';
import type { LiftyApi } from '../api/LiftyApi';
import type { Picture } from '../api/picture';
import { CONNECTED, NOT_FOUND, QRCODE } from '../api/wire';

/** Milliseconds between two looks at the status, as Lifty's own screen has it. */
const LOOK_EVERY = 5_000;

/** Milliseconds within which a QR code must be scanned; afterwards a new start is needed. */
export const SCAN_WITHIN = 60_000;

/** A code that was scanned at the last moment shows as connected a little later. */
const GRACE = 2 * LOOK_EVERY;

/**
 * A number on its way to a bot, from the start until it is connected or given up. It is plain data,
 * because n8n keeps it between two passes of a workflow. Times are milliseconds since 1970.
 */
export interface Pairing {
	botId: string;
	statusLink: string;
	qrCodeLink?: string;
	startedAt: number;
	/** The status as it was seen last. */
	status: string;
	/** When the first QR code was seen: its time to be scanned runs from then. */
	shownAt?: number;
	/** Hash of the picture that was seen last. */
	pictureHash?: string;
	/** How many different pictures there were. */
	pictures: number;
}

export type PairingEnd = 'connected' | 'expired' | 'timeLimit';

/** What a look at a pairing found. */
export interface Look {
	/** The end, where it has come. */
	end?: PairingEnd;
	/** The picture of the QR code, where one is to be scanned. */
	picture?: Picture;
	/** Whether this picture was not there at the last look. */
	isNew?: boolean;
	/** Why nothing could be seen this time; the next look may see again. */
	trouble?: ProviderError;
}

export function beginPairing(
	botId: string,
	links: { statusLink: string; qrCodeLink?: string },
	now: number,
): Pairing {
	return { botId, ...links, startedAt: now, status: 'STARTED', pictures: 0 };
}

/**
 * Looks at a pairing once, and notes in it what is new. A provider that cannot be read for a moment
 * does not end it: the number may be connected all the same.
 *
 * @param deadline when the user wants to wait no longer
 * @throws ProviderError where looking again cannot help
 */
export async function look(api: LiftyApi, pairing: Pairing, deadline: number): Promise<Look> {
	const seen = await see(api, pairing).catch((error: unknown) => {
		if (isPassing(error)) return { trouble: error };
		throw error;
	});
	const now = Date.now();
	if (seen.trouble === undefined) {
		if (pairing.status === CONNECTED) return { end: 'connected' };
		if (hasExpired(pairing, now)) return { end: 'expired' };
	}
	if (now >= deadline) return { ...seen, end: 'timeLimit' };
	return seen;
}

async function see(api: LiftyApi, pairing: Pairing): Promise<Look> {
	pairing.status = await api.getStatus(pairing.statusLink);
	if (pairing.status !== QRCODE) return {};
	const now = Date.now();
	pairing.shownAt ??= now;
	if (pairing.qrCodeLink === undefined || now - pairing.shownAt >= SCAN_WITHIN) return {};
	// A code may expire between the status and its picture, whatever the answer then is.
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

/** A status between the scan and the connection is not known by name, so it is waited for. */
function hasExpired({ shownAt, status }: Pairing, now: number): boolean {
	if (shownAt === undefined) return false;
	if (status === NOT_FOUND) return true;
	return status === QRCODE && now - shownAt >= SCAN_WITHIN + GRACE;
}

function isPassing(error: unknown): error is ProviderError {
	if (!(error instanceof ProviderError)) return false;
	return ['unreachable', 'interrupted', 'late', 'unavailable', 'unreadable'].includes(error.kind);
}

function isRefused(error: unknown): error is ProviderError {
	return error instanceof ProviderError && error.kind === 'refused';
}

/** Milliseconds until the next look. */
export function pauseUntil(deadline: number): number {
	return Math.max(0, Math.min(LOOK_EVERY, deadline - Date.now()));
}
