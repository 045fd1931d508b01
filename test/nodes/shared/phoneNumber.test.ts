import { internationalPhoneNumber, phoneNumber } from '../../../nodes/shared/phoneNumber';

const digitsOf = (written: string) => internationalPhoneNumber(written, 'Phone Number');

describe('a phone number with a country code', () => {
	test.each([
		'554899991234',
		'+554899991234',
		'+55 48 9999-1234',
		'+55 (48) 9999-1234',
		'55.48.9999.1234',
		'55/48/9999/1234',
		'00554899991234',
		'00 55 48 9999 1234',
		' 55 48 9999‑1234 ',
		'+55\u00a048\u00a09999–1234',
		'\u202a+55 48 9999-1234\u202c',
		'+５５ ４８ ９９９９-１２３４',
		'tel:+55-48-9999-1234',
		'TEL:+554899991234',
		'whatsapp:+554899991234',
		'554899991234@c.us',
		'554899991234@s.whatsapp.net',
		'554899991234:12@s.whatsapp.net',
		'(+55) 48 99991234',
	])('is read from %j', (written) => {
		expect(digitsOf(written)).toBe('554899991234');
	});

	test('keeps the nine digits of a modern mobile, and adds none to an old one', () => {
		expect(digitsOf('+55 48 99999-1234')).toBe('5548999991234');
		expect(digitsOf('+55 48 9999-1234')).toBe('554899991234');
	});

	test.each([
		['', 'nothing'],
		['   ', 'blanks'],
		['9999-1234', 'too few digits'],
		['+55 48 9999-1234 5678 90', 'too many digits'],
		['048 99999-1234', 'a trunk zero in place of the country code'],
		['+055 48 9999-1234', 'a zero behind the plus'],
		['55 48 9999-ABCD', 'letters'],
		['554899991234 ext 5', 'an extension'],
		['++554899991234', 'two plus signs'],
		['5548+99991234', 'a plus sign inside'],
		['554899991234;554899991235', 'two numbers'],
		['554899991234/../stopWhatsapp', 'a path'],
		['554899991234?key=x', 'a query'],
		['120363041234567890@g.us', 'a group'],
	])('is refused in %j, which has %s', (written) => {
		expect(() => digitsOf(written)).toThrow("'Phone Number' is not in international format");
	});
});

describe('any phone number', () => {
	test.each([
		['+55 (0)11 99999-9999', '5511999999999'],
		['+55 ( 0 ) 11 99999-9999', '5511999999999'],
		['55 (0) 11 99999-9999', '5511999999999'],
		['+55 (011) 99999-9999', '5511999999999'],
		['+55 011 9999-9999', '551199999999'],
		['005511999999999', '5511999999999'],
		['00 55 (0)11 99999-9999', '5511999999999'],
		['011 55 11 99999-9999', '5511999999999'],
		['011 99999-9999', '11999999999'],
		['(011) 9999-9999', '1199999999'],
		['(0)11 99999-9999', '11999999999'],
		['(11) 99999-9999', '11999999999'],
		['9999-9999', '99999999'],
		['tel:+55-11-99999-9999', '5511999999999'],
		['https://wa.me/5511999999999', '5511999999999'],
		['wa.me/5511999999999', '5511999999999'],
		['5511999999999@c.us', '5511999999999'],
		['5511999999999:3@s.whatsapp.net', '5511999999999'],
		['+55 11 99999\u20119999', '5511999999999'],
		['\ufeff+55\u200b11\u00ad99999\u22129999\u200e', '5511999999999'],
		['\u2066+55 11 99999-9999\u2069', '5511999999999'],
		['+５５（１１）９９９９９ー９９９９'.replace('ー', '－'), '5511999999999'],
		["'5511999999999", '5511999999999'],
		['5511999999999.0', '5511999999999'],
		['5511999999999,00', '5511999999999'],
		['+44 (0)20 7946 0958', '442079460958'],
	])('is read from %j', (written, digits) => {
		expect(phoneNumber(written, 'Phone')).toBe(digits);
	});

	test.each([
		['', 'nothing'],
		['call me', 'words'],
		['99999', 'too few digits'],
		['0 15 11 99999-9999', 'the code of a carrier, which belongs to no number'],
		['+0055 11 99999-9999', 'a zero behind the plus'],
		['+55 0 15 11 99999-9999', 'the code of a carrier behind the country code'],
		['5.511999999999E+12', 'an exponent'],
		['5511999999999 or 5511888888888', 'two numbers'],
		['5511999999999@g.us', 'a group'],
		['5511999999999@lid', 'an ID that is none'],
		['+55 11 99999-9999 ext. 12', 'an extension'],
		['+55 11 99999-9999;ext=12', 'an extension as in a link'],
		['1e3', 'a number in letters'],
		['null', 'a word that code made of nothing'],
		['undefined', 'the other word of this kind'],
		['0', 'a zero'],
		['00', 'two of them'],
		['-5511999999999x', 'a letter'],
		['\u0663\u0663\u0663\u0663\u0663\u0663\u0663\u0663\u0663', 'digits that WhatsApp does not use'],
	])('is refused in %j, which has %s, with an example', (written) => {
		expect(() => phoneNumber(written, 'Phone')).toThrow(
			expect.objectContaining({
				kind: 'invalid',
				message: "'Phone' is not a phone number",
				description: expect.stringContaining('for example 5519999999999') as string,
			}) as Error,
		);
	});

	test.each(['011 99999-9999', '(0)11 99999-9999', '11 9999-999'])(
		'(%s) is refused where a country code is needed',
		(written) => {
			expect(() => digitsOf(written)).toThrow("'Phone Number' is not in international format");
		},
	);
});
