import type { VoxfreeEvent } from '../../../nodes/Voxfree/trigger/events';
import { joinMessages } from '../../../nodes/Voxfree/trigger/joinedMessages';

const message = (messageId: string, text?: string) => ({
	messageId,
	text,
	fromMe: false,
	deleted: false,
});

function event(messageId: string, changes: Partial<VoxfreeEvent> = {}): VoxfreeEvent {
	return { event: 'newMessage', protocol: '20231130303159', messageId, ...changes };
}

test('the event is about the last message, and has all of them with their texts', () => {
	const joined = joinMessages([
		event('5', { message: message('5', 'Hi'), contactId: '7', raw: { id_msg: 5 } }),
		event('6', { message: message('6'), raw: { id_msg: 6 } }),
		event('8', { message: message('8', 'where is\nmy order?'), raw: { id_msg: 8 } }),
	]);
	expect(joined).toEqual({
		event: 'newMessage',
		protocol: '20231130303159',
		contactId: '7',
		messageId: '8',
		message: message('8', 'where is\nmy order?'),
		messages: [message('5', 'Hi'), message('6'), message('8', 'where is\nmy order?')],
		text: 'Hi\nwhere is\nmy order?',
		raw: [{ id_msg: 5 }, { id_msg: 6 }, { id_msg: 8 }],
	});
});

test('one message has the same shape', () => {
	expect(joinMessages([event('5', { message: message('5', 'Hi'), raw: {} })])).toEqual({
		...event('5'),
		message: message('5', 'Hi'),
		messages: [message('5', 'Hi')],
		text: 'Hi',
		raw: [{}],
	});
});

test('without details there are the ids, and an empty text', () => {
	expect(joinMessages([event('5'), event('6')])).toEqual({
		...event('6'),
		messages: [{ messageId: '5' }, { messageId: '6' }],
		text: '',
	});
});

test('details that are missing for one message leave those of the others, and each reason is said once', () => {
	const joined = joinMessages([
		event('5', { message: message('5', 'Hi') }),
		event('6', { detailsError: 'Voxfree did not answer' }),
		event('7', { detailsError: 'Voxfree did not answer', note: 'uncertain' }),
	]);
	expect(joined.message).toEqual(message('5', 'Hi'));
	expect(joined.messages).toEqual([message('5', 'Hi'), { messageId: '6' }, { messageId: '7' }]);
	expect(joined).toMatchObject({ detailsError: 'Voxfree did not answer', note: 'uncertain' });
});

test('a message that stands in two events is there once', () => {
	const same = message('6', 'Hello');
	const joined = joinMessages([event('5', { message: same }), event('6', { message: same })]);
	expect(joined).toMatchObject({ messages: [same], text: 'Hello' });
});

test('a message that was found late stands in its place', () => {
	const ids = ['8', '5', '10'];
	const joined = joinMessages(ids.map((id) => event(id, { message: message(id, id) })));
	expect(joined).toMatchObject({ messageId: '10', text: '5\n8\n10' });
});

test('one that was missed marks the whole as recovered', () => {
	expect(joinMessages([event('5'), event('6', { recovered: true })]).recovered).toBe(true);
	expect(joinMessages([event('5', { recovered: true }), event('6')]).recovered).toBe(true);
	expect(joinMessages([event('5'), event('6')])).not.toHaveProperty('recovered');
});

test('the events themselves stay as they are', () => {
	const events = [event('5', { raw: {} }), event('6', { message: message('6') })];
	const before = structuredClone(events);
	joinMessages(events);
	expect(events).toEqual(before);
});
