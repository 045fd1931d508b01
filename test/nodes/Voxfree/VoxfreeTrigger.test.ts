import { Socket } from 'node:net';
import { WebSocket as NodeWebSocket } from 'undici';
import { VoxfreeApi } from '../../../credentials/VoxfreeApi.credentials';
import { VoxfreeTrigger } from '../../../nodes/Voxfree/VoxfreeTrigger.node';
import type { Garbage } from '../../simulators/voxfree/eventSocket';
import { startVoxfree, type VoxfreeSimulator } from '../../simulators/voxfree/VoxfreeSimulator';
import {
	closeTriggers,
	startTrigger,
	waitFor,
	type RunningTrigger,
	type TriggerOptions,
} from '../../support';
import type { IDataObject } from 'n8n-workflow';

const AGENT = '61';
const PASSWORD = 'demo-password-1';

let voxfree: VoxfreeSimulator;
const {
	WebSocket: ownWebSocket,
	setTimeout: ownSetTimeout,
	clearTimeout: ownClearTimeout,
} = globalThis;

beforeAll(() => {
	globalThis.WebSocket = NodeWebSocket as unknown as typeof globalThis.WebSocket;
});
afterAll(() => {
	globalThis.WebSocket = ownWebSocket;
});
beforeEach(async () => {
	voxfree = await startVoxfree();
});
afterEach(async () => {
	await closeTriggers();
	await voxfree.close();
	jest.restoreAllMocks();
});

const ALL = [
	'finished',
	'gap',
	'newMessage',
	'other',
	'queuedForAgent',
	'queueUpdated',
	'routedToAgent',
	'routedToDepartment',
	'routedToPortfolioAgent',
];

const setup = (
	parameters: object = {},
	{ credential = {}, ...changes }: Partial<TriggerOptions> & { credential?: object } = {},
): TriggerOptions => ({
	node: VoxfreeTrigger,
	credentialTypes: [VoxfreeApi],
	credentials: {
		voxfreeApi: {
			login: 'ana.souza@demo',
			password: PASSWORD,
			baseUrl: `${voxfree.applicationUrl}/mobile`,
			servicesUrl: `${voxfree.servicesUrl}/mobile`,
			socketUrl: voxfree.socketUrl,
			...credential,
		},
	},
	parameters: { events: ALL, fetchDetails: false, ...parameters } as TriggerOptions['parameters'],
	...changes,
});

/** Starts the trigger and waits until the provider has heard its registration and the lists were read. */
async function listening(...args: Parameters<typeof setup>) {
	const trigger = await startTrigger(setup(...args));
	await waitFor('the registration', () => voxfree.connections({ agentId: AGENT }).length > 0);
	return trigger;
}

/** How often the lists were read: before it connects, and then for each comparison. */
const readings = () => voxfree.requests.filter(({ path }) => /Espera/.test(path)).length;

/** A contact writes on a channel of the agent, and the agent has the conversation. */
function conversation(nth = 0) {
	const { contacts, channels } = voxfree.state;
	const contact = contacts.filter(({ isGroup }) => !isGroup)[nth]!;
	const channel = channels.find(({ kind }) => kind === 'whatsapp-qr') ?? channels[0]!;
	const write = (text: string) => voxfree.customerWrites(contact.id, channel.id, text);
	const { protocol } = write('first');
	voxfree.assign(protocol, AGENT);
	return { protocol, write, contact, channel };
}

test('a message of a contact starts the workflow, with its ids as text and the frame as it came', async () => {
	const { write, protocol, contact, channel } = conversation();
	const trigger = await listening({ events: ['newMessage'] });
	const { messageId } = write('hello');
	const { json, deduplicationKey } = await trigger.emission(1);
	expect(json).toMatchObject({
		event: 'newMessage',
		messageId,
		protocol,
		contactId: contact.id,
		channelId: channel.id,
		agentId: AGENT,
		isMine: true,
		raw: { tipo_update: 'new_message' },
	});
	expect(deduplicationKey).toBe(`voxfree:workflow-1:node-1:message:${protocol}:${messageId}`);
	expect(voxfree.connections()).toMatchObject([{ agentId: AGENT, registrations: 1 }]);
});

