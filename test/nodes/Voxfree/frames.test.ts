import { EventPipeline } from '../../../nodes/Voxfree/trigger/EventPipeline';
import { partsOfFrame } from '../../../nodes/Voxfree/trigger/decode';
import type { VoxfreeEvent, VoxfreeEventName } from '../../../nodes/Voxfree/trigger/events';
import type { JsonObject } from '../../../nodes/shared/json';
import { conversationListIn } from '../../../nodes/Voxfree/api/wire/conversationList';
import { settle, VirtualTime } from '../../support/virtualTime';

const EVENTS: VoxfreeEventName[] = ['newMessage', 'queueUpdated', 'other', 'gap'];

/** A pipeline whose executions end at once, unless they are to be held. */
function pipeline({ queue = 100, holds = false, events = EVENTS } = {}) {
	const time = new VirtualTime(1_000);
	const executed: VoxfreeEvent[] = [];
	const broken: Array<{ message: string; description: string }> = [];
	const warnings: string[] = [];
	const saved: JsonObject[] = [];
	const subject = new EventPipeline(
		{
			clock: time.clock,
			now: time.clock,
			random: () => 0,
			wait: time.wait,
			log: (level, message) => void (level === 'warn' && warnings.push(message)),
			redact: (text) => text,
			signal: new AbortController().signal,
		},
		{
			agentId: '61',
			api: {
				listConversations: async () => conversationListIn([]),
				getNewMessages: async () => [],
			},
			filter: {
				events: new Set(events),
				onlyMine: false,
				contactIds: new Set(),
				channelIds: new Set(),
				departmentIds: new Set(),
				protocols: new Set(),
			},
			ignoreOwnMessages: false,
			fetchDetails: false,
			compareAfterGap: false,
			compareEvery: 0,
			inFlight: 20,
			queue,
			limit: 60_000,
			keyPrefix: 'voxfree:w:n',
			nonce: 'n1',
			startExecution: async (started) => {
				executed.push(...started);
				if (holds) await new Promise(() => {});
			},
			onBrokenFrame: (message, description) => broken.push({ message, description }),
			onStaleConnection: () => {},
			trusted: () => undefined,
			completeUntil: () => undefined,
			withoutKeys: false,
			saveCheckpoint: (state) => saved.push(structuredClone(state)),
		},
	);
	const say = async (frame: unknown, connection = 1) => {
		subject.onFrame(typeof frame === 'string' ? frame : JSON.stringify(frame), connection);
		await settle();
	};
	const ids = () => executed.map(({ messageId }) => messageId);
	return { subject, time, executed, broken, warnings, saved, say, ids };
}

const message = (id: number | string, more: object = {}) => ({
	id_msg: id,
	tipo_update: 'new_message',
	protocolo_atual: '20231130303159',
	...more,
});
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('what a frame holds', () => {
	const one = message(1);
	const text = JSON.stringify;
	it.each<[string, unknown, number]>([
		['one event', one, 1],
		['a list of events', [one, message(2)], 2],
		['a list in a list', [[one], [message(2), message(3)]], 3],
		['JSON within a text', text(one), 1],
		['JSON within a text within a text', text(text(one)), 1],
		['a list within a text', text([one, message(2)]), 2],
		['a list of texts', [text(one), text(message(2))], 2],
		['a list of texts within a text', text([text(one), text(message(2))]), 2],
		['a list of both', [one, text([message(2)]), message(3)], 3],
		['an empty list', [], 0],
		['an empty list within a text', '[]', 0],
	])('%s: %#', async (_what, value, count) => {
		const { say, ids, broken, warnings } = pipeline();
		await say(text(value));
		expect(ids()).toEqual(Array.from({ length: count }, (_, index) => String(index + 1)));
		expect([broken, warnings]).toEqual([[], []]);
	});

	it.each([['hello'], ['[info] connected'], ['{name}'], ['"quoted" words'], [5], [null], [true]])(
		'%j is no wrapping',
		(value) => expect([...partsOfFrame(JSON.stringify(value))]).toEqual([{ raw: value }]),
	);

	it('is unwrapped a few times only', () => {
		let wrapped: unknown = one;
		for (let times = 0; times < 4; times++) wrapped = text(wrapped);
		expect([...partsOfFrame(text(wrapped))]).toEqual([{ raw: one }]);
		expect([...partsOfFrame(text(text(wrapped)))]).toEqual([{ raw: text(one) }]);
		expect([...partsOfFrame(nested(400))]).toHaveLength(1);
	});
});

