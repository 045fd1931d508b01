import type { IWebhookFunctions } from 'n8n-workflow';
import { checkAgainstSecrets } from '../../../nodes/shared/webhook/currentSecrets';
import { waitFor } from '../../support/waitFor';

let nodes = 0;

/** A trigger whose credential is read as slowly as the test wants. */
function trigger(secret: string) {
	const id = `node-${++nodes}`;
	const pending: Array<() => void> = [];
	const state = { secret, reads: 0, failure: undefined as Error | undefined };
	const functions = {
		getNode: () => ({ id, name: 'Trigger', credentials: { demoApi: { id: 'c' } } }),
		getWorkflow: () => ({ id: 'w' }),
		getCredentials: async () => {
			state.reads++;
			const webhookSecret = state.secret;
			await new Promise<void>((resolve) => pending.push(resolve));
			if (state.failure !== undefined) throw state.failure;
			return { webhookSecret };
		},
	} as unknown as IWebhookFunctions;
	const call = async (given: string) =>
		(await checkAgainstSecrets(functions, 'demoApi', ['webhookSecret'], ([known]) =>
			known === given ? undefined : 'wrong',
		)) ?? 'right';
	const release = async () => {
		await waitFor('a reading', () => pending.length > 0);
		for (const resolve of pending.splice(0)) resolve();
	};
	return { state, call, release };
}

/** One call after the other, each with its reading. */
async function alone({ call, release }: ReturnType<typeof trigger>, given: string) {
	const answer = call(given);
	await release();
	return await answer;
}

/** Calls that share one reading, which is kept then. */
async function together({ call, release }: ReturnType<typeof trigger>, given: string[]) {
	const answers = given.map(async (one) => await call(one));
	await release();
	return await Promise.all(answers);
}

test('requests one after another each read the credential', async () => {
	const one = trigger('old');
	for (const given of ['old', 'old', 'wrong']) await alone(one, given);
	expect(one.state.reads).toBe(3);
});

test('a secret that was changed holds at once, and the old one ends at once', async () => {
	const one = trigger('old');
	expect(await alone(one, 'old')).toBe('right');
	one.state.secret = 'new';
	expect(await alone(one, 'old')).toBe('wrong');
	expect(await alone(one, 'new')).toBe('right');
});

test('requests that overlap read it once, and so do those within the next second', async () => {
	const one = trigger('old');
	const given = Array.from({ length: 20 }, () => 'old');
	expect(await together(one, given)).toEqual(given.map(() => 'right'));
	expect(await Promise.all(given.map(one.call))).toEqual(given.map(() => 'right'));
	expect(one.state.reads).toBe(1);
});

test('after that second it is read again', async () => {
	const one = trigger('old');
	await together(one, ['old', 'old']);
	await new Promise((resolve) => setTimeout(resolve, 1_050));
	one.state.secret = 'new';
	expect(await alone(one, 'old')).toBe('wrong');
	expect(one.state.reads).toBe(2);
});

test('under load, too, a new secret holds at once', async () => {
	const one = trigger('old');
	await together(one, ['old', 'old']);
	one.state.secret = 'new';
	expect(await alone(one, 'new')).toBe('right');
	expect(await alone(one, 'old')).toBe('wrong');
});

test('forged requests that overlap share their reading, whatever is kept', async () => {
	const one = trigger('old');
	await together(one, ['old', 'old']);
	const forged = Array.from({ length: 50 }, (_, n) => `forged-${n}`);
	expect(await together(one, forged)).toEqual(forged.map(() => 'wrong'));
	expect(one.state.reads).toBe(2);
	expect(await one.call('old')).toBe('right');
});

test('a reading that fails is kept for nobody', async () => {
	const one = trigger('old');
	one.state.failure = new Error('no database');
	const answers = Promise.allSettled([one.call('old'), one.call('old')]);
	await one.release();
	expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
	one.state.failure = undefined;
	expect(await alone(one, 'old')).toBe('right');
});

test('two triggers share nothing', async () => {
	const one = trigger('old');
	const other = trigger('other');
	await together(one, ['old', 'old']);
	expect(await alone(other, 'old')).toBe('wrong');
});
