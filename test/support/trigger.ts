import { Container, collectLogs, createHost, type LogEntry, type NodeSetup } from './n8nHost';
import { waitFor } from './waitFor';
import { jest } from '@jest/globals';
import { PollContext, TriggerContext, TriggersAndPollers } from 'n8n-core';
import type {
	IDataObject,
	INodeExecutionData,
	IRun,
	ITriggerFunctions,
	ITriggerResponse,
	WorkflowActivateMode,
} from 'n8n-workflow';

export interface PollOptions extends NodeSetup {
	/** 'manual' is the editor's Fetch Test Event. Default 'trigger'. */
	mode?: 'trigger' | 'manual';
}

export interface Poller {
	/**
	 * One tick of the schedule.
	 *
	 * @param at the time that the node sees, if not the real one
	 * @returns the items that start an execution, or null
	 */
	tick(at?: Date | string): Promise<INodeExecutionData[][] | null>;
	/** What the node keeps between ticks. */
	staticData: IDataObject;
	logs: LogEntry[];
	credentialFetches: Record<string, number>;
}

/** Every global of the fake timers but Date, so that real requests still work. */
const NOT_DATE = [
	'hrtime',
	'nextTick',
	'performance',
	'queueMicrotask',
	'setImmediate',
	'clearImmediate',
	'setInterval',
	'clearInterval',
	'setTimeout',
	'clearTimeout',
] as const;

/** A polling trigger in n8n-core's PollContext. Static data stays from tick to tick. */
export function pollNode(options: PollOptions): Poller {
	const mode = options.mode ?? 'trigger';
	const staticData = options.staticData ?? {};
	const host = createHost({ ...options, staticData }, mode);
	const logs: LogEntry[] = [];
	return {
		async tick(at) {
			const context = new PollContext(
				host.workflow,
				host.node,
				host.additionalData,
				mode,
				mode === 'manual' ? 'manual' : 'activate',
			);
			if (at !== undefined) jest.useFakeTimers({ now: new Date(at), doNotFake: [...NOT_DATE] });
			try {
				return await collectLogs(
					logs,
					async () =>
						await Container.get(TriggersAndPollers).runPollFunction(
							host.workflow,
							host.node,
							context,
						),
				);
			} finally {
				if (at !== undefined) jest.useRealTimers();
			}
		},
		staticData,
		logs,
		credentialFetches: host.credentials.fetches,
	};
}

export interface TriggerOptions extends NodeSetup {
	/** 'manual' is the editor's Listen for Test Event: the first event ends it. */
	mode?: 'trigger' | 'manual';
	/** Why the trigger starts. Default 'activate', in manual mode always 'manual'. */
	activation?: WorkflowActivateMode;
	/**
	 * When the execution of an event ends, which settles its donePromise: at once, or when the test
	 * calls `finish()` or `fail()` on the emission. Default 'atOnce'.
	 */
	executionsEnd?: 'atOnce' | 'onDemand';
	/** An n8n older than the deduplication keys of `emit`. */
	withoutKeys?: boolean;
}

export interface Emission {
	data: INodeExecutionData[][];
	/** The first item's JSON, which most triggers emit alone. */
	json: IDataObject;
	deduplicationKey?: string;
	/** Ends the execution well. */
	finish(run?: IRun): void;
	/** Ends the execution with an error before it could run. */
	fail(error: Error): void;
}

export interface RunningTrigger {
	emissions: Emission[];
	/** What went to `emitError`: n8n deactivates the trigger and starts it again later. */
	errors: Error[];
	/** What went to `saveFailedExecution`: n8n records it and lets the trigger be. */
	failedExecutions: Error[];
	/** Waits for the nth emission, counted from 1. */
	emission(nth: number, timeoutMs?: number): Promise<Emission>;
	/** Deactivates the workflow or stops the test. May be called again. */
	close(): Promise<void>;
	staticData: IDataObject;
	logs: LogEntry[];
	credentialFetches: Record<string, number>;
}

const running = new Set<RunningTrigger>();

/** Closes every trigger that a test left open, for `afterEach`. */
export async function closeTriggers(): Promise<void> {
	await Promise.all([...running].map(async (trigger) => await trigger.close()));
}

/**
 * Starts a trigger node through n8n-core's TriggersAndPollers and TriggerContext, and resolves
 * once the node's `trigger()` has.
 */
export async function startTrigger(options: TriggerOptions): Promise<RunningTrigger> {
	const mode = options.mode ?? 'trigger';
	const staticData = options.staticData ?? {};
	const host = createHost({ ...options, staticData }, mode);
	const logs: LogEntry[] = [];
	let response: ITriggerResponse | undefined;
	const trigger: RunningTrigger = {
		emissions: [],
		errors: [],
		failedExecutions: [],
		async emission(nth, timeoutMs) {
			return await waitFor(`emission ${nth}`, () => trigger.emissions[nth - 1], timeoutMs);
		},
		async close() {
			running.delete(trigger);
			await collectLogs(logs, async () => await response?.closeFunction?.());
		},
		staticData,
		logs,
		credentialFetches: host.credentials.fetches,
	};
	const record = (
		data: INodeExecutionData[][],
		donePromise?: Parameters<ITriggerFunctions['emit']>[2],
		deduplicationKey?: string,
	) => {
		trigger.emissions.push({
			data,
			json: data[0]?.[0]?.json ?? {},
			...(deduplicationKey === undefined ? {} : { deduplicationKey }),
			finish: (run) => donePromise?.resolve(run as IRun),
			fail: (error) => donePromise?.reject(error),
		});
		if ((options.executionsEnd ?? 'atOnce') === 'atOnce')
			queueMicrotask(() => donePromise?.resolve(undefined as unknown as IRun));
	};
	const activation = mode === 'manual' ? 'manual' : (options.activation ?? 'activate');
	await collectLogs(logs, async () => {
		response = await Container.get(TriggersAndPollers).runTriggerFunction(
			host.workflow,
			host.node,
			(workflow, node, additionalData) =>
				new TriggerContext(
					workflow,
					node,
					additionalData,
					mode,
					activation,
					options.withoutKeys === true
						? (data, _responsePromise, donePromise) => record(data, donePromise)
						: (data, _responsePromise, donePromise, deduplicationKey) =>
								record(data, donePromise, deduplicationKey),
					(error) => void trigger.errors.push(error),
					(error) => void trigger.failedExecutions.push(error),
				),
			host.additionalData,
			mode,
			activation,
		);
	});
	running.add(trigger);
	if (mode === 'manual') {
		// In the editor the first event, or the first error, ends the listening.
		void response?.manualTriggerResponse?.then(
			(data) => record(data),
			(error: Error) => trigger.errors.push(error),
		);
		void collectLogs(logs, async () => await response?.manualTriggerFunction?.()).catch(
			(error: Error) => trigger.errors.push(error),
		);
	}
	return trigger;
}
