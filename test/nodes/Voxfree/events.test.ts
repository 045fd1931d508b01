import fc from 'fast-check';
import { decodeEvent, frameText, partsOfFrame } from '../../../nodes/Voxfree/trigger/decode';
import type { VoxfreeEventName } from '../../../nodes/Voxfree/trigger/events';
import type { JsonValue } from '../../../nodes/shared/json';
import { passesFilter, type EventFilter } from '../../../nodes/Voxfree/trigger/filter';
import { eventKeyOf, messageKeyOf } from '../../../nodes/Voxfree/trigger/keys';
import { isLater } from '../../../nodes/Voxfree/trigger/messageIds';
import { isRegistration, registrationOf } from '../../../nodes/Voxfree/trigger/registration';

/** The only thing that a frame holds. */
function parseFrame(text: string): JsonValue {
	const [part, ...others] = partsOfFrame(text);
	if (part === undefined || !('raw' in part) || others.length > 0) throw new Error(text);
	return part.raw;
}

const SAMPLE =
	'{"id_msg":17812170,"type":"chat","tipo_update":"new_message","codid_contato":"342284","codid_canal":"235","protocolo_atual":"202311303422841002","agente_responsavel":"12694"}';

test("the document's sample is read with all its ids as text", () => {
	const raw = parseFrame(SAMPLE);
	expect(decodeEvent(raw, '12694')).toEqual({
		event: 'newMessage',
		messageId: '17812170',
		protocol: '202311303422841002',
		contactId: '342284',
		channelId: '235',
		agentId: '12694',
		isMine: true,
		raw,
	});
});

test.each<[string, VoxfreeEventName]>([
	['new_message', 'newMessage'],
	['encaminhado_agente', 'routedToAgent'],
	['encaminhado_departamento', 'routedToDepartment'],
	['direcionamento_fidelizado_agente', 'routedToPortfolioAgent'],
	['encaminhado_agente_espera', 'queuedForAgent'],
	['update_espera', 'queueUpdated'],
	['Finalizar', 'finished'],
	['finalizar', 'finished'],
	['toString', 'other'],
	['', 'other'],
])('%s is %s', (update, event) => {
	expect(decodeEvent({ tipo_update: update }, '61').event).toBe(event);
});

test('a protocol beyond 2^53 that comes as a number keeps all its digits', () => {
	const raw = parseFrame('{"tipo_update":"new_message","protocolo_atual":202311303422841002}');
	expect(decodeEvent(raw, '61').protocol).toBe('202311303422841002');
});

test('whatever JSON comes is an event, and never throws or touches prototypes', () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.string(), (value, key) => {
			const raw = parseFrame(
				JSON.stringify({ [key]: value, __proto__x: 1 }).replace('__proto__x', '__proto__'),
			);
			const event = decodeEvent(raw, '61');
			expect(event.raw).toBe(raw);
			eventKeyOf(event, 'x');
			messageKeyOf(event);
			expect(decodeEvent(value as never, '61').event).toBeDefined();
		}),
		{ seed: 4, numRuns: 500 },
	);
	expect(Object.keys(Object.prototype)).toEqual([]);
});

test('frames of text and of bytes are read, with or without a byte order mark', () => {
	const bytes = new TextEncoder().encode('{"a":1}');
	for (const data of ['{"a":1}', bytes, bytes.buffer, '\ufeff{"a":1}']) {
		expect(parseFrame(frameText(data)!)).toEqual({ a: 1 });
	}
	expect(frameText({ blob: true })).toBeUndefined();
});

test('our own registration that comes back is no event', () => {
	expect(isRegistration(parseFrame(registrationOf('61')))).toBe(true);
	expect(isRegistration(parseFrame(SAMPLE))).toBe(false);
});

test('the key of an event is of its id, kind, conversation and content; without an id there is none', () => {
	const read = (changes: object) => {
		const text = JSON.stringify({ ...(JSON.parse(SAMPLE) as object), ...changes });
		return eventKeyOf(decodeEvent(parseFrame(text), '61'), text);
	};
	const keys = [
		read({}),
		read({ id_msg: 1 }),
		read({ tipo_update: 'Finalizar' }),
		read({ protocolo_atual: '2' }),
		read({ x: 1 }),
	];
	expect(new Set(keys).size).toBe(5);
	expect(read({})).toBe(keys[0]);
	expect(read({ id_msg: null })).toBeUndefined();
});

test.each([
	['10', '9', true],
	['9', '10', false],
	['17812170', '17812170', false],
	['202311303422841002', '99999999999999999', true],
	['5', undefined, true],
	['x', '5', false],
	['5', 'x', true],
])('id %s is later than %s: %s', (id, than, expected) => {
	expect(isLater(id, than)).toBe(expected);
});

describe('the filter', () => {
	const everything: EventFilter = {
		events: new Set<VoxfreeEventName>(['newMessage', 'queueUpdated', 'gap']),
		onlyMine: false,
		contactIds: new Set(),
		channelIds: new Set(),
		departmentIds: new Set(),
		protocols: new Set(),
	};
	const sample = decodeEvent(parseFrame(SAMPLE), '61');

	test.each<[string, Partial<EventFilter>, boolean]>([
		['nothing set', {}, true],
		['another event', { events: new Set<VoxfreeEventName>(['finished']) }, false],
		['only mine', { onlyMine: true }, false],
		['its contact', { contactIds: new Set(['342284']) }, true],
		['another contact', { contactIds: new Set(['1']) }, false],
		['its channel', { channelIds: new Set(['235']) }, true],
		['another channel', { channelIds: new Set(['1']) }, false],
		['its protocol', { protocols: new Set(['202311303422841002']) }, true],
		['another protocol', { protocols: new Set(['1']) }, false],
		['a department that it does not name', { departmentIds: new Set(['1']) }, true],
	])('with %s', (_, filter, expected) => {
		expect(passesFilter(sample, { ...everything, ...filter })).toBe(expected);
	});

	test('an event that names no agent passes "only mine", one without a contact no filter for contacts', () => {
		const update = decodeEvent({ tipo_update: 'update_espera' }, '61');
		expect(passesFilter(update, { ...everything, onlyMine: true })).toBe(true);
		expect(passesFilter(update, { ...everything, contactIds: new Set(['1']) })).toBe(false);
	});
});
