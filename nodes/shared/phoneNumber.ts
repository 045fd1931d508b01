import { invalidInput } from './errors';

/** Characters around and between the digits of a phone number. */
const DECORATION = /[\s\p{Default_Ignorable_Code_Point}\p{Cf}\p{Pd}().,/\u2212\u00b7]/gu;
/** The apostrophe is how a spreadsheet marks a number as text. */
const PREFIX = /^['\u2019]?((tel|whatsapp|callto|sms):(\/\/)?|(https?:\/\/)?wa\.me\/)?/i;
/** As WhatsApp itself writes a number: `554899991234@c.us`. */
const WHATSAPP_DOMAIN = /(:\d+)?@(c\.us|s\.whatsapp\.net)$/i;
/** The zero behind a country code that is only dialled inside the country: `+55 (0)11`. */
const TRUNK_ZERO = /(?<=\d[^\d(]*)\(\s*0\s*\)/;
/** What a table makes of a number that it reads as a decimal. */
const DECIMAL_ZERO = /^(\+?\d{8,})[.,]0+$/;

/** What is dialled before a number: of the network (00, from America 011) or inside the country (0). */
const DIALLED_FIRST = /^(?:00|011(?=\d{11})|(0)(?=[1-9]\d{7,10}$))/;
/** Area codes of Brazil do not begin with zero, so one behind its country code is a trunk zero. */
const BRAZILIAN_TRUNK_ZERO = /^550(?=[1-9]\d{9,10}$)/;

/**
 * A phone number in digits, from any usual notation. What is only dialled before it is removed; no
 * other digit is added or removed, because the number alone does not tell whether a Brazilian mobile
 * lacks its ninth digit.
 *
 * @returns 8 to 15 digits, and whether they are without a country code for certain; undefined if it
 * cannot be a phone number
 */
function read(written: string): { digits: string; isNational: boolean } | undefined {
	const bare = written
		.normalize('NFKC')
		.replace(/\p{Default_Ignorable_Code_Point}/gu, '')
		.trim()
		.replace(PREFIX, '')
		.replace(WHATSAPP_DOMAIN, '')
		.replace(DECIMAL_ZERO, '$1')
		.replace(TRUNK_ZERO, '')
		.replace(DECORATION, '');
	const [, plus, dialled = ''] = /^(\+?)(\d+)$/.exec(bare) ?? [];
	const [first = '', trunkZero] = (plus === '' && DIALLED_FIRST.exec(dialled)) || [];
	const digits = dialled.slice(first.length).replace(BRAZILIAN_TRUNK_ZERO, '55');
	if (!/^(?!550)[1-9]\d{7,14}$/.test(digits)) return undefined;
	return { digits, isNational: trunkZero !== undefined };
}

/**
 * The format of a field for a phone number with or without country code: its digits.
 *
 * @throws ProviderError (`invalid`) if it cannot be a phone number
 */
export function phoneNumber(written: string, label: string): string {
	const found = read(written);
	if (found !== undefined) return found.digits;
	throw invalidInput(
		`'${label}' is not a phone number`,
		'Enter country code, area code and number, for example 5519999999999.',
	);
}

/**
 * The format of a field for a phone number that begins with a country code: its digits.
 *
 * @throws ProviderError (`invalid`) if it has none, or cannot be a phone number
 */
export function internationalPhoneNumber(written: string, label: string): string {
	const found = read(written);
	if (found !== undefined && !found.isNational && found.digits.length >= 10) return found.digits;
	throw invalidInput(
		`'${label}' is not in international format`,
		'It needs the country code (DDI), the area code (DDD) and the number, 10 to 15 digits in total, such as 554899991234. Spaces, dashes, brackets and a plus sign are allowed.',
	);
}
