import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** A Chromium of this machine, as it is no npm package; undefined where there is none. */
export const chromiumPath = [
	process.env.CHROMIUM_PATH,
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
].find((path) => path && existsSync(path));

/** Starts it without a window; it calls nobody by itself. */
export async function launchChromium(): Promise<Browser> {
	if (!chromiumPath) throw new Error('Set CHROMIUM_PATH to a Chromium');
	return await chromium.launch({
		executablePath: chromiumPath,
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
}
