import type { IExecuteFunctions, ITriggerFunctions } from 'n8n-workflow';
import {
	cancelSignalOf,
	isCancelled,
	pause,
	withCancelSignal,
} from '../../../nodes/shared/cancellation';
import { invalidInput } from '../../../nodes/shared/errors';

describe('a pause', () => {
	it('ends by itself', async () => {
		await pause(1, undefined);
		await pause(1, new AbortController().signal);
	});

	it('is over at once, with an error, when the execution is stopped', async () => {
		const stop = new AbortController();
		const over = pause(60_000, stop.signal).catch((error: unknown) => error);
		stop.abort();
		expect(isCancelled(await over)).toBe(true);
		await expect(pause(60_000, stop.signal)).rejects.toThrow('The execution was canceled');
	});
});

describe('a cancel signal', () => {
	const signal = new AbortController().signal;

	it('is that of the execution; a trigger has none', () => {
		const execution = { getExecutionCancelSignal: () => signal } as unknown as IExecuteFunctions;
		expect(cancelSignalOf(execution)).toBe(signal);
		expect(cancelSignalOf({} as unknown as IExecuteFunctions)).toBeUndefined();
	});

	it('can be given to functions, which are the same otherwise', () => {
		const trigger = { getNode: () => 'node' } as unknown as ITriggerFunctions;
		const cancellable = withCancelSignal(trigger, signal);
		expect(cancellable.getNode()).toBe('node');
		expect(cancelSignalOf(cancellable as unknown as IExecuteFunctions)).toBe(signal);
		expect(Object.keys(trigger)).toEqual(['getNode']);
	});
});

test('only a stopped execution counts as cancelled', () => {
	expect(isCancelled(invalidInput('No'))).toBe(false);
	expect(isCancelled(new Error('The execution was canceled'))).toBe(false);
});
