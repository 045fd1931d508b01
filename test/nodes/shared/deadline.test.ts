import { Deadline } from '../../../nodes/shared/http/deadline';
import { settle, VirtualTime } from '../../support/virtualTime';

describe('a deadline', () => {
	const LIMIT = 1_000;
	let time: VirtualTime;
	let deadline: Deadline;
	beforeEach(() => {
		time = new VirtualTime();
		deadline = new Deadline(LIMIT, time);
	});
	const never = new Promise<void>(() => undefined);

	/** What has become of some work, by the time that this is looked at. */
	function watch(work: Promise<unknown>, progress?: { at: number }): { met?: boolean } {
		const seen: { met?: boolean } = {};
		void deadline.isMet(work, progress).then((met) => (seen.met = met));
		return seen;
	}

	it('is met by work that ends, well or not', async () => {
		const [good, bad] = [watch(Promise.resolve()), watch(Promise.reject(new Error('no')))];
		await settle();
		expect([good.met, bad.met]).toEqual([true, true]);
	});

	it('is missed at its time, not before', async () => {
		const late = watch(never);
		await time.advance(LIMIT - 1);
		expect(late.met).toBeUndefined();
		await time.advance(1);
		expect(late.met).toBe(false);
	});

	it('counts for each piece of work by itself', async () => {
		const first = watch(never);
		await time.advance(600);
		const second = watch(never);
		await time.advance(400);
		expect([first.met, second.met]).toEqual([false, undefined]);
		await time.advance(600);
		expect(second.met).toBe(false);
	});

	it('goes on for what is still under way when other work has ended', async () => {
		watch(Promise.resolve());
		const late = watch(never);
		await time.advance(LIMIT);
		expect(late.met).toBe(false);
	});

	it('counts from the last progress of the work', async () => {
		const progress = { at: 0 };
		const [slow, silent] = [watch(never, progress), watch(never)];
		await time.advance(900);
		progress.at = time.now;
		await time.advance(999);
		expect([slow.met, silent.met]).toEqual([undefined, false]);
		await time.advance(1);
		expect(slow.met).toBe(false);
	});

	it('has one timer for everything that is under way, and none for nothing', async () => {
		let finish = () => {};
		const work = new Promise<void>((resolve) => (finish = resolve));
		for (let n = 0; n < 10; n++) watch(work);
		await settle();
		expect(time.armed).toBe(1);
		finish();
		await settle();
		expect(time.armed).toBe(0);
		watch(never);
		await time.advance(LIMIT);
		expect(time.armed).toBe(0);
		const again = watch(never);
		await time.advance(LIMIT);
		expect(again.met).toBe(false);
	});

	it('gives everything up when it is closed, and takes nothing on', async () => {
		const open = watch(never);
		deadline.close();
		const later = watch(Promise.reject(new Error('no')));
		await settle();
		expect([open.met, later.met]).toEqual([false, false]);
		expect(time.armed).toBe(0);
	});

	it('may lie further off than a timer can wait', async () => {
		deadline = new Deadline(2 ** 40, time);
		const patient = watch(never);
		await settle();
		expect(time.next).toBe(2 ** 31 - 1);
		await time.advance(2 ** 40 - 1);
		expect(patient.met).toBeUndefined();
		await time.advance(1);
		expect(patient.met).toBe(false);
	});
});