test('with details, a new message brings its content, and each only its own', async () => {
	const { write } = conversation();
	const trigger = await listening({ events: ['newMessage'], fetchDetails: true });
	write('one');
	write('two');
	const [one, two] = [await trigger.emission(1, 5_000), await trigger.emission(2, 5_000)];
	expect(one.json.message).toMatchObject({ text: 'one', fromMe: false });
	expect(two.json.message).toMatchObject({ text: 'two' });
	expect(two.json.messages).toHaveLength(1);
});

test('with details, a new message names who wrote, and the conversation stays in the queue', async () => {
	const { contacts, channels } = voxfree.state;
	const [contact, other] = contacts.filter(({ isGroup }) => !isGroup);
	const trigger = await listening({ events: ['newMessage'], fetchDetails: true });
	await waitFor('the lists', () => readings() > 0);
	const { protocol } = voxfree.customerWrites(contact!.id, channels[0]!.id, 'first');
	expect((await trigger.emission(1, 5_000)).json).toMatchObject({
		message: { text: 'first' },
		contactId: contact!.id,
		contactName: contact!.name,
		contactNumber: contact!.number,
	});
	voxfree.customerWrites(contact!.id, channels[0]!.id, 'second');
	expect((await trigger.emission(2, 5_000)).json).toMatchObject({
		message: { text: 'second' },
		contactName: contact!.name,
	});
	voxfree.customerWrites(other!.id, channels[0]!.id, 'hello');
	expect((await trigger.emission(3, 5_000)).json).toMatchObject({ contactName: other!.name });
	expect(voxfree.requests.filter(({ path }) => /buscaChat/.test(path))).toEqual([]);
	const queued = voxfree.state.conversations.find((entry) => entry.protocol === protocol);
	expect(queued?.agentId).toBeNull();
});

test('with details, routing brings the conversation and the lists', async () => {
	const { protocol } = conversation();
	const trigger = await listening({ events: ['routedToAgent'], fetchDetails: true });
	voxfree.assign(protocol, AGENT);
	const { json } = await trigger.emission(1, 5_000);
	expect(json).toMatchObject({
		conversation: { protocol },
		activeConversations: [{ protocol }],
		waitingConversations: [],
	});
});

test('an event whose details cannot be fetched comes without them, and says why', async () => {
	const { write } = conversation();
	const trigger = await listening({ events: ['newMessage'], fetchDetails: true });
	await waitFor('the lists', () => voxfree.requests.some(({ path }) => /Espera/.test(path)));
	voxfree.failNext('status-500', 10);
	write('hello');
	const { json } = await trigger.emission(1, 15_000);
	expect(json.message).toBeUndefined();
	expect(json.detailsError).toContain('Voxfree');
	expect(json.raw).toBeDefined();
}, 20_000);

test('messages of the agent are left out unless they are wanted', async () => {
	voxfree.configure({ ownMessagesTold: true });
	const { protocol, write } = conversation();
	const trigger = await listening({ events: ['newMessage'] });
	voxfree.agentWrites(protocol, 'my own');
	const { messageId } = write('of the contact');
	const { json } = await trigger.emission(1, 5_000);
	expect(json.messageId).toBe(messageId);
});

test('each of the events of the document arrives, and what it does not know is other', async () => {
	const { protocol, write } = conversation();
	const trigger = await listening();
	write('hello');
	voxfree.queueIn(protocol, voxfree.state.departments[0]!.id);
	voxfree.queueFor(protocol, AGENT);
	voxfree.assign(protocol, AGENT);
	voxfree.sendEvent({
		tipo_update: 'direcionamento_fidelizado_agente',
		protocolo_atual: protocol,
		agente_responsavel: AGENT,
	});
	voxfree.refreshQueue();
	voxfree.finish(protocol);
	voxfree.sendEvent({ tipo_update: 'presenca' });
	await waitFor('eight events', () => trigger.emissions.length >= 8, 5_000);
	expect(new Set(trigger.emissions.map(({ json }) => json.event))).toEqual(
		new Set(ALL.filter((event) => event !== 'gap')),
	);
	// In its order within the conversation.
	expect(
		trigger.emissions.filter(({ json }) => json.protocol).map(({ json }) => json.event),
	).toEqual([
		'newMessage',
		'routedToDepartment',
		'queuedForAgent',
		'routedToAgent',
		'routedToPortfolioAgent',
		'finished',
	]);
});

