import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	INodeType,
	INodeTypeDescription,
	ITriggerFunctions,
	ITriggerResponse,
} from 'n8n-workflow';
import { splitCommaList } from '../shared/filters';
import { triggerOn } from '../shared/parameters/triggerOn';
import { checkedValues, triggerReader } from '../shared/parameters/triggerValues';
import type { VoxfreeEventName } from './trigger/events';
import { startTrigger } from './trigger/startTrigger';
import type { TriggerHandle, TriggerSettings } from './trigger/startTrigger';

interface TriggerValues {
	events: VoxfreeEventName[];
	fetchDetails: boolean;
	options: TriggerOptions;
}

interface TriggerOptions {
	batchSize?: number;
	batchWait?: number;
	channelIds?: string;
	compareEvery?: number;
	contactIds?: string;
	departmentIds?: string;
	executionLimit?: number;
	executionsAtOnce?: number;
	giveUpAfter?: number;
	ignoreOwnMessages?: boolean;
	onlyMine?: boolean;
	protocols?: string;
	queueSize?: number;
	recover?: boolean;
	setOffline?: boolean;
	setOnline?: boolean;
	silence?: number;
}

export class VoxfreeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Voxfree Trigger',
		name: 'voxfreeTrigger',
		icon: { light: 'file:voxfree.svg', dark: 'file:voxfree.dark.svg' },
		group: ['trigger'],
		version: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description:
			'When a contact writes, or a conversation is routed or finished; send texts, files and templates, transfer, tag, finish',
		eventTriggerDescription: 'Waiting for an event in Voxfree',
		activationMessage:
			'The workflow now listens to Voxfree. Each event starts an execution, which you find under Executions.',
		triggerPanel: {
			header: 'Receive events from Voxfree',
			executionsHelp: {
				inactive:
					"<b>While building your workflow</b>, click 'Execute step', then send a message from a phone to the WhatsApp number of one of the agent's channels. The first event that passes the filters appears here.<br /><br /><b>Once it works</b>, publish the workflow. It then listens all the time, and there is nothing to set up in Voxfree.",
				active:
					"<b>While building your workflow</b>, click 'Execute step', then send a message from a phone to the WhatsApp number of one of the agent's channels. The published workflow receives the same event.<br /><br />You find the executions of live events under 'Executions'.",
			},
			activationHint: 'Publish the workflow to receive live events. It then listens all the time.',
		},
		defaults: { name: 'Voxfree Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'voxfreeApi', required: true }],
		properties: [
			triggerOn(
				[
					{
						name: 'Conversation Finished',
						value: 'finished',
						action: 'On conversation finished',
						description: 'A conversation was finished (Finalizar)',
					},
					{
						name: 'Conversation Queued for Agent',
						value: 'queuedForAgent',
						action: 'On conversation queued for agent',
						description: 'A conversation waits for a specific agent (encaminhado_agente_espera)',
					},
					{
						name: 'Conversation Routed to Agent',
						value: 'routedToAgent',
						action: 'On conversation routed to agent',
						description:
							'A conversation was routed to an agent, or an agent took it from the queue (encaminhado_agente)',
					},
					{
						name: 'Conversation Routed to Department',
						value: 'routedToDepartment',
						action: 'On conversation routed to department',
						description:
							"A conversation was routed to one of the agent's departments (encaminhado_departamento)",
					},
					{
						name: 'New Message',
						value: 'newMessage',
						action: 'On new message',
						description:
							'A message in a conversation on WhatsApp, Instagram or Facebook (new_message)',
					},
					{
						name: 'Other',
						value: 'other',
						action: 'On any other event',
						description: "An event that Voxfree's documentation does not describe",
					},
					{
						name: 'Portfolio Client Routed to Agent',
						value: 'routedToPortfolioAgent',
						action: 'On portfolio client routed to agent',
						description:
							'A client was routed to the agent whose portfolio they are in (direcionamento_fidelizado_agente)',
					},
					{
						name: 'Possibly Missed Events',
						value: 'gap',
						action: 'On possibly missed events',
						description:
							'Events may have been missed because the connection was lost or n8n was not running',
					},
					{
						name: 'Queue Updated',
						value: 'queueUpdated',
						action: 'On queue updated',
						description: 'The list of waiting conversations changed (update_espera)',
					},
				],
				['newMessage', 'routedToAgent', 'finished', 'gap'],
			),
			{
				displayName: 'Fetch Details',
				name: 'fetchDetails',
				type: 'boolean',
				default: true,
				description:
					'Whether to fetch what an event leaves out: the content of a new message, or the conversation and the lists. If that fails, the event comes without it.',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Batch Size',
						name: 'batchSize',
						type: 'number',
						typeOptions: { minValue: 1, maxValue: 1000 },
						default: 1,
						description: 'Max number of events to collect into one execution',
					},
					{
						displayName: 'Batch Wait (Milliseconds)',
						name: 'batchWait',
						type: 'number',
						typeOptions: { minValue: 10, maxValue: 600000 },
						default: 1000,
						description: "How long to wait for more events if 'Batch Size' is above 1",
					},
					{
						displayName: 'Channel IDs',
						name: 'channelIds',
						type: 'string',
						default: '',
						placeholder: 'e.g. 235, 25',
						description:
							'Comma-separated list of channels whose events start the workflow. Events without a channel are left out.',
					},
					{
						displayName: 'Compare Every (Seconds)',
						name: 'compareEvery',
						type: 'number',
						typeOptions: { minValue: 0 },
						default: 300,
						description:
							'How often to compare the lists of conversations with the events, to notice a connection that no longer receives any. 0 turns this off.',
					},
					{
						displayName: 'Contact IDs',
						name: 'contactIds',
						type: 'string',
						default: '',
						placeholder: 'e.g. 342284',
						description:
							'Comma-separated list of contacts whose events start the workflow. Events without a contact are left out.',
					},
					{
						displayName: 'Department IDs',
						name: 'departmentIds',
						type: 'string',
						default: '',
						placeholder: 'e.g. 12',
						description:
							'Comma-separated list of departments whose events start the workflow. Most events do not name a department; those whose department is unknown are let through.',
					},
					{
						displayName: 'Execution Limit (Seconds)',
						name: 'executionLimit',
						type: 'number',
						typeOptions: { minValue: 1 },
						default: 60,
						description:
							'How long an execution may delay later events of the same conversation. The execution itself is not stopped.',
					},
					{
						displayName: 'Executions at Once',
						name: 'executionsAtOnce',
						type: 'number',
						typeOptions: { minValue: 1, maxValue: 1000 },
						default: 20,
						description:
							'Max number of executions that run at the same time. Within a conversation they run one after another.',
					},
					{
						displayName: 'Give Up After (Minutes)',
						name: 'giveUpAfter',
						type: 'number',
						typeOptions: { minValue: 1 },
						default: 30,
						description:
							'How long to try to connect before the error workflow starts. n8n then restarts the trigger by itself.',
					},
					{
						displayName: 'Ignore Own Messages',
						name: 'ignoreOwnMessages',
						type: 'boolean',
						default: true,
						description:
							'Whether to leave out messages that the agent sent. Each message is fetched to find out who sent it.',
					},
					{
						displayName: 'Only Own Conversations',
						name: 'onlyMine',
						type: 'boolean',
						default: false,
						description:
							'Whether to leave out events that name another agent as responsible. Events that name no agent are let through.',
					},
					{
						displayName: 'Protocols',
						name: 'protocols',
						type: 'string',
						default: '',
						placeholder: 'e.g. 20231130303159',
						description: 'Comma-separated list of conversations whose events start the workflow',
					},
					{
						displayName: 'Queue Size',
						name: 'queueSize',
						type: 'number',
						typeOptions: { minValue: 1, maxValue: 100000 },
						default: 10000,
						description:
							'How many events may wait for their execution. Events beyond that are lost, and reported as possibly missed.',
					},
					{
						displayName: 'Recover After Gaps',
						name: 'recover',
						type: 'boolean',
						default: true,
						description:
							'Whether to look in the lists of conversations for what was missed while the connection was lost or n8n was not running',
					},
					{
						displayName: 'Set Offline on Deactivation',
						name: 'setOffline',
						type: 'boolean',
						default: false,
						description:
							'Whether to set the agent offline when the workflow is unpublished, so that Voxfree sends them no conversations',
					},
					{
						displayName: 'Set Online on Activation',
						name: 'setOnline',
						type: 'boolean',
						default: false,
						description:
							'Whether to set the agent online when the workflow is published, so that Voxfree sends them conversations',
					},
					{
						displayName: 'Silence Limit (Seconds)',
						name: 'silence',
						type: 'number',
						typeOptions: { minValue: 5 },
						default: 120,
						description:
							'How long the connection may receive nothing before it is checked. A second connection is opened first, so that no event is lost.',
					},
				],
			},
		],
		usableAsTool: undefined,
	};

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		const settings = settingsOf(this);
		let handle: TriggerHandle | undefined;
		const closeFunction = async () => await handle?.close();
		if (this.getMode() !== 'manual') {
			handle = startTrigger(this, settings);
			await handle.started;
			return { closeFunction };
		}
		return {
			closeFunction,
			manualTriggerFunction: async () => {
				handle = startTrigger(this, settings);
				await handle.started;
				await handle.firstEvent;
			},
		};
	}
}

