import { welchT, withoutSlowest } from './welch';

test('Welch t of two samples, by hand: means 2 and 4, variances 1 and 4, three each', () => {
	expect(welchT([1, 2, 3], [2, 4, 6])).toBeCloseTo(-2 / Math.sqrt(1 / 3 + 4 / 3), 12);
	expect(welchT([1, 2, 3], [1, 2, 3])).toBe(0);
	expect(() => welchT([1], [1, 2])).toThrow('two figures or more');
});

test('the slowest of both samples together are left out', () => {
	expect(
		withoutSlowest(
			[
				[1, 2, 90],
				[3, 4, 80],
			],
			0.5,
		),
	).toEqual([[1, 2], [3]]);
	expect(withoutSlowest([[1, 2], [3]], 1)).toEqual([[1, 2], [3]]);
});
