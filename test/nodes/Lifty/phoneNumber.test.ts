import { digitsOf } from '../../../nodes/Lifty/resources/phoneNumber';

describe('a phone number', () => {
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
