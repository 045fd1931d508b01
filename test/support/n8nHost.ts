// This import comes first: n8n-core reads the environment while it loads.
import { requireFromCore } from './n8nEnvironment';
import 'reflect-metadata';
import {
	BinaryDataService,
	ExecutionLifecycleHooks,
	ExternalSecretsProxy,
	getAdditionalKeys,
} from 'n8n-core';
import {
	ICredentialsHelper,
	NodeHelpers,
	Workflow,
	isExpression,
	type IBinaryData,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type ICredentialsExpressionResolveValues,
	type IDataObject,
	type IHttpRequestHelper,
	type IHttpRequestOptions,
	type INode,
	type INodeCredentialsDetails,
	type INodeExecutionData,
	type INodeParameters,
	type INodeProperties,
	type INodeType,
	type INodeTypes,
	type IVersionedNodeType,
	type IWorkflowBase,
	type IWorkflowExecuteAdditionalData,
	type IWorkflowSettings,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';

export const { Container } = requireFromCore('@n8n/di') as typeof import('@n8n/di');
const { Logger } = requireFromCore('@n8n/backend-common') as typeof import('@n8n/backend-common');

/** The package name that n8n puts in front of a node's name. */
export const PACKAGE = 'n8n-nodes-omnichannel';

export type NodeSource =
	| INodeType
	| IVersionedNodeType
	| (new () => INodeType | IVersionedNodeType);
export type CredentialSource = ICredentialType | (new () => ICredentialType);
export type CredentialData = Record<string, ICredentialDataDecryptedObject>;

/** What every entry point of the harness needs to know about the node under test. */
export interface NodeSetup {
	/** The node class, or an instance of it. */
	node: NodeSource;
	/** Default: the version that n8n gives to a newly added node. */
	typeVersion?: number;
	/** As saved in a workflow; missing ones get their defaults as n8n does. Expressions work. */
	parameters?: INodeParameters;
	/** The credential classes that the node uses. */
	credentialTypes?: CredentialSource[];
	/**
	 * Credential data by credential name. Give a `CredentialStore` instead when several calls are
	 * to share one credential, or when the credential changes between them.
	 */
	credentials?: CredentialData | CredentialStore;
	/** Default 'workflow-1'. */
	workflowId?: string;
	/** Default 'node-1'. */
	nodeId?: string;
	/** Settings of the workflow other than the harness's own, such as `binaryMode`. */
	workflowSettings?: IWorkflowSettings;
	/** The node's static data; give the same object again to keep it between calls. */
	staticData?: IDataObject;
}

export interface LogEntry {
	level: 'debug' | 'info' | 'warn' | 'error';
	message: string;
	metadata?: unknown;
}

/** Credentials as n8n would have them in its database, by credential name. */
export class CredentialStore {
	constructor(private readonly data: CredentialData) {}

	names(): string[] {
		return Object.keys(this.data);
	}

	get(name: string): ICredentialDataDecryptedObject {
		const data = this.data[name];
		if (!data) throw new Error(`The test gives no credential data for "${name}"`);
		return structuredClone(data);
	}

	/** Replaces the stored data, as a user who edits the credential does. */
	set(name: string, data: ICredentialDataDecryptedObject): void {
		this.data[name] = structuredClone(data);
	}
}

const logStore = new AsyncLocalStorage<LogEntry[]>();

/** Runs `work` and puts what nodes log meanwhile into `logs`. */
export async function collectLogs<T>(logs: LogEntry[], work: () => Promise<T>): Promise<T> {
	return await logStore.run(logs, work);
}

const log = (level: LogEntry['level']) => (message: string, metadata?: unknown) => {
	logStore.getStore()?.push({ level, message, ...(metadata === undefined ? {} : { metadata }) });
};
const collectingLogger = {
	debug: log('debug'),
	info: log('info'),
	warn: log('warn'),
	error: log('error'),
	scoped: () => collectingLogger,
};
const collectNodeLogs = () =>
	Container.set(Logger, collectingLogger as unknown as InstanceType<typeof Logger>);
collectNodeLogs();

/**
 * Lets n8n make its services anew when they are next asked for. It reads some settings only then,
 * and otherwise has its services for as long as the process runs, whichever test file asks.
 */
export function renewServices(): void {
	Container.reset();
	collectNodeLogs();
}

export type BinaryMode = 'memory' | 'filesystem';

let binaryDataReady: Promise<BinaryDataService> | undefined;

/**
 * n8n's own binary data service. The mode is one for the whole process, as it is in n8n: do not
 * run nodes of different modes at the same time.
 */
export async function binaryDataService(mode?: BinaryMode): Promise<BinaryDataService> {
	binaryDataReady ??= (async () => {
		const created = Container.get(BinaryDataService);
		await created.init();
		return created;
	})();
	const service = await binaryDataReady;
	if (mode) Object.assign(service, { mode: mode === 'memory' ? 'default' : 'filesystem-v2' });
	return service;
}

/** A file that a test hands to a node. */
export interface InputFile {
	/** A stream never stands in memory as a whole. */
	content: Buffer | string | Readable;
	mimeType?: string;
	fileName?: string;
}

/** The bytes of a binary property that a node put out, in whichever mode it was stored. */
export async function binaryContent(item: INodeExecutionData, name = 'data'): Promise<Buffer> {
	const binary = item.binary?.[name];
	if (!binary) throw new Error(`The item has no binary property "${name}"`);
	return await (await binaryDataService()).getAsBuffer(binary);
}

export async function storeFile(file: InputFile, workflowId: string): Promise<IBinaryData> {
	const service = await binaryDataService();
	return await service.store(
		{ type: 'execution', workflowId, executionId: EXECUTION_ID },
		file.content instanceof Readable ? file.content : Buffer.from(file.content),
		{
			data: '',
			mimeType: file.mimeType ?? 'application/octet-stream',
			...(file.fileName === undefined ? {} : { fileName: file.fileName }),
		},
	);
}

/**
 * n8n's credentials helper without its database. It follows CredentialsHelper of n8n 2.41:
 * defaults and expressions are applied to the stored data, `authenticate` may be generic or a
 * function, and what preAuthentication returns is stored.
 */
class HarnessCredentials extends ICredentialsHelper {
	/** How often each credential was decrypted. */
	readonly fetches: Record<string, number> = {};

	constructor(
		private readonly types: ICredentialType[],
		private readonly store: CredentialStore,
		private readonly nodeTypes: INodeTypes,
	) {
		super();
	}

	type(name: string): ICredentialType {
		const type = this.types.find((candidate) => candidate.name === name);
		if (!type) throw new Error(`The test gives no credential class for "${name}"`);
		return type;
	}

	getParentTypes(name: string): string[] {
		return [...(this.type(name).extends ?? [])];
	}

	isCredentialUsableByNode(credentialType: string, nodeType: string): boolean {
		if (!this.type(credentialType).restrictToSupportedNodes) return true;
		const { credentials } = this.nodeTypes.getByNameAndVersion(nodeType).description;
		return credentials?.some(({ name }) => name === credentialType) ?? false;
	}

	getCredentialsProperties(name: string): INodeProperties[] {
		return this.type(name).properties;
	}

	async getDecrypted(
		additionalData: IWorkflowExecuteAdditionalData,
		_nodeCredentials: INodeCredentialsDetails,
		name: string,
		mode: WorkflowExecuteMode,
		executeData?: Parameters<ICredentialsHelper['getDecrypted']>[4],
		raw?: boolean,
		resolveWith?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		this.fetches[name] = (this.fetches[name] ?? 0) + 1;
		if (raw) return this.store.get(name);
		const data = this.withDefaults(name);
		const keys = getAdditionalKeys(additionalData, mode, null, { isCredential: true });
		if (!resolveWith) {
			const { workflow, node } = emptyWorkflow();
			return workflow.expression.getComplexParameterValue(
				node,
				data as INodeParameters,
				mode,
				keys,
				undefined,
				undefined,
				data,
			) as ICredentialDataDecryptedObject;
		}
		return resolveWith.workflow.expression.getParameterValue(
			data as INodeParameters,
			resolveWith.runExecutionData,
			resolveWith.runIndex,
			resolveWith.itemIndex,
			resolveWith.node.name,
			resolveWith.connectionInputData,
			mode,
			keys,
			executeData,
			false,
			data,
		) as ICredentialDataDecryptedObject;
	}

	/** The stored data with the defaults of missing properties, before expressions. */
	withDefaults(name: string): ICredentialDataDecryptedObject {
		return NodeHelpers.getNodeParameters(
			this.getCredentialsProperties(name),
			this.store.get(name) as INodeParameters,
			true,
			false,
			null,
			null,
		) as ICredentialDataDecryptedObject;
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		name: string,
		requestOptions: IHttpRequestOptions,
		workflow?: Workflow,
		node?: INode,
	): Promise<IHttpRequestOptions> {
		const { authenticate } = this.type(name);
		if (authenticate === undefined) return requestOptions;
		if (typeof authenticate === 'function') return await authenticate(credentials, requestOptions);
		if (!workflow || !node) throw new Error('A generic authenticate needs a workflow and a node');
		const resolve = (text: string) =>
			isExpression(text)
				? String(
						workflow.expression.getSimpleParameterValue(
							node,
							text,
							'internal',
							{ $credentials: credentials },
							undefined,
							'',
						) || '',
					)
				: text;
		const options = requestOptions as unknown as Record<string, Record<string, unknown>>;
		options.headers ??= {};
		for (const [part, values] of Object.entries(authenticate.properties)) {
			const target = (options[part] ||= {});
			for (const [key, value] of Object.entries(values as Record<string, string>))
				target[resolve(key)] = resolve(value);
		}
		return requestOptions;
	}

	async preAuthentication(
		helpers: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
		name: string,
		node: INode,
		expired: boolean,
	): Promise<ICredentialDataDecryptedObject | undefined> {
		const { properties, preAuthentication } = this.type(name);
		const expirable = properties.find(
			(property) => property.type === 'hidden' && property.typeOptions?.expirable === true,
		)?.name;
		const isCredentialTest = node.parameters.temp === '';
		if (expirable === undefined || typeof preAuthentication !== 'function') return undefined;
		if (credentials[expirable] !== '' && !expired && !isCredentialTest) return undefined;
		const output = (await preAuthentication.call(helpers, credentials)) as IDataObject;
		if (output[expirable] === undefined || !node.credentials) return undefined;
		this.store.set(name, { ...this.store.get(name), ...output } as ICredentialDataDecryptedObject);
		return Object.assign(credentials, output);
	}

	async runPreAuthentication(
		helpers: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
		name: string,
	): Promise<ICredentialDataDecryptedObject | undefined> {
		const { preAuthentication } = this.type(name);
		return (await preAuthentication?.call(helpers, credentials)) as
			| ICredentialDataDecryptedObject
			| undefined;
	}

	async getCredentials(): Promise<never> {
		throw new Error('The harness keeps no encrypted credentials');
	}

	async updateCredentials(
		_nodeCredentials: INodeCredentialsDetails,
		name: string,
		data: ICredentialDataDecryptedObject,
	): Promise<void> {
		this.store.set(name, data);
	}

	async updateCredentialsOauthTokenData(): Promise<never> {
		throw new Error('The harness knows no OAuth');
	}
}

const instance = <T>(source: T | (new () => T)): T =>
	typeof source === 'function' ? new (source as new () => T)() : source;

const typeMap = (types: Record<string, INodeType | IVersionedNodeType>): INodeTypes => ({
	getByName: (name) => {
		const type = types[name];
		if (!type) throw new Error(`Unknown node type "${name}"`);
		return type;
	},
	getByNameAndVersion(name, version) {
		return NodeHelpers.getVersionedNodeType(this.getByName(name), version);
	},
	getKnownTypes: () => ({}),
});

const NODE_NAME = 'Node';
const EXECUTION_ID = '1';
/** The addresses that nodes are told. Nothing listens there. */
const BASE_URL = 'http://127.0.0.1:5678';

interface WorkflowPlan {
	nodes?: INode[];
	connections?: IWorkflowBase['connections'];
}

/** A workflow around one node: the node itself, the world it sees, and counters. */
export interface Host {
	workflow: Workflow;
	node: INode;
	nodeType: INodeType;
	additionalData: IWorkflowExecuteAdditionalData;
	hooks: ExecutionLifecycleHooks;
	credentials: HarnessCredentials;
}

/** Where n8n resolves expressions in credential data when no item is at hand. */
function emptyWorkflow(): { workflow: Workflow; node: INode } {
	const node: INode = {
		id: 'mock',
		name: '',
		type: 'mock',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
	};
	const type = { description: { properties: [] } } as unknown as INodeType;
	const nodeTypes = typeMap({ mock: type });
	return {
		workflow: new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes }),
		node,
	};
}

