import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, selectors, type Page } from 'playwright-core';
import { projectRoot } from '../host/install';

/*
 * Takes the pictures of the guides from a running demo:
 *
 *     npx tsx test/demo/screenshots.ts <control page> <Omnize> <Voxfree> <login> <password>
 *
 * with the addresses (of the control page and two workflows) and the login that `npm start` prints.
 * Plays a conversation on the way. A dash instead of a workflow leaves its pictures as they are.
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
	{ before, after }: { before?: () => Promise<void>; after?: () => Promise<void> } = {},
) {
	await page.getByTestId('canvas-node').filter({ hasText: node }).first().dblclick();
	await page.getByTestId('ndv').or(page.getByTestId('parameter-input')).first().waitFor();
	await before?.();
	await settled(page);
	await page.screenshot({ path: join(pictures, file) });
	await after?.();
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

async function takeConversation(page: Page, controlPage: string) {
	await page.goto(controlPage);
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

/** Opens the credential of the node whose panel is open, takes a picture of it, and closes it. */
async function takeCredential(page: Page, file: string) {
	await page.getByTestId('credential-edit-button').first().click();
	await page.getByTestId('editCredential-modal').waitFor();
	await settled(page);
	await page.screenshot({ path: join(pictures, file) });
	await page.keyboard.press('Escape');
}

async function takeOmnize(page: Page, workflow: string) {
	await takeEditor(page, workflow, 'editor.png');
	await takePanel(page, 'Start Interaction', 'omnize-panel.png');
	await takePanel(page, 'Agent Did Something', 'omnize-trigger-panel.png', {
		after: async () => await takeCredential(page, 'omnize-credential.png'),
	});
}

/** Sets a field in the open panel, which the workflow that is live does not take over. */
async function choose(page: Page, field: string, option: string) {
	await page.getByTestId(`parameter-input-${field}`).locator('.el-select').first().click();
	await page.getByRole('option', { name: option }).first().click();
}

async function takeVoxfree(page: Page, workflow: string) {
	await takeEditor(page, workflow, 'voxfree-editor.png');
	await takePanel(page, 'Hand Over', 'voxfree-transfer.png');
	await takePanel(page, 'Contact Wrote', 'voxfree-trigger.png', {
		after: async () => await takeCredential(page, 'voxfree-credential.png'),
	});
	await takePanel(page, 'Greet', 'voxfree-send-text.png', {
		before: async () => await choose(page, 'outsideWindow', 'Send This Template Instead'),
	});
}

async function takeFrontDesk(page: Page, controlPage: string) {
	await page.goto(controlPage);
	await page.getByText('Live', { exact: true }).waitFor();
	await page
		.getByRole('link', { name: 'Voxfree' })
		.or(page.getByRole('tab', { name: 'Voxfree' }))
		.click();
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

async function main([controlPage, omnize, voxfree, login, password]: string[]) {
	if (!controlPage || !omnize || !voxfree || !login || !password) {
		throw new Error(
			'Usage: npx tsx test/demo/screenshots.ts <control page> <Omnize> <Voxfree> <login> <password>',
		);
	}
	const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
	if (!existsSync(executablePath)) throw new Error('Set CHROMIUM_PATH to a Chromium');
	mkdirSync(pictures, { recursive: true });
	selectors.setTestIdAttribute('data-test-id');
	const browser = await chromium.launch({
		executablePath,
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		],
	});
	try {
		const context = await browser.newContext({ viewport: size, colorScheme: 'light' });
		const page = await context.newPage();
		page.setDefaultTimeout(20_000);
		if (omnize !== '-') await takeConversation(page, controlPage);
		if (voxfree !== '-') await takeFrontDesk(page, controlPage);
		const workflows = [omnize, voxfree].filter((address) => address !== '-');
		await signIn(page, workflows[0] ?? controlPage, login, password);
		if (omnize !== '-') await takeOmnize(page, omnize);
		if (voxfree !== '-') await takeVoxfree(page, voxfree);
	} finally {
		await browser.close();
	}
}

void main(process.argv.slice(2));
