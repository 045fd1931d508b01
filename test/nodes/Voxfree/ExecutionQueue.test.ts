import {
	ExecutionQueue,
	type ExecutionQueueOptions,
} from '../../../nodes/Voxfree/trigger/ExecutionQueue';
import { settle, VirtualTime } from '../../support/virtualTime';

interface Event {
	key: string;
	n: number;
}

function queueWith(changes: Partial<ExecutionQueueOptions<Event>> = {}) {
	const time = new VirtualTime();
	const started: Array<{ events: Event[]; end: () => void }> = [];
	const overflows: Array<{ lost: number; from: number; to: number }> = [];
	const late: Event[][] = [];
	const subject = new ExecutionQueue<Event>({
		inFlight: 3,
		queue: 10,
		limit: 60_000,
		execute: async (events) => await new Promise((end) => started.push({ events, end })),
		orderingKeyOf: ({ key }) => key,
		onOverflow: (lost, from, to) => overflows.push({ lost, from, to }),
		onLate: (events) => late.push(events),
		clock: time.clock,
		wait: time.wait,
		...changes,
	});
	const numbers = () => started.map(({ events }) => events.map(({ n }) => n));
	return { subject, time, started, overflows, late, numbers };
}

test('conversations run side by side up to the limit, each in its order', async () => {
	const { subject, started, numbers } = queueWith();
	['a', 'a', 'b', 'a', 'c', 'd'].forEach((key, n) => subject.enqueue({ key, n }));
	expect(numbers()).toEqual([[0], [2], [4]]);
	started[0]!.end();
	await settle();
	expect(numbers().slice(3)).toEqual([[5]]);
	started[1]!.end();
	await settle();
	expect(numbers().slice(4)).toEqual([[1]]);
	started[4]!.end();
	await settle();
	expect(numbers().slice(5)).toEqual([[3]]);
});

test('an execution that takes too long keeps nobody waiting any more, and that is told', async () => {
	const { subject, time, numbers, late } = queueWith();
	subject.enqueue({ key: 'a', n: 1 });
	subject.enqueue({ key: 'a', n: 2 });
	await time.advance(59_999);
	expect(numbers()).toEqual([[1]]);
	await time.advance(1);
	expect(numbers()).toEqual([[1], [2]]);
	expect(late).toEqual([[{ key: 'a', n: 1 }]]);
});

test('what finds no room is counted, and reported as soon as there is room', async () => {
	const { subject, time, started, overflows } = queueWith({ inFlight: 1, queue: 2 });
	expect([1, 2, 3].map((n) => subject.enqueue({ key: 'a', n }))).toEqual([true, true, true]);
	time.now = 100;
	expect(subject.enqueue({ key: 'a', n: 4 })).toBe(false);
	time.now = 200;
	expect(subject.enqueue({ key: 'a', n: 5 })).toBe(false);
	expect(overflows).toEqual([]);
	started[0]!.end();
	await settle();
	expect(overflows).toEqual([{ lost: 2, from: 100, to: 200 }]);
});

test('an execution that fails or throws holds up nothing', async () => {
	let calls = 0;
	const { subject } = queueWith({
		inFlight: 1,
		execute: async () => {
			calls++;
			throw new Error('no');
		},
	});
	for (let n = 0; n < 5; n++) subject.enqueue({ key: 'a', n });
	await settle();
	expect(calls).toBe(5);
});

test('events are collected until there are enough of them, or long enough', async () => {
	const { subject, time, started, numbers } = queueWith({ batch: { size: 3, within: 1_000 } });
	subject.enqueue({ key: 'a', n: 1 });
	subject.enqueue({ key: 'b', n: 2 });
	expect(numbers()).toEqual([]);
	subject.enqueue({ key: 'a', n: 3 });
	expect(numbers()).toEqual([[1, 3, 2]]);
	subject.enqueue({ key: 'a', n: 4 });
	subject.enqueue({ key: 'c', n: 5 });
	await time.advance(1_000);
	// The fourth waits for the first three of its conversation.
	expect(numbers().slice(1)).toEqual([[5]]);
	started[0]!.end();
	await settle();
	await time.advance(1_000);
	expect(numbers().slice(2)).toEqual([[4]]);
});

test('closing starts everything that waits at once, and takes nothing any more', async () => {
	const { subject, started, numbers, time } = queueWith({ inFlight: 1 });
	[1, 2, 3].forEach((n) => subject.enqueue({ key: 'a', n }));
	subject.close();
	expect(numbers()).toEqual([[1], [2], [3]]);
	expect(subject.enqueue({ key: 'a', n: 4 })).toBe(false);
	subject.close();
	for (const { end } of started) end();
	await settle();
	expect(started).toHaveLength(3);
	expect(time.armed).toBe(0);
});

test('after closing, nothing waits for executions that are under way', async () => {
	const { subject, time, late } = queueWith();
	['a', 'b'].forEach((key, n) => subject.enqueue({ key, n }));
	expect(time.armed).toBe(1);
	subject.close();
	expect(time.armed).toBe(0);
	await settle();
	expect(late).toEqual([]);
});

