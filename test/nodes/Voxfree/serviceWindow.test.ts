import { serviceWindow } from '../../../nodes/Voxfree/api/serviceWindow';
import { localTime, momentOf } from '../../../nodes/Voxfree/api/wire/time';
import { runNode } from '../../support';
import sentText from '../../fixtures/voxfree/answer-enviaMensagem.json';
import sentTemplate from '../../fixtures/voxfree/answer-templatesWhatsapp-send.json';
import { byId, setupOf, storeWith, useRecorder } from './setup';

jest.setTimeout(30_000);

const HOUR = 60 * 60 * 1000;

describe('the 24-hour window', () => {
	const written = new Date('2026-03-10T12:00:00.000Z');

	it.each([
		['at the moment of the message', 0, true],
		['a millisecond later', 1, true],
		['a minute before it closes', 24 * HOUR - 60_000, true],
		['a second before it closes', 24 * HOUR - 1_000, true],
		['a millisecond before it closes', 24 * HOUR - 1, true],
		['after 24 hours to the millisecond', 24 * HOUR, false],
		['a millisecond after it has closed', 24 * HOUR + 1, false],
		['a second after it has closed', 24 * HOUR + 1_000, false],
		['a year later', 365 * 24 * HOUR, false],
		['when the clock of the provider is ahead', -5 * 60_000, true],
	])('%s (%d ms) is open: %s', (_when, later, open) => {
		const now = new Date(written.getTime() + later);
		expect(serviceWindow(written, now)).toEqual({
			open,
			closesAt: new Date('2026-03-11T12:00:00.000Z'),
		});
	});

	it('is closed where the contact has never written', () => {
		expect(serviceWindow(undefined, written)).toEqual({ open: false });
	});

	it.each([
		['Brasília', '2026-03-10T09:00:00-03:00'],
		['UTC', '2026-03-10T12:00:00Z'],
		['Tokyo', '2026-03-10T21:00:00+09:00'],
		['Kathmandu', '2026-03-10T17:45:00+05:45'],
	])('closes at one moment, whichever zone the message is told in: %s', (_zone, text) => {
		const closing = new Date('2026-03-11T12:00:00.000Z').getTime();
		expect(serviceWindow(new Date(text), new Date(closing - 1)).open).toBe(true);
		expect(serviceWindow(new Date(text), new Date(closing)).open).toBe(false);
	});

	it.each([
		['in the night when Europe puts its clocks forward', '2026-03-29T00:30:00Z'],
		['in the night when New York puts its clocks back', '2026-11-01T05:30:00Z'],
		['on a leap day', '2028-02-29T23:59:59.999Z'],
		['at the end of a year', '2026-12-31T23:59:59.999Z'],
	])('lasts 24 hours %s', (_when, text) => {
		const start = new Date(text);
		const { closesAt } = serviceWindow(start, start);
		expect((closesAt?.getTime() ?? 0) - start.getTime()).toBe(24 * HOUR);
	});
});

describe('the time of a message', () => {
	it.each([
		['seconds as a number', { timestamp: 1701780765 }],
		['seconds as text', { timestamp: '1701780765' }],
		['milliseconds', { timestamp: 1701780765000 }],
		['the local date alone', { data_mensagem: '2023-12-05 09:52:45' }],
		['the local date in Brazilian form', { data_mensagem: '05/12/2023 09:52:45' }],
		['the date beside an empty timestamp', { timestamp: '', data_mensagem: '2023-12-05T09:52:45' }],
		[
			'seconds beside a date that says something else',
			{
				timestamp: 1701780765,
				data_mensagem: '2001-01-01 00:00:00',
			},
		],
	])('is read from %s', (_form, message) => {
		const moment = momentOf(message as never);
		expect(moment?.toISOString()).toBe('2023-12-05T12:52:45.000Z');
		expect(localTime(moment as Date)).toBe('2023-12-05T09:52:45-03:00');
	});

	it.each(['', 'yesterday', '2023-13-45 99:99:99', '2023-12-05'])(
		'is unknown for %j, and never a wrong one',
		(text) => expect(momentOf({ data_mensagem: text })).toBeUndefined(),
	);

	it('keeps the day that users in Brazil see', () => {
		expect(localTime(new Date('2026-01-01T02:59:59.999Z'))).toBe('2025-12-31T23:59:59.999-03:00');
	});
});

