import { collectLogs, createHost, CredentialStore, type LogEntry, type NodeSetup } from './n8nHost';
import type { CredentialData, CredentialSource, NodeSource } from './n8nHost';
import { CredentialTestContext, ExecuteContext, LoadOptionsContext, RoutingNode } from 'n8n-core';
import {
	createEmptyRunExecutionData,
	type ICredentialTestRequest,
	type ICredentialType,
	type INodeCredentialTestResult,
	type INodeListSearchResult,
	type INodeType,
} from 'n8n-workflow';

interface ListOptions extends NodeSetup {
	/** Name of the method in the node's `methods`. */
	method: string;
}

/** The list behind a resource locator, as the editor asks for it: `methods.listSearch`. */
export async function listSearch(
	options: ListOptions & { filter?: string; paginationToken?: string },
): Promise<INodeListSearchResult> {
	const { workflow, node, nodeType, additionalData } = createHost(options, 'internal');
	additionalData.currentNodeParameters = options.parameters ?? {};
	const context = new LoadOptionsContext(workflow, node, additionalData, '');
	const method = nodeType.methods?.listSearch?.[options.method];
	if (!method) throw new Error(`The node has no list search "${options.method}"`);
	const result = await method.call(context, options.filter, options.paginationToken);
	const paginationToken: unknown = result.paginationToken;
	return typeof paginationToken === 'number'
		? { ...result, paginationToken: String(paginationToken) }
		: result;
}

export interface CredentialTestOptions {
	/** The credential to test. */
	credentialType: CredentialSource;
	/** What the user filled in. Missing fields get their defaults. */
	data: CredentialData[string];
	/** The node whose `testedBy` is to be used when the credential itself has no `test`. */
	node?: NodeSource;
}

/**
 * The Test button of a credential. Follows CredentialsTester of n8n 2.41: the `test` request of
 * the class through n8n-core's RoutingNode with its rules, else the node's `testedBy` function.
 */
export async function testCredential(
	options: CredentialTestOptions,
): Promise<INodeCredentialTestResult & { logs: LogEntry[] }> {
	const logs: LogEntry[] = [];
	const result = await collectLogs(logs, async () => await runCredentialTest(options));
	return { ...result, logs };
}

async function runCredentialTest({
	credentialType,
	data,
	node,
}: CredentialTestOptions): Promise<INodeCredentialTestResult> {
	const type: ICredentialType =
		typeof credentialType === 'function' ? new credentialType() : credentialType;
	const { name, test } = type;
	const tester = testerNode(name, test);
	const host = createHost(
		{
			node: tester,
			credentialTypes: [type],
			credentials: new CredentialStore({ [name]: data }),
			parameters: { temp: '' },
		},
		'internal',
	);
	const credentialsDecrypted = {
		id: `credential-${name}`,
		name: `My ${name}`,
		type: name,
		data: host.credentials.withDefaults(name),
	};
	if (!test) {
		const nodeType = node && createHost({ node }, 'internal').nodeType;
		const testedBy = nodeType?.description.credentials?.find(
			(credential) => credential.name === name,
		)?.testedBy;
		const method =
			typeof testedBy === 'string' ? nodeType?.methods?.credentialTest?.[testedBy] : undefined;
		if (!method)
			return { status: 'Error', message: 'No testing function found for this credential.' };
		return await method.call(
			new CredentialTestContext(host.additionalData),
			credentialsDecrypted as Parameters<typeof method>[0],
		);
	}
	const context = new ExecuteContext(
		host.workflow,
		host.node,
		host.additionalData,
		'internal',
		createEmptyRunExecutionData(),
		0,
		[],
		{ main: [[{ json: {} }]] },
		{ node: host.node, data: {}, source: null },
		[],
	);
	let response;
	try {
		response = await new RoutingNode(context, tester, credentialsDecrypted).runNode();
	} catch (error) {
		return failedRequest(error as RequestError, test);
	}
	for (const rule of test.rules ?? []) {
		if (rule.type !== 'responseSuccessBody') continue;
		const { key, value, message } = rule.properties;
		const found = key
			.split('.')
			.reduce<unknown>(
				(part, step) => (part as Record<string, unknown> | undefined)?.[step],
				response?.[0]?.[0]?.json,
			);
		if (found === value) return { status: 'Error', message };
	}
	return { status: 'OK', message: 'Connection successful!' };
}

interface RequestError extends Error {
	cause?: { code?: string; response?: { status: number; statusText: string } };
}

function failedRequest(
	error: RequestError,
	{ rules }: ICredentialTestRequest,
): INodeCredentialTestResult {
	const { response, code } = error.cause ?? {};
	if (!response) return { status: 'Error', message: code ?? error.message };
	for (const rule of rules ?? []) {
		if (rule.type === 'responseCode' && rule.properties.value === response.status)
			return { status: 'Error', message: rule.properties.message };
	}
	return {
		status: 'Error',
		message: response.statusText || `Received HTTP status code: ${response.status}`,
	};
}

/** The invisible node that n8n runs a credential test with. */
function testerNode(credential: string, test?: ICredentialTestRequest): INodeType {
	return {
		description: {
			displayName: 'Temp',
			name: 'noOp',
			group: ['transform'],
			version: 1,
			description: '',
			defaults: {},
			inputs: ['main'],
			outputs: ['main'],
			credentials: [{ name: credential, required: true }],
			properties: [
				{
					displayName: 'Temp',
					name: 'temp',
					type: 'string',
					default: '',
					...(test ? { routing: { request: test.request } } : {}),
				},
			],
		},
	};
}
