import { waitFor } from '../../support/waitFor';
import { BrowserPage, describeInBrowser, post } from '../browserPage';
import { callOmnize } from './callOmnize';

describeInBrowser('on the Omnize tab', () => {
	const browser = new BrowserPage();
	const call = async (body: Record<string, unknown>) =>
		await callOmnize(browser.control.omnize, body);

	it('a customer and an agent talk, each in his own window', async () => {
		const [customer, agent] = [await browser.open('omnize'), await browser.open('omnize')];
		const [chat, desk] = [customer.in('Website chat'), agent.in('Agent console')];
		await desk.sees('Nobody is waiting.');
		await chat.says('Write as the customer', 'Bom dia, <b>alguém</b>?');
		await agent.in('Website chat').sees('Bom dia, <b>alguém</b>?');

		// What a workflow would do with that message.
		const who = { customerName: 'João Batista', botId: 'greeter' };
		await call({ type: 'info', content: 'init', ...who });
		await call({ type: 'message', content: 'Bom dia, <b>alguém</b>?' });
		await desk.seesHeading('João Batista');
		await desk.seesWord('Waiting');
		await desk.clicks('Accept');
		await desk.seesWord('In conversation');

		await call({ type: 'info', content: 'typing' });
		await desk.sees('João Batista is writing');
		const typing = desk.part.getByRole('switch', { name: 'Typing' });
		await typing.click();
		const isOn = customer.in('Agent console').part.locator('[role=switch][aria-checked=true]');
		await isOn.filter({ hasText: 'Typing' }).waitFor();
		await desk.fills({ 'Write as the agent': 'Bom dia, João!' });
		await desk.clicks('Send');
		await desk.sees('Bom dia, João!');
		expect(await typing.getAttribute('aria-checked')).toBe('false');

		// What a workflow would do with the agent's message.
		const reply = { clientId: '12', text: 'Bom dia, João!', from: 'agent' };
		await post(browser.control.customerChannelReplyUrl, reply);
		await chat.sees('Bom dia, João!');
		await customer.takesPicture('');

		await desk.clicks('Finish interaction');
		await customer.in('Agent console').sees('Finished by the agent.');
		const about = { clientId: '12', botId: 'greeter' };
		expect(browser.received().slice(1)).toEqual([
			{ status: 'accepted', ...about },
			{ status: 'typing', ...about },
			{ message: 'Bom dia, João!', ...about },
			{ status: 'finish', ...about },
		]);
		const ways = ['n8n → Omnize', 'Omnize → n8n', 'Chat → n8n', 'n8n → Chat'];
		const shown = await customer.in('Live log').part.locator('.kind').allTextContents();
		expect(shown).toEqual(expect.arrayContaining(ways));
	});

	it('a person makes the simulator misbehave and sees what was sent', async () => {
		const person = await browser.open('omnize');
		const log = person.in('Live log');
		await person.fills({ 'What goes wrong': 'html', 'How often': '2' });
		await person.clicksJust('Add');
		await person.sees('HTML page with status 200 × 2');
		await call({ type: 'info', content: 'init' });
		await person.sees('HTML page with status 200 × 1');
		await log.unfolds('init · 12 · html');
		await log.sees('Misbehaviour played: html');
		expect(await log.part.locator('pre').last().textContent()).toContain('<!DOCTYPE html>');
		await person.clicks('Take back');
		await person.sees('The next answers are honest.');
	});

	it('a person says where n8n is, plays all agents away and resets', async () => {
		browser.control.omnize.reset();
		browser.control.siteChat.setCustomerChannelUrl(undefined);
		const person = await browser.open('omnize');
		const [chat, desk] = [person.in('Website chat'), person.in('Agent console')];
		const log = person.in('Live log');
		await person.sees('nowhere yet: set the webhook URL');
		await chat.says('Write as the customer', 'Oi');
		await chat.sees('not sent: no customer channel is set');

		await person.changesSettings({
			'Webhook URL': browser.receiver.url,
			'Headers of every trigger': 'x-secret: demo-shared-secret',
			'Customer channel': browser.receiver.url,
		});
		await person.page.getByTitle(browser.receiver.url).first().waitFor();
		await desk.part.getByRole('switch').first().click();
		await desk.part.locator('li[data-online=false]', { hasText: 'Ana' }).waitFor();
		await call({ type: 'info', content: 'init' });
		await desk.seesWord('No agent');
		await log.sees('unavailable · 12');
		const first = await waitFor('a trigger', () => browser.receiver.received[0]);
		expect(first.headers['x-secret']).toBe('demo-shared-secret');

		await person.clicks('Reset');
		await desk.sees('Nobody is waiting.');
		await chat.sees('João Batista has not written yet.');
		await log.sees('Nothing has happened yet.');
		await person.page.getByTitle(browser.receiver.url).first().waitFor();
	});
});
