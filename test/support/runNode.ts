import {
	binaryDataService,
	collectLogs,
	createHost,
	storeFile,
	type BinaryMode,
	type Host,
	type InputFile,
	type LogEntry,
	type NodeSetup,
} from './n8nHost';
import { WorkflowExecute } from 'n8n-core';
import {
	NodeConnectionTypes,
	createRunExecutionData,
	deepCopy,
	type ExecutionError,
	type ExecutionStatus,
	type IBinaryKeyData,
	type IConnections,
	type IDataObject,
	type IExecuteFunctions,
	type IExecuteResponsePromiseData,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type IRun,
	type IVersionedNodeType,
	type NodeExecutionHint,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

/**
 * An item with a `json` key is a whole item; anything else is the JSON of one. A file without `content`
 * is put into the item as it is, as a Code node would do it.
 */
export type InputItem =
	| IDataObject
	| { json: IDataObject; binary?: Record<string, InputFile | MadeFile> };

type MadeFile = Record<string, unknown> & { content?: undefined };

export interface RunOptions extends NodeSetup {
	/** What flows into the node. Default: one empty item, as from a manual trigger. */
	items?: InputItem[];
	/** The node's "On Error" setting. Default 'stopWorkflow'. */
	onError?: INode['onError'];
	/** The node's other settings: retryOnFail, alwaysOutputData, executeOnce … */
	settings?: Partial<
		Pick<
			INode,
			'retryOnFail' | 'maxTries' | 'waitBetweenTries' | 'alwaysOutputData' | 'executeOnce'
		>
	>;
	/** Where n8n keeps binary data. Default 'memory'. */
	binaryMode?: BinaryMode;
	/** Default 'trigger', a production execution. */
	mode?: WorkflowExecuteMode;
	/** Aborting it stops the execution, as the Stop button does. */
	signal?: AbortSignal;
	/**
	 * Leads this output of the node (counted from 0) back to its input, through a node that returns
	 * one item of its own, as a node does that sends something to somebody.
	 */
	loopFrom?: number;
	/**
	 * More nodes that pass on what they get, and all lines of the canvas but the one from the start: by
	 * the name of a node, or the name and an output ('Node:1'), those to which it leads. 'Node' is the
	 * node itself. In place of `loopFrom`.
	 */
	canvas?: Record<string, readonly string[]>;
}

export interface NodeRun {
	/** The items of the first output. */
	items: INodeExecutionData[];
	/** The outputs of every pass, where the node is in a loop; the other fields are of the last. */
	passes: INodeExecutionData[][][];
	/** All outputs; with `onError: 'continueErrorOutput'` the last one holds the failed items. */
	outputs: INodeExecutionData[][];
	/** What stopped the execution, if something did. */
	error?: ExecutionError;
	status: ExecutionStatus;
	hints: NodeExecutionHint[];
	/** What the node gave to `sendResponse`. */
	responses: IExecuteResponsePromiseData[];
	logs: LogEntry[];
	/** How often each credential was decrypted during this execution. */
	credentialFetches: Record<string, number>;
	/** n8n's whole record of the execution. */
	run: IRun;
}

/** A webhook node returns its input untouched, which makes it the plainest of start nodes. */
const startType: INodeType = {
	description: {
		displayName: 'Start',
		name: 'start',
		group: ['trigger'],
		version: 1,
		description: '',
		defaults: { name: 'Start' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	},
	webhook: async () => ({}),
};
const startNode: INode = {
	id: 'start',
	name: 'Start',
	type: 'harness.start',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};
/** Stands in a loop for whatever sends something: its input does not flow on. */
const loopType: INodeType = {
	description: {
		...startType.description,
		displayName: 'Loop',
		name: 'loop',
		group: ['transform'],
		inputs: [NodeConnectionTypes.Main],
	},
	execute: async () => [[{ json: { sent: true } }]],
};
const loopNode: INode = { ...startNode, id: 'loop', name: 'Loop', type: 'harness.loop' };
const fromStartTo = (node: string) => ({
	[startNode.name]: { main: [[{ node, type: NodeConnectionTypes.Main, index: 0 }]] },
});
const loopThrough = (node: string, output: number): IConnections => ({
	[node]: {
		main: [
			...Array.from({ length: output }, () => []),
			[{ node: loopNode.name, type: NodeConnectionTypes.Main, index: 0 }],
		],
	},
	[loopNode.name]: { main: [[{ node, type: NodeConnectionTypes.Main, index: 0 }]] },
});

function passersOf(canvas: Record<string, readonly string[]>): INode[] {
	const names = Object.entries(canvas).flatMap(([from, to]) => [from.split(':')[0]!, ...to]);
	return [...new Set(names)]
		.filter((name) => name !== 'Node')
		.map((name) => ({ ...loopNode, id: name, name }));
}

function linesOf(canvas: Record<string, readonly string[]>): IConnections {
	const lines: IConnections = {};
	for (const [from, to] of Object.entries(canvas)) {
		const [name = '', output = '0'] = from.split(':');
		const outputs = ((lines[name] ??= { main: [] }).main ??= []);
		outputs[Number(output)] = to.map((node) => ({
			node,
			type: NodeConnectionTypes.Main,
			index: 0,
		}));
		for (let index = 0; index < outputs.length; index++) outputs[index] ??= [];
	}
	return lines;
}

/**
 * Runs a node in a real workflow (Start → Node) through n8n-core's WorkflowExecute: real HTTP,
 * expressions, credentials, pairing, error settings, binary data and hints.
 */
export async function runNode(options: RunOptions): Promise<NodeRun> {
	const host = createHost(
		options,
		options.mode ?? 'trigger',
		{ [startNode.type]: startType, [loopNode.type]: loopType },
		(node) => ({
			nodes: [
				startNode,
				...(options.loopFrom === undefined ? [] : [loopNode]),
				...passersOf(options.canvas ?? {}),
				Object.assign(node, options.settings, {
					...(options.onError === undefined ? {} : { onError: options.onError }),
				}),
			],
			connections: {
				...fromStartTo(node.name),
				...(options.loopFrom === undefined ? {} : loopThrough(node.name, options.loopFrom)),
				...linesOf(options.canvas ?? {}),
			},
		}),
	);
	await binaryDataService(options.binaryMode ?? 'memory');
	return await execute(host, options);
}

export interface ToolRun {
	/** What the model is told of the tool. */
	tool: { name: string; description: string };
	/** What the model gets back: JSON text, or the sentence of an error. */
	response?: string;
	error?: Error;
	credentialFetches: Record<string, number>;
}

/**
 * Runs a `usableAsTool` node the way an agent does: through n8n-core's own conversion of a node
 * into a tool. `args` are what the model fills into the `$fromAI()` expressions of the
 * parameters; it makes the same call as often as `calls` says, by default once. The description is
 * changed as n8n's tool generation does at start-up.
 */
export async function runTool(
	options: RunOptions & { args?: IDataObject; calls?: number },
): Promise<ToolRun> {
	const source = typeof options.node === 'function' ? new options.node() : options.node;
	const invoked: ToolRun = { tool: { name: '', description: '' }, credentialFetches: {} };
	const agentType: INodeType = {
		description: {
			...startType.description,
			name: 'agent',
			inputs: [NodeConnectionTypes.Main, NodeConnectionTypes.AiTool],
		},
		async execute(this: IExecuteFunctions) {
			const [tool] = (await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as Array<{
				name: string;
				description: string;
				invoke(args: IDataObject): Promise<string>;
			}>;
			if (!tool) throw new Error('No tool arrived at the agent');
			invoked.tool = { name: tool.name, description: tool.description };
			try {
				for (let call = 0; call < (options.calls ?? 1); call++) {
					invoked.response = await tool.invoke({ ...options.args });
				}
			} catch (error) {
				invoked.error = error as Error;
			}
			return [[]];
		},
	};
	const agent: INode = { ...startNode, id: 'agent', name: 'Agent', type: 'harness.agent' };
	const host = createHost(
		{ ...options, node: asTool(source) },
		options.mode ?? 'trigger',
		{ [startNode.type]: startType, [agent.type]: agentType },
		(node) => ({
			nodes: [startNode, agent, Object.assign(node, options.settings)],
			connections: {
				...fromStartTo(agent.name),
				[node.name]: {
					[NodeConnectionTypes.AiTool]: [
						[{ node: agent.name, type: NodeConnectionTypes.AiTool, index: 0 }],
					],
				},
			},
		}),
	);
	await binaryDataService(options.binaryMode ?? 'memory');
	const { error, credentialFetches } = await execute(host, options);
	if (error && !invoked.error) invoked.error = error;
	return { ...invoked, credentialFetches };
}

function asTool(source: INodeType | IVersionedNodeType): INodeType {
	if ('nodeVersions' in source) throw new Error('Give the version of the node to run as a tool');
	if (!source.description.usableAsTool)
		throw new Error(`${source.description.name} is not usable as a tool`);
	const tool = Object.assign(Object.create(source) as INodeType, {
		description: deepCopy(source.description),
	});
	const { description } = tool;
	description.name += 'Tool';
	description.displayName += ' Tool';
	description.inputs = [];
	description.outputs = [NodeConnectionTypes.AiTool];
	delete description.usableAsTool;
	description.properties.unshift(
		{
			displayName: 'Tool Description',
			name: 'descriptionType',
			type: 'options',
			options: [
				{ name: 'Set Automatically', value: 'auto' },
				{ name: 'Set Manually', value: 'manual' },
			],
			default: 'auto',
		},
		{
			displayName: 'Description',
			name: 'toolDescription',
			type: 'string',
			default: description.description,
			displayOptions: { show: { descriptionType: ['manual'] } },
		},
	);
	return tool;
}

async function execute(host: Host, options: RunOptions): Promise<NodeRun> {
	const { workflow, node, additionalData, hooks, credentials } = host;
	const responses: IExecuteResponsePromiseData[] = [];
	hooks.addHandler('sendResponse', (response) => void responses.push(response));
	const executionData = createRunExecutionData({
		executionData: {
			nodeExecutionStack: [
				{
					node: workflow.getNode(startNode.name)!,
					data: { main: [await inputItems(options.items ?? [{}], workflow.id)] },
					source: null,
				},
			],
		},
	});
	const logs: LogEntry[] = [];
	const run = await collectLogs(logs, async () => {
		const execution = new WorkflowExecute(
			additionalData,
			options.mode ?? 'trigger',
			executionData,
		).processRunExecutionData(workflow);
		const cancel = () => execution.cancel();
		if (options.signal?.aborted) cancel();
		options.signal?.addEventListener('abort', cancel, { once: true });
		try {
			return await execution;
		} finally {
			options.signal?.removeEventListener('abort', cancel);
		}
	});
	const tasks = run.data.resultData.runData[node.name] ?? [];
	const task = tasks.at(-1);
	const passes = tasks.map(({ data }) => (data?.main ?? []).map((output) => output ?? []));
	const outputs = passes.at(-1) ?? [];
	const { error } = run.data.resultData;
	return {
		items: outputs[0] ?? [],
		passes,
		outputs,
		...(error === undefined ? {} : { error }),
		status: run.status,
		hints: task?.hints ?? [],
		responses,
		logs,
		credentialFetches: credentials.fetches,
		run,
	};
}

const isMade = (file: InputFile | MadeFile): file is MadeFile =>
	typeof file !== 'object' || file === null || file.content === undefined;

async function inputItems(items: InputItem[], workflowId: string): Promise<INodeExecutionData[]> {
	return await Promise.all(
		items.map(async (item) => {
			if (typeof item.json !== 'object' || item.json === null) return { json: item as IDataObject };
			const { json, binary = {} } = item as {
				json: IDataObject;
				binary?: Record<string, InputFile | MadeFile>;
			};
			const stored = await Promise.all(
				Object.entries(binary).map(
					async ([name, file]) =>
						[name, isMade(file) ? file : await storeFile(file, workflowId)] as const,
				),
			);
			const made = Object.fromEntries(stored) as IBinaryKeyData;
			return { json, ...(stored.length > 0 ? { binary: made } : {}) };
		}),
	);
}
