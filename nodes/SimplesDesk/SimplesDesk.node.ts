import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { mostUsedFirst, propertiesOf } from '../shared/operation/properties';
import { answerRequest } from './answer/answerRequest';
import { answer } from './resources/answer';

export class SimplesDesk implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'SimplesDesk',
		name: 'simplesDesk',
		icon: { light: 'file:simplesdesk.svg', dark: 'file:simplesdesk.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description:
			'Answer scheduled messages and bot menus with messages, files, templates, menus and questions',
		defaults: { name: 'SimplesDesk' },
		// An answer belongs to the request that started the workflow, which an AI agent does not have.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [...propertiesOf(mostUsedFirst([answer], 'answer'), 'answer')],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await answerRequest(this, answer);
	}
}