test.each<[Garbage, boolean]>([
	['text', true],
	['html', true],
	['truncated', true],
	['two-in-one', true],
	['empty', true],
	['binary', true],
	['invalid-utf8', false],
	['deep', false],
	['null', false],
	['number', false],
	['list', false],
	['no-fields', false],
	['prototype', false],
])(
	'the frame "%s" harms nothing; recorded as a failed execution: %s',
	async (kind, isBroken) => {
		const { write } = conversation();
		const trigger = await listening({ events: ['newMessage'] });
		voxfree.socket.garble(kind);
		const { messageId } = write('after it');
		expect((await trigger.emission(1, 15_000)).json.messageId).toBe(messageId);
		if (isBroken) {
			expect(trigger.failedExecutions).toHaveLength(1);
			expect(trigger.failedExecutions[0]!.message).toBe('Voxfree sent something that is not JSON');
		}
		expect(trigger.errors).toEqual([]);
		// A WebSocket ends a connection on which text is not UTF-8; then there is another.
		await waitFor('one connection', () => voxfree.connections().length === 1, 15_000);
		expect(Object.keys(Object.prototype)).toEqual([]);
	},
	35_000,
);

test('an event that comes in a list, or as JSON within a text, is one event', async () => {
	const { write } = conversation();
	const trigger = await listening({ events: ['newMessage'] });
	const written = (['list', 'text', 'event'] as const).map((frameForm) => {
		voxfree.configure({ frameForm });
		return write(frameForm).messageId;
	});
	await trigger.emission(3);
	expect(trigger.emissions.map(({ json }) => json.messageId)).toEqual(written);
	expect(trigger.failedExecutions).toEqual([]);
});

test('the same frame twice is one event; what has no id is as many as came', async () => {
	const { write } = conversation();
	const trigger = await listening({ events: ['newMessage', 'queueUpdated'] });
	voxfree.socket.duplicateNext();
	write('twice on the wire');
	voxfree.refreshQueue();
	voxfree.refreshQueue();
	await waitFor('three', () => trigger.emissions.length >= 3);
	expect(trigger.emissions.map(({ json }) => json.event).sort()).toEqual([
		'newMessage',
		'queueUpdated',
		'queueUpdated',
	]);
	const keys = trigger.emissions.map(({ deduplicationKey }) => deduplicationKey);
	expect(new Set(keys).size).toBe(3);
});

test('what was missed while the connection was down is recovered, and the gap is told', async () => {
	const { write, protocol } = conversation();
	const trigger = await listening();
	await waitFor('the lists', () => voxfree.requests.some(({ path }) => /Espera/.test(path)));
	write('before');
	await trigger.emission(1);
	voxfree.socket.drop();
	await waitFor('the cut', () => voxfree.connections().length === 0);
	const { messageId } = write('meanwhile');
	await waitFor('three executions', () => trigger.emissions.length >= 3, 25_000);
	const recovered = trigger.emissions.find(({ json }) => json.recovered);
	const gap = trigger.emissions.find(({ json }) => json.event === 'gap');
	expect(recovered!.json).toMatchObject({
		event: 'newMessage',
		recovered: true,
		messageId,
		protocol,
		message: { text: 'meanwhile' },
	});
	expect(gap!.json).toMatchObject({ event: 'gap', gap: { recovered: 1, compared: true } });
}, 30_000);

