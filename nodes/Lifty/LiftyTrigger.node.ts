import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { triggerOn } from '../shared/parameters/triggerOn';
import { checkedValues, triggerReader } from '../shared/parameters/triggerValues';
import { connectLifty } from './api/connect';
import { CONNECTED } from './api/wire';
import { changesSince } from './trigger/changes';
import type { KnownStatuses } from './trigger/changes';
import { botsToWatch, readStatuses, reportFailures } from './trigger/statuses';

/** Milliseconds for one request, so that a poll ends before the next one starts. */
const REQUEST_TIMEOUT = 10_000;

interface TriggerValues {
	events: string[];
	/** With commas between them. */
	botIds: string;
}

export class LiftyTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Lifty Trigger',
		name: 'liftyTrigger',
		icon: { light: 'file:lifty.svg', dark: 'file:lifty.dark.svg' },
		group: ['trigger'],
		// As the other triggers of this package: from version 2, n8n evaluates less at the start.
		version: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description:
			'When a bot is connected to WhatsApp, loses its connection, or a QR code waits; connect by QR code, send messages and templates, pause and resume bots',
		eventTriggerDescription: '',
		activationMessage:
			'From now on, changes of the status start this workflow. The initial status does not start the workflow.',
		defaults: { name: 'Lifty Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'liftyApi', required: true }],
		properties: [
			triggerOn(
				[
					{
						name: 'Any Change',
						value: 'statusChanged',
						action: 'On any status change',
						description:
							'Any change of the status, including statuses that Lifty does not document',
					},
					{
						name: 'Connected',
						value: 'connected',
						action: 'On bot connected',
						description: 'A bot has been connected to WhatsApp',
					},
					{
						name: 'Disconnected',
						value: 'disconnected',
						action: 'On bot disconnected',
						description: 'A bot has lost its connection to WhatsApp',
					},
					{
						name: 'QR Code Waiting',
						value: 'qrCodeWaiting',
						action: 'On QR code waiting',
						description: 'A QR code waits to be scanned within 60 seconds',
					},
				],
				['connected', 'disconnected'],
			),
			{
				displayName: 'Bot IDs',
				name: 'botIds',
				type: 'string',
				typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Bot' },
				default: [],
				placeholder: 'e.g. demo-bot-1',
				description:
					'Bots to watch, up to 50. Separate several in one field with commas. Leave empty to watch the default bot of the credential.',
			},
			{
				displayName:
					"The first poll only records the status of the bots; every later change starts the workflow. 'Fetch Test Event' shows the current status, and the next node then shows its fields. A status that appears and disappears between two polls is missed.",
				name: 'baselineNotice',
				type: 'notice',
				default: '',
			},
		],
		usableAsTool: undefined,
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const { events, botIds } = checkedValues(this, readParameters) as unknown as TriggerValues;
		const { api, redact } = await connectLifty(this, { timeout: REQUEST_TIMEOUT });
		const readings = await readStatuses(api, botsToWatch(this, botIds, api.defaultBotId));
		reportFailures(this, readings, redact);

		if (this.getMode() === 'manual') {
			return itemsOf(
				readings.flatMap(({ botId, status }) =>
					status === undefined
						? []
						: [{ event: 'currentStatus', botId, status, connected: status === CONNECTED }],
				),
			);
		}
		const known = this.getWorkflowStaticData('node') as KnownStatuses;
		return itemsOf(changesSince(known, readings, events));
	}
}

const readParameters = triggerReader(new LiftyTrigger().description.properties, ['botIds']);

function itemsOf(entries: object[]): INodeExecutionData[][] | null {
	return entries.length === 0 ? null : [entries.map((json) => ({ json: { ...json } }))];
}
