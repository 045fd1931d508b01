import fc from 'fast-check';
import { MOVING, Real, type Place, type Setup } from './listeningWorld';
import { settle } from '../../support/virtualTime';

/** What the model knows for certain, whatever order things happen in. */
interface Model {
	isClosed: boolean;
}

type Command = fc.AsyncCommand<Model, Real>;

function command(
	name: string,
	act: (real: Real, model: Model) => Promise<void> | void,
	check: (model: Model) => boolean = (model) => !model.isClosed,
): Command {
	return {
		check,
		run: async (model, real) => {
			await act(real, model);
			await settle();
			real.check();
		},
		toString: () => name,
	};
}

const places: Place[] = ['active', 'waiting', 'gone'];

/** Everything that can happen to a listening trigger. */
const commands = fc.commands(
	[
		fc
			.tuple(fc.nat(5), fc.boolean(), fc.integer({ min: 1, max: 2 }))
			.map(([conversation, isHeard, copies]) =>
				command(`write(${conversation}, ${isHeard}, ${copies})`, (real) =>
					real.write(conversation, isHeard, copies),
				),
			),
		fc
			.tuple(fc.nat(1), fc.boolean())
			.map(([conversation, isHeard]) =>
				command(`writeOwn(${conversation}, ${isHeard})`, (real) =>
					real.write(conversation, isHeard, 1, true),
				),
			),
		fc
			.tuple(fc.constantFrom(...MOVING), fc.constantFrom(...places), fc.boolean())
			.map(([conversation, place, isHeard]) =>
				command(`move(${conversation}, ${place}, ${isHeard})`, (real) =>
					real.move(conversation, place, isHeard),
				),
			),
		fc.constant(command('updateQueue', (real) => real.updateQueue())),
		// As long as frames may take by what the listener assumes.
		fc.constantFrom(0, 300, 3_000, 9_900).map((ms) =>
			command(`delay(${ms})`, (real) => {
				real.delay = ms;
			}),
		),
		fc
			.constantFrom(10, 900, 2_500, 9_000, 70_000, 125_000)
			.map((ms) => command(`advance(${ms})`, async (real) => await real.time.advance(ms))),
		fc.nat(3).map((which) => command(`finish(${which})`, (real) => real.finish(which))),
		fc
			.tuple(fc.nat(1), fc.constantFrom(1000, 1001, 1005, 1006, 1012))
			.map(([which, code]) =>
				command(`end(${which}, ${code})`, (real) => real.open[which % 2]?.end(code)),
			),
		fc.constantFrom('open' as const, 'refuse' as const, 'hang' as const).map((behaviour) =>
			command(`provider(${behaviour})`, (real) => {
				real.behaviour = behaviour;
			}),
		),
		fc.boolean().map((isReadable) =>
			command(`lists(${isReadable})`, (real) => {
				real.isReadable = isReadable;
			}),
		),
		fc.integer({ min: 1, max: 2 }).map((refusals) =>
			command(`n8nRefuses(${refusals})`, (real) => {
				real.n8n.refusals = refusals;
			}),
		),
		fc.constant(command('replace', (real) => real.socket.replace('for the model'))),
		fc
			.tuple(
				fc.constantFrom('stop' as const, 'kill' as const),
				fc.constantFrom(0, 5_000, 90_000),
				fc.nat(2),
			)
			.map(([how, downtime, written]) =>
				command(
					`restart(${how}, ${downtime}, ${written})`,
					async (real) => await real.restart(how, downtime, written),
				),
			),
		fc.constant(
			command('close', async (real, model) => {
				await real.close();
				model.isClosed = true;
			}),
		),
	],
	{ maxCommands: 25 },
);

/** How events start executions together, if they do. */
const together = fc.constantFrom<Partial<Setup>>(
	{},
	{},
	{ batch: { size: 3, within: 1_000 } },
	{ collect: { quiet: 2_000, within: 8_000, size: 3 } },
);

const setups: fc.Arbitrary<Partial<Setup>> = fc
	.record({
		fetchDetails: fc.boolean(),
		ignoreOwnMessages: fc.boolean(),
		together,
		namesLast: fc.boolean(),
		prepares: fc.boolean(),
		withoutKeys: fc.boolean(),
	})
	.map(({ together: some, withoutKeys, ...rest }) => ({
		...rest,
		...some,
		withoutKeys: withoutKeys || some.collect !== undefined,
	}));

interface CalmDownOptions {
	/** Lets the provider answer what it has been asked, where it does not of itself. */
	answer?: () => Promise<void>;
	/**
	 * Moves conversations once more, unheard: whatever is believed of where they are, the lists must
	 * tell of it.
	 */
	withMoves?: boolean;
}

/** Whatever has happened, in the end everything has been executed once: all that is left is calm. */
export async function calmDown(
	real: Real,
	model: Model,
	{ answer = async () => {}, withMoves = false }: CalmDownOptions = {},
): Promise<void> {
	if (model.isClosed) {
		await real.time.advance(600_000);
		real.check();
		return;
	}
	const pass = async (rounds: number) => {
		for (let round = 0; round < rounds; round++) {
			while (real.n8n.running.length > 0) real.finish(0);
			for (let step = 0; step < 4; step++) {
				await real.time.advance(5_000);
				await answer();
			}
			real.check();
		}
	};
	real.behaviour = 'open';
	real.isReadable = true;
	// Without keys, what it refuses is lost and told as lost.
	if (real.n8n.isForgetful) real.n8n.refusals = 0;
	await pass(60);
	for (const place of withMoves ? (['waiting', 'active'] as const) : []) {
		const moved = MOVING.filter((conversation) => real.places[conversation] !== place);
		for (const conversation of moved) real.move(conversation, place, false);
		await pass(20);
		for (const conversation of moved) {
			const told = real.placeToldOf(conversation);
			if (told !== place) throw new Error(`conversation ${conversation} is ${place}, not ${told}`);
		}
	}
	const { lost, unreported } = real;
	if (lost.length > 0) throw new Error(`lost: ${lost.join(', ')}`);
	if (unreported.length > 0) {
		throw new Error(`unreported: ${unreported.join(', ')} of ${JSON.stringify(real.changes)}`);
	}
	if (real.open.every(({ isLetGo }) => isLetGo)) throw new Error('not open in the end');
	await real.close();
	await settle();
	if (real.time.armed > 0) throw new Error('something still waits');
}

/** One property: after any commands, in any order of what they set off. */
export const listeningProperty = fc.asyncProperty(setups, commands, async (setup, steps) => {
	const model = { isClosed: false };
	const real = new Real(undefined, setup);
	await fc.asyncModelRun(() => ({ model, real }), steps);
	await calmDown(real, model, { withMoves: true });
});

/** The same with the answers of the provider in any order. */
export const scheduledProperty = fc.asyncProperty(
	fc.scheduler(),
	setups,
	commands,
	async (scheduler, setup, steps) => {
		const model = { isClosed: false };
		const real = new Real(scheduler, setup);
		await fc.scheduledModelRun(scheduler, () => ({ model, real }), steps);
		// From now on the provider answers what it is asked, in any order.
		const answer = async () => {
			while (scheduler.count() > 0) {
				await scheduler.waitOne();
				await settle();
			}
		};
		await calmDown(real, model, { answer, withMoves: true });
	},
);
