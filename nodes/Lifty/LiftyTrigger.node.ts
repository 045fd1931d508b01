import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';
import type {
	IDataObject,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { toNodeError } from '../shared/errors';
import type { Redactor } from '../shared/redact';
import { changeOf } from './trigger/changes';
import { connectLifty } from './api/connect';
import type { LiftyApi } from './api/LiftyApi';
import { CONNECTED } from './api/wire';

/** How many bots one trigger may watch: each takes two requests a poll, and a place in what is kept. */
const MOST_BOTS = 50;

/** Longer than any status, and short enough to be kept. */
const LONGEST_STATUS = 100;

/** Milliseconds for one request, so that a poll ends before the next one begins. */
const ANSWER_WITHIN = 10_000;

/** What is kept from one poll to the next: the status of every bot as it was seen last. */
interface Seen {
	statuses?: Record<string, string>;
}

type Sight = { botId: string } & ({ status: string } | { error: unknown });

export class LiftyTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Lifty Trigger',
		name: 'liftyTrigger',
		icon: { light: 'file:lifty.svg', dark: 'file:lifty.dark.svg' },
		group: ['trigger'],
		// As the other triggers of this package: from version 2 on, n8n evaluates less at the start.
		version: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description:
			'Starts the workflow when a bot of Lifty is connected to WhatsApp, loses its connection, or waits for a QR code to be scanned',
		eventTriggerDescription: '',
		activationMessage:
			'From now on, changes of the status start this workflow. The status as it is at first does not.',
		defaults: { name: 'Lifty Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'liftyApi', required: true }],
		properties: [
			{
				displayName: 'Trigger On',
				name: 'events',
				type: 'multiOptions',
				required: true,
				default: ['connected', 'disconnected'],
				options: [
					{
						name: 'Any Change',
						value: 'statusChanged',
						description: 'Also statuses that Lifty does not document',
					},
					{ name: 'Connected', value: 'connected' },
					{ name: 'Disconnected', value: 'disconnected' },
					{
						name: 'QR Code Waiting',
						value: 'qrCodeWaiting',
						description: 'A QR code is to be scanned within 60 seconds',
					},
				],
			},
			{
				displayName: 'Bot IDs',
				name: 'botIds',
				type: 'string',
				typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Bot' },
				default: [],
				placeholder: 'e.g. demo-bot-1',
				description:
					"Bots to watch, up to 50. Commas separate several in one field. Without any, the credential's default bot.",
			},
			{
				displayName:
					"The first look only notes how the bots stand; every change after it starts the workflow. 'Fetch Test Event' shows how they stand now. A status that comes and goes between two looks is not seen.",
				name: 'baselineNotice',
				type: 'notice',
				default: '',
			},
		],
		usableAsTool: undefined,
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const { api, redact } = await connectLifty(this, ANSWER_WITHIN);
		const bots = botsIn(this, api);
		const sights = await Promise.all(bots.map(async (botId) => await see(api, botId)));
		reportFailures(this, sights, redact);

		if (this.getMode() === 'manual') {
			return itemsOf(
				sights.flatMap((sight) =>
					'error' in sight
						? []
						: [
								{
									event: 'currentStatus',
									botId: sight.botId,
									status: sight.status,
									connected: sight.status === CONNECTED,
								},
							],
				),
			);
		}

		const wanted = this.getNodeParameter('events') as string[];
		const memory = this.getWorkflowStaticData('node') as Seen;
		const before = new Map(Object.entries(memory.statuses ?? {}));
		const now = new Map<string, string>();
		const changes: IDataObject[] = [];
		for (const sight of sights) {
			const { botId } = sight;
			const previous = before.get(botId);
			// What could not be read has not changed.
			const status = 'error' in sight ? previous : sight.status.slice(0, LONGEST_STATUS);
			if (status !== undefined) now.set(botId, status);
			if (status === undefined || previous === undefined) continue;
			const change = changeOf(botId, previous, status, wanted);
			if (change !== undefined) changes.push({ ...change });
		}
		// Only the bots that are watched now, so that what is kept does not grow.
		memory.statuses = Object.fromEntries(now);
		return itemsOf(changes);
	}
}

function itemsOf(entries: IDataObject[]): INodeExecutionData[][] | null {
	return entries.length === 0 ? null : [entries.map((json) => ({ json }))];
}

/** The bots to watch, each once. */
function botsIn(functions: IPollFunctions, api: LiftyApi): string[] {
	const given = functions.getNodeParameter('botIds', []) as unknown;
	const listed = (Array.isArray(given) ? given : [given])
		.flatMap((entry) => String(entry ?? '').split(','))
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '');
	const bots = [...new Set(listed.length > 0 ? listed : [api.defaultBotId])];
	if (bots[0] === '') {
		throw new NodeOperationError(functions.getNode(), 'There is no bot to watch', {
			description: "Enter one under 'Bot IDs', or set a Default Bot ID in the credential.",
		});
	}
	if (bots.length > MOST_BOTS) {
		throw new NodeOperationError(
			functions.getNode(),
			`'Bot IDs' names ${bots.length} bots, but one trigger can watch ${MOST_BOTS}`,
			{ description: 'Spread them over several workflows.' },
		);
	}
	return bots;
}

async function see(api: LiftyApi, botId: string): Promise<Sight> {
	return await api
		.getConnection(botId)
		.then(async ({ statusLink }) => ({ botId, status: await api.getStatus(statusLink) }))
		.catch((error: unknown) => ({ botId, error }));
}

/**
 * One bot that cannot be read must not keep the others' changes back, so it goes into n8n's log.
 *
 * @throws NodeApiError | NodeOperationError where none could be read: then nothing is watched at all
 */
function reportFailures(functions: IPollFunctions, sights: Sight[], redact: Redactor) {
	const node = functions.getNode();
	const failures = sights.flatMap((sight) => ('error' in sight ? [sight] : []));
	const [first] = failures;
	if (first !== undefined && failures.length === sights.length) {
		throw toNodeError(node, first.error, redact);
	}
	for (const { botId, error } of failures) {
		const { message } = toNodeError(node, error, redact);
		functions.logger.warn(`${node.name}: the status of bot ${botId} was not read: ${message}`);
	}
}
