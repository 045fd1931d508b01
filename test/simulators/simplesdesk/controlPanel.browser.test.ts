import { BrowserPage, describeInBrowser } from '../browserPage';

describeInBrowser('on the SimplesDesk tab', () => {
	const browser = new BrowserPage();
	const asset = (file: string) => `${browser.control.url}/simplesdesk/assets/${file}`;
	async function openDesk() {
		const person = await browser.open('simplesdesk');
		const manager = person.in('Scheduled messages');
		const sends = async () => await manager.clicksJust('Send');
		const [phone, report] = [person.in('Phone'), person.in('Integration report')];
		return { person, manager, sends, phone, report };
	}

	it('a scheduled message shows texts, a file, a picture and a sound on the phone', async () => {
		const { person, manager, sends, phone, report } = await openDesk();
		await phone.sees('Nothing yet.');
		browser.willAnswer([
			{ type: 'TEXT', value: 'Olá, <b>João</b>!' },
			{ type: 'FILE', value: asset('boleto.pdf') },
			{ type: 'IMAGE', value: asset('pix.png') },
			{ type: 'IMAGE', value: 'https://example.test/outra%20foto.png' },
			{ type: 'AUDIO', value: browser.control.simplesDesk.assets.audio },
		]);
		await manager.fills({ Payload: '{ "invoice": "1042" }' });
		await sends();
		await phone.sees('Olá, <b>João</b>!');
		expect(browser.received()[0]).toMatchObject({ data: { invoice: '1042' } });
		expect(await phone.seesLink('boleto.pdf')).toBe(asset('boleto.pdf'));
		await person.page.waitForFunction(() => {
			const picture = document.querySelector<HTMLImageElement>('img.picture');
			const sound = document.querySelector<HTMLAudioElement>('audio.sound');
			return (picture?.naturalWidth ?? 0) > 0 && (sound?.duration ?? 0) > 1;
		});
		// What lies elsewhere is not loaded: a card stands for it.
		await phone.seesLink('outra foto.png');
		await report.unfolds('João da Silva · QR · text, file, 2 × image, audio');
		await report.sees('"SCHEDULED_MESSAGE"');
		await person.takesPicture('-simplesdesk');
	});

	it('the official account’s template comes filled in', async () => {
		const { person, manager, sends, phone } = await openDesk();
		await person.clicks('Official API account');
		await manager.sees('spring_sale');
		const one = (value: string) => [{ index: 1, value }];
		browser.willAnswer([
			{
				type: 'TEMPLATE',
				name: 'ticket_activated',
				language: 'pt_BR',
				header: { parameters: one('n.º 7') },
				body: { parameters: [...one('João'), { index: 2, value: '1042' }] },
				buttons: [{ index: 1, parameters: one('1042') }],
			},
		]);
		await sends();
		await phone.sees('Atendimento n.º 7', 'Olá, João! Seu chamado 1042 foi aberto.');
		const address = 'https://example.test/chamados/1042';
		expect(await phone.seesLink('Acompanhar')).toBe(address);
		await person.takesPicture('-simplesdesk-template');
	});

	it('a failure says why in the report, and the phone stays as it was', async () => {
		const { person, sends, phone, report } = await openDesk();
		browser.willAnswer([
			{ type: 'TEXT', value: 'Olá' },
			{ type: 'VIDEO', value: 'a' },
		]);
		await sends();
		await report.sees('Message 2: there is no type "VIDEO"');
		await phone.sees('Nothing yet.');
		await person.fills({ 'What goes wrong': 'wrong-secret' });
		await person.sees('Somebody who guesses the secret.');
		await person.clicksJust('Add');
		await person.sees('Secret header is wrong × 1');
		await sends();
		await report.sees('João da Silva · QR · wrong-secret');
		await person.sees('The next calls are as they should be.');
		expect(browser.receiver.received[1]?.headers).toHaveProperty('mz-integration');
		await report.clicksJust('Sent');
		await report.sees('Nothing has happened yet.');
		await report.clicksJust('Failed');
		expect(await report.count('failed')).toBe(2);
	});

	it('a message for later waits in a list, and a payload that is no JSON goes nowhere', async () => {
		const { person, manager, sends } = await openDesk();
		await manager.fills({ Payload: '{ invoice }' });
		await sends();
		await person.sees('The payload is not JSON');
		await manager.fills({ Payload: '', When: 'At a time of your own' });
		await manager.part.getByLabel('Time', { exact: true }).fill('2099-12-31T23:59:59');
		await manager.clicks('Maria Souza');
		await manager.clicksJust('Schedule');
		const waiting = manager.part.getByRole('list', { name: 'Waiting' });
		await waiting.getByText('Maria Souza').waitFor();
		await waiting.getByText('23:59:59').waitFor();
		expect(browser.receiver.received).toEqual([]);
		await person.clicks('Reset');
		await waiting.getByText('Maria Souza').waitFor({ state: 'hidden' });
	});

	it('the contact plays the bot menu, by button and by word', async () => {
		const { phone, report } = await openDesk();
		const callback = { endpoint: browser.receiver.url, data: { step: 2 } };
		await phone.says('Write as the contact', 'oi');
		browser.willAnswer({
			type: 'MENU',
			text: 'Qual fatura?',
			attachments: [
				{ position: 'BEFORE', type: 'IMAGE', name: 'pix.png', url: asset('pix.png') },
				{ position: 'AFTER', type: 'DOCUMENT', name: 'lista.pdf', base64: 'QUJD' },
			],
			items: [{ number: 1, text: 'Fatura 1042', callback }],
		});
		await phone.clicks('Minhas faturas');
		await phone.seesPicture('pix.png');
		await phone.sees('lista.pdf');
		browser.willAnswer({ type: 'QUESTION', text: 'Seu e-mail?', callback });
		await phone.clicks('Fatura 1042');
		await phone.sees('Seu e-mail?');
		browser.receiver.answer = { status: 500, body: 'no' };
		await phone.says('Write as the contact', 'joao@example.test');
		await report.sees('The answer has the status 500, and says: no');
		expect(await phone.count('Olá! Como podemos ajudar?')).toBe(2);
		const data = browser.received().map((call) => (call as { data: unknown }).data);
		expect(data).toEqual([{}, { step: 2 }, { step: 2 }]);
	});

	it('settings are saved', async () => {
		const { person } = await openDesk();
		await person.sees('not sent: no secret is set');
		await person.changesSettings({
			Text: 'demo-webhook-secret-1',
			'The header goes with': 'Bot menus only',
			'An answer may take, ms': '1500',
		});
		await person.sees('mz-integration (menus only)');
		expect(browser.control.simplesDesk.setup).toMatchObject({
			webhookUrl: browser.receiver.url,
			secret: 'demo-webhook-secret-1',
			secretOn: 'bot-menu',
			timeLimit: 1500,
		});
	});
});
