import { NodeConnectionTypes } from 'n8n-workflow';
import type { IExecuteFunctions, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { createRedactor } from '../../../nodes/shared/redact';
import type { RequestLimits } from '../../../nodes/shared/http/types';
import { propertiesOf } from '../../../nodes/shared/operation/properties';
import { runItems, type Connected } from '../../../nodes/shared/operation/runItems';
import type { AnyOperation } from '../../../nodes/shared/operation/define';

/** An operation of which only what the test is about has to be said. */
export type ToyOperation = Partial<AnyOperation<object>> & Pick<AnyOperation<object>, 'execute'>;

/** A node with one operation, Thing: Make, of a provider whose connection is made by the test. */
export function toyNode(
	operation: ToyOperation,
	connect: (
		functions: IExecuteFunctions,
		limits: RequestLimits,
	) => Promise<Connected<object>> = async () => ({
		api: {},
		redact: createRedactor([]),
		hasSent: () => false,
	}),
) {
	const provider = {
		resources: [
			{
				name: 'Thing',
				value: 'thing',
				description: '',
				operations: [
					{
						name: 'Make',
						value: 'make',
						action: 'Make thing',
						description: '',
						parameters: [],
						...operation,
					},
				],
			},
		],
		connect,
	};
	return class Maker implements INodeType {
		description: INodeTypeDescription = {
			displayName: 'Maker',
			name: 'maker',
			group: ['transform'],
			version: 1,
			description: '',
			defaults: { name: 'Maker' },
			inputs: [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
			properties: propertiesOf(provider.resources, 'thing'),
		};

		async execute(this: IExecuteFunctions) {
			return await runItems(this, provider);
		}
	};
}
