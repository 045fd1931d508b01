import type { ProviderErrorKind } from '../../../nodes/shared/errors';
import { ProviderError } from '../../../nodes/shared/errors';
import { createRedactor } from '../../../nodes/shared/redact';
import { runNode, runTool, type RunOptions } from '../../support';
import { inFakeTime } from '../../support/fakeTime';
import { toyNode } from './toyProvider';

type Answer = ProviderErrorKind | 'programming error' | 'sent';

/**
 * Three items in a node that is tried three times. What each item gets, try by try; the last answer
 * goes for all further tries.
 */
async function play(answers: Record<string, Answer[]>, options: Partial<RunOptions> = {}) {
	const sent: string[] = [];
	const isReading = answers.reads !== undefined;
	const node = toyNode(
		{
			execute: async (_api, _values, { functions, itemIndex }) => {
				const name = String(functions.getInputData()[itemIndex]?.json.name);
				const own = answers[name] ?? ['sent'];
				const answer = own[Math.min(sent.filter((one) => one === name).length, own.length - 1)];
				sent.push(name);
				if (answer === 'sent') return { name };
				if (answer === 'programming error') throw new TypeError('x is undefined');
				throw new ProviderError(`${name} failed`, { kind: answer! });
			},
		},
		async () => ({ api: {}, redact: createRedactor([]), hasSent: () => !isReading }),
	);
	const run = await inFakeTime(
		async () =>
			await runNode({
				node,
				items: ['A', 'B', 'C'].map((name) => ({ name })),
				parameters: { options: { batching: { batch: { concurrentItems: 1, itemInterval: 0 } } } },
				settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 10 },
				...options,
			}),
	);
	return { sent: sent.join(''), run };
}

const uncertain: Answer[] = [
	'interrupted',
	'late',
	'unavailable',
	'unreadable',
	'programming error',
];
const certain: Answer[] = ['busy', 'refused', 'unreachable', 'invalid'];

describe('an item of a node with Retry On Fail', () => {
	it.each(uncertain)('is not sent again where its outcome is unknown: %s', async (answer) => {
		const { sent, run } = await play({ B: [answer] });
		expect(sent).toBe('AB');
		expect(run.error?.message).toMatch(/^(B failed|x is undefined)/);
	});

	it.each(certain)('is tried again where nothing was done, and it alone: %s', async (answer) => {
		const { sent, run } = await play({ B: [answer] });
		expect(sent).toBe('ABBB');
		expect(run.error?.message).toBe('B failed');
	});

	it.each(certain)('goes on from there when that works: %s', async (answer) => {
		const { sent, run } = await play({ B: [answer, 'sent'] });
		expect(sent).toBe('ABBC');
		expect(run.items.map(({ json }) => json)).toEqual([
			{ name: 'A' },
			{ name: 'B' },
			{ name: 'C' },
		]);
	});

	it.each(uncertain)(
		'is sent once where the node continues on fail, whichever fails: %s',
		async (answer) => {
			for (const name of ['A', 'B', 'C']) {
				const { sent, run } = await play(
					{ [name]: [answer] },
					{ onError: 'continueRegularOutput' },
				);
				expect(sent).toBe('ABC');
				expect(run.items).toHaveLength(3);
			}
		},
	);

	it('is tried again where the node continues on fail, and the others are not', async () => {
		const { sent, run } = await play(
			{ A: ['unreachable', 'unreachable', 'sent'] },
			{ onError: 'continueRegularOutput' },
		);
		expect(sent).toBe('ABCAA');
		expect(run.items.map(({ json }) => json)).toEqual([
			{ name: 'A' },
			{ name: 'B' },
			{ name: 'C' },
		]);
	});

	it('is read again: nothing can be doubled by that', async () => {
		const { sent } = await play({ reads: [], B: ['late', 'sent'] });
		expect(sent).toBe('ABABC');
	});
});

it('without Retry On Fail nothing is remembered', async () => {
	const { sent } = await play({ B: ['unreachable'] }, { settings: {} });
	expect(sent).toBe('AB');
});

describe('a tool of an AI agent with Retry On Fail', () => {
	/** The calls that reached the provider, of which the first ones are answered with a failure. */
	async function call(failures: ProviderErrorKind[], calls: number) {
		let sends = 0;
		const Node = toyNode(
			{
				execute: async () => {
					const kind = failures[sends++];
					if (kind !== undefined) throw new ProviderError('It failed', { kind });
					return { made: sends };
				},
			},
			async () => ({ api: {}, redact: createRedactor([]), hasSent: () => true }),
		);
		const node = new Node();
		node.description.usableAsTool = true;
		const settings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 };
		const { response, error } = await runTool({ node, settings, calls });
		return { sends, response, error };
	}

	it.each(uncertain.filter((kind) => kind !== 'programming error'))(
		'is not repeated where the outcome is unknown: %s',
		async (kind) => {
			const { sends, error } = await call([kind as ProviderErrorKind], 1);
			expect(sends).toBe(1);
			expect(error?.message).toContain('It failed');
		},
	);

	it('is repeated where nothing was done', async () => {
		const { sends, response } = await call(['unreachable', 'busy'], 1);
		expect(sends).toBe(3);
		expect(response).toContain('"made":3');
	});

	it('sends anew at each call, also at the same one', async () => {
		const { sends, response } = await call([], 2);
		expect(sends).toBe(2);
		expect(response).toContain('"made":2');
	});
});
