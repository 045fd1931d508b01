import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IDataObject,
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { matchesFilter } from '../shared/filters';
import { triggerOn } from '../shared/parameters/triggerOn';
import { checkedValues, triggerReader } from '../shared/parameters/triggerValues';
import {
	sharedSecretOptions,
	sharedSecretParameters,
	triggerOptions,
	urlNotice,
} from '../shared/webhook/properties';
import { headersWithoutSecrets, readEventIn, readRawBody } from '../shared/webhook/request';
import { acknowledge, respondUnauthorized } from '../shared/webhook/respond';
import { checkSharedSecret } from '../shared/webhook/setup';
import { logUnknownEvent } from '../shared/webhook/unknownEvents';
import { webhookValues } from '../shared/webhook/values';
import { secretLocation, verifySharedSecret } from '../shared/webhook/verify';
import type { SecretLocation } from '../shared/webhook/verify';
import { readEvent } from './trigger/events';
import type { OmnizeEventName } from './trigger/events';

interface TriggerValues {
	events: OmnizeEventName[];
	options: TriggerOptions;
}

interface TriggerOptions extends Partial<SecretLocation> {
	clientIds?: string;
	includeHeaders?: boolean;
}

const DEFAULT_SECRET_LOCATION = { headerName: 'X-Webhook-Secret', queryName: 'secret' };

export class OmnizeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Omnize Trigger',
		name: 'omnizeTrigger',
		icon: { light: 'file:omnize.svg', dark: 'file:omnize.dark.svg' },
		group: ['trigger'],
		// From version 2, n8n does not evaluate an expression for every request to a start node.
		version: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description:
			'When an agent accepts, writes, types or finishes; start conversations with agents, send messages, show typing, finish',
		eventTriggerDescription: 'Waiting for an agent in Omnize to do something',
		activationMessage:
			'Omnize events now start this workflow if its production URL is set as the Webhook URL in Omnize.',
		triggerPanel: {
			header: 'Receive events from Omnize',
			executionsHelp: {
				inactive:
					"<b>While building</b>, press 'Execute step', set the <b>test URL</b> as the Webhook URL in Omnize, and let an agent write something. The next node then shows the fields of the event: n8n has no preview of a trigger's output before.<br /><br /><b>Afterwards</b>, set the <b>production URL</b> there and publish the workflow. Omnize supports only one URL at a time.",
				active:
					"Events arrive at the <b>production URL</b>. The executions that they start are listed under 'Executions'. To test a change without missing events, use a second workflow: Omnize supports only one URL at a time.",
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
			urlNotice('Omnize: Menu > Settings > Integrations > ClientSDK > Webhook URL.'),
			triggerOn(
				[
					{
						name: 'Agent Accepted',
						value: 'accepted',
						action: 'On customer accepted by agent',
						description: 'An agent has begun to serve a customer',
					},
					{
						name: 'Agent Finished',
						value: 'finished',
						action: 'On conversation finished by agent',
						description: 'An agent has ended the conversation with a customer',
					},
					{
						name: 'Agent Message',
						value: 'message',
						action: 'On message from agent',
						description: 'An agent has written to a customer',
					},
					{
						name: 'Agent Stopped Typing',
						value: 'typingStopped',
						action: 'On agent stopped typing',
						description: 'An agent has stopped typing to a customer',
					},
					{
						name: 'Agent Typing',
						value: 'typing',
						action: 'On agent typing',
						description: 'An agent is typing to a customer',
					},
					{
						name: 'No Agent Available',
						value: 'unavailable',
						action: 'On no agent available',
						description: 'No agent of the department can serve a customer now',
					},
					{
						name: 'Other',
						value: 'other',
						action: 'On any other request',
						description: "Requests that Omnize's document does not describe",
					},
				],
				['message', 'accepted', 'finished', 'unavailable'],
			),
			...sharedSecretParameters({
				provider: 'Omnize',
				none: 'Anyone who knows the URL can start the workflow',
				header: 'A proxy in front of n8n adds a header',
			}),
			triggerOptions([
				{
					displayName: 'Client IDs',
					name: 'clientIds',
					type: 'string',
					default: '',
					placeholder: 'e.g. 12, 34',
					description: 'Start only for these customers, separated by commas',
				},
				...sharedSecretOptions(DEFAULT_SECRET_LOCATION),
			]),
		],
		usableAsTool: undefined,
	};

	webhookMethods = {
		default: {
			/** Omnize has no call to register a webhook, so the user pastes the URL there. */
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			/** Registers nothing, but checks the parameters and the secret. */
			async create(this: IHookFunctions): Promise<boolean> {
				const { options } = checkedValues(this, readParameters) as unknown as TriggerValues;
				const location = secretLocation(options, DEFAULT_SECRET_LOCATION);
				await checkSharedSecret(this, 'omnizeApi', location);
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
		const location = secretLocation(options, DEFAULT_SECRET_LOCATION);
		const failure = await verifySharedSecret(this, 'omnizeApi', location);
		if (failure !== undefined) return respondUnauthorized(this, failure);

		const event = readEventIn(this, await readRawBody(this), readEvent);
		if (event === undefined) return { noWebhookResponse: true };
		if (event.event === 'other') logUnknownEvent(this, 'Omnize', event.raw);
		if (!events.includes(event.event)) return acknowledge(this);
		if (!matchesFilter(options.clientIds, [event.clientId ?? ''])) return acknowledge(this);

		const json: IDataObject = { ...event };
		if (options.includeHeaders === true) {
			json.headers = headersWithoutSecrets(this, location);
		}
		return { workflowData: [[{ json }]] };
	}
}

const readParameters = triggerReader(new OmnizeTrigger().description.properties, ['clientIds']);
