import { SimplesDesk } from '../../../nodes/SimplesDesk/SimplesDesk.node';
import { SimplesDeskTrigger } from '../../../nodes/SimplesDesk/SimplesDeskTrigger.node';
import { createHost, PACKAGE } from '../../support';
import { WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	NodeConnectionTypes,
	type IConnections,
	type IDataObject,
	type IExecuteFunctions,
	type IExecuteResponsePromiseData,
	type INode,
	type INodeType,
	type IRun,
	type ITaskData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

export interface AnswerOptions {
	/** Of the SimplesDesk node, beside its resource. */
	parameters: object;
	/** What flows into the node. Default: one empty item. */
	items?: IDataObject[];
	/** What the trigger has put out. */
	call?: IDataObject;
	/** The type of the node that starts the workflow. Default: the SimplesDesk Trigger. */
	startType?: string;
	onError?: INode['onError'];
	mode?: WorkflowExecuteMode;
	/** SimplesDesk nodes that run after the first one, each with its parameters. */
	then?: object[];
	/** Makes handing on the answer fail, as a lost connection to Redis does. */
	failing?: Error;
}

export interface Answered {
	/** What the caller was given, each time that a node gave something. */
	responses: IExecuteResponsePromiseData[];
	/** The one answer, if there is one. */
	body: unknown;
	error?: { message: string; description?: string | null; context: { itemIndex?: number } };
	/** The last run of each node. */
	tasks: Record<string, ITaskData>;
	run: IRun;
}

const SIMPLESDESK_TRIGGER = `${PACKAGE}.simplesDeskTrigger`;

/** Puts out items of its own, whatever comes in. */
const itemsType: INodeType = {
	description: {
		displayName: 'Items',
		name: 'items',
		group: ['transform'],
		version: 1,
		description: '',
		defaults: { name: 'Items' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [{ displayName: 'Items', name: 'items', type: 'json', default: '[]' }],
	},
	async execute(this: IExecuteFunctions) {
		const items = this.getNodeParameter('items', 0) as IDataObject[];
		return [items.map((json) => ({ json, pairedItem: { item: 0 } }))];
	},
};

/** A trigger of somebody else. */
const otherTrigger: INodeType = {
	description: { ...itemsType.description, name: 'other', group: ['trigger'], inputs: [] },
	webhook: async () => ({}),
};

/**
 * Runs Trigger → Items → Node (→ Node 2 …) through n8n-core, where the nodes are SimplesDesk nodes,
 * and collects what they answer.
 */
export async function answerWith(options: AnswerOptions): Promise<Answered> {
	const mode = options.mode ?? 'webhook';
	const connection = (node: string) => ({
		main: [[{ node, type: NodeConnectionTypes.Main, index: 0 }]],
	});
	const host = createHost(
		{ node: SimplesDesk, parameters: { resource: 'answer', ...options.parameters } },
		mode,
		{
			[SIMPLESDESK_TRIGGER]: new SimplesDeskTrigger(),
			'harness.items': itemsType,
			'harness.other': otherTrigger,
		},
		(node) => {
			Object.assign(node, options.onError ? { onError: options.onError } : {});
			const others = (options.then ?? []).map((parameters, index) => ({
				...node,
				id: `then-${index}`,
				name: `Node ${index + 2}`,
				parameters: { resource: 'answer', ...parameters } as INode['parameters'],
			}));
			const start = options.startType ?? SIMPLESDESK_TRIGGER;
			const bare = { position: [0, 0] as [number, number], parameters: {} };
			const nodes: INode[] = [
				{ ...bare, id: 'start', name: 'Trigger', type: start, typeVersion: 2 },
				{
					...bare,
					id: 'items',
					name: 'Items',
					type: 'harness.items',
					typeVersion: 1,
					parameters: { items: (options.items ?? [{}]) as unknown as string },
				},
				node,
				...others,
			];
			const connections: IConnections = {};
			nodes.slice(1).forEach(({ name }, index) => {
				connections[nodes[index]!.name] = connection(name);
			});
			return { nodes, connections };
		},
	);
	const responses: IExecuteResponsePromiseData[] = [];
	host.hooks.addHandler('sendResponse', (response) => {
		if (options.failing) throw options.failing;
		// What a node changes afterwards must not look like what it has sent.
		responses.push(structuredClone(response));
	});
	const call = options.call ?? { event: 'scheduledMessage' };
	const run = await new WorkflowExecute(
		host.additionalData,
		mode,
		createRunExecutionData({
			executionData: {
				nodeExecutionStack: [
					{
						node: host.workflow.getNode('Trigger')!,
						data: { main: [[{ json: call }]] },
						source: null,
					},
				],
			},
		}),
	).processRunExecutionData(host.workflow);
	const { error, runData } = run.data.resultData;
	return {
		responses,
		body: responses.length === 1 ? (responses[0] as { body: unknown }).body : undefined,
		...(error ? { error: error as unknown as Answered['error'] } : {}),
		tasks: Object.fromEntries(Object.entries(runData).map(([name, runs]) => [name, runs.at(-1)!])),
		run,
	};
}