test('a connection that tells nothing any more is found out by the lists, and replaced', async () => {
	const { write } = conversation();
	const trigger = await listening({ options: { compareEvery: 1 } });
	await waitFor('the first comparison', () => readings() >= 2);
	write('before');
	await trigger.emission(1);
	const [deaf] = voxfree.connections();
	voxfree.socket.stall();
	const { messageId } = write('unheard');
	await waitFor('two more executions', () => trigger.emissions.length >= 3, 15_000);
	const [first, second] = trigger.emissions.slice(1).sort((a) => (a.json.event === 'gap' ? 1 : -1));
	expect(first!.json).toMatchObject({ recovered: true, messageId });
	expect(second!.json).toMatchObject({
		event: 'gap',
		gap: { reason: 'the lists show events that the socket did not deliver' },
	});
	const others = () => voxfree.connections({ agentId: AGENT }).filter(({ id }) => id !== deaf!.id);
	await waitFor('another connection that is registered', () => others().length > 0, 10_000);
	const after = write('heard');
	await waitFor(
		'the next',
		() => trigger.emissions.some(({ json }) => json.messageId === after.messageId),
		10_000,
	);
	expect(trigger.emissions.at(-1)!.json.recovered).toBeUndefined();
}, 30_000);

test('at most so many executions run at once, and closing starts all that wait', async () => {
	const { write } = conversation();
	const trigger = await startTrigger(
		setup(
			{ events: ['newMessage'], options: { executionsAtOnce: 1, ignoreOwnMessages: false } },
			{ executionsEnd: 'onDemand' },
		),
	);
	await waitFor('the registration', () => voxfree.connections({ agentId: AGENT }).length > 0);
	const ids = ['a', 'b', 'c'].map((text) => write(text).messageId);
	const first = await trigger.emission(1);
	expect(trigger.emissions).toHaveLength(1);
	first.finish();
	await trigger.emission(2);
	await trigger.close();
	expect(trigger.emissions.map(({ json }) => json.messageId)).toEqual(ids);
});

test('events are collected into one execution', async () => {
	const { write } = conversation();
	const trigger = await listening({
		events: ['newMessage'],
		options: { batchSize: 3, batchWait: 200, ignoreOwnMessages: false },
	});
	['a', 'b', 'c', 'd'].forEach((text) => write(text));
	await trigger.emission(2, 5_000);
	expect(trigger.emissions.map(({ data }) => data[0]!.length)).toEqual([3, 1]);
});

test('messages of one conversation that come shortly after one another are one item', async () => {
	const [first, second] = [conversation(0), conversation(1)];
	const trigger = await listening({
		events: ['newMessage'],
		fetchDetails: true,
		collectMessages: 'conversation',
		collectQuiet: 1,
		options: { recover: false, compareEvery: 0 },
	});
	for (const text of ['Hi', 'where is', 'my order?']) {
		first.write(text);
		second.write(`other: ${text}`);
	}
	await trigger.emission(2, 5_000);
	const items = trigger.emissions.map(({ data }) => data[0]!);
	expect(items.map((one) => one.length)).toEqual([1, 1]);
	expect(items.map(([one]) => one!.json.text).sort()).toEqual([
		'Hi\nwhere is\nmy order?',
		'other: Hi\nother: where is\nother: my order?',
	]);
	const [one] = items[0]!;
	const messages = one!.json.messages as Array<{ messageId: string; protocol: string }>;
	expect(messages.map(({ protocol }) => protocol)).toEqual(messages.map(() => one!.json.protocol));
	expect(one!.json.messageId).toBe(messages.at(-1)!.messageId);
	// Once for each of them, not for each message.
	expect(voxfree.requests.filter(({ path }) => /buscaMensagem/.test(path))).toHaveLength(2);
});

test('what was collected starts when the trigger is stopped', async () => {
	const { write } = conversation();
	const trigger = await listening({
		events: ['newMessage'],
		collectMessages: 'conversation',
		collectQuiet: 3_600,
	});
	const ids = ['a', 'b'].map((text) => write(text).messageId);
	await waitFor('the frames', () => voxfree.connections().length > 0);
	await new Promise((resolve) => setTimeout(resolve, 200));
	expect(trigger.emissions).toEqual([]);
	await trigger.close();
	expect(trigger.emissions.map(({ json }) => json.messages)).toMatchObject([
		ids.map((messageId) => ({ messageId })),
	]);
});

