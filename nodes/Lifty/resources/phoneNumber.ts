import { invalidInput } from '../../shared/errors';

/** Characters around and between the digits of a phone number. */
const DECORATION = /[\s\p{Cf}\p{Pd}().,/\u2212\u00b7]/gu;
const SCHEME = /^(tel|whatsapp|callto|sms):(\/\/)?/i;
/** As WhatsApp itself writes a number: `554899991234@c.us`. */
const WHATSAPP_DOMAIN = /(:\d+)?@(c\.us|s\.whatsapp\.net)$/i;

/**
 * The digits of a phone number in international format (country code, area code, number), as Lifty
 * expects them, from any usual notation. No digit is added or removed: Lifty's sample has the eight
 * digits of an old mobile number, and the number alone does not tell whether a ninth is missing.
 *
 * @throws ProviderError (`invalid`) if it does not have 10 to 15 digits or starts with a trunk zero
 */
export function digitsOf(phoneNumber: string): string {
	const bare = phoneNumber
		.normalize('NFKC')
		.trim()
		.replace(SCHEME, '')
		.replace(WHATSAPP_DOMAIN, '')
		.replace(DECORATION, '');
	const found = /^(?:\+|00)?(\d+)$/.exec(bare);
	const digits = found?.[1] ?? '';
	if (!/^[1-9]\d{9,14}$/.test(digits)) {
		throw invalidInput(
			"'Phone Number' is not in international format",
			'It needs the country code (DDI), the area code (DDD) and the number, 10 to 15 digits in total, such as 554899991234. Spaces, dashes, brackets and a plus sign are allowed. Nothing was sent.',
		);
	}
	return digits;
}
