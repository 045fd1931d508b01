import { deflateSync } from 'node:zlib';

/*
 * QR codes of one size: version 6 (41 × 41 modules), error correction M, byte mode, mask 0. Enough
 * for what a demo shows, and any reader takes them. After ISO/IEC 18004.
 */

const SIZE = 41;
const BLOCKS = 4;
const DATA_PER_BLOCK = 27;
const CORRECTION_PER_BLOCK = 16;
/** Where the centre of the one alignment pattern lies, in both directions. */
const ALIGNMENT = 34;
/** Error correction M with mask 0, its check bits added, masked as the standard wants it. */
const FORMAT = 0b101010000010010;

/** How many bytes fit: what remains after four bits of mode and eight of length. */
export const QR_CAPACITY = BLOCKS * DATA_PER_BLOCK - 2;

/** The modules of the code for `text`, row by row: true is dark. */
export function qrModules(text: string): boolean[][] {
	const dark: boolean[][] = Array.from({ length: SIZE }, () => Array<boolean>(SIZE).fill(false));
	const taken = Array.from({ length: SIZE }, () => Array<boolean>(SIZE).fill(false));
	const set = (row: number, column: number, isDark: boolean) => {
		if (row < 0 || column < 0 || row >= SIZE || column >= SIZE) return;
		dark[row]![column] = isDark;
		taken[row]![column] = true;
	};
	drawPatterns(set);

	// The data go up and down in columns two modules wide, from the right to the left, round the
	// patterns; the timing pattern's own column is left out.
	const bits = bitsOf(codewords(text));
	let upwards = true;
	for (let right = SIZE - 1; right > 0; right -= 2) {
		if (right === 6) right -= 1;
		for (let step = 0; step < SIZE; step += 1) {
			const row = upwards ? SIZE - 1 - step : step;
			for (const column of [right, right - 1]) {
				if (taken[row]![column]) continue;
				const bit = bits.next().value ?? false;
				dark[row]![column] = bit !== ((row + column) % 2 === 0);
			}
		}
		upwards = !upwards;
	}
	return dark;
}

/** The code for `text` as a black and white PNG with a quiet zone, `scale` pixels per module. */
export function qrPng(text: string, scale = 6): Buffer {
	const modules = qrModules(text);
	const quiet = 4;
	const side = (SIZE + 2 * quiet) * scale;
	const rows: Buffer[] = [];
	for (let y = 0; y < side; y += 1) {
		// A filter byte, then one byte per pixel.
		const row = Buffer.alloc(1 + side, 255);
		row[0] = 0;
		for (let x = 0; x < side; x += 1) {
			const module = modules[Math.floor(y / scale) - quiet]?.[Math.floor(x / scale) - quiet];
			if (module) row[1 + x] = 0;
		}
		rows.push(row);
	}
	const header = Buffer.alloc(13);
	header.writeUInt32BE(side, 0);
	header.writeUInt32BE(side, 4);
	// Eight bits per pixel; colour type, compression, filter and interlacing stay 0: plain grey.
	header[8] = 8;
	return Buffer.concat([
		Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
		chunk('IHDR', header),
		chunk('IDAT', deflateSync(Buffer.concat(rows))),
		chunk('IEND', Buffer.alloc(0)),
	]);
}

function drawPatterns(set: (row: number, column: number, isDark: boolean) => void) {
	for (let i = 0; i < SIZE; i += 1) {
		set(6, i, i % 2 === 0);
		set(i, 6, i % 2 === 0);
	}
	const square = (
		row: number,
		column: number,
		reach: number,
		isDark: (ring: number) => boolean,
	) => {
		for (let y = -reach; y <= reach; y += 1) {
			for (let x = -reach; x <= reach; x += 1) {
				set(row + y, column + x, isDark(Math.max(Math.abs(y), Math.abs(x))));
			}
		}
	};
	// The fourth ring is the white gap between a finder pattern and the data.
	for (const [row, column] of [
		[3, 3],
		[3, SIZE - 4],
		[SIZE - 4, 3],
	] as const) {
		square(row, column, 4, (ring) => ring !== 2 && ring !== 4);
	}
	square(ALIGNMENT, ALIGNMENT, 2, (ring) => ring !== 1);

	// The format stands there twice, so that one may be lost.
	for (let i = 0; i < 15; i += 1) {
		const bit = ((FORMAT >> i) & 1) === 1;
		const aside = i < 6 ? i : i + 1;
		if (i < 8) set(aside, 8, bit);
		else set(8, i === 8 ? 7 : 14 - i, bit);
		if (i < 8) set(8, SIZE - 1 - i, bit);
		else set(SIZE - 15 + i, 8, bit);
	}
	set(SIZE - 8, 8, true);
}

