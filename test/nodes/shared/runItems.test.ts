import { createRedactor, HIDDEN } from '../../../nodes/shared/redact';
import type { RequestLimits } from '../../../nodes/shared/http/types';
import { ProviderError } from '../../../nodes/shared/errors';
import { runNode, type RunOptions } from '../../support';
import { inFakeTime } from '../../support/fakeTime';
import { toyNode, type ToyOperation } from './toyProvider';

const itemsOf = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));
const batching = (batch: { concurrentItems?: number; itemInterval?: number }) => ({
	options: { batching: { batch: { concurrentItems: 10, itemInterval: 0, ...batch } } },
});

describe('the interval between items', () => {
	/** When each item began: milliseconds from the first, to the next ten. */
	async function startsOf(
		batch: { concurrentItems?: number; itemInterval?: number },
		takes: readonly number[],
		options: Partial<RunOptions> = {},
	): Promise<number[]> {
		const starts: number[] = [];
		await inFakeTime(
			async () =>
				await runNode({
					node: toyNode({
						execute: async (_api, _values, { itemIndex }) => {
							starts.push(Date.now());
							const wait = takes[itemIndex] ?? 0;
							if (wait < 0) throw new ProviderError('It failed', { kind: 'refused' });
							await new Promise((resolve) => setTimeout(resolve, wait));
							return {};
						},
					}),
					items: itemsOf(takes.length),
					parameters: batching(batch),
					...options,
				}),
		);
		return starts.map((at) => Math.round((at - (starts[0] ?? 0)) / 10) * 10);
	}

	it('lies between all starts, however many items may be under way', async () => {
		const starts = await startsOf({ itemInterval: 1_000 }, [5_000, 5_000, 5_000, 5_000]);
		expect(starts).toEqual([0, 1_000, 2_000, 3_000]);
	});

	it('is not added to the time that the items take themselves', async () => {
		const starts = await startsOf(
			{ concurrentItems: 1, itemInterval: 1_000 },
			[2_500, 500, 500, 0],
		);
		expect(starts).toEqual([0, 2_500, 3_500, 4_500]);
	});

	it('is none by default: as many begin at once as may be under way', async () => {
		const starts = await startsOf({}, Array<number>(11).fill(2_000));
		expect(starts).toEqual([...Array<number>(10).fill(0), 2_000]);
	});

	it('is not waited out for an item that no longer begins', async () => {
		const starts = await startsOf({ itemInterval: 1_000 }, [-1, 0, 0]);
		expect(starts).toEqual([0]);
	});

	it('begins nothing after the execution was stopped meanwhile', async () => {
		const stop = new AbortController();
		let begun = 0;
		let ended: Promise<unknown> | undefined;
		const Node = toyNode({
			execute: async () => {
				begun++;
				stop.abort();
				return {};
			},
		});
		class Watched extends Node {
			override async execute(this: ThisParameterType<InstanceType<typeof Node>['execute']>) {
				const execution = Node.prototype.execute.call(this);
				ended = execution;
				return await execution;
			}
		}
		const { status } = await inFakeTime(async () => {
			const run = await runNode({
				node: Watched,
				items: itemsOf(3),
				parameters: batching({ itemInterval: 10_000 }),
				signal: stop.signal,
			});
			await ended;
			return run;
		});
		expect(status).toBe('canceled');
		expect(begun).toBe(1);
	});
});

