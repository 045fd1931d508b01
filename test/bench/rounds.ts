/** One comparison: what was measured in every round, and what it is held against. */
export interface Row {
	name: string;
	unit: string;
	/** One figure a round. */
	ours: number[];
	/** One figure a round, or the one figure that arithmetic gives. */
	reference: number[];
	referenceName: string;
	/** The least ratio that we want; undefined where the row only informs. */
	target?: number;
	/** The figures are times or sizes. */
	lessIsBetter?: boolean;
	note?: string;
}

export interface Verdict extends Row {
	median: number;
	referenceMedian: number;
	ratio: number;
	reached?: boolean;
}

export function median(figures: number[]): number {
	const sorted = figures.toSorted((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The ratio of the medians says how many times as fast we are. */
export function judge(row: Row): Verdict {
	const ours = median(row.ours);
	const reference = median(row.reference);
	const ratio = row.lessIsBetter ? reference / ours : ours / reference;
	return {
		...row,
		median: ours,
		referenceMedian: reference,
		ratio,
		...(row.target === undefined ? {} : { reached: ratio >= row.target }),
	};
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/**
 * Runs all contestants once a round, in an order that the seed decides, so that what else the
 * machine does meets all of them alike. A round before the first warms up and does not count.
 *
 * @returns each contestant's figures, one a round
 */
export async function interleave<Name extends string>(
	contestants: Record<Name, () => Promise<number>>,
	rounds: number,
	random: () => number,
): Promise<Record<Name, number[]>> {
	const names = Object.keys(contestants) as Name[];
	const figures = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
		Name,
		number[]
	>;
	for (let round = 0; round <= rounds; round++) {
		const order = names
			.map((name) => ({ name, key: random() }))
			.sort((a, b) => a.key - b.key)
			.map(({ name }) => name);
		for (const name of order) {
			const figure = await contestants[name]();
			if (round > 0) figures[name].push(figure);
		}
	}
	return figures;
}

const HEADINGS = ['', 'ours', 'reference', 'ratio', 'target', ''];

/** All rows as one table in plain text. */
export function tableOf(rows: Verdict[]): string {
	const lines = rows.map((row) => [
		row.name,
		`${figure(row.median)} ${row.unit} (${range(row.ours)})`,
		row.reference.length > 1
			? `${row.referenceName}: ${figure(row.referenceMedian)} (${range(row.reference)})`
			: `${row.referenceName}: ${figure(row.referenceMedian)}`,
		row.ratio.toFixed(2),
		row.target === undefined ? '–' : `≥ ${row.target}`,
		[row.reached === undefined ? '' : row.reached ? 'reached' : 'MISSED', row.note ?? '']
			.filter(Boolean)
			.join('; '),
	]);
	const widths = HEADINGS.map((heading, column) =>
		Math.max(heading.length, ...lines.map((line) => line[column]!.length)),
	);
	const format = (cells: string[]) =>
		cells
			.map((cell, column) => cell.padEnd(widths[column]!))
			.join('  ')
			.trimEnd();
	return [
		format(HEADINGS),
		widths.map((width) => '─'.repeat(width)).join('  '),
		...lines.map(format),
	].join('\n');
}

function figure(value: number): string {
	return value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}

function range(figures: number[]): string {
	return `${figure(Math.min(...figures))}–${figure(Math.max(...figures))}`;
}
