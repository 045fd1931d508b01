import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { e2eHost } from './host';

/** The forms in which a secret, or Voxfree's digest of it, could be written down somewhere. */
export function spellings(secret: string): string[] {
	const bytes = Buffer.from(secret);
	const digest = createHash('md5').update(secret).digest();
	const hex = digest.toString('hex');
	const base64 = [bytes, digest, Buffer.from(hex)].map((one) => one.toString('base64'));
	return [
		secret,
		JSON.stringify(secret).slice(1, -1),
		encodeURIComponent(secret),
		encodeURIComponent(secret).replace(/%20/g, '+'),
		new URLSearchParams({ a: secret }).toString().slice(2),
		bytes.toString('hex'),
		hex,
		hex.toUpperCase(),
		...base64,
		...base64.map((text) => text.replace(/=+$/, '')),
		...base64.map((text) => encodeURIComponent(text)),
	];
}

/** Everything that n8n keeps, but for the installed packages. */
function stored(folder: string): Array<{ file: string; content: Buffer }> {
	return readdirSync(folder).flatMap((name) => {
		const file = join(folder, name);
		if (name === 'node_modules') return [];
		return statSync(file).isDirectory() ? stored(file) : [{ file, content: readFileSync(file) }];
	});
}

/** None of these is in n8n's database, its other files, its log or these executions. */
export function expectNowhere(secrets: string[], executions: unknown) {
	const { databaseFile, log, userFolder } = e2eHost();
	const places = [
		...stored(join(userFolder, '.n8n')),
		{ file: 'n8n.log', content: Buffer.from(log()) },
		{ file: 'executions', content: Buffer.from(JSON.stringify(executions)) },
	];
	expect(places.map(({ file }) => file)).toContain(databaseFile);
	const hits = places.flatMap(({ file, content }) =>
		secrets.filter((secret) => content.includes(secret)).map((secret) => ({ file, secret })),
	);
	expect(hits).toEqual([]);
}
