import type { JsonObject, JsonValue } from '../../../shared/json';
import { normalizeKey } from '../../../shared/text';

/** Phone numbers in the entries of contacts, in whatever field and spelling. */

/** Fields that hold digits of another kind. */
const NO_NUMBER =
	/^(codid|id|codigo|cod|cpf|cnpj|rg|cep|protocolo|data|timestamp|hora|criado|atualizado)|(codid|cpf|cnpj)$/;
const NUMBER = /^\+?[\d\s()+.\-/]{8,30}$/;

/** The contact with this number. */
export function contactWithNumber(
	contacts: readonly JsonObject[],
	number: string,
): JsonObject | undefined {
	const wanted = canonical(number);
	return contacts.find((entry) => numbersIn(entry).some((found) => canonical(found) === wanted));
}

/**
 * Whether an entry tells that it is not the contact with this number: it holds a number, and none that
 * may be a shorter spelling of this one, without the area code.
 */
export function canBeCompared(entry: JsonObject, number: string): boolean {
	const found = numbersIn(entry).map((text) => canonical(text));
	const isShorter = (digits: string) => digits.length < 10 && number.endsWith(digits.slice(-8));
	return found.some((digits) => digits.length >= 10) && !found.some(isShorter);
}

/** All phone numbers in an entry, also in lists and objects inside. */
function numbersIn(value: JsonValue, depth = 0): string[] {
	if (depth > 4 || value === null) return [];
	if (typeof value === 'object') {
		const inside = Array.isArray(value)
			? value
			: Object.entries(value)
					.filter(([key]) => !NO_NUMBER.test(normalizeKey(key)))
					.map(([, inner]) => inner);
		return inside.flatMap((inner) => numbersIn(inner, depth + 1));
	}
	// WhatsApp writes a number with the name of its server: 5519999999999@c.us.
	const text = String(value)
		.trim()
		.replace(/(:\d+)?@[a-z.]+$/i, '');
	const digits = text.replace(/\D/g, '');
	return NUMBER.test(text) && digits.length >= 8 && digits.length <= 18 ? [digits] : [];
}

/**
 * A Brazilian number in one form for all of its spellings: without the country code, and without the
 * ninth digit of mobile numbers, which WhatsApp often omits.
 */
function canonical(number: string): string {
	const digits = number.replace(/\D/g, '').replace(/^0+/, '');
	const national = /^55\d{10,11}$/.test(digits) ? digits.slice(2) : digits;
	return /^\d{2}9\d{8}$/.test(national) ? national.slice(0, 2) + national.slice(3) : national;
}
