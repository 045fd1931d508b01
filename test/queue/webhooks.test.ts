import { randomUUID } from 'node:crypto';
import type { IDataObject, INode } from 'n8n-workflow';
import { nodeType, nodeWith, outputOf } from '../e2e/workflowParts';
import type { Credential } from '../host/N8nApi';
import { startGitple, type GitpleSimulator } from '../simulators/gitple/GitpleSimulator';
import { startOmnize, type OmnizeSimulator } from '../simulators/omnize/OmnizeSimulator';
import { ranBy, startQueue, type Queue } from './startQueue';

jest.setTimeout(600_000);

const OMNIZE_SECRET = 'demo-webhook-secret-for-tests';
const GITPLE_SECRET = 'demo-event-secret-for-tests';
const PROCESSES = 2;
const LONG = 120_000;

let queue: Queue;
let omnize: OmnizeSimulator;
let gitple: GitpleSimulator;

beforeAll(async () => {
	omnize = await startOmnize();
	gitple = await startGitple({ webhookSecret: GITPLE_SECRET });
	queue = await startQueue({ webhooks: PROCESSES });
});

afterAll(async () => {
	await queue?.stop();
	await omnize?.close();
	await gitple?.close();
});

/** Publishes this trigger; `urls` are its addresses at each of the webhook processes. */
async function publish(credential: Credential, type: string, parameters: object) {
	const trigger: INode = {
		...nodeWith(credential, 'Event', nodeType(type), 2, parameters),
		webhookId: randomUUID(),
	};
	const id = await queue.publish([
		trigger,
		nodeWith(undefined, 'Nothing', 'n8n-nodes-base.noOp', 1, {}),
	]);
	return {
		id,
		urls: queue.webhooks.map(({ url }) => `${url}/webhook/${trigger.webhookId}/webhook`),
	};
}

/**
 * What started the workflow, as soon as `isLast` has. Each ran in a worker, once, and nothing else
 * ran.
 */
async function eventsUntil(
	workflowId: string,
	isLast: (event: IDataObject) => boolean,
): Promise<IDataObject[]> {
	const end = Date.now() + LONG;
	for (let count = 1; ; count++) {
		const executions = await queue.api.waitForExecutions(workflowId, count, end - Date.now());
		count = executions.length;
		const events = executions.flatMap(({ data }) => outputOf(data, 'Event'));
		if (!events.some(isLast)) continue;
		// One that was begun before the last may end after it.
		if ((await queue.api.executions(workflowId)).count > count) continue;
		for (const { id, status } of executions) {
			expect(status).toBe('success');
			expect(ranBy(queue.workers, id)).toHaveLength(1);
		}
		return events;
	}
}

describe('Omnize', () => {
	test('an event runs in a worker, once, whichever process took it; a forged one gets 401 and runs nothing', async () => {
		const credential = await queue.api.createCredential('omnizeApi', {
			token: omnize.token,
			baseUrl: omnize.apiUrl,
			webhookSecret: OMNIZE_SECRET,
		});
		const { id, urls } = await publish(credential, 'omnizeTrigger', { verification: 'query' });
		const deliver = async (url: string, body: object) => {
			omnize.setWebhookUrl(url);
			return (await omnize.sendTrigger(body)).answer?.status;
		};
		for (const [index, url] of urls.entries()) {
			for (const query of ['', '?secret=', `?secret=${OMNIZE_SECRET.slice(0, -1)}`]) {
				expect(await deliver(`${url}${query}`, { message: 'forged', clientId: '12' })).toBe(401);
			}
			const body = { message: `Oi ${index}`, clientId: '12' };
			expect(await deliver(`${url}?secret=${OMNIZE_SECRET}`, body)).toBe(200);
		}
		const wanted = urls.map((_, index) => `Oi ${index}`);
		const events = await eventsUntil(
			id,
			({ raw }) => (raw as IDataObject).message === wanted.at(-1),
		);
		expect(events.map(({ raw }) => (raw as IDataObject).message).sort()).toEqual(wanted);
	});
});