test('events of all conversations are collected without a batch size, too', async () => {
	const [first, second] = [conversation(0), conversation(1)];
	const trigger = await listening({ events: ['newMessage'], collectMessages: 'all' });
	for (const { write } of [first, second, first]) write('hello');
	await trigger.emission(1, 5_000);
	expect(trigger.emissions.map(({ data }) => data[0]!.length)).toEqual([3]);
});

test('the agent is set online and offline as wished, and not by a test in the editor', async () => {
	const options = { setOnline: true, setOffline: true };
	const isOnline = () => voxfree.state.agents.find(({ id }) => id === AGENT)!.online;
	const test = await startTrigger(setup({ options }, { mode: 'manual' }));
	await waitFor('the registration', () => voxfree.connections({ agentId: AGENT }).length > 0);
	await test.close();
	expect(voxfree.requests.filter(({ path }) => /Status/.test(path))).toEqual([]);
	const trigger = await listening({ options });
	await waitFor('online', isOnline);
	await trigger.close();
	expect(isOnline()).toBe(false);
});

test('a test in the editor ends with the first event that passes the filters', async () => {
	const { write } = conversation();
	const trigger = await startTrigger(setup({ events: ['newMessage'] }, { mode: 'manual' }));
	await waitFor('the registration', () => voxfree.connections({ agentId: AGENT }).length > 0);
	voxfree.refreshQueue();
	const { messageId } = write('hello');
	const { json } = await trigger.emission(1);
	expect(json.messageId).toBe(messageId);
	await trigger.close();
	await waitFor('the end', () => voxfree.connections().length === 0);
});

test('a wrong password is said when the workflow is activated, and holds no secret', async () => {
	const wrong = setup({}, { credential: { password: 'demo-wrong-password' } });
	const error = await startTrigger(wrong).then(
		() => undefined,
		(reason: Error) => reason,
	);
	expect(error).toBeDefined();
	expect(JSON.stringify(error) + error!.message).not.toContain('demo-wrong-password');
	expect(voxfree.connections()).toEqual([]);
});

test.each(['', 'https://socket.example.test', 'socket.example.test:443'])(
	'the socket URL "%s" is refused with what to enter',
	async (socketUrl) => {
		await expect(startTrigger(setup({}, { credential: { socketUrl } }))).rejects.toThrow(
			"The 'Socket URL' of the credential is not the URL of a WebSocket",
		);
	},
);

test('a socket that cannot be opened is said when a person activates the workflow', async () => {
	voxfree.socket.refuseUpgrades({ count: 1_000 });
	await expect(startTrigger(setup())).rejects.toThrow('The Voxfree socket could not be opened');
	await waitFor('nobody', () => voxfree.connections().length === 0);
});

test('when n8n starts by itself, it goes on trying in the background', async () => {
	voxfree.socket.refuseUpgrades({ count: 1 });
	const { write } = conversation();
	const trigger = await startTrigger(setup({}, { activation: 'init' }));
	await waitFor(
		'the registration',
		() => voxfree.connections({ agentId: AGENT }).length > 0,
		15_000,
	);
	write('hello');
	await trigger.emission(1, 5_000);
	expect(trigger.errors).toEqual([]);
}, 20_000);

test('what is written while the first connection is being opened is recovered, and the connection is kept', async () => {
	const { write } = conversation();
	voxfree.socket.refuseUpgrades({ count: 1 });
	const trigger = await startTrigger(
		setup({ events: ['gap', 'newMessage'] }, { activation: 'init' }),
	);
	await waitFor('the lists', () => voxfree.requests.some(({ path }) => /Espera/.test(path)));
	await waitFor('an attempt', () => trigger.logs.some(({ message }) => /again in/.test(message)));
	const { messageId } = write('hello');
	await waitFor('two executions', () => trigger.emissions.length >= 2, 20_000);
	const [gap, message] = ['gap', 'newMessage'].map((event) =>
		trigger.emissions.find(({ json }) => json.event === event),
	);
	expect(message?.json).toMatchObject({ messageId, recovered: true });
	expect(gap?.json.gap).toMatchObject({
		reason: 'the connection was being opened',
		recovered: 1,
	});
	expect(voxfree.connections()).toMatchObject([{ id: 1, registrations: 1 }]);
}, 35_000);

