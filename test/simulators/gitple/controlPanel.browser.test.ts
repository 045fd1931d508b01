import { waitFor } from '../../support/waitFor';
import { BrowserPage, describeInBrowser, post } from '../browserPage';

describeInBrowser('on the Gitple tab', () => {
	const browser = new BrowserPage();
	const callHooks = async (content: unknown) =>
		await post(
			`${browser.control.gitple.apiUrl}/hooks`,
			{ type: 'notification', identifier: 'customer-1001', anonymous: false, content },
			{ 'app-code': 'demo-app-code', secret: 'demo-open-api-secret' },
		);
	const typesSent = () => browser.received().map((event) => (event as { type: string }).type);

	it('a session is opened, assigned, talked in and closed', async () => {
		const person = await browser.open('gitple');
		const workspace = person.in('Workspace');
		await workspace.clicks('Open session');
		await workspace.seesHeading('session-2');
		await workspace.says('Write in the session', 'Onde está <b>isso</b>?');
		await workspace.sees('Onde está <b>isso</b>?');
		await workspace.fills({ Assignee: 'Kim Min-jun' });
		await workspace.clicksJust('Assign');
		await workspace.seesWord('In progress');
		await workspace.fills({ 'Who writes': 'Agent' });
		await workspace.says('Write in the session', 'Um momento');
		await workspace.part.locator('.bubble[data-from=agent]', { hasText: 'Um momento' }).waitFor();

		await workspace.clicks('Close session…');
		await person.inDialog('Close session', 'Close session', async (dialog) => {
			await dialog.fills({ Refund: true, Returns: true, Note: 'Feito' });
		});
		await workspace.sees('Feito');
		await person.beside('session_state_close · session-2').seesWord('200');
		expect(typesSent()).toEqual([
			'session_state_open',
			'session_state_inprogress',
			'session_state_close',
		]);
		expect(browser.received()[2]).toMatchObject({
			session: { assigneeId: 'agent-2', tags: ['stag-1'], categories: ['cat-2'] },
		});
	});

	it('an external message goes out, and what n8n sends is shown with its buttons', async () => {
		const person = await browser.open('gitple');
		const [workspace, inbox] = [person.in('Workspace'), person.in('Received')];
		await workspace.says('Send an external message', 'O pedido saiu');
		await inbox.sees('O pedido saiu');
		const action = (t: string, u: string) => ({ p: 'button', t, c: { l: { u } } });
		const yes = 'https://example.test/yes';
		await callHooks([
			{ t: '<i>Good?</i>', a: [action('Yes', yes), action('No', 'javascript:alert(1)')] },
		]);
		await inbox.sees('<i>Good?</i>');
		const links = await inbox.part.getByRole('link').all();
		const addresses = links.map(async (one) => await one.getAttribute('href'));
		expect(await Promise.all(addresses)).toEqual([yes]);
		await waitFor('the delivery', () => typesSent().length > 0);
		expect(typesSent()).toEqual(['send_external_message']);
		await person.takesPicture('-gitple');
		await workspace.clicks('visitor');
		await inbox.sees('Nothing yet.');
		await workspace.sees('No session yet.');
	});

	it('settings are saved, forgeries sent, and everything is reset', async () => {
		const person = await browser.open('gitple');
		const log = person.in('Live log');
		await person.changesSettings({
			'Signature is written in': 'Base64',
			session_state_open: false,
		});
		expect(browser.control.gitple.setup).toMatchObject({
			signatureEncoding: 'base64',
			events: ['send_external_message', 'session_state_inprogress', 'session_state_close'],
		});
		await person.clicks('Settings');
		await person.inDialog('Settings', 'Send forgery', async (dialog) => {
			await dialog.unfolds('Forge a delivery');
			await dialog.fills({ Forgery: 'no-header' });
		});
		await log.unfolds('forged · session_state_open');
		await log.clicks('Deliver again');
		await log.part.getByText('forged · session_state_open').nth(1).waitFor();
		await person.clicks('Reset');
		await log.sees('Nothing has happened yet.');
	});
});
