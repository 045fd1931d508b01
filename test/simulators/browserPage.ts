import axios from 'axios';
import type { Browser } from 'playwright-core';
import { chromiumPath, launchChromium } from '../support/chromium';
import { startControlPage, type ControlPage, type ControlPageOptions } from './controlPage';
import { Person } from './person';
import { startWebhookReceiver, type WebhookReceiver } from './webhookReceiver';

// A browser is no npm package. Without one there is nothing to look with, and the rest still counts.
if (!chromiumPath) {
	console.warn(
		'Browser tests of the control page are skipped: no Chromium found. Set CHROMIUM_PATH to one.',
	);
}
export const describeInBrowser = chromiumPath ? describe : describe.skip;

/**
 * The control page before a browser, for the tests of the `describe` it is called in. Every test
 * begins with simulators as they are at first, whose calls go to `receiver`, and fails when the page
 * has complained about anything.
 */
export class BrowserPage {
	control!: ControlPage;
	receiver!: WebhookReceiver;
	private browser!: Browser;
	private readonly complaints: string[] = [];

	constructor(options: ControlPageOptions = {}) {
		jest.setTimeout(120_000);
		beforeAll(async () => {
			this.control = await startControlPage({ port: 0, ...options });
			this.receiver = await startWebhookReceiver();
			this.browser = await launchChromium();
		});
		beforeEach(() => this.reset());
		afterEach(async () => {
			const contexts = this.browser.contexts();
			await Promise.all(contexts.map(async (context) => await context.close()));
			expect(this.complaints).toEqual([]);
		});
		afterAll(async () => {
			await this.browser?.close();
			await this.control?.close();
			await this.receiver?.close();
		});
	}

	private reset() {
		const { omnize, siteChat, gitple, lifty, voxfree, simplesDesk } = this.control;
		for (const one of [omnize, siteChat, gitple, lifty, voxfree, simplesDesk]) one.reset();
		for (const one of [omnize, gitple, simplesDesk]) one.setWebhookUrl(this.receiver.url);
		siteChat.setCustomerChannelUrl(this.receiver.url);
		this.receiver.received.length = 0;
		this.receiver.answer = { status: 200, body: '{"ok":true}' };
		this.complaints.length = 0;
	}

	/** A window of its own, as another person would have, with a provider's tab in front. */
	async open(tab: string, width = 1440): Promise<Person> {
		const viewport = { width, height: 900 };
		const context = await this.browser.newContext({ viewport, colorScheme: 'light' });
		const page = await context.newPage();
		page.setDefaultTimeout(20_000);
		page.on('pageerror', (error) => this.complaints.push(String(error)));
		page.on('console', (message) => {
			if (message.type() === 'error') this.complaints.push(message.text());
		});
		await page.goto(`${this.control.url}/#${tab}`);
		const person = Person.at(page);
		await person.seesWord('Live');
		return person;
	}

	/** What n8n has received. */
	received() {
		return this.receiver.received.map(({ text }) => JSON.parse(text) as Record<string, unknown>);
	}

	/** What n8n shall answer from now on. */
	willAnswer(value: unknown) {
		const headers = { 'Content-Type': 'application/json' };
		this.receiver.answer = { status: 200, body: JSON.stringify(value), headers };
	}
}

/** A call that n8n would make. A refusal is an answer as well. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
	const options = { headers, validateStatus: () => true, proxy: false as const };
	return await axios.post<unknown>(url, body, options);
}
