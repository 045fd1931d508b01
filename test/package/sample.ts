import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const folders: string[] = [];

/** Writes a package to try an audit on, into a folder that `removeSamples` removes. */
export function sample(files: Record<string, string | undefined>): string {
	const root = mkdtempSync(join(tmpdir(), 'package-audit-'));
	folders.push(root);
	for (const [name, content] of Object.entries(files)) {
		if (content === undefined) continue;
		mkdirSync(dirname(join(root, name)), { recursive: true });
		writeFileSync(join(root, name), content);
	}
	return root;
}

export function removeSamples(): void {
	for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