test('events of a list are executed in their order, each once, also if they come again alone', async () => {
	const { say, ids } = pipeline();
	await say([message(3), message(1), message(3), message(2)]);
	await say(message(1));
	await say([JSON.stringify(message(2)), message(4)], 2);
	expect(ids()).toEqual(['3', '1', '2', '4']);
});

test.each([
	['a number and a text', message(5), message('5')],
	['with space around it', message('5'), message(' 5 ')],
	['fields in another order', message(5, { x: 1 }), { x: 1, ...message(5) }],
	[
		'all ids as text',
		message(5, { codid_contato: 342284 }),
		message('5', { codid_contato: '342284' }),
	],
])('an id that is written in two ways is one message: %s', async (_how, first, second) => {
	const { say, ids } = pipeline();
	await say(first);
	await say(second);
	await say([second, first]);
	expect(ids()).toEqual(['5']);
});

test('an event without an id that two connections write in two ways is one', async () => {
	const { say, executed } = pipeline();
	await say({ tipo_update: 'update_espera', codid_departamento: 7 }, 1);
	await say({ codid_departamento: '7', tipo_update: 'update_espera' }, 2);
	expect(executed).toHaveLength(1);
});

test('what is broken in a list is reported, and what stands beside it is executed', async () => {
	const { say, ids, broken, executed } = pipeline();
	await say([message(1), '{"id_msg":2,"tipo_up', null, JSON.stringify(message(3)), 7, message(4)]);
	expect(ids().filter((id) => id !== undefined)).toEqual(['1', '3', '4']);
	expect(executed.flatMap(({ event, raw }) => (event === 'other' ? [raw] : []))).toEqual([null, 7]);
	expect(broken).toEqual([
		{
			message: 'Voxfree sent something that is not JSON',
			description:
				'20 characters: {"id_msg":2,"tipo_up. The connection stays open; other events are not affected.',
		},
	]);
});

test('a frame that is nested too deep is refused in words of its own', async () => {
	const { say, broken, executed, ids } = pipeline();
	await say(nested(600));
	await say([message(1), nested(600), message(2)]);
	expect(broken.map(({ message: words }) => words)).toEqual([
		'Voxfree sent JSON that is nested too deep for n8n to store',
		'Voxfree sent JSON that is nested too deep for n8n to store',
	]);
	expect(executed).toHaveLength(2);
	// As lists, not as texts, with what else a list may hold.
	const deep = `${'{"a":'.repeat(600)}1${'}'.repeat(600)}`;
	const [one, two] = [message(3, { nome: 'a,]}"\\' }), message(4)].map((it) => JSON.stringify(it));
	await say(`[ ${one} , ${deep}, ${two},[]]`);
	expect(ids()).toEqual(['1', '2', '3', '4']);
	expect(broken).toHaveLength(3);
});

test('of a list that is longer than the queue, the rest is counted and told of as one gap', async () => {
	const { say, executed, time } = pipeline({ queue: 50, holds: true });
	await say(Array.from({ length: 20_000 }, (_, index) => message(index + 1)));
	// One runs, as all are of one conversation, and fifty wait.
	expect(executed).toHaveLength(1);
	await time.advance(120_000);
	const gaps = executed.flatMap(({ gap }) => gap ?? []);
	expect(gaps.map(({ lost }) => lost)).toEqual([20_000 - 51]);
});

test('the checkpoint of a list holds what was handled, and nothing of what waits', async () => {
	const { say, saved, time } = pipeline({ holds: true });
	await say([message(1), message(2), message(3)]);
	await say({ tipo_update: 'update_espera' });
	await time.advance(5_000);
	await say({ tipo_update: 'update_espera', again: 1 });
	expect(JSON.stringify(saved)).not.toMatch(/"[123]"/);
});

test('what is no event of the document is logged once a minute, by its keys', async () => {
	const { say, warnings, executed, time } = pipeline({ events: ['newMessage'] });
	for (let n = 0; n < 5; n++) await say({ tipo_update: 'presenca', nome: `Ana ${n}`, n });
	await say([{ novo: { telefone: '+5519999999999' } }]);
	expect(warnings).toEqual([
		expect.stringMatching(/^Voxfree sent .*'Other': an object with the keys n, nome, tipo_update$/),
		expect.stringMatching(/an object with the keys novo, novo\.telefone$/),
	]);
	await time.advance(60_000);
	await say({ tipo_update: 'presenca', nome: 'Bia', n: 9 });
	expect(warnings.slice(2)).toEqual([
		"More events of Voxfree counted as 'Other' since the last line: 4",
		expect.stringMatching(/n, nome, tipo_update$/),
	]);
	expect(warnings.join()).not.toMatch(/Ana|Bia|presenca|5519/);
	expect(executed).toEqual([]);
});
