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
 * When a message was written: `timestamp` in seconds or milliseconds of the epoch or as a date and
 * time, otherwise `data_mensagem`, a date and time.
 */
export function momentOf(entry: JsonObject): Date | undefined {
	const timestamp = textOf(field(entry, 'timestamp'))?.trim();
	const epoch = Number(timestamp ?? Number.NaN);
	if (Number.isFinite(epoch) && epoch > 0) {
		return validDate(new Date(epoch < 100_000_000_000 ? epoch * 1000 : epoch));
	}
	return dateIn(timestamp) ?? dateIn(textOf(field(entry, 'data_mensagem'))?.trim());
}

const TIME = String.raw`(\d{1,2})[:h](\d\d)(?::(\d\d)(?:[.,]\d+)?)?`;
const ISO = new RegExp(
	String.raw`^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]+${TIME} ?(Z|[+-]\d\d:?\d\d)?$`,
	'i',
);
const BRAZILIAN = new RegExp(
	String.raw`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ,-]|às|as)+${TIME} ?(Z|[+-]\d\d:?\d\d)?$`,
	'i',
);

/**
 * A date and time, such as `2023-12-05 09:52:45` or `05/12/2023 09:52`, in Voxfree's time zone if it
 * names none. A date alone is no moment.
 */
function dateIn(text: string | undefined): Date | undefined {
	const iso = ISO.exec(text ?? '')?.slice(1);
	const found = iso ?? BRAZILIAN.exec(text ?? '')?.slice(1);
	if (found === undefined) return undefined;
	const [year, month, day] = iso === undefined ? [found[2], found[1], found[0]] : found;
	const two = (digits = '00') => digits.padStart(2, '0');
	const [hour, minute, second, zone = OFFSET] = found.slice(3);
	const date = `${year}-${two(month)}-${two(day)}`;
	// A date that does not exist, such as February 31st, would silently become another one.
	const start = validDate(new Date(`${date}T00:00:00Z`));
	if (start?.toISOString().slice(0, 10) !== date) return undefined;
	return validDate(
		new Date(`${date}T${two(hour)}:${two(minute)}:${two(second)}${zone.toUpperCase()}`),
	);
}

function validDate(date: Date): Date | undefined {
	return Number.isNaN(date.getTime()) ? undefined : date;
}
