import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { propertiesOf } from '../shared/operation/properties';
import { runItems } from '../shared/operation/runItems';
import { connectSampleDesk } from './api/connect';
import { message } from './resources/message';

const resources = [message];

export class SampleDesk implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'SampleDesk',
		name: 'sampleDesk',
		icon: { light: 'file:sampledesk.svg', dark: 'file:sampledesk.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Write to customers with SampleDesk',
		defaults: { name: 'SampleDesk' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'sampleDeskApi', required: true }],
		properties: [...propertiesOf(resources, 'message')],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runItems(this, { resources, connect: connectSampleDesk });
	}
}
