import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IDataObject,
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { checkedValues, triggerReader } from '../shared/parameters/triggerValues';
import { triggerOn } from '../shared/parameters/triggerOn';
import { triggerOptions, urlNotice } from '../shared/webhook/properties';
import { readEventIn, readRawBody } from '../shared/webhook/request';
import { acknowledge, respondUnauthorized } from '../shared/webhook/respond';
import { checkSecrets } from '../shared/webhook/setup';
import type { SignatureEncoding } from '../shared/webhook/signature';
import { webhookValues } from '../shared/webhook/values';
import { verifySignature } from '../shared/webhook/verify';
import { readEvent } from './trigger/events';
import type { GitpleEventName } from './trigger/events';
import { isWithin, passesFilters } from './trigger/filter';
import type { EventFilters } from './trigger/filter';
import { isReplay, storeWindow } from './trigger/replay';
import { withNames } from './trigger/withNames';

interface TriggerValues {
	events: GitpleEventName[];
	options: TriggerOptions;
}

interface TriggerOptions extends EventFilters {
	resolveNames?: boolean;
	signatureEncoding?: SignatureEncoding;
	/** Minutes. */
	tolerance?: number;
}

export class GitpleTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Gitple Trigger',
		name: 'gitpleTrigger',
		icon: { light: 'file:gitple.svg', dark: 'file:gitple.dark.svg' },
		group: ['trigger'],
		// From version 2, n8n does not evaluate an expression for every request to a start node.
		version: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description:
			'When a session is opened, assigned or closed, or an agent sends an external message; send messages and notifications, look up sessions, users, tags and agents',
		eventTriggerDescription: 'Waiting for something to happen in Gitple',
		activationMessage:
			'Gitple events now start this workflow if its production URL is set under Event APIs in Gitple.',
		triggerPanel: {
			header: 'Receive events from Gitple',
			executionsHelp: {
				inactive:
					"<b>While building</b>, press 'Execute step', set the <b>test URL</b> under Event APIs in Gitple, and open or close a session. The next node then shows the fields of the event: n8n has no preview of a trigger's output before.<br /><br /><b>Afterwards</b>, set the <b>production URL</b> there and publish the workflow. Gitple supports only one URL at a time.",
				active:
					"Events arrive at the <b>production URL</b>. The executions that they start are listed under 'Executions'. To test a change without missing events, use a second workflow: Gitple supports only one URL at a time.",
			},
			activationHint:
				'For live events, set the production URL under Event APIs in Gitple and publish the workflow.',
		},
		defaults: { name: 'Gitple Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'gitpleApi', required: true }],
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
			urlNotice(
				"Gitple: Workspace > Settings > Integrations > Event APIs > URL, and the 'Webhook Secret' of the credential to Secret. Keep 'Enable SSL verification' on there.",
			),
			triggerOn(
				[
					{
						name: 'External Message Sent',
						value: 'send_external_message',
						action: 'On external message sent',
						description: "An agent used 'Send Message' in the customer view",
					},
					{
						name: 'Other',
						value: 'other',
						action: 'On any other event',
						description: 'Events that this node does not know',
					},
					{
						name: 'Session Assigned',
						value: 'session_state_inprogress',
						action: 'On session assigned',
						description: 'An agent or a bot has taken a session',
					},
					{
						name: 'Session Closed',
						value: 'session_state_close',
						action: 'On session closed',
						description: 'A session has ended',
					},
					{
						name: 'Session Opened',
						value: 'session_state_open',
						action: 'On session opened',
						description: 'A user has started a session',
					},
				],
				[
					'session_state_open',
					'session_state_inprogress',
					'session_state_close',
					'send_external_message',
				],
			),
			{
				displayName:
					'Gitple must sign every request. A request without a valid signature gets status 401 and does not start the workflow.',
				name: 'signatureNotice',
				type: 'notice',
				default: '',
			},
			triggerOptions([
				{
					displayName: 'App Codes',
					name: 'appCodes',
					type: 'string',
					default: '',
					placeholder: 'e.g. shop, support',
					description: 'Start only for events of these workspaces, separated by commas',
				},
				{
					displayName: 'Assignee Types',
					name: 'assigneeTypes',
					type: 'multiOptions',
					default: [],
					description:
						'Start only for sessions that are assigned to one of these. Events without a session are not affected.',
					options: [
						{ name: 'Agent', value: 'agent', description: 'Sessions that a person answers' },
						{ name: 'Bot', value: 'bot', description: 'Sessions that a bot answers' },
					],
				},
				{
					displayName: 'Group IDs',
					name: 'groups',
					type: 'string',
					default: '',
					placeholder: 'e.g. 3, 7',
					description: 'Start only for users in one of these groups, separated by commas',
				},
				{
					displayName: 'Resolve Names',
					name: 'resolveNames',
					type: 'boolean',
					default: false,
					description:
						'Whether to look up the names of tags, categories and groups, of which events contain only the IDs. Needs the Open API Secret. If Gitple takes longer than 5 seconds, the event starts the workflow without names.',
				},
				{
					displayName: 'Signature Encoding',
					name: 'signatureEncoding',
					type: 'options',
					default: 'auto',
					description: "How Gitple encodes its signature; Gitple's document does not say",
					options: [
						{
							name: 'Base64',
							value: 'base64',
							description: 'Accept only signatures in Base64',
						},
						{
							name: 'Either',
							value: 'auto',
							description: 'Accept both, if you do not know which one Gitple uses',
						},
						{
							name: 'Hexadecimal',
							value: 'hex',
							description: 'Accept only hexadecimal signatures',
						},
					],
				},
				{
					displayName: 'Tag IDs',
					name: 'tags',
					type: 'string',
					default: '',
					placeholder: 'e.g. 12, 15',
					description:
						'Start only for sessions (or, for external messages, users) with one of these tags, separated by commas',
				},
				{
					displayName: 'Time Tolerance (Minutes)',
					name: 'tolerance',
					type: 'number',
					typeOptions: { minValue: 0 },
					default: 5,
					description:
						'Reject events whose signed time differs from now by more than this, before or after. 0 for no limit. It is not known how late Gitple repeats a request, so use this only if you need it.',
				},
			]),
		],
		usableAsTool: undefined,
	};

	webhookMethods = {
		default: {
			/** Gitple has no call to register a webhook, so the user pastes the URL there. */
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			/** Registers nothing, but checks the parameters and the secrets: without one, no request could be accepted. */
			async create(this: IHookFunctions): Promise<boolean> {
				checkedValues(this, readParameters);
				await checkSecrets(
					this,
					'gitpleApi',
					{ webhookSecret: 'Webhook Secret', previousWebhookSecret: 'Previous Webhook Secret' },
					'signature',
					'Enter a random text of 16 characters or more in the credential, and the same text in Gitple: Workspace > Settings > Integrations > Event APIs > Secret.',
				);
				return true;
			},
			/** There is nothing to remove. */
			async delete(this: IHookFunctions): Promise<boolean> {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const values = webhookValues(this, readParameters);
		if (values === undefined) return { noWebhookResponse: true };
		const { events, options } = values as unknown as TriggerValues;
		const failure = await verifySignature(this, {
			credentialType: 'gitpleApi',
			secretFields: ['webhookSecret', 'previousWebhookSecret'],
			header: 'x-hub-signature',
			encoding: options.signatureEncoding ?? 'auto',
		});
		if (failure !== undefined) return respondUnauthorized(this, failure);

		const body = await readRawBody(this);
		const event = readEventIn(this, body, readEvent);
		if (event === undefined) return { noWebhookResponse: true };
		const minutes = options.tolerance ?? 0;
		if (minutes > 0 && !isWithin(minutes, event.time)) {
			return respondUnauthorized(
				this,
				`the time of the event is not within ${minutes} minutes of now`,
			);
		}

		// In the editor, people send the same event again to try things out.
		const isTest = this.getMode() === 'manual';
		const isWanted = events.includes(event.event) && passesFilters(event, options);
		if (!isWanted || (!isTest && isReplay(this, body))) {
			// What could not be stored yet is stored on the way.
			if (!isTest) storeWindow(this);
			return acknowledge(this);
		}

		const output = options.resolveNames === true ? await withNames(this, event) : event;
		if (!isTest) storeWindow(this);
		return { workflowData: [[{ json: { ...output } as unknown as IDataObject }]] };
	}
}

const readParameters = triggerReader(new GitpleTrigger().description.properties, [
	'appCodes',
	'groups',
	'tags',
]);