describe('the connection to the provider', () => {
	const connected = (options: Partial<RunOptions>, operation: Partial<ToyOperation> = {}) => {
		const limits: RequestLimits[] = [];
		const node = toyNode(
			{ execute: async () => ({ made: true }), ...operation },
			async (_functions, given) => {
				limits.push(given);
				const redact = createRedactor(['demo-secret-of-the-toy']);
				return { api: {}, redact, hasSent: () => false };
			},
		);
		return { limits, run: runNode({ node, items: itemsOf(3), ...options }) };
	};
	const text = { displayName: 'Text', name: 'text', type: 'string', default: '' } as const;

	it('is made once for all items, without limits of its own', async () => {
		const { limits, run } = connected({});
		expect((await run).items).toHaveLength(3);
		expect(limits).toEqual([{}]);
	});

	it('has the limits that the options say', async () => {
		const options = { timeout: 1_234, rateLimitWait: 5 };
		const { limits, run } = connected({ parameters: { options } });
		await run;
		expect(limits).toEqual([{ timeout: 1_234, rateLimitWait: 5_000 }]);
	});

	it('is not made when no item can be sent', async () => {
		const { limits, run } = connected(
			{ parameters: { text: '={{ [$json.n] }}' }, onError: 'continueRegularOutput' },
			{ parameters: [text] },
		);
		const { items } = await run;
		expect(items.map(({ json }) => json.error)).toEqual(
			Array(3).fill("'Text' needs text, but was given a list"),
		);
		expect(limits).toEqual([]);
	});

	it('is made for the items that can be sent, and with their options', async () => {
		const { limits, run } = connected(
			{
				parameters: {
					text: '={{ $json.n === 0 ? [] : "text" }}',
					options: { timeout: 2_000 },
				},
				onError: 'continueRegularOutput',
			},
			{ parameters: [text] },
		);
		const { items } = await run;
		expect(items.map(({ json }) => json)).toEqual([
			{
				error: "'Text' needs text, but was given a list",
				details: 'Check the expression in this field.',
			},
			{ made: true },
			{ made: true },
		]);
		expect(limits).toEqual([{ timeout: 2_000 }]);
	});

	it('that cannot be made ends the run', async () => {
		const node = toyNode({ execute: async () => ({}) }, async () => {
			throw new Error('There is no such credential');
		});
		expect((await runNode({ node })).error?.message).toContain('There is no such credential');
	});

	it('knows which secrets no error item may show', async () => {
		const { run } = connected(
			{ onError: 'continueRegularOutput' },
			{
				execute: async () => {
					throw new ProviderError('Refused demo-secret-of-the-toy', {
						kind: 'refused',
						description: 'Replace demo-secret-of-the-toy.',
					});
				},
			},
		);
		expect((await run).items[0]?.json).toEqual({
			error: `Refused ${HIDDEN}`,
			details: `Replace ${HIDDEN}.`,
		});
	});
});

describe('a failure', () => {
	const failing = (fails: readonly number[], description?: string) =>
		toyNode({
			execute: async (_api, _values, { itemIndex }) => {
				if (fails.includes(itemIndex)) {
					throw new ProviderError(`Item ${itemIndex} failed`, { kind: 'refused', description });
				}
				return {};
			},
		});
	const oneByOne = batching({ concurrentItems: 1 });

	it.each([
		[2, [0], 'It is so. 0 items succeeded, 1 item was not started.'],
		[3, [0], 'It is so. 0 items succeeded, 2 items were not started.'],
		[3, [1], 'It is so. 1 item succeeded, 1 item was not started.'],
		[3, [2], 'It is so. 2 items succeeded, 0 items were not started.'],
		[1, [0], 'It is so.'],
	])('among %d items, of %j, says how far the run has come', async (count, fails, description) => {
		const { error } = await runNode({
			node: failing(fails, 'It is so.'),
			items: itemsOf(count),
			parameters: oneByOne,
		});
		expect(error?.message).toBe(`Item ${fails[0]} failed`);
		expect(error?.description).toBe(description);
		expect(error).toMatchObject({ context: { itemIndex: fails[0] } });
	});

	it.each([
		[1, [0], 'Nothing was sent. Try again.'],
		[
			2,
			[1],
			'Nothing was sent for this item. Try again. 1 item succeeded, 0 items were not started.',
		],
		[2, [0], 'Nothing was sent. Try again. 0 items succeeded, 1 item was not started.'],
	])('among %d items, of %j, never denies what went through', async (...row) => {
		const [count, fails, description] = row;
		const { error } = await runNode({
			node: failing(fails, 'Nothing was sent. Try again.'),
			items: itemsOf(count),
			parameters: oneByOne,
		});
		expect(error?.description).toBe(description);
	});

	it('of several items under way is that of the first of them', async () => {
		const { error } = await runNode({ node: failing([1, 2, 3]), items: itemsOf(4) });
		expect(error?.message).toBe('Item 1 failed');
		expect(error?.description).toBe('1 item succeeded, 0 items were not started.');
	});

	it('that has nothing more to say leaves the details out of its item', async () => {
		const { items } = await runNode({
			node: failing([1]),
			items: itemsOf(2),
			onError: 'continueRegularOutput',
		});
		expect(items.map(({ json }) => json)).toEqual([{}, { error: 'Item 1 failed' }]);
	});

	it('of an item does not keep the next ones from beginning when the node continues', async () => {
		const { items } = await runNode({
			node: failing([0, 1]),
			items: itemsOf(4),
			parameters: oneByOne,
			onError: 'continueRegularOutput',
		});
		expect(items.map(({ json }) => json.error)).toEqual([
			'Item 0 failed',
			'Item 1 failed',
			undefined,
			undefined,
		]);
	});

	it('by a stopped execution ends the run although the node continues', async () => {
		const begun: number[] = [];
		const node = toyNode({
			execute: async (_api, _values, { itemIndex }) => {
				begun.push(itemIndex);
				if (itemIndex === 0) throw new ProviderError('It failed', { kind: 'refused' });
				throw new ProviderError('The execution was canceled', { kind: 'cancelled' });
			},
		});
		const { error } = await runNode({
			node,
			items: itemsOf(4),
			parameters: oneByOne,
			onError: 'continueRegularOutput',
		});
		expect(error?.message).toBe('The execution was canceled');
		expect(begun).toEqual([0, 1]);
	});
});

