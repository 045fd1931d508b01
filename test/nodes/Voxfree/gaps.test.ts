import { calmDown } from './listeningModel';
import { COMPARE_EVERY, Real, SILENCE, type Setup } from './listeningWorld';
import type { JsonValue } from '../../../nodes/shared/json';
import { settle } from '../../support/virtualTime';

/** A trigger that listens, whose lists have been read. */
async function listening(setup: Partial<Setup> = {}): Promise<Real> {
	const real = new Real(undefined, setup);
	await real.time.advance(1_000);
	return real;
}

const connection = (real: Real) => real.provider.last;
const timesOf = ({ gaps }: Real) =>
	gaps.map(({ from, to }) => [Date.parse(from), Date.parse(to)] as const);
const calm = async (real: Real) => await calmDown(real, { isClosed: false });

test('a comparison that was under way when the connection was lost tells of no gap of its own', async () => {
	const real = await listening();
	await real.time.advance(COMPARE_EVERY - 2_000);
	const before = real.interruptions;
	connection(real).end(1001);
	real.write(0, true, 1);
	// The regular comparison finds the message before the connection is back.
	real.behaviour = 'refuse';
	await real.time.advance(5_000);
	expect(real.messageIds).toEqual(['1000']);
	expect(real.gaps).toEqual([]);
	real.behaviour = 'open';
	await real.time.advance(60_000);
	expect(real.interruptions).toBe(before + 1);
	await calm(real);
	expect(real.gaps).toMatchObject([
		{ reason: 'connection lost (code 1001)', recovered: 1, compared: true },
	]);
	expect(real.deaf).toBe(0);
});

test('nor one that was begun on a connection that is lost and replaced until it ends', async () => {
	const real = await listening();
	// Found by the comparison, which then waits for the frame to come after all.
	await real.time.advance(COMPARE_EVERY - 1_500);
	real.write(0, false, 1);
	await real.time.advance(600);
	connection(real).end(1006);
	await calm(real);
	expect(real.messageIds).toEqual(['1000']);
	expect(real.gaps).toMatchObject([{ recovered: 1, compared: true }]);
	expect(real.deaf).toBe(0);
});

test('a connection that is found out to be deaf is replaced once, and is one gap since the lists last agreed', async () => {
	const real = await listening();
	await real.time.advance(COMPARE_EVERY - 20_000);
	real.write(0, false, 1);
	await real.time.advance(30_000);
	expect(real.messageIds).toEqual(['1000']);
	expect(real.deaf).toBe(1);
	await calm(real);
	expect(real.deaf).toBe(1);
	expect(real.gaps).toMatchObject([
		{
			reason: 'the lists show events that the socket did not deliver',
			recovered: 1,
			compared: true,
		},
	]);
	const [from, to] = timesOf(real)[0]!;
	const { at } = real.messages[0]!;
	expect(from).toBeLessThan(at);
	expect(to).toBeGreaterThan(at);
});

test('what was on its way when the connection broke was sent before what arrived last, and is within the gap', async () => {
	const real = await listening();
	await real.time.advance(60_000);
	real.delay = 5_000;
	real.updateQueue();
	await real.time.advance(4_000);
	// Sent before the first of them arrives, and lost with the connection.
	real.updateQueue();
	await real.time.advance(1_500);
	connection(real).end(1006);
	real.delay = 0;
	await calm(real);
	expect(real.marks).toEqual([1000]);
	expect(real.unreported).toEqual([]);
	expect(real.gaps).toHaveLength(1);
});

test('what is on its way to a connection that is replaced still arrives', async () => {
	const real = await listening();
	await real.time.advance(60_000);
	real.delay = 8_000;
	real.updateQueue();
	real.delay = 0;
	real.socket.replace('for the test');
	await real.time.advance(9_000);
	expect(real.marks).toEqual([1000]);
	await calm(real);
});

test('equal events before and after a connection are two, although they have no id', async () => {
	const real = await listening();
	const say = (text: string) => connection(real).say(text);
	say('{"tipo_update":"update_espera"}');
	connection(real).end(1001);
	await real.time.advance(5_500);
	expect(real.interruptions).toBe(1);
	say('{"tipo_update":"update_espera"}');
	await settle();
	expect(real.executed.filter(({ event }) => event === 'queueUpdated')).toHaveLength(2);
});

