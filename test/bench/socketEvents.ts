import { readFileSync } from 'node:fs';
import type { Credential, Workflow } from '../host/N8nApi';
import { executedPerSecond, type CallBench } from './calls';
import { EMPTY_EMITTER } from './emptyTrigger';
import { interleave, type Row } from './rounds';
import { Helper } from './startProvider';
import { endNode, nodeOf, publish } from './workflows';

/** The node's own default under Options → Executions at Once. */
const AT_ONCE = 20;
const MS_PER_TICK = 10;

let nextId = 17_000_000;

interface ListenerBench extends CallBench {
	/** The process of n8n. */
	pid: number;
}

type Name = 'ours' | 'all' | 'some' | 'keyed';

/** Milliseconds that a process has computed for so far, as Linux counts them. */
function processorTime(pid: number): number {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
	const ticks = Number(fields[11]) + Number(fields[12]);
	return ticks * MS_PER_TICK;
}

/**
 * The Voxfree Trigger under a burst of messages against triggers that emit as many items of the same
 * shape and do nothing else. What Voxfree would be asked for is left out: the empty ones ask nobody.
 */
export async function socketEvents(bench: ListenerBench): Promise<Row[]> {
	const { api, engine, calls, rounds, random, pid } = bench;
	const perProcessorSecond: Record<Name, number[]> = { ours: [], all: [], some: [], keyed: [] };
	const { helper, hello } = await Helper.start<{ port: number }>('socketProvider.mjs');
	const address = `127.0.0.1:${hello.port}`;
	const credential: Credential = await api.createCredential('voxfreeApi', {
		login: 'bench@demo',
		password: 'demo-password-1',
		baseUrl: `http://${address}`,
		servicesUrl: `http://${address}`,
		socketUrl: `ws://${address}`,
	});
	const trigger = nodeOf(
		'Voxfree Trigger',
		'n8n-nodes-omnichannel.voxfreeTrigger',
		2,
		{
			events: ['newMessage'],
			fetchDetails: false,
			// Voxfree is asked for messages that may be the agent's own. Nothing may be lost.
			options: { ignoreOwnMessages: false, executionsAtOnce: AT_ONCE, queueSize: 100_000 },
		},
		credential,
	);
	const emitter = (atOnce: number, withKeys = false) =>
		nodeOf('Empty Emitter', EMPTY_EMITTER, 2, { url: `ws://${address}/told`, atOnce, withKeys });

	/** Each is alone: it is live only for its own part of a round, so that none hears of the others'. */
	const run = async (name: Name, id: string, order: 'burst' | 'told') => {
		await api.publish(id);
		const first = nextId;
		nextId += calls;
		const before = processorTime(pid);
		const figure = await executedPerSecond(api, id, calls, async () => {
			const { clients } = await helper.ask<{ clients: number }>({ [order]: calls, first });
			if (clients !== 1) throw new Error(`${clients} triggers listened, not one.`);
		});
		perProcessorSecond[name].push((calls * 1000) / (processorTime(pid) - before));
		await api.unpublish(id);
		return figure;
	};
	try {
		const workflows: Record<Name, Workflow> = {
			ours: await publish(api, 'Voxfree', [trigger, endNode]),
			all: await publish(api, 'Empty', [emitter(0), endNode]),
			some: await publish(api, 'Empty, some at once', [emitter(AT_ONCE), endNode]),
			keyed: await publish(api, 'Empty, with keys', [emitter(AT_ONCE, true), endNode]),
		};
		for (const { id } of Object.values(workflows)) await api.unpublish(id);
		const figures = await interleave(
			{
				ours: async () => await run('ours', workflows.ours.id, 'burst'),
				all: async () => await run('all', workflows.all.id, 'told'),
				some: async () => await run('some', workflows.some.id, 'told'),
				keyed: async () => await run('keyed', workflows.keyed.id, 'told'),
			},
			rounds,
			random,
		);
		for (const { id } of Object.values(workflows)) await api.deleteWorkflow(id);
		await api.deleteCredential(credential.id);
		const references: Array<[Exclude<Name, 'ours'>, string]> = [
			['all', 'empty trigger, all at once'],
			['some', `empty trigger, ${AT_ONCE} at once`],
			['keyed', `the same with deduplication keys`],
		];
		const rows = (of: Record<Name, number[]>, measure: string): Row[] =>
			references.map(([reference, referenceName]) => ({
				name: `Voxfree Trigger, a burst of ${calls} messages${measure} (${engine})`,
				unit: 'executions/s',
				ours: of.ours,
				reference: of[reference],
				referenceName,
				...(reference === 'keyed' ? {} : { target: 0.95 }),
			}));
		// The first round warms up, and `interleave` leaves it out of its own figures as well.
		const counted = Object.fromEntries(
			Object.entries(perProcessorSecond).map(([name, list]) => [name, list.slice(1)]),
		) as Record<Name, number[]>;
		return [...rows(figures, ''), ...rows(counted, ', of processor time')];
	} finally {
		await helper.stop();
	}
}
