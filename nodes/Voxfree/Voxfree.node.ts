import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { mostUsedFirst, propertiesOf } from '../shared/operation/properties';
import type { RequestLimits } from '../shared/http/types';
import { runItems } from '../shared/operation/runItems';
import { answerQuestion } from '../shared/sendAndWait/webhook';
import { connectVoxfree } from './api/connect';
import type { SessionStore } from './api/SessionStore';
import { agent } from './resources/agent';
import { contact } from './resources/contact';
import { conversation } from './resources/conversation';
import { listSearchMethods } from './resources/listSearch';
import { channel, department, wrapUpCode } from './resources/lookups';
import { message } from './resources/message';
import { portfolio } from './resources/portfolio';
import { quickReply } from './resources/quickReply';
import { tag } from './resources/tag';
import { template } from './resources/template';

const resources = [
	agent,
	channel,
	contact,
	conversation,
	department,
	message,
	portfolio,
	quickReply,
	tag,
	template,
	wrapUpCode,
];

export class Voxfree implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Voxfree',
		name: 'voxfree',
		icon: { light: 'file:voxfree.svg', dark: 'file:voxfree.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description:
			'Send texts, files and templates on WhatsApp, Instagram and Facebook, transfer, tag and finish conversations',
		defaults: { name: 'Voxfree' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'voxfreeApi', required: true }],
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
		hints: [
			{
				message:
					'If no agent had this conversation, it is now assigned to the agent of the credential and no longer in the queue.',
				type: 'info',
				location: 'outputPane',
				whenToDisplay: 'afterExecution',
				displayCondition:
					'={{ $parameter["resource"] === "conversation" && $parameter["operation"] === "open" }}',
			},
			{
				message:
					"Voxfree's document does not show the fields for quick replies. Check the result in Voxfree.",
				type: 'warning',
				location: 'outputPane',
				whenToDisplay: 'afterExecution',
				displayCondition:
					'={{ $parameter["resource"] === "quickReply" && $parameter["operation"] !== "getAll" }}',
			},
		],
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

	methods: { listSearch: ReturnType<typeof listSearchMethods> };

	execute: (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

	/** @param sessions where logins are remembered. Default: one store for all nodes of the process */
	constructor(sessions?: SessionStore) {
		const connect = async (
			functions: IExecuteFunctions | ILoadOptionsFunctions,
			limits?: RequestLimits,
		) => await connectVoxfree(functions, limits, sessions);
		this.methods = { listSearch: listSearchMethods(connect) };
		this.execute = async function () {
			return await runItems(this, { resources, connect });
		};
	}

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await answerQuestion(this);
	}
}
