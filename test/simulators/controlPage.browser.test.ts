import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import type { Browser, Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { chromiumPath, launchChromium } from '../support/chromium';
import { waitFor } from '../support/waitFor';
import { ManualClock } from './clock';
import { startControlPage, type ControlPage } from './controlPage';
import { startWebhookReceiver, type WebhookReceiver } from './webhookReceiver';

// A browser is no npm package. Without one there is nothing to look with, and the rest still counts.
if (!chromiumPath) {
	console.warn(
		'Browser tests of the control page are skipped: no Chromium found. Set CHROMIUM_PATH to one.',
	);
}
const describeWithBrowser = chromiumPath ? describe : describe.skip;

const pictures = join(__dirname, '../../.test-output');
const secondsForAll = 120_000;

describeWithBrowser('in a browser', () => {
	let control: ControlPage;
	let receiver: WebhookReceiver;
	let browser: Browser;
	const complaints: string[] = [];
	/** Of the Lifty simulator: its pictures expire when a test says so. */
	const liftyClock = new ManualClock();

	/** A window of its own, as another person would have. */
	async function open(size = { width: 1440, height: 900 }, tab = 'omnize'): Promise<Page> {
		const context = await browser.newContext({ viewport: size, colorScheme: 'light' });
		const page = await context.newPage();
		page.setDefaultTimeout(20_000);
		page.on('pageerror', (error) => complaints.push(String(error)));
		page.on('console', (message) => {
			if (message.type() === 'error') complaints.push(message.text());
		});
		await page.goto(`${control.url}/#${tab}`);
		await page.getByText('Live', { exact: true }).waitFor();
		return page;
	}
	const chatOf = (page: Page) => page.getByRole('region', { name: 'Website chat' });
	const agentsOf = (page: Page) => page.getByRole('region', { name: 'Agent console' });
	const logOf = (page: Page) => page.getByRole('region', { name: 'Live log' });
	const callApi = async (body: Record<string, unknown>) =>
		await axios.post<unknown>(
			control.omnize.apiUrl,
			{ token: control.omnize.token, departmentId: '1', clientId: '12', ...body },
			{ validateStatus: () => true, proxy: false },
		);

	beforeAll(async () => {
		mkdirSync(pictures, { recursive: true });
		control = await startControlPage({ port: 0, lifty: { clock: liftyClock } });
		receiver = await startWebhookReceiver();
		browser = await launchChromium();
	}, secondsForAll);
	beforeEach(() => {
		control.omnize.reset();
		control.siteChat.reset();
		control.omnize.setWebhookUrl(receiver.url);
		control.gitple.reset();
		control.gitple.setWebhookUrl(receiver.url);
		control.lifty.reset();
		control.voxfree.reset();
		control.simplesDesk.reset();
		control.simplesDesk.setWebhookUrl(receiver.url);
		control.siteChat.setCustomerChannelUrl(receiver.url);
		receiver.received.length = 0;
		receiver.answer = { status: 200, body: '{"ok":true}' };
		complaints.length = 0;
	});
	afterEach(async () => {
		await Promise.all(browser.contexts().map(async (context) => await context.close()));
		expect(complaints).toEqual([]);
	});
	afterAll(async () => {
		await browser?.close();
		await control?.close();
		await receiver?.close();
	}, secondsForAll);

	it(
		'a customer and an agent talk, each in his own window',
		async () => {
			const customer = await open();
			const agent = await open();
			await agentsOf(agent).getByText('Nobody is waiting.').waitFor();

			await chatOf(customer).getByLabel('Write as the customer').fill('Bom dia, <b>alguém</b>?');
			await customer.keyboard.press('Enter');
			await chatOf(agent).getByText('Bom dia, <b>alguém</b>?').waitFor();

			// What a workflow would do with that message.
			await callApi({
				type: 'info',
				content: 'init',
				customerName: 'João Batista',
				botId: 'greeter',
			});
			await callApi({ type: 'message', content: 'Bom dia, <b>alguém</b>?' });
			await agentsOf(agent).getByRole('heading', { name: 'João Batista' }).waitFor();
			await agentsOf(agent).getByText('Waiting', { exact: true }).first().waitFor();
			await agentsOf(agent).getByRole('button', { name: 'Accept' }).click();
			await agentsOf(agent).getByText('In conversation').first().waitFor();

			await callApi({ type: 'info', content: 'typing' });
			await agentsOf(agent).getByText('João Batista is writing').waitFor();
			const typing = agentsOf(agent).getByRole('switch', { name: 'Typing' });
			await typing.click();
			await agentsOf(customer)
				.locator('[role=switch][aria-checked=true]', { hasText: 'Typing' })
				.waitFor();
			await agentsOf(agent).getByLabel('Write as the agent').fill('Bom dia, João!');
			await agentsOf(agent).getByRole('button', { name: 'Send' }).click();
			await agentsOf(agent).getByText('Bom dia, João!').waitFor();
			expect(await typing.getAttribute('aria-checked')).toBe('false');

			// What a workflow would do with the agent's message.
			await axios.post(
				control.customerChannelReplyUrl,
				{ clientId: '12', text: 'Bom dia, João!', from: 'agent' },
				{ proxy: false },
			);
			await chatOf(customer).getByText('Bom dia, João!').waitFor();
			await customer.screenshot({ path: join(pictures, 'control-page.png') });

			await agentsOf(agent).getByRole('button', { name: 'Finish interaction' }).click();
			await agentsOf(customer).getByText('Finished by the agent.').waitFor();
			expect(receiver.received.slice(1).map(({ text }) => JSON.parse(text) as unknown)).toEqual([
				{ status: 'accepted', clientId: '12', botId: 'greeter' },
				{ status: 'typing', clientId: '12', botId: 'greeter' },
				{ message: 'Bom dia, João!', clientId: '12', botId: 'greeter' },
				{ status: 'finish', clientId: '12', botId: 'greeter' },
			]);
			const lines = await logOf(customer).locator('.kind').allTextContents();
			expect(lines).toEqual(
				expect.arrayContaining(['n8n → Omnize', 'Omnize → n8n', 'Chat → n8n', 'n8n → Chat']),
			);
		},
		secondsForAll,
	);

	it(
		'a person makes the simulator misbehave and sees what was sent',
		async () => {
			const page = await open();
			await page.getByLabel('What goes wrong').selectOption('html');
			await page.getByLabel('How often').fill('2');
			await page.getByRole('button', { name: 'Add', exact: true }).click();
			await page.getByText('HTML page with status 200 × 2').waitFor();
			await callApi({ type: 'info', content: 'init' });
			await page.getByText('HTML page with status 200 × 1').waitFor();

			await logOf(page).getByText('init · 12 · html').click();
			await logOf(page).getByText('Misbehaviour played: html').waitFor();
			expect(await logOf(page).locator('pre').last().textContent()).toContain('<!DOCTYPE html>');
			await page.getByRole('button', { name: 'Take back' }).click();
			await page.getByText('The next answers are honest.').waitFor();
		},
		secondsForAll,
	);

	it(
		'a person says where n8n is, plays all agents away and resets',
		async () => {
			control.omnize.reset();
			control.siteChat.setCustomerChannelUrl(undefined);
			const page = await open();
			await page.getByText('nowhere yet: set the webhook URL').waitFor();
			await chatOf(page).getByLabel('Write as the customer').fill('Oi');
			await page.keyboard.press('Enter');
			await chatOf(page).getByText('not sent: no customer channel is set').waitFor();

			await page.getByRole('button', { name: 'Settings' }).click();
			await page.getByLabel('Webhook URL').fill(receiver.url);
			await page.getByLabel('Headers of every trigger').fill('x-secret: demo-shared-secret');
			await page.getByLabel('Customer channel').fill(receiver.url);
			await page.getByRole('button', { name: 'Save' }).click();
			await page.getByRole('dialog').waitFor({ state: 'hidden' });
			await page.getByTitle(receiver.url).first().waitFor();

			const switches = agentsOf(page).getByRole('switch');
			await switches.first().click();
			await agentsOf(page).locator('li[data-online=false]', { hasText: 'Ana' }).waitFor();
			await callApi({ type: 'info', content: 'init' });
			await agentsOf(page).getByText('No agent', { exact: true }).first().waitFor();
			await logOf(page).getByText('unavailable · 12').waitFor();
			const first = await waitFor('a trigger', () => receiver.received[0]);
			expect(first.headers['x-secret']).toBe('demo-shared-secret');

			await page.getByRole('button', { name: 'Reset' }).click();
			await agentsOf(page).getByText('Nobody is waiting.').waitFor();
			await chatOf(page).getByText('João Batista has not written yet.').waitFor();
			await logOf(page).getByText('Nothing has happened yet.').waitFor();
			await page.getByTitle(receiver.url).first().waitFor();
		},
		secondsForAll,
	);

	it(
		'what a person is doing survives the news that come in',
		async () => {
			const page = await open();
			await callApi({ type: 'info', content: 'init' });
			await logOf(page).getByText('init · 12').click();
			const field = chatOf(page).getByLabel('Write as the customer');
			await field.fill('half a sen');
			for (let i = 0; i < 5; i += 1) await callApi({ type: 'message', content: `text ${i}` });
			await agentsOf(page).getByText('text 4', { exact: true }).waitFor();
			expect(await field.inputValue()).toBe('half a sen');
			expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
			expect(await logOf(page).locator('details[open]').count()).toBe(1);
		},
		secondsForAll,
	);

	it(
		'works by keyboard alone: tabs, sending, accepting',
		async () => {
			const page = await open();
			await callApi({ type: 'info', content: 'init' });
			await page.getByRole('tab', { name: 'Omnize' }).focus();
			await page.keyboard.press('ArrowRight');
			await page.getByRole('tab', { name: 'Gitple', selected: true }).waitFor();
			await page.keyboard.press('ArrowLeft');
			await page.getByRole('tab', { name: 'Omnize', selected: true }).waitFor();
			await agentsOf(page).getByRole('button', { name: 'Accept' }).focus();
			await page.keyboard.press('Enter');
			const answer = agentsOf(page).getByLabel('Write as the agent');
			await answer.waitFor();
			await answer.focus();
			await page.keyboard.type('Olá');
			await page.keyboard.press('Enter');
			await agentsOf(page).getByText('Olá', { exact: true }).waitFor();
		},
		secondsForAll,
	);

	it.each([1440, 1120, 900, 400])(
		'is not wider than a window of %d pixels',
		async (width) => {
			const page = await open({ width, height: 900 });
			await callApi({ type: 'info', content: 'init', customerName: 'J'.repeat(200) });
			await callApi({ type: 'message', content: 'w'.repeat(2000) });
			await agentsOf(page).getByText('www').first().waitFor();
			const overflow = await page.evaluate(
				() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
			);
			expect(overflow).toBe(0);
			await page.screenshot({ path: join(pictures, `control-page-${width}.png`), fullPage: true });
		},
		secondsForAll,
	);

	describe('on the Gitple tab', () => {
		const openGitple = async (size?: { width: number; height: number }) =>
			await open(size, 'gitple');
		const workspaceOf = (page: Page) => page.getByRole('region', { name: 'Workspace' });
		const receivedOf = (page: Page) => page.getByRole('region', { name: 'Received' });
		const typesSent = () =>
			receiver.received.map(({ text }) => (JSON.parse(text) as { type: string }).type);
		const callHooks = async (content: unknown) =>
			await axios.post(
				`${control.gitple.apiUrl}/hooks`,
				{ type: 'notification', identifier: 'customer-1001', anonymous: false, content },
				{
					headers: { 'app-code': 'demo-app-code', secret: 'demo-open-api-secret' },
					proxy: false,
				},
			);

		it(
			'a session is opened, assigned, talked in and closed',
			async () => {
				const page = await openGitple();
				const workspace = workspaceOf(page);
				await workspace.getByRole('button', { name: 'Open session' }).click();
				await workspace.getByRole('heading', { name: 'session-2' }).waitFor();
				await workspace.getByLabel('Write in the session').fill('Onde está <b>isso</b>?');
				await page.keyboard.press('Enter');
				await workspace.getByText('Onde está <b>isso</b>?').waitFor();
				await workspace.getByLabel('Assignee').selectOption('Kim Min-jun');
				await workspace.getByRole('button', { name: 'Assign', exact: true }).click();
				await workspace.getByText('In progress').first().waitFor();
				await workspace.getByLabel('Who writes').selectOption('Agent');
				await workspace.getByLabel('Write in the session').fill('Um momento');
				await page.keyboard.press('Enter');
				await workspace.locator('.bubble[data-from=agent]', { hasText: 'Um momento' }).waitFor();

				await workspace.getByRole('button', { name: 'Close session…' }).click();
				const dialog = page.getByRole('dialog', { name: 'Close session' });
				await dialog.getByLabel('Refund').check();
				await dialog.getByLabel('Returns').check();
				await dialog.getByLabel('Note').fill('Feito');
				await dialog.getByRole('button', { name: 'Close session' }).click();
				await dialog.waitFor({ state: 'hidden' });
				await workspace.getByText('Feito').waitFor();
				await page
					.getByText('session_state_close · session-2')
					.locator('..')
					.getByText('200', { exact: true })
					.waitFor();
				expect(typesSent()).toEqual([
					'session_state_open',
					'session_state_inprogress',
					'session_state_close',
				]);
				expect(JSON.parse(receiver.received[2]!.text)).toMatchObject({
					session: { assigneeId: 'agent-2', tags: ['stag-1'], categories: ['cat-2'] },
				});
			},
			secondsForAll,
		);

		it(
			'an external message goes out, and what n8n sends is shown with its buttons',
			async () => {
				const page = await openGitple();
				await workspaceOf(page).getByLabel('Send an external message').fill('O pedido saiu');
				await page.keyboard.press('Enter');
				await receivedOf(page).getByText('O pedido saiu').waitFor();
				const action = (t: string, u: string) => ({ p: 'button', t, c: { l: { u } } });
				await callHooks([
					{
						t: '<i>Good?</i>',
						a: [action('Yes', 'https://example.test/yes'), action('No', 'javascript:alert(1)')],
					},
				]);
				await receivedOf(page).getByText('<i>Good?</i>').waitFor();
				const links = await receivedOf(page).getByRole('link').all();
				expect(await Promise.all(links.map(async (one) => await one.getAttribute('href')))).toEqual(
					['https://example.test/yes'],
				);
				await waitFor('the delivery', () => typesSent().length > 0);
				expect(typesSent()).toEqual(['send_external_message']);
				await page.screenshot({ path: join(pictures, 'control-page-gitple.png') });

				await workspaceOf(page).getByRole('button', { name: 'visitor' }).click();
				await receivedOf(page).getByText('Nothing yet.').waitFor();
				await workspaceOf(page).getByText('No session yet.').waitFor();
			},
			secondsForAll,
		);

		it(
			'settings are saved, forgeries sent, and everything is reset',
			async () => {
				const page = await openGitple();
				await page.getByRole('button', { name: 'Settings' }).click();
				const dialog = page.getByRole('dialog', { name: 'Settings' });
				await dialog.getByLabel('Signature is written in').selectOption('Base64');
				await dialog.getByLabel('session_state_open').uncheck();
				await dialog.getByRole('button', { name: 'Save' }).click();
				await dialog.waitFor({ state: 'hidden' });
				expect(control.gitple.setup).toMatchObject({
					signatureEncoding: 'base64',
					events: ['send_external_message', 'session_state_inprogress', 'session_state_close'],
				});
				await page.getByRole('button', { name: 'Settings' }).click();
				await dialog.getByText('Forge a delivery').click();
				await dialog.getByLabel('Forgery').selectOption('no-header');
				await dialog.getByRole('button', { name: 'Send forgery' }).click();
				await logOf(page).getByText('forged · session_state_open').click();
				await logOf(page).getByRole('button', { name: 'Deliver again' }).click();
				await logOf(page).getByText('forged · session_state_open').nth(1).waitFor();
				await page.getByRole('button', { name: 'Reset' }).click();
				await logOf(page).getByText('Nothing has happened yet.').waitFor();
			},
			secondsForAll,
		);

		it.each([1440, 1120, 900, 400])(
			'is not wider than a window of %d pixels',
			async (width) => {
				await control.gitple.openSession('user-1');
				control.gitple.userSays('session-2', 'w'.repeat(2000));
				await callHooks([{ l: { u: `https://example.test/${'w'.repeat(900)}`, m: 'Look' } }]);
				const page = await openGitple({ width, height: 900 });
				await receivedOf(page).getByText('www').waitFor();
				const overflow = await page.evaluate(
					() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
				);
				expect(overflow).toBe(0);
			},
			secondsForAll,
		);
	});

	describe('on the SimplesDesk tab', () => {
		const openDesk = async (size?: { width: number; height: number }) =>
			await open(size, 'simplesdesk');
		const managerOf = (page: Page) => page.getByRole('region', { name: 'Scheduled messages' });
		const phoneOf = (page: Page) => page.getByRole('region', { name: 'Phone' });
		const reportOf = (page: Page) => page.getByRole('region', { name: 'Integration report' });
		const asset = (file: string) => `${control.url}/simplesdesk/assets/${file}`;
		const willAnswer = (value: unknown) => {
			receiver.answer = {
				status: 200,
				body: JSON.stringify(value),
				headers: { 'Content-Type': 'application/json' },
			};
		};
		const sendNow = async (page: Page) =>
			await managerOf(page).getByRole('button', { name: 'Send', exact: true }).click();

		it(
			'a scheduled message shows texts, a file, a picture and a sound on the phone',
			async () => {
				const page = await openDesk();
				await phoneOf(page).getByText('Nothing yet.').waitFor();
				willAnswer([
					{ type: 'TEXT', value: 'Olá, <b>João</b>!' },
					{ type: 'FILE', value: asset('boleto.pdf') },
					{ type: 'IMAGE', value: asset('pix.png') },
					{ type: 'IMAGE', value: 'https://example.test/outra%20foto.png' },
					{ type: 'AUDIO', value: control.simplesDesk.assets.audio },
				]);
				await managerOf(page).getByLabel('Payload').fill('{ "invoice": "1042" }');
				await sendNow(page);
				await phoneOf(page).getByText('Olá, <b>João</b>!').waitFor();
				expect(JSON.parse(receiver.received[0]!.text)).toMatchObject({
					data: { invoice: '1042' },
				});
				const file = phoneOf(page).getByRole('link', { name: 'boleto.pdf' });
				expect(await file.getAttribute('href')).toBe(asset('boleto.pdf'));
				await page.waitForFunction(() => {
					const picture = document.querySelector<HTMLImageElement>('img.picture');
					const sound = document.querySelector<HTMLAudioElement>('audio.sound');
					return (picture?.naturalWidth ?? 0) > 0 && (sound?.duration ?? 0) > 1;
				});
				// What lies elsewhere is not loaded: a card stands for it.
				await phoneOf(page).getByRole('link', { name: 'outra foto.png' }).waitFor();
				await reportOf(page).getByText('João da Silva · QR · text, file, 2 × image, audio').click();
				await reportOf(page).getByText('"SCHEDULED_MESSAGE"').waitFor();
				await page.screenshot({ path: join(pictures, 'control-page-simplesdesk.png') });
			},
			secondsForAll,
		);

		it(
			'the official account’s template comes filled in',
			async () => {
				const page = await openDesk();
				await page.getByRole('button', { name: 'Official API account' }).click();
				await managerOf(page).getByText('spring_sale').waitFor();
				const one = (value: string) => [{ index: 1, value }];
				willAnswer([
					{
						type: 'TEMPLATE',
						name: 'ticket_activated',
						language: 'pt_BR',
						header: { parameters: one('n.º 7') },
						body: { parameters: [...one('João'), { index: 2, value: '1042' }] },
						buttons: [{ index: 1, parameters: one('1042') }],
					},
				]);
				await sendNow(page);
				await phoneOf(page).getByText('Atendimento n.º 7').waitFor();
				await phoneOf(page).getByText('Olá, João! Seu chamado 1042 foi aberto.').waitFor();
				const button = phoneOf(page).getByRole('link', { name: 'Acompanhar' });
				expect(await button.getAttribute('href')).toBe('https://example.test/chamados/1042');
				await page.screenshot({ path: join(pictures, 'control-page-simplesdesk-template.png') });
			},
			secondsForAll,
		);

		it(
			'a failure says why in the report, and the phone stays as it was',
			async () => {
				const page = await openDesk();
				willAnswer([
					{ type: 'TEXT', value: 'Olá' },
					{ type: 'VIDEO', value: 'a' },
				]);
				await sendNow(page);
				await reportOf(page).getByText('Message 2: there is no type "VIDEO"').waitFor();
				await phoneOf(page).getByText('Nothing yet.').waitFor();
				await page.getByLabel('What goes wrong').selectOption('wrong-secret');
				await page.getByText('Somebody who guesses the secret.').waitFor();
				await page.getByRole('button', { name: 'Add', exact: true }).click();
				await page.getByText('Secret header is wrong × 1').waitFor();
				await sendNow(page);
				await reportOf(page).getByText('João da Silva · QR · wrong-secret').waitFor();
				await page.getByText('The next calls are as they should be.').waitFor();
				expect(receiver.received[1]?.headers).toHaveProperty('mz-integration');
				await reportOf(page).getByRole('button', { name: 'Sent', exact: true }).click();
				await reportOf(page).getByText('Nothing has happened yet.').waitFor();
				await reportOf(page).getByRole('button', { name: 'Failed', exact: true }).click();
				expect(await reportOf(page).getByText('failed', { exact: true }).count()).toBe(2);
			},
			secondsForAll,
		);

		it(
			'a message for later waits in a list, and a payload that is no JSON goes nowhere',
			async () => {
				const page = await openDesk();
				const manager = managerOf(page);
				await manager.getByLabel('Payload').fill('{ invoice }');
				await sendNow(page);
				await page.getByText('The payload is not JSON').waitFor();
				await manager.getByLabel('Payload').fill('');
				await manager.getByLabel('When').selectOption('At a time of your own');
				await manager.getByLabel('Time', { exact: true }).fill('2099-12-31T23:59:59');
				await manager.getByRole('button', { name: 'Maria Souza' }).click();
				await manager.getByRole('button', { name: 'Schedule', exact: true }).click();
				const waiting = manager.getByRole('list', { name: 'Waiting' });
				await waiting.getByText('Maria Souza').waitFor();
				await waiting.getByText('23:59:59').waitFor();
				expect(receiver.received).toEqual([]);
				await page.getByRole('button', { name: 'Reset' }).click();
				await waiting.getByText('Maria Souza').waitFor({ state: 'hidden' });
			},
			secondsForAll,
		);

		it(
			'the contact plays the bot menu, by button and by word',
			async () => {
				const page = await openDesk();
				const phone = phoneOf(page);
				const callback = { endpoint: receiver.url, data: { step: 2 } };
				await phone.getByLabel('Write as the contact').fill('oi');
				await page.keyboard.press('Enter');
				willAnswer({
					type: 'MENU',
					text: 'Qual fatura?',
					attachments: [
						{ position: 'BEFORE', type: 'IMAGE', name: 'pix.png', url: asset('pix.png') },
						{ position: 'AFTER', type: 'DOCUMENT', name: 'lista.pdf', base64: 'QUJD' },
					],
					items: [{ number: 1, text: 'Fatura 1042', callback }],
				});
				await phone.getByRole('button', { name: 'Minhas faturas' }).click();
				await phone.getByRole('img', { name: 'pix.png' }).waitFor();
				await phone.getByText('lista.pdf').waitFor();
				willAnswer({ type: 'QUESTION', text: 'Seu e-mail?', callback });
				await phone.getByRole('button', { name: 'Fatura 1042' }).click();
				await phone.getByText('Seu e-mail?').waitFor();
				receiver.answer = { status: 500, body: 'no' };
				await phone.getByLabel('Write as the contact').fill('joao@example.test');
				await page.keyboard.press('Enter');
				await reportOf(page).getByText('The answer has the status 500, and says: no').waitFor();
				expect(await phone.getByText('Olá! Como podemos ajudar?').count()).toBe(2);
				expect(
					receiver.received.map(({ text }) => (JSON.parse(text) as { data: unknown }).data),
				).toEqual([{}, { step: 2 }, { step: 2 }]);
			},
			secondsForAll,
		);

		it(
			'settings are saved',
			async () => {
				const page = await openDesk();
				await page.getByText('not sent: no secret is set').waitFor();
				await page.getByRole('button', { name: 'Settings' }).click();
				const dialog = page.getByRole('dialog', { name: 'Settings' });
				await dialog.getByLabel('Text').fill('demo-webhook-secret-1');
				await dialog.getByLabel('The header goes with').selectOption('Bot menus only');
				await dialog.getByLabel('An answer may take, ms').fill('1500');
				await dialog.getByRole('button', { name: 'Save' }).click();
				await dialog.waitFor({ state: 'hidden' });
				await page.getByText('mz-integration (menus only)').waitFor();
				expect(control.simplesDesk.setup).toMatchObject({
					webhookUrl: receiver.url,
					secret: 'demo-webhook-secret-1',
					secretOn: 'bot-menu',
					timeLimit: 1500,
				});
			},
			secondsForAll,
		);

		it.each([1440, 1120, 900, 400])(
			'is not wider than a window of %d pixels',
			async (width) => {
				const address = `https://example.test/${'w'.repeat(900)}`;
				willAnswer([
					{ type: 'TEXT', value: 'w'.repeat(2000) },
					{ type: 'FILE', value: address },
					{ type: 'AUDIO', value: asset('recado.wav') },
				]);
				await control.simplesDesk.schedule();
				willAnswer([{ type: 'w'.repeat(300) }]);
				await control.simplesDesk.schedule();
				const page = await openDesk({ width, height: 900 });
				await reportOf(page).getByText('there is no type').waitFor();
				await phoneOf(page).getByText('www').first().waitFor();
				const overflow = await page.evaluate(
					() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
				);
				expect(overflow).toBe(0);
			},
			secondsForAll,
		);
	});

	describe('on the Lifty tab', () => {
		const bot = 'demo-bot-vendas';
		const openLifty = async (size?: { width: number; height: number }) => await open(size, 'lifty');
		const phoneOf = (page: Page) => page.getByRole('region', { name: 'Phone' });
		const botsOf = (page: Page) => page.getByRole('region', { name: 'Bots' });
		/** What the node does: calls the gateway, or reads an address that it was given. */
		const ask = async (path: string) => {
			const { apiUrl, setup } = control.lifty;
			const address = `${apiUrl}/integration/bot/${bot}/${path}`;
			const url = path.startsWith('http')
				? path
				: `${address}${path.includes('?') ? '&' : '?'}key=${setup.apiKey}`;
			const { data } = await axios.get<Record<string, string>>(url, {
				validateStatus: () => true,
				proxy: false,
			});
			return data;
		};
		const start = async () => {
			const { statusURL, tokenURL } = await ask('startWhatsapp?options=c');
			return { statusURL: statusURL!, tokenURL: tokenURL! };
		};
		const send = async (path: string, body: unknown) =>
			await axios.post(`${control.lifty.apiUrl}/integration/whatsapp/${path}`, body, {
				headers: { Authorization: `Bearer ${control.lifty.setup.apiKey}` },
				proxy: false,
			});

		it(
			'a number is connected: start, picture, refreshed, expired, started again, scanned',
			async () => {
				const page = await openLifty();
				const phone = phoneOf(page);
				const take = async (name: string) =>
					await page.screenshot({ path: join(pictures, `control-page-lifty-${name}.png`) });
				await phone.getByText('No connection').waitFor();

				const first = await start();
				await ask(first.statusURL);
				await phone.getByText('Starting', { exact: true }).waitFor();
				await logOf(page).getByText(`STARTING · ${bot} #1`).waitFor();
				expect(await phone.getByRole('button', { name: 'Scan QR code' }).isDisabled()).toBe(true);
				await take('1-started');

				liftyClock.advance(2000);
				const shown = phone.getByRole('img', { name: 'QR code, picture 1' });
				await shown.waitFor();
				await phone.getByText(/^(60|59) s left to scan$/).waitFor();
				expect(
					await shown.evaluate(async (image: HTMLImageElement) => {
						await image.decode();
						return image.naturalWidth;
					}),
				).toBe(294);
				await take('2-picture');

				liftyClock.advance(20_000);
				await phone.getByRole('img', { name: 'QR code, picture 2' }).waitFor();
				await phone.getByText(/^(40|39) s left to scan$/).waitFor();
				await take('3-refreshed');

				liftyClock.advance(40_000);
				await phone.getByText('QR code expired').waitFor();
				await botsOf(page).getByText('Expired').waitFor();
				await take('4-expired');

				await start();
				liftyClock.advance(2000);
				await phone.getByText('Vendas, connection #2').waitFor();
				await phone.getByRole('img', { name: 'QR code, picture 1' }).waitFor();
				await take('5-started-again');

				await phone.getByLabel('Phone').selectOption('+55 48 99991-0002');
				await phone.getByRole('button', { name: 'Scan QR code' }).click();
				await phone.getByText('Pairing', { exact: true }).waitFor();
				await take('6-scanned');
				liftyClock.advance(1000);
				await phone.getByText('Connected', { exact: true }).waitFor();
				await phone.getByText('+55 48 99991-0002').waitFor();
				await botsOf(page).getByText('CONNECTED').first().waitFor();
				await take('7-connected');
				expect(control.lifty.counts(bot)).toMatchObject({ starts: 2, connected: 1, inactive: 0 });

				await phone.getByRole('button', { name: 'Disconnect on the phone' }).click();
				await phone.getByText('Disconnected', { exact: true }).waitFor();
				await botsOf(page).getByText('DISCONNECTED').first().waitFor();
			},
			secondsForAll,
		);

		it(
			'a person sees parallel connections, paused numbers and what was sent',
			async () => {
				const page = await openLifty();
				// A click is done before the simulator has heard of it: its clock must wait for that.
				await page.getByRole('button', { name: 'Start a connection' }).click();
				await phoneOf(page).getByText('Starting', { exact: true }).waitFor();
				liftyClock.advance(2000);
				await phoneOf(page).getByRole('button', { name: 'Scan QR code' }).click();
				await phoneOf(page).getByText('Pairing', { exact: true }).waitFor();
				liftyClock.advance(1000);
				await phoneOf(page).getByText('Connected', { exact: true }).waitFor();
				await start();
				await botsOf(page).getByText('2 in parallel').waitFor();
				await phoneOf(page).getByText('Vendas, connection #2').waitFor();
				await botsOf(page).getByRole('button', { name: '#1' }).click();
				await phoneOf(page).getByText('Vendas, connection #1').waitFor();
				await botsOf(page).getByRole('button', { name: '#2' }).click();
				liftyClock.advance(2000);
				await phoneOf(page).getByRole('button', { name: 'Expire now' }).click();
				await phoneOf(page).getByText('QR code expired').waitFor();

				await ask('pause/554899991234');
				await botsOf(page).getByText('+55 48 9999-1234').waitFor();
				await ask('resume/554899991234');
				await botsOf(page).getByText('None: the bot replies to everybody.').waitFor();

				const sent = page.getByRole('region', { name: 'Sent messages' });
				const phoneNumber = '5548999914321';
				await send('sendDirectMessage', { phoneNumber, message: '<b>Olá</b>', botId: bot });
				await sent.getByText('<b>Olá</b>').waitFor();
				await send('sendDirectMessage', { phoneNumber, message: 'Oi', botId: 'demo-bot-suporte' });
				await sent.getByText('by Suporte · FAILED').waitFor();
				await send('sendTemplateMessage', {
					destination: phoneNumber,
					templateName: 'pedido_enviado',
					parameters: [{ text: 'Maria' }, { image: 'x' }],
				});
				await sent.getByText('pedido_enviado (Maria, {"image":"x"})').waitFor();
				await botsOf(page).getByRole('button', { name: 'Padaria' }).click();
				await sent.getByText('Nothing sent yet.').waitFor();
				await page.getByText('demo-lifty-key-of-another-company').waitFor();
			},
			secondsForAll,
		);

		it(
			'one part is made to misbehave, a key that goes astray is shown, settings are saved',
			async () => {
				const page = await openLifty();
				const { statusURL } = await start();
				await page.getByLabel('What goes wrong').selectOption('html');
				await page.getByLabel('Where').selectOption('Status');
				await page.getByRole('button', { name: 'Add', exact: true }).click();
				await page.getByText('Status: HTML page with status 200 × 1').waitFor();
				await ask('whatsapp');
				await ask(statusURL);
				await logOf(page).getByText(`${bot} #1 · html`).waitFor();
				await page.getByText('The next answers are honest.').waitFor();

				const alarm = page.getByText('API key sent to a status or QR address × 1');
				expect(await alarm.isVisible()).toBe(false);
				await ask(`${statusURL}&key=demo-lifty-key`);
				await alarm.waitFor();
				await logOf(page).getByText(`carried a key · ${bot} #1`).waitFor();
				await logOf(page).getByRole('button', { name: 'Gateway' }).click();
				await logOf(page).getByText('startWhatsapp?options=c').waitFor();
				expect(await logOf(page).getByText(`${bot} #1`).count()).toBe(0);

				await page.getByRole('button', { name: 'Settings' }).click();
				const dialog = page.getByRole('dialog', { name: 'Settings' });
				await dialog.getByLabel('From start to QR code').fill('0.5');
				await dialog.getByLabel('Status before the QR code').fill('INITIALIZING');
				await dialog.getByLabel('statusURL').fill('http://169.254.169.254/');
				await dialog.getByRole('button', { name: 'Save' }).click();
				await dialog.waitFor({ state: 'hidden' });
				expect(control.lifty.setup).toMatchObject({
					qrReadyAfter: 500,
					qrExpiresAfter: 60_000,
					startingStatus: 'INITIALIZING',
					statusUrl: 'http://169.254.169.254/',
					tokenUrl: undefined,
				});
				await page.getByRole('button', { name: 'Reset' }).click();
				await phoneOf(page).getByText('No connection').waitFor();
				await logOf(page).getByText('Nothing has happened yet.').waitFor();
				expect(await alarm.isVisible()).toBe(false);
			},
			secondsForAll,
		);

		it.each([1440, 1120, 900, 400])(
			'is not wider than a window of %d pixels',
			async (width) => {
				control.lifty.addBot('demo-bot-longo', 'B'.repeat(120));
				control.lifty.forceStatus(bot, 'S'.repeat(200));
				const { statusURL } = await start();
				liftyClock.advance(2000);
				await ask(`${statusURL}&key=x`);
				await send('sendTemplateMessage', {
					destination: '5548999914321',
					templateName: 'w'.repeat(2000),
				});
				const page = await openLifty({ width, height: 900 });
				await page.getByText('www').waitFor();
				const overflow = await page.evaluate(
					() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
				);
				expect(overflow).toBe(0);
				await page.screenshot({
					path: join(pictures, `control-page-lifty-${width}.png`),
					fullPage: true,
				});
			},
			secondsForAll,
		);
	});

	describe('on the Voxfree tab', () => {
		const openVoxfree = async (size?: { width: number; height: number }) =>
			await open(size, 'voxfree');
		const customersOf = (page: Page) => page.getByRole('region', { name: 'Customers' });
		const attendantsOf = (page: Page) => page.getByRole('region', { name: 'Attendants' });
		const socketOf = (page: Page) => page.getByRole('region', { name: 'Socket' });
		const call = async (file: string, fields: Record<string, unknown>) =>
			await axios.post<unknown>(
				`${control.voxfree.applicationUrl}/mobile/${file}`,
				{ id_agente: '61', codid_cliente: '1', ...fields },
				{ proxy: false },
			);
		/** Somebody who listens as n8n would. */
		const listen = async () => {
			const socket = new WebSocket(control.voxfree.socketUrl);
			await once(socket, 'open');
			const nulls = { recipient_id: null, type: 'socket', token: null, message: null };
			socket.send(JSON.stringify({ codid_agente: '61', ...nulls }));
			return socket;
		};

		it(
			'a customer writes, waits, is served, and is finished with a wrap-up code',
			async () => {
				const page = await openVoxfree();
				const [customers, attendants] = [customersOf(page), attendantsOf(page)];
				await customers.getByLabel('Write as the customer').fill('Onde está <b>isso</b>?');
				await page.keyboard.press('Enter');
				await attendants.getByRole('heading', { name: 'João Batista' }).waitFor();
				await attendants.getByText('Waiting', { exact: true }).last().waitFor();
				await attendants.getByRole('button', { name: 'Take' }).click();
				await attendants.getByText('Active', { exact: true }).last().waitFor();
				await attendants.getByLabel('Write as the attendant').fill('Um momento');
				await page.keyboard.press('Enter');
				await customers.getByText('Um momento').waitFor();

				await customers.getByLabel('File to send as the customer').setInputFiles({
					name: 'conta ç.pdf',
					mimeType: 'application/pdf',
					buffer: Buffer.from('%PDF-demo'),
				});
				const file = attendants.getByRole('link', { name: 'conta ç.pdf' });
				await file.waitFor();
				expect(await (await page.request.get((await file.getAttribute('href'))!)).text()).toBe(
					'%PDF-demo',
				);
				await attendants.getByText(/^SHA-256 [0-9a-f]{16}…$/).waitFor();

				await attendants.getByText(/^Free text for 23 h more$/).waitFor();
				await customers.getByRole('button', { name: '24 hours pass' }).click();
				await attendants.getByText('Template only').waitFor();
				await page.screenshot({ path: join(pictures, 'control-page-voxfree.png') });

				await attendants.getByLabel('Wrap-up code').selectOption('Resolvido');
				await attendants.getByRole('button', { name: 'Finish' }).click();
				await attendants.getByText('Finished', { exact: true }).last().waitFor();
				expect(control.voxfree.state.conversations.at(-1)).toMatchObject({ wrapUpCode: '22' });
				await logOf(page).getByText('Finalizar').waitFor();
			},
			secondsForAll,
		);

		it(
			'what n8n sends, tags and transfers is shown, and failures under status 200 as failures',
			async () => {
				control.voxfree.signIn('61');
				const { protocol } = control.voxfree.customerWrites('31', '25', 'Oi');
				const place = {
					protocolo: protocol,
					id_canal_unico: '25',
					id_contato: '31',
					nome_agente: 'Ana Souza',
				};
				const page = await openVoxfree();
				const attendants = attendantsOf(page);
				await call('enviaMensagem.php', { ...place, is_group: '0', mensagem: 'Olá <i>você</i>' });
				await attendants.getByText('Olá <i>você</i>').last().waitFor();
				await call('templatesWhatsapp.php', {
					...place,
					action: 'send_template',
					codid_template: '80',
				});
				await attendants.getByText(/^Template · Attendant/).waitFor();
				await call('finalizarAtendimento.php', { ...place, action: 'transferir' });
				await logOf(page).getByText('falha', { exact: true }).waitFor();
				await call('finalizarAtendimento.php', {
					...place,
					action: 'transferir',
					new_id_agente: '60',
					text_send: 'Cliente antigo',
				});
				await attendants.getByRole('button', { name: 'Bruno Lima' }).click();
				// The page may show what he had finished before, until the news of the transfer is in.
				await attendants.getByText('Marília Gonçalves').first().click();
				await attendants.getByText('Cliente antigo').waitFor();
				await attendants.getByText(/^Note by Ana Souza, not sent/).waitFor();
			},
			secondsForAll,
		);

		it(
			'the socket is played with, and what was swallowed is seen',
			async () => {
				const page = await openVoxfree();
				const socket = socketOf(page);
				await socket.getByText('Nobody is connected.').waitFor();
				const listener = await listen();
				await socket.getByText(/Ana Souza · 0 events/).waitFor();
				await socket.getByRole('button', { name: 'Stall' }).click();
				await socket.getByText(/0 events · stalled/).waitFor();
				control.voxfree.refreshQueue();
				await logOf(page).getByText('swallowed').waitFor();
				await socket.getByRole('button', { name: 'Take back' }).click();
				await socket.getByText('stalled').waitFor({ state: 'hidden' });
				await socket.getByLabel('What goes wrong with the socket').selectOption('Send them twice');
				await socket.getByRole('button', { name: 'Do it' }).click();
				await socket.getByText('doubles 1').waitFor();
				control.voxfree.refreshQueue();
				await socket.getByText(/Ana Souza · 2 events/).waitFor();
				const closed = once(listener, 'close');
				await socket.getByRole('button', { name: 'Restart, 5 s down' }).click();
				expect((await closed)[0]).toBe(1012);
				await socket.getByText('Down', { exact: true }).waitFor();
				await page.getByRole('button', { name: 'Reset' }).click();
				await socket.getByText('Nobody is connected.').waitFor();
			},
			secondsForAll,
		);

		it.each([1440, 1120, 900, 400])(
			'is not wider than a window of %d pixels',
			async (width) => {
				control.voxfree.customerWrites('30', '25', 'w'.repeat(2000));
				control.voxfree.customerSendsFile('30', '25', {
					name: `${'w'.repeat(300)}.pdf`,
					mimeType: 'application/pdf',
					content: Buffer.from('x'),
				});
				const page = await openVoxfree({ width, height: 900 });
				await customersOf(page).getByText('www').first().waitFor();
				const overflow = await page.evaluate(
					() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
				);
				expect(overflow).toBe(0);
			},
			secondsForAll,
		);
	});
});
