import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

const pictures = join(__dirname, '../../.test-output');

/** Somebody before the control page: what he does and sees in a part of it. */
export class Person {
	private constructor(
		readonly page: Page,
		readonly part: Locator,
	) {}

	static at(page: Page) {
		return new Person(page, page.locator('body'));
	}

	/** The same person, who looks at one card. */
	in(card: string) {
		return new Person(this.page, this.page.getByRole('region', { name: card }));
	}

	/** The same person, who looks at what belongs to a text, for instance its line in the log. */
	beside(text: string) {
		return new Person(this.page, this.part.getByText(text).locator('..'));
	}

	/** Waits until each of these stands there, once. */
	async sees(...texts: Array<string | RegExp>) {
		for (const text of texts) await this.part.getByText(text).waitFor();
	}

	/** Waits until each of these stands there at least once and alone in its place. */
	async seesWord(...words: string[]) {
		for (const word of words) await this.part.getByText(word, { exact: true }).last().waitFor();
	}

	async seesNoMore(text: string) {
		await this.part.getByText(text).waitFor({ state: 'hidden' });
	}

	async seesHeading(name: string) {
		await this.part.getByRole('heading', { name }).waitFor();
	}

	async seesPicture(name: string) {
		const image = this.part.getByRole('img', { name });
		await image.waitFor();
		return image;
	}

	async seesLink(name: string) {
		const link = this.part.getByRole('link', { name });
		await link.waitFor();
		return await link.getAttribute('href');
	}

	/** How often a text stands there just now. */
	async count(text: string) {
		return await this.part.getByText(text, { exact: true }).count();
	}

	/** Presses buttons, one after the other. A name may be a part of what the button says. */
	async clicks(...names: string[]) {
		for (const name of names) await this.part.getByRole('button', { name }).click();
	}

	/** Presses the button that says this and no more. */
	async clicksJust(name: string) {
		await this.part.getByRole('button', { name, exact: true }).click();
	}

	async unfolds(text: string) {
		await this.part.getByText(text).click();
	}

	/** Writes into a field and presses Enter. */
	async says(label: string, text: string) {
		await this.part.getByLabel(label).fill(text);
		await this.page.keyboard.press('Enter');
	}

	/** Fills fields, chooses from lists and checks boxes, by their labels. */
	async fills(values: Record<string, string | boolean>) {
		for (const [label, value] of Object.entries(values)) {
			const field = this.part.getByLabel(label);
			const kind = await field.evaluate((element) => element.tagName);
			if (typeof value === 'boolean') await field.setChecked(value);
			else if (kind === 'SELECT') await field.selectOption(value);
			else await field.fill(value);
		}
	}

	/** Does something in a dialog that is open, and ends it by a button. */
	async inDialog(title: string, button: string, act: (dialog: Person) => Promise<void>) {
		const dialog = new Person(this.page, this.page.getByRole('dialog', { name: title }));
		await act(dialog);
		await dialog.clicks(button);
		await dialog.part.waitFor({ state: 'hidden' });
	}

	async changesSettings(values: Record<string, string | boolean>) {
		await this.clicks('Settings');
		await this.inDialog('Settings', 'Save', async (dialog) => await dialog.fills(values));
	}

	/** By how many pixels the page is wider than its window. */
	async overflow() {
		return await this.page.evaluate(
			() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
		);
	}

	/** Keeps a picture of the page for whoever wants to look at it. */
	async takesPicture(name: string, fullPage = false) {
		await this.page.screenshot({ path: join(pictures, `control-page${name}.png`), fullPage });
	}
}
