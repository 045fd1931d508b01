import axios, { AxiosError, type AxiosInstance } from 'axios';
import { parse as unflatten } from 'flatted';
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type {
	ExecutionStatus,
	IConnections,
	INode,
	INodeListSearchResult,
	INodeTypeDescription,
	INodeTypeNameVersion,
	IPinData,
	IRunExecutionData,
	IWorkflowSettings,
} from 'n8n-workflow';

const POLL_MS = 50;
const REQUEST_TIMEOUT_MS = 120_000;
const LARGEST_PAGE = 100;

/** The statuses in which an execution changes no more. */
const FINISHED = ['success', 'error', 'crashed', 'canceled'] as const;

export interface Owner {
	email: string;
	/** 8 to 64 characters with a digit and an upper-case letter. */
	password: string;
	firstName?: string;
	lastName?: string;
}

/** A login that can be handed to another process; n8n allows five logins a minute only. */
export interface Session {
	cookie: string;
	/** n8n binds the cookie to it: the same value on every call. */
	browserId: string;
}

export interface NewWorkflow {
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
	pinData?: IPinData;
}

export interface Workflow extends NewWorkflow {
	id: string;
	versionId: string;
	/** The version that is live; null while the workflow is not published. */
	activeVersionId: string | null;
	active: boolean;
	/** In the bin. */
	isArchived: boolean;
}

export interface Credential {
	id: string;
	name: string;
	type: string;
}

export interface CredentialTestResult {
	status: 'OK' | 'Error';
	message: string;
}

export interface ExecutionSummary {
	id: string;
	workflowId: string;
	status: ExecutionStatus;
	mode: string;
	startedAt: string;
	stoppedAt: string | null;
}

export interface Execution extends ExecutionSummary {
	/** n8n's own structure: `data.resultData.runData[node][run]`, `data.resultData.error`. */
	data: IRunExecutionData;
}

export interface InstalledPackage {
	packageName: string;
	installedVersion: string;
	installedNodes: Array<{ name: string; type: string; latestVersion: number }>;
	failedLoading?: boolean;
}

/** What the editor sends when it opens a list: the node as it is configured so far. */
export interface NodeInEditor {
	nodeTypeAndVersion: INodeTypeNameVersion;
	/** Path of the parameter, e.g. `parameters.department`. */
	path: string;
	currentNodeParameters?: Record<string, unknown>;
	/** By credential type, e.g. `{ omnizeApi: { id, name } }`. */
	credentials?: Record<string, { id: string; name: string }>;
}

/** n8n refused a call. */
export class N8nApiError extends Error {
	constructor(
		readonly method: string,
		readonly path: string,
		/** The HTTP status; undefined when there was no answer. */
		readonly status: number | undefined,
		readonly reason: string,
	) {
		super(`${method} ${path} ${status ? `was answered with ${status}` : 'failed'}: ${reason}`);
		this.name = 'N8nApiError';
	}
}

/** n8n's own REST API, the one that its editor uses. */
export class N8nApi {
	private readonly http: AxiosInstance;

	private cookie = '';

	private readonly browserId: string;

	/** @param url e.g. `http://127.0.0.1:5678` */
	constructor(
		readonly url: string,
		session?: Session,
	) {
		this.browserId = session?.browserId ?? randomUUID();
		this.cookie = session?.cookie ?? '';
		this.http = axios.create({
			baseURL: url,
			timeout: REQUEST_TIMEOUT_MS,
			proxy: false,
			// n8n closes a connection after 5 seconds without a call. A busy machine may learn of that
			// too late, and send the next call into it.
			httpAgent: new Agent({ keepAlive: false }),
			maxContentLength: Infinity,
			maxBodyLength: Infinity,
			headers: { 'browser-id': this.browserId },
		});
	}

	/** The login of this object, for `new N8nApi(url, session)` elsewhere. */
	get session(): Session {
		return { cookie: this.cookie, browserId: this.browserId };
	}

	/** Creates the owner, or logs in when there is one already. */
	async signIn(owner: Owner): Promise<void> {
		const { email, password, firstName = 'Demo', lastName = 'Owner' } = owner;
		try {
			await this.call('POST', '/rest/owner/setup', { email, password, firstName, lastName });
		} catch (error) {
			if (!(error instanceof N8nApiError && error.status === 400)) throw error;
			await this.call('POST', '/rest/login', { emailOrLdapLoginId: email, password });
		}
	}

	/** Changes the password of whoever is signed in. */
	async changePassword(currentPassword: string, newPassword: string): Promise<void> {
		await this.call('PATCH', '/rest/me/password', { currentPassword, newPassword });
	}

	/** Installs a community package by name, as Settings → Community nodes does. */
	async installPackage(name: string, version: string): Promise<InstalledPackage> {
		return await this.call('POST', '/rest/community-packages', { name, version });
	}

