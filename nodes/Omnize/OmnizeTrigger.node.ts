import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IDataObject,
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { checkSharedSecret } from '../shared/webhook/setup';
import {
	headersWithoutSecrets,
	acknowledge,
	rawBodyOf,
	respondUnauthorized,
} from '../shared/webhook/respond';
import { matchesFilter } from '../shared/filters';
import { verifySharedSecret, secretHeader } from '../shared/webhook/verify';
import { readEvent } from './trigger/events';
import type { OmnizeEventName } from './trigger/events';

interface TriggerOptions {
	clientIds?: string;
	headerName?: string;
	includeHeaders?: boolean;
	queryName?: string;
}

const SECRET_PLACES = { headerName: 'X-Webhook-Secret', queryName: 'secret' };

export class OmnizeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Omnize Trigger',
		name: 'omnizeTrigger',
		icon: { light: 'file:omnize.svg', dark: 'file:omnize.dark.svg' },
		group: ['trigger'],
		// From version 2 on, n8n does not evaluate an expression for every call of a start node.
		version: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description: 'Starts the workflow when an agent of Omnize answers, types, accepts or finishes',
		eventTriggerDescription: 'Waiting for an agent in Omnize to do something',
		activationMessage:
			'Omnize events now start this workflow, provided that its production URL is set as the Webhook URL in Omnize.',
		triggerPanel: {
			header: 'Receive events from Omnize',
			executionsHelp: {
				inactive:
					"<b>While building</b>, press 'Execute step', set the <b>test URL</b> as the Webhook URL in Omnize, and let an agent write something.<br /><br /><b>Afterwards</b>, set the <b>production URL</b> there and publish the workflow. Omnize knows only one URL at a time.",
				active:
					"Events arrive at the <b>production URL</b>, and you find what they started under 'Executions'. To try a change without missing events, use a second workflow: Omnize knows only one URL at a time.",
			},
			activationHint:
				'For live events, set the production URL as the Webhook URL in Omnize and publish the workflow.',
		},
		defaults: { name: 'Omnize Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'omnizeApi',
				required: true,
				displayOptions: { show: { verification: ['header', 'query'] } },
			},
		],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				responseData: 'noData',
				path: 'webhook',
			},
		],
		properties: [
			{
				displayName:
					'Open Webhook URLs above and copy the production URL to Omnize: Menu > Settings > Integrations > ClientSDK > Webhook URL. The test URL is another one and works only while this node is waiting for a test event.',
				name: 'urlNotice',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Trigger On',
				name: 'events',
				type: 'multiOptions',
				required: true,
				default: ['message', 'accepted', 'finished', 'unavailable'],
				options: [
					{ name: 'Agent Accepted', value: 'accepted' },
					{ name: 'Agent Finished', value: 'finished' },
					{ name: 'Agent Message', value: 'message' },
					{ name: 'Agent Stopped Typing', value: 'typingStopped' },
					{ name: 'Agent Typing', value: 'typing' },
					{ name: 'No Agent Available', value: 'unavailable' },
					{
						name: 'Other',
						value: 'other',
						action: 'On any other call',
						description: "What Omnize's document does not know",
					},
				],
			},
			{
				displayName: 'Verification',
				name: 'verification',
				type: 'options',
				default: 'none',
				description: 'How a call shows that it comes from Omnize, which does not sign its calls',
				options: [
					{
						name: 'None',
						value: 'none',
						description: 'Whoever knows the URL can start the workflow',
					},
					{
						name: 'Secret in Header',
						value: 'header',
						description: 'A proxy in front of n8n adds a header',
					},
					{
						name: 'Secret in URL',
						value: 'query',
						description: 'The URL in Omnize ends in ?secret= and the webhook secret',
					},
				],
			},
			{
				displayName:
					"In Omnize, add <code>?secret=</code> and the 'Webhook Secret' of the credential to the end of the URL. Calls without it get status 401 and start nothing.",
				name: 'queryNotice',
				type: 'notice',
				default: '',
				displayOptions: { show: { verification: ['query'] } },
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Client IDs',
						name: 'clientIds',
						type: 'string',
						default: '',
						placeholder: 'e.g. 12, 34',
						description: 'Start only for these customers, separated by commas',
					},
					{
						displayName: 'Header Name',
						name: 'headerName',
						type: 'string',
						default: 'X-Webhook-Secret',
						description: "Header that holds the secret, with 'Secret in Header'",
						displayOptions: { show: { '/verification': ['header'] } },
					},
					{
						displayName: 'Include Headers',
						name: 'includeHeaders',
						type: 'boolean',
						default: false,
						description:
							'Whether to add the headers of the call to the output, without those that hold secrets',
					},
					{
						displayName: 'Query Parameter Name',
						name: 'queryName',
						type: 'string',
						default: 'secret',
						description: "Part of the URL that holds the secret, with 'Secret in URL'",
						displayOptions: { show: { '/verification': ['query'] } },
					},
				],
			},
		],
		usableAsTool: undefined,
	};

	webhookMethods = {
		default: {
			/** Omnize has no call to register a webhook: the user pastes the URL there. */
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			/** Nothing to register, but a secret to be looked for. */
			async create(this: IHookFunctions): Promise<boolean> {
				await checkSharedSecret(this, 'omnizeApi');
				return true;
			},
			/** Nothing was registered. */
			async delete(this: IHookFunctions): Promise<boolean> {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const options = this.getNodeParameter('options', {}) as TriggerOptions;
		const refusal = await verifySharedSecret(this, 'omnizeApi', options, SECRET_PLACES);
		if (refusal !== undefined) return respondUnauthorized(this, refusal);

		const event = readEvent(await rawBodyOf(this));
		const events = this.getNodeParameter('events') as OmnizeEventName[];
		if (!events.includes(event.event)) return acknowledge(this);
		if (!matchesFilter(options.clientIds, [event.clientId ?? ''])) return acknowledge(this);

		const json: IDataObject = { ...event };
		if (options.includeHeaders === true) {
			const header = secretHeader(options, SECRET_PLACES.headerName);
			json.headers = headersWithoutSecrets(this, header);
		}
		return { workflowData: [[{ json }]] };
	}
}
