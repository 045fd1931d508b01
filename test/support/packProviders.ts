import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildOnce, ROOT } from './buildOnce';

/**
 * Packs the package of all providers and one for each, as `npm run packages` does.
 *
 * @returns the paths of the tarballs, that of all providers first
 * @throws with what gulp said
 */
export async function packProviders(): Promise<string[]> {
	await buildOnce();
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[join(ROOT, 'node_modules/gulp/bin/gulp.js'), 'packages', '--silent'],
		{ cwd: ROOT, encoding: 'utf8', timeout: 120_000 },
	);
	if (status !== 0) throw new Error(`gulp packages failed:\n${stdout}\n${stderr}`);
	return stdout
		.split('\n')
		.filter((line) => line.endsWith('.tgz'))
		.map((line) => join(ROOT, line));
}