/** The text with padding and error correction, in the order in which it is drawn. */
function codewords(text: string): number[] {
	const bytes = Buffer.from(text);
	if (bytes.length > QR_CAPACITY) {
		throw new RangeError(`${bytes.length} bytes do not fit into a code for ${QR_CAPACITY}`);
	}
	// Mode 4 is bytes; the length and everything after it stand four bits off.
	const nibbles = [4, bytes.length >> 4, bytes.length & 15];
	for (const byte of bytes) nibbles.push(byte >> 4, byte & 15);
	nibbles.push(0);
	const data: number[] = [];
	for (let i = 0; i < nibbles.length; i += 2) data.push((nibbles[i]! << 4) | nibbles[i + 1]!);
	for (let pad = 0xec; data.length < BLOCKS * DATA_PER_BLOCK; pad ^= 0xec ^ 0x11) data.push(pad);

	const blocks = Array.from({ length: BLOCKS }, (_, i) =>
		data.slice(i * DATA_PER_BLOCK, (i + 1) * DATA_PER_BLOCK),
	);
	const interleaved = (lists: number[][]) =>
		lists[0]!.flatMap((_, i) => lists.map((list) => list[i]!));
	return [...interleaved(blocks), ...interleaved(blocks.map(correction))];
}

/** The Reed-Solomon codewords of one block: the remainder by the generator polynomial. */
function correction(block: number[]): number[] {
	let generator = [1];
	for (let i = 0; i < CORRECTION_PER_BLOCK; i += 1) {
		const root = powers[i]!;
		const next = [...generator, 0];
		generator.forEach((factor, at) => (next[at + 1]! ^= times(factor, root)));
		generator = next;
	}
	const remainder = [...block, ...Array<number>(CORRECTION_PER_BLOCK).fill(0)];
	for (let i = 0; i < block.length; i += 1) {
		const lead = remainder[i]!;
		generator.forEach((factor, at) => (remainder[i + at]! ^= times(factor, lead)));
	}
	return remainder.slice(block.length);
}

/** 2 to the power of the index, in the field of 256 elements that QR codes use. */
const powers: number[] = [];
for (let i = 0, value = 1; i < 255; i += 1) {
	powers.push(value);
	value = value < 128 ? value * 2 : (value * 2) ^ 0x11d;
}
const logarithms = new Map(powers.map((value, exponent) => [value, exponent]));

function times(a: number, b: number): number {
	if (a === 0 || b === 0) return 0;
	return powers[(logarithms.get(a)! + logarithms.get(b)!) % 255]!;
}

function* bitsOf(bytes: number[]): Generator<boolean, undefined> {
	for (const byte of bytes) for (let bit = 7; bit >= 0; bit -= 1) yield ((byte >> bit) & 1) === 1;
	return undefined;
}

function chunk(type: string, data: Buffer): Buffer {
	const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
	const length = Buffer.alloc(4);
	length.writeUInt32BE(data.length);
	const check = Buffer.alloc(4);
	check.writeUInt32BE(crc(named));
	return Buffer.concat([length, named, check]);
}

// Node has one of its own, but not in every release that this project runs on.
function crc(bytes: Buffer): number {
	let sum = 0xffffffff;
	for (const byte of bytes) {
		sum ^= byte;
		for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
	}
	return (sum ^ 0xffffffff) >>> 0;
}
