import { DetailsFetcher } from '../../../nodes/Voxfree/trigger/DetailsFetcher';
import type { VoxfreeEvent } from '../../../nodes/Voxfree/trigger/events';
import { ListReader } from '../../../nodes/Voxfree/trigger/ListReader';
import type { JsonObject } from '../../../nodes/shared/json';
import { conversationListIn } from '../../../nodes/Voxfree/api/wire/conversationList';
import { VirtualTime } from '../../support/virtualTime';

/** Voxfree with one conversation, whose message is always there and whose lists may be not. */
function detailsOf(lists: () => Promise<JsonObject[]>, fetchDetails = true) {
	const time = new VirtualTime();
	let readings = 0;
	const read = async () => {
		readings++;
		return await lists();
	};
	const runtime = {
		clock: time.clock,
		now: time.clock,
		random: () => 0,
		wait: time.wait,
		log: () => {},
		redact: (text: string) => text,
		signal: new AbortController().signal,
	};
	const message = { codid: '5', type: 'text', fromMe: '0', content: 'hello' };
	const fetcher = new DetailsFetcher(runtime, {
		api: { getNewMessages: async () => [message] },
		lists: new ListReader(runtime, {
			listConversations: async (place) =>
				conversationListIn(place === 'active' ? [] : await read()),
		}),
		isGroup: () => undefined,
		fetchDetails,
		ignoreOwnMessages: true,
	});
	const fetch = async (): Promise<VoxfreeEvent> => {
		const event: VoxfreeEvent = { event: 'newMessage', protocol: '7', messageId: '5' };
		const fetching = fetcher.fetch([event], () => {});
		await time.advance(6_000);
		await fetching;
		return event;
	};
	return { fetch, readings: () => readings };
}

const LISTED = { protocolo: '7', nome_contato: 'Ana', numero_contato: 5519999999999 };

test('the name and number of who wrote come from the lists, which are read once', async () => {
	const { fetch, readings } = detailsOf(async () => [LISTED]);
	const known = { contactName: 'Ana', contactNumber: '5519999999999', message: { text: 'hello' } };
	expect(await fetch()).toMatchObject(known);
	expect(await fetch()).toMatchObject(known);
	expect(readings()).toBe(1);
});

test.each<[string, () => Promise<JsonObject[]>]>([
	['do not come in time', async () => await new Promise(() => {})],
	['cannot be read', async () => await Promise.reject(new Error('no list'))],
	['do not show the conversation', async () => []],
	['do not name the contact', async () => [{ protocolo: '7', nome_contato: { x: 1 } }]],
])('a message is complete without a name where the lists %s', async (_, lists) => {
	const { fetch, readings } = detailsOf(lists);
	for (const event of [await fetch(), await fetch()]) {
		expect(event.message).toMatchObject({ text: 'hello' });
		expect(event).not.toHaveProperty('contactName');
		expect(event).not.toHaveProperty('detailsError');
	}
	expect(readings()).toBe(1);
});

test('without details, the lists are not read for a name', async () => {
	const { fetch, readings } = detailsOf(async () => [LISTED], false);
	expect(await fetch()).not.toHaveProperty('contactName');
	expect(readings()).toBe(0);
});