/**
 * Builds the workflow that holds the node under test.
 *
 * @param extraTypes node types of the other nodes, by full name
 * @param plan turns the node under test into all nodes and connections; default: it alone
 */
export function createHost(
	setup: NodeSetup,
	mode: WorkflowExecuteMode,
	extraTypes: Record<string, INodeType> = {},
	plan: (node: INode) => WorkflowPlan = () => ({}),
): Host {
	const source = instance<INodeType | IVersionedNodeType>(setup.node);
	const typeName = `${PACKAGE}.${source.description.name}`;
	const nodeTypes = typeMap({ [typeName]: source, ...extraTypes });
	const typeVersion = setup.typeVersion ?? newestVersion(source);
	const store =
		setup.credentials instanceof CredentialStore
			? setup.credentials
			: new CredentialStore(structuredClone(setup.credentials ?? {}));
	const credentials = new HarnessCredentials(
		(setup.credentialTypes ?? []).map((type) => instance<ICredentialType>(type)),
		store,
		nodeTypes,
	);
	const node: INode = {
		id: setup.nodeId ?? 'node-1',
		name: NODE_NAME,
		type: typeName,
		typeVersion,
		position: [0, 0],
		parameters: structuredClone(setup.parameters ?? {}),
		webhookId: `${setup.nodeId ?? 'node-1'}-webhook`,
		credentials: Object.fromEntries(
			store.names().map((name) => [name, { id: `credential-${name}`, name: `My ${name}` }]),
		),
	};
	const { nodes = [node], connections = {} } = plan(node);
	const workflowId = setup.workflowId ?? 'workflow-1';
	const staticData = setup.staticData ?? {};
	const workflow = new Workflow({
		id: workflowId,
		name: 'Workflow of the harness',
		nodes,
		connections,
		active: mode !== 'manual',
		nodeTypes,
		staticData: { [`node:${NODE_NAME}`]: staticData },
		settings: { executionOrder: 'v1', timezone: 'UTC', ...setup.workflowSettings },
	});
	const hooks = new ExecutionLifecycleHooks(mode, EXECUTION_ID, {
		id: workflowId,
		name: 'Workflow of the harness',
	} as IWorkflowBase);
	const notThere = async (): Promise<never> => {
		throw new Error('The harness has one workflow and no task runner');
	};
	const additionalData: IWorkflowExecuteAdditionalData = {
		credentialsHelper: credentials,
		hooks,
		externalSecretsProxy: Container.get(ExternalSecretsProxy),
		executionId: EXECUTION_ID,
		workflowId,
		currentNodeExecutionIndex: 0,
		variables: {},
		restApiUrl: `${BASE_URL}/rest`,
		instanceBaseUrl: `${BASE_URL}/`,
		formBaseUrl: `${BASE_URL}/form`,
		formWaitingBaseUrl: `${BASE_URL}/form-waiting`,
		formTestBaseUrl: `${BASE_URL}/form-test`,
		webhookBaseUrl: `${BASE_URL}/webhook`,
		webhookWaitingBaseUrl: `${BASE_URL}/webhook-waiting`,
		webhookTestBaseUrl: `${BASE_URL}/webhook-test`,
		mcpBaseUrl: `${BASE_URL}/mcp`,
		mcpTestBaseUrl: `${BASE_URL}/mcp-test`,
		executeWorkflow: notThere,
		getRunExecutionData: notThere,
		getRuntimeCredential: notThere,
		startRunnerTask: notThere,
		setExecutionStatus: () => {},
		logAiEvent: () => {},
	};
	const nodeType = nodeTypes.getByNameAndVersion(typeName, typeVersion);
	const placed = workflow.getNode(NODE_NAME)!;
	return { workflow, node: placed, nodeType, additionalData, hooks, credentials };
}

function newestVersion(source: INodeType | IVersionedNodeType): number {
	if ('nodeVersions' in source) return source.currentVersion;
	const { version, defaultVersion } = source.description;
	return defaultVersion ?? (Array.isArray(version) ? Math.max(...version) : version);
}