describe('Gitple', () => {
	let workflowId: string;
	let urls: string[];
	let sessions = 0;

	beforeAll(async () => {
		const credential = await queue.api.createCredential('gitpleApi', {
			appCode: 'demo-app-code',
			secret: 'demo-open-api-secret',
			webhookSecret: GITPLE_SECRET,
			baseUrl: gitple.apiUrl,
		});
		({ id: workflowId, urls } = await publish(credential, 'gitpleTrigger', {}));
	});

	const newSession = () => `session-${++sessions}`;

	/** Delivers the opening of this session, the same bytes each time; resolves to the status. */
	async function deliver(url: string, id: string) {
		gitple.setWebhookUrl(url);
		const event = { type: 'session_state_open', session: { id, userId: 'user-1' } };
		return (await gitple.sendSigned(event)).answer?.status;
	}

	/** How often each of these sessions has run the workflow. */
	async function runs(ids: readonly string[]) {
		const last = newSession();
		expect(await deliver(urls[0]!, last)).toBe(200);
		const idOf = ({ session }: IDataObject) => (session as IDataObject).id;
		const events = await eventsUntil(workflowId, (event) => idOf(event) === last);
		return ids.map((id) => events.filter((event) => idOf(event) === id).length);
	}

	test('an event runs in a worker, once, whichever process took it; a forged one gets 401 and runs nothing', async () => {
		const before = (await queue.api.executions(workflowId)).count;
		const ids = urls.map(newSession);
		for (const [index, url] of urls.entries()) {
			expect(await deliver(url, ids[index]!)).toBe(200);
			for (const forgery of [
				'wrong-secret',
				'tampered-body',
				're-serialised',
				'no-header',
			] as const)
				expect((await gitple.sendForged(forgery)).answer?.status).toBe(401);
		}
		expect(await runs(ids)).toEqual(ids.map(() => 1));
		expect((await queue.api.executions(workflowId)).count - before).toBe(ids.length + 1);
	});

	test('an event that has been answered runs nothing when it comes again, at whichever process', async () => {
		const ids = Array.from({ length: 10 }, newSession);
		for (const [index, id] of ids.entries()) {
			const order = index % 2 === 0 ? urls : urls.toReversed();
			for (const url of [...order, ...order]) expect(await deliver(url, id)).toBe(200);
		}
		expect(await runs(ids)).toEqual(ids.map(() => 1));
	});

	test('an event that comes many times at once to both processes runs at most once by each', async () => {
		const ids = Array.from({ length: 5 }, newSession);
		for (const id of ids) {
			const copies = Array.from({ length: 10 }, () => urls).flat();
			const answers = await Promise.all(copies.map(async (url) => await deliver(url, id)));
			expect(new Set(answers)).toEqual(new Set([200]));
		}
		// Each process knows at once what it has taken itself. What another one has taken it reads
		// from the workflow's static data, which n8n saves when the execution has been started, and
		// which no two processes can lock.
		for (const count of await runs(ids)) {
			expect(count).toBeGreaterThanOrEqual(1);
			expect(count).toBeLessThanOrEqual(PROCESSES);
		}
	});

	test('events that come to both processes in the same moment run at most once by each when they come again', async () => {
		const pairs = Array.from({ length: 10 }, () => urls.map(newSession));
		for (const pair of pairs) {
			await Promise.all(pair.map(async (id, index) => await deliver(urls[index]!, id)));
			for (const [index, id] of pair.entries()) {
				expect(await deliver(urls.at(index - 1)!, id)).toBe(200);
			}
		}
		// n8n saves the static data of a workflow as a whole, so that of the process that saves last
		// stands, and what the other one took in that moment is missing in it.
		const counts = await runs(pairs.flat());
		for (const count of counts) {
			expect(count).toBeGreaterThanOrEqual(1);
			expect(count).toBeLessThanOrEqual(PROCESSES);
		}
		// With the next event that a process takes it stores what it knows.
		for (const url of [...urls, ...urls]) await deliver(url, newSession());
		for (const id of pairs.flat()) for (const url of urls) await deliver(url, id);
		expect(await runs(pairs.flat())).toEqual(counts);
	});
});
