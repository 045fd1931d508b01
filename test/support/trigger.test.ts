import { closeTriggers, pollNode, startTrigger } from './index';
import { ToyPollTrigger, ToyStreamTrigger } from './toyNodes';
import type { IDataObject, IRun } from 'n8n-workflow';

describe('pollNode', () => {
	it('keeps static data between ticks and shows the node the time of the test', async () => {
		const poll = pollNode({ node: ToyPollTrigger });
		expect(await poll.tick('2026-03-01T10:00:00Z')).toBeNull();
		expect(await poll.tick('2026-03-01T10:03:00Z')).toEqual([[{ json: { minutes: 3 } }]]);
		expect(poll.staticData).toEqual({ last: Date.parse('2026-03-01T10:03:00Z') });
		expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(5_000);
	});

	it('goes on from static data of an earlier run', async () => {
		const staticData: IDataObject = { last: Date.parse('2026-03-01T10:00:00Z') };
		const poll = pollNode({ node: ToyPollTrigger, staticData });
		expect(await poll.tick('2026-03-01T10:01:00Z')).toEqual([[{ json: { minutes: 1 } }]]);
	});
});

describe('startTrigger', () => {
	afterEach(closeTriggers);
	beforeEach(() => {
		ToyStreamTrigger.closed = 0;
	});

	it('collects what the trigger emits, with its key', async () => {
		const trigger = await startTrigger({ node: ToyStreamTrigger });
		await ToyStreamTrigger.hear('hello');
		expect((await trigger.emission(1)).json).toEqual({ message: 'hello' });
		expect(trigger.emissions[0]?.deduplicationKey).toBe('toy:hello');
		expect(trigger.errors).toEqual([]);
	});

	it('collects fatal errors and failed executions apart', async () => {
		const trigger = await startTrigger({ node: ToyStreamTrigger });
		await ToyStreamTrigger.hear('fatal');
		await ToyStreamTrigger.hear('malformed');
		expect(trigger.errors.map(({ message }) => message)).toEqual(['fatal']);
		expect(trigger.failedExecutions).toHaveLength(1);
	});

	it('lets the test decide when an execution ends', async () => {
		const trigger = await startTrigger({ node: ToyStreamTrigger, executionsEnd: 'onDemand' });
		let ended = false;
		const first = ToyStreamTrigger.hear('a').then((run) => {
			ended = true;
			return run;
		});
		const second = ToyStreamTrigger.hear('b');
		await Promise.resolve();
		expect(ended).toBe(false);
		(await trigger.emission(1)).finish({ status: 'success' } as IRun);
		expect(await first).toEqual({ status: 'success' });
		(await trigger.emission(2)).fail(new Error('Could not start'));
		await expect(second).rejects.toThrow('Could not start');
	});

	it('closes on demand and after the test', async () => {
		const trigger = await startTrigger({ node: ToyStreamTrigger });
		await startTrigger({ node: ToyStreamTrigger });
		await trigger.close();
		expect(ToyStreamTrigger.closed).toBe(1);
		await closeTriggers();
		expect(ToyStreamTrigger.closed).toBe(2);
	});

	it('takes only the first event while it listens for a test event', async () => {
		const trigger = await startTrigger({ node: ToyStreamTrigger, mode: 'manual' });
		void ToyStreamTrigger.hear('first');
		void ToyStreamTrigger.hear('second');
		expect((await trigger.emission(1)).json).toEqual({ message: 'first' });
		expect(trigger.emissions).toHaveLength(1);
	});
});
