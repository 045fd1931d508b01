import { contentHash, withLock } from '../steps.cjs';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The checkout. */
export const ROOT = join(__dirname, '../..');

/** Everything that decides what a build puts out. */
const SOURCES = ['nodes', 'credentials', 'tsconfig.json', 'gulpfile.js', 'package-lock.json'];

/** All files below a folder, relative to it, in a fixed order; none if there is no folder. */
export function filesBelow(folder: string): string[] {
	if (!statSync(folder, { throwIfNoEntry: false })) return [];
	return (readdirSync(folder, { recursive: true }) as string[])
		.filter((file) => statSync(join(folder, file)).isFile())
		.sort();
}

/**
 * Compiles and copies the assets of the package in `root`, as `npm run build` does, from an empty
 * `dist`.
 *
 * @throws with what the compiler or gulp said
 */
export function build(root: string): void {
	rmSync(join(root, 'dist'), { recursive: true, force: true });
	for (const [tool, ...args] of [
		['typescript/bin/tsc', '-p', 'tsconfig.json'],
		['gulp/bin/gulp.js', 'build', '--silent'],
	] as const) {
		const { status, stdout, stderr } = spawnSync(
			process.execPath,
			[join(ROOT, 'node_modules', tool), ...args],
			{ cwd: root, encoding: 'utf8', timeout: 120_000 },
		);
		if (status !== 0) throw new Error(`${tool} failed:\n${stdout}\n${stderr}`);
	}
}

/**
 * Makes `dist/` what the sources say, and builds only if it is not so already: at most once per
 * test run, however many test files and processes ask for it.
 *
 * @returns the path of `dist/`
 */
export async function buildOnce(): Promise<string> {
	const dist = join(ROOT, 'dist');
	const stamp = join(ROOT, '.test-output', 'built.txt');
	const isFresh = () => {
		const built = statSync(stamp, { throwIfNoEntry: false }) && readFileSync(stamp, 'utf8');
		return built === `${contentHash(ROOT, SOURCES)} ${contentHash(dist, ['.'])}`;
	};
	if (isFresh()) return dist;
	const lock = join(ROOT, '.test-output', 'build.lock');
	const buildIfStale = async () => {
		// Another process may have built while this one waited.
		if (isFresh()) return;
		const sources = contentHash(ROOT, SOURCES);
		build(ROOT);
		writeFileSync(stamp, `${sources} ${contentHash(dist, ['.'])}`);
	};
	await withLock(lock, buildIfStale, () => {});
	return dist;
}
