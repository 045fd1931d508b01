import { NodeOperationError, type INode, type ITriggerFunctions, type Logger } from 'n8n-workflow';
import {
	emitOnce,
	hasDeduplicationKey,
	isSafeName,
	saveFailedExecution,
	waitFor,
} from '../../../nodes/shared/host';

type Emit = ITriggerFunctions['emit'];

const node = { id: '1', name: 'Trigger', type: 'demo', typeVersion: 1 } as INode;

describe('the deduplication key', () => {
	it('is known to a host whose emit takes it', () => {
		const today: Emit = (data, response, done, key) => void [data, response, done, key];
		const older = (data: unknown, response: unknown, done: unknown) => void [data, response, done];
		expect(hasDeduplicationKey({ emit: today })).toBe(true);
		expect(hasDeduplicationKey({ emit: older })).toBe(false);
	});

	it('is given to every host, with the end of the execution', () => {
		const calls: unknown[][] = [];
		const done = {} as Parameters<Emit>[2];
		emitOnce({ emit: (...call) => void calls.push(call) }, [{ json: { a: 1 } }], done, 'key');
		expect(calls).toEqual([[[[{ json: { a: 1 } }]], undefined, done, 'key']]);
	});
});

describe('an execution that failed before it started', () => {
	const error = new NodeOperationError(node, 'Not JSON', { description: 'It began with <' });

	it('is recorded where n8n can', () => {
		const recorded: Error[] = [];
		const logger = {} as Logger;
		saveFailedExecution(
			{ saveFailedExecution: (failure) => void recorded.push(failure), logger },
			error,
		);
		expect(recorded).toEqual([error]);
	});

	it('is one line in the log where it cannot', () => {
		const lines: string[] = [];
		const logger = { warn: (line: string) => lines.push(line) } as unknown as Logger;
		saveFailedExecution({ logger }, error);
		expect(lines).toEqual(['Not JSON It began with <']);
	});
});

it('knows which names an expression may not use', () => {
	expect(['name', 'constructor', '__proto__'].map(isSafeName)).toEqual([true, false, false]);
});

describe('a pause', () => {
	it('ends with its time', async () => {
		const started = performance.now();
		await waitFor(20, new AbortController().signal);
		await waitFor(20);
		expect(performance.now() - started).toBeGreaterThan(35);
	});

	it('ends with its signal, and leaves nothing on it', async () => {
		const stop = new AbortController();
		let listeners = 0;
		const { signal } = stop;
		const [add, remove] = [signal.addEventListener, signal.removeEventListener];
		signal.addEventListener = (...args: Parameters<typeof add>) => {
			listeners++;
			add.apply(signal, args);
		};
		signal.removeEventListener = (...args: Parameters<typeof remove>) => {
			listeners--;
			remove.apply(signal, args);
		};
		await waitFor(5, signal);
		expect(listeners).toBe(0);
		const over = waitFor(3_600_000, signal);
		stop.abort();
		await over;
		await waitFor(3_600_000, signal);
	});
});
