import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { mostUsedFirst, propertiesOf } from '../shared/operation/properties';
import { runItems } from '../shared/operation/runItems';
import { answerQuestion } from '../shared/sendAndWait/webhook';
import { connectGitple } from './api/connect';
import {
	agent,
	agentGroup,
	category,
	sessionTag,
	user,
	userGroup,
	userTag,
} from './resources/lookups';
import { message } from './resources/message';
import { session } from './resources/session';

const resources = [
	agent,
	agentGroup,
	category,
	message,
	session,
	sessionTag,
	user,
	userGroup,
	userTag,
];

export class Gitple implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Gitple',
		name: 'gitple',
		icon: { light: 'file:gitple.svg', dark: 'file:gitple.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description:
			'Send messages and notifications to users, look up sessions, users, tags and agents',
		defaults: { name: 'Gitple' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'gitpleApi', required: true }],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'GET',
				responseMode: 'onReceived',
				responseData: '',
				path: '={{ $nodeId }}',
				restartWebhook: true,
				isFullPath: true,
			},
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				responseData: '',
				path: '={{ $nodeId }}',
				restartWebhook: true,
				isFullPath: true,
			},
		],
		waitingNodeTooltip:
			'={{ $parameter["operation"] === "sendAndWait" ? "Execution will continue after the person has answered" : "" }}',
		properties: [...propertiesOf(mostUsedFirst(resources, 'message'), 'message')],
	};

	// n8n serves the page only while an execution waits, so there is nothing to register.
	webhookMethods = {
		default: {
			checkExists: async () => true,
			create: async () => true,
			delete: async () => true,
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runItems(this, { resources, connect: connectGitple });
	}

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await answerQuestion(this);
	}
}
