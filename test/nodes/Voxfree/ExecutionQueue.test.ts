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