describe('the option Outside the 24-Hour Window', () => {
	const recorder = useRecorder();

	const active = [
		{ protocolo: '20231130303159', id_contato: '30', id_canal_unico: '25', tipo_chat: 'chat' },
	];
	const epoch = (hoursAgo: number) => String(Math.floor((Date.now() - hoursAgo * HOUR) / 1000));
	const lastWritten = (hoursAgo: number | undefined) => {
		const ours = { codid: '3', fromMe: '1', content: 'ours', timestamp: epoch(0) };
		const theirs =
			hoursAgo === undefined
				? []
				: [10, 0].map((more, index) => ({
						codid: String(index),
						fromMe: 0,
						content: 'theirs',
						timestamp: epoch(hoursAgo + more),
					}));
		recorder.answers = {
			'chatsAtivos.php': active,
			'buscaChat.php': { mensagens: { '20231130303159': [...theirs, ours] } },
			'enviaMensagem.php': sentText,
			'enviaAnexo.php': sentText,
			'templatesWhatsapp.php': sentTemplate,
		};
	};
	const send = async (operation: string, parameters: object) =>
		await runNode(
			setupOf(
				storeWith(recorder.url),
				{
					resource: 'message',
					operation,
					protocol: byId('20231130303159'),
					text: 'teste',
					...parameters,
				},
				{ items: [{ json: {}, binary: { data: { content: 'x', fileName: 'x.txt' } } }] },
			),
		);
	const services = () => recorder.calls.map(({ service }) => service);

	it.each([
		['sendText', 'enviaMensagem.php'],
		['sendFile', 'enviaAnexo.php'],
	])('%s: reads nothing by default', async (operation, service) => {
		lastWritten(100);
		const { error } = await send(operation, {});
		expect(error).toBeUndefined();
		expect(services()).toEqual(['chatsAtivos.php', service]);
	});

	it.each([
		['sendText', 'enviaMensagem.php', 'error'],
		['sendText', 'enviaMensagem.php', 'template'],
		['sendFile', 'enviaAnexo.php', 'error'],
		['sendFile', 'enviaAnexo.php', 'template'],
	])('%s: sends through %s while the window is open (%s)', async (operation, service, outside) => {
		lastWritten(23.9);
		const { error } = await send(operation, { outsideWindow: outside, templateId: byId('80') });
		expect(error).toBeUndefined();
		expect(services()).toEqual(['chatsAtivos.php', 'buscaChat.php', service]);
	});

	it.each(['sendText', 'sendFile'])(
		'%s: stops with an error that says when the window closed',
		async (operation) => {
			lastWritten(24.1);
			const { error } = await send(operation, { outsideWindow: 'error' });
			expect(error?.message).toMatch(
				/^The 24-hour window of this conversation closed at \d{4}-\d\d-\d\dT[\d:]+-03:00$/,
			);
			expect(error?.description).toContain('Nothing was sent.');
			expect(services()).toEqual(['chatsAtivos.php', 'buscaChat.php']);
		},
	);

	it.each(['sendText', 'sendFile'])('%s: sends the template instead', async (operation) => {
		lastWritten(24.1);
		const { items, error } = await send(operation, {
			outsideWindow: 'template',
			templateId: byId('80'),
		});
		expect(error).toBeUndefined();
		expect(services()).toEqual(['chatsAtivos.php', 'buscaChat.php', 'templatesWhatsapp.php']);
		expect(recorder.to('templatesWhatsapp.php')[0]?.body).toEqual({
			protocolo: '20231130303159',
			id_agente: '61',
			action: 'send_template',
			codid_template: '80',
		});
		expect(items[0]?.json).toMatchObject({
			success: true,
			sentTemplateInstead: true,
			templateId: '80',
			messageId: '18872124',
			type: 'template',
		});
	});

	it('takes a contact who has never written for one outside the window', async () => {
		lastWritten(undefined);
		const { error } = await send('sendText', { outsideWindow: 'error' });
		expect(error?.message).toBe(
			'The contact has not written in this conversation yet, so only a template can be sent',
		);
	});

	it('opens no conversation that is not ours, and sends nothing', async () => {
		lastWritten(1);
		recorder.answers['chatsAtivos.php'] = [];
		const { error } = await send('sendText', {
			outsideWindow: 'error',
			details: { channelId: '25', contactId: '30' },
		});
		expect(error?.message).toContain('is not among your active ones');
		expect(services()).toEqual(['chatsAtivos.php']);
	});

	it('asks for a template before anything is read', async () => {
		lastWritten(100);
		const { error } = await send('sendText', {
			outsideWindow: 'template',
			templateId: byId('={{ "" }}'),
		});
		expect(error?.message).toBe("'Template' is empty");
		expect(recorder.requests).toHaveLength(0);
	});
});