test('a silence that could not be looked into is looked into later, and told of if something was missed', async () => {
	const real = await listening();
	real.isReadable = false;
	const [first] = real.provider.connections;
	await real.time.advance(30_000);
	// The network swallows it; the second connection is opened after two minutes.
	real.write(0, false, 1);
	const lost = real.messages[0]!.at;
	await real.time.advance(100_000);
	expect(connection(real)).not.toBe(first);
	// As long as it is tried to read the lists.
	await real.time.advance(70_000);
	expect(real.gaps).toEqual([]);
	real.isReadable = true;
	await calm(real);
	expect(real.messageIds).toEqual(['1000']);
	expect(real.gaps).toHaveLength(1);
	const [from, to] = timesOf(real)[0]!;
	expect(from).toBeLessThan(lost);
	expect(to).toBeGreaterThan(lost);
});

test('what is found only when the lists can be read again is told of as that gap, and does not make the connection count as deaf', async () => {
	const real = await listening();
	real.isReadable = false;
	connection(real).end(1006);
	real.write(0, true, 1);
	await real.time.advance(90_000);
	expect(real.gaps).toMatchObject([{ recovered: 0, compared: false }]);
	const [told] = real.gaps;
	real.isReadable = true;
	await calm(real);
	expect(real.messageIds).toEqual(['1000']);
	expect(real.deaf).toBe(0);
	expect(real.gaps).toHaveLength(2);
	expect(real.gaps[1]).toMatchObject({ from: told!.from, recovered: 1, compared: true });
});

test('what is remembered while there is no connection reaches no further than what was heard', async () => {
	const real = await listening();
	await real.time.advance(60_000);
	real.updateQueue();
	real.write(0, true, 1);
	const heard = real.changes[0]!.at;
	await settle();
	connection(real).end(1006);
	real.behaviour = 'refuse';
	await real.time.advance(60_000);
	// An execution that was started before ends now, and the next one that waits for it is remembered.
	for (let n = 0; n < 4; n++) {
		real.finish(0);
		await real.time.advance(6_000);
	}
	await real.close();
	expect(real.remembered?.at).toBeLessThanOrEqual(heard);
});

test.each([1001, 1006])(
	'a gap begins ten seconds before the last sign of life and ends with the next connection, whatever came between, as with code %d',
	async (code) => {
		const real = await listening();
		await real.time.advance(60_000);
		real.updateQueue();
		const heard = real.changes[0]!.at;
		await real.time.advance(50_000);
		connection(real).end(code);
		const lost = heard + 50_000;
		await real.time.advance(20_000);
		const [from, to] = timesOf(real)[0]!;
		expect(from).toBe(heard - 10_000);
		expect(to).toBeGreaterThan(lost);
		expect(to).toBeLessThanOrEqual(lost + 20_000);
		await calm(real);
		expect(real.gaps).toHaveLength(1);
	},
);

test('a silence that nothing was missed in is told of together with a loss that follows it', async () => {
	const real = await listening();
	real.updateQueue();
	const heard = real.changes[0]!.at;
	real.isReadable = false;
	await real.time.advance(SILENCE + 80_000);
	expect(real.interruptions).toBe(1);
	expect(real.gaps).toEqual([]);
	connection(real).end(1006);
	await real.time.advance(90_000);
	expect(real.gaps).toMatchObject([
		{
			reason: 'no traffic for 120 seconds; connection lost (without a close frame)',
			compared: false,
			recovered: 0,
		},
	]);
	expect(timesOf(real)[0]![0]).toBe(Math.max(heard - 10_000, heard - 1_000));
	real.isReadable = true;
	await calm(real);
});

test.each(['presenca', 'update_espera', 'finalizar', 'encaminhado_agente'])(
	'two events %s of one conversation that have no id are two executions',
	async (update) => {
		const real = await listening();
		const before = real.executed.length;
		for (let n = 0; n < 2; n++) {
			connection(real).say(`{"tipo_update":"${update}","protocolo_atual":"20231130303151"}`);
			await settle();
			real.finish(0);
			await settle();
		}
		expect(real.executed.slice(before)).toHaveLength(2);
		expect(real.n8n.doubled).toEqual([]);
		await real.close();
	},
);

