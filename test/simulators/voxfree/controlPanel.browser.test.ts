import { once } from 'node:events';
import { WebSocket } from 'ws';
import { BrowserPage, describeInBrowser, post } from '../browserPage';

describeInBrowser('on the Voxfree tab', () => {
	const browser = new BrowserPage();
	const call = async (file: string, fields: Record<string, unknown>) =>
		await post(`${browser.control.voxfree.applicationUrl}/mobile/${file}`, {
			id_agente: '61',
			codid_cliente: '1',
			...fields,
		});
	/** Somebody who listens as n8n would. */
	const listen = async () => {
		const socket = new WebSocket(browser.control.voxfree.socketUrl);
		await once(socket, 'open');
		const nulls = { recipient_id: null, type: 'socket', token: null, message: null };
		socket.send(JSON.stringify({ codid_agente: '61', ...nulls }));
		return socket;
	};
	async function openVoxfree() {
		const person = await browser.open('voxfree');
		const [customers, attendants] = [person.in('Customers'), person.in('Attendants')];
		return { person, customers, attendants, log: person.in('Live log') };
	}

	it('a customer writes, waits, is served, and is finished with a wrap-up code', async () => {
		const { person, customers, attendants, log } = await openVoxfree();
		await customers.says('Write as the customer', 'Onde está <b>isso</b>?');
		await attendants.seesHeading('João Batista');
		await attendants.seesWord('Waiting');
		await attendants.clicks('Take');
		await attendants.seesWord('Active');
		await attendants.says('Write as the attendant', 'Um momento');
		await customers.sees('Um momento');

		const file = { name: 'conta ç.pdf', mimeType: 'application/pdf' };
		await customers.part
			.getByLabel('File to send as the customer')
			.setInputFiles({ ...file, buffer: Buffer.from('%PDF-demo') });
		const address = (await attendants.seesLink('conta ç.pdf'))!;
		expect(await (await person.page.request.get(address)).text()).toBe('%PDF-demo');
		await attendants.sees(/^SHA-256 [0-9a-f]{16}…$/, /^Free text for 23 h more$/);
		await customers.clicks('24 hours pass');
		await attendants.sees('Template only');
		await person.takesPicture('-voxfree');

		await attendants.fills({ 'Wrap-up code': 'Resolvido' });
		await attendants.clicks('Finish');
		await attendants.seesWord('Finished');
		expect(browser.control.voxfree.state.conversations.at(-1)).toMatchObject({ wrapUpCode: '22' });
		await log.sees('Finalizar');
	});

	it('what n8n sends, tags and transfers is shown, and failures under status 200 as failures', async () => {
		browser.control.voxfree.signIn('61');
		const { protocol } = browser.control.voxfree.customerWrites('31', '25', 'Oi');
		const ids = { protocolo: protocol, id_canal_unico: '25', id_contato: '31' };
		const place = { ...ids, nome_agente: 'Ana Souza' };
		const transfer = { ...place, action: 'transferir' };
		const { attendants, log } = await openVoxfree();
		await call('enviaMensagem.php', { ...place, is_group: '0', mensagem: 'Olá <i>você</i>' });
		await attendants.part.getByText('Olá <i>você</i>').last().waitFor();
		const template = { action: 'send_template', codid_template: '80' };
		await call('templatesWhatsapp.php', { ...place, ...template });
		await attendants.sees(/^Template · Attendant/);
		await call('finalizarAtendimento.php', transfer);
		await log.seesWord('falha');
		const to = { new_id_agente: '60', text_send: 'Cliente antigo' };
		await call('finalizarAtendimento.php', { ...transfer, ...to });
		await attendants.clicks('Bruno Lima');
		// The page may show what he had finished before, until the news of the transfer is in.
		await attendants.part.getByText('Marília Gonçalves').first().click();
		await attendants.sees('Cliente antigo', /^Note by Ana Souza, not sent/);
	});

	it('the socket is played with, and what was swallowed is seen', async () => {
		const { person, log } = await openVoxfree();
		const socket = person.in('Socket');
		await socket.sees('Nobody is connected.');
		const listener = await listen();
		await socket.sees(/Ana Souza · 0 events/);
		await socket.clicks('Stall');
		await socket.sees(/0 events · stalled/);
		browser.control.voxfree.refreshQueue();
		await log.sees('swallowed');
		await socket.clicks('Take back');
		await socket.seesNoMore('stalled');
		await socket.fills({ 'What goes wrong with the socket': 'Send them twice' });
		await socket.clicks('Do it');
		await socket.sees('doubles 1');
		browser.control.voxfree.refreshQueue();
		await socket.sees(/Ana Souza · 2 events/);
		const closed = once(listener, 'close');
		await socket.clicks('Restart, 5 s down');
		expect((await closed)[0]).toBe(1012);
		await socket.seesWord('Down');
		await person.clicks('Reset');
		await socket.sees('Nobody is connected.');
	});
});
