import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { propertiesOf } from '../shared/operation/properties';
import { answerCall } from './resources/answering';
import { answer } from './resources/answer';

export class SimplesDesk implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'SimplesDesk',
		name: 'simplesDesk',
		icon: { light: 'file:simplesdesk.svg', dark: 'file:simplesdesk.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Answer scheduled messages and bot menus of SimplesDesk',
		defaults: { name: 'SimplesDesk' },
		// An answer belongs to the call that started the workflow, which no agent has.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [...propertiesOf([answer], 'answer')],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await answerCall(this, answer);
	}
}
