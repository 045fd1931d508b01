import type { IExecuteFunctions } from 'n8n-workflow';
import { OutputItem } from '../../../nodes/shared/operation/define';
import type { Output } from '../../../nodes/shared/operation/define';
import { binaryContent, runNode } from '../../support';
import { toyNode } from './toyProvider';

/** A node whose output for each item is made by the test. */
const nodeThatReturns = (make: (functions: IExecuteFunctions, item: number) => Promise<Output>) =>
	toyNode({
		execute: async (_api, _values, { functions, itemIndex }) => await make(functions, itemIndex),
	});

const items = [{ n: 0 }, { n: 1 }, { n: 2 }];

test('an entry carries a file along with its JSON, and points to its item', async () => {
	const node = nodeThatReturns(
		async (functions, n) =>
			new OutputItem(
				{ n },
				{
					binary: {
						file: await functions.helpers.prepareBinaryData(
							Buffer.from(`file ${n}`),
							'a.txt',
							'text/plain',
						),
					},
				},
			),
	);
	const { items: out } = await runNode({ node, items });
	expect(out.map(({ json, pairedItem }) => ({ json, pairedItem }))).toEqual(
		items.map(({ n }) => ({ json: { n }, pairedItem: { item: n } })),
	);
	expect((await binaryContent(out[2]!, 'file')).toString()).toBe('file 2');
	expect(out[0]!.binary!.file).toMatchObject({ fileName: 'a.txt', mimeType: 'text/plain' });
});

test('entries leave by the output that they name, plain objects by the first, each in input order', async () => {
	const node = nodeThatReturns(async (_functions, n) =>
		n === 1 ? [new OutputItem({ n }, { output: 1 }), { n, also: true }] : { n },
	);
	const { outputs } = await runNode({ node, items });
	expect(outputs).toEqual([
		[
			{ json: { n: 0 }, pairedItem: { item: 0 } },
			{ json: { n: 1, also: true }, pairedItem: { item: 1 } },
			{ json: { n: 2 }, pairedItem: { item: 2 } },
		],
		[{ json: { n: 1 }, pairedItem: { item: 1 } }],
	]);
});

test('with "continue" a failed item leaves by the first output, whatever the others do', async () => {
	const node = nodeThatReturns(async (_functions, n) => {
		if (n === 1) throw new Error('It is broken');
		return new OutputItem({ n }, { output: 1 });
	});
	const { outputs } = await runNode({ node, items, onError: 'continueRegularOutput' });
	expect(outputs[0]).toEqual([{ json: { error: 'It is broken' }, pairedItem: { item: 1 } }]);
	expect(outputs[1]!.map(({ json }) => json)).toEqual([{ n: 0 }, { n: 2 }]);
});