test('what was compared with the lists and executed is neither asked of n8n again nor missed after a kill', async () => {
	const real = await listening();
	connection(real).end(1006);
	real.write(0, false, 1);
	await real.time.advance(30_000);
	expect(real.messageIds).toEqual(['1000']);
	while (real.n8n.running.length > 0) real.finish(0);
	await real.time.advance(10_000);
	// What is remembered when this begins is what has been dealt with.
	real.write(1, true, 1);
	await settle();
	const [, to] = timesOf(real)[0]!;
	expect(real.remembered?.at).toBeGreaterThanOrEqual(to - 10_000);
	real.finish(0);
	await real.restart('kill', 5_000, 1);
	await calm(real);
	expect(real.messageIds).toEqual(['1000', '1001', '1002']);
	expect(real.n8n.known).toHaveLength(1);
	expect(real.n8n.known[0]).toContain(':1001');
});

test('a gap while the trigger was not running begins where what is remembered ends', async () => {
	const real = await listening();
	await real.time.advance(60_000);
	real.updateQueue();
	await settle();
	real.finish(0);
	const at = real.remembered?.at;
	await real.restart('kill', 60_000, 1);
	await real.time.advance(10_000);
	const [gap] = real.gaps;
	expect(gap).toMatchObject({
		reason: 'the trigger was not running',
		recovered: 1,
		compared: true,
	});
	expect(Date.parse(gap!.from)).toBe(at);
	expect(Date.parse(gap!.to)).toBeGreaterThanOrEqual(real.messages[0]!.at + 60_000);
	await calm(real);
});

test('an execution that n8n refuses to the end is reported as lost, and later events go on', async () => {
	const real = await listening();
	real.n8n.refusals = 6;
	real.write(0, true, 1);
	real.write(0, true, 1);
	await real.time.advance(30_999);
	expect(real.executed).toEqual([]);
	await real.time.advance(2);
	expect(real.n8n.refusals).toBe(0);
	expect(real.gaps).toMatchObject([
		{ reason: 'n8n could not start the execution', lost: 1, recovered: 0, compared: false },
	]);
	const [from, to] = timesOf(real)[0]!;
	expect([from, to]).toEqual([real.messages[0]!.at + 31_000, real.messages[0]!.at + 31_000]);
	expect(real.messageIds).toEqual(['1001']);
	await real.close();
});

test('one that n8n refuses for a while is started with its key, before later ones of its conversation', async () => {
	const real = await listening();
	real.n8n.refusals = 5;
	real.write(0, true, 1);
	real.write(0, true, 1);
	await real.time.advance(31_001);
	expect(real.messageIds).toEqual(['1000']);
	await calm(real);
	expect(real.messageIds).toEqual(['1000', '1001']);
	expect(real.gaps).toEqual([]);
});

test('more events than may wait are counted, and reported with their time as soon as there is room', async () => {
	const real = await listening({ queue: 2 });
	for (let n = 0; n < 5; n++) {
		real.write(0, true, 1);
		await real.time.advance(100);
	}
	expect(real.messageIds).toEqual(['1000']);
	real.finish(0);
	await settle();
	expect(real.gaps).toMatchObject([
		{
			reason: 'more events than executions could handle; 2 were waiting',
			lost: 2,
			recovered: 0,
			compared: false,
		},
	]);
	expect(timesOf(real)[0]).toEqual([real.messages[3]!.at, real.messages[4]!.at]);
	await real.close();
});

test('what found no room is reported when the trigger is closed, if there was none until then', async () => {
	const real = await listening({ queue: 2 });
	for (let n = 0; n < 5; n++) real.write(0, true, 1);
	await real.close();
	expect(real.messageIds).toEqual(['1000', '1001', '1002']);
	expect(real.gaps).toMatchObject([{ lost: 2 }]);
});