	/** Replaces an installed community package, also by another build of the same version. */
	async updatePackage(name: string, version: string): Promise<InstalledPackage> {
		return await this.call('PATCH', '/rest/community-packages', { name, version });
	}

	async installedPackages(): Promise<InstalledPackage[]> {
		return await this.call('GET', '/rest/community-packages');
	}

	/** Names of all node types that this n8n knows, e.g. `n8n-nodes-base.webhook`. */
	async nodeTypeNames(): Promise<string[]> {
		const types = await this.call<Array<{ name: string }>>('GET', '/types/nodes.json');
		return [...new Set(types.map(({ name }) => name))];
	}

	/** A node type's description as the editor gets it. */
	async nodeType(name: string, version: number): Promise<INodeTypeDescription> {
		const [type] = await this.call<INodeTypeDescription[]>('POST', '/rest/node-types', {
			nodeInfos: [{ name, version }],
		});
		if (!type) throw new N8nApiError('POST', '/rest/node-types', 200, `There is no ${name}`);
		return type;
	}

	async createCredential(
		type: string,
		data: Record<string, unknown>,
		name = type,
	): Promise<Credential> {
		return await this.call('POST', '/rest/credentials', { name, type, data });
	}

	async credentials(): Promise<Credential[]> {
		return await this.call('GET', '/rest/credentials');
	}

	async updateCredential(
		{ id, name, type }: Credential,
		data: Record<string, unknown>,
	): Promise<Credential> {
		return await this.call('PATCH', `/rest/credentials/${id}`, { name, type, data });
	}

	async deleteCredential(id: string): Promise<void> {
		await this.call('DELETE', `/rest/credentials/${id}`);
	}

	/** Runs the test of a saved credential, with `data` if given, else with what is saved. */
	async testCredential(
		credential: Credential,
		data?: Record<string, unknown>,
	): Promise<CredentialTestResult> {
		const { id, name, type } = credential;
		const saved = await this.call<{ data: Record<string, unknown> }>(
			'GET',
			`/rest/credentials/${id}?includeData=true`,
		);
		return await this.call('POST', '/rest/credentials/test', {
			credentials: { id, name, type, data: data ?? saved.data },
		});
	}

	/** Saves a workflow; it is not published. */
	async createWorkflow(workflow: NewWorkflow): Promise<Workflow> {
		const { name, nodes, connections, settings = { executionOrder: 'v1' }, pinData } = workflow;
		return await this.call('POST', '/rest/workflows', {
			name,
			nodes,
			connections,
			settings,
			pinData,
		});
	}

	async workflow(id: string): Promise<Workflow> {
		return await this.call('GET', `/rest/workflows/${id}`);
	}

	async workflows(): Promise<Array<Pick<Workflow, 'id' | 'name' | 'active'>>> {
		return await this.call('GET', '/rest/workflows');
	}

	/** Saves a new version; the one that is live stays live until the next publish(). */
	async updateWorkflow(id: string, changes: Partial<NewWorkflow>): Promise<Workflow> {
		const { versionId } = await this.workflow(id);
		return await this.call('PATCH', `/rest/workflows/${id}`, { ...changes, versionId });
	}

	/** Publishes the latest version and waits until its triggers and webhooks are live. */
	async publish(id: string, timeout = 30_000): Promise<void> {
		const { versionId } = await this.workflow(id);
		await this.call('POST', `/rest/workflows/${id}/activate`, { versionId });
		await this.untilPublication(id, timeout, (status) => {
			const failed = status.triggers.find(({ errorMessage }) => errorMessage);
			if (status.status === 'failed' || status.status === 'partial')
				throw new Error(
					`Workflow ${id} was not published: ${failed?.errorMessage ?? status.status}`,
				);
			return status.status === 'published' && status.liveVersionId === versionId;
		});
	}

	/** Takes a workflow out of service and waits until its triggers are gone. */
	async unpublish(id: string, timeout = 30_000): Promise<void> {
		await this.call('POST', `/rest/workflows/${id}/deactivate`, {});
		await this.untilPublication(id, timeout, ({ status }) => status === 'not_published');
	}

	/** Unpublishes a workflow if need be, and deletes it with its executions. */
	async deleteWorkflow(id: string): Promise<void> {
		if ((await this.workflow(id)).activeVersionId) await this.unpublish(id);
		await this.call('POST', `/rest/workflows/${id}/archive`, {});
		await this.call('DELETE', `/rest/workflows/${id}`);
	}

	private async untilPublication(
		id: string,
		timeout: number,
		isReached: (status: PublicationStatus) => boolean,
	) {
		await until(`workflow ${id} to change its publication`, timeout, async () =>
			isReached(await this.call('GET', `/rest/workflows/${id}/publication-status`)),
		);
	}

