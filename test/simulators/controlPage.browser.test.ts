import axios from 'axios';
import { BrowserPage, describeInBrowser, post } from './browserPage';
import { ManualClock } from './clock';
import { callOmnize } from './omnize/callOmnize';

describeInBrowser('in a browser', () => {
	const clock = new ManualClock();
	const browser = new BrowserPage({ lifty: { clock } });
	const call = async (body: Record<string, unknown>) =>
		await callOmnize(browser.control.omnize, body);

	it('what a person is doing survives the news that come in', async () => {
		const person = await browser.open('omnize');
		await call({ type: 'info', content: 'init' });
		await person.in('Live log').unfolds('init · 12');
		const field = person.in('Website chat').part.getByLabel('Write as the customer');
		await field.fill('half a sen');
		for (let i = 0; i < 5; i += 1) await call({ type: 'message', content: `text ${i}` });
		await person.in('Agent console').seesWord('text 4');
		expect(await field.inputValue()).toBe('half a sen');
		expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
		expect(await person.in('Live log').part.locator('details[open]').count()).toBe(1);
	});

	it('works by keyboard alone: tabs, sending, accepting', async () => {
		const person = await browser.open('omnize');
		const { page } = person;
		const desk = person.in('Agent console');
		await call({ type: 'info', content: 'init' });
		const tab = (name: string) => page.getByRole('tab', { name, selected: true });
		await tab('Omnize').focus();
		await page.keyboard.press('ArrowRight');
		await tab('Gitple').waitFor();
		await page.keyboard.press('ArrowLeft');
		await tab('Omnize').waitFor();
		await desk.part.getByRole('button', { name: 'Accept' }).focus();
		await page.keyboard.press('Enter');
		const answer = desk.part.getByLabel('Write as the agent');
		await answer.waitFor();
		await answer.focus();
		await page.keyboard.type('Olá');
		await page.keyboard.press('Enter');
		await desk.seesWord('Olá');
	});

	/** Fills each panel with words that are far too long; says in which card they are to be seen. */
	const longWords = {
		async omnize() {
			await call({ type: 'info', content: 'init', customerName: 'J'.repeat(200) });
			await call({ type: 'message', content: 'w'.repeat(2000) });
			return 'Agent console';
		},
		async gitple() {
			const { gitple } = browser.control;
			await gitple.openSession('user-1');
			gitple.userSays('session-2', 'w'.repeat(2000));
			const content = [{ l: { u: `https://example.test/${'w'.repeat(900)}`, m: 'Look' } }];
			const { appCode, secret } = gitple.setup;
			await post(
				`${gitple.apiUrl}/hooks`,
				{ type: 'notification', identifier: 'customer-1001', anonymous: false, content },
				{ 'app-code': appCode, secret },
			);
			return 'Received';
		},
		async simplesdesk() {
			const { simplesDesk, url } = browser.control;
			browser.willAnswer([
				{ type: 'TEXT', value: 'w'.repeat(2000) },
				{ type: 'FILE', value: `https://example.test/${'w'.repeat(900)}` },
				{ type: 'AUDIO', value: `${url}/simplesdesk/assets/recado.wav` },
			]);
			await simplesDesk.schedule();
			browser.willAnswer([{ type: 'w'.repeat(300) }]);
			await simplesDesk.schedule();
			return 'Phone';
		},
		async lifty() {
			const { lifty } = browser.control;
			const { apiKey } = lifty.setup;
			lifty.addBot('demo-bot-longo', 'B'.repeat(120));
			lifty.forceStatus('demo-bot-vendas', 'S'.repeat(200));
			const start = `${lifty.apiUrl}/integration/bot/demo-bot-vendas/startWhatsapp`;
			const options = { params: { options: 'c', key: apiKey }, proxy: false as const };
			const { data } = await axios.get<{ statusURL: string }>(start, options);
			clock.advance(2000);
			await axios.get(`${data.statusURL}&key=x`, { validateStatus: () => true, proxy: false });
			await post(
				`${lifty.apiUrl}/integration/whatsapp/sendTemplateMessage`,
				{ destination: '5548999914321', templateName: 'w'.repeat(2000) },
				{ Authorization: `Bearer ${apiKey}` },
			);
			return 'Sent messages';
		},
		async voxfree() {
			const { voxfree } = browser.control;
			voxfree.customerWrites('30', '25', 'w'.repeat(2000));
			voxfree.customerSendsFile('30', '25', {
				name: `${'w'.repeat(300)}.pdf`,
				mimeType: 'application/pdf',
				content: Buffer.from('x'),
			});
			return 'Customers';
		},
	};
	const widths = [1440, 1120, 900, 400];
	const tabs = Object.keys(longWords) as Array<keyof typeof longWords>;
	it.each(tabs.flatMap((tab) => widths.map((width) => [tab, width] as const)))(
		'the %s tab is not wider than a window of %d pixels',
		async (tab, width) => {
			const card = await longWords[tab]();
			const person = await browser.open(tab, width);
			await person.in(card).part.getByText('www').first().waitFor();
			if (tab === 'simplesdesk') await person.in('Integration report').sees('there is no type');
			expect(await person.overflow()).toBe(0);
			await person.takesPicture(`-${tab}-${width}`, true);
		},
	);
});