test('an execution that takes too long lets the next of its conversation begin, and that is logged', async () => {
	const real = await listening({ limit: 60_000 });
	real.write(0, true, 1);
	real.write(0, true, 1);
	await real.time.advance(59_000);
	expect(real.messageIds).toEqual(['1000']);
	await real.time.advance(2_000);
	expect(real.messageIds).toEqual(['1000', '1001']);
	expect(real.warnings).toContainEqual(
		'An execution for conversation 20231130303151 takes longer than 60 seconds; the next one no longer waits for it',
	);
	await real.close();
});

test('recovered messages of one conversation are executed in the order that they were written in', async () => {
	const real = await listening();
	connection(real).end(1006);
	for (let n = 0; n < 4; n++) real.write(n % 2, false, 1);
	await calm(real);
	const of = (protocol: string) =>
		real.executed.flatMap((event) => (event.protocol === protocol ? (event.messageId ?? []) : []));
	expect(of('20231130303151')).toEqual(['1000', '1002']);
	expect(of('20231130303152')).toEqual(['1001', '1003']);
});

test('what was found in the lists but waited when n8n was killed comes again', async () => {
	const real = await listening();
	connection(real).end(1006);
	for (let n = 0; n < 4; n++) real.write(0, false, 1);
	await real.time.advance(30_000);
	expect(real.messageIds).toEqual(['1000']);
	// Remembered once another execution begins.
	await real.time.advance(10_000);
	real.write(1, true, 1);
	await settle();
	expect(real.messageIds).toEqual(['1000', '1004']);
	await real.restart('kill', 5_000, 0);
	await calm(real);
	expect(real.messageIds).toEqual(['1000', '1004', '1001', '1002', '1003']);
});

test('a move whose execution was not remembered when n8n was killed is found again with the key that n8n knows', async () => {
	const real = await listening();
	real.write(0, true, 1);
	await settle();
	real.finish(0);
	real.move(2, 'waiting', true);
	await settle();
	expect(real.placeToldOf(2)).toBe('waiting');
	await real.restart('kill', 5_000, 0);
	await calm(real);
	const moves = real.executed.filter(({ event }) => event !== 'newMessage' && event !== 'gap');
	expect(moves).toMatchObject([{ event: 'routedToDepartment' }]);
	expect(real.n8n.known.some((key) => key.includes('move:'))).toBe(true);
});

describe('lists that are not understood to their last part', () => {
	const protocol = '20231130303153';
	const unclear: JsonValue[] = [
		{ chats: [{ protocolo: '1' }], grupos: 'carregando' },
		[{ protocolo: '1' }, { nome_contato: 'Ana' }],
		{ pagina: 1, paginas: 3, dados: [{ protocolo: '1' }] },
		{ error: 'texto' },
		{ dados: {} },
		'<html>Manutenção</html>',
	];

	test.each(unclear.map((answer) => [JSON.stringify(answer), answer] as const))(
		'finish nothing, replace no connection, and are warned of once: %s',
		async (_text, answer) => {
			const real = await listening();
			real.listAnswer = answer;
			await real.time.advance(6 * COMPARE_EVERY);
			expect(real.executed).toEqual([]);
			expect(real.deaf).toBe(0);
			const ofLists = () => real.warnings.filter((text) => /lists could not be read/.test(text));
			expect(ofLists()).toEqual([
				'The lists could not be read, and nothing is compared until they can: Voxfree answered, but not with a list this node can read',
			]);
			// Once they can be read again, what is missing is missing, and the next time is warned of.
			real.listAnswer = undefined;
			real.move(2, 'gone', false);
			await real.time.advance(2 * COMPARE_EVERY);
			expect(real.executed.filter(({ event }) => event === 'finished')).toMatchObject([
				{ protocol, recovered: true },
			]);
			real.listAnswer = answer;
			await real.time.advance(2 * COMPARE_EVERY);
			expect(ofLists()).toHaveLength(2);
			real.listAnswer = undefined;
			await calm(real);
		},
	);

	test('are told of as a gap only where there surely was one, and once', async () => {
		const real = await listening();
		real.listAnswer = { chats: [], grupos: 5 };
		connection(real).end(1006);
		await real.time.advance(5 * COMPARE_EVERY);
		expect(real.gaps).toMatchObject([{ recovered: 0, compared: false }]);
		real.listAnswer = undefined;
		await calm(real);
		expect(real.gaps).toHaveLength(1);
	});
});
