import type { Credential } from '../host/N8nApi';
import { executedPerSecond, type CallBench } from './calls';
import { EMPTY_EMITTER } from './emptyTrigger';
import { interleave, type Row } from './rounds';
import { Helper } from './startProvider';
import { endNode, nodeOf, publish } from './workflows';

/** The node's own default under Options → Executions at Once. */
const AT_ONCE = 20;

let nextId = 17_000_000;

/**
 * The Voxfree Trigger under a burst of messages against triggers that emit as many items of the same
 * shape and do nothing else. What Voxfree would be asked for is left out: the empty ones ask nobody.
 */
export async function socketEvents(bench: CallBench): Promise<Row[]> {
	const { api, engine, calls, rounds, random } = bench;
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
	const emitter = (atOnce: number) =>
		nodeOf('Empty Emitter', EMPTY_EMITTER, 2, { url: `ws://${address}/told`, atOnce });

	/** Each is alone: it is live only for its own part of a round, so that none hears of the others'. */
	const run = async (id: string, order: 'burst' | 'told') => {
		await api.publish(id);
		const first = nextId;
		nextId += calls;
		const figure = await executedPerSecond(api, id, calls, async () => {
			const { clients } = await helper.ask<{ clients: number }>({ [order]: calls, first });
			if (clients !== 1) throw new Error(`${clients} triggers listened, not one.`);
		});
		await api.unpublish(id);
		return figure;
	};
	try {
		const [ours, all, some] = [
			await publish(api, 'Voxfree', [trigger, endNode]),
			await publish(api, 'Empty', [emitter(0), endNode]),
			await publish(api, `Empty, ${AT_ONCE} at once`, [emitter(AT_ONCE), endNode]),
		];
		for (const { id } of [ours, all, some]) await api.unpublish(id);
		const figures = await interleave(
			{
				ours: async () => await run(ours.id, 'burst'),
				all: async () => await run(all.id, 'told'),
				some: async () => await run(some.id, 'told'),
			},
			rounds,
			random,
		);
		for (const { id } of [ours, all, some]) await api.deleteWorkflow(id);
		await api.deleteCredential(credential.id);
		const row = {
			name: `Voxfree Trigger, a burst of ${calls} messages (${engine})`,
			unit: 'executions/s',
			ours: figures.ours,
			target: 0.95,
		};
		return [
			{ ...row, reference: figures.all, referenceName: 'emit of an empty trigger, all at once' },
			{
				...row,
				reference: figures.some,
				referenceName: `emit of an empty trigger, ${AT_ONCE} at once`,
			},
		];
	} finally {
		await helper.stop();
	}
}
