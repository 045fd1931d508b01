import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeExecutionData,
	INodeListSearchResult,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { mostUsedFirst, propertiesOf } from '../shared/operation/properties';
import { runItems } from '../shared/operation/runItems';
import { searchDepartments } from './resources/departmentList';
import { connectOmnize } from './api/connect';
import { department } from './resources/department';
import { interaction } from './resources/interaction';

const resources = [department, interaction];

export class Omnize implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Omnize',
		name: 'omnize',
		icon: { light: 'file:omnize.svg', dark: 'file:omnize.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description:
			'Start conversations between customers and agents, send messages, show typing, finish',
		defaults: { name: 'Omnize' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'omnizeApi', required: true }],
		properties: [...propertiesOf(mostUsedFirst(resources, 'interaction'), 'interaction')],
	};

	methods = {
		listSearch: {
			async searchDepartments(
				this: ILoadOptionsFunctions,
				filter?: string,
			): Promise<INodeListSearchResult> {
				return await searchDepartments(this, filter);
			},
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runItems(this, { resources, connect: connectOmnize });
	}
}
