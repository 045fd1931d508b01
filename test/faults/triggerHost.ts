import { TriggerContext, TriggersAndPollers } from 'n8n-core';
import type { IDataObject, INodeParameters, IRun } from 'n8n-workflow';
import { WebSocket } from 'undici';
import { VoxfreeApi } from '../../credentials/VoxfreeApi.credentials';
import type * as TriggerModule from '../../nodes/Voxfree/VoxfreeTrigger.node';
import { RecentKeys } from '../../nodes/Voxfree/trigger/RecentKeys';
import { collectLogs, Container, createHost, type LogEntry } from '../support/n8nHost';

// With its whole name, because tsx would find the .json file of the same name first.
const { VoxfreeTrigger } =
	require('../../nodes/Voxfree/VoxfreeTrigger.node.ts') as typeof TriggerModule;

// Node 20 has none of its own; this is the one that later versions have built in.
globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;

const KEPT_KEYS = 50_000;

export interface HostedTrigger {
	close(): Promise<void>;
	/** What went to `emitError`. */
	errors: Error[];
	/** What went to `saveFailedExecution`. */
	failedExecutions: Error[];
	logs: LogEntry[];
}

/** The trigger node of one agent in n8n-core; executions end after so many milliseconds. */
export async function hostTrigger(setup: {
	agent: number;
	baseUrl: string;
	socketUrl: string;
	parameters: INodeParameters;
	executionTakes: number;
	onItem: (item: IDataObject) => void;
}): Promise<HostedTrigger> {
	const host = createHost(
		{
			node: VoxfreeTrigger,
			credentialTypes: [VoxfreeApi],
			credentials: {
				voxfreeApi: {
					login: `${setup.agent}@example.test`,
					password: 'demo-password',
					baseUrl: setup.baseUrl,
					servicesUrl: setup.baseUrl,
					socketUrl: setup.socketUrl,
				},
			},
			parameters: setup.parameters,
			workflowId: `workflow-${setup.agent}`,
		},
		'trigger',
	);
	const logs: LogEntry[] = [];
	const trigger: HostedTrigger = { errors: [], failedExecutions: [], logs, close: async () => {} };
	// What n8n would keep in its database, and would forget when it prunes.
	const keys = new RecentKeys(KEPT_KEYS);
	const response = await collectLogs(
		logs,
		async () =>
			await Container.get(TriggersAndPollers).runTriggerFunction(
				host.workflow,
				host.node,
				(workflow, node, additionalData) =>
					new TriggerContext(
						workflow,
						node,
						additionalData,
						'trigger',
						'activate',
						(data, _response, donePromise, deduplicationKey) => {
							const isKnown = deduplicationKey !== undefined && !keys.addIfNew(deduplicationKey);
							if (!isKnown) for (const { json } of data[0] ?? []) setup.onItem(json);
							setTimeout(
								() => donePromise?.resolve(undefined as unknown as IRun),
								setup.executionTakes,
							);
						},
						(error) => void trigger.errors.push(error),
						(error) => void trigger.failedExecutions.push(error),
					),
				host.additionalData,
				'trigger',
				'activate',
			),
	);
	trigger.close = async () => await response?.closeFunction?.();
	return trigger;
}
