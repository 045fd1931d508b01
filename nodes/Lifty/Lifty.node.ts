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
import { connectAndWait } from './pairing/connectAndWait';
import { connectLifty } from './api/connect';
import { bot } from './resources/bot';
import { message } from './resources/message';
import { session } from './resources/session';

const provider = { resources: [bot, message, session], connect: connectLifty };

export class Lifty implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Lifty',
		name: 'lifty',
		icon: { light: 'file:lifty.svg', dark: 'file:lifty.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description:
			'Connect bots to WhatsApp by QR code, send messages and templates, pause and resume bots',
		defaults: { name: 'Lifty' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs:
			'={{ $parameter["resource"] === "session" && $parameter["operation"] === "connectAndWait" ? [{ type: "main", displayName: "Done" }, { type: "main", displayName: "QR Code" }] : ["main"] }}',
		credentials: [{ name: 'liftyApi', required: true }],
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
		properties: [...propertiesOf(mostUsedFirst(provider.resources, 'session'), 'session')],
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
		const chosen = ['resource', 'operation'].map((name) => this.getNodeParameter(name, 0));
		if (chosen.join() === 'session,connectAndWait') return await connectAndWait(this, provider);
		return await runItems(this, provider);
	}

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await answerQuestion(this);
	}
}
