import type { JsonObject } from '../../../shared/json';
import { field, textOf } from './fields';

/** Voxfree's time zone, three hours behind UTC all year round. */
const OFFSET = '-03:00';
const OFFSET_MILLISECONDS = -3 * 60 * 60 * 1000;

/** A moment in Voxfree's time zone: `2023-12-05T09:52:45-03:00`. */
export function localTime(moment: Date): string {
	const shifted = new Date(moment.getTime() + OFFSET_MILLISECONDS).toISOString();
	return shifted.replace(/(\.000)?Z$/, OFFSET);
}

/**
 * When a message was written: `timestamp` in seconds or milliseconds of the epoch, otherwise
 * `data_mensagem`, a local date and time.
 */
export function momentOf(entry: JsonObject): Date | undefined {
	const epoch = Number(textOf(field(entry, 'timestamp')) ?? Number.NaN);
	if (Number.isFinite(epoch) && epoch > 0) {
		return validDate(new Date(epoch < 100_000_000_000 ? epoch * 1000 : epoch));
	}
	return localDate(textOf(field(entry, 'data_mensagem')));
}

/** A date and time in Voxfree's time zone, as `2023-12-05 09:52:45` or `05/12/2023 09:52`. */
function localDate(text: string | undefined): Date | undefined {
	const iso = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?$/.exec(text ?? '');
	const brazilian = /^(\d\d)\/(\d\d)\/(\d{4})[T ,]+(\d\d):(\d\d)(?::(\d\d))?$/.exec(text ?? '');
	const parts =
		iso?.slice(1) ??
		(brazilian === null
			? undefined
			: [brazilian[3], brazilian[2], brazilian[1], ...brazilian.slice(4)]);
	if (parts === undefined) return undefined;
	const [year, month, day, hour, minute, second = '00'] = parts;
	return validDate(new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${OFFSET}`));
}

function validDate(date: Date): Date | undefined {
	return Number.isNaN(date.getTime()) ? undefined : date;
}