	/**
	 * Runs a saved workflow as a click on Execute does, from the named trigger, or from any one to
	 * the named destination node.
	 *
	 * @returns the execution's id
	 * @throws when the workflow waits for a call of its test webhook instead
	 */
	async run(id: string, from: { trigger: string } | { destination: string }): Promise<string> {
		const path = `/rest/workflows/${id}/run`;
		const body =
			'trigger' in from
				? { triggerToStartFrom: { name: from.trigger } }
				: { destinationNode: { nodeName: from.destination, mode: 'inclusive' } };
		const { executionId } = await this.call<{ executionId?: string }>('POST', path, body);
		if (!executionId)
			throw new N8nApiError('POST', path, 200, 'The workflow waits for a call of its test webhook');
		return executionId;
	}

	/**
	 * The newest executions of a workflow, newest first, at most 100, and how many there are.
	 *
	 * @param status only those with one of these statuses
	 */
	async executions(
		workflowId: string,
		{ limit = LARGEST_PAGE, status }: { limit?: number; status?: readonly ExecutionStatus[] } = {},
	): Promise<{ count: number; results: ExecutionSummary[] }> {
		const filter = JSON.stringify({ workflowId, ...(status ? { status } : {}) });
		return await this.call(
			'GET',
			`/rest/executions?limit=${limit}&filter=${encodeURIComponent(filter)}`,
		);
	}

	/** One execution with its data. */
	async execution(id: string): Promise<Execution> {
		const execution = await this.call<Omit<Execution, 'data'> & { data: string }>(
			'GET',
			`/rest/executions/${id}`,
		);
		return { ...execution, data: unflatten(execution.data) as IRunExecutionData };
	}

	/** Waits until an execution has ended, and returns it with its data. */
	async waitForExecution(id: string, timeout = 30_000): Promise<Execution> {
		return await until(`execution ${id} to end`, timeout, async () => {
			const execution = await this.execution(id);
			return isFinished(execution.status) && execution;
		});
	}

	/**
	 * Waits until a workflow has at least `count` finished executions.
	 *
	 * @returns all of them with their data, oldest first (the newest 100 when there are more)
	 */
	async waitForExecutions(
		workflowId: string,
		count: number,
		timeout = 30_000,
	): Promise<Execution[]> {
		const { results } = await until(
			`${count} finished executions of workflow ${workflowId}`,
			timeout,
			async () => {
				const page = await this.executions(workflowId, { status: FINISHED });
				// n8n counts and lists in two queries: an execution that ends between them is only counted.
				const isListed = page.results.length >= Math.min(count, LARGEST_PAGE);
				return page.count >= count && isListed && page;
			},
		);
		const oldestFirst = results.toReversed();
		const executions: Execution[] = [];
		for (const { id } of oldestFirst) executions.push(await this.execution(id));
		return executions;
	}

	/** The entries of a resource locator's list, through the node's `listSearch` method. */
	async searchList(
		node: NodeInEditor,
		methodName: string,
		options: { filter?: string; paginationToken?: string } = {},
	): Promise<INodeListSearchResult> {
		return await this.call('POST', '/rest/dynamic-node-parameters/resource-locator-results', {
			currentNodeParameters: {},
			...node,
			methodName,
			...options,
		});
	}

	/**
	 * Any call; n8n's `{ data: … }` wrapper is removed.
	 *
	 * @throws N8nApiError
	 */
	async call<T>(method: string, path: string, body?: unknown): Promise<T> {
		try {
			const { data, headers } = await this.http.request<{ data?: T }>({
				method,
				url: path,
				data: body,
				headers: this.cookie ? { cookie: this.cookie } : {},
			});
			this.keepCookie(headers['set-cookie']);
			const isWrapped = typeof data === 'object' && data !== null && 'data' in data;
			// Only /types/* is not wrapped.
			return (isWrapped ? data.data : data) as T;
		} catch (error) {
			if (!(error instanceof AxiosError)) throw error;
			const answer: unknown = error.response?.data;
			const reason =
				typeof answer === 'object' && answer !== null && 'message' in answer
					? String(answer.message)
					: error.message;
			throw new N8nApiError(method, path, error.response?.status, reason);
		}
	}

	private keepCookie(received: string[] | undefined) {
		const login = received?.find((cookie) => cookie.startsWith('n8n-auth='));
		if (login) this.cookie = login.split(';', 1)[0]!;
	}
}

interface PublicationStatus {
	status: 'in_progress' | 'not_published' | 'published' | 'partial' | 'failed';
	liveVersionId: string | null;
	triggers: Array<{ nodeId: string; status: string; errorMessage: string | null }>;
}

function isFinished(status: ExecutionStatus) {
	return (FINISHED as readonly string[]).includes(status);
}

async function until<T>(
	what: string,
	timeout: number,
	check: () => Promise<T>,
): Promise<Exclude<T, false>> {
	const deadline = Date.now() + timeout;
	for (;;) {
		const result = await check();
		if (result !== false) return result as Exclude<T, false>;
		if (Date.now() > deadline) throw new Error(`Waited ${timeout / 1000} s in vain for ${what}.`);
		await delay(POLL_MS);
	}
}
