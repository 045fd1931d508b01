import axios from 'axios';
import { BrowserPage, describeInBrowser, post } from '../browserPage';
import { ManualClock } from '../clock';

describeInBrowser('on the Lifty tab', () => {
	/** Pictures expire when a test says so. */
	const clock = new ManualClock();
	const browser = new BrowserPage({ lifty: { clock } });
	const bot = 'demo-bot-vendas';
	/** What the Lifty node does: calls the gateway, or reads an address that it was given. */
	async function ask(path: string) {
		const { apiUrl, setup } = browser.control.lifty;
		const address = `${apiUrl}/integration/bot/${bot}/${path}`;
		const url = path.startsWith('http')
			? path
			: `${address}${path.includes('?') ? '&' : '?'}key=${setup.apiKey}`;
		const options = { validateStatus: () => true, proxy: false as const };
		return (await axios.get<Record<string, string>>(url, options)).data;
	}
	async function start() {
		const { statusURL, tokenURL } = await ask('startWhatsapp?options=c');
		return { statusURL: statusURL!, tokenURL: tokenURL! };
	}
	const send = async (path: string, body: unknown) =>
		await post(`${browser.control.lifty.apiUrl}/integration/whatsapp/${path}`, body, {
			Authorization: `Bearer ${browser.control.lifty.setup.apiKey}`,
		});

	async function openLifty() {
		const person = await browser.open('lifty');
		const [bots, phone, log] = [person.in('Bots'), person.in('Phone'), person.in('Live log')];
		return { person, bots, phone, log };
	}

	it('a number is connected: start, picture, refreshed, expired, started again, scanned', async () => {
		const { person, bots, phone, log } = await openLifty();
		const take = async (name: string) => await person.takesPicture(`-lifty-${name}`);
		await phone.sees('No connection');
		const first = await start();
		await ask(first.statusURL);
		await phone.seesWord('Starting');
		await log.sees(`STARTING · ${bot} #1`);
		const scan = phone.part.getByRole('button', { name: 'Scan QR code' });
		expect(await scan.isDisabled()).toBe(true);
		await take('1-started');

		clock.advance(2000);
		const shown = await phone.seesPicture('QR code, picture 1');
		await phone.sees(/^(60|59) s left to scan$/);
		const width = shown.evaluate(async (image: HTMLImageElement) => {
			await image.decode();
			return image.naturalWidth;
		});
		expect(await width).toBe(294);
		await take('2-picture');

		clock.advance(20_000);
		await phone.seesPicture('QR code, picture 2');
		await phone.sees(/^(40|39) s left to scan$/);
		await take('3-refreshed');
		clock.advance(40_000);
		await phone.sees('QR code expired');
		await bots.sees('Expired');
		await take('4-expired');

		await start();
		clock.advance(2000);
		await phone.sees('Vendas, connection #2');
		await phone.seesPicture('QR code, picture 1');
		await take('5-started-again');
		await phone.fills({ Phone: '+55 48 99991-0002' });
		await phone.clicks('Scan QR code');
		await phone.seesWord('Pairing');
		await take('6-scanned');
		clock.advance(1000);
		await phone.seesWord('Connected');
		await phone.sees('+55 48 99991-0002');
		await bots.seesWord('CONNECTED');
		await take('7-connected');
		expect(browser.control.lifty.counts(bot)).toMatchObject({
			starts: 2,
			connected: 1,
			inactive: 0,
		});

		await phone.clicks('Disconnect on the phone');
		await phone.seesWord('Disconnected');
		await bots.seesWord('DISCONNECTED');
	});

	it('a person sees parallel connections, paused numbers and what was sent', async () => {
		const { person, bots, phone } = await openLifty();
		// A click is done before the simulator has heard of it: its clock must wait for that.
		await person.clicks('Start a connection');
		await phone.seesWord('Starting');
		clock.advance(2000);
		await phone.clicks('Scan QR code');
		await phone.seesWord('Pairing');
		clock.advance(1000);
		await phone.seesWord('Connected');
		await start();
		await bots.sees('2 in parallel');
		await phone.sees('Vendas, connection #2');
		await bots.clicks('#1');
		await phone.sees('Vendas, connection #1');
		await bots.clicks('#2');
		clock.advance(2000);
		await phone.clicks('Expire now');
		await phone.sees('QR code expired');

		await ask('pause/554899991234');
		await bots.sees('+55 48 9999-1234');
		await ask('resume/554899991234');
		await bots.sees('None: the bot replies to everybody.');

		const sent = person.in('Sent messages');
		const phoneNumber = '5548999914321';
		const direct = async (botId: string, message: string) =>
			await send('sendDirectMessage', { phoneNumber, message, botId });
		await direct(bot, '<b>Olá</b>');
		await sent.sees('<b>Olá</b>');
		await direct('demo-bot-suporte', 'Oi');
		await sent.sees('by Suporte · FAILED');
		await send('sendTemplateMessage', {
			destination: phoneNumber,
			templateName: 'pedido_enviado',
			parameters: [{ text: 'Maria' }, { image: 'x' }],
		});
		await sent.sees('pedido_enviado (Maria, {"image":"x"})');
		await bots.clicks('Padaria');
		await sent.sees('Nothing sent yet.');
		await person.sees('demo-lifty-key-of-another-company');
	});

	it('one part is made to misbehave, a key that goes astray is shown, settings are saved', async () => {
		const { person, phone, log } = await openLifty();
		const { statusURL } = await start();
		await person.fills({ 'What goes wrong': 'html', Where: 'Status' });
		await person.clicksJust('Add');
		await person.sees('Status: HTML page with status 200 × 1');
		await ask('whatsapp');
		await ask(statusURL);
		await log.sees(`${bot} #1 · html`);
		await person.sees('The next answers are honest.');

		const alarm = person.part.getByText('API key sent to a status or QR address × 1');
		expect(await alarm.isVisible()).toBe(false);
		await ask(`${statusURL}&key=demo-lifty-key`);
		await alarm.waitFor();
		await log.sees(`carried a key · ${bot} #1`);
		await log.clicks('Gateway');
		await log.sees('startWhatsapp?options=c');
		expect(await log.part.getByText(`${bot} #1`).count()).toBe(0);

		await person.changesSettings({
			'From start to QR code': '0.5',
			'Status before the QR code': 'INITIALIZING',
			statusURL: 'http://169.254.169.254/',
		});
		expect(browser.control.lifty.setup).toMatchObject({
			qrReadyAfter: 500,
			qrExpiresAfter: 60_000,
			startingStatus: 'INITIALIZING',
			statusUrl: 'http://169.254.169.254/',
			tokenUrl: undefined,
		});
		await person.clicks('Reset');
		await phone.sees('No connection');
		await log.sees('Nothing has happened yet.');
		expect(await alarm.isVisible()).toBe(false);
	});
});
