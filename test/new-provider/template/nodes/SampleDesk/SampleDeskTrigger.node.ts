import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IDataObject,
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { triggerOn } from '../shared/parameters/triggerOn';
import {
	sharedSecretOptions,
	sharedSecretParameters,
	triggerOptions,
	urlNotice,
} from '../shared/webhook/properties';
import { headersWithoutSecrets, readEventIn, readRawBody } from '../shared/webhook/request';
import { acknowledge, respondUnauthorized } from '../shared/webhook/respond';
import { checkSharedSecret } from '../shared/webhook/setup';
import { secretLocation, verifySharedSecret } from '../shared/webhook/verify';
import type { SecretLocation } from '../shared/webhook/verify';
import { readEvent } from './trigger/events';
import type { SampleDeskEventName } from './trigger/events';

interface TriggerOptions extends Partial<SecretLocation> {
	includeHeaders?: boolean;
}

const DEFAULT_SECRET_LOCATION = { headerName: 'X-Webhook-Secret', queryName: 'secret' };

export class SampleDeskTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'SampleDesk Trigger',
		name: 'sampleDeskTrigger',
		icon: { light: 'file:sampledesk.svg', dark: 'file:sampledesk.dark.svg' },
		group: ['trigger'],
		// From version 2, n8n does not evaluate an expression for every request to a start node.
		version: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description: 'When a customer writes; send messages',
		eventTriggerDescription: 'Waiting for a customer of SampleDesk to write',
		activationMessage:
			'SampleDesk events now start this workflow, provided that its production URL is set in SampleDesk.',
		triggerPanel: {
			header: 'Receive events from SampleDesk',
			executionsHelp: {
				inactive:
					"<b>While building</b>, press 'Execute step', set the <b>test URL</b> in SampleDesk, and write a message.<br /><br /><b>Afterwards</b>, set the <b>production URL</b> there and publish the workflow.",
				active:
					"Events arrive at the <b>production URL</b>, and you find what they started under 'Executions'.",
			},
			activationHint:
				'For live events, set the production URL in SampleDesk and publish the workflow.',
		},
		defaults: { name: 'SampleDesk Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'sampleDeskApi',
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
			urlNotice('SampleDesk.'),
			triggerOn(
				[
					{ name: 'Message', value: 'message' },
					{
						name: 'Other',
						value: 'other',
						action: 'On any other request',
						description: "Requests that SampleDesk's document does not describe",
					},
				],
				['message'],
			),
			...sharedSecretParameters({
				provider: 'SampleDesk',
				none: 'Anyone who knows the URL can start the workflow',
				header: 'A proxy in front of n8n adds a header',
			}),
			triggerOptions([...sharedSecretOptions(DEFAULT_SECRET_LOCATION)]),
		],
		usableAsTool: undefined,
	};

	webhookMethods = {
		default: {
			/** SampleDesk has no call to register a webhook, so the user pastes the URL there. */
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return false;
			},
			/** Registers nothing, but checks the secret. */
			async create(this: IHookFunctions): Promise<boolean> {
				const options = this.getNodeParameter('options', {}) as TriggerOptions;
				const location = secretLocation(options, DEFAULT_SECRET_LOCATION);
				await checkSharedSecret(this, 'sampleDeskApi', location);
				return true;
			},
			/** There is nothing to remove. */
			async delete(this: IHookFunctions): Promise<boolean> {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const options = this.getNodeParameter('options', {}) as TriggerOptions;
		const location = secretLocation(options, DEFAULT_SECRET_LOCATION);
		const failure = await verifySharedSecret(this, 'sampleDeskApi', location);
		if (failure !== undefined) return respondUnauthorized(this, failure);

		const event = readEventIn(this, await readRawBody(this), readEvent);
		if (event === undefined) return { noWebhookResponse: true };
		const events = this.getNodeParameter('events') as SampleDeskEventName[];
		if (!events.includes(event.event)) return acknowledge(this);

		const json: IDataObject = { ...event };
		if (options.includeHeaders === true) {
			json.headers = headersWithoutSecrets(this, location);
		}
		return { workflowData: [[{ json }]] };
	}
}