test('a login that is refused while nobody is looking is told once, by emitError', async () => {
	const wrong = setup({}, { activation: 'init', credential: { password: 'demo-wrong-password' } });
	const trigger = await startTrigger(wrong);
	await waitFor('the error', () => trigger.errors.length > 0, 5_000);
	await trigger.close();
	await trigger.close();
	expect(trigger.errors).toHaveLength(1);
});

test('after a restart, what was missed meanwhile is recovered, and nothing twice', async () => {
	const staticData = {};
	const { write } = conversation();
	const before = await listening({}, { staticData });
	await waitFor('the lists', () => voxfree.requests.some(({ path }) => /Espera/.test(path)));
	const told = write('before');
	await before.emission(1);
	await before.close();
	const missed = write('while n8n was down');
	const after = await startTrigger(setup({}, { staticData, activation: 'init' }));
	await waitFor('the gap', () => after.emissions.some(({ json }) => json.event === 'gap'), 15_000);
	const ids = after.emissions.map(({ json }) => json.messageId).filter(Boolean);
	const keys = new Set(before.emissions.map(({ deduplicationKey }) => deduplicationKey));
	// What comes again has the key that n8n knows already.
	const fresh = after.emissions.filter(({ deduplicationKey }) => !keys.has(deduplicationKey));
	expect(ids).toContain(missed.messageId);
	expect(fresh.map(({ json }) => json.messageId).filter(Boolean)).toEqual([missed.messageId]);
	expect(told.messageId).not.toBe(missed.messageId);
}, 25_000);

test('on an n8n without deduplication keys, a restart repeats nothing of three contacts, and finds what came in between', async () => {
	const [first, second, third] = [0, 1, 2].map((nth) => {
		const contact = voxfree.state.contacts.filter(({ isGroup }) => !isGroup)[nth]!;
		const channel = voxfree.state.channels.find(({ kind }) => kind === 'whatsapp-qr')!;
		const write = (text: string) => voxfree.customerWrites(contact.id, channel.id, text);
		voxfree.assign(write('first').protocol, AGENT);
		return write;
	});
	const options = { withoutKeys: true, activation: 'init', executionsEnd: 'onDemand' } as const;
	const parameters = { events: ['newMessage'] };
	const before = await listening(parameters, options);
	await waitFor('the lists', () => readings() > 0);
	for (let n = 0; n < 3; n++) for (const write of [first, second, third]) write!(`message ${n}`);
	await waitFor('one of each', () => before.emissions.length >= 3);
	for (let done = 0; done < 9; done++) {
		await waitFor('the next', () => before.emissions.length > done);
		before.emissions[done]!.finish();
	}
	let { staticData } = before;
	await before.close();
	const ids = before.emissions.map(({ json }) => json.messageId);
	expect(new Set(ids).size).toBe(9);
	for (let round = 0; round < 2; round++) {
		const missed = first!('in between').messageId;
		const after = await listening(parameters, {
			...options,
			staticData: JSON.parse(JSON.stringify(staticData)) as IDataObject,
		});
		expect((await after.emission(1, 15_000)).json).toMatchObject({
			messageId: missed,
			recovered: true,
		});
		const last = second!('afterwards').messageId;
		await waitFor('what is written now', () => after.emissions.length >= 2, 15_000);
		expect(after.emissions.map(({ json }) => json.messageId)).toEqual([missed, last]);
		({ staticData } = after);
		await after.close();
		expect(after.emissions).toHaveLength(2);
	}
}, 60_000);

