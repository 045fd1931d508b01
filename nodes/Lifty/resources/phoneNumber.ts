import { invalidInput } from '../../shared/errors';

/** What people and programs put around and between the digits of a phone number. */
const DECORATION = /[\s\p{Cf}\p{Pd}().,/\u2212\u00b7]/gu;
const SCHEME = /^(tel|whatsapp|callto|sms):(\/\/)?/i;
/** How WhatsApp's own programs write a number: `554899991234@c.us`. */
const WHATSAPP_DOMAIN = /(:\d+)?@(c\.us|s\.whatsapp\.net)$/i;

/**
 * The digits of a phone number in international form (country code, area code, number), as Lifty
 * wants them, from any usual way to write one. No digit is added or dropped: Lifty's sample has the
 * eight digits of an old mobile number, and a ninth cannot be told from the number alone.
 *
 * @throws ProviderError (`invalid`) where it is not 10 to 15 digits, or begins with a trunk zero
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
			"'Phone Number' is not a number in international form",
			'It needs the country code (DDI), the area code (DDD) and the number, 10 to 15 digits together, such as 554899991234. Blanks, dashes, brackets and a plus sign may stand between them. Nothing was sent.',
		);
	}
	return digits;
}