describe('items that must keep their order', () => {
	it('take turns with those of others, one of each at a time', async () => {
		const begun: string[] = [];
		await runNode({
			node: toyNode({
				parameters: [{ displayName: 'Lane', name: 'lane', type: 'string', default: '' }],
				orderingKey: ({ lane }) => String(lane),
				execute: async (_api, { lane }, { itemIndex }) => {
					begun.push(`${String(lane)}${itemIndex}`);
					return {};
				},
			}),
			items: ['a', 'a', 'a', 'b', 'b', 'c'].map((lane) => ({ lane })),
			parameters: { lane: '={{ $json.lane }}', ...batching({ concurrentItems: 1 }) },
		});
		expect(begun).toEqual(['a0', 'b3', 'c5', 'a1', 'b4', 'a2']);
	});

	it('are only those that the operation names: without a name each stands for itself', async () => {
		let underWay = 0;
		let most = 0;
		await runNode({
			node: toyNode({
				execute: async () => {
					most = Math.max(most, ++underWay);
					await new Promise((resolve) => setTimeout(resolve, 5));
					underWay--;
					return {};
				},
			}),
			items: itemsOf(25),
		});
		expect(most).toBe(10);
	});
});

test('an operation that does not exist is refused, whatever the workflow has stored', async () => {
	const { error } = await runNode({
		node: toyNode({ execute: async () => ({}) }),
		parameters: { resource: 'thing', operation: 'destroy' },
	});
	expect(error?.message).toBe("The operation 'thing: destroy' does not exist");
	expect(error?.description).toContain('Choose Resource and Operation again');
});

describe('a check of several fields together', () => {
	const checking = (started: number[]) =>
		toyNode({
			parameters: [{ displayName: 'Text', name: 'text', type: 'string', default: '' }],
			check: ({ text }) => {
				if (text === 'wrong') throw new ProviderError('It is wrong', { kind: 'invalid' });
			},
			execute: async (_api, _values, { itemIndex }) => {
				started.push(itemIndex);
				return { made: true };
			},
		});
	const items = [{ text: 'right' }, { text: 'wrong' }, { text: 'right' }];
	const parameters = { text: '={{ $json.text }}' };

	it('comes before the first item is started', async () => {
		const started: number[] = [];
		const { error } = await runNode({ node: checking(started), items, parameters });
		expect(error).toMatchObject({
			message: 'It is wrong',
			description: 'Nothing was sent.',
			context: { itemIndex: 1 },
		});
		expect(started).toEqual([]);
	});

	it('keeps its own item alone from being started where the node continues', async () => {
		const started: number[] = [];
		const { items: output } = await runNode({
			node: checking(started),
			items,
			parameters,
			onError: 'continueRegularOutput',
		});
		expect(output.map(({ json }) => json)).toEqual([
			{ made: true },
			{ error: 'It is wrong' },
			{ made: true },
		]);
		expect(started).toEqual([0, 2]);
	});
});
