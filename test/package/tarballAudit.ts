import { ROOT } from '../support/buildOnce';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a package holds besides `dist/`. */
const TOP_FILES = /^(package\.json|index\.js|README\.md|LICENSE(\.md)?|CHANGELOG\.md)$/;
const DIST_FILES = /^dist\/(nodes|credentials)\/.*\.(js|json|svg|png)$/;

/** The files that npm would pack in `root`, relative to it. */
export function packedFiles(root: string): string[] {
	const cache = mkdtempSync(join(tmpdir(), 'npm-cache-'));
	try {
		const { stdout, stderr } = spawnSync(
			'npm',
			['pack', '--json', '--dry-run', '--ignore-scripts', '--logs-max=0', `--cache=${cache}`],
			{ cwd: root, encoding: 'utf8', timeout: 60_000, shell: process.platform === 'win32' },
		);
		try {
			const [packed] = JSON.parse(stdout) as [{ files: Array<{ path: string }> }];
			return packed.files.map(({ path }) => path);
		} catch {
			throw new Error(`npm pack did not run:\n${stdout}\n${stderr}`);
		}
	} finally {
		rmSync(cache, { recursive: true, force: true });
	}
}

/** What may not be read in a packed file: paths of this machine, and where packages come from. */
const PRIVATE: Array<[RegExp | string, string]> = [
	[ROOT, 'the path of the checkout'],
	[`${homedir()}/`, 'the path of the home folder'],
	[/\bfile:\/\/\//, 'a file address'],
	[/\/(home|Users)\/[a-z]/, 'a path of a home folder'],
	[/\bregistry\.[\w-]+\.\w{2,}/, 'the host of a package registry'],
	[new RegExp(`\\b${['npm', 'js'].join('')}\\.`), 'the host of a package registry'],
	[/sourceMappingURL/, 'a source map'],
];

/** Audits the names and contents of what npm packs in `root`. */
export function auditTarball(root: string, files = packedFiles(root)): string[] {
	const findings: string[] = [];
	for (const file of files) {
		if (!TOP_FILES.test(file) && !DIST_FILES.test(file)) findings.push(`${file} is packed`);
		if (/(^|\/)(tests?|simulators?|fixtures|demo)(\/|\.)|\.test\./i.test(file))
			findings.push(`${file} belongs to the tests`);
		const content = readFileSync(join(root, file), 'utf8');
		for (const [pattern, what] of PRIVATE)
			if (typeof pattern === 'string' ? content.includes(pattern) : pattern.test(content))
				findings.push(`${file} contains ${what}`);
	}
	for (const [pattern, what] of [
		[/^package\.json$/, 'package.json'],
		[/^index\.js$/, 'index.js'],
		[/^README\.md$/, 'README'],
		[/^LICENSE/, 'licence'],
		[/^dist\/.*\.node\.js$/, 'compiled node'],
	] as const)
		if (!files.some((file) => pattern.test(file))) findings.push(`No ${what} is packed`);
	return findings;
}

interface Lockfile {
	packages?: Record<
		string,
		{ resolved?: string; integrity?: string; link?: boolean; inBundle?: boolean }
	>;
}

/** Audits a package-lock.json: no address in it, and a checksum for every package. */
export function auditLockfile(text: string): string[] {
	const { packages = {} } = JSON.parse(text) as Lockfile;
	const findings = Object.entries(packages).flatMap(([name, entry]) => [
		...(entry.resolved !== undefined && !entry.link ? [`${name} has an address`] : []),
		// A bundled package comes inside another, whose checksum covers it.
		...(name !== '' && !entry.link && !entry.inBundle && !entry.integrity
			? [`${name} has no checksum`]
			: []),
	]);
	if (Object.keys(packages).length === 0) findings.push('It lists no packages');
	if (/\bhttps?:\/\/registry\./.test(text)) findings.push('It names a registry');
	return findings;
}
