import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	INodeType,
	INodeTypeDescription,
	ITriggerFunctions,
	ITriggerResponse,
} from 'n8n-workflow';
import { triggerOn } from '../shared/parameters/triggerOn';
import { checkedValues, triggerReader } from '../shared/parameters/triggerValues';
import { settingsFrom } from './trigger/settings';
import type { TriggerValues } from './trigger/settings';
import { startTrigger } from './trigger/startTrigger';
import type { TriggerHandle } from './trigger/startTrigger';

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
					"<b>While building your workflow</b>, click 'Execute step', then write to one of the agent's channels on WhatsApp, Instagram or Facebook. The first event that passes the filters appears here, and the next node shows its fields: n8n has no preview of a trigger's output before.<br /><br /><b>Once it works</b>, publish the workflow. It then listens all the time, and there is nothing to set up in Voxfree.",
				active:
					"<b>While building your workflow</b>, click 'Execute step', then write to one of the agent's channels on WhatsApp, Instagram or Facebook. The published workflow receives the same event.<br /><br />You find the executions of live events under 'Executions'.",
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
				displayName: 'Collect Messages',
				name: 'collectMessages',
				type: 'options',
				default: 'off',
				options: [
					{
						name: 'Off',
						value: 'off',
						description: 'Each message starts an execution',
					},
					{
						name: 'Per Conversation, Until Quiet',
						value: 'conversation',
						description:
							'Messages that a contact writes shortly after one another start one execution, as one item with all of them and their joined text',
					},
					{
						name: 'All Together',
						value: 'all',
						description:
							"Events of all conversations that come within a short time start one execution, each as an item. Set 'Batch Size' and 'Batch Wait' under Options.",
					},
				],
				description: 'Whether events wait for others, to start one execution together',
			},
			{
				displayName: 'Quiet For (Seconds)',
				name: 'collectQuiet',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 3600 },
				default: 8,
				displayOptions: { show: { collectMessages: ['conversation'] } },
				description: 'How long the contact must have written nothing before the execution starts',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				description: 'Settings that most workflows do not need',
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
						displayName: 'Collect at Most (Messages)',
						name: 'collectSize',
						type: 'number',
						typeOptions: { minValue: 1, maxValue: 1000 },
						default: 50,
						description:
							"With so many messages an execution starts at once. Used if 'Collect Messages' is set to 'Per Conversation, Until Quiet'.",
					},
					{
						displayName: 'Collect for at Most (Seconds)',
						name: 'collectWithin',
						type: 'number',
						typeOptions: { minValue: 1, maxValue: 86400 },
						default: 60,
						description:
							"How long the first message waits if the contact goes on writing. Used if 'Collect Messages' is set to 'Per Conversation, Until Quiet'.",
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
							'Whether to set the agent offline when the workflow is unpublished, so that Voxfree sends them no conversations. Not while another workflow of this n8n listens as the same agent.',
					},
					{
						displayName: 'Set Online on Activation',
						name: 'setOnline',
						type: 'boolean',
						default: false,
						description:
							'Whether to set the agent online when the workflow is published, so that Voxfree sends them conversations. Off: an agent who is offline gets no conversations.',
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
		const values = checkedValues(this, readParameters) as unknown as TriggerValues;
		const settings = settingsFrom(values);
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
