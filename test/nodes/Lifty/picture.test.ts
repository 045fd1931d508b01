import { pictureIn } from '../../../nodes/Lifty/api/picture';

const latin = (text: string) => Buffer.from(text, 'latin1');

describe('the type of a picture is told by its bytes', () => {
	test.each([
		['image/png', 'png', latin('\x89PNG\r\n\x1a\n....')],
		['image/jpeg', 'jpg', latin('\xff\xd8\xff\xe0..JFIF')],
		['image/gif', 'gif', latin('GIF87a....')],
		['image/gif', 'gif', latin('GIF89a....')],
		['image/webp', 'webp', latin('RIFF\x10\0\0\0WEBPVP8 ')],
		['image/svg+xml', 'svg', latin('<svg xmlns="http://www.w3.org/2000/svg"></svg>')],
		[
			'image/svg+xml',
			'svg',
			Buffer.from('\ufeff<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg>\n<svg></svg>'),
		],
	])('%s (.%s)', (mimeType, extension, bytes) => {
		expect(pictureIn(bytes)).toEqual({ bytes, mimeType, extension });
	});

	test.each([
		['a web page', latin('<!doctype html><svg></svg>')],
		['a web page', latin('<html><body>Down for maintenance</body></html>')],
		['JSON', latin('{"error":"no code yet"}')],
		['nothing', latin('')],
		['something else', latin('QRCODE')],
		['something else', latin('\x89PN')],
		['something else', latin('RIFF....WAVE')],
		['something else', latin('<?xml version="1.0"?><rss></rss>')],
	])('what is %s is refused', (what, bytes) => {
		expect(() => pictureIn(bytes)).toThrow(
			`Lifty answered with ${what} instead of the picture of a QR code`,
		);
	});

	test('of a beginning that is made to be slow is told all the same', () => {
		for (const part of ['<!---->', '<?xml ', '<?xml>', '<!-- -- ', ' ']) {
			expect(() => pictureIn(latin(part.repeat(2_000)))).toThrow(/something else|nothing/);
		}
	});
});