const readParameters = triggerReader(new VoxfreeTrigger().description.properties, [
	'channelIds',
	'contactIds',
	'departmentIds',
	'protocols',
]);

function settingsOf(functions: ITriggerFunctions): TriggerSettings {
	const { events, fetchDetails, options } = checkedValues(
		functions,
		readParameters,
	) as unknown as TriggerValues;
	const batchSize = options.batchSize ?? 1;
	return {
		filter: {
			events: new Set(events),
			onlyMine: options.onlyMine === true,
			contactIds: new Set(splitCommaList(options.contactIds)),
			channelIds: new Set(splitCommaList(options.channelIds)),
			departmentIds: new Set(splitCommaList(options.departmentIds)),
			protocols: new Set(splitCommaList(options.protocols)),
		},
		ignoreOwnMessages: options.ignoreOwnMessages !== false,
		fetchDetails,
		compareAfterGap: options.recover !== false,
		compareEvery: (options.compareEvery ?? 300) * 1_000,
		inFlight: options.executionsAtOnce ?? 20,
		queue: options.queueSize ?? 10_000,
		limit: (options.executionLimit ?? 60) * 1_000,
		...(batchSize > 1 ? { batch: { size: batchSize, within: options.batchWait ?? 1_000 } } : {}),
		silence: (options.silence ?? 120) * 1_000,
		giveUpAfter: (options.giveUpAfter ?? 30) * 60_000,
		setOnline: options.setOnline === true,
		setOffline: options.setOffline === true,
	};
}