describe('events that are collected', () => {
	interface Arrival extends Event {
		at: number;
		joins: boolean;
	}

	function collectingQueue(changes: Partial<ExecutionQueueOptions<Arrival>> = {}) {
		const time = new VirtualTime();
		const started: Array<{ at: number; name: string; end: () => void }> = [];
		let n = 0;
		const subject = new ExecutionQueue<Arrival>({
			inFlight: 3,
			queue: 10,
			limit: 600_000,
			execute: async (events) =>
				await new Promise((end) => {
					const name = events.map((event) => `${event.key}${event.n}`).join(' ');
					started.push({ at: time.now, name, end });
				}),
			orderingKeyOf: ({ key }) => key,
			onOverflow: () => {},
			onLate: () => {},
			clock: time.clock,
			wait: time.wait,
			collecting: {
				quiet: 5_000,
				within: 12_000,
				size: 4,
				joins: ({ joins }) => joins,
				arrivedAt: ({ at }) => at,
			},
			...changes,
		});
		const add = (key: string, joins = true) =>
			subject.enqueue({ key, n: n++, at: time.now, joins });
		const names = () => started.map(({ name }) => name);
		const times = () => started.map(({ at, name }) => `${at}: ${name}`);
		return { subject, time, started, add, names, times };
	}

	test('start together once nothing has come for a while, each conversation by itself', async () => {
		const { time, add, times } = collectingQueue();
		add('a');
		await time.advance(2_000);
		add('b');
		await time.advance(2_500);
		add('a');
		await time.advance(20_000);
		expect(times()).toEqual(['7000: b1', '9500: a0 a2']);
	});

	test('do not wait longer than the first of them may', async () => {
		const { time, add, times } = collectingQueue({ inFlight: 3 });
		for (let turn = 0; turn < 3; turn++) {
			add('a');
			await time.advance(4_500);
		}
		await time.advance(20_000);
		expect(times()).toEqual(['12000: a0 a1 a2']);
	});

	test('start at once when there are enough of them, the rest waits anew', async () => {
		const { time, add, started, times } = collectingQueue();
		for (let turn = 0; turn < 5; turn++) add('a');
		expect(times()).toEqual(['0: a0 a1 a2 a3']);
		started[0]!.end();
		await time.advance(4_999);
		expect(times()).toHaveLength(1);
		await time.advance(1);
		expect(times()[1]).toBe('5000: a4');
	});

	test('start before an event that does not join them, in their order', async () => {
		const { time, add, started, names } = collectingQueue();
		add('a');
		add('a');
		add('a', false);
		add('a');
		expect(names()).toEqual(['a0 a1']);
		started[0]!.end();
		await settle();
		expect(names()).toEqual(['a0 a1', 'a2']);
		started[1]!.end();
		await time.advance(5_000);
		expect(names()).toEqual(['a0 a1', 'a2', 'a3']);
	});

	test('that came while an execution of theirs ran start when it ends, if it is quiet by then', async () => {
		const { time, add, started, times } = collectingQueue();
		add('a', false);
		add('a');
		await time.advance(1_000);
		add('a');
		await time.advance(4_000);
		started[0]!.end();
		await time.advance(20_000);
		expect(times()).toEqual(['0: a0', '6000: a1 a2']);
		add('a', false);
		add('a');
		await time.advance(9_000);
		expect(times()).toHaveLength(2);
		started[1]!.end();
		await settle();
		started[2]!.end();
		await settle();
		expect(times().slice(2)).toEqual(['34000: a3', '34000: a4']);
	});

	test('of an older conversation are not kept waiting by the look at a younger one', async () => {
		const { time, add, started, times } = collectingQueue();
		add('a', false);
		add('a');
		await time.advance(4_000);
		add('b');
		started[0]!.end();
		await time.advance(1_000);
		expect(times()).toEqual(['0: a0', '5000: a1']);
	});

	test('wait for no others when there is no room for more', async () => {
		const { add, names } = collectingQueue({ queue: 3 });
		add('a');
		add('b');
		add('a');
		expect(names()).toEqual(['a0 a2', 'b1']);
	});

	test('start at once when the queue is closed, those of one conversation together', async () => {
		const { subject, time, add, names } = collectingQueue();
		for (const key of ['a', 'b', 'a', 'a', 'b']) add(key);
		subject.close();
		expect(names()).toEqual(['a0 a2 a3', 'b1 b4']);
		await time.advance(100_000);
		expect(names()).toHaveLength(2);
		expect(time.armed).toBe(0);
	});

	test('are looked at every now and then, not each time that one of them is due', async () => {
		let looks = 0;
		const { time, add, started } = collectingQueue({
			queue: 100_000,
			inFlight: 100_000,
			collecting: {
				quiet: 5_000,
				within: 12_000,
				size: 4,
				joins: () => true,
				arrivedAt: ({ at }) => {
					looks++;
					return at;
				},
			},
		});
		for (let turn = 0; turn < 500; turn++) {
			for (let key = 0; key < 4; key++) add(`${turn}-${key}-`);
			await time.advance(2);
		}
		await time.advance(20_000);
		expect(started).toHaveLength(2_000);
		// Each is due at another time; a look at all of them for each would ask 2,000,000 times.
		expect(looks).toBeLessThan(100_000);
	});
});
