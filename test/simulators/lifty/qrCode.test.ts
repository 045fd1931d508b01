import { inflateSync } from 'node:zlib';
import { QR_CAPACITY, qrModules, qrPng } from './qrCode';

/*
 * A reader for the one size, written the other way round: it takes the code apart, proves each
 * block by its syndromes, and never looks at how the code was drawn. zbarimg reads the same codes.
 */

/** Whether a module of version 6 belongs to a pattern, and not to the data. */
function isPattern(row: number, column: number) {
	const corner = (row < 9 && (column < 9 || column > 32)) || (row > 32 && column < 9);
	const alignment = Math.abs(row - 34) <= 2 && Math.abs(column - 34) <= 2;
	return corner || alignment || row === 6 || column === 6;
}

function read(modules: boolean[][]): string {
	const bits: number[] = [];
	const columns = [...Array(41).keys()].filter((column) => column !== 6).reverse();
	for (let pair = 0; pair < 20; pair += 1) {
		const rows = [...Array(41).keys()];
		for (const row of pair % 2 === 0 ? rows.reverse() : rows) {
			for (const column of columns.slice(pair * 2, pair * 2 + 2)) {
				if (isPattern(row, column)) continue;
				bits.push(Number(modules[row]![column]) ^ (row + column + 1) % 2);
			}
		}
	}
	const bytes = Array.from({ length: 172 }, (_, i) =>
		parseInt(bits.slice(i * 8, i * 8 + 8).join(''), 2),
	);
	const blocks = [0, 1, 2, 3].map((block) => bytes.filter((_, i) => i % 4 === block));
	for (const block of blocks) expect(syndromes(block)).toEqual(Array(16).fill(0));
	const data = Buffer.from(blocks.flatMap((block) => block.slice(0, 27))).toString('hex');
	expect(data[0]).toBe('4');
	const length = parseInt(data.slice(1, 3), 16);
	return Buffer.from(data.slice(3, 3 + 2 * length), 'hex').toString('utf8');
}

/** The block as a polynomial, at the sixteen roots of its generator. All 0: not one bit is wrong. */
function syndromes(block: number[]): number[] {
	let root = 1;
	return Array.from({ length: 16 }, () => {
		const value = block.reduce((sum, byte) => product(sum, root) ^ byte, 0);
		root = product(root, 2);
		return value;
	});
}

/** In the field of 256 elements with the polynomial x⁸ + x⁴ + x³ + x² + 1. */
function product(a: number, b: number): number {
	let result = 0;
	for (let bit = 7; bit >= 0; bit -= 1) {
		result = (result << 1) ^ (result & 0x80 ? 0x11d : 0) ^ ((b >> bit) & 1 ? a : 0);
	}
	return result & 0xff;
}

it.each(['', 'x', '2@demo-lifty-1-1,abc+/=', 'Olá, São João', 'a'.repeat(QR_CAPACITY)])(
	'a reader gets %j out of its code',
	(text) => expect(read(qrModules(text))).toBe(text),
);

it('a text that is too long is refused, not cut', () => {
	expect(() => qrModules('a'.repeat(QR_CAPACITY + 1))).toThrow(/107 bytes do not fit/);
});

it('both copies of the format say medium correction and mask 0', () => {
	const modules = qrModules('x');
	const bit = (row: number, column: number) => (modules[row]![column] ? '1' : '0');
	const first = [
		...[0, 1, 2, 3, 4, 5, 7].map((column) => bit(8, column)),
		...[8, 7, 5, 4, 3, 2, 1, 0].map((row) => bit(row, 8)),
	].join('');
	const second = [
		...[40, 39, 38, 37, 36, 35, 34].map((row) => bit(row, 8)),
		...[33, 34, 35, 36, 37, 38, 39, 40].map((column) => bit(8, column)),
	].join('');
	expect([first, second]).toEqual(['101010000010010', '101010000010010']);
});

it('the picture is a PNG that shows the modules, with four light ones around', () => {
	const png = qrPng('demo', 2);
	expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
	const side = (41 + 8) * 2;
	expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([side, side]);
	const start = png.indexOf('IDAT');
	const pixels = inflateSync(png.subarray(start + 4, start + 4 + png.readUInt32BE(start - 4)));
	const modules = qrModules('demo');
	for (let y = 0; y < side; y += 1) {
		for (let x = 0; x < side; x += 1) {
			const module = modules[Math.floor(y / 2) - 4]?.[Math.floor(x / 2) - 4];
			const pixel = pixels[y * (side + 1) + 1 + x];
			if (pixel !== (module ? 0 : 255)) throw new Error(`Wrong pixel at ${x}, ${y}`);
		}
	}
});
