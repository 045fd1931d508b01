import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { selectors, type Page } from 'playwright-core';
import { projectRoot } from '../host/install';
import { launchChromium } from '../support/chromium';

/*
 * Takes the pictures of the guides from a running demo:
 *
 *     npx tsx test/demo/screenshots.ts <provider> <control page> <workflow> <login> <password>
 *
 * with the addresses and the login that `npm start` prints; the workflow is the provider's. Plays a
 * conversation on the way.
 */

const pictures = join(projectRoot, 'docs', 'images');
const size = { width: 1440, height: 900 };

async function signIn(page: Page, workflow: string, login: string, password: string) {
	await page.goto(`${new URL(workflow).origin}/signin`);
	await page.locator('input[name=emailOrLdapLoginId]').fill(login);
	await page.locator('input[name=password]').fill(password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.waitForURL((url) => !url.pathname.startsWith('/signin'));
}

async function takeEditor(page: Page, workflow: string, file: string) {
	await page.goto(workflow);
	await page.getByTestId('canvas-node').first().waitFor();
	// n8n's advice on running in production covers a part of the canvas.
	const advice = page.getByText('Production Checklist');
	await advice.waitFor();
	await page.keyboard.press('Escape');
	await page.getByTestId('zoom-to-fit').click();
	await settled(page);
	await page.screenshot({ path: join(pictures, file) });
}

/** Opens a node's panel, takes a picture of it, and closes it. */
async function takePanel(
	page: Page,
	node: string,
	file: string,
	whenOpen?: () => Promise<void>,
	before?: () => Promise<void>,
) {
	await page.getByTestId('canvas-node').filter({ hasText: node }).first().dblclick();
	await page.getByTestId('ndv').or(page.getByTestId('parameter-input')).first().waitFor();
	await before?.();
	await settled(page);
	await page.screenshot({ path: join(pictures, file) });
	await whenOpen?.();
	await page.keyboard.press('Escape');
	await settled(page);
}

/** Every picture has come and no transition is running any more. */
async function settled(page: Page) {
	await page.waitForFunction(() => Array.from(document.images).every(({ complete }) => complete));
	await page.evaluate(async () => {
		await document.fonts.ready;
		await Promise.all(
			document
				.getAnimations()
				.filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
				.map(async ({ finished }) => await finished.catch(() => undefined)),
		);
	});
}

/** Opens the credential of the node whose panel is open. */
async function takeCredential(page: Page, file: string) {
	await page.getByTestId('credential-edit-button').first().click();
	await page.getByTestId('editCredential-modal').waitFor();
	await settled(page);
	await page.screenshot({ path: join(pictures, file) });
	await page.keyboard.press('Escape');
}

async function playOmnize(page: Page, controlPage: string) {
	await page.goto(`${controlPage}#omnize`);
	await page.getByText('Live', { exact: true }).waitFor();
	await page.getByRole('button', { name: 'Reset' }).click();
	const chat = page.getByRole('region', { name: 'Website chat' });
	const agents = page.getByRole('region', { name: 'Agent console' });
	const say = async (text: string) => {
		await chat.getByLabel('Write as the customer').fill(text);
		await page.keyboard.press('Enter');
	};
	const started = Date.now();
	await say('Bom dia! Preciso da segunda via do boleto.');
	await chat.getByText('já estou chamando um atendente').waitFor();
	console.log(`greeting after ${Date.now() - started} ms`);
	await agents.getByRole('button', { name: 'Accept' }).click();
	await chat.getByText('Um atendente entrou na conversa.').waitFor();
	await agents.getByLabel('Write as the agent').fill('Bom dia! Qual é o mês do boleto?');
	await page.keyboard.press('Enter');
	await chat.getByText('Qual é o mês do boleto?').waitFor();
	await say('Novembro, por favor.');
	await agents.getByText('Novembro, por favor.').waitFor();
	await agents.getByLabel('Write as the agent').fill('Já vou enviar');
	await settled(page);
	await page.screenshot({ path: join(pictures, 'control-page.png') });
}

async function playGitple(page: Page, controlPage: string) {
	await page.goto(`${controlPage}#gitple`);
	await page.getByText('Live', { exact: true }).waitFor();
	await page.getByRole('button', { name: 'Reset' }).click();
	const workspace = page.getByRole('region', { name: 'Workspace' });
	const received = page.getByRole('region', { name: 'Received' });
	await workspace
		.getByLabel('Send an external message to the user')
		.fill('Seu pedido A-17 chegou.');
	await page.keyboard.press('Enter');
	await received.getByText(': Seu pedido A-17 chegou.').waitFor();
	await workspace.getByRole('button', { name: 'Open session' }).click();
	await workspace.getByRole('button', { name: 'Assign', exact: true }).click();
	await workspace.getByRole('button', { name: 'Reassign' }).waitFor();
	const say = async (who: string, text: string) => {
		await workspace.getByLabel('Who writes').selectOption(who);
		await workspace.getByLabel('Write in the session').fill(text);
		await page.keyboard.press('Enter');
		await workspace.getByText(text).waitFor();
	};
	await say('user', 'As botas não servem. Posso devolver?');
	await say('agent', 'Claro, sem custo. Já envio a etiqueta.');
	await workspace.getByRole('button', { name: 'Close session…' }).click();
	const dialog = page.getByRole('dialog', { name: 'Close session' });
	await dialog.getByLabel('Refund').check();
	await dialog.getByLabel('Returns').check();
	await dialog.getByRole('button', { name: 'Close session', exact: true }).click();
	// What the workflow asks for the record, last of all the messages of the session.
	await page
		.getByText(/\/sessions\/[^/]+\/messages/)
		.first()
		.waitFor();
	await settled(page);
	await page.screenshot({ path: join(pictures, 'gitple-control-page.png') });
}

async function playVoxfree(page: Page, controlPage: string) {
	await page.goto(`${controlPage}#voxfree`);
	await page.getByText('Live', { exact: true }).waitFor();
	await page.getByRole('button', { name: 'Reset' }).click();
	const customers = page.getByRole('region', { name: 'Customers' });
	await customers.getByPlaceholder('Write as the customer').fill('Bom dia! A internet caiu.');
	await page.keyboard.press('Enter');
	await customers.getByText(/estou chamando um atendente|Voltaremos a falar/).waitFor();
	const attendants = page.getByRole('region', { name: 'Attendants' });
	await attendants.getByText('Bom dia! A internet caiu.').first().waitFor();
	await settled(page);
	await page.screenshot({ path: join(pictures, 'voxfree-control-page.png') });
}

async function playSimplesDesk(page: Page, controlPage: string) {
	await page.goto(`${controlPage}#simplesdesk`);
	await page.getByText('Live', { exact: true }).waitFor();
	await page.getByRole('button', { name: 'Reset' }).click();
	const manager = page.getByRole('region', { name: 'Scheduled messages' });
	await manager.getByLabel('Payload').fill('{ "invoice": "1042" }');
	await manager.getByRole('button', { name: 'Send', exact: true }).click();
	await page.getByRole('region', { name: 'Phone' }).getByRole('link').first().waitFor();
}

/** A person opens the form and sees the QR code. */
async function playLifty(page: Page, controlPage: string, workflow: string) {
	await page.goto(`${controlPage}#lifty`);
	await page.getByText('Live', { exact: true }).waitFor();
	await page.getByRole('button', { name: 'Reset' }).click();
	await page.setViewportSize({ width: 900, height: 900 });
	await page.goto(`${new URL(workflow).origin}/form/lifty-connect`);
	await page.getByRole('combobox').selectOption('demo-bot-vendas');
	await page.getByRole('button', { name: 'Show the QR code' }).click();
	await page.getByRole('img', { name: 'QR code' }).waitFor();
	await settled(page);
	await page.screenshot({ path: join(pictures, 'lifty-form-page.png') });
	await page.setViewportSize(size);
}

/** Sets a field in the open panel, which the workflow that is live does not take over. */
async function choose(page: Page, field: string, option: string) {
	await page.getByTestId(`parameter-input-${field}`).locator('.el-select').first().click();
	await page.getByRole('option', { name: option }).first().click();
}

/** The rows of a data table, as n8n shows them under Data tables. */
async function takeTable(page: Page, workflow: string, table: string, file: string) {
	await page.goto(`${new URL(workflow).origin}/home/datatables`);
	await page.getByText(table, { exact: true }).click();
	await page.getByRole('row').nth(1).waitFor();
	await settled(page);
	await page.screenshot({ path: join(pictures, file) });
}

/** What a provider's guide shows: first what is played on the control page, then the editor. */
const guides: Record<
	string,
	{ play: typeof playLifty; editor: (page: Page, workflow: string) => Promise<void> }
> = {
	omnize: {
		play: playOmnize,
		async editor(page, workflow) {
			await takeEditor(page, workflow, 'editor.png');
			await takePanel(page, 'Start Interaction', 'omnize-panel.png');
			await takePanel(page, 'Agent Did Something', 'omnize-trigger-panel.png', async () => {
				await takeCredential(page, 'omnize-credential.png');
			});
		},
	},
	gitple: {
		play: playGitple,
		async editor(page, workflow) {
			await takeEditor(page, workflow, 'gitple-editor.png');
			await takePanel(page, 'Send It On', 'gitple-panel.png');
			await takePanel(page, 'Gitple Event', 'gitple-trigger-panel.png', async () => {
				await takeCredential(page, 'gitple-credential.png');
			});
			await takeTable(page, workflow, 'Gitple sessions', 'gitple-record.png');
		},
	},
	lifty: {
		play: playLifty,
		async editor(page, workflow) {
			await takeEditor(page, workflow, 'lifty-connect-and-wait.png');
		},
	},
	simplesdesk: {
		play: playSimplesDesk,
		async editor(page, workflow) {
			await takeEditor(page, workflow, 'simplesdesk-editor.png');
			await takePanel(page, 'Message Is Due', 'simplesdesk-trigger-panel.png');
			await takePanel(page, 'Send Messages', 'simplesdesk-panel.png');
		},
	},
	voxfree: {
		play: playVoxfree,
		async editor(page, workflow) {
			await takeEditor(page, workflow, 'voxfree-editor.png');
			await takePanel(page, 'Hand Over', 'voxfree-transfer.png');
			await takePanel(page, 'Contact Wrote', 'voxfree-trigger.png', async () => {
				await takeCredential(page, 'voxfree-credential.png');
			});
			await takePanel(page, 'Greet', 'voxfree-send-text.png', undefined, async () => {
				await choose(page, 'outsideWindow', 'Send This Template Instead');
			});
		},
	},
};

async function main([provider, controlPage, workflow, login, password]: string[]) {
	const guide = guides[provider ?? ''];
	if (!guide || !controlPage || !workflow || !login || !password) {
		throw new Error(
			`Usage: npx tsx test/demo/screenshots.ts <${Object.keys(guides).join(' or ')}> <control page> <workflow> <login> <password>`,
		);
	}
	mkdirSync(pictures, { recursive: true });
	selectors.setTestIdAttribute('data-test-id');
	const browser = await launchChromium();
	try {
		const context = await browser.newContext({ viewport: size, colorScheme: 'light' });
		const page = await context.newPage();
		page.setDefaultTimeout(20_000);
		await guide.play(page, controlPage, workflow);
		await signIn(page, workflow, login, password);
		await guide.editor(page, workflow);
	} finally {
		await browser.close();
	}
}

void main(process.argv.slice(2));