test('a message whose execution had not ended when n8n was killed comes again, although later ones had', async () => {
	const staticData = {};
	const killed = await listening(
		{ events: ['newMessage', 'gap'] },
		{ staticData, executionsEnd: 'onDemand' },
	);
	await waitFor('the lists', () => voxfree.requests.some(({ path }) => /Espera/.test(path)));
	const [one, other] = voxfree.state.contacts.filter(({ isGroup }) => !isGroup);
	const channel = voxfree.state.channels.find(({ kind }) => kind === 'whatsapp-qr')!;
	const write = (contact: typeof one) => {
		const written = voxfree.customerWrites(contact!.id, channel.id, 'hello');
		voxfree.assign(written.protocol, AGENT);
		return written;
	};
	const unfinished = write(one);
	const finished = write(other);
	(await killed.emission(2)).finish();
	// What is remembered is what was dealt with when this one starts.
	write(other);
	await killed.emission(3);
	const left = structuredClone(staticData);
	await killed.close();
	for (const emission of killed.emissions) emission.finish();

	const after = await startTrigger(
		setup({ events: ['newMessage', 'gap'] }, { staticData: left, activation: 'init' }),
	);
	await waitFor('the gap', () => after.emissions.some(({ json }) => json.event === 'gap'), 15_000);
	const again = after.emissions.find(({ json }) => json.messageId === unfinished.messageId);
	expect(again?.json).toMatchObject({ protocol: unfinished.protocol, recovered: true });
	const [before] = killed.emissions.filter(({ json }) => json.messageId === unfinished.messageId);
	expect(again?.deduplicationKey).toBe(before!.deduplicationKey);
	expect(finished.messageId).not.toBe(unfinished.messageId);
}, 25_000);

test('a message that no connection told is found after a kill, although later ones had been told and compared with nothing', async () => {
	const staticData = {};
	const events = { events: ['newMessage', 'gap'], options: { ignoreOwnMessages: false } };
	const { protocol, write } = conversation();
	const killed = await listening(events, { staticData });
	await waitFor('the first comparison', () => readings() >= 2);
	const first = write('told');
	await killed.emission(1);
	voxfree.socket.loseNext();
	const lost = write('lost on the way');
	const told = [write('told'), write('told as well')];
	await killed.emission(3);
	// Remembered as soon as where a conversation is has changed and another execution begins.
	voxfree.assign(protocol, AGENT);
	const last = write('the last');
	await killed.emission(4);
	const left = structuredClone(staticData);
	await killed.close();
	expect(JSON.stringify(left)).toContain(told[1]!.messageId);

	const after = await startTrigger(setup(events, { staticData: left, activation: 'init' }));
	await waitFor('the gap', () => after.emissions.some(({ json }) => json.event === 'gap'), 15_000);
	const ids = after.emissions.map(({ json }) => json.messageId).filter(Boolean);
	expect(ids).toContain(lost.messageId);
	// What had been dealt with does not even depend on n8n's own deduplication.
	const dealtWith = [first, ...told].map(({ messageId }) => messageId);
	expect(ids.filter((id) => dealtWith.includes(id as string))).toEqual([]);
	expect([lost.messageId, last.messageId]).toEqual(expect.arrayContaining(ids));
}, 40_000);

test('a kill before the lists were compared with what was told forgets nothing that was missed', async () => {
	const staticData = {};
	const { protocol, write } = conversation();
	const idsOf = ({ emissions }: { emissions: Array<{ json: object }> }) =>
		emissions.map(({ json }) => (json as { messageId?: string }).messageId);
	const first = await listening({}, { staticData });
	await waitFor('the lists', () => voxfree.requests.some(({ path }) => /Espera/.test(path)));
	write('before');
	await first.emission(1);
	await first.close();
	await waitFor('its end', () => voxfree.connections().length === 0);
	const missed = write('while n8n was down');

	const killed = await startTrigger(setup({}, { staticData, activation: 'init' }));
	await waitFor('the registration', () => voxfree.connections({ agentId: AGENT }).length > 0);
	write('told');
	voxfree.assign(protocol, AGENT);
	const last = write('told as well');
	await waitFor('what was told', () => idsOf(killed).includes(last.messageId));
	// This is all that a kill leaves, within the time that missed events have to arrive by themselves.
	const left = structuredClone(staticData);
	const told = idsOf(killed);
	await killed.close();

	const after = await startTrigger(setup({}, { staticData: left, activation: 'init' }));
	await waitFor('the gap', () => after.emissions.some(({ json }) => json.event === 'gap'), 15_000);
	expect([...told, ...idsOf(after)]).toContain(missed.messageId);
}, 40_000);

