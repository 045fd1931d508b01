/** How far apart the means of two samples are, in units of what chance alone would make of it. */
export function welchT(a: readonly number[], b: readonly number[]): number {
	const [one, other] = [momentsOf(a), momentsOf(b)];
	return (one.mean - other.mean) / Math.sqrt(one.variance / a.length + other.variance / b.length);
}

function momentsOf(sample: readonly number[]) {
	if (sample.length < 2) throw new Error('A sample needs two figures or more.');
	const mean = sample.reduce((sum, figure) => sum + figure, 0) / sample.length;
	const squares = sample.reduce((sum, figure) => sum + (figure - mean) ** 2, 0);
	return { mean, variance: squares / (sample.length - 1) };
}

/**
 * Leaves out whatever took longer than the given share of all measurements together: there the
 * machine did something else. The limit is one for both samples, so that it favours neither.
 */
export function withoutSlowest(
	samples: readonly [readonly number[], readonly number[]],
	share: number,
): [number[], number[]] {
	const all = samples.flat().sort((a, b) => a - b);
	const limit = all[Math.ceil(all.length * share) - 1] ?? Infinity;
	const kept = (sample: readonly number[]) => sample.filter((figure) => figure <= limit);
	return [kept(samples[0]), kept(samples[1])];
}