const connections = () => {
	const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): unknown[] };
	return handles().filter(
		(handle) =>
			handle instanceof Socket &&
			handle.remotePort !== undefined &&
			// The other end of each connection is in this process too, and is not the trigger's.
			!(handle as Socket & { server?: unknown }).server,
	).length;
};

/**
 * Counts what is left of what was begun since: timers that keep a process alive, and connections.
 */
function watchLeftovers() {
	const before = connections();
	const timers = new Set<NodeJS.Timeout>();
	const set = jest.spyOn(globalThis, 'setTimeout');
	const clear = jest.spyOn(globalThis, 'clearTimeout');
	set.mockImplementation(((callback: (...values: unknown[]) => void, ...rest: [number]) => {
		const timer = ownSetTimeout(
			() => {
				timers.delete(timer);
				callback();
			},
			...rest,
		);
		timers.add(timer);
		return timer;
	}) as typeof setTimeout);
	clear.mockImplementation((timer) => {
		timers.delete(timer as NodeJS.Timeout);
		ownClearTimeout(timer);
	});
	return () => ({
		timers: [...timers].filter((timer) => timer.hasRef()).length,
		connections: connections() - before,
	});
}

test.each<[string, () => Promise<RunningTrigger>]>([
	[
		'Voxfree lets a request wait',
		async () => {
			const { write } = conversation();
			const trigger = await listening({ events: ['newMessage'] });
			await waitFor('the lists', () => voxfree.requests.some(({ path }) => /Espera/.test(path)));
			const before = voxfree.requests.length;
			voxfree.failNext('no-answer', 10);
			write('hello');
			await waitFor('the request', () => voxfree.requests.length > before);
			return trigger;
		},
	],
	[
		'Voxfree lets the setting offline wait',
		async () => {
			const trigger = await listening({ options: { setOffline: true } });
			await waitFor('the lists', () => voxfree.requests.some(({ path }) => /Espera/.test(path)));
			voxfree.failNext('no-answer', 10);
			return trigger;
		},
	],
	[
		'executions are under way',
		async () => {
			const { write } = conversation();
			const trigger = await startTrigger(
				setup({ events: ['newMessage'] }, { executionsEnd: 'onDemand' }),
			);
			await waitFor('the registration', () => voxfree.connections({ agentId: AGENT }).length > 0);
			write('hello');
			await trigger.emission(1);
			return trigger;
		},
	],
	[
		'it waits before it connects again',
		async () => {
			const trigger = await listening();
			voxfree.socket.refuseUpgrades({ count: 100 });
			voxfree.socket.drop();
			await waitFor('the cut', () => voxfree.connections().length === 0);
			return trigger;
		},
	],
	[
		'its connection is not answered',
		async () => {
			voxfree.socket.refuseUpgrades({ status: 'hang', count: 100 });
			const trigger = await startTrigger(setup({}, { activation: 'init' }));
			await waitFor('the attempt', () => voxfree.socket.pending.refusals < 100);
			return trigger;
		},
	],
])('a trigger that is closed while %s leaves nothing that goes on', async (_when, start) => {
	const leftovers = watchLeftovers();
	const trigger = await start();
	const closing = performance.now();
	await trigger.close();
	expect(performance.now() - closing).toBeLessThan(1_000);
	await waitFor('the end', () => Object.values(leftovers()).every((count) => count === 0), 1_000);
});

test('a trigger that is closed on a half-open connection leaves that alone, which ends with the answer', async () => {
	const leftovers = watchLeftovers();
	const trigger = await listening();
	voxfree.socket.halfOpen();
	await trigger.close();
	// A WebSocket of Node cannot be ended without the other side.
	await waitFor('the end of the rest', () => leftovers().timers === 0, 1_000);
	expect(leftovers()).toEqual({ timers: 0, connections: 1 });
	voxfree.socket.recover();
	await waitFor('the end', () => leftovers().connections === 0, 5_000);
});

test('thirty activations and deactivations leave nothing behind at the provider', async () => {
	for (let round = 0; round < 30; round++) {
		const trigger = await startTrigger(setup());
		await trigger.close();
	}
	await waitFor('nobody', () => voxfree.connections().length === 0, 5_000);
}, 30_000);
